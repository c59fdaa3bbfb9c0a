"""A decision in words: each rule with what came of it, the values that decided it, and what to do about it.

As data and without anything of Slack's or a terminal's, so that the card's *Why?* and `claimbot rules explain` say the
same. Everything comes from the stored decision alone: one of years ago is explained by the rules that made it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rules.decision import ConditionResult, Decision, LeafResult, PlainValue, RuleResult

Mark = Literal["block", "ineligible", "warn", "suggest", "eligible", "notify", "silent"]
"""What came of a rule: the gravest thing it says, or "silent" where it does not apply."""
GRAVITY: tuple[Mark, ...] = ("block", "ineligible", "warn", "suggest", "eligible", "notify", "silent")

HEADLINES = {
    "passed": "Nothing stands in the way.",
    "blocked": "Something stands in the way.",
    "eligible": "It can bring money.",
    "ineligible": "It brings no money.",
}
_JOINTS = {"all": "All of these:", "any": "At least one of these:", "not": "Not this:"}


@dataclass(frozen=True, slots=True)
class RuleExplained:
    """One rule. ``advice`` is what to do about it or to know; ``because`` the comparisons, each with what was found.

    Of a rule that is silent ``because`` says why: which of its conditions did not hold.
    """

    id: str
    title: str
    source: str
    field: str | None
    mark: Mark
    advice: tuple[str, ...]
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision explained: the rules that spoke first, the gravest on top, then those that had nothing to say."""

    title: str
    outcome: str
    headline: str
    version: str
    rules: tuple[RuleExplained, ...]

    @property
    def spoke(self) -> tuple[RuleExplained, ...]:
        """The rules that applied."""
        return tuple(rule for rule in self.rules if rule.mark != "silent")

    @property
    def silent(self) -> tuple[RuleExplained, ...]:
        """The rules that did not apply."""
        return tuple(rule for rule in self.rules if rule.mark == "silent")


def explanation(decision: Decision) -> Explanation:
    """``decision`` in words."""
    rules = sorted(map(_explained, decision.findings), key=lambda rule: GRAVITY.index(rule.mark))
    headline = HEADLINES[decision.outcome]
    return Explanation(decision.title, decision.outcome, headline, decision.version, tuple(rules))


def explain(decision: Decision) -> list[str]:
    """``decision`` as plain lines, for a terminal or a text file."""
    told = explanation(decision)
    lines = [f"{told.title}: {told.outcome}. {told.headline} Rules {told.version}."]
    for rule in told.rules:
        lines += ["", f"[{'–' if rule.mark == 'silent' else rule.mark}] {rule.title} ({rule.id})"]
        lines += [f"    {line}" for line in (*rule.advice, *rule.because, f"Source: {rule.source}")]
    return lines


def _explained(finding: RuleResult) -> RuleExplained:
    marks: list[Mark] = [verdict.kind for verdict in finding.verdicts]
    mark = min(marks, key=GRAVITY.index) if marks else "silent"
    advice = tuple(verdict.message for verdict in finding.verdicts if verdict.message)
    because = tuple(_lines(finding.condition))
    return RuleExplained(finding.id, finding.title, finding.source, finding.field, mark, advice, because)


def _lines(condition: ConditionResult, depth: int = 0) -> list[str]:
    indent = "  " * depth
    if isinstance(condition, LeafResult):
        return [indent + comparison(condition)]
    if condition.kind != "not" and (len(condition.parts) == 1 or (not depth and condition.kind == "all")):
        return [line for part in condition.parts for line in _lines(part, depth)]
    holds = "yes" if condition.holds else "no"
    lines = [f"{indent}{_JOINTS[condition.kind]} {holds}"]
    return lines + [line for part in condition.parts for line in _lines(part, depth + 1)]


def comparison(leaf: LeafResult) -> str:
    """One comparison: "Files of proof is less than 1: yes (it is 3)"."""
    named = f"{leaf.expected_label} = " if leaf.expected_label else ""
    expected = "" if leaf.expected is None and not named else f" {named}{shown(leaf.expected)}"
    holds = "yes" if leaf.holds else "no"
    return f"{leaf.label} {leaf.operator_label}{expected}: {holds} (found: {shown(leaf.actual)})"


def shown(value: PlainValue) -> str:
    """A value as people read it."""
    if value is None or value == "" or value == ():
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value)
