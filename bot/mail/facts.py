"""What a customer is told of a claim, in their mail and on their page: the same facts, collected once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.cards.values import name_of
from models.memory import Memory
from models.tables import Claim
from rules.fields import printable
from rules.formats import readable_domain


@dataclass(frozen=True)
class Facts:
    """Who asks, what for, and until when to object, each as one line of text.

    ``until`` is the last day on which the customer can opt out, None where no such day is known; ``zone`` the time zone
    in which that day ends.
    """

    number: str
    programme: str
    partner: str
    location: str
    contact_name: str
    contact_email: str
    customer: str
    domain: str
    engagement: str
    role: str
    products: tuple[str, ...]
    subscription: str
    until: str | None
    zone: str


def facts_for_customer(session: Session, memory: Memory, claim: Claim, due_at: datetime | None) -> Facts:
    """The facts of ``claim``, whose opt-out window ends at ``due_at`` (exclusive)."""
    catalogue = memory.programme.catalogue
    calendar = memory.calendar(session)
    role = next((one for one in catalogue.partner_roles if one.id == claim.partner_role), None)
    return Facts(
        number=claim.number,
        programme=one_line(memory.settings(session).name),
        partner=one_line(claim.partner.name),
        location=f"{one_line(claim.location.name)} (partner ID {claim.mpn})",
        contact_name=one_line(claim.partner_contact_name),
        contact_email=one_line(claim.partner_contact_email),
        customer=one_line(claim.customer_name) or "your company",
        domain=one_line(readable_domain(claim.customer_domain or "")),
        engagement=name_of(catalogue.engagements, role.engagement) if role else "",
        role=role.name if role else claim.partner_role,
        products=tuple(name_of(catalogue.products, one) for one in claim.products),
        subscription=claim.subscription_id or "",
        until=long_day(calendar.last_day(due_at)) if due_at is not None else None,
        zone=zone_name(calendar.timezone.key),
    )


def one_line(text: str | None) -> str:
    """``text`` without anything that could end a line or turn it around; empty for None."""
    return printable(text or "")


def long_day(on: date) -> str:
    """A day as a letter writes it, such as ``Wednesday, 25 November 2026``."""
    return f"{on:%A}, {on.day} {on:%B %Y}"


def zone_name(key: str) -> str:
    """A time zone by its place, such as ``Los Angeles time (America/Los_Angeles)``."""
    place = key.rpartition("/")[2].replace("_", " ")
    return key if place == key else f"{place} time ({key})"
