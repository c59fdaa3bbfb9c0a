"""Proofs of execution: handed in, checked once, kept, refused or taken back."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from models.answers import Blocked, Invalid
from models.memory import Memory
from models.operations import filing, proofs
from models.queries.claims import history_of
from models.tables import Claim, Document, Outgoing, Proof, claim_id
from rules.lifecycle import Status
from tests.cast import WHO, a_file, accept, claim_as_it_stands, claim_in, hand_in

ANA, IVO = WHO["Ana"], WHO["Ivo"]


@pytest.fixture
def number(memory: Memory) -> str:
    """A draft that lacks nothing but proof."""
    return claim_in(memory, Status.DRAFT, proven=False)


def state_of(memory: Memory, number: str) -> tuple[list[str], list[str]]:
    """The names of the accepted proofs, and of those still being checked."""
    with memory.database.transaction() as session:
        claim = session.get_one(Claim, claim_id(number))
        return [one.file_name for one in claim.accepted_proofs], [one.file_name for one in claim.pending_proofs]


def waiting(memory: Memory, kind: str) -> list[dict[str, Any]]:
    """The payloads of one kind that wait in the outbox."""
    with memory.database.transaction() as session:
        rows = select(Outgoing.payload).where(Outgoing.kind == kind, Outgoing.state == "pending").order_by(Outgoing.id)
        return list(session.scalars(rows))


def everything_is_sent(memory: Memory) -> None:
    with memory.database.transaction() as session:
        session.execute(update(Outgoing).values(state="sent"))


def changes(memory: Memory, number: str) -> dict[str, Any]:
    """What the last history row says was changed."""
    with memory.database.transaction() as session:
        return history_of(session, session.get_one(Claim, claim_id(number)))[-1].changes


def test_a_file_is_noted_at_once_and_its_fetching_queued(memory: Memory, number: str):
    filing.edit(memory, IVO, number, {}, files=[a_file("signed.pdf")], view="V0FORM")
    with memory.database.transaction() as session:
        [proof] = session.get_one(Claim, claim_id(number)).proofs
        assert (proof.state, proof.added_by.user) == ("checking", "U0IVO")
    assert waiting(memory, "fetch_proof") == [{"proof": proof.id, "view": "V0FORM"}]
    assert state_of(memory, number) == ([], ["signed.pdf"])
    assert changes(memory, number) == {"proof_of_execution": [None, ["signed.pdf"]]}


def test_a_hostile_file_name_is_cleaned(memory: Memory, number: str):
    hand_in(memory, number, a_file("../../etc/pass\u202ewd\x00.pdf"))
    [name] = state_of(memory, number)[1]
    assert not set(name) & set("/\\\x00\u202e")
    assert changes(memory, number) == {"proof_of_execution": [None, [name]]}


def test_a_file_that_passed_its_check_counts_and_who_handed_it_in_is_told(memory: Memory, number: str):
    [proof] = hand_in(memory, number, a_file("signed.pdf"))
    with pytest.raises(Blocked) as blocked:
        filing.submit(memory, ANA, number)
    assert [verdict.rule for verdict in blocked.value.decision.blocks] == ["proof-pending"]
    version = claim_as_it_stands(memory, number).version
    everything_is_sent(memory)

    proofs.accept(memory, proof, sha256="a" * 64, size=7, media_type="application/pdf", view="V0FORM")

    assert state_of(memory, number) == (["signed.pdf"], [])
    assert waiting(memory, "proof_checked") == [{"proof": proof, "view": "V0FORM", "user": "U0ANA"}]
    assert [payload["side"] for payload in waiting(memory, "card")] == ["partner"]
    assert claim_as_it_stands(memory, number).version == version  # nobody's form is overtaken by a check
    assert filing.submit(memory, ANA, number).status is Status.SUBMITTED


def test_a_file_that_cannot_be_taken_does_not_count_and_the_problem_is_kept(memory: Memory, number: str):
    [proof] = hand_in(memory, number, a_file())
    proofs.refuse(memory, proof, "This is no PDF.", view=None)
    assert state_of(memory, number) == ([], [])
    with memory.database.transaction() as session:
        assert session.get_one(Proof, proof).problem == "This is no PDF."
    with pytest.raises(Blocked) as blocked:
        filing.submit(memory, ANA, number)
    assert [verdict.rule for verdict in blocked.value.decision.blocks] == ["proof"]


@pytest.mark.parametrize("second", ["accept", "refuse"])
def test_a_file_is_checked_once_whatever_a_second_check_says(memory: Memory, number: str, second: str):
    [proof] = hand_in(memory, number, a_file("signed.pdf"))
    accept(memory, proof)
    everything_is_sent(memory)
    if second == "accept":
        proofs.accept(memory, proof, sha256="b" * 64, size=7, media_type="image/png", view=None)
    else:
        proofs.refuse(memory, proof, "Too late.", view=None)
    assert state_of(memory, number) == (["signed.pdf"], [])
    assert waiting(memory, "proof_checked") == waiting(memory, "card") == []
    with memory.database.transaction() as session:
        assert session.get(Document, "b" * 64) is None
        assert session.get_one(Proof, proof).problem is None


def test_the_same_content_handed_in_twice_is_kept_once(memory: Memory, number: str):
    for proof in hand_in(memory, number, a_file("one.pdf"), a_file("two.pdf")):
        proofs.accept(memory, proof, sha256="c" * 64, size=7, media_type="application/pdf", view=None)
    assert state_of(memory, number) == (["one.pdf", "two.pdf"], [])
    with memory.database.transaction() as session:
        assert session.scalars(select(Document.sha256)).all() == ["c" * 64]


def test_the_same_file_handed_in_again_changes_nothing(memory: Memory, number: str):
    file = a_file()
    hand_in(memory, number, file, file)
    done = filing.edit(memory, ANA, number, {}, files=[file])
    assert not done.changed
    assert len(waiting(memory, "fetch_proof")) == 1


def test_a_claim_takes_ten_files_and_not_one_more(memory: Memory, number: str):
    ten = [a_file(f"{n}.pdf") for n in range(10)]
    hand_in(memory, number, *ten)
    with pytest.raises(Invalid) as invalid:
        hand_in(memory, number, a_file("eleventh.pdf"))
    assert invalid.value.errors == {"proof_of_execution": "A claim takes up to 10 files; with these it would have 11."}
    assert len(state_of(memory, number)[1]) == 10


def test_taking_one_back_makes_room_for_another_in_the_same_form(memory: Memory, number: str):
    ids = hand_in(memory, number, *(a_file(f"{n}.pdf") for n in range(10)))
    filing.edit(memory, ANA, number, {}, files=[a_file("better.pdf")], take_back=ids[:1])
    assert state_of(memory, number)[1] == [*(f"{n}.pdf" for n in range(1, 10)), "better.pdf"]
    assert changes(memory, number) == {"proof_of_execution": [["0.pdf"], ["better.pdf"]]}


def test_what_was_refused_takes_no_room(memory: Memory, number: str):
    for proof in hand_in(memory, number, *(a_file() for _ in range(10))):
        proofs.refuse(memory, proof, "This is no PDF.", view=None)
    hand_in(memory, number, a_file("good.pdf"))
    assert state_of(memory, number) == ([], ["good.pdf"])


def test_a_proof_taken_back_does_not_count_and_its_history_stays(memory: Memory, number: str):
    [proof] = hand_in(memory, number, a_file("wrong.pdf"))
    accept(memory, proof)
    filing.edit(memory, ANA, number, {}, take_back=[proof])
    assert state_of(memory, number) == ([], [])
    assert changes(memory, number) == {"proof_of_execution": [["wrong.pdf"], None]}
    assert not filing.edit(memory, ANA, number, {}, take_back=[proof]).changed


def test_a_proof_taken_back_while_it_is_checked_holds_nobody_up(memory: Memory, number: str):
    kept, wrong = hand_in(memory, number, a_file("signed.pdf"), a_file("wrong.pdf"))
    accept(memory, kept)
    filing.edit(memory, ANA, number, {}, take_back=[wrong])
    everything_is_sent(memory)
    with memory.database.transaction() as session:
        assert proofs.waiting(session, wrong) is None
    assert filing.submit(memory, ANA, number).status is Status.SUBMITTED
    accept(memory, wrong)
    assert state_of(memory, number) == (["signed.pdf"], [])
    assert waiting(memory, "proof_checked") == []


@pytest.mark.parametrize("first", ["refused", "taken back"])
def test_a_file_that_was_refused_or_taken_back_may_be_handed_in_again(memory: Memory, number: str, first: str):
    file = a_file("signed.pdf")
    [proof] = hand_in(memory, number, file)
    if first == "refused":
        proofs.refuse(memory, proof, "Slack had not scanned it yet.", view=None)
    else:
        filing.edit(memory, ANA, number, {}, take_back=[proof])
    everything_is_sent(memory)
    assert hand_in(memory, number, file) == [proof]
    assert waiting(memory, "fetch_proof") == [{"proof": proof, "view": None}]
    accept(memory, proof)
    assert state_of(memory, number) == (["signed.pdf"], [])


def test_nobody_takes_back_a_proof_of_another_claim(memory: Memory, number: str):
    other = claim_in(memory, Status.DRAFT)
    with memory.database.transaction() as session:
        [proof] = session.get_one(Claim, claim_id(other)).proofs
    assert not filing.edit(memory, ANA, number, {}, take_back=[proof.id]).changed
    assert len(state_of(memory, other)[0]) == 1


def test_once_submitted_both_cards_learn_of_a_checked_file(memory: Memory):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    proof = hand_in(memory, number, a_file("signed.pdf"))[-1]
    everything_is_sent(memory)
    accept(memory, proof)
    assert [payload["side"] for payload in waiting(memory, "card")] == ["partner", "reviewer"]
