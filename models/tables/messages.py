"""What Slack sent us (inbox), what Slack must be told (outbox), and where a claim's cards are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, false, text
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class Inbound(Base):
    """A delivery of Slack's that had its effect; a second one with the same key has none (design section 9)."""

    __tablename__ = "inbox"

    key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    # What was answered, to answer the same again.
    answer: Mapped[dict[str, Any] | None]


# An outbox row that still covers whatever happens until it is taken.
WAITING = "state = 'pending' AND attempts = 0"


class Outgoing(Base):
    """Something that Slack must be told. The words are made when it is posted, from the database as it then stands.

    ``lane`` keeps order: rows of one lane (a channel, a person) are posted one after the other. ``unique_key`` names
    the thing itself, so that a card waiting to be redrawn waits only once. ``attempts`` counts how often the row was
    taken, ``failures`` how often it failed by a fault of its own. ``in_doubt``: an earlier attempt may have reached
    Slack. ``request_id``: of the request or job that it follows from, as it stands in the log.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("state IN ('pending', 'sending', 'sent', 'dead')", name="state"),
        Index("ix_outbox_due", "next_attempt_at", postgresql_where=text("state IN ('pending', 'sending')")),
        Index("ix_outbox_lane", "lane", "id", postgresql_where=text("state IN ('pending', 'sending')")),
        # Only rows never tried: one that was tried may already be in Slack with older words, so it covers nothing new.
        Index("uq_outbox_waiting", "unique_key", unique=True, postgresql_where=text(WAITING)),
        Index("ix_outbox_dead", "id", postgresql_where=text("state = 'dead'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    team: Mapped[str]
    lane: Mapped[str]
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claims.id"), index=True)
    payload: Mapped[dict[str, Any]]
    unique_key: Mapped[str]
    state: Mapped[str] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    in_doubt: Mapped[bool] = mapped_column(default=False)
    request_id: Mapped[str | None]
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[str | None]
    sent_at: Mapped[datetime | None]
    channel: Mapped[str | None]
    ts: Mapped[str | None]
    problem: Mapped[str | None]


# Kinds by which people are told something of a claim alone, beside its threads.
DIRECT = ("duty", "proof_checked", "proof_files")


class OldMessage(Base):
    """Where a message that tells of a claim is that nothing else remembers: to take it back on an erasure.

    One to somebody alone, or a reminder, which may tell of several claims: their outbox rows were cleaned up. Or a card
    that was left where the claim no longer belongs, with what stands in its ``thread``.
    """

    __tablename__ = "old_messages"

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), index=True)
    team: Mapped[str]
    channel: Mapped[str]
    ts: Mapped[str]
    thread: Mapped[bool] = mapped_column(server_default=false())


class Lane(Base):
    """Slack's pace, kept for all replicas: no post in this lane before ``free_at``."""

    __tablename__ = "lanes"

    lane: Mapped[str] = mapped_column(primary_key=True)
    free_at: Mapped[datetime]


class Card(Base):
    """Where a claim's card is: one in the partner's channel, one in the review channel (``side``)."""

    __tablename__ = "cards"
    __table_args__ = (
        CheckConstraint("side IN ('partner', 'reviewer')", name="side"),
        Index("uq_cards_message", "team", "channel", "ts", unique=True),
    )

    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    team: Mapped[str]
    channel: Mapped[str]
    ts: Mapped[str]
