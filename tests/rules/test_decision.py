"""A decision: what it says, what it keeps, and that it can still be read years later."""

import json
from dataclasses import FrozenInstanceError
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.decision import Decision
from rules.engine import decide
from rules.facts import ClaimFacts
from rules.loading import Programme
from rules.rulesets import Action, Rule
from tests.rules.claims import READY, ready
from tests.rules.trials import FACTS, NO, PROGRAMME, YES, a_set, result


@given(st.sampled_from(["submission", "dispute"]), FACTS)
def test_a_decision_comes_back_from_its_json_as_it_was(name: str, facts: ClaimFacts) -> None:
    decision = decide(PROGRAMME.rule_sets[name], facts)
    assert Decision.from_json(json.loads(json.dumps(decision.to_json()))) == decision


@given(FACTS)
def test_the_same_facts_give_the_same_decision(facts: ClaimFacts) -> None:
    submission = PROGRAMME.rule_sets["submission"]
    assert decide(submission, facts) == decide(submission, facts)


def test_a_decision_of_long_ago_is_read_though_rules_and_operators_are_gone() -> None:
    stored = decide(PROGRAMME.rule_sets["dispute"], ready(rejected_on=date(2026, 1, 1))).to_json()
    text = json.dumps(stored).replace("rejected_on", "turned_down_on").replace("older_than_days", "past_days")
    stored = json.loads(text) | {"signature": "of a later version"}
    finding = Decision.from_json(stored).findings[1]
    assert (finding.leaves[0].variable, finding.leaves[0].operator, finding.fired) == (
        "turned_down_on",
        "past_days",
        True,
    )


def test_what_is_no_decision_is_refused() -> None:
    with pytest.raises(ValueError, match="rule_set"):
        Decision.from_json({"outcome": "passed"})


def test_a_decision_cannot_be_changed() -> None:
    decision = decide(PROGRAMME.rule_sets["submission"], READY)
    with pytest.raises(FrozenInstanceError):
        decision.outcome = "blocked"  # type: ignore[misc]


def test_a_decision_holds_every_rule_whether_it_fired_or_not(programme: Programme) -> None:
    submission = programme.rule_sets["submission"]
    decision = decide(submission, ready(proof_count=0))
    assert [finding.id for finding in decision.findings] == [rule.id for rule in submission.rules]
    assert [finding.id for finding in decision.findings if finding.fired] == ["proof"]
    assert (decision.rule_set, decision.version) == ("submission", submission.version)
    (leaf,) = next(finding for finding in decision.findings if finding.fired).leaves
    assert (leaf.label, leaf.operator_label, leaf.expected, leaf.actual) == ("Files of proof", "is less than", 1, 0)


def test_a_limit_stands_in_the_decision_as_the_number_that_held_then(programme: Programme) -> None:
    finding = decide(programme.rule_sets["dispute"], ready(rejected_on=date(2026, 10, 1))).findings[1]
    assert (finding.leaves[0].expected, finding.leaves[0].actual, finding.fired) == (30, "2026-10-01", True)


BLOCK = Action("block", {"reason": "a", "message": "A."})
WARN = Action("warn", {"message": "B."})
ELIGIBLE = Action("eligible", {"programme": "modern-work-usage"})
INELIGIBLE = Action("ineligible", {"reason": "c", "message": "C."})


@pytest.mark.parametrize(
    ("actions", "outcome"),
    [
        ((), "passed"),
        ((WARN,), "passed"),
        ((ELIGIBLE, WARN), "eligible"),
        ((ELIGIBLE, INELIGIBLE), "ineligible"),
        ((INELIGIBLE, ELIGIBLE, BLOCK), "blocked"),
    ],
)
def test_the_gravest_verdict_is_the_outcome(actions: tuple[Action, ...], outcome: str) -> None:
    decision = decide(a_set(Rule("only", "t", "s", "mpn", YES, actions)), READY)
    assert decision.outcome == outcome
    assert [verdict.kind for verdict in decision.verdicts] == [action.name for action in actions]
    assert {(verdict.rule, verdict.field) for verdict in decision.verdicts} <= {("only", "mpn")}


def test_a_rule_that_does_not_fire_says_nothing() -> None:
    assert result(NO, READY, BLOCK, WARN).verdicts == ()


def test_a_message_shows_texts_lists_days_numbers_and_limits_and_nothing_else() -> None:
    text = "{mpn} | {products} | {acknowledgement_date} | {rejected_on} | {proof_count} | {disputes_per_claim}"
    facts = ready(mpn="{proof_count}", acknowledgement_date=date(2026, 3, 9))
    (verdict,) = result(YES, facts, Action("warn", {"message": text})).verdicts
    assert verdict.message == "{proof_count} | teams, exchange | 9 March 2026 | no day | 1 | 1"
