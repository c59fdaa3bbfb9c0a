"""A worker as it runs in production, in a process of its own: the real courier, delivery and ticker, in real time.

Beside the bot's own kinds it brings a plain one, ``line``, so that thousands of messages need no thousands of claims.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from secrets import token_hex
from threading import Event

from slack_sdk import WebClient
from sqlalchemy import insert
from sqlalchemy.orm import Session

from bot.cards.card import Message
from bot.delivery.courier import Courier, build_courier
from bot.delivery.mail import Mails
from bot.delivery.posting import Poster
from bot.delivery.slack_errors import slack_errors
from bot.desk import Desk
from bot.logs import configure_logging
from bot.web import Metrics
from bot.workspaces import Workspaces
from jobs.delivery import Delivery, Receipt
from jobs.ticker import Ticker
from models.database import Database
from models.documents import DocumentStore
from models.memory import Memory
from models.operations import outbox
from models.operations.outbox import Taken
from models.tables import Outgoing
from rules.loading import load_programme
from tests.cast import REVIEW_CHANNEL, TEAM

KIND = "line"
# Far longer than a call to a Slack on this machine waits in line, and short enough to be waited for.
LEASE = timedelta(seconds=6)
CALL_LIMIT = timedelta(seconds=2.5)
SLACK_SECONDS = 2
BEAT = timedelta(milliseconds=250)
THREADS = 6

# Forked from a process that has everything imported: a worker starts in no time, and in a state of its own.
_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload([__name__])


@dataclass(frozen=True)
class Order:
    """What a worker needs to know; everything else is in the database."""

    database_url: str
    slack_url: str
    token: str
    folder: str


def start(order: Order) -> BaseProcess:
    """A worker, running until it is killed."""
    process = _processes.Process(target=work, args=(order,), daemon=True)
    process.start()
    return process


def work(order: Order) -> None:
    """Deliver until somebody kills us."""
    configure_logging("ERROR")
    folder = Path(order.folder)
    database = Database(order.database_url, folder, pool_size=THREADS + 2)
    slack = WebClient(order.token, base_url=f"{order.slack_url}/api/", timeout=SLACK_SECONDS, retry_handlers=[])
    memory = Memory(
        database, load_programme(), _now, review_channel=REVIEW_CHANNEL, country="US", timezone="America/Los_Angeles"
    )
    workspaces = Workspaces(slack)
    desk = Desk(memory, workspaces, "/claim", lambda: token_hex(8), lambda call: call(), Metrics())
    url = order.slack_url
    mails = Mails(desk, None, address=lambda: url, slack=url, new_token=lambda: token_hex(16))
    courier = WithLines(build_courier(desk, workspaces, DocumentStore(str(folder)), mails), Poster(workspaces))
    delivery = Delivery(
        database,
        courier,
        ThreadPoolExecutor(THREADS),
        clock=_now,
        random=Random(),
        worker=token_hex(8),
        batch=THREADS,
        pace=timedelta(0),
        lease=LEASE,
        call_limit=CALL_LIMIT,
    )
    ticker = Ticker(database)
    ticker.add("deliver", delivery.wake, BEAT, woken_by=outbox.CHANNEL)
    ticker.start()
    Event().wait()


class WithLines:
    """The bot's courier, and one kind more."""

    def __init__(self, courier: Courier, poster: Poster) -> None:
        self._courier = courier
        self._poster = poster

    def deliver(self, row: Taken) -> Receipt:
        """Post the line, or what else it is."""
        if row.kind != KIND:
            return self._courier.deliver(row)
        with slack_errors():
            return self._poster.post(row, row.payload["channel"], Message(row.payload["text"], []))

    def look_up(self, row: Taken) -> Receipt | None:
        """Where it is."""
        if row.kind != KIND:
            return self._courier.look_up(row)
        with slack_errors():
            return self._poster.find(row, row.payload["channel"])


def enqueue_lines(session: Session, lines: Iterable[tuple[str, str]]) -> None:
    """Have lines posted, each in its channel: as `outbox.enqueue` has one posted, in one statement for thousands."""
    now = _now()
    rows = [
        {
            "kind": KIND,
            "team": TEAM,
            "lane": f"{TEAM}/{channel}",
            "payload": {"channel": channel, "text": text},
            "unique_key": f"{KIND}:{channel}:{text}",
            "created_at": now,
            "next_attempt_at": now,
        }
        for channel, text in lines
    ]
    session.execute(insert(Outgoing), rows)


def _now() -> datetime:
    return datetime.now(UTC)
