"""Decides: a rule set and the facts of a claim become a decision.

business-rules decides each comparison and carries out the actions. The tree of conditions is walked here, because the
library answers with a bare yes or no, knows no `not`, and lets an empty group fire under `python -O`. Every
comparison is made, also where the answer is already clear: people want to see all of it.

Whatever does not depend on the claim is done once for a rule set, and a variable is worked out once for a claim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from business_rules import engine

from rules.actions import Verdicts
from rules.decision import Decision, GroupResult, LeafResult, PlainValue, RuleResult, Verdict, outcome_of
from rules.facts import ClaimFacts
from rules.operators import Dated
from rules.plan import OPERATORS, argument, plan_of
from rules.rulesets import PLACEHOLDER, Condition, DaysOf, Leaf, Reference, Rule, RuleSet, Value, references
from rules.variables import LABELS, VARIABLES, ClaimVariables

Result = TypeVar("Result", LeafResult, GroupResult, RuleResult)
Evaluate = Callable[["_Known"], LeafResult | GroupResult]


def decide(rule_set: RuleSet, facts: ClaimFacts) -> Decision:
    """What `rule_set` says about a claim with these `facts`. Raises TypeError for a fact of the wrong type."""
    variables, rules = _prepared(rule_set)
    known = _Known(variables, ClaimVariables(facts, rule_set.catalogue))
    findings = tuple([rule(known) for rule in rules])
    return Decision(
        rule_set=rule_set.id,
        title=rule_set.title,
        version=rule_set.version,
        outcome=outcome_of([verdict.kind for finding in findings for verdict in finding.verdicts]),
        findings=findings,
    )


@lru_cache(maxsize=64)
def _prepared(rule_set: RuleSet) -> tuple[tuple[str, ...], list[Callable[[_Known], RuleResult]]]:
    plan = plan_of(rule_set)
    return plan.variables, [_rule(rule, rule_set) for rule in rule_set.rules]


class _Known:
    """The variables of a rule set as the library asks for them, each worked out, checked and cast once.

    They are the attributes of this object, and it has no others that a rule could name. `values` holds them as they
    are, days without their today; `plain` as a decision keeps them.
    """

    def __init__(self, names: tuple[str, ...], variables: ClaimVariables) -> None:
        answers = self.__dict__
        self_values: dict[str, Any] = {}
        self_plain: dict[str, PlainValue] = {}
        for name in names:
            typed = VARIABLES[name](getattr(variables, name)())
            value = typed.value
            if type(value) is Dated:
                value = value.day
                self_plain[name] = value.isoformat() if value else None
            else:
                self_plain[name] = value
            self_values[name] = value
            answers[name] = _Answer(typed)
        answers[_VALUES], answers[_PLAIN] = self_values, self_plain


# No variable can have these names, since they are no identifiers.
_VALUES, _PLAIN = "the values", "the plain values"


class _Answer:
    """A value already cast, in the shape of the method that the library calls, whose result it then casts."""

    __slots__ = ("typed",)

    def __init__(self, typed: Any) -> None:
        self.typed = typed

    def __call__(self) -> Any:
        return self.typed

    @staticmethod
    def field_type(typed: Any) -> Any:
        return typed


def _rule(rule: Rule, rule_set: RuleSet) -> Callable[[_Known], RuleResult]:
    evaluate = _condition(rule.condition)
    said = [
        (action.name, {param: _message(text, rule_set) for param, text in action.params.items()})
        for action in rule.actions
    ]
    template = {"id": rule.id, "title": rule.title, "source": rule.source, "field": rule.field}

    def apply(known: _Known) -> RuleResult:
        condition = evaluate(known)
        verdicts: tuple[Verdict, ...] = ()
        if condition.holds:
            values = known.__dict__[_VALUES]
            collector = Verdicts(rule.id, rule.field)
            actions = [
                {"name": name, "params": {param: message(values) for param, message in params.items()}}
                for name, params in said
            ]
            engine.do_actions(actions, collector)
            verdicts = tuple(collector.collected)
        return _new(RuleResult, template, fired=condition.holds, verdicts=verdicts, condition=condition)

    return apply


def _condition(condition: Condition) -> Evaluate:
    if isinstance(condition, Leaf):
        return _leaf(condition)
    kind, parts = condition.kind, [_condition(part) for part in condition.parts]
    template = {"kind": kind}
    wanted, otherwise = {"all": (False, False), "any": (True, True), "not": (True, False)}[kind]

    def group(known: _Known) -> GroupResult:
        results = tuple([part(known) for part in parts])
        # The answer that settles it: a No for “all” and a Yes for “any” and “not”.
        settled = wanted in [result.holds for result in results]
        holds = otherwise if settled else not otherwise
        return _new(GroupResult, template, parts=results, holds=holds)

    return group


def _leaf(leaf: Leaf) -> Evaluate:
    name, value = leaf.variable, leaf.value
    template = {
        "kind": "leaf",
        "variable": name,
        "label": LABELS[name],
        "operator": leaf.operator,
        "operator_label": OPERATORS[name][leaf.operator]["label"],
        "expected": _expected(value, {}),
        "expected_label": _expected_label(value),
    }
    check = engine.check_condition
    if any(references(value)):

        def compare_with_variable(known: _Known) -> LeafResult:
            values, plain = known.__dict__[_VALUES], known.__dict__[_PLAIN]
            holds = check({"name": name, "operator": leaf.operator, "value": argument(leaf, values)}, known)
            return _new(LeafResult, template, expected=_expected(value, plain), actual=plain[name], holds=holds)

        return compare_with_variable

    asked = {"name": name, "operator": leaf.operator, "value": argument(leaf, {})}

    def compare(known: _Known) -> LeafResult:
        return _new(LeafResult, template, actual=known.__dict__[_PLAIN][name], holds=check(asked, known))

    return compare


def _new(kind: type[Result], template: Mapping[str, Any], **more: Any) -> Result:
    """An instance of a frozen dataclass. Its own constructor sets each field by itself, which takes thrice as long."""
    made = object.__new__(kind)
    made.__dict__.update(template, **more)
    return made


def _expected(value: Value, plain: Mapping[str, PlainValue]) -> PlainValue:
    if isinstance(value, Reference):
        return plain.get(value.variable)
    if isinstance(value, DaysOf):
        return f"{_expected(value.days, plain)} days of {_expected(value.of, plain) or 'no day'}"
    return value


def _expected_label(value: Value) -> str:
    return ", ".join(LABELS[reference.variable] for reference in references(value))


def _message(text: str, rule_set: RuleSet) -> Callable[[Mapping[str, Any]], str]:
    """Fills `text` in with the values of the variables and limits that it names in braces."""
    limits = rule_set.limits.named

    def filled_in(values: Mapping[str, Any]) -> str:
        return PLACEHOLDER.sub(
            lambda match: str(int(limits[match[1]])) if match[1] not in VARIABLES else _shown(values[match[1]]), text
        )

    return filled_in if PLACEHOLDER.search(text) else lambda _: text


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value)
    if value is None:
        return "no day"
    return str(value) if isinstance(value, str | int) else f"{value.day} {value:%B %Y}"
