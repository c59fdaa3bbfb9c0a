"""Whether the history is whole: every chain computed anew, row by row, and held against what is stored.

Nothing of it relies on the database's own functions: rows are read, and judged here. Memory stays flat however long
the history is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from models.chain import NOTHING, checkpoint_hash, digest, link, microseconds
from models.database import Database
from models.tables import claim_number

Progress = Callable[[str, int, int], None]
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Break:
    """Where the record is not what it was: ``where`` (a row, as people find it), and ``what`` is wrong there."""

    where: str
    what: str


@dataclass
class Verified:
    """What was checked. ``waiting``: rows too new to be in a checkpoint. ``head``: the last checkpoint, or None."""

    rows: int = 0
    claims: int = 0
    erased: int = 0
    entries: int = 0
    checkpoints: int = 0
    waiting: int = 0
    head: str | None = None


def verify(
    database: Database,
    on_break: Callable[[Break], None],
    *,
    against: tuple[int, bytes] | None = None,
    on_progress: Progress = lambda name, done, total: None,
) -> Verified:
    """Check the history, the journal and the checkpoints as they are at one moment; writers are not held up.

    Args:
        on_break: told of each place where the record is broken.
        against: a checkpoint's number and hash, as they were kept elsewhere.
        on_progress: what is checked, how many rows are done, how many there are.
    """
    with database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        checking = _Verification(connection, on_break, on_progress)
        checking.journal()
        checking.history()
        checking.checkpoints(against)
        checking.strays()
        connection.rollback()
    return checking.found


class _Verification:
    def __init__(self, connection: Connection, on_break: Callable[[Break], None], on_progress: Progress) -> None:
        self._connection = connection
        self._on_break = on_break
        self._on_progress = on_progress
        self._journal: dict[int, tuple[str, bytes]] = {}  # a few entries a day: kind and hash
        self.found = Verified()

    def journal(self) -> None:
        previous, count = NOTHING, 0
        for row in self._rows("journal", _JOURNAL):
            where = f"journal entry {row.id}"
            count += 1
            content = ["journal", row.id, microseconds(row.at), row.kind, row.person_id, row.body]
            if row.id != count:
                self._break(where, f"follows entry {count - 1}: what was between is gone")
                count = row.id
            elif link(previous, content) != row.hash:
                self._break(where, "was altered, or what it follows was")
            previous = row.hash
            self._journal[row.id] = row.kind, row.hash
            self.found.entries += 1

    def history(self) -> None:
        claim, count, previous = 0, 0, NOTHING
        for row in self._rows("history", _HISTORY):
            if row.claim_id != claim:
                claim, count, previous = row.claim_id, 0, NOTHING
                self.found.claims += 1
            count += 1
            where = f"{claim_number(claim)}, entry {row.seq}"
            if row.seq != count:
                self._break(where, f"follows entry {count - 1}: what was between is gone")
                count = row.seq
            elif link(previous, self._content(where, row)) != row.hash:
                self._break(where, "was altered, or what it follows was")
            previous = row.hash
            self.found.rows += 1

    def _content(self, where: str, row: Row[Any]) -> list[Any]:
        digests: dict[str, Any] = dict(row.erased)
        parts = {f"changes.{name}": text_ for name, text_ in (row.changes or {}).items()}
        if row.message is not None:
            parts["message"] = row.message
        for part, value in parts.items():
            digests[part] = digest(row.salts[part], value) if part in row.salts else None
        if row.erased:
            self.found.erased += 1
            if self._journal.get(row.erasure_id, ("", b""))[0] != "erasure":
                self._break(where, "lacks text that was erased without a record")
        return [
            *("history", row.id, row.claim_id, row.seq, microseconds(row.at), row.action, row.party, row.person_id),
            *(row.from_status, row.to_status, row.version, row.reasons, digests),
        ]

    def checkpoints(self, against: tuple[int, bytes] | None) -> None:
        previous, count = NOTHING, 0
        seen: bytes | None = None
        for row in self._rows("checkpoints", _CHECKPOINTS, batch=1):
            where = f"checkpoint {row.id}"
            count += 1
            if row.id != count:
                self._break(where, f"follows checkpoint {count - 1}: what was between is gone")
                count = row.id
            else:
                rows = list(zip(row.history_ids, row.hashes, strict=True))
                journal = (row.journal_id, row.journal_hash)
                if checkpoint_hash(previous, number=row.id, at=row.at, rows=rows, journal=journal) != row.hash:
                    self._break(where, "was altered, or what it follows was")
            self._named(where, row)
            previous = row.hash
            if against is not None and row.id == against[0]:
                seen = row.hash
            self.found.head = f"{row.id}-{row.hash.hex()}"
            self.found.checkpoints += 1
        if against is not None and seen != against[1]:
            said = "is not there any more" if seen is None else "is another one now"
            self._break(f"checkpoint {against[0]}", f"{said}: the history was replaced since you kept its value")

    def _break(self, where: str, what: str) -> None:
        self._on_break(Break(where, what))

    def _named(self, where: str, checkpoint: Row[Any]) -> None:
        """Whether what a checkpoint names is still there, and still the same."""
        there = {row.id: row for row in self._connection.execute(text(_NAMED), {"ids": list(checkpoint.history_ids)})}
        for identity, expected in zip(checkpoint.history_ids, checkpoint.hashes, strict=True):
            if identity not in there:
                self._break(where, f"names history row {identity}, which is gone")
            elif there[identity].hash != expected:
                row = there[identity]
                self._break(f"{claim_number(row.claim_id)}, entry {row.seq}", f"is not what {where} says it was")
        last = self._journal.get(checkpoint.journal_id, ("", NOTHING if checkpoint.journal_id == 0 else b""))
        if last[1] != checkpoint.journal_hash:
            self._break(where, f"names journal entry {checkpoint.journal_id}, which is gone or another one")

    def strays(self) -> None:
        """Rows of which no checkpoint knows, although they do not wait for one: they came past the chain."""
        self.found.waiting = self._connection.execute(text("SELECT count(*) FROM unsealed")).scalar_one()
        known = self._connection.execute(text(_KNOWN)).scalar_one()
        if self.found.rows == known + self.found.waiting:
            return
        for row in self._connection.execute(text(_STRAYS)):
            self._break(f"{claim_number(row.claim_id)}, entry {row.seq}", "is in no checkpoint and waits for none")

    def _rows(self, name: str, query: str, *, batch: int = _BATCH) -> Iterator[Row[Any]]:
        total = self._connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()  # noqa: S608 - ours
        streamed = self._connection.execution_options(stream_results=True, max_row_buffer=batch)
        done = 0
        with streamed.execute(text(query)) as rows:
            for row in rows:
                yield row
                done += 1
                if done % batch == 0 or done == total:
                    self._on_progress(name, done, total)


_JOURNAL = "SELECT id, at, kind, person_id, body, hash FROM journal ORDER BY id"
# The changed values as the text that was digested, whatever numbers they hold.
_HISTORY = """
SELECT id, claim_id, seq, at, action, party, person_id, from_status, to_status, version, reasons, message, salts,
       erased, erasure_id, hash, (SELECT jsonb_object_agg(key, value::text) FROM jsonb_each(changes)) AS changes
FROM history ORDER BY claim_id, seq
"""
_CHECKPOINTS = "SELECT id, at, history_ids, hashes, journal_id, journal_hash, hash FROM checkpoints ORDER BY id"
_NAMED = "SELECT id, claim_id, seq, hash FROM history WHERE id = ANY(:ids)"
_KNOWN = "SELECT coalesce(sum(cardinality(history_ids)), 0) FROM checkpoints"
_STRAYS = """
SELECT claim_id, seq FROM history h
WHERE NOT EXISTS (SELECT FROM unsealed WHERE history_id = h.id)
  AND NOT EXISTS (SELECT FROM (SELECT unnest(history_ids) AS id FROM checkpoints) named WHERE named.id = h.id)
ORDER BY id LIMIT 100
"""
