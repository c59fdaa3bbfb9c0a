"""The file of claims that a programme had before claimbot: its columns, and what a line of it must say.

The columns are those of an export, with a ``Reference`` of the old portal's. A value is held to the same rules as in
the form (`rules.fields`), a name to the catalogue and the directory, and the dates to the status.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import sha256
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from models import csv_values
from models.csv_file import Column, Row
from models.exporting.source import undefused
from rules import deadlines
from rules.calendar import BusinessCalendar
from rules.catalogue import Catalogue
from rules.contradictions import contradictions
from rules.countries import COUNTRIES
from rules.faults import unknown
from rules.fields import BY_ID, FieldError, Kind, clean, printable
from rules.lifecycle import Status
from rules.loading import Programme

REFERENCE = "Reference"
_LONGEST_MESSAGE = 3000
_MOST_DISPUTES = 9
_REJECTED = (Status.REJECTED, Status.REJECTED_FINAL)


@dataclass(frozen=True)
class Place:
    """A location of the directory, and the people who act for its partner: identities by address, in small letters."""

    partner: int
    members: Mapping[str, int]
    # Who counts as having filed what nobody is named for.
    somebody: int | None


@dataclass(frozen=True)
class Register:
    """What the lines of a file are held against."""

    programme: Programme
    calendar: BusinessCalendar
    places: Mapping[str, Place]
    reviewers: Mapping[str, int]
    now: datetime


def columns(register: Register) -> tuple[Column, ...]:
    """The columns of the file."""
    catalogue, reasons = register.programme.catalogue, register.programme.reasons
    moment = _moment(register.calendar.timezone)
    plain = {Kind.TEXT, Kind.LONG_TEXT, Kind.GUID, Kind.DOMAIN, Kind.EMAIL}
    typed = [field for field in BY_ID.values() if field.kind in plain]
    return (
        Column(REFERENCE, csv_values.text(100)),
        Column("Status", _one_of("status", {_plain(status): status for status in Status}, Status)),
        Column("Status since", moment),
        Column("Partner location (MPN)", csv_values.mpn, also=("MPN", "PartnerId")),
        Column("Solution area", _named("solution area", catalogue.solution_areas)),
        Column("Partner role", _role_name(catalogue)),
        *(Column(field.label, _field(field.id), required=field.required) for field in typed),
        Column("Customer country", _country, required=False),
        Column("Products", _several("product", catalogue.products), required=False),
        Column("Opt out of incentive payment", _tick, required=False),
        Column("Acknowledgement date", csv_values.day, required=False),
        *(
            Column(name, moment, required=False)
            for name in ("Created at", "Submitted at", "Approved at", "Association official at", "Rejected at")
        ),
        *(
            Column(name, csv_values.text(254), required=False)
            for name in ("Created by e-mail", "Reviewer e-mail", "Rejected by e-mail")
        ),
        Column("Information asked for", _several("reason", reasons.information), required=False),
        Column("Rejection reason", _named("reason", reasons.rejection), required=False),
        *(
            Column(name, _message, required=False)
            for name in ("Question", "Rejection message", "Business justification")
        ),
        Column("Disputes", _disputes, required=False),
    )


def prints_of(row: Row) -> dict[str, str]:
    """A digest of each value that is not empty, to tell later whether another file says otherwise."""
    reference = row.values[REFERENCE]
    return {
        name: sha256(f"{reference}\0{name}\0{value}".encode()).hexdigest()[:16]
        for name, value in row.values.items()
        if value not in (None, [], False) and name != REFERENCE
    }


class Line:
    """A line whose cells can be taken, and what they make of a claim together."""

    def __init__(self, row: Row, register: Register) -> None:
        self._values = row.values
        self._register = register
        self._status: Status = row.values["Status"]
        self._since: datetime = row.values["Status since"]

    def claim(self) -> dict[str, Any]:
        """The claim's columns. Call it only where there are no `faults`."""
        given, status, place = self._values, self._status, self._place
        submitted = None if status is Status.DRAFT else given["Submitted at"] or self._since
        official = given["Association official at"]
        disputes = given["Disputes"] or int(status is Status.DISPUTE)
        due = self._due(disputes, associated=official is not None)
        if status is Status.APPROVED and due is not None and due <= self._register.now:
            official, due = due, None  # the customer did not opt out in time
        return {
            **self._fields(),
            "partner_id": place.partner,
            "status": status,
            "status_since": self._since,
            "due_at": due,
            "created_by_id": self._creator(),
            "created_at": given["Created at"] or submitted or self._since,
            "updated_at": self._since,
            "submitted_at": submitted,
            "reviewer_id": self._reviewer("Reviewer e-mail"),
            "asked_reasons": given["Information asked for"] or [],
            "asked_message": given["Question"],
            "approved_at": self._since if status is Status.APPROVED else given["Approved at"],
            "associated_at": official,
            "rejected_at": given["Rejected at"] or (self._since if status in _REJECTED else None),
            "rejected_by_id": self._reviewer("Rejected by e-mail"),
            "rejection_reason": given["Rejection reason"],
            "rejection_message": given["Rejection message"],
            "disputes": disputes,
            "business_justification": given["Business justification"],
        }

    def faults(self) -> Iterator[str]:
        """What the cells contradict: the directory, the catalogue, each other."""
        given, status = self._values, self._status
        if given["Partner location (MPN)"] not in self._register.places:
            yield unknown("location in the directory with MPN", given["Partner location (MPN)"], self._register.places)
            return
        for name, message in contradictions(self._fields(), self._register.programme.catalogue).items():
            yield f"{BY_ID[name].label}: {message}"
        if self._creator() is None:
            yield "Created by e-mail must be the address of a member of this partner."
        for name in ("Reviewer e-mail", "Rejected by e-mail"):
            if given[name] is not None and self._reviewer(name) is None:
                yield f"{name}: {unknown('reviewer', given[name], self._register.reviewers)}"
        yield from self._of_the_status(status)
        yield from self._of_the_dates()

    def _of_the_status(self, status: Status) -> Iterator[str]:
        given = self._values
        if status is Status.DRAFT and given["Submitted at"] is not None:
            yield "Submitted at must be empty: a draft was never submitted."
        if status not in (Status.DRAFT, Status.SUBMITTED) and given["Submitted at"] is None:
            yield f"Submitted at is empty: a claim that is {status} was submitted."
        if status in _REJECTED and given["Rejection reason"] is None:
            yield f"Rejection reason is empty: a claim that is {status} has one."
        if status is Status.DISPUTE and given["Rejected at"] is None:
            yield "Rejected at is empty: a claim in Dispute was rejected."
        if status is not Status.APPROVED and status not in _REJECTED and given["Association official at"] is not None:
            yield f"Association official at must be empty: a claim that is {status} is not associated."
        if status is Status.ACTION_REQUIRED and (due := self._due(0)) is not None and due <= self._register.now:
            last = self._register.calendar.last_day(due)
            yield (
                f"The partner's time to answer ended on {last}: claimbot would reject the claim at once. "
                "Give it as Rejected, or ask anew and put that day into Status since."
            )

    def _of_the_dates(self) -> Iterator[str]:
        # In this order they happen; of those that are there, none may come before the one before it.
        order = ("Created at", "Submitted at", "Status since")
        dated = [(name, self._values[name]) for name in order if self._values[name] is not None]
        for (first, one), (second, other) in pairwise(dated):
            if other < one:
                yield f"{second} is before {first}."
        every = (*order, "Approved at", "Association official at", "Rejected at")
        for name in every:
            at = self._values[name]
            if at is not None and at > self._register.now:
                yield f"{name} is in the future."

    @property
    def _place(self) -> Place:
        return self._register.places[self._values["Partner location (MPN)"]]

    def _fields(self) -> dict[str, Any]:
        """What the form asks for, by field id."""
        given = self._values
        fields = {one.id: given.get(one.label) for one in BY_ID.values() if one.kind is not Kind.FILES}
        fields |= {"products": given["Products"] or [], "opt_out_of_payment": bool(fields["opt_out_of_payment"])}
        return fields | {"partner_role": self._role()}

    def _role(self) -> str:
        """The role's id: what it is called may be another one's name in the other solution area."""
        catalogue, name = self._register.programme.catalogue, _plain(self._values["Partner role"])
        own = _names(catalogue.roles_of(self._values["Solution area"]))
        return own.get(name) or _names(catalogue.partner_roles)[name]

    def _creator(self) -> int | None:
        place, given = self._place, self._values
        if given["Created by e-mail"] is not None:
            return place.members.get(given["Created by e-mail"].lower())
        return place.members.get((given["Partner contact e-mail"] or "").lower(), place.somebody)

    def _reviewer(self, name: str) -> int | None:
        return self._register.reviewers.get((self._values[name] or "").lower())

    def _due(self, disputes: int, *, associated: bool = False) -> datetime | None:
        limits, calendar = self._register.programme.limits, self._register.calendar
        status, since = self._status, self._since
        return deadlines.due(status, since, limits=limits, calendar=calendar, disputes=disputes, associated=associated)


def _field(name: str) -> Callable[[str], Any]:
    def read(cell: str) -> Any:
        try:
            return clean(BY_ID[name], undefused(cell))
        except FieldError as error:
            raise ValueError(f"cannot be taken. {error}") from None

    return read


def _message(cell: str) -> str | None:
    text = printable(undefused(cell), lines=True)
    if len(text) > _LONGEST_MESSAGE:
        raise ValueError(f"may have {_LONGEST_MESSAGE:,} characters; it has {len(text):,}.")
    return text or None


def _disputes(cell: str) -> int:
    count = csv_values.count(cell)
    if count > _MOST_DISPUTES:
        raise ValueError(f"cannot be {count:,}: a rejection is disputed once, or a few times.")
    return count


def _moment(zone: ZoneInfo) -> Callable[[str], datetime]:
    """A moment; without an offset by the clocks of the programme's zone, of a day alone its beginning."""

    def read(cell: str) -> datetime:
        try:
            at = datetime.fromisoformat(cell) if len(cell) > len("2026-10-01") else None
            at = at or datetime.combine(date.fromisoformat(cell), time.min)
        except ValueError:
            example = "such as 2026-10-01 or 2026-10-01 14:30:00-07"
            raise ValueError(
                f"must be a day or a date with a time, {example}; it is “{printable(cell)[:60]}”."
            ) from None
        if not 1990 <= at.year < 2200:
            raise ValueError(f"cannot be in the year {at.year}.")
        return at if at.tzinfo is not None else at.replace(tzinfo=zone)

    return read


def _country(cell: str) -> str:
    known = {_plain(code): code for code in COUNTRIES} | {_plain(name): code for code, name in COUNTRIES.items()}
    if (code := known.get(_plain(cell))) is None:
        raise ValueError(f"must be a country, such as DE. {unknown('country', cell[:60], COUNTRIES.values())}")
    return code


def _role_name(catalogue: Catalogue) -> Callable[[str], str]:
    """A role's name in whichever solution area; the line as a whole says in which."""
    known = _named("partner role", catalogue.partner_roles)

    def read(cell: str) -> str:
        known(cell)
        return csv_values.text()(undefused(cell))

    return read


def _tick(cell: str) -> bool:
    known = {"yes": True, "true": True, "1": True, "x": True, "no": False, "false": False, "0": False}
    if (said := known.get(_plain(cell))) is None:
        raise ValueError(f"must be yes or no; it is “{printable(cell)[:60]}”.")
    return said


def _one_of(what: str, meant: Mapping[str, Any], shown: Iterable[str]) -> Callable[[str], Any]:
    proposed = list(shown)

    def read(cell: str) -> Any:
        found = meant.get(_plain(undefused(cell)))
        if found is None:
            raise ValueError(f"cannot be taken. {unknown(what, printable(cell)[:60], proposed)}")
        return found

    return read


def _named(what: str, things: Sequence[Any]) -> Callable[[str], Any]:
    return _one_of(what, _names(things), [one.name for one in things])


def _several(what: str, things: Sequence[Any]) -> Callable[[str], list[str]]:
    one = _named(what, things)
    return lambda cell: sorted({one(part) for part in undefused(cell).split(";") if part.strip()})


def _names(things: Iterable[Any]) -> dict[str, str]:
    """What is meant by a name, a former one, or an id; where two have one, the present name counts."""
    listed = list(things)
    former = {_plain(name): one.id for one in listed for name in getattr(one, "former_names", ())}
    return {**former, **{_plain(one.id): one.id for one in listed}, **{_plain(one.name): one.id for one in listed}}


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
