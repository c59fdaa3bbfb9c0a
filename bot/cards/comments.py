"""A comment in the thread of the other side: who says it, to whom it goes, and in which words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.cards.card import Message
from bot.cards.text import Block, bold, cut, escape, line, listed, note, quote, units, words
from models.operations.copies import Told, words_of
from models.operations.proofs import SlackFile
from models.tables import Comment
from rules.lifecycle import Party

# Slack takes some 13,000 characters a message, and 3,000 in one piece of text.
_PIECE, _PIECES = 2900, 4
_FILES = 10

# By what is told, whose comment it is, whether it is shared, and in whose thread it stands.
_HEADS = {
    (Told.SAID, Party.PARTNER, True, Party.PARTNER): "{name} (also to the reviewers):",
    (Told.SAID, Party.PARTNER, True, Party.REVIEWER): "{name} (partner {partner}):",
    (Told.SAID, Party.REVIEWER, True, Party.PARTNER): "{name} (reviewer):",
    (Told.SAID, Party.REVIEWER, True, Party.REVIEWER): "Sent to the partner by {name}{author}:",
    (Told.SAID, Party.REVIEWER, False, Party.REVIEWER): "{name} (internal note):",
    (Told.EDITED, Party.PARTNER, True, Party.REVIEWER): "{name} (partner {partner}) edited a comment:",
    (Told.DELETED, Party.PARTNER, True, Party.REVIEWER): "{name} (partner {partner}) deleted a comment.",
}


def comment_message(comment: Comment, told: Told, side: Party, version: int) -> Message:
    """What the thread on ``side`` is told of a comment, in the words of its n-th version."""
    author = comment.original.person if comment.original is not None else comment.person
    head = _HEADS[told, comment.party, comment.shared, side].format(
        name=comment.person.name,
        partner=comment.claim.partner.name,
        author=f" (written by {author.name})" if author is not comment.person else "",
    )
    blocks: list[Block] = [line(bold(head))]
    if told is Told.DELETED:
        return Message(escape(head), blocks)
    text = words_of(comment, version)
    pieces = list(_pieces(text))
    blocks += [quote(piece) for piece in pieces[:_PIECES]]
    if len(pieces) > _PIECES:
        blocks.append(note("This is the beginning. The whole comment stands where it was written."))
    names = listed((cut(one["name"], 100) for one in comment.files), _FILES) if told is Told.SAID else ""
    if names:
        blocks.append(line(bold("Files: "), words(names)))
    spoken = " ".join(filter(None, (head, text, names and f"Files: {names}")))
    return Message(escape(cut(spoken, _PIECE)), blocks)


def files_offered(number: str, files: Sequence[SlackFile], buttons: Sequence[Block]) -> Message:
    """For the author alone: what came with a comment is no proof yet, and how it becomes one."""
    said = f"What came with your comment on {number} is not a proof of execution. Add it, if it shall be one."
    blocks: list[Block] = [line(words(said))]
    for file, button in zip(files, buttons, strict=True):
        named = {"type": "plain_text", "text": cut(file.name, 150), "emoji": False}
        blocks.append({"type": "section", "text": named, "accessory": button})
    return Message(escape(said), blocks)


def _pieces(text: str) -> Iterator[str]:
    """The text in pieces that Slack takes; between lines where there are some, else anywhere."""
    piece = ""
    for row in text.splitlines(keepends=True):
        if piece and units(piece + row) > _PIECE:
            yield piece.rstrip("\n")
            piece = ""
        while units(row) > _PIECE:
            head = row[: _PIECE // 2]  # however many units each character has, this many fit
            yield head
            row = row[len(head) :]
        piece += row
    if piece.rstrip("\n"):
        yield piece.rstrip("\n")
