"""What partners do with their claims until a reviewer decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from models.answers import Blocked, Done, Invalid, Refused, Who
from models.facts import one_at_a_time
from models.memory import Memory
from models.operations import copies, proofs
from models.operations.acting import Act, act, finish, repeated
from models.operations.deciding import decide_on, keep_today, remember
from models.operations.proofs import SlackFile
from models.queries.people import actor_of, person_of
from models.tables import Claim, Location
from rules import permissions
from rules.contradictions import contradictions
from rules.decision import Decision
from rules.fields import BY_ID, FieldError, clean, editable, printable
from rules.lifecycle import Action, Status, rows
from rules.permissions import Actor, Condition


def create(memory: Memory, who: Who, values: Mapping[str, Any], *, delivery: str | None = None) -> Done:
    """A new draft. ``values``: what was typed, by field id; the fields of the form's first step must be there.

    Raises:
        Invalid: a value cannot be taken; field id -> what is wrong.
        Refused: this person may not file for this location.
    """
    now = memory.clock()
    with memory.database.transaction() as session:
        if (answer := repeated(session, delivery, now)) is not None:
            return answer
        person = person_of(session, who.team, who.user)
        actor = actor_of(person)
        mpn = printable(values.get("mpn") or "")
        place = session.get(Location, mpn)
        refusal = permissions.may_create(actor, place.partner_id if place else None, mpn)
        if refusal is not None and refusal.condition is not Condition.LOCATION:
            raise Refused(refusal)
        required = [field.id for field in editable(None) if field.required]
        cleaned = _cleaned(session, memory, actor, {**dict.fromkeys(required), **values})
        if person is None or place is None:
            raise LookupError("outsiders are refused, and an unknown location is an error of its field")
        claim = Claim(
            **cleaned,
            partner_id=place.partner_id,
            status=Status.DRAFT,
            status_since=now,
            created_by_id=person.id,
            created_at=now,
            updated_at=now,
        )
        session.add(claim)
        session.flush()
        [row] = rows(Action.CREATE)
        acting = Act(memory, session, now, person, actor, claim, row, None)
        acting.changes = {name: [None, _plain(value)] for name, value in cleaned.items() if value}
        return finish(acting, delivery)


def edit(
    memory: Memory,
    who: Who,
    number: str,
    values: Mapping[str, Any],
    *,
    files: Sequence[SlackFile] = (),
    take_back: Sequence[int] = (),
    view: str | None = None,
    version: int | None = None,
    delivery: str | None = None,
) -> Done:
    """Change some fields, hand in proofs, take proofs back.

    Args:
        values: what was typed, by field id; fields that are not named stay as they are.
        files: proofs to be fetched and checked; the form with Slack's id ``view`` is told how that went.
        take_back: ids of proofs that no longer belong to the claim.

    Raises:
        Invalid: a value cannot be taken, or the field may not be edited any more; field id -> what is wrong.
        Refused: not this person, or not now.
        Overtaken: somebody changed the claim since ``version``.
    """

    def change(acting: Act) -> None:
        claim = acting.claim
        allowed = {field.id for field in editable(claim.status)}
        if locked := set(values) - allowed:
            raise Invalid(dict.fromkeys(locked, f"This cannot be changed while the claim is {claim.status}."))
        cleaned = _cleaned(acting.session, memory, acting.actor, values, claim)
        for name, value in cleaned.items():
            before = getattr(claim, name)
            if before != value:
                acting.changes[name] = [_plain(before), _plain(value)]
                setattr(claim, name, value)
        if "mpn" in acting.changes:
            acting.session.flush()
            acting.session.refresh(claim, ["location"])  # by which its card may belong elsewhere
        proofs.take_back(acting, take_back)  # first: it makes room
        proofs.hand_in(acting, files, view)
        acting.nothing = not acting.changes

    return act(memory, who, Action.EDIT, number, change, version=version, delivery=delivery)


def add_proof(
    memory: Memory,
    who: Who,
    number: str,
    files: Sequence[SlackFile],
    *,
    view: str | None = None,
    delivery: str | None = None,
) -> Done:
    """Hand in proofs beside an edit: fresh proof protects an approved association and may carry a dispute.

    Raises:
        Invalid: no file, or too many for one claim (key ``proof_of_execution``).
        Refused: not this person, or not now.
    """

    def change(acting: Act) -> None:
        if not files:
            raise Invalid({proofs.FIELD: "Please choose a file."})
        proofs.hand_in(acting, files, view)
        acting.nothing = not acting.changes

    return act(memory, who, Action.ADD_PROOF, number, change, delivery=delivery)


def discard(memory: Memory, who: Who, number: str, *, delivery: str | None = None) -> Done:
    """The draft is gone; its number is not given again, and its history stays. Raises Refused."""
    return act(memory, who, Action.DISCARD, number, delivery=delivery)


def submit(memory: Memory, who: Who, number: str, *, version: int | None = None, delivery: str | None = None) -> Done:
    """Hand a draft to the reviewers. The decision of the rule set ``submission`` is stored with the claim.

    Raises:
        Blocked: the rule set says no, with every reason.
        Refused: not this person, or not now.
        Overtaken: somebody changed the claim since ``version``, so that another claim would be handed in than was seen.
    """
    return act(memory, who, Action.SUBMIT, number, _submission, version=version, delivery=delivery)


def resubmit(memory: Memory, who: Who, number: str, *, version: int | None = None, delivery: str | None = None) -> Done:
    """Hand the claim back after the reviewers asked for more; the same reviewer keeps it. Raises as ``submit``."""
    return act(memory, who, Action.RESUBMIT, number, _submission, version=version, delivery=delivery)


def preview(memory: Memory, session: Session, claim: Claim) -> Decision:
    """What the rule set ``submission`` would say of the claim now; nothing is stored."""
    return decide_on(memory, session, claim, "submission", memory.clock())


def _submission(acting: Act) -> None:
    claim = acting.claim
    one_at_a_time(acting.session, claim)
    if claim.submitted_at is None:
        claim.rules_version = keep_today(acting)
    decision = decide_on(acting.memory, acting.session, claim, "submission", acting.now)
    if decision.blocks:
        raise Blocked(decision)
    remember(acting, decision)
    if claim.submitted_at is None:
        claim.submitted_at = acting.now
        copies.queue_earlier(acting)
    claim.asked_reasons, claim.asked_message = [], None


def _cleaned(
    session: Session, memory: Memory, actor: Actor, values: Mapping[str, Any], claim: Claim | None = None
) -> dict[str, Any]:
    """The values in the shape in which a claim keeps them. Raises Invalid with every fault at once."""
    cleaned: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in values.items():
        try:
            cleaned[name] = clean(BY_ID[name], value)
        except FieldError as error:
            errors[name] = str(error)
    area = {"solution_area": claim.solution_area} if claim else {}
    rules = memory.rules_of(session, claim) if claim else memory.programme
    errors |= contradictions({**area, **cleaned}, rules.catalogue)
    if "mpn" in cleaned and (claim is None or cleaned["mpn"] != claim.mpn):
        place = session.get(Location, cleaned["mpn"])
        partner = place.partner_id if place else None
        if place is None or not place.active:
            errors["mpn"] = f"{cleaned['mpn']} is not one of your locations."
        elif (refusal := permissions.may_create(actor, partner, cleaned["mpn"])) is not None:
            errors["mpn"] = refusal.message  # before the next: nobody learns who else's location it is
        elif claim is not None and partner != claim.partner_id:
            errors["mpn"] = "A claim stays with its partner: please choose one of that partner's locations."
    if errors:
        raise Invalid(errors)
    return cleaned


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
