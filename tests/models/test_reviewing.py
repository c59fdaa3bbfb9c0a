"""What the programme's reviewers do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.answers import Invalid, Refused
from models.memory import Memory
from models.operations import filing, reviewing, settling
from models.queries.claims import history_of
from models.tables import Claim, History, claim_id
from rules.lifecycle import Status
from rules.permissions import Condition
from tests.cast import WHO, Clock, claim_as_it_stands, claim_in

ROSA, REMY, NIA = WHO["Rosa"], WHO["Remy"], WHO["Nia"]


def last_entry(memory: Memory, number: str) -> History:
    with memory.database.transaction() as session:
        return history_of(session, session.get_one(Claim, claim_id(number)))[-1]


def reviewer_of(memory: Memory, number: str) -> str | None:
    with memory.database.transaction() as session:
        reviewer = session.get_one(Claim, claim_id(number)).reviewer
        return reviewer.user if reviewer else None


def test_whoever_starts_the_review_takes_the_claim_on(memory: Memory):
    number = claim_in(memory, Status.SUBMITTED)
    assert reviewer_of(memory, number) is None
    reviewing.start_review(memory, REMY, number)
    assert reviewer_of(memory, number) == "U0REMY"


def test_what_is_asked_stands_on_the_claim_and_in_its_history(memory: Memory):
    number = claim_in(memory, Status.UNDER_REVIEW)
    reasons = ["missing-products", "missing-or-old-dates", "missing-products"]
    reviewing.request_information(memory, ROSA, number, reasons, " Which ones?\n\u202eAnd when? ")
    claim, entry = claim_as_it_stands(memory, number), last_entry(memory, number)
    assert claim.asked_reasons == entry.reasons == ["missing-products", "missing-or-old-dates"]
    assert claim.asked_message == entry.message == "Which ones?\nAnd when?"


@pytest.mark.parametrize(
    ("reasons", "message", "field"),
    [
        ([], "Which ones?", "reason"),
        (["insufficient-proof"], "Which ones?", "reason"),  # a reason for a rejection
        (["missing-products", "gone"], "Which ones?", "reason"),
        (["missing-products"], " \n\u200b ", "message"),
        (["missing-products"], "x" * 3001, "message"),
    ],
)
def test_a_request_needs_one_of_the_five_reasons_and_a_message(
    memory: Memory, reasons: list[str], message: str, field: str
):
    number = claim_in(memory, Status.UNDER_REVIEW)
    before = claim_as_it_stands(memory, number)
    with pytest.raises(Invalid) as invalid:
        reviewing.request_information(memory, ROSA, number, reasons, message)
    assert list(invalid.value.errors) == [field]
    after = claim_as_it_stands(memory, number)
    assert (after.status, after.version, after.asked_reasons) == (Status.UNDER_REVIEW, before.version, [])


@pytest.mark.parametrize(
    ("reason", "message", "field"),
    [
        ("", "No.", "reason"),
        ("customer-declined", "No.", "reason"),  # the customer's to give
        ("no-partner-response", "No.", "reason"),  # the clock's
        ("partner-request", "No.", "reason"),  # the partner's
        ("insufficient-proof", "", "message"),
    ],
)
def test_a_rejection_needs_a_reason_that_is_a_reviewers_to_give_and_a_message(
    memory: Memory, reason: str, message: str, field: str
):
    number = claim_in(memory, Status.UNDER_REVIEW)
    with pytest.raises(Invalid) as invalid:
        reviewing.reject(memory, ROSA, number, reason, message)
    assert list(invalid.value.errors) == [field]
    assert claim_as_it_stands(memory, number).status is Status.UNDER_REVIEW


def test_a_rejection_keeps_why_when_and_by_whom(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.UNDER_REVIEW)
    reviewing.reject(memory, ROSA, number, "missing-products", "No product is named.")
    claim, entry = claim_as_it_stands(memory, number), last_entry(memory, number)
    assert (claim.rejected_at, claim.rejection_reason, claim.rejection_message) == (
        clock(),
        "missing-products",
        "No product is named.",
    )
    assert claim.rejected_by_id == entry.person_id == claim.reviewer_id
    assert (entry.reasons, entry.message) == (["missing-products"], "No product is named.")


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_dispute_is_decided_by_another_reviewer_than_the_one_who_rejected(memory: Memory, decision: str):
    number = claim_in(memory, Status.UNDER_REVIEW)
    reviewing.reject(memory, REMY, number, "insufficient-proof", "It is not signed.")
    settling.dispute(memory, WHO["Gil"], number, "It is, on page 3.")

    def decide(by: str) -> Status:
        if decision == "approve":
            return reviewing.approve(memory, WHO[by], number).status
        return reviewing.reject(memory, WHO[by], number, "insufficient-proof", "It is not.").status

    with pytest.raises(Refused) as refused:
        decide("Remy")
    assert refused.value.refusal.condition is Condition.FOUR_EYES
    assert decide("Rosa") is {"approve": Status.APPROVED, "reject": Status.REJECTED_FINAL}[decision]


def test_a_dispute_of_what_no_reviewer_rejected_may_be_decided_by_its_reviewer(memory: Memory):
    number = claim_in(memory, Status.APPROVED)
    settling.opt_out(memory, number)
    settling.dispute(memory, WHO["Ana"], number, "The customer meant somebody else.")
    assert reviewing.approve(memory, ROSA, number).status is Status.APPROVED


def test_an_approved_dispute_leaves_no_rejection_behind_and_opens_the_customers_window_anew(
    memory: Memory, clock: Clock
):
    number = claim_in(memory, Status.DISPUTE)
    clock.advance(timedelta(days=1))
    reviewing.approve(memory, REMY, number)
    claim = claim_as_it_stands(memory, number)
    assert (claim.rejected_at, claim.rejected_by_id, claim.rejection_reason, claim.rejection_message) == (None,) * 4
    assert (claim.approved_at, claim.status_since) == (clock(), clock())
    assert claim.due_at is not None
    assert claim.due_at > clock()


def test_a_reviewer_who_belongs_to_the_partner_reads_and_leaves_it_to_others(memory: Memory):
    number = claim_in(memory, Status.UNDER_REVIEW)
    with pytest.raises(Refused) as refused:
        reviewing.approve(memory, NIA, number)
    assert refused.value.refusal.condition is Condition.OWN_COMPANY
    assert refused.value.status is Status.UNDER_REVIEW


def test_a_reviewer_cannot_tell_a_draft_from_nothing(memory: Memory):
    number = claim_in(memory, Status.DRAFT)
    with pytest.raises(Refused) as hidden:
        reviewing.start_review(memory, ROSA, number)
    with pytest.raises(Refused) as missing:
        reviewing.start_review(memory, ROSA, "CL-999999")
    assert hidden.value.refusal.message.replace(number, "CL-999999") == missing.value.refusal.message
    assert hidden.value.status is missing.value.status is None


def test_another_reviewer_may_take_on_what_comes_back(memory: Memory):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    filing.resubmit(memory, WHO["Ivo"], number)
    assert reviewer_of(memory, number) == "U0ROSA"
    reviewing.start_review(memory, REMY, number)
    assert reviewer_of(memory, number) == "U0REMY"


def test_a_lead_hands_a_claim_to_another_reviewer_and_the_history_names_both(memory: Memory):
    number = claim_in(memory, Status.UNDER_REVIEW)
    reviewing.reassign(memory, ROSA, number, REMY)
    assert reviewer_of(memory, number) == "U0REMY"
    assert last_entry(memory, number).changes == {"reviewer": ["Rosa Review", "Remy Review"]}


@pytest.mark.parametrize("name", ["Ana", "Nia", "Zed", "Rosa"])
def test_a_claim_is_handed_only_to_who_may_review_it_and_does_not_yet(memory: Memory, name: str):
    number = claim_in(memory, Status.UNDER_REVIEW)
    with pytest.raises(Invalid, match="reviewer"):
        reviewing.reassign(memory, ROSA, number, WHO[name])
    assert reviewer_of(memory, number) == "U0ROSA"


def test_what_nobody_reviews_is_not_released_again(memory: Memory):
    number = claim_in(memory, Status.UNDER_REVIEW)
    reviewing.release(memory, ROSA, number)
    assert reviewer_of(memory, number) is None
    version = claim_as_it_stands(memory, number).version
    with pytest.raises(Refused) as refused:
        reviewing.release(memory, ROSA, number)
    assert refused.value.refusal.message == f"Nobody reviews {number} now."
    assert claim_as_it_stands(memory, number).version == version
    reviewing.take_over(memory, REMY, number)
    assert reviewer_of(memory, number) == "U0REMY"
