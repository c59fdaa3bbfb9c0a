"""People in channels: what they may do, what they see, and what the app hears of it."""

import pytest

from sandbox import SandboxError
from sandbox.server import Sandbox
from sandbox.workspace import Change
from tests.sandbox.bolt_app import Scripted, actions, button, client_of, furnished
from tests.sandbox.test_web_api import MANIFEST


@pytest.fixture
def sandbox():
    sandbox = furnished()
    sandbox.courier.transport = Scripted()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def ana(sandbox):
    return sandbox.person("U0ANA")


def heard(sandbox: Sandbox, after: int = 0):
    return [one.payload["event"] for one in sandbox.deliveries[after:] if one.kind == "event"]


# -- commands -------------------------------------------------------------------------------------------------------


def test_a_command_carries_what_slack_sends(sandbox, ana):
    ana.command("/try new thing", channel="G0TWO")
    payload = sandbox.deliveries[-1].payload
    trigger, url = payload.pop("trigger_id"), payload.pop("response_url")
    assert trigger.count(".") == 2
    assert "/hooks/commands/T0SANDBOX/" in url
    assert payload == {
        "token": "sandbox-verification-token",
        "team_id": "T0SANDBOX",
        "team_domain": "sandbox",
        "channel_id": "G0TWO",
        "channel_name": "privategroup",
        "user_id": "U0ANA",
        "user_name": "ana.admin",
        "command": "/try",
        "text": "new thing",
        "api_app_id": "A0SANDBOX",
        "is_enterprise_install": "false",
    }


def test_mentions_in_a_command_are_turned_into_ids_only_when_the_manifest_asks(sandbox, ana):
    ana.command("/try @Ben & #one", channel="C0ONE")
    assert sandbox.deliveries[-1].payload["text"] == "@Ben &amp; #one"
    sandbox.install(MANIFEST)
    ana.command("/try @Ben & #one #two https://example.com", channel="C0ONE")
    expected = "<@U0BEN> &amp; <#C0ONE|one> <#G0TWO|> <https://example.com>"
    assert sandbox.deliveries[-1].payload["text"] == expected


def test_a_command_cannot_be_used_in_a_thread_or_outside_ones_channels(sandbox, ana):
    message = ana.post("C0ONE", "hello")
    with pytest.raises(SandboxError, match="inside a thread"):
        ana.command("/try", channel="C0ONE", thread=message)
    with pytest.raises(SandboxError, match="inside a thread"):
        ana.reply(message, "/try")
    with pytest.raises(SandboxError, match="not a member"):
        sandbox.person("U0BEN").command("/try", channel="G0TWO")
    with pytest.raises(SandboxError, match=r"not a valid command.*/try"):
        ana.command("/tri", channel="C0ONE")


def test_an_answer_in_the_channel_shows_the_typed_command_too(sandbox, ana):
    sandbox.courier.transport = Scripted(**{"try": {"response_type": "in_channel", "text": "Here"}})
    assert not ana.command("/try all", channel="C0ONE").ephemeral
    assert [one.text for one in sandbox.person("U0BEN").messages("C0ONE")] == ["/try all", "Here"]


def test_an_acknowledgement_slack_would_not_take_is_an_error_and_recorded(sandbox, ana):
    sandbox.courier.transport = Scripted(**{"try": {"text": "x", "blocks": actions(button("x" * 76, "a"))}})
    with pytest.raises(SandboxError, match=r"ack.*invalid_blocks"):
        ana.command("/try", channel="C0ONE")
    assert [(one.where, one.error) for one in sandbox.refusals] == [("ack of /try", "invalid_blocks")]
    assert ana.messages("C0ONE") == []


def test_an_app_that_answers_with_an_error_is_told_as_one(sandbox, ana):
    class Broken(Scripted):
        def send(self, delivery, limit):
            delivery.status, delivery.answer = 500, "oops"

    sandbox.courier.transport = Broken()
    with pytest.raises(SandboxError, match="HTTP 500: oops"):
        ana.command("/try", channel="C0ONE")
    with pytest.raises(SandboxError, match="did not take the event message"):
        ana.post("C0ONE", "x")


# -- messages -------------------------------------------------------------------------------------------------------


def test_what_people_type_is_stored_escaped_with_mentions(sandbox, ana):
    message = ana.post("C0ONE", "a < b & @Ben, @app: #one")
    assert message.text == "a &lt; b &amp; <@U0BEN>, <@U0BOT>: <#C0ONE|one>"


def test_a_mention_is_heard_twice_as_message_and_as_mention(sandbox, ana):
    message = ana.post("C0ONE", "@app hi")
    first, second = heard(sandbox)
    assert (first["type"], first["channel_type"], second["type"]) == ("message", "channel", "app_mention")
    assert {one["ts"] for one in (first, second)} == {message.ts}
    wrapper = sandbox.deliveries[-1].payload
    assert wrapper["type"] == "event_callback"
    assert wrapper["authorizations"][0]["user_id"] == "U0BOT"
    assert wrapper["event_id"].startswith("Ev")


def test_only_subscribed_events_of_the_bots_channels_are_sent(sandbox, ana):
    sandbox.add_channel("C0OUT", "out", members=["U0ANA"], with_bot=False)
    ana.post("C0OUT", "@app hi")
    assert heard(sandbox) == []
    sandbox.install(MANIFEST)
    ana.post("C0ONE", "@app hi")
    ana.open_home()
    assert heard(sandbox) == []


def test_edits_and_deletions_are_heard_with_what_was_there_before(sandbox, ana):
    message = ana.post("C0ONE", "first")
    ana.edit(message, "second")
    ana.delete(message)
    _, changed, deleted = heard(sandbox)
    assert (changed["subtype"], changed["message"]["text"], changed["previous_message"]["text"]) == (
        "message_changed",
        "second",
        "first",
    )
    assert changed["message"]["edited"]["user"] == "U0ANA"
    assert (deleted["subtype"], deleted["deleted_ts"], deleted["previous_message"]["text"]) == (
        "message_deleted",
        message.ts,
        "second",
    )
    assert ana.messages("C0ONE") == []


def test_nobody_changes_the_messages_of_others(sandbox, ana):
    message = ana.post("C0ONE", "mine")
    with pytest.raises(SandboxError, match="of their own"):
        sandbox.person("U0BEN").edit(message, "x")


def test_files_and_broadcast_replies_have_their_subtypes(sandbox, ana):
    parent = ana.post("C0ONE", "see", files=[("a.pdf", b"%PDF")])
    ana.reply(parent, "to all", broadcast=True)
    shared, reply = heard(sandbox)
    assert (shared["subtype"], shared["files"][0]["name"]) == ("file_share", "a.pdf")
    assert (reply["subtype"], reply["thread_ts"]) == ("thread_broadcast", parent.ts)
    assert [one.text for one in ana.messages("C0ONE")] == ["see", "to all"]


def test_a_person_sees_only_channels_they_are_in(sandbox, ana):
    with pytest.raises(SandboxError, match="Ben is not a member of two"):
        sandbox.person("U0BEN").messages("G0TWO")


def test_unread_messages_are_counted_for_each_person(sandbox, ana):
    ana.post("C0ONE", "x")
    assert [sandbox.workspace.unread(one, "C0ONE") for one in ("U0ANA", "U0BEN")] == [0, 1]
    sandbox.workspace.mark_read("U0BEN", "C0ONE")
    assert sandbox.workspace.unread("U0BEN", "C0ONE") == 0


def test_adding_the_bot_to_a_channel_is_heard(sandbox):
    sandbox.add_channel("C0NEW", "new", members=["U0ANA"], with_bot=False)
    sandbox.invite("U0BOT", "C0NEW", by="U0ANA")
    (event,) = heard(sandbox)
    assert (event["type"], event["user"], event["inviter"]) == ("member_joined_channel", "U0BOT", "U0ANA")


# -- buttons --------------------------------------------------------------------------------------------------------


@pytest.fixture
def card(sandbox, ana):
    confirm = {
        "title": {"type": "plain_text", "text": "Sure?"},
        "text": {"type": "plain_text", "text": "It is final."},
        "confirm": {"type": "plain_text", "text": "Reject it"},
        "deny": {"type": "plain_text", "text": "Keep it"},
    }
    more = {
        "type": "overflow",
        "action_id": "more",
        "options": [{"text": {"type": "plain_text", "text": "History"}, "value": "h"}],
    }
    menu = {
        "type": "static_select",
        "action_id": "menu",
        "placeholder": {"type": "plain_text", "text": "Colour"},
        "options": [{"text": {"type": "plain_text", "text": "Red"}, "value": "red"}],
    }
    blocks = [
        {"type": "section", "block_id": "s", "text": {"type": "mrkdwn", "text": "*Card* <https://example.com|site>"}},
        *actions(button("Approve", "ok", value="7"), button("Reject", "no", confirm=confirm), more, menu),
    ]
    client_of(sandbox).chat_postMessage(channel="C0ONE", text="card", blocks=blocks)
    return ana.messages("C0ONE")[0]


def test_a_card_is_read_as_a_person_reads_it(card):
    assert card.buttons == ["Approve", "Reject", "History"]
    assert card.visible_text == "Card site\nApprove\nReject\nColour"


def test_a_press_carries_what_slack_sends(sandbox, ana, card):
    ana.press("Approve", card)
    payload = sandbox.deliveries[-1].payload
    (action,) = payload["actions"]
    assert {key: action[key] for key in ("type", "action_id", "block_id", "value")} == {
        "type": "button",
        "action_id": "ok",
        "block_id": "acts",
        "value": "7",
    }
    assert payload["container"] == {
        "type": "message",
        "message_ts": card.ts,
        "channel_id": "C0ONE",
        "is_ephemeral": False,
    }
    assert payload["user"] == {
        "id": "U0ANA",
        "username": "ana.admin",
        "name": "ana.admin",
        "team_id": "T0SANDBOX",
    }
    assert (payload["enterprise"], payload["is_enterprise_install"]) == (None, False)
    assert payload["message"]["blocks"][0]["text"]["text"].startswith("*Card*")
    assert payload["channel"] == {"id": "C0ONE", "name": "one"}


def test_a_confirmation_is_read_and_can_be_turned_down(sandbox, ana, card):
    assert ana.confirmation("Reject", card) == "Sure?\nIt is final.\nReject it\nKeep it"
    before = len(sandbox.deliveries)
    ana.press("Reject", card, confirm=False)
    assert len(sandbox.deliveries) == before
    ana.press("Reject", card)
    assert sandbox.deliveries[-1].payload["actions"][0]["action_id"] == "no"


def test_overflow_entries_and_menus_are_chosen_by_their_text(sandbox, ana, card):
    ana.press("History", card)
    assert sandbox.deliveries[-1].payload["actions"][0]["selected_option"]["value"] == "h"
    ana.choose("Colour", "Red", card)
    assert sandbox.deliveries[-1].payload["actions"][0]["selected_option"]["value"] == "red"
    ana.press("Approve", card)
    chosen = sandbox.deliveries[-1].payload["state"]["values"]["acts"]["menu"]["selected_option"]
    assert chosen["value"] == "red"
    sandbox.person("U0BEN").press("Approve", card)
    assert sandbox.deliveries[-1].payload["state"]["values"]["acts"]["menu"]["selected_option"] is None


def test_a_button_that_is_gone_can_be_pressed_only_as_a_stale_one(sandbox, ana, card):
    client_of(sandbox).chat_update(channel="C0ONE", ts=card.ts, text="decided")
    with pytest.raises(SandboxError, match=r"no button 'Approve'\. The buttons are: none"):
        ana.press("Approve", card)
    ana.press("Approve", card, stale=True)
    assert sandbox.deliveries[-1].payload["actions"][0]["value"] == "7"


# -- who may --------------------------------------------------------------------------------------------------------


def test_people_of_another_workspace_press_buttons_but_have_no_commands(sandbox, card):
    zed = sandbox.add_user("U0ZED", "Zed", team="T0OTHER")
    sandbox.add_shortcut("Pass on", "pass_on", "message")
    sandbox.workspace.join("C0ONE", "U0ZED")
    zed.press("Approve", card)
    payload = sandbox.deliveries[-1].payload
    assert (payload["user"]["team_id"], payload["team"]["id"]) == ("T0OTHER", "T0SANDBOX")
    with pytest.raises(SandboxError, match="another workspace"):
        zed.command("/try", channel="C0ONE")
    with pytest.raises(SandboxError, match="another workspace"):
        zed.message_shortcut("Pass on", card)
    zed.post("C0ONE", "file", files=[("a.pdf", b"%PDF")])
    event = heard(sandbox)[-1]
    assert (event["user_team"], event["files"][0]["file_access"]) == ("T0OTHER", "check_file_info")
    assert sandbox.deliveries[-1].payload["is_ext_shared_channel"] is True


def test_deactivated_people_can_do_nothing(sandbox, ana, card):
    ana.user.deleted = True
    with pytest.raises(SandboxError, match="deactivated"):
        ana.press("Approve", card)
    with pytest.raises(SandboxError, match="deactivated"):
        ana.post("C0ONE", "x")


def test_shortcuts_are_used_by_name(sandbox, ana, card):
    sandbox.add_shortcut("New thing", "new")
    sandbox.add_shortcut("Pass on", "pass_on", "message")
    ana.shortcut("New thing")
    payload = sandbox.deliveries[-1].payload
    assert (payload["type"], payload["callback_id"], "response_url" in payload) == ("shortcut", "new", False)
    ana.message_shortcut("Pass on", card)
    payload = sandbox.deliveries[-1].payload
    assert (payload["type"], payload["message_ts"], payload["message"]["text"]) == ("message_action", card.ts, "card")
    with pytest.raises(SandboxError, match="no global shortcut 'Pass on'"):
        ana.shortcut("Pass on")


def test_subscribers_hear_of_changes_until_they_leave(sandbox, ana):
    changes: list[Change] = []
    leave = sandbox.workspace.subscribe(changes.append)
    ana.post("C0ONE", "x")
    leave()
    ana.post("C0ONE", "y")
    assert [(one.kind, one.channel) for one in changes] == [("message", "C0ONE")]


def test_a_message_for_one_person_cannot_be_used_by_another(sandbox, ana):
    blocks = actions(button("Go", "go"))
    client_of(sandbox).chat_postEphemeral(channel="C0ONE", user="U0ANA", text="psst", blocks=blocks)
    (message,) = ana.ephemerals
    with pytest.raises(SandboxError, match="Ben cannot see this message"):
        sandbox.person("U0BEN").press("Go", message)


def test_people_of_another_workspace_have_no_home_tab_of_the_app(sandbox):
    with pytest.raises(SandboxError, match="another workspace"):
        sandbox.add_user("U0ZED", "Zed", team="T0OTHER").open_home()


def test_a_direct_message_to_the_app_needs_its_messages_tab(sandbox, ana):
    ana.post(ana.dm, "hello")
    assert heard(sandbox)[-1]["channel_type"] == "im"
    tabs = {"home_tab_enabled": True, "messages_tab_enabled": True, "messages_tab_read_only_enabled": True}
    sandbox.install({**MANIFEST, "features": {"app_home": tabs}})
    with pytest.raises(SandboxError, match="turned off"):
        ana.post(ana.dm, "hello again")


def test_an_archived_channel_takes_no_more_messages(sandbox, ana):
    sandbox.workspace.archive("C0ONE")
    with pytest.raises(SandboxError, match="archived"):
        ana.post("C0ONE", "x")
