"""Several people at the same moment, with real commits: one thing happens, and everybody gets a calm answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from models.answers import Blocked, Done, Overtaken, Refused
from models.memory import Memory
from models.operations import filing, reviewing, settling
from models.queries.claims import history_of
from models.tables import Claim, History, claim_id
from rules.lifecycle import Action, Status
from rules.permissions import Condition
from tests.cast import WHO, Clock, a_tenant, claim_as_it_stands, claim_in

ROUNDS = 5
ROSA, REMY, ANA, IVO = WHO["Rosa"], WHO["Remy"], WHO["Ana"], WHO["Ivo"]


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call answered or raised, all of them begun at the same moment."""
    barrier = Barrier(len(calls))

    def begin(call: Callable[[], Any]) -> Any:
        barrier.wait(timeout=30)
        try:
            return call()
        except (Refused, Blocked, Overtaken) as answer:
            return answer

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(timeout=30) for future in [pool.submit(begin, call) for call in calls]]


def the_done_one(answers: list[Any]) -> int:
    """Which of the calls had its effect; exactly one must have."""
    [index] = [index for index, answer in enumerate(answers) if isinstance(answer, Done) and not answer.repeated]
    return index


def history(memory: Memory, number: str) -> list[History]:
    with memory.database.transaction() as session:
        return history_of(session, session.get_one(Claim, claim_id(number)))


Try = Callable[[Memory, str], Done]


def approve(memory: Memory, number: str, *, by: str = "Rosa", delivery: str | None = None) -> Done:
    return reviewing.approve(memory, WHO[by], number, delivery=delivery and f"{delivery}:{number}")


def reject(memory: Memory, number: str) -> Done:
    return reviewing.reject(memory, REMY, number, "insufficient-proof", "It is not signed.")


def withdraw(memory: Memory, number: str) -> Done:
    return settling.withdraw(memory, ANA, number, "customer-left")


def take_on(memory: Memory, number: str, *, by: str) -> Done:
    return reviewing.start_review(memory, WHO[by], number)


def opt_out(memory: Memory, number: str) -> Done:
    return settling.opt_out(memory, number)


def disassociate(memory: Memory, number: str) -> Done:
    return settling.disassociate(memory, ANA, number, "They left us.")


@pytest.mark.parametrize(
    ("status", "tries"),
    [
        pytest.param(
            Status.SUBMITTED, [partial(take_on, by="Rosa"), partial(take_on, by="Remy")], id="both take it on"
        ),
        pytest.param(
            Status.UNDER_REVIEW, [partial(approve, by="Rosa"), partial(approve, by="Remy")], id="both approve"
        ),
        pytest.param(Status.UNDER_REVIEW, [approve, reject], id="one approves and one rejects"),
        pytest.param(Status.UNDER_REVIEW, [approve, withdraw], id="one approves and the partner withdraws"),
        pytest.param(
            Status.UNDER_REVIEW,
            [partial(approve, delivery="first press"), partial(approve, delivery="second press")],
            id="one presses twice",
        ),
        pytest.param(Status.APPROVED, [opt_out, disassociate], id="the customer and the partner both want out"),
    ],
)
def test_of_what_excludes_each_other_one_happens_and_the_other_hears_how_the_claim_stands(
    shared_memory: Memory, status: Status, tries: list[Try]
):
    for _ in range(ROUNDS):
        number = claim_in(shared_memory, status)
        before = claim_as_it_stands(shared_memory, number)
        length = len(history(shared_memory, number))

        answers = at_once(*(partial(one, shared_memory, number) for one in tries))

        done = answers.pop(the_done_one(answers))
        [loser] = answers
        assert isinstance(loser, Refused)
        assert (loser.refusal.condition, loser.status) == (Condition.STATUS, done.status)
        after = claim_as_it_stands(shared_memory, number)
        assert (after.status, after.version) == (done.status, before.version + 1)
        [entry] = history(shared_memory, number)[length:]
        assert (entry.from_status, entry.to_status) == (status, done.status)


def test_one_delivery_that_comes_three_times_at_once_has_one_effect_and_one_answer(shared_memory: Memory):
    for _ in range(ROUNDS):
        number = claim_in(shared_memory, Status.UNDER_REVIEW)
        length = len(history(shared_memory, number))
        answers = at_once(*[partial(approve, shared_memory, number, delivery="press")] * 3)
        assert sorted(answer.repeated for answer in answers) == [False, True, True]
        assert {(answer.number, answer.status, answer.version) for answer in answers} == {
            (number, Status.APPROVED, claim_as_it_stands(shared_memory, number).version)
        }
        assert [entry.action for entry in history(shared_memory, number)[length:]] == [Action.APPROVE]


def test_one_form_that_comes_twice_at_once_makes_one_claim(shared_memory: Memory):
    values = {"claim_name": "Once", "mpn": "4711001", "solution_area": "modern-work", "partner_role": "use-or-consume"}
    for round_ in range(ROUNDS):
        answers = at_once(*[partial(filing.create, shared_memory, ANA, values, delivery=f"form {round_}")] * 2)
        assert sorted(answer.repeated for answer in answers) == [False, True]
        assert len({answer.number for answer in answers}) == 1


def test_of_two_claims_for_the_same_one_is_submitted_and_the_other_is_blocked(shared_memory: Memory):
    for _ in range(ROUNDS):
        tenant = a_tenant()
        numbers = [claim_in(shared_memory, Status.DRAFT, customer_tenant_id=tenant) for _ in range(2)]
        answers = at_once(
            *(partial(filing.submit, shared_memory, by, one) for by, one in zip((ANA, IVO), numbers, strict=True))
        )
        winner = the_done_one(answers)
        blocked = answers[1 - winner]
        assert isinstance(blocked, Blocked)
        assert [verdict.rule for verdict in blocked.decision.blocks] == ["own-duplicate"]
        assert numbers[winner] in blocked.decision.blocks[0].message
        assert claim_as_it_stands(shared_memory, numbers[1 - winner]).status is Status.DRAFT


def test_of_two_who_edit_what_they_both_opened_the_second_is_told_who_came_first(shared_memory: Memory):
    for _ in range(ROUNDS):
        number = claim_in(shared_memory, Status.DRAFT)
        seen = claim_as_it_stands(shared_memory, number).version
        answers = at_once(
            partial(filing.edit, shared_memory, ANA, number, {"comments": "Ana was here."}, version=seen),
            partial(filing.edit, shared_memory, IVO, number, {"comments": "Ivo was here."}, version=seen),
        )
        winner = the_done_one(answers)
        overtaken = answers[1 - winner]
        assert isinstance(overtaken, Overtaken)
        assert (overtaken.number, overtaken.version) == (number, seen + 1)
        assert overtaken.by == ("Ana Admin", "Ivo User")[winner]
        words = ("Ana was here.", "Ivo was here.")[winner]
        assert claim_as_it_stands(shared_memory, number).comments == words


def test_two_clocks_make_an_association_official_once(shared_memory: Memory, clock: Clock):
    numbers = [claim_in(shared_memory, Status.APPROVED) for _ in range(ROUNDS)]
    clock.advance(timedelta(days=30))
    for number in numbers:
        answers = at_once(*[partial(settling.associate, shared_memory, number)] * 2)
        loser = answers[1 - the_done_one(answers)]
        assert isinstance(loser, Refused)
        assert loser.refusal.condition is Condition.LIMIT
        assert [entry.action for entry in history(shared_memory, number)].count(Action.ASSOCIATE) == 1
