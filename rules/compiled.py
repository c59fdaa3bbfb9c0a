"""The second evaluator: a rule set compiled into one Python function, for bulk work such as simulating new rules.

It gives the outcome and which rules fire, without an explanation, and means the same as `rules.engine.decide`, errors
included; property tests hold the two together. A condition is left as soon as its answer is clear; facts are
checked before, all of them, as `decide` does.

The source of that function is built from names that are declared here or counted (v0, c1), never from what
people wrote: their values stand in the function's namespace as constants. The table `INLINE` says an operator in
Python; one that is missing from it is called as it is declared, so that a new operator works at once, only slower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from business_rules.fields import FIELD_NO_INPUT
from business_rules.operators import BaseType

from rules import formats
from rules.decision import OutcomeName, outcome_of
from rules.facts import ClaimFacts
from rules.operators import DISTANCE, Boolean, Dated, Day, Distance, Number, Text, TextList, months_later
from rules.plan import OPERATORS, Plan, plan_of
from rules.rulesets import Condition, DaysOf, Leaf, Plain, Reference, RuleSet, Value
from rules.variables import VARIABLES, ClaimVariables, is_fact


class Outcome(NamedTuple):
    """What a rule set comes to for a claim: the outcome, and the ids of the rules that fire, in their order."""

    outcome: OutcomeName
    fired: tuple[str, ...]


Compiled = Callable[[ClaimFacts], Outcome]
"""Asks for attributes only: any row whose columns are named as the facts that the rules need will do."""

# {v}: the variable, {c}: the value; of a list or a distance see `_Source.operand`. A day is None where it is missing.
INLINE: dict[tuple[type[BaseType], str], str] = {
    (Boolean, "is_true"): "{v}",
    (Boolean, "is_false"): "not {v}",
    (Text, "equal_to"): "{v} == {c}",
    (Text, "is_one_of"): "{v} in {c}",
    (Text, "is_empty"): "not {v}.strip()",
    (Text, "is_present"): "{v}.strip() != ''",
    (Text, "is_guid"): "is_guid({v})",
    (Text, "is_domain"): "is_domain({v})",
    (Text, "is_email"): "is_email({v})",
    (Number, "equal_to"): "{v} == {c}",
    (Number, "more_than"): "{v} > {c}",
    (Number, "at_least"): "{v} >= {c}",
    (Number, "less_than"): "{v} < {c}",
    (Number, "at_most"): "{v} <= {c}",
    (TextList, "contains"): "{c} in {v}",
    (TextList, "contains_all"): "{c}.issubset({v})",
    (TextList, "contains_any"): "not {c}.isdisjoint({v})",
    (TextList, "is_subset_of"): "{c}.issuperset({v})",
    (TextList, "is_empty"): "not {v}",
    (TextList, "is_present"): "{v} != ()",
    (Day, "is_empty"): "{v} is None",
    (Day, "is_present"): "{v} is not None",
    (Day, "in_the_future"): "{v} is not None and {v} > today",
    (Day, "on_or_before"): "{v} is not None and {c} is not None and {v} <= {c}",
    (Day, "on_or_after"): "{v} is not None and {c} is not None and {v} >= {c}",
    (Day, "within_days_of_today"): "{v} is not None and abs((today - {v}).days) <= {c}",
    (Day, "older_than_days"): "{v} is not None and (today - {v}).days > {c}",
    (Day, "older_than_months"): "{v} is not None and today > months_later({v}, {c})",
    (Day, "within_days_of"): "{v} is not None and {of} is not None and abs(({v} - {of}).days) <= {c}",
    (Day, "later_than_days_after"): "{v} is not None and {of} is not None and ({v} - {of}).days > {c}",
}

# What is of the right type passes; everything else is cast, or refused, by the type itself.
_CHECKS: dict[type[BaseType], str] = {
    Boolean: "if {v} is not True and {v} is not False: {v} = {t}({v}).value",
    Text: "if type({v}) is not str: {v} = {t}({v}).value",
    Number: "if type({v}) is not int: {v} = {t}({v}).value",
    TextList: "if type({v}) is not tuple or {v}: {v} = texts({v})",
}

_GRAVE: tuple[OutcomeName, ...] = ("blocked", "ineligible", "eligible")  # the gravest first

_NAMES: dict[str, Any] = {
    "date": date,
    "is_guid": formats.is_guid,
    "is_domain": formats.is_domain,
    "is_email": formats.is_email,
    "months_later": lru_cache(maxsize=16_384)(months_later),  # many claims have the same few days
    "texts": TextList.checked,
    "Dated": Dated,
    "Distance": Distance,
    "ClaimVariables": ClaimVariables,
    "Outcome": Outcome,
    "frozenset": frozenset,
    "abs": abs,
    "type": type,
    "tuple": tuple,
    "str": str,
    "int": int,
    "__builtins__": {},
}


def compile_rule_set(rule_set: RuleSet) -> Compiled:
    """The function that decides `rule_set`; made the first time and kept.

    Raises:
        LookupError: a name that is not declared.
        ValueError: an empty group.
    What it gives back raises TypeError for a fact of the wrong type.
    """
    return _compiled(rule_set)


def outcomes(rule_set: RuleSet, claims: Iterable[ClaimFacts]) -> Iterator[Outcome]:
    """The outcome of each claim, one after the other."""
    return map(compile_rule_set(rule_set), claims)


def source_of(rule_set: RuleSet) -> str:
    """The function's source, to look at."""
    return _Source(plan_of(rule_set)).text


@lru_cache(maxsize=64)
def _compiled(rule_set: RuleSet) -> Compiled:
    source = _Source(plan_of(rule_set))
    namespace = source.namespace
    # Built above from the fixed pieces of this file and counted names: nobody's words are in it.
    exec(compile(source.text, f"<rule set {rule_set.version}>", "exec"), namespace)  # noqa: S102
    compiled: Compiled = namespace["evaluate"]
    return compiled


class _Source:
    """Writes the function for a plan; `namespace` holds what its text refers to."""

    def __init__(self, plan: Plan) -> None:
        self.namespace: dict[str, Any] = dict(_NAMES, catalogue=plan.rule_set.catalogue)
        self._locals = {name: f"v{number}" for number, name in enumerate(plan.variables)}
        self._constants: dict[Any, str] = {}
        self.text = "\n".join(["def evaluate(facts):", *(f"    {line}" for line in self._lines(plan))]) + "\n"

    def _lines(self, plan: Plan) -> Iterator[str]:
        if any(VARIABLES[name] is Day for name in plan.variables):
            yield "today = facts.today"
        if not all(map(is_fact, plan.variables)):
            yield "variables = ClaimVariables(facts, catalogue)"
        for name in plan.variables:
            yield from self._variable(name)
        yield "fired = []"
        alone = [outcome_of(action.name for action in rule.actions) for rule in plan.rule_set.rules]
        used = [outcome for outcome in _GRAVE if outcome in alone]
        for outcome in used:
            yield f"{outcome} = False"
        for rule, outcome in zip(plan.rule_set.rules, alone, strict=True):
            yield f"if {self._condition(rule.condition)}:"
            yield f"    fired.append({self._constant(rule.id)})"
            if outcome in used:
                yield f"    {outcome} = True"
        result = self._constant("passed")
        for outcome in reversed(used):
            result = f"{self._constant(outcome)} if {outcome} else {result}"
        yield f"return Outcome({result}, tuple(fired))"

    def _variable(self, name: str) -> Iterator[str]:
        here, kind = self._locals[name], VARIABLES[name]
        yield f"{here} = facts.{name}" if is_fact(name) else f"{here} = variables.{name}()"
        if kind is Day:
            if not is_fact(name):
                yield f"{here} = {here}.day"
            wrong = f"type(today) is not date or ({here} is not None and type({here}) is not date)"
            yield f"if {wrong}: {self._constant(kind)}(Dated({here}, today))"
        else:
            yield _CHECKS.get(kind, "{v} = {t}({v}).value").format(v=here, t=self._constant(kind))

    def _condition(self, condition: Condition) -> str:
        if isinstance(condition, Leaf):
            return f"({self._leaf(condition)})"
        parts = [self._condition(part) for part in condition.parts]
        if condition.kind == "not":
            return f"(not {parts[0]})"
        return f"({(' and ' if condition.kind == 'all' else ' or ').join(parts)})"

    def _leaf(self, leaf: Leaf) -> str:
        kind, here = VARIABLES[leaf.variable], self._locals[leaf.variable]
        input_type = OPERATORS[leaf.variable][leaf.operator]["input_type"]
        value, of = leaf.value, "None"
        if isinstance(value, DaysOf):
            of = self._operand(value.of, "day")
            value = value.days
        operand = self._operand(value, input_type)
        if (kind, leaf.operator) in INLINE:
            return INLINE[kind, leaf.operator].format(v=here, c=operand, of=of)
        if input_type == DISTANCE:
            operand = f"Distance({operand}, {of})"
        typed = f"{self._constant(kind)}({f'Dated({here}, today)' if kind is Day else here})"
        return f"{typed}.{leaf.operator}({'' if input_type == FIELD_NO_INPUT else operand})"

    def _operand(self, value: Plain | Reference, input_type: str) -> str:
        """The value as the function names it: lists as sets, days as days."""
        if isinstance(value, Reference):
            other = self._locals[value.variable]
            return f"frozenset({other})" if input_type == "texts" else other
        if input_type == "texts":
            return self._constant(frozenset(value if isinstance(value, tuple) else ()))
        if input_type == "day" and isinstance(value, str):
            return self._constant(date.fromisoformat(value))
        return self._constant(value)

    def _constant(self, value: Value | frozenset[str] | date | type[BaseType]) -> str:
        key = (type(value), value)  # True is 1 to a dictionary
        if key not in self._constants:
            self._constants[key] = f"c{len(self._constants)}"
            self.namespace[self._constants[key]] = value
        return self._constants[key]
