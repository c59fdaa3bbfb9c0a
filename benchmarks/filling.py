"""A database that a benchmark fills for itself, and that is gone when it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.database import Database
from models.memory import Memory
from rules.loading import load_programme


@contextmanager
def filled(fill: Callable[[Session], None], now: datetime) -> Iterator[Memory]:
    """What ``fill`` writes, as the database's planner knows it after a while; it is ``now`` all the time."""
    with TemporaryDirectory(prefix="claimbot-") as folder:
        database = Database(None, Path(folder))
        try:
            database.upgrade()
            with database.transaction() as session:
                session.execute(text("SET LOCAL statement_timeout = 0"))
                session.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
                indexes = _drop_indexes(session)
                fill(session)
                for definition in indexes:  # once for all rows, which takes a fraction of the time
                    session.execute(text(definition))
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("SET statement_timeout = 0"))
                connection.execute(text("VACUUM ANALYZE"))
                connection.execute(text("RESET statement_timeout"))
            yield Memory(database, load_programme(), lambda: now)
        finally:
            database.close()


def execute(session: Session, statements: Iterable[str], **values: float) -> None:
    """Run statements one after the other, each with those of the values that it names."""
    for statement in statements:
        session.execute(text(statement), {name: value for name, value in values.items() if f":{name}" in statement})


def _drop_indexes(session: Session) -> list[str]:
    """Drop every index that holds no constraint; the statements that bring them back."""
    found = session.execute(text(_PLAIN_INDEXES)).all()
    for name, _ in found:
        session.execute(text(f"DROP INDEX {name}"))
    return [definition for _, definition in found]


_PLAIN_INDEXES = """
    SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class ON oid = indexrelid
    WHERE relnamespace = 'public'::regnamespace AND NOT indisunique"""
