"""What was erased stands nowhere any more, and the record still proves that nothing was altered."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.answers import Refused
from models.database import Database
from models.documents import DocumentStore
from models.memory import Memory
from models.operations import commenting, filing, proofs, reviewing, settling
from models.operations.erasing import Cause, StillOpen, erase_claim
from models.operations.erasing_again import erase_again
from models.operations.erasing_documents import sweep
from models.operations.erasing_people import erase_partner, erase_person
from models.operations.retaining import run_retention
from models.operations.sealing import seal
from models.queries.erasable import claims_of_customer, counts, erasures
from models.tables import Partner, Person, claim_id
from models.verifying import Break, verify
from rules.lifecycle import Status
from rules.limits import Limit
from tests.cast import WHO, Clock, a_file, claim_as_it_stands, claim_in, hand_in

# Each is found nowhere else in the database.
SECRETS: dict[str, Any] = {
    "claim_name": "Zyxwold: Teams 2026",
    "customer_name": "Zyxwold Traders",
    "customer_domain": "zyxwold.example",
    "customer_tenant_id": "7e57ed00-aaaa-bbbb-cccc-123456789abc",
    "customer_contact_name": "Carolus Zyxwold",
    "customer_contact_title": "Headmaster of Zyxwold",
    "customer_contact_email": "carolus@zyxwold.example",
    "partner_contact_email": "zyxwold-team@contoso.example",
    "comments": "Zyxwold pays late.",
}
STRINGS = ("zyxwold", SECRETS["customer_tenant_id"], "headmaster")


def found_in(database: Database, *strings: str) -> list[str]:
    """Where any of these stands, in any column of any table but the rules' own texts, which have examples."""
    found = []
    with database.engine.connect() as connection:
        ours = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'rule_versions'"
        tables = connection.execute(text(ours)).scalars().all()
        for table in tables:
            for one in strings:
                query = f'SELECT count(*) FROM "{table}" t WHERE strpos(lower(CAST(t AS text)), :one) > 0'
                if connection.execute(text(query), {"one": one.lower()}).scalar_one():
                    found.append(f"{table}: {one}")
    return found


def intact(database: Database, clock: Clock) -> bool:
    breaks: list[Break] = []
    seal(database, clock())
    verify(database, breaks.append)
    return breaks == []


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(str(tmp_path / "documents"))


def prove(memory: Memory, store: DocumentStore, number: str, content: bytes, name: str = "zyxwold.pdf") -> str:
    [*_, proof] = hand_in(memory, number, a_file(name))
    sha256 = store.put(content)
    proofs.accept(memory, proof, sha256=sha256, size=len(content), media_type="application/pdf", view=None)
    return sha256


@pytest.fixture
def rejected(shared_memory: Memory, store: DocumentStore, clock: Clock) -> str:
    """A claim that was rejected for good, with everything that a claim can have."""
    number = claim_in(shared_memory, Status.DRAFT, **SECRETS)
    prove(shared_memory, store, number, b"the proof of Zyxwold")
    commenting.say(shared_memory, WHO["Ana"], number, "Zyxwold called.")
    filing.submit(shared_memory, WHO["Ana"], number)
    reviewing.start_review(shared_memory, WHO["Rosa"], number)
    reviewing.reject(shared_memory, WHO["Rosa"], number, "insufficient-proof", "Zyxwold signed nothing.")
    settling.dispute(shared_memory, WHO["Bill"], number, "Zyxwold did.")
    reviewing.reject(shared_memory, WHO["Remy"], number, "insufficient-proof", "Zyxwold did not.")
    with shared_memory.database.transaction() as session:
        for statement in (
            "INSERT INTO usage VALUES (:claim, 'teams', '2026-11-01', 1, 2)",
            "INSERT INTO earnings (external_id, claim_id, engagement, earned_on, amount, currency) "
            "VALUES ('E1', :claim, 'x', '2026-11-01', 12, 'EUR')",
            'INSERT INTO inbox VALUES (\'k1\', now(), \'{"typed": "reject Zyxwold please", "user": "U0ROSA"}\')',
            "INSERT INTO consents VALUES ('hash', :claim, now())",
            'INSERT INTO exports (team, "user", format, words, asked_at, state, attempts, next_attempt_at, done) '
            "VALUES ('T', 'U', 'csv', 'customer:zyxwold', now(), 'sent', 1, now(), 1)",
            'INSERT INTO homes SELECT id, now(), \'{"words": "zyxw"}\', 1, 1 FROM people WHERE "user" = \'U0ROSA\'',
        ):
            session.execute(text(statement.replace(":claim", str(claim_id(number)))))
    seal(shared_memory.database, clock())
    return number


def test_no_table_and_no_document_holds_what_was_erased_and_the_record_is_still_proven(
    rejected: str, shared_memory: Memory, store: DocumentStore, clock: Clock, tmp_path: Path
):
    before = claim_as_it_stands(shared_memory, rejected)
    with shared_memory.database.reading() as session:
        assert claims_of_customer(session, "ZYXWOLD.example") == [before.id]
        assert counts(session, [before.id])["documents (files of proof)"] == 2
    assert found_in(shared_memory.database, *STRINGS)
    assert erase_claim(shared_memory, before.id, Cause.REQUEST)
    assert not erase_claim(shared_memory, before.id, Cause.REQUEST)
    assert sweep(shared_memory.database, store) == 2
    assert found_in(shared_memory.database, *STRINGS, "zyxw") == []
    assert [one for one in (tmp_path / "documents").rglob("*") if one.is_file()] == []
    after = claim_as_it_stands(shared_memory, rejected)
    kept = ("status", "status_since", "created_at", "submitted_at", "rejected_at", "mpn", "products", "reviewer_id")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert (after.customer_name, after.claim_name, after.customer_tenant_id) == ("erased", "erased", None)
    with shared_memory.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM earnings")) == 1
        assert session.scalar(text("SELECT count(*) FROM usage")) == 0
        assert len(list(erasures(session))) == 1
    assert intact(shared_memory.database, clock)


def test_a_document_that_another_claim_has_too_stays(rejected: str, shared_memory: Memory, store: DocumentStore):
    other = claim_in(shared_memory, Status.DRAFT)
    shared = prove(shared_memory, store, other, b"the proof of Zyxwold")
    erase_claim(shared_memory, claim_id(rejected) or 0, Cause.REQUEST)
    sweep(shared_memory.database, store)
    assert store.get(shared) == b"the proof of Zyxwold"


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.REJECTED_FINAL])
def test_what_is_open_is_refused_and_by_force_ended_first_but_never_a_dispute(
    status: Status, shared_memory: Memory, clock: Clock
):
    number = claim_in(shared_memory, status, **SECRETS)
    identity = claim_id(number) or 0
    with pytest.raises(StillOpen, match=number):
        erase_claim(shared_memory, identity, Cause.REQUEST)
    assert claim_as_it_stands(shared_memory, number).customer_name == SECRETS["customer_name"]
    if status is Status.DISPUTE:
        with pytest.raises(StillOpen, match="another reviewer"):
            erase_claim(shared_memory, identity, Cause.REQUEST, force=True)
        return
    assert erase_claim(shared_memory, identity, Cause.REQUEST, force=True)
    claim = claim_as_it_stands(shared_memory, number)
    assert claim.discarded_at is not None or claim.status in (Status.REJECTED, Status.REJECTED_FINAL)
    assert (found_in(shared_memory.database, *STRINGS), claim.due_at) == ([], None)
    assert intact(shared_memory.database, clock)


def test_nothing_can_be_done_with_an_erased_claim_and_nothing_said_of_it(shared_memory: Memory):
    number = claim_in(shared_memory, Status.REJECTED)
    erase_claim(shared_memory, claim_id(number) or 0, Cause.REQUEST, force=True)
    with pytest.raises(Refused) as no:
        settling.dispute(shared_memory, WHO["Bill"], number, "Once more")
    assert no.value.refusal.message == f"The data of {number} was erased, so nothing more can happen to it."
    with pytest.raises(Refused):
        commenting.say(shared_memory, WHO["Ana"], number, "It was Northwind.")


def test_retention_erases_what_was_kept_too_long_and_nothing_that_is_open_or_in_dispute(
    shared_memory: Memory, clock: Clock
):
    numbers = {status: claim_in(shared_memory, status) for status in Status}
    assert run_retention(shared_memory).total() == 0  # the rules say nothing
    limits = shared_memory.programme.limits.model_copy(
        update={"drafts_kept_months": Limit(12, "months"), "closed_claims_kept_months": Limit(24, "months")}
    )
    memory = Memory(shared_memory.database, replace(shared_memory.shipped, limits=limits), clock)
    clock.advance(timedelta(days=360))
    assert run_retention(memory).total() == 0
    clock.advance(timedelta(days=10))
    assert run_retention(memory, dry_run=True) == {"Draft": 1}
    assert run_retention(memory, batch=1) == {"Draft": 1}
    clock.advance(timedelta(days=370))
    assert run_retention(memory, batch=1) == {"Rejected": 1, "Rejected final": 1}
    assert run_retention(memory).total() == 0
    erased = {status for status, one in numbers.items() if claim_as_it_stands(memory, one).erased_at is not None}
    assert erased == {Status.DRAFT, Status.REJECTED, Status.REJECTED_FINAL}
    assert intact(memory.database, clock)


def person(memory: Memory, user: str, *, active: bool) -> Person:
    with memory.database.transaction() as session:
        found = session.query(Person).filter(Person.user == user).one()
        found.active = active
        return found


def test_a_person_who_left_is_nobody_any_more_in_every_table(shared_memory: Memory, clock: Clock):
    number = claim_in(shared_memory, Status.APPROVED, comments="Ask Ana Admin, ANA@contoso.com.")
    commenting.say(shared_memory, WHO["Rosa"], number, "Ana Admin called (<@U0ANA>).")
    seal(shared_memory.database, clock())
    ana = person(shared_memory, "U0ANA", active=True)
    assert not erase_person(shared_memory, ana.id, Cause.REQUEST)
    person(shared_memory, "U0ANA", active=False)
    assert erase_person(shared_memory, ana.id, Cause.REQUEST)
    assert not erase_person(shared_memory, ana.id, Cause.REQUEST)
    assert found_in(shared_memory.database, "ana admin", "ana@contoso.com", "u0ana") == []
    claim = claim_as_it_stands(shared_memory, number)
    assert (claim.comments, claim.customer_name) == ("Ask erased, erased.", "Northwind Traders")
    assert intact(shared_memory.database, clock)


def test_a_partner_that_left_goes_with_its_people(shared_memory: Memory, clock: Clock):
    with shared_memory.database.transaction() as session:
        partner = session.query(Partner).filter(Partner.name == "Fabrikam Partners").one()
        partner.active = False
    person(shared_memory, "U0BO", active=False)
    assert erase_partner(shared_memory, partner.id, Cause.REQUEST)
    assert found_in(shared_memory.database, "fabrikam partners", "bo builder", "u0bo") == []
    assert not erase_partner(shared_memory, partner.id, Cause.REQUEST)


def test_the_list_of_erasures_does_them_again_but_never_to_another_claim_of_that_number(shared_memory: Memory):
    number = claim_in(shared_memory, Status.REJECTED_FINAL, **SECRETS)
    created = claim_as_it_stands(shared_memory, number).created_at
    line = f"claim {number} {created.isoformat()}"
    with pytest.raises(ValueError, match="another claim"):
        erase_again(shared_memory, f"claim {number} {(created + timedelta(days=1)).isoformat()}")
    assert erase_again(shared_memory, line)
    assert not erase_again(shared_memory, line)
    with shared_memory.database.reading() as session:
        assert list(erasures(session)) == [line]
    with pytest.raises(ValueError, match="no line"):
        erase_again(shared_memory, "claim everything")
