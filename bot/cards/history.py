"""A page of a claim's history: what ``/claim history`` answers."""

from __future__ import annotations

from collections.abc import Sequence

from bot.cards.card import Message
from bot.cards.story import changed, history_line, reasons
from bot.cards.text import Block, bold, bullets, counted, cut, escape, header, line, note, quote, words
from models.tables import Claim, History
from rules.loading import Programme

# A page of eight entries stays within the 50 blocks and some 13,000 characters of a message.
_DETAILS = 5
_DETAIL, _MESSAGE = 200, 300


def claim_history(
    claim: Claim, entries: Sequence[History], programme: Programme, *, first: int, total: int, more: Block | None
) -> Message:
    """Some entries, newest first; ``first`` is the place of the first of them, and ``more`` leads to earlier ones."""
    title = f"{claim.number}: history"
    blocks: list[Block] = [header(title)]
    if total > len(entries):
        blocks.append(note(f"Entries {first} to {first + len(entries) - 1} of {total}, newest first"))
    for entry in entries:
        blocks.append(line(*history_line(entry, programme)))
        details = [*reasons(entry, programme), *changed(entry, programme)]
        if details:
            rows = [[bold(label), words(cut(f": {what}", _DETAIL))] for label, what in details[:_DETAILS]]
            if len(details) > _DETAILS:
                rows.append([words(f"and {counted(len(details) - _DETAILS, 'more change')}")])
            blocks.append(bullets(rows))
        if entry.message:
            blocks.append(quote(cut(entry.message, _MESSAGE)))
    if more is not None:
        blocks.append(more)
    return Message(escape(f"{title}, {counted(total, 'entry', 'entries')}"), blocks)
