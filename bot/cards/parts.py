"""The long parts of a claim's page, each whole: every field, the files of proof, what was said, what happened.

The page itself shows the beginning of each and leads here; a part is read page by page in a window of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.cards.card import View
from bot.cards.history import entry_blocks
from bot.cards.text import (
    RICH_TEXT,
    Block,
    Leaf,
    bold,
    cut,
    day_text,
    italic,
    line,
    lines,
    moment,
    note,
    plain,
    quote,
    words,
)
from bot.cards.values import value_text
from models.queries.parts import Few
from models.tables import Claim, Comment, History, Proof
from rules.fields import BY_ID, FIELDS, Kind, Step
from rules.lifecycle import Party

PREFIX = "part."
SEND = "send"


class Part(StrEnum):
    """A part, by its title."""

    FIELDS = "Every field"
    PROOF = "Proof of execution"
    COMMENTS = "Comments"
    HISTORY = "History"


# How many entries of a part stand on one page of the window: a view takes 100 blocks and 250 KB.
PAGE = {Part.COMMENTS: 10, Part.HISTORY: 6}
_DETAILS, _MESSAGE, _COMMENT = 8, 3000, 3000


class Asked(BaseModel):
    """What a button about a part carries: the claim's number, the part, its page, and one file (a proof's id)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    n: str
    s: Part
    p: int = 0
    f: int | None = None


@dataclass(frozen=True)
class Fold:
    """A part that the page shows only the beginning of: how its button is called."""

    part: Part
    label: str


def part_button(name: str, label: str, asked: Asked) -> dict[str, Any]:
    """A button that opens a part, turns its page, or sends a file; ``name`` tells it from the others beside it."""
    value = asked.model_dump_json(exclude_none=True)
    return {"type": "button", "action_id": PREFIX + name, "text": plain(label, 75), "value": value}


def field_texts(claim: Claim, step: Step, view: View) -> list[tuple[str, str]]:
    """(label, value) of each field of a step, but for its files, the claim's name and the partner's commentary.

    What only some partner roles ask for is left out while it is empty.
    """
    rows = []
    for field in FIELDS:
        if field.step is not step or field.kind in (Kind.FILES, Kind.LONG_TEXT) or field.id == "claim_name":
            continue
        value = getattr(claim, field.id)
        if field.kind is Kind.LOCATION:
            rows.append((field.label, f"{claim.partner.name}, {claim.location.name} ({claim.mpn})"))
        elif value or field.when is None:
            rows.append((field.label, value_text(field.kind, value, view.programme)))
    return rows


def every_field(claim: Claim, view: View) -> list[Block]:
    """All that the partner states, nothing of it cut."""
    blocks: list[Block] = [line(bold(f"{BY_ID['claim_name'].label}: "), words(claim.claim_name))]
    for step in Step:
        rows = [[bold(f"{label}: "), *_leaves(text)] for label, text in field_texts(claim, step, view)]
        blocks.append(lines([[bold(step)], *rows]))
    if claim.comments:
        blocks += [line(bold(BY_ID["comments"].label)), quote(claim.comments)]
    return blocks


def every_proof(claim: Claim, view: View) -> list[Block]:
    """Each file of proof with who handed it in, and the button by which it comes as a file."""
    blocks: list[Block] = [note("A file is sent to you alone, by direct message. Whoever sees the claim can have it.")]
    for proof in claim.accepted_proofs:
        asked = Asked(n=claim.number, s=Part.PROOF, f=proof.id)
        button = part_button(f"{SEND}.{proof.id}", "Send me this file", asked)
        handed_in = day_text(view.calendar.local_day(proof.added_at))
        about = f"{proof.file_name}\n{_size(proof)} · handed in by {proof.added_by.name} on {handed_in}"
        blocks.append({"type": "section", "text": plain(about, 1000), "accessory": button})
    blocks += [line(words(one.file_name), italic(" is still being checked.")) for one in claim.pending_proofs]
    return blocks if len(blocks) > 1 else [line(words("No file was handed in yet."))]


def proof_names(claim: Claim) -> list[str]:
    """The files of proof with their sizes, one each."""
    names = [f"{cut(one.file_name, 100)} ({_size(one)})" for one in claim.accepted_proofs]
    return names + [f"{cut(one.file_name, 100)} (being checked)" for one in claim.pending_proofs]


def comments_page(comments: Few[Comment], partner: str, longest: int = _COMMENT) -> list[Block]:
    """Some comments, newest first, each with who said it and who reads it; ``partner`` is the company's name."""
    blocks: list[Block] = []
    for one in comments.rows:
        blocks += [line(*_said(one, partner)), quote(cut(one.text, longest) or " ")]
    return blocks


def history_page(entries: Few[History], view: View) -> list[Block]:
    """Some entries of the history, newest first, with what changed and all that was written."""
    rows = (entry_blocks(entry, view.programme, details=_DETAILS, message=_MESSAGE) for entry in entries.rows)
    return [block for blocks in rows for block in blocks]


def turning(asked: Asked, shown: int, total: int) -> list[Block]:
    """Which entries these are, and the buttons to those before and after."""
    size = PAGE[asked.s]
    first = asked.p * size + 1
    blocks: list[Block] = [note(f"{first:,}–{first + shown - 1:,} of {total:,}, newest first")]
    ways = {"Newer": asked.p - 1, "Earlier": asked.p + 1}
    pages = range(-(-total // size))
    buttons = [
        part_button(f"turn.{label}", label, asked.model_copy(update={"p": page}))
        for label, page in ways.items()
        if page in pages
    ]
    return blocks + ([{"type": "actions", "elements": buttons}] if buttons else [])


def folds(found: Sequence[Fold], number: str) -> list[Block]:
    """The buttons to the parts that the page shows only the beginning of. At most one block."""
    buttons = [part_button(f"open.{one.part.name}", one.label, Asked(n=number, s=one.part)) for one in found]
    return [{"type": "actions", "block_id": "claim_parts", "elements": buttons}] if buttons else []


def _said(comment: Comment, partner: str) -> Iterator[Leaf]:
    yield bold(comment.person.name)
    if comment.party is Party.PARTNER:
        yield words(f" ({cut(partner, 80)})")
    else:
        yield words(" (to the partner)" if comment.shared else " (internal note)")
    yield words(", ")
    yield moment(comment.at)
    if comment.edited_at is not None:
        yield italic(" · edited")


def _leaves(text: str) -> list[Leaf]:
    """A long text in leaves, each of which Slack takes: whatever it is made of, a character is two units at most."""
    half = RICH_TEXT // 2
    return [words(text[at : at + half]) for at in range(0, len(text), half)]


def _size(proof: Proof) -> str:
    if proof.document is None:
        return "size unknown"
    octets = proof.document.size
    return f"{octets / 1_048_576:.1f} MB" if octets >= 1_048_576 else f"{max(1, octets // 1024)} KB"
