"""Who sees a claim, and who is refused in which words."""

import pytest

from rules.lifecycle import Action, PartnerRole, Status, Transition
from rules.permissions import (
    CLOCK,
    CUSTOMER,
    Actor,
    Condition,
    Membership,
    Refusal,
    Subject,
    check,
    may_create,
    sees,
)

CONTOSO, FABRIKAM = 1, 2
BERLIN, MUNICH = "4711001", "4711002"


def member(*roles: PartnerRole, partner: int = CONTOSO, at: str | None = None, reviewer: bool = False) -> Actor:
    scope = None if at is None else frozenset({at})
    return Actor(person=7, memberships=(Membership(partner, frozenset(roles), scope),), reviewer=reviewer)


def claim(
    status: Status = Status.UNDER_REVIEW, *, rejected_by: int | None = None, reviewer: int | None = None
) -> Subject:
    return Subject("CL-000001", status, CONTOSO, BERLIN, status is not Status.DRAFT, rejected_by, reviewer)


ADMIN = member(PartnerRole.INCENTIVES_ADMIN)
BILLING = member(PartnerRole.BILLING_ADMIN)
REVIEWER = Actor(person=8, reviewer=True)
LEAD = Actor(person=9, reviewer=True, lead=True)
OUTSIDER = Actor(person=None)


@pytest.mark.parametrize(
    ("actor", "draft", "submitted"),
    [
        (ADMIN, True, True),
        (BILLING, True, True),
        (member(PartnerRole.INCENTIVES_USER, at=BERLIN), True, True),
        (member(PartnerRole.INCENTIVES_USER, at=MUNICH), False, False),
        (member(PartnerRole.INCENTIVES_ADMIN, partner=FABRIKAM), False, False),
        (REVIEWER, False, True),
        (member(PartnerRole.INCENTIVES_USER, at=MUNICH, reviewer=True), False, True),
        (OUTSIDER, False, False),
        (CUSTOMER, True, True),
        (CLOCK, True, True),
    ],
)
def test_a_claim_is_seen_by_its_partner_within_location_scope_and_by_reviewers_once_submitted(
    actor: Actor, draft: bool, submitted: bool
):
    assert sees(actor, claim(Status.DRAFT)) == draft
    assert sees(actor, claim(Status.SUBMITTED)) == submitted


REFUSALS = [
    (OUTSIDER, Action.EDIT, claim(), Condition.VISIBLE, "There is no claim CL-000001 that you can see."),
    (ADMIN, Action.APPROVE, claim(), Condition.PARTY, "“Approve” is for the programme's reviewers."),
    (REVIEWER, Action.WITHDRAW, claim(), Condition.PARTY, "“Withdraw” is for the partner who filed the claim."),
    (ADMIN, Action.OPT_OUT, claim(Status.APPROVED), Condition.PARTY, "“Customer opts out” does not happen by hand."),
    (
        member(PartnerRole.INCENTIVES_ADMIN, reviewer=True),
        Action.APPROVE,
        claim(),
        Condition.OWN_COMPANY,
        "You belong to this partner, so another reviewer has to act on its claims.",
    ),
    (
        member(PartnerRole.INCENTIVES_USER, at=MUNICH, reviewer=True),
        Action.APPROVE,
        claim(),
        Condition.OWN_COMPANY,
        "You belong to this partner, so another reviewer has to act on its claims.",
    ),
    (
        ADMIN,
        Action.RESUBMIT,
        claim(Status.SUBMITTED),
        Condition.STATUS,
        "CL-000001 is Submitted. “Resubmit” is possible while a claim is Partner action required.",
    ),
    (
        REVIEWER,
        Action.APPROVE,
        claim(Status.APPROVED),
        Condition.STATUS,
        "CL-000001 is Approved. “Approve” is possible while a claim is Under review or Dispute.",
    ),
    (
        ADMIN,
        Action.WITHDRAW,
        claim(Status.APPROVED),
        Condition.STATUS,
        "CL-000001 is Approved. “Withdraw” is possible while a claim is Submitted, Under review or Partner action "
        "required.",
    ),
    (
        BILLING,
        Action.SUBMIT,
        claim(Status.DRAFT),
        Condition.ROLE,
        "“Submit for review” needs one of these roles: incentives admin, incentives user.",
    ),
    (
        member(PartnerRole.INCENTIVES_USER),
        Action.DISPUTE,
        claim(Status.REJECTED),
        Condition.ROLE,
        "“Dispute” needs one of these roles: billing admin, global admin, incentives admin.",
    ),
    (
        REVIEWER,
        Action.APPROVE,
        claim(Status.DISPUTE, rejected_by=8),
        Condition.FOUR_EYES,
        "You rejected CL-000001, so another reviewer has to decide its dispute.",
    ),
    (
        REVIEWER,
        Action.TAKE_OVER,
        claim(Status.DISPUTE, rejected_by=8),
        Condition.FOUR_EYES,
        "You rejected CL-000001, so another reviewer has to decide its dispute.",
    ),
    (REVIEWER, Action.TAKE_OVER, claim(reviewer=8), Condition.DUTY, "You review CL-000001 already."),
    (LEAD, Action.RELEASE, claim(), Condition.DUTY, "Nobody reviews CL-000001 now."),
    (
        REVIEWER,
        Action.RELEASE,
        claim(reviewer=9),
        Condition.DUTY,
        "“Release” is for whoever reviews CL-000001, and for leads.",
    ),
    (
        REVIEWER,
        Action.REASSIGN,
        claim(),
        Condition.DUTY,
        "“Reassign” is for whoever reviews CL-000001, and for leads.",
    ),
    (
        # Sees the claim as a reviewer; as a member, only Munich's claims are theirs.
        member(PartnerRole.INCENTIVES_USER, at=MUNICH, reviewer=True),
        Action.WITHDRAW,
        claim(),
        Condition.LOCATION,
        "4711001 is not one of your locations.",
    ),
]


@pytest.mark.parametrize(("actor", "action", "subject", "condition", "words"), REFUSALS)
def test_a_refusal_says_which_condition_failed(
    actor: Actor, action: Action, subject: Subject, condition: Condition, words: str
):
    assert check(actor, action, subject) == Refusal(condition, words)


@pytest.mark.parametrize(
    ("actor", "action", "subject", "target"),
    [
        (ADMIN, Action.SUBMIT, claim(Status.DRAFT), Status.SUBMITTED),
        (BILLING, Action.DISPUTE, claim(Status.REJECTED), Status.DISPUTE),
        (REVIEWER, Action.REJECT, claim(), Status.REJECTED),
        (REVIEWER, Action.REJECT, claim(Status.DISPUTE, rejected_by=7), Status.REJECTED_FINAL),
        # Nobody rejected it by hand (the customer declined), so nobody is barred from its dispute.
        (REVIEWER, Action.APPROVE, claim(Status.DISPUTE), Status.APPROVED),
        # A reviewer who belongs to another partner may act on this one's claims.
        (
            member(PartnerRole.INCENTIVES_ADMIN, partner=FABRIKAM, reviewer=True),
            Action.APPROVE,
            claim(),
            Status.APPROVED,
        ),
        (REVIEWER, Action.TAKE_OVER, claim(), Status.UNDER_REVIEW),
        (REVIEWER, Action.TAKE_OVER, claim(Status.DISPUTE, rejected_by=7), Status.DISPUTE),
        (REVIEWER, Action.RELEASE, claim(reviewer=8), Status.UNDER_REVIEW),
        (REVIEWER, Action.REASSIGN, claim(Status.DISPUTE, reviewer=8), Status.DISPUTE),
        # A lead hands over what others review.
        (LEAD, Action.RELEASE, claim(reviewer=8), Status.UNDER_REVIEW),
        (LEAD, Action.REASSIGN, claim(), Status.UNDER_REVIEW),
        (CUSTOMER, Action.OPT_OUT, claim(Status.APPROVED), Status.REJECTED),
        (CLOCK, Action.NO_RESPONSE, claim(Status.ACTION_REQUIRED), Status.REJECTED),
    ],
)
def test_whoever_may_act_is_given_the_row_that_lets_them(
    actor: Actor, action: Action, subject: Subject, target: Status
):
    row = check(actor, action, subject)
    assert isinstance(row, Transition)
    assert (row.action, row.target) == (action, target)


@pytest.mark.parametrize(
    ("actor", "partner", "mpn", "condition"),
    [
        (ADMIN, CONTOSO, BERLIN, None),
        (member(PartnerRole.INCENTIVES_USER, at=BERLIN), CONTOSO, BERLIN, None),
        (member(PartnerRole.INCENTIVES_USER, at=BERLIN), CONTOSO, MUNICH, Condition.LOCATION),
        (member(PartnerRole.INCENTIVES_ADMIN, partner=FABRIKAM), CONTOSO, BERLIN, Condition.LOCATION),
        (ADMIN, None, BERLIN, Condition.LOCATION),
        (BILLING, CONTOSO, BERLIN, Condition.ROLE),
        (REVIEWER, CONTOSO, BERLIN, Condition.PARTY),
        (OUTSIDER, CONTOSO, BERLIN, Condition.PARTY),
    ],
)
def test_a_claim_may_be_created_by_who_files_for_the_location(
    actor: Actor, partner: int | None, mpn: str, condition: Condition | None
):
    refusal = may_create(actor, partner, mpn)
    assert (refusal.condition if refusal else None) is condition
    assert actor.may_file(partner or 0, mpn) == (refusal is None)


@pytest.mark.parametrize(
    ("action", "subject", "moved_on"),
    [
        (Action.APPROVE, claim(Status.APPROVED), "CL-000001"),
        (Action.TAKE_OVER, claim(reviewer=8), "CL-000001"),
        (Action.APPROVE, claim(Status.DISPUTE, rejected_by=8), None),
        (Action.APPROVE, claim(Status.DRAFT), None),  # not theirs to see: nothing says how it stands
    ],
)
def test_a_refusal_names_the_claim_whose_card_was_out_of_date(action: Action, subject: Subject, moved_on: str | None):
    refusal = check(REVIEWER, action, subject)
    assert isinstance(refusal, Refusal)
    assert refusal.moved_on == moved_on


def test_a_foreign_location_and_one_that_is_nobodys_are_refused_in_the_same_words():
    bo = member(PartnerRole.INCENTIVES_ADMIN, partner=FABRIKAM)
    assert may_create(bo, CONTOSO, BERLIN) == may_create(bo, None, BERLIN)
