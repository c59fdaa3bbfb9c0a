"""What every kind of test shares: a PostgreSQL of its own, and databases cut from one template."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import sessionmaker
from sqlalchemy.util import LRUCache

from models.database import Database
from models.memory import Memory
from rules.loading import Programme, load_programme
from tests.cast import Clock, remember
from tests.loglines import Lines, caught_lines


@pytest.fixture(scope="session")
def template() -> Iterator[Database]:
    """An embedded PostgreSQL with the newest schema, and nothing in it."""
    # Not below pytest's own folder: whoever runs as root has the server under another user, who may not enter it, and
    # a socket's path may not exceed some hundred characters.
    with TemporaryDirectory(prefix="claimbot-") as folder:
        database = Database(None, Path(folder))
        _carelessly(database)
        database.engine._compiled_cache = LRUCache(10_000)
        database.upgrade()
        yield database
        database.close()


def _carelessly(database: Database) -> None:
    """Nothing of a test's server has to outlive a crash of the machine, so it waits for no disk."""
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            admin.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        admin.execute(text("SELECT pg_reload_conf()"))


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
    name = f"test_{uuid4().hex}"
    template.engine.dispose()  # a template may have no other connections while it is copied
    source = template.engine.url
    with template.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{source.database}" STRATEGY FILE_COPY'))
    database = Database(source.set(database=name).render_as_string(hide_password=False), folder)
    _share_statements(template, database)
    yield database
    database.close()
    with template.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


def _share_statements(template: Database, copy: Database) -> None:
    """What is compiled for one database of a server is good for all: tests compile each statement once."""
    for engine in (copy.engine, copy.readers.kw["bind"]):
        engine.dialect, engine._compiled_cache = template.engine.dialect, template.engine._compiled_cache


@pytest.fixture(scope="session")
def scratch(template: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """What is rolled back happens here: a sequence is not rolled back, and the template's numbers begin at one."""
    with copied(template, tmp_path_factory.getbasetemp()) as database:
        yield database


@pytest.fixture
def rolled_back(scratch: Database) -> Iterator[Database]:
    """For tests on one thread: fast, and nothing of it remains."""
    database = RolledBack(scratch)
    yield database
    database.close()


@pytest.fixture
def database(template: Database, tmp_path: Path) -> Iterator[Database]:
    """For tests with several threads or processes: a database of its own, with real commits."""
    with copied(template, tmp_path) as database:
        yield database


@pytest.fixture(scope="session")
def programme() -> Programme:
    """The programme as shipped."""
    return load_programme()


@pytest.fixture
def clock() -> Clock:
    """The time of `memory` and `shared_memory`; only the test moves it."""
    return Clock()


@pytest.fixture
def memory(rolled_back: Database, programme: Programme, clock: Clock) -> Memory:
    """The cast, and no claims; for tests on one thread."""
    return remember(rolled_back, programme, clock)


@pytest.fixture
def shared_memory(database: Database, programme: Programme, clock: Clock) -> Memory:
    """The cast, and no claims; with real commits, for tests with several threads."""
    return remember(database, programme, clock)


@pytest.fixture
def lines() -> Iterator[Lines]:
    """What is logged while the test runs, every level of it."""
    with caught_lines() as logged:
        yield logged
