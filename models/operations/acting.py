"""What every action on a claim has in common: one transaction, from the right to act to what Slack must be told.

An operation names the action and says what changes; everything else happens here, in this order: the delivery is new,
the claim's row is locked, the person may do it (``rules.permissions``), the change is made, the status follows the
lifecycle table, the limit of the new status starts, a history row is written, cards and threads are queued, reminders
are planned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.answers import Done, Overtaken, Who
from models.facts import competing
from models.memory import Memory
from models.observing import observed
from models.operations.inbox import answer_with, answered
from models.operations.mails import queue_mails
from models.operations.outbox import enqueue
from models.operations.reminding import replan
from models.queries.claims import find, history_of, permitted
from models.queries.people import actor_of, person_of
from models.tables import Card, Claim, History, OldMessage, Person
from rules import deadlines
from rules.lifecycle import Action, Party, Status, Transition
from rules.permissions import Actor

SIDES = ("partner", "reviewer")


@dataclass
class Act:
    """An action under way, inside its transaction: what an operation needs to make its change."""

    memory: Memory
    session: Session
    now: datetime
    person: Person | None
    actor: Actor
    claim: Claim
    row: Transition
    came_from: Status | None
    reasons: list[str] = field(default_factory=list)
    message: str | None = None
    changes: dict[str, list[Any]] = field(default_factory=dict)
    nothing: bool = False  # set by an operation that found nothing to change
    rivals: list[Claim] = field(default_factory=list)  # competing claims before the change


def act(
    memory: Memory,
    who: Who | Actor,
    action: Action,
    number: str,
    change: Callable[[Act], None] = lambda acting: None,
    *,
    delivery: str | None = None,
    version: int | None = None,
) -> Done:
    """Let ``who`` take ``action`` on the claim ``number``, in one transaction.

    Args:
        who: a Slack user, or ``permissions.CLOCK`` / ``CUSTOMER``.
        change: makes the operation's own change; what it raises undoes everything.
        delivery: the key of Slack's delivery (reference/slack.md 2.3); the second one with it changes nothing.
        version: the version that the person saw, where a change made in between must not be overwritten.

    Raises:
        Refused: the person may not do it, or not now.
        Overtaken: the claim is not at ``version`` any more.
    """
    now = memory.clock()
    with memory.database.transaction() as session:
        if (answer := repeated(session, delivery, now)) is not None:
            return answer
        person = person_of(session, who.team, who.user) if isinstance(who, Who) else None
        actor = actor_of(person) if isinstance(who, Who) else who
        claim = find(session, actor, number, lock=True)
        row = permitted(actor, action, claim)
        compare(session, claim, version)
        acting = Act(memory, session, now, person, actor, claim, row, claim.status)
        if action is Action.EDIT:  # which products are claimed may change, and with them who competes
            acting.rivals = _rivals(session, memory, claim)
        change(acting)
        return finish(acting, delivery)


def compare(session: Session, claim: Claim, seen: int | None) -> None:
    """Whether the claim still is at the version that somebody saw, where that is known. Raises Overtaken."""
    if seen is not None and claim.version != seen:
        latest = history_of(session, claim)[-1].person
        raise Overtaken(claim.number, claim.version, latest.name if latest else None)


def finish(acting: Act, delivery: str | None) -> Done:
    """The second half of every action: status, limit, version, history, what Slack is told, the delivery's answer."""
    session, claim = acting.session, acting.claim
    if not acting.nothing:
        _move(acting)
        if acting.came_from is not None:
            claim.version += 1
        session.flush()  # compares the version
        entry = _record(acting)
        rivals = [*acting.rivals, *_rivals(session, acting.memory, claim)] if _matters_beside(entry) else []
        tell(session, acting.memory, claim, [entry], acting.now, rivals=rivals)
        queue_mails(session, acting.memory, claim, entry, acting.now)
        replan(session, acting.memory, claim, acting.now, moved=_new_limit(acting))
    done = Done(claim.number, claim.status, claim.version, changed=not acting.nothing)
    answer = {"number": done.number, "status": done.status, "version": done.version, "changed": done.changed}
    answer_with(session, delivery, answer)
    outcome = "nothing" if acting.nothing else "done"
    observed(session, lambda observer: observer.operated(acting.row.action, outcome))
    return done


def repeated(session: Session, delivery: str | None, now: datetime) -> Done | None:
    """What was done at this delivery before; None if it is new (and is noted now) or has no key."""
    answer = answered(session, delivery, now)
    if answer is None:
        return None
    if not answer:
        raise LookupError("the delivery had an effect that is no action on a claim")
    status = Status(answer["status"])
    return Done(answer["number"], status, answer["version"], changed=answer["changed"], repeated=True)


def tell(
    session: Session,
    memory: Memory,
    claim: Claim,
    entries: Sequence[History],
    now: datetime,
    *,
    rivals: Sequence[Claim] = (),
    on: Sequence[str] = SIDES,
) -> None:
    """Queue what Slack must be told: the cards anew, and in their threads the lines that tell the story.

    A card that stands where the claim no longer belongs is left, and comes anew with the whole story where it does.

    ``rivals``: competing claims, on whose review cards this one stands too. ``on``: whose threads are told.
    """
    told = [side for side in sides(claim) if side in on]
    moved = [side for side in told if _leave(session, memory, claim, side, now)]
    _redraw_all(session, memory, claim, rivals, now)
    for side in told:
        team, channel = whereabouts(session, memory, claim, side)
        for entry in filter(_worth_a_line, history_of(session, claim) if side in moved else entries):
            enqueue(
                session,
                kind="story",
                team=team,
                lane=f"{team}/{channel}",
                payload={"side": side, "channel": channel, "history": entry.id},
                unique_key=f"story:{entry.id}:{side}",
                now=now,
                claim=claim.id,
            )


def redraw_cards(session: Session, memory: Memory, claim: Claim, now: datetime) -> None:
    """Queue both cards of a claim anew, and the review cards of those that compete with it."""
    _redraw_all(session, memory, claim, _rivals(session, memory, claim), now)


def redraw(session: Session, memory: Memory, claim: Claim, side: str, now: datetime) -> None:
    """Queue a card to be drawn anew (or posted, the first time) as the database then says."""
    team, channel = whereabouts(session, memory, claim, side)
    enqueue(
        session,
        kind="card",
        team=team,
        lane=f"{team}/{channel}",
        payload={"side": side, "channel": channel},
        unique_key=f"card:{claim.id}:{side}",
        now=now,
        claim=claim.id,
    )


def sides(claim: Claim) -> tuple[str, ...]:
    """On which sides the claim has a card: the partner's always, the reviewers' once it was submitted."""
    return SIDES if claim.submitted_at is not None else SIDES[:1]


def whereabouts(session: Session, memory: Memory, claim: Claim, side: str) -> tuple[str, str]:
    """(team, channel) of the claim's card on one side: where it stands already, or where it is to be posted."""
    card = session.get(Card, (claim.id, side))
    return belongs(session, memory, claim, side) if card is None else (card.team, card.channel)


def belongs(session: Session, memory: Memory, claim: Claim, side: str) -> tuple[str, str]:
    """(team, channel) where one side of the claim belongs, as the directory now says."""
    if side == Party.REVIEWER:
        settings = memory.settings(session)
        return settings.team, settings.review_channel
    return claim.place


def _leave(session: Session, memory: Memory, claim: Claim, side: str, now: datetime) -> bool:
    """Leave the card of one side where the claim no longer belongs: who is in a channel sees its cards.

    The message keeps its place and shows nothing of the claim any more. What was said in its thread stays until the
    claim is erased. Whether there was such a card.
    """
    card = session.get(Card, (claim.id, side))
    if card is None or (card.team, card.channel) == belongs(session, memory, claim, side):
        return False
    enqueue(
        session,
        kind="card_left",
        team=card.team,
        lane=f"{card.team}/{card.channel}",
        payload={"channel": card.channel, "ts": card.ts},
        unique_key=f"card_left:{card.channel}:{card.ts}",
        now=now,
        claim=claim.id,
    )
    session.add(OldMessage(claim_id=claim.id, team=card.team, channel=card.channel, ts=card.ts, thread=True))
    session.delete(card)
    session.flush()
    return True


def _redraw_all(session: Session, memory: Memory, claim: Claim, rivals: Sequence[Claim], now: datetime) -> None:
    # Always in the same order, since each row is locked: two claims that compete redraw each other's cards.
    cards = {(claim.id, side): claim for side in sides(claim)} | {(one.id, "reviewer"): one for one in rivals}
    for (_, side), shown in sorted(cards.items(), key=lambda card: card[0]):
        redraw(session, memory, shown, side, now)


def _rivals(session: Session, memory: Memory, claim: Claim) -> list[Claim]:
    # A draft competes with nobody yet.
    return competing(session, memory, claim) if claim.submitted_at is not None else []


def _matters_beside(entry: History) -> bool:
    # What stands on the card of a competing claim: how this one stands, its proof, what it claims.
    return entry.from_status is not entry.to_status or entry.action in (Action.EDIT, Action.ADD_PROOF)


def _move(acting: Act) -> None:
    claim, target = acting.claim, acting.row.target
    claim.updated_at = acting.now
    if target is None:
        claim.discarded_at, claim.due_at = acting.now, None
        return
    if target is not acting.came_from:
        claim.status, claim.status_since = target, acting.now
    if _new_limit(acting):
        claim.due_at = deadlines.due(
            target,
            claim.status_since,
            limits=acting.memory.programme.limits,
            calendar=acting.memory.calendar(acting.session),
            disputes=claim.disputes,
            associated=claim.associated_at is not None,
        )


def _new_limit(acting: Act) -> bool:
    return acting.row.target is not acting.came_from or acting.row.party is Party.CLOCK


def _record(acting: Act) -> History:
    entry = History(
        claim_id=acting.claim.id,
        at=acting.now,
        action=acting.row.action,
        party=acting.row.party,
        person_id=acting.actor.person,
        from_status=acting.came_from,
        to_status=acting.row.target,
        version=acting.claim.version,
        reasons=acting.reasons,
        message=acting.message,
        changes=acting.changes,
    )
    acting.session.add(entry)
    acting.session.flush()
    return entry


def _worth_a_line(entry: History) -> bool:
    # While a draft is filled in step by step, a line for each step would only be noise.
    return entry.action is not Action.CREATE and not (entry.action is Action.EDIT and entry.from_status is Status.DRAFT)
