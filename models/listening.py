"""Waiting for PostgreSQL to ring: LISTEN on a connection of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
from psycopg import sql

from models.database import Database

# Seconds; a server that does not answer is to be given up and tried again.
CONNECT_TIMEOUT = 10


@contextmanager
def listening(database: Database, channel: str) -> Iterator[Callable[[timedelta], bool]]:
    """Listen on ``channel``; the value is a function that waits up to a time-out and says whether it rang.

    Whatever rings from the moment the context is entered is heard; several rings may count once.

    Raises:
        psycopg.Error: the connection cannot be made, or is lost.
    """
    engine = database.engine
    # Not one of the pool's: it is kept for as long as the process lives, and needs no transactions.
    _, address = engine.dialect.create_connect_args(engine.url)
    with psycopg.connect(**{"connect_timeout": CONNECT_TIMEOUT, **address}, autocommit=True) as connection:
        connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))

        def rang(timeout: timedelta) -> bool:
            return bool(list(connection.notifies(timeout=timeout.total_seconds(), stop_after=1)))

        yield rang
