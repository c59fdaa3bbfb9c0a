"""The demo's time can be moved, and what the bot does by itself happens then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.demo.clock import SettableClock
from bot.demo.moves import Moves
from jobs.ticker import Beat
from models.memory import Memory
from models.operations import filing
from rules.lifecycle import Status
from tests.cast import LOS_ANGELES, START, WHO, Clock, claim_as_it_stands, claim_in

HOUR = timedelta(hours=1)


class Demo:
    """Time that is moved, and a record of when the bot's beats ran."""

    def __init__(self, memory: Memory, real: Clock) -> None:
        self.clock = SettableClock(real=real)
        self.ran: list[tuple[str, datetime]] = []
        beats = [
            Beat(name, lambda name=name: self.ran.append((name, self.clock())), HOUR)  # type: ignore[misc]
            for name in ("sweep", "deliver")
        ]
        self.moves = Moves(self.clock, memory, beats)


@pytest.fixture
def demo(memory: Memory, clock: Clock) -> Demo:
    return Demo(memory, clock)


def test_the_clock_runs_on_from_where_it_was_moved():
    real = Clock()
    clock = SettableClock(real=real)
    clock.move(HOUR)
    clock.move(HOUR)
    real.advance(timedelta(minutes=1))
    assert clock() == START + 2 * HOUR + timedelta(minutes=1)


def test_the_clock_never_goes_back():
    clock = SettableClock(real=Clock())
    with pytest.raises(ValueError, match="forward"):
        clock.move(-HOUR)
    assert clock() == START


def test_the_next_run_goes_on_where_time_was_moved_to(tmp_path: Path):
    kept = tmp_path / "demo" / "time-moved"
    SettableClock(kept, Clock()).move(timedelta(days=3))
    assert SettableClock(kept, Clock())() == START + timedelta(days=3)


def test_after_a_move_everything_that_happens_by_itself_happens_at_once_in_its_order(demo: Demo):
    said = demo.moves.an_hour()
    assert demo.ran == [("sweep", START + HOUR), ("deliver", START + HOUR)]
    assert "Wednesday, November 18, 10:00" in said


def test_a_business_day_later_skips_weekends_and_holidays_of_the_programme(demo: Demo):
    mornings = []
    for _ in range(6):
        demo.moves.a_business_day()
        mornings.append(demo.clock().astimezone(LOS_ANGELES))
    # From Wednesday the 18th on; the 26th is Thanksgiving.
    assert [morning.day for morning in mornings] == [19, 20, 23, 24, 25, 27]
    assert {(morning.hour, morning.minute) for morning in mornings} == {(9, 5)}


def test_the_next_deadline_is_the_first_that_is_still_ahead(demo: Demo, memory: Memory):
    assert "No claim has a deadline" in demo.moves.next_deadline()
    assert demo.ran == []
    first = claim_as_it_stands(memory, claim_in(memory, Status.SUBMITTED)).due_at
    second = claim_as_it_stands(memory, claim_in(memory, Status.UNDER_REVIEW)).due_at
    assert first is not None
    assert second is not None
    assert first < second
    demo.moves.next_deadline()
    assert first <= demo.clock() < first + HOUR
    demo.moves.next_deadline()
    assert second <= demo.clock() < second + HOUR
    assert "No claim has a deadline" in demo.moves.next_deadline()


def test_a_discarded_draft_has_no_deadline(demo: Demo, memory: Memory):
    number = claim_in(memory, Status.DRAFT)
    filing.discard(memory, WHO["Ana"], number)
    assert "No claim has a deadline" in demo.moves.next_deadline()


def test_every_move_has_a_name_for_the_page(demo: Demo):
    names = [label for label, _ in demo.moves]
    assert len(set(names)) == 4
    assert all(act() for _, act in demo.moves)
    assert demo.clock() > START.astimezone(UTC)
