"""The message that tells somebody how far their export is."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.cards.card import Message
from bot.cards.text import bold, counted, cut, day_text, escape, line, words
from models.tables import Export


def export_note(export: Export, timezone: str) -> Message:
    """As the export now stands."""
    about = f"as {export.format.upper()}, {_filters(export)}"
    match export.state:
        case "sent" if not export.done:
            head, rest = "No claims.", f"Nothing that you can see fits, so there is no file ({_filters(export)})."
        case "sent":
            head, rest = (
                "Here is your export:",
                f"{counted(export.done, 'claim')} {about}. Asked {_when(export, timezone)}.",
            )
        case "failed":
            head = "Your export could not be made."
            rest = f"Please ask for it again; if that fails too, tell whoever runs claimbot of export {export.id}."
        case "built":
            head, rest = "Your export is ready", f"({counted(export.done, 'claim')} {about}). The file comes next."
        case _:
            far = f" {export.done:,} of {counted(export.total, 'claim')} so far." if export.total else ""
            head, rest = "Your export is being made", f"({about}).{far} It comes here as a file."
    return Message(escape(f"{head} {rest}"), [line(bold(f"{head} "), words(rest))])


def _filters(export: Export) -> str:
    return f"filters: {cut(export.words, 300)}" if export.words else "everything that you can see"


def _when(export: Export, timezone: str) -> str:
    at: datetime = export.asked_at.astimezone(ZoneInfo(timezone))
    return f"{day_text(at.date())} at {at:%H:%M} ({timezone})"
