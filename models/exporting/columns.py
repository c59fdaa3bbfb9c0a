"""The columns of an export: one table, from which both formats and docs/export.md come.

Their order never changes and a new column comes last, so that whoever reads the file by place goes on reading it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, String, Text, case, cast, func, literal, null, select, text, type_coerce
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from models.queries.every_claim import number_of
from models.tables import Claim, Comment, ImportedClaim, Location, Partner, Person, Proof
from rules.fields import BY_ID
from rules.lifecycle import Party
from rules.loading import Programme
from rules.permissions import Actor

# Excel keeps 32,767 characters in a cell; longer than this are only comments.
LONGEST_CELL = 32_000


class Kind(StrEnum):
    """What stands in a column, and so how it is written; the words are those of docs/export.md."""

    TEXT = "text"  # what people typed: a spreadsheet might take it for a formula
    WORD = "id or word"  # text of a fixed shape: ids, numbers of claims, statuses
    NUMBER = "number"
    DAY = "day"
    MOMENT = "date and time"
    YES_NO = "yes or no"


class Audience(IntEnum):
    """Who finds a column in their export; each sees those of the ones before, too."""

    EVERYBODY = 0
    REVIEWERS = 1
    ADMINISTRATORS = 2  # whoever runs the command line

    @property
    def words(self) -> str:
        """As docs/export.md names them."""
        return ("everybody", "reviewers, administrators", "administrators")[self]


# Beside a claim; aliases of their own, since what finds the claims may join the same tables.
PARTNER, LOCATION, CREATOR, REVIEWER = aliased(Partner), aliased(Location), aliased(Person), aliased(Person)
REJECTER, IMPORTED = aliased(Person), aliased(ImportedClaim)


@dataclass(frozen=True)
class Setting:
    """What expressions depend on: the programme's words, and the zone in which its days begin."""

    programme: Programme
    timezone: str

    @property
    def zone(self) -> ZoneInfo:
        """That zone."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True)
class Column:
    """One column: its heading, what it holds (a sentence for the docs), and how it is read."""

    heading: str
    meaning: str
    kind: Kind
    value: Callable[[Setting], ColumnElement[Any]]
    audience: Audience = Audience.EVERYBODY
    width: int = 18


def audience_of(actor: Actor) -> Audience:
    """As whom ``actor`` reads an export; the clock stands for whoever runs the command line."""
    if actor.party is Party.CLOCK:
        return Audience.ADMINISTRATORS
    return Audience.REVIEWERS if actor.reviewer else Audience.EVERYBODY


def columns_for(actor: Actor) -> tuple[Column, ...]:
    """The columns that are in an export of this person's."""
    return tuple(column for column in COLUMNS if column.audience <= audience_of(actor))


def value_for(actor: Actor, column: Column, setting: Setting) -> ColumnElement[Any]:
    """What ``actor`` reads in a column: of their own partners' claims, a reviewer reads what the partner does."""
    value = column.value(setting)
    own = [one.partner for one in actor.memberships]
    if column.audience is Audience.EVERYBODY or not own:
        return value
    return case((Claim.partner_id.in_(own), null()), else_=value)


def _plain(expression: Any) -> Callable[[Setting], ColumnElement[Any]]:
    return lambda setting: expression


def _field(name: str, kind: Kind, meaning: str = "", width: int = 18) -> Column:
    """A field of the form, under its label."""
    field = BY_ID[name]
    value = getattr(Claim, name)
    return Column(field.label, meaning or f"{field.hint or field.label}.", kind, _plain(value), width=width)


def _named(value: Any, names: Mapping[str, str]) -> ColumnElement[Any]:
    """The name of what is kept by its id; the id where the programme has it no longer."""
    return case(names, value=value, else_=value) if names else value


def _names(values: Any, names: Mapping[str, str]) -> ColumnElement[Any]:
    """The names of several things, one after the other."""
    one = func.unnest(values).table_valued("id", with_ordinality="place", name="listed").render_derived()
    known = cast(literal(json.dumps(dict(names)), Text), JSONB)
    name = func.coalesce(known.op("->>")(one.c.id), one.c.id)
    named = (
        select(func.string_agg(name, aggregate_order_by(literal("; "), one.c.place))).correlate(Claim).scalar_subquery()
    )
    return case((func.cardinality(values) > 0, named), else_=null())


def _by_id(*things: Any) -> dict[str, str]:
    return {one.id: one.name for one in things}


def _solution_area(setting: Setting) -> ColumnElement[Any]:
    return _named(Claim.solution_area, _by_id(*setting.programme.catalogue.solution_areas))


def _partner_role(setting: Setting) -> ColumnElement[Any]:
    return _named(Claim.partner_role, _by_id(*setting.programme.catalogue.partner_roles))


def _engagement(setting: Setting) -> ColumnElement[Any]:
    catalogue = setting.programme.catalogue
    names = {role.id: catalogue.engagement(role.engagement).name for role in catalogue.partner_roles}
    return case(names, value=Claim.partner_role, else_=null())


def _last_day(setting: Setting) -> ColumnElement[Any]:
    # A limit's end is the first instant after its last day, which is what people are told.
    return cast(func.timezone(setting.timezone, Claim.due_at - text("interval '1 microsecond'")), Date)


def _accepted_proofs(setting: Setting) -> ColumnElement[Any]:
    held = (Proof.claim_id == Claim.id, Proof.state == "accepted", Proof.removed_at.is_(None))
    return select(func.count()).select_from(Proof).where(*held).correlate(Claim).scalar_subquery()


def _comments(*, shared: bool) -> Callable[[Setting], ColumnElement[Any]]:
    # By a query of its own and not by a join: of most claims nothing was said, and a join is set up for each of them.
    who = select(Person.name).where(Person.id == Comment.person_id).correlate(Comment).scalar_subquery()
    every = func.string_agg(who + ": " + Comment.text, aggregate_order_by(literal("\n"), Comment.id))
    kept = (Comment.claim_id == Claim.id, Comment.shared.is_(shared), Comment.deleted_at.is_(None))
    query = select(func.left(every, LONGEST_CELL)).select_from(Comment).where(*kept)
    return _plain(query.correlate(Claim).scalar_subquery())


def _yes_no(value: Any) -> Callable[[Setting], ColumnElement[Any]]:
    return _plain(case((value, "yes"), else_="no"))


_DAY_OF_PROGRAMME = "The last day of the limit that runs now, in the programme's time zone."

COLUMNS: tuple[Column, ...] = (
    Column("Claim", "The claim's number.", Kind.WORD, _plain(number_of(Claim.id)), width=12),
    Column("Status", "One of the eight statuses.", Kind.WORD, _plain(type_coerce(Claim.status, String)), width=22),
    Column("Status since", "When it came into that status.", Kind.MOMENT, _plain(Claim.status_since)),
    Column("Due on", _DAY_OF_PROGRAMME, Kind.DAY, _last_day, width=12),
    _field("claim_name", Kind.TEXT, "The partner's own name for it.", 30),
    Column("Partner", "The partner company.", Kind.TEXT, _plain(PARTNER.name), width=24),
    Column("Partner location", "The name of the location that did the work.", Kind.TEXT, _plain(LOCATION.name)),
    _field("mpn", Kind.WORD, "The number of that location."),
    Column("Solution area", "As the catalogue names it.", Kind.TEXT, _solution_area, width=26),
    Column("Engagement", "What follows from the partner role.", Kind.TEXT, _engagement, width=30),
    Column("Partner role", "What the partner did for the customer.", Kind.TEXT, _partner_role, width=26),
    _field("customer_name", Kind.TEXT, width=26),
    _field("customer_tenant_id", Kind.WORD, "The customer's tenant, a GUID.", 38),
    _field("customer_domain", Kind.WORD, "The customer's domain."),
    _field("customer_country", Kind.WORD, "ISO 3166, two letters.", 10),
    Column(
        "Products",
        "The names of what is claimed, with a semicolon between them.",
        Kind.TEXT,
        lambda setting: _names(Claim.products, _by_id(*setting.programme.catalogue.products)),
        width=30,
    ),
    _field("subscription_id", Kind.WORD, "The subscription to be evaluated, a GUID.", 38),
    Column(
        "Opt out of incentive payment",
        "Whether the partner wants the association without the money.",
        Kind.YES_NO,
        _yes_no(Claim.opt_out_of_payment),
        width=10,
    ),
    _field("solution_seller", Kind.TEXT),
    _field("isv_solution", Kind.TEXT),
    _field("customer_contact_name", Kind.TEXT, "The person who signed."),
    _field("customer_contact_title", Kind.TEXT, "Their title."),
    _field("customer_contact_email", Kind.TEXT, "Their address.", 28),
    _field("partner_contact_name", Kind.TEXT, "Whom to ask at the partner."),
    _field("partner_contact_email", Kind.TEXT, "Their address.", 28),
    _field("acknowledgement_date", Kind.DAY, width=12),
    Column("Proofs of execution", "How many files of proof were accepted.", Kind.NUMBER, _accepted_proofs, width=10),
    _field("comments", Kind.TEXT, "What the partner wrote into the form.", 40),
    Column("Created at", "When the draft was begun.", Kind.MOMENT, _plain(Claim.created_at)),
    Column("Created by", "Who began it.", Kind.TEXT, _plain(CREATOR.name)),
    Column("Submitted at", "When it was first submitted.", Kind.MOMENT, _plain(Claim.submitted_at)),
    Column("Reviewer", "Who reviews it, or did.", Kind.TEXT, _plain(REVIEWER.name)),
    Column(
        "Information asked for",
        "What the reviewer asked for last, while the answer is awaited.",
        Kind.TEXT,
        lambda setting: _names(Claim.asked_reasons, _by_id(*setting.programme.reasons.information)),
        width=30,
    ),
    Column("Question", "The reviewer's words to that.", Kind.TEXT, _plain(Claim.asked_message), width=40),
    Column("Approved at", "When it was approved.", Kind.MOMENT, _plain(Claim.approved_at)),
    Column(
        "Association official at",
        "When the customer's time to opt out was over; from then on the partner is associated.",
        Kind.MOMENT,
        _plain(Claim.associated_at),
    ),
    Column("Rejected at", "When it was rejected the last time.", Kind.MOMENT, _plain(Claim.rejected_at)),
    Column(
        "Rejection reason",
        "Why, as the programme names it.",
        Kind.TEXT,
        lambda setting: _named(Claim.rejection_reason, _by_id(*setting.programme.reasons.rejection)),
        width=30,
    ),
    Column("Rejection message", "The words to that.", Kind.TEXT, _plain(Claim.rejection_message), width=40),
    Column("Disputes", "How often the partner disputed a rejection.", Kind.NUMBER, _plain(Claim.disputes), width=10),
    Column(
        "Business justification",
        "What the partner said in the dispute.",
        Kind.TEXT,
        _plain(Claim.business_justification),
        width=40,
    ),
    Column(
        "Shared comments",
        f"The comments that both sides read, oldest first, a line each (at most {LONGEST_CELL:,} characters).",
        Kind.TEXT,
        _comments(shared=True),
        width=40,
    ),
    Column("Last change", "When anything was done to it the last time.", Kind.MOMENT, _plain(Claim.updated_at)),
    Column(
        "Imported reference",
        "Its number in the portal that it was imported from.",
        Kind.TEXT,
        _plain(IMPORTED.reference),
    ),
    Column(
        "Internal comments",
        "What the reviewers said among themselves, as the shared ones. Empty for claims of one's own partner.",
        Kind.TEXT,
        _comments(shared=False),
        Audience.REVIEWERS,
        width=40,
    ),
    Column(
        "Customer mail problem",
        "Why the last mail to the customer did not arrive.",
        Kind.TEXT,
        _plain(Claim.customer_mail_problem),
        Audience.REVIEWERS,
    ),
    Column(
        "Partner mail problem",
        "Why the last mail to the partner did not arrive.",
        Kind.TEXT,
        _plain(Claim.partner_mail_problem),
        Audience.REVIEWERS,
    ),
    *(
        Column(f"{whose} e-mail", meaning, Kind.TEXT, _plain(person.email), Audience.ADMINISTRATORS, width=28)
        for whose, meaning, person in (
            ("Created by", "The address of whoever began it.", CREATOR),
            ("Reviewer", "The address of whoever reviews it.", REVIEWER),
            ("Rejected by", "The address of whoever rejected it last, and may not decide its dispute.", REJECTER),
        )
    ),
)
