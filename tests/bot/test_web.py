"""The web application, served by waitress over the loopback: real sockets, real signatures, Bolt's own verification."""

import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import slack_sdk.signature
import structlog
from flask import Flask
from prometheus_client import REGISTRY
from slack_bolt import Ack, App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from bot.web import Metrics, Probes, Server, build_web, serve_web
from bot.web.pages import LARGEST_REQUEST
from bot.web.server import CONNECTIONS, LARGEST_HEADERS, SILENCE, THREADS
from tests.waiting import PATIENCE

NOW = 1_750_000_000
SECRET = "s3cret"
FIELDS = {"command": "/claim", "text": "list", "team_id": "T0TEAM", "user_id": "U0ANA", "trigger_id": "1"}
COMMAND = urlencode(FIELDS | {"response_url": "https://hooks.slack.com/commands/1"})


@pytest.fixture(autouse=True)
def _stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bolt's verifier takes the time from the SDK's clock."""
    monkeypatch.setattr(slack_sdk.signature.Clock, "now", lambda self: float(NOW))


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def app() -> App:
    def authorize() -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id="T0TEAM", bot_token="xoxb-1", bot_user_id="U0BOT")

    app = App(signing_secret=SECRET, client=WebClient(), authorize=authorize, process_before_response=True)

    @app.command("/claim")
    def claim(ack: Ack) -> None:
        ack("Your claims")

    return app


@contextmanager
def serving(web: Flask) -> Iterator[Server]:
    server = serve_web(web, "127.0.0.1", 0)
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def server(app: App, metrics: Metrics) -> Iterator[Server]:
    with serving(build_web(app, probes={}, metrics=metrics)) as running:
        yield running


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status = response.status
        self.headers = response.headers
        self.text = response.read().decode()


def ask(server: Server, method: str, path: str, body: str = "", headers: dict[str, str] | None = None) -> Answer:
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    try:
        connection.request(method, path, body.encode(), headers or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()


def signed(body: str, *, at: int = NOW, secret: str = SECRET) -> dict[str, str]:
    signature = SignatureVerifier(secret).generate_signature(timestamp=str(at), body=body)
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": str(at),
        "X-Slack-Signature": str(signature),
    }


def post(server: Server, headers: dict[str, str], body: str = COMMAND) -> Answer:
    return ask(server, "POST", "/slack/events", body, headers)


def without(headers: dict[str, str], *names: str) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in names}


def test_a_signed_command_reaches_its_listener_and_its_answer_comes_back(server: Server):
    answer = post(server, signed(COMMAND))
    assert (answer.status, answer.text) == (200, "Your claims")


@pytest.mark.parametrize("age", [-299, 299])
def test_a_clock_five_minutes_off_is_forgiven(server: Server, age: int):
    assert post(server, signed(COMMAND, at=NOW - age)).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing"),
        pytest.param(without(signed(COMMAND), "X-Slack-Signature"), id="no signature"),
        pytest.param(without(signed(COMMAND), "X-Slack-Request-Timestamp"), id="no timestamp"),
        pytest.param(signed(COMMAND, secret="another"), id="another secret"),
        pytest.param(signed(COMMAND + "&text=more"), id="another body"),
        pytest.param(signed(COMMAND, at=NOW - 301), id="stale"),
        pytest.param(signed(COMMAND, at=NOW + 301), id="from the future"),
        pytest.param(signed(COMMAND) | {"X-Slack-Request-Timestamp": "yesterday"}, id="timestamp is a word"),
        pytest.param(signed(COMMAND) | {"X-Slack-Request-Timestamp": ""}, id="timestamp is empty"),
        pytest.param(signed(COMMAND) | {"X-Slack-Request-Timestamp": f"{NOW}.5"}, id="timestamp is no whole number"),
        pytest.param(signed(COMMAND) | {"X-Slack-Request-Timestamp": "9" * 5000}, id="timestamp is endless"),
        pytest.param(signed(COMMAND) | {"X-Slack-Signature": "v0=é"}, id="signature is not ASCII"),
        pytest.param(signed(COMMAND) | {"X-Slack-Signature": "v1=" + "0" * 64}, id="another version"),
        pytest.param(signed(COMMAND) | {"X-Slack-Signature": ""}, id="signature is empty"),
    ],
)
def test_a_request_without_a_good_signature_is_refused(server: Server, headers: dict[str, str]):
    answer = post(server, headers)
    assert answer.status == 401
    assert "Your claims" not in answer.text


def test_a_command_may_say_payload(server: Server):
    body = COMMAND.replace("list", "list+payload")
    assert post(server, signed(body), body).text == "Your claims"


MISSHAPEN = {
    "no JSON": "{",
    "a list": '[{"type": "block_actions"}]',
    "a number": "7",
    "nested without end": "[" * 100_000,
    "a part is missing": '{"type": "block_actions", "actions": []}',
    "a part is of another type": '{"type": "event_callback", "team_id": {}, "event": []}',
}


@pytest.mark.parametrize("body", MISSHAPEN.values(), ids=MISSHAPEN)
def test_what_slack_never_sends_is_refused_and_is_no_fault_of_ours(server: Server, metrics: Metrics, body: str):
    as_json = {"Content-Type": "application/json"}
    assert post(server, signed(body) | as_json, body).status in (200, 400)
    assert post(server, signed(body, secret="another") | as_json, body).status in (400, 401)
    assert 'outcome="failed"' not in metrics.render().decode()


def test_an_event_is_acknowledged(server: Server, app: App):
    heard: list[str] = []

    @app.event("app_mention")
    def mention(event: dict[str, Any]) -> None:
        heard.append(event["text"])

    event = {"type": "app_mention", "user": "U0ANA", "text": "status", "channel": "C0REVIEW", "ts": "1.1"}
    body = json.dumps({"type": "event_callback", "team_id": "T0TEAM", "event_id": "Ev1", "event": event})
    answer = post(server, signed(body) | {"Content-Type": "application/json"}, body)
    assert (answer.status, heard) == (200, ["status"])


def test_a_body_that_is_too_large_is_refused_and_the_largest_is_not(server: Server):
    largest = COMMAND + "&pad=" + "x" * (LARGEST_REQUEST - len(COMMAND) - len("&pad="))
    assert len(largest) == LARGEST_REQUEST
    assert post(server, signed(largest), largest).status == 200
    assert post(server, signed(largest + "x"), largest + "x").status == 413


def test_whoever_sends_slowly_keeps_nobody_else_waiting(server: Server):
    address = urlsplit(server.url)
    slow = [socket.create_connection((address.hostname, address.port)) for _ in range(3 * THREADS)]
    try:
        for number, one in enumerate(slow):
            head = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n"
            one.sendall(head + (b"\r\nhalf" if number % 2 else b""))
        assert ask(server, "GET", "/healthz").status == 200
    finally:
        for one in slow:
            one.close()
    assert ask(server, "GET", "/healthz", headers={"X-Long": "x" * LARGEST_HEADERS}).status == 431
    limits = server._waitress.adj
    assert (limits.connection_limit, limits.channel_timeout) == (CONNECTIONS, SILENCE)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_only_post_is_taken_where_slack_delivers(server: Server, method: str):
    answer = ask(server, method, "/slack/events")
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")


def test_without_an_app_nothing_is_there_for_slack(metrics: Metrics):
    with serving(build_web(None, probes={}, metrics=metrics)) as server:
        assert post(server, signed(COMMAND)).status == 404


def test_a_listener_that_fails_tells_nothing_of_why(server: Server, app: App, monkeypatch: pytest.MonkeyPatch):
    def fail(request: object) -> None:
        raise RuntimeError("the inner workings")

    monkeypatch.setattr(app, "dispatch", fail)
    answer = post(server, signed(COMMAND))
    assert (answer.status, answer.text) == (500, "Internal Server Error")


def test_a_healthy_process_says_ok(server: Server):
    answer = ask(server, "GET", "/healthz")
    assert (answer.status, answer.text) == (200, "ok")


def broken() -> str | None:
    raise ConnectionError("postgresql://user:password@host")


@pytest.mark.parametrize(
    ("probes", "status", "said"),
    [
        ({}, 200, {"ready": True, "probes": {}}),
        ({"database": lambda: None}, 200, {"ready": True, "probes": {"database": "ok"}}),
        (
            {"database": lambda: None, "delivery": lambda: "late by 90 s"},
            503,
            {"ready": False, "probes": {"database": "ok", "delivery": "fault: late by 90 s"}},
        ),
        ({"database": broken}, 503, {"ready": False, "probes": {"database": "fault: ConnectionError"}}),
    ],
)
def test_readiness_is_what_every_probe_says(
    app: App, metrics: Metrics, probes: Probes, status: int, said: dict[str, Any]
):
    with serving(build_web(app, probes=probes, metrics=metrics)) as server:
        answer = ask(server, "GET", "/readyz")
    assert answer.status == status
    assert json.loads(answer.text) == said


def count(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


def test_each_acknowledgement_is_measured_by_kind_and_outcome(server: Server, metrics: Metrics):
    post(server, signed(COMMAND))
    post(server, signed(COMMAND, secret="another"))
    somebody = {"user": {"id": "U0ANA"}, "team": {"id": "T0TEAM"}, "trigger_id": "1"}
    gone = {"type": "block_actions", "actions": [{"action_id": "gone", "action_ts": "1.1"}], **somebody}
    unknown = urlencode({"payload": json.dumps(gone)})
    post(server, signed(unknown), unknown)
    assert count(metrics, "claimbot_ack_seconds_count", kind="command", outcome="ok") == 1
    assert count(metrics, "claimbot_ack_seconds_count", kind="action", outcome="unhandled") == 1
    # What an unsigned body claims to be is nobody's word.
    assert count(metrics, "claimbot_ack_seconds_count", kind="other", outcome="refused") == 1
    assert count(metrics, "claimbot_ack_seconds_count", kind="command", outcome="refused") is None


def test_metrics_are_shown_from_their_own_registry(server: Server, metrics: Metrics):
    metrics.refused("location_scope")
    metrics.operated("approve", "done")
    metrics.repeated()
    metrics.delivered("sent")
    metrics.outbox(3, 1, timedelta(seconds=12.5))
    answer = ask(server, "GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    for line in (
        'claimbot_refusals_total{condition="location_scope"} 1.0',
        'claimbot_operations_total{action="approve",outcome="done"} 1.0',
        "claimbot_duplicate_deliveries_total 1.0",
        'claimbot_deliveries_total{outcome="sent"} 1.0',
        "claimbot_outbox_depth 3.0",
        "claimbot_outbox_dead 1.0",
        "claimbot_outbox_age_seconds 12.5",
    ):
        assert line in answer.text.splitlines()
    assert not [family for family in REGISTRY.collect() if family.name.startswith("claimbot")]


def test_two_installations_in_one_process_count_apart():
    one, other = Metrics(), Metrics()
    one.delivered("sent")
    assert count(other, "claimbot_deliveries_total", outcome="sent") is None


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/metrics", 200),
        ("GET", "/slack/events", 405),
        ("POST", "/slack/events", 401),
        ("GET", "/nowhere", 404),
        ("GET", "/static/x", 404),
    ],
)
def test_every_answer_is_guarded_and_says_nothing_of_the_server(server: Server, method: str, path: str, status: int):
    answer = ask(server, method, path)
    assert answer.status == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Server"] is None
    assert "<" not in answer.text


def threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("web")}


def test_stopping_leaves_no_thread_and_no_open_port(app: App, metrics: Metrics):
    before = threads()
    server = serve_web(build_web(app, probes={}, metrics=metrics), "127.0.0.1", 0)
    assert ask(server, "GET", "/healthz").status == 200
    assert len(threads() - before) == THREADS + 1
    server.stop()
    server.stop()
    assert threads() == before
    with pytest.raises(ConnectionRefusedError):
        ask(server, "GET", "/healthz")


def test_stopping_does_not_wait_for_a_client_that_keeps_its_connection_open(app: App, metrics: Metrics):
    server = serve_web(build_web(app, probes={}, metrics=metrics), "127.0.0.1", 0)
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    connection.request("GET", "/healthz")
    assert connection.getresponse().read() == b"ok"
    server.stop()
    assert connection.sock.recv(1) == b""
    connection.close()


def test_a_request_under_way_is_answered_before_the_server_stops(metrics: Metrics):
    begun, released = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        assert released.wait(PATIENCE)

    server = serve_web(build_web(None, probes={"slow": slow}, metrics=metrics), "127.0.0.1", 0)
    answers: list[Answer] = []
    client = threading.Thread(target=lambda: answers.append(ask(server, "GET", "/readyz")))
    client.start()
    assert begun.wait(PATIENCE)
    stopping = threading.Thread(target=server.stop)
    stopping.start()
    assert server._stopping.wait(PATIENCE)
    released.set()
    stopping.join(PATIENCE)
    client.join(PATIENCE)
    assert [answer.status for answer in answers] == [200]


@pytest.mark.parametrize("late", [False, True], ids=["asked", "about to ask"])
def test_whoever_is_connected_when_the_server_stops_is_answered(app: App, metrics: Metrics, late: bool):
    for _ in range(5):  # each may find the server at another place
        server = serve_web(build_web(app, probes={}, metrics=metrics), "127.0.0.1", 0)
        clients = [http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=PATIENCE) for _ in range(20)]
        for client in clients:
            client.connect()
            if not late:
                client.request("GET", "/healthz")
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        for client in clients if late else ():
            client.request("GET", "/healthz")
        for client in clients:
            assert client.getresponse().read() == b"ok"
            client.close()
        stopping.join(PATIENCE)


def test_an_address_in_use_is_an_error_at_once(server: Server):
    with pytest.raises(OSError, match="in use"):
        serve_web(Flask("other"), "127.0.0.1", server.port)


def test_each_request_bears_an_id_of_its_own(app: App, server: Server, monkeypatch: pytest.MonkeyPatch):
    seen: list[str] = []

    def spy(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def dispatch(request: Any) -> Any:
            seen.append(structlog.contextvars.get_contextvars()["request_id"])
            return original(request)

        return dispatch

    monkeypatch.setattr(app, "dispatch", spy(app.dispatch))
    post(server, signed(COMMAND))
    post(server, signed(COMMAND))
    assert len(set(seen)) == 2
