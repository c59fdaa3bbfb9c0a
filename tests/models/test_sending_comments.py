"""Comments sent to the partner on purpose, and files of comments that become proof when the person says so."""

from __future__ import annotations

import pytest

from models.answers import Invalid, Refused
from models.memory import Memory
from models.operations import commenting
from models.operations.commenting import Message, Said
from models.operations.proofs import SlackFile
from models.tables import Claim, claim_id
from rules.lifecycle import Status
from tests.cast import TEAM, WHO, a_file, accept, hand_in
from tests.models.comments import PARTNER, REVIEWER, claim_with_cards, message, recorded, told, write


@pytest.fixture
def number(memory: Memory) -> str:
    return claim_with_cards(memory, Status.UNDER_REVIEW)


# -- sent on purpose ---------------------------------------------------------------------------------------------------


def an_internal(memory: Memory, number: str, who: str = "Remy", text: str = "Page 2 is missing.") -> int:
    said = write(memory, who, number, text)
    assert isinstance(said, Said)
    return said.comment


def test_an_internal_comment_is_sent_on_purpose_once_and_both_sides_are_told(memory: Memory, number: str):
    note = an_internal(memory, number)
    sent = commenting.share(memory, WHO["Rosa"], note, "Please add page 2.")
    assert told(memory) == [(PARTNER, "said", "Please add page 2."), (REVIEWER, "said", "Please add page 2.")]
    internal, shared = recorded(memory, number)
    assert (internal.shared, internal.text) == (False, "Page 2 is missing.")
    assert (shared.id, shared.shared, shared.original_id) == (sent.comment, True, note)

    for who, name in (("Remy", "Rosa Review"), ("Rosa", "You")):
        with pytest.raises(Refused) as refused:
            commenting.share(memory, WHO[who], note, "Again")
        assert refused.value.refusal.message == f"{name} sent this to the partner already. It is sent once only."
    assert len(told(memory)) == 2


def test_the_same_form_handed_in_twice_is_sent_once_and_answered_alike(memory: Memory, number: str):
    note = an_internal(memory, number)
    first, second = (commenting.share(memory, WHO["Rosa"], note, "Hello", delivery="key") for _ in range(2))
    assert (first.comment, second.repeated) == (second.comment, True)


@pytest.mark.parametrize("who", ["Ana", "Zed", "Bo", "Nia"])
def test_only_reviewers_who_may_act_on_the_claim_send(memory: Memory, number: str, who: str):
    note = an_internal(memory, number)
    with pytest.raises(Refused):
        commenting.share(memory, WHO[who], note, "Hello")
    assert told(memory) == []


def test_neither_a_partners_comment_nor_what_was_shared_nor_what_was_deleted_is_sent(memory: Memory, number: str):
    one = message(number, REVIEWER, "deleted")
    gone = commenting.hear(memory, WHO["Rosa"], one)
    commenting.delete_heard(memory, TEAM, one.channel, one.ts)
    others = [
        write(memory, "Ana", number),
        commenting.say(memory, WHO["Rosa"], number, "Hello", to_partner=True),
        gone,
    ]
    before = told(memory)
    for said in others:
        with pytest.raises(Refused):
            commenting.share(memory, WHO["Rosa"], said.comment, "Hello")
    with pytest.raises(Refused):
        commenting.share(memory, WHO["Rosa"], 10**9, "Hello")
    assert told(memory) == before


def test_what_is_edited_or_deleted_after_it_was_sent_stays_as_it_was_sent(memory: Memory, number: str):
    one = message(number, REVIEWER, "Page 2 is missing.")
    note = commenting.hear(memory, WHO["Remy"], one)
    assert isinstance(note, Said)
    commenting.share(memory, WHO["Rosa"], note.comment, "Page 2 is missing.")
    before = told(memory)
    commenting.edit_heard(memory, WHO["Remy"], Message(TEAM, one.channel, one.thread_ts, one.ts, "They are hopeless."))
    commenting.delete_heard(memory, TEAM, one.channel, one.ts)
    assert told(memory) == before


# -- files -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "status", "offered"),
    [
        ("Ana", Status.DRAFT, True),
        ("Bill", Status.DRAFT, False),
        ("Ana", Status.ACTION_REQUIRED, True),
        ("Ana", Status.SUBMITTED, True),
        ("Bill", Status.REJECTED, True),
        ("Ana", Status.APPROVED, True),
        ("Ana", Status.REJECTED_FINAL, False),
    ],
)
def test_a_file_is_offered_as_proof_where_the_status_and_the_role_allow_it(
    memory: Memory, who: str, status: Status, offered: bool
):
    number = claim_with_cards(memory, status)
    file = SlackFile("F1", "sow.pdf")
    said = commenting.hear(memory, WHO[who], message(number, PARTNER, "", file))
    assert isinstance(said, Said)
    assert said.offered == ((file,) if offered else ())
    assert proof_files(memory, number) == ["proof.pdf"], "nothing becomes proof by itself"
    if offered:
        commenting.take_as_proof(memory, WHO[who], said.comment, "F1")
        assert proof_files(memory, number) == ["proof.pdf", "sow.pdf"]


def proof_files(memory: Memory, number: str) -> list[str]:
    with memory.database.transaction() as session:
        return [one.file_name for one in session.get_one(Claim, claim_id(number)).proofs]


def test_a_reviewers_file_is_never_offered_and_cannot_be_taken(memory: Memory, number: str):
    said = commenting.hear(memory, WHO["Rosa"], message(number, REVIEWER, "", SlackFile("F1", "notes.pdf")))
    assert isinstance(said, Said)
    assert said.offered == ()
    for who, file in (("Ana", "F1"), ("Rosa", "F1"), ("Ana", "F2")):
        with pytest.raises(Refused):
            commenting.take_as_proof(memory, WHO[who], said.comment, file)
    assert proof_files(memory, number) == ["proof.pdf"]


def test_a_file_is_taken_once_and_by_whoever_may(memory: Memory, number: str):
    said = commenting.hear(memory, WHO["Ana"], message(number, PARTNER, "", SlackFile("F1", "sow.pdf")))
    assert isinstance(said, Said)
    for who in ("Zed", "Bo", "Rosa", "Mia"):
        with pytest.raises(Refused):
            commenting.take_as_proof(memory, WHO[who], said.comment, "F1")
    assert commenting.take_as_proof(memory, WHO["Ana"], said.comment, "F1").changed
    assert not commenting.take_as_proof(memory, WHO["Ivo"], said.comment, "F1").changed


def test_more_files_than_a_claim_takes_are_refused_with_words(memory: Memory):
    number = claim_with_cards(memory, Status.DRAFT)
    for proof in hand_in(memory, number, *(a_file(f"{one}.pdf") for one in range(9))):
        accept(memory, proof)
    said = commenting.hear(memory, WHO["Ana"], message(number, PARTNER, "", SlackFile("F1", "sow.pdf")))
    assert isinstance(said, Said)
    with pytest.raises(Invalid):
        commenting.take_as_proof(memory, WHO["Ana"], said.comment, "F1")
