"""Everything about one claim, and lists of claims: what ``/claim show`` and ``/claim list`` answer."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.buttons import Offered, claim_button, personal_buttons
from bot.cards.card import Message, View, asked, due_text, rejected, state_lines
from bot.cards.review_notes import review_notes
from bot.cards.story import history_line
from bot.cards.text import (
    Block,
    Leaf,
    bold,
    cut,
    divider,
    escape,
    header,
    line,
    lines,
    note,
    plain,
    words,
)
from bot.cards.values import value_text
from models.queries.surroundings import Surroundings
from models.tables import Claim, History
from rules.fields import FIELDS, Kind, Step

# A message may hold 50 blocks and some 13,000 characters; these keep the longest claim well within.
_VALUE = 400
_EVENTS = 12


def claim_details(
    claim: Claim, history: Sequence[History], offered: Offered, view: View, around: Surroundings | None = None
) -> Message:
    """The whole claim: status and dates, every field, proofs, and the last things that happened.

    ``offered`` is what the person who is shown this may do; ``around`` is for reviewers alone.
    """
    title = f"{claim.number} · {claim.claim_name}"
    state = state_lines(claim, view) + ([] if due_text(claim, view) else [[words("No limit runs.")]])
    blocks = [header(title), lines(state)]
    blocks += asked(claim, view.programme) + rejected(claim, view.programme)
    if around is not None:
        blocks += review_notes(claim, around, view)
    for step in Step:
        if rows := _step(claim, step, view):
            blocks.append(lines(rows))
    blocks += [divider(), line(bold("History"))]
    if len(history) > _EVENTS:
        blocks.append(note(f"The last {_EVENTS} of {len(history)} entries"))
    blocks.append(lines(history_line(entry, view.programme) for entry in history[-_EVENTS:]))
    blocks += personal_buttons(claim.number, offered)
    return Message(escape(cut(f"{title} is {claim.status}. {due_text(claim, view)}", 2900)), blocks)


def claim_list(claims: Sequence[Claim], title: str, view: View, *, more: Block | None = None) -> Message:
    """Some claims, a line each with a button to open it; ``more`` leads to the next page."""
    blocks: list[Block] = [header(title)]
    for claim in claims:
        section = {"type": "section", "text": plain(_summary(claim, view), 1000)}
        blocks.append({**section, "accessory": claim_button("show", "Details", claim.number)})
    if more is not None:
        blocks.append(more)
    spoken = " ".join(f"{claim.number} is {claim.status}." for claim in claims)
    return Message(escape(cut(f"{title}. {spoken}", 2900)), blocks)


def no_claims(what: str, hint: str) -> Message:
    """There is nothing to list; ``hint`` says what to do about it."""
    return Message(escape(f"{what} {hint}"), [line(bold(what), words(f" {hint}"))])


def _summary(claim: Claim, view: View) -> str:
    customer = claim.customer_name or "no customer yet"
    due = due_text(claim, view)
    return "\n".join(
        filter(
            None,
            (
                f"{claim.number} · {cut(claim.claim_name, 100)}",
                f"{claim.status} · {cut(customer, 100)} · {cut(claim.partner.name, 80)}",
                due,
            ),
        )
    )


def _step(claim: Claim, step: Step, view: View) -> list[list[Leaf]]:
    rows: list[list[Leaf]] = []
    for field in FIELDS:
        if field.step is not step or field.kind is Kind.FILES:
            continue
        if field.kind is Kind.LOCATION:
            value = f"{claim.partner.name}, {claim.location.name} ({claim.mpn})"
        else:
            value = value_text(field.kind, getattr(claim, field.id), view.programme)
        # What only some partner roles ask for is left out while it is empty.
        if field.when is None or getattr(claim, field.id):
            rows.append([bold(f"{field.label}: "), words(cut(value, _VALUE))])
    if step is Step.PROOF:
        rows.append([bold("Proof of execution: "), words(_proofs(claim))])
    return rows


def _proofs(claim: Claim) -> str:
    parts = [f"{one.file_name} ({_size(one.document.size)})" for one in claim.accepted_proofs if one.document]
    parts += [f"{one.file_name} (being checked)" for one in claim.pending_proofs]
    return ", ".join(cut(part, 140) for part in parts) or "–"


def _size(octets: int) -> str:
    return f"{octets / 1_048_576:.1f} MB" if octets >= 1_048_576 else f"{max(1, octets // 1024)} KB"
