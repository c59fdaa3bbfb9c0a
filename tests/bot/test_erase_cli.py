"""`claimbot erase`, `retention`, `backup` and `restore`, as an administrator gives them."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from bot.cli import main
from bot.settings import Settings
from models.database import Database
from rules.lifecycle import Status
from rules.loading import Programme
from tests.cast import Clock, claim_in, remember, rules_that_erase_drafts


@pytest.fixture
def claims(database: Database, programme: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    memory = remember(database, programme, Clock())
    return [claim_in(memory, one, proven=False) for one in (Status.DRAFT,)] + [
        claim_in(memory, Status.REJECTED_FINAL, customer_domain="zyxwold.example")
    ]


def run(*arguments: str, typed: str | None = None) -> Result:
    result = CliRunner().invoke(main, list(arguments), input=typed)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_what_would_go_is_shown_and_goes_only_when_somebody_says_yes(claims: list[str], tmp_path: Path):
    draft, closed = claims
    shown = run("erase", "customer", "zyxwold.example", typed="n\n")
    assert shown.exit_code == 1
    assert "1  claims" in shown.stdout
    assert "1  documents (files of proof)" in shown.stdout
    refused = run("erase", "customer", draft, "--yes")
    assert (refused.exit_code, "--force discards it" in refused.stderr) == (1, True)
    done = run("erase", "customer", "zyxwold.example", "--yes")
    assert "Erased: 1 claims, 1 documents." in done.stdout
    assert run("erase", "customer", "zyxwold.example", "--yes").exit_code == 1
    listed = run("erase", "list").stdout
    assert listed.startswith(f"claim {closed} ")
    kept = tmp_path / "erasures.txt"
    kept.write_text(listed, encoding="utf-8")
    assert "Erased again: 0" in run("erase", "again", str(kept)).stdout
    proven = run("audit", "verify")
    assert proven.exit_code == 0, proven.stdout
    assert proven.stderr == ""  # no empty lines of a bar that nobody sees


def test_people_in_the_directory_and_retention_that_is_not_set_are_refused_with_what_to_do(claims: list[str]):
    ana = run("erase", "person", "<@U0ANA>", "--yes")
    assert "Ana Admin is in the directory. Take them out there and import it first." in ana.stderr
    assert "Contoso Consulting is in the directory" in run("erase", "partner", "contoso consulting").stderr
    assert "set drafts_kept_months" in run("retention", "run").stderr


def test_retention_says_what_is_due_and_erases_it_only_when_somebody_says_yes(
    claims: list[str], database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("RULES_DIR", str(rules_that_erase_drafts(tmp_path)))
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE claims SET updated_at = '2020-01-01'"))
    for arguments, typed, said in (
        (["--dry-run"], None, "Nothing was erased."),
        ([], "n\n", "Claims kept longer than that: 1 Draft."),
        (["--yes"], None, "Erased: 1 claims, 0 documents."),
        (["--yes"], None, "Claims kept longer than that: none."),
    ):
        assert said in run("retention", "run", *arguments, typed=typed).stdout
    with database.engine.connect() as connection:
        names = {one.status: one.customer_name for one in connection.execute(text("SELECT * FROM claims"))}
    assert (names["Draft"], names["Rejected final"] == "erased") == ("erased", False)


def test_a_backup_is_written_once_and_restored_only_into_an_empty_database(
    database: Database, programme: Programme, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    number = claim_in(remember(database, programme, Clock()), Status.DRAFT, proven=False)
    file = tmp_path / "all.zip"
    made = run("backup", str(file))
    assert (made.exit_code, made.stderr, "Whoever has this file has everything" in made.stdout) == (0, "", True)
    assert "nothing was overwritten" in run("backup", str(file)).stderr
    assert "Nothing was restored" in run("restore", str(file)).stderr
    fresh = f"test_{uuid4().hex}"
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text(f'CREATE DATABASE "{fresh}"'))
    url = database.engine.url.set(database=fresh).render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    restored = run("restore", str(file))
    assert (restored.exit_code, restored.stderr, "audit verify" in restored.stdout) == (0, "", True)
    assert run("erase", "customer", number, "--dry-run", "--force").stdout.endswith("Nothing was erased.\n")
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text(f'DROP DATABASE "{fresh}" WITH (FORCE)'))
