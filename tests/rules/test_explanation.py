"""A decision in words: what spoke first, with the values that decided it, from the stored decision alone."""

import json
from datetime import date, timedelta

from hypothesis import given

from rules.decision import Decision
from rules.engine import decide
from rules.explanation import explain, explanation
from rules.facts import ClaimFacts
from rules.rulesets import Group, Leaf, Reference, Rule, RuleSet
from tests.rules.claims import TODAY, ready
from tests.rules.test_compiled import SETS
from tests.rules.trials import FACTS, NO, PROGRAMME, YES, a_set

SUBMISSION = PROGRAMME.rule_sets["submission"]


def test_what_blocks_comes_first_then_what_warns_then_what_is_in_order() -> None:
    facts = ready(proof_count=0, customer_contact_email="cara@northwind.com")
    told = explanation(decide(SUBMISSION, facts))
    assert [(rule.id, rule.mark) for rule in told.spoke] == [
        ("proof", "block"),
        ("customer-contact-elsewhere", "warn"),
    ]
    assert len(told.silent) == len(SUBMISSION.rules) - 2
    assert told.outcome == "blocked"


def test_a_rule_says_what_to_do_and_which_values_decided_it() -> None:
    proof = explanation(decide(SUBMISSION, ready(proof_count=0))).rules[0]
    assert proof.advice[0].startswith("Add your proof of execution")
    assert proof.because == ("Files of proof is less than 1: yes (found: 0)",)
    assert proof.field == "proof_of_execution"


def test_groups_within_groups_are_set_in_and_single_ones_are_not() -> None:
    missing = Leaf("rejected_on", "on_or_before", Reference("approved_on"))
    condition = Group("all", (YES, Group("any", (NO, Group("not", (missing,))))))
    (rule,) = explanation(
        decide(a_set(Rule("only", "t", "s", None, condition, ())), ready(approved_on=date(2026, 1, 2)))
    ).rules
    assert rule.because == (
        "Location is in the directory is true: yes (found: yes)",
        "At least one of these: yes",
        "  Location is in the directory is false: no (found: yes)",
        "  Not this: yes",
        "    Rejected on is on or before Approved on = 2026-01-02: no (found: nothing)",
    )


@given(SETS, FACTS)
def test_a_stored_decision_is_explained_as_the_fresh_one_was(rule_set: RuleSet, facts: ClaimFacts) -> None:
    decision = decide(rule_set, facts)
    stored = Decision.from_json(json.loads(json.dumps(decision.to_json())))
    assert explanation(stored) == explanation(decision)
    assert [rule.id for rule in explanation(stored).rules if rule.mark == "silent"] == [
        finding.id for finding in decision.findings if not finding.verdicts
    ]


def test_plain_lines_name_every_rule_with_its_source() -> None:
    lines = explain(decide(PROGRAMME.rule_sets["dispute"], ready(rejected_on=TODAY - timedelta(days=31))))
    assert lines[0].startswith("May be disputed: blocked.")
    for rule in PROGRAMME.rule_sets["dispute"].rules:
        assert any(rule.title in line and f"({rule.id})" in line for line in lines)
        assert f"    Source: {rule.source}" in lines
