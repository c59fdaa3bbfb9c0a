"""Every address of the web side, asked in every way there is: a right status, the headers, and no fault of ours."""

from __future__ import annotations

import json
from itertools import product

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.web import Metrics, build_web
from bot.web.limits import Limit
from tests.loglines import Lines
from tests.stories.world import World
from tests.visitor import visit

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
TYPES = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", "ÿ")
BODIES = (
    b"",
    b"{",
    b"step=confirm&reason=%ff%00",
    b"\xff\xfe\x00",
    b"--x\r\nContent-Disposition: form-data",
    b"[" * 5000,
)
PATHS = (
    "/",
    "/healthz",
    "/readyz",
    "/metrics",
    "/slack/events",
    "/consent/",
    "/consent/x",
    "/consent/%00",
    "/consent/%ff%fe",
    "/consent/..%2f..%2fetc%2fpasswd",
    "/consent/" + "a" * 3000,
    "//evil.example/consent/x",
    "/%2e%2e/healthz?" + "x=1&" * 500,
)
# Refused, missing, the wrong method, too large, too often: each a word of HTTP's own for what the caller did.
RIGHT = {200, 308, 400, 401, 403, 404, 405, 413, 415, 429}


def test_every_address_answers_every_method_and_content_with_a_right_status_and_all_headers(
    http_world: World, lines: Lines
):
    with http_world.bot.web.test_client() as client:
        for turn, (path, method, kind) in enumerate(product(PATHS, METHODS, TYPES)):
            body = BODIES[turn % len(BODIES)]
            answer = client.open(path, method=method, data=body, headers={"Content-Type": kind})
            asked = (path[:40], method, kind, answer.status_code)
            assert answer.status_code in RIGHT, asked
            for header in ("X-Content-Type-Options", "Cache-Control", "Content-Security-Policy", "Referrer-Policy"):
                assert header in answer.headers, asked
            assert "Traceback" not in answer.text, asked
            assert answer.status_code != 405 or answer.headers["Allow"], asked
    assert [line for line in lines.all() if line["level"] == "error"] == []


def test_a_signed_request_of_every_content_type_is_no_fault_of_ours(http_world: World, lines: Lines):
    secret = http_world.bot.settings.slack_signing_secret
    assert secret is not None
    verifier = SignatureVerifier(secret.get_secret_value())
    with http_world.bot.web.test_client() as client:
        for body, kind in product(BODIES, TYPES):
            at = str(int(verifier.clock.now()))
            signature = verifier.generate_signature(timestamp=at, body=body.decode("utf-8", "replace"))
            headers = {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": str(signature), "Content-Type": kind}
            answer = client.post("/slack/events", data=body, headers=headers)
            assert answer.status_code in (200, 400, 401, 404), (body[:20], kind)
    assert [line for line in lines.all() if line["level"] == "error"] == []


@pytest.mark.parametrize(("given", "status"), [(None, 401), ("Bearer wrong", 401), ("Bearer " + "s" * 16, 200)])
def test_with_a_token_metrics_are_for_who_has_it_and_readiness_tells_others_no_reasons(given: str | None, status: int):
    web = build_web(None, probes={"database": lambda: "the schema is old"}, metrics=Metrics(), token="s" * 16)
    headers = {"Authorization": given} if given else {}
    with web.test_client() as client:
        metrics, ready = client.get("/metrics", headers=headers), client.get("/readyz", headers=headers)
    assert metrics.status_code == status
    assert ("WWW-Authenticate" in metrics.headers) == (status == 401)
    assert (ready.status_code, "probes" in json.loads(ready.text)) == (503, status == 200)


def test_a_limit_allows_a_burst_then_so_many_a_minute_and_each_caller_apart():
    now = [0.0]
    limit = Limit(2, 60, lambda: now[0])
    assert [limit.allows("a") for _ in range(3)] == [True, True, False]
    assert limit.allows("b")
    now[0] += 1
    assert [limit.allows("a") for _ in range(2)] == [True, False]


def test_a_link_that_is_asked_for_too_often_rests_a_while_in_words(http_world: World):
    link = f"{http_world.bot.url}/consent/{'A' * 43}"
    pages = [visit(link) for _ in range(40)]
    assert [page.status for page in pages][:30] == [404] * 30
    assert pages[-1].status == 429
    assert pages[-1].headers["Retry-After"] == "60"
    assert "try again in a minute" in pages[-1].text


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80"])
def test_the_sandbox_answers_to_no_name_but_this_machines(http_world: World, host: str):
    with http_world.sandbox.web.test_client() as client:
        assert client.get("/", headers={"Host": host}).status_code == 403
        assert client.get("/", headers={"Host": "localhost:8000"}).status_code == 200
