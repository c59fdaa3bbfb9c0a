"""Figures as a file: the picture, the table and the file say the same, to each side what it may see."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from models.operations import reviewing
from rules.lifecycle import Status
from sandbox.objects import Message
from tests.cast import LONDON, MUNICH, WHO, claim_in
from tests.reports import earnings_line, import_earnings, import_usage, official_claim, usage_line
from tests.stories.test_export import files_of, make, note_of
from tests.stories.world import World

HERE = {"Bo": "C0FABRIKAM", "Rosa": "C0REVIEW"}


def asked(world: World, who: str, text: str) -> Message:
    person = world.person(who)
    person.command(f"/claim {text}", HERE.get(who, "C0CONTOSO"))
    world.sandbox.settle()
    return person.ephemerals[-1]


def as_file(world: World, who: str, answer: Message) -> list[dict[str, str]]:
    """The rows of the file that comes when somebody presses the button below the answer."""
    world.person(who).press("As CSV", answer)
    world.sandbox.settle()
    assert world.whispered(who)[-1].endswith(" to you as CSV, by direct message.")
    make(world)
    return list(csv.DictReader(StringIO(files_of(world, who)[-1].content.decode("utf-8-sig"))))


def table_of(answer: Message) -> list[list[str]]:
    [table] = [block for block in answer.blocks if block["type"] == "table"]
    return [[cell["text"] for cell in row] for row in table["rows"]]


def pictures_of(answer: Message) -> list[dict[str, dict[str, Any]]]:
    """Of each chart the values, by series and label."""
    charts = [block["chart"] for block in answer.blocks if block["type"] == "data_visualization"]
    return [{one["name"]: {p["label"]: p["value"] for p in one["data"]} for one in chart["series"]} for chart in charts]


@pytest.fixture
def usage(http_world: World, tmp_path: Path) -> World:
    """Usage of three claims, two of them Contoso's; each has other figures, and of one there is some from before."""
    memory = http_world.bot.memory
    numbers = [official_claim(memory, http_world.clock, mpn=mpn) for mpn in ("4711001", MUNICH)]
    numbers.append(official_claim(memory, http_world.clock, by="Bo", mpn=LONDON))
    http_world.clock.set(datetime(2027, 1, 20, 18, tzinfo=UTC))
    lines: list[str] = []
    for place, number in enumerate(numbers):
        claim = http_world.claim(number)
        for month, workload in (("2026-11", "Teams"), ("2026-12", "Teams"), ("2026-12", "Exchange")):
            users = 10**place * (1 + len(lines))
            lines.append(usage_line(claim, month, users, users + 5, WorkloadName=workload))
    import_usage(memory, tmp_path, *lines)
    return http_world


@pytest.mark.parametrize(
    ("who", "text", "lines"), [("Ana", "usage", 5), ("Ivo", "usage", 3), ("Rosa", "usage north", 7)]
)
def test_usage_is_the_same_in_picture_table_and_file(usage: World, who: str, text: str, lines: int):
    answer = asked(usage, who, text)
    rows = as_file(usage, who, answer)
    assert len(rows) == lines
    users, seats = pictures_of(answer)
    summed: dict[str, Counter[tuple[str, str]]] = {"Monthly active users": Counter(), "Sold seats": Counter()}
    for row in rows:
        month = datetime.fromisoformat(row["Month"]).strftime("%b %Y")
        for name, sums in summed.items():
            sums[row["Product"], month] += int(row[name])
    head, *cells = table_of(answer)
    for drawn, sums in ((users, summed["Monthly active users"]), (seats, summed["Sold seats"])):
        assert {
            (name, month): value for name, points in drawn.items() for month, value in points.items() if value
        } == sums
    for month, *values in cells:
        for product, cell in zip(head[1:], values, strict=True):
            pair = [sums[product, month] for sums in summed.values()]
            assert cell == ("–" if pair == [0, 0] else f"{pair[0]:,} of {pair[1]:,}")
    assert f"{lines} lines of usage as CSV" in note_of(usage, who)


def test_a_file_of_usage_has_nothing_of_a_claim_that_one_cannot_see(usage: World):
    [theirs] = {row["Claim"] for row in as_file(usage, "Bo", asked(usage, "Bo", "usage"))}
    said = asked(usage, "Ana", f"export usage {theirs}")
    assert said.visible_text == "The usage comes to you as CSV, by direct message."
    make(usage)
    assert files_of(usage, "Ana") == []
    assert note_of(usage, "Ana").startswith("No figures. Nothing that you can see fits")


@pytest.mark.parametrize("who", ["Ana", "Rosa"])
def test_statistics_are_the_same_in_pictures_table_and_file(http_world: World, who: str):
    memory = http_world.bot.memory
    for days, mpn, by in ((1, "4711001", "Ana"), (2, "4711001", "Ana"), (4, LONDON, "Bo")):
        number = claim_in(memory, Status.UNDER_REVIEW, mpn=mpn, by=by)
        http_world.clock.advance(timedelta(days=days, hours=5))
        if days > 1:
            reviewing.approve(memory, WHO["Rosa"], number)
        else:
            reviewing.reject(memory, WHO["Remy"], number, "insufficient-proof", "It names nothing.")
    claim_in(memory, Status.SUBMITTED)
    http_world.clock.advance(timedelta(days=20))
    answer = asked(http_world, who, "stats")
    rows = as_file(http_world, who, answer)
    told = {(row["Figure"], row["Of"]): row["Value"] for row in rows}
    stays, outcomes = pictures_of(answer)
    head, *cells = table_of(answer)
    in_table = {(what, status): cell for status, *row in cells for what, cell in zip(head[1:], row, strict=True)}
    for (what, of), value in told.items():
        if what in head:
            assert in_table.pop((what, of)) == value
    assert set(in_table.values()) <= {"0", "–"}
    for what, series in (("Median days", "Median"), ("90% within", "90% within")):
        assert {of: Decimal(value) for (one, of), value in told.items() if one == what} == {
            of: Decimal(str(value)) for of, value in stays[series].items()
        }
    decided = [int(value) for (what, _), value in told.items() if what == "Decisions"]
    assert decided == list(outcomes["Claims"].values()) == ([2, 1] if who == "Rosa" else [1, 1])
    assert ("Claims approved", "Rosa Review") in told if who == "Rosa" else "Rosa" not in str(told)
    assert {(row["From"], row["To"]) for row in rows} == {("2026-09-18", "2026-12-16")}


def test_earnings_are_the_same_in_text_table_and_file(http_world: World, tmp_path: Path):
    memory = http_world.bot.memory
    claim = http_world.claim(official_claim(memory, http_world.clock))
    other = http_world.claim(official_claim(memory, http_world.clock, by="Bo", mpn=LONDON))
    paid = {"PaymentDate": "2026-11-25", "PaymentId": "=P-7"}
    import_earnings(
        memory,
        tmp_path,
        *(earnings_line(claim, f"E-{number}", "2026-11-20", "10.25") for number in range(24)),
        earnings_line(claim, "E-paid", "2026-11-21", "1000.5", **paid),
        earnings_line(other, "E-other", "2026-11-20"),
    )
    for who in ("Ana", "Rosa"):
        answer = asked(http_world, who, f"earnings {claim.number}")
        rows = as_file(http_world, who, answer)
        amounts = {row["Line"]: Decimal(row["Amount"]) for row in rows}
        assert len(amounts) == 25
        assert f"25 lines of the earnings report: {sum(amounts.values()):,.2f} EUR earned, 1,000.50" in answer.text
        head, *cells = table_of(answer)
        assert (head, len(cells)) == (["Line", "Earned on", "Amount", "Paid"], 20)
        for line, _, amount, _ in cells:
            assert amount == f"{amounts[line]:,.2f} EUR"
        assert [row["Payment"] for row in rows if row["Paid on"]] == ["'=P-7"]


def test_what_is_asked_for_in_words_comes_in_the_format_that_is_named(http_world: World):
    claim_in(http_world.bot.memory, Status.APPROVED)
    said = asked(http_world, "Rosa", "export stats excel lately").visible_text
    assert said.startswith("Write a period as “last 30 days”")
    asked(http_world, "Rosa", "export stats excel 2026-11")
    make(http_world)
    [file] = files_of(http_world, "Rosa")
    assert (file.name, file.content[:2]) == ("stats-2026-11-18.xlsx", b"PK")
    assert "lines of statistics as XLSX, period: 2026-11." in note_of(http_world, "Rosa")
