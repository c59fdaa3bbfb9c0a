"""The compiled evaluator means what the explaining one means: on any rules and any claim, errors included."""

from collections import namedtuple
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import compiled
from rules.compiled import INLINE, Outcome, compile_rule_set, outcomes, source_of
from rules.engine import decide
from rules.facts import ClaimFacts
from rules.operators import operators_of
from rules.plan import plan_of
from rules.rulesets import Action, Group, Leaf, Reference, Rule, RuleSet
from rules.variables import VARIABLES
from tests.rules.claims import READY, READY_REVENUE, TODAY, ready
from tests.rules.trials import FACTS, NO, PROGRAMME, TREES_WITH_NOT, YES, a_set

ACTIONS = st.sampled_from(
    [
        Action("block", {"reason": "a", "message": "{mpn} {products} {rejected_on} {disputes_per_claim}"}),
        Action("warn", {"message": "B."}),
        Action("eligible", {"programme": "modern-work-usage"}),
        Action("ineligible", {"reason": "c", "message": "{partner_role_name}"}),
        Action("suggest", {"reason": "missing-products", "message": "D."}),
        Action("notify", {"whom": "customer", "what": "notice"}),
    ]
)
RULES = st.builds(
    Rule,
    st.uuids().map(str),
    st.just("t"),
    st.just("s"),
    st.none(),
    TREES_WITH_NOT,
    st.lists(ACTIONS, min_size=1, max_size=2).map(tuple),
)
SETS = st.lists(RULES, min_size=1, max_size=4).map(lambda rules: a_set(*rules))

# Days at the very ends of the calendar, and facts of which one has a wrong type.
ENDS = st.sampled_from([date.min, date(1, 2, 28), date(9998, 12, 31), date(9999, 2, 28), date.max])
EXTREME = FACTS.flatmap(
    lambda facts: st.builds(
        lambda today, one, other, third: replace(
            facts, today=today, rejected_on=one, approved_on=other, acknowledgement_date=third
        ),
        *(ENDS for _ in range(4)),
    )
)
WRONG = st.sampled_from([None, True, 1, 1.5, "x", ("a", 1), ["a"], date(2026, 1, 1), object])
SPOILED = st.builds(
    lambda facts, name, value: replace(facts, **{name: value}), FACTS, st.sampled_from(sorted(asdict(READY))), WRONG
)


def said(evaluate: Callable[[RuleSet, Any], Any], rule_set: RuleSet, facts: Any) -> Outcome | tuple[str, str]:
    """What an evaluator answers: an outcome, or an error with its kind and its words."""
    try:
        answer = evaluate(rule_set, facts)
    except Exception as error:
        return type(error).__name__, str(error)
    return Outcome(answer.outcome, answer.fired)


def by_compiled(rule_set: RuleSet, facts: Any) -> Outcome:
    return compile_rule_set(rule_set)(facts)


@given(SETS, FACTS | EXTREME)
def test_both_evaluators_agree_on_any_rules_and_any_claim(rule_set: RuleSet, facts: ClaimFacts) -> None:
    answer = said(by_compiled, rule_set, facts)
    assert isinstance(answer, Outcome)
    assert answer == said(decide, rule_set, facts)


@given(SETS, SPOILED)
def test_both_evaluators_refuse_the_same_facts_with_the_same_words(rule_set: RuleSet, facts: ClaimFacts) -> None:
    assert said(by_compiled, rule_set, facts) == said(decide, rule_set, facts)


@pytest.mark.parametrize("name", sorted(PROGRAMME.rule_sets))
@given(FACTS | EXTREME | SPOILED)
def test_both_evaluators_agree_on_every_shipped_rule_set(name: str, facts: ClaimFacts) -> None:
    rule_set = PROGRAMME.rule_sets[name]
    assert said(by_compiled, rule_set, facts) == said(decide, rule_set, facts)


@pytest.mark.parametrize("name", sorted(fact for fact in asdict(READY) if fact != "today"))
def test_a_fact_of_the_wrong_type_stops_both_wherever_a_rule_names_it(name: str) -> None:
    leaf = Leaf(name, "is_present" if "is_present" in operators_of(VARIABLES[name]) else "is_true", None)
    if leaf.operator not in operators_of(VARIABLES[name]):
        leaf = Leaf(name, "equal_to", 1)
    # The comparison is never reached: what is wrong with a fact does not depend on which rules happen to look at it.
    rule_set = a_set(Rule("only", "t", "s", None, Group("all", (NO, leaf)), ()))
    facts = ready(**{name: 1.5})
    answer = said(by_compiled, rule_set, facts)
    assert answer == said(decide, rule_set, facts)
    assert answer[0] == "TypeError"


@pytest.mark.parametrize(
    ("condition", "error"),
    [
        (Group("all", ()), "ValueError"),
        (Group("not", (YES, NO)), "ValueError"),
        (Leaf("facts", "is_true", None), "LookupError"),
        (Leaf("mpn", "__ne__", "x"), "LookupError"),
        (Leaf("mpn", "equal_to", Reference("__class__")), "LookupError"),
        (Leaf("mpn); import os; (x", "equal_to", "x"), "LookupError"),
    ],
)
def test_both_evaluators_refuse_the_same_rules(condition: Any, error: str) -> None:
    rule_set = a_set(Rule("only", "t", "s", None, condition, ()))
    assert said(by_compiled, rule_set, READY) == said(decide, rule_set, READY)
    assert said(by_compiled, rule_set, READY)[0] == error


def test_nobodys_words_are_in_the_source() -> None:
    hostile = "'); import os; os.abort() #"
    leaf = Leaf("claim_name", "is_one_of", (hostile,))
    rule_set = a_set(
        Rule(hostile, hostile, hostile, None, leaf, (Action("block", {"reason": "a", "message": hostile}),))
    )
    assert "os" not in source_of(rule_set).split("def evaluate")[1].replace("frozenset", "")
    assert compile_rule_set(rule_set)(ready(claim_name=hostile)) == Outcome("blocked", (hostile,))


def test_every_operator_is_said_in_python_and_none_that_is_gone() -> None:
    declared = {(kind, name) for kind in set(VARIABLES.values()) for name in operators_of(kind)}
    assert set(INLINE) == declared


@given(SETS, FACTS | SPOILED)
def test_an_operator_that_is_not_said_in_python_is_called_as_declared(rule_set: RuleSet, facts: ClaimFacts) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiled, "INLINE", {})
        slow = compiled._compiled.__wrapped__(rule_set)
    assert said(lambda _, one: slow(one), rule_set, facts) == said(decide, rule_set, facts)


def test_a_row_with_the_attributes_that_the_rules_name_will_do() -> None:
    rule_set = PROGRAMME.rule_sets["dispute"]
    needed = {"today": TODAY, **{name: getattr(READY, name) for name in plan_of(rule_set).variables}}
    row: Any = namedtuple("row", needed)(**needed)
    assert compile_rule_set(rule_set)(row) == compile_rule_set(rule_set)(READY)


def test_a_rule_set_is_compiled_once() -> None:
    rule_set = PROGRAMME.rule_sets["submission"]
    assert compile_rule_set(rule_set) is compile_rule_set(rule_set)


def test_many_claims_are_decided_one_by_one() -> None:
    rule_set = PROGRAMME.rule_sets["submission"]
    claims = iter([READY, READY_REVENUE, ready(proof_count=0)])
    assert [outcome.outcome for outcome in outcomes(rule_set, claims)] == ["passed", "passed", "blocked"]


@pytest.mark.parametrize(
    ("day", "months", "older"),
    [
        (date.min, 12, True),
        (date.min, 10**6, False),
        (date(9999, 1, 31), 10, True),
        (date(9999, 1, 31), 11, False),
        (date(9999, 1, 31), 12, False),
        (date.max, 0, False),
        (date.max, 10**18, False),
    ],
)
def test_at_the_end_of_the_calendar_nothing_is_older_than_what_would_come_after_it(
    day: date, months: int, older: bool
) -> None:
    rule_set = a_set(Rule("only", "t", "s", None, Leaf("rejected_on", "older_than_months", months), ()))
    facts = ready(rejected_on=day, today=date.max)
    assert decide(rule_set, facts).fired == compile_rule_set(rule_set)(facts).fired == (("only",) if older else ())
