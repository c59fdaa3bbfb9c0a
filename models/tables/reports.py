"""Imported reports (usage and earnings), and published rule sets."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class UsageLine(Base):
    """A line of the monthly usage report: a workload (product id) in a month (its first day), as claimed by a claim.

    Tenant and location are the claim's: a line that says otherwise is not imported. No foreign key: an import holds all
    its lines against the claims at once, whose rows are never deleted; a key would lock the claim's row for each line.
    """

    __tablename__ = "usage"
    __table_args__ = (Index("ix_usage_month", "month"),)

    claim_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    workload: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    monthly_active_users: Mapped[int]
    paid_available_units: Mapped[int]


class EarningLine(Base):
    """A line of the earnings and payout report, known by the report's own id.

    ``paid_on`` None: it is not paid yet. ``reason`` is why the programme does not pay it, where the report says so.
    Tenant, location and subscription are the claim's: a line that says otherwise is not imported. No foreign key, as
    with usage.
    """

    __tablename__ = "earnings"
    __table_args__ = (Index("ix_earnings_earned_on", "earned_on"),)

    external_id: Mapped[str] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(index=True)
    engagement: Mapped[str]
    earned_on: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    currency: Mapped[str]
    paid_on: Mapped[date | None]
    payment: Mapped[str | None]
    reason: Mapped[str | None]


class RuleVersion(Base):
    """A state of the programme's rule files: their texts by name, kept under the hash of what they say.

    It is kept once it was published, or a claim was submitted under it, and never changed or removed.
    """

    __tablename__ = "rule_versions"

    version: Mapped[str] = mapped_column(primary_key=True)
    files: Mapped[dict[str, Any]]


class RulePublication(Base):
    """A state of the rules made to hold from ``holds_from`` on, until a later one does; by whom, and when."""

    __tablename__ = "rule_publications"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(ForeignKey("rule_versions.version"))
    author: Mapped[str]
    published_at: Mapped[datetime]
    holds_from: Mapped[datetime] = mapped_column(index=True)
