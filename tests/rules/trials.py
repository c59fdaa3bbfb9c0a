"""Rule sets of one rule, built by hand or by Hypothesis, and claims of every shape to try them on."""

from dataclasses import fields
from datetime import date
from typing import Any

from business_rules.fields import FIELD_NO_INPUT
from business_rules.operators import BaseType
from hypothesis import strategies as st

from rules.decision import RuleResult
from rules.engine import decide
from rules.facts import ClaimFacts
from rules.loading import load_programme
from rules.operators import DISTANCE, Day, Number, Text, TextList, operators_of
from rules.rulesets import Action, Condition, DaysOf, Group, Leaf, Reference, Rule, RuleSet
from rules.variables import VARIABLES
from tests.rules.claims import READY, TODAY

PROGRAMME = load_programme()


def holds(condition: Condition, facts: ClaimFacts = READY) -> bool:
    return result(condition, facts).fired


def result(condition: Condition, facts: ClaimFacts = READY, *actions: Action) -> RuleResult:
    rule = Rule("only", "The only rule", "test", None, condition, actions)
    (finding,) = decide(a_set(rule), facts).findings
    return finding


def a_set(*rules: Rule) -> RuleSet:
    return RuleSet("trial", "A trial", "test", "0", rules, PROGRAMME.catalogue, PROGRAMME.limits)


YES, NO = Leaf("location_known", "is_true", None), Leaf("location_known", "is_false", None)

TEXTS = st.sampled_from(
    ["", " ", "a", "teams", "exchange", "cara@fabrikam.com", "fabrikam.com", READY.customer_tenant_id]
)
OF_TYPE: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    bool: st.booleans(),
    int: st.integers(0, 3),
    tuple[str, ...]: st.lists(TEXTS, max_size=3).map(tuple),
    date: st.just(TODAY),
    date | None: st.none() | st.dates(date(2025, 6, 1), date(2027, 6, 1)),
}
INPUTS: dict[str, st.SearchStrategy[Any]] = {
    FIELD_NO_INPUT: st.none(),
    "text": TEXTS.filter(bool),
    "texts": st.lists(TEXTS.filter(bool), min_size=1, max_size=3).map(tuple),
    "number": st.integers(-1, 3),
    "days": st.integers(0, 400),
    "months": st.integers(0, 14),
    "day": st.dates(date(2025, 6, 1), date(2027, 6, 1)).map(date.isoformat),
}


FACTS = st.builds(ClaimFacts, **{field.name: OF_TYPE[field.type] for field in fields(ClaimFacts)})


def referring(kind: type[BaseType]) -> st.SearchStrategy[Reference]:
    return st.sampled_from(sorted(name for name, one in VARIABLES.items() if one is kind)).map(Reference)


VALUES: dict[str, st.SearchStrategy[Any]] = {
    **INPUTS,
    "text": INPUTS["text"] | referring(Text),
    "texts": INPUTS["texts"] | referring(TextList),
    "number": INPUTS["number"] | referring(Number),
    "day": INPUTS["day"] | referring(Day),
    DISTANCE: st.builds(DaysOf, INPUTS["days"], INPUTS["day"] | referring(Day)),
}


@st.composite
def leaves(draw: st.DrawFn) -> Leaf:
    variable = draw(st.sampled_from(sorted(VARIABLES)))
    operators = operators_of(VARIABLES[variable])
    operator = draw(st.sampled_from(sorted(operators)))
    return Leaf(variable, operator, draw(VALUES[operators[operator]["input_type"]]))


def groups(kinds: list[Any], parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    def group(kind: Any) -> st.SearchStrategy[Condition]:
        most = 1 if kind == "not" else 3
        return st.lists(parts, min_size=1, max_size=most).map(lambda chosen: Group(kind, tuple(chosen)))

    return st.sampled_from(kinds).flatmap(group)


TREES = st.recursive(leaves(), lambda parts: groups(["all", "any"], parts), max_leaves=8)
TREES_WITH_NOT = st.recursive(leaves(), lambda parts: groups(["all", "any", "not"], parts), max_leaves=8)
