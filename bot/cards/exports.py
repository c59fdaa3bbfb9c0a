"""The message that tells somebody how far their export is."""

from __future__ import annotations

from datetime import datetime

from bot.cards.card import Message
from bot.cards.text import bold, counted, cut, escape, line, moment, spoken_moment, words
from models.exporting.subjects import Subject
from models.tables import Export
from rules.periods import DEFAULT_DAYS


def export_note(export: Export, until: datetime | None) -> Message:
    """As the export now stands.

    Args:
        until: when its file will be removed from Slack; None: it stays, or is not there.
    """
    about = f"as {export.format.upper()}, {_asked(export)}"
    times: list[str | datetime] = []
    match export.state:
        case "sent" if not export.done:
            nothing = "No claims." if export.subject == Subject.CLAIMS else "No figures."
            head, rest = nothing, f"Nothing that you can see fits, so there is no file ({_asked(export)})."
        case "sent" if export.removed_at is not None:
            head, rest = "The file of this export is gone:", f"{_rows(export, export.done)} {about}."
            why = "its time was over" if export.revoked_at is None else "something that it may have held was erased"
            times = [f" Removed from Slack ({why}) ", export.removed_at, ". Ask for it again if you still need it."]
        case "sent":
            head, rest = "Here is your export:", f"{_rows(export, export.done)} {about}."
            times = [" Asked ", export.asked_at, "."]
            if until is not None:
                times += [" The file stays here until ", until, "."]
        case "failed":
            head = "Your export could not be made."
            rest = f"Please ask for it again; if that fails too, tell whoever runs claimbot of export {export.id}."
        case "built":
            head, rest = "Your export is ready", f"({_rows(export, export.done)} {about}). The file comes next."
        case _:
            far = f" {export.done:,} of {_rows(export, export.total)} so far." if export.total else ""
            head, rest = "Your export is being made", f"({about}).{far} It comes here as a file."
    text = escape(f"{head} {rest}") + "".join(one if isinstance(one, str) else spoken_moment(one) for one in times)
    leaves = (words(one) if isinstance(one, str) else moment(one) for one in times)
    return Message(text, [line(bold(f"{head} "), words(rest), *leaves)])


def _rows(export: Export, number: int) -> str:
    if export.subject == Subject.CLAIMS:
        return counted(number, "claim")
    what = "statistics" if export.subject == Subject.STATS else export.subject
    return f"{counted(number, 'line')} of {what}"


def _asked(export: Export) -> str:
    """What was asked for behind the word."""
    said = cut(export.words, 300)
    match export.subject:  # which may be one of a newer version
        case Subject.CLAIMS:
            return f"filters: {said}" if said else "everything that you can see"
        case Subject.STATS:
            return f"period: {said or f'the last {DEFAULT_DAYS} days'}"
    return f"of “{said}”" if said else "of everything that you can see"
