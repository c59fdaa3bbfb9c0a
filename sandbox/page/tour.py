"""A guided first minute: steps that somebody takes in Slack, ticked off once the thing has really happened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

HIDDEN = "tour_hidden"  # the cookie by which a browser remembers that it was closed


class Step(Protocol):
    """One thing to do. `text` is mrkdwn; `user` and `place` (`c/C0ONE`, `app/home`) say who does it, and where.

    `link` is the label of the way there; `action` names an action of the page that does it, or nothing.
    """

    @property
    def title(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def user(self) -> str: ...
    @property
    def place(self) -> str: ...
    @property
    def link(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def done(self) -> Callable[[], bool]:
        """Whether it has happened, whoever did it and however."""


@dataclass(frozen=True)
class Seen:
    """A step at one moment; `current` is the first that has not happened yet."""

    number: int
    step: Step
    done: bool
    current: bool


class Tour:
    """What has happened stays so: it is not asked for again."""

    def __init__(self, steps: Sequence[Step], ending: str) -> None:
        self._steps = steps
        self._done: set[int] = set()
        self.ending = ending

    @property
    def first(self) -> str:
        """Who begins."""
        return self._steps[0].user

    def look(self) -> list[Seen]:
        """The steps as they stand. It may ask a database, so nobody calls it with the workspace's lock."""
        self._done |= {number for number, step in enumerate(self._steps) if number not in self._done and step.done()}
        current = next((number for number in range(len(self._steps)) if number not in self._done), None)
        return [
            Seen(number + 1, step, number in self._done, number == current) for number, step in enumerate(self._steps)
        ]
