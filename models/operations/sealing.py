"""Checkpoints: what there is in the history of all claims, written down so that nothing of it can vanish unseen.

Each claim has a chain of its own, so that nobody waits for anybody. A chain alone does not show that its end, or all of
it, was taken away: that is what a checkpoint is for (docs/audit.md).
"""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from models.chain import NOTHING, checkpoint_hash
from models.database import Database
from models.tables import Checkpoint, History, JournalEntry, Unsealed

# Any one sealing at a time; the number only has to be ours alone (the journal's trigger has the one before).
SEAL_LOCK = 7_246_256
# So many rows a checkpoint: what is verified is held in memory a checkpoint at a time.
MOST = 1000

_HEAD = re.compile(r"(\d{1,18})-([0-9a-f]{64})")


def seal(database: Database, now: datetime, *, most: int = MOST) -> int:
    """Write checkpoints until every committed history row is in one. How many rows that were.

    Rows of transactions that are still open are taken by the next call. While another process is sealing, that is
    enough.
    """
    sealed = 0
    while True:
        with database.transaction() as session:
            if not session.scalar(select(func.pg_try_advisory_xact_lock(SEAL_LOCK))):
                return sealed
            count = _checkpoint(session, now, most)
        sealed += count
        if count < most:
            return sealed


def head(session: Session) -> str | None:
    """The last checkpoint as ``NUMBER-HASH``, which an administrator keeps elsewhere; None before the first."""
    row = session.execute(select(Checkpoint.id, Checkpoint.hash).order_by(Checkpoint.id.desc()).limit(1)).one_or_none()
    return None if row is None else f"{row.id}-{row.hash.hex()}"


def parsed_head(value: str) -> tuple[int, bytes] | None:
    """A value that ``head`` gave before; None if it is none."""
    found = _HEAD.fullmatch(value.strip().lower())
    return (int(found[1]), bytes.fromhex(found[2])) if found else None


def _checkpoint(session: Session, now: datetime, most: int) -> int:
    chosen = select(Unsealed.history_id).order_by(Unsealed.history_id).limit(most).cte("chosen")
    taken = delete(Unsealed).where(Unsealed.history_id == chosen.c.history_id).returning(Unsealed.history_id)
    ids = list(session.scalars(taken.execution_options(synchronize_session=False)))
    rows = [
        (row.id, row.hash)
        for row in session.execute(select(History.id, History.hash).where(History.id.in_(ids)).order_by(History.id))
    ]
    last = session.scalars(select(Checkpoint).order_by(Checkpoint.id.desc()).limit(1)).one_or_none()
    entry = session.execute(
        select(JournalEntry.id, JournalEntry.hash).order_by(JournalEntry.id.desc()).limit(1)
    ).one_or_none()
    journal = (0, NOTHING) if entry is None else (entry.id, entry.hash)
    if not rows and (last.journal_id if last else 0) == journal[0]:
        return 0
    number = last.id + 1 if last else 1
    session.add(
        Checkpoint(
            id=number,
            at=now,
            history_ids=[identity for identity, _ in rows],
            hashes=[row_hash for _, row_hash in rows],
            journal_id=journal[0],
            journal_hash=journal[1],
            hash=checkpoint_hash(last.hash if last else NOTHING, number=number, at=now, rows=rows, journal=journal),
        )
    )
    return len(ids)
