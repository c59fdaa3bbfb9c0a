"""Comments: what partners write reaches the reviewers, and what reviewers write reaches nobody until it is sent."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from models.operations import commenting
from rules.lifecycle import Status
from sandbox.driver import Person
from sandbox.errors import SandboxError
from tests.stories.threads import PARTNER, REVIEWERS, everything_of, private, write, write_in
from tests.stories.world import PDF, World

HOSTILE = "<!channel> & <@U0BO> *bold* `x` <https://evil.example|Your bank> :tada: &lt;"
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


# -- what goes wrong on the way ----------------------------------------------------------------------------------------


def test_a_copy_whose_answer_was_lost_is_found_and_not_posted_twice(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    http_world.sandbox.faults.lose_answer("chat.postMessage")
    write(http_world, "Ana", "Only once.")
    for _ in range(3):
        http_world.wait()
    assert [one for one in http_world.thread("Rosa", REVIEWERS) if "Only once." in one] == [
        "Ana Admin (partner Contoso Consulting):\nOnly once."
    ]


def test_copies_keep_their_order_while_slack_wants_a_pause(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW)
    http_world.sandbox.faults.rate_limit("chat.postMessage", retry_after=30, times=2)
    for place in range(3):
        write(http_world, "Ana", f"comment {place}")
    for _ in range(3):
        http_world.wait()
    assert [one[-9:] for one in http_world.thread("Rosa", REVIEWERS)[-3:]] == ["comment 0", "comment 1", "comment 2"]


def test_a_comment_that_could_not_be_recorded_is_not_acknowledged_and_heard_when_slack_sends_it_again(
    http_world: World, monkeypatch: pytest.MonkeyPatch
):
    http_world.claim_in(Status.UNDER_REVIEW)
    with monkeypatch.context() as broken:
        broken.setattr(commenting, "hear", unreachable)
        with pytest.raises(SandboxError, match="500"):
            write(http_world, "Ana", "Do not lose me.")
    assert [one.status for one in http_world.sandbox.repeat_last_delivery()] == [200]
    http_world.settle()
    assert "Do not lose me." in http_world.thread("Rosa", REVIEWERS)[-1]


def unreachable(*_: object, **__: object) -> None:
    raise OperationalError("SELECT", {}, Exception("gone"))
