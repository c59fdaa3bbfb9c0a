"""The Web API refuses what Slack refuses, in Slack's words."""

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from sandbox import SandboxError
from sandbox.objects import Channel
from tests.sandbox.bolt_app import Clock, Scripted, actions, button, client_of, furnished, modal, text_input

MANIFEST = {
    "display_information": {"name": "Tester"},
    "features": {
        "bot_user": {"display_name": "tester"},
        "slash_commands": [{"command": "/try", "description": "Try", "should_escape": True}],
        "shortcuts": [{"name": "New thing", "type": "global", "callback_id": "new", "description": "-"}],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"], "bot_optional": ["users:read"]}},
    "settings": {"interactivity": {"is_enabled": True}, "event_subscriptions": {"bot_events": []}},
}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def sandbox(clock):
    sandbox = furnished(clock)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def client(sandbox):
    return client_of(sandbox)


def refused(act, *args, **kwargs):
    """The answer to a call that must be refused."""
    with pytest.raises(SlackApiError) as refusal:
        act(*args, **kwargs)
    return refusal.value.response


def error_of(act, *args, **kwargs):
    return refused(act, *args, **kwargs)["error"]


# -- tokens and scopes ----------------------------------------------------------------------------------------------


def test_a_wrong_token_is_refused_and_a_missing_one_too(sandbox):
    assert error_of(client_of(sandbox, "xoxb-other").auth_test) == "invalid_auth"
    assert error_of(client_of(sandbox, sandbox.app.app_token).auth_test) == "not_allowed_token_type"
    client = client_of(sandbox)
    client.token = None
    assert error_of(client.auth_test) == "not_authed"


def test_auth_test_says_who_the_bot_is_and_which_scopes_it_has(sandbox, client):
    sandbox.install(MANIFEST)
    answer = client.auth_test()
    assert (answer["user_id"], answer["team_id"], answer["bot_id"]) == ("U0BOT", "T0SANDBOX", "B0SANDBOX")
    assert answer.headers["x-oauth-scopes"] == "chat:write,commands,users:read"


def test_a_scope_the_manifest_lacks_is_named(sandbox, client):
    sandbox.install(MANIFEST)
    answer = refused(client.conversations_history, channel="C0ONE")
    assert (answer["error"], answer["needed"]) == ("missing_scope", "channels:history")
    assert error_of(client.users_lookupByEmail, email="ana@example.com") == "missing_scope"
    assert "email" not in client.users_info(user="U0ANA")["user"]["profile"]


def test_a_manifest_without_the_scope_of_its_own_event_is_not_installed(sandbox):
    settings = {"event_subscriptions": {"bot_events": ["message.im"]}}
    with pytest.raises(SandboxError, match=r"message\.im needs the scope im:history"):
        sandbox.install({**MANIFEST, "settings": settings})


def test_an_unknown_method_is_refused_and_recorded(sandbox, client):
    assert error_of(client.api_call, "chat.shout") == "unknown_method"
    assert [(one.where, one.error) for one in sandbox.refusals] == [("chat.shout", "unknown_method")]


# -- messages -------------------------------------------------------------------------------------------------------


def test_two_messages_in_the_same_instant_have_different_and_increasing_ts(client):
    first, second = (client.chat_postMessage(channel="C0ONE", text="x")["ts"] for _ in range(2))
    assert (first, second) == ("1772442000.000000", "1772442000.000001")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"channel": "C0NONE"}, "channel_not_found"),
        ({"text": ""}, "no_text"),
        ({"text": "x" * 4001}, "msg_too_long"),
        ({"thread_ts": "1.000000"}, "thread_not_found"),
        ({"metadata": {"event_type": "x"}}, "invalid_metadata_format"),
        ({"metadata": {"event_type": "x", "event_payload": {"a": "b" * 9000}}}, "metadata_too_large"),
        ({"blocks": [{"type": "nonsense"}]}, "invalid_blocks"),
        ({"blocks": {"type": "section"}}, "invalid_blocks_format"),
    ],
)
def test_a_message_slack_would_not_take_is_refused(client, change, error):
    assert error_of(client.chat_postMessage, **{"channel": "C0ONE", "text": "hello", **change}) == error


def test_invalid_blocks_come_with_pointers_and_are_recorded(sandbox, client):
    blocks = actions(button("x" * 76, "press"))
    answer = refused(client.chat_postMessage, channel="C0ONE", text="hello", blocks=blocks)
    (message,) = answer["response_metadata"]["messages"]
    assert "[json-pointer:/blocks/0/elements/0/text" in message
    assert (sandbox.refusals[0].error, sandbox.refusals[0].messages) == ("invalid_blocks", (message,))


def test_a_bot_posts_only_where_it_is_a_member(sandbox, client):
    sandbox.add_channel("C0OUT", "out", members=["U0ANA"], with_bot=False)
    sandbox.add_channel("G0OUT", "secret", members=["U0ANA"], private=True, with_bot=False)
    assert error_of(client.chat_postMessage, channel="C0OUT", text="x") == "not_in_channel"
    assert error_of(client.chat_postMessage, channel="G0OUT", text="x") == "channel_not_found"
    sandbox.workspace.archive("C0ONE")
    assert error_of(client.chat_postMessage, channel="C0ONE", text="x") == "is_archived"
    assert sandbox.refusals == []


def test_a_second_table_in_a_message_is_refused_by_its_own_name(client):
    cell = {"type": "raw_text", "text": "x"}
    blocks = [{"type": "table", "block_id": one, "rows": [[cell]]} for one in "ab"]
    client.chat_postMessage(channel="C0ONE", text="x", blocks=blocks[:1])
    error = error_of(client.chat_postMessage, channel="C0ONE", text="x", blocks=blocks)
    assert error == "only_one_table_allowed"


def test_a_reply_cannot_be_the_parent_of_a_thread(client):
    parent = client.chat_postMessage(channel="C0ONE", text="x")["ts"]
    reply = client.chat_postMessage(channel="C0ONE", text="y", thread_ts=parent)["ts"]
    assert error_of(client.chat_postMessage, channel="C0ONE", text="z", thread_ts=reply) == "thread_not_found"


def test_updating_text_without_blocks_takes_the_blocks_away_and_keeps_the_metadata(sandbox, client):
    metadata = {"event_type": "row", "event_payload": {"id": "7"}}
    posted = client.chat_postMessage(channel="C0ONE", text="x", blocks=actions(button("Go", "go")), metadata=metadata)
    client.chat_update(channel="C0ONE", ts=posted["ts"], text="y")
    (message,) = sandbox.person("U0ANA").messages("C0ONE")
    assert (message.text, message.buttons, message.metadata) == ("y", [], metadata)


def test_only_the_bots_own_messages_can_be_changed(sandbox, client):
    ts = sandbox.person("U0ANA").post("C0ONE", "mine").ts
    assert error_of(client.chat_update, channel="C0ONE", ts=ts, text="x") == "cant_update_message"
    assert error_of(client.chat_delete, channel="C0ONE", ts=ts) == "cant_delete_message"
    assert error_of(client.chat_update, channel="C0ONE", ts="1.000000", text="x") == "message_not_found"


def test_a_direct_message_goes_to_a_user_id_but_is_updated_under_its_channel(sandbox, client):
    posted = client.chat_postMessage(channel="U0ANA", text="x")
    assert posted["channel"].startswith("D")
    assert error_of(client.chat_update, channel="U0ANA", ts=posted["ts"], text="y") == "channel_not_found"
    client.chat_update(channel=posted["channel"], ts=posted["ts"], text="y")
    assert [one.text for one in sandbox.person("U0ANA").direct_messages()] == ["y"]


def test_an_ephemeral_message_is_for_one_member_and_cannot_be_updated(sandbox, client):
    ts = client.chat_postEphemeral(channel="C0ONE", user="U0ANA", text="psst")["message_ts"]
    assert [one.text for one in sandbox.person("U0ANA").ephemerals] == ["psst"]
    assert sandbox.person("U0BEN").messages("C0ONE") == []
    assert error_of(client.chat_update, channel="C0ONE", ts=ts, text="x") == "message_not_found"
    assert error_of(client.chat_postEphemeral, channel="G0TWO", user="U0BEN", text="x") == "user_not_in_channel"
    assert client.conversations_history(channel="C0ONE")["messages"] == []


def test_an_ephemeral_reply_is_shown_only_in_a_thread_that_exists(sandbox, client):
    parent = client.chat_postMessage(channel="C0ONE", text="x")["ts"]
    client.chat_postEphemeral(channel="C0ONE", user="U0ANA", text="psst", thread_ts=parent)
    assert sandbox.person("U0ANA").ephemerals == []
    client.chat_postMessage(channel="C0ONE", text="y", thread_ts=parent)
    assert [one.text for one in sandbox.person("U0ANA").ephemerals] == ["psst"]


def test_deleting_a_parent_leaves_a_tombstone_over_its_replies(sandbox, client):
    parent = client.chat_postMessage(channel="C0ONE", text="x")["ts"]
    client.chat_postMessage(channel="C0ONE", text="y", thread_ts=parent)
    client.chat_delete(channel="C0ONE", ts=parent)
    found = client.conversations_replies(channel="C0ONE", ts=parent)["messages"]
    assert [one.get("subtype") for one in found] == ["tombstone", None]


# -- history --------------------------------------------------------------------------------------------------------


def test_history_comes_newest_first_in_pages_without_replies(client):
    stamps = [client.chat_postMessage(channel="C0ONE", text=str(one))["ts"] for one in range(5)]
    client.chat_postMessage(channel="C0ONE", text="reply", thread_ts=stamps[0])
    pages = client.conversations_history(channel="C0ONE", limit=2)
    found = [([one["text"] for one in page["messages"]], page["has_more"]) for page in pages]
    assert found == [(["4", "3"], True), (["2", "1"], True), (["0"], False)]


def test_history_between_two_stamps_excludes_them_unless_inclusive(client):
    stamps = [client.chat_postMessage(channel="C0ONE", text=str(one))["ts"] for one in range(3)]
    bounds = {"channel": "C0ONE", "oldest": stamps[0], "latest": stamps[2]}
    assert [one["text"] for one in client.conversations_history(**bounds)["messages"]] == ["1"]
    found = client.conversations_history(**bounds, inclusive=True)["messages"]
    assert [one["text"] for one in found] == ["2", "1", "0"]


def test_metadata_comes_only_when_asked_for(client):
    metadata = {"event_type": "row", "event_payload": {"id": "7"}}
    ts = client.chat_postMessage(channel="C0ONE", text="x", metadata=metadata)["ts"]
    assert "metadata" not in client.conversations_history(channel="C0ONE")["messages"][0]
    (found,) = client.conversations_history(channel="C0ONE", include_all_metadata=True)["messages"]
    assert found["metadata"] == metadata
    replies = client.conversations_replies(channel="C0ONE", ts=ts, include_all_metadata=True)
    assert replies["messages"][0]["metadata"] == metadata


def test_a_thread_is_read_oldest_first_with_its_parent_and_counts(client):
    parent = client.chat_postMessage(channel="C0ONE", text="p")["ts"]
    for text in "ab":
        client.chat_postMessage(channel="C0ONE", text=text, thread_ts=parent)
    found = client.conversations_replies(channel="C0ONE", ts=parent)["messages"]
    assert [one["text"] for one in found] == ["p", "a", "b"]
    assert (found[0]["reply_count"], found[1]["parent_user_id"]) == (2, "U0BOT")
    assert error_of(client.conversations_replies, channel="C0ONE", ts="1.000000") == "thread_not_found"


# -- people and channels --------------------------------------------------------------------------------------------


def test_people_are_found_by_id_and_by_e_mail(sandbox, client):
    sandbox.add_user("U0OLD", "Old", email="old@example.com", deleted=True)
    sandbox.add_user("U0FAR", "Far", email="far@example.org", team="T0FAR")
    assert client.users_lookupByEmail(email="ANA@example.com")["user"]["id"] == "U0ANA"
    assert error_of(client.users_lookupByEmail, email="old@example.com") == "users_not_found"
    assert error_of(client.users_info, user="U0NONE") == "user_not_found"
    far = client.users_info(user="U0FAR")["user"]
    assert (far["team_id"], far["profile"].get("email")) == ("T0FAR", None)
    assert client.users_info(user="U0OLD")["user"]["deleted"] is True


def test_a_channel_is_joined_once_and_then_read(sandbox, client):
    sandbox.workspace.add_channel(Channel("C0NEW", "new"))
    assert error_of(client.conversations_history, channel="C0NEW") == "not_in_channel"
    assert "warning" not in client.conversations_join(channel="C0NEW")
    assert client.conversations_join(channel="C0NEW")["warning"] == "already_in_channel"
    assert client.conversations_members(channel="C0NEW")["members"] == ["U0BOT"]


def test_private_channels_are_listed_only_to_members(sandbox, client):
    sandbox.add_channel("G0OUT", "secret", members=["U0ANA"], private=True, with_bot=False)
    found = client.conversations_list(types="public_channel,private_channel")["channels"]
    assert [one["id"] for one in found] == ["C0ONE", "G0TWO"]
    assert error_of(client.conversations_info, channel="G0OUT") == "channel_not_found"


# -- views ----------------------------------------------------------------------------------------------------------


FORM = modal(text_input("Name", "name"))


@pytest.fixture
def trigger(sandbox):
    """A fresh trigger_id of Ana's."""
    sandbox.courier.transport = Scripted()

    def press():
        sandbox.person("U0ANA").command("/try", channel="C0ONE")
        return sandbox.deliveries[-1].payload["trigger_id"]

    return press


def test_a_trigger_opens_one_view_within_three_seconds(client, clock, trigger):
    used, late = trigger(), trigger()
    client.views_open(trigger_id=used, view=FORM)
    assert error_of(client.views_open, trigger_id=used, view=FORM) == "exchanged_trigger_id"
    clock.advance(seconds=3)
    client.views_open(trigger_id=late, view=FORM)
    late = trigger()
    clock.advance(seconds=3, microseconds=1)
    assert error_of(client.views_open, trigger_id=late, view=FORM) == "expired_trigger_id"
    assert error_of(client.views_open, trigger_id="1.2.x", view=FORM) == "invalid_trigger_id"


def test_a_stack_holds_three_views(client, trigger):
    client.views_open(trigger_id=trigger(), view=FORM)
    second = client.views_push(trigger_id=trigger(), view=FORM)["view"]
    third = client.views_push(trigger_id=trigger(), view=FORM)["view"]
    assert (third["previous_view_id"], third["root_view_id"]) == (second["id"], second["root_view_id"])
    assert error_of(client.views_push, trigger_id=trigger(), view=FORM) == "push_limit_reached"


def test_an_update_with_an_old_hash_is_refused(client, trigger):
    view = client.views_open(trigger_id=trigger(), view=FORM)["view"]
    client.views_update(view_id=view["id"], view=FORM, hash=view["hash"])
    assert error_of(client.views_update, view_id=view["id"], view=FORM, hash=view["hash"]) == "hash_conflict"
    assert error_of(client.views_update, view_id="V0NONE", view=FORM) == "not_found"


def test_an_external_id_is_given_once_and_finds_its_view(client, trigger):
    client.views_open(trigger_id=trigger(), view={**FORM, "external_id": "mine"})
    again = {**FORM, "external_id": "mine"}
    assert error_of(client.views_push, trigger_id=trigger(), view=again) == "duplicate_external_id"
    assert client.views_update(external_id="mine", view=again)["ok"]


def test_a_view_slack_would_not_take_is_refused_with_pointers(client, trigger):
    answer = refused(client.views_open, trigger_id=trigger(), view=modal(text_input("x" * 2001, "name")))
    assert answer["error"] == "invalid_arguments"
    assert "[json-pointer:/view/blocks/0/label" in answer["response_metadata"]["messages"][0]
    wide = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}, "block_id": f"b{one}"} for one in range(90)
    ]
    answer = refused(client.views_open, trigger_id=trigger(), view=modal(text_input("a", "a"), *wide))
    assert answer["error"] == "view_too_large"


def test_a_home_tab_is_published_for_one_person(sandbox, client):
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "Hello"}}]
    client.views_publish(user_id="U0ANA", view={"type": "home", "blocks": blocks})
    assert sandbox.person("U0ANA").open_home().text == "Hello"
    assert not sandbox.person("U0BEN").open_home().published
    assert error_of(client.views_publish, user_id="U0ANA", view=FORM) == "invalid_arguments"


# -- response_url ---------------------------------------------------------------------------------------------------


def test_a_response_url_is_good_for_five_messages_in_thirty_minutes(sandbox, clock, trigger):
    trigger()
    hook = WebhookClient(sandbox.deliveries[-1].payload["response_url"])
    clock.advance(minutes=30)
    assert [hook.send(text=str(one)).status_code for one in range(6)] == [200] * 5 + [404]
    assert [one.text for one in sandbox.person("U0ANA").ephemerals] == list("01234")
    assert sandbox.refusals[-1].error == "used_url"
    trigger()
    late = WebhookClient(sandbox.deliveries[-1].payload["response_url"])
    clock.advance(minutes=30, microseconds=1)
    assert "expired_url" in late.send(text="x").body


def test_a_response_url_replaces_or_deletes_the_message_it_came_from(sandbox, client, trigger):
    ana = sandbox.person("U0ANA")
    sandbox.courier.transport = Scripted()
    client.chat_postEphemeral(channel="C0ONE", user="U0ANA", text="x", blocks=actions(button("Go", "go")))
    ana.press("Go", ana.ephemerals[0])
    payload = sandbox.deliveries[-1].payload
    assert "message" not in payload
    WebhookClient(payload["response_url"]).send(text="done", replace_original=True)
    assert [(one.text, one.buttons, one.ephemeral) for one in ana.ephemerals] == [("done", [], True)]
    WebhookClient(payload["response_url"]).send_dict({"delete_original": True})
    assert ana.ephemerals == []
