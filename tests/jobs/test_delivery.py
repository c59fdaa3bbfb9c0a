"""Delivery: in order, at Slack's pace, and neither lost nor doubled whatever happens in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from jobs.delivery import (
    CALL_LIMIT,
    DOUBT,
    LEASE,
    LONGEST_PAUSE,
    PACE,
    PATIENCE,
    Delivery,
    NotYet,
    Outcome,
    OutcomeUnknown,
    Receipt,
    Refused,
    RetryLater,
    Unavailable,
)
from models.database import Database
from models.operations import outbox
from models.operations.outbox import Taken
from models.tables import Outgoing
from tests.waiting import wait_until

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


@pytest.fixture
def post(rolled_back: Database) -> Post:
    return Post(rolled_back, Inline())


@pytest.fixture
def threaded(database: Database) -> Iterator[Post]:
    with ThreadPoolExecutor(8) as pool:
        yield Post(database, pool)


def test_a_lane_is_posted_in_order_and_at_slacks_pace(post: Post):
    post.enqueue("a", "b", "c")
    assert post.delivery.drain() == 1
    post.clock.move(PACE - timedelta(milliseconds=1))
    assert post.delivery.drain() == 0
    post.run_for(3 * PACE, step=timedelta(milliseconds=1) + PACE)
    assert post.slack.posted == ["a", "b", "c"]
    assert post.outcomes == [("a", Outcome.SENT), ("b", Outcome.SENT), ("c", Outcome.SENT)]
    assert (post.row("c").channel, post.row("c").ts) == ("C1", f"{post.row('c').id}.0")


def test_without_a_pace_everything_due_is_drained_and_a_limit_is_kept(post: Post):
    post.enqueue("a", "b", "c")
    eager = post.worker("one", pace=timedelta(0))
    assert eager.drain(limit=2) == 2
    assert eager.drain() == 1
    assert eager.drain() == 0


def test_lanes_are_posted_side_by_side(threaded: Post):
    threaded.enqueue("a", lane="T1:C1")
    threaded.enqueue("b", lane="T1:C2")
    both = threading.Barrier(2)

    def meet(row: Taken) -> None:
        both.wait(timeout=30)

    threaded.slack.troubles = {"a": meet, "b": meet}
    assert threaded.delivery.run_once() == 2  # each waits for the other: one after the other would break the barrier
    assert sorted(threaded.slack.posted) == ["a", "b"]


def test_a_call_that_hangs_holds_up_its_own_lane_and_no_other(threaded: Post):
    threaded.enqueue("hangs", "behind it", lane="T1:C1")
    threaded.enqueue("a", "b", "c", lane="T1:C2")
    hangs, release, others = threading.Event(), threading.Event(), threading.Semaphore(0)

    def hang(row: Taken) -> None:
        hangs.set()
        assert release.wait(timeout=30)

    def count(row: Taken) -> None:
        others.release()

    threaded.slack.troubles = {"hangs": hang, "a": count, "b": count, "c": count, "d": count}
    eager = threaded.worker("one", pace=timedelta(0))
    eager.wake()
    assert hangs.wait(timeout=30)
    for _ in range(3):
        assert others.acquire(timeout=30)
    threaded.enqueue("d", lane="T1:C3")  # also what comes only now
    eager.wake()
    assert others.acquire(timeout=30)
    release.set()
    eager.stop()
    assert threaded.slack.posted[:4] == ["a", "b", "c", "d"]
    assert threaded.row("hangs").state == "sent"


def test_after_a_stop_what_was_begun_is_finished_and_nothing_else_begins(threaded: Post):
    threaded.enqueue("a", "b")
    posting, release = threading.Event(), threading.Event()

    def hang(row: Taken) -> None:
        posting.set()
        assert release.wait(timeout=30)

    threaded.slack.troubles["a"] = hang
    eager = threaded.worker("one", pace=timedelta(0))
    eager.wake()
    assert posting.wait(timeout=30)
    stopping = threading.Thread(target=eager.stop)
    stopping.start()
    release.set()
    stopping.join(timeout=30)
    eager.wake()
    eager.stop()
    assert threaded.row("a").state == "sent"
    # It may have been begun before the stop was heard; then it was finished.
    assert (threaded.row("b").state, len(threaded.slack.posts)) in {("pending", 1), ("sent", 2)}


def test_a_database_that_is_away_while_a_post_is_noted_leaves_the_row_in_doubt_and_the_worker_well(
    threaded: Post, monkeypatch: pytest.MonkeyPatch
):
    threaded.enqueue("a")

    def away(*_: object, **__: object) -> bool:
        raise OperationalError("", None, Exception("the server closed the connection"))

    with capture_logs() as logs:
        with monkeypatch.context() as patched:
            patched.setattr(outbox, "mark_sent", away)
            threaded.delivery.wake()
            wait_until(lambda: any(line["event"] == "delivery_not_noted" for line in logs))
        threaded.clock.move(LEASE)
        threaded.delivery.wake()
        wait_until(lambda: threaded.outcomes)
        threaded.delivery.stop()
    assert threaded.slack.posted == ["a"]
    assert threaded.outcomes == [("a", Outcome.FOUND)]


def test_workers_at_once_neither_lose_nor_double_nor_reorder(threaded: Post):
    expected = {f"T1:C{lane}": [f"{lane}-{number}" for number in range(5)] for lane in range(20)}
    for lane, keys in expected.items():
        threaded.enqueue(*keys, lane=lane)
    workers = [threaded.worker(name, pace=timedelta(0)) for name in ("one", "two", "three")]
    runs = [threading.Thread(target=worker.drain) for worker in workers]
    for run in runs:
        run.start()
    for run in runs:
        run.join(timeout=60)
    posted: dict[str, list[str]] = {}
    for row in threaded.slack.posts:
        posted.setdefault(row.lane, []).append(row.payload["key"])
    assert posted == expected


def test_what_a_killed_worker_had_posted_is_found_and_not_posted_again(post: Post):
    post.enqueue("a")
    [row] = outbox.take(post.database, worker="killed", now=post.clock(), batch=1, lease=LEASE)
    post.slack.store(row)
    post.clock.move(LEASE - SECOND)
    assert post.delivery.drain() == 0
    post.clock.move(SECOND)
    post.delivery.drain()
    assert post.slack.posted == ["a"]
    assert post.outcomes == [("a", Outcome.FOUND)]
    assert (post.row("a").state, post.row("a").ts) == ("sent", f"{row.id}.0")


def test_what_a_killed_worker_had_not_posted_is_posted_after_a_look(post: Post):
    post.enqueue("a")
    outbox.take(post.database, worker="killed", now=post.clock(), batch=1, lease=LEASE)
    post.clock.move(LEASE)
    post.delivery.drain()
    assert post.slack.looked_up == ["a"]
    assert post.slack.posted == ["a"]


@pytest.mark.parametrize("stored", [True, False])
def test_after_a_lost_answer_the_message_is_looked_up_before_it_is_posted_again(post: Post, stored: bool):
    post.enqueue("a", "b")
    post.slack.fail("a", OutcomeUnknown(), stored=stored, times=1)
    post.run_for(5 * SECOND)
    assert post.slack.looked_up == ["a"]
    assert post.slack.posted == ["a", "b"]
    assert post.outcomes[0] == ("a", Outcome.UNKNOWN)
    assert post.outcomes[1] == ("a", Outcome.FOUND if stored else Outcome.SENT)


def test_a_message_in_doubt_is_left_alone_for_a_while_since_a_slow_slack_may_store_it_late(post: Post):
    post.enqueue("a")
    late: list[Taken] = []

    def unanswered(row: Taken) -> None:
        late.append(row)
        raise OutcomeUnknown

    post.slack.troubles["a"] = unanswered
    post.delivery.drain()
    post.slack.troubles.clear()
    post.clock.move(DOUBT - SECOND)
    post.delivery.drain()
    post.slack.store(late[0])
    post.clock.move(SECOND)
    post.delivery.drain()
    assert post.slack.posted == ["a"]
    assert post.outcomes[-1] == ("a", Outcome.FOUND)


def test_nothing_is_looked_up_without_a_doubt(post: Post):
    post.enqueue("a")
    post.slack.fail("a", Unavailable(), times=1)
    post.run_for(5 * SECOND)
    assert post.slack.posted == ["a"]
    assert post.slack.looked_up == []


def test_a_doubt_lasts_until_a_look_up_is_answered(post: Post):
    post.enqueue("a")
    post.slack.fail("a", OutcomeUnknown(), stored=True, times=1)

    def down(row: Taken) -> None:
        raise Unavailable

    post.slack.look_up_trouble = down
    post.run_for(20 * SECOND)
    assert len(post.slack.looked_up) > 1
    assert post.row("a").in_doubt
    post.slack.look_up_trouble = None
    post.run_for(LONGEST_PAUSE)
    assert post.slack.posted == ["a"]
    assert post.row("a").state == "sent"


def test_a_rate_limit_holds_its_lane_as_long_as_slack_asked_and_no_other(post: Post):
    post.enqueue("a", "b", lane="T1:C1")
    post.enqueue("c", "d", lane="T1:C2")
    post.slack.fail("a", RetryLater(30 * SECOND), times=1)
    post.run_for(29 * SECOND)
    assert post.slack.posted == ["c", "d"]
    post.run_for(3 * SECOND)
    assert post.slack.posted == ["c", "d", "a", "b"]


def test_a_rate_limit_holds_its_lane_for_a_revived_row_too(post: Post):
    post.enqueue("a", "b")
    post.slack.fail("a", Refused("channel_not_found"), times=1)
    post.slack.fail("b", RetryLater(30 * SECOND), times=1)
    post.delivery.drain()
    with post.database.transaction() as session:
        outbox.retry(session, post.row("a").id)
    post.run_for(29 * SECOND)
    assert post.slack.posted == []
    post.run_for(3 * SECOND)
    assert post.slack.posted == ["a", "b"]


def test_a_long_rate_limit_costs_a_message_nothing_but_time(post: Post):
    post.enqueue("a")
    post.slack.fail("a", RetryLater(SECOND), times=3 * PATIENCE)
    post.run_for(3 * PATIENCE * SECOND + SECOND)
    assert post.slack.posted == ["a"]


def test_an_unreachable_slack_is_tried_ever_more_rarely_and_never_given_up(post: Post):
    post.enqueue("a")
    post.slack.fail("a", Unavailable())
    pauses = []
    for _ in range(2 * PATIENCE):
        post.delivery.drain()
        pauses.append(post.row("a").next_attempt_at - post.clock())
        post.clock.now = post.row("a").next_attempt_at
    for number, pause in enumerate(pauses):
        full = min(LONGEST_PAUSE, SECOND * 2**number)
        assert full / 2 <= pause <= full
    assert len({pause / LONGEST_PAUSE for pause in pauses[PATIENCE:]}) > 1  # spread at random
    post.slack.troubles.clear()
    post.delivery.drain()
    assert post.slack.posted == ["a"]


def test_a_refused_message_is_put_aside_at_once(post: Post):
    post.enqueue("poison", "b")
    post.slack.fail("poison", Refused("invalid_blocks"))
    post.delivery.drain()
    assert post.slack.posted == ["b"]
    assert (post.row("poison").state, post.row("poison").problem) == ("dead", "invalid_blocks")
    assert post.outcomes[0] == ("poison", Outcome.DEAD)


def test_a_row_that_breaks_us_each_time_ends_as_a_dead_letter_and_its_lane_goes_on(post: Post):
    post.enqueue("poison", "b", lane="T1:C1")
    post.enqueue("c", lane="T1:C2")
    post.slack.fail("poison", KeyError("what somebody wrote"))
    with capture_logs() as logs:
        post.delivery.drain()
        assert post.slack.posted == ["c"]
        post.run_for(timedelta(minutes=20), step=timedelta(seconds=10))
    assert post.slack.posted == ["c", "b"]
    assert post.outcomes.count(("poison", Outcome.FAILED)) == PATIENCE - 1
    assert (post.row("poison").state, post.row("poison").problem) == ("dead", "failed: KeyError")
    assert "what somebody wrote" not in repr(logs)
    assert {"delivery_failed", "delivery_given_up"} <= {line["event"] for line in logs}


def test_a_post_that_broke_halfway_is_looked_up(post: Post):
    post.enqueue("a")
    post.slack.fail("a", ValueError(), stored=True, times=1)
    post.run_for(2 * SECOND)
    assert post.slack.posted == ["a"]
    assert post.outcomes == [("a", Outcome.FAILED), ("a", Outcome.FOUND)]


def test_a_message_that_never_gets_through_while_slack_answers_is_given_up(post: Post):
    post.enqueue("poison", "b")
    post.slack.fail("poison", OutcomeUnknown())
    post.run_for(timedelta(minutes=30), step=timedelta(seconds=10))
    assert post.slack.posted == ["b"]
    assert post.row("poison").in_doubt  # so that whoever revives it has it looked up first


def test_a_reply_waits_for_its_parent_but_not_for_ever(post: Post):
    post.enqueue("reply", "orphan", "b")
    post.slack.fail("reply", NotYet(), times=2)
    post.slack.fail("orphan", NotYet())
    post.run_for(10 * SECOND)
    assert post.slack.posted == ["reply"]
    post.run_for(timedelta(minutes=3))
    assert post.slack.posted == ["reply", "b"]
    assert (post.row("orphan").state, post.row("orphan").problem) == ("dead", "not_yet")


def test_a_worker_that_was_too_slow_changes_nothing_any_more(post: Post):
    post.enqueue("a")

    def slow(row: Taken) -> None:
        """Our message is stored, but before we hear of it the lease runs out and another worker sees to it."""
        post.slack.troubles.clear()
        post.slack.store(row)
        post.clock.move(LEASE)
        post.worker("two").drain()
        raise Refused("too late to say so")

    post.slack.troubles["a"] = slow
    with capture_logs() as logs:
        post.delivery.drain()
    assert post.slack.posted == ["a"]
    assert post.row("a").state == "sent"
    assert post.outcomes == [("a", Outcome.FOUND), ("a", Outcome.LEASE_LOST)]
    assert [line["event"] for line in logs] == ["delivery_lease_lost"]


def test_nothing_is_posted_with_too_little_of_the_lease_left(post: Post):
    post.enqueue("a")
    post.slack.fail("a", OutcomeUnknown(), times=1)
    post.delivery.drain()
    post.clock.move(DOUBT)

    def slow(row: Taken) -> None:
        post.slack.look_up_trouble = None
        post.clock.move(LEASE - CALL_LIMIT + SECOND)

    post.slack.look_up_trouble = slow
    post.delivery.run_once()
    assert post.slack.posted == []
    assert post.outcomes[-1] == ("a", Outcome.TOO_LATE)
    post.delivery.run_once()
    assert post.slack.posted == ["a"]


def test_a_revived_dead_letter_is_posted_first_in_its_lane(post: Post):
    post.enqueue("a", "b")
    post.slack.fail("a", Refused("channel_not_found"), times=1)
    post.delivery.drain()
    post.enqueue("c")
    with post.database.transaction() as session:
        assert outbox.retry(session, post.row("a").id)
    post.run_for(3 * SECOND)
    assert post.slack.posted == ["b", "a", "c"]
