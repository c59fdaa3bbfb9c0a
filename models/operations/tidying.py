"""Clean-up: what is long done is taken out of the inbox and the outbox, a batch a transaction.

Of a message that tells of a claim stays where it is, for as long as the claim may be erased.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Executable, Select, delete, insert, select
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.dml import ReturningDelete

from models.database import Database
from models.tables import Claim, Inbound, Lane, OldMessage, Outgoing, Reminder
from models.tables.messages import DIRECT

Key = InstrumentedAttribute[int] | InstrumentedAttribute[str]


@dataclass(frozen=True, slots=True)
class Retention:
    """How long what is done is kept. Dead letters are kept until somebody sees to them.

    Args:
        sent: outbox rows that are in Slack, for whoever asks what was said when, and to draw reminders anew.
        inbox: keys of deliveries that had their effect. Slack repeats one for minutes, and a person finds out within
            a day what became of a form that failed; a delivery repeated later would have its effect again.
        lanes: pauses that are long over.
    """

    sent: timedelta = timedelta(days=30)
    inbox: timedelta = timedelta(days=7)
    lanes: timedelta = timedelta(days=1)


RETENTION = Retention()


def tidy(database: Database, now: datetime, *, keep: Retention = RETENTION, batch: int = 1000, most: int = 100) -> int:
    """Delete what nobody needs any more. How many rows that were.

    Any number of processes may do it at once: each takes other rows.

    Args:
        batch: so many rows a transaction, so that none holds locks for long.
        most: so many transactions for each table; the rest is left for the next time.
    """
    deletions = (
        _sent(batch, now - keep.sent),
        _some(Inbound.key, batch, Inbound.at < now - keep.inbox),
        _some(Lane.lane, batch, Lane.free_at < now - keep.lanes),
    )
    return sum(_repeated(database, deletion, batch, most) for deletion in deletions)


def _sent(batch: int, before: datetime) -> Select[int]:
    """Messages that were sent before; where they are is remembered, if it is of use for an erasure."""
    old = (Outgoing.state == "sent", Outgoing.sent_at < before)
    chosen = select(Outgoing.id).where(*old).limit(batch).with_for_update(skip_locked=True).cte("chosen")
    columns = (Outgoing.id, Outgoing.kind, Outgoing.claim_id, Outgoing.team, Outgoing.channel, Outgoing.ts)
    gone = delete(Outgoing).where(Outgoing.id == chosen.c.id).returning(*columns).cte("gone")
    place = (gone.c.team, gone.c.channel, gone.c.ts)
    direct = select(gone.c.claim_id, *place).where(gone.c.kind.in_(DIRECT))
    reminders = select(Reminder.claim_id, *place).where(Reminder.message_id == gone.c.id)
    about = direct.union(reminders).subquery()
    useful = select(about).join(Claim, Claim.id == about.c.claim_id).where(Claim.erased_at.is_(None), about.c.ts != "")
    kept = insert(OldMessage).from_select(["claim_id", "team", "channel", "ts"], useful).cte("kept")
    return select(gone.c.id).add_cte(kept)


def _some(key: Key, batch: int, *done: ColumnElement[bool]) -> ReturningDelete[Any]:
    chosen = select(key).where(*done).limit(batch).with_for_update(skip_locked=True).cte("chosen")
    deletion = delete(key.class_).where(key == chosen.c[0]).returning(key)
    return deletion.execution_options(synchronize_session=False)


def _repeated(database: Database, deletion: Executable, batch: int, most: int) -> int:
    gone = 0
    for _ in range(most):
        with database.transaction() as session:
            count = len(session.execute(deletion).all())
        gone += count
        if count < batch:
            break
    return gone
