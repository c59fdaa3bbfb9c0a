"""How long it takes to find and do what is due, among few claims and among many."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter

from sqlalchemy import text

from benchmarks.filling import execute, filled
from benchmarks.results import Figure, Result
from jobs.deadlines import sweep
from jobs.reminders import remind
from models.memory import Memory
from models.queries.passed import passed

# A Wednesday; in Berlin, where the partners are, it is eleven o'clock.
NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
LONGEST_SECONDS = 1.0
LARGEST_RATIO = 1.3
CHANNELS = 100


@dataclass(frozen=True)
class Times:
    """Seconds for all reminders that were due, for finding the limits that had passed, and for settling one of them."""

    reminders: float
    found: float
    settled: float


def run(*, small: int = 10_000, large: int = 100_000, due: int = 1_000, over: int = 100, rounds: int = 7) -> Result:
    """Measure. With ``large=1_000_000`` it takes some minutes, most of which go into making the claims.

    Args:
        small: so many claims in the baseline.
        large: so many claims.
        due: reminders that are due among them, of as many claims, in a hundred channels.
        over: limits that have passed.
        rounds: the best of so many counts; a limit passes only once.
    """
    with _filled(small, due, over) as few, _filled(large, due, over) as many:
        _remind(few, due)  # statements are compiled
        base, found = _measure((few, many), due, over, rounds)
    met = found.reminders < LONGEST_SECONDS and found.reminders <= LARGEST_RATIO * base.reminders
    wanted = f"< {LONGEST_SECONDS * 1000:,.0f} ms, ratio <= {LARGEST_RATIO}"
    figures = (
        Figure(f"{due:,} reminders due", found.reminders * 1000, "ms", base.reminders * 1000, wanted, met),
        Figure(f"{over:,} passed limits found", found.found * 1000, "ms", base.found * 1000),
        Figure("a passed limit settled", found.settled * 1000, "ms", base.settled * 1000),
    )
    return Result("sweeps: what is due", f"among {large:,} claims; the baseline is among {small:,}", figures)


def _measure(memories: Sequence[Memory], due: int, over: int, rounds: int) -> list[Times]:
    # In turns, so that whatever else the machine does befalls all of them; the best of each is the least disturbed.
    reminders = [[_remind(memory, due) for memory in memories] for _ in range(rounds)]
    found = [[_find(memory, over) for memory in memories] for _ in range(rounds)]
    settled = [_settle(memory, over) for memory in memories]
    best = zip(zip(*reminders, strict=True), zip(*found, strict=True), settled, strict=True)
    return [Times(min(one), min(other), last) for one, other, last in best]


def _settle(memory: Memory, over: int) -> float:
    began = perf_counter()
    assert sweep(memory) == over
    return (perf_counter() - began) / over


def _remind(memory: Memory, due: int) -> float:
    began = perf_counter()
    messages = remind(memory)
    seconds = perf_counter() - began
    assert messages == min(due, CHANNELS)
    with memory.database.transaction() as session:  # and once more
        session.execute(text("UPDATE reminders SET state = 'planned', message_id = NULL WHERE message_id IS NOT NULL"))
        session.execute(text("DELETE FROM outbox"))
    return seconds


def _find(memory: Memory, over: int) -> float:
    with memory.database.transaction() as session:
        began = perf_counter()
        assert len(passed(session, NOW, over)) == over
        return perf_counter() - began


def _filled(claims: int, due: int, over: int) -> AbstractContextManager[Memory]:
    """A database with so many claims; most of them are decided, or have time left."""
    return filled(lambda session: execute(session, _FILL, n=claims, due=due, over=over, channels=CHANNELS), NOW)


# The database makes the rows itself, which is as fast as COPY. The first ``due`` claims wait for their partner and a
# reminder of them is due; the limit of the next ``over`` has passed; of the others each fourth waits with time left,
# each fourth is in review, the rest is decided long ago.
_FILL = (
    "INSERT INTO programme (id, name, country, timezone, team, review_channel) "
    "VALUES (1, 'Example', 'US', 'America/Los_Angeles', 'T0', 'C0REVIEW')",
    "INSERT INTO people (id, team, \"user\", name, active) VALUES (1, 'T0', 'U0ANA', 'Ana Admin', true)",
    "INSERT INTO partners (id, name, country, timezone, team, channel, active) "
    "SELECT p, 'Partner ' || p, 'DE', 'Europe/Berlin', 'T0', 'C0P' || p, true FROM generate_series(1, :channels) p",
    "INSERT INTO locations (mpn, partner_id, name, programmes, active) "
    "SELECT p::text, p, 'Berlin', '{modern-work}', true FROM generate_series(1, :channels) p",
    """INSERT INTO claims (version, status, status_since, due_at, partner_id, mpn, claim_name, solution_area,
           partner_role, customer_tenant_id, customer_name, products, opt_out_of_payment, created_by_id,
           created_at, updated_at, submitted_at, asked_reasons, rejected_at, disputes)
       SELECT 3, state, since, CASE WHEN c <= :due THEN timestamptz '2026-11-26T08:00Z'
                                    WHEN c <= :due + :over THEN timestamptz '2026-11-18T08:00Z'
                                    WHEN state = 'Rejected' THEN since + interval '30 days'
                                    ELSE timestamptz '2026-12-02T08:00Z' END,
           1 + c % :channels, (1 + c % :channels)::text, 'Customer ' || c, 'modern-work', 'use-or-consume',
           md5(c::text)::uuid::text, 'Customer ' || c, '{teams}', false, 1,
           since, since, since, '{}', CASE WHEN state = 'Rejected' THEN since END, 0
       FROM (SELECT c, CASE WHEN c <= :due + :over THEN 'Partner action required'
                            WHEN c % 4 = 0 THEN 'Partner action required'
                            WHEN c % 4 = 1 THEN 'Under review' ELSE 'Rejected' END AS state,
                    timestamptz '2026-11-05T10:00Z' - (c % 400) * interval '1 day' AS since
             FROM generate_series(1, :n) c) made""",
    """INSERT INTO reminders (claim_id, kind, due_at, remind_at, state)
       SELECT id, 'limit', due_at, CASE WHEN id <= :due THEN timestamptz '2026-11-18T09:00Z'
                                        ELSE timestamptz '2026-12-01T09:00Z' END, 'planned'
       FROM claims WHERE status <> 'Rejected' AND (id <= :due OR id > :due + :over)""",
    """INSERT INTO reminders (claim_id, kind, due_at, remind_at, state)
       SELECT id, 'limit', due_at, timestamptz '2026-11-10T09:00Z', 'done' FROM claims WHERE status = 'Rejected'""",
)
