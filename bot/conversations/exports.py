"""Asking for claims as a file; it comes by direct message, however long that takes."""

from __future__ import annotations

from bot.cards.card import Message
from bot.cards.text import escape, line, words
from bot.desk import Desk
from models.answers import Who
from models.exporting.making import Format
from models.operations import exports
from models.queries.filter_words import WordsError

# What people call the formats.
_FORMATS = {"csv": Format.CSV, "xlsx": Format.XLSX, "excel": Format.XLSX, "xls": Format.XLSX}


def ask(desk: Desk, who: Who, text: str) -> Message:
    """Answer to ``export [csv|xlsx] [filters]``. Raises Refused."""
    first, _, rest = text.strip().partition(" ")
    form = _FORMATS.get(first.lower())
    filters = text if form is None else rest
    form = form or Format.CSV
    try:
        _, new = exports.ask(desk.memory, who, form, filters.strip())
    except WordsError as error:
        return _say(str(error))
    if not new:
        return _say("That export is being made already. It comes to you by direct message.")
    return _say(f"Your claims come to you as {form.upper()}, by direct message.")


def _say(text: str) -> Message:
    return Message(escape(text), [line(words(text))])
