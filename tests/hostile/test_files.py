"""Files of an administrator, with anything in them: each is read, or refused with its faults; nothing else happens."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from models.csv_file import Column, CsvError, CsvFile
from models.directory_file import parse_directory
from models.operations.earnings_report import earnings_report
from models.operations.usage_report import usage_report
from rules.faults import ProgrammeError
from rules.loading import SHIPPED, Programme, load_programme_from
from tests.cast import DIRECTORY
from tests.hostile.test_slack import tried

TEXTS = st.text(max_size=40) | st.sampled_from(
    ["=1+1", "\x00", "CL-000001", "9" * 400, "1e999", "nan", "-0", "2026-02-30", "\ud7ff", "'", '"', "\r", "a\nb", "٣"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
RULE_FILES = {path.name: path.read_text(encoding="utf-8") for path in sorted(SHIPPED.glob("*.yaml"))}


def reads(path: Path, columns: Sequence[Column]) -> None:
    """Read the file to its end, as an import does."""
    with suppress(CsvError), CsvFile(path, columns) as file:
        for row in file.rows():
            assert row.faults or set(row.values) == {column.name for column in columns}


@pytest.mark.parametrize("report", [usage_report, earnings_report])
@tried
@given(data=st.data())
def test_a_report_with_anything_in_its_cells_is_read_line_by_line(
    tmp_path: Path, programme: Programme, report: Any, data: st.DataObject
):
    columns = [one.column for one in report(programme.catalogue).columns]
    names = [column.name for column in columns]
    rows = data.draw(st.lists(st.lists(TEXTS, min_size=1, max_size=len(names) + 1), max_size=4))
    text = StringIO()
    csv.writer(text).writerows([names, *rows])
    path = tmp_path / "report.csv"
    path.write_bytes(text.getvalue().encode("utf-8", "replace"))
    reads(path, columns)


@tried
@given(content=st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-16")))
def test_a_file_of_any_bytes_is_no_report(tmp_path: Path, programme: Programme, content: bytes):
    path = tmp_path / "report.csv"
    path.write_bytes(content)
    reads(path, [one.column for one in usage_report(programme.catalogue).columns])


def spoiled(data: st.DataObject, text: str) -> str:
    """The YAML with one place replaced by something else, or with something written across it."""
    if data.draw(st.booleans()):
        at = data.draw(st.integers(0, len(text)))
        return text[:at] + data.draw(TEXTS) + text[at + data.draw(st.integers(0, 20)) :]
    tree = {"": yaml.safe_load(text)}
    at_hand: Any = tree
    key: Any = ""
    while isinstance(inner := at_hand[key], dict | list) and inner and data.draw(st.integers(0, 4)):
        at_hand = inner
        key = data.draw(st.sampled_from(list(inner)) if isinstance(inner, dict) else st.integers(0, len(inner) - 1))
    at_hand[key] = data.draw(VALUES)
    return yaml.safe_dump(tree[""], allow_unicode=True)


@tried
@given(data=st.data())
def test_a_spoiled_directory_is_taken_or_refused_with_its_faults(programme: Programme, data: st.DataObject):
    with suppress(ProgrammeError):
        parse_directory(spoiled(data, DIRECTORY), programmes=programme.catalogue.programmes)


@tried
@given(data=st.data())
def test_spoiled_rule_files_are_taken_or_refused_with_their_faults(data: st.DataObject):
    name = data.draw(st.sampled_from(sorted(RULE_FILES)))
    with suppress(ProgrammeError):
        load_programme_from({**RULE_FILES, name: spoiled(data, RULE_FILES[name])})
