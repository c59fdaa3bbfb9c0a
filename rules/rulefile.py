"""Reads a rule set from its file: rules as staff write them, in business-rules' own shape, one file a set.

Checked against what variables, operators and actions export, so that deciding cannot fail: unknown or private names,
values of the wrong kind, empty groups, ids used twice and references to nothing are faults with a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, TypeGuard

from business_rules.fields import FIELD_NO_INPUT
from pydantic import Field

from rules.actions import ACTIONS
from rules.catalogue import Catalogue, Id, Sentence
from rules.faults import Fault, ProgrammeError, unknown
from rules.limits import Limits
from rules.notices import NOTICES
from rules.operators import ANY_UNIT, DISTANCE, INPUTS, Boolean, Input, operators_of
from rules.reading import Document, Location, Part
from rules.reasons import Reasons
from rules.rulesets import PLACEHOLDER, Action, Condition, DaysOf, Group, Leaf, Plain, Reference, Rule, RuleSet, Value
from rules.variables import CHOICES, FORM_FIELDS, VARIABLES

GROUPS = ("all", "any", "not")
DEEPEST = 8


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


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The other files of the programme, in which rules look things up."""

    catalogue: Catalogue
    limits: Limits
    reasons: Reasons


def read_rule_set(document: Document, around: Surroundings, version: str) -> RuleSet:
    """The rule set in `document`. Raises ProgrammeError with every fault found."""
    entry = document.parse(_RuleSetEntry)
    reader = _Reader(document, around)
    rules = tuple(reader.rule(rule, ("rules", number)) for number, rule in enumerate(entry.rules))
    reader.faults += _faults_of_the_whole(document, entry)
    if reader.faults:
        raise ProgrammeError(reader.faults)
    return RuleSet(entry.id, entry.title, entry.source, version, rules, around.catalogue, around.limits)


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

    def __init__(self, document: Document, around: Surroundings) -> None:
        self._document = document
        self._catalogue = around.catalogue
        self._limits = around.limits
        self._reasons = around.reasons
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

    def _value(self, data: dict[str, Any], name: str, input_type: str, here: Location) -> Value:
        place = (*here, "value")
        operator = data["operator"]
        if input_type == FIELD_NO_INPUT:
            if "value" in data:
                self._fault(place, f"“{operator}” takes no value; leave it out.")
            return None
        value = data.get("value")
        if input_type != DISTANCE:
            return self._simple(value, operator, name, INPUTS[input_type], place)
        if not isinstance(value, dict) or set(value) != {"days", "of"}:
            self._fault(place, f"“{operator}” takes {INPUTS[DISTANCE].words}.")
            return None
        days = self._simple(value["days"], operator, name, INPUTS["days"], (*place, "days"))
        of = self._simple(value["of"], operator, name, INPUTS["day"], (*place, "of"))
        return DaysOf(
            days if isinstance(days, int | Reference) else 0, of if isinstance(of, str | Reference) else "0001-01-01"
        )

    def _simple(self, value: Any, operator: str, name: str, wanted: Input, place: Location) -> Plain | Reference:
        if isinstance(value, dict) and list(value) == ["limit"] and wanted.limit_unit:
            return self._limit(value["limit"], wanted.limit_unit, (*place, "limit"))
        if isinstance(value, dict) and list(value) == ["variable"] and wanted.variable:
            return self._reference(value["variable"], wanted, (*place, "variable"))
        if not wanted.fits(value):
            limit = ", or a limit as {limit: name}" if wanted.limit_unit else ""
            variable = ", or a variable as {variable: name}" if wanted.variable else ""
            self._fault(place, f"“{operator}” takes {wanted.words}{limit}{variable}.")
            return None
        texts: Sequence[Any] = value if isinstance(value, list) else [value]
        if name in CHOICES:
            self._known(f"value of {name}", texts, CHOICES[name](self._catalogue, self._reasons), place)
        return tuple(value) if isinstance(value, list) else value

    def _known(self, what: str, names: Iterable[str], known: Iterable[str], place: Location) -> None:
        known = list(known)
        for name in names:
            if name not in known:
                self._fault(place, unknown(what, name, known))

    def _reference(self, name: Any, wanted: Input, place: Location) -> Reference | None:
        possible = [one for one, kind in VARIABLES.items() if kind is wanted.variable]
        if not isinstance(name, str) or name not in possible:
            kind = wanted.variable.name if wanted.variable else ""
            self._fault(place, unknown(f"variable of the type {kind}", name, possible))
            return None
        return Reference(name)

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
            if param in ACTIONS[entry.name]:
                self._param(entry, param, text, (*here, "params", param))
            else:
                message = unknown(f"parameter of {entry.name}", param, ACTIONS[entry.name])
                self._fault((*here, "params", param), message)
        return Action(entry.name, MappingProxyType(dict(entry.params)))

    def _param(self, entry: _ActionEntry, param: str, text: str, place: Location) -> None:
        match param:
            case "message":
                self._placeholders(text, place)
            case "reason" if entry.name == "suggest":
                known = [reason.id for reason in self._reasons.information]
                self._known("reason for more information", [text], known, place)
            case "reason" if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text):
                self._fault(place, f"The reason “{text}” must be small letters, digits and hyphens.")
            case "programme":
                self._known("engagement", [text], [one.id for one in self._catalogue.engagements], place)
            case "whom":
                self._known("recipient", [text], NOTICES, place)
            case "what":
                whom = entry.params.get("whom", "")
                if whom in NOTICES:
                    self._known(f"notice to the {whom}", [text], NOTICES[whom], place)

    def _placeholders(self, message: str, place: Location) -> None:
        for name in PLACEHOLDER.findall(message):
            if not _can_be_shown(name) and name not in self._limits.named:
                known = [*filter(_can_be_shown, VARIABLES), *self._limits.named]
                self._fault(place, unknown("variable or limit to show", name, known))


def _can_be_shown(name: str) -> TypeGuard[str]:
    """Whether a message may show this variable: yes and no say nothing in the middle of a sentence."""
    return name in VARIABLES and VARIABLES[name] is not Boolean
