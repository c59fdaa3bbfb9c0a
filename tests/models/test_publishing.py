"""Rules that are published: seen by every replica, rolled back by publishing the old ones, kept for old claims."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from models.answers import Blocked
from models.memory import FRESH, Memory
from models.operations import filing, settling
from models.operations.publishing import UnknownVersion, current, publications, publish, publish_again
from models.queries.claims import last_decision
from models.tables import Claim, RulePublication, RuleVersion, StoredDecision, claim_id
from rules.faults import ProgrammeError
from rules.lifecycle import Status
from rules.loading import Programme, load_programme_from
from tests.cast import WHO, Clock, a_tenant, claim_as_it_stands, claim_in

# The shipped rules let a claim name one product; these want none named at all.
STRICTER = ("{name: products, operator: is_empty}", "{name: products, operator: is_present}")


def changed(programme: Programme, file: str = "submission.yaml", swap: tuple[str, str] = STRICTER) -> dict[str, str]:
    """The files of the programme with one thing changed in them."""
    assert swap[0] in programme.files[file]
    return {**programme.files, file: programme.files[file].replace(*swap)}


def published(memory: Memory, files: dict[str, str], *, days: int = 0) -> RulePublication:
    now = memory.clock()
    return publish(memory.database, files, "Petra Programme", now + timedelta(days=days), now)


def test_without_a_publication_the_shipped_rules_hold(memory: Memory, programme: Programme):
    assert memory.programme is programme


def test_two_replicas_see_a_publication_without_a_restart(shared_memory: Memory, programme: Programme, clock: Clock):
    replicas = [shared_memory, replace(shared_memory)]
    before = [one.programme.version for one in replicas]
    assert before == [programme.version] * 2

    new = published(shared_memory, changed(programme)).version
    assert new != programme.version
    clock.advance(FRESH)
    assert [one.programme.version for one in replicas] == [new, new]
    assert all("is_present" in one.programme.files["submission.yaml"] for one in replicas)


def test_a_replica_asks_the_database_again_only_after_a_few_seconds(memory: Memory, programme: Programme, clock: Clock):
    assert memory.programme is programme
    published(memory, changed(programme))
    clock.advance(FRESH - timedelta(milliseconds=1))
    assert memory.programme is programme
    clock.advance(timedelta(milliseconds=1))
    assert memory.programme is not programme


def test_a_publication_holds_from_its_moment_and_not_before(memory: Memory, programme: Programme, clock: Clock):
    new = published(memory, changed(programme), days=2).version
    clock.advance(timedelta(days=2) - timedelta(seconds=1))
    assert memory.programme.version == programme.version
    clock.advance(timedelta(seconds=1))
    assert memory.programme.version == new, "known before, it needs no look to hold"


def test_of_two_publications_the_later_moment_counts_and_of_the_same_moment_the_later_publication(
    memory: Memory, programme: Programme, clock: Clock
):
    planned = published(memory, changed(programme), days=3)
    published(memory, dict(programme.files), days=1)
    corrected = published(memory, changed(programme, swap=("id: products\n", "id: some-products\n")), days=3)
    with memory.database.transaction() as session:
        held = [current(session, memory.clock() + timedelta(days=days), programme).version for days in (0, 1, 2, 3)]
    assert held == [programme.version] * 3 + [corrected.version]
    assert corrected.version != planned.version


def test_roll_back_is_publishing_the_old_rules_by_their_hash(memory: Memory, programme: Programme, clock: Clock):
    old = published(memory, dict(programme.files)).version
    clock.advance(FRESH)
    new = published(memory, changed(programme)).version
    clock.advance(FRESH)
    assert memory.programme.version == new

    publish_again(memory.database, old[:6], "Petra Programme", memory.clock(), memory.clock())
    clock.advance(FRESH)
    assert memory.programme.version == old
    with memory.database.transaction() as session:
        assert [one.version for one in publications(session)] == [old, new, old]
        assert len(session.scalars(select(RuleVersion)).all()) == 2, "the texts are kept once"


@pytest.mark.parametrize("hash", ["nothing", "%", ""])
def test_a_hash_that_names_no_single_state_is_refused(memory: Memory, programme: Programme, hash: str):
    published(memory, dict(programme.files))
    published(memory, changed(programme))
    with pytest.raises(UnknownVersion):
        publish_again(memory.database, hash, "Petra", memory.clock(), memory.clock())


def test_rules_with_a_fault_are_not_published(memory: Memory, programme: Programme):
    with pytest.raises(ProgrammeError, match="is_emty"):
        published(memory, changed(programme, swap=("operator: is_empty", "operator: is_emty")))
    with pytest.raises(ProgrammeError, match=r"dispute\.yaml"):
        published(memory, {name: text for name, text in programme.files.items() if name != "dispute.yaml"})
    with memory.database.transaction() as session:
        assert publications(session) == []
        assert session.scalars(select(RuleVersion)).all() == []


def test_rules_cannot_be_made_to_hold_in_the_past(memory: Memory, programme: Programme):
    with pytest.raises(ValueError, match="past"):
        published(memory, changed(programme), days=-1)


def test_rules_that_this_claimbot_cannot_use_are_passed_over_for_the_ones_before(
    memory: Memory, programme: Programme, clock: Clock
):
    usable = published(memory, changed(programme)).version
    with memory.database.transaction() as session:  # as another version of claimbot might have written them
        session.add(RuleVersion(version="from-elsewhere", files={"catalogue.yaml": "?"}))
        session.flush()
        now = memory.clock()
        session.add(RulePublication(version="from-elsewhere", author="x", published_at=now, holds_from=now))
    assert memory.programme.version == usable


def test_a_claim_keeps_the_rules_it_was_submitted_under_and_a_new_one_has_todays(
    memory: Memory, programme: Programme, clock: Clock
):
    old = claim_in(memory, Status.ACTION_REQUIRED)
    draft = claim_in(memory, Status.DRAFT)
    assert claim_as_it_stands(memory, old).rules_version == programme.version
    assert claim_as_it_stands(memory, draft).rules_version is None
    new = published(memory, changed(programme)).version
    clock.advance(FRESH)

    filing.resubmit(memory, WHO["Ana"], old)
    assert claim_as_it_stands(memory, old).rules_version == programme.version
    with pytest.raises(Blocked) as blocked:
        filing.submit(memory, WHO["Ana"], draft)
    assert [one.rule for one in blocked.value.decision.blocks] == ["products"]
    filing.edit(memory, WHO["Ana"], draft, {"products": []})
    filing.submit(memory, WHO["Ana"], draft)
    assert claim_as_it_stands(memory, draft).rules_version == new


def test_a_dispute_is_decided_by_the_rules_that_the_claim_was_submitted_under_and_its_decision_is_kept(
    memory: Memory, programme: Programme, clock: Clock
):
    number = claim_in(memory, Status.REJECTED)
    never = ("rules:\n", "rules:\n" + NEVER)
    published(memory, changed(programme, "dispute.yaml", never))
    clock.advance(FRESH)
    assert "never" in [rule.id for rule in memory.programme.rule_sets["dispute"].rules]

    settling.dispute(memory, WHO["Bill"], number, "Page 2 names them.")
    with memory.database.transaction() as session:
        decision = last_decision(session, session.get_one(Claim, claim_id(number)), "dispute")
    assert decision is not None
    assert decision.outcome == "passed"
    assert decision.version == programme.rule_sets["dispute"].version


NEVER = """\
  - id: never
    title: Nothing may be disputed any more
    source: test
    conditions: {all: [{name: disputes, operator: less_than, value: 99}]}
    actions: [{name: block, params: {reason: never, message: No disputes.}}]
"""


def test_the_role_of_a_claim_is_looked_up_in_its_own_rules_when_todays_have_it_no_longer(
    memory: Memory, programme: Programme, clock: Clock
):
    tenant = a_tenant()
    first = claim_in(memory, Status.ACTION_REQUIRED, customer_tenant_id=tenant)
    files = {name: text.replace("use-or-consume", "consume") for name, text in programme.files.items()}
    published(memory, files)
    clock.advance(FRESH)
    with memory.database.transaction() as session:
        claim = session.get_one(Claim, claim_id(first))
        assert "use-or-consume" not in memory.programme.catalogue.roles_by_id
        assert "use-or-consume" in memory.rules_of(session, claim).catalogue.roles_by_id
    assert filing.resubmit(memory, WHO["Ana"], first).status is Status.SUBMITTED


def test_a_stored_decision_is_read_again_as_it_was_made_after_the_rules_changed(
    memory: Memory, programme: Programme, clock: Clock
):
    number = claim_in(memory, Status.SUBMITTED)
    with memory.database.transaction() as session:
        stored = session.scalars(select(StoredDecision.body)).one()
    files = changed(programme)
    files["submission.yaml"] = files["submission.yaml"].replace("title: A claim names", "title: No claim names")
    published(memory, files)
    clock.advance(timedelta(days=3 * 365))

    with memory.database.transaction() as session:
        decision = last_decision(session, session.get_one(Claim, claim_id(number)), "submission")
        assert decision is not None
        assert decision.to_json() == stored
        kept = session.get_one(RuleVersion, claim_as_it_stands(memory, number).rules_version)
        # Not only what it said: the very rules that made it can be read and asked again.
        assert load_programme_from(kept.files).rule_sets["submission"].version == decision.version
    assert [one.title for one in decision.findings if one.id == "products"] == ["A claim names at least one product"]


def test_where_the_rules_of_a_claim_cannot_be_used_any_more_todays_decide(
    memory: Memory, programme: Programme, clock: Clock
):
    number = claim_in(memory, Status.ACTION_REQUIRED)
    with memory.database.transaction() as session:
        session.add(RuleVersion(version="of-old", files={"catalogue.yaml": "?"}))
        session.flush()
        session.execute(update(Claim).values(rules_version="of-old"))
        session.execute(delete(RuleVersion).where(RuleVersion.version == programme.version))
    assert filing.resubmit(memory, WHO["Ana"], number).changed
