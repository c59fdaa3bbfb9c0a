"""What every table shares: names of constraints, and types with one meaning everywhere."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, FetchedValue, MetaData, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column


class Base(DeclarativeBase):
    """Every time is aware and kept in UTC; every JSON is JSONB; a list of strings is a PostgreSQL array."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads it as a plain dict
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: ARRAY(String),
        int: BigInteger,
    }


def found_by() -> MappedColumn[Any]:
    """The words by which PostgreSQL finds a row. It makes them itself, whoever writes the row (the migrations say of
    what), and only its search reads them.
    """
    made = FetchedValue()
    return mapped_column(TSVECTOR, server_default=made, server_onupdate=made, deferred=True, nullable=True)


def sorted_by() -> MappedColumn[str]:
    """By what lists are sorted that show a name; the database makes it of the name."""
    made = FetchedValue()
    return mapped_column(server_default=made, server_onupdate=made, deferred=True)
