"""Claims, their proofs, and all that is remembered about them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Enum, FetchedValue, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.tables.base import Base, found_by
from models.tables.people import Location, Partner, Person
from rules.lifecycle import Action, Party, Status


def _words(kind: type[Status] | type[Action] | type[Party]) -> Enum:
    """Kept as the words people read, so that a database dump explains itself; no native enum, which cannot shrink."""
    return Enum(kind, native_enum=False, length=40, values_callable=lambda members: [one.value for one in members])


# What reviewers have to decide, likewise.
IN_QUEUE = "status IN ('Submitted', 'Under review', 'Dispute')"

# The statuses that end by themselves when their limit has passed (written out: an index is made for just these).
ON_THE_CLOCK = "status IN ('Partner action required', 'Approved')"
# Entries of the history that moved the claim to another status; with its creation or import it came into its first.
MOVED = "from_status <> to_status"
# The statuses in which somebody is late once the limit has passed.
AWAITED = "status IN ('Submitted', 'Under review', 'Partner action required', 'Dispute')"


def _listed(name: str, *columns: str, where: str = "", more: tuple[str, ...] = ()) -> Index:
    return Index(
        f"ix_claims_{name}",
        *columns,
        postgresql_include=[*more, "submitted_at"],
        postgresql_where=text(" AND ".join(filter(None, [where, "discarded_at IS NULL"]))),
    )


class Claim(Base):
    """A claim: what the partner states, and how it stands.

    ``version`` is compared by every change and raised by one for each action, however many statements that takes.
    ``due_at`` is the end (exclusive) of the limit that runs in the present status. A discarded draft keeps its row and
    its history, and appears nowhere. Of a claim that was erased there is left what ``models.operations.erasing`` says.
    """

    __tablename__ = "claims"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[Status] = mapped_column(_words(Status), default=Status.DRAFT)
    status_since: Mapped[datetime]
    due_at: Mapped[datetime | None]

    partner_id: Mapped[int] = mapped_column(ForeignKey("partners.id"))
    mpn: Mapped[str] = mapped_column(ForeignKey("locations.mpn"))
    claim_name: Mapped[str]
    solution_area: Mapped[str]
    partner_role: Mapped[str]
    customer_tenant_id: Mapped[str | None]
    customer_name: Mapped[str | None]
    customer_domain: Mapped[str | None]
    customer_country: Mapped[str | None]
    products: Mapped[list[str]] = mapped_column(default=list)
    subscription_id: Mapped[str | None]
    opt_out_of_payment: Mapped[bool] = mapped_column(default=False)
    customer_contact_name: Mapped[str | None]
    customer_contact_title: Mapped[str | None]
    customer_contact_email: Mapped[str | None]
    partner_contact_name: Mapped[str | None]
    partner_contact_email: Mapped[str | None]
    solution_seller: Mapped[str | None]
    isv_solution: Mapped[str | None]
    acknowledgement_date: Mapped[date | None]
    comments: Mapped[str | None]

    created_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    discarded_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    # The rules under which it was first submitted: they go on deciding about it, whatever is published later.
    rules_version: Mapped[str | None] = mapped_column(ForeignKey("rule_versions.version"))
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    # What the reviewer asked for last (reason ids and the message), shown on top of the partner's form and card.
    asked_reasons: Mapped[list[str]] = mapped_column(default=list)
    asked_message: Mapped[str | None]
    rejected_at: Mapped[datetime | None]
    rejected_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    rejection_reason: Mapped[str | None]
    rejection_message: Mapped[str | None]
    disputes: Mapped[int] = mapped_column(default=0)
    business_justification: Mapped[str | None]
    approved_at: Mapped[datetime | None]
    associated_at: Mapped[datetime | None]
    # Why the last mail to a contact did not arrive (``models.operations.mails``); None while nothing is wrong.
    customer_mail_problem: Mapped[str | None]
    partner_mail_problem: Mapped[str | None]

    words: Mapped[Any] = found_by()

    partner: Mapped[Partner] = relationship()
    location: Mapped[Location] = relationship()
    created_by: Mapped[Person] = relationship(foreign_keys=[created_by_id])
    reviewer: Mapped[Person | None] = relationship(foreign_keys=[reviewer_id])
    rejected_by: Mapped[Person | None] = relationship(foreign_keys=[rejected_by_id])
    proofs: Mapped[list[Proof]] = relationship(back_populates="claim", order_by="Proof.id")

    __mapper_args__ = {"version_id_col": version, "version_id_generator": False, "eager_defaults": False}  # noqa: RUF012 - SQLAlchemy reads it as a plain dict
    __table_args__ = (
        Index("ix_claims_words", "words", postgresql_using="gin"),
        # Lists of one partner, location, reviewer or status, and lists sorted. With the time of submission, an index
        # tells by itself what a reviewer may see: a thousand are counted without reading one (benchmarks/finding.py).
        _listed("partner", "partner_id", "id"),
        Index("ix_claims_partner_status", "partner_id", "status", text("id DESC")),
        _listed("location", "mpn", "id"),
        _listed("reviewer", "reviewer_id", "id"),
        _listed("status", "status", "id"),
        _listed("due", "due_at", "id", where="due_at IS NOT NULL"),
        # Who is late: of closed windows, which are most of what is due, it need not know.
        _listed("late", "due_at", "id", where=AWAITED),
        # The reviewers' queue, everybody's and each one's, the most urgent first.
        _listed("queue", "due_at", "id", where=IN_QUEUE, more=("status",)),
        _listed("work", "reviewer_id", "due_at", "id", where=IN_QUEUE, more=("status",)),
        Index("ix_claims_updated", "updated_at", "id"),
        Index("ix_claims_by_name", text("sort_text(claim_name)"), "id"),
        Index("ix_claims_by_customer", text("sort_text(customer_name)"), "id"),
        # On what the clock acts: of old rejections, whose window is long over, it need not know.
        Index(
            "ix_claims_clock",
            "due_at",
            "id",
            postgresql_where=text(f"{ON_THE_CLOCK} AND due_at IS NOT NULL AND discarded_at IS NULL"),
        ),
        # Duplicates and competing claims.
        Index("ix_claims_customer", "customer_tenant_id", "partner_role"),
        CheckConstraint("version > 0", name="version"),
    )

    @property
    def number(self) -> str:
        """The claim's number as people know it, ``CL-000123``."""
        return claim_number(self.id)

    @property
    def place(self) -> tuple[str, str]:
        """(team, channel) where the partner's side of the claim belongs: its location's own channel, if there is one.

        A location that went to another partner took its channel along, and the claim stays with its partner.
        """
        own = self.location.channel if self.location.partner_id == self.partner_id else None
        return self.partner.team, own or self.partner.channel

    @property
    def accepted_proofs(self) -> list[Proof]:
        """The proofs of execution that passed their check and were not removed, oldest first."""
        return [one for one in self.proofs if one.state == "accepted" and one.removed_at is None]

    @property
    def pending_proofs(self) -> list[Proof]:
        """The files handed in that are still being fetched and checked."""
        return [one for one in self.proofs if one.state == "checking" and one.removed_at is None]

    def refused_since(self, moment: datetime) -> list[Proof]:
        """The files handed in at ``moment`` or later that could not be taken."""
        return [one for one in self.proofs if one.state == "refused" and one.added_at >= moment]


def claim_number(identity: int) -> str:
    """``CL-000001`` upward (design section 4)."""
    return f"CL-{identity:06d}"


def claim_id(number: str) -> int | None:
    """The identity behind a number as people write it (``CL-000123``, ``cl-123``, ``123``); None if it is none."""
    digits = number.strip().upper().removeprefix("CL-")
    # 18 digits always fit PostgreSQL's bigint.
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 18 else None


class Document(Base):
    """A stored file's content, kept once however often it is handed in; its name in the store is its SHA-256."""

    __tablename__ = "documents"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    media_type: Mapped[str]
    stored_at: Mapped[datetime]


class Proof(Base):
    """A proof of execution: first ``checking``, then ``accepted`` or ``refused`` (``problem`` says why)."""

    __tablename__ = "proofs"
    __table_args__ = (
        CheckConstraint("state IN ('checking', 'accepted', 'refused')", name="state"),
        UniqueConstraint("claim_id", "slack_file"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    slack_file: Mapped[str | None]
    file_name: Mapped[str]
    state: Mapped[str] = mapped_column(default="checking")
    problem: Mapped[str | None]
    sha256: Mapped[str | None] = mapped_column(ForeignKey("documents.sha256"))
    added_by_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]

    claim: Mapped[Claim] = relationship(back_populates="proofs")
    document: Mapped[Document | None] = relationship(lazy="joined")
    added_by: Mapped[Person] = relationship()


class History(Base):
    """One row for each thing that happened: who, when, from, to, why, what changed. Append-only and chained.

    The database gives what the chain is made of (docs/audit.md): ``seq`` counts within the claim, ``salts`` has one for
    each part of the text, ``erased`` the digests of parts that were erased, under the journal entry ``erasure_id``.
    """

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_claim", "claim_id", "id"),
        UniqueConstraint("claim_id", "seq"),
        # For statistics: what moved claims in a period, and what had moved the same claim before.
        Index(
            "ix_history_moved_at",
            "at",
            postgresql_include=["claim_id", "id", "action", "from_status", "to_status", "person_id", "reasons"],
            postgresql_where=text(MOVED),
        ),
        Index("ix_history_moved_of", "claim_id", "id", postgresql_include=["at"], postgresql_where=text(MOVED)),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    at: Mapped[datetime]
    action: Mapped[Action] = mapped_column(_words(Action))
    party: Mapped[Party] = mapped_column(_words(Party))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    from_status: Mapped[Status | None] = mapped_column(_words(Status))
    to_status: Mapped[Status | None] = mapped_column(_words(Status))
    version: Mapped[int]
    reasons: Mapped[list[str]] = mapped_column(default=list)
    message: Mapped[str | None]
    # field id -> [before, after], both as JSON values
    changes: Mapped[dict[str, Any]] = mapped_column(default=dict)

    seq: Mapped[int] = mapped_column(server_default=FetchedValue(), deferred=True)
    salts: Mapped[dict[str, Any]] = mapped_column(server_default=FetchedValue(), deferred=True)
    erased: Mapped[dict[str, Any]] = mapped_column(server_default=FetchedValue(), deferred=True)
    erasure_id: Mapped[int | None] = mapped_column(ForeignKey("journal.id"))
    hash: Mapped[bytes] = mapped_column(server_default=FetchedValue(), deferred=True)

    claim: Mapped[Claim] = relationship()
    person: Mapped[Person | None] = relationship()

    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - SQLAlchemy reads it as a plain dict


class StoredDecision(Base):
    """What a rule set decided about a claim, with every condition and value, and the version that decided."""

    __tablename__ = "decisions"
    __table_args__ = (Index("ix_decisions_claim", "claim_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    at: Mapped[datetime]
    rule_set: Mapped[str]
    version: Mapped[str]
    outcome: Mapped[str]
    body: Mapped[dict[str, Any]]


class Comment(Base):
    """What was said about a claim. ``shared``: the other side sees it too.

    ``text`` is what it says now; ``versions`` holds what it said before, oldest first, each with the moment (ISO) since
    when it said so. A deleted comment keeps its text. ``files`` are those that came with it (Slack's id and the name);
    none of them is a proof until the person says so. ``original``: the internal comment of which this one is the copy
    that was sent to the partner, which happens to a comment once. ``team``, ``channel`` and ``ts`` name the message in
    which it was said; what came by a command or a form has none.
    """

    __tablename__ = "comments"
    __table_args__ = (UniqueConstraint("team", "channel", "ts"), Index("ix_comments_claim", "claim_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    party: Mapped[Party] = mapped_column(_words(Party))
    text: Mapped[str]
    shared: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    versions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    files: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    original_id: Mapped[int | None] = mapped_column(ForeignKey("comments.id"), unique=True)
    team: Mapped[str | None]
    channel: Mapped[str | None]
    ts: Mapped[str | None]

    claim: Mapped[Claim] = relationship()
    person: Mapped[Person] = relationship()
    original: Mapped[Comment | None] = relationship(remote_side=[id])


class Consent(Base):
    """A link with which the customer may opt out: one for each mail that was tried, so several for a claim.

    Of the token in the link only the SHA-256 is kept. ``due_at``: until when (exclusive) its mail said that one may opt
    out; None where that was not known yet. ``spent_at``: when the customer opted out; that spends all of the claim's.
    """

    __tablename__ = "consents"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    claim_id: Mapped[int] = mapped_column(ForeignKey("claims.id"), index=True)
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    spent_at: Mapped[datetime | None]

    claim: Mapped[Claim] = relationship()
