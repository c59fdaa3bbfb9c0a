"""The page without a mouse, without good eyes, in the dark, on a narrow screen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Page, expect

from sandbox import Sandbox
from tests.browser import Window, Windows, barriers
from tests.sandbox.bolt_app import furnished, over_http
from tests.sandbox.page_app import page_app
from tests.sandbox.test_page_blocks import hang, open_form

PDF: FilePayload = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}


@pytest.fixture
def sandbox(window: Windows) -> Iterator[Sandbox]:
    sandbox = furnished()
    with over_http(sandbox, page_app(sandbox)[0]):
        yield sandbox
        window.close()
    sandbox.stop()


def test_axe_finds_nothing_that_would_keep_people_out(sandbox: Sandbox, window: Windows) -> None:
    hang(sandbox)
    ben = sandbox.person("U0BEN")
    question = ben.post("C0ONE", "A question for @Ana Admin")
    ben.reply(question, "And more of it")
    sandbox.person("U0ANA").react(question, "eyes")
    ana = window(sandbox.base_url, "U0ANA", f"c/C0ONE?thread={question.ts}")
    expect(ana.thread).to_be_visible()
    assert barriers(ana.page) == []
    ana.composer.fill("/")
    expect(ana.page.get_by_role("option", name="/try")).to_be_visible()
    assert barriers(ana.page) == []
    ana.visit("app/home")
    expect(ana.page.get_by_role("heading", name="Your claims")).to_be_visible()
    assert barriers(ana.page) == []
    open_form(sandbox)
    ana.submit()
    expect(ana.form.locator("[aria-invalid]").first).to_be_visible()
    assert barriers(ana.page) == []
    ana.page.goto(sandbox.base_url)
    assert barriers(ana.page) == []


def test_light_and_dark_follow_the_system_until_one_is_chosen(sandbox: Sandbox, window: Windows) -> None:
    ana = window(sandbox.base_url, "U0ANA", "c/C0ONE", scheme="dark")
    assert brightness(ana.page) < 60
    ana.page.get_by_role("button", name="Switch between light and dark").click()
    assert brightness(ana.page) > 200
    ana.visit("c/G0TWO")
    assert brightness(ana.page) > 200


def brightness(page: Page) -> int:
    colour = page.locator("main").evaluate("node => getComputedStyle(node).backgroundColor")
    return int(colour.strip("rgb()").split(",")[0])


def test_a_form_is_opened_filled_in_and_sent_by_the_keyboard_alone(sandbox: Sandbox, window: Windows) -> None:
    ana = window(sandbox.base_url, "U0ANA", "c/C0ONE")
    keys = ana.page.keyboard
    expect(ana.composer).to_be_focused()
    keys.type("/for")
    keys.press("Tab")
    keys.press("Enter")
    expect(ana.form.get_by_label("Name")).to_be_focused()
    keys.type("Tailwind")
    keys.press("Tab")
    keys.press("Space")
    expect(ana.form.get_by_label("Extra")).to_be_visible()
    keys.press("Tab")
    keys.type("more")
    keys.press("Tab")
    chosen_by_arrows(ana, "Place")
    keys.press("Tab")
    chosen_by_arrows(ana, "Products")
    expect(ana.form.get_by_role("button", name="Remove Apps")).to_be_visible()
    keys.press("Tab")
    keys.type("a")
    expect(ana.form.get_by_role("option", name="Sam a")).to_be_visible()
    keys.press("Enter")
    keys.press("Tab")
    expect(ana.form.get_by_label("Proof")).to_be_focused()
    with ana.page.expect_file_chooser() as chooser:
        keys.press("Space")
    chooser.value.set_files([PDF])
    expect(ana.form.get_by_text("letter.pdf")).to_be_visible()
    reached_by_tab(ana, "Save")
    keys.press("Enter")
    expect(ana.form).to_have_count(0)
    expect(ana.composer).to_be_focused()
    (sent,) = (one.payload for one in sandbox.deliveries if one.name == "view_submission")
    assert isinstance(sent, dict)
    values = {name: next(iter(states.values())) for name, states in sent["view"]["state"]["values"].items()}
    assert values["name"]["value"] == "Tailwind"
    assert values["place"]["selected_option"]["value"] == "berlin"
    assert values["seller"]["selected_option"]["value"] == "sam a"
    assert [one["name"] for one in values["proof"]["files"]] == ["letter.pdf"]


def reached_by_tab(ana: Window, name: str) -> None:
    button = ana.form.get_by_role("button", name=name)
    for _ in range(10):
        ana.page.keyboard.press("Tab")
        if button.evaluate("node => node === document.activeElement"):
            return
    pytest.fail(f"Tab does not reach {name}")


def chosen_by_arrows(ana: Window, label: str) -> None:
    """The first option of the field that has the focus."""
    expect(ana.form.get_by_label(label)).to_be_focused()
    ana.page.keyboard.press("ArrowDown")
    ana.page.keyboard.press("Enter")


def test_on_a_narrow_screen_the_channels_are_behind_a_button(sandbox: Sandbox, window: Windows) -> None:
    ana = window(sandbox.base_url, "U0ANA", "c/C0ONE")
    ana.page.set_viewport_size({"width": 380, "height": 700})
    two = ana.page.get_by_role("link", name="two")
    expect(two).to_be_hidden()
    ana.page.get_by_role("button", name="Channels").click()
    two.click()
    expect(ana.page.get_by_role("heading", name="two")).to_be_visible()
    expect(two).to_be_hidden()
    assert ana.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
