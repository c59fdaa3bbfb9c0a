"""The columns of an export of claims: one table, from which both formats and docs/export.md come.

Their order never changes and a new column comes last, so that whoever reads the file by place goes on reading it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, String, case, cast, func, literal, null, select, text, type_coerce
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from models.exporting.columns import Audience, Column, Kind, Setting, by_id, named, names_of, plain
from models.queries.every_claim import number_of
from models.tables import Claim, Comment, ImportedClaim, Location, Partner, Person, Proof
from rules.fields import BY_ID
from rules.lifecycle import Party
from rules.permissions import Actor

# Excel keeps 32,767 characters in a cell; longer than this are only comments.
LONGEST_CELL = 32_000


# Beside a claim; aliases of their own, since what finds the claims may join the same tables.
PARTNER, LOCATION, CREATOR, REVIEWER = aliased(Partner), aliased(Location), aliased(Person), aliased(Person)
REJECTER, IMPORTED = aliased(Person), aliased(ImportedClaim)


def audience_of(actor: Actor) -> Audience:
    """As whom ``actor`` reads an export; the clock stands for whoever runs the command line."""
    if actor.party is Party.CLOCK:
        return Audience.ADMINISTRATORS
    return Audience.REVIEWERS if actor.reviewer else Audience.EVERYBODY


def fields_for(actor: Actor, setting: Setting) -> list[tuple[Column, ColumnElement[Any]]]:
    """The columns that are in an export of this person's, with what they read there."""
    columns = (column for column in COLUMNS if column.audience <= audience_of(actor))
    return [(column, _value_for(actor, column, setting)) for column in columns]


def beside(query: Select[Any]) -> Select[Any]:
    """What the columns need beside a claim."""
    return (
        query.join(PARTNER, PARTNER.id == Claim.partner_id)
        .join(LOCATION, LOCATION.mpn == Claim.mpn)
        .join(CREATOR, CREATOR.id == Claim.created_by_id)
        .outerjoin(REVIEWER, REVIEWER.id == Claim.reviewer_id)
        .outerjoin(REJECTER, REJECTER.id == Claim.rejected_by_id)
        .outerjoin(IMPORTED, IMPORTED.claim_id == Claim.id)
    )


def _value_for(actor: Actor, column: Column, setting: Setting) -> ColumnElement[Any]:
    """What ``actor`` reads in a column: of their own partners' claims, a reviewer reads what the partner does."""
    value = column.value(setting)
    own = [one.partner for one in actor.memberships]
    if column.audience is Audience.EVERYBODY or not own:
        return value
    return case((Claim.partner_id.in_(own), null()), else_=value)


def _field(name: str, kind: Kind, meaning: str = "", width: int = 18) -> Column:
    """A field of the form, under its label."""
    field = BY_ID[name]
    value = getattr(Claim, name)
    return Column(field.label, meaning or f"{field.hint or field.label}.", kind, plain(value), width=width)


def _solution_area(setting: Setting) -> ColumnElement[Any]:
    return named(Claim.solution_area, by_id(*setting.programme.catalogue.solution_areas))


def _partner_role(setting: Setting) -> ColumnElement[Any]:
    return named(Claim.partner_role, by_id(*setting.programme.catalogue.partner_roles))


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
    return plain(query.correlate(Claim).scalar_subquery())


def _yes_no(value: Any) -> Callable[[Setting], ColumnElement[Any]]:
    return plain(case((value, "yes"), else_="no"))


_DAY_OF_PROGRAMME = "The last day of the limit that runs now, in the programme's time zone."

COLUMNS: tuple[Column, ...] = (
    Column("Claim", "The claim's number.", Kind.WORD, plain(number_of(Claim.id)), width=12),
    Column("Status", "One of the eight statuses.", Kind.WORD, plain(type_coerce(Claim.status, String)), width=22),
    Column("Status since", "When it came into that status.", Kind.MOMENT, plain(Claim.status_since)),
    Column("Due on", _DAY_OF_PROGRAMME, Kind.DAY, _last_day, width=12),
    _field("claim_name", Kind.TEXT, "The partner's own name for it.", 30),
    Column("Partner", "The partner company.", Kind.TEXT, plain(PARTNER.name), width=24),
    Column("Partner location", "The name of the location that did the work.", Kind.TEXT, plain(LOCATION.name)),
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
        lambda setting: names_of(Claim.products, by_id(*setting.programme.catalogue.products)),
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
    Column("Created at", "When the draft was begun.", Kind.MOMENT, plain(Claim.created_at)),
    Column("Created by", "Who began it.", Kind.TEXT, plain(CREATOR.name)),
    Column("Submitted at", "When it was first submitted.", Kind.MOMENT, plain(Claim.submitted_at)),
    Column("Reviewer", "Who reviews it, or did.", Kind.TEXT, plain(REVIEWER.name)),
    Column(
        "Information asked for",
        "What the reviewer asked for last, while the answer is awaited.",
        Kind.TEXT,
        lambda setting: names_of(Claim.asked_reasons, by_id(*setting.programme.reasons.information)),
        width=30,
    ),
    Column("Question", "The reviewer's words to that.", Kind.TEXT, plain(Claim.asked_message), width=40),
    Column("Approved at", "When it was approved.", Kind.MOMENT, plain(Claim.approved_at)),
    Column(
        "Association official at",
        "When the customer's time to opt out was over; from then on the partner is associated.",
        Kind.MOMENT,
        plain(Claim.associated_at),
    ),
    Column("Rejected at", "When it was rejected the last time.", Kind.MOMENT, plain(Claim.rejected_at)),
    Column(
        "Rejection reason",
        "Why, as the programme names it.",
        Kind.TEXT,
        lambda setting: named(Claim.rejection_reason, by_id(*setting.programme.reasons.rejection)),
        width=30,
    ),
    Column("Rejection message", "The words to that.", Kind.TEXT, plain(Claim.rejection_message), width=40),
    Column("Disputes", "How often the partner disputed a rejection.", Kind.NUMBER, plain(Claim.disputes), width=10),
    Column(
        "Business justification",
        "What the partner said in the dispute.",
        Kind.TEXT,
        plain(Claim.business_justification),
        width=40,
    ),
    Column(
        "Shared comments",
        f"The comments that both sides read, oldest first, a line each (at most {LONGEST_CELL:,} characters).",
        Kind.TEXT,
        _comments(shared=True),
        width=40,
    ),
    Column("Last change", "When anything was done to it the last time.", Kind.MOMENT, plain(Claim.updated_at)),
    Column(
        "Imported reference",
        "Its number in the portal that it was imported from.",
        Kind.TEXT,
        plain(IMPORTED.reference),
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
        plain(Claim.customer_mail_problem),
        Audience.REVIEWERS,
    ),
    Column(
        "Partner mail problem",
        "Why the last mail to the partner did not arrive.",
        Kind.TEXT,
        plain(Claim.partner_mail_problem),
        Audience.REVIEWERS,
    ),
    *(
        Column(f"{whose} e-mail", meaning, Kind.TEXT, plain(person.email), Audience.ADMINISTRATORS, width=28)
        for whose, meaning, person in (
            ("Created by", "The address of whoever began it.", CREATOR),
            ("Reviewer", "The address of whoever reviews it.", REVIEWER),
            ("Rejected by", "The address of whoever rejected it last, and may not decide its dispute.", REJECTER),
        )
    ),
)
