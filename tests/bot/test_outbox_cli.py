"""`claimbot outbox`: an operator sees what is stuck and has it tried again, and reads nothing that anybody wrote."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from bot.cli import main
from bot.settings import Settings
from models.database import Database
from models.tables import Claim, Outgoing
from rules.lifecycle import Status
from rules.loading import Programme
from tests.cast import Clock, claim_in, remember

SECRET = "what somebody wrote"


@pytest.fixture
def rows(database: Database, programme: Programme, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database, as DATABASE_URL names it, with one row of each state."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    claim_in(remember(database, programme, Clock()), Status.DRAFT)
    with database.transaction() as session:
        for row in session.scalars(select(Outgoing)):
            session.delete(row)
        claim = session.scalars(select(Claim)).one()
        now = datetime.now(UTC)
        for state, age, problem in (
            ("sent", timedelta(days=9), None),
            ("dead", timedelta(days=2, hours=3), "channel_not_found"),
            ("dead", timedelta(hours=5), "[bold]invalid_blocks[/bold]"),
            ("pending", timedelta(minutes=7), "rate_limited"),
            ("sending", timedelta(0), None),
        ):
            session.add(
                Outgoing(
                    kind="story",
                    team="T1",
                    lane="T1/C1",
                    payload={"text": SECRET},
                    unique_key=f"{state}{age}",
                    state=state,
                    attempts=3,
                    claim_id=claim.id if state != "sending" else None,
                    created_at=now - age,
                    next_attempt_at=now,
                    problem=problem,
                )
            )
    return database


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["outbox", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def listed(*arguments: str) -> list[list[str]]:
    """The cells that a pipe gets, without the headings and without the ids."""
    headings, *lines = run("list", *arguments).stdout.splitlines()
    assert headings.split("\t") == ["id", "kind", "claim", "state", "age", "attempts", "problem"]
    return [line.split("\t")[1:] for line in lines]


def ids(database: Database, state: str) -> list[int]:
    with database.transaction() as session:
        return list(session.scalars(select(Outgoing.id).where(Outgoing.state == state).order_by(Outgoing.id)))


def test_the_list_shows_what_is_not_in_slack_oldest_first_and_why(rows: Database):
    found = listed()
    assert re.fullmatch(r"\d+ s", found[-1].pop(3))
    assert found == [
        ["story", "CL-000001", "given up", "2 d", "3", "channel_not_found"],
        ["story", "CL-000001", "given up", "5 h", "3", "[bold]invalid_blocks[/bold]"],
        ["story", "CL-000001", "waits", "7 min", "3", "rate_limited"],
        ["story", "-", "under way", "3", "-"],
    ]


def test_the_list_can_be_of_dead_letters_alone_and_says_when_there_are_more(rows: Database):
    assert [line[2] for line in listed("--dead")] == ["given up", "given up"]
    result = run("list", "--dead", "--limit", "1")
    assert result.stdout.count("given up") == 1
    assert "more than these 1" in result.stderr


def test_nothing_that_anybody_wrote_is_shown(rows: Database):
    assert SECRET not in run("list").output


def test_in_a_terminal_it_is_a_table_and_a_problem_is_no_markup(rows: Database, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "140")
    shown = run("list").stdout
    assert "│" in shown
    assert "[bold]invalid_blocks[/bold]" in shown


def test_one_dead_letter_is_tried_again_by_its_id_and_the_others_stay(rows: Database):
    first, second = ids(rows, "dead")
    assert run("retry", str(first)).exit_code == 0
    assert ids(rows, "dead") == [second]
    assert first in ids(rows, "pending")


def test_all_dead_letters_are_tried_again(rows: Database):
    dead = ids(rows, "dead")
    assert run("retry", "--all").stdout.startswith("2 tried again")
    assert set(dead) < set(ids(rows, "pending"))
    assert run("list", "--dead").stdout == "Nothing was given up.\n"
    assert run("retry", "--all").exit_code == 0


def test_what_was_not_given_up_cannot_be_tried_again(rows: Database):
    [sent] = ids(rows, "sent")
    result = run("retry", str(sent))
    assert result.exit_code == 1
    assert "outbox list --dead" in result.stderr
    assert ids(rows, "sent") == [sent]


@pytest.mark.parametrize("arguments", [(), ("7", "--all")])
def test_retry_wants_one_id_or_all(rows: Database, arguments: tuple[str, ...]):
    assert run("retry", *arguments).exit_code == 2
    assert len(ids(rows, "dead")) == 2
