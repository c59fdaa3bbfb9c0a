"""Trying rules out on every stored claim: the same facts as for one claim, what changes, and nothing is written."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.exc import InternalError

from models.facts import facts_of
from models.memory import Memory
from models.operations import filing, settling
from models.queries.every_claim import Scope, every_claim, how_many
from models.simulating import _reading_only, simulate
from models.tables import Claim, Inbound, claim_id
from rules.difference import Change
from rules.engine import decide
from rules.facts import ClaimFacts
from rules.lifecycle import Status
from rules.loading import Programme, load_programme_from
from tests.cast import CONTOSO, FABRIKAM, LONDON, WHO, Clock, a_file, a_tenant, accept, claim_in, hand_in

BO: dict[str, Any] = {"by": "Bo", "mpn": LONDON, "partner_contact_email": "bo@fabrikam-partners.com"}


def with_change(programme: Programme, old: str, new: str, file: str = "submission.yaml") -> Programme:
    assert old in programme.files[file]
    return load_programme_from({**programme.files, file: programme.files[file].replace(old, new)})


def with_rule(programme: Programme, conditions: str, actions: str, file: str = "submission.yaml") -> Programme:
    rule = f"""rules:
  - id: planted
    title: Planted
    source: test
    conditions: {conditions}
    actions: {actions}
"""
    return with_change(programme, "rules:\n", rule, file)


TEAMS_BLOCKED = (
    "{all: [{name: products, operator: contains, value: teams}]}",
    "[{name: block, params: {reason: planted, message: No more of Teams.}}]",
)


@pytest.fixture
def claims(shared_memory: Memory, clock: Clock) -> list[str]:
    """A claim of Contoso's in each status, some that are alike, and one of Fabrikam's beside them."""
    memory = shared_memory
    numbers = [claim_in(memory, status) for status in Status]
    tenant, subscription = a_tenant(), a_tenant()
    alike: dict[str, Any] = {"customer_tenant_id": tenant, "products": ["teams"]}
    numbers += [claim_in(memory, Status.SUBMITTED, **alike), claim_in(memory, Status.DRAFT, **alike)]
    clock.advance(timedelta(days=3))
    numbers += [claim_in(memory, Status.UNDER_REVIEW, **BO, **alike)]
    by_role = next(one for one in memory.programme.catalogue.partner_roles if one.claim_level == "subscription")
    [product, *_] = memory.programme.catalogue.products_of(by_role.solution_area)
    level: dict[str, Any] = {
        "solution_area": by_role.solution_area,
        "partner_role": by_role.id,
        "products": [product.id],
        "subscription_id": subscription,
        "customer_tenant_id": tenant,
        "solution_seller": "Sam",
        "isv_solution": "CRM",
    }
    numbers += [claim_in(memory, Status.SUBMITTED, **level), claim_in(memory, Status.DRAFT, **level)]
    # More proof after the reviewers asked; one of it is still being checked, one was taken back, one has no ending.
    asked = claim_in(memory, Status.ACTION_REQUIRED)
    clock.advance(timedelta(hours=30))
    ids = hand_in(memory, asked, a_file("SIGNED.PDF"), a_file("mail.msg"), a_file("noending"))
    accept(memory, ids[1])
    accept(memory, ids[2])
    filing.edit(memory, WHO["Ana"], asked, {}, take_back=[ids[2]])
    clock.advance(timedelta(days=20))
    official = claim_in(memory, Status.APPROVED, customer_contact_email="cara@gmail.com")
    clock.advance(timedelta(days=14))
    settling.associate(memory, official)
    numbers += [asked, official, claim_in(memory, Status.DRAFT, proven=False, customer_name=None, products=[])]
    discarded = claim_in(memory, Status.DRAFT)
    filing.discard(memory, WHO["Ana"], discarded)
    return numbers


def test_the_facts_of_many_claims_are_those_of_each_one(shared_memory: Memory, claims: list[str]):
    names = {field.name for field in fields(ClaimFacts)}
    with shared_memory.database.transaction() as session:
        settings = shared_memory.settings(session)
        now = shared_memory.clock()
        scope = Scope("other", names, shared_memory.programme.catalogue, now, settings.timezone)
        assert how_many(session, scope) == len(claims)
        rows = [row for part in every_claim(session, scope) for row in part]
        assert [number for number, _, _ in rows] == sorted(claims)
        assert [partner for _, partner, _ in rows].count(FABRIKAM) == 1
        for number, partner, row in rows:
            claim = session.get_one(Claim, claim_id(number))
            found = {name: getattr(row, name) for name in names}
            found = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
            found["proof_types"] = tuple(sorted(found["proof_types"]))
            assert ClaimFacts(**found) == facts_of(session, shared_memory, claim, now), number
            assert partner == claim.partner.name


def test_a_planted_change_is_found_by_rule_and_by_partner_with_examples(
    shared_memory: Memory, programme: Programme, claims: list[str]
):
    new = with_rule(programme, *TEAMS_BLOCKED)
    changes: list[tuple[str, Change]] = []
    seen: list[tuple[str, int, int]] = []
    result = simulate(
        shared_memory,
        programme,
        new,
        on_change=lambda name, change: changes.append((name, change)),
        on_progress=lambda *at: seen.append(at),
    )
    [found] = result.rule_sets
    assert (found.rule_set, found.claims) == ("submission", len(claims))
    with shared_memory.database.transaction() as session:
        teams = [one.number for one in session.query(Claim).order_by(Claim.id) if "teams" in one.products]
    teams = [number for number in teams if number in claims]
    assert [change.number for _, change in changes] == teams
    assert {change.rules_gained for _, change in changes} == {("planted",)}
    assert found.tally.rules["planted"].gained == len(teams)
    assert set(found.tally.examples["passed", "blocked"]) <= set(teams)
    assert found.tally.partners[FABRIKAM] == 1
    assert found.tally.partners[CONTOSO] == len(teams) - 1
    assert (
        found.tally.examples["passed", "blocked"][0] == teams[0]
        or teams[0] in found.tally.examples["passed", "blocked"]
    )
    assert seen[0] == ("submission", 0, len(claims))
    assert seen[-1] == ("submission", len(claims), len(claims))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (
            "submission.yaml",
            "name: block\n        params:\n          reason: proof\n",
            "name: block\n        params:\n          reason: no-proof\n",
        ),
        (
            "submission.yaml",
            "{name: proof_count, operator: less_than, value: 1}",
            "{name: proof_count, operator: at_least, value: 1}",
        ),
        ("submission.yaml", "{name: products, operator: is_empty}", "{name: products, operator: is_present}"),
        ("catalogue.yaml", "{id: teams, name: Teams,", "{id: teams-and-more, name: Teams,"),
    ],
)
def test_what_differs_is_what_deciding_each_claim_by_both_finds(
    shared_memory: Memory, programme: Programme, claims: list[str], file: str, old: str, new: str
):
    other = with_change(programme, old, new, file)
    found: list[str] = []
    simulate(shared_memory, programme, other, on_change=lambda name, change: found.append(f"{name} {change.number}"))
    found = [one for one in found if one.startswith("submission")]
    expected = []
    with shared_memory.database.transaction() as session:
        for number in sorted(claims):
            claim = session.get_one(Claim, claim_id(number))
            facts = facts_of(session, shared_memory, claim, claim.submitted_at or shared_memory.clock())
            both = [decide(one.rule_sets["submission"], facts) for one in (programme, other)]
            if (both[0].outcome, set(both[0].fired)) != (both[1].outcome, set(both[1].fired)):
                expected.append(f"submission {number}")
    assert found == expected


def test_a_submission_is_asked_about_as_of_the_day_of_its_submission(
    shared_memory: Memory, programme: Programme, clock: Clock
):
    old = claim_in(shared_memory, Status.SUBMITTED, acknowledgement_date=date(2026, 11, 1))
    draft = claim_in(shared_memory, Status.DRAFT, acknowledgement_date=date(2026, 11, 1))
    clock.advance(timedelta(days=2 * 365))
    conditions = "{all: [{name: acknowledgement_date, operator: older_than_days, value: 60}]}"
    new = with_rule(programme, conditions, "[{name: warn, params: {message: Old.}}]")
    changes: list[str] = []
    simulate(shared_memory, programme, new, on_change=lambda _, change: changes.append(change.number))
    assert changes == [draft]
    assert old not in changes


def test_only_claims_filed_since_a_day_are_asked_about_where_one_is_named(
    shared_memory: Memory, programme: Programme, clock: Clock
):
    claim_in(shared_memory, Status.DRAFT)
    clock.advance(timedelta(days=2))
    late = claim_in(shared_memory, Status.DRAFT)
    numbers: list[str] = []
    result = simulate(
        shared_memory,
        programme,
        with_rule(programme, *TEAMS_BLOCKED),
        since=date(2026, 11, 20),
        on_change=lambda _, change: numbers.append(change.number),
    )
    assert numbers == [late]
    assert result.rule_sets[0].claims == 1


def test_each_rule_set_is_asked_about_the_claims_that_it_is_for(
    shared_memory: Memory, programme: Programme, claims: list[str]
):
    new = programme
    always = "{all: [{name: proof_count, operator: at_least, value: 0}]}"
    for name in ("review", "incentive", "dispute"):
        new = with_rule(new, always, "[{name: warn, params: {message: Hm.}}]", f"{name}.yaml")
    result = simulate(shared_memory, programme, new)
    counts = {one.rule_set: (one.claims, one.tally.changed) for one in result.rule_sets}
    with shared_memory.database.transaction() as session:
        rows = session.query(Claim).filter(Claim.discarded_at.is_(None)).all()
    submitted = sum(one.submitted_at is not None for one in rows)
    approved = sum(one.status is Status.APPROVED for one in rows)
    assert counts == {"dispute": (1, 1), "incentive": (approved, approved), "review": (submitted, submitted)}


def test_the_same_rules_change_nothing_and_what_depends_on_events_is_set_aside(
    shared_memory: Memory, programme: Programme, claims: list[str]
):
    assert simulate(shared_memory, programme, programme).rule_sets == []
    new = with_rule(programme, "{not: {name: event, operator: is_present}}", NOTIFY, "notice.yaml")
    result = simulate(shared_memory, programme, new)
    assert (result.rule_sets, result.aside) == ([], ["notice"])


NOTIFY = "[{name: notify, params: {whom: customer, what: notice}}]"


def test_it_writes_nothing_and_could_not(shared_memory: Memory, programme: Programme, claims: list[str]):
    said: list[str] = []

    def hear(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        said.append(statement)

    engine = shared_memory.database.engine
    event.listen(engine, "before_cursor_execute", hear)
    try:
        simulate(shared_memory, programme, with_rule(programme, *TEAMS_BLOCKED))
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    assert said
    assert all(one.lstrip().upper().startswith("SELECT") for one in said), said

    with _reading_only(shared_memory) as session:
        assert session.scalar(text("SHOW transaction_read_only")) == "on"
        assert session.scalar(text("SHOW transaction_isolation")) == "repeatable read"
        with pytest.raises(InternalError, match="read-only"):
            session.execute(insert(Inbound).values(key="k", at=shared_memory.clock()))
