"""Reminders and digests, and what each person wants of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.tables.base import Base
from models.tables.people import Person


class Reminder(Base):
    """Somebody is to be reminded of a claim at a time. The unique key lets any number of replicas plan at once.

    ``kind`` and ``due_at`` say of what (``rules.reminders.Matter``). ``state``: *planned*; *done*, in the outbox row
    ``message_id`` with others of its channel; *dropped*, because there was nothing to say any more; *over*, done, and
    what it was about is done too.
    """

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("claim_id", "kind", "due_at", "remind_at"),
        CheckConstraint("state IN ('planned', 'done', 'dropped', 'over')", name="state"),
        Index("ix_reminders_planned", "remind_at", postgresql_where=text("state = 'planned'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), index=True)
    kind: Mapped[str]
    due_at: Mapped[datetime]
    remind_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="planned")
    # What was sent long ago is taken out of the outbox.
    message_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id", ondelete="SET NULL"), index=True)


class Digest(Base):
    """The last day, in the channel's own zone, whose daily digest is settled: posted, or there was nothing to say."""

    __tablename__ = "digests"

    team: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date]


class Preference(Base):
    """What a person chose: the daily digest by direct message too."""

    __tablename__ = "preferences"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    digest: Mapped[bool] = mapped_column(default=False)


class Snooze(Base):
    """Until when one side hears nothing of a claim; ``until`` NULL: as long as the claim stands as it does."""

    __tablename__ = "snoozes"

    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime | None]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))

    by: Mapped[Person] = relationship()
