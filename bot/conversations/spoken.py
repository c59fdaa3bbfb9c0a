"""What is said to claimbot in a thread, understood or not: pure, and never more sure than the words are.

A reason is known by its id, its label, or a beginning of either that fits no other, whatever the letters' case and the
punctuation. Whatever is not clear comes back with what is nearest to it, for the person to choose.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from rules.reasons import Reason

# Shorter beginnings are slips of the finger sooner than words.
_BEGINNING = 3
_NEAREST = 3
_SEPARATOR = re.compile(r"(\s*[,;&]\s*(?:and\s+)?|\s+and\s+)", re.IGNORECASE)
_WORD = re.compile(r"\W*(\w[\w-]*)(.*)", re.DOTALL)


@dataclass(frozen=True)
class Meant:
    """Reasons and a message, as far as they were understood.

    ``unclear``: some of the words are no reason, or might be several. ``near``: what may have been meant by them, best
    first. ``kept`` is what a form begins with, so that nothing is typed twice.
    """

    reasons: tuple[Reason, ...]
    message: str
    unclear: bool
    near: tuple[Reason, ...]
    kept: str

    @property
    def clear(self) -> bool:
        """Whether it can be done as it was said."""
        return bool(self.reasons and self.message) and not self.unclear


def addressed(text: str, bot: str) -> str | None:
    """What a message (as Slack sends it) says to the bot; None where it does not begin with the bot's name.

    A message that names the bot in passing speaks of it and not to it.
    """
    found = re.match(rf"\s*<@{re.escape(bot)}(?:\|[^<>]*)?>", text)
    return text[found.end() :] if found else None


def first_word(text: str) -> tuple[str, str]:
    """The first word, in small letters, and the rest as it was typed; empty where there is none."""
    found = _WORD.fullmatch(text)
    return (found[1].casefold(), found[2].strip()) if found else ("", text.strip())


def meant(text: str, known: Sequence[Reason], *, many: bool) -> Meant:
    """What ``<reason>[, <reason>…] [: message]`` says; a line break serves as the colon.

    Args:
        known: the reasons that can be given.
        many: whether several can be given at once.
    """
    head, mark, tail = _halves(text)
    found, unknown = _several(head, known) if many else _one(head, known)
    message = tail.strip()
    if not unknown:
        return Meant(tuple(found), message, False, (), message)
    begun = _begins_with(head, known) if not mark else None
    if begun is not None:
        reason, message = begun
        return Meant((), message, True, (reason,), message)
    near = tuple(dict.fromkeys(reason for piece in unknown for reason in nearest(piece, known)))
    near = tuple(reason for reason in near if reason not in found)
    # A reason that was misspelt is said again by whichever is chosen; words that are none may be part of the message.
    kept = message if message and near else text.strip()
    return Meant(tuple(found), message, True, near, kept)


def recognised(text: str, known: Sequence[Reason]) -> Reason | None:
    """The reason that these words name, if they name one and no other."""
    wanted = _plain(text)
    exact = [one for one in known if wanted in (_plain(one.id), _plain(one.label))]
    if exact:
        return exact[0]
    begun = _begun(wanted, known) if len(wanted) >= _BEGINNING else []
    return begun[0] if len(begun) == 1 else None


def nearest(text: str, known: Sequence[Reason]) -> list[Reason]:
    """The reasons that these words may have meant, best first; none where nothing comes near."""
    wanted = _plain(text)
    if not wanted:
        return []
    words = set(wanted.split())
    shared = [one for one in known if words & {word for word in _plain(one.label).split() if len(word) > _BEGINNING}]
    names = {name: one for one in known for name in (_plain(one.id), _plain(one.label))}
    close = [names[name] for name in difflib.get_close_matches(wanted, names, n=_NEAREST, cutoff=0.5)]
    return list(dict.fromkeys([*_begun(wanted, known), *close, *shared]))[:_NEAREST]


def _halves(text: str) -> tuple[str, str, str]:
    found = re.search(r"[:\n]", text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


def _one(text: str, known: Sequence[Reason]) -> tuple[list[Reason], list[str]]:
    if not _plain(text):
        return [], []
    reason = recognised(text, known)
    return ([reason], []) if reason is not None else ([], [text])


def _several(text: str, known: Sequence[Reason]) -> tuple[list[Reason], list[str]]:
    """Reasons between commas and "and"; a label that has one of these inside is found whole."""
    parts = _SEPARATOR.split(text)  # every second one is a separator
    found: list[Reason] = []
    unknown: list[str] = []
    at = 0
    while at < len(parts):
        for end in range(len(parts), at, -2):
            reason = recognised("".join(parts[at:end]), known)
            if reason is not None:
                found.append(reason)
                at = end + 1
                break
        else:
            if _plain(parts[at]):
                unknown.append(parts[at])
            at += 2
    return list(dict.fromkeys(found)), unknown


def _begins_with(text: str, known: Sequence[Reason]) -> tuple[Reason, str] | None:
    """The reason whose whole name the words begin with, where the colon was left out, and what follows it."""
    names = {name: one for one in known for name in (_plain(one.id), _plain(one.label))}
    for word in reversed(list(re.finditer(r"\w+", text))):
        reason = names.get(_plain(text[: word.end()]))
        if reason is not None:
            return reason, text[word.end() :].lstrip(" .,;-–—/").strip()
    return None


def _begun(wanted: str, known: Sequence[Reason]) -> list[Reason]:
    if not wanted:
        return []
    return [one for one in known if _plain(one.label).startswith(wanted) or _plain(one.id).startswith(wanted)]


def _plain(text: str) -> str:
    """Letters and digits only, in small letters, with single spaces."""
    return " ".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", text).casefold()))
