"""What a column of an export is: its heading, what it holds, and how it is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Text, case, cast, func, literal, null, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from models.tables import Claim
from rules.loading import Programme


class Kind(StrEnum):
    """What stands in a column, and so how it is written; the words are those of docs/export.md."""

    TEXT = "text"  # what people typed: a spreadsheet might take it for a formula
    WORD = "id or word"  # text of a fixed shape: ids, numbers of claims, statuses
    NUMBER = "number"
    DAY = "day"
    MOMENT = "date and time"
    YES_NO = "yes or no"


class Audience(IntEnum):
    """Who finds a column in their export; each sees those of the ones before, too."""

    EVERYBODY = 0
    REVIEWERS = 1
    ADMINISTRATORS = 2  # whoever runs the command line

    @property
    def words(self) -> str:
        """As docs/export.md names them."""
        return ("everybody", "reviewers, administrators", "administrators")[self]


@dataclass(frozen=True)
class Setting:
    """What expressions depend on: the programme's words, and the zone in which its days begin."""

    programme: Programme
    timezone: str

    @property
    def zone(self) -> ZoneInfo:
        """That zone."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True)
class Column:
    """One column: its heading, what it holds (a sentence for the docs), and how it is read."""

    heading: str
    meaning: str
    kind: Kind
    value: Callable[[Setting], ColumnElement[Any]]
    audience: Audience = Audience.EVERYBODY
    width: int = 18


def plain(expression: Any) -> Callable[[Setting], ColumnElement[Any]]:
    """A value that depends on no setting."""
    return lambda setting: expression


def named(value: Any, names: Mapping[str, str]) -> ColumnElement[Any]:
    """The name of what is kept by its id; the id where the programme has it no longer."""
    return case(names, value=value, else_=value) if names else value


def names_of(values: Any, names: Mapping[str, str]) -> ColumnElement[Any]:
    """The names of several things, one after the other."""
    one = func.unnest(values).table_valued("id", with_ordinality="place", name="listed").render_derived()
    known = cast(literal(json.dumps(dict(names)), Text), JSONB)
    name = func.coalesce(known.op("->>")(one.c.id), one.c.id)
    named = (
        select(func.string_agg(name, aggregate_order_by(literal("; "), one.c.place))).correlate(Claim).scalar_subquery()
    )
    return case((func.cardinality(values) > 0, named), else_=null())


def by_id(*things: Any) -> dict[str, str]:
    """The names of things of the programme."""
    return {one.id: one.name for one in things}
