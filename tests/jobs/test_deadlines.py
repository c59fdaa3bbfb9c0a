"""The clock's sweep: everything that is due happens once, whoever else sweeps or acts at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from jobs import deadlines
from jobs.deadlines import sweep
from models.answers import Refused
from models.memory import Memory
from models.operations import filing, settling
from models.tables import Claim, History, claim_id
from rules.lifecycle import Action, Status
from tests.cast import LOS_ANGELES, WHO, Clock, claim_as_it_stands, claim_in

# The claims are approved or sent back on Wednesday 18 November 2026; Thanksgiving is on the 26th.
END_OF_OPT_OUT = datetime(2026, 11, 26, tzinfo=LOS_ANGELES)
END_OF_PARTNER_ACTION = datetime(2026, 12, 10, tzinfo=LOS_ANGELES)
SECOND = timedelta(seconds=1)


def happened(memory: Memory, action: Action) -> int:
    with memory.database.transaction() as session:
        return session.scalar(select(func.count()).select_from(History).where(History.action == action)) or 0


def test_no_answer_rejects_and_no_objection_makes_official(memory: Memory, clock: Clock):
    asked, approved = claim_in(memory, Status.ACTION_REQUIRED), claim_in(memory, Status.APPROVED)
    clock.set(END_OF_OPT_OUT - SECOND)
    assert sweep(memory) == 0
    clock.set(END_OF_OPT_OUT)
    assert sweep(memory) == 1
    assert claim_as_it_stands(memory, approved).associated_at == END_OF_OPT_OUT
    clock.set(END_OF_PARTNER_ACTION)
    assert sweep(memory) == 1
    assert claim_as_it_stands(memory, asked).status is Status.REJECTED
    assert sweep(memory) == 0


@pytest.mark.parametrize("status", [one for one in Status if one not in (Status.ACTION_REQUIRED, Status.APPROVED)])
def test_in_every_other_status_nothing_happens_by_itself(memory: Memory, clock: Clock, status: Status):
    number = claim_in(memory, status)
    clock.advance(timedelta(days=400))
    assert sweep(memory) == 0
    assert claim_as_it_stands(memory, number).status is status


def test_more_than_a_batch_is_done_in_one_sweep(memory: Memory, clock: Clock):
    for _ in range(5):
        claim_in(memory, Status.APPROVED)
    clock.set(END_OF_OPT_OUT)
    assert sweep(memory, batch=2) == 5


def test_one_claim_that_cannot_be_settled_holds_up_no_other(
    memory: Memory, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    broken, sound = (claim_in(memory, Status.APPROVED) for _ in range(2))

    def associate(memory: Memory, number: str):
        if number == broken:
            raise RuntimeError("nobody foresaw this")
        return settling.associate(memory, number)

    monkeypatch.setattr(deadlines, "_HAPPENS", {**deadlines._HAPPENS, Status.APPROVED: associate})
    clock.set(END_OF_OPT_OUT)
    assert sweep(memory, batch=1) == 1
    assert claim_as_it_stands(memory, sound).associated_at is not None


def test_replicas_that_sweep_at_once_do_everything_once(shared_memory: Memory, clock: Clock):
    memory = shared_memory
    numbers = [claim_in(memory, status) for status in (Status.ACTION_REQUIRED, Status.APPROVED) for _ in range(5)]
    clock.set(END_OF_PARTNER_ACTION)
    barrier = Barrier(4)

    def replica() -> int:
        barrier.wait()
        return sweep(memory, batch=3)

    with ThreadPoolExecutor(4) as pool:
        done = [future.result() for future in [pool.submit(replica) for _ in range(4)]]
    assert sum(done) + sweep(memory) == 10
    assert (happened(memory, Action.NO_RESPONSE), happened(memory, Action.ASSOCIATE)) == (5, 5)
    with memory.database.transaction() as session:
        versions = [session.get_one(Claim, claim_id(number)).version for number in numbers]
    assert len(set(versions[:5])) == len(set(versions[5:])) == 1


def test_of_the_clock_and_a_person_one_wins(shared_memory: Memory, clock: Clock):
    memory = shared_memory
    for _ in range(5):
        clock.set(END_OF_PARTNER_ACTION - timedelta(days=22))
        number = claim_in(memory, Status.ACTION_REQUIRED)
        clock.set(END_OF_PARTNER_ACTION)
        barrier = Barrier(2)

        def answer(number: str = number, barrier: Barrier = barrier) -> bool:
            barrier.wait()
            try:
                filing.resubmit(memory, WHO["Ana"], number)
            except Refused:
                return False
            return True

        def clocked(barrier: Barrier = barrier) -> int:
            barrier.wait()
            return sweep(memory)

        with ThreadPoolExecutor(2) as pool:
            person, swept = pool.submit(answer), pool.submit(clocked)
            in_time, rejected = person.result(), swept.result()
        assert in_time != bool(rejected)
        status = claim_as_it_stands(memory, number).status
        assert status is (Status.SUBMITTED if in_time else Status.REJECTED)
