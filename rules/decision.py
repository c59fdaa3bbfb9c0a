"""A decision: what a rule set says about a claim, with everything it rests on.

It is stored with the claim as JSON and read again years later, when rules and operators may be others: so it holds
words and plain values only, and reading it never asks what exists today.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, with_config

PlainValue = bool | int | str | tuple[str, ...] | None
Said = Literal["block", "warn", "eligible", "ineligible", "suggest", "notify"]
OutcomeName = Literal["passed", "blocked", "eligible", "ineligible"]

# extra="ignore": what a later version of claimbot adds must not keep an earlier one from reading.
_STORED = ConfigDict(extra="ignore")


@with_config(_STORED)
@dataclass(frozen=True, kw_only=True)
class LeafResult:
    """One comparison and how it came out. A day stands as text, such as 2026-11-21.

    `expected` is what was compared with; where another variable gave it, `expected_label` names that one.
    """

    kind: Literal["leaf"] = "leaf"
    variable: str
    label: str
    operator: str
    operator_label: str
    expected: PlainValue
    expected_label: str = ""
    actual: PlainValue
    holds: bool


@with_config(_STORED)
@dataclass(frozen=True, kw_only=True)
class GroupResult:
    """Conditions together and how they came out."""

    kind: Literal["all", "any", "not"]
    parts: tuple[ConditionResult, ...]
    holds: bool


ConditionResult = Annotated[LeafResult | GroupResult, Field(discriminator="kind")]


@with_config(_STORED)
@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a rule that fired says. `field` is the id of the form's field it belongs to, where it belongs to one.

    `reason` is the id of a reason, of a "suggest" one of those for more information; `programme` the engagement of an
    "eligible"; `whom` and `what` are who is to be told, and what, of a "notify".
    """

    kind: Said
    rule: str
    field: str | None = None
    reason: str = ""
    message: str = ""
    programme: str = ""
    whom: str = ""
    what: str = ""


@with_config(_STORED)
@dataclass(frozen=True, kw_only=True)
class RuleResult:
    """One rule, whether it fired, what it said then, and every comparison in it."""

    id: str
    title: str
    source: str
    field: str | None
    fired: bool
    verdicts: tuple[Verdict, ...]
    condition: ConditionResult

    @property
    def leaves(self) -> tuple[LeafResult, ...]:
        """The comparisons, in the order in which they stand in the rule."""
        return tuple(_leaves(self.condition))


@with_config(_STORED)
@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a rule set says about a claim. `findings` holds every rule, whether it fired or not.

    `outcome` is "blocked" when any rule blocks; else "ineligible" or "eligible" when any rule says so, in this
    order; else "passed".
    """

    rule_set: str
    title: str
    version: str
    outcome: OutcomeName
    findings: tuple[RuleResult, ...]

    @property
    def fired(self) -> tuple[str, ...]:
        """The ids of the rules that fired, in their order."""
        return tuple(finding.id for finding in self.findings if finding.fired)

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What the rules that fired say, in the order of the rules."""
        return tuple(verdict for finding in self.findings for verdict in finding.verdicts)

    @property
    def blocks(self) -> tuple[Verdict, ...]:
        """Everything that stands in the way."""
        return self.said("block")

    @property
    def warnings(self) -> tuple[Verdict, ...]:
        """Everything to think about that does not stand in the way."""
        return self.said("warn")

    @property
    def notices(self) -> tuple[tuple[str, str], ...]:
        """Who is to be told what, each once: pairs of whom and what."""
        return tuple(dict.fromkeys((verdict.whom, verdict.what) for verdict in self.said("notify")))

    def said(self, kind: Said) -> tuple[Verdict, ...]:
        """The verdicts of one kind, in the order of the rules."""
        return tuple(verdict for verdict in self.verdicts if verdict.kind == kind)

    def to_json(self) -> dict[str, Any]:
        """The decision as plain JSON values, for the database."""
        plain: dict[str, Any] = _JSON.dump_python(self, mode="json")
        return plain

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Decision:
        """The decision that `to_json` gave `data` for. Raises ValueError when it cannot be one."""
        return _JSON.validate_python(data)


_JSON = TypeAdapter(Decision)


def outcome_of(kinds: Iterable[str]) -> OutcomeName:
    """The outcome of verdicts of these kinds: the gravest."""
    said = set(kinds)
    if "block" in said:
        return "blocked"
    if "ineligible" in said:
        return "ineligible"
    return "eligible" if "eligible" in said else "passed"


def _leaves(condition: LeafResult | GroupResult) -> Iterator[LeafResult]:
    if isinstance(condition, LeafResult):
        yield condition
        return
    for part in condition.parts:
        yield from _leaves(part)
