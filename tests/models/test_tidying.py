"""Clean-up takes what is long done, and nothing that anybody may still need."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select

from models.database import Database
from models.memory import Memory
from models.operations import outbox
from models.operations.tidying import RETENTION, tidy
from models.tables import Inbound, OldMessage, Outgoing, Reminder, claim_id
from models.tables.messages import Lane
from rules.lifecycle import Status
from tests.cast import claim_in

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def outgoing(key: str, state: str, *, sent_at: datetime | None, created_at: datetime) -> Outgoing:
    return Outgoing(
        kind="card",
        team="T1",
        lane="T1/C1",
        payload={},
        unique_key=key,
        state=state,
        created_at=created_at,
        next_attempt_at=created_at,
        sent_at=sent_at,
    )


def keys(database: Database) -> list[str]:
    with database.transaction() as session:
        return list(session.scalars(select(Outgoing.unique_key).order_by(Outgoing.id)))


def test_what_was_sent_long_ago_goes_and_everything_else_stays(rolled_back: Database):
    ancient, limit = NOW - timedelta(days=999), NOW - RETENTION.sent
    with rolled_back.transaction() as session:
        session.add_all(
            [
                outgoing("old", "sent", sent_at=limit - MINUTE, created_at=ancient),
                outgoing("recent", "sent", sent_at=limit + MINUTE, created_at=ancient),
                outgoing("waiting", "pending", sent_at=None, created_at=ancient),
                outgoing("under way", "sending", sent_at=None, created_at=ancient),
                outgoing("dead", "dead", sent_at=None, created_at=ancient),
            ]
        )
    assert tidy(rolled_back, NOW) == 1
    assert keys(rolled_back) == ["recent", "waiting", "under way", "dead"]


def test_where_a_message_about_a_claim_is_stays_known_until_the_claim_is_erased(memory: Memory):
    number = claim_in(memory, Status.SUBMITTED)
    claim, long_ago = claim_id(number), NOW - timedelta(days=99)
    with memory.database.transaction() as session:
        session.execute(delete(Outgoing))
        for kind, about, ts in (
            ("duty", claim, "1.0"),
            ("card", claim, "2.0"),
            ("team", None, "3.0"),
            ("duty", claim, None),
        ):
            row = outgoing(f"{kind}{ts}", "sent", sent_at=long_ago, created_at=long_ago)
            row.kind, row.claim_id, row.channel, row.ts = kind, about, "D1", ts
            session.add(row)
        digest = outgoing("digest", "sent", sent_at=long_ago, created_at=long_ago)
        digest.kind, digest.channel, digest.ts = "reminder_digest", "C1", "4.0"
        session.add(digest)
        session.flush()
        planned = session.scalars(select(Reminder).where(Reminder.claim_id == claim).limit(2)).all()
        for one in planned:  # two matters of one claim in one message
            one.message_id = digest.id
    assert tidy(memory.database, NOW) == 5
    with memory.database.reading() as session:
        kept = select(OldMessage.claim_id, OldMessage.team, OldMessage.channel, OldMessage.ts).order_by(OldMessage.ts)
        assert session.execute(kept).all() == [(claim, "T1", "D1", "1.0"), (claim, "T1", "C1", "4.0")]


def test_a_delivery_of_slacks_is_remembered_as_long_as_it_could_come_again(rolled_back: Database):
    with rolled_back.transaction() as session:
        session.add_all([Inbound(key="old", at=NOW - RETENTION.inbox - MINUTE), Inbound(key="new", at=NOW - MINUTE)])
    assert tidy(rolled_back, NOW) == 1
    with rolled_back.transaction() as session:
        assert session.scalars(select(Inbound.key)).all() == ["new"]


def test_a_pause_that_is_long_over_goes_and_one_that_holds_stays(rolled_back: Database):
    with rolled_back.transaction() as session:
        outbox.hold_lane(session, "T1/OLD", NOW - RETENTION.lanes - MINUTE)
        outbox.hold_lane(session, "T1/HELD", NOW + MINUTE)
    assert tidy(rolled_back, NOW) == 1
    with rolled_back.transaction() as session:
        assert session.scalars(select(Lane.lane)).all() == ["T1/HELD"]


def test_clean_up_goes_batch_by_batch_up_to_its_limit_and_the_next_time_goes_on(rolled_back: Database):
    long_ago = NOW - timedelta(days=99)
    with rolled_back.transaction() as session:
        session.add_all([outgoing(f"{n}", "sent", sent_at=long_ago, created_at=long_ago) for n in range(10)])
    assert tidy(rolled_back, NOW, batch=2, most=3) == 6
    assert tidy(rolled_back, NOW, batch=2, most=3) == 4
    assert keys(rolled_back) == []
