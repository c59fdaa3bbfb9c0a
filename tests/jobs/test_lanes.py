"""Several lanes at once, and several workers: nobody waits for another's call, and none takes what another has."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from jobs.delivery import LEASE, Outcome
from models.operations import outbox
from models.operations.outbox import Taken
from tests.jobs.post import Post
from tests.waiting import wait_until


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
