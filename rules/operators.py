"""What rules can ask of a value: our own business-rules types, with their operators.

The library's own text and number types take more than they should (None for "", 10.0000005 for 10, any regular
expression); these take exactly what they say. A value of the wrong kind raises TypeError, with or without
`python -O`. An operator's `input_type` says what stands as `value` in the rule; see `INPUTS`.
"""

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, cast

from business_rules.fields import FIELD_NO_INPUT
from business_rules.operators import BaseType, BooleanType, type_operator

from rules import formats

Operator = TypeVar("Operator", bound=Callable[..., bool])
Value = TypeVar("Value")


def _exactly(kind: type[Value], value: object) -> Value:
    # Not isinstance: True is an int to Python, but no number to a rule.
    if type(value) is not kind:
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return str(value)  # of a StrEnum, its value


def operator(input_type: str, label: str) -> Callable[[Operator], Operator]:
    """Declares an operator: the library's decorator, typed. Loading checks what `input_type` takes."""
    return cast(
        Callable[[Operator], Operator],
        type_operator(input_type, label=label, assert_type_for_arguments=False),
    )


def months_later(day: date, months: int) -> date:
    """The same day `months` later; the last of the month where that has no such day."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@dataclass(frozen=True)
class Dated:
    """A day that may be missing, and the day from which it is looked at."""

    day: date | None
    today: date


class Text(BaseType):  # type: ignore[misc]
    """Text, exactly as it stands. Only blanks count as empty."""

    name = "text"
    value: str

    def _assert_valid_value_and_cast(self, value: object) -> str:
        return _text(value)

    @operator("text", "is")
    def equal_to(self, other: str) -> bool:
        return self.value == other

    @operator("texts", "is one of")
    def is_one_of(self, others: list[str]) -> bool:
        return self.value in others

    @operator(FIELD_NO_INPUT, "is empty")
    def is_empty(self) -> bool:
        return not self.value.strip()

    @operator(FIELD_NO_INPUT, "is given")
    def is_present(self) -> bool:
        return bool(self.value.strip())

    @operator(FIELD_NO_INPUT, "is a GUID")
    def is_guid(self) -> bool:
        return formats.is_guid(self.value)

    @operator(FIELD_NO_INPUT, "is a domain name")
    def is_domain(self) -> bool:
        return formats.is_domain(self.value)

    @operator(FIELD_NO_INPUT, "is an e-mail address")
    def is_email(self) -> bool:
        return formats.is_email(self.value)


class Number(BaseType):  # type: ignore[misc]
    """A whole number, compared exactly."""

    name = "number"
    value: int

    def _assert_valid_value_and_cast(self, value: object) -> int:
        return _exactly(int, value)

    @operator("number", "is")
    def equal_to(self, other: int) -> bool:
        return self.value == other

    @operator("number", "is more than")
    def more_than(self, other: int) -> bool:
        return self.value > other

    @operator("number", "is at least")
    def at_least(self, other: int) -> bool:
        return self.value >= other

    @operator("number", "is less than")
    def less_than(self, other: int) -> bool:
        return self.value < other

    @operator("number", "is at most")
    def at_most(self, other: int) -> bool:
        return self.value <= other


class TextList(BaseType):  # type: ignore[misc]
    """Several texts, compared whole and with their case; neither order nor repetition counts."""

    name = "texts"
    value: tuple[str, ...]

    def _assert_valid_value_and_cast(self, value: object) -> tuple[str, ...]:
        return tuple(_text(item) for item in _exactly(tuple, value))

    @operator("text", "contains")
    def contains(self, other: str) -> bool:
        return other in self.value

    @operator("texts", "contains all of")
    def contains_all(self, others: list[str]) -> bool:
        return set(others) <= set(self.value)

    @operator("texts", "contains any of")
    def contains_any(self, others: list[str]) -> bool:
        return not set(others).isdisjoint(self.value)

    @operator("texts", "holds nothing but")
    def is_subset_of(self, others: list[str]) -> bool:
        return set(self.value) <= set(others)

    @operator(FIELD_NO_INPUT, "is empty")
    def is_empty(self) -> bool:
        return not self.value

    @operator(FIELD_NO_INPUT, "is given")
    def is_present(self) -> bool:
        return bool(self.value)


class Day(BaseType):  # type: ignore[misc]
    """A day seen from today. Of a missing day nothing is true but that it is empty."""

    name = "day"
    value: Dated

    def _assert_valid_value_and_cast(self, value: object) -> Dated:
        return _exactly(Dated, value)

    @operator(FIELD_NO_INPUT, "is empty")
    def is_empty(self) -> bool:
        return self.value.day is None

    @operator(FIELD_NO_INPUT, "is given")
    def is_present(self) -> bool:
        return self.value.day is not None

    @operator(FIELD_NO_INPUT, "is in the future")
    def in_the_future(self) -> bool:
        return self.value.day is not None and self.value.day > self.value.today

    @operator("day", "is on or before")
    def on_or_before(self, other: str) -> bool:
        return self.value.day is not None and self.value.day <= date.fromisoformat(other)

    @operator("day", "is on or after")
    def on_or_after(self, other: str) -> bool:
        return self.value.day is not None and self.value.day >= date.fromisoformat(other)

    @operator("days", "is within so many days of today")
    def within_days_of_today(self, days: int) -> bool:
        return self.value.day is not None and abs((self.value.today - self.value.day).days) <= days

    @operator("days", "is older than so many days")
    def older_than_days(self, days: int) -> bool:
        return self.value.day is not None and (self.value.today - self.value.day).days > days

    @operator("months", "is older than so many months")
    def older_than_months(self, months: int) -> bool:
        return self.value.day is not None and self.value.today > months_later(self.value.day, months)


Boolean = BooleanType
"""The library's own: it takes nothing but True and False."""


def operators_of(kind: type[BaseType]) -> Mapping[str, Mapping[str, str]]:
    """The operators of a type by name, each with `label` and `input_type`, as the library exports them."""
    return {operator["name"]: operator for operator in kind.get_all_operators()}


@dataclass(frozen=True)
class Input:
    """What may stand as an operator's `value`: in words, as a check, and as the unit of a limit named instead."""

    words: str
    fits: Callable[[Any], bool]
    limit_unit: str | None = None


def _whole_number(value: object) -> bool:
    return type(value) is int


def _not_negative(value: Any) -> bool:
    return type(value) is int and value >= 0


def _some_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _some_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_some_text, value))


def _iso_day(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


ANY_UNIT = "any"
INPUTS: Mapping[str, Input] = {
    "text": Input("a text", _some_text),
    "texts": Input("a list of texts, not an empty one", _some_texts),
    "number": Input("a whole number", _whole_number, ANY_UNIT),
    "days": Input("a number of days", _not_negative, "calendar days"),
    "months": Input("a number of months", _not_negative, "months"),
    "day": Input("a date such as 2026-12-24", _iso_day),
}
