"""What is said about a claim: heard in its threads, or said by a command or a form, and who reads it.

What the partner's people write is shared; what reviewers write stays among them until one of them sends it on purpose.
Each operation is one transaction, authorised inside it, and has its effect once for each delivery of Slack's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.answers import Done, Invalid, Refused, Who
from models.documents import clean_name
from models.memory import Memory
from models.operations import copies, filing
from models.operations.copies import Told
from models.operations.inbox import answer_with, answered
from models.operations.proofs import SlackFile
from models.operations.reviewing import MESSAGE_LENGTH
from models.queries.claims import find, subject_of
from models.queries.comments import card_at, comment_at, copy_of
from models.queries.people import actor_of, person_of
from models.tables import Claim, Comment, Person
from rules import permissions
from rules.commenting import may_comment, side_of
from rules.fields import editable, printable
from rules.lifecycle import Action, Party
from rules.permissions import Actor, Condition, Refusal

TEXT = "message"  # the field of a form in which a comment is written
_NO_COMMENT = "Only what a reviewer wrote here can be sent, and this is none of the reviewers' comments."


@dataclass(frozen=True, slots=True)
class Message:
    """A message in Slack's threads: where it is, and what the person saw when they wrote it."""

    team: str
    channel: str
    thread_ts: str
    ts: str
    text: str
    files: Sequence[SlackFile] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A comment as it was recorded.

    ``waits``: the reviewers read it once the claim is submitted. ``offered``: files that may become proof if the person
    says so. ``repeated``: this very delivery had its effect before, and nothing happened now.
    """

    number: str
    comment: int
    side: Party
    shared: bool
    waits: bool
    offered: tuple[SlackFile, ...] = ()
    repeated: bool = False


def hear(memory: Memory, who: Who, message: Message, *, delivery: str | None = None) -> Said | Refusal | None:
    """Somebody wrote in a thread.

    Returns:
        What was recorded; why nothing was, to be told to the person alone; or None where there is nothing to record or
        to tell: it is no claim's thread, it was heard before, or there is nothing in it.
    """
    return _listen(memory, who, message, delivery)


def edit_heard(memory: Memory, who: Who, message: Message, *, delivery: str | None = None) -> Said | Refusal | None:
    """Somebody edited what they wrote in a thread: what it said before is kept. Returns as ``hear``.

    A message that was not recorded is heard now, as it reads: its own event may be lost, or be still on its way.
    """
    return _listen(memory, who, message, delivery, edited=True)


def delete_heard(memory: Memory, team: str, channel: str, ts: str, *, delivery: str | None = None) -> Said | None:
    """A message was deleted; what was said stays recorded. None where it was no comment, or was deleted before."""
    now = memory.clock()
    with memory.database.transaction() as session:
        comment = comment_at(session, team, channel, ts)
        if comment is None or answered(session, delivery, now) is not None:
            return None
        claim = _locked(session, comment.claim_id)
        session.refresh(comment)  # an edit may have come in between
        if comment.deleted_at is not None:
            return None
        comment.deleted_at = now
        _tell(session, memory, claim, comment, Told.DELETED, now)
        return _said(claim, comment)


def say(
    memory: Memory, who: Who, number: str, text: str, *, to_partner: bool = False, delivery: str | None = None
) -> Said:
    """Somebody comments by naming the claim: a partner for both sides, a reviewer for the reviewers.

    Args:
        to_partner: a reviewer answers the partner; both sides read it.

    Raises:
        Invalid: nothing was written, or too much (key ``message``).
        Refused: this person may not comment on the claim, or not on that side.
    """
    now = memory.clock()
    with memory.database.transaction() as session:
        if (before := answered(session, delivery, now)) is not None:
            return _said_before(before)
        person = person_of(session, who.team, who.user)
        actor = actor_of(person)
        claim = find(session, actor, number, lock=True)
        side = Party.REVIEWER if to_partner else side_of(actor, subject_of(claim))
        person = _allowed(person, actor, side, claim)
        comment = Comment(
            claim_id=claim.id,
            person_id=person.id,
            party=side,
            text=_text(text),
            shared=to_partner or side is Party.PARTNER,
            at=now,
        )
        return _add(session, memory, claim, comment, now, delivery)


def share(memory: Memory, who: Who, comment_id: int, text: str, *, delivery: str | None = None) -> Said:
    """A reviewer sends an internal comment to the partner, in the words of ``text``; a comment is sent once.

    Raises:
        Invalid: nothing was written, or too much (key ``message``).
        Refused: not this person, not this comment, or it was sent already.
    """
    now = memory.clock()
    with memory.database.transaction() as session:
        if (before := answered(session, delivery, now)) is not None:
            return _said_before(before)
        person = person_of(session, who.team, who.user)
        original = session.get(Comment, comment_id)
        claim = _locked(session, original.claim_id) if original is not None else None
        original, claim, person = _sendable(session, person, original, claim)
        comment = Comment(
            claim_id=claim.id,
            person_id=person.id,
            party=Party.REVIEWER,
            text=_text(text),
            shared=True,
            original_id=original.id,
            at=now,
        )
        return _add(session, memory, claim, comment, now, delivery)


def to_be_shared(session: Session, who: Who, team: str, channel: str, ts: str) -> Comment:
    """The internal comment in this message, for somebody who wants to send it to the partner; nothing is sent yet.

    Raises:
        Refused: not this person, not this message, or it was sent already.
    """
    comment = comment_at(session, team, channel, ts)
    claim = session.get(Claim, comment.claim_id) if comment is not None else None
    return _sendable(session, person_of(session, who.team, who.user), comment, claim)[0]


def take_as_proof(memory: Memory, who: Who, comment_id: int, file: str, *, delivery: str | None = None) -> Done:
    """The person says that a file of a comment is proof: it is handed in as if by the form. ``file``: Slack's id.

    Raises:
        Invalid: too many files for one claim (key ``proof_of_execution``).
        Refused: not this person, not now, or there is no such file.
    """
    with memory.database.transaction() as session:
        comment = session.get(Comment, comment_id)
        found = [one for one in _files_of(comment) if one.id == file]
        if comment is None or not found or comment.party is not Party.PARTNER:
            raise Refused(Refusal(Condition.VISIBLE, "This file is not there any more."))
        claim = session.get_one(Claim, comment.claim_id)
        number, in_edit = claim.number, bool(editable(claim.status))
    if in_edit:
        return filing.edit(memory, who, number, {}, files=found, delivery=delivery)
    return filing.add_proof(memory, who, number, found, delivery=delivery)


# -- heard in threads --------------------------------------------------------------------------------------------------


def _listen(
    memory: Memory, who: Who, message: Message, delivery: str | None, *, edited: bool = False
) -> Said | Refusal | None:
    now = memory.clock()
    with memory.database.transaction() as session:
        card = card_at(session, message.team, message.channel, message.thread_ts)
        if card is None or answered(session, delivery, now) is not None:
            return None
        # Locked, so that a first submission takes a comment along or finds it queued, and none falls between.
        claim = _locked(session, card.claim_id)
        comment = comment_at(session, message.team, message.channel, message.ts)
        text = printable(message.text, lines=True)
        if comment is not None and (not edited or comment.deleted_at is not None or comment.text == text):
            return None
        if not text and not message.files and comment is None:
            return None
        person = person_of(session, who.team, who.user)
        actor, side = actor_of(person), Party(card.side)
        if claim.discarded_at is not None:
            return Refusal(Condition.STATUS, f"{claim.number} was discarded.")
        refusal = may_comment(actor, side, subject_of(claim))
        if refusal is not None or person is None:
            return refusal
        if comment is not None:
            return _edited(session, memory, claim, comment, text, now)
        comment = Comment(
            claim_id=claim.id,
            person_id=person.id,
            party=side,
            text=text,
            shared=side is Party.PARTNER,
            at=now,
            files=[asdict(SlackFile(file.id, clean_name(file.name))) for file in message.files],
            team=message.team,
            channel=message.channel,
            ts=message.ts,
        )
        return _add(session, memory, claim, comment, now, None, offer_to=actor)


def _edited(session: Session, memory: Memory, claim: Claim, comment: Comment, text: str, now: datetime) -> Said:
    since = comment.edited_at or comment.at
    # A list of its own: SQLAlchemy sees no change within one.
    comment.versions = [*comment.versions, {"text": comment.text, "at": since.isoformat()}]
    comment.text, comment.edited_at = text, now
    _tell(session, memory, claim, comment, Told.EDITED, now)
    return _said(claim, comment)


# -- what all have in common -------------------------------------------------------------------------------------------


def _add(
    session: Session,
    memory: Memory,
    claim: Claim,
    comment: Comment,
    now: datetime,
    delivery: str | None,
    offer_to: Actor | None = None,
) -> Said:
    session.add(comment)
    _tell(session, memory, claim, comment, Told.SAID, now)
    said = _said(claim, comment, offer_to)
    kept = {"number": said.number, "comment": said.comment, "side": said.side, "shared": said.shared}
    answer_with(session, delivery, {**kept, "waits": said.waits})
    return said


def _tell(session: Session, memory: Memory, claim: Claim, comment: Comment, told: Told, now: datetime) -> None:
    session.flush()
    copies.queue(session, memory, claim, comment, told, now)


def _said(claim: Claim, comment: Comment, offer_to: Actor | None = None) -> Said:
    offered = _files_of(comment) if offer_to is not None and _may_prove(offer_to, comment, claim) else []
    waits = comment.shared and claim.submitted_at is None
    return Said(claim.number, comment.id, comment.party, comment.shared, waits, tuple(offered))


def _said_before(answer: dict[str, object]) -> Said:
    return Said(
        number=str(answer["number"]),
        comment=int(str(answer["comment"])),
        side=Party(str(answer["side"])),
        shared=bool(answer["shared"]),
        waits=bool(answer["waits"]),
        repeated=True,
    )


def _files_of(comment: Comment | None) -> list[SlackFile]:
    return [SlackFile(one["id"], one["name"]) for one in comment.files] if comment is not None else []


def _may_prove(actor: Actor, comment: Comment, claim: Claim) -> bool:
    if comment.party is not Party.PARTNER:
        return False
    ways = (permissions.check(actor, action, subject_of(claim)) for action in (Action.EDIT, Action.ADD_PROOF))
    return any(not isinstance(way, Refusal) for way in ways)


def _locked(session: Session, claim_id: int) -> Claim:
    query = select(Claim).where(Claim.id == claim_id).with_for_update(of=Claim, key_share=True)
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _allowed(person: Person | None, actor: Actor, side: Party, claim: Claim) -> Person:
    refusal = may_comment(actor, side, subject_of(claim))
    if refusal is not None:
        raise Refused(refusal, claim.status)
    if person is None:
        raise LookupError("outsiders are refused")
    return person


def _sendable(
    session: Session, person: Person | None, comment: Comment | None, claim: Claim | None
) -> tuple[Comment, Claim, Person]:
    """The comment, its claim and the person, once all conditions for sending it to the partner hold. Raises Refused."""
    if comment is None or claim is None or comment.party is not Party.REVIEWER or comment.shared:
        raise Refused(Refusal(Condition.STATUS, _NO_COMMENT))
    person = _allowed(person, actor_of(person), Party.REVIEWER, claim)
    if comment.deleted_at is not None:
        raise Refused(Refusal(Condition.STATUS, "This was deleted meanwhile, so it is not sent."))
    if (sent := copy_of(session, comment)) is not None:
        by = "You" if sent.person_id == person.id else sent.person.name
        raise Refused(Refusal(Condition.STATUS, f"{by} sent this to the partner already. It is sent once only."))
    return comment, claim, person


def _text(typed: str) -> str:
    text = printable(typed, lines=True)
    if not text:
        raise Invalid({TEXT: "Please write something."})
    if len(text) > MESSAGE_LENGTH:
        raise Invalid({TEXT: f"Please shorten this to {MESSAGE_LENGTH:,} characters; it has {len(text):,}."})
    return text
