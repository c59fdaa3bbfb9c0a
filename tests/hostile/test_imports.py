"""Imports of files with anything in them: whole or not at all, and each fault at its line."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from models.claims_file import columns
from models.csv_file import CsvError
from models.memory import Memory
from models.operations.earnings_report import earnings_report
from models.operations.importing import _register, import_claims
from models.operations.reports import MOST_FAULTS, BadLines, import_report
from models.operations.usage_report import usage_report
from models.tables import Claim, EarningLine, History, ImportedClaim, Reminder, UsageLine
from rules.faults import ProgrammeError
from tests.cast import Clock, claim_as_it_stands
from tests.hostile.test_files import TEXTS
from tests.hostile.test_slack import tried
from tests.models.test_importing import LINE
from tests.reports import EARNINGS_HEAD, USAGE_HEAD, earnings_line, official_claim, usage_line

TABLES = (Claim, ImportedClaim, History, Reminder, UsageLine, EarningLine)
ODD = [
    *("999999999999", "99999", "-1", "1e5", "0", "yes", "{}", ";", "Teams;Teams;;", "x" * 3001),
    *("2026-11-10", "1990-01-01", "0001-01-01", "9999-12-31", "2026-11-18T08:59+14:00"),
    *("2199-12-31T23:59:59-23:59:59.999999", "CL-9223372036854775808", "4722001", "Use or consume"),
    *("Draft", "Rejected", "Dispute", "Approved", "insufficient-proof", "ana@contoso.com", "rosa@example.com"),
]
CELLS = TEXTS | st.sampled_from(ODD)


def counted(memory: Memory) -> list[int]:
    with memory.database.transaction() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def bent(data: st.DataObject, heads: list[str], rows: list[list[str]]) -> str:
    """A file with some cells, lines, heads or characters changed."""
    heads, rows = list(heads), [list(row) for row in rows]
    for _ in range(data.draw(st.integers(0, 4))):
        row = data.draw(st.sampled_from(rows))
        row[data.draw(st.integers(0, len(heads) - 1))] = data.draw(CELLS)
    if data.draw(st.booleans()):
        row = data.draw(st.sampled_from([heads, *rows]))
        at = data.draw(st.integers(0, len(row) - 1))
        row[at : at + data.draw(st.integers(0, 1))] = data.draw(st.lists(TEXTS | st.sampled_from(heads), max_size=2))
    text = StringIO()
    csv.writer(text, delimiter=data.draw(st.sampled_from(",;"))).writerows([heads, *rows])
    whole = text.getvalue()
    if data.draw(st.integers(0, 3)) == 0:
        at = data.draw(st.integers(0, len(whole)))
        whole = whole[:at] + data.draw(TEXTS) + whole[at + data.draw(st.integers(0, 9)) :]
    return whole


def faults_of(run: Callable[[], Any], content: str) -> tuple[Any, int]:
    """What became of an import, and how many faults it was refused for, each of which names a line of the file."""
    error: ProgrammeError
    try:
        return run(), 0
    except (BadLines, CsvError) as refused:
        error = refused
    lines = content.count("\n") + content.count("\r") + 1
    assert 0 < len(error.faults) <= MOST_FAULTS
    assert all(0 <= fault.line <= lines and fault.message for fault in error.faults), error.faults
    assert isinstance(error, CsvError) or all(fault.line > 1 for fault in error.faults)
    return None, len(error.faults)


@tried
@given(data=st.data())
def test_claims_are_imported_all_or_none_whatever_the_file_says(memory: Memory, tmp_path: Path, data: st.DataObject):
    with memory.database.transaction() as session:
        names = [column.name for column in columns(_register(session, memory))]
    rows = [[(LINE | {"Reference": f"OLD-{number}"}).get(name, "") for name in names] for number in range(3)]
    content, before = bent(data, names, rows), counted(memory)
    path = tmp_path / "claims.csv"
    path.write_bytes(content.encode("utf-8", "replace"))
    done, faults = faults_of(lambda: import_claims(memory, path), content)
    after = counted(memory)
    if faults:
        assert after == before
    else:
        assert [now - then for now, then in zip(after, before, strict=True)][:3] == [done.added.total()] * 3
        assert done.added.total() + done.unchanged == done.lines


@pytest.mark.parametrize("kind", ["usage", "earnings"])
@tried
@given(data=st.data(), skip=st.booleans())
def test_a_report_is_imported_whole_or_without_its_bad_lines_only_if_asked(
    memory: Memory, clock: Clock, tmp_path: Path, kind: str, data: st.DataObject, skip: bool
):
    with memory.database.transaction() as session:
        number = session.scalar(select(func.max(Claim.id)))
    claim = claim_as_it_stands(memory, f"CL-{number}" if number else official_claim(memory, clock))
    if kind == "usage":
        head, report = USAGE_HEAD, usage_report(memory.programme.catalogue)
        lines = [usage_line(claim, month) for month in ("2026-08", "2026-09", "2026-10")]
    else:
        head, report = EARNINGS_HEAD, earnings_report(memory.programme.catalogue)
        lines = [earnings_line(claim, identity, "2026-10-01") for identity in ("1", "2", "3")]
    content = bent(data, head.split(","), [line.split(",") for line in lines])
    path, before = tmp_path / "report.csv", counted(memory)
    path.write_bytes(content.encode("utf-8", "replace"))
    today = memory.clock().date()
    done, faults = faults_of(
        lambda: import_report(memory.database, report, path, today=today, skip_bad_lines=skip), content
    )
    after = counted(memory)
    if faults:
        assert after == before
    else:
        assert done.added + done.changed + done.unchanged + done.bad == done.lines
        assert skip or not done.bad
        assert sum(after) - sum(before) == done.added
