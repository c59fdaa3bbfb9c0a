"""An export holds exactly what its reader may see, typed, and nothing in it ever runs."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from io import BytesIO, TextIOWrapper
from pathlib import Path
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from sqlalchemy.orm import Session
from xlsxwriter.utility import xl_cell_to_rowcol

from models.exporting.claims import COLUMNS
from models.exporting.columns import Audience
from models.exporting.csv_copy import write_csv
from models.exporting.making import Format, make
from models.exporting.source import undefused
from models.exporting.subjects import extract_of
from models.exporting.workbook import write_workbook
from models.memory import Memory
from models.operations import commenting
from models.queries.people import actor_for
from models.tables import Claim, claim_id
from rules.lifecycle import Status
from rules.permissions import CLOCK, Actor
from tests.cast import WHO, claim_in
from tests.models.test_finding import CAST, everything, world

__all__ = ["world"]  # a fixture

HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "＝1", "\t=1", "\r=1", "\x01=1", "'=1", '"=1","=2', "a\n=1", '=1\x02,\n"=2')
WORDS = ("", "status:approved,rejected", "munich", "sort:due", "customer:zoo sort:-name")


def as_csv(session: Session, memory: Memory, actor: Actor, words: str = "") -> list[dict[str, str]]:
    file = BytesIO()
    count = write_csv(session, extract_of(session, memory, actor, words), file, lambda done: None)
    file.seek(0)
    rows = list(csv.DictReader(TextIOWrapper(file, "utf-8-sig", newline="")))
    assert len(rows) == count
    return rows


def sheets_of(path: Path) -> list[list[list[str | None]]]:
    """The cells of every sheet, as an Excel file has them: a formula would be an element of its own, and fails this."""
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with ZipFile(path) as book:
        names = sorted(name for name in book.namelist() if name.startswith("xl/worksheets/sheet"))
        sheets = [ElementTree.fromstring(book.read(name)) for name in names]  # noqa: S314 - our own
    found = []
    for sheet in sheets:
        assert list(sheet.iter(f"{main}f")) == []
        assert list(sheet.iter(f"{main}hyperlink")) == []
        found.append([_row({cell.get("r", ""): _cell(cell, main) for cell in row}) for row in sheet.iter(f"{main}row")])
    return found


def _row(cells: dict[str, str | None]) -> list[str | None]:
    """With None for cells that are empty, up to the last that is not."""
    places = {reference.rstrip("0123456789"): value for reference, value in cells.items()}
    numbers = {xl_cell_to_rowcol(f"{letters}1")[1]: value for letters, value in places.items()}
    return [numbers.get(place) for place in range(max(numbers) + 1)]


def _cell(cell: ElementTree.Element, main: str) -> str | None:
    text = cell.findtext(f"{main}is/{main}t")
    return text if cell.get("t") == "inlineStr" else f"#{cell.findtext(f'{main}v')}"


@pytest.mark.parametrize("words", WORDS)
def test_an_export_has_the_claims_of_the_list_in_its_order_and_the_columns_of_its_reader(
    world: Session, memory: Memory, tmp_path: Path, words: str
):
    for who in CAST:
        actor = actor_for(world, WHO[who])
        listed = [one.number for one in everything(world, memory, who, words)]
        rows = as_csv(world, memory, actor, words)
        assert [row["Claim"] for row in rows] == listed, who
        path = tmp_path / f"{who}.xlsx"
        extract = extract_of(world, memory, actor, words)
        make(world, memory, extract, words, Format.XLSX, path, lambda done, total: None)
        head, *cells = sheets_of(path)[0]
        assert [row[0] for row in cells] == listed, who
        wanted = Audience.REVIEWERS if actor.reviewer else Audience.EVERYBODY
        assert len(head) == len([column for column in COLUMNS if column.audience <= wanted])


def test_what_reviewers_say_among_themselves_is_in_no_partners_export(memory: Memory):
    number = claim_in(memory, Status.UNDER_REVIEW)
    commenting.say(memory, WHO["Rosa"], number, "=secret")
    commenting.say(memory, WHO["Ana"], number, "Hello.")
    with memory.database.transaction() as session:
        [rosas] = as_csv(session, memory, actor_for(session, WHO["Rosa"]))
        [anas] = as_csv(session, memory, actor_for(session, WHO["Ana"]))
        [nias] = as_csv(session, memory, actor_for(session, WHO["Nia"]))  # reviews, and is of the same partner
        [every] = as_csv(session, memory, CLOCK)
    assert rosas["Internal comments"] == every["Internal comments"] == "Rosa Review: =secret"
    assert nias["Internal comments"] == ""
    assert "secret" not in str(anas)
    assert "Internal comments" not in anas
    assert anas["Shared comments"] == "Ana Admin: Hello."
    assert every["Reviewer e-mail"] == "rosa@example.com"
    assert "Reviewer e-mail" not in rosas


@pytest.mark.parametrize("text", HOSTILE)
def test_a_cell_that_a_spreadsheet_would_run_is_defused_and_reads_back_as_it_was(
    memory: Memory, tmp_path: Path, text: str
):
    number = claim_in(memory, Status.DRAFT, proven=False)
    with memory.database.transaction() as session:
        # Past the form's own cleaning, as another program could have written it.
        claim = session.get_one(Claim, claim_id(number))
        claim.claim_name = claim.comments = text
        session.flush()
        [row] = as_csv(session, memory, actor_for(session, WHO["Ana"]))
        write_workbook(session, extract_of(session, memory, CLOCK, ""), tmp_path / "x.xlsx", [], lambda done: None)
    kept = text.translate({1: None, 2: None})
    for cell in (row["Claim name"], row["Comments"]):
        assert not cell.startswith(("=", "+", "-", "@", "＝", "\t", "\r", "\x01"))
        assert undefused(cell) == (kept if not text.startswith("'") else text[1:])
    cells = sheets_of(tmp_path / "x.xlsx")[0][1]
    escaped = text.replace("\x01", "_x0001_").replace("\x02", "_x0002_").replace("\r", "\n")
    assert escaped in [cell if cell is None else cell.replace("_x000D_", "\n") for cell in cells]


def test_moments_days_and_numbers_are_typed_and_say_their_zone(memory: Memory, tmp_path: Path):
    claim_in(memory, Status.REJECTED, customer_tenant_id="00000000-0000-4000-8000-000000000007")
    with memory.database.transaction() as session:
        [row] = as_csv(session, memory, CLOCK)
        extract = extract_of(session, memory, CLOCK, "")
        write_workbook(session, extract, tmp_path / "x.xlsx", [("Filters", "none")], lambda done: None)
    assert datetime.fromisoformat(row["Submitted at"]) == datetime(2026, 11, 18, 17, tzinfo=UTC)
    assert row["Submitted at"].endswith("-08")
    assert (row["Due on"], row["Acknowledgement date"]) == ("2026-12-18", "2026-10-01")
    claims, about = sheets_of(tmp_path / "x.xlsx")
    cells = dict(zip(claims[0], claims[1], strict=False))
    assert cells["Submitted at (America/Los_Angeles)"] == "#46344.375"  # nine o'clock of that day
    assert cells["Due on"] == "#46374"
    assert cells["Disputes"] == "#0"
    assert cells["Customer tenant ID"] == "00000000-0000-4000-8000-000000000007"
    assert cells["Products"] == "Exchange; Teams"
    assert ["Filters", "none"] in about
    assert ["Rows", "1"] in about


def test_what_does_not_fit_on_a_sheet_goes_on_on_the_next_with_its_headings(
    world: Session, memory: Memory, tmp_path: Path
):
    listed = [one.number for one in everything(world, memory, "Bo", "")]
    extract = extract_of(world, memory, actor_for(world, WHO["Bo"]), "")
    write_workbook(world, extract, tmp_path / "x.xlsx", [], lambda done: None, rows_of_a_sheet=len(listed) - 2)
    first, second, _ = sheets_of(tmp_path / "x.xlsx")
    assert first[0] == second[0]
    assert [row[0] for row in [*first[1:], *second[1:]]] == listed
    assert len(second) == 3


def test_an_empty_export_has_its_headings(memory: Memory, tmp_path: Path):
    with memory.database.transaction() as session:
        extract = extract_of(session, memory, actor_for(session, WHO["Zed"]), "")
        assert write_workbook(session, extract, tmp_path / "x.xlsx", [], lambda done: None) == 0
        assert as_csv(session, memory, actor_for(session, WHO["Zed"])) == []
    assert sheets_of(tmp_path / "x.xlsx")[0][0][0] == "Claim"


def test_headings_differ_and_the_order_of_those_that_there_were_stays():
    headings = [column.heading for column in COLUMNS]
    assert len(set(headings)) == len(headings)
    assert headings[:3] == ["Claim", "Status", "Status since"]
    assert headings[-3:] == ["Created by e-mail", "Reviewer e-mail", "Rejected by e-mail"]
