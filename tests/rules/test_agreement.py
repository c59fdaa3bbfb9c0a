"""On any conditions and any claim: we decide as the library does, and keep every comparison."""

from typing import Any

from business_rules.engine import check_conditions_recursively
from hypothesis import given

from rules.facts import LABELS, ClaimFacts, ClaimVariables
from rules.operators import Dated
from rules.rulesets import Condition, Leaf
from tests.rules.trials import FACTS, PROGRAMME, TREES, TREES_WITH_NOT, holds, result


def in_the_librarys_shape(condition: Condition) -> dict[str, Any]:
    if isinstance(condition, Leaf):
        return {"name": condition.variable, "operator": condition.operator, "value": condition.value}
    return {condition.kind: [in_the_librarys_shape(part) for part in condition.parts]}


def by_hand(condition: Condition, facts: ClaimFacts) -> bool:
    if isinstance(condition, Leaf):
        return bool(check_conditions_recursively(in_the_librarys_shape(condition), variables(facts)))
    answers = [by_hand(part, facts) for part in condition.parts]
    return {"all": all(answers), "any": any(answers), "not": not answers[0]}[condition.kind]


def variables(facts: ClaimFacts) -> ClaimVariables:
    return ClaimVariables(facts, PROGRAMME.catalogue)


@given(TREES, FACTS)
def test_the_library_itself_decides_the_same(condition: Condition, facts: ClaimFacts) -> None:
    library = check_conditions_recursively(in_the_librarys_shape(condition), variables(facts))
    assert holds(condition, facts) is library


@given(TREES_WITH_NOT, FACTS)
def test_with_not_it_is_the_same_as_python_would_say(condition: Condition, facts: ClaimFacts) -> None:
    assert holds(condition, facts) is by_hand(condition, facts)


@given(TREES_WITH_NOT, FACTS)
def test_every_comparison_is_kept_with_what_was_expected_and_found(condition: Condition, facts: ClaimFacts) -> None:
    finding = result(condition, facts)
    assert [(leaf.variable, leaf.operator, leaf.expected) for leaf in finding.leaves] == list(flat(condition))
    for leaf in finding.leaves:
        again = Leaf(leaf.variable, leaf.operator, leaf.expected)
        assert holds(again, facts) is leaf.holds
        assert leaf.label == LABELS[leaf.variable]
        found = getattr(variables(facts), leaf.variable)()
        found = found.day and found.day.isoformat() if isinstance(found, Dated) else found
        assert leaf.actual == found


def flat(condition: Condition) -> list[tuple[str, str, Any]]:
    if isinstance(condition, Leaf):
        return [(condition.variable, condition.operator, condition.value)]
    return [leaf for part in condition.parts for leaf in flat(part)]
