"""Exports, made one at a time by each of these: the file on this machine's disk, and its content to Slack.

Whoever is killed in between leaves a lease that runs out, and the export is made anew by somebody else. Nobody gets a
file twice: it is shared through the outbox, by whoever still has the lease.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from jobs.delivery import OutcomeUnknown, Refused, RetryLater, Unavailable
from jobs.trouble import trouble
from models.exporting.making import file_name, make
from models.exporting.subjects import extract_of
from models.memory import Memory
from models.operations import exports
from models.operations.exports import Building
from models.queries.people import actor_for

LEASE = timedelta(minutes=2)
# How often the lease is renewed while a file is made.
_HOLDING = LEASE / 4
# People are told how far it is no more often than this.
_TELLING = timedelta(seconds=5)
_PAUSE = timedelta(seconds=30)

# Brings a file's content to a workspace, shared with nobody yet; its id there. Raises what a courier may raise
# (Undelivered).
Upload = Callable[[str, Path, str], str]

log = structlog.get_logger(__name__)


class Exports:
    """Makes what is waiting. Any number of them, in any number of processes, may run at once.

    Args:
        upload: brings the content to Slack.
        folder: where files are made, some gigabytes for a million claims; on a disk, since /tmp may be memory.
        worker: a name no other process has, nor another of these.
    """

    def __init__(self, memory: Memory, upload: Upload, folder: Path, *, worker: str) -> None:
        self._memory = memory
        self._upload = upload
        self._folder = folder
        self._worker = worker

    def run(self) -> int:
        """Make everything that waits. How many were tried."""
        tried = 0
        while (building := self._take()) is not None:
            self._try(building)
            tried += 1
        return tried

    def _take(self) -> Building | None:
        return exports.take(self._memory.database, worker=self._worker, now=self._memory.clock(), lease=LEASE)

    def _try(self, building: Building) -> None:
        database, clock = self._memory.database, self._memory.clock
        try:
            with self._holding(building), self._room(building) as folder:
                self._build(building, folder)
        except RetryLater as asked:
            exports.later(database, building, at=clock() + asked.after, problem="rate_limited")
        except (Unavailable, OutcomeUnknown) as error:
            # What reached Slack is shared with nobody, so it does no harm to bring it once more.
            exports.later(database, building, at=clock() + _PAUSE, problem=type(error).__name__)
        except Refused as refusal:
            log.error("export_refused", row=building.id, problem=refusal.problem)
            exports.failed(database, building, problem=refusal.problem, now=clock())
        except Exception as error:
            log.error("export_failed", row=building.id, attempt=building.attempts, **trouble(error))
            exports.later(database, building, at=clock() + _PAUSE, problem=f"failed: {type(error).__name__}")

    def _build(self, building: Building, folder: Path) -> None:
        memory, database = self._memory, self._memory.database
        tell = _Telling(lambda done, total, now: exports.progress(database, building, done, total, now), memory.clock)
        with database.transaction() as session:
            # Who asked may have lost rights since: only what they may see now is in the file.
            actor = actor_for(session, building.who)
            extract = extract_of(session, memory, actor, building.words, building.subject)
            name = file_name(session, memory, building.subject, building.form)
            path = folder / name
            partners = None if actor.reviewer else [one.partner for one in actor.memberships]
            count = make(session, memory, extract, building.words, building.form, path, tell)
        if not count:
            exports.nothing_found(database, building, memory.clock())
            return
        slack_file = self._upload(building.who.team, path, name)
        exports.built(
            database,
            building,
            slack_file=slack_file,
            name=name,
            count=count,
            partners=partners,
            now=memory.clock(),
        )

    @contextmanager
    def _room(self, building: Building) -> Iterator[Path]:
        """A folder for the files of this export; a worker that was killed over it may have left some there."""
        folder = self._folder / f"export-{building.id}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _holding(self, building: Building) -> Iterator[None]:
        """The lease is renewed until the end of the block, whatever the work does meanwhile."""
        over = threading.Event()

        def hold() -> None:
            while not over.wait(_HOLDING.total_seconds()):
                try:
                    exports.hold(self._memory.database, building, self._memory.clock() + LEASE)
                except Exception as error:
                    log.warning("export_not_held", row=building.id, **trouble(error))  # there is time for another try

        thread = threading.Thread(target=hold, name=f"hold-export-{building.id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


class _Telling:
    """Passes on how far it is, now and then."""

    def __init__(self, tell: Callable[[int, int, datetime], object], clock: Callable[[], datetime]) -> None:
        self._tell = tell
        self._clock = clock
        self._told = clock()

    def __call__(self, done: int, total: int) -> None:
        now = self._clock()
        if now - self._told >= _TELLING and done < total:
            self._told = now
            self._tell(done, total, now)
