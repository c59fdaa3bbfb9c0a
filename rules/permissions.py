"""Who may see a claim, and who may do what to it.

Pure: the caller says who acts (as the directory knows them at that moment) and how the claim stands. It is asked when a
button is drawn, when it is pressed, and once more inside the transaction that acts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from rules import lifecycle
from rules.lifecycle import Action, Need, PartnerRole, Party, Status, Transition


class Condition(StrEnum):
    """The condition that failed when somebody was refused."""

    VISIBLE = "visible"
    PARTY = "party"
    ROLE = "role"
    LOCATION = "location"
    STATUS = "status"
    OWN_COMPANY = "own company"
    FOUR_EYES = "four eyes"
    DUTY = "duty"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an action was refused: the failing condition and a sentence for the person who tried, and nobody else.

    ``moved_on`` is the number of a claim that stands otherwise than whoever tried must have thought, which they may
    see: what they acted on was out of date.
    """

    condition: Condition
    message: str
    moved_on: str | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Membership:
    """What a person is at one partner. ``locations`` None means every location; otherwise MPNs."""

    partner: int
    roles: frozenset[PartnerRole]
    locations: frozenset[str] | None = None

    def covers(self, mpn: str) -> bool:
        """Whether the location with this MPN is within the person's scope."""
        return self.locations is None or mpn in self.locations


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. ``person`` is None for the customer (who comes by a link) and for the clock."""

    person: int | None
    memberships: tuple[Membership, ...] = ()
    reviewer: bool = False
    lead: bool = False
    party: Party | None = None

    def membership(self, partner: int) -> Membership | None:
        """The person's membership of that partner, if any."""
        return next((one for one in self.memberships if one.partner == partner), None)

    def may_file(self, partner: int, mpn: str) -> bool:
        """Whether a claim of that partner's location may be created by this person."""
        member = self.membership(partner)
        return member is not None and bool(member.roles & lifecycle.FILING) and member.covers(mpn)


CLOCK = Actor(person=None, party=Party.CLOCK)
CUSTOMER = Actor(person=None, party=Party.CUSTOMER)


@dataclass(frozen=True, slots=True)
class Subject:
    """How the claim stands: as much of it as permissions depend on."""

    number: str
    status: Status
    partner: int
    mpn: str
    submitted: bool
    rejected_by: int | None = None
    reviewer: int | None = None
    erased: bool = False

    @property
    def gone(self) -> Refusal | None:
        """Why nothing can be done with an erased claim; None for every other."""
        if not self.erased:
            return None
        message = f"The data of {self.number} was erased, so nothing more can happen to it."
        return Refusal(Condition.STATUS, message, self.number)


def sees(actor: Actor, subject: Subject) -> bool:
    """Whether ``actor`` may see the claim at all (design section 3).

    Everyone of a partner sees its claims within their location scope; reviewers see all that was ever submitted.
    """
    if actor.party is not None:
        return True
    member = actor.membership(subject.partner)
    if member is not None and member.covers(subject.mpn):
        return True
    return actor.reviewer and subject.submitted


def check(actor: Actor, action: Action, subject: Subject) -> Transition | Refusal:
    """The row that lets ``actor`` take ``action`` on this claim, or the refusal that says which condition failed.

    Conditions that need more than who and where (rule sets, limits, reasons) are checked by the operation.
    """
    name = lifecycle.label(action)
    if not sees(actor, subject):
        return Refusal(Condition.VISIBLE, f"There is no claim {subject.number} that you can see.")
    row = lifecycle.transition(action, subject.status)
    party = (row or lifecycle.rows(action)[0]).party
    if (refusal := _party_refusal(actor, party, name, subject)) is not None:
        return refusal
    if (refusal := subject.gone) is not None:
        return refusal
    if row is None:
        message = f"{subject.number} is {subject.status}. {_possible(action, name)}"
        return Refusal(Condition.STATUS, message, subject.number)
    member = actor.membership(subject.partner)
    if row.roles and (member is None or not member.roles & row.roles):
        return Refusal(Condition.ROLE, f"“{name}” needs one of these roles: {_names(row.roles)}.")
    if Need.ANOTHER_REVIEWER in row.needs and actor.person == subject.rejected_by:
        return Refusal(
            Condition.FOUR_EYES,
            f"You rejected {subject.number}, so another reviewer has to decide its dispute.",
        )
    if Need.SOMEBODYS_DUTY in row.needs and subject.reviewer is None:
        return Refusal(Condition.DUTY, f"Nobody reviews {subject.number} now.", subject.number)
    if Need.OWN_DUTY in row.needs and not actor.lead and actor.person != subject.reviewer:
        message = f"“{name}” is for whoever reviews {subject.number}, and for leads."
        return Refusal(Condition.DUTY, message, subject.number)
    if Need.OTHERS_DUTY in row.needs and actor.person == subject.reviewer:
        return Refusal(Condition.DUTY, f"You review {subject.number} already.", subject.number)
    return row


def may_file_somewhere(actor: Actor) -> Refusal | None:
    """Why ``actor`` may not file claims at all; None if there is a partner for whom they may."""
    if not actor.memberships:
        return Refusal(Condition.PARTY, "Only members of a partner can file claims, and you are not listed as one.")
    if not any(one.roles & lifecycle.FILING for one in actor.memberships):
        return Refusal(Condition.ROLE, f"“New claim” needs one of these roles: {_names(lifecycle.FILING)}.")
    return None


def may_create(actor: Actor, partner: int | None, mpn: str) -> Refusal | None:
    """Why ``actor`` may not create a claim for the location ``mpn`` of ``partner``; None if they may.

    ``partner`` None says that no partner has that location: the answer is the same as for a foreign one.
    """
    member = actor.membership(partner) if partner is not None else None
    if not actor.memberships:
        return Refusal(Condition.PARTY, "Only members of a partner can file claims, and you are not listed as one.")
    if member is None or not member.covers(mpn):
        return Refusal(Condition.LOCATION, f"{mpn} is not one of your locations.")
    if not member.roles & lifecycle.FILING:
        return Refusal(Condition.ROLE, f"“New claim” needs one of these roles: {_names(lifecycle.FILING)}.")
    return None


def manages_team(actor: Actor, partner: int) -> bool:
    """Whether ``actor`` says who belongs to that partner: its global admins do ("Manage users", Partner Center)."""
    member = actor.membership(partner)
    return member is not None and PartnerRole.GLOBAL_ADMIN in member.roles


def may_manage_people(actor: Actor) -> Refusal | None:
    """Why ``actor`` may not say who belongs to any team; None if there is one that is theirs."""
    if actor.lead or any(manages_team(actor, one.partner) for one in actor.memberships):
        return None
    message = "Only a partner's global admins and lead reviewers can change who belongs to their team."
    return Refusal(Condition.ROLE, message)


def _party_refusal(actor: Actor, party: Party, name: str, subject: Subject) -> Refusal | None:
    if party is Party.REVIEWER:
        if not actor.reviewer:
            return Refusal(Condition.PARTY, f"“{name}” is for the programme's reviewers.")
        if actor.membership(subject.partner) is not None:
            return Refusal(
                Condition.OWN_COMPANY,
                "You belong to this partner, so another reviewer has to act on its claims.",
            )
    elif party is Party.PARTNER:
        member = actor.membership(subject.partner)
        if member is None:
            return Refusal(Condition.PARTY, f"“{name}” is for the partner who filed the claim.")
        if not member.covers(subject.mpn):  # seen all the same by a member of another location who reviews
            return Refusal(Condition.LOCATION, f"{subject.mpn} is not one of your locations.")
    elif actor.party is not party:
        return Refusal(Condition.PARTY, f"“{name}” does not happen by hand.")
    return None


def _possible(action: Action, name: str) -> str:
    statuses = [status for row in lifecycle.rows(action) for status in row.sources]
    return f"“{name}” is possible while a claim is {_either(statuses)}."


def _either(words: Iterable[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def _names(roles: frozenset[PartnerRole]) -> str:
    return ", ".join(sorted(role.replace("_", " ") for role in roles))
