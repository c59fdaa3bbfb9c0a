"""What happened to a claim is in Slack at once, with the bot running as it does in production."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import text

import jobs.ticker
from models.database import Database
from models.operations import outbox
from rules.lifecycle import Status
from tests.cast import claim_in
from tests.stories.world import World, world_of
from tests.waiting import wait_until

PARTNER = "C0CONTOSO"
# Long enough that only what rang can have been the cause.
FAR = timedelta(hours=1)


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    with world_of(database, tmp_path) as world:
        yield world


def cards(world: World) -> int:
    return sum(not one.is_reply for one in world.sandbox.workspace.messages[PARTNER])


def has_cards(world: World, count: int) -> bool:
    return cards(world) == count


@contextmanager
def ticking(world: World, every: timedelta, *, woken: bool) -> Iterator[None]:
    """Deliver by a ticker of its own, which stops before the bot does."""
    ticker = jobs.ticker.Ticker(world.bot.memory.database)
    ticker.add("deliver", world.bot.delivery.wake, every, woken_by=outbox.CHANNEL if woken else None)
    ticker.start()
    try:
        yield
    finally:
        ticker.stop()
        world.bot.delivery.stop()


def listens(world: World) -> bool:
    with world.bot.memory.database.transaction() as session:
        question = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN %' AND datname = current_database()"
        return bool(session.execute(text(question)).scalar_one())


def test_a_card_is_there_as_soon_as_its_claim_is_committed(world: World):
    with ticking(world, FAR, woken=True):
        wait_until(lambda: listens(world))
        for number in range(1, 4):
            claim_in(world.bot.memory, Status.DRAFT)
            began = monotonic()
            world.sandbox.wait_until(partial(has_cards, world, number), 30, "the card")
            # A second is the promise; a machine under load gets some more.
            assert monotonic() - began < 5


def test_a_card_comes_by_polling_where_nothing_rings(world: World):
    with ticking(world, timedelta(milliseconds=100), woken=False):
        claim_in(world.bot.memory, Status.DRAFT)
        world.sandbox.wait_until(lambda: cards(world) == 1, 30, "the card")


def test_the_bot_has_a_beat_for_what_does_not_ring_and_one_for_clean_up(world: World):
    beats = {beat.name: beat for beat in world.bot.beats}
    assert beats["deliver"].woken_by == outbox.CHANNEL
    assert beats["deliver"].every < timedelta(seconds=1)
    assert "tidy" in beats
    claim_in(world.bot.memory, Status.DRAFT)
    for beat in beats.values():
        beat.job()
    world.sandbox.wait_until(lambda: cards(world) == 1, 30, "the card")
