"""The journal: what is done beside claims, on record for good. Nothing in it may ever have to be erased."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy.orm import Session

from models.tables import JournalEntry

Kind = Literal["erasure", "membership", "reviewer", "access", "import", "restore", "workspace"]


def note(session: Session, kind: Kind, body: Mapping[str, Any], now: datetime, *, by: int | None = None) -> int:
    """Write an entry, in the caller's transaction, and give its number.

    Args:
        body: ids, numbers and words of ours; no name, no address, nothing that a person typed.
        by: the id of the person who did it; None: from the command line, or by itself.
    """
    entry = JournalEntry(at=now, kind=kind, person_id=by, body=dict(body))
    session.add(entry)
    session.flush()
    return entry.id
