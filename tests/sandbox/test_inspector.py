"""The inspector: whatever passes between app and Slack can be read there, and faults are switched on and off."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect
from slack_sdk.errors import SlackApiError

from sandbox import Sandbox
from sandbox.exchanges import Call, Exchanges
from tests.browser import Window, Windows, barriers
from tests.sandbox.bolt_app import Clock, client_of, furnished, over_a_socket, over_http
from tests.sandbox.page_app import page_app
from tests.waiting import wait_until

OURS = {"X-Sandbox-Page": "1"}
TRANSPORTS = {"HTTP": over_http, "Socket Mode": over_a_socket}


@pytest.fixture(params=["HTTP", "Socket Mode"])
def connected(request: pytest.FixtureRequest) -> Iterator[tuple[Sandbox, str]]:
    """Ana has given a command, pressed a button, and sent a form, over one of the transports."""
    sandbox = furnished()
    app, _ = page_app(sandbox)
    with TRANSPORTS[request.param](sandbox, app):
        ana = sandbox.person("U0ANA")
        ana.command("/try hello", "C0ONE")
        ana.command("/steps", "C0ONE")
        form = sandbox.wait_until(lambda: ana.form)
        form.fill({"Why": "because"})
        form.submit()
        yield sandbox, request.param
    sandbox.stop()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A Slack with an app connected."""
    sandbox = furnished()
    with over_http(sandbox, page_app(sandbox)[0]):
        yield sandbox
    sandbox.stop()


def seen(client: FlaskClient, query: str = "") -> list[str]:
    """The names in the list, top to bottom."""
    return re.findall(r'class="line-name">([^<]+)<', client.get(f"/as/U0ANA/inspector?{query}").text)


def test_both_directions_are_listed_newest_first_with_how_they_ended(connected: tuple[Sandbox, str]):
    sandbox, transport = connected
    client = sandbox.web.test_client()
    assert seen(client)[:4] == ["view_submission", "views.open", "/steps", "/try"]
    page = client.get(f"/as/U0ANA/inspector?number={sandbox.deliveries[-1].number}").text
    assert "ack, push" in page
    assert f"· {transport} ·" in page
    assert ("Envelope" in page) is (transport == "Socket Mode")
    whole = client.get(f"/as/U0ANA/inspector/{sandbox.deliveries[-1].number}.json").get_json()
    assert whole["Payload"]["view"]["state"]["values"]["why"]["value"]["value"] == "because"
    assert whole["Acknowledgement"]["response_action"] == "push"


def test_nothing_that_opens_anything_can_be_read(connected: tuple[Sandbox, str]):
    sandbox, _ = connected
    client = sandbox.web.test_client()
    every = "".join(client.get(f"/as/U0ANA/inspector/{one.number}.json").text for one in sandbox.exchanges.all)
    every += client.get("/as/U0ANA/inspector").text
    for one in sandbox.deliveries:
        if one.headers:
            assert one.headers["X-Slack-Signature"] not in every
        if "response_url" in one.payload:
            assert one.payload["response_url"] not in every
    assert "/hooks/commands/" in every
    for secret in (sandbox.app.bot_token, sandbox.app.app_token, sandbox.app.signing_secret, "verification-token"):
        assert secret not in every
    assert not re.search(r"ticket=\w", every)


def test_the_list_is_filtered_by_kind_by_words_and_by_failure(sandbox: Sandbox):
    client = sandbox.web.test_client()
    slack = client_of(sandbox)
    slack.chat_postMessage(channel="C0ONE", text="The <b>first</b> word")
    with pytest.raises(SlackApiError):
        slack.chat_postMessage(channel="C0NOWHERE", text="lost")
    sandbox.person("U0ANA").command("/try it", "C0ONE")
    sandbox.settle()
    assert seen(client, "kind=command") == ["/try"]
    assert seen(client, "failed=1") == ["chat.postMessage"]
    assert "channel_not_found" in client.get("/as/U0ANA/inspector?failed=1").text
    assert seen(client, "kind=call&text=WORD+first") == ["chat.postMessage"]
    assert seen(client, "text=nobody+wrote+this") == []
    assert "&lt;b&gt;first" in client.get("/as/U0ANA/inspector").text, "what people write is text"


def test_only_the_newest_exchanges_are_kept():
    exchanges = Exchanges(keep=3)
    for number in range(1, 6):
        exchanges.begin(Call(f"call{number}", {}, Clock().now))
    assert [one.method for one in exchanges.calls] == ["call3", "call4", "call5"]
    assert exchanges.find(2) is None
    assert exchanges.find(5) is exchanges.calls[-1]


@pytest.mark.parametrize(
    ("fault", "given"),
    [
        ("rate_limit", {"where": "chat.*", "retry_after": "30"}),
        ("status", {"where": "chat.postMessage"}),
        ("lose_answer", {"where": "*"}),
    ],
)
def test_a_fault_happens_as_often_as_it_was_ordered_and_is_marked(sandbox: Sandbox, fault: str, given: dict[str, str]):
    client = sandbox.web.test_client()
    order = {"kind": fault, "times": "1", **given}
    assert client.post("/as/U0ANA/inspector/faults", json=order, headers=OURS).get_json() == {}
    assert "Switch off" in client.get("/as/U0ANA/c/C0ONE").text
    with pytest.raises((SlackApiError, OSError)):
        client_of(sandbox).chat_postMessage(channel="C0ONE", text="x")
    # A connection that is cut ends for the caller a moment before the exchange is noted as over.
    wait_until(lambda: sandbox.exchanges.calls[-1].done, what="the exchange to end")
    assert "Switch off" not in client.get("/as/U0ANA/c/C0ONE").text
    assert 'class="tag tag-fault"' in client.get("/as/U0ANA/inspector?failed=1").text
    client_of(sandbox).chat_postMessage(channel="C0ONE", text="y")


def test_a_fault_can_hold_until_it_is_switched_off_and_lets_go_of_who_waits(sandbox: Sandbox):
    client = sandbox.web.test_client()
    order = {"kind": "status", "where": "*", "times": ""}
    client.post("/as/U0ANA/inspector/faults", json=order, headers=OURS)
    for _ in range(4):
        with pytest.raises(SlackApiError):
            client_of(sandbox).auth_test()
    assert "Happened 4 times" in client.get("/as/U0ANA/c/C0ONE").text
    held = sandbox.faults.time_out("chat.*", hold=60, times=None)
    client.post("/as/U0ANA/inspector/faults/off", json={"kind": "status"}, headers=OURS)
    assert [one.kind for one in sandbox.faults.active] == ["time_out"]
    assert not held.released.is_set()
    client.post("/as/U0ANA/inspector/faults/off", json={}, headers=OURS)
    assert sandbox.faults.active == []
    assert held.released.is_set()


def test_a_repeated_delivery_shows_as_one(sandbox: Sandbox):
    client = sandbox.web.test_client()
    order = {"kind": "repeat", "where": "command", "times": "1"}
    client.post("/as/U0ANA/inspector/faults", json=order, headers=OURS)
    sandbox.person("U0ANA").command("/try it", "C0ONE")
    assert seen(client, "kind=command") == ["/try", "/try"]
    assert "repeat 1" in client.get("/as/U0ANA/inspector?kind=command").text


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "explode", "where": "*", "times": "1"},
        {"kind": "repeat", "where": "chat.postMessage", "times": "1"},
        {"kind": "status", "where": "nothing.*", "times": "1"},
        {"kind": "status", "where": "*", "times": "99999"},
        {"kind": "rate_limit", "where": "*", "times": "1", "retry_after": "forever"},
    ],
)
def test_a_fault_that_is_not_offered_cannot_be_ordered(sandbox: Sandbox, order: dict[str, str]):
    answer = sandbox.web.test_client().post("/as/U0ANA/inspector/faults", data=json.dumps(order), headers=JSON)
    assert answer.get_json()["trouble"] == "There is no such fault."
    assert sandbox.faults.active == []


JSON = {**OURS, "Content-Type": "application/json"}


def test_another_page_on_the_web_cannot_order_faults(sandbox: Sandbox):
    order = {"kind": "status", "where": "*", "times": ""}
    assert sandbox.web.test_client().post("/as/U0ANA/inspector/faults", json=order).status_code == 403
    assert sandbox.faults.active == []


# -- in a browser --------------------------------------------------------------------------------------------------


def test_calls_appear_by_themselves_and_the_keyboard_opens_and_closes_them(sandbox: Sandbox, window: Windows):
    ana = window(sandbox.base_url, "U0ANA", "inspector")
    page = ana.page
    expect(page.get_by_role("link", name="chat.postMessage")).to_have_count(0)
    slack = client_of(sandbox)
    slack.chat_postMessage(channel="C0ONE", text="Hello", blocks=[section("Hello")])
    sandbox.settle()
    call = page.get_by_role("link", name="chat.postMessage")
    expect(call).to_contain_text("#one · Hello")
    page.locator(".line").first.focus()
    page.keyboard.press("ArrowDown")
    expect(call).to_be_focused()
    page.keyboard.press("Enter")
    detail = page.get_by_role("region", name="chat.postMessage")
    expect(detail).to_contain_text("Arguments")
    blocks = detail.locator("details", has=page.locator("> summary", has_text="blocks")).last
    expect(blocks).not_to_have_attribute("open", "")
    blocks.locator("> summary").click()
    assert barriers(page) == []
    slack.chat_postMessage(channel="C0ONE", text="Another")
    expect(page.get_by_role("link", name="chat.postMessage")).to_have_count(2)
    expect(blocks).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(detail).to_be_hidden()
    page.get_by_role("searchbox").fill("another")
    expect(page.get_by_role("link", name="chat.postMessage")).to_have_count(1)
    window.close()


def test_a_fault_is_announced_on_every_page_and_ends_with_one_click(sandbox: Sandbox, window: Windows):
    ana = window(sandbox.base_url, "U0ANA", "inspector")
    ben = window(sandbox.base_url, "U0BEN", "c/C0ONE")
    offer = ana.page.get_by_role("listitem").filter(has=ana.page.get_by_role("heading", name="Rate limit"))
    offer.get_by_label("Where").select_option(label="messages (chat.*)")
    offer.get_by_label("How long").select_option(label="until switched off")
    offer.get_by_role("button", name="Switch on").click()
    for one in (ana, ben):
        expect(banner(one)).to_contain_text("Rate limit is switched on: messages (chat.*), until switched off.")
    assert barriers(ana.page) == []
    banner(ben).get_by_role("button", name="Switch off").click()
    expect(banner(ana)).to_be_hidden()
    expect(banner(ben)).to_be_hidden()
    expect(offer.get_by_role("button", name="Switch on")).to_be_visible()
    assert sandbox.faults.active == []
    window.close()


def banner(window: Window):
    return window.page.locator(".banner")


def section(text: str) -> dict[str, object]:
    field = {"type": "plain_text", "text": "x" * 80}
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, "fields": [field]}
