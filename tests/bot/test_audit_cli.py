"""`claimbot audit`: whoever answers for the record finds out in one command whether it is whole, and where not."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from bot.cli import main
from bot.settings import Settings
from models.database import Database
from rules.lifecycle import Status
from rules.loading import Programme
from tests.cast import Clock, claim_in, remember


@pytest.fixture
def claims(database: Database, programme: Programme, monkeypatch: pytest.MonkeyPatch) -> Database:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    claim_in(remember(database, programme, Clock()), Status.REJECTED)
    return database


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["audit", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_the_value_that_was_kept_proves_the_record_as_long_as_it_is_whole(claims: Database):
    kept = run("head").stdout.strip()
    proven = run("verify", "--against", kept)
    assert proven.exit_code == 0
    assert "of 1 claims" in proven.stdout
    assert "Nothing was altered, and nothing is missing." in proven.stdout


def test_a_broken_record_ends_with_exit_code_1_and_says_where(claims: Database):
    with claims.engine.begin() as connection:
        connection.execute(text("ALTER TABLE history DISABLE TRIGGER USER"))
        connection.execute(text("UPDATE history SET person_id = 1 WHERE seq = 2"))
        connection.execute(text("UPDATE history SET person_id = 2 WHERE seq = 2"))
    broken = run("verify")
    assert broken.exit_code == 1
    assert "BROKEN  CL-000001, entry 2: was altered" in broken.stdout
    assert "docs/audit.md" in broken.stderr


def test_another_value_is_told_from_a_mistyped_one(claims: Database):
    kept = run("head").stdout.strip()
    assert run("verify", "--against", "17").exit_code == 2
    other = run("verify", "--against", kept[:-1] + ("0" if kept[-1] != "0" else "1"))
    assert other.exit_code == 1
    assert "checkpoint 1: is another one now" in other.stdout


def test_without_any_history_there_is_no_value_to_keep(database: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    empty = run("head")
    assert (empty.exit_code, empty.stdout) == (1, "")
