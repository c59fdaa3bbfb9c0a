"""What passed between the app and Slack, in both directions: so much of it as is kept, oldest first."""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.objects import Json
from sandbox.transport import Delivery

KEPT = 2000


@dataclass
class Call:
    """One Web API call as it came in and what was answered; `fault` names the misbehaviour played on it.

    `seconds` is how long the answer took, and `done` says that it took no longer than until now.
    """

    method: str
    payload: Json
    at: datetime
    status: int = 0
    answer: Any = None
    fault: str | None = None
    seconds: float = 0.0
    number: int = 0
    done: bool = False

    @property
    def ok(self) -> bool:
        return isinstance(self.answer, dict) and self.answer.get("ok") is True


class Exchanges:
    """The newest `keep` calls and deliveries, numbered from 1. `revision` grows with all that happens to them."""

    def __init__(self, keep: int = KEPT) -> None:
        self.revision = 0
        self._lock = threading.Lock()
        self._kept: deque[Call | Delivery] = deque(maxlen=keep)
        self._count = 0

    def begin(self, one: Call | Delivery) -> None:
        """It is on its way; what becomes of it is filled in later."""
        with self._lock:
            self._count += 1
            one.number = self._count
            self._kept.append(one)
        self.touch()

    def end(self, one: Call | Delivery) -> None:
        one.done = True
        self.touch()

    def touch(self) -> None:
        """Whoever watches looks again."""
        with self._lock:
            self.revision += 1

    @property
    def all(self) -> list[Call | Delivery]:
        with self._lock:
            return list(self._kept)

    @property
    def calls(self) -> list[Call]:
        return [one for one in self.all if isinstance(one, Call)]

    @property
    def deliveries(self) -> list[Delivery]:
        return [one for one in self.all if isinstance(one, Delivery)]

    def find(self, number: int) -> Call | Delivery | None:
        """The exchange with this number, if it is still kept."""
        return next((one for one in self.all if one.number == number), None)
