"""What somebody looks for among the claims: a plain value, the same for lists, Home and exports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from rules.lifecycle import Status


class Sort(StrEnum):
    """What a list can be sorted by; claims that are equal in it are sorted by their number."""

    NUMBER = "number"
    NAME = "name"
    CUSTOMER = "customer"
    PARTNER = "partner"
    STATUS = "status"
    DUE = "due"
    REVIEWER = "reviewer"
    UPDATED = "updated"


class Due(StrEnum):
    """When the limit that runs ends, seen from today in the programme's zone.

    ``OVERDUE`` is what somebody should have done by now; a window that merely closed (to dispute, to opt out) is not.
    ``WEEK`` is Monday to Sunday. ``NONE``: no limit runs.
    """

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    NONE = "none"


ME, NOBODY = "me", "none"  # as a reviewer


@dataclass(frozen=True, slots=True)
class Criteria:
    """What to look for; ``Criteria()`` is everything, newest first.

    Of the values of one filter any may hold, of several filters all must. What is empty restricts nothing.

    Attributes:
        statuses: how the claim stands.
        customers: words of the customer's name, domain or tenant ID; a word may be cut short.
        products: ids of the catalogue.
        engagements: ids of solution areas and of partner roles.
        partners: partners' names; of a name that no partner has exactly, words that may be cut short.
        locations: MPNs, or names of locations as for partners.
        reviewers: ``ME``, ``NOBODY``, or people's names as for partners.
        due: when the limit that runs ends.
        due_from: the first of the limit's last days that is meant, in the programme's zone.
        due_to: the last of them.
        text: words that the claim must all have, wherever; each may be cut short.
        sort: what the list is sorted by.
        descending: whether the greatest comes first. Claims without a value come last either way.
    """

    statuses: tuple[Status, ...] = ()
    customers: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    engagements: tuple[str, ...] = ()
    partners: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    due: Due | None = None
    due_from: date | None = None
    due_to: date | None = None
    text: str = ""
    sort: Sort = Sort.NUMBER
    descending: bool = True

    @property
    def restricts(self) -> bool:
        """Whether anything is looked for, rather than everything in some order."""
        return replace(self, sort=Sort.NUMBER, descending=True) != Criteria()
