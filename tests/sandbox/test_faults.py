"""The sandbox misbehaves exactly as it was told, and as often."""

import http.client
import urllib.error

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.sandbox.bolt_app import Scripted, client_of, furnished


@pytest.fixture
def sandbox():
    sandbox = furnished()
    yield sandbox
    sandbox.stop()


def texts(sandbox):
    return [one.text for one in sandbox.person("U0ANA").messages("C0ONE")]


def test_a_rate_limit_says_when_to_come_back_and_nothing_is_posted(sandbox):
    sandbox.faults.rate_limit("chat.postMessage", retry_after=7)
    client = client_of(sandbox)
    with pytest.raises(SlackApiError) as refusal:
        client.chat_postMessage(channel="C0ONE", text="x")
    assert (refusal.value.response.status_code, refusal.value.response.headers["retry-after"]) == (429, "7")
    client.chat_postMessage(channel="C0ONE", text="y")
    assert texts(sandbox) == ["y"]
    assert sandbox.calls[0].fault == "rate_limit"


def test_a_lost_answer_leaves_the_message_and_no_word_about_it(sandbox):
    sandbox.faults.lose_answer("chat.*")
    with pytest.raises((http.client.RemoteDisconnected, urllib.error.URLError, ConnectionResetError)):
        client_of(sandbox).chat_postMessage(channel="C0ONE", text="x")
    assert texts(sandbox) == ["x"]


def test_the_sdks_own_retry_after_a_lost_answer_doubles_the_message(sandbox):
    sandbox.faults.lose_answer("chat.postMessage")
    client = WebClient(token=sandbox.app.bot_token, base_url=f"{sandbox.base_url}/api/")
    client.chat_postMessage(channel="C0ONE", text="x")
    assert texts(sandbox) == ["x", "x"]


def test_a_time_out_does_nothing_and_holds_the_client(sandbox):
    sandbox.faults.time_out("chat.postMessage")
    client = client_of(sandbox)
    client.timeout = 1
    with pytest.raises((TimeoutError, urllib.error.URLError)):
        client.chat_postMessage(channel="C0ONE", text="x")
    assert texts(sandbox) == []


def test_an_error_can_come_later_and_for_a_family_of_methods(sandbox):
    sandbox.faults.fail("chat.*", status=503, skip=1)
    client = client_of(sandbox)
    ts = client.chat_postMessage(channel="C0ONE", text="x")["ts"]
    with pytest.raises(SlackApiError) as refusal:
        client.chat_update(channel="C0ONE", ts=ts, text="y")
    assert refusal.value.response.status_code == 503
    assert texts(sandbox) == ["x"]


def test_a_refusal_of_the_day_is_not_counted_as_the_apps_fault(sandbox):
    sandbox.faults.refuse("auth.test", "internal_error")
    with pytest.raises(SlackApiError, match="internal_error"):
        client_of(sandbox).auth_test()
    assert sandbox.refusals == []


def test_a_delivery_is_repeated_as_often_as_told(sandbox):
    sandbox.courier.transport = Scripted()
    sandbox.faults.repeat("event:app_mention", copies=2)
    sandbox.person("U0ANA").post("C0ONE", "@app hello")
    sandbox.person("U0ANA").post("C0ONE", "@app again")
    mentions = [one for one in sandbox.deliveries if one.name == "app_mention"]
    assert [one.attempt for one in mentions] == [0, 1, 2, 0]
    assert len({one.payload["event_id"] for one in mentions}) == 2
