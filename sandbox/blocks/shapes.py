"""The vocabulary the tables of limits are written in.

A check is a function of a value, the JSON pointer it stands at and the surface it is meant for, and yields the faults
it finds. `Shape` is a check too, so shapes nest.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Surface = Literal["message", "modal", "home"]
EVERYWHERE: frozenset[Surface] = frozenset({"message", "modal", "home"})


@dataclass(frozen=True)
class Fault:
    """One thing Slack would refuse, and the JSON pointer of where it stands."""

    pointer: str
    problem: str


Check = Callable[[Any, str, Surface], Iterator[Fault]]
# What to lay down where a rule spans several keys of one object.
Rule = Callable[[dict[str, Any], str], Iterator[Fault]]


def length(text: str) -> int:
    """How long Slack finds a text: UTF-16 units, so an emoji counts as two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_whole(value: object) -> bool:
    """Whether the value is a whole number; a bool is an int to Python but not to JSON."""
    return isinstance(value, int) and not isinstance(value, bool)


def _range(found: int, least: int, most: int, unit: str) -> str | None:
    if found < least:
        return f"must have at least {least} {unit} ({found} given)"
    if found > most:
        return f"must have at most {most} {unit} ({found} given)"
    return None


def string(most: int, least: int = 1) -> Check:
    """A bare string of that many characters."""

    def check(value: Any, at: str, surface: Surface) -> Iterator[Fault]:
        if not isinstance(value, str):
            yield Fault(at, "must be a string")
        elif problem := _range(length(value), least, most, "characters"):
            yield Fault(at, problem)

    return check


def matching(pattern: str, what: str, most: int = 3000) -> Check:
    """A string of that form."""
    form, size = re.compile(pattern), string(most)

    def check(value: Any, at: str, surface: Surface) -> Iterator[Fault]:
        yield from size(value, at, surface)
        if isinstance(value, str) and not form.fullmatch(value):
            yield Fault(at, f"must be {what}")

    return check


def one_of(*allowed: str) -> Check:
    """One of these words."""

    def check(value: Any, at: str, surface: Surface) -> Iterator[Fault]:
        if value not in allowed:
            yield Fault(at, f"must be one of {', '.join(allowed)}")

    return check


def whole(least: int, most: int) -> Check:
    """A whole number between the two."""

    def check(value: Any, at: str, surface: Surface) -> Iterator[Fault]:
        if not is_whole(value):
            yield Fault(at, "must be a whole number")
        elif not least <= value <= most:
            yield Fault(at, f"must be between {least} and {most} ({value} given)")

    return check


def number(value: Any, at: str, surface: Surface) -> Iterator[Fault]:
    """Any number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        yield Fault(at, "must be a number")


def boolean(value: Any, at: str, surface: Surface) -> Iterator[Fault]:
    """True or false."""
    if not isinstance(value, bool):
        yield Fault(at, "must be true or false")


def mapping(value: Any, at: str, surface: Surface) -> Iterator[Fault]:
    """An object we do not look into (a workflow's trigger, for one)."""
    if not isinstance(value, dict):
        yield Fault(at, "must be an object")


def array(item: Check, least: int, most: int, unit: str = "items") -> Check:
    """A list of that many items, each of which passes."""

    def check(value: Any, at: str, surface: Surface) -> Iterator[Fault]:
        if not isinstance(value, list):
            yield Fault(at, "must be an array")
            return
        if problem := _range(len(value), least, most, unit):
            yield Fault(at, problem)
        for index, entry in enumerate(value):
            yield from item(entry, f"{at}/{index}", surface)

    return check


def nullable(check: Check) -> Check:
    """The same, or null."""

    def inner(value: Any, at: str, surface: Surface) -> Iterator[Fault]:
        if value is not None:
            yield from check(value, at, surface)

    return inner


@dataclass(frozen=True)
class Shape:
    """An object: what each key may hold, which keys must be there, and rules that span keys."""

    keys: Mapping[str, Check]
    required: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()

    def __call__(self, value: Any, at: str, surface: Surface) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(at, "must be an object")
            return
        for key in self.required:
            if value.get(key) is None:
                yield Fault(f"{at}/{key}", "is required")
        for key, entry in value.items():
            here = f"{at}/{pointer_part(key)}"
            if key == "type":
                continue
            if key not in self.keys:
                yield Fault(here, "unknown key")
            elif entry is not None or key not in self.required:
                yield from self.keys[key](entry, here, surface)
        for rule in self.rules:
            yield from rule(value, at)


def pointer_part(key: object) -> str:
    """A key as RFC 6901 writes it within a pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


@dataclass(frozen=True)
class Kind:
    """A shape with a `type`, the surfaces that show it and the places within a payload that take it."""

    shape: Check
    surfaces: frozenset[Surface] = EVERYWHERE
    places: frozenset[str] = field(default_factory=frozenset)


def typed(table: Mapping[str, Kind], noun: str, place: str) -> Check:
    """An object whose `type` is in the table, allowed in this place and on the surface."""

    def check(value: Any, at: str, surface: Surface) -> Iterator[Fault]:
        if not isinstance(value, dict):
            yield Fault(at, "must be an object")
            return
        name = value.get("type")
        kind = table.get(name) if isinstance(name, str) else None
        if kind is None:
            yield Fault(f"{at}/type", f"unknown {noun} type: {name}" if name else "is required")
            return
        if surface not in kind.surfaces:
            yield Fault(f"{at}/type", f"{name} is not allowed in a {surface}")
        if place not in kind.places:
            yield Fault(f"{at}/type", f"{name} is not allowed in {place}")
        yield from kind.shape(value, at, surface)

    return check


def any_key(*names: str) -> Rule:
    """At least one of these keys is there."""

    def rule(value: dict[str, Any], at: str) -> Iterator[Fault]:
        if all(value.get(name) is None for name in names):
            yield Fault(at, f"must have {' or '.join(names)}")

    return rule


def one_key(*names: str) -> Rule:
    """Exactly one of these keys is there."""

    def rule(value: dict[str, Any], at: str) -> Iterator[Fault]:
        there = sum(value.get(name) is not None for name in names)
        if there != 1:
            yield Fault(at, f"must have exactly one of {', '.join(names)}")

    return rule
