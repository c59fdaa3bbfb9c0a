"""What the programme's reviewers do."""

from __future__ import annotations

from collections.abc import Sequence

from models.answers import Done, Invalid, Who
from models.memory import Memory
from models.operations.acting import Act, act
from models.operations.outbox import enqueue
from models.queries.claims import subject_of
from models.queries.people import actor_of, person_of
from models.tables import Person
from rules import permissions
from rules.fields import printable
from rules.lifecycle import Action, Party
from rules.permissions import Refusal

# Slack's own limit of a text input; longer than that nobody reads.
MESSAGE_LENGTH = 3000


def start_review(memory: Memory, who: Who, number: str, *, delivery: str | None = None) -> Done:
    """A reviewer takes the claim on. Raises Refused."""

    def change(acting: Act) -> None:
        acting.claim.reviewer_id = acting.actor.person

    return act(memory, who, Action.START_REVIEW, number, change, delivery=delivery)


def request_information(
    memory: Memory,
    who: Who,
    number: str,
    reasons: Sequence[str],
    message: str,
    *,
    version: int | None = None,
    delivery: str | None = None,
) -> Done:
    """A reviewer needs more from the partner: one or more of the documents' five reasons, and a message.

    Raises:
        Invalid: no reason, an unknown one, or no message (keys ``reason``, ``message``).
        Refused: not this person, or not now.
        Overtaken: somebody changed the claim since ``version``; what is asked for may be there by now.
    """

    def change(acting: Act) -> None:
        claim = acting.claim
        known = {reason.id for reason in memory.programme.reasons.information}
        acting.reasons = claim.asked_reasons = _reasons(reasons, known)
        acting.message = claim.asked_message = _message(message)

    return act(memory, who, Action.REQUEST_INFORMATION, number, change, version=version, delivery=delivery)


def approve(memory: Memory, who: Who, number: str, *, version: int | None = None, delivery: str | None = None) -> Done:
    """The association is approved; the customer's opt-out window opens.

    Raises:
        Refused: not this person, or not now.
        Overtaken: somebody changed the claim since ``version``, so that another claim would be approved than was seen.
    """

    def change(acting: Act) -> None:
        acting.claim.approved_at = acting.now
        acting.claim.rejected_at = acting.claim.rejected_by_id = None
        acting.claim.rejection_reason = acting.claim.rejection_message = None

    return act(memory, who, Action.APPROVE, number, change, version=version, delivery=delivery)


def reject(
    memory: Memory,
    who: Who,
    number: str,
    reason: str,
    message: str,
    *,
    version: int | None = None,
    delivery: str | None = None,
) -> Done:
    """A reviewer rejects the claim; after a dispute that is final.

    Raises:
        Invalid: no reason, one that is not a reviewer's to give, or no message (keys ``reason``, ``message``).
        Refused: not this person, or not now.
        Overtaken: somebody changed the claim since ``version``, so that another claim would be rejected than was seen.
    """

    def change(acting: Act) -> None:
        known = {one.id for one in memory.programme.reasons.for_reviewers}
        [chosen] = acting.reasons = _reasons([reason] if reason else [], known)
        acting.message = _message(message)
        note_rejection(acting, chosen, acting.message)

    return act(memory, who, Action.REJECT, number, change, version=version, delivery=delivery)


def take_over(memory: Memory, who: Who, number: str, *, delivery: str | None = None) -> Done:
    """Another reviewer takes the claim on. Raises Refused."""

    def change(acting: Act) -> None:
        _hand_to(acting, acting.person)

    return act(memory, who, Action.TAKE_OVER, number, change, delivery=delivery)


def release(memory: Memory, who: Who, number: str, *, delivery: str | None = None) -> Done:
    """Nobody reviews the claim for now; its limit runs on. Raises Refused."""

    def change(acting: Act) -> None:
        _hand_to(acting, None)

    return act(memory, who, Action.RELEASE, number, change, delivery=delivery)


def reassign(memory: Memory, who: Who, number: str, to: Who, *, delivery: str | None = None) -> Done:
    """The claim is handed to another reviewer.

    Raises:
        Invalid: they cannot review this claim (key ``reviewer``).
        Refused: not this person, or not now.
    """

    def change(acting: Act) -> None:
        chosen = person_of(acting.session, to.team, to.user)
        taken_over = permissions.check(actor_of(chosen), Action.TAKE_OVER, subject_of(acting.claim))
        if chosen is None or isinstance(taken_over, Refusal):
            # The same conditions as if they took it over themselves, in words about them.
            raise Invalid({"reviewer": "This person cannot review this claim, or reviews it already."})
        _hand_to(acting, chosen)
        if chosen is not acting.person:
            _tell_of_duty(acting, chosen)

    return act(memory, who, Action.REASSIGN, number, change, delivery=delivery)


def _hand_to(acting: Act, reviewer: Person | None) -> None:
    before = acting.claim.reviewer
    acting.changes["reviewer"] = [before.name if before else None, reviewer.name if reviewer else None]
    acting.claim.reviewer_id = reviewer.id if reviewer else None


def _tell_of_duty(acting: Act, reviewer: Person) -> None:
    """Whoever is handed a claim reads of it in person: they did nothing themselves that would have told them."""
    enqueue(
        acting.session,
        kind="duty",
        team=reviewer.team,
        lane=f"{reviewer.team}/{reviewer.user}",
        payload={"user": reviewer.user, "by": acting.actor.person},
        unique_key=f"duty:{acting.claim.id}:{acting.claim.version}",
        now=acting.now,
        claim=acting.claim.id,
    )


def note_rejection(acting: Act, reason: str, message: str | None) -> None:
    """Keep on the claim why, when and by which reviewer it was rejected: a dispute must be decided by another."""
    claim = acting.claim
    claim.rejected_at, claim.rejection_reason, claim.rejection_message = acting.now, reason, message
    # Whoever asked for it themselves, or declined, bars no reviewer from the dispute.
    claim.rejected_by_id = acting.actor.person if acting.row.party is Party.REVIEWER else None
    claim.approved_at = None


def _reasons(chosen: Sequence[str], known: set[str]) -> list[str]:
    if not chosen:
        raise Invalid({"reason": "Please choose a reason."})
    if not known.issuperset(chosen):
        raise Invalid({"reason": "This reason is not one of the programme's."})
    return list(dict.fromkeys(chosen))


def _message(message: str) -> str:
    text = printable(message, lines=True)
    if not text:
        raise Invalid({"message": "Please write what the partner should know."})
    if len(text) > MESSAGE_LENGTH:
        raise Invalid({"message": f"Please shorten this to {MESSAGE_LENGTH:,} characters; it has {len(text):,}."})
    return text
