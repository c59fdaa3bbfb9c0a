"""What proves that the history is whole (docs/audit.md), and the journal of what happens beside claims."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, FetchedValue, ForeignKey, LargeBinary
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.tables.base import Base
from models.tables.people import Person


class JournalEntry(Base):
    """Something that was done beside claims: the directory changed, data erased, a backup restored. Append-only.

    ``person_id`` None: from the command line. ``body`` holds ids and numbers, and nothing that may have to be erased.
    The database gives ``id`` (without gaps) and ``hash``.
    """

    __tablename__ = "journal"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, server_default=FetchedValue())
    at: Mapped[datetime]
    kind: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    body: Mapped[dict[str, Any]]
    hash: Mapped[bytes] = mapped_column(server_default=FetchedValue(), deferred=True)

    person: Mapped[Person | None] = relationship()


class Unsealed(Base):
    """A history row that no checkpoint names yet; the database notes it with the row."""

    __tablename__ = "unsealed"

    history_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Checkpoint(Base):
    """Which history rows there were at a time, with their hashes, and the journal's last one. Append-only, chained."""

    __tablename__ = "checkpoints"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    history_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    hashes: Mapped[list[bytes]] = mapped_column(ARRAY(LargeBinary))
    journal_id: Mapped[int]
    journal_hash: Mapped[bytes]
    hash: Mapped[bytes]
