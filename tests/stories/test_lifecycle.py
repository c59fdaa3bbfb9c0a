"""A story for every row of the lifecycle table and for every reason of the documents, and one that goes all the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest

from models.operations import settling
from rules import lifecycle
from rules.lifecycle import Action, Party, Status
from rules.loading import load_programme
from tests.cast import LOS_ANGELES
from tests.stories.world import ACKNOWLEDGED, FIRST, PDF, World

REVIEWERS, PARTNER = "C0REVIEW", "C0CONTOSO"
NUMBER = "CL-000001"
REASONS = load_programme().reasons
S, A = Status, Action

Step = Callable[[World], None]


def press(who: str, label: str, form: Mapping[str, Any] | None = None) -> Step:
    """Somebody presses a button of the card on their side, and fills in the form that opens, if one does."""

    def step(world: World) -> None:
        channel = REVIEWERS if who in ("Rosa", "Remy") else PARTNER
        world.person(who).press(label, world.card(who, channel))
        if form is not None:
            world.turn_page(who, form)
            if label == "Edit" and (page := world.person(who).form) is not None:
                page.close()
        elif world.person(who).form is not None:
            raise AssertionError(f"{label} asks for something: {world.form(who).labels}")
        world.settle()

    return step


def create(world: World) -> None:
    world.person("Ana").command("/claim new", PARTNER)
    world.turn_page("Ana", FIRST)
    world.form("Ana").close()
    world.settle()


def resubmit(world: World) -> None:
    press("Ana", "Resubmit", ACKNOWLEDGED)(world)
    assert world.form("Ana").title == "Submitted"


def opt_out(world: World) -> None:
    settling.opt_out(world.bot.memory, NUMBER, "We work with somebody else.")
    world.settle()


def at(moment: datetime, act: Callable[..., object]) -> Step:
    """The clock comes to ``moment``, and does what is due then."""

    def step(world: World) -> None:
        world.clock.set(moment)
        act(world.bot.memory, NUMBER)
        world.settle()

    return step


# Counted by hand: 18 November 2026 is a Wednesday, and Thanksgiving is on the 26th.
END_OF_WINDOW = datetime(2026, 11, 26, tzinfo=LOS_ANGELES)
END_OF_PATIENCE = datetime(2026, 12, 10, tzinfo=LOS_ANGELES)

WITHDRAWN = {"Reason": "Not working with the customer any longer"}
ASKED = {"Reason": ["Missing products"], "Message": "Which ones?"}
REJECTED = {"Reason": "Missing products", "Message": "Teams is not named."}
DISPUTED = {"Business justification": "Page 2 names it."}
LEFT = {"Reason": "They left us."}

# Each row of the table once for each status that it leaves, with the people who do it: (what they do, what becomes).
STORIES: Mapping[tuple[Action, Status | None], tuple[Step, Status | None]] = MappingProxyType(
    {
        (A.CREATE, None): (create, S.DRAFT),
        (A.EDIT, S.DRAFT): (press("Ivo", "Edit", {"Claim name": "Northwind, again"}), S.DRAFT),
        (A.EDIT, S.ACTION_REQUIRED): (press("Ana", "Edit", {"Products": ["Teams"]}), S.ACTION_REQUIRED),
        (A.SUBMIT, S.DRAFT): (press("Ana", "Submit for review", ACKNOWLEDGED), S.SUBMITTED),
        (A.RESUBMIT, S.ACTION_REQUIRED): (resubmit, S.SUBMITTED),
        (A.DISCARD, S.DRAFT): (press("Ana", "Discard draft"), None),
        (A.WITHDRAW, S.SUBMITTED): (press("Ana", "Withdraw", WITHDRAWN), S.REJECTED),
        (A.WITHDRAW, S.UNDER_REVIEW): (press("Ivo", "Withdraw", WITHDRAWN), S.REJECTED),
        (A.WITHDRAW, S.ACTION_REQUIRED): (press("Ana", "Withdraw", WITHDRAWN), S.REJECTED),
        (A.START_REVIEW, S.SUBMITTED): (press("Remy", "Start review"), S.UNDER_REVIEW),
        (A.APPROVE, S.UNDER_REVIEW): (press("Rosa", "Approve"), S.APPROVED),
        (A.APPROVE, S.DISPUTE): (press("Remy", "Approve"), S.APPROVED),
        (A.REQUEST_INFORMATION, S.UNDER_REVIEW): (press("Rosa", "Request information", ASKED), S.ACTION_REQUIRED),
        (A.REJECT, S.UNDER_REVIEW): (press("Rosa", "Reject", REJECTED), S.REJECTED),
        (A.REJECT, S.DISPUTE): (press("Remy", "Reject", REJECTED), S.REJECTED_FINAL),
        (A.DISPUTE, S.REJECTED): (press("Bill", "Dispute", DISPUTED), S.DISPUTE),
        (A.DISASSOCIATE, S.APPROVED): (press("Gil", "Disassociate customer", LEFT), S.REJECTED_FINAL),
        (A.OPT_OUT, S.APPROVED): (opt_out, S.REJECTED),
        (A.NO_RESPONSE, S.ACTION_REQUIRED): (at(END_OF_PATIENCE, settling.no_response), S.REJECTED),
        (A.ASSOCIATE, S.APPROVED): (at(END_OF_WINDOW, settling.associate), S.APPROVED),
    }
)


def test_there_is_a_story_for_every_row_of_the_table_and_for_no_other():
    rows = {(row.action, source): row.target for row in lifecycle.TABLE for source in row.sources or (None,)}
    assert {key: target for key, (_, target) in STORIES.items()} == rows


@pytest.mark.parametrize(("action", "source"), STORIES, ids=lambda one: str(one).replace(" ", "_"))
def test_a_row_of_the_table_happens_to_people_as_it_is_written(
    http_world: World, action: Action, source: Status | None
):
    step, target = STORIES[action, source]
    if source is not None:
        http_world.claim_in(source)
    before = http_world.history() if source is not None else []
    step(http_world)

    assert http_world.history() == [*before, action]
    partner = http_world.card("Ana", PARTNER)
    if target is None:
        assert "This draft was discarded." in partner.visible_text
        return
    assert http_world.claim().status is target
    assert f"{target} since" in partner.visible_text
    offered = [row.label for row in lifecycle.offered(target, Party.PARTNER)]
    assert [label for label in partner.buttons if label in offered] == offered
    if target is S.DRAFT:
        return
    review = http_world.card("Rosa", REVIEWERS)
    assert f"{target} since" in review.visible_text
    offered = [row.label for row in lifecycle.offered(target, Party.REVIEWER)]
    assert [label for label in review.buttons if label in offered] == offered
    told = http_world.thread("Ana", PARTNER)[-1]
    assert told == http_world.thread("Rosa", REVIEWERS)[-1]
    if target is not source:
        assert str(target) in told


# -- every reason of the documents -------------------------------------------------------------------------------------


def rejected_for(world: World, label: str, meaning: str, *more: str) -> None:
    for who, channel in (("Ana", PARTNER), ("Rosa", REVIEWERS)):
        card = world.card(who, channel).visible_text
        assert f"Reason: {label}. {meaning}" in card
        for wanted in more:
            assert wanted in card
    assert f"Reason: {label}." in world.person("Ana").command(f"/claim show {NUMBER}", PARTNER).text


@pytest.mark.parametrize("reason", REASONS.for_reviewers, ids=lambda one: one.id)
def test_a_reviewer_rejects_for_each_reason_that_is_theirs_to_give(http_world: World, reason: Any):
    http_world.claim_in(S.UNDER_REVIEW)
    press("Rosa", "Reject", {"Reason": reason.label, "Message": "Page 2."})(http_world)
    rejected_for(http_world, reason.label, reason.meaning, "Page 2.")


@pytest.mark.parametrize("reason", REASONS.partner_request, ids=lambda one: one.id)
def test_a_partner_asks_for_the_rejection_for_each_of_the_three_reasons(http_world: World, reason: Any):
    http_world.claim_in(S.SUBMITTED)
    press("Ana", "Withdraw", {"Reason": reason.label})(http_world)
    rejected_for(http_world, "Partner request", "The partner asked for the claim to be rejected.")
    assert f"{reason.label}: {reason.meaning}" in http_world.thread("Rosa", REVIEWERS)[-1]


def test_the_customer_declines(http_world: World):
    http_world.claim_in(S.APPROVED)
    opt_out(http_world)
    rejected_for(http_world, "Customer declined", "The claim was approved, and then the customer declined")


def test_the_partner_does_not_answer(http_world: World):
    http_world.claim_in(S.ACTION_REQUIRED)
    at(END_OF_PATIENCE, settling.no_response)(http_world)
    rejected_for(http_world, "No partner response", "The partner did not answer a request for information in time.")


def test_every_rejection_reason_of_the_documents_has_been_told():
    given_by_others = {one.id for one in REASONS.rejection if one not in REASONS.for_reviewers}
    assert given_by_others == {"partner-request", "customer-declined", "no-partner-response"}


@pytest.mark.parametrize("reason", REASONS.information, ids=lambda one: one.id)
def test_a_reviewer_asks_for_more_for_each_of_the_five_reasons(http_world: World, reason: Any):
    http_world.claim_in(S.UNDER_REVIEW)
    press("Rosa", "Request information", {"Reason": [reason.label], "Message": "Page 2."})(http_world)
    assert f"{reason.label}: {reason.meaning}" in http_world.card("Ana", PARTNER).visible_text


# -- after approval ----------------------------------------------------------------------------------------------------

NOT_YET_PAID = "Incentives: The customer can still opt out; until that time is over the association brings no money."
PAID = "Incentives: Can be paid"
SUBSCRIPTION = "7c0e0d55-3a0d-4f0e-9d70-8f8d3f3f3b21"


def everywhere(world: World) -> list[str]:
    """How the claim stands, in every place where it is said."""
    world.person("Ana").reply(world.card("Ana", PARTNER), "@claimbot status")
    world.settle()
    return [
        world.card("Ana", PARTNER).visible_text,
        world.card("Rosa", REVIEWERS).visible_text,
        world.person("Ana").command(f"/claim show {NUMBER}", PARTNER).text,
        world.thread("Ana", PARTNER)[-1],
    ]


def test_approved_is_one_thing_the_association_another_and_money_a_third(http_world: World):
    http_world.claim_in(S.APPROVED)
    for shown in everywhere(http_world):
        assert "Approved since 2026-11-18" in shown
        assert "Opt-out window open until Wed 25 Nov 2026 (5 business days left)." in shown
        assert "Association official" not in shown
        assert NOT_YET_PAID in shown

    at(END_OF_WINDOW, settling.associate)(http_world)
    for shown in everywhere(http_world):
        assert "Approved since 2026-11-18" in shown
        assert "Association official since 2026-11-26" in shown
        assert "Opt-out window" not in shown
        assert PAID in shown


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ({"opt_out_of_payment": True}, "Incentives: The partner opted out of the payment; the association counts."),
        ({"products": ["yammer"]}, "Incentives: These products bring recognition, and no money — Yammer."),
        (
            {
                "solution_area": "business-applications",
                "partner_role": "usage-recognition",
                "products": ["sales"],
                "subscription_id": SUBSCRIPTION,
            },
            "Incentives: “Usage recognition - Non-Incentivized” brings recognition, and no money.",
        ),
    ],
)
def test_whether_it_can_be_paid_follows_from_what_is_claimed(http_world: World, values: dict[str, Any], answer: str):
    http_world.claim_in(S.APPROVED, **values)
    for shown in everywhere(http_world):
        assert answer in shown


@pytest.mark.parametrize("status", [one for one in S if one is not S.APPROVED])
def test_before_approval_nothing_is_said_of_money(http_world: World, status: Status):
    http_world.claim_in(status)
    assert "Incentives:" not in http_world.card("Ana", PARTNER).visible_text


# -- all the way -------------------------------------------------------------------------------------------------------


def test_the_longest_way_a_claim_can_go(http_world: World):
    world, days = http_world, timedelta(days=1)
    assert world.submit_claim("Ivo") == NUMBER
    world.clock.advance(days)
    press("Rosa", "Start review")(world)
    card = world.card("Rosa", REVIEWERS)
    world.person("Rosa").reply(card, "@claimbot ask missing products, old dates: Name Exchange.")
    world.settle()
    assert world.claim().status is S.UNDER_REVIEW, "“old dates” is not clear"
    [asked] = [one for one in world.person("Rosa").ephemerals if one.is_reply]
    world.person("Rosa").press("Missing or old dates", asked)
    world.turn_page("Rosa", {})
    world.settle()
    assert set(world.claim().asked_reasons) == {"missing-products", "missing-or-old-dates"}

    world.clock.advance(days)
    ana = world.person("Ana")
    ana.press("Edit", world.card("Ana", PARTNER))
    world.turn_page("Ana", {"Proof of execution": [("signed.pdf", PDF + b"%2")], "Comments": "Exchange is on page 2."})
    world.settle()
    world.turn_page("Ana", ACKNOWLEDGED)
    world.form("Ana").close()
    world.settle()

    world.clock.advance(days)
    press("Rosa", "Start review")(world)
    world.person("Rosa").reply(world.card("Rosa", REVIEWERS), "@claimbot reject insufficient: Page 2 is not signed.")
    world.settle()
    assert world.claim().status is S.REJECTED

    world.clock.advance(20 * days)
    press("Bill", "Dispute", {"Business justification": "Page 3 is signed."})(world)
    press("Rosa", "Approve")(world)
    assert world.claim().status is S.DISPUTE, "Rosa rejected it"
    press("Remy", "Take over")(world)
    press("Remy", "Approve")(world)
    assert "Opt-out window open until" in world.card("Ana", PARTNER).visible_text

    world.clock.advance(days)
    opt_out(world)
    assert world.history() == [
        *["create", *["edit"] * 3, "submit", "start_review", "request_information", "edit", "resubmit"],
        *["start_review", "reject", "dispute", "take_over", "approve", "opt_out"],
    ]
    for who, channel in (("Ana", PARTNER), ("Rosa", REVIEWERS)):
        card = world.card(who, channel)
        assert "Rejected since" in card.visible_text
        assert "Reason: Customer declined." in card.visible_text
        assert "opted out" in world.thread(who, channel)[-1]
    # It was disputed once, and that was all: what is left is to file again.
    assert world.claim().due_at is None
