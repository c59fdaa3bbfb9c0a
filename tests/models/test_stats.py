"""Statistics are what the history says, of the claims that one may see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median

import pytest

from models.memory import Memory
from models.operations import filing, reviewing, settling
from models.queries.people import actor_for
from models.queries.stats import Ended, Stats, stats
from rules.lifecycle import Action, Status
from tests.cast import BERLIN, LONDON, MUNICH, START, WHO, Clock, claim_as_it_stands, claim_in

REJECTED = "insufficient-proof"


def seen_by(memory: Memory, name: str, begin: datetime = START, end: datetime | None = None) -> Stats:
    with memory.database.transaction() as session:
        actor = actor_for(session, WHO[name])
        return stats(session, actor, begin, end or memory.clock() + timedelta(days=1), memory.clock())


def reviewed(memory: Memory, clock: Clock, days: float, end: Callable[[str], object], **values: object) -> str:
    """A claim that waits a day, and is under review for so many."""
    number = claim_in(memory, Status.SUBMITTED, **values)  # type: ignore[arg-type]
    clock.advance(timedelta(days=1))
    reviewing.start_review(memory, WHO["Remy"], number)
    clock.advance(timedelta(days=days))
    end(number)
    return number


def approve(memory: Memory) -> Callable[[str], object]:
    return lambda number: reviewing.approve(memory, WHO["Remy"], number)


def reject(memory: Memory) -> Callable[[str], object]:
    return lambda number: reviewing.reject(memory, WHO["Remy"], number, REJECTED, "It names nothing.")


@pytest.fixture
def told(memory: Memory, clock: Clock) -> list[float]:
    """Days under review of six claims: of Berlin, Munich and London, approved and rejected in turns."""
    days = [1, 2.5, 4, 8, 3, 20]
    places = [(BERLIN, "Ana"), (BERLIN, "Ana"), (MUNICH, "Ana"), (MUNICH, "Ana"), (LONDON, "Bo"), (LONDON, "Bo")]
    for number, (long, (mpn, by)) in enumerate(zip(days, places, strict=True)):
        reviewed(memory, clock, long, reject(memory) if number % 2 else approve(memory), mpn=mpn, by=by)
    return days


def percentile(values: list[float], share: float) -> float:
    """Between the two nearest, as ``percentile_cont`` does."""
    ordered, place = sorted(values), share * (len(values) - 1)
    low = int(place)
    high = min(low + 1, len(values) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def test_median_and_ninetieth_percentile_are_those_of_the_days_in_each_status(memory: Memory, told: list[float]):
    found = seen_by(memory, "Rosa")
    review = next(one for one in found.stays if one.status is Status.UNDER_REVIEW)
    assert review.count == 6
    assert review.median == pytest.approx(median(told))
    assert review.ninetieth == pytest.approx(percentile(told, 0.9))
    waited = next(one for one in found.stays if one.status is Status.SUBMITTED)
    assert (waited.count, waited.median, waited.ninetieth) == (6, 1, 1)


@pytest.mark.parametrize(
    ("name", "approved", "rejected"), [("Ana", 2, 2), ("Ivo", 1, 1), ("Mia", 1, 1), ("Bo", 1, 1), ("Zed", 0, 0)]
)
def test_a_partner_sees_the_decisions_on_the_claims_that_it_sees_and_nobodys_work(
    memory: Memory, told: list[float], name: str, approved: int, rejected: int
):
    found = seen_by(memory, name)
    counts = Counter({(one.action, one.reason): one.count for one in found.ended})
    assert counts[Action.APPROVE, None] == approved
    assert counts[Action.REJECT, REJECTED] == rejected
    assert found.work == ()


def test_every_reviewer_sees_the_same_all_decisions_and_who_made_them(memory: Memory, told: list[float]):
    found = seen_by(memory, "Rosa")
    assert found == seen_by(memory, "Nia")
    assert found.ended == [Ended(Action.APPROVE, None, 3), Ended(Action.REJECT, REJECTED, 3)]
    assert [(one.reviewer, one.action, one.count) for one in sorted(found.work, key=lambda one: one.action)] == [
        ("Remy Review", Action.APPROVE, 3),
        ("Remy Review", Action.REJECT, 3),
        ("Remy Review", Action.START_REVIEW, 6),
    ]


def test_only_what_happened_in_the_period_counts_but_a_stay_counts_whole(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.UNDER_REVIEW)
    clock.advance(timedelta(days=10))
    begin = clock()
    reviewing.approve(memory, WHO["Rosa"], number)
    found = seen_by(memory, "Rosa", begin)
    assert [(one.status, one.count, one.median) for one in found.stays] == [(Status.UNDER_REVIEW, 1, 10)]
    assert seen_by(memory, "Rosa", begin, begin).stays == []
    assert [(one.status, one.median) for one in seen_by(memory, "Rosa", START, begin).stays] == [(Status.SUBMITTED, 0)]


def test_what_people_and_the_clock_end_is_told_apart_by_reason_and_drafts_count_for_nobody(
    memory: Memory, clock: Clock
):
    settling.withdraw(memory, WHO["Ana"], claim_in(memory, Status.SUBMITTED), "wrong-programme")
    waits = claim_in(memory, Status.ACTION_REQUIRED)
    approved = claim_in(memory, Status.APPROVED)
    settling.opt_out(memory, approved)
    filing.discard(memory, WHO["Ana"], claim_in(memory, Status.DRAFT))
    due = claim_as_it_stands(memory, waits).due_at
    assert due is not None
    clock.set(due)
    overdue = seen_by(memory, "Rosa").overdue
    assert overdue == {Status.ACTION_REQUIRED: 1}
    assert seen_by(memory, "Bo").overdue == {}
    settling.no_response(memory, waits)
    found = seen_by(memory, "Rosa")
    assert {(one.action, one.reason) for one in found.ended} == {
        (Action.APPROVE, None),
        (Action.WITHDRAW, "partner-request"),
        (Action.OPT_OUT, "customer-declined"),
        (Action.NO_RESPONSE, "no-partner-response"),
    }
    assert Status.DRAFT not in {one.status for one in found.stays}
