"""``/claim stats``: how the process goes, in pictures and in the same numbers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from bot.web.server import THREADS
from models.database import Database
from models.operations import reviewing
from rules.lifecycle import Status
from sandbox.objects import Message
from tests.cast import WHO, claim_in
from tests.stories.world import World, world_of
from tests.waiting import wait_until


@pytest.fixture
def world(http_world: World) -> World:
    """Three claims reviewed for a day, two and four; the last one is rejected, and another is overdue."""
    memory = http_world.bot.memory
    for days in (1, 2, 4):
        number = claim_in(memory, Status.UNDER_REVIEW)
        http_world.clock.advance(timedelta(days=days))
        if days < 4:
            reviewing.approve(memory, WHO["Rosa"], number)
        else:
            reviewing.reject(memory, WHO["Remy"], number, "insufficient-proof", "It names nothing.")
    claim_in(memory, Status.SUBMITTED)
    http_world.clock.advance(timedelta(days=20))
    return http_world


def asked(world: World, who: str, text: str = "stats") -> Message:
    person = world.person(who)
    person.command(f"/claim {text}", "C0TOWN")
    world.sandbox.settle()
    return person.ephemerals[-1]


def test_reviewers_see_days_overdue_decisions_and_work(world: World):
    answer = asked(world, "Rosa")
    days, decisions, table = answer.blocks[2:5]
    assert [block["type"] for block in (days, decisions, table)] == ["data_visualization"] * 2 + ["table"]
    points = {one["name"]: {p["label"]: p["value"] for p in one["data"]} for one in days["chart"]["series"]}
    cells = {row[0]["text"]: [cell["text"] for cell in row[1:]] for row in table["rows"]}
    assert cells["Status"] == ["Left it", "Median days", "90% within", "Overdue now"]
    assert cells["Under review"] == ["3", "2.0", "3.6", "0"]
    assert cells["Submitted"] == ["3", "0.0", "0.0", "1"]
    assert [f"{points[name]['Under review']:.1f}" for name in ("Median", "90% within")] == cells["Under review"][1:3]
    [bars] = decisions["chart"]["series"]
    assert [(one["label"], one["value"]) for one in bars["data"]] == [("Approved", 2), ("Insufficient proof…", 1)]
    for said in ("2 of 3 decisions approved the claim (67%).", "Rosa Review", "2 approved"):
        assert said in answer.visible_text
        assert said in answer.text


def test_a_partner_sees_its_own_claims_and_an_outsider_is_told_that_there_is_nothing(world: World):
    mine = asked(world, "Ana")
    assert "Statistics of your claims" in mine.visible_text
    assert "2 of 3 decisions approved the claim (67%)." in mine.visible_text
    assert "Rosa" not in mine.visible_text + mine.text
    assert "No claim moved in that time, and nothing is overdue." in asked(world, "Bo").visible_text
    assert "you are not listed as one" in asked(world, "Zed").visible_text


def test_a_period_can_be_named_and_a_wrong_one_is_explained(world: World):
    assert "No claim moved" not in asked(world, "Rosa", "stats 2026-11").visible_text
    assert "October 2026: Thu 1 Oct 2026 to Sat 31 Oct 2026" in asked(world, "Rosa", "stats 2026-10").visible_text
    assert "Write a period as “last 30 days”" in asked(world, "Rosa", "stats lately").visible_text


@pytest.mark.parametrize(
    ("written", "expected"), [("stats", "No claim moved in that time"), ("stats soon", "Write a period as")]
)
def test_figures_that_take_long_come_later_and_the_person_is_told_so(
    database: Database, tmp_path: Path, written: str, expected: str
):
    with world_of(database, tmp_path, patience=timedelta(0)) as world:
        person = world.person("Rosa")
        with database.transaction() as session:
            session.execute(sql("LOCK TABLE people IN ACCESS EXCLUSIVE MODE"))  # as long as this, nothing is counted
            person.command(f"/claim {written}", "C0TOWN")
            [first] = person.ephemerals
            assert first.visible_text == "Counting. The figures come here in a moment."
        wait_until(lambda: len(person.ephemerals) == 2, what="the figures")
        assert expected in person.ephemerals[1].visible_text


def test_whoever_asks_for_something_quick_does_not_wait_behind_slow_figures(database: Database, tmp_path: Path):
    with world_of(database, tmp_path, patience=timedelta(minutes=1)) as world, ThreadPoolExecutor(THREADS) as people:
        rosa = world.person("Rosa")
        with database.transaction() as session:
            session.execute(sql("LOCK TABLE people IN ACCESS EXCLUSIVE MODE"))
            slow = [people.submit(rosa.command, "/claim stats", "C0TOWN") for _ in range(THREADS)]
            told = list(islice(as_completed(slow), THREADS - 2))  # at once, although nothing is counted yet
            assert sum(one.done() for one in slow) == len(told)
            assert world.person("Ana").command("/claim help", "C0CONTOSO").message is not None
        wait_until(
            lambda: sum("Counting" not in one.visible_text for one in rosa.ephemerals) == THREADS, what="figures"
        )
        assert sum("Counting" in one.visible_text for one in rosa.ephemerals) == THREADS - 2
