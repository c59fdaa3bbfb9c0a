"""What the browser sends, turned into what the app receives; without a browser, against an app that only listens."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from sandbox import Sandbox
from sandbox.objects import Message
from tests.sandbox.bolt_app import Clock, Scripted
from tests.sandbox.kit import field, modal, option, options, plain

Json = dict[str, Any]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(clock=Clock()).start()
    sandbox.add_user("U0ANA", "Ana", tz="Europe/Berlin")
    sandbox.add_channel("C0ONE", "one", members=["U0ANA"])
    sandbox.courier.transport = Scripted(block_suggestion={"options": [option("near"), option("far")]})
    yield sandbox
    sandbox.stop()


@pytest.fixture
def web(sandbox: Sandbox) -> FlaskClient:
    return sandbox.web.test_client()


def act(web: FlaskClient, name: str, **given: Any) -> Json:
    answer = web.post(f"/as/U0ANA/do/{name}", json=given, headers={"X-Sandbox-Page": "1"}).json
    assert isinstance(answer, dict)
    return answer


def posted(sandbox: Sandbox, *elements: Json) -> Json:
    """A message of the app's with these elements; where it stands, as the browser says it."""
    blocks = [{"type": "actions", "block_id": "acts", "elements": list(elements)}]
    message = sandbox.workspace.post(Message("C0ONE", "", "U0BOT", "x", blocks, bot_id="B0SANDBOX"))
    return {"channel": "C0ONE", "ts": message.ts}


def shown(sandbox: Sandbox, *blocks: Json) -> str:
    """The id of a form on Ana's screen."""
    trigger = sandbox.workspace.screens.issue_trigger("U0ANA")
    return sandbox.workspace.screens.open(trigger, modal(*blocks)).id


def heard(sandbox: Sandbox) -> Json:
    payload = sandbox.deliveries[-1].payload
    assert isinstance(payload, dict)
    return payload


def button(action_id: str, label: str = "Open", **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(label), **more}


def test_of_two_buttons_with_one_label_the_one_that_was_pressed_is_sent(sandbox: Sandbox, web: FlaskClient) -> None:
    where = posted(sandbox, button("a", value="1"), button("b", value="2"))
    assert "trouble" not in act(web, "press", where=where, block="acts", action="b")
    assert heard(sandbox)["actions"][0]["value"] == "2"


def test_an_entry_of_an_overflow_menu_is_known_by_its_value(sandbox: Sandbox, web: FlaskClient) -> None:
    where = posted(sandbox, {"type": "overflow", "action_id": "more", "options": options(3)})
    act(web, "press", where=where, block="acts", action="more", choice="2")
    assert heard(sandbox)["actions"][0]["selected_option"]["value"] == "2"


@pytest.mark.parametrize(("choice", "value"), [("positive_button", "g"), ("negative_button", "b")])
def test_each_feedback_button_sends_its_own_value(sandbox: Sandbox, web: FlaskClient, choice: str, value: str) -> None:
    good, bad = {"text": plain("Good"), "value": "g"}, {"text": plain("Bad"), "value": "b"}
    both = {"type": "feedback_buttons", "action_id": "fb", "positive_button": good, "negative_button": bad}
    act(web, "press", where=posted(sandbox, both), block="acts", action="fb", choice=choice)
    assert heard(sandbox)["actions"][0]["value"] == value


def test_a_press_in_a_form_carries_what_was_typed_so_far(sandbox: Sandbox, web: FlaskClient) -> None:
    name = field({"type": "plain_text_input", "action_id": "v"}, block_id="name")
    view = shown(sandbox, name, {"type": "actions", "block_id": "acts", "elements": [button("add", "Add")]})
    act(web, "press", where={"view": view}, block="acts", action="add", values={"name": {"v": "Tailwind"}})
    assert heard(sandbox)["view"]["state"]["values"]["name"]["v"]["value"] == "Tailwind"


def test_a_moment_is_read_in_the_zone_of_the_person(sandbox: Sandbox, web: FlaskClient) -> None:
    view = shown(sandbox, field({"type": "datetimepicker", "action_id": "v"}, block_id="at"))
    act(web, "submit", view=view, values={"at": {"v": "2026-11-21T09:00"}})
    assert heard(sandbox)["view"]["state"]["values"]["at"]["v"]["selected_date_time"] == 1795248000


def test_an_option_the_app_offered_can_be_chosen_and_an_invented_one_cannot(sandbox: Sandbox, web: FlaskClient) -> None:
    view = shown(sandbox, field({"type": "external_select", "action_id": "v", "min_query_length": 1}, block_id="who"))
    offered = act(web, "suggest", where={"view": view}, block="who", action="v", query="n")
    assert [one["value"] for one in offered["groups"][0]["options"]] == ["near", "far"]
    assert "trouble" in act(web, "submit", view=view, values={"who": {"v": "invented"}})
    assert "trouble" not in act(web, "submit", view=view, values={"who": {"v": "far"}})
    assert heard(sandbox)["view"]["state"]["values"]["who"]["v"]["selected_option"]["value"] == "far"


def test_the_options_an_app_offers_in_groups_stay_in_groups(sandbox: Sandbox, web: FlaskClient) -> None:
    groups = [
        {"label": plain("DE"), "options": [option("berlin")]},
        {"label": plain("FR"), "options": [option("lyon")]},
    ]
    sandbox.courier.transport = Scripted(block_suggestion={"option_groups": groups})
    view = shown(sandbox, field({"type": "external_select", "action_id": "v", "min_query_length": 0}, block_id="who"))
    offered = act(web, "suggest", where={"view": view}, block="who", action="v", query="")
    assert [one["label"]["text"] for one in offered["groups"]] == ["DE", "FR"]
    assert "trouble" not in act(web, "submit", view=view, values={"who": {"v": "berlin"}})


def test_a_reaction_is_told_to_the_app_and_taken_back_by_the_same_click(sandbox: Sandbox, web: FlaskClient) -> None:
    message = sandbox.person("U0ANA").post("C0ONE", "Hello")
    at = {"channel": "C0ONE", "ts": message.ts}
    act(web, "react", **at, emoji="eyes")
    assert sandbox.workspace.message("C0ONE", message.ts).reactions == {"eyes": ["U0ANA"]}
    assert heard(sandbox)["event"]["type"] == "reaction_added"
    assert heard(sandbox)["event"]["item"] == {"type": "message", **at}
    act(web, "react", **at, emoji="eyes")
    assert heard(sandbox)["event"]["type"] == "reaction_removed"
    assert sandbox.workspace.message("C0ONE", message.ts).reactions == {}
    assert "trouble" in act(web, "react", **at, emoji="no such emoji")


@pytest.mark.parametrize(("name", "more"), [("edit", {"text": "Mine now"}), ("delete", {})])
def test_a_message_of_somebody_else_is_not_ones_own_to_change(
    sandbox: Sandbox, web: FlaskClient, name: str, more: Json
) -> None:
    sandbox.add_user("U0BEN", "Ben")
    sandbox.workspace.join("C0ONE", "U0BEN")
    message = sandbox.person("U0BEN").post("C0ONE", "Hello")
    assert "trouble" in act(web, name, channel="C0ONE", ts=message.ts, **more)
    assert sandbox.workspace.message("C0ONE", message.ts).text == "Hello"


def test_a_number_that_is_none_stays_in_the_form_with_its_error(sandbox: Sandbox, web: FlaskClient) -> None:
    number = {"type": "number_input", "action_id": "v", "is_decimal_allowed": False}
    view = shown(sandbox, field(number, block_id="n"))
    answer = act(web, "submit", view=view, values={"n": {"v": "many"}})
    assert answer["errors"] == {"n": "Please enter a valid number."}
    assert 'value="many"' in web.get("/as/U0ANA/c/C0ONE").text
    assert sandbox.deliveries == []


def test_a_file_of_somebody_else_cannot_be_put_into_a_form(sandbox: Sandbox, web: FlaskClient) -> None:
    sandbox.add_user("U0BEN", "Ben")
    file = sandbox.workspace.add_file("U0BEN", "a.pdf", b"x")
    view = shown(sandbox, field({"type": "file_input", "action_id": "v"}, block_id="f"))
    assert "trouble" in act(web, "submit", view=view, values={"f": {"v": [file.id]}})
    assert sandbox.deliveries == []


def test_an_app_that_does_not_answer_reads_as_trouble_connecting(sandbox: Sandbox, web: FlaskClient) -> None:
    sandbox.courier.transport = None
    where = posted(sandbox, button("a"))
    answer = act(web, "press", where=where, block="acts", action="a")
    assert answer["trouble"] == "We had some trouble connecting. Try again?"


def test_a_long_channel_shows_its_newest_messages_and_more_when_asked(sandbox: Sandbox, web: FlaskClient) -> None:
    for number in range(100):
        sandbox.workspace.post(Message("C0ONE", "", "U0ANA", f"message number {number}."))
    page = web.get("/as/U0ANA/c/C0ONE").text
    assert "message number 99." in page
    assert "message number 20." in page
    assert "message number 19." not in page
    assert "Show earlier messages" in page
    assert "message number 0." in web.get("/as/U0ANA/c/C0ONE?newest=240").text


def test_a_choice_in_a_message_stands_there_after_a_reload(sandbox: Sandbox, web: FlaskClient) -> None:
    where = posted(sandbox, {"type": "static_select", "action_id": "pick", "options": options(3)})
    act(web, "choose", where=where, block="acts", action="pick", choice="2")
    assert heard(sandbox)["state"]["values"]["acts"]["pick"]["selected_option"]["value"] == "2"
    assert 'data-chosen="2" value="Option 2"' in web.get("/as/U0ANA/c/C0ONE").text
