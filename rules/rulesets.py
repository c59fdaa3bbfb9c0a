"""A rule set: rules as staff write them, in business-rules' own shape, one file a set.

Checked when loaded against what variables, operators and actions export, so that deciding cannot fail: unknown or
private names, values of the wrong kind, empty groups, ids used twice and references to nothing are faults with a line.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeGuard

from business_rules.fields import FIELD_NO_INPUT
from pydantic import Field

from rules.catalogue import Catalogue, Id, Sentence
from rules.decision import ACTIONS
from rules.facts import CHOICES, FORM_FIELDS, VARIABLES
from rules.faults import Fault, ProgrammeError, unknown
from rules.limits import Limits
from rules.operators import ANY_UNIT, INPUTS, Boolean, operators_of
from rules.reading import Document, Location, Part

Plain = str | int | tuple[str, ...] | None
GROUPS = ("all", "any", "not")
DEEPEST = 8
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Leaf:
    """One comparison: a variable, an operator of its type, and the value it takes (None where it takes none)."""

    variable: str
    operator: str
    value: Plain


@dataclass(frozen=True)
class Group:
    """Conditions together: all of them, any of them, or not the one."""

    kind: Literal["all", "any", "not"]
    parts: "tuple[Condition, ...]"


Condition = Leaf | Group


@dataclass(frozen=True)
class Action:
    """What a rule says when it fires: the name of a verdict and its parameters."""

    name: str
    params: Mapping[str, str]


@dataclass(frozen=True)
class Rule:
    """One rule: it fires when its condition holds, and then says what its actions say."""

    id: str
    title: str
    source: str
    field: str | None
    condition: Condition
    actions: tuple[Action, ...]


@dataclass(frozen=True)
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


class _ActionEntry(Part):
    name: str
    params: dict[str, Sentence] = Field(default_factory=dict)


class _RuleEntry(Part):
    id: Id
    title: Sentence
    source: Sentence
    field: str | None = None
    conditions: dict[str, Any]
    actions: Annotated[tuple[_ActionEntry, ...], Field(min_length=1)]


class _RuleSetEntry(Part):
    id: Id
    title: Sentence
    source: Sentence
    rules: Annotated[tuple[_RuleEntry, ...], Field(min_length=1)]


def read_rule_set(document: Document, catalogue: Catalogue, limits: Limits, version: str) -> RuleSet:
    """The rule set in `document`. Raises ProgrammeError with every fault found."""
    entry = document.parse(_RuleSetEntry)
    reader = _Reader(document, catalogue, limits)
    rules = tuple(reader.rule(rule, ("rules", number)) for number, rule in enumerate(entry.rules))
    reader.faults += _faults_of_the_whole(document, entry)
    if reader.faults:
        raise ProgrammeError(reader.faults)
    return RuleSet(entry.id, entry.title, entry.source, version, rules, catalogue, limits)


def _faults_of_the_whole(document: Document, entry: _RuleSetEntry) -> Iterator[Fault]:
    if document.name != f"{entry.id}.yaml":
        yield document.fault(("id",), f"The rule set “{entry.id}” must stand in a file “{entry.id}.yaml”.")
    seen: set[str] = set()
    for number, rule in enumerate(entry.rules):
        if rule.id in seen:
            yield document.fault(("rules", number, "id"), f"The id “{rule.id}” stands here twice.")
        seen.add(rule.id)


class _Reader:
    """Reads rules and collects what is wrong with them; what has a fault is read as something harmless."""

    def __init__(self, document: Document, catalogue: Catalogue, limits: Limits) -> None:
        self._document = document
        self._catalogue = catalogue
        self._limits = limits
        self.faults: list[Fault] = []

    def rule(self, entry: _RuleEntry, here: Location) -> Rule:
        if entry.field is not None and entry.field not in FORM_FIELDS:
            self._fault((*here, "field"), unknown("field", entry.field, FORM_FIELDS))
        condition = self._condition(entry.conditions, (*here, "conditions"))
        actions = tuple(self._action(action, (*here, "actions", number)) for number, action in enumerate(entry.actions))
        return Rule(entry.id, entry.title, entry.source, entry.field, condition, actions)

    def _fault(self, here: Location, message: str) -> None:
        self.faults.append(self._document.fault(here, message))

    def _nothing(self, here: Location, message: str) -> Group:
        self._fault(here, message)
        return Group("all", ())

    def _condition(self, data: Any, here: Location) -> Condition:
        if sum(step in GROUPS for step in here) > DEEPEST:
            return self._nothing(here, f"Conditions may stand in each other {DEEPEST} deep at most.")
        if not isinstance(data, dict):
            return self._nothing(here, "A condition must be a group of named values.")
        words = [word for word in GROUPS if word in data]
        if not words:
            return self._leaf(data, here)
        if len(data) > 1:
            others = ", ".join(f"“{key}”" for key in data if key != words[0])
            return self._nothing(here, f"“{words[0]}” must stand alone; move {others} into a condition of its own.")
        return self._group(words[0], data[words[0]], (*here, words[0]))

    def _group(self, word: str, data: Any, here: Location) -> Condition:
        if not isinstance(data, list):
            if word != "not":
                return self._nothing(here, f"“{word}” must be a list of conditions.")
            return Group("not", (self._condition(data, here),))
        if not data:
            return self._nothing(here, f"“{word}” is empty; it needs at least one condition.")
        if word == "not" and len(data) > 1:
            return self._nothing(here, "“not” takes one condition; put several into “any” or “all” within it.")
        parts = tuple(self._condition(part, (*here, number)) for number, part in enumerate(data))
        return Group("all" if word == "all" else "any" if word == "any" else "not", parts)

    def _leaf(self, data: dict[str, Any], here: Location) -> Condition:
        for key in data:
            if key not in ("name", "operator", "value"):
                self._fault((*here, key), unknown("key", key, ("name", "operator", "value", *GROUPS)))
        missing = [key for key in ("name", "operator") if key not in data]
        if missing:
            return self._nothing(here, f"A condition needs “{'” and “'.join(missing)}”.")
        name, operator = data["name"], data["operator"]
        if not isinstance(name, str) or name not in VARIABLES:
            return self._nothing((*here, "name"), unknown("variable", name, VARIABLES))
        operators = operators_of(VARIABLES[name])
        if not isinstance(operator, str) or operator not in operators:
            return self._nothing((*here, "operator"), unknown(f"operator of {name}", operator, operators))
        return Leaf(name, operator, self._value(data, name, operators[operator]["input_type"], here))

    def _value(self, data: dict[str, Any], name: str, input_type: str, here: Location) -> Plain:
        place = (*here, "value")
        if input_type == FIELD_NO_INPUT:
            if "value" in data:
                self._fault(place, f"“{data['operator']}” takes no value; leave it out.")
            return None
        wanted = INPUTS[input_type]
        value = data.get("value")
        if isinstance(value, dict) and list(value) == ["limit"] and wanted.limit_unit:
            return self._limit(value["limit"], wanted.limit_unit, (*place, "limit"))
        if not wanted.fits(value):
            limit = ", or a limit as {limit: name}" if wanted.limit_unit else ""
            self._fault(place, f"“{data['operator']}” takes {wanted.words}{limit}.")
            return None
        return self._plain(value, name, place)

    def _plain(self, value: Any, name: str, place: Location) -> Plain:
        texts: Sequence[Any] = value if isinstance(value, list) else [value]
        if name in CHOICES:
            choices = list(CHOICES[name](self._catalogue))
            for text in texts:
                if text not in choices:
                    self._fault(place, unknown(f"value of {name}", text, choices))
        return tuple(value) if isinstance(value, list) else value

    def _limit(self, name: Any, unit: str, place: Location) -> int | None:
        limits = self._limits.named
        if not isinstance(name, str) or name not in limits:
            self._fault(place, unknown("limit", name, limits))
            return None
        limit = limits[name]
        if unit not in (ANY_UNIT, limit.unit):
            self._fault(place, f"The limit “{name}” is counted in {limit.unit}, not in {unit}.")
        return int(limit)

    def _action(self, entry: _ActionEntry, here: Location) -> Action:
        if entry.name not in ACTIONS:
            self._fault((*here, "name"), unknown("action", entry.name, ACTIONS))
            return Action("warn", {})
        for param in ACTIONS[entry.name]:
            if param not in entry.params:
                self._fault((*here, "params"), f"“{entry.name}” needs “{param}”.")
        for param, text in entry.params.items():
            place = (*here, "params", param)
            if param not in ACTIONS[entry.name]:
                self._fault(place, unknown(f"parameter of {entry.name}", param, ACTIONS[entry.name]))
            elif param == "message":
                self._placeholders(text, place)
            elif param == "reason" and not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
                self._fault(place, f"The reason “{text}” must be small letters, digits and hyphens.")
            elif param == "programme" and text not in (known := [one.id for one in self._catalogue.engagements]):
                self._fault(place, unknown("engagement", text, known))
        return Action(entry.name, MappingProxyType(dict(entry.params)))

    def _placeholders(self, message: str, place: Location) -> None:
        for name in PLACEHOLDER.findall(message):
            if not _can_be_shown(name) and name not in self._limits.named:
                known = [*filter(_can_be_shown, VARIABLES), *self._limits.named]
                self._fault(place, unknown("variable or limit to show", name, known))


def _can_be_shown(name: str) -> TypeGuard[str]:
    """Whether a message may show this variable: yes and no say nothing in the middle of a sentence."""
    return name in VARIABLES and VARIABLES[name] is not Boolean
