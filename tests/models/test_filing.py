"""What partners do with their claims until a reviewer decides."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from models.answers import Blocked, Invalid, Overtaken, Refused
from models.memory import Memory
from models.operations import filing, reviewing
from models.operations.acting import act
from models.queries.claims import history_of, last_decision
from models.queries.criteria import Criteria
from models.queries.finding import page
from models.queries.people import actor_for
from models.tables import Claim, History, Inbound, Location, Person, StoredDecision, claim_id
from rules.decision import Decision
from rules.lifecycle import Action, Status
from rules.permissions import CLOCK, Condition
from tests.cast import (
    BERLIN,
    LONDON,
    LOS_ANGELES,
    MUNICH,
    VALUES,
    WHO,
    Clock,
    a_file,
    a_tenant,
    claim_as_it_stands,
    claim_in,
)

ANA, IVO, ROSA = WHO["Ana"], WHO["Ivo"], WHO["Rosa"]


def history(memory: Memory, number: str) -> list[History]:
    with memory.database.transaction() as session:
        return history_of(session, session.get_one(Claim, claim_id(number)))


def rows_of(memory: Memory, table: type[Any]) -> int:
    with memory.database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def preview(memory: Memory, number: str) -> Decision:
    with memory.database.transaction() as session:
        return filing.preview(memory, session, session.get_one(Claim, claim_id(number)))


def visible_to(memory: Memory, name: str) -> list[str]:
    with memory.database.transaction() as session:
        return [claim.number for claim in page(session, memory, actor_for(session, WHO[name]), Criteria()).claims]


def test_a_new_claim_keeps_what_was_typed_and_its_history_says_so(memory: Memory):
    done = filing.create(memory, ANA, {**VALUES, "claim_name": " Northwind\u202e\n2026 ", "mpn": f" {BERLIN} "})
    claim = claim_as_it_stands(memory, done.number)
    assert (claim.claim_name, claim.mpn, claim.status) == ("Northwind 2026", BERLIN, Status.DRAFT)
    [entry] = history(memory, done.number)
    assert entry.changes["claim_name"] == [None, "Northwind 2026"]
    assert entry.changes["acknowledgement_date"] == [None, "2026-10-01"]
    assert "comments" not in entry.changes


def test_every_fault_of_a_form_is_told_at_once(memory: Memory):
    typed = {**VALUES, "claim_name": "", "customer_domain": "northwind", "products": ["gone"], "customer_country": "QQ"}
    with pytest.raises(Invalid) as invalid:
        filing.create(memory, ANA, typed)
    assert set(invalid.value.errors) == {"claim_name", "customer_domain", "products", "customer_country"}
    assert rows_of(memory, Claim) == 0


def test_the_fields_of_the_first_step_are_needed_and_no_others(memory: Memory):
    with pytest.raises(Invalid) as invalid:
        filing.create(memory, ANA, {"mpn": BERLIN})
    assert set(invalid.value.errors) == {"claim_name", "solution_area", "partner_role"}
    first_step = {name: VALUES[name] for name in ("claim_name", "mpn", "solution_area", "partner_role")}
    assert filing.create(memory, ANA, first_step).status is Status.DRAFT


def test_a_partner_role_of_the_other_solution_area_is_not_taken(memory: Memory):
    with pytest.raises(Invalid) as invalid:
        filing.create(memory, ANA, {**VALUES, "solution_area": "business-applications"})
    assert invalid.value.errors == {"partner_role": "This partner role does not belong to Business Applications."}


@pytest.mark.parametrize("mpn", [LONDON, "4799999", "\x00", "x" * 60])
def test_a_location_of_another_partner_is_refused_like_one_that_is_nobodys(memory: Memory, mpn: str):
    number = claim_in(memory, Status.DRAFT)
    for typing in (
        lambda: filing.create(memory, ANA, {**VALUES, "mpn": mpn}),
        lambda: filing.edit(memory, ANA, number, {"mpn": mpn}),
    ):
        with pytest.raises(Invalid) as invalid:
            typing()
        expected = (
            f"{mpn} is not one of your locations." if mpn != "\x00" else "Please enter the partner location (mpn)."
        )
        assert invalid.value.errors == {"mpn": expected}
    assert claim_as_it_stands(memory, number).mpn == BERLIN


def test_a_claim_is_not_moved_out_of_ones_own_scope(memory: Memory):
    number = claim_in(memory, Status.DRAFT, by="Ivo")
    with pytest.raises(Invalid) as invalid:
        filing.edit(memory, IVO, number, {"mpn": MUNICH})
    assert invalid.value.errors == {"mpn": f"{MUNICH} is not one of your locations."}
    filing.edit(memory, ANA, number, {"mpn": MUNICH})
    assert claim_as_it_stands(memory, number).mpn == MUNICH


def test_a_location_that_left_the_directory_takes_no_new_claim_and_blocks_an_old_one(memory: Memory):
    number = claim_in(memory, Status.DRAFT)
    with memory.database.transaction() as session:
        session.get_one(Location, BERLIN).active = False
    with pytest.raises(Invalid, match="mpn"):
        filing.create(memory, ANA, VALUES)
    with pytest.raises(Blocked) as blocked:
        filing.submit(memory, ANA, number)
    assert [verdict.rule for verdict in blocked.value.decision.blocks] == ["location"]


def test_whoever_left_the_directory_may_do_nothing_any_more(memory: Memory):
    number = claim_in(memory, Status.DRAFT)
    with memory.database.transaction() as session:
        session.scalars(select(Person).where(Person.user == ANA.user)).one().active = False
    with pytest.raises(Refused) as refused:
        filing.submit(memory, ANA, number)
    assert refused.value.refusal.condition is Condition.VISIBLE


def test_a_blocked_submission_says_everything_that_is_missing_and_stores_nothing(memory: Memory):
    number = claim_in(memory, Status.DRAFT, proven=False, customer_contact_name=None)
    before = claim_as_it_stands(memory, number)
    with pytest.raises(Blocked) as blocked:
        filing.submit(memory, ANA, number, delivery="press")
    assert [verdict.rule for verdict in blocked.value.decision.blocks] == ["customer-contact-name", "proof"]
    after = claim_as_it_stands(memory, number)
    assert (after.status, after.version, after.submitted_at) == (Status.DRAFT, before.version, None)
    assert [rows_of(memory, table) for table in (StoredDecision, Inbound)] == [0, 0]
    assert [entry.action for entry in history(memory, number)] == [Action.CREATE]


def test_the_decision_is_stored_with_the_submission(memory: Memory):
    number = claim_in(memory, Status.DRAFT)
    foreseen = preview(memory, number)
    assert rows_of(memory, StoredDecision) == 0
    filing.submit(memory, ANA, number)
    with memory.database.transaction() as session:
        stored = last_decision(session, session.get_one(Claim, claim_id(number)), "submission")
    assert stored == foreseen
    assert stored.version == memory.programme.rule_sets["submission"].version


def test_a_claim_whose_partner_role_left_the_catalogue_is_blocked_and_can_be_mended(memory: Memory):
    number = claim_in(memory, Status.DRAFT)
    with memory.database.transaction() as session:
        session.get_one(Claim, claim_id(number)).partner_role = "gone"
    with pytest.raises(Blocked) as blocked:
        filing.submit(memory, ANA, number)
    assert [verdict.rule for verdict in blocked.value.decision.blocks] == ["partner-role"]
    filing.edit(memory, ANA, number, {"partner_role": "use-or-consume"})
    assert filing.submit(memory, ANA, number).status is Status.SUBMITTED


@pytest.mark.parametrize(
    ("other", "blocked"),
    [
        ({}, True),
        ({"products": ["teams", "sharepoint"]}, True),
        ({"products": ["sharepoint"]}, False),
        ({"mpn": MUNICH}, True),
        ({"customer_tenant_id": "00000000-0000-4000-8000-000000000000"}, False),
    ],
)
def test_a_second_claim_for_the_same_workload_of_a_tenant_is_blocked(memory: Memory, other: Any, blocked: bool):
    tenant = a_tenant()
    first = claim_in(memory, Status.SUBMITTED, customer_tenant_id=tenant)
    second = claim_in(memory, Status.DRAFT, **{"customer_tenant_id": tenant, **other})
    blocks = preview(memory, second).blocks
    assert [verdict.rule for verdict in blocks] == (["own-duplicate"] if blocked else [])
    assert all(first in verdict.message for verdict in blocks)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.REJECTED, Status.REJECTED_FINAL])
def test_a_draft_or_rejected_claim_stands_in_nobodys_way(memory: Memory, status: Status):
    tenant = a_tenant()
    claim_in(memory, status, customer_tenant_id=tenant)
    assert not preview(memory, claim_in(memory, Status.DRAFT, customer_tenant_id=tenant)).blocks


def test_another_partners_claim_is_never_told(memory: Memory):
    tenant = a_tenant()
    claim_in(memory, Status.SUBMITTED, customer_tenant_id=tenant)
    theirs = filing.create(memory, WHO["Bo"], {**VALUES, "mpn": LONDON, "customer_tenant_id": tenant}).number
    decision = preview(memory, theirs)
    assert [verdict.rule for verdict in decision.blocks] == ["proof"]
    assert decision.warnings == ()


def test_the_same_reviewer_keeps_a_claim_that_comes_back(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    first = claim_as_it_stands(memory, number)
    clock.advance(timedelta(days=1))
    filing.resubmit(memory, ANA, number)
    claim = claim_as_it_stands(memory, number)
    assert (claim.status, claim.reviewer_id, claim.submitted_at) == (
        Status.SUBMITTED,
        first.reviewer_id,
        first.submitted_at,
    )
    assert (first.asked_reasons, claim.asked_reasons, claim.asked_message) == (["missing-products"], [], None)


def test_after_a_reviewer_asked_only_some_fields_may_be_edited_and_the_history_has_before_and_after(memory: Memory):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    with pytest.raises(Invalid) as invalid:
        filing.edit(memory, ANA, number, {"customer_name": "Contoso", "claim_name": "Other", "products": ["teams"]})
    assert set(invalid.value.errors) == {"customer_name", "claim_name"}
    filing.edit(memory, ANA, number, {"products": ["teams"], "acknowledgement_date": date(2026, 11, 2)})
    last = history(memory, number)[-1]
    assert (last.from_status, last.to_status) == (Status.ACTION_REQUIRED, Status.ACTION_REQUIRED)
    assert last.changes == {
        "products": [["exchange", "teams"], ["teams"]],
        "acknowledgement_date": ["2026-10-01", "2026-11-02"],
    }


def test_an_edit_does_not_give_the_partner_more_time(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    before = claim_as_it_stands(memory, number)
    clock.advance(timedelta(days=5))
    filing.edit(memory, ANA, number, {"comments": "Soon."})
    after = claim_as_it_stands(memory, number)
    assert (after.due_at, after.status_since) == (before.due_at, before.status_since)


def test_where_nothing_changed_nothing_is_recorded(memory: Memory):
    number = claim_in(memory, Status.DRAFT)
    before, length = claim_as_it_stands(memory, number), len(history(memory, number))
    done = filing.edit(memory, ANA, number, {"claim_name": f" {VALUES['claim_name']} ", "comments": ""})
    assert (done.changed, done.version) == (False, before.version)
    assert len(history(memory, number)) == length


def test_one_edit_raises_the_version_by_one_however_much_it_changes(memory: Memory):
    number = claim_in(memory, Status.DRAFT, proven=False)
    file = a_file()
    done = filing.edit(memory, ANA, number, {"comments": "Many.", "products": ["teams"]}, files=[file])
    assert done.version == 2
    assert history(memory, number)[-1].version == 2


def test_an_edit_of_what_somebody_else_changed_meanwhile_is_not_taken(memory: Memory):
    number = claim_in(memory, Status.DRAFT)
    seen = claim_as_it_stands(memory, number).version
    filing.edit(memory, IVO, number, {"comments": "Ivo was here."}, version=seen)
    with pytest.raises(Overtaken) as overtaken:
        filing.edit(memory, ANA, number, {"comments": "Ana was here."}, version=seen)
    assert (overtaken.value.number, overtaken.value.version, overtaken.value.by) == (number, seen + 1, "Ivo User")
    assert claim_as_it_stands(memory, number).comments == "Ivo was here."


def test_a_discarded_draft_is_gone_for_everyone_and_its_history_stays(memory: Memory):
    number, kept = claim_in(memory, Status.DRAFT), claim_in(memory, Status.DRAFT)
    filing.discard(memory, IVO, number)
    assert visible_to(memory, "Ana") == visible_to(memory, "Ivo") == [kept]
    for gone in (
        lambda: filing.edit(memory, ANA, number, {}),
        lambda: filing.discard(memory, IVO, number),
        lambda: reviewing.start_review(memory, ROSA, number),
        lambda: act(memory, CLOCK, Action.ASSOCIATE, number),
    ):
        with pytest.raises(Refused) as refused:
            gone()
        assert refused.value.refusal.condition is Condition.VISIBLE
    assert [entry.action for entry in history(memory, number)] == [Action.CREATE, Action.EDIT, Action.DISCARD]


def test_the_number_of_a_discarded_draft_is_not_given_again(memory: Memory):
    number = claim_in(memory, Status.DRAFT)
    filing.discard(memory, ANA, number)
    assert claim_in(memory, Status.DRAFT) > number


def test_a_delivery_that_comes_again_is_answered_as_the_first_time(memory: Memory):
    number = claim_in(memory, Status.DRAFT)
    first = filing.submit(memory, ANA, number, delivery="press")
    reviewing.start_review(memory, ROSA, number)
    again = filing.submit(memory, ANA, number, delivery="press")
    assert again == type(first)(first.number, first.status, first.version, repeated=True)
    assert [entry.action for entry in history(memory, number)].count(Action.SUBMIT) == 1


def test_a_refused_delivery_is_not_remembered_so_that_it_may_succeed_later(memory: Memory):
    number = claim_in(memory, Status.DRAFT, proven=False)
    with pytest.raises(Refused):
        reviewing.start_review(memory, ROSA, number, delivery="press")
    assert rows_of(memory, Inbound) == 0


# 26 November 2026 is Thanksgiving, and the 27th is a business day.
@pytest.mark.parametrize(
    ("submitted", "last_day"),
    [
        (datetime(2026, 11, 18, 9, tzinfo=LOS_ANGELES), date(2026, 11, 25)),
        (datetime(2026, 11, 19, 23, 59, 59, tzinfo=LOS_ANGELES), date(2026, 11, 27)),
        (datetime(2026, 11, 20, 9, tzinfo=LOS_ANGELES), date(2026, 11, 30)),
        (datetime(2026, 11, 21, 9, tzinfo=LOS_ANGELES), date(2026, 11, 30)),  # a Saturday
        (datetime(2026, 11, 20, 2, tzinfo=UTC), date(2026, 11, 27)),  # still the 19th in Los Angeles
    ],
)
def test_a_limit_skips_weekends_and_holidays_and_ends_with_its_last_day(
    memory: Memory, clock: Clock, submitted: datetime, last_day: date
):
    clock.set(submitted)
    due = claim_as_it_stands(memory, claim_in(memory, Status.SUBMITTED)).due_at
    assert due == datetime(last_day.year, last_day.month, last_day.day, tzinfo=LOS_ANGELES) + timedelta(days=1)
