"""Buttons, drawn from the lifecycle table; what they carry is context, never permission."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from rules import lifecycle
from rules.lifecycle import Action, Party, Status, Transition

PREFIX = "claim."

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


class Pressed(BaseModel):
    """What a button carries: which claim, and in a menu which action. What other versions carry more is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    n: str
    a: str | None = None

    @classmethod
    def read(cls, value: str | None) -> Pressed | None:
        """What was in the button's value, or None for a button that is none of ours any more."""
        try:
            return cls.model_validate_json(value or "")
        except ValidationError:
            return None


def claim_button(action_id: str, label: str, number: str, *, style: str | None = None) -> dict[str, Any]:
    """A button about one claim."""
    button: dict[str, Any] = {
        "type": "button",
        "action_id": PREFIX + action_id,
        "text": {"type": "plain_text", "text": label, "emoji": False},
        "value": Pressed(n=number).model_dump_json(exclude_none=True),
        "accessibility_label": f"{label} {number}",
    }
    if style is not None:
        button["style"] = style
    return button


def action_button(row: Transition, number: str) -> dict[str, Any]:
    """The button that takes one row of the lifecycle table."""
    button = claim_button(row.action, row.label, number, style=_STYLE.get(row.action))
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
            "value": Pressed(n=number, a=row.action).model_dump_json(),
        }
        for row in rows
    ]
    return {"type": "overflow", "action_id": f"{PREFIX}menu", "options": options}


def claim_buttons(number: str, status: Status, side: str, *, details: bool = True) -> list[dict[str, Any]]:
    """The row of buttons under a card: what the status allows this side, and the details. At most one block."""
    elements = [action_button(row, number) for row in lifecycle.offered(status, Party(side))]
    if details:
        elements.append(claim_button("show", "Details", number))
    if rows := lifecycle.offered_beside(status, Party(side)):
        elements.append(menu(rows, number))
    return [{"type": "actions", "block_id": "claim_buttons", "elements": elements}] if elements else []
