"""The buttons on cards: each takes an action, or opens the form that the action needs first."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from bot.cards.buttons import PREFIX, REPLY, WHY, Pressed
from bot.cards.reminders import RESUME, SNOOZE, STOP
from bot.conversations import (
    claim_form,
    comments,
    lookups,
    proof_form,
    reasons_form,
    reassign,
    reminders,
    submission,
    why,
)
from bot.desk import Body, Desk, press_key, who_of
from models.answers import Done, Who
from models.memory import Memory
from models.operations import filing, reviewing
from rules.lifecycle import Action

# What needs nothing more than the press.
_AT_ONCE: dict[Action, Callable[[Memory, Who, str, str, int | None], Done]] = {
    Action.START_REVIEW: lambda memory, who, number, key, _: reviewing.start_review(memory, who, number, delivery=key),
    Action.APPROVE: lambda memory, who, number, key, seen: reviewing.approve(
        memory, who, number, version=seen, delivery=key
    ),
    Action.TAKE_OVER: lambda memory, who, number, key, _: reviewing.take_over(memory, who, number, delivery=key),
    Action.RELEASE: lambda memory, who, number, key, _: reviewing.release(memory, who, number, delivery=key),
    Action.DISCARD: lambda memory, who, number, key, _: filing.discard(memory, who, number, delivery=key),
}


# What a button does that is no action on the claim.
_BESIDE: dict[str, Callable[[Desk, Body, str], None]] = {
    "show": lookups.open_details,
    REPLY: comments.open_reply,
    WHY: why.open_why,
    proof_form.AGAIN: proof_form.open_result,
    SNOOZE: reminders.open_snooze,
    STOP: reminders.stop,
    RESUME: reminders.resume,
}
_NAMES = frozenset(Action)


def register(app: App, desk: Desk) -> None:
    """Listen to every button about a claim, those of older cards included."""

    def press(ack: Ack, body: dict[str, Any]) -> None:
        pressed = body["actions"][0]
        carried = Pressed.read((pressed.get("selected_option") or pressed).get("value"))
        name = (carried and carried.a) or pressed["action_id"].removeprefix(PREFIX)
        if carried is None:
            pass  # a button of an older version
        elif name in _BESIDE:
            _BESIDE[name](desk, body, carried.n)
        elif name in _NAMES:
            take(desk, body, Action(name), carried.n, field=carried.f, seen=carried.v)
        ack()

    app.action(re.compile(re.escape(PREFIX)))(press)


def take(
    desk: Desk, body: Body, action: Action, number: str, *, field: str | None = None, seen: int | None = None
) -> None:
    """Do what a button says, or open the form for it, on the page with ``field`` (an id).

    Args:
        seen: the claim's version above the button, where that decides.

    Raises:
        Refused: not this person, or not now.
        Overtaken: the claim is another by now.
    """
    if action in _AT_ONCE:
        _AT_ONCE[action](desk.memory, who_of(body), number, press_key(body), seen)
        lookups.follow(desk, body, number)
    elif action in reasons_form.ASKS:
        reasons_form.open_reasons(desk, body, number, action, seen=seen)
    elif action is Action.EDIT:
        claim_form.open_edit(desk, body, number, field=field)
    elif action in (Action.SUBMIT, Action.RESUBMIT):
        submission.open_submission(desk, body, number)
    elif action is Action.REASSIGN:
        reassign.open_reassign(desk, body, number)
    elif action is Action.ADD_PROOF:
        proof_form.open_add_proof(desk, body, number)
    elif action is Action.CREATE:
        claim_form.open_new(desk, body)
