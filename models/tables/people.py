"""The directory: the programme, partners with their locations, and who may act for whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, UniqueConstraint, and_
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.tables.base import Base, found_by, sorted_by


class ProgrammeSettings(Base):
    """The one programme that this installation serves (section ``programme`` of the directory file)."""

    __tablename__ = "programme"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    name: Mapped[str]
    country: Mapped[str]
    subdivision: Mapped[str | None]
    timezone: Mapped[str]
    team: Mapped[str]
    review_channel: Mapped[str]


class Person(Base):
    """A Slack user. Slack's identity is (team, user): user ids alone are not unique across workspaces.

    ``active``: the directory lists them. ``deactivated_at``: since when Slack says that their account is closed.
    """

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("team", "user"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    team: Mapped[str]
    user: Mapped[str]
    name: Mapped[str]
    email: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    deactivated_at: Mapped[datetime | None]
    sort_name: Mapped[str] = sorted_by()
    words: Mapped[Any] = found_by()

    memberships: Mapped[list[Membership]] = relationship(back_populates="person")
    reviewer: Mapped[Reviewer | None] = relationship(back_populates="person")

    @hybrid_property
    def present(self) -> bool:
        """Whether they can act at all: listed, and with an account that is not closed."""
        return self.active and self.deactivated_at is None

    @present.inplace.expression
    @classmethod
    def _present(cls) -> ColumnElement[bool]:
        return and_(cls.active, cls.deactivated_at.is_(None))


class Partner(Base):
    """A partner company. ``team`` and ``channel`` say where its cards are posted."""

    __tablename__ = "partners"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    country: Mapped[str]
    subdivision: Mapped[str | None]
    timezone: Mapped[str]
    team: Mapped[str]
    channel: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    sort_name: Mapped[str] = sorted_by()
    words: Mapped[Any] = found_by()

    locations: Mapped[list[Location]] = relationship(back_populates="partner", order_by="Location.mpn")


class Location(Base):
    """A location of a partner, known by its MPN (PartnerID); ``programmes`` are those that it is enrolled in."""

    __tablename__ = "locations"

    mpn: Mapped[str] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), index=True)
    name: Mapped[str]
    channel: Mapped[str | None]
    programmes: Mapped[list[str]]
    active: Mapped[bool] = mapped_column(default=True)
    words: Mapped[Any] = found_by()

    partner: Mapped[Partner] = relationship(back_populates="locations")


class Membership(Base):
    """What a person is at a partner. ``locations`` NULL: all of them."""

    __tablename__ = "memberships"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"), primary_key=True, index=True)
    roles: Mapped[list[str]]
    locations: Mapped[list[str] | None]

    person: Mapped[Person] = relationship(back_populates="memberships")
    partner: Mapped[Partner] = relationship(lazy="joined")


class Reviewer(Base):
    """A reviewer of the programme; a lead may also take over and reassign."""

    __tablename__ = "reviewers"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    lead: Mapped[bool] = mapped_column(default=False)

    person: Mapped[Person] = relationship(back_populates="reviewer")
