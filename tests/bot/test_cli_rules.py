"""`claimbot rules`: publishing, rolling back, explaining and trying out, as an administrator does it."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import main
from bot.settings import Settings
from models.database import Database
from models.memory import Memory
from models.operations.publishing import publications
from models.tables import Claim
from rules.lifecycle import Status
from rules.loading import SHIPPED, Programme, load_programme
from tests.cast import claim_in

PLANTED = """rules:
  - id: planted
    title: Planted
    source: test
    conditions: {all: [{name: products, operator: contains, value: teams}]}
    actions: [{name: block, params: {reason: planted, message: No more of Teams.}}]
"""


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shared_memory: Memory) -> None:
    """No setting of the machine but the database with the cast; an empty working directory."""
    for name in Settings.model_fields:
        for spelling in (name, name.upper()):
            monkeypatch.delenv(spelling, raising=False)
    url = shared_memory.database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped rules with one more rule in `submission`."""
    copy = Path(shutil.copytree(SHIPPED, tmp_path / "new"))
    file = copy / "submission.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("rules:\n", PLANTED, 1), encoding="utf-8")
    return copy


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["rules", *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def published(database: Database) -> list[str]:
    with database.transaction() as session:
        return [one.version for one in publications(session)]


def test_rules_are_published_listed_and_rolled_back(shared_memory: Memory, folder: Path, programme: Programme):
    new = load_programme(folder).version
    assert run("publish", str(SHIPPED), "--author", "Petra").exit_code == 0
    result = run("publish", str(folder), "--author", "Petra")
    assert result.exit_code == 0
    assert f"Version {new} holds from" in result.output
    assert "Published by Petra." in result.output
    listed = run("versions").output
    [holding] = [line for line in listed.splitlines() if line.strip().startswith("holds ") and "version" not in line]
    assert new in holding

    assert run("publish", "--version", programme.version[:8]).exit_code == 0
    assert published(shared_memory.database) == [programme.version, new, programme.version]


def test_rules_are_published_for_a_day_to_come_and_not_for_one_that_is_over(shared_memory: Memory, folder: Path):
    assert "holds from 2099-01-01 00:00 PST" in run("publish", str(folder), "--from", "2099-01-01").output
    result = run("publish", str(folder), "--from", "2020-01-01")
    assert (result.exit_code, "cannot be made to hold in the past" in result.output) == (2, True)
    assert len(published(shared_memory.database)) == 1
    [line] = [
        line for line in run("versions").output.splitlines() if line.strip().startswith("holds ") and "from" not in line
    ]
    assert load_programme().version in line


def test_what_cannot_be_published_is_said_in_a_line(shared_memory: Memory, folder: Path):
    for arguments in ([], [str(folder), "--version", "1234"]):
        assert run("publish", *arguments).exit_code == 2
    assert "No rules, or several" in run("publish", "--version", "1234").output
    file = folder / "submission.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("name: products,", "name: prodcts,"), encoding="utf-8")
    result = run("publish", str(folder))
    assert result.exit_code == 1
    assert "submission.yaml" in result.output
    assert "Did you mean “products”?" in result.output
    assert published(shared_memory.database) == []


def test_a_decision_is_explained_and_whether_todays_rules_would_decide_otherwise(shared_memory: Memory, folder: Path):
    number = claim_in(shared_memory, Status.SUBMITTED)
    result = run("explain", number, "--rule-set", "submission")
    assert result.exit_code == 0
    assert "Decided on 2026-11-18" in result.output
    assert "Every claim has proof of execution" in result.output
    assert "would decide the same" in result.output

    run("publish", str(folder))
    result = run("explain", number, "--rule-set", "submission")
    assert "would decide otherwise: blocked instead of passed." in result.output
    assert "They would also say: planted" in result.output
    assert "[block]" not in result.output, "the decision that is kept is printed as it was"


def test_an_administrator_is_told_of_every_claim_and_every_decision(shared_memory: Memory):
    number = claim_in(shared_memory, Status.DISPUTE)
    output = run("explain", number.removeprefix("CL-")).output
    titles = [
        one.title
        for name, one in shared_memory.programme.rule_sets.items()
        if name in ("submission", "dispute", "review")
    ]
    assert all(title in output for title in titles)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["CL-000999"], "There is no claim CL-000999."),
        (["whatever"], "There is no claim whatever."),
        (
            ["1", "--rule-set", "nothing"],
            "“nothing” has decided nothing about CL-000001. There is: submission, review.",
        ),
    ],
)
def test_what_cannot_be_explained_is_said_in_a_line(shared_memory: Memory, arguments: list[str], said: str):
    claim_in(shared_memory, Status.SUBMITTED)
    result = run("explain", *arguments)
    assert (result.exit_code, result.output.strip()) == (1, said)


def test_new_rules_are_tried_out_and_a_file_tells_every_change(shared_memory: Memory, folder: Path, tmp_path: Path):
    number = claim_in(shared_memory, Status.SUBMITTED)
    claim_in(shared_memory, Status.SUBMITTED, products=["exchange"])
    with shared_memory.database.transaction() as session:
        session.query(Claim).filter_by(id=1).one().partner.name = "=Contoso [red]"
    result = run("simulate", str(folder), "--csv", str(tmp_path / "changes.csv"))
    assert result.exit_code == 0
    assert "asked about 2 claims, 1 would change, 1 of them in their outcome" in result.output
    assert "planted" in result.output
    assert "=Contoso [red]" in result.output
    with (tmp_path / "changes.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file))[1:] == [
            [number, "'=Contoso [red]", "submission", "passed", "blocked", "planted", ""]
        ]
    assert published(shared_memory.database) == []

    result = run("simulate", str(folder), "--since", "2099-01-01")
    assert "asked about 0 claims, 0 would change" in result.output
    assert "No rule set differs" in run("simulate", str(SHIPPED)).output
