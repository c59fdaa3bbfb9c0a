"""Comments: who is heard on which side, what crosses to the other one, and that nothing said is ever lost."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from models.answers import Invalid, Refused, Who
from models.memory import Memory
from models.operations import commenting, filing, reviewing
from models.operations.commenting import Message, Said
from models.tables import Claim, Inbound, Outgoing, claim_id
from rules.lifecycle import Party, Status
from rules.permissions import Condition, Refusal
from tests.cast import MUNICH, REVIEW_CHANNEL, TEAM, WHO
from tests.models.comments import CHANNEL, PARTNER, REVIEWER, card_ts, claim_with_cards, message, recorded, told, write


@pytest.fixture
def number(memory: Memory) -> str:
    return claim_with_cards(memory, Status.UNDER_REVIEW)


# -- heard in threads --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["Ana", "Ivo", "Bill", "Nia"])
def test_what_the_partners_people_write_is_shared_and_reaches_the_reviewers_once(memory: Memory, number: str, who: str):
    said = write(memory, who, number, "Page 2 names them.", side=PARTNER)
    assert said == Said(number, said.comment, Party.PARTNER, shared=True, waits=False)
    [comment] = recorded(memory, number)
    assert (comment.party, comment.shared, comment.text) == (Party.PARTNER, True, "Page 2 names them.")
    assert told(memory) == [(REVIEWER, "said", "Page 2 names them.")]


@pytest.mark.parametrize("who", ["Rosa", "Remy"])
def test_what_reviewers_write_in_their_thread_is_internal_and_goes_nowhere(memory: Memory, number: str, who: str):
    said = write(memory, who, number, "I doubt it.")
    assert (said.side, said.shared) == (Party.REVIEWER, False)
    [comment] = recorded(memory, number)
    assert (comment.party, comment.shared) == (Party.REVIEWER, False)
    assert told(memory) == []


NOT_HEARD = [
    ("Zed", PARTNER, Condition.PARTY),
    ("Bo", PARTNER, Condition.PARTY),
    ("Rosa", PARTNER, Condition.PARTY),
    ("Mia", PARTNER, Condition.LOCATION),
    ("Zed", REVIEWER, Condition.PARTY),
    ("Bo", REVIEWER, Condition.PARTY),
    ("Ana", REVIEWER, Condition.PARTY),
    ("Nia", REVIEWER, Condition.OWN_COMPANY),
]


@pytest.mark.parametrize(("who", "side", "condition"), NOT_HEARD)
def test_whoever_does_not_belong_on_a_side_is_not_recorded_there_and_told_why(
    memory: Memory, number: str, who: str, side: str, condition: Condition
):
    refusal = write(memory, who, number, side=side)
    assert isinstance(refusal, Refusal)
    assert refusal.condition is condition
    assert recorded(memory, number) == []
    assert told(memory) == []


def test_the_same_user_id_of_another_workspace_is_somebody_else(memory: Memory, number: str):
    refusal = commenting.hear(memory, Who("T0OTHER", "U0ANA"), message(number, PARTNER, "Hello"))
    assert isinstance(refusal, Refusal)
    assert recorded(memory, number) == []


def test_a_thread_that_is_no_claims_is_not_listened_to_and_leaves_no_trace(memory: Memory, number: str):
    elsewhere = [
        Message(TEAM, CHANNEL[PARTNER], "1.1", "m", "Hello"),
        Message(TEAM, "C0TOWN", card_ts(number, PARTNER), "m", "Hello"),
        Message("T0OTHER", CHANNEL[PARTNER], card_ts(number, PARTNER), "m", "Hello"),
    ]
    for one in elsewhere:
        assert commenting.hear(memory, WHO["Ana"], one, delivery=f"event:{one.team}{one.channel}") is None
    assert recorded(memory, number) == []
    with memory.database.transaction() as session:
        assert session.scalars(select(Inbound)).all() == []


def test_a_comment_of_a_location_is_heard_from_its_people_only(memory: Memory):
    number = claim_with_cards(memory, Status.SUBMITTED, mpn=MUNICH)
    assert isinstance(write(memory, "Mia", number, side=PARTNER), Said)
    assert isinstance(write(memory, "Ivo", number, side=PARTNER), Refusal)


def test_the_same_event_has_one_effect_however_often_it_comes(memory: Memory, number: str):
    first = message(number, PARTNER, "Hello")
    said = [commenting.hear(memory, WHO["Ana"], first, delivery="event:Ev1") for _ in range(3)]
    assert [one is not None for one in said] == [True, False, False]
    # A broadcast may be announced twice, as two events about one message.
    assert commenting.hear(memory, WHO["Ana"], first, delivery="event:Ev2") is None
    assert len(recorded(memory, number)) == 1
    assert len(told(memory)) == 1


def test_an_outsider_is_told_once_however_often_the_event_comes(memory: Memory, number: str):
    told_why = [write(memory, "Zed", number, side=PARTNER, delivery="event:Ev1") for _ in range(3)]
    assert [isinstance(one, Refusal) for one in told_why] == [True, False, False]


@pytest.mark.parametrize("text", ["", " \n ", "\u202e"])
def test_a_message_with_nothing_in_it_is_no_comment(memory: Memory, number: str, text: str):
    assert write(memory, "Ana", number, text) is None
    assert recorded(memory, number) == []


def test_a_comment_is_kept_as_it_was_written_without_what_cannot_be_printed(memory: Memory, number: str):
    write(memory, "Ana", number, "<!channel> & *all*:\n\tone\u202e\x00")
    assert recorded(memory, number)[0].text == "<!channel> & *all*:\n one"


def test_a_comment_leaves_the_claim_and_its_history_as_they_were(memory: Memory, number: str):
    before = claim_state(memory, number)
    write(memory, "Ana", number)
    assert claim_state(memory, number) == before


def claim_state(memory: Memory, number: str) -> Any:
    with memory.database.transaction() as session:
        claim = session.get_one(Claim, claim_id(number))
        return claim.version, claim.status, claim.updated_at


# -- drafts ------------------------------------------------------------------------------------------------------------


def test_what_is_said_about_a_draft_reaches_the_reviewers_at_its_submission_in_its_last_words(memory: Memory):
    number = claim_with_cards(memory, Status.DRAFT)
    first, second, third = (message(number, PARTNER, text) for text in ("one", "two", "three"))
    for one in (first, second, third):
        said = commenting.hear(memory, WHO["Ana"], one)
        assert isinstance(said, Said)
        assert said.waits
    edited = Message(TEAM, CHANNEL[PARTNER], first.thread_ts, first.ts, "one, corrected")
    commenting.edit_heard(memory, WHO["Ana"], edited)
    commenting.delete_heard(memory, TEAM, CHANNEL[PARTNER], second.ts)
    assert told(memory) == []

    filing.submit(memory, WHO["Ana"], number)
    assert told(memory) == [(REVIEWER, "said", "one, corrected"), (REVIEWER, "said", "three")]
    with memory.database.transaction() as session:
        rows = session.scalars(select(Outgoing).where(Outgoing.claim_id == claim_id(number)).order_by(Outgoing.id))
        kinds = [row.kind for row in rows if row.lane.endswith(REVIEW_CHANNEL)]
    assert kinds[:3] == ["card", "comment", "comment"], "the card comes first: what follows needs its thread"


def test_a_later_submission_tells_nothing_again(memory: Memory):
    number = claim_with_cards(memory, Status.UNDER_REVIEW)
    write(memory, "Ana", number, "Which?")
    reviewing.request_information(memory, WHO["Rosa"], number, ["missing-products"], "Name them.")
    filing.resubmit(memory, WHO["Ana"], number)
    assert told(memory) == [(REVIEWER, "said", "Which?")]


# -- edited and deleted ------------------------------------------------------------------------------------------------


def test_an_edit_keeps_what_was_said_before_and_the_other_side_is_told(memory: Memory, number: str):
    one = message(number, PARTNER, "first")
    commenting.hear(memory, WHO["Ana"], one)
    at = memory.clock()
    for text in ("second", "second", "third"):
        commenting.edit_heard(memory, WHO["Ana"], Message(TEAM, one.channel, one.thread_ts, one.ts, text))
    [comment] = recorded(memory, number)
    assert comment.text == "third"
    assert [old["text"] for old in comment.versions] == ["first", "second"]
    assert comment.versions[0]["at"] == at.isoformat()
    assert told(memory) == [(REVIEWER, "said", "first"), (REVIEWER, "edited", "second"), (REVIEWER, "edited", "third")]


def test_a_deleted_comment_stays_recorded_and_the_other_side_is_told_once(memory: Memory, number: str):
    one = message(number, PARTNER, "too much")
    commenting.hear(memory, WHO["Ana"], one)
    for event in ("event:Ev1", "event:Ev1", "event:Ev2"):
        commenting.delete_heard(memory, TEAM, one.channel, one.ts, delivery=event)
    [comment] = recorded(memory, number)
    assert (comment.text, comment.deleted_at) == ("too much", memory.clock())
    assert [what for _, what, _ in told(memory)] == ["said", "deleted"]
    edited = Message(TEAM, one.channel, one.thread_ts, one.ts, "back again")
    assert commenting.edit_heard(memory, WHO["Ana"], edited) is None


def test_edits_and_deletions_on_the_reviewers_side_stay_internal(memory: Memory, number: str):
    one = message(number, REVIEWER, "I doubt it.")
    commenting.hear(memory, WHO["Rosa"], one)
    commenting.edit_heard(memory, WHO["Rosa"], Message(TEAM, one.channel, one.thread_ts, one.ts, "I do not."))
    commenting.delete_heard(memory, TEAM, one.channel, one.ts)
    [comment] = recorded(memory, number)
    assert ([old["text"] for old in comment.versions], comment.text) == (["I doubt it."], "I do not.")
    assert comment.deleted_at is not None
    assert told(memory) == []


def test_an_edit_that_comes_before_its_message_is_heard_and_the_message_then_changes_nothing(
    memory: Memory, number: str
):
    first = message(number, PARTNER, "first")
    commenting.edit_heard(memory, WHO["Ana"], Message(TEAM, first.channel, first.thread_ts, first.ts, "second"))
    commenting.hear(memory, WHO["Ana"], first)
    assert [one.text for one in recorded(memory, number)] == ["second"]


def test_whoever_left_the_partner_is_not_heard_when_they_edit(memory: Memory, number: str):
    one = message(number, PARTNER, "first")
    commenting.hear(memory, WHO["Ana"], one)
    edited = Message(TEAM, one.channel, one.thread_ts, one.ts, "second")
    assert isinstance(commenting.edit_heard(memory, WHO["Zed"], edited), Refusal)
    assert recorded(memory, number)[0].text == "first"


# -- said by naming the claim ------------------------------------------------------------------------------------------


def test_a_partner_who_names_the_claim_is_read_in_both_threads(memory: Memory, number: str):
    said = commenting.say(memory, WHO["Ana"], number, "Hello")
    assert (said.side, said.shared) == (Party.PARTNER, True)
    assert told(memory) == [(PARTNER, "said", "Hello"), (REVIEWER, "said", "Hello")]


def test_a_reviewer_who_names_the_claim_is_read_by_reviewers_only(memory: Memory, number: str):
    said = commenting.say(memory, WHO["Rosa"], number, "Hm.")
    assert (said.side, said.shared) == (Party.REVIEWER, False)
    assert told(memory) == [(REVIEWER, "said", "Hm.")]


def test_a_reply_to_the_partner_is_read_in_both_threads(memory: Memory, number: str):
    said = commenting.say(memory, WHO["Rosa"], number, "Which page?", to_partner=True)
    assert (said.side, said.shared) == (Party.REVIEWER, True)
    assert told(memory) == [(PARTNER, "said", "Which page?"), (REVIEWER, "said", "Which page?")]


@pytest.mark.parametrize(
    ("who", "to_partner", "condition"),
    [
        ("Zed", False, Condition.VISIBLE),
        ("Bo", False, Condition.VISIBLE),
        ("Mia", False, Condition.VISIBLE),
        ("Ana", True, Condition.PARTY),
        ("Nia", True, Condition.OWN_COMPANY),
    ],
)
def test_whoever_may_not_comment_there_is_refused(
    memory: Memory, number: str, who: str, to_partner: bool, condition: Condition
):
    with pytest.raises(Refused) as refused:
        commenting.say(memory, WHO[who], number, "Hello", to_partner=to_partner)
    assert refused.value.refusal.condition is condition
    assert recorded(memory, number) == []
    assert told(memory) == []


def test_a_reviewer_cannot_name_a_draft(memory: Memory):
    number = claim_with_cards(memory, Status.DRAFT)
    with pytest.raises(Refused):
        commenting.say(memory, WHO["Rosa"], number, "Hello")


@pytest.mark.parametrize("text", ["", " \n", "x" * 3001])
def test_nothing_or_too_much_is_an_error_of_the_field(memory: Memory, number: str, text: str):
    with pytest.raises(Invalid) as invalid:
        commenting.say(memory, WHO["Rosa"], number, text, to_partner=True)
    assert list(invalid.value.errors) == ["message"]


def test_the_same_command_three_times_is_one_comment_and_the_same_answer(memory: Memory, number: str):
    first, *again = (commenting.say(memory, WHO["Ana"], number, "Hello", delivery="command:1") for _ in range(3))
    assert not first.repeated
    assert [(one.number, one.comment, one.shared, one.repeated) for one in again] == [
        (number, first.comment, True, True)
    ] * 2
    assert len(recorded(memory, number)) == 1
