"""What rules can ask of a value: our own business-rules types, with their operators.

The library's own text and number types take more than they should (None for "", 10.0000005 for 10, any regular
expression); these take exactly what they say. A value of the wrong kind raises TypeError, with or without
`python -O`. An operator's `input_type` says what stands as `value` in the rule; see `INPUTS`. What an operator's and
a type's docstring says is what docs/rules.md tells the people who write rules.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, date
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
    """The same day `months` later; the last of the month where that has no such day, and of the calendar at its end."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    if year > MAXYEAR:
        return date.max
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True)
class Dated:
    """A day that may be missing, and the day from which it is looked at."""

    day: date | None
    today: date


@dataclass(frozen=True, slots=True)
class Distance:
    """So many days, and the day from which they are counted."""

    days: int
    of: date | None


class Text(BaseType):  # type: ignore[misc]
    """Text, exactly as it stands. Only blanks count as empty."""

    name = "text"
    value: str

    def _assert_valid_value_and_cast(self, value: object) -> str:
        return _text(value)

    @operator("text", "is")
    def equal_to(self, other: str) -> bool:
        """The text is exactly this one; capital and small letters differ."""
        return self.value == other

    @operator("texts", "is one of")
    def is_one_of(self, others: Collection[str]) -> bool:
        """The text is exactly one of these."""
        return self.value in others

    @operator(FIELD_NO_INPUT, "is empty")
    def is_empty(self) -> bool:
        """Nothing is filled in, or only blanks."""
        return not self.value.strip()

    @operator(FIELD_NO_INPUT, "is given")
    def is_present(self) -> bool:
        """Something is filled in."""
        return bool(self.value.strip())

    @operator(FIELD_NO_INPUT, "is a GUID")
    def is_guid(self) -> bool:
        """It looks like 8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48."""
        return formats.is_guid(self.value)

    @operator(FIELD_NO_INPUT, "is a domain name")
    def is_domain(self) -> bool:
        """It looks like fabrikam.com."""
        return formats.is_domain(self.value)

    @operator(FIELD_NO_INPUT, "is an e-mail address")
    def is_email(self) -> bool:
        """It looks like cara@fabrikam.com."""
        return formats.is_email(self.value)


class Number(BaseType):  # type: ignore[misc]
    """A whole number, compared exactly."""

    name = "number"
    value: int

    def _assert_valid_value_and_cast(self, value: object) -> int:
        return _exactly(int, value)

    @operator("number", "is")
    def equal_to(self, other: int) -> bool:
        """It is this number."""
        return self.value == other

    @operator("number", "is more than")
    def more_than(self, other: int) -> bool:
        """It is larger than this number."""
        return self.value > other

    @operator("number", "is at least")
    def at_least(self, other: int) -> bool:
        """It is this number or larger."""
        return self.value >= other

    @operator("number", "is less than")
    def less_than(self, other: int) -> bool:
        """It is smaller than this number."""
        return self.value < other

    @operator("number", "is at most")
    def at_most(self, other: int) -> bool:
        """It is this number or smaller."""
        return self.value <= other


class TextList(BaseType):  # type: ignore[misc]
    """Several texts, compared whole and with their case; neither order nor repetition counts."""

    name = "texts"
    value: tuple[str, ...]

    def _assert_valid_value_and_cast(self, value: object) -> tuple[str, ...]:
        return self.checked(value)

    @staticmethod
    def checked(value: object) -> tuple[str, ...]:
        """`value` if it is a tuple of texts. Raises TypeError otherwise."""
        texts = _exactly(tuple, value)
        for text in texts:
            if type(text) is not str:
                return tuple(map(_text, texts))
        return texts

    @operator("text", "contains")
    def contains(self, other: str) -> bool:
        """This text is one of the list."""
        return other in self.value

    @operator("texts", "contains all of")
    def contains_all(self, others: Collection[str]) -> bool:
        """Every one of these is in the list."""
        return set(others) <= set(self.value)

    @operator("texts", "contains any of")
    def contains_any(self, others: Collection[str]) -> bool:
        """At least one of these is in the list."""
        return not set(others).isdisjoint(self.value)

    @operator("texts", "holds nothing but")
    def is_subset_of(self, others: Collection[str]) -> bool:
        """The list has nothing else than these; an empty list has nothing else."""
        return set(self.value) <= set(others)

    @operator(FIELD_NO_INPUT, "is empty")
    def is_empty(self) -> bool:
        """The list has nothing in it."""
        return not self.value

    @operator(FIELD_NO_INPUT, "is given")
    def is_present(self) -> bool:
        """The list has something in it."""
        return bool(self.value)


class Day(BaseType):  # type: ignore[misc]
    """A day seen from today. Of a missing day nothing is true but that it is empty."""

    name = "day"
    value: Dated

    def _assert_valid_value_and_cast(self, value: object) -> Dated:
        dated = _exactly(Dated, value)
        if dated.day is not None:
            _exactly(date, dated.day)
        _exactly(date, dated.today)
        return dated

    @operator(FIELD_NO_INPUT, "is empty")
    def is_empty(self) -> bool:
        """There is no day."""
        return self.value.day is None

    @operator(FIELD_NO_INPUT, "is given")
    def is_present(self) -> bool:
        """There is a day."""
        return self.value.day is not None

    @operator(FIELD_NO_INPUT, "is in the future")
    def in_the_future(self) -> bool:
        """It comes after today."""
        return self.value.day is not None and self.value.day > self.value.today

    @operator("day", "is on or before")
    def on_or_before(self, other: date | None) -> bool:
        """Also true on that very day. The value is a date, or another variable that is a day."""
        return self.value.day is not None and other is not None and self.value.day <= other

    @operator("day", "is on or after")
    def on_or_after(self, other: date | None) -> bool:
        """Also true on that very day. The value is a date, or another variable that is a day."""
        return self.value.day is not None and other is not None and self.value.day >= other

    @operator("distance", "is within so many days of")
    def within_days_of(self, distance: Distance) -> bool:
        """Before or after does not matter, and the last of the days counts."""
        day, of = self.value.day, distance.of
        return day is not None and of is not None and abs((day - of).days) <= distance.days

    @operator("distance", "is later than so many days after")
    def later_than_days_after(self, distance: Distance) -> bool:
        """The last of the days itself is not too late."""
        day, of = self.value.day, distance.of
        return day is not None and of is not None and (day - of).days > distance.days

    @operator("days", "is within so many days of today")
    def within_days_of_today(self, days: int) -> bool:
        """It is at most so many days ago, or at most so many days ahead."""
        return self.value.day is not None and abs((self.value.today - self.value.day).days) <= days

    @operator("days", "is older than so many days")
    def older_than_days(self, days: int) -> bool:
        """It is more than so many days ago."""
        return self.value.day is not None and (self.value.today - self.value.day).days > days

    @operator("months", "is older than so many months")
    def older_than_months(self, months: int) -> bool:
        """It is more than so many months ago."""
        return self.value.day is not None and self.value.today > months_later(self.value.day, months)


class Boolean(BooleanType):  # type: ignore[misc]
    """Yes or no."""

    value: bool

    def _assert_valid_value_and_cast(self, value: object) -> bool:
        return _exactly(bool, value)

    @operator(FIELD_NO_INPUT, "is true")
    def is_true(self) -> bool:
        """It is so."""
        return self.value

    @operator(FIELD_NO_INPUT, "is false")
    def is_false(self) -> bool:
        """It is not so."""
        return not self.value


def operators_of(kind: type[BaseType]) -> Mapping[str, Mapping[str, str]]:
    """The operators of a type by name, each with `label` and `input_type`, as the library exports them."""
    return {operator["name"]: operator for operator in kind.get_all_operators()}


@dataclass(frozen=True, slots=True)
class Input:
    """What may stand as an operator's `value`.

    `words` say it, with an `example`; `fits` checks a constant; `limit_unit` is the unit of a limit that may be named
    instead, and `variable` the type of a variable that may be.
    """

    words: str
    example: str
    fits: Callable[[Any], bool]
    limit_unit: str | None = None
    variable: type[BaseType] | None = None


def _whole_number(value: object) -> bool:
    return type(value) is int


def _not_negative(value: Any) -> bool:
    return type(value) is int and value >= 0


def _some_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _some_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_some_text, value))


def _iso_day(value: object) -> bool:
    return isinstance(value, str) and _ISO_DAY.fullmatch(value) is not None and _exists(value)


def _exists(day: str) -> bool:
    try:
        return bool(date.fromisoformat(day))
    except ValueError:
        return False


_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ANY_UNIT = "any"
DISTANCE = "distance"
"""The input of operators that take `{days: …, of: …}`: a number of days and a day, each as these two may stand."""
INPUTS: Mapping[str, Input] = {
    "text": Input("a text", "Fabrikam", _some_text, variable=Text),
    "texts": Input("a list of texts, not an empty one", "[teams, exchange]", _some_texts, variable=TextList),
    "number": Input("a whole number", "3", _whole_number, ANY_UNIT, Number),
    "days": Input("a number of days", "30", _not_negative, "calendar days"),
    "months": Input("a number of months", "12", _not_negative, "months"),
    "day": Input("a date such as 2026-12-24", "2026-12-24", _iso_day, variable=Day),
    DISTANCE: Input(
        "a number of days and the day from which they count, as {days: 30, of: 2026-12-24}",
        "{days: 30, of: 2026-12-24}",
        lambda _: False,
    ),
}
