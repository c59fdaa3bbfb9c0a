"""What a check answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """What one check found. A fault has a ``remedy``: what to do; what is sound may have one as well: advice."""

    ok: bool
    said: str
    remedy: str = ""


def sound(said: str, advice: str = "") -> Finding:
    """All is well; ``advice`` is what could be better."""
    return Finding(True, said, advice)


def fault(said: str, remedy: str) -> Finding:
    """Something is wrong, and ``remedy`` puts it right."""
    return Finding(False, said, remedy)


def several(names: Iterable[str], most: int = 5) -> str:
    """Names in one line: those beyond ``most`` are counted."""
    every = list(names)
    return ", ".join(every[:most]) + (f" and {len(every) - most} more" if len(every) > most else "")
