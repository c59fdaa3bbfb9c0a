"""Buttons, drawn from the lifecycle table; what they carry is context, never permission."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from rules import lifecycle, permissions
from rules.lifecycle import Action, Party, Status, Transition
from rules.permissions import Actor, Refusal, Subject

PREFIX = "claim."
REPLY = "reply"
WHY = "why"

# What has no way back, or ends a claim, is asked once more by Slack itself before it is sent.
_ASK = {
    Action.DISCARD: "The draft and what was filled in are gone; its history stays. This cannot be undone.",
    Action.APPROVE: "The association is approved, and the customer gets the chance to opt out.",
}
_STYLE = {
    Action.SUBMIT: "primary",
    Action.RESUBMIT: "primary",
    Action.START_REVIEW: "primary",
    Action.APPROVE: "primary",
    Action.REJECT: "danger",
}

# What a side may do that is no action on the claim: (id, label, the statuses in which it is offered).
_BESIDE_ACTIONS = {
    Party.REVIEWER: ((REPLY, "Reply to partner", frozenset(Status) - {Status.DRAFT, Status.REJECTED_FINAL}),),
}

# What a reviewer decides on what they see.
_DECIDE = (Action.APPROVE, Action.REJECT, Action.REQUEST_INFORMATION)


class Pressed(BaseModel):
    """What a button carries: which claim, in a menu which action, and where it leads to a field of the form, which one
    (its id); ``v`` is the claim's version where nobody may decide on anything else than what stands above the button.
    What other versions carry more is ignored.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    n: str
    a: str | None = None
    f: str | None = None
    v: int | None = None

    @classmethod
    def read(cls, value: str | None) -> Pressed | None:
        """What was in the button's value, or None for a button that is none of ours any more."""
        try:
            return cls.model_validate_json(value or "")
        except ValidationError:
            return None


def claim_button(
    action_id: str,
    label: str,
    number: str,
    *,
    style: str | None = None,
    field: str | None = None,
    version: int | None = None,
) -> dict[str, Any]:
    """A button about one claim; ``field`` (an id) is what it leads to, ``version`` what was seen above it."""
    button: dict[str, Any] = {
        "type": "button",
        "action_id": PREFIX + action_id,
        "text": {"type": "plain_text", "text": label, "emoji": False},
        "value": Pressed(n=number, f=field, v=version).model_dump_json(exclude_none=True),
        "accessibility_label": f"{label} {number}",
    }
    if style is not None:
        button["style"] = style
    return button


def action_button(row: Transition, number: str, version: int | None = None) -> dict[str, Any]:
    """The button that takes one row of the lifecycle table.

    ``version``: the claim's, where the message shows what it states. An older page may still be on the screen when the
    claim was sent back, edited and handed in again: what it states then was not what somebody decides on there.
    """
    seen = version if row.action in _DECIDE else None
    button = claim_button(row.action, row.label, number, style=_STYLE.get(row.action), version=seen)
    if (question := _ASK.get(row.action)) is not None:
        button["confirm"] = {
            "title": {"type": "plain_text", "text": f"{row.label}?"},
            "text": {"type": "plain_text", "text": f"{number}: {question}"},
            "confirm": {"type": "plain_text", "text": row.label},
            "deny": {"type": "plain_text", "text": "Go back"},
        }
        if row.target is None:
            button["confirm"]["style"] = "danger"
    return button


def menu(rows: Sequence[Transition], number: str) -> dict[str, Any]:
    """The menu of what is done more rarely; each choice carries what a button would."""
    options = [
        {
            "text": {"type": "plain_text", "text": row.label, "emoji": False},
            "value": Pressed(n=number, a=row.action).model_dump_json(exclude_none=True),
        }
        for row in rows
    ]
    return {"type": "overflow", "action_id": f"{PREFIX}menu", "options": options}


@dataclass(frozen=True)
class Offered:
    """What one person may do with a claim, and for what the status would allow: why not they.

    ``missing`` is (labels of the buttons, the sentence that says why), each sentence once.
    """

    rows: tuple[Transition, ...]
    beside: tuple[Transition, ...]
    missing: tuple[tuple[tuple[str, ...], str], ...]


def offered_to(actor: Actor, subject: Subject) -> Offered:
    """What the status offers to the sides on which this person stands, held against what they may do."""
    parties = [Party.PARTNER] if actor.membership(subject.partner) is not None else []
    parties += [Party.REVIEWER] if actor.reviewer else []
    allowed: list[Transition] = []
    missing: dict[str, list[str]] = {}
    rows = [row for party in parties for row in lifecycle.offered(subject.status, party)]
    beside = [row for party in parties for row in lifecycle.offered_beside(subject.status, party)]
    for row in (*rows, *beside):
        answer = permissions.check(actor, row.action, subject)
        if isinstance(answer, Refusal):
            missing.setdefault(answer.message, []).append(row.label)
        else:
            allowed.append(row)
    return Offered(
        tuple(row for row in rows if row in allowed),
        tuple(row for row in beside if row in allowed),
        tuple((tuple(labels), why) for why, labels in missing.items()),
    )


def personal_buttons(number: str, offered: Offered, version: int) -> list[dict[str, Any]]:
    """The buttons that one person may press, and in small letters why others are missing."""
    elements = [action_button(row, number, version) for row in offered.rows]
    elements.append(claim_button(WHY, "Why?", number))
    if offered.beside:
        elements.append(menu(offered.beside, number))
    blocks: list[dict[str, Any]] = [{"type": "actions", "block_id": "claim_buttons", "elements": elements}]
    if offered.missing:
        reasons = "\n".join(f"No button {' or '.join(labels)}: {why}" for labels, why in offered.missing)
        blocks.append({"type": "context", "elements": [{"type": "plain_text", "text": reasons, "emoji": False}]})
    return blocks


def claim_buttons(number: str, status: Status, side: str, version: int) -> list[dict[str, Any]]:
    """The row of buttons under a card: what the status allows this side, and the details. At most one block."""
    elements = [action_button(row, number, version) for row in lifecycle.offered(status, Party(side))]
    beside = _BESIDE_ACTIONS.get(Party(side), ())
    elements += [claim_button(name, label, number) for name, label, statuses in beside if status in statuses]
    elements += [claim_button("show", "Details", number), claim_button(WHY, "Why?", number)]
    if rows := lifecycle.offered_beside(status, Party(side)):
        elements.append(menu(rows, number))
    return [{"type": "actions", "block_id": "claim_buttons", "elements": elements}] if elements else []
