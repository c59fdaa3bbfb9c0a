"""YAML that remembers its lines: a file becomes plain values, and each value knows where it stands.

Stricter than YAML: no tags, no anchors, no key twice. And simpler: only `true` and `false` are booleans, so
that a country code `NO` stays text, and only plain digits are numbers.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from yaml.composer import Composer

from rules.faults import Fault, ProgrammeError, unknown

Location = tuple[str | int, ...]
"""Where a value stands in its file: keys and positions from the top, such as `("products", 3, "name")`."""

_CONSTANTS: dict[str, object] = {"true": True, "false": False, "null": None, "~": None, "": None}
_PLAIN_TAGS = {"map", "seq", "str"}
_DEEPEST = 50  # levels; what staff write has ten at most
_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})")


class Part(BaseModel):
    """Base of everything read from the programme's files: strict, unchangeable, no unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


PartT = TypeVar("PartT", bound=Part)


@dataclass(frozen=True)
class Document:
    """One file: its name, its plain values, and the line of each value and key."""

    name: str
    data: Any
    lines: dict[Location, int] = field(repr=False)

    def line(self, location: Sequence[str | int]) -> int:
        """The line (from 1) of what stands at `location`, or of the nearest thing around it."""
        place = tuple(location)
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)

    def fault(self, location: Sequence[str | int], message: str) -> Fault:
        """A fault at `location` of this file."""
        return Fault(self.name, self.line(location), message)

    def parse(self, model: type[PartT]) -> PartT:
        """The file's values as `model`. Raises ProgrammeError with every fault found."""
        try:
            return model.model_validate_json(json.dumps(self.data))
        except ValidationError as error:
            raise ProgrammeError(self._faults(model, error)) from None

    def at(self, location: Sequence[str | int]) -> Any:
        """The plain value at `location`; None where there is none."""
        value = self.data
        for step in location:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def _faults(self, model: type[Part], error: ValidationError) -> list[Fault]:
        faults = []
        for detail in error.errors():
            location = detail["loc"]
            name = location[-1] if location else ""
            kind = detail["type"]
            if kind == "extra_forbidden":
                message = unknown("key", name, _keys_beside(model, location))
            elif kind == "missing":
                message = f"“{name}” is missing."
            else:
                what = ".".join(str(step + 1 if isinstance(step, int) else step) for step in location)
                message = f"{f'“{what}”' if what else 'The file'} {_plainly(kind, detail['msg'])}."
            faults.append(self.fault(location, message))
        return faults


def digest(*documents: Document) -> str:
    """A short content hash of what the documents say; comments and layout do not count."""
    said = json.dumps([[one.name, one.data] for one in documents], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def read(path: Path) -> Document:
    """Read one YAML file. Raises ProgrammeError when it is missing, is no UTF-8 or no YAML as allowed here."""
    return read_text(path.name, text_of(path))


def text_of(path: Path) -> str:
    """What stands in a file. Raises ProgrammeError when it is missing or is no UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ProgrammeError([Fault(path.name, 0, f"The file cannot be read: {reason}.")]) from None


def read_text(name: str, text: str) -> Document:
    """Like `read`, from text already at hand; `name` stands for the file in faults."""
    lines: dict[Location, int] = {}
    try:
        node = _compose(text)
        data = None if node is None else _plain(node, (), lines)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 0
        problem = ", ".join(filter(None, (error.context, error.problem)))
        raise ProgrammeError([Fault(name, line, f"Not readable as YAML: {problem}.")]) from None
    except yaml.YAMLError as error:
        raise ProgrammeError([Fault(name, 0, f"Not readable as YAML: {error}.")]) from None
    return Document(name, data, lines)


class _Bounded(Composer):
    """Builds nodes only, no objects. Aliases are refused: they can make a small file endless."""

    # What looks like a number is judged below: PyYAML's own patterns take forty times the length of a long one.
    yaml_implicit_resolvers: ClassVar[dict[Any, Any]] = {}
    _depth = 0

    def compose_node(self: Any, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = self.peek_event().start_mark
            raise yaml.MarkedYAMLError(problem="an alias (*name) is not allowed here", problem_mark=mark)
        if self._depth > _DEEPEST:
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=self.peek_event().start_mark)
        self._depth += 1
        node = Composer.compose_node(self, parent, index)
        self._depth -= 1
        return node


class _Loader(_Bounded, yaml.SafeLoader):
    pass


def _compose(text: str) -> yaml.Node | None:
    if yaml.__with_libyaml__:
        # Many times as fast. What it refuses is read once more: PyYAML's own parser says better what is wrong.
        with suppress(yaml.YAMLError):
            return _FastLoader(text).get_single_node()
    return _Loader(text).get_single_node()


if yaml.__with_libyaml__:

    class _FastLoader(_Bounded, yaml.CSafeLoader):
        def __init__(self, text: str) -> None:
            yaml.CSafeLoader.__init__(self, text)
            Composer.__init__(self)


def _plain(node: yaml.Node, here: Location, lines: dict[Location, int]) -> Any:
    lines.setdefault(here, node.start_mark.line + 1)
    if node.tag.removeprefix("tag:yaml.org,2002:") not in _PLAIN_TAGS:
        raise yaml.MarkedYAMLError(problem="tags are not allowed here", problem_mark=node.start_mark)
    if isinstance(node, yaml.MappingNode):
        return _plain_mapping(node, here, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*here, number), lines) for number, item in enumerate(node.value)]
    if not isinstance(node, yaml.ScalarNode):
        raise TypeError(f"{node!r} is no YAML node")
    text: str = node.value
    if node.style:  # quoted or a block: text, whatever it looks like
        return text
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    return int(text) if _WHOLE_NUMBER.fullmatch(text) else text


def _plain_mapping(node: yaml.MappingNode, here: Location, lines: dict[Location, int]) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value
        if not isinstance(key, str):
            raise yaml.MarkedYAMLError(problem="a key must be text", problem_mark=key_node.start_mark)
        if key in mapping:
            raise yaml.MarkedYAMLError(problem=f"“{key}” stands here twice", problem_mark=key_node.start_mark)
        # The key's line, not the value's: a block's value may begin lines below the word people look for.
        lines[(*here, key)] = key_node.start_mark.line + 1
        mapping[key] = _plain(value_node, (*here, key), lines)
    return mapping


_PLAIN_WORDS = {
    "string_type": "must be text; put it in quotes if it looks like a number",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "model_type": "must be a group of named values",
    "model_attributes_type": "must be a group of named values",
    "dict_type": "must be a group of named values",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "string_pattern_mismatch": "must be written in small letters and digits, as the entries around it are",
    "date_parsing": "must be a date such as 2026-12-24",
    "date_from_datetime_parsing": "must be a date such as 2026-12-24",
}


def _plainly(kind: str, message: str) -> str:
    return _PLAIN_WORDS.get(kind) or f"is wrong: {message[:1].lower()}{message[1:]}"


def _keys_beside(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """The keys allowed where `location` ends, as far as plain nesting of models shows them."""
    keys = list(model.model_fields)
    for step in location[:-1]:
        if isinstance(step, int) or step not in model.model_fields:
            continue
        inner = model.model_fields[step].annotation
        for candidate in (inner, *getattr(inner, "__args__", ())):
            if isinstance(candidate, type) and issubclass(candidate, BaseModel):
                model, keys = candidate, list(candidate.model_fields)
    return keys
