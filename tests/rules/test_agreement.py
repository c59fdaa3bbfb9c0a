"""On any conditions and any claim: we decide as the library does, and keep every comparison."""

from datetime import date
from typing import Any

from business_rules.engine import check_conditions_recursively
from hypothesis import given

from rules.facts import ClaimFacts
from rules.operators import Dated, Distance
from rules.rulesets import Condition, DaysOf, Leaf, Reference
from rules.variables import LABELS, ClaimVariables
from tests.rules.trials import FACTS, PROGRAMME, TREES, TREES_WITH_NOT, holds, result


def in_the_librarys_shape(condition: Condition, facts: ClaimFacts) -> dict[str, Any]:
    if isinstance(condition, Leaf):
        value = given_value(condition, facts)
        return {"name": condition.variable, "operator": condition.operator, "value": value}
    return {condition.kind: [in_the_librarys_shape(part, facts) for part in condition.parts]}


def value_of(variable: str, facts: ClaimFacts) -> Any:
    value = getattr(variables(facts), variable)()
    return value.day if isinstance(value, Dated) else value


def given_value(leaf: Leaf, facts: ClaimFacts) -> Any:
    """What stands as the value, said anew: the library knows neither variables there nor days as text."""
    value = leaf.value
    if isinstance(value, DaysOf):
        assert isinstance(value.days, int)
        of = value_of(value.of.variable, facts) if isinstance(value.of, Reference) else date.fromisoformat(value.of)
        return Distance(value.days, of)
    if isinstance(value, Reference):
        return value_of(value.variable, facts)
    return date.fromisoformat(str(value)) if leaf.operator in ("on_or_before", "on_or_after") else value


def by_hand(condition: Condition, facts: ClaimFacts) -> bool:
    if isinstance(condition, Leaf):
        return bool(check_conditions_recursively(in_the_librarys_shape(condition, facts), variables(facts)))
    answers = [by_hand(part, facts) for part in condition.parts]
    return {"all": all(answers), "any": any(answers), "not": not answers[0]}[condition.kind]


def variables(facts: ClaimFacts) -> ClaimVariables:
    return ClaimVariables(facts, PROGRAMME.catalogue)


@given(TREES, FACTS)
def test_the_library_itself_decides_the_same(condition: Condition, facts: ClaimFacts) -> None:
    library = check_conditions_recursively(in_the_librarys_shape(condition, facts), variables(facts))
    assert holds(condition, facts) is library


@given(TREES_WITH_NOT, FACTS)
def test_with_not_it_is_the_same_as_python_would_say(condition: Condition, facts: ClaimFacts) -> None:
    assert holds(condition, facts) is by_hand(condition, facts)


@given(TREES_WITH_NOT, FACTS)
def test_every_comparison_is_kept_with_what_was_expected_and_found(condition: Condition, facts: ClaimFacts) -> None:
    finding = result(condition, facts)
    stated = flat(condition)
    assert [(leaf.variable, leaf.operator) for leaf in finding.leaves] == [
        (one.variable, one.operator) for one in stated
    ]
    for leaf, again in zip(finding.leaves, stated, strict=True):
        assert holds(again, facts) is leaf.holds
        if isinstance(again.value, Reference):
            value = value_of(again.value.variable, facts)
            assert leaf.expected == (value.isoformat() if isinstance(value, date) else value)
            assert leaf.expected_label == LABELS[again.value.variable]
        elif not isinstance(again.value, DaysOf):
            assert (leaf.expected, leaf.expected_label) == (again.value, "")
        assert leaf.label == LABELS[leaf.variable]
        found = getattr(variables(facts), leaf.variable)()
        found = found.day and found.day.isoformat() if isinstance(found, Dated) else found
        assert leaf.actual == found


def flat(condition: Condition) -> list[Leaf]:
    if isinstance(condition, Leaf):
        return [condition]
    return [leaf for part in condition.parts for leaf in flat(part)]
