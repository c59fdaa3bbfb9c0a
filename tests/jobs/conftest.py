"""A delivery for tests on one thread, and one for tests with several."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from models.database import Database
from tests.jobs.post import Inline, Post


@pytest.fixture
def post(rolled_back: Database) -> Post:
    return Post(rolled_back, Inline())


@pytest.fixture
def threaded(database: Database) -> Iterator[Post]:
    with ThreadPoolExecutor(8) as pool:
        yield Post(database, pool)
