"""Reminder rows: planned with their cause, taken once by any number of replicas, and looked at again when taken."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select, update

from models.answers import Blocked, Invalid, Refused
from models.directory import import_directory, parse_directory
from models.memory import Memory
from models.operations import filing, reviewing, settling, snoozing
from models.operations.acting import whereabouts
from models.operations.digesting import digest_due
from models.operations.falling_due import Taken, take_due
from models.tables import Claim, Outgoing, Reminder, Snooze, claim_id
from rules.lifecycle import Status
from tests.cast import DIRECTORY, LOS_ANGELES, MUNICH, TEAM, WHO, Clock, claim_in

BERLIN = ZoneInfo("Europe/Berlin")
# Of a claim sent back on Wednesday 18 November: five, two and one business days before its last day, 9 December.
FIVE, TWO, ONE = (datetime(2026, 12, day, 10, tzinfo=BERLIN) for day in (2, 7, 8))
HOUR = timedelta(hours=1)
Answer = TypeVar("Answer")


def rows_of(memory: Memory, number: str, state: str = "planned", kind: str = "limit") -> list[datetime]:
    with memory.database.transaction() as session:
        query = select(Reminder.remind_at).where(
            Reminder.claim_id == claim_id(number), Reminder.state == state, Reminder.kind == kind
        )
        return list(session.scalars(query.order_by(Reminder.remind_at)))


def queued(memory: Memory, kind: str) -> list[Outgoing]:
    with memory.database.transaction() as session:
        return list(session.scalars(select(Outgoing).where(Outgoing.kind == kind).order_by(Outgoing.id)))


def take(memory: Memory, clock: Clock, at: datetime, batch: int = 1000) -> Taken:
    clock.set(at)
    return take_due(memory, memory.clock(), batch)


def test_reminders_are_planned_with_the_status_and_dropped_with_it(memory: Memory):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    assert rows_of(memory, number) == [FIVE, TWO, ONE]
    filing.resubmit(memory, WHO["Ana"], number)
    dropped, planned = rows_of(memory, number, "dropped"), rows_of(memory, number)
    assert set(dropped) >= {FIVE, TWO, ONE}
    assert planned[0] == datetime(2026, 11, 23, 10, tzinfo=LOS_ANGELES), "now the reviewers are reminded"


def test_what_is_rolled_back_plans_nothing(memory: Memory):
    number = claim_in(memory, Status.UNDER_REVIEW)
    before = rows_of(memory, number)
    with pytest.raises(Invalid):
        reviewing.reject(memory, WHO["Rosa"], number, "", "")
    assert rows_of(memory, number) == before


def test_an_edit_leaves_the_reminders_of_the_limit_as_they_are(memory: Memory):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    with memory.database.transaction() as session:
        ids = list(session.scalars(select(Reminder.id).where(Reminder.kind == "limit", Reminder.state == "planned")))
    filing.edit(memory, WHO["Ana"], number, {"comments": "Soon."})
    with memory.database.transaction() as session:
        after = list(session.scalars(select(Reminder.id).where(Reminder.kind == "limit", Reminder.state == "planned")))
    assert after == ids


def test_each_edit_of_a_draft_begins_anew_when_it_is_stale(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.DRAFT)
    first = rows_of(memory, number, kind="stale")
    clock.advance(timedelta(days=7))
    filing.edit(memory, WHO["Ana"], number, {"comments": "Soon."})
    second = rows_of(memory, number, kind="stale")
    assert len(first) == len(second) == 2
    assert first[0] < second[0]


def test_another_date_of_signature_moves_its_reminders_and_back_again(memory: Memory):
    number = claim_in(memory, Status.DRAFT)
    first = rows_of(memory, number, kind="acknowledgement")
    filing.edit(memory, WHO["Ana"], number, {"acknowledgement_date": "2026-08-03"})
    assert rows_of(memory, number, kind="acknowledgement") != first
    filing.edit(memory, WHO["Ana"], number, {"acknowledgement_date": "2026-10-01"})
    assert rows_of(memory, number, kind="acknowledgement") == first


def test_a_discarded_draft_reminds_nobody(memory: Memory):
    number = claim_in(memory, Status.DRAFT)
    filing.discard(memory, WHO["Ana"], number)
    assert all(not rows_of(memory, number, kind=kind) for kind in ("limit", "stale", "acknowledgement"))


def test_nothing_is_taken_before_its_time(memory: Memory, clock: Clock):
    claim_in(memory, Status.ACTION_REQUIRED)
    assert take(memory, clock, FIVE - timedelta(seconds=1)) == Taken(0, 0)
    assert take(memory, clock, FIVE) == Taken(1, 1)
    assert take(memory, clock, FIVE) == Taken(0, 0)


def test_a_reminder_goes_to_the_channel_of_the_claims_location(memory: Memory, clock: Clock):
    claim_in(memory, Status.ACTION_REQUIRED, mpn=MUNICH)
    take(memory, clock, FIVE)
    [row] = queued(memory, "reminder")
    assert row.payload == {"side": "partner", "channel": "C0MUNICH"}


def test_a_location_that_went_to_another_partner_takes_no_word_of_earlier_claims_along(memory: Memory, clock: Clock):
    munich = '      - {mpn: "4711002", name: Munich, programmes: [modern-work], channel: C0MUNICH}\n'
    mia = next(line for line in DIRECTORY.splitlines(keepends=True) if "U0MIA" in line)
    london = next(line for line in DIRECTORY.splitlines(keepends=True) if "4722001" in line)
    number, draft = claim_in(memory, Status.ACTION_REQUIRED, mpn=MUNICH), claim_in(memory, Status.DRAFT, mpn=MUNICH)
    with memory.database.transaction() as session:
        moved = DIRECTORY.replace(munich, "").replace(mia, "").replace(london, london + munich)
        import_directory(session, parse_directory(moved), team=TEAM)

    take(memory, clock, FIVE)
    [reminder] = queued(memory, "reminder_digest")
    assert reminder.payload["channel"] == "C0CONTOSO"
    clock.set(FIVE.replace(hour=9))
    digest_due(memory)
    assert {one.payload["channel"] for one in queued(memory, "digest")} == {"C0CONTOSO"}
    with memory.database.transaction() as session:
        assert whereabouts(session, memory, session.get_one(Claim, claim_id(number)), "partner") == (TEAM, "C0CONTOSO")
    with pytest.raises(Blocked) as blocked:
        filing.submit(memory, WHO["Ana"], draft)
    assert "location" in [one.rule for one in blocked.value.decision.blocks]


def test_what_was_missed_is_said_once(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    assert take(memory, clock, ONE + HOUR) == Taken(3, 1)
    assert rows_of(memory, number, "done") == [ONE]
    assert set(rows_of(memory, number, "dropped")) >= {FIVE, TWO}


def test_what_was_missed_is_said_once_even_where_only_few_are_taken_at_a_time(memory: Memory, clock: Clock):
    numbers = [claim_in(memory, Status.ACTION_REQUIRED) for _ in range(3)]
    clock.set(ONE + HOUR)
    while take_due(memory, memory.clock(), 1).rows:
        pass
    assert [rows_of(memory, number, "done") for number in numbers] == [[ONE]] * 3


def test_what_comes_due_at_night_waits_until_they_are_at_work(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    night, morning = datetime(2026, 12, 4, 23, tzinfo=BERLIN), datetime(2026, 12, 7, 9, tzinfo=BERLIN)
    assert take(memory, clock, night) == Taken(1, 0)
    assert rows_of(memory, number)[0] == morning
    assert take(memory, clock, morning) == Taken(1, 1)


def _resubmitted(memory: Memory, number: str) -> None:
    filing.resubmit(memory, WHO["Ana"], number)


def _withdrawn(memory: Memory, number: str) -> None:
    settling.withdraw(memory, WHO["Ana"], number, "wrong-activity")


def _snoozed(memory: Memory, number: str) -> None:
    snoozing.snooze(memory, WHO["Ana"], number, date(2026, 12, 3))


def _stopped(memory: Memory, number: str) -> None:
    snoozing.stop(memory, WHO["Ivo"], number)


@pytest.mark.parametrize("settle", [_resubmitted, _withdrawn, _snoozed, _stopped])
def test_what_was_settled_a_second_before_is_not_said(
    memory: Memory, clock: Clock, settle: Callable[[Memory, str], None]
):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    clock.set(FIVE - timedelta(seconds=1))
    settle(memory, number)
    take(memory, clock, FIVE)
    assert queued(memory, "reminder") == []


def test_a_row_left_over_from_before_the_claim_moved_on_says_nothing(memory: Memory, clock: Clock):
    """As if a replica of another version had not dropped it."""
    number = claim_in(memory, Status.ACTION_REQUIRED)
    filing.resubmit(memory, WHO["Ana"], number)
    with memory.database.transaction() as session:
        session.execute(update(Reminder).where(Reminder.remind_at == FIVE).values(state="planned"))
        session.execute(update(Reminder).where(Reminder.remind_at < FIVE).values(state="dropped"))
    assert take(memory, clock, FIVE + HOUR).messages == 0


def test_many_that_are_due_in_a_channel_make_one_message(memory: Memory, clock: Clock):
    for _ in range(5):
        claim_in(memory, Status.ACTION_REQUIRED)
    claim_in(memory, Status.ACTION_REQUIRED, mpn=MUNICH)
    assert take(memory, clock, FIVE) == Taken(6, 2)
    assert len(queued(memory, "reminder")) == len(queued(memory, "reminder_digest")) == 1


def test_when_the_claim_moves_on_its_reminder_is_drawn_anew_once(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    take(memory, clock, FIVE)
    [said] = queued(memory, "reminder")
    filing.resubmit(memory, WHO["Ana"], number)
    assert [row.payload["message"] for row in queued(memory, "reminder_done")] == [said.id]
    reviewing.start_review(memory, WHO["Rosa"], number)
    assert len(queued(memory, "reminder_done")) == 1
    assert rows_of(memory, number, "over") == [FIVE]


def test_a_snooze_says_it_again_when_it_ends_and_not_before(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    take(memory, clock, FIVE)
    snoozing.snooze(memory, WHO["Ana"], number, date(2026, 12, 5))  # a Saturday
    monday = datetime(2026, 12, 7, 9, tzinfo=BERLIN)
    assert monday in rows_of(memory, number)
    assert take(memory, clock, monday - HOUR).messages == 0
    assert take(memory, clock, monday).messages == 1


def test_a_snooze_is_forgotten_when_the_claim_moves_on(memory: Memory):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    snoozing.stop(memory, WHO["Ana"], number)
    filing.resubmit(memory, WHO["Ana"], number)
    with memory.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Snooze)) == 0


def test_a_side_silences_itself_and_not_the_other(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.UNDER_REVIEW)
    snoozing.stop(memory, WHO["Ana"], number)
    assert take(memory, clock, datetime(2026, 12, 2, 10, tzinfo=LOS_ANGELES)).messages == 1


@pytest.mark.parametrize("who", ["Zed", "Bo", "Mia"])
def test_whoever_does_not_see_a_claim_cannot_silence_it(memory: Memory, who: str):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    for silence in (
        lambda: snoozing.stop(memory, WHO[who], number),
        lambda: snoozing.snooze(memory, WHO[who], number, date(2026, 12, 3)),
        lambda: snoozing.resume(memory, WHO[who], number),
    ):
        with pytest.raises(Refused):
            silence()


def test_a_press_that_slack_delivers_twice_silences_once(memory: Memory):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    snoozing.stop(memory, WHO["Ana"], number, delivery="press:1")
    snoozing.resume(memory, WHO["Ana"], number, delivery="press:2")
    snoozing.stop(memory, WHO["Ana"], number, delivery="press:1")
    with memory.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(Snooze)) == 0


# -- any number of replicas --------------------------------------------------------------------------------------------


def at_once(*calls: Callable[[], Answer]) -> list[Answer]:
    """Their results, after they began together."""
    barrier = Barrier(len(calls))

    def call(one: Callable[[], Answer]) -> Answer:
        barrier.wait()
        return one()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call, one) for one in calls]]


def test_replicas_that_look_at_the_same_moment_say_everything_once(shared_memory: Memory, clock: Clock):
    memory = shared_memory
    numbers = [claim_in(memory, Status.ACTION_REQUIRED) for _ in range(8)]
    clock.set(ONE + HOUR)

    def replica() -> int:
        taken = 0
        for _ in range(20):
            taken += take_due(memory, memory.clock(), 2).rows
        return taken

    assert sum(at_once(*[replica] * 4)) == 3 * 8, "three reminders of each claim are due, and one of them counts"
    assert [rows_of(memory, number, "done") for number in numbers] == [[ONE]] * 8
    with memory.database.transaction() as session:
        messages = set(session.scalars(select(Reminder.message_id).where(Reminder.state == "done")))
    assert {row.id for kind in ("reminder", "reminder_digest") for row in queued(memory, kind)} == messages


def test_whoever_acts_while_it_is_taken_waits_for_nobody_and_the_reminder_is_drawn_anew(
    shared_memory: Memory, clock: Clock
):
    memory = shared_memory
    for _ in range(6):
        number = claim_in(memory, Status.ACTION_REQUIRED)
        clock.set(ONE + HOUR)

        def take_it() -> None:
            take_due(memory, memory.clock(), 100)

        def act(number: str = number) -> None:
            filing.resubmit(memory, WHO["Ana"], number)

        at_once(take_it, act)
        with memory.database.transaction() as session:
            assert session.get_one(Claim, claim_id(number)).status is Status.SUBMITTED
        assert not set(rows_of(memory, number)) & {FIVE, TWO, ONE}
        assert rows_of(memory, number, "done") == []
        said = [row.id for row in queued(memory, "reminder") if row.claim_id == claim_id(number)]
        redrawn = [row.payload["message"] for row in queued(memory, "reminder_done")]
        assert set(said) <= set(redrawn), "what was said must not keep its buttons"
        clock.set(datetime(2026, 11, 18, 9, tzinfo=LOS_ANGELES))


def test_replicas_post_one_digest_a_channel_and_day(shared_memory: Memory, clock: Clock):
    memory = shared_memory
    claim_in(memory, Status.ACTION_REQUIRED)
    clock.set(datetime(2026, 11, 19, 9, tzinfo=BERLIN))
    results = at_once(*[lambda: digest_due(memory)] * 4)
    assert sorted(results) == [0, 0, 0, 1]
    assert len(queued(memory, "digest")) == 1
    clock.set(datetime(2026, 11, 20, 9, tzinfo=BERLIN))
    assert digest_due(memory) == 1
