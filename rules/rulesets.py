"""What a rule set is: rules with their conditions and actions, as read from a file and checked (`rules.rulefile`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from rules.catalogue import Catalogue
from rules.limits import Limits

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
"""A variable or limit that a message shows: its name in braces."""


@dataclass(frozen=True, slots=True)
class Reference:
    """In the place of a value: the value of this variable."""

    variable: str


@dataclass(frozen=True, slots=True)
class DaysOf:
    """In the place of a value: so many days, counted from a day."""

    days: int | Reference
    of: str | Reference


Plain = str | int | tuple[str, ...] | None
Value = Plain | Reference | DaysOf


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison: a variable, an operator of its type, and the value it takes (None where it takes none)."""

    variable: str
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions together: all of them, any of them, or not the one."""

    kind: Literal["all", "any", "not"]
    parts: tuple[Condition, ...]


Condition = Leaf | Group


@dataclass(frozen=True, slots=True)
class Action:
    """What a rule says when it fires: the name of a verdict and its parameters."""

    name: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: it fires when its condition holds, and then says what its actions say."""

    id: str
    title: str
    source: str
    field: str | None
    condition: Condition
    actions: tuple[Action, ...]


@dataclass(frozen=True, eq=False)  # compared and hashed as the object that it is: evaluators keep what they made of it
class RuleSet:
    """A file of rules, with the catalogue and the limits that they look things up in.

    `version` is a hash of the content of all three: what a decision rests on beside the facts.
    """

    id: str
    title: str
    source: str
    version: str
    rules: tuple[Rule, ...]
    catalogue: Catalogue
    limits: Limits


def references(value: Value) -> Iterator[Reference]:
    """The variables that stand in the place of a value, or in it."""
    if isinstance(value, Reference):
        yield value
    elif isinstance(value, DaysOf):
        yield from references(value.days)
        yield from references(value.of)
