"""A delivery, the Slack that it delivers to, and the time they live in: what the tests of delivery share."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from jobs.delivery import PACE, Delivery, Outcome, Receipt
from models.database import Database
from models.operations import outbox
from models.operations.outbox import Taken
from models.tables import Outgoing

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        self.now += by


class Slack:
    """A courier, and the Slack behind it: keeps what is posted, and fails as it is told, by the row's key."""

    def __init__(self) -> None:
        self.posts: list[Taken] = []
        self.looked_up: list[str] = []
        self.troubles: dict[str, Callable[[Taken], None]] = {}
        self.look_up_trouble: Callable[[Taken], None] | None = None

    @property
    def posted(self) -> list[str]:
        return [row.payload["key"] for row in self.posts]

    def deliver(self, row: Taken) -> Receipt:
        if trouble := self.troubles.get(row.payload["key"]):
            trouble(row)
        return self.store(row)

    def store(self, row: Taken) -> Receipt:
        self.posts.append(row)
        return Receipt("C1", f"{row.id}.0")

    def look_up(self, row: Taken) -> Receipt | None:
        self.looked_up.append(row.payload["key"])
        if self.look_up_trouble:
            self.look_up_trouble(row)
        return next((Receipt("C1", f"{row.id}.0") for post in self.posts if post.id == row.id), None)

    def fail(self, key: str, error: Exception, *, stored: bool = False, times: int | None = None) -> None:
        """Have posting ``key`` raise ``error``, ``times`` times (None: always), with the message stored or not."""
        left = iter(range(times)) if times is not None else None

        def trouble(row: Taken) -> None:
            if left is not None and next(left, None) is None:
                return
            if stored:
                self.store(row)
            raise error

        self.troubles[key] = trouble


class Inline(Executor):
    """Runs at once what it is given, on the one thread that the ``rolled_back`` database allows."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Post:
    """A delivery on a database with a Slack of its own, and what a test does with them."""

    def __init__(self, database: Database, pool: Executor) -> None:
        self.database = database
        self.pool = pool
        self.clock = Clock()
        self.slack = Slack()
        self.outcomes: list[tuple[str, Outcome]] = []
        self.delivery = self.worker("one")

    def worker(self, name: str, *, pace: timedelta = PACE) -> Delivery:
        return Delivery(
            self.database,
            self.slack,
            self.pool,
            clock=self.clock,
            random=Random(7),
            worker=name,
            pace=pace,
            on_outcome=lambda row, outcome: self.outcomes.append((row.payload["key"], outcome)),
        )

    def enqueue(self, *keys: str, lane: str = "T1:C1") -> None:
        with self.database.transaction() as session:
            for key in keys:
                outbox.enqueue(
                    session,
                    kind="card",
                    team="T1",
                    lane=lane,
                    payload={"key": key},
                    unique_key=key,
                    now=self.clock(),
                )

    def row(self, key: str) -> Outgoing:
        with self.database.transaction() as session:
            question = select(Outgoing).where(Outgoing.unique_key == key)
            return session.execute(question.execution_options(populate_existing=True)).scalar_one()

    def run_for(self, span: timedelta, *, step: timedelta = SECOND) -> None:
        """Let time pass, delivering all the while."""
        end = self.clock() + span
        while self.clock() <= end:
            self.delivery.drain()
            self.clock.move(step)
