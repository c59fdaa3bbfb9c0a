"""The review card's thread is the reviewers' workroom: what they say to @claimbot there, and who hands what to whom."""

from __future__ import annotations

import pytest

from models.operations import reviewing
from rules.lifecycle import Status
from sandbox.objects import Message
from tests.cast import DIRECTORY, WHO
from tests.stories.world import World

REVIEWERS, PARTNER = "C0REVIEW", "C0CONTOSO"
NUMBER = "CL-000001"


def say(world: World, text: str, who: str = "Rosa", channel: str = REVIEWERS) -> None:
    """Somebody writes to claimbot in the thread of the claim's card."""
    world.person(who).reply(world.card(who, channel), f"@claimbot {text}".strip())
    world.settle()


def told(world: World, who: str) -> list[Message]:
    """What the bot said to somebody alone in threads."""
    return [one for one in world.person(who).ephemerals if one.is_reply]


def told_last(world: World, who: str = "Rosa") -> str:
    return told(world, who)[-1].visible_text


# -- what is clear is done ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "said", "becomes"),
    [
        (Status.SUBMITTED, "start", Status.UNDER_REVIEW),
        (Status.SUBMITTED, "Start review", Status.UNDER_REVIEW),
        (Status.UNDER_REVIEW, "approve", Status.APPROVED),
        (Status.UNDER_REVIEW, "Approve!", Status.APPROVED),
        (Status.UNDER_REVIEW, "reject poe unavailable: The file does not open.", Status.REJECTED),
        (Status.UNDER_REVIEW, "ask missing products, missing or old: Which & when?", Status.ACTION_REQUIRED),
    ],
)
def test_what_is_said_clearly_is_done(http_world: World, status: Status, said: str, becomes: Status):
    http_world.claim_in(status)
    say(http_world, said)
    assert http_world.claim().status is becomes
    assert told(http_world, "Rosa") == []
    assert str(becomes) in http_world.card("Ana", PARTNER).visible_text


def test_reasons_and_message_reach_the_partner_as_they_were_typed(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    say(http_world, "ask missing products and missing or old dates: Page <2> & 3, @Remy Review\nThanks")
    card = http_world.card("Ana", PARTNER).visible_text
    for wanted in ("Missing products: ", "Missing or old dates: ", "Page <2> & 3, @Remy Review\nThanks"):
        assert wanted in card


def test_the_same_mention_delivered_again_has_one_effect(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    for said in ("status", "aprove", "approve"):
        say(http_world, said)
        http_world.sandbox.repeat_last_delivery(3)
        http_world.settle()
    assert http_world.history().count("approve") == 1
    assert len([one for one in http_world.thread("Rosa", REVIEWERS) if one.startswith(NUMBER)]) == 1
    assert len(told(http_world, "Rosa")) == 1


def test_a_refused_mention_that_comes_again_later_still_does_nothing(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    say(http_world, "approve")
    assert "CL-000001 is Submitted." in told_last(http_world)
    reviewing.start_review(http_world.bot.memory, WHO["Remy"], NUMBER)
    http_world.sandbox.repeat_last_delivery(1)
    http_world.settle()
    assert http_world.claim().status is Status.UNDER_REVIEW


# -- how it stands -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "channel"), [("Rosa", REVIEWERS), ("Ana", PARTNER), ("Bill", PARTNER)])
def test_status_is_answered_in_the_thread_on_either_side(http_world: World, who: str, channel: str):
    http_world.claim_in(Status.UNDER_REVIEW)
    say(http_world, "status", who, channel)
    answer = http_world.thread(who, channel)[-1]
    assert answer.startswith(f"{NUMBER}\nUnder review since")
    assert "Reviewer: Rosa Review" in answer
    assert "Decision by" in answer
    other = ("Rosa", REVIEWERS) if channel == PARTNER else ("Ana", PARTNER)
    assert not any(one.startswith(NUMBER) for one in http_world.thread(*other)), "it is answered where it was asked"


def test_a_partner_reads_nothing_of_the_reviewers_own_affairs_in_the_answer(http_world: World):
    http_world.claim_in(Status.DISPUTE)
    for who, channel in (("Rosa", REVIEWERS), ("Ana", PARTNER)):
        say(http_world, "status", who, channel)
    assert "another reviewer decides" in http_world.thread("Rosa", REVIEWERS)[-1]
    assert "another reviewer decides" not in http_world.thread("Ana", PARTNER)[-1]
    assert "Nia Both" not in http_world.thread("Ana", PARTNER)[-1]


# -- what is not clear is asked back -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "offered", "chosen", "reason", "message"),
    [
        (
            "reject insuficient: Blank.",
            "Insufficient proof of execution",
            0,
            "Insufficient proof of execution",
            "Blank.",
        ),
        ("reject missing: No signature.", "Missing products", 1, "Missing products", "No signature."),
        ("reject poe unavailable", "PoE unavailable", 0, "PoE unavailable", None),
        ("reject", "Missing products", 2, "Missing products", None),
        ("reject xyzzy: Please rescan.", "PoE unavailable", 3, "PoE unavailable", "xyzzy: Please rescan."),
    ],
)
def test_an_unclear_reason_is_asked_back_with_a_form_that_has_all_that_was_typed(
    http_world: World, said: str, offered: str, chosen: int, reason: str, message: str | None
):
    http_world.claim_in(Status.UNDER_REVIEW)
    say(http_world, said)
    assert http_world.claim().status is Status.UNDER_REVIEW
    [asked] = told(http_world, "Rosa")
    assert "Nothing was done." in asked.visible_text
    assert asked.buttons[chosen] == offered
    assert told(http_world, "Remy") == []

    http_world.person("Rosa").press(offered, asked)
    form = http_world.form("Rosa")
    assert (form.title, form.values) == ("Reject", {"Reason": reason, "Message": message})
    http_world.turn_page("Rosa", {"Message": message or "Now it is here."})
    assert http_world.claim().status is Status.REJECTED
    assert http_world.claim().rejection_message == (message or "Now it is here.")


def test_of_several_reasons_the_clear_ones_are_in_the_form_already(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    say(http_world, "ask missing products, old dats: Page 2.")
    [asked] = told(http_world, "Rosa")
    http_world.person("Rosa").press("Missing or old dates", asked)
    assert http_world.form("Rosa").values == {
        "Reason": ["Missing or old dates", "Missing products"],
        "Message": "Page 2.",
    }


def test_a_message_of_three_thousand_characters_is_not_lost_on_the_way_to_the_form(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    message = "Page “2” & <3>… " * 180
    say(http_world, f"reject missing: {message}")
    http_world.person("Rosa").press("Missing products", told(http_world, "Rosa")[-1])
    assert http_world.form("Rosa").values["Message"] == message.strip()


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("aprove", "Did you mean “@claimbot approve”?"),
        ("statsu please", "Did you mean “@claimbot status”?"),
        ("xyzzy", "I do not know “xyzzy”. Nothing was done. “@claimbot help” says more."),
        ("approve CL-000002", "“approve” takes no more words"),
        ("approve once page 2 is there", "“approve” takes no more words"),
    ],
)
def test_what_is_no_clear_word_changes_nothing_and_is_answered_to_the_person_alone(
    http_world: World, said: str, answer: str
):
    http_world.claim_in(Status.UNDER_REVIEW)
    before = http_world.history()
    say(http_world, said)
    assert answer in told_last(http_world)
    assert "Nothing was done." in told_last(http_world)
    assert http_world.history() == before


def test_speaking_of_claimbot_is_not_speaking_to_it(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    http_world.person("Rosa").reply(http_world.card("Rosa", REVIEWERS), "Shall I tell @claimbot approve ?")
    http_world.settle()
    assert http_world.claim().status is Status.UNDER_REVIEW
    assert "begin your message with @claimbot" in told_last(http_world)


def test_correcting_a_message_afterwards_decides_nothing(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    rosa = http_world.person("Rosa")
    written = rosa.reply(http_world.card("Rosa", REVIEWERS), "@claimbot aprove")
    rosa.edit(written, "@claimbot approve")
    http_world.settle()
    assert http_world.claim().status is Status.UNDER_REVIEW


@pytest.mark.parametrize("said", ["help", ""])
def test_help_in_a_thread_names_every_word_the_reasons_and_why_commands_do_not_work(http_world: World, said: str):
    http_world.claim_in(Status.UNDER_REVIEW)
    say(http_world, said)
    shown = told_last(http_world)
    for wanted in ("status", "start", "approve", "reject <reason>", "ask <reason>", "help"):
        assert f"@claimbot {wanted}" in shown
    assert "PoE unavailable" in shown
    assert "Missing all PoE" in shown
    assert "cannot be used inside threads" in shown


@pytest.mark.parametrize("in_a_thread", [False, True])
def test_a_mention_anywhere_else_is_answered_with_the_commands(http_world: World, in_a_thread: bool):
    zed = http_world.person("Zed")
    if in_a_thread:
        zed.reply(zed.post("C0TOWN", "Hello"), "@claimbot approve")
    else:
        zed.post("C0TOWN", "@claimbot approve")
    http_world.settle()
    [answer] = zed.ephemerals
    assert answer.is_reply == in_a_thread
    assert "What you can do with claims" in answer.visible_text
    assert "/claim list" in answer.visible_text


# -- who may not -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "channel", "answer"),
    [
        ("Ana", PARTNER, "“Approve” is for the programme's reviewers."),
        ("Nia", REVIEWERS, "You belong to this partner, so another reviewer has to act on its claims."),
        ("Zed", REVIEWERS, "There is no claim CL-000001 that you can see."),
        ("Bo", PARTNER, "There is no claim CL-000001 that you can see."),
    ],
)
@pytest.mark.parametrize("said", ["approve", "status", "help"])
def test_whoever_may_not_is_refused_alone_and_nothing_changes(
    http_world: World, who: str, channel: str, answer: str, said: str
):
    sees = "no claim" not in answer
    if sees and said != "approve":
        return
    http_world.claim_in(Status.UNDER_REVIEW)
    http_world.sandbox.invite(http_world.person(who).id, channel)
    http_world.settle()
    before, lines = http_world.history(), http_world.thread("Rosa", REVIEWERS)
    say(http_world, said, who, channel)
    assert [one.visible_text for one in told(http_world, who)] == [answer]
    assert http_world.history() == before
    assert len(http_world.thread("Rosa", REVIEWERS)) == len(lines) + (channel == REVIEWERS), "but what they wrote"


def test_who_may_not_reject_is_not_asked_for_a_reason(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    say(http_world, "reject xyzzy: No.", "Ana", PARTNER)
    assert told_last(http_world, "Ana") == "“Reject” is for the programme's reviewers."


def test_a_message_that_is_too_long_is_refused_in_words(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    say(http_world, f"reject missing products: {'x' * 3100}")
    assert "Please shorten this to 3,000 characters" in told_last(http_world)
    assert http_world.claim().status is Status.UNDER_REVIEW


# -- whose duty it is --------------------------------------------------------------------------------------------------


def test_a_reviewer_takes_over_and_releases_from_the_card(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    http_world.person("Remy").press("Take over", http_world.card("Remy", REVIEWERS))
    http_world.settle()
    assert "Reviewer: Remy Review" in http_world.card("Rosa", REVIEWERS).visible_text
    assert "Reviewer: Rosa Review → Remy Review" in http_world.thread("Rosa", REVIEWERS)[-1]
    http_world.person("Remy").press("Release", http_world.card("Remy", REVIEWERS))
    http_world.settle()
    assert "Reviewer:" not in http_world.card("Rosa", REVIEWERS).visible_text
    assert http_world.claim().status is Status.UNDER_REVIEW


def test_a_claim_is_handed_to_another_reviewer_who_is_told_in_person(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    http_world.person("Rosa").press("Reassign", http_world.card("Rosa", REVIEWERS))
    form = http_world.form("Rosa")
    assert (form.title, form.labels) == ("Reassign", ["Reviewer"])
    assert form.options("Reviewer") == ["Remy Review"], "nobody who could not take it: not Rosa herself, and not Nia"
    http_world.turn_page("Rosa", {"Reviewer": "Remy Review"})
    assert http_world.person("Rosa").form is None
    http_world.settle()
    assert "Reviewer: Remy Review" in http_world.card("Rosa", REVIEWERS).visible_text
    [message] = http_world.person("Remy").direct_messages()
    assert "Rosa Review handed you the review of CL-000001 · Northwind: Teams 2026." in message.visible_text
    assert "Decision by" in message.visible_text
    http_world.person("Remy").press("Details", message)
    assert http_world.person("Rosa").direct_messages() == []


def test_a_reviewer_who_left_meanwhile_is_refused_at_the_field(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    http_world.person("Rosa").press("Reassign", http_world.card("Rosa", REVIEWERS))
    form = http_world.form("Rosa")
    form.fill({"Reviewer": "Remy Review"})
    gone = "  - {slack: U0REMY, name: Remy Review, email: remy@example.com}\n"
    http_world.know(DIRECTORY.replace(gone, ""))
    form.submit()
    assert form.errors == {"Reviewer": "This person cannot review this claim, or reviews it already."}


def test_where_nobody_else_can_review_the_form_says_so(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    http_world.know(DIRECTORY.replace("  - {slack: U0REMY, name: Remy Review, email: remy@example.com}\n", ""))
    http_world.person("Rosa").press("Reassign", http_world.card("Rosa", REVIEWERS))
    assert "Nobody else can review this claim now." in http_world.form("Rosa").text


@pytest.mark.parametrize("label", ["Release", "Reassign"])
def test_whoever_does_not_review_it_and_leads_nobody_is_refused(http_world: World, label: str):
    http_world.claim_in(Status.UNDER_REVIEW)
    http_world.person("Remy").press(label, http_world.card("Remy", REVIEWERS))
    http_world.settle()
    assert http_world.whispered("Remy") == [f"“{label}” is for whoever reviews CL-000001, and for leads."]
    assert http_world.person("Remy").form is None
