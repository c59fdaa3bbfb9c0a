"""`claimbot usage import` and `claimbot earnings import`: what they say and what they exit with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from bot.cli import main
from models.memory import Memory
from models.tables import Claim, EarningLine, UsageLine
from rules.lifecycle import Status
from tests.cast import claim_as_it_stands, claim_in
from tests.reports import EARNINGS_HEAD, USAGE_HEAD, earnings_line, usage_line, written

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def claim(shared_memory: Memory, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Claim:
    """A claim in the database that DATABASE_URL names."""
    url = shared_memory.database.engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)
    return claim_as_it_stands(shared_memory, claim_in(shared_memory, Status.APPROVED))


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def count(memory: Memory, table: type[UsageLine] | type[EarningLine]) -> int:
    with memory.database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_an_import_says_what_became_of_the_lines_and_which_are_bad(shared_memory: Memory, claim: Claim, tmp_path: Path):
    good, bad = usage_line(claim, "2026-10"), usage_line(claim, "2026-09", users="-")
    path = str(written(tmp_path, USAGE_HEAD, [good, bad]))
    refused = run("usage", "import", path)
    assert refused.exit_code == 1
    assert "report.csv:3: MonthlyActiveUsers must be a whole number" in refused.stderr
    assert "1 of 2 lines cannot be taken, so nothing was imported." in refused.stderr
    trial = run("usage", "import", path, "--skip-bad-lines", "--dry-run")
    assert trial.stdout == "2 lines read: 1 new, 0 changed, 0 as before. Nothing was written.\n"
    assert count(shared_memory, UsageLine) == 0
    done = run("usage", "import", path, "--skip-bad-lines")
    assert (done.exit_code, done.stdout) == (1, "2 lines read: 1 new, 0 changed, 0 as before.\n")
    assert "1 line left out." in done.stderr
    again = run("usage", "import", str(written(tmp_path, USAGE_HEAD, [good])))
    assert (again.exit_code, again.stdout) == (0, "1 line read: 0 new, 0 changed, 1 as before.\n")
    assert count(shared_memory, UsageLine) == 1


def test_earnings_are_imported_alike_and_what_is_no_report_is_refused(
    shared_memory: Memory, claim: Claim, tmp_path: Path
):
    lines = [earnings_line(claim, "E-1", "2026-10-31")]
    assert run("earnings", "import", str(written(tmp_path, EARNINGS_HEAD, lines))).exit_code == 0
    assert count(shared_memory, EarningLine) == 1
    wrong = run("earnings", "import", str(written(tmp_path, USAGE_HEAD, [])))
    assert wrong.exit_code == 1
    assert "report.csv:1: The column EarningId is missing." in wrong.stderr


@pytest.mark.parametrize("kind", ["usage", "earnings"])
def test_the_examples_in_the_documentation_have_the_columns_that_are_asked_for(claim: Claim, tmp_path: Path, kind: str):
    examples = re.findall(r"```csv\n(.*?)```", (DOCS / "figures.md").read_text(encoding="utf-8"), re.DOTALL)
    [example] = [one for one in examples if ("EarningId" in one) is (kind == "earnings")]
    head, line = example.splitlines()
    result = run(kind, "import", str(written(tmp_path, head, [line])))
    assert result.stderr.startswith("report.csv:2: There is no claim CL-000123.\n")
