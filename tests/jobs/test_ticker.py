"""The ticker: every so often, at once when it rings, never two at a time, and gone when it is stopped."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

import jobs.ticker
from jobs.ticker import OneAtATime, Ticker
from models.database import Database
from models.listening import listening
from models.operations import outbox

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SOON = timedelta(milliseconds=10)
NEVER = timedelta(days=1)
# How long a test waits for what is to happen at once, on a machine that is busy.
PATIENCE = 30


@pytest.fixture
def ticker() -> Iterator[Ticker]:
    ticker = Ticker()
    yield ticker
    ticker.stop()


class Ears:
    """Takes the place of ``listening`` and tells when somebody listens, and when it rang."""

    def __init__(self) -> None:
        self.listens = threading.Semaphore(0)
        self.rang = threading.Event()

    @contextmanager
    def __call__(self, database: Database, channel: str) -> Iterator[Callable[[timedelta], bool]]:
        with listening(database, channel) as rang:
            turns = 0

            def wait(timeout: timedelta) -> bool:
                nonlocal turns
                turns += 1
                if turns == 1:
                    self.listens.release()
                if rang(timeout):
                    self.rang.set()
                    return True
                return False

            yield wait


@pytest.fixture
def ears(monkeypatch: pytest.MonkeyPatch) -> Ears:
    ears = Ears()
    monkeypatch.setattr(jobs.ticker, "listening", ears)
    return ears


@pytest.fixture
def awake(database: Database, ears: Ears) -> Iterator[threading.Semaphore]:
    """A ticker that listens to the outbox; the value is released each time its job finds something in it."""
    found = threading.Semaphore(0)

    def job() -> None:
        with database.transaction() as session:
            depth, _ = outbox.depth_and_age(session, NOW)
        if depth:
            found.release()

    ticker = Ticker(database)
    ticker.add("delivery", job, NEVER, woken_by=outbox.CHANNEL)
    ticker.start()
    yield found
    ticker.stop()


def enqueue(database: Database, key: str) -> None:
    with database.transaction() as session:
        outbox.enqueue(session, kind="card", team="T1", lane="T1:C1", payload={}, unique_key=key, now=NOW)


def test_a_job_runs_at_the_start_and_then_again_and_again(ticker: Ticker):
    runs = threading.Semaphore(0)
    ticker.add("job", runs.release, SOON)
    ticker.start()
    for _ in range(3):
        assert runs.acquire(timeout=PATIENCE)


def test_a_job_that_fails_runs_again_and_its_words_stay_out_of_the_log(ticker: Ticker):
    runs = threading.Semaphore(0)

    def job() -> None:
        runs.release()
        raise ValueError("what somebody wrote")

    with capture_logs() as logs:
        ticker.add("job", job, SOON)
        ticker.start()
        for _ in range(3):
            assert runs.acquire(timeout=PATIENCE)
        ticker.stop()
    assert {(line["event"], line["job"], line["error"]) for line in logs} == {("job_failed", "job", "ValueError")}
    assert logs[0]["at"].startswith("test_ticker.py:")
    assert "what somebody wrote" not in repr(logs)


def test_work_wanted_while_it_is_done_is_done_once_more_and_never_beside_itself():
    started, go_on = threading.Semaphore(0), threading.Semaphore(0)
    beside = threading.Lock()
    overlaps = []

    def work() -> None:
        overlaps.append(not beside.acquire(blocking=False))
        started.release()
        go_on.acquire(timeout=PATIENCE)
        beside.release()

    job = OneAtATime(work)
    first = threading.Thread(target=job.run)
    first.start()
    assert started.acquire(timeout=PATIENCE)
    for _ in range(5):
        job.run()  # returns at once, or the test would stand still
    go_on.release(2)
    first.join(timeout=PATIENCE)
    assert overlaps == [False, False]


def test_no_wish_is_lost_however_many_ask_at_once():
    wishes: list[int] = []
    granted: list[int] = []

    def work() -> None:
        granted.append(len(wishes))

    job = OneAtATime(work)

    def ask() -> None:
        for _ in range(500):
            wishes.append(1)
            job.run()

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(timeout=PATIENCE)
    # The last work was begun after the last wish.
    assert granted[-1] == 2000


def test_a_job_that_hangs_does_not_hold_up_the_others(ticker: Ticker):
    release, runs = threading.Event(), threading.Semaphore(0)
    ticker.add("hangs", lambda: release.wait(timeout=PATIENCE), SOON)
    ticker.add("job", runs.release, SOON)
    ticker.start()
    for _ in range(3):
        assert runs.acquire(timeout=PATIENCE)
    release.set()


def test_stopping_lets_a_run_finish_and_leaves_no_thread_behind(database: Database):
    before = set(threading.enumerate())
    started, go_on, finished = threading.Event(), threading.Event(), threading.Event()

    def job() -> None:
        started.set()
        go_on.wait(timeout=PATIENCE)
        finished.set()

    ticker = Ticker(database)
    ticker.add("job", job, NEVER, woken_by="outbox")
    ticker.start()
    assert started.wait(timeout=PATIENCE)
    stopping = threading.Thread(target=ticker.stop)
    stopping.start()
    go_on.set()
    stopping.join(timeout=PATIENCE)
    assert finished.is_set()
    assert set(threading.enumerate()) <= before
    ticker.stop()


def test_each_new_row_wakes_its_job_as_soon_as_it_is_committed(
    database: Database, ears: Ears, awake: threading.Semaphore
):
    assert ears.listens.acquire(timeout=PATIENCE)
    # More rows than runs that may still be under way from the start.
    for key in ("a", "b", "c", "d"):
        enqueue(database, key)
        assert awake.acquire(timeout=PATIENCE)


def test_a_listener_whose_connection_is_lost_listens_again(database: Database, ears: Ears, awake: threading.Semaphore):
    assert ears.listens.acquire(timeout=PATIENCE)
    with capture_logs() as logs:
        with database.transaction() as session:
            killed = session.execute(
                text(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE query LIKE 'LISTEN %' AND datname = current_database()"
                )
            ).scalar_one()
        assert killed == 1
        enqueue(database, "while nobody listens")
        assert ears.listens.acquire(timeout=PATIENCE)
        assert awake.acquire(timeout=PATIENCE)
    assert "listening_lost" in {line["event"] for line in logs}
    enqueue(database, "card")
    assert ears.rang.wait(timeout=PATIENCE)


def test_what_is_rolled_back_wakes_nobody(database: Database):
    with listening(database, outbox.CHANNEL) as rang:
        with database.transaction() as session:
            outbox.enqueue(session, kind="card", team="T1", lane="T1:C1", payload={}, unique_key="a", now=NOW)
            session.rollback()
        assert not rang(timedelta(0))
        enqueue(database, "b")
        assert rang(timedelta(seconds=PATIENCE))


def test_only_a_database_can_wake(ticker: Ticker):
    with pytest.raises(ValueError, match="database"):
        ticker.add("job", int, NEVER, woken_by="outbox")
