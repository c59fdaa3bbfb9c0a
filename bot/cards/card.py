"""A claim's card: one in the partner's channel, one in the review channel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.cards.buttons import claim_buttons
from bot.cards.mail_notes import mail_notes
from bot.cards.review_notes import review_notes
from bot.cards.text import (
    Block,
    Leaf,
    bold,
    bullets,
    counted,
    cut,
    divider,
    escape,
    header,
    italic,
    line,
    lines,
    listed,
    moment,
    note,
    quote,
    words,
)
from bot.cards.values import name_of, reason
from bot.cards.verdict import incentive_text
from models.queries.surroundings import Surroundings
from models.tables import Claim
from rules.calendar import BusinessCalendar
from rules.decision import Decision
from rules.formats import readable_domain
from rules.lifecycle import Status
from rules.loading import Programme

# What runs in a status, in the words of whoever has to act.
_DUE = {
    Status.SUBMITTED: "Review starts by",
    Status.UNDER_REVIEW: "Decision by",
    Status.ACTION_REQUIRED: "Answer by",
    Status.DISPUTE: "Decision by",
    Status.REJECTED: "Can be disputed until",
    Status.APPROVED: "Opt-out window open until",
}
_QUOTED = 600


@dataclass(frozen=True)
class Message:
    """A message for Slack: what is read aloud and notified, and what is seen.

    ``older`` makes the same of blocks that every workspace has, where ``blocks`` holds some that came later (tables,
    charts): Slack brings those to one workspace after the other.
    """

    text: str
    blocks: list[Block]
    older: Callable[[], list[Block]] | None = None


@dataclass(frozen=True)
class View:
    """What a card needs beside the claim: the programme's words, its calendar, the time, and how to find out whether
    the claim can bring money, and what the rules tell a reviewer of it.
    """

    programme: Programme
    calendar: BusinessCalendar
    now: datetime
    incentive: Callable[[Claim], Decision]
    hints: Callable[[Claim], Decision]


def claim_card(claim: Claim, side: str, view: View, around: Surroundings | None = None) -> Message:
    """The card as it is to be drawn now; ``claim``'s relations must be loaded.

    ``around`` is for the reviewers' side alone.
    """
    if claim.erased_at is not None:
        return erased_card(claim)
    title = f"{claim.number} · {claim.claim_name}"
    blocks = [header(title), lines(state_lines(claim, view)), lines(facts(claim, view))]
    blocks += asked(claim, view.programme) + rejected(claim, view.programme)
    if side == "reviewer" and around is not None:
        blocks += review_notes(claim, around, view) + mail_notes(claim)
    if claim.comments:
        blocks += [line(bold("Comments")), quote(cut(claim.comments, _QUOTED))]
    if claim.discarded_at is not None:
        return Message(escape(f"{title}: discarded"), [header(title), note("This draft was discarded.")])
    blocks += [divider(), *claim_buttons(claim.number, claim.status, side, claim.version)]
    who = claim.customer_name or "no customer yet"
    return Message(escape(cut(f"{title} ({who}) is {claim.status}. {due_text(claim, view)}", 2900)), blocks)


def erased_card(claim: Claim) -> Message:
    """What is left of an erased claim: its number and how it ended. Nothing can be done with it."""
    ended = [bold("Discarded draft" if claim.discarded_at is not None else str(claim.status)), words(" since ")]
    ended.append(moment(claim.discarded_at or claim.status_since))
    said = "What people had written in this claim was erased."
    return Message(f"{claim.number}: {said}", [header(f"{claim.number} · erased"), line(*ended), note(said)])


def state_message(claim: Claim, side: str, view: View, around: Surroundings | None = None) -> Message:
    """How the claim stands, and nothing else: the answer to ``status`` in its thread. ``around`` as for the card."""
    blocks = [line(bold(claim.number)), lines(state_lines(claim, view))]
    blocks += asked(claim, view.programme) + rejected(claim, view.programme)
    if side == "reviewer" and around is not None:
        blocks += review_notes(claim, around, view) + mail_notes(claim)
    return Message(escape(cut(f"{claim.number} is {claim.status}. {due_text(claim, view)}", 2900)), blocks)


def facts(claim: Claim, view: View) -> list[list[Leaf]]:
    """What the partner states, in short."""
    catalogue = view.programme.catalogue
    role = name_of(catalogue.partner_roles, claim.partner_role)
    domain = readable_domain(claim.customer_domain or "")
    products = listed((name_of(catalogue.products, one) for one in claim.products), 8)
    rows: list[tuple[str, str | None]] = [
        ("Partner", f"{claim.partner.name}, {claim.location.name} ({claim.mpn})"),
        ("Customer", " · ".join(filter(None, (claim.customer_name, domain)))),
        ("Partner role", f"{role} ({name_of(catalogue.solution_areas, claim.solution_area)})"),
        ("Products", products),
        ("Subscription", claim.subscription_id),
        ("Proof of execution", proofs(claim)),
    ]
    return [[bold(f"{label}: "), words(value) if value else italic("still missing")] for label, value in _shown(rows)]


def proofs(claim: Claim) -> str:
    """The files of proof and how their check went, as one line."""
    parts = [cut(one.file_name, 60) for one in claim.accepted_proofs]
    parts += [f"{cut(one.file_name, 60)} (being checked)" for one in claim.pending_proofs]
    return listed(parts, 5)


def asked(claim: Claim, programme: Programme) -> list[Block]:
    """What the reviewer asked for last, while the answer is awaited."""
    if claim.status is not Status.ACTION_REQUIRED:
        return []
    reasons = [reason(programme.reasons.information, one) for one in claim.asked_reasons]
    blocks = [
        line(bold("The reviewer needs more information")),
        bullets([bold(label), words(f": {meaning}")] for label, meaning in reasons),
    ]
    return blocks + ([quote(cut(claim.asked_message, _QUOTED))] if claim.asked_message else [])


def rejected(claim: Claim, programme: Programme) -> list[Block]:
    """Why the claim was rejected."""
    if claim.status not in (Status.REJECTED, Status.REJECTED_FINAL) or claim.rejection_reason is None:
        return []
    label, meaning = reason(programme.reasons.rejection, claim.rejection_reason)
    blocks = [line(bold(f"Reason: {label}. "), words(meaning))]
    return blocks + ([quote(cut(claim.rejection_message, _QUOTED))] if claim.rejection_message else [])


def last_day(claim: Claim, view: View) -> date | None:
    """The last day of the limit that runs, in the programme's zone."""
    return view.calendar.last_day(claim.due_at) if claim.due_at is not None else None


def due_text(claim: Claim, view: View) -> str:
    """The limit that runs, in words: what, until when, how long still; empty where none runs."""
    last = last_day(claim, view)
    if last is None or claim.due_at is None:
        return ""
    if claim.status is Status.REJECTED:  # the one limit that counts every day
        unit, left = "day", (last - view.calendar.local_day(view.now)).days
    else:
        unit, left = "business day", view.calendar.business_days_left(view.now, claim.due_at)
    if view.now >= claim.due_at:
        remaining = f"over since {counted(-left, unit)}"
    else:
        remaining = "today is the last day" if left == 0 else f"{counted(left, unit)} left"
    return f"{_DUE[claim.status]} {last:%a} {last.day} {last:%b %Y} ({remaining})."


def whose_turn(claim: Claim) -> str:
    """Who can end the limit that runs, in words."""
    match claim.status:
        case Status.ACTION_REQUIRED:
            return claim.partner.name
        case Status.REJECTED:
            return f"{claim.partner.name}, if it disagrees"
        case Status.APPROVED:
            return "the customer, if they object"
    if claim.reviewer is not None:
        return claim.reviewer.name
    if claim.status is Status.DISPUTE and claim.rejected_by is not None:
        return f"a reviewer other than {claim.rejected_by.name}"
    return "the reviewers"


def state_lines(claim: Claim, view: View) -> list[list[Leaf]]:
    """How the claim stands: its status, who reviews it, what runs, and after approval what that means."""
    rows = [[bold(str(claim.status)), words(" since "), moment(claim.status_since)]]
    if claim.reviewer is not None and claim.submitted_at is not None:
        rows[0] += [words(f" · Reviewer: {claim.reviewer.name}")]
    if text := due_text(claim, view):
        rows.append([words(f"{text} To act: {whose_turn(claim)}.")])
    if claim.status is Status.APPROVED:
        if claim.associated_at is not None:
            rows.append([bold("Association official"), words(" since "), moment(claim.associated_at)])
        # Approved is one thing, money another (seed 004): each has its own line.
        rows.append([bold("Incentives: "), words(incentive_text(view.incentive(claim)))])
    return rows


def _shown(rows: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    # A subscription is asked for by some partner roles only; everything else is missed while it is missing.
    return [(label, value) for label, value in rows if value or label != "Subscription"]
