"""Text for Slack, safe whatever people typed.

What people typed is shown where Slack reads no markup (``plain_text`` and leaves of ``rich_text``), so that
``<!channel> & *bold*`` appears as it was written. Only our own words go into ``mrkdwn``.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from datetime import date, datetime
from itertools import accumulate
from typing import Any

Block = dict[str, Any]
Leaf = dict[str, Any]

# Slack's limits: reference/slack.md 1.3.
HEADER = 150
FALLBACK = 3900
RICH_TEXT = 3000
_MOMENT = "{date_short_pretty} at {time}"


def escape(text: str) -> str:
    """``text`` with Slack's three control characters escaped: for the notification text and for mrkdwn.

    What is too long is cut, and never within an escape.
    """
    escaped = html.escape(text, quote=False)
    if units(escaped) <= FALLBACK:
        return escaped
    pieces = [html.escape(char, quote=False) for char in text]
    kept = (piece for piece, size in zip(pieces, accumulate(map(units, pieces)), strict=True) if size < FALLBACK)
    return "".join(kept).rstrip() + "…"


def unescape(text: str) -> str:
    """What a person typed, out of the text of a command or message, where Slack escapes it."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def cut(text: str, limit: int) -> str:
    """``text`` in at most ``limit`` UTF-16 units, as Slack may count; an ellipsis says that there was more."""
    if 2 * len(text) <= limit or units(text) <= limit:  # a character has two at most
        return text
    kept, room = [], limit - 1
    for char in text:
        room -= units(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


def units(text: str) -> int:
    """How many UTF-16 units ``text`` has."""
    return len(text.encode("utf-16-le")) // 2


def plain(text: str, limit: int) -> dict[str, Any]:
    """A ``plain_text`` object; emoji codes such as ``:tada:`` stay as they were typed."""
    return {"type": "plain_text", "text": cut(text, limit) or " ", "emoji": False}


def header(text: str) -> Block:
    """A heading."""
    return {"type": "header", "text": plain(text, HEADER)}


def note(text: str) -> Block:
    """A small grey line of our own words (plain)."""
    return {"type": "context", "elements": [plain(text, 2000)]}


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def words(text: str) -> Leaf:
    """Literal text."""
    return {"type": "text", "text": cut(text, RICH_TEXT) or " "}


def bold(text: str) -> Leaf:
    """Literal text, bold."""
    return {"type": "text", "text": cut(text, RICH_TEXT) or " ", "style": {"bold": True}}


def italic(text: str) -> Leaf:
    """Literal text, in italics."""
    return {"type": "text", "text": cut(text, RICH_TEXT) or " ", "style": {"italic": True}}


def person(user: str) -> Leaf:
    """A mention, which Slack shows as the person's name."""
    return {"type": "user", "user_id": user}


def moment(at: datetime, style: str = _MOMENT) -> Leaf:
    """A moment, which each reader sees in their own zone."""
    return {"type": "date", "timestamp": int(at.timestamp()), "format": style, "fallback": _unread(at)}


def spoken_moment(at: datetime) -> str:
    """The same within the text of a message, which is Slack's markup: not to be escaped once more."""
    return f"<!date^{int(at.timestamp())}^{_MOMENT}|{_unread(at)}>"


def _unread(at: datetime) -> str:
    """What shows it where Slack's own way of telling times is not known."""
    return at.strftime("%Y-%m-%d %H:%M %Z")


def day(on: date) -> Leaf:
    """A day that is the same for every reader: written out, never shifted into another zone."""
    return words(day_text(on))


def day_text(on: date) -> str:
    """A day as people write it, such as ``Tue 24 Nov 2026``."""
    return f"{on:%a} {on.day} {on:%b %Y}"


def lines(rows: Iterable[Iterable[Leaf]]) -> Block:
    """Literal lines, each made of leaves, as one block."""
    elements: list[Leaf] = []
    for number, row in enumerate(rows):
        if number:
            elements.append({"type": "text", "text": "\n"})
        elements += row
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def line(*leaves: Leaf) -> Block:
    """One literal line."""
    return lines([leaves])


def bullets(rows: Iterable[Iterable[Leaf]]) -> Block:
    """A list with bullets."""
    sections = [{"type": "rich_text_section", "elements": list(row)} for row in rows]
    return {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "bullet", "elements": sections}]}


def quote(text: str) -> Block:
    """What somebody wrote, as a quotation."""
    # A leaf may be only so long; one after the other they read as one text. Half of it: an emoji may count as two.
    half = RICH_TEXT // 2
    leaves = [words(text[start : start + half]) for start in range(0, len(text), half)]
    return {"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": leaves}]}


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """``1 claim``, ``2 claims``."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def listed(names: Iterable[str], most: int) -> str:
    """Names after each other; beyond ``most`` only how many more there are."""
    every = list(names)
    shown = ", ".join(every[:most])
    return f"{shown} and {len(every) - most} more" if len(every) > most else shown
