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
# Others that they ask for, and that are hardly ever in a customer's name.
_OTHER_FORMATS = frozenset({"pdf", "json", "xml", "html", "txt", "tsv", "ods", "docx", "doc", "pptx", "parquet", "zip"})
_WHAT = {
    Subject.CLAIMS: "Your claims come",
    Subject.USAGE: "The usage comes",
    Subject.EARNINGS: "The earnings come",
    Subject.STATS: "The statistics come",
}


def ask(desk: Desk, who: Who, text: str) -> Message:
    """Answer to ``export [usage|earnings|stats] [csv|xlsx] [filters, a customer, or a period]``. Raises Refused."""
    subject = Subject.CLAIMS
    first, _, rest = text.strip().partition(" ")
    if first.lower() in set(Subject):
        subject, text = Subject(first.lower()), rest
    named, asked = _format(text.strip())
    if named in _OTHER_FORMATS:
        return _say(
            f"There is no export as {named.upper()}: say csv, or xlsx for Excel. To look for the word “{named}”, write "
            f'it in quotation marks: {desk.command} export "{named}"'
        )
    return _ask(desk, who, subject, _FORMATS.get(named, Format.CSV), asked)


def _format(text: str) -> tuple[str, str]:
    """The name of a format that stands before or behind the other words, as people write either; and these words."""
    first, _, rest = text.partition(" ")
    before, _, last = text.rpartition(" ")
    for word, others in ((first, rest), (last, before)):
        name, others = word.lower(), others.strip()
        if name in _FORMATS.keys() | _OTHER_FORMATS and not others.endswith(":"):  # or it is what a filter takes
            return name, others
    return "", text


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
