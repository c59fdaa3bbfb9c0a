"""What people typed, as they saw it: Slack sends text escaped, and mentions and links as tokens.

What comes out is raw text. It is stored as it is, and escaped (or shown where no markup is read) when it goes out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

# Either a token in angle brackets, which nobody can type (what they type is escaped), or an escaped character.
_TOKEN = re.compile(r"<([^<>]*)>|&(amp|lt|gt);")
_PERSON = re.compile(r"<@([A-Z0-9]+)(?:\|[^<>]*)?>")
_CHARACTER = {"amp": "&", "lt": "<", "gt": ">"}


def as_typed(text: str, names: Mapping[str, str]) -> str:
    """``text`` of a message or a command as the person saw it.

    Args:
        names: of people, by Slack's user id; whoever is not among them is called by the id.
    """
    return _TOKEN.sub(lambda found: _CHARACTER[found[2]] if found[2] else _shown(found[1], names), text)


def read(text: str, find_names: Callable[[Collection[str]], Mapping[str, str]]) -> str:
    """``text`` as the person saw it; ``find_names`` is asked for the names of those mentioned, if there are any."""
    mentioned = set(_PERSON.findall(text))
    return as_typed(text, find_names(mentioned) if mentioned else {})


def _shown(token: str, names: Mapping[str, str]) -> str:
    target, has_label, label = token.partition("|")
    target, label = as_typed(target, {}), as_typed(label, {})  # inside of a token, characters are escaped too
    kind, rest = target[:1], target[1:]
    if kind == "@":
        return f"@{names.get(rest) or label or rest}"
    if kind == "#":
        return f"#{label or rest}"  # of a private channel Slack tells no name
    if kind == "!":
        # <!here>, <!subteam^S1|@group>, <!date^1^{date}|1 May>
        return label or f"@{rest.partition('^')[0]}"
    if not has_label or not label or _same(target, label):
        return label or target
    return f"{label} ({target})"


def _same(target: str, label: str) -> bool:
    """Whether a link says what it leads to: Slack makes links itself of what looks like one."""
    return (
        target.removeprefix("mailto:").removeprefix("tel:") == label
        or re.fullmatch(rf"https?://{re.escape(label)}/?", target) is not None
    )
