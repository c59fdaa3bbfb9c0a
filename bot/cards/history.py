"""A page of a claim's history: what ``/claim history`` answers."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.card import Message
from bot.cards.story import changed, dated, reasons
from bot.cards.text import Block, bold, bullets, counted, cut, escape, header, line, note, quote, words
from models.tables import Claim, History
from rules.loading import Programme

# A page of eight entries stays within the 50 blocks and some 13,000 characters of a message.
_DETAILS, _MESSAGE = 5, 300
_DETAIL = 200


def claim_history(
    claim: Claim, entries: Sequence[History], programme: Programme, *, first: int, total: int, more: Block | None
) -> Message:
    """Some entries, newest first; ``first`` is the place of the first of them, and ``more`` leads to earlier ones."""
    title = f"{claim.number}: history"
    blocks: list[Block] = [header(title)]
    if total > len(entries):
        blocks.append(note(f"Entries {first} to {first + len(entries) - 1} of {total}, newest first"))
    for entry in entries:
        blocks += entry_blocks(entry, programme)
    if more is not None:
        blocks.append(more)
    return Message(escape(f"{title}, {counted(total, 'entry', 'entries')}"), blocks)


def entry_blocks(
    entry: History, programme: Programme, *, details: int = _DETAILS, message: int = _MESSAGE
) -> list[Block]:
    """One entry: who did what and when, at most so many ``details`` of why and what changed, and what was written.

    ``message``: of what was written, at most so many UTF-16 units.
    """
    blocks: list[Block] = [line(*dated(entry))]
    said = [*reasons(entry, programme), *changed(entry, programme)]
    if said:
        rows = [[bold(label), words(cut(f": {what}", _DETAIL))] for label, what in said[:details]]
        if len(said) > details:
            rows.append([words(f"and {counted(len(said) - details, 'more change')}")])
        blocks.append(bullets(rows))
    if entry.message:
        blocks.append(quote(cut(entry.message, message)))
    return blocks
