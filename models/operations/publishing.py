"""Which rules hold: published ones from the moment that was named, before any publication those that came along.

The texts of the rule files are kept under the hash of what they say (``RuleVersion``), once for each state that was
ever published or under which a claim was submitted. A publication makes one of them hold; rolling back is publishing
the old one. Every replica looks after a few seconds at most, so none has to be started again.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.database import Database
from models.tables import RulePublication, RuleVersion
from rules.faults import ProgrammeError
from rules.loading import Programme, load_programme_from

log = structlog.get_logger(__name__)

# What was read stays: reading takes a tenth of a second, and what stands behind a hash never changes.
_MOST = 16
_remembered: OrderedDict[str, Programme | None] = OrderedDict()
_remembering = Lock()


class UnknownVersion(LookupError):
    """No state of the rules is kept under this hash."""


@dataclass(frozen=True, slots=True)
class Published:
    """A publication without its files."""

    id: int
    version: str
    author: str
    published_at: datetime
    holds_from: datetime


def publish(
    database: Database, files: Mapping[str, str], author: str, holds_from: datetime, now: datetime
) -> RulePublication:
    """Make the rules in ``files`` (name of the file -> its text) hold from ``holds_from`` on.

    Raises:
        ProgrammeError: they have faults, with every one of them; nothing was published.
        ValueError: ``holds_from`` is in the past, where these rules have decided nothing.
    """
    programme = load_programme_from(files)
    with database.transaction() as session:
        keep(session, programme)
        return _publish(session, programme.version, author, holds_from, now)


def publish_again(
    database: Database, version: str, author: str, holds_from: datetime, now: datetime
) -> RulePublication:
    """Make rules hold that are kept already; the beginning of their hash is enough where no other begins so.

    Raises:
        UnknownVersion: there are none, or several.
        ProgrammeError: this version of claimbot cannot use them.
        ValueError: as for ``publish``.
    """
    with database.transaction() as session:
        query = select(RuleVersion).where(RuleVersion.version.startswith(version, autoescape=True)).limit(2)
        found = list(session.scalars(query))
        if len(found) != 1:
            raise UnknownVersion(version)
        programme = load_programme_from(found[0].files)
        keep(session, programme)
        return _publish(session, programme.version, author, holds_from, now)


def _publish(session: Session, version: str, author: str, holds_from: datetime, now: datetime) -> RulePublication:
    if holds_from < now:
        raise ValueError("rules cannot be made to hold in the past")
    row = RulePublication(version=version, author=author, published_at=now, holds_from=holds_from)
    session.add(row)
    session.flush()
    return row


def keep(session: Session, programme: Programme) -> None:
    """Keep the texts of these rules, if they are not kept yet."""
    known = select(RuleVersion.version).where(RuleVersion.version == programme.version)
    if session.scalar(known) is None:
        row = insert(RuleVersion).values(version=programme.version, files=dict(programme.files))
        session.execute(row.on_conflict_do_nothing())


def publications(session: Session) -> list[Published]:
    """Every publication, in the order in which they hold: the last one that holds now is the one that counts."""
    # Of two from the same moment, what was published later is meant.
    query = select(
        RulePublication.id,
        RulePublication.version,
        RulePublication.author,
        RulePublication.published_at,
        RulePublication.holds_from,
    ).order_by(RulePublication.holds_from, RulePublication.id)
    return [Published(*row) for row in session.execute(query)]


def holding(every: Sequence[Published], now: datetime) -> Published | None:
    """The publication that holds at the moment ``now``: none before the first."""
    return next((one for one in reversed(every) if one.holds_from <= now), None)


def current(session: Session, now: datetime, shipped: Programme) -> Programme:
    """The rules that hold at the moment ``now``; ``shipped`` before anything is published.

    What this version of claimbot cannot use, because another one wrote or reads it differently, is passed over.
    """
    return usable(session, publications(session), now, shipped)


def usable(session: Session, every: Sequence[Published], now: datetime, shipped: Programme) -> Programme:
    """As ``current``, with the publications known already."""
    for publication in reversed(every):
        if publication.holds_from <= now and (found := find(session, publication.version)) is not None:
            return found
    return shipped


def find(session: Session, version: str) -> Programme | None:
    """The rules kept under this hash; None where there are none, or none that this version of claimbot can use."""
    with _remembering:
        if version in _remembered:
            _remembered.move_to_end(version)
            return _remembered[version]
    row = session.get(RuleVersion, version)
    if row is None:
        return None
    found = _usable(version, row.files)
    with _remembering:
        _remembered[version] = found
        if len(_remembered) > _MOST:
            _remembered.popitem(last=False)
    return found


def _usable(version: str, files: Mapping[str, str]) -> Programme | None:
    try:
        return load_programme_from(files)
    except ProgrammeError:
        log.error("rules_unusable", version=version)
        return None
