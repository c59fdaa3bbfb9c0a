"""CSV files are read as people have them, and what is wrong with one is said with its line."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from models import csv_values as values
from models.csv_file import Column, CsvError, CsvFile

COLUMNS = (
    Column("ClaimId", values.claim),
    Column("CustomerName", values.text(), required=False),
    Column("Users", values.count, also=("MAU",)),
)
TEXT = "ClaimId,CustomerName,Users\nCL-000001,Zoë’s Bäckerei,12\nCL-000002,,7\n"
WHOLE = [
    (2, {"ClaimId": 1, "CustomerName": "Zoë’s Bäckerei", "Users": 12}),
    (3, {"ClaimId": 2, "CustomerName": None, "Users": 7}),
]


def written(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def read(path: Path) -> list[tuple[int, Any]]:
    """Every line: its values, or what is wrong with it."""
    with CsvFile(path, COLUMNS) as file:
        return [(row.line, [fault.message for fault in row.faults] or dict(row.values)) for row in file.rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_usual_encoding_delimiter_and_line_ending_gives_the_same(
    tmp_path: Path, encoding: str, delimiter: str, ending: str
):
    content = TEXT.replace(",", delimiter).replace("\n", ending)
    assert read(written(tmp_path, content, encoding)) == WHOLE


def test_the_line_in_which_excel_names_its_delimiter_is_no_head(tmp_path: Path):
    rows = read(written(tmp_path, "sep=;\n" + TEXT.replace(",", ";")))
    assert [(line - 1, found) for line, found in rows] == WHOLE


def test_columns_are_found_in_any_order_and_spelling_and_others_are_named_as_ignored(tmp_path: Path):
    path = written(tmp_path, 'mau,Remark,"claim_ID ",Customer name\n12,x,CL-1,Northwind\n')
    with CsvFile(path, COLUMNS) as file:
        assert file.ignored == ("Remark",)
        assert [dict(row.values) for row in file.rows()] == [{"ClaimId": 1, "CustomerName": "Northwind", "Users": 12}]


def test_lines_are_counted_as_an_editor_counts_them(tmp_path: Path):
    content = 'ClaimId,CustomerName,Users\nCL-1,"two\nlines",1\n\n,,\nCL-2,x,many\n'
    assert read(written(tmp_path, content)) == [
        (2, {"ClaimId": 1, "CustomerName": "two lines", "Users": 1}),
        (6, ["Users must be a whole number, such as 1250, without separators; it is “many”."]),
    ]


def test_every_fault_of_a_line_is_named(tmp_path: Path):
    content = "ClaimId,CustomerName,Users\nabc,x,\nCL-1,x\nCL-1,x,1,2\n"
    assert read(written(tmp_path, content)) == [
        (2, ["ClaimId must be a claim's number, such as CL-000123; it is “abc”.", "Users is empty."]),
        (3, ["This line has 2 cells, and the head has 3."]),
        (4, ["This line has 4 cells, and the head has 3."]),
    ]


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"", ["file.csv: The file is empty."]),
        (b"\n;;\n", ["file.csv: The file is empty."]),
        (b"PK\x03\x04rest", ["file.csv: This is an Excel workbook. Save it as CSV (UTF-8)."]),
        (
            b"ClaimId,ClaimID,Name\n",
            [
                "file.csv:1: The column ClaimId stands here twice.",
                "file.csv:1: The column Users is missing.",
                "file.csv:1: The columns of the file are: ClaimId, ClaimID, Name.",
            ],
        ),
        (
            b'ClaimId,Users\nCL-1,1\nCL-2,"2\nCL-3,3\n',
            ["file.csv:3: A quotation mark that opens in this line is not closed as it should be."],
        ),
        (
            b"ClaimId,Users,CustomerName\nCL-1,1,\x81\n",
            ["file.csv:1: This is no CSV file. Save it as CSV, in UTF-8."],
        ),
        (
            b"\xff\xfeC",
            ["file.csv:1: This is no CSV file. Save it as CSV, in UTF-8."],
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, content: bytes, wanted: list[str]):
    with pytest.raises(CsvError) as refused:
        read(written(tmp_path, content))
    assert sorted(map(str, refused.value.faults)) == sorted(wanted)


@pytest.mark.parametrize(
    ("reader", "cell", "value"),
    [
        (values.guid, "{8F2C1A54-7d3e-4b19-9c55-0a6e2f7b1d48}", "8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48"),
        (values.count, "1250", 1250),
        (values.count, "1250.0", 1250),
        (values.amount, "-1234.5", Decimal("-1234.5")),
        (values.amount, "1234,50", Decimal("1234.50")),
        (values.day, "2026-10-31", date(2026, 10, 31)),
        (values.day, "2026-10-31T00:00:00Z", date(2026, 10, 31)),
        (values.month, "2026-10", date(2026, 10, 1)),
        (values.month, "2026-10-01 00:00:00", date(2026, 10, 1)),
        (values.currency, "eur", "EUR"),
        (values.text(5), " a\u202eb ", "ab"),
    ],
)
def test_a_cell_becomes_a_value(reader: Any, cell: str, value: Any):
    assert reader(cell) == value


@pytest.mark.parametrize(
    ("reader", "cell"),
    [
        (values.guid, "8f2c1a54"),
        (values.mpn, "٤٧١١"),
        (values.count, "1,250"),
        (values.count, "-1"),
        (values.count, "1.5"),
        (values.amount, "1,234"),
        (values.amount, "1.234.567"),
        (values.amount, "NaN"),
        (values.amount, "1e9"),
        (values.day, "10/01/2026"),
        (values.day, "2026-02-30"),
        (values.month, "2026-10-02"),
        (values.currency, "€"),
        (values.text(5), "abcdef"),
        (values.text(5), "\u202e"),
    ],
)
def test_a_cell_that_could_mean_something_else_is_refused(reader: Any, cell: str):
    with pytest.raises(ValueError, match=r"^(must|may|is) .*\.$"):
        reader(cell)
