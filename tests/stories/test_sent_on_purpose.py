"""What reviewers send to the partner on purpose; comments by command, files of comments, and the history."""

from __future__ import annotations

import pytest

from models.operations import filing, reviewing
from rules.lifecycle import Status
from tests.cast import WHO
from tests.stories.threads import PARTNER, REVIEWERS, everything_of, private, write
from tests.stories.world import PDF, World

# -- sent on purpose ---------------------------------------------------------------------------------------------------


def test_a_reply_to_the_partner_is_marked_on_both_sides(world: World):
    world.claim_in(Status.UNDER_REVIEW)
    rosa = world.person("Rosa")
    rosa.press("Reply to partner", world.card("Rosa", REVIEWERS))
    form = world.form("Rosa")
    assert (form.title, form.labels) == ("Reply to partner", ["Message"])
    assert "Everybody in the channel of Contoso Consulting reads exactly this" in form.text
    world.turn_page("Rosa", {"Message": "Which page names Teams?"})
    world.settle()
    assert rosa.form is None
    assert world.thread("Ana", PARTNER)[-1] == "Rosa Review (reviewer):\nWhich page names Teams?"
    assert world.thread("Rosa", REVIEWERS)[-1] == "Sent to the partner by Rosa Review:\nWhich page names Teams?"


def test_a_message_of_the_thread_is_sent_after_a_look_at_exactly_what_goes_and_once(world: World):
    world.claim_in(Status.UNDER_REVIEW)
    note = write(world, "Remy", "Page 2 is missing, as usual. <!here>", ("notes.pdf", PDF))
    before = world.thread("Ana", PARTNER)
    rosa = world.person("Rosa")
    rosa.message_shortcut("Send to partner", note)
    form = world.form("Rosa")
    assert form.values == {"Message": "Page 2 is missing, as usual. <!here>"}
    assert "Files are not sent along: notes.pdf" in form.text
    assert world.thread("Ana", PARTNER) == before, "nothing is sent before it is confirmed"

    world.turn_page("Rosa", {"Message": "Page 2 is missing."})
    assert [one.status for one in world.sandbox.repeat_last_delivery(3)] == [200, 200, 200]
    world.settle()
    assert world.thread("Ana", PARTNER) == [*before, "Rosa Review (reviewer):\nPage 2 is missing."]
    assert world.thread("Rosa", REVIEWERS)[-1] == (
        "Sent to the partner by Rosa Review (written by Remy Review):\nPage 2 is missing."
    )

    world.person("Remy").message_shortcut("Send to partner", note)
    assert "Rosa Review sent this to the partner already. It is sent once only." in world.form("Remy").text
    world.person("Remy").edit(note, "Hopeless people.")
    world.settle()
    assert world.thread("Ana", PARTNER) == [*before, "Rosa Review (reviewer):\nPage 2 is missing."]


def test_the_shortcut_explains_itself_where_there_is_nothing_to_send(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    comment = write(http_world, "Ana", "Hello")
    card = http_world.card("Ana", PARTNER)
    public = http_world.public()
    lunch = http_world.person("Ana").post("C0TOWN", "Lunch?")
    for who, message in (("Ana", comment), ("Ana", card), ("Ana", lunch), ("Rosa", lunch)):
        http_world.person(who).message_shortcut("Send to partner", message)
        form = http_world.form(who)
        assert "Only what a reviewer wrote" in form.text
        form.close()
    copies = http_world.person("Rosa").thread(http_world.card("Rosa", REVIEWERS))
    http_world.person("Rosa").message_shortcut("Send to partner", copies[-1])
    assert "Only what a reviewer wrote" in http_world.form("Rosa").text
    assert [one for one in http_world.public() if one[1] != "Lunch?"] == public


def test_a_reviewer_of_the_partner_cannot_send_and_is_told_why(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    note = write(http_world, "Rosa", "SECRET")
    nia = http_world.person("Nia")
    nia.message_shortcut("Send to partner", note)
    assert "You belong to this partner" in http_world.form("Nia").text
    assert "SECRET" not in everything_of(http_world, "Ana", "Ivo")


def test_a_final_claim_offers_no_reply_and_a_draft_has_no_card_to_reply_from(http_world: World):
    http_world.claim_in(Status.REJECTED_FINAL)
    assert "Reply to partner" not in http_world.card("Rosa", REVIEWERS).buttons
    assert "Reply to partner" not in http_world.card("Ana", PARTNER).buttons


# -- by command --------------------------------------------------------------------------------------------------------


def test_a_comment_by_command_appears_in_both_threads_once(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    ana = http_world.person("Ana")
    answer = ana.command("/claim comment CL-000001 ask @Ivo User & <@U0BO> about 1 < 2", PARTNER)
    assert answer.text == "Your comment on CL-000001 is in both threads: the reviewers read it too."
    http_world.sandbox.repeat_last_delivery(3)
    http_world.settle()
    said = "ask @Ivo User & <@U0BO> about 1 < 2"
    assert http_world.thread("Ana", PARTNER)[-1] == f"Ana Admin (also to the reviewers):\n{said}"
    assert http_world.thread("Rosa", REVIEWERS)[-1] == f"Ana Admin (partner Contoso Consulting):\n{said}"
    assert [one for one in http_world.thread("Rosa", REVIEWERS) if said in one] == [
        f"Ana Admin (partner Contoso Consulting):\n{said}"
    ]


@pytest.mark.parametrize("typed", ["", " CL-000001"])
def test_a_comment_without_number_or_text_says_how_it_is_written(http_world: World, typed: str):
    http_world.claim_in(Status.SUBMITTED)
    assert (
        "/claim comment CL-000123 Your comment"
        in http_world.person("Ana").command(f"/claim comment{typed}", PARTNER).text
    )


def test_somebody_elses_claim_cannot_be_commented(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    before = http_world.public()
    answer = http_world.person("Bo").command("/claim comment CL-000001 Hello", "C0FABRIKAM")
    http_world.settle()
    assert answer.text == "There is no claim CL-000001 that you can see."
    assert http_world.public() == before


# -- files -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.ACTION_REQUIRED, Status.UNDER_REVIEW])
def test_a_file_becomes_proof_only_by_the_button(http_world: World, status: Status):
    http_world.claim_in(status)
    write(http_world, "Ana", "The signed one.", ("signed.pdf", PDF))
    http_world.wait()
    assert http_world.thread("Rosa", REVIEWERS)[-1].endswith("The signed one.\nFiles: signed.pdf")
    assert "signed.pdf" not in http_world.card("Ana", PARTNER).visible_text

    ana = http_world.person("Ana")
    [offer] = ana.ephemerals
    assert offer.is_reply
    assert offer.buttons == ["Add as proof"]
    ana.press("Add as proof", offer)
    http_world.settle()
    assert "signed.pdf" in http_world.card("Ana", PARTNER).visible_text
    assert "being checked" not in http_world.card("Ana", PARTNER).visible_text
    assert (
        private(http_world, "Ana")[-1] == "The file is being checked now. The card of CL-000001 shows what came of it."
    )
    ana.press("Add as proof", offer)
    assert "was added already" in private(http_world, "Ana")[-1]


def test_each_of_several_files_has_a_button_of_its_own(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    write(http_world, "Ana", "", ("one.pdf", PDF), ("two.pdf", PDF + b"%2"))
    ana = http_world.person("Ana")
    [offer] = ana.ephemerals
    assert offer.buttons == ["Add as proof: one.pdf", "Add as proof: two.pdf"]
    ana.press("Add as proof: two.pdf", offer)
    http_world.settle()
    card = http_world.card("Ana", PARTNER).visible_text
    assert "two.pdf" in card
    assert "one.pdf" not in card


def test_a_file_that_is_no_proof_is_refused_with_words(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    write(http_world, "Ana", "This?", ("sow.pdf", b"MZ\x90\x00"))
    ana = http_world.person("Ana")
    ana.press("Add as proof", ana.ephemerals[0])
    http_world.settle()
    assert "could not be taken. sow.pdf: " in ana.direct_messages()[-1].visible_text


@pytest.mark.parametrize(("who", "status"), [("Ana", Status.REJECTED_FINAL), ("Rosa", Status.UNDER_REVIEW)])
def test_no_proof_is_offered_where_none_can_be_added(http_world: World, who: str, status: Status):
    http_world.claim_in(status)
    write(http_world, who, "See here.", ("notes.pdf", PDF))
    assert private(http_world, who) == []


# -- history -----------------------------------------------------------------------------------------------------------


def test_the_history_shows_every_entry_page_by_page_newest_first(http_world: World):
    number = http_world.claim_in(Status.ACTION_REQUIRED)
    memory, rosa = http_world.bot.memory, WHO["Rosa"]
    for place in range(3):
        filing.resubmit(memory, WHO["Ana"], number)
        reviewing.start_review(memory, rosa, number)
        reviewing.request_information(memory, rosa, number, ["missing-products"], f"Question {place}")
    http_world.settle()
    write(http_world, "Ana", "Lunch?")
    ana = http_world.person("Ana")
    first = ana.command(f"/claim history {number}", PARTNER).message
    assert first is not None
    assert "Entries 1 to 8 of 14, newest first" in first.visible_text
    ana.press("Earlier", first)
    second = ana.ephemerals[-1]
    assert "Entries 9 to 14 of 14, newest first" in second.visible_text
    assert second.buttons == []
    both = f"{first.visible_text}\n{second.visible_text}"
    wanted = [
        "Question 2",
        "Question 1",
        "Question 0",
        "Please name the products.",
        "submitted the claim for",
        "created the draft",
    ]
    at = [both.index(one) for one in wanted]
    assert at == sorted(at)
    assert "Lunch?" not in both, "what is said has a place of its own"


def test_whoever_cannot_see_a_claim_cannot_read_its_history(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    answer = http_world.person("Bo").command("/claim history CL-000001", "C0FABRIKAM")
    assert answer.text == "There is no claim CL-000001 that you can see."
