"""Decides: a rule set and the facts of a claim become a decision.

business-rules decides each comparison and carries out the actions. The tree of conditions is walked here, because the
library answers with a bare yes or no, knows no `not`, and lets an empty group fire under `python -O`. Every
comparison is made, also where the answer is already clear: people want to see all of it.
"""

from collections.abc import Callable, Iterable
from typing import Any, Literal

from business_rules import engine

from rules.catalogue import Catalogue
from rules.decision import (
    ACTIONS,
    Decision,
    GroupResult,
    LeafResult,
    PlainValue,
    RuleResult,
    Verdict,
    Verdicts,
)
from rules.facts import LABELS, VARIABLES, ClaimFacts, ClaimVariables
from rules.operators import Dated, operators_of
from rules.rulesets import PLACEHOLDER, Condition, Leaf, Rule, RuleSet

_OPERATORS = {name: operators_of(kind) for name, kind in VARIABLES.items()}


def decide(rule_set: RuleSet, facts: ClaimFacts) -> Decision:
    """What `rule_set` says about a claim with these `facts`. Raises TypeError for a fact of the wrong type."""
    known = _Known(facts, rule_set.catalogue)
    findings = tuple(_apply(rule, rule_set, known) for rule in rule_set.rules)
    return Decision(
        rule_set=rule_set.id,
        title=rule_set.title,
        version=rule_set.version,
        outcome=_outcome(verdict for finding in findings for verdict in finding.verdicts),
        findings=findings,
    )


class _Known:
    """The variables as the library asks for them: only declared ones, each worked out once."""

    def __init__(self, facts: ClaimFacts, catalogue: Catalogue) -> None:
        self._variables = ClaimVariables(facts, catalogue)
        self._answers: dict[str, _Answer] = {}

    def __getattr__(self, name: str) -> Callable[[], Any]:
        if name not in VARIABLES:
            raise AttributeError(name)
        if name not in self._answers:
            self._answers[name] = _Answer(getattr(self._variables, name)(), VARIABLES[name])
        return self._answers[name]


class _Answer:
    """A value already worked out, in the shape of the method that the library would call for it."""

    def __init__(self, value: Any, field_type: type[Any]) -> None:
        self.value = value
        self.field_type = field_type

    def __call__(self) -> Any:
        return self.value


def _apply(rule: Rule, rule_set: RuleSet, known: _Known) -> RuleResult:
    condition = _evaluate(rule.condition, known)
    verdicts: tuple[Verdict, ...] = ()
    if condition.holds:
        collector = Verdicts(rule.id, rule.field)
        for action in rule.actions:
            _declared("action", action.name, ACTIONS)
            params = {name: _filled_in(text, rule_set, known) for name, text in action.params.items()}
            engine.do_actions([{"name": action.name, "params": params}], collector)
        verdicts = tuple(collector.collected)
    return RuleResult(
        id=rule.id,
        title=rule.title,
        source=rule.source,
        field=rule.field,
        fired=condition.holds,
        verdicts=verdicts,
        condition=condition,
    )


def _evaluate(condition: Condition, known: _Known) -> LeafResult | GroupResult:
    if isinstance(condition, Leaf):
        return _compare(condition, known)
    parts = tuple(_evaluate(part, known) for part in condition.parts)
    if not parts:
        raise ValueError(f"an empty “{condition.kind}” says nothing")
    match condition.kind:
        case "all":
            holds = all(part.holds for part in parts)
        case "any":
            holds = any(part.holds for part in parts)
        case "not":
            (part,) = parts
            holds = not part.holds
    return GroupResult(kind=condition.kind, parts=parts, holds=holds)


def _compare(leaf: Leaf, known: _Known) -> LeafResult:
    # Loading has checked both names. Asked again here, because the library would call whatever it is given.
    _declared("variable", leaf.variable, VARIABLES)
    _declared("operator", leaf.operator, _OPERATORS[leaf.variable])
    asked = {"name": leaf.variable, "operator": leaf.operator, "value": leaf.value}
    return LeafResult(
        variable=leaf.variable,
        label=LABELS[leaf.variable],
        operator=leaf.operator,
        operator_label=_OPERATORS[leaf.variable][leaf.operator]["label"],
        expected=leaf.value,
        actual=_plain(getattr(known, leaf.variable)()),
        holds=engine.check_condition(asked, known),
    )


def _declared(what: str, name: str, names: Iterable[str]) -> None:
    if name not in names:
        raise LookupError(f"There is no {what} “{name}”.")


def _plain(value: Any) -> PlainValue:
    if isinstance(value, Dated):
        return value.day.isoformat() if value.day else None
    if isinstance(value, str):
        return str(value)
    plain: PlainValue = value
    return plain


def _filled_in(text: str, rule_set: RuleSet, known: _Known) -> str:
    """`text` with the values of the variables and limits that it names in braces."""

    def shown(name: str) -> str:
        if name not in VARIABLES:
            return str(int(rule_set.limits.named[name]))
        value = getattr(known, name)()
        if isinstance(value, Dated):
            return f"{value.day.day} {value.day:%B %Y}" if value.day else "no day"
        return ", ".join(value) if isinstance(value, tuple) else str(value)

    return PLACEHOLDER.sub(lambda match: shown(match[1]), text)


def _outcome(verdicts: Iterable[Verdict]) -> Literal["passed", "blocked", "eligible", "ineligible"]:
    kinds = {verdict.kind for verdict in verdicts}
    if "block" in kinds:
        return "blocked"
    if "ineligible" in kinds:
        return "ineligible"
    return "eligible" if "eligible" in kinds else "passed"
