"""Imported reports (usage and earnings), and published rule sets."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class UsageLine(Base):
    """A line of the monthly usage report: a workload of a customer's tenant in a month, as associated by a claim."""

    __tablename__ = "usage"
    __table_args__ = (
        UniqueConstraint("month", "customer_tenant_id", "workload", "claim_id"),
        Index("ix_usage_tenant", "customer_tenant_id", "month"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[date]
    customer_tenant_id: Mapped[str]
    workload: Mapped[str]
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    mpn: Mapped[str]
    monthly_active_users: Mapped[int]
    paid_available_units: Mapped[int]


class EarningLine(Base):
    """A line of the earnings and payout report."""

    __tablename__ = "earnings"
    __table_args__ = (Index("ix_earnings_tenant", "customer_tenant_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(unique=True)
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("claims.id"), index=True)
    customer_tenant_id: Mapped[str]
    subscription_id: Mapped[str | None]
    mpn: Mapped[str]
    engagement: Mapped[str]
    earned_on: Mapped[date]
    amount: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    currency: Mapped[str]
    paid_on: Mapped[date | None]


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
