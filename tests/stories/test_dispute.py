"""Disputing a rejection with a justification, with new proof, with both; and adding proof beside an edit."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rules.lifecycle import Status
from sandbox.forms import Form
from tests.stories.world import PDF, World

REVIEWERS, PARTNER = "C0REVIEW", "C0CONTOSO"
GROUNDS = (
    "Say why the rejection should be reconsidered, or add new proof of execution. At least one of the two is needed."
)
NEW = ("new.pdf", PDF + b"%new")
BAD = ("new.pdf", b"MZ\x90\x00")


def disputing(world: World, who: str = "Ana") -> Form:
    """The form of a dispute on somebody's screen, of a claim that was rejected."""
    world.claim_in(Status.REJECTED)
    world.wait()  # new is what comes after the rejection
    world.person(who).press("Dispute", world.card("Ana", PARTNER))
    return world.form(who)


# -- dispute -----------------------------------------------------------------------------------------------------------


def test_a_justification_alone_is_enough(world: World):
    form = disputing(world)
    assert form.labels == ["Business justification", "Proof of execution"]
    assert "A rejected claim can be disputed once." in form.text
    world.turn_page("Ana", {"Business justification": "Page 2 names them."})
    world.settle()
    assert world.person("Ana").form is None
    assert world.claim().status is Status.DISPUTE
    assert "Page 2 names them." in world.thread("Rosa", REVIEWERS)[-1]


def test_with_a_justification_the_file_is_handed_in_at_once(http_world: World):
    disputing(http_world)
    http_world.turn_page("Ana", {"Business justification": "See the new one.", "Proof of execution": [NEW]})
    assert http_world.claim().status is Status.DISPUTE
    http_world.settle()
    assert http_world.person("Ana").form is None
    assert http_world.history()[-1] == "dispute"
    assert "new.pdf" in http_world.thread("Rosa", REVIEWERS)[-1]
    card = http_world.card("Rosa", REVIEWERS).visible_text
    assert "new.pdf" in card
    assert "being checked" not in card


def test_a_bad_file_beside_a_justification_leaves_the_dispute_and_is_told(http_world: World):
    disputing(http_world)
    http_world.turn_page("Ana", {"Business justification": "See the new one.", "Proof of execution": [BAD]})
    http_world.settle()
    assert http_world.claim().status is Status.DISPUTE
    assert "could not be taken. new.pdf: " in http_world.person("Ana").direct_messages()[-1].visible_text


def test_with_a_file_only_it_is_checked_first_and_then_the_form_offers_the_dispute(world: World):
    form = disputing(world)
    world.turn_page("Ana", {"Proof of execution": [NEW]})
    assert form.title == "Checking the proof"
    assert "new.pdf" in form.text
    assert world.claim().status is Status.REJECTED

    world.settle()
    assert form.title == "Added"
    assert "new.pdf" in form.text
    assert world.claim().status is Status.REJECTED, "nothing begins before it is said"
    form.press("Dispute")
    assert form.title == "Dispute"
    world.turn_page("Ana", {})
    world.settle()
    assert world.person("Ana").form is None
    assert world.claim().status is Status.DISPUTE


def test_a_file_that_is_no_proof_is_refused_in_the_form_and_carries_no_dispute(http_world: World):
    form = disputing(http_world)
    http_world.turn_page("Ana", {"Proof of execution": [BAD]})
    http_world.settle()
    assert "This could not be taken" in form.text
    assert "new.pdf: " in form.text
    form.close()
    http_world.person("Ana").press("Dispute", http_world.card("Ana", PARTNER))
    http_world.turn_page("Ana", {})
    assert http_world.form("Ana").errors == {"Business justification": GROUNDS}


@pytest.mark.parametrize("typed", [{}, {"Business justification": " \n "}])
def test_a_dispute_without_either_is_refused_at_the_field_in_the_rules_words(http_world: World, typed: dict[str, str]):
    form = disputing(http_world)
    http_world.turn_page("Ana", typed)
    assert form.errors == {"Business justification": GROUNDS}
    assert http_world.claim().status is Status.REJECTED
    http_world.turn_page("Ana", {"Business justification": "Page 2 names them."})
    assert http_world.claim().status is Status.DISPUTE


def test_a_dispute_after_its_window_is_refused_and_what_was_typed_stays(http_world: World):
    form = disputing(http_world)
    http_world.clock.advance(timedelta(days=31))
    http_world.turn_page("Ana", {"Business justification": "Page 2 names them."})
    assert "can be disputed for 30 days" in form.errors["Business justification"]
    assert form.values["Business justification"] == "Page 2 names them."
    assert http_world.claim().status is Status.REJECTED


def test_more_files_than_a_claim_takes_are_an_error_at_the_field_and_nothing_is_lost(http_world: World):
    form = disputing(http_world)
    files = [(f"{place}.pdf", PDF + bytes([place])) for place in range(10)]
    for typed in ({"Business justification": "See these."}, {}):
        http_world.turn_page("Ana", {"Proof of execution": files, **typed})
        assert form.errors == {"Proof of execution": "A claim takes up to 10 files; with these it would have 11."}
        assert form.values["Business justification"] == "See these."
    assert http_world.claim().status is Status.REJECTED


def test_the_same_form_delivered_three_times_more_is_one_dispute(http_world: World):
    disputing(http_world)
    http_world.turn_page("Ana", {"Business justification": "See the new one.", "Proof of execution": [NEW]})
    assert [one.answer for one in http_world.sandbox.repeat_last_delivery(3)] == [{"response_action": "clear"}] * 3
    http_world.settle()
    assert http_world.history().count("dispute") == 1


# -- adding proof ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.UNDER_REVIEW, Status.APPROVED, Status.DISPUTE])
def test_proof_is_added_from_the_cards_menu_and_both_sides_read_it(http_world: World, status: Status):
    http_world.claim_in(status)
    ana = http_world.person("Ana")
    ana.press("Add proof", http_world.card("Ana", PARTNER))
    form = http_world.form("Ana")
    assert (form.title, form.labels) == ("Add proof", ["Proof of execution"])
    assert "Handed in before: proof.pdf" in form.text
    http_world.turn_page("Ana", {"Proof of execution": [NEW]})
    assert form.title == "Checking the proof"
    assert [one.status for one in http_world.sandbox.repeat_last_delivery(3)] == [200, 200, 200]

    http_world.settle()
    assert form.title == "Added"
    assert "proof.pdf, new.pdf" in form.text
    assert form.buttons == []
    assert http_world.claim().status is status
    assert http_world.history().count("add_proof") == 1
    for who, channel in (("Ana", PARTNER), ("Rosa", REVIEWERS)):
        assert "new.pdf" in http_world.card(who, channel).visible_text
        assert "added proof" in http_world.thread(who, channel)[-1]


def test_nothing_chosen_is_an_error_and_a_bad_file_can_be_replaced(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    http_world.person("Ana").press("Add proof", http_world.card("Ana", PARTNER))
    form = http_world.turn_page("Ana", {})
    assert form.errors == {"Proof of execution": "Please complete this required field."}
    http_world.turn_page("Ana", {"Proof of execution": [BAD]})
    http_world.settle()
    assert form.title == "Add proof"
    assert "This could not be taken" in form.text
    http_world.wait()
    http_world.turn_page("Ana", {"Proof of execution": [NEW]})
    http_world.settle()
    assert form.title == "Added"


def test_whoever_looks_again_while_the_check_runs_sees_how_it_stands(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    http_world.person("Ana").press("Add proof", http_world.card("Ana", PARTNER))
    form = http_world.turn_page("Ana", {"Proof of execution": [NEW]})
    form.press("Check again")
    assert form.title == "Checking the proof"
    http_world.settle()
    assert form.title == "Added"


def test_the_form_of_a_claim_that_went_on_says_so(http_world: World):
    number = http_world.claim_in(Status.REJECTED)
    ana, bill = http_world.person("Ana"), http_world.person("Bill")
    ana.press("Add proof", http_world.card("Ana", PARTNER))
    bill.press("Dispute", http_world.card("Ana", PARTNER))
    http_world.turn_page("Bill", {"Business justification": "Page 2."})
    rosa, remy = http_world.person("Rosa"), http_world.person("Remy")
    http_world.settle()
    assert rosa.form is None
    remy.press("Reject", http_world.card("Rosa", REVIEWERS))
    http_world.turn_page("Remy", {"Reason": "PoE unavailable", "Message": "It does not open."})
    http_world.turn_page("Ana", {"Proof of execution": [NEW]})
    assert f"{number} is Rejected final" in http_world.form("Ana").text
