"""What people do with messages in the browser: mention, react, edit, delete, drop files; in any number of windows."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from sandbox import Sandbox
from tests.browser import Window, Windows
from tests.sandbox.bolt_app import Scripted, furnished


@pytest.fixture
def sandbox(window: Windows) -> Iterator[Sandbox]:
    sandbox = furnished()
    sandbox.courier.transport = Scripted()
    yield sandbox
    window.close()
    sandbox.stop()


def open_menu(window: Window, text: str) -> None:
    window.message(text).hover()
    window.message(text).get_by_role("button", name="More actions").click()


def test_people_are_suggested_after_an_at_and_mentioned(sandbox: Sandbox, window: Windows) -> None:
    ana = window(sandbox.base_url, "U0ANA", "c/C0ONE")
    ana.composer.press_sequentially("Thank you @b")
    expect(ana.page.get_by_role("option", name="Ben")).to_have_attribute("aria-selected", "true")
    ana.page.keyboard.press("Escape")
    expect(ana.page.get_by_role("option", name="Ben")).to_have_count(0)
    ana.composer.press_sequentially("e")
    ana.page.keyboard.press("Enter")
    expect(ana.composer).to_have_value("Thank you @Ben ")
    ana.page.keyboard.press("Enter")
    expect(ana.message("Thank you @Ben")).to_be_visible()
    assert sandbox.workspace.messages["C0ONE"][-1].text == "Thank you <@U0BEN>"


def test_a_reaction_is_picked_counted_and_taken_back(sandbox: Sandbox, window: Windows) -> None:
    sandbox.person("U0BEN").post("C0ONE", "Done")
    ana = window(sandbox.base_url, "U0ANA", "c/C0ONE")
    ben = window(sandbox.base_url, "U0BEN", "c/C0ONE")
    ana.message("Done").hover()
    ana.message("Done").get_by_role("button", name="Add reaction").click()
    ana.page.get_by_role("searchbox", name="Search emoji").fill("tad")
    ana.page.keyboard.press("ArrowDown")
    ana.page.keyboard.press("Enter")
    seen = ben.message("Done").get_by_role("button", name="tada, Ana Admin")
    expect(seen).to_have_attribute("aria-pressed", "false")
    seen.click()
    mine = ana.message("Done").get_by_role("button", name="tada, You and Ben")
    expect(mine).to_contain_text("2")
    mine.click()
    expect(ben.message("Done").get_by_role("button", name="tada, You")).to_contain_text("1")


def test_an_open_menu_stays_where_it_is_while_news_arrive(sandbox: Sandbox, window: Windows) -> None:
    sandbox.person("U0ANA").post("C0ONE", "A question")
    ana = window(sandbox.base_url, "U0ANA", "c/C0ONE")
    ana.message("A question").get_by_role("button", name="More actions").press("Enter")
    menu = ana.page.get_by_role("menu", name="More actions")
    expect(menu.get_by_role("menuitem").first).to_be_focused()
    before = menu.bounding_box()
    sandbox.person("U0BEN").post("C0ONE", "An answer")
    expect(ana.message("An answer")).to_be_attached()
    assert menu.bounding_box() == before


def test_one_edits_and_deletes_what_one_wrote_and_nothing_else(sandbox: Sandbox, window: Windows) -> None:
    sandbox.person("U0ANA").post("C0ONE", "Ask @Ben about it")
    sandbox.person("U0BEN").post("C0ONE", "Not yours")
    ana = window(sandbox.base_url, "U0ANA", "c/C0ONE")
    expect(ana.message("Not yours").get_by_role("button", name="More actions")).to_have_count(0)
    open_menu(ana, "Ask")
    ana.page.get_by_role("menuitem", name="Edit message").click()
    box = ana.page.get_by_role("textbox", name="Edit message")
    expect(box).to_have_value("Ask @Ben about it")
    box.fill("Ask @Ben again")
    sandbox.person("U0BEN").post("C0ONE", "Meanwhile")
    expect(ana.message("Meanwhile")).to_be_visible()
    expect(box).to_have_value("Ask @Ben again")
    box.press("Enter")
    expect(ana.message("Ask @Ben again")).to_contain_text("(edited)")
    open_menu(ana, "again")
    ana.page.get_by_role("menuitem", name="Delete message").click()
    ana.page.get_by_role("dialog", name="Delete message").get_by_role("button", name="Delete").click()
    expect(ana.message("again")).to_have_count(0)


def test_more_windows_than_a_browser_has_connections_hear_of_a_message_at_once(
    sandbox: Sandbox, window: Windows
) -> None:
    ana = window(sandbox.base_url, "U0ANA", "c/C0ONE")
    others = [Window(ana.page.context.new_page(), sandbox.base_url, "U0BEN") for _ in range(7)]
    for one in others:
        one.visit("c/C0ONE")
    ana.write("Hello all of you")
    for one in others:
        expect(one.message("Hello all of you")).to_be_visible()


def test_a_line_stands_over_what_is_new_until_one_goes_elsewhere(sandbox: Sandbox, window: Windows) -> None:
    ben = sandbox.person("U0BEN")
    ben.post("C0ONE", "Old news")
    sandbox.workspace.mark_read("U0ANA", "C0ONE")
    ben.post("C0ONE", "Fresh news")
    ana = window(sandbox.base_url, "U0ANA", "c/C0ONE")
    line = ana.page.locator(".new-from")
    expect(line).to_contain_text("Fresh news")
    expect(ana.page.locator("#frame")).to_have_attribute("data-unread", "0")
    expect(line).to_have_count(1)
    ana.page.get_by_role("link", name="two").click()
    expect(ana.message("Fresh news")).to_have_count(0)
    ana.page.get_by_role("link", name="one").click()
    expect(ana.message("Fresh news")).to_be_visible()
    expect(line).to_have_count(0)


def test_files_dropped_on_the_conversation_are_sent_together(sandbox: Sandbox, window: Windows) -> None:
    ana = window(sandbox.base_url, "U0ANA", "c/C0ONE")
    files = ana.page.evaluate_handle(
        """() => {
            const held = new DataTransfer();
            for (const name of ["a.pdf", "b.pdf"]) held.items.add(new File(["x"], name));
            return held;
        }"""
    )
    ana.page.locator("#messages").dispatch_event("drop", {"dataTransfer": files})
    expect(ana.page.get_by_role("button", name="Remove b.pdf")).to_be_visible()
    ana.write("both of them")
    expect(ana.message("both of them")).to_contain_text("b.pdf")
    assert [one.name for one in sandbox.workspace.messages["C0ONE"][-1].files] == ["a.pdf", "b.pdf"]


def test_a_colleague_is_written_to_directly(sandbox: Sandbox, window: Windows) -> None:
    ana = window(sandbox.base_url, "U0ANA", "c/C0ONE")
    ben = window(sandbox.base_url, "U0BEN", "c/C0ONE")
    ana.page.get_by_role("link", name="Ben", exact=True).last.click()
    expect(ana.page.get_by_role("heading", name="Ben")).to_be_visible()
    ana.write("Between us")
    ben.page.get_by_role("link", name="Ana Admin 1 unread").click()
    expect(ben.message("Between us")).to_be_visible()
