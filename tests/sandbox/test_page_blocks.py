"""Every block and element of Block Kit on the page, and what a reader can do with it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from sandbox import Sandbox
from sandbox.blocks import check_message, check_view
from sandbox.blocks.elements import ELEMENTS
from sandbox.blocks.layout import BLOCKS
from sandbox.objects import Message
from sandbox.reading import elements, nested_blocks
from tests.browser import Window, Windows
from tests.sandbox import gallery
from tests.sandbox.bolt_app import furnished


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = furnished()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def ana(sandbox: Sandbox, window: Windows) -> Iterator[Window]:
    hang(sandbox)
    yield window(sandbox.base_url, "U0ANA", "c/C0ONE")
    window.close()


def picture_of(sandbox: Sandbox) -> str:
    """The address of a picture on the sandbox itself: the tests call nobody else."""
    return f"{sandbox.base_url}/static/page/icon.svg"


def hang(sandbox: Sandbox) -> None:
    """Posts every message of the gallery as the app, and opens its form nowhere."""
    for blocks in gallery.messages(picture_of(sandbox)):
        sandbox.workspace.post(Message("C0ONE", "", "U0BOT", "Everything", blocks, bot_id="B0SANDBOX"))


def open_form(sandbox: Sandbox) -> None:
    sandbox.workspace.screens.open(sandbox.workspace.screens.issue_trigger("U0ANA"), gallery.form())


def test_the_gallery_has_one_of_everything_that_slack_takes(sandbox: Sandbox) -> None:
    hung = gallery.messages(picture_of(sandbox))
    for blocks in hung:
        assert check_message({"text": "Everything", "blocks": blocks}) == []
    assert check_view(gallery.form()) == []
    every = [*(one for blocks in hung for one in blocks), *gallery.form()["blocks"]]
    assert {one["type"] for one in nested_blocks(every)} | {"task_card"} == set(BLOCKS)
    assert {one["type"] for _, one in elements(every)} | {"image"} == set(ELEMENTS)


def test_every_block_and_element_is_drawn(sandbox: Sandbox, ana: Window) -> None:
    open_form(sandbox)
    expect(ana.form).to_be_visible()
    assert ana.page.locator(".unknown").all_text_contents() == []
    for block_id, one in gallery.INPUTS.items():
        assert ana.form.locator(f'[data-block="{block_id}"][data-kind="{block_id}"]').count() == 1, one


def test_a_block_nobody_knows_says_so_and_so_does_the_console(sandbox: Sandbox, window: Windows) -> None:
    blocks = [{"type": "hologram", "block_id": "b"}]
    sandbox.workspace.post(Message("C0ONE", "", "U0BOT", "x", blocks, bot_id="B0SANDBOX"))
    ana = window(sandbox.base_url, "U0ANA", "c/C0ONE")
    expect(ana.page.get_by_text("Unknown block: hologram")).to_be_visible()
    assert window.errors == ["Unknown block: hologram"], "which is what makes any other test fail"
    window.errors.clear()
    window.close()


def test_a_data_table_is_sorted_by_any_column_and_read_page_by_page(sandbox: Sandbox, ana: Window) -> None:
    table = ana.page.locator("[data-table]")
    first = table.locator("tbody tr:visible th").first
    expect(table.locator("tbody tr:visible")).to_have_count(5)
    table.get_by_role("button", name="Seats").click()
    expect(table.get_by_role("columnheader", name="Seats")).to_have_attribute("aria-sort", "ascending")
    expect(table.locator("tbody tr:visible td:last-child")).to_have_text(["3", "10", "20", "30", "37"])
    table.get_by_role("button", name="Next page").click()
    expect(table.get_by_text("6–10 of 12")).to_be_visible()
    sandbox.person("U0BEN").post("C0ONE", "Meanwhile")
    expect(ana.message("Meanwhile")).to_be_visible()
    expect(table.get_by_text("6–10 of 12")).to_be_visible()
    table.get_by_role("button", name="Claim").click()
    expect(first).to_have_text("CL-000001")


def test_a_chart_has_its_numbers_as_a_table_for_those_who_cannot_see_it(ana: Window) -> None:
    bars = ana.page.get_by_role("figure", name="Bars")
    expect(bars.get_by_role("img", name="Bars, a bar chart")).to_be_visible()
    expect(bars.get_by_role("row", name="March 2 -2")).to_have_count(1)
    pie = ana.page.get_by_role("figure", name="Decisions")
    expect(pie.get_by_role("row", name="Approved 12 75 %")).to_have_count(1)
    assert bars.locator("rect").count() == 12


def test_a_menu_is_searched_by_typing_and_emptied_by_deleting(sandbox: Sandbox, ana: Window) -> None:
    open_form(sandbox)
    menu = ana.form.get_by_label("Users select", exact=True)
    expect(menu).to_have_value("Ben")
    menu.click()
    menu.fill("an")
    ana.page.keyboard.press("Enter")
    expect(menu).to_have_value("Ana Admin")
    menu.fill("nobody of this name")
    ana.page.keyboard.press("Escape")
    expect(menu).to_have_value("Ana Admin")
    menu.fill("")
    ana.page.keyboard.press("Tab")
    expect(menu).to_have_value("")
    expect(menu).to_have_attribute("data-chosen", "")
