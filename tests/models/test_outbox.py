"""The outbox's rows: written with their cause, taken in order, marked only by who holds them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.database import Database
from models.operations import outbox
from models.operations.outbox import Taken
from models.tables import Lane, Outgoing

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=2)
SECOND = timedelta(seconds=1)


def enqueue(database: Database, key: str, *, lane: str = "T1:C1", at: datetime = NOW) -> None:
    with database.transaction() as session:
        add(session, key, lane=lane, at=at)


def add(session: Session, key: str, *, lane: str = "T1:C1", at: datetime = NOW) -> None:
    outbox.enqueue(session, kind="card", team="T1", lane=lane, payload={"key": key}, unique_key=key, now=at)


def take(database: Database, *, worker: str = "one", at: datetime = NOW, batch: int = 10) -> list[Taken]:
    return outbox.take(database, worker=worker, now=at, batch=batch, lease=LEASE)


def keys(rows: list[Taken]) -> list[str]:
    return [row.payload["key"] for row in rows]


def send(database: Database, row: Taken, *, at: datetime = NOW, pace: timedelta = timedelta(0)) -> bool:
    with database.transaction() as session:
        return outbox.mark_sent(session, row, channel="C1", ts="1.1", now=at, pace=pace)


def retry_later(database: Database, row: Taken, *, at: datetime, in_doubt: bool = False) -> bool:
    with database.transaction() as session:
        return outbox.mark_retry(session, row, problem="unavailable", at=at, in_doubt=in_doubt)


def give_up(database: Database, row: Taken) -> bool:
    with database.transaction() as session:
        return outbox.mark_dead(session, row, problem="invalid_blocks")


def stored(database: Database, identity: int) -> Outgoing:
    with database.transaction() as session:
        return session.execute(
            select(Outgoing).where(Outgoing.id == identity).execution_options(populate_existing=True)
        ).scalar_one()


def test_a_row_is_there_only_if_its_cause_is(rolled_back: Database):
    with rolled_back.transaction() as session:
        add(session, "never")
        session.rollback()
    enqueue(rolled_back, "card")
    assert keys(take(rolled_back)) == ["card"]


def test_a_redraw_that_waits_covers_those_asked_for_later(rolled_back: Database):
    enqueue(rolled_back, "card", at=NOW)
    enqueue(rolled_back, "card", at=NOW + SECOND)
    [row] = take(rolled_back, at=NOW + SECOND)
    send(rolled_back, row)
    assert take(rolled_back, at=NOW + SECOND) == []


def test_a_redraw_asked_for_while_one_is_under_way_or_was_tried_is_not_covered(rolled_back: Database):
    enqueue(rolled_back, "card")
    [first] = take(rolled_back)
    enqueue(rolled_back, "card")
    retry_later(rolled_back, first, at=NOW, in_doubt=True)  # may be in Slack with the older words
    enqueue(rolled_back, "card")
    [again] = take(rolled_back)
    assert again.id == first.id
    send(rolled_back, again)
    [second] = take(rolled_back)
    assert second.id > first.id
    send(rolled_back, second)
    assert take(rolled_back) == []


def test_a_waiting_redraw_is_not_taken_while_a_change_it_has_to_show_is_uncommitted(database: Database):
    enqueue(database, "card")
    with database.transaction() as session:
        add(session, "card")
        assert take(database) == []
    assert keys(take(database)) == ["card"]


def test_a_row_behind_a_locked_one_of_its_lane_is_not_taken_instead(database: Database):
    enqueue(database, "first")
    enqueue(database, "second")
    with database.transaction() as session:
        add(session, "first")
        assert take(database) == []


def test_a_lane_is_taken_one_row_after_the_other(rolled_back: Database):
    for key in ("a", "b", "c"):
        enqueue(rolled_back, key)
    seen = []
    while rows := take(rolled_back):
        seen += keys(rows)
        assert len(rows) == 1
        assert take(rolled_back, worker="two") == []
        send(rolled_back, rows[0])
    assert seen == ["a", "b", "c"]


def test_lanes_do_not_wait_for_each_other(rolled_back: Database):
    enqueue(rolled_back, "a", lane="T1:C1")
    enqueue(rolled_back, "b", lane="T1:C1")
    enqueue(rolled_back, "c", lane="T1:C2")
    assert keys(take(rolled_back)) == ["a", "c"]


def test_no_more_than_a_batch_is_taken_and_the_oldest_first(rolled_back: Database):
    for number in range(5):
        enqueue(rolled_back, f"{number}", lane=f"T1:C{number}")
    assert keys(take(rolled_back, batch=2)) == ["0", "1"]
    assert keys(take(rolled_back, batch=2)) == ["2", "3"]


def test_the_pace_holds_the_lane_for_every_worker(rolled_back: Database):
    enqueue(rolled_back, "a")
    enqueue(rolled_back, "b")
    [row] = take(rolled_back)
    send(rolled_back, row, pace=SECOND)
    assert take(rolled_back, worker="two", at=NOW + SECOND / 2) == []
    assert keys(take(rolled_back, worker="two", at=NOW + SECOND)) == ["b"]


def test_holding_a_lane_never_shortens_what_somebody_else_asked_for(rolled_back: Database):
    with rolled_back.transaction() as session:
        outbox.hold_lane(session, "T1:C1", NOW + 30 * SECOND)
        outbox.hold_lane(session, "T1:C1", NOW + SECOND)
        assert session.scalars(select(Lane.free_at)).one() == NOW + 30 * SECOND


def test_a_row_that_is_tried_again_later_holds_its_lane(rolled_back: Database):
    enqueue(rolled_back, "a")
    enqueue(rolled_back, "b")
    [row] = take(rolled_back)
    retry_later(rolled_back, row, at=NOW + 5 * SECOND)
    assert take(rolled_back, at=NOW + 4 * SECOND) == []
    assert keys(take(rolled_back, at=NOW + 5 * SECOND)) == ["a"]


def test_a_row_that_was_given_up_blocks_nobody(rolled_back: Database):
    enqueue(rolled_back, "poison")
    enqueue(rolled_back, "b")
    [row] = take(rolled_back)
    give_up(rolled_back, row)
    assert keys(take(rolled_back)) == ["b"]


def test_a_row_whose_lease_ran_out_is_taken_over_in_doubt(rolled_back: Database):
    enqueue(rolled_back, "card")
    [row] = take(rolled_back)
    assert not row.in_doubt
    assert take(rolled_back, worker="two", at=NOW + LEASE - SECOND) == []
    [taken_over] = take(rolled_back, worker="two", at=NOW + LEASE)
    assert taken_over.in_doubt
    assert (taken_over.worker, taken_over.attempts) == ("two", 2)


@pytest.mark.parametrize("in_doubt", [True, False])
def test_a_row_is_in_doubt_as_its_last_attempt_left_it(rolled_back: Database, in_doubt: bool):
    enqueue(rolled_back, "card")
    [row] = take(rolled_back)
    retry_later(rolled_back, row, at=NOW, in_doubt=in_doubt)
    [again] = take(rolled_back)
    assert again.in_doubt is in_doubt


@pytest.mark.parametrize(
    "mark", [send, give_up, lambda database, row: retry_later(database, row, at=NOW)], ids=["sent", "dead", "retry"]
)
def test_a_mark_after_the_lease_was_lost_does_nothing(rolled_back: Database, mark: Callable[[Database, Taken], bool]):
    enqueue(rolled_back, "card")
    [stale] = take(rolled_back)
    # The same name again, as a worker may have that was slow: the lease itself must differ.
    [fresh] = take(rolled_back, at=NOW + LEASE)
    assert not mark(rolled_back, stale)
    row = stored(rolled_back, fresh.id)
    assert (row.state, row.leased_until, row.ts) == ("sending", fresh.leased_until, None)
    with rolled_back.transaction() as session:
        assert session.scalars(select(Lane)).all() == []
    assert mark(rolled_back, fresh)


def test_a_sent_row_remembers_where_it_is_in_slack(rolled_back: Database):
    enqueue(rolled_back, "card")
    [row] = take(rolled_back)
    assert send(rolled_back, row, at=NOW + SECOND)
    sent = stored(rolled_back, row.id)
    assert (sent.state, sent.channel, sent.ts, sent.sent_at) == ("sent", "C1", "1.1", NOW + SECOND)
    assert (sent.leased_by, sent.leased_until) == (None, None)


def test_depth_counts_what_is_not_in_slack_and_age_is_the_oldest_of_it(rolled_back: Database):
    for minute, key in enumerate(("sent", "dead", "sending", "waiting")):
        enqueue(rolled_back, key, lane=key, at=NOW + minute * timedelta(minutes=1))
    later = NOW + timedelta(minutes=10)
    sent, dead, _ = take(rolled_back, at=later, batch=3)
    send(rolled_back, sent)
    give_up(rolled_back, dead)
    with rolled_back.transaction() as session:
        assert outbox.depth_and_age(session, later) == (2, timedelta(minutes=8))


def test_an_empty_outbox_has_no_age(rolled_back: Database):
    with rolled_back.transaction() as session:
        assert outbox.depth_and_age(session, NOW) == (0, timedelta(0))


def test_a_dead_letter_can_be_tried_again_even_if_the_same_thing_waits_already(rolled_back: Database):
    enqueue(rolled_back, "card")
    [row] = take(rolled_back)
    give_up(rolled_back, row)
    enqueue(rolled_back, "card")
    with rolled_back.transaction() as session:
        [letter] = outbox.unsent(session, dead=True)
        assert (letter.id, letter.problem) == (row.id, "invalid_blocks")
        assert outbox.retry(session, row.id)
        assert outbox.unsent(session, dead=True) == []
        assert not outbox.retry(session, row.id)
    [again] = take(rolled_back)
    assert (again.id, again.failures) == (row.id, 0)


def test_many_workers_at_once_never_take_a_row_twice(database: Database):
    with database.transaction() as session:
        for number in range(200):
            add(session, f"{number}", lane=f"T1:C{number}")

    def work(worker: str) -> list[int]:
        mine = []
        while rows := take(database, worker=worker, batch=7):
            mine += [row.id for row in rows]
        return mine

    with ThreadPoolExecutor(4) as pool:
        taken = sorted(identity for some in pool.map(work, "abcd") for identity in some)
    assert len(taken) == 200
    assert len(set(taken)) == 200
