"""The directory file: who may act for whom, as staff write it, checked as a whole (design section 7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, TypeVar
from zoneinfo import available_timezones

from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from rules.calendar import countries
from rules.faults import Fault, ProgrammeError, unknown
from rules.lifecycle import PartnerRole
from rules.reading import Document, Part, read_text

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=75)]

T = TypeVar("T")


def _some(values: tuple[T, ...]) -> tuple[T, ...]:
    # Not Field(min_length=1): that also calls a list empty whose only value is wrong.
    if not values:
        raise PydanticCustomError("too_short", "must not be empty")
    return values


class DirectoryError(ProgrammeError):
    """The directory file cannot be used; `faults` holds every mistake found, in the order of lines."""


class ProgrammeEntry(Part):
    """The programme itself. `team` None: the workspace that the import is made for."""

    name: Name
    country: str
    subdivision: str | None = None
    timezone: str
    review_channel: str
    team: str | None = None


class PersonEntry(Part):
    """A Slack user. `team` None: one of the programme's own workspace."""

    slack: str
    name: Name
    email: str | None = None
    team: str | None = None


class ReviewerEntry(PersonEntry):
    """A reviewer; a lead may also take over and reassign."""

    lead: bool = False


class MemberEntry(PersonEntry):
    """What a person is at a partner. `locations` None: all of the partner's; otherwise their MPNs."""

    roles: Annotated[tuple[PartnerRole, ...], AfterValidator(_some)]
    locations: Annotated[tuple[str, ...], AfterValidator(_some)] | None = None


class LocationEntry(Part):
    """A location of a partner; `programmes` are those that it is enrolled in, `channel` one of its own."""

    mpn: str
    name: Name
    programmes: tuple[str, ...] = ()
    channel: str | None = None


class PartnerEntry(Part):
    """A partner company. `team` and `channel` say where its cards are posted; None: the programme's own workspace.

    `formerly`: the name under which it was listed before.
    """

    name: Name
    formerly: Name | None = None
    country: str
    subdivision: str | None = None
    timezone: str
    channel: str
    team: str | None = None
    locations: tuple[LocationEntry, ...]
    members: tuple[MemberEntry, ...]


class Directory(Part):
    """All that the directory file says (design section 7), free of contradictions."""

    programme: ProgrammeEntry
    reviewers: tuple[ReviewerEntry, ...]
    partners: tuple[PartnerEntry, ...]


def parse_directory(text: str, source: str = "directory", *, programmes: Collection[str] | None = None) -> Directory:
    """Read and check a directory file.

    Args:
        text: the file's content, YAML.
        source: the file's name, for faults.
        programmes: the enrolment codes that a location may have (`Catalogue.programmes`); None leaves them unchecked.

    Raises:
        DirectoryError: with every fault found, each with its line.
    """
    try:
        document = read_text(source, text)
    except ProgrammeError as error:
        raise DirectoryError(error.faults) from None
    # Over the plain values, so that a wrong key in one place hides nothing that is wrong in another.
    faults = [*_faults(_Entry(document), programmes)]
    try:
        directory = document.parse(Directory)
    except ProgrammeError as error:
        raise DirectoryError([*faults, *error.faults]) from None
    if faults:
        raise DirectoryError(faults)
    return directory


@dataclass(frozen=True)
class _Entry:
    """Something at a place in the file, of which nothing is certain yet."""

    document: Document
    place: tuple[str | int, ...] = ()

    @property
    def value(self) -> Any:
        return self.document.at(self.place)

    @property
    def line(self) -> int:
        return self.document.line(self.place)

    def at(self, key: str) -> _Entry:
        return _Entry(self.document, (*self.place, key))

    def text(self, key: str) -> str | None:
        """The text under a key; None where there is none, or something else."""
        value = self.value
        found = value.get(key) if isinstance(value, dict) else None
        return found if isinstance(found, str) else None

    def list(self, key: str) -> Iterator[_Entry]:
        """What is listed under a key; nothing where that is no list."""
        values = self.at(key).value if isinstance(self.value, dict) else None
        for number in range(len(values) if isinstance(values, list) else 0):
            yield _Entry(self.document, (*self.place, key, number))

    def fault(self, message: str) -> Fault:
        return self.document.fault(self.place, message)


def _shape(pattern: str, message: str) -> Callable[[str], str | None]:
    return lambda value: None if re.fullmatch(pattern, value) else f"“{value}” {message}"


def _one_of(what: str, known: Callable[[], Collection[str]]) -> Callable[[str], str | None]:
    return lambda value: None if value in known() else unknown(what, value, known())


@cache  # it searches the disk
def _timezones() -> set[str]:
    return available_timezones()


team_fault = _shape(r"[TE][A-Z0-9]+", "is no workspace id of Slack, such as T0HOME.")
_channel = _shape(r"[CG][A-Z0-9]+", "is no channel id of Slack, such as C0REVIEW.")
# What a value must be, by its key: a key means the same wherever it stands.
_CHECKS: dict[str, Callable[[str], str | None]] = {
    "slack": _shape(r"[UW][A-Z0-9]+", "is no user id of Slack, such as U0ANA."),
    "team": team_fault,
    "channel": _channel,
    "review_channel": _channel,
    "mpn": _shape(r"[0-9]{1,18}", "is no MPN: it must have digits only, at most 18."),
    "email": _shape(r"[^\s@,;:<>()\[\]\"\\]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}", "is no e-mail address."),
    "country": _one_of("country", countries),
    "timezone": _one_of("time zone", _timezones),
}


def _faults(top: _Entry, programmes: Collection[str] | None) -> Iterator[Fault]:
    programme = top.at("programme")
    yield from _values(programme)
    yield from _subdivision(programme)

    people = _People(programme.text("team"))
    yield from people.faults(top.list("reviewers"))
    names: dict[str, int] = {}
    mpns: dict[str, int] = {}
    for partner in top.list("partners"):
        yield from _values(partner)
        yield from _subdivision(partner)
        yield from _beside_reviewers(partner, programme.text("review_channel"))
        yield from _twice(names, partner, "name", "partner")
        for location in partner.list("locations"):
            yield from _values(location)
            yield from _twice(mpns, location, "mpn", "MPN")
            for code in location.list("programmes"):
                if programmes is not None and code.value not in programmes:
                    yield code.fault(unknown("programme", code.value, programmes))
        yield from people.faults(partner.list("members"))
        yield from _scopes(partner)


def _values(entry: _Entry) -> Iterator[Fault]:
    for key, check in _CHECKS.items():
        value = entry.text(key)
        if value is not None and (message := check(value)):
            yield entry.at(key).fault(message)


def _subdivision(entry: _Entry) -> Iterator[Fault]:
    country, subdivision = entry.text("country"), entry.text("subdivision")
    subdivisions = countries().get(country or "")
    if subdivision and subdivisions is not None and subdivision not in subdivisions:
        yield entry.at("subdivision").fault(unknown(f"subdivision of {country}", subdivision, subdivisions))


def _twice(seen: dict[str, int], entry: _Entry, key: str, what: str) -> Iterator[Fault]:
    """A fault when an earlier entry has this one's value already, whatever the case of its letters."""
    value = entry.text(key)
    if value is None:
        return
    same = value.strip().casefold()
    if (first := seen.get(same)) is not None:
        yield entry.at(key).fault(f"The {what} “{value}” stands in line {first} already.")
    else:
        seen[same] = entry.at(key).line


def _beside_reviewers(partner: _Entry, review_channel: str | None) -> Iterator[Fault]:
    for place in (partner, *partner.list("locations")):
        if review_channel is not None and place.text("channel") == review_channel:
            yield place.at("channel").fault("This is the review channel: the partner would read what reviewers write.")


def _scopes(partner: _Entry) -> Iterator[Fault]:
    """The location scopes of a partner's members: each MPN must be one of the partner's own."""
    # As text: an MPN that lacks its quotes is a fault of its own, and not one of the scope.
    own = {str(location.at("mpn").value) for location in partner.list("locations")}
    for member in partner.list("members"):
        for mpn in member.list("locations"):
            if str(mpn.value) not in own:
                yield mpn.fault(unknown("location of this partner with MPN", mpn.value, own))


class _People:
    """Everybody met so far: one person may be listed in several places, but must be the same person in all of them."""

    def __init__(self, home: str | None) -> None:
        self._home = home
        self._first: dict[tuple[str | None, str], _Entry] = {}

    def faults(self, listed: Iterable[_Entry]) -> Iterator[Fault]:
        """Faults of one list of people: a partner's members, or the reviewers."""
        teams: dict[str, dict[str | None, int]] = {}
        for entry in listed:
            yield from _values(entry)
            user = entry.text("slack")
            if user is None:
                continue
            team = entry.text("team") or self._home
            others = teams.setdefault(user, {})
            # Without its workspace a user id may mean the very person who stands here with it.
            if others and (team in others or None in (team, *others)):
                line = next(iter(others.values()))
                yield entry.at("slack").fault(f"“{user}” stands in line {line} already.")
            else:
                others[team] = entry.line
                yield from self._another(self._first.setdefault((team, user), entry), entry)

    def _another(self, first: _Entry, entry: _Entry) -> Iterator[Fault]:
        for key, what in (("name", "name"), ("email", "e-mail address")):
            known, value = first.text(key), entry.text(key)
            if known is not None and value is not None and known.strip() != value.strip():
                yield entry.at(key).fault(
                    f"“{entry.text('slack')}” has another {what} in line {first.line}: “{known}”."
                )
