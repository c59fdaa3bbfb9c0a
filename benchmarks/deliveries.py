"""How many messages a second go from the outbox to Slack, beside calls that nobody keeps account of."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from slack_sdk import WebClient

from benchmarks.results import Figure, Result
from bot.cards.card import Message
from bot.delivery.posting import EVENT, Poster
from bot.delivery.slack_errors import slack_errors
from bot.workspaces import Workspaces
from jobs.delivery import Delivery, Outcome, Receipt
from models.database import Database
from models.operations import outbox
from models.operations.outbox import Taken
from sandbox.server import Sandbox

TEAM = "T0BENCH"
TEXT = "CL-000001 was approved."
# Slack grants a workspace "several hundred" messages a minute; a worker must never be what is slow.
WANTED = 20
PATIENCE = 300  # seconds


def run(*, messages: int = 2000, channels: int = 200, threads: int = 8) -> Result:
    """Measure, with no pace kept.

    Args:
        messages: how many are due, in all channels together.
        channels: how many channels they are for, one lane each.
        threads: how many calls at once; the baseline has as many.
    """
    every = [f"C0BENCH{number:04d}" for number in range(channels)]
    with _slack(every) as slack, _database() as database:
        spread = [every[number % channels] for number in range(messages)]
        alone = [every[0]] * (messages // threads)
        _posted(slack, spread[: 4 * threads], threads)  # connections are opened, code is compiled
        rate = _delivered(slack, database, spread, threads)
        wanted = f"at least {WANTED}, Slack grants about 5"
        figures = (
            Figure(f"{channels} channels", rate, "per s", _posted(slack, spread, threads), wanted, rate >= WANTED),
            Figure("one channel", _delivered(slack, database, alone, threads), "per s", _posted(slack, alone, 1)),
        )
    about = f"a local Slack in a process of its own; {threads} threads; the baseline is bare chat.postMessage calls"
    return Result("deliveries: from the outbox to Slack", about, figures)


@dataclass(frozen=True)
class Address:
    """Where the local Slack is, and the bot's token there."""

    url: str
    token: str

    def client(self) -> WebClient:
        """A client as the outbox has it: it repeats nothing by itself."""
        return WebClient(self.token, base_url=f"{self.url}/api/", timeout=30, retry_handlers=[])


class Lines:
    """The smallest courier that does what the real ones do: posts so that it can be found again."""

    def __init__(self, slack: WebClient) -> None:
        self._poster = Poster(Workspaces(slack))

    def deliver(self, row: Taken) -> Receipt:
        """Post it."""
        with slack_errors():
            return self._poster.post(row, row.payload["channel"], Message(TEXT, []))

    def look_up(self, row: Taken) -> Receipt | None:
        """Where it is."""
        with slack_errors():
            return self._poster.find(row, row.payload["channel"])


def _delivered(slack: Address, database: Database, channels: Sequence[str], threads: int) -> float:
    """Deliveries a second, of one message for each entry of ``channels``."""
    with database.transaction() as session:
        for number, channel in enumerate(channels):
            outbox.enqueue(
                session,
                kind="line",
                team=TEAM,
                lane=f"{TEAM}/{channel}",
                payload={"channel": channel},
                unique_key=f"{number}",
                now=_now(),
            )
    left = threading.Semaphore(0)

    def count(row: Taken, outcome: Outcome) -> None:
        if outcome is not Outcome.SENT:
            raise RuntimeError(f"a delivery ended with {outcome}")
        left.release()

    with ThreadPoolExecutor(threads) as pool:
        delivery = Delivery(
            database,
            Lines(slack.client()),
            pool,
            clock=_now,
            random=Random(),
            worker="bench",
            batch=threads,
            pace=timedelta(0),
            on_outcome=count,
        )
        began = perf_counter()
        delivery.wake()
        for _ in channels:
            if not left.acquire(timeout=PATIENCE):
                raise RuntimeError("the deliveries do not end")
        elapsed = perf_counter() - began
        delivery.stop()
    return len(channels) / elapsed


def _posted(slack: Address, channels: Sequence[str], threads: int) -> float:
    """Bare calls a second, with the same content."""
    client = slack.client()

    def post(job: tuple[int, str]) -> None:
        number, channel = job
        metadata: dict[str, Any] = {"event_type": EVENT, "event_payload": {"id": str(number)}}
        client.chat_postMessage(
            channel=channel, text=TEXT, blocks=[], metadata=metadata, unfurl_links=False, unfurl_media=False
        )

    with ThreadPoolExecutor(threads) as pool:
        began = perf_counter()
        list(pool.map(post, enumerate(channels)))
        return len(channels) / (perf_counter() - began)


@contextmanager
def _slack(channels: Sequence[str]) -> Iterator[Address]:
    """A local Slack in a process of its own, so that it does not take turns with us at one interpreter."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, channels), daemon=True)
    process.start()
    try:
        if not ours.poll(PATIENCE):
            raise RuntimeError("the local Slack does not start")
        yield Address(*ours.recv())
    finally:
        ours.send(None)
        process.join(PATIENCE)


def _serve(pipe: Connection, channels: Sequence[str]) -> None:
    slack = Sandbox()
    for channel in channels:
        slack.add_channel(channel, channel.lower())
    with slack:
        pipe.send((slack.base_url, slack.app.bot_token))
        pipe.recv()


@contextmanager
def _database() -> Iterator[Database]:
    with TemporaryDirectory(prefix="claimbot-") as folder:
        database = Database(None, Path(folder))
        try:
            database.upgrade()
            yield database
        finally:
            database.close()


def _now() -> datetime:
    return datetime.now(UTC)
