"""The rule of docs/upgrading.md: what a migration leaves behind, the version before can go on working with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from models.database import MIGRATIONS, Database, Schema

COLUMNS = """
    SELECT c.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
           a.atthasdef OR a.attidentity <> ''
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
      AND a.attnum > 0 AND NOT a.attisdropped"""
CONSTRAINTS = """
    SELECT c.conrelid::regclass || '.' || c.conname AS name, pg_get_constraintdef(c.oid),
           ARRAY(SELECT c.conrelid::regclass || '.' || a.attname FROM pg_attribute a
                 WHERE a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey))
    FROM pg_constraint c WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('c', 'u', 'f', 'x', 'p')"""


@dataclass(frozen=True)
class Shape:
    """What a schema demands: columns as (type, may be empty, has a default); constraints as (what, on what)."""

    columns: Mapping[str, tuple[str, bool, bool]]
    constraints: Mapping[str, tuple[str, list[str]]]

    @classmethod
    def of(cls, connection: Connection) -> Shape:
        columns = {name: (kind, empty, default) for name, kind, empty, default in connection.execute(text(COLUMNS))}
        constraints = {name: (what, on) for name, what, on in connection.execute(text(CONSTRAINTS))}
        return cls(columns, constraints)

    @property
    def tables(self) -> set[str]:
        return {name.split(".")[0] for name in self.columns} - {"alembic_version"}


def stumbling_blocks(before: Shape, after: Shape) -> dict[str, str]:
    """What code that knows only ``before`` would stumble over in ``after``: the thing's name, and why."""
    found = {}
    for name, (kind, empty, _) in before.columns.items():
        if name not in after.columns:
            found[name] = "is gone"
        elif after.columns[name][0] != kind:
            found[name] = f"was {kind} and is {after.columns[name][0]}"
        elif empty and not after.columns[name][1]:
            found[name] = "may not be empty any more"
    for name, (_, empty, default) in after.columns.items():
        if name.split(".")[0] in before.tables and name not in before.columns and not empty and not default:
            found[name] = "is new, without a default, and may not be empty"
    for name, (what, on) in after.constraints.items():
        known = name.split(".")[0] in before.tables and any(column in before.columns for column in on)
        if known and before.constraints.get(name, ("",))[0] != what:
            found[name] = f"is a new constraint on old columns: {what}"
    return found


@pytest.fixture
def empty(template: Database, tmp_path: Path) -> Iterator[Database]:
    """A database without a schema."""
    name = f"test_{uuid4().hex}"
    with template.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text(f'CREATE DATABASE "{name}"'))
    database = Database(template.engine.url.set(database=name).render_as_string(hide_password=False), tmp_path)
    yield database
    database.close()
    with template.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


def test_each_migration_leaves_what_the_version_before_can_work_with(empty: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    steps = list(reversed(list(ScriptDirectory.from_config(config).walk_revisions())))
    assert [one.revision for one in steps] == sorted(one.revision for one in steps), "number them in their order"
    wrong: dict[str, str] = {}
    with empty.engine.connect() as connection:
        config.attributes["connection"] = connection
        before = Shape.of(connection)
        for step in steps:
            command.upgrade(config, step.revision)
            after = Shape.of(connection)
            prepared = getattr(step.module, "PREPARED", {})
            wrong |= {
                f"{step.revision}: {name}": why
                for name, why in stumbling_blocks(before, after).items()
                if not {name, name.split(".")[0]} & prepared.keys()
            }
            before = after
    assert wrong == {}, "see docs/upgrading.md"


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("DROP TABLE snoozes", "snoozes."),
        ("ALTER TABLE claims DROP COLUMN version", "claims.version"),
        ("ALTER TABLE claims RENAME COLUMN status TO state", "claims.status"),
        ("ALTER TABLE programme ALTER COLUMN name TYPE varchar(20)", "programme.name"),
        ("ALTER TABLE people ALTER COLUMN email SET NOT NULL", "people.email"),
        ("ALTER TABLE people ADD COLUMN phone text NOT NULL", "people.phone"),
        ("ALTER TABLE people ADD CONSTRAINT short CHECK (length(name) < 20)", "people.short"),
        ("ALTER TABLE people ADD CONSTRAINT once UNIQUE (email)", "people.once"),
    ],
)
def test_what_an_older_replica_would_stumble_over_is_found(rolled_back: Database, statement: str, name: str) -> None:
    connection = rolled_back.connection  # type: ignore[attr-defined]
    before = Shape.of(connection)
    connection.execute(text(statement))
    assert any(one.startswith(name) for one in stumbling_blocks(before, Shape.of(connection)))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE notes (id int PRIMARY KEY, body text NOT NULL CHECK (body <> ''))",
        "ALTER TABLE people ADD COLUMN phone text",
        "ALTER TABLE people ADD COLUMN phone text NOT NULL DEFAULT '' CHECK (length(phone) < 20)",
        "ALTER TABLE claims ALTER COLUMN status DROP NOT NULL",
        "CREATE INDEX ON people (email)",
    ],
)
def test_what_an_older_replica_does_not_notice_is_no_fault(rolled_back: Database, statement: str) -> None:
    connection = rolled_back.connection  # type: ignore[attr-defined]
    before = Shape.of(connection)
    connection.execute(text(statement))
    assert stumbling_blocks(before, Shape.of(connection)) == {}


def test_a_schema_that_a_newer_version_brought_is_usable_and_left_alone(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert database.schema() is Schema.AHEAD
    assert database.schema().usable
    database.upgrade()
    assert database.revisions()[0] == "9999"


def test_a_database_without_a_schema_is_not_usable(empty: Database) -> None:
    assert empty.schema() is Schema.MISSING
    assert not empty.schema().usable
    empty.upgrade()
    assert empty.schema() is Schema.CURRENT
