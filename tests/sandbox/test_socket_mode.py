"""Slack's side of Socket Mode, tried with a bare websocket client."""

import json
import threading
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sandbox import SandboxError
from tests.sandbox.bolt_app import client_of, furnished
from tests.sandbox.test_web_api import error_of
from tests.waiting import PATIENCE


@pytest.fixture
def sandbox():
    sandbox = furnished()
    yield sandbox
    sandbox.stop()


def socket_url(sandbox):
    return client_of(sandbox).apps_connections_open(app_token=sandbox.app.app_token)["url"]


@contextmanager
def answering(sandbox, payload=None, silent=False):
    """A client that acknowledges every envelope with the payload; yields what it received."""
    received: list[dict[str, Any]] = []
    with connect(socket_url(sandbox), compression=None) as socket:
        received.append(json.loads(socket.recv(timeout=PATIENCE)))

        def run():
            try:
                for frame in socket:
                    envelope = json.loads(frame)
                    received.append(envelope)
                    if not silent:
                        answer = {"envelope_id": envelope["envelope_id"]}
                        socket.send(json.dumps(answer | ({"payload": payload} if payload is not None else {})))
            except ConnectionClosed:
                pass

        thread = threading.Thread(target=run)
        thread.start()
        yield received
    thread.join(PATIENCE)


def test_only_an_app_token_opens_a_socket(sandbox):
    open_ = client_of(sandbox).apps_connections_open
    assert error_of(open_, app_token=sandbox.app.bot_token) == "not_allowed_token_type"
    assert error_of(open_, app_token="xapp-other") == "invalid_auth"


def test_a_ticket_is_good_for_one_connection(sandbox):
    url = socket_url(sandbox)
    with connect(url) as first:
        assert json.loads(first.recv(timeout=PATIENCE))["type"] == "hello"
        with connect(url) as second, pytest.raises(ConnectionClosed):
            second.recv(timeout=PATIENCE)


def test_a_command_comes_as_an_envelope_and_its_ack_may_carry_the_answer(sandbox):
    with answering(sandbox, {"text": "done"}) as received:
        assert sandbox.person("U0ANA").command("/try it", channel="C0ONE").text == "done"
    hello, envelope = received
    assert (hello["type"], hello["num_connections"]) == ("hello", 1)
    assert (envelope["type"], envelope["accepts_response_payload"]) == ("slash_commands", True)
    assert envelope["payload"]["text"] == "it"


def test_an_ack_over_20480_bytes_closes_the_socket_with_1009(sandbox):
    with answering(sandbox, {"text": "x" * 20_480}), pytest.raises(SandboxError, match="20,480 bytes"):
        sandbox.person("U0ANA").command("/try it", channel="C0ONE")
    assert sandbox.sockets.close_codes == [1009]
    assert [one.error for one in sandbox.refusals] == ["message_too_big"]


def test_no_ack_in_time_is_an_operation_timeout(sandbox):
    sandbox.courier.limit = 0.2
    with answering(sandbox, silent=True), pytest.raises(SandboxError, match="operation_timeout"):
        sandbox.person("U0ANA").command("/try it", channel="C0ONE")


def test_without_an_open_socket_nothing_can_be_dispatched(sandbox):
    socket_url(sandbox)
    with pytest.raises(SandboxError, match=r"dispatch_failed.*no open socket"):
        sandbox.person("U0ANA").command("/try it", channel="C0ONE")


def test_a_repeated_event_carries_its_retry_number_and_the_same_event_id(sandbox):
    with answering(sandbox) as received:
        sandbox.person("U0ANA").post("C0ONE", "hello")
        sandbox.repeat_last_delivery()
    first, again = received[1:]
    assert [one["retry_attempt"] for one in (first, again)] == [0, 1]
    assert first["payload"]["event_id"] == again["payload"]["event_id"]
    assert first["envelope_id"] != again["envelope_id"]


def test_nothing_is_left_running_after_a_stop():
    before = set(threading.enumerate())
    sandbox = furnished()
    with answering(sandbox, {"text": "done"}):
        sandbox.person("U0ANA").command("/try it", channel="C0ONE")
    sandbox.stop()
    assert [one.name for one in set(threading.enumerate()) - before] == []
