"""Databases for tests, all cut from one template: one that is rolled back, a copy, and a copy that is used again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import sessionmaker

from models.database import Database

# Whatever changes the schema leaves a row of another transaction, or another number of rows, in one of these.
CATALOGUE = ("pg_class", "pg_attribute", "pg_constraint", "pg_trigger", "pg_proc")


class RolledBack(Database):
    """A database whose transactions all happen inside one that is rolled back in the end."""

    def __init__(self, template: Database) -> None:
        self._server = None
        self.engine = template.engine
        self.connection = template.engine.connect()
        self.outer = self.connection.begin()
        self.sessions = sessionmaker(self.connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        self.readers = self.sessions

    def close(self) -> None:
        self.outer.rollback()
        self.connection.close()


@contextmanager
def copied(template: Database, folder: Path) -> Iterator[Database]:
    """A database of its own, as the template is."""
    name = _copy(template)
    database = _opened(template, name, folder)
    yield database
    database.close()
    _drop(template, name)


class Emptied:
    """A copy that one test after another has for itself. To empty it takes a fraction of what a new one does.

    A test that left it with another schema, or somebody connected to it, was its last: the next gets a new copy.
    """

    def __init__(self, template: Database) -> None:
        self._template = template
        self._name = _copy(template)
        self._as_left: list[str] | None = None

    @contextmanager
    def lent(self, folder: Path) -> Iterator[Database]:
        """It is as the template is, and nobody else's until this ends."""
        database = _opened(self._template, self._name, folder)
        if not self._made_ready(database):
            database.close()
            self.drop()
            self._name, self._as_left = _copy(self._template), None
            database = _opened(self._template, self._name, folder)
            assert self._made_ready(database), "a new copy cannot be used"
        yield database
        database.close()

    def drop(self) -> None:
        _drop(self._template, self._name)

    def _made_ready(self, database: Database) -> bool:
        try:
            with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                if self._as_left is not None:
                    if _somebody_else(connection) or _schema(connection) != self._as_left:
                        return False
                    _empty(connection)
                self._as_left = _schema(connection)
        except SQLAlchemyError:  # a test may have left it in any state
            return False
        return True


def _somebody_else(connection: Connection) -> bool:
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    return bool(connection.scalar(text(f"SELECT EXISTS (SELECT {others})")))


def _schema(connection: Connection) -> list[str]:
    """What tells a schema from the same one changed."""
    parts = [f"SELECT count(*) || ' ' || sum(xmin::text::bigint) FROM pg_catalog.{one}" for one in CATALOGUE]
    return [*connection.scalars(text(" UNION ALL ".join([*parts, "SELECT version_num FROM alembic_version"])))]


def _empty(connection: Connection) -> None:
    """Every table empty, every number from one, although some tables refuse to be emptied."""
    tables = connection.scalars(
        text(
            "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' "
            "AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0"
        )
    ).all()
    used = "SELECT seqrelid::regclass::text FROM pg_sequence WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"
    sequences = connection.scalars(text(used)).all()
    refusing = "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgenabled = 'A'"
    guards = connection.execute(text(refusing)).all()
    steps = [
        *(f"ALTER TABLE {table} DISABLE TRIGGER {guard}" for table, guard in guards),
        *([f"TRUNCATE {', '.join(tables)} CASCADE"] if tables else []),
        *(f"ALTER SEQUENCE {one} RESTART" for one in sequences),
        *(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {guard}" for table, guard in guards),
    ]
    connection.exec_driver_sql(f"BEGIN; {'; '.join(steps)}; COMMIT")


def _copy(template: Database) -> str:
    """The name of a new database, as the template is."""
    name = f"test_{uuid4().hex}"
    template.engine.dispose()  # a template may have no other connections while it is copied
    with template.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        source = template.engine.url.database
        admin.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY FILE_COPY'))
    return name


def _opened(template: Database, name: str, folder: Path) -> Database:
    """What is compiled for one database of a server is good for all: tests compile each statement once."""
    url = template.engine.url.set(database=name).render_as_string(hide_password=False)
    database = Database(url, folder)
    for engine in (database.engine, database.readers.kw["bind"]):
        engine.dialect, engine._compiled_cache = template.engine.dialect, template.engine._compiled_cache
    return database


def _drop(template: Database, name: str) -> None:
    with template.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
