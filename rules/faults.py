"""What is wrong in the programme's files, said so that the person who edits them can put it right."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Fault:
    """One mistake: the file's name, the line (counted from 1; 0 when the file as a whole is meant), a sentence."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.message}"


class ProgrammeError(Exception):
    """The programme's files cannot be used; `faults` holds every mistake found, in the order of files and lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(map(str, self.faults)))


def unknown(what: str, name: object, known: Iterable[str]) -> str:
    """A sentence saying that `name` is no known `what`, with the nearest right name where one is near."""
    candidates = sorted(known)
    near = get_close_matches(str(name), candidates, n=1)
    if near:
        return f"There is no {what} “{name}”. Did you mean “{near[0]}”?"
    if 0 < len(candidates) <= 8:
        return f"There is no {what} “{name}”. Known: {', '.join(candidates)}."
    return f"There is no {what} “{name}”."
