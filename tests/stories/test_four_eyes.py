"""Four eyes: who cannot decide a claim, what the card says of it, and what each person is offered."""

from __future__ import annotations

import pytest

from rules.lifecycle import Status
from tests.stories.world import World

REVIEWERS, PARTNER = "C0REVIEW", "C0CONTOSO"
NIA = "Nia Both belongs to Contoso Consulting and cannot decide its claims."
ROSA = "Rosa Review rejected this claim, so another reviewer decides."


def press(world: World, label: str, who: str) -> None:
    world.person(who).press(label, world.card(who, REVIEWERS))
    world.settle()


def details(world: World, who: str, channel: str = REVIEWERS):
    shown = world.person(who).command("/claim show CL-000001", channel).message
    assert shown is not None
    return shown


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.UNDER_REVIEW, Status.DISPUTE])
def test_the_review_card_says_who_cannot_decide_and_why_and_the_partners_does_not(http_world: World, status: Status):
    http_world.claim_in(status)
    card = http_world.card("Rosa", REVIEWERS).visible_text
    assert NIA in card
    assert (ROSA in card) == (status is Status.DISPUTE)
    assert "cannot decide" not in http_world.card("Ana", PARTNER).visible_text
    assert "another reviewer decides" not in http_world.card("Ana", PARTNER).visible_text


@pytest.mark.parametrize("status", [Status.APPROVED, Status.REJECTED, Status.REJECTED_FINAL, Status.ACTION_REQUIRED])
def test_where_nobody_is_to_decide_nothing_is_said_of_it(http_world: World, status: Status):
    http_world.claim_in(status)
    assert "cannot decide" not in http_world.card("Rosa", REVIEWERS).visible_text


def test_a_dispute_that_no_reviewer_rejected_bars_nobody(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    http_world.person("Ana").press("Withdraw", http_world.card("Ana", PARTNER))
    http_world.turn_page("Ana", {"Reason": "Chose an incorrect activity"})
    http_world.settle()
    http_world.person("Ana").press("Dispute", http_world.card("Ana", PARTNER))
    http_world.turn_page("Ana", {"Business justification": "It was the right one after all."})
    http_world.settle()
    assert http_world.claim().status is Status.DISPUTE
    assert "rejected this claim" not in http_world.card("Rosa", REVIEWERS).visible_text


def test_a_dispute_waits_for_somebody_else_and_only_they_decide_it(http_world: World):
    http_world.claim_in(Status.DISPUTE)
    assert "Reviewer:" not in http_world.card("Rosa", REVIEWERS).visible_text
    refused = "You rejected CL-000001, so another reviewer has to decide its dispute."
    for label in ("Approve", "Reject", "Take over"):
        press(http_world, label, "Rosa")
    assert http_world.whispered("Rosa") == [refused] * 3
    assert http_world.person("Rosa").form is None

    press(http_world, "Take over", "Remy")
    assert "Reviewer: Remy Review" in http_world.card("Rosa", REVIEWERS).visible_text
    press(http_world, "Approve", "Remy")
    assert http_world.claim().status is Status.APPROVED


def test_whoever_leads_hands_a_dispute_on_but_not_to_whoever_rejected_it(http_world: World):
    http_world.claim_in(Status.DISPUTE)
    press(http_world, "Reassign", "Rosa")
    assert http_world.form("Rosa").options("Reviewer") == ["Remy Review"]


@pytest.mark.parametrize(
    ("who", "status", "channel", "buttons", "why"),
    [
        (
            "Nia",
            Status.UNDER_REVIEW,
            REVIEWERS,
            ["Withdraw", "Add proof"],
            "No button Approve or Request information or Reject or Take over or Release or Reassign: "
            "You belong to this partner, so another reviewer has to act on its claims.",
        ),
        (
            "Rosa",
            Status.DISPUTE,
            REVIEWERS,
            ["Reassign"],
            "No button Approve or Reject or Take over: "
            "You rejected CL-000001, so another reviewer has to decide its dispute.",
        ),
        ("Remy", Status.DISPUTE, REVIEWERS, ["Approve", "Reject", "Take over"], "for whoever reviews CL-000001"),
        ("Rosa", Status.UNDER_REVIEW, REVIEWERS, ["Approve", "Request information", "Reject", "Release", "Reassign"],
         "No button Take over: You review CL-000001 already."),
        ("Bill", Status.SUBMITTED, PARTNER, ["Add proof"], "No button Withdraw: “Withdraw” needs one of these roles"),
        ("Ivo", Status.APPROVED, PARTNER, ["Add proof"], "“Disassociate customer” needs one of these roles"),
        ("Ana", Status.UNDER_REVIEW, PARTNER, ["Withdraw", "Add proof"], None),
    ],
)  # fmt: skip
def test_details_offer_a_person_what_they_may_do_and_say_why_the_rest_is_missing(
    http_world: World, who: str, status: Status, channel: str, buttons: list[str], why: str | None
):
    http_world.claim_in(status)
    shown = details(http_world, who, channel)
    assert "Why?" in shown.buttons
    reading = {one for one in shown.buttons if one.startswith(("Show ", "Send me"))}
    assert set(shown.buttons) - {"Reply to partner", "Why?"} - reading == set(buttons)
    if why is None:
        assert "No button" not in shown.visible_text
    else:
        assert why in shown.visible_text


def test_the_card_in_the_channel_shows_what_the_status_allows_its_side(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    offered = {"Approve", "Request information", "Reject", "Take over", "Release", "Reassign", "Details"}
    assert offered <= set(http_world.card("Nia", REVIEWERS).buttons)


def test_a_button_of_an_old_card_says_who_did_what_and_the_card_is_drawn_anew(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    old = http_world.card("Remy", REVIEWERS)
    press(http_world, "Approve", "Rosa")
    http_world.sandbox.workspace.change(http_world.sandbox.workspace.message(REVIEWERS, old.ts), blocks=old.blocks)
    http_world.person("Remy").press("Reject", old)
    assert http_world.whispered("Remy") == [
        "CL-000001 is Approved. “Reject” is possible while a claim is Under review or Dispute. "
        "Rosa Review approved it on Wed 18 Nov 2026."
    ]
    http_world.settle()
    assert "Approved since" in http_world.card("Remy", REVIEWERS).visible_text
    assert "Reject" not in http_world.card("Remy", REVIEWERS).buttons


def test_whoever_did_it_themselves_is_reminded(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    old = http_world.card("Rosa", REVIEWERS)
    press(http_world, "Approve", "Rosa")
    http_world.person("Rosa").press("Approve", old, stale=True)
    assert http_world.whispered("Rosa")[-1].endswith("You approved it on Wed 18 Nov 2026.")


def test_a_form_for_a_claim_that_moved_on_says_who_did_what_and_keeps_what_was_typed(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    press(http_world, "Reject", "Remy")
    http_world.person("Ana").press("Withdraw", http_world.card("Ana", PARTNER))
    http_world.turn_page("Ana", {"Reason": "Not working with the customer any longer"})
    http_world.turn_page("Remy", {"Reason": "Missing products", "Message": "Not enough."})
    form = http_world.form("Remy")
    assert "CL-000001 is Rejected." in form.text
    assert "Ana Admin withdrew it on Wed 18 Nov 2026." in form.text
    form.close()
    assert http_world.form("Remy").values["Message"] == "Not enough."


def test_an_outsider_with_an_old_button_learns_nothing(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    http_world.sandbox.invite("U0ZED", REVIEWERS)
    http_world.settle()
    old = http_world.card("Zed", REVIEWERS)
    press(http_world, "Approve", "Rosa")
    http_world.person("Zed").press("Reject", old, stale=True)
    assert http_world.whispered("Zed") == ["There is no claim CL-000001 that you can see."]
