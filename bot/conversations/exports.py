"""Asking for claims or figures as a file; it comes by direct message, however long that takes."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App

from bot.cards.card import Message
from bot.cards.export_buttons import PREFIX, Wanted
from bot.cards.text import escape, line, words
from bot.desk import Desk, carried, who_of
from models.answers import Who
from models.exporting.making import Format
from models.exporting.subjects import Subject
from models.operations import exports
from models.queries.filter_words import WordsError

# What people call the formats.
_FORMATS = {"csv": Format.CSV, "xlsx": Format.XLSX, "excel": Format.XLSX, "xls": Format.XLSX}
_WHAT = {
    Subject.CLAIMS: "Your claims come",
    Subject.USAGE: "The usage comes",
    Subject.EARNINGS: "The earnings come",
    Subject.STATS: "The statistics come",
}


def ask(desk: Desk, who: Who, text: str) -> Message:
    """Answer to ``export [usage|earnings|stats] [csv|xlsx] [filters, a customer, or a period]``. Raises Refused."""
    subject, form = Subject.CLAIMS, Format.CSV
    first, _, rest = text.strip().partition(" ")
    if first.lower() in set(Subject):
        subject, text = Subject(first.lower()), rest
        first, _, rest = text.strip().partition(" ")
    if first.lower() in _FORMATS:
        form, text = _FORMATS[first.lower()], rest
    return _ask(desk, who, subject, form, text.strip())


def register(app: App, desk: Desk) -> None:
    """Listen to the buttons below figures."""

    def pressed(ack: Ack, body: dict[str, Any]) -> None:
        wanted = carried(Wanted, body["actions"][0].get("value"))
        desk.answer(body, _ask(desk, who_of(body), wanted.s, wanted.f, wanted.w))
        ack()

    app.action(re.compile(f"^{re.escape(PREFIX)}"))(pressed)


def _ask(desk: Desk, who: Who, subject: Subject, form: Format, asked: str) -> Message:
    try:
        _, new = exports.ask(desk.memory, who, subject, form, asked)
    except WordsError as error:
        return _say(str(error))
    if not new:
        return _say("That export is being made already. It comes to you by direct message.")
    return _say(f"{_WHAT[subject]} to you as {form.upper()}, by direct message.")


def _say(text: str) -> Message:
    return Message(escape(text), [line(words(text))])
