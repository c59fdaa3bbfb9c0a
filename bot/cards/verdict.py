"""A decision of a rule set in words: what stands in the way, what to think about, what money it brings."""

from __future__ import annotations

from collections.abc import Collection

from bot.cards.buttons import claim_button
from bot.cards.text import Block, bold, line, plain
from rules.decision import Decision, Verdict
from rules.fields import BY_ID
from rules.lifecycle import Action, label

# More at once nobody works through; the rest shows up once these are done.
_MOST = 15


def findings(decision: Decision, number: str, editable: Collection[str]) -> list[Block]:
    """What blocks and what warns; empty when there is nothing to say.

    Beside each stands the button to the field that causes it, where that is one of ``editable`` (ids).
    """
    blocks: list[Block] = []
    if decision.blocks:
        blocks += [line(bold("Before you can submit:")), *_rows(decision.blocks, number, editable)]
    if decision.warnings:
        blocks += [line(bold("Please check:")), *_rows(decision.warnings, number, editable)]
    return blocks


def incentive_text(decision: Decision) -> str:
    """What the rule set ``incentive`` says, in a line or two."""
    if decision.outcome == "eligible":
        said = ["Can be paid; the incentive guide says whether it is."]
        said += [one.message for one in decision.warnings]
    else:
        said = [one.message for one in decision.said("ineligible")] or ["No rule says that this brings money."]
    return " ".join(dict.fromkeys(said))


def _rows(verdicts: tuple[Verdict, ...], number: str, editable: Collection[str]) -> list[Block]:
    blocks = []
    for one in verdicts[:_MOST]:
        field = BY_ID.get(one.field or "")
        block = {"type": "section", "text": plain(f"{field.label}: {one.message}" if field else one.message, 3000)}
        if field is not None and field.id in editable:
            block["accessory"] = claim_button(
                Action.EDIT, f"{label(Action.EDIT)} {field.label}", number, field=field.id
            )
        blocks.append(block)
    return blocks
