"""The ticker: runs jobs every so often, and at once when the database rings.

It only gives the beat. What is due is in rows, and rows are taken under locks, so every replica has a ticker of its
own, none is elected, and a beat too many or too late does no harm.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from jobs.trouble import trouble
from models.database import Database
from models.listening import listening

# How soon stop() is noticed while nothing rings.
LISTENING_TURN = timedelta(milliseconds=250)
# Between attempts to listen again, doubled each time.
SHORTEST_PAUSE = timedelta(milliseconds=250)
LONGEST_PAUSE = timedelta(seconds=30)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Beat:
    """Work that is to be done again and again, and can be done at any other moment too: what is due is in rows.

    Args:
        name: for the log.
        job: does it, once.
        every: how often.
        woken_by: a NOTIFY channel of PostgreSQL's that makes it run at once.
    """

    name: str
    job: Callable[[], object]
    every: timedelta
    woken_by: str | None = None


class Ticker:
    """Jobs on a beat. Add them, start it, stop it; it is not started twice.

    Args:
        database: what rings for jobs that are woken; None if none is.
    """

    def __init__(self, database: Database | None = None) -> None:
        self._database = database
        self._stopping = threading.Event()
        self._listeners: list[threading.Thread] = []
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            # A beat that comes late is better late than never: what is due is in rows.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        # It reports every beat, and warns of each for which the last run is still busy, which is as it should be.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)

    def add(self, name: str, job: Callable[[], object], every: timedelta, *, woken_by: str | None = None) -> None:
        """Run ``job`` when the ticker starts and then once ``every`` so often, never two runs of it at a time.

        Call it before ``start``. What the job raises is logged, and it runs again at its next beat.

        Args:
            name: for the log.
            woken_by: a NOTIFY channel of PostgreSQL's that makes it run at once.
        """

        def run() -> None:
            if self._stopping.is_set():
                return
            try:
                job()
            except Exception as error:
                log.error("job_failed", job=name, **trouble(error))

        runner = OneAtATime(run)
        # APScheduler compares it with the machine's clock: this is the one place that reads it.
        now = datetime.now(UTC)
        self._scheduler.add_job(runner.run, "interval", seconds=every.total_seconds(), next_run_time=now)
        if woken_by is not None:
            if self._database is None:
                raise ValueError("a job can be woken only by a database")
            self._listeners.append(
                threading.Thread(
                    target=self._listen, args=(self._database, woken_by, runner), name=f"listen-{woken_by}"
                )
            )

    def start(self) -> None:
        """Begin to tick, on threads of its own."""
        self._scheduler.start()
        for listener in self._listeners:
            listener.start()

    def stop(self) -> None:
        """Let the runs under way finish, and leave no thread behind. Safe to call again, or without a start."""
        self._stopping.set()
        for listener in self._listeners:
            if listener.is_alive():
                listener.join()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _listen(self, database: Database, channel: str, job: OneAtATime) -> None:
        """Run a job whenever it rings. Its beat goes on behind, so a lost connection costs only a little time."""
        failures = 0
        while not self._stopping.is_set():
            try:
                with listening(database, channel) as rang:
                    failures = 0
                    job.run()  # for what came while nobody listened
                    while not self._stopping.is_set():
                        # On this thread and not on APScheduler's: its one-shot jobs can kill it, and what rings
                        # meanwhile is kept by the connection.
                        if rang(LISTENING_TURN):
                            job.run()
            except Exception as error:
                log.warning("listening_lost", channel=channel, **trouble(error))
                pause = min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** min(failures, 10))
                failures += 1
                self._stopping.wait(pause.total_seconds())


class OneAtATime:
    """Work that never runs twice at a time, and never misses that it was wanted while it ran."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._wanted = threading.Event()
        self._running = threading.Lock()

    def run(self) -> None:
        """Do the work now. If it is being done: return at once, and whoever does it does it once more."""
        self._wanted.set()
        # The wish is looked at again after the lock is given back, so whoever failed to get the lock is seen here.
        while self._wanted.is_set() and self._running.acquire(blocking=False):
            try:
                self._wanted.clear()
                self._work()
            finally:
                self._running.release()
