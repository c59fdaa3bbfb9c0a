"""The schema and how it comes about."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, event, text

from models.database import Database
from models.tables import Base


def test_the_migrations_make_exactly_the_tables_that_the_code_declares(template: Database):
    with template.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert differences == []


def test_upgrading_twice_changes_nothing(database: Database):
    database.upgrade()
    current, newest = database.revisions()
    assert current == newest


def test_times_come_back_aware_and_in_utc(database: Database):
    with database.transaction() as session:
        moment = session.execute(text("SELECT now()")).scalar_one()
    assert moment.utcoffset().total_seconds() == 0


def test_the_embedded_server_starts_in_a_folder_whose_name_has_spaces_in_it():
    with TemporaryDirectory(prefix="claim bot's ") as folder:
        database = Database(None, Path(folder))
        try:
            with database.reading() as session:
                assert session.scalar(text("SELECT 1")) == 1
        finally:
            database.close()


def test_connections_that_the_server_ended_are_replaced_before_anybody_uses_them(database: Database):
    with database.reading() as one, database.reading() as another:
        ended = [session.scalar(text("SELECT pg_backend_pid()")) for session in (one, another)]
    with psycopg.connect(database.engine.url.set(drivername="postgresql").render_as_string(False)) as other:
        for backend in ended:
            assert other.execute("SELECT pg_terminate_backend(%s, 30000)", [backend]).fetchone() == (True,)
    with database.reading() as one, database.transaction() as another:
        assert not {session.scalar(text("SELECT pg_backend_pid()")) for session in (one, another)} & {*ended}


def test_an_upgrade_waits_for_another_as_long_as_that_takes_and_for_a_table_only_as_long_as_others_wait(
    database: Database,
):
    seen: list[tuple[str, ...]] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def look(connection: Connection, cursor: psycopg.Cursor[tuple[str]], statement: str, *_: object) -> None:
        if "advisory" in statement or "alembic_version" in statement:
            limits = [cursor.execute(f"SHOW {name}").fetchone() for name in ("statement_timeout", "lock_timeout")]
            seen.append(("advisory" if "advisory" in statement else "work", *(one[0] for one in limits if one)))

    database.upgrade()
    assert seen[0] == ("advisory", "0", "0")
    assert set(seen[1:]) == {("work", "0", "5s")}
