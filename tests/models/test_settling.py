"""What ends a claim or reopens it: the partner, the customer, the clock, and the last second of each limit."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from models.answers import Blocked, Invalid, Refused
from models.memory import Memory
from models.operations import filing, reviewing, settling
from models.queries.claims import history_of
from models.tables import Claim, History, claim_id
from rules.lifecycle import Action, Status
from rules.permissions import Condition
from tests.cast import LOS_ANGELES, WHO, Clock, a_file, accept, claim_as_it_stands, claim_in

ANA, BILL, REMY = WHO["Ana"], WHO["Bill"], WHO["Remy"]
SECOND = timedelta(seconds=1)

# The claims are approved, rejected or sent back on Wednesday 18 November 2026; Thanksgiving is on the 26th.
END_OF_OPT_OUT = datetime(2026, 11, 26, tzinfo=LOS_ANGELES)
END_OF_DISPUTE = datetime(2026, 12, 19, tzinfo=LOS_ANGELES)
END_OF_PARTNER_ACTION = datetime(2026, 12, 10, tzinfo=LOS_ANGELES)


def last_entry(memory: Memory, number: str) -> History:
    with memory.database.transaction() as session:
        return history_of(session, session.get_one(Claim, claim_id(number)))[-1]


def test_a_withdrawal_is_a_rejection_at_the_partners_request(memory: Memory):
    number = claim_in(memory, Status.SUBMITTED)
    settling.withdraw(memory, ANA, number, "wrong-activity")
    claim, entry = claim_as_it_stands(memory, number), last_entry(memory, number)
    assert (claim.status, claim.rejection_reason) == (Status.REJECTED, "partner-request")
    assert entry.reasons == ["partner-request", "wrong-activity"]


@pytest.mark.parametrize("reason", ["", "gone", "insufficient-proof"])
def test_a_withdrawal_needs_one_of_the_three_reasons(memory: Memory, reason: str):
    number = claim_in(memory, Status.SUBMITTED)
    with pytest.raises(Invalid, match="reason"):
        settling.withdraw(memory, ANA, number, reason)
    assert claim_as_it_stands(memory, number).status is Status.SUBMITTED


def test_a_dispute_comes_in_time_until_the_last_second_of_the_thirtieth_day(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.REJECTED)
    assert claim_as_it_stands(memory, number).due_at == END_OF_DISPUTE
    clock.set(END_OF_DISPUTE - SECOND)
    assert settling.dispute(memory, BILL, number, "Page 2 names them.").status is Status.DISPUTE


def test_a_dispute_one_second_later_is_too_late(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.REJECTED)
    before = claim_as_it_stands(memory, number)
    for late in (END_OF_DISPUTE, END_OF_DISPUTE + SECOND):
        clock.set(late)
        with pytest.raises(Blocked) as blocked:
            settling.dispute(memory, BILL, number, "Page 2 names them.")
        assert [verdict.rule for verdict in blocked.value.decision.blocks] == ["in-time"]
    after = claim_as_it_stands(memory, number)
    assert (after.status, after.version, after.disputes, after.business_justification) == (
        Status.REJECTED,
        before.version,
        0,
        None,
    )


def test_a_claim_is_disputed_only_once(memory: Memory):
    number = claim_in(memory, Status.DISPUTE)
    reviewing.approve(memory, REMY, number)
    settling.opt_out(memory, number)
    claim = claim_as_it_stands(memory, number)
    assert (claim.status, claim.due_at) == (Status.REJECTED, None)
    with pytest.raises(Blocked) as blocked:
        settling.dispute(memory, BILL, number, "The customer was wrong.")
    assert [verdict.rule for verdict in blocked.value.decision.blocks] == ["once"]


@pytest.mark.parametrize("justification", ["", " \n\u200b"])
def test_a_dispute_needs_a_justification_or_new_proof(memory: Memory, justification: str):
    number = claim_in(memory, Status.REJECTED)
    with pytest.raises(Blocked) as blocked:
        settling.dispute(memory, BILL, number, justification)
    assert [verdict.rule for verdict in blocked.value.decision.blocks] == ["grounds"]


def test_a_dispute_may_rest_on_new_proof_alone_once_that_was_checked(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.REJECTED)
    clock.advance(timedelta(days=1))
    filing.add_proof(memory, BILL, number, [a_file("signed.pdf")])
    with pytest.raises(Blocked) as blocked:
        settling.dispute(memory, BILL, number, "")
    assert "proof-pending" in {verdict.rule for verdict in blocked.value.decision.blocks}
    with memory.database.transaction() as session:
        [pending] = session.get_one(Claim, claim_id(number)).pending_proofs
    accept(memory, pending.id)
    assert settling.dispute(memory, BILL, number, "").status is Status.DISPUTE


def test_proof_from_before_the_rejection_is_no_ground_for_a_dispute(memory: Memory):
    number = claim_in(memory, Status.UNDER_REVIEW)
    filing.add_proof(memory, ANA, number, [a_file()])
    with memory.database.transaction() as session:
        [pending] = session.get_one(Claim, claim_id(number)).pending_proofs
    accept(memory, pending.id)
    reviewing.reject(memory, REMY, number, "insufficient-proof", "It is not signed.")
    with pytest.raises(Blocked) as blocked:
        settling.dispute(memory, BILL, number, "")
    assert [verdict.rule for verdict in blocked.value.decision.blocks] == ["grounds"]


def test_a_disputed_claim_keeps_the_justification(memory: Memory):
    number = claim_in(memory, Status.REJECTED)
    settling.dispute(memory, ANA, number, " Page 2\nnames them. ")
    claim, entry = claim_as_it_stands(memory, number), last_entry(memory, number)
    assert claim.business_justification == entry.message == "Page 2\nnames them."
    assert claim.disputes == 1


def test_a_text_longer_than_slack_takes_is_answered(memory: Memory):
    rejected, approved = claim_in(memory, Status.REJECTED), claim_in(memory, Status.APPROVED)
    with pytest.raises(Invalid, match="business_justification"):
        settling.dispute(memory, ANA, rejected, "x" * 3001)
    with pytest.raises(Invalid, match="reason"):
        settling.disassociate(memory, ANA, approved, "x" * 3001)


def test_a_disassociation_needs_a_reason_and_is_final(memory: Memory):
    number = claim_in(memory, Status.APPROVED)
    with pytest.raises(Invalid) as invalid:
        settling.disassociate(memory, BILL, number, " ")
    assert invalid.value.errors == {"reason": "Please say why."}
    settling.disassociate(memory, BILL, number, "They left us.")
    claim = claim_as_it_stands(memory, number)
    assert (claim.status, claim.due_at, claim.rejection_message) == (Status.REJECTED_FINAL, None, "They left us.")


def test_the_customer_may_opt_out_until_the_last_second(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.APPROVED)
    assert claim_as_it_stands(memory, number).due_at == END_OF_OPT_OUT
    clock.set(END_OF_OPT_OUT - SECOND)
    settling.opt_out(memory, number, "We never met.")
    claim, entry = claim_as_it_stands(memory, number), last_entry(memory, number)
    assert (claim.status, claim.rejection_reason, claim.approved_at) == (Status.REJECTED, "customer-declined", None)
    assert (entry.person_id, entry.reasons, entry.message) == (None, ["customer-declined"], "We never met.")


def test_one_second_later_the_association_can_become_official_and_the_customer_comes_too_late(
    memory: Memory, clock: Clock
):
    number = claim_in(memory, Status.APPROVED)
    clock.set(END_OF_OPT_OUT)
    with pytest.raises(Refused) as refused:
        settling.opt_out(memory, number)
    assert refused.value.refusal.condition is Condition.LIMIT
    settling.associate(memory, number)
    claim = claim_as_it_stands(memory, number)
    assert (claim.status, claim.associated_at, claim.due_at) == (Status.APPROVED, END_OF_OPT_OUT, None)
    for again in (settling.opt_out, settling.associate):
        with pytest.raises(Refused) as refused:
            again(memory, number)
        assert refused.value.refusal.condition is Condition.LIMIT
    assert last_entry(memory, number).action is Action.ASSOCIATE


@pytest.mark.parametrize(
    ("happens", "status", "due"),
    [
        (settling.associate, Status.APPROVED, END_OF_OPT_OUT),
        (settling.no_response, Status.ACTION_REQUIRED, END_OF_PARTNER_ACTION),
    ],
)
def test_the_clock_acts_not_a_second_too_early(memory: Memory, clock: Clock, happens, status: Status, due: datetime):
    number = claim_in(memory, status)
    clock.set(due - SECOND)
    with pytest.raises(Refused) as refused:
        happens(memory, number)
    assert refused.value.refusal.condition is Condition.LIMIT
    clock.set(due)
    assert happens(memory, number).changed


def test_a_partner_who_does_not_answer_is_rejected_and_may_dispute_that(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    clock.set(END_OF_PARTNER_ACTION)
    settling.no_response(memory, number)
    claim = claim_as_it_stands(memory, number)
    assert (claim.status, claim.rejection_reason, claim.rejected_by_id) == (
        Status.REJECTED,
        "no-partner-response",
        None,
    )
    assert claim.due_at == datetime(2027, 1, 10, tzinfo=LOS_ANGELES)
    assert settling.dispute(memory, ANA, number, "We were closed.").status is Status.DISPUTE
