"""Erasing who somebody was: a person, or a partner with its people. What they did stays, done by nobody any more."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.orm import Session

from models.memory import Memory
from models.operations.acting import redraw
from models.operations.erasing import ERASED, Cause
from models.operations.journal import note
from models.operations.unsharing import remove
from models.queries.erasable import people_only_of, taking_part
from models.tables import (
    Card,
    Claim,
    Export,
    Home,
    Inbound,
    Lane,
    Location,
    Membership,
    Outgoing,
    Partner,
    Person,
    Preference,
    Reviewer,
)

NOBODY = "erased person"


def why_still_needed(person: Person) -> str | None:
    """Why somebody cannot be erased yet, as a sentence; None where they can."""
    if person.active:
        return f"{person.name} is in the directory. Take them out there and import it first."
    return None


def erase_person(memory: Memory, identity: int, cause: Cause) -> bool:
    """Erase who a person was, in one transaction. False: they are erased already, or act for somebody again."""
    now = memory.clock()
    with memory.database.transaction() as session:
        person = _locked(session, identity)
        if person is None or person.active or person.user == _user(identity):
            return False
        _erase(session, memory, person, note(session, "erasure", {"person": identity, "cause": str(cause)}, now), now)
    return True


def erase_partner(memory: Memory, identity: int, cause: Cause) -> bool:
    """Erase a partner's name, its locations' names, and its people who are nowhere else. False: nothing to do.

    Its claims are erased before, one by one. The MPNs stay: claims and lines of earnings go by them.
    """
    now = memory.clock()
    with memory.database.transaction() as session:
        partner = session.scalars(select(Partner).where(Partner.id == identity).with_for_update()).one_or_none()
        name = f"erased partner {identity}"
        if partner is None or partner.active or partner.name == name:
            return False
        entry = note(session, "erasure", {"partner": identity, "cause": str(cause)}, now)
        for one in people_only_of(session, partner):
            person = _locked(session, one.id)
            if person is not None and not person.active:
                _erase(session, memory, person, entry, now)
        session.execute(delete(Membership).where(Membership.partner_id == identity))
        session.execute(update(Location).where(Location.partner_id == identity).values(name=ERASED))
        partner.name = name
        session.flush()
        _redraw(session, memory, list(session.scalars(select(Claim.id).where(Claim.partner_id == identity))), now)
    return True


def _erase(session: Session, memory: Memory, person: Person, entry: int, now: datetime) -> None:
    claims = list(session.scalars(taking_part(person)))
    them = {"them": _pattern(person)}
    session.execute(text("SET LOCAL statement_timeout = 0"))  # it looks through everything that was ever written
    for statement in _IN_TEXT:
        session.execute(text(statement), them)
    session.execute(text(_IN_HISTORY), them | {"entry": entry})
    for table in (Home, Preference, Membership, Reviewer):
        session.execute(delete(table).where(table.person_id == person.id))
    session.execute(delete(Inbound).where(Inbound.answer["user"].astext == person.user))
    session.execute(delete(Lane).where(Lane.lane == f"{person.team}/{person.user}"))
    to_them = or_(Outgoing.payload["user"].astext == person.user, Outgoing.lane == f"{person.team}/{person.user}")
    session.execute(delete(Outgoing).where(to_them, Outgoing.state != "sending"))
    _erase_exports(session, person, now)
    person.name, person.email, person.user = NOBODY, None, _user(person.id)
    session.flush()
    _redraw(session, memory, claims, now)


def _erase_exports(session: Session, person: Person, now: datetime) -> None:
    """What they asked for goes, and the files that they got of it, wherever Slack still has them."""
    for export in session.scalars(select(Export).where(Export.team == person.team, Export.user == person.user)):
        if export.slack_file is not None and export.removed_at is None:
            remove(session, export, now, lane=f"{person.team}/exports")
        session.delete(export)


def _redraw(session: Session, memory: Memory, claims: list[int], now: datetime) -> None:
    """Have the cards drawn anew that there are, always in the same order: each row of the outbox is locked."""
    for card in session.scalars(select(Card).where(Card.claim_id.in_(claims)).order_by(Card.claim_id, Card.side)):
        redraw(session, memory, session.get_one(Claim, card.claim_id), card.side, now)


def _locked(session: Session, identity: int) -> Person | None:
    return session.scalars(select(Person).where(Person.id == identity).with_for_update()).one_or_none()


def _user(identity: int) -> str:
    """What stands for a Slack id: no other has it, and Slack has none like it."""
    return f"erased-{identity}"


def _pattern(person: Person) -> str:
    """What finds them in what others wrote: PostgreSQL's own form of a regular expression, whole words only."""
    known = (person.name, person.email, person.user)
    return rf"\m({'|'.join(re.escape(one) for one in known if one)})(?!\w)"


# Where their name, address or id may stand in what others wrote: only that goes, not the rest.
_TEXTS = {
    "claims": (
        *("claim_name", "customer_contact_name", "customer_contact_title", "customer_contact_email"),
        *("partner_contact_name", "partner_contact_email", "solution_seller", "comments", "asked_message"),
        *("rejection_message", "business_justification", "customer_mail_problem", "partner_mail_problem"),
    ),
    "comments": ("text",),
    "proofs": ("file_name",),
    "exports": ("words",),
    "rule_publications": ("author",),
}
_JSON = {"comments": ("versions", "files"), "decisions": ("body",), "homes": ("choice",), "inbox": ("answer",)}


def _replacing(table: str, columns: tuple[str, ...], kind: str) -> str:
    new = (f"{one} = CAST(regexp_replace(CAST({one} AS text), :them, 'erased', 'gi') AS {kind})" for one in columns)
    named = (f"CAST({one} AS text) ~* :them" for one in columns)
    return f"UPDATE {table} SET {', '.join(new)} WHERE {' OR '.join(named)}"  # noqa: S608 - the names are ours


_IN_TEXT = (
    *(_replacing(table, columns, "text") for table, columns in _TEXTS.items()),
    *(_replacing(table, columns, "jsonb") for table, columns in _JSON.items()),
)
# Of the history each part that names them goes as a whole, and its digest stays (docs/audit.md).
_IN_HISTORY = """
UPDATE history h SET
    message = CASE WHEN 'message' = ANY (hit.parts) THEN NULL ELSE h.message END,
    changes = h.changes - ARRAY(SELECT substr(one, 9) FROM unnest(hit.parts) one WHERE starts_with(one, 'changes.')),
    salts = h.salts - hit.parts,
    erased = h.erased || hit.digests,
    erasure_id = :entry
FROM (
    SELECT x.id, array_agg(p.part) AS parts,
        jsonb_object_agg(p.part, history_digests(x.message, x.changes, x.salts, '{}') -> p.part) AS digests
    FROM history x, LATERAL history_parts(x.message, x.changes) p WHERE p.value ~* :them GROUP BY x.id
) hit
WHERE hit.id = h.id
"""
