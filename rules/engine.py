"""Decides: a rule set and the facts of a claim become a decision.

The types, operators and actions are those that business-rules declares: a value is cast by its type, each comparison is
an operator of that type, and the library carries out the actions. Operators are looked up once for a rule set, not
anew for each comparison, and the tree of conditions is walked here, because the library answers with a bare yes or no,
knows no `not`, and lets an empty group fire under `python -O`. Every comparison is made, also where the answer is
already clear: people want to see all of it. That the library itself says the same is a property test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from business_rules import engine

from rules.actions import Verdicts
from rules.decision import Decision, GroupResult, LeafResult, PlainValue, RuleResult, Verdict, outcome_of
from rules.facts import ClaimFacts
from rules.operators import Boolean, Day
from rules.plan import OPERATORS, argument, plan_of, takes_value
from rules.rulesets import PLACEHOLDER, Condition, DaysOf, Group, Leaf, Reference, Rule, RuleSet, Value, references
from rules.variables import LABELS, VARIABLES, ClaimVariables

Result = TypeVar("Result", LeafResult, GroupResult, RuleResult)
Evaluate = Callable[["_Known"], LeafResult | GroupResult]
Apply = Callable[["_Known"], RuleResult]


def decide(rule_set: RuleSet, facts: ClaimFacts) -> Decision:
    """What `rule_set` says about a claim with these `facts`. Raises TypeError for a fact of the wrong type."""
    names, rules = _prepared(rule_set)
    known = _Known(names, ClaimVariables(facts, rule_set.catalogue))
    findings = tuple([apply(known) for apply in rules])
    return Decision(
        rule_set=rule_set.id,
        title=rule_set.title,
        version=rule_set.version,
        outcome=outcome_of([verdict.kind for finding in findings for verdict in finding.verdicts]),
        findings=findings,
    )


@lru_cache(maxsize=64)
def _prepared(rule_set: RuleSet) -> tuple[tuple[str, ...], list[Apply]]:
    plan = plan_of(rule_set)
    return plan.variables, [_rule(rule, rule_set) for rule in rule_set.rules]


class _Known:
    """The variables that a rule set names, each worked out, checked and cast once.

    `typed` holds them as the library's types; `values` as they are, days without their today; `plain` as a decision
    keeps them.
    """

    __slots__ = ("plain", "typed", "values")

    def __init__(self, names: tuple[str, ...], variables: ClaimVariables) -> None:
        typed = {name: VARIABLES[name](getattr(variables, name)()) for name in names}
        self.typed: dict[str, Any] = typed
        self.values: dict[str, Any] = {name: one.value for name, one in typed.items()}
        self.plain: dict[str, PlainValue] = self.values.copy()
        for name, one in typed.items():
            if isinstance(one, Day):
                day = self.values[name] = one.value.day
                self.plain[name] = day.isoformat() if day else None


def _rule(rule: Rule, rule_set: RuleSet) -> Apply:
    evaluate, speak = _condition(rule.condition), _speech(rule, rule_set)
    states = {"id": rule.id, "title": rule.title, "source": rule.source, "field": rule.field}
    silent: dict[str, Any] = {**states, "fired": False, "verdicts": (), "condition": None}
    fired: dict[str, Any] = {**states, "fired": True, "verdicts": (), "condition": None}

    def apply(known: _Known) -> RuleResult:
        condition = evaluate(known)
        state = (fired if condition.holds else silent).copy()
        state["condition"] = condition
        if condition.holds:
            state["verdicts"] = speak(known)
        return _new(RuleResult, state)

    return apply


def _speech(rule: Rule, rule_set: RuleSet) -> Callable[[_Known], tuple[Verdict, ...]]:
    """Has the library carry out the rule's actions; where they show no variable, once and for all."""

    def speak(values: Mapping[str, Any]) -> tuple[Verdict, ...]:
        collector = Verdicts(rule.id, rule.field)
        for action in rule.actions:
            params = {param: _filled_in(text, values, rule_set) for param, text in action.params.items()}
            engine.do_actions([{"name": action.name, "params": params}], collector)
        return tuple(collector.collected)

    texts = [text for action in rule.actions for text in action.params.values()]
    if any(name in VARIABLES for text in texts for name in PLACEHOLDER.findall(text)):
        return lambda known: speak(known.values)
    said = speak({})
    return lambda _: said


def _condition(condition: Condition) -> Evaluate:
    return _leaf(condition) if isinstance(condition, Leaf) else _group(condition)


def _group(group: Group) -> Evaluate:
    parts = [_condition(part) for part in group.parts]
    # The answer that settles it (a No for “all”, a Yes for “any” and “not”), and what the group then is.
    settling, settled = {"all": (False, False), "any": (True, True), "not": (True, False)}[group.kind]
    template: dict[str, Any] = {"kind": group.kind, "parts": (), "holds": settled}

    def evaluate(known: _Known) -> GroupResult:
        state = template.copy()
        state["parts"] = results = tuple([part(known) for part in parts])
        if settling not in [result.holds for result in results]:
            state["holds"] = not settled
        return _new(GroupResult, state)

    return evaluate


def _leaf(leaf: Leaf) -> Evaluate:
    name, value = leaf.variable, leaf.value
    compare = getattr(VARIABLES[name], leaf.operator)
    template = {
        "kind": "leaf",
        "variable": name,
        "label": LABELS[name],
        "operator": leaf.operator,
        "operator_label": OPERATORS[name][leaf.operator]["label"],
        "expected": _expected(value, {}),
        "expected_label": _expected_label(value),
    }
    if any(references(value)):

        def compare_with_variable(known: _Known) -> LeafResult:
            holds = compare(known.typed[name], argument(leaf, known.values))
            found = {"expected": _expected(value, known.plain), "actual": known.plain[name], "holds": holds}
            return _new(LeafResult, template | found)

        return compare_with_variable

    given = (argument(leaf, {}),) if takes_value(leaf) else ()
    if VARIABLES[name] is Boolean:
        # There are only two results, so both are made beforehand.
        both = {
            actual: _new(LeafResult, template | {"actual": actual, "holds": compare(Boolean(actual), *given)})
            for actual in (True, False)
        }
        return lambda known: both[known.values[name]]

    yes, no = template | {"actual": None, "holds": True}, template | {"actual": None, "holds": False}

    def evaluate(known: _Known) -> LeafResult:
        state = (yes if compare(known.typed[name], *given) else no).copy()
        state["actual"] = known.plain[name]
        return _new(LeafResult, state)

    return evaluate


def _new(kind: type[Result], state: dict[str, Any]) -> Result:
    """A frozen dataclass with this state. Its own constructor sets each field by itself, which takes thrice as long."""
    made = object.__new__(kind)
    object.__setattr__(made, "__dict__", state)
    return made


def _expected(value: Value, plain: Mapping[str, PlainValue]) -> PlainValue:
    if isinstance(value, Reference):
        return plain.get(value.variable)
    if isinstance(value, DaysOf):
        return f"{_expected(value.days, plain)} days of {_expected(value.of, plain) or 'no day'}"
    return value


def _expected_label(value: Value) -> str:
    return ", ".join(LABELS[reference.variable] for reference in references(value))


def _filled_in(text: str, values: Mapping[str, Any], rule_set: RuleSet) -> str:
    """`text` with the values of the variables and limits that it names in braces."""

    def shown(name: str) -> str:
        return _shown(values[name]) if name in VARIABLES else str(int(rule_set.limits.named[name]))

    return PLACEHOLDER.sub(lambda match: shown(match[1]), text)


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    if value is None:
        return "no day"
    return str(value) if isinstance(value, str | int) else f"{value.day} {value:%B %Y}"
