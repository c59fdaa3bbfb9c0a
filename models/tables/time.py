"""Reminders, and what each person wants of them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class Reminder(Base):
    """Somebody is to be reminded of a claim at a time. The unique key lets any number of replicas plan at once."""

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("claim_id", "kind", "due_at", "remind_at"),
        CheckConstraint("state IN ('planned', 'done', 'dropped')", name="state"),
        Index("ix_reminders_planned", "remind_at", postgresql_where=text("state = 'planned'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), index=True)
    kind: Mapped[str]
    due_at: Mapped[datetime]
    remind_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="planned")


class Preference(Base):
    """What a person chose: no digest, and how the claims on App Home are filtered and sorted."""

    __tablename__ = "preferences"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    digest: Mapped[bool] = mapped_column(default=True)
    home: Mapped[str | None]


class Snooze(Base):
    """Until when a claim's reminders are silent; ``until`` NULL: for good."""

    __tablename__ = "snoozes"

    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime | None]
    by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
