"""Comments: what partners write reaches the reviewers, and what reviewers write reaches nobody until it is sent."""

from __future__ import annotations

import pytest

from models.operations import filing, reviewing
from rules.lifecycle import Status
from sandbox.driver import Person
from sandbox.objects import Message
from tests.cast import WHO
from tests.stories.world import PDF, World

REVIEWERS, PARTNER = "C0REVIEW", "C0CONTOSO"
HOSTILE = "<!channel> & <@U0BO> *bold* `x` <https://evil.example|Your bank> :tada: &lt;"


def write(world: World, who: str, text: str, *files: tuple[str, bytes], broadcast: bool = False) -> Message:
    """Somebody replies in the thread of the card on their own side."""
    channel = REVIEWERS if who in ("Rosa", "Remy") else PARTNER
    return write_in(world, who, channel, text, *files, broadcast=broadcast)


def write_in(
    world: World, who: str, channel: str, text: str, *files: tuple[str, bytes], broadcast: bool = False
) -> Message:
    message = world.person(who).reply(world.card(who, channel), text, files, broadcast=broadcast)
    world.settle()
    return message


def private(world: World, who: str) -> list[str]:
    """What the bot said to somebody alone, in threads too."""
    return [one.visible_text for one in world.person(who).ephemerals]


def everything_of(world: World, *people: str) -> str:
    """All that these people can read anywhere: their channels, direct messages, what only they see, and their forms."""
    shown: list[str] = []
    for name in people:
        person = world.person(name)
        channels = [one for one in world.sandbox.workspace.channels.values() if person.id in one.members]
        for channel in channels:
            found = world.sandbox.workspace.messages[channel.id]
            shown += [f"{one.text}\n{one.visible_text}" for one in found if one.ephemeral_to in (None, person.id)]
        shown.append(person.form.text if person.form is not None else "")
        home = person.open_home()
        shown.append(home.visible_text)
    return "\n".join(shown)


CONTOSO = ("Ana", "Ivo", "Bill", "Gil", "Mia")


# -- from the partner to the reviewers ---------------------------------------------------------------------------------


def test_a_partners_comment_reaches_the_reviewers_with_its_author(world: World):
    world.claim_in(Status.UNDER_REVIEW)
    before = world.thread("Ana", PARTNER)
    write(world, "Ana", "Page 2 names the products.")
    last = world.thread("Rosa", REVIEWERS)[-1]
    assert last == "Ana Admin (partner Contoso Consulting):\nPage 2 names the products."
    assert world.thread("Ana", PARTNER) == [*before, "Page 2 names the products."], (
        "not said again where it was written"
    )
    assert private(world, "Ana") == []


def test_a_comment_that_is_broadcast_to_the_channel_is_one_comment(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    before = len(http_world.thread("Rosa", REVIEWERS))
    write(http_world, "Ana", "Please look at page 2.", broadcast=True)
    assert len(http_world.thread("Rosa", REVIEWERS)) == before + 1


def test_the_same_event_delivered_three_times_more_is_one_comment(world: World):
    world.claim_in(Status.UNDER_REVIEW)
    write(world, "Ana", "Only once.")
    assert [one.status for one in world.sandbox.repeat_last_delivery(3)] == [200, 200, 200]
    world.settle()
    assert [one for one in world.thread("Rosa", REVIEWERS) if "Only once." in one] == [
        "Ana Admin (partner Contoso Consulting):\nOnly once."
    ]


def test_an_edited_comment_is_told_as_edited_and_a_deleted_one_as_deleted(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    message = write(http_world, "Ana", "Page 2.")
    ana = http_world.person("Ana")
    ana.edit(message, "Page 3, sorry.")
    http_world.settle()
    ana.delete(message)
    http_world.settle()
    assert http_world.thread("Rosa", REVIEWERS)[-3:] == [
        "Ana Admin (partner Contoso Consulting):\nPage 2.",
        "Ana Admin (partner Contoso Consulting) edited a comment:\nPage 3, sorry.",
        "Ana Admin (partner Contoso Consulting) deleted a comment.",
    ]


def test_what_is_said_about_a_draft_arrives_when_it_is_submitted(http_world: World):
    http_world.file_claim()
    http_world.form("Ana").close()
    write(http_world, "Ana", "For the reviewers: page 2 counts.")
    write(http_world, "Ivo", "And page 3.")
    assert http_world.person("Rosa").messages(REVIEWERS) == []

    ana = http_world.person("Ana")
    ana.command("/claim submit CL-000001", PARTNER)
    http_world.turn_page("Ana", {"Acknowledgements": True})
    http_world.settle()
    assert http_world.thread("Rosa", REVIEWERS)[:2] == [
        "Ana Admin (partner Contoso Consulting):\nFor the reviewers: page 2 counts.",
        "Ivo User (partner Contoso Consulting):\nAnd page 3.",
    ]


def test_hostile_text_arrives_literally_and_calls_nobody(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    write(http_world, "Ana", HOSTILE)
    message = http_world.person("Rosa").thread(http_world.card("Rosa", REVIEWERS))[-1]
    assert message.visible_text == f"Ana Admin (partner Contoso Consulting):\n{HOSTILE}"
    for token in ("<!channel>", "<@U0BO>", "<https://"):
        assert token not in message.text


def test_a_mention_and_a_channel_are_shown_by_their_names(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    write(http_world, "Ana", "@Ivo User and @Zed Outsider know, see #town-square")
    assert http_world.thread("Rosa", REVIEWERS)[-1].splitlines()[1] == "@Ivo User and @U0ZED know, see #town-square"


def test_a_long_comment_arrives_whole(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    text = "\n".join(f"{number}: {'x' * 70}" for number in range(100))
    write(http_world, "Ana", text)
    assert http_world.thread("Rosa", REVIEWERS)[-1].split("\n", 1)[1] == text


def test_a_message_to_the_bot_is_a_command_and_no_comment(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    before = http_world.thread("Rosa", REVIEWERS)
    write(http_world, "Ana", "@claimbot status")
    assert http_world.thread("Rosa", REVIEWERS) == before
    write(http_world, "Ana", "ask @claimbot about page 2")
    assert http_world.thread("Rosa", REVIEWERS)[-1].endswith("ask @claimbot about page 2")


def test_what_is_written_outside_of_claims_threads_is_no_comment(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    before = http_world.thread("Rosa", REVIEWERS)
    ana = http_world.person("Ana")
    ana.reply(ana.post(PARTNER, "Lunch?"), "Yes.")
    ana.reply(ana.post("C0TOWN", "Lunch?"), "Yes.")
    http_world.settle()
    assert http_world.thread("Rosa", REVIEWERS) == before
    assert private(http_world, "Ana") == []


# -- who is not heard --------------------------------------------------------------------------------------------------


def outsider(world: World, who: str, channel: str) -> Person:
    person = world.person(who)
    world.sandbox.invite(person.id, channel)
    return person


@pytest.mark.parametrize(
    ("who", "channel", "why"),
    [
        ("Zed", PARTNER, "Comments here are those of the partner who filed the claim."),
        ("Bo", PARTNER, "Comments here are those of the partner who filed the claim."),
        ("Rosa", PARTNER, "Comments here are those of the partner who filed the claim."),
        ("Mia", PARTNER, "4711001 is not one of your locations."),
        ("Ana", REVIEWERS, "Comments here are those of the programme's reviewers."),
        ("Nia", REVIEWERS, "You belong to this partner, so you take no part in what its reviewers say."),
    ],
)
def test_whoever_does_not_belong_there_is_not_recorded_and_told_alone(
    http_world: World, who: str, channel: str, why: str
):
    http_world.claim_in(Status.UNDER_REVIEW)
    outsider(http_world, who, channel)
    other = REVIEWERS if channel == PARTNER else PARTNER
    reader = "Rosa" if channel == PARTNER else "Ana"
    before = http_world.thread(reader, other)
    write_in(http_world, who, channel, "Between us.")
    assert http_world.thread(reader, other) == before
    assert private(http_world, who) == [f"This was not recorded as a comment. {why}"]


def test_a_person_of_another_workspace_is_not_heard(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    http_world.sandbox.add_user("U0EVE", "Eve Elsewhere", team="T0OTHER")
    outsider(http_world, "Eve", PARTNER)
    before = http_world.thread("Rosa", REVIEWERS)
    write_in(http_world, "Eve", PARTNER, "Hello", ("eve.pdf", PDF))
    assert http_world.thread("Rosa", REVIEWERS) == before
    assert len(private(http_world, "Eve")) == 1


# -- among the reviewers -----------------------------------------------------------------------------------------------


def test_what_reviewers_write_never_reaches_the_partner(world: World):
    world.claim_in(Status.UNDER_REVIEW)
    before = everything_of(world, *CONTOSO)
    rosa, remy = world.person("Rosa"), world.person("Remy")
    first = write(world, "Rosa", "SECRET one: @Ana Admin is hopeless")
    second = write(world, "Remy", "SECRET two", broadcast=True)
    third = write(world, "Rosa", "SECRET three", ("SECRET.pdf", PDF))
    rosa.edit(first, "SECRET four")
    remy.edit(second, "SECRET five <!channel>")
    world.settle()
    rosa.delete(first)
    remy.delete(second)
    rosa.delete(third)
    rosa.command("/claim comment CL-000001 SECRET six", REVIEWERS)
    world.settle()
    world.wait(5)

    after = everything_of(world, *CONTOSO)
    assert "SECRET" not in after
    assert after == before
    ana = world.person("Ana")
    for word in ("show", "history"):
        assert "SECRET" not in ana.command(f"/claim {word} CL-000001", PARTNER).text
    assert "Rosa Review (internal note):\nSECRET six" in world.thread("Rosa", REVIEWERS)


def test_a_note_by_command_answers_that_it_is_for_reviewers_only(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    answer = http_world.person("Rosa").command("/claim comment cl-1 Looks thin.", REVIEWERS)
    assert answer.ephemeral
    assert answer.text == "Noted on CL-000001 for the reviewers only. “Reply to partner” writes to the partner."


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
