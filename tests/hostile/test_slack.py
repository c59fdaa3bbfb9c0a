"""Whatever comes signed through Slack's door, of any shape, is answered: nothing breaks, leaks, or changes unseen.

`CLAIMBOT_EXAMPLES=2000` tries that many of each kind.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bot.app import CONVERSATIONS
from bot.commands import WORDS
from models.database import Database
from models.tables import Claim, Comment, History, JournalEntry, Outgoing, Partner, Proof, Snooze
from rules.fields import BY_ID
from rules.lifecycle import Action, Status
from sandbox.acks import AckReader
from sandbox.blocks import check_options
from sandbox.methods.chat import content_of
from sandbox.methods.views import checked_view
from sandbox.transport import Delivery
from sandbox.web_api import Args
from tests.cast import CONTOSO, TEAM
from tests.databases import copied
from tests.loglines import Lines, caught_lines
from tests.stories.world import World, world_of

EXAMPLES = int(os.environ.get("CLAIMBOT_EXAMPLES", "25"))
tried = settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    derandomize=EXAMPLES <= 25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# In every field of Contoso's claims, and nowhere else.
CANARY = "Zyxwvut"
# What is refused of a call only because a test has invented the window, the message or the trigger that it names.
INVENTED = {
    "channel_not_found",
    "expired_trigger_id",
    "hash_conflict",
    "invalid_trigger_id",
    "invalid_url",
    "message_not_found",
    "not_found",
    "not_in_channel",
    "thread_not_found",
    "user_not_found",
    "user_not_in_channel",
    "view_not_found",
}
PEOPLE = ("U0ANA", "U0BO", "U0ROSA", "U0GIL", "U0ZED", "U0NOBODY")


@pytest.fixture(scope="module")
def world(template: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One world for all: whatever was tried before must not matter to what comes after."""
    folder = tmp_path_factory.mktemp("world")
    with copied(template, folder) as database, caught_lines() as lines, world_of(database, folder) as world:
        for status in Status:
            if status is not Status.REJECTED_FINAL:
                secret = {"claim_name": f"{CANARY} {status}", "customer_name": CANARY, "comments": CANARY}
                world.claim_in(status, **secret)
        world.lines = lines  # type: ignore[attr-defined]
        yield world
        world.sandbox.api.refusals.clear()


class Door:
    """Slack's door, and what is held against everything that comes back through it."""

    def __init__(self, world: World) -> None:
        self.world, self.sandbox = world, world.sandbox
        self.acks = AckReader(self.sandbox.api)
        self.lines: Lines = world.lines  # type: ignore[attr-defined]

    def send(self, kind: str, name: str, payload: dict[str, Any], *, by: str) -> Delivery:
        """One delivery, and what must be true of any."""
        self.lines.seek(0)
        self.lines.truncate()
        self.sandbox.api.refusals.clear()
        calls, before = len(self.sandbox.calls), self.claims()
        delivery = self.sandbox.courier.deliver(kind, name, payload)
        assert delivery.problem is None, delivery.problem
        assert delivery.status in (200, 400, 404), (delivery.status, self.lines.getvalue())
        assert delivery.status == 200 or kind != "event"
        bad = [line for line in self.lines.all() if line["level"] in ("error", "critical")]
        assert not bad, bad
        refused = [one for one in self.sandbox.refusals if one.error not in INVENTED]
        assert not refused, refused
        # Whoever is not of Contoso, and does not review, learns and changes nothing of its claims.
        if by not in ("U0ANA", "U0GIL", "U0ROSA"):
            said = json.dumps([delivery.answer, [one.payload for one in self.sandbox.calls[calls:]]], default=str)
            assert CANARY not in said
            assert self.claims() == before
        return delivery

    def claims(self) -> list[tuple[Any, ...]]:
        """How each of Contoso's claims stands."""
        with self.world.bot.memory.database.reading() as session:
            query = select(Claim.id, Claim.version, Claim.status, Claim.updated_at).join(Claim.partner)
            rows = session.execute(query.where(Partner.name == CONTOSO).order_by(Claim.id))
            return [tuple(row) for row in rows]

    def effects(self) -> list[int]:
        """How many rows there are of what people can bring about."""
        tables = (History, Comment, Proof, Outgoing, JournalEntry, Snooze)
        with self.world.bot.memory.database.reading() as session:
            return [session.scalar(select(func.count()).select_from(one)) or 0 for one in tables]

    def user(self, user: str) -> dict[str, Any]:
        return {"team": {"id": TEAM, "domain": "example"}, "user": {"id": user, "username": "x", "team_id": TEAM}}

    def trigger(self, user: str) -> str:
        return self.sandbox.workspace.screens.issue_trigger(user)

    def command(self, user: str, text: str) -> Delivery:
        """A slash command; its answer is one that Slack shows."""
        payload = {
            "command": "/claim",
            "text": text.encode("utf-8", "ignore").decode(),  # half a character cannot be sent in a form
            "team_id": TEAM,
            "user_id": user,
            "channel_id": "C0TOWN",
            "channel_name": "town-square",
            "trigger_id": self.trigger(user),
            "response_url": self.sandbox.response_urls.issue("commands", user, "C0TOWN"),
        }
        delivery = self.send("command", "/claim", payload, by=user)
        assert delivery.status == 200
        if delivery.answer:
            content_of(self.sandbox.api, Args(delivery.answer), "ack")
        return delivery

    def press(self, user: str, action: dict[str, Any], **place: Any) -> Delivery:
        """A press of a button, in a channel unless ``place`` says otherwise."""
        where = place or {
            "channel": {"id": "C0TOWN", "name": "town-square"},
            "container": {"type": "message", "channel_id": "C0TOWN", "message_ts": "1.000001"},
            "message": {"ts": "1.000001", "text": "x"},
        }
        payload = {"type": "block_actions", **self.user(user), "trigger_id": self.trigger(user), "actions": [action]}
        return self.send("interactive", "block_actions", payload | where, by=user)

    def hand_in(self, user: str, view: dict[str, Any]) -> Delivery:
        """A form that is handed in; its answer is one that Slack follows."""
        payload = {"type": "view_submission", **self.user(user), "trigger_id": self.trigger(user), "view": view}
        delivery = self.send("interactive", "view_submission", payload, by=user)
        answer = delivery.answer
        if answer:
            blocks = set(view["state"]["values"])
            match answer["response_action"]:
                case "errors":
                    assert answer["errors"]
                    assert set(answer["errors"]) <= blocks
                case "update" | "push":
                    checked_view(answer["view"], "modal")
                case other:
                    assert other == "clear"
        return delivery

    def event(self, event: dict[str, Any], *, by: str) -> Delivery:
        """An event, as the Events API wraps it."""
        payload = {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{next(_ids)}", "event": event}
        return self.send("event", str(event.get("type")), payload, by=by)


_ids = count(1)


@pytest.fixture(scope="module")
def door(world: World) -> Door:
    return Door(world)


# -- what is sent ------------------------------------------------------------------------------------------------------

text = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="\x00\x01\u202e\ufeff😀<>&*_`~|@#!:\"“'\\/%;,-\n\t a1", max_size=60),
    st.sampled_from(
        [
            "",
            "CL-000001",
            "cl-1",
            "CL-999999999999999999",
            "99999999999999999999999",
            "CL-٣",
            "²",
            CANARY,
            "payload",
            "status:approved",
            "status:",
            "customer:",
            "due:<",
            'customer:"',
            "sort:-due",
            "last 99999999999999 days",
            "9999-99",
            "0000-00",
            "2026-13",
            "<@U0ANA|x>",
            "<!channel>",
            "x" * 3000,
            "é" * 2000,
            "\ud800",
            "x " * 900,
            "12345678-1234-" * 100,
            "a" * 600 + " b",
            "'" * 500,
            "\\" * 501,
        ]
    ),
)
people = st.sampled_from(PEOPLE)
numbers = st.one_of(st.integers(1, 9).map(lambda one: f"CL-{one:06d}"), text)
junk = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), text),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


class Registered:
    """Stands for Bolt's app where conversations register: what they listen to."""

    def __init__(self) -> None:
        self.heard: dict[str, list[re.Pattern[str]]] = {}

    def __getattr__(self, kind: str) -> Any:
        def listen(name: Any, **_: Any) -> Any:
            pattern = name if isinstance(name, re.Pattern) else re.compile(f"^{re.escape(str(name))}$")
            self.heard.setdefault(kind, []).append(pattern)
            return lambda listener: listener

        return listen


def test_every_button_and_form_that_anybody_listens_to_is_tried(door: Door):
    app = Registered()
    for conversation in CONVERSATIONS:
        conversation.register(app, door.world.bot.desk)
    for kind, tried_ones in (("action", ACTIONS), ("view", CALLBACKS)):
        assert [one.pattern for one in app.heard[kind] if not any(one.search(name) for name in tried_ones)] == []


@tried
@given(people, st.one_of(st.sampled_from(["", *WORDS]), text), numbers, text)
def test_a_command_with_any_words_is_answered(door: Door, user: str, word: str, number: str, more: str):
    delivery = door.command(user, " ".join((word, number, more)))
    if user in ("U0ZED", "U0NOBODY") and delivery.answer:
        assert delivery.answer["response_type"] == "ephemeral"


ACTIONS = (
    [f"claim.{one}" for one in (*Action, "show", "reply", "why", "menu", "proof", "snooze", "stop", "resume", "gone")]
    + [f"menu.{word}" for word in WORDS]
    + [
        "claim.open",
        "export.usage",
        "list.turn.on",
        "list.turn.back",
        "history.more",
        "why.page.1",
        "part.open.HISTORY",
        "part.turn.1",
        "part.send",
        "team_remove",
        "comment.proof.0",
        "mention.propose.0",
        "field.solution_area",
        "home.filter",
        "home.turn",
        "home.tab",
        "home.sort",
        "home.status",
        "home.search",
        "home.reset",
        "nobody.knows",
    ]
)
actions = st.sampled_from(ACTIONS)
values = st.one_of(
    st.builds(
        lambda number, more: json.dumps({"n": number, **more}),
        numbers,
        st.fixed_dictionaries(
            {},
            optional={
                "a": st.one_of(st.sampled_from([*Action, "show", "why", "reply"]), text),
                "f": st.one_of(st.integers(), text),
                "s": st.one_of(st.sampled_from(["History", "Comments"]), st.lists(st.sampled_from(list(Status))), junk),
                "p": st.integers(),
                "b": st.integers(),
                "c": st.integers() | text,
                "w": text | st.sampled_from(["", "status:approved sort:-due", "nobody:knows"]),
                "k": text,
                "r": st.lists(text, max_size=2),
                "l": text,
            },
        ),
    ),
    st.lists(junk, min_size=4, max_size=4).map(json.dumps),
    text,
)


def view_of(callback: str, state: dict[str, Any], metadata: str, kind: str = "modal") -> dict[str, Any]:
    return {
        "id": f"V{next(_ids)}",
        "type": kind,
        "hash": "1.a",
        "callback_id": callback,
        "private_metadata": metadata,
        "state": {"values": state},
        "blocks": [{"type": "input", "block_id": name} for name in state],
        "previous_view_id": None,
        "root_view_id": None,
    }


metadata = st.one_of(
    text,
    st.builds(
        lambda number, more: json.dumps({"k": f"k{next(_ids)}", "n": number, **more}),
        numbers,
        st.fixed_dictionaries(
            {},
            optional={
                "ver": st.integers(),
                "page": st.integers(-3, 9),
                "act": st.one_of(st.sampled_from(list(Action)), text),
                "c": st.integers(),
            },
        ),
    ),
)


@tried
@given(people, actions, values, st.booleans(), st.sampled_from(["message", "modal", "home"]), metadata)
def test_a_press_of_any_button_with_any_value_is_answered(
    door: Door, user: str, name: str, value: str, menu: bool, place: str, typed: str
):
    chosen: dict[str, Any] = {"selected_option": {"value": value, "text": {"type": "plain_text", "text": "x"}}}
    action: dict[str, Any] = {"type": "button", "action_id": name, "block_id": "b", "action_ts": f"{next(_ids)}.0"}
    action |= chosen if menu else {"value": value}
    where = {"view": view_of("claim_form", {}, typed, kind=place)} if place != "message" else {}
    door.press(user, action, **where)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("list.turn.on", "[]"),
        ("list.turn.on", ""),
        ("list.turn.back", '{"w": "nobody:knows", "c": ""}'),
        ("list.turn.back", '{"c": 1}'),
        ("history.more", '{"n": 1}'),
        ("mention.propose.0", "{}"),
        ("comment.proof.0", '{"c": "x"}'),
    ],
)
def test_a_button_that_is_old_or_forged_says_so_to_whoever_presses_it(door: Door, name: str, value: str):
    ana = door.world.person("Ana")
    before = len(ana.ephemerals)
    door.press("U0ANA", {"type": "button", "action_id": name, "value": value, "block_id": "b", "action_ts": "7.1"})
    [said] = ana.ephemerals[before:]
    assert said.visible_text.startswith("This is from another version of claimbot. Nothing was changed")


def test_a_list_turned_where_no_message_can_be_replaced_is_said_beside(door: Door):
    value = '{"w": "status:draft", "c": "no place that is known"}'
    action = {"type": "button", "action_id": "list.turn.on", "value": value, "block_id": "b", "action_ts": "8.1"}
    before = len(door.world.person("Ana").ephemerals)
    door.press("U0ANA", action)
    assert "Claims" in door.world.person("Ana").ephemerals[before].visible_text


CALLBACKS = [
    "claim_form",
    "submission_form",
    "reasons_form",
    "reassign_form",
    "snooze_form",
    "proof_form",
    "send_form",
    "reply_form",
    "team_choose",
    "team_change",
    "home_filter",
    "notice",
    "nobody.knows",
]
callbacks = st.sampled_from(CALLBACKS)
days = st.dates().map(str)
elements = st.one_of(
    st.builds(lambda value: {"type": "plain_text_input", "value": value}, st.none() | text),
    st.builds(lambda value: {"type": "email_text_input", "value": value}, st.none() | text),
    st.builds(
        lambda value: {"type": "static_select", "selected_option": {"value": value} if value else None},
        st.none() | text | st.sampled_from(["modern-work", "4711001", "4722001", "DE", "T0MAIN/U0REMY", "1:add"]),
    ),
    st.builds(
        lambda chosen: {"type": "checkboxes", "selected_options": [{"value": one} for one in chosen]},
        st.lists(text | st.sampled_from(["1", "exchange", "global_admin", "4711001"]), max_size=3),
    ),
    st.builds(lambda day: {"type": "datepicker", "selected_date": day}, st.none() | days),
    st.builds(lambda who: {"type": "users_select", "selected_user": who}, st.none() | st.just("U0ZED")),
    st.builds(lambda name: {"type": "file_input", "files": [{"id": "F0NONE", "name": name}]}, text),
)
fields = st.sampled_from(
    [
        *BY_ID,
        "partner_role@modern-work",
        "products@modern-work",
        "take_back",
        "reason",
        "message",
        "reviewer",
        "until",
        "acknowledgements",
        "business_justification",
        "whom",
        "person",
        "roles",
        "locations",
        "lead",
        "statuses",
        "customers",
        "due",
        "due_from",
        "reviewers",
        "nobody.knows",
    ]
)
states = st.dictionaries(fields, elements.map(lambda one: {"e": one}), min_size=1, max_size=6)


@tried
@given(people, callbacks, states, metadata)
def test_a_form_handed_in_with_anything_in_it_is_answered_and_nothing_typed_is_lost(
    door: Door, user: str, callback: str, state: dict[str, Any], typed: str
):
    before = door.effects()
    delivery = door.hand_in(user, view_of(callback, state, typed))
    closed = delivery.status == 200 and (not delivery.answer or delivery.answer.get("response_action") == "clear")
    if closed and callback not in ("home_filter", "notice", "nobody.knows"):
        assert door.effects() != before, "the form closed, and what was typed went nowhere"


events = st.sampled_from(
    ["message", "app_mention", "app_home_opened", "user_change", "reaction_added", "member_joined_channel", "gone"]
)
subtypes = st.sampled_from([None, "message_changed", "message_deleted", "file_share", "bot_message", "gone"])


@tried
@given(people, events, subtypes, text, st.sampled_from(["C0CONTOSO", "C0REVIEW", "C0TOWN", "C0GONE"]), junk, st.data())
def test_any_event_is_taken(
    door: Door, user: str, kind: str, subtype: str | None, said: str, channel: str, odd: Any, data: st.DataObject
):
    cards = [one.ts for one in door.sandbox.workspace.messages["C0CONTOSO"]][:2]
    said_there: dict[str, Any] = {
        "user": user,
        "text": f"<@{door.sandbox.app.bot_user}> {said}" if kind == "app_mention" else said,
        "ts": f"{next(_ids)}.000100",
        "thread_ts": data.draw(st.sampled_from([*cards, "1.0", None])),
        "edited": {"user": user, "ts": "1.0"},
    }
    event = {"type": kind, "channel": channel, "channel_type": "channel", "event_ts": "1.0", **said_there}
    if kind == "app_mention":
        del event["edited"]
    if kind == "app_home_opened":
        event["tab"] = "home"
    if kind == "user_change":
        event["user"] = {"id": "U0NOBODY", "team_id": TEAM, "deleted": data.draw(st.booleans())}
    if kind == "message" and subtype:
        event |= {"subtype": subtype, "message": said_there, "previous_message": said_there, "deleted_ts": "1.0"}
    if (part := data.draw(st.sampled_from([None, *event]))) not in (None, "type"):
        event[part] = odd
    door.event(event, by=user)


@tried
@given(people, st.sampled_from([f"field.{one}" for one in BY_ID] + ["reviewer", "whom", "gone"]), text, metadata, text)
def test_whatever_is_typed_into_a_list_that_is_searched_is_answered(
    door: Door, user: str, name: str, typed: str, carried: str, block: str
):
    payload = {"type": "block_suggestion", **door.user(user), "action_id": name, "block_id": block, "value": typed}
    payload["view"] = view_of("claim_form", {}, carried)
    delivery = door.send("interactive", "block_suggestion", payload, by=user)
    if delivery.status == 200 and delivery.answer:
        assert check_options(delivery.answer) == []


@tried
@given(people, st.data())
def test_a_part_that_is_missing_or_of_another_type_breaks_nothing(door: Door, user: str, data: st.DataObject):
    full: dict[str, dict[str, Any]] = {
        "block_actions": {
            "actions": [{"type": "button", "action_id": "claim.show", "value": '{"n":"1"}', "action_ts": "1.1"}],
            "container": {"type": "view"},
            "view": view_of("claim_form", {"mpn": {"e": {"type": "plain_text_input", "value": "x"}}}, "{}"),
        },
        "view_submission": {"view": view_of("reply_form", {"text": {"e": {"type": "plain_text_input"}}}, "{}")},
        "message_action": {"callback_id": "send_to_partner", "channel": {"id": "C0REVIEW"}, "message": {"ts": "1.1"}},
        "shortcut": {"callback_id": "new_claim"},
        "view_closed": {"view": view_of("reply_form", {}, "{}")},
    }
    kind = data.draw(st.sampled_from(sorted(full)))
    payload: Any = {"type": kind, **door.user(user), "trigger_id": door.trigger(user), **full[kind]}
    at: Any = payload
    for _ in range(data.draw(st.integers(1, 5))):
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            break
        key = data.draw(st.sampled_from(keys))
        if isinstance(at[key], dict | list) and data.draw(st.booleans()):
            at = at[key]
            continue
        if isinstance(at, dict) and data.draw(st.booleans()):
            del at[key]
        else:
            at[key] = data.draw(junk)
    door.send("interactive", kind, payload, by=user)
