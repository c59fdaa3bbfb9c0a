"""A real browser for tests: the system's Chromium, driven by Playwright. Without one, such tests are skipped.

`from tests.browser import browser, window` in a conftest makes the fixtures known there.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# For machines where tests run as root, and so that the browser calls nobody.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
GRAVE = frozenset({"serious", "critical"})
WINDOW: ViewportSize = {"width": 1280, "height": 800}
PATIENCE = 15_000  # milliseconds; a busy machine is no failure


def chromium() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def barriers(page: Page) -> list[str]:
    """What axe-core finds that would keep people out, in light and in dark, as `rule: what is concerned`."""
    page.emulate_media(color_scheme="light")
    found = Axe().run(page).response["violations"]
    page.emulate_media(color_scheme="dark")
    found += Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    return [f"{one['id']}: {node['html'][:200]}" for one in found if one["impact"] in GRAVE for node in one["nodes"]]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the tests of a file: Playwright's loop must not outlive them in this thread."""
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on this machine (apt-get install chromium)")
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()


class Window:
    """One person's window on the page of a sandbox, in the words of what people see."""

    def __init__(self, page: Page, base_url: str, user: str) -> None:
        self.page = page
        self._base = f"{base_url}/as/{user}"

    def visit(self, place: str) -> "Window":
        """`c/C0ONE`, `app/home`: what follows the person in the address."""
        self.page.goto(f"{self._base}/{place}")
        self.page.wait_for_selector("html[data-ready]")
        return self

    @property
    def composer(self) -> Locator:
        return self.page.locator("main").get_by_role("textbox", name="Message ")

    def write(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")

    def message(self, text: str) -> Locator:
        """The message in the channel that holds this text."""
        return self.page.locator("main").get_by_role("article").filter(has_text=text)

    @property
    def form(self) -> Locator:
        return self.page.locator("dialog#modal")

    @property
    def thread(self) -> Locator:
        return self.page.get_by_role("complementary", name="Thread")

    def pick(self, label: str, option: str, typed: str = "") -> None:
        """Chooses in a field with a list: a select, a multi-select, or one whose options the app gives."""
        field = self.form.get_by_label(_named(label))
        field.click()
        if typed:
            field.fill(typed)
        self.form.get_by_role("option").filter(has=self.page.get_by_text(option, exact=True)).click()
        # The app may draw the form anew by what was chosen.
        expect(self.form.locator("[data-busy]")).to_have_count(0)

    def fill(self, values: Mapping[str, Any]) -> None:
        """Fills in the form by its labels: a text or day, one option or several, files, every tick of a group."""
        for label, value in values.items():
            named = _named(label)
            if value is True:
                group = self.form.get_by_role("group", name=named)
                expect(group).to_be_visible()
                for box in group.get_by_role("checkbox").all():
                    box.check()
            elif isinstance(value, list) and isinstance(value[0], dict):
                self.form.get_by_label(named).set_input_files(value)
            elif isinstance(value, list):
                for one in value:
                    self.pick(label, one, typed=one)
            elif self.form.get_by_role("combobox", name=named).count():
                self.pick(label, value)
            else:
                self.form.get_by_label(named).fill(value)

    def confirm(self) -> None:
        """Says yes to what a button asks first."""
        self.page.locator("dialog#confirm [data-accept]").click()

    def submit(self) -> None:
        self.form.locator("button[type=submit]").click()


def _named(label: str) -> re.Pattern[str]:
    """A field's label, which says of a field that may stay empty that it is optional."""
    return re.compile(rf"^{re.escape(label)}( \(optional\))?$")


class Windows:
    """Opens windows, each a browser profile of its own."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.errors: list[str] = []

    def __call__(self, base_url: str, user: str, place: str, scheme: Literal["light", "dark"] = "light") -> Window:
        context = self._browser.new_context(viewport=WINDOW, color_scheme=scheme)
        self._contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._heard)
        return Window(page, base_url, user).visit(place)

    def _heard(self, message: ConsoleMessage) -> None:
        """The page says there what it cannot draw."""
        if message.type == "error" and message.text.startswith("Unknown "):
            self.errors.append(message.text)

    def close(self) -> None:
        for context in self._contexts:
            context.close()


@pytest.fixture
def window(browser: Browser) -> Iterator[Windows]:
    """`window(sandbox.base_url, "U0ANA", "c/C0ONE")`; no script may fail there, no block be unknown."""
    windows = Windows(browser)
    yield windows
    windows.close()
    assert windows.errors == []
