"""A decision: what a rule set says about a claim, with everything it rests on.

It is stored with the claim as JSON and read again years later, when rules and operators may be others: so it holds
words and plain values only, and reading it never asks what exists today.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from business_rules.actions import BaseActions, rule_action
from business_rules.fields import FIELD_TEXT
from pydantic import BaseModel, ConfigDict, Field

PlainValue = bool | int | str | tuple[str, ...] | None


class _Stored(BaseModel):
    # extra="ignore": what a later version of claimbot adds must not keep an earlier one from reading.
    model_config = ConfigDict(frozen=True, extra="ignore")


class LeafResult(_Stored):
    """One comparison and how it came out. A day stands as text, such as 2026-11-21."""

    kind: Literal["leaf"] = "leaf"
    variable: str
    label: str
    operator: str
    operator_label: str
    expected: PlainValue
    actual: PlainValue
    holds: bool


class GroupResult(_Stored):
    """Conditions together and how they came out."""

    kind: Literal["all", "any", "not"]
    parts: "tuple[ConditionResult, ...]"
    holds: bool


ConditionResult = Annotated[LeafResult | GroupResult, Field(discriminator="kind")]


class Verdict(_Stored):
    """What a rule that fired says. `field` is the id of the form's field it belongs to, where it belongs to one."""

    kind: Literal["block", "warn", "eligible", "ineligible"]
    rule: str
    field: str | None = None
    reason: str = ""
    message: str = ""
    programme: str = ""


class RuleResult(_Stored):
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


class Decision(_Stored):
    """What a rule set says about a claim. `findings` holds every rule, whether it fired or not.

    `outcome` is "blocked" when any rule blocks; else "ineligible" or "eligible" when any rule says so, in this
    order; else "passed".
    """

    rule_set: str
    title: str
    version: str
    outcome: Literal["passed", "blocked", "eligible", "ineligible"]
    findings: tuple[RuleResult, ...]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What the rules that fired say, in the order of the rules."""
        return tuple(verdict for finding in self.findings for verdict in finding.verdicts)

    @property
    def blocks(self) -> tuple[Verdict, ...]:
        """Everything that stands in the way."""
        return tuple(verdict for verdict in self.verdicts if verdict.kind == "block")

    @property
    def warnings(self) -> tuple[Verdict, ...]:
        """Everything to think about that does not stand in the way."""
        return tuple(verdict for verdict in self.verdicts if verdict.kind == "warn")

    def to_json(self) -> dict[str, Any]:
        """The decision as plain JSON values, for the database."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Decision":
        """The decision that `to_json` gave `data` for. Raises ValueError when it cannot be one."""
        return cls.model_validate(data)


class Verdicts(BaseActions):  # type: ignore[misc]
    """The actions that rules may name. They only collect what is said; nothing happens."""

    def __init__(self, rule: str, field: str | None) -> None:
        self._rule, self._field = rule, field
        self.collected: list[Verdict] = []

    @rule_action(params={"reason": FIELD_TEXT, "message": FIELD_TEXT})  # type: ignore[untyped-decorator]
    def block(self, reason: str, message: str) -> None:
        self._collect("block", reason=reason, message=message)

    @rule_action(params={"message": FIELD_TEXT})  # type: ignore[untyped-decorator]
    def warn(self, message: str) -> None:
        self._collect("warn", message=message)

    @rule_action(params={"programme": FIELD_TEXT})  # type: ignore[untyped-decorator]
    def eligible(self, programme: str) -> None:
        self._collect("eligible", programme=programme)

    @rule_action(params={"reason": FIELD_TEXT, "message": FIELD_TEXT})  # type: ignore[untyped-decorator]
    def ineligible(self, reason: str, message: str) -> None:
        self._collect("ineligible", reason=reason, message=message)

    def _collect(self, kind: Literal["block", "warn", "eligible", "ineligible"], **said: str) -> None:
        self.collected.append(Verdict(kind=kind, rule=self._rule, field=self._field, **said))


ACTIONS: Mapping[str, tuple[str, ...]] = {
    action["name"]: tuple(param["name"] for param in action["params"]) for action in Verdicts.get_all_actions()
}
"""The actions by name with their parameters, as the library exports them."""


def _leaves(condition: LeafResult | GroupResult) -> Iterator[LeafResult]:
    if isinstance(condition, LeafResult):
        yield condition
        return
    for part in condition.parts:
        yield from _leaves(part)
