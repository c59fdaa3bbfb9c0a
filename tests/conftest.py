"""What every kind of test shares: a PostgreSQL of its own, and databases cut from one template."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text
from sqlalchemy.util import LRUCache

from models.database import Database
from models.memory import Memory
from rules.loading import Programme, load_programme
from tests.cast import Clock, remember
from tests.databases import Emptied, RolledBack, copied
from tests.loglines import Lines, caught_lines
from tests.routes import build_urls_on_demand

# As in the Makefile: without compiled files every process that a test starts would compile everything again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
build_urls_on_demand()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first, so that nothing is waited for alone in the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


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


@pytest.fixture(scope="session")
def emptied(template: Database) -> Iterator[Emptied]:
    """What `database` is made of."""
    emptied = Emptied(template)
    yield emptied
    emptied.drop()


@pytest.fixture
def database(emptied: Emptied, tmp_path: Path) -> Iterator[Database]:
    """For tests with several threads or processes: a database of its own, with real commits."""
    with emptied.lent(tmp_path) as database:
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
