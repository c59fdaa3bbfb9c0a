"""The directory in the database: made to say what the directory file says, as a whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.directory_file import Directory, DirectoryError, PersonEntry, parse_directory
from models.tables import Base, Claim, Location, Membership, Partner, Person, ProgrammeSettings, Reviewer
from rules.faults import Fault

__all__ = ["Change", "Changes", "Directory", "DirectoryError", "import_directory", "parse_directory"]

# Any one import at a time; the number only has to be ours alone (migrations have the one before).
IMPORT_LOCK = 7_246_254

Kind = Literal["programme", "person", "reviewer", "partner", "location", "membership"]
How = Literal["added", "changed", "removed"]
Values = dict[str, Any]
RowT = TypeVar("RowT", bound=Base)
KeyT = TypeVar("KeyT", bound=Hashable)


@dataclass(frozen=True)
class Change:
    """One thing that an import did, and the name by which people know what it was done to."""

    kind: Kind
    how: How
    name: str


@dataclass(frozen=True)
class Changes:
    """All that an import did, in the order in which it was done; false when it did nothing."""

    done: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.done)

    def names(self, kind: Kind, how: How) -> tuple[str, ...]:
        """The names of what was added, changed or removed of one kind."""
        return tuple(one.name for one in self.done if (one.kind, one.how) == (kind, how))

    def counts(self) -> dict[Kind, dict[How, int]]:
        """How many of each kind were added, changed and removed; zeros included."""
        return {kind: {how: len(self.names(kind, how)) for how in get_args(How)} for kind in get_args(Kind)}


def import_directory(session: Session, directory: Directory, *, team: str) -> Changes:
    """Make the database say what the directory says, in the caller's transaction.

    Whoever is no longer listed loses access: memberships and reviewers are deleted; people, partners and locations,
    which claims point to, become inactive. A person is known by workspace and user id, a location by its MPN, a
    partner by its name, or by the one that it had formerly. Importing the same again changes nothing.

    Only one import runs at a time: another waits until this transaction ends, as long as the database's lock
    time-out lets it (`sqlalchemy.exc.OperationalError` after that).

    Args:
        session: in a transaction. Its objects are expired afterwards, for their lists may have changed.
        directory: what `parse_directory` read.
        team: the programme's own workspace, for every entry that names none.

    Returns:
        What was added, changed and removed, with names. Who comes back after a removal counts as added.

    Raises:
        DirectoryError: a partner's former name is that of another one, which has claims too.
    """
    session.execute(select(func.pg_advisory_xact_lock(IMPORT_LOCK)))
    changes = _Import(session, directory, directory.programme.team or team).run()
    session.expire_all()
    return Changes(tuple(changes))


class _Import:
    def __init__(self, session: Session, directory: Directory, home: str) -> None:
        self._session = session
        self._directory = directory
        self._home = home
        self._done: list[Change] = []

    def run(self) -> list[Change]:
        self._programme()
        people = self._people()
        self._reviewers(people)
        partners = self._partners()
        self._locations(partners)
        self._memberships(people, partners)
        return self._done

    def _programme(self) -> None:
        values = self._directory.programme.model_dump() | {"team": self._home}
        self._bring("programme", ProgrammeSettings, {1: values}, key=lambda row: row.id, name=lambda row: row.name)

    def _people(self) -> dict[tuple[str, str], Person]:
        members = (member for partner in self._directory.partners for member in partner.members)
        wanted: dict[tuple[str, str], Values] = {}
        for entry in (*self._directory.reviewers, *members):
            team, user = self._who(entry)
            first = {"team": team, "user": user, "name": entry.name, "email": None}
            values = wanted.setdefault((team, user), first)
            values["email"] = values["email"] or entry.email
        return self._bring("person", Person, wanted, key=lambda row: (row.team, row.user), name=_person)

    def _reviewers(self, people: Mapping[tuple[str, str], Person]) -> None:
        wanted: dict[int, Values] = {}
        for entry in self._directory.reviewers:
            person = people[self._who(entry)]
            wanted[person.id] = {"person_id": person.id, "lead": entry.lead}
        self._bring("reviewer", Reviewer, wanted, key=lambda row: row.person_id, name=lambda row: _person(row.person))

    def _partners(self) -> dict[str, Partner]:
        for entry in self._directory.partners:
            if entry.formerly is not None:
                self._rename(entry.formerly, entry.name)
        wanted = {
            entry.name.casefold(): {
                "name": entry.name,
                "country": entry.country,
                "subdivision": entry.subdivision,
                "timezone": entry.timezone,
                "team": entry.team or self._home,
                "channel": entry.channel,
            }
            for entry in self._directory.partners
        }
        return self._bring("partner", Partner, wanted, key=lambda row: row.name.casefold(), name=lambda row: row.name)

    def _rename(self, formerly: str, name: str) -> None:
        """A partner under a new name is the same one, and its claims stay its own: also where an import took it for
        another before, as long as that one has no claims.
        """
        by_name = {row.name.casefold(): row for row in self._session.scalars(select(Partner))}
        old, new = by_name.get(formerly.casefold()), by_name.get(name.casefold())
        if old is None or old is new or not self._has_claims(old):
            return
        if new is not None:
            if self._has_claims(new):
                said = f"“{name}” and “{formerly}” both have claims, so one cannot be the other's former name."
                raise DirectoryError([Fault("directory", 0, said)])
            new.name = f"{formerly} ({name})"  # no two may have one name, not even for a moment
            self._session.flush()
            old.name = name
            self._session.flush()
            new.name = formerly
        else:
            old.name = name
        self._session.flush()
        self._done.append(Change("partner", "changed", name))

    def _has_claims(self, partner: Partner) -> bool:
        return self._session.scalar(select(Claim.id).where(Claim.partner_id == partner.id).limit(1)) is not None

    def _locations(self, partners: Mapping[str, Partner]) -> None:
        wanted = {
            entry.mpn: {
                "mpn": entry.mpn,
                "partner_id": partners[partner.name.casefold()].id,
                "name": entry.name,
                "channel": entry.channel,
                "programmes": _sorted(entry.programmes),
            }
            for partner in self._directory.partners
            for entry in partner.locations
        }
        self._bring("location", Location, wanted, key=lambda row: row.mpn, name=lambda row: f"{row.name} ({row.mpn})")

    def _memberships(self, people: Mapping[tuple[str, str], Person], partners: Mapping[str, Partner]) -> None:
        wanted: dict[tuple[int, int], Values] = {}
        for partner in self._directory.partners:
            for entry in partner.members:
                key = people[self._who(entry)].id, partners[partner.name.casefold()].id
                wanted[key] = {
                    "person_id": key[0],
                    "partner_id": key[1],
                    "roles": _sorted(role.value for role in entry.roles),
                    "locations": None if entry.locations is None else _sorted(entry.locations),
                }
        self._bring(
            "membership",
            Membership,
            wanted,
            key=lambda row: (row.person_id, row.partner_id),
            name=lambda row: f"{_person(row.person)} at {row.partner.name}",
        )

    def _who(self, entry: PersonEntry) -> tuple[str, str]:
        return entry.team or self._home, entry.slack

    def _bring(
        self,
        kind: Kind,
        table: type[RowT],
        wanted: Mapping[KeyT, Values],
        *,
        key: Callable[[RowT], KeyT],
        name: Callable[[RowT], str],
    ) -> dict[KeyT, RowT]:
        """Make a table hold the wanted rows and no others; a row that is not active counts as not held."""
        # Read anew, whatever the session has seen before it got the lock.
        everything = select(table).execution_options(populate_existing=True)
        present = {key(row): row for row in self._session.scalars(everything)}
        active = {"active": True} if "active" in table.__table__.columns else {}
        for identity, row in present.items():
            if identity not in wanted and getattr(row, "active", True):
                self._done.append(Change(kind, "removed", name(row)))
                if active:
                    _set(row, {"active": False})
                else:
                    self._session.delete(row)
        rows: dict[KeyT, RowT] = {}
        touched: list[tuple[How, RowT]] = []
        for identity, values in wanted.items():
            row = present.get(identity) or table()
            how: How = "changed" if identity in present and getattr(row, "active", True) else "added"
            if _set(row, values | active):
                touched.append((how, row))
            self._session.add(row)
            rows[identity] = row
        self._session.flush()  # gives new rows their ids, and their names what they are made of
        self._done += [Change(kind, how, name(row)) for how, row in touched]
        return rows


def _set(row: Base, values: Values) -> bool:
    """Whether that changed the row."""
    different = {key: value for key, value in values.items() if getattr(row, key) != value}
    for key, value in different.items():
        setattr(row, key, value)
    return bool(different)


def _person(person: Person) -> str:
    return f"{person.name} ({person.user})"


def _sorted(words: Iterable[str]) -> list[str]:
    """Each word once, in an order of no meaning, so that a mere reordering of the file is no change."""
    return sorted(set(words))
