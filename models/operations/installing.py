"""Workspaces that install the app, and that take it away again."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.operations.journal import note
from models.tables import Installation, InstallState, Partner, Person, ProgrammeSettings

# Events carry whole seconds.
_SECOND = timedelta(seconds=1)


def begin(session: Session, state: str, now: datetime, lasts: timedelta) -> None:
    """Remember that somebody began to install, until ``lasts`` is over; forget what nobody ended in time."""
    session.execute(delete(InstallState).where(InstallState.expires_at <= now))
    session.add(InstallState(digest=_digest(state), expires_at=now + lasts))


def end(session: Session, state: str, now: datetime) -> bool:
    """Whether an installation with this state was begun, and neither ended yet nor expired; it has ended now."""
    ended = delete(InstallState).where(InstallState.digest == _digest(state)).returning(InstallState.expires_at)
    expires_at = session.execute(ended).scalar_one_or_none()
    return expires_at is not None and now < expires_at


def install(session: Session, now: datetime, *, team: str, **values: Any) -> None:
    """The app is in this workspace now, or once more with another token.

    Args:
        values: the other columns but ``installed_at``; ``token`` encrypted.
    """
    row = insert(Installation).values(team=team, installed_at=now, **values)
    changed = {name: row.excluded[name] for name in ("installed_at", *values)}
    session.execute(row.on_conflict_do_update(index_elements=[Installation.team], set_=changed))
    note(session, "workspace", {"team": team, "installed": True}, now)


def uninstall(session: Session, team: str, at: datetime, now: datetime) -> bool:
    """Forget a workspace that took the app away at ``at``. False: it has no installation, or a newer one.

    Slack repeats an event that was not heard for an hour; meanwhile the app may have been installed again.
    """
    gone = delete(Installation).where(Installation.team == team, Installation.installed_at < at + _SECOND)
    if session.execute(gone.returning(Installation.team)).scalar_one_or_none() is None:
        return False
    note(session, "workspace", {"team": team, "installed": False}, now)
    return True


def installation(session: Session, team: str) -> Installation | None:
    """The app in this workspace."""
    return session.get(Installation, team)


def installations(session: Session, *, lock: bool = False) -> list[Installation]:
    """The app in every workspace beside the programme's own, by their ids."""
    every = select(Installation).order_by(Installation.team)
    return list(session.scalars(every.with_for_update() if lock else every))


def is_listed(session: Session, team: str) -> bool:
    """Whether the directory names a partner's channel or a person in this workspace."""
    found = [
        select(func.count()).select_from(Partner).where(Partner.team == team, Partner.active),
        select(func.count()).select_from(Person).where(Person.team == team, Person.active),
    ]
    return any(session.scalar(one) for one in found)


def listed_teams(session: Session) -> dict[str, str]:
    """The workspaces of partners' channels beside the programme's own, each with a partner's name."""
    home = select(ProgrammeSettings.team).scalar_subquery()
    rows = session.execute(
        select(Partner.team, func.min(Partner.name))
        .where(Partner.active, Partner.team != home)
        .group_by(Partner.team)
        .order_by(Partner.team)
    )
    return {row[0]: row[1] for row in rows}


def _digest(state: str) -> str:
    return sha256(state.encode()).hexdigest()
