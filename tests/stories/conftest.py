"""A whole world for a story: a local Slack, the bot over signed HTTP or Socket Mode, a PostgreSQL, the cast."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.database import Database
from tests.stories.world import World, world_of


@pytest.fixture(params=["http", "socket"])
def world(request: pytest.FixtureRequest, database: Database, tmp_path: Path) -> Iterator[World]:
    """The same world over either of Slack's transports."""
    with world_of(database, tmp_path, socket_mode=request.param == "socket") as world:
        yield world


@pytest.fixture
def http_world(database: Database, tmp_path: Path) -> Iterator[World]:
    """The world over HTTP, where the transport makes no difference to the story."""
    with world_of(database, tmp_path) as world:
        yield world
