"""Whether a pooled connection still lives: asked only where there is a doubt.

SQLAlchemy's own ``pool_pre_ping`` asks the server each time, which is one more way there and back before every answer.
A server that ends a connection says so on it: then there is something to read. One that is gone without a word (a cut
network) is noticed by asking after a while without use.
"""

from __future__ import annotations

from select import POLLIN, poll
from time import monotonic
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

# Seconds without use after which a connection is asked for.
DOUBTFUL = 5.0
_RETURNED = "returned"


def keep_alive(engine: Engine) -> None:
    """Have every dead connection replaced before it is used, and with it those that died at the same time."""
    dialect = engine.dialect

    @event.listens_for(engine, "checkin")
    def returned(connection: Any, record: Any) -> None:
        record.info[_RETURNED] = monotonic()

    @event.listens_for(engine, "checkout")
    def taken(connection: Any, record: Any, proxy: Any) -> None:
        since = record.info.pop(_RETURNED, None)
        if since is None:
            return  # a new one
        try:
            if monotonic() - since >= DOUBTFUL or _speaks(connection):
                dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error


def _speaks(connection: Any) -> bool:
    """Whether there is something to read, of which nobody asked."""
    poller = poll()
    poller.register(connection.fileno(), POLLIN)
    return bool(poller.poll(0))
