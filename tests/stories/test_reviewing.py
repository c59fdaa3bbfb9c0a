"""Reviewing: what reviewers decide, how both sides read it, and who is calmly told that they cannot."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from models.operations import filing, reviewing
from rules import lifecycle
from rules.lifecycle import Status
from tests.cast import WHO
from tests.stories.world import ACKNOWLEDGED, FIRST, World

REVIEWERS, PARTNER = "C0REVIEW", "C0CONTOSO"


def reviewer_presses(world: World, label: str, who: str = "Rosa") -> None:
    world.person(who).press(label, world.card("Rosa", REVIEWERS))
    world.settle()


# -- decisions ---------------------------------------------------------------------------------------------------------


def test_a_rejection_gives_its_reason_and_message_to_both_sides(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    reviewer_presses(http_world, "Reject")
    form = http_world.form("Rosa")
    assert form.options("Reason") == [
        "Insufficient proof of execution",
        "Missing customer consent on PoE",
        "Missing products",
        "PoE unavailable",
    ]
    http_world.turn_page("Rosa", {"Reason": "PoE unavailable", "Message": "The file does not open."})
    assert http_world.person("Rosa").form is None
    http_world.settle()

    for who, channel in (("Ana", PARTNER), ("Rosa", REVIEWERS)):
        card = http_world.card(who, channel).visible_text
        assert "Rejected since" in card
        assert "Reason: PoE unavailable." in card
        assert "The file does not open." in card
        told = http_world.thread(who, channel)[-1]
        assert "rejected the claim. Rejected" in told
        assert "PoE unavailable: The proof of execution could not be opened" in told
        assert "The file does not open." in told
    assert "Dispute" in http_world.card("Ana", PARTNER).buttons
    assert not {"Approve", "Reject"} & set(http_world.card("Rosa", REVIEWERS).buttons)


@pytest.mark.parametrize(
    ("given", "missing"),
    [({"Reason": "Missing products"}, "Message"), ({"Message": "Name them."}, "Reason"), ({}, "Reason")],
)
def test_a_rejection_without_reason_or_message_is_not_handed_in(http_world: World, given: dict[str, str], missing: str):
    http_world.claim_in(Status.UNDER_REVIEW)
    reviewer_presses(http_world, "Reject")
    form = http_world.turn_page("Rosa", given)
    assert missing in form.errors
    assert http_world.claim().status is Status.UNDER_REVIEW


def test_a_message_of_spaces_only_is_an_error_at_its_field_and_the_reason_stays(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    reviewer_presses(http_world, "Request information")
    form = http_world.turn_page("Rosa", {"Reason": ["Missing products"], "Message": " \n "})
    assert form.errors == {"Message": "Please write what the partner should know."}
    assert form.values["Reason"] == ["Missing products"]
    http_world.turn_page("Rosa", {"Message": "Name them."})
    assert http_world.claim().status is Status.ACTION_REQUIRED


def test_a_request_for_information_names_each_reason_on_the_card_the_thread_and_the_form(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    reviewer_presses(http_world, "Request information")
    reasons = ["Missing customer acknowledgment", "Missing or old dates", "Missing products"]
    http_world.turn_page("Rosa", {"Reason": reasons, "Message": "Please look at page 2."})
    http_world.settle()

    http_world.person("Ana").press("Edit", http_world.card("Ana", PARTNER))
    places = [
        http_world.card("Ana", PARTNER).visible_text,
        http_world.card("Rosa", REVIEWERS).visible_text,
        http_world.thread("Ana", PARTNER)[-1],
        http_world.thread("Rosa", REVIEWERS)[-1],
        http_world.form("Ana").text,
    ]
    for shown in places:
        for wanted in (*(f"{one}: " for one in reasons), "Please look at page 2."):
            assert wanted in shown


def test_both_threads_tell_the_same_story_in_order(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    reviewer_presses(http_world, "Request information")
    http_world.turn_page("Rosa", {"Reason": ["Missing products"], "Message": "Which?"})
    http_world.settle()
    ana = http_world.person("Ana")
    ana.press("Edit", http_world.card("Ana", PARTNER))
    http_world.turn_page("Ana", {"Products": ["Teams"], "Comments": "Teams only."})
    http_world.turn_page("Ana", ACKNOWLEDGED)
    http_world.settle()
    reviewer_presses(http_world, "Start review")
    reviewer_presses(http_world, "Approve")

    steps = [
        "submitted the claim for review. Submitted",
        "started the review. Under review",
        "asked the partner for more information. Partner action required",
        "changed the claim.",
        "answered and resubmitted the claim. Submitted",
        "started the review. Under review",
        "approved the claim. Approved",
    ]
    partner, reviewers = http_world.thread("Ana", PARTNER), http_world.thread("Rosa", REVIEWERS)
    assert partner == reviewers
    for told, step in zip(partner, steps, strict=True):
        assert step in told.splitlines()[0]
    assert "Products: Exchange, Teams → Teams" in partner[3]


def test_the_answer_stays_with_the_reviewer_who_asked(http_world: World):
    number = http_world.claim_in(Status.ACTION_REQUIRED)
    asked_by = http_world.claim(number).reviewer_id
    http_world.person("Ana").press("Resubmit", http_world.card("Ana", PARTNER))
    http_world.turn_page("Ana", ACKNOWLEDGED)
    http_world.settle()
    assert http_world.claim(number).reviewer_id == asked_by
    assert "Reviewer: Rosa Review" in http_world.card("Rosa", REVIEWERS).visible_text


# -- who may not -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["Approve", "Reject", "Request information"])
def test_a_reviewer_who_belongs_to_the_partner_is_refused_privately(http_world: World, label: str):
    http_world.claim_in(Status.UNDER_REVIEW)
    before, history = http_world.public(), http_world.history()
    reviewer_presses(http_world, label, who="Nia")
    assert http_world.whispered("Nia") == ["You belong to this partner, so another reviewer has to act on its claims."]
    assert (http_world.public(), http_world.history()) == (before, history)
    assert http_world.person("Nia").form is None


OUTSIDERS = [
    ("Zed", PARTNER, Status.DRAFT, "There is no claim CL-000001 that you can see."),
    ("Bo", PARTNER, Status.DRAFT, "There is no claim CL-000001 that you can see."),
    ("Bo", PARTNER, Status.UNDER_REVIEW, "There is no claim CL-000001 that you can see."),
    ("Zed", REVIEWERS, Status.UNDER_REVIEW, "There is no claim CL-000001 that you can see."),
    ("Ana", REVIEWERS, Status.UNDER_REVIEW, "is for the programme's reviewers."),
    ("Rosa", PARTNER, Status.REJECTED, "is for the partner who filed the claim."),
    ("Bill", PARTNER, Status.DRAFT, "needs one of these roles: incentives admin, incentives user."),
    ("Ivo", PARTNER, Status.APPROVED, "needs one of these roles: billing admin, global admin, incentives admin."),
]


@pytest.mark.parametrize(("who", "channel", "status", "answer"), OUTSIDERS)
def test_whoever_presses_what_is_not_theirs_is_refused_privately_and_nothing_changes(
    http_world: World, who: str, channel: str, status: Status, answer: str
):
    http_world.claim_in(status)
    person = http_world.person(who)
    http_world.sandbox.invite(person.id, channel)
    http_world.settle()
    card = http_world.card(who, channel)
    before, history, version = http_world.public(), http_world.history(), http_world.claim().version
    labels = [label for label in card.buttons if label in {row.label for row in lifecycle.TABLE}]
    assert labels
    for label in labels:
        person.press(label, card)
    http_world.settle()

    told = http_world.whispered(who)
    assert len(told) == len(labels)
    for said in told:
        assert answer in said
    assert person.form is None
    assert (http_world.public(), http_world.history(), http_world.claim().version) == (before, history, version)


# -- late, twice, again ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "label", "press_first", "answer"),
    [
        (Status.SUBMITTED, "Start review", "Start review", "Rosa Review started the review on Wed 18 Nov 2026."),
        (Status.UNDER_REVIEW, "Approve", "Approve", "Rosa Review approved it on Wed 18 Nov 2026."),
        (Status.UNDER_REVIEW, "Reject", "Approve", "Rosa Review approved it on Wed 18 Nov 2026."),
    ],
)
def test_a_button_of_a_card_that_has_moved_on_gives_a_calm_sentence(
    http_world: World, status: Status, label: str, press_first: str, answer: str
):
    http_world.claim_in(status)
    stale = http_world.card("Remy", REVIEWERS)
    reviewer_presses(http_world, press_first)
    history = http_world.history()
    http_world.person("Remy").press(label, stale, stale=True)
    http_world.settle()
    [said] = http_world.whispered("Remy")
    assert said.startswith(f"CL-000001 is {http_world.claim().status}. “{label}” is possible while a claim is ")
    assert said.endswith(answer)
    assert http_world.person("Remy").form is None
    assert http_world.history() == history


def test_of_two_reviewers_who_approve_the_second_is_told_calmly(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    card = http_world.card("Rosa", REVIEWERS)
    for name in ("Rosa", "Remy"):
        http_world.person(name).press("Approve", card)  # neither has seen the redrawn card
    http_world.settle()
    assert http_world.history().count("approve") == 1
    assert http_world.whispered("Rosa") == []
    [said] = http_world.whispered("Remy")
    assert said.startswith("CL-000001 is Approved. ")
    assert said.endswith("Rosa Review approved it on Wed 18 Nov 2026.")


def test_nobody_decides_on_another_claim_than_the_one_that_stands_above_the_button(http_world: World):
    world, memory = http_world, http_world.bot.memory
    number = world.claim_in(Status.UNDER_REVIEW)
    remy = world.person("Remy")
    seen = remy.command(f"/claim show {number}", REVIEWERS).message
    assert seen is not None
    card = world.card("Remy", REVIEWERS)
    reviewing.request_information(memory, WHO["Rosa"], number, ["missing-products"], "Which?")
    filing.edit(memory, WHO["Ana"], number, {"products": ["intune"]})
    filing.resubmit(memory, WHO["Ana"], number)
    reviewing.start_review(memory, WHO["Rosa"], number)

    for label, old in itertools.product(("Approve", "Reject", "Request information"), (seen, card)):
        remy.press(label, old, stale=True)
        assert remy.form is None
        assert world.whispered("Remy")[-1] == (
            f"Rosa Review changed {number} meanwhile. Nothing was changed; please look again."
        )
    assert world.claim(number).status is Status.UNDER_REVIEW
    world.settle()
    remy.press("Approve", card)
    assert world.claim(number).status is Status.APPROVED


@pytest.mark.parametrize(
    ("label", "reason", "decided"),
    [
        ("Reject", "Missing products", Status.REJECTED),
        ("Request information", ["Missing products"], Status.ACTION_REQUIRED),
    ],
)
def test_a_form_that_was_open_while_the_partner_changed_the_claim_decides_only_once_somebody_looked_again(
    http_world: World, label: str, reason: Any, decided: Status
):
    world, memory = http_world, http_world.bot.memory
    number = world.claim_in(Status.UNDER_REVIEW)
    reviewer_presses(world, label, who="Remy")
    reviewing.request_information(memory, WHO["Rosa"], number, ["missing-products"], "Which?")
    filing.edit(memory, WHO["Ana"], number, {"products": ["intune"]})
    filing.resubmit(memory, WHO["Ana"], number)
    reviewing.start_review(memory, WHO["Rosa"], number)

    again = world.turn_page("Remy", {"Reason": reason, "Message": "Products?"})
    assert "Rosa Review changed this claim meanwhile. Nothing was done yet" in again.text
    assert again.values["Message"] == "Products?"
    assert world.claim(number).status is Status.UNDER_REVIEW
    again.press("Details")
    details = world.form("Remy")
    assert "Intune" in details.text
    details.close()
    world.form("Remy").submit()
    assert world.claim(number).status is decided


def test_a_form_of_the_partners_that_was_open_while_a_reviewer_acted_is_shown_once_more(http_world: World):
    world, number = http_world, http_world.claim_in(Status.SUBMITTED)
    ana = world.person("Ana")
    ana.command(f"/claim withdraw {number}", PARTNER)
    reviewing.start_review(world.bot.memory, WHO["Rosa"], number)
    again = world.turn_page("Ana", {"Reason": "Chose an incorrect activity"})
    assert "Rosa Review changed this claim meanwhile." in again.text
    assert world.claim(number).status is Status.UNDER_REVIEW
    again.submit()
    assert world.claim(number).status is Status.REJECTED


def test_a_form_that_was_open_while_another_reviewer_decided_says_so_and_keeps_the_message(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    reviewer_presses(http_world, "Reject", who="Remy")
    reviewer_presses(http_world, "Approve")
    http_world.turn_page("Remy", {"Reason": "Missing products", "Message": "Not enough, I think."})
    form = http_world.form("Remy")
    assert "CL-000001 is Approved." in form.text
    form.close()
    assert http_world.form("Remy").values["Message"] == "Not enough, I think."
    assert http_world.claim().status is Status.APPROVED


def test_a_button_pressed_in_a_message_only_its_reader_sees_works_too(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    shown = http_world.person("Rosa").command("/claim show 1", REVIEWERS).message
    assert shown is not None
    http_world.person("Rosa").press("Start review", shown)
    assert http_world.claim().status is Status.UNDER_REVIEW


def test_the_same_press_delivered_three_times_more_has_one_effect(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    rosa, card = http_world.person("Rosa"), http_world.card("Rosa", REVIEWERS)
    rosa.press("Start review", card)
    repeats = http_world.sandbox.repeat_last_delivery(3)
    http_world.settle()
    assert [one.status for one in repeats] == [200, 200, 200]
    assert http_world.history() == ["create", "edit", "submit", "start_review"]
    assert http_world.whispered("Rosa") == [], "a repeated delivery is no second press"
    assert len(http_world.thread("Rosa", REVIEWERS)) == 2


def test_the_same_form_delivered_three_times_more_has_one_effect(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    reviewer_presses(http_world, "Request information")
    http_world.turn_page("Rosa", {"Reason": ["Missing products"], "Message": "Which?"})
    repeats = http_world.sandbox.repeat_last_delivery(3)
    http_world.settle()
    assert [one.answer for one in repeats] == [{"response_action": "clear"}] * 3
    assert http_world.history().count("request_information") == 1
    assert len(http_world.thread("Ana", PARTNER)) == 3


def test_the_same_page_of_a_new_claim_delivered_three_times_more_makes_one_claim(http_world: World):
    http_world.person("Ana").command("/claim new", PARTNER)
    from_page_one = http_world.turn_page("Ana", FIRST)
    repeats = http_world.sandbox.repeat_last_delivery(3)
    http_world.settle()
    assert {one.answer["view"]["title"]["text"] for one in repeats if isinstance(one.answer, dict)} == {
        from_page_one.title
    }
    assert http_world.history() == ["create"]
    assert len(http_world.person("Ana").messages(PARTNER)) == 1


def test_the_same_command_delivered_three_times_more_opens_one_form_and_changes_nothing(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    before = http_world.history()
    ana = http_world.person("Ana")
    ana.command("/claim withdraw CL-000001", PARTNER)
    repeats = http_world.sandbox.repeat_last_delivery(3)
    assert [one.status for one in repeats] == [200, 200, 200]
    # Slack takes a trigger once: what the repeated ones wanted to open stays closed.
    assert {one.error for one in http_world.sandbox.refusals} == {"exchanged_trigger_id"}
    http_world.sandbox.refusals.clear()
    http_world.turn_page("Ana", {"Reason": "Chose an incorrect activity"})
    assert ana.form is None
    assert http_world.history() == [*before, "withdraw"]
