"""App Home."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base


class Home(Base):
    """Somebody's App Home, from when they first opened it.

    ``opened_at``: when they last opened or used it. ``choice``: what they chose to see. ``drawn`` counts the drawings
    that were begun, and ``shown`` says which of them is on the screen: a slow one never covers a newer one. ``digest``
    is the SHA-256 of what is shown, and ``hash`` Slack's own name for it.
    """

    __tablename__ = "homes"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(index=True)
    choice: Mapped[dict[str, Any]] = mapped_column(default=dict)
    drawn: Mapped[int] = mapped_column(default=0)
    shown: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str | None]
    hash: Mapped[str | None]
