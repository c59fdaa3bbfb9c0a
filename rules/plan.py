"""A rule set made ready for deciding, once: checked, with everything looked up that does not depend on a claim.

Both evaluators start from the same plan, so both refuse the same rule sets, and ask a claim for the same variables in
the same order: one with a fact of the wrong type stops either of them in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from business_rules.fields import FIELD_NO_INPUT

from rules.actions import ACTIONS
from rules.operators import Distance, operators_of
from rules.rulesets import PLACEHOLDER, Condition, DaysOf, Leaf, Reference, Rule, RuleSet, Value, references
from rules.variables import VARIABLES

OPERATORS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    name: operators_of(kind) for name, kind in VARIABLES.items()
}
"""The operators of every variable by name, each with `label` and `input_type`, as the library exports them."""


@dataclass(frozen=True, eq=False)
class Plan:
    """`variables`: everything that the rules name, in the order in which they name it, each once."""

    rule_set: RuleSet
    variables: tuple[str, ...]


@lru_cache(maxsize=64)
def plan_of(rule_set: RuleSet) -> Plan:
    """The plan of a rule set, made the first time and kept.

    Raises LookupError for a name that is not declared and ValueError for an empty group. Loading has checked both, but
    the library would call whatever it is given, so it is asked again here.
    """
    named: dict[str, None] = {}
    for rule in rule_set.rules:
        for leaf in leaves(rule.condition):
            _declared("variable", leaf.variable, VARIABLES)
            _declared("operator", leaf.operator, OPERATORS[leaf.variable])
            named[leaf.variable] = None
            for reference in references(leaf.value):
                _declared("variable", reference.variable, VARIABLES)
                named[reference.variable] = None
        for name in shown_in(rule):
            if name in VARIABLES:
                named[name] = None
            else:
                _declared("limit", name, rule_set.limits.named)
    return Plan(rule_set, tuple(named))


def leaves(condition: Condition) -> Iterator[Leaf]:
    """The comparisons of a condition, in their order. Raises ValueError for an empty group."""
    if isinstance(condition, Leaf):
        yield condition
        return
    if not condition.parts:
        raise ValueError(f"an empty “{condition.kind}” says nothing")
    if condition.kind == "not" and len(condition.parts) > 1:
        raise ValueError("“not” takes one condition")
    for part in condition.parts:
        yield from leaves(part)


def shown_in(rule: Rule) -> Iterator[str]:
    """The variables and limits that a rule's messages show, in their order."""
    for action in rule.actions:
        _declared("action", action.name, ACTIONS)
        for param in action.params.values():
            yield from PLACEHOLDER.findall(param)


def argument(leaf: Leaf, values: Mapping[str, Any]) -> Any:
    """What the operator of `leaf` is given, where variables have these `values` (days without their today)."""
    if isinstance(leaf.value, DaysOf):
        return Distance(_resolved(leaf.value.days, values), _day(_resolved(leaf.value.of, values)))
    value = _resolved(leaf.value, values)
    return _day(value) if takes_day(leaf) else value


def takes_value(leaf: Leaf) -> bool:
    """Whether the operator of `leaf` takes a value at all."""
    takes: bool = _input_type(leaf) != FIELD_NO_INPUT
    return takes


def takes_day(leaf: Leaf) -> bool:
    """Whether the value of `leaf` is a day."""
    return _input_type(leaf) == "day"


def _input_type(leaf: Leaf) -> str:
    return OPERATORS[leaf.variable][leaf.operator]["input_type"]


def _resolved(value: Value, values: Mapping[str, Any]) -> Any:
    return values[value.variable] if isinstance(value, Reference) else value


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _declared(what: str, name: str, names: Iterable[str]) -> None:
    if name not in names:
        raise LookupError(f"There is no {what} “{name}”.")
