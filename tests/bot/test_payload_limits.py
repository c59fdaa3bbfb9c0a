"""Slack's limits, with the most of everything that people may type and staff may configure.

The sandbox refuses what Slack refuses, and a world ends with a look at what it refused. So these stories only have to
show everything there is; what they look at themselves is the size of each acknowledgement.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.database import Database
from models.operations import filing
from rules.lifecycle import Status
from rules.loading import SHIPPED
from sandbox.blocks import check_options
from tests.cast import DIRECTORY, WHO, claim_in
from tests.stories.world import ACKNOWLEDGED, PDF, World, world_of

PRODUCTS, LOCATIONS, FILES, EVENTS = 100, 60, 10, 40
ACK = 20_000  # reference: what Slack takes in one frame of Socket Mode
EMOJI, AMPERSAND = "\N{GRINNING FACE}", "&"
LONGEST_COMMENT = {EMOJI: 1500, AMPERSAND: 2000}  # an emoji counts twice
MESSAGE = 3000
PARTNER, REVIEWERS = "C0CONTOSO", "C0REVIEW"


def rules(folder: Path, letter: str) -> Path:
    """The shipped rules with 100 products in one solution area, their names and ids as long as they may be."""
    shutil.copytree(SHIPPED, folder)
    path = folder / "catalogue.yaml"
    catalogue = yaml.safe_load(path.read_text(encoding="utf-8"))
    others = [one for one in catalogue["products"] if one["solution_area"] != "modern-work"]
    catalogue["products"] = others + [
        {"id": f"product-{n:03}-".ljust(60, "x"), "name": f"{n:03} ".ljust(75, letter), "solution_area": "modern-work"}
        for n in range(PRODUCTS)
    ]
    path.write_text(yaml.safe_dump(catalogue, allow_unicode=True), encoding="utf-8")
    return folder


def directory() -> str:
    """The cast, and 60 locations of Contoso's."""
    file = yaml.safe_load(DIRECTORY)
    contoso = file["partners"][0]
    contoso["locations"] += [
        {"mpn": f"{4712000 + n}", "name": f"Town {n:02} ".ljust(75, "w"), "programmes": ["modern-work"]}
        for n in range(LOCATIONS - len(contoso["locations"]))
    ]
    return str(yaml.safe_dump(file))


@pytest.fixture(params=[EMOJI, AMPERSAND], ids=["emoji", "ampersands"])
def letter(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def full(database: Database, tmp_path: Path, letter: str) -> Iterator[World]:
    """A world with the most of everything, whose every acknowledgement is small enough."""
    with world_of(database, tmp_path, rules=rules(tmp_path / "rules", letter), directory=directory()) as world:
        yield world
        sizes = {f"{one.name} {n}": len(json.dumps(one.answer)) for n, one in enumerate(world.sandbox.deliveries)}
        assert {name: size for name, size in sizes.items() if size > ACK} == {}


def longest(letter: str) -> list[dict[str, Any]]:
    """What is typed into each page at most."""
    text = letter * 150
    domain = ".".join(["w" * 61] * 4)[:249] + ".com"
    return [
        {
            "Claim name": text,
            "Partner location (MPN)": "Berlin · 4711001",
            "Solution area": "Modern Work and Security",
            "Partner role": "Use or consume",
        },
        {
            "Customer tenant ID": "8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48",
            "Customer name": text,
            "Customer domain": domain,
            "Customer country": "Germany",
            "Opt out of incentive payment": True,
        },
        {
            "Customer contact name": text,
            "Customer contact title": text,
            "Customer contact e-mail": f"{'c' * 60}@{domain[-193:].lstrip('.')}",
            "Partner contact name": text,
            "Partner contact e-mail": f"{'p' * 60}@{domain[-193:].lstrip('.')}",
        },
        {
            "Acknowledgement date": "2026-10-01",
            "Proof of execution": [(f"{n}".ljust(116, "w") + ".pdf", PDF + bytes([n])) for n in range(FILES)],
            "Comments": letter * LONGEST_COMMENT[letter],
        },
    ]


def every_product(world: World, who: str) -> list[str]:
    form = world.form(who)
    beginnings = [f"{tens:02}" for tens in range(PRODUCTS // 10)]
    return [text for one in beginnings for text in form.options("Products", one) if text.startswith(one)]


def dismiss(world: World, who: str) -> None:
    """Close what stands on top of the form, where the bot had to say something there first."""
    form = world.form(who)
    if form.submit_label is None and form.close_label == "Continue":
        form.close()


def file_the_longest(world: World, letter: str) -> None:
    ana = world.person("Ana")
    ana.command("/claim new", PARTNER)
    for number, page in enumerate(longest(letter)):
        form = world.form("Ana")
        if number == 1:
            form.fill_one("Products", every_product(world, "Ana"))
        world.turn_page("Ana", page)
        assert form.errors == {}
        dismiss(world, "Ana")
    world.settle()


def test_a_claim_with_the_most_of_everything_goes_all_its_ways(full: World, letter: str):
    file_the_longest(full, letter)
    ana, rosa = full.person("Ana"), full.person("Rosa")
    assert len(full.claim().products) == PRODUCTS
    assert len(full.claim().claim_name) == 150
    form = full.form("Ana")
    assert form.title == "Submit for review"
    full.turn_page("Ana", ACKNOWLEDGED)
    full.settle()
    form.close()

    rosa.press("Start review", full.card("Rosa", REVIEWERS))
    full.settle()
    rosa.press("Request information", full.card("Rosa", REVIEWERS))
    reasons = full.form("Rosa").options("Reason")
    full.turn_page("Rosa", {"Reason": reasons, "Message": letter * MESSAGE})
    full.settle()

    ana.press("Edit", full.card("Ana", PARTNER))
    taken_back = full.form("Ana").options("Already handed in: tick what is to be removed")
    assert len(taken_back) == FILES
    full.turn_page(
        "Ana",
        {"Products": full.form("Ana").options("Products", "000 "), "Comments": letter * (LONGEST_COMMENT[letter] - 1)},
    )
    dismiss(full, "Ana")
    full.turn_page("Ana", ACKNOWLEDGED)
    full.form("Ana").close()
    full.settle()

    rosa.press("Start review", full.card("Rosa", REVIEWERS))
    full.settle()
    rosa.press("Reject", full.card("Rosa", REVIEWERS))
    full.turn_page("Rosa", {"Reason": "Missing products", "Message": letter * MESSAGE})
    full.settle()
    ana.press("Dispute", full.card("Ana", PARTNER))
    full.turn_page("Ana", {"Business justification": letter * MESSAGE})
    full.settle()
    full.person("Remy").press("Reject", full.card("Remy", REVIEWERS))
    full.turn_page("Remy", {"Reason": "Missing products", "Message": letter * MESSAGE})
    full.settle()

    for who, channel in (("Ana", PARTNER), ("Rosa", REVIEWERS)):
        assert "Rejected final" in full.card(who, channel).visible_text
        told = full.thread(who, channel)
        assert letter * MESSAGE in told[2], "what a reviewer writes is not cut short in the thread"
        full.person(who).command("/claim show 1", channel)
        assert "Rejected final" in full.person(who).ephemerals[-1].visible_text


def test_a_draft_with_the_most_of_everything_is_opened_page_by_page_and_by_two_at_once(full: World, letter: str):
    file_the_longest(full, letter)
    full.form("Ana").close()
    for name in ("Ana", "Ivo"):
        full.person(name).command("/claim edit 1", PARTNER)
        full.turn_page(name, {})
        dismiss(full, name)
    full.turn_page("Ana", {"Customer name": "Northwind"})
    dismiss(full, "Ana")

    form = full.turn_page("Ivo", {"Customer name": "Southwind"})
    dismiss(full, "Ivo")
    assert "Ana Admin changed this claim while you were typing." in form.text
    assert form.values["Customer name"] == "Southwind"
    assert len(form.values["Products"]) == PRODUCTS
    full.turn_page("Ivo", {})
    assert full.claim().customer_name == "Southwind"
    assert len(full.claim().products) == PRODUCTS


@pytest.mark.slow
def test_lists_home_and_history_of_many_long_claims(full: World, letter: str):
    memory = full.bot.memory
    name = letter * 150
    for status in (*[Status.DRAFT] * 11, *[Status.SUBMITTED] * 11):
        claim_in(memory, status, claim_name=name, customer_name=name, products=["product-000-".ljust(60, "x")])
    number = "CL-000001"
    comments = count()
    for _ in range(EVENTS):
        filing.edit(
            memory, WHO["Ana"], number, {"comments": f"{next(comments)} ".ljust(LONGEST_COMMENT[letter], letter)}
        )

    ana, rosa = full.person("Ana"), full.person("Rosa")
    ana.command("/claim list", PARTNER)
    ana.press("Next page", ana.ephemerals[-1])
    [table] = [block for block in ana.ephemerals[-1].blocks if block["type"] == "table"]
    assert len(table["rows"]) == 1 + 10
    ana.command(f"/claim show {number}", PARTNER)
    page = ana.ephemerals[-1]
    assert f"the latest 3 of {EVENTS + 2}" in page.visible_text
    ana.press(f"Show history ({EVENTS + 2})", page)
    full.form("Ana").press("Earlier")
    full.form("Ana").close()
    ana.press("Show every field", page)
    assert letter * 150 in full.form("Ana").text
    full.form("Ana").close()
    assert "Needs your action" in ana.open_home().text
    ana.open_home().press("Next")
    rosa.open_home().press("All claims")
    rosa.open_home().press("Filter …")


def test_what_is_searched_in_a_long_list_fits_one_answer(full: World, letter: str):
    ana = full.person("Ana")
    ana.command("/claim new", PARTNER)
    form = full.form("Ana")
    assert len(form.options("Partner location (MPN)", "")) == LOCATIONS
    assert form.options("Partner location (MPN)", "munich") == ["Munich · 4711002"]
    full.turn_page("Ana", longest(letter)[0])
    for query in ("", "0", "099", "nothing like that"):
        form.options("Products", query)
        answer = full.sandbox.deliveries[-1].answer
        assert isinstance(answer, dict)
        assert check_options(answer) == []
    assert [one[:3] for one in form.options("Products", "099")] == ["099"]


def test_what_a_command_answers_to_the_longest_text_fits(full: World, letter: str):
    ana = full.person("Ana")
    for typed in ("x", "help", "list status:", "list ", "show ", ""):
        said = ana.command(f"/claim {typed}{letter * 1000}", PARTNER)
        assert said.ephemeral
