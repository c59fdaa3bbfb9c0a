"""The message that tells somebody how far their export is."""

from __future__ import annotations

from bot.cards.card import Message
from bot.cards.text import bold, counted, cut, escape, line, moment, spoken_moment, words
from models.exporting.subjects import Subject
from models.tables import Export
from rules.periods import DEFAULT_DAYS


def export_note(export: Export) -> Message:
    """As the export now stands."""
    about = f"as {export.format.upper()}, {_asked(export)}"
    asked = None
    match export.state:
        case "sent" if not export.done:
            nothing = "No claims." if export.subject == Subject.CLAIMS else "No figures."
            head, rest = nothing, f"Nothing that you can see fits, so there is no file ({_asked(export)})."
        case "sent":
            head, rest = "Here is your export:", f"{_rows(export, export.done)} {about}."
            asked = export.asked_at
        case "failed":
            head = "Your export could not be made."
            rest = f"Please ask for it again; if that fails too, tell whoever runs claimbot of export {export.id}."
        case "built":
            head, rest = "Your export is ready", f"({_rows(export, export.done)} {about}). The file comes next."
        case _:
            far = f" {export.done:,} of {_rows(export, export.total)} so far." if export.total else ""
            head, rest = "Your export is being made", f"({about}).{far} It comes here as a file."
    text, leaves = escape(f"{head} {rest}"), [bold(f"{head} "), words(rest)]
    if asked is not None:
        text += f" Asked {spoken_moment(asked)}."
        leaves += [words(" Asked "), moment(asked), words(".")]
    return Message(text, [line(*leaves)])


def _rows(export: Export, number: int) -> str:
    if export.subject == Subject.CLAIMS:
        return counted(number, "claim")
    what = {Subject.STATS: "statistics"}.get(Subject(export.subject), export.subject)
    return f"{counted(number, 'line')} of {what}"


def _asked(export: Export) -> str:
    """What was asked for behind the word."""
    said = cut(export.words, 300)
    match Subject(export.subject):
        case Subject.CLAIMS:
            return f"filters: {said}" if said else "everything that you can see"
        case Subject.STATS:
            return f"period: {said or f'the last {DEFAULT_DAYS} days'}"
    return f"of “{said}”" if said else "of everything that you can see"
