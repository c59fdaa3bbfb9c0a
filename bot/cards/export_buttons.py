"""The buttons below figures by which they come as a file."""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel, ConfigDict

from bot.cards.card import Message
from bot.cards.text import Block, plain
from models.exporting.making import Format
from models.exporting.subjects import Subject
from models.queries.filter_words import LONGEST

PREFIX = "export."


class Wanted(BaseModel):
    """What a button carries: of what, in which format, and the words behind the command."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    s: Subject
    f: Format
    w: str


def with_file(message: Message, subject: Subject, asked: str) -> Message:
    """The message with a button for each format below it; none where more was typed than a button can carry."""
    if len(asked) > LONGEST:
        return message
    labels = {Format.CSV: "As CSV", Format.XLSX: "As Excel"}
    buttons = [
        {
            "type": "button",
            "action_id": PREFIX + form,
            "text": plain(label, 75),
            "value": Wanted(s=subject, f=form, w=asked).model_dump_json(),
        }
        for form, label in labels.items()
    ]
    row: Block = {"type": "actions", "elements": buttons}
    older = message.older
    return replace(message, blocks=[*message.blocks, row], older=older and (lambda: [*older(), row]))
