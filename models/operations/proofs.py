"""Proofs of execution: handed in at once, fetched and checked a moment later, kept or refused with a reason.

A file comes from Slack, which may be slow and whose scan may not be over, while a form must be answered within three
seconds (reference/slack.md 1.1, 1.5). So handing in only notes the file and queues its fetching.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.answers import Invalid
from models.documents import clean_name
from models.memory import Memory
from models.operations.acting import Act, redraw_cards
from models.operations.outbox import enqueue
from models.tables import Document, Proof

FIELD = "proof_of_execution"


@dataclass(frozen=True, slots=True)
class SlackFile:
    """A file that a person handed in: Slack's id, and its name as they named it (hostile until cleaned)."""

    id: str
    name: str


def hand_in(acting: Act, files: Sequence[SlackFile], view: str | None) -> None:
    """Within an edit: note the files and queue their fetching. ``view``: Slack's id of the form to be told.

    Raises:
        Invalid: too many files for one claim.
    """
    session, claim = acting.session, acting.claim
    known = {proof.slack_file: proof for proof in claim.proofs}
    kept = {proof.slack_file for proof in (*claim.accepted_proofs, *claim.pending_proofs)}
    fresh = {file.id: file for file in files if file.id not in kept}.values()
    limit = acting.memory.programme.limits.documents.max_files_per_claim
    count = len(claim.accepted_proofs) + len(claim.pending_proofs) + len(fresh)
    if count > limit:
        raise Invalid({FIELD: f"A claim takes up to {limit} files; with these it would have {count}."})
    if acting.person is None:
        raise LookupError("only a person can hand in a file")
    for file in fresh:
        # One that was refused or taken back before gets another chance.
        proof = known.get(file.id)
        if proof is None:
            proof = Proof(claim_id=claim.id, slack_file=file.id)
            claim.proofs.append(proof)
        proof.state, proof.problem, proof.sha256, proof.removed_at = "checking", None, None, None
        proof.file_name, proof.added_by_id, proof.added_at = clean_name(file.name), acting.person.id, acting.now
        session.flush()
        enqueue(
            session,
            kind="fetch_proof",
            team=acting.person.team,
            lane=f"{acting.person.team}/proofs/{claim.id}",
            payload={"proof": proof.id, "view": view},
            unique_key=f"fetch_proof:{proof.id}",
            now=acting.now,
            claim=claim.id,
        )
    if fresh:
        before = acting.changes.get(FIELD, [None])[0]
        acting.changes[FIELD] = [before, [clean_name(file.name) for file in fresh]]


def take_back(acting: Act, proofs: Sequence[int]) -> None:
    """Within an edit: these files no longer belong to the claim (the history still names them)."""
    names = []
    for proof in acting.claim.proofs:
        if proof.id in proofs and proof.removed_at is None:
            proof.removed_at = acting.now
            names.append(proof.file_name)
    if names:
        acting.changes[FIELD] = [names, None]


def waiting(session: Session, proof_id: int) -> Proof | None:
    """The proof, if it still waits for its check; None if it was dealt with or taken back."""
    return session.scalar(_unchecked(proof_id))


def expect(memory: Memory, *, sha256: str, size: int, media_type: str) -> None:
    """A content is about to be stored. From now on it is listed: should no proof come of it, a sweep takes it out."""
    with memory.database.transaction() as session:
        _list(session, memory.clock(), sha256=sha256, size=size, media_type=media_type)


def accept(memory: Memory, proof_id: int, *, sha256: str, size: int, media_type: str, view: str | None) -> bool:
    """The file passed its check, and its content is stored under ``sha256`` (size in bytes).

    False: nobody waits for it any more.
    """
    with memory.database.transaction() as session:
        proof = session.scalar(_unchecked(proof_id).with_for_update(of=Proof))
        if proof is None:
            return False
        _list(session, memory.clock(), sha256=sha256, size=size, media_type=media_type)
        proof.state, proof.sha256 = "accepted", sha256
        _tell(session, memory, proof, view)
    return True


def refuse(memory: Memory, proof_id: int, problem: str, *, view: str | None) -> None:
    """The file cannot be taken; ``problem`` is a sentence for the person who handed it in."""
    with memory.database.transaction() as session:
        proof = session.scalar(_unchecked(proof_id).with_for_update(of=Proof))
        if proof is not None:
            proof.state, proof.problem = "refused", problem
            _tell(session, memory, proof, view)


def _list(session: Session, now: datetime, **document: object) -> None:
    session.execute(insert(Document).values(**document, stored_at=now).on_conflict_do_nothing())


def _unchecked(proof_id: int) -> Select[Proof]:
    return select(Proof).where(Proof.id == proof_id, Proof.state == "checking", Proof.removed_at.is_(None))


def _tell(session: Session, memory: Memory, proof: Proof, view: str | None) -> None:
    now, claim, person = memory.clock(), proof.claim, proof.added_by
    session.flush()
    redraw_cards(session, memory, claim, now)
    enqueue(
        session,
        kind="proof_checked",
        team=person.team,
        lane=f"{person.team}/{person.user}",
        payload={"proof": proof.id, "view": view, "user": person.user},
        unique_key=f"proof_checked:{proof.id}",
        now=now,
        claim=claim.id,
    )
