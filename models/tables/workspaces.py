"""Workspaces beside the programme's own, which installed the app by themselves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class Installation(Base):
    """The app in one workspace. ``token`` is the bot's, encrypted: the key is not in the database."""

    __tablename__ = "installations"

    team: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    bot_user: Mapped[str]
    bot_id: Mapped[str]
    token: Mapped[str]
    scopes: Mapped[str]
    installed_by: Mapped[str]
    installed_at: Mapped[datetime]


class InstallState(Base):
    """An installation that somebody began: it ends with the same ``state``, once, before ``expires_at``.

    ``digest``: SHA-256 of the state, so that nobody who reads the database can end it.
    """

    __tablename__ = "install_states"

    digest: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
