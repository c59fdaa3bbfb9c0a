"""The pictures of docs/gallery.md and the README, taken in the demo: ``python -m tests.pictures [NAME …]``.

Each scene goes where a person would, and does what they would do. The demo's time stands still, so a picture changes
only when the product does. Scenes build on each other: all are played, and only the named ones are written.
"""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import FloatRect, Locator, Page, ViewportSize, expect, sync_playwright

from bot.cli.demo import running
from bot.demo.clock import SettableClock
from bot.logs import configure_logging
from tests.browser import FLAGS, PATIENCE, WINDOW, Window, Windows, chromium
from tests.cast import Clock
from tests.stories.windows import PARTNER, REVIEWERS

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
COLOURS = 192  # of a palette: the pages have few
MARGIN = 20  # pixels beside what a message shows
TALL: ViewportSize = {"width": 1280, "height": 2000}  # for a long answer, whole
FLAT: ViewportSize = {"width": 1280, "height": 560}
IN_THE_DARK = ("usage", "stats")

FIRST = {
    "Claim name": "Northwind: Exchange for the factory",
    "Partner location (MPN)": "Berlin · 4711001",
    "Solution area": "Modern Work and Security",
    "Partner role": "Use or consume",
}


class Camera:
    """Takes pictures of one demo.

    Args:
        wanted: the names of the pictures to write; none means all.
    """

    def __init__(self, url: str, windows: Windows, wanted: frozenset[str]) -> None:
        self._url = url
        self._windows = windows
        self._wanted = wanted

    def window(self, user: str, place: str, *, tour: bool = False) -> Window:
        """A window of somebody's own."""
        opened = self._windows(self._url, user, place)
        if not tour:
            opened.page.context.add_cookies([{"name": "tour_hidden", "value": "1", "url": self._url}])
            opened.visit(place)
        return opened

    def take(self, name: str, page: Page, of: Locator | None = None) -> None:
        """Write ``docs/pictures/NAME.png``: the window, or the message ``of``, as far as something stands in it."""
        if self._wanted and name not in self._wanted:
            return
        page.mouse.move(0, 0)
        page.wait_for_timeout(300)  # what was pressed is no longer lit
        if of:
            of.scroll_into_view_if_needed()
        raw = page.screenshot(clip=_filled(of) if of else None, animations="disabled")
        picture = Image.open(BytesIO(raw)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        picture.save(FOLDER / f"{name}.png", optimize=True)
        sys.stdout.write(f"docs/pictures/{name}.png\n")

    def take_dark(self, name: str, page: Page, of: Locator | None = None) -> None:
        """The same in the dark."""
        page.emulate_media(color_scheme="dark")
        self.take(name, page, of)
        page.emulate_media(color_scheme="light")


def filing(camera: Camera) -> None:
    """A partner opens the form, stumbles, and submits a draft."""
    ana = camera.window("U0ANA", PARTNER, tour=True)
    camera.take("tour", ana.page)
    ana = camera.window("U0ANA", PARTNER)
    ana.write("/claim new")
    expect(ana.form.get_by_label("Claim name")).to_be_visible()
    ana.fill(FIRST)
    camera.take("form", ana.page)
    ana.submit()
    expect(ana.form.get_by_label("Customer tenant ID")).to_be_visible()
    ana.fill({"Customer tenant ID": "northwind", "Customer domain": "https://northwind.example/"})
    ana.submit()
    expect(ana.form.locator("[aria-invalid]").first).to_be_focused()
    camera.take("mistake", ana.page)
    _close(ana)
    ana.message("Fourth Coffee").get_by_role("button", name="Submit for review").click()
    ana.fill({"Acknowledgements": True})
    camera.take("submit", ana.page)
    ana.submit()
    expect(ana.form.get_by_role("heading", level=1)).to_have_text("Submitted")
    _close(ana)


def reviewing(camera: Camera) -> None:
    """A reviewer takes a claim on, talks, and decides; another claim is looked into."""
    rosa = camera.window("U0ROSA", REVIEWERS)
    card = rosa.message("Fourth Coffee")
    expect(card).to_contain_text("Submitted")
    card.get_by_role("button", name="Start review").click()
    expect(card).to_contain_text("Under review")
    card.get_by_role("link", name="repl").first.click()
    for words in ("The signature on page 1 is the customer's. Fine by me.", "@claimbot approve"):
        rosa.thread.get_by_role("textbox").fill(words)
        rosa.thread.get_by_role("textbox").press("Enter")
        expect(rosa.thread.get_by_role("log")).to_contain_text(words)
    expect(card).to_contain_text("Approved")
    expect(rosa.thread).to_contain_text("approved")
    camera.take("review", rosa.page)
    camera.take_dark("dark", rosa.page)
    rosa.visit(REVIEWERS)
    adventure = rosa.message("Adventure Works")
    adventure.get_by_role("button", name="Why?").click()
    expect(rosa.form).to_be_visible()
    camera.take("why", rosa.page)
    _close(rosa)


def following(camera: Camera) -> None:
    """What a partner sees of its claims."""
    ana = camera.window("U0ANA", PARTNER)
    camera.take("partner", ana.page)
    camera.take("card", ana.page, ana.message("Fourth Coffee").first)
    for word in ("list", "show CL-000002", "usage", "stats", "history CL-000002", "earnings CL-000005"):
        _ask(camera, ana, word)
    ana.page.set_viewport_size(WINDOW)
    gil = camera.window("U0GIL", PARTNER)
    gil.write("/claim team")
    expect(gil.form).to_be_visible()
    gil.pick("Add or change", "Ivo User")
    gil.submit()
    expect(gil.form).to_contain_text("Roles")
    camera.take("team", gil.page)
    _close(gil)
    ana.visit("app/home")
    expect(ana.page.get_by_role("main")).to_contain_text("Needs your action")
    camera.take("home", ana.page)
    rosa = camera.window("U0ROSA", "app/home")
    expect(rosa.page.get_by_role("main")).to_contain_text("Queue 1–2 of 2")
    camera.take("queue", rosa.page)
    rosa.page.get_by_role("button", name="Competing").click()
    expect(rosa.page.get_by_role("main")).to_contain_text("Competing 1 of 1")
    camera.take("competing", rosa.page)
    _ask(camera, rosa, "show CL-000006", "rivals", REVIEWERS)


def exporting(camera: Camera) -> None:
    """A partner's claims as a file, by direct message."""
    ana = camera.window("U0ANA", PARTNER)
    ana.write("/claim export xlsx status:approved")
    expect(ana.message("Your claims come to you as XLSX")).to_be_visible()
    ana.visit("app/messages")
    ana.page.set_viewport_size(FLAT)
    expect(ana.message("Here is your export")).to_be_visible()
    expect(ana.page.get_by_role("link", name="claims-2026-11-18.xlsx")).to_be_visible()
    camera.take("export", ana.page)


def _ask(camera: Camera, somebody: Window, words: str, name: str = "", place: str = PARTNER) -> None:
    somebody.page.set_viewport_size(TALL)
    answers = somebody.visit(place).page.locator("main article.ephemeral")
    before = answers.count()
    somebody.write(f"/claim {words}")
    expect(answers).to_have_count(before + 1)
    name = name or words.split()[0]
    camera.take(name, somebody.page, answers.last)
    if name in IN_THE_DARK:
        camera.take_dark(f"{name}-dark", somebody.page, answers.last)


def reminding(camera: Camera) -> None:
    """Time passes: who can act is reminded, and the next morning the digest comes."""
    rosa = camera.window("U0ROSA", REVIEWERS)
    _let_pass(rosa, "An hour later")
    reminder = rosa.message("Can act").last
    expect(reminder).to_be_visible()
    camera.take("reminder", rosa.page, reminder)
    _let_pass(rosa, "The next business day")
    ana = camera.window("U0ANA", PARTNER)
    digest = ana.message("Claims on ").last
    expect(digest).to_be_visible()
    camera.take("digest", ana.page, digest)


def _let_pass(somebody: Window, move: str) -> None:
    clock = somebody.page.locator("#now")
    before = clock.get_attribute("title") or ""
    clock.click()
    somebody.page.get_by_role("menuitem", name=move).click()
    expect(clock).not_to_have_attribute("title", before)


def beside(camera: Camera) -> None:
    """The mailbox, the customer's page, the inspector."""
    ana = camera.window("U0ANA", "mail")
    ana.page.get_by_role("link", name="Fourth Coffee").click()
    expect(ana.page.frame_locator("iframe").get_by_role("heading").first).to_be_visible()
    camera.take("mail", ana.page)
    with ana.page.expect_popup() as opened:
        ana.page.frame_locator("iframe").get_by_role("link").filter(has_text="opt out").first.click()
    camera.take("customer", opened.value)
    camera.take("inspector", camera.window("U0ANA", "inspector").page)


def _close(somebody: Window) -> None:
    somebody.form.get_by_role("button", name="Close").first.click()
    expect(somebody.form).to_be_hidden()


SCENES = (filing, reviewing, following, exporting, beside, reminding)


def _filled(message: Locator) -> FloatRect:
    """The message without the empty room beside its blocks."""
    box = message.bounding_box()
    assert box is not None
    parts = message.locator(".blocks > :not(:has(> .table-scroll)), .block-table").all()
    ends = [end["x"] + end["width"] for part in parts if (end := part.bounding_box())]
    return {"x": box["x"], "y": box["y"], "width": max(ends) + MARGIN - box["x"], "height": box["height"]}


def main() -> None:
    """Play every scene."""
    path = chromium()
    if path is None:
        raise SystemExit("There is no Chromium on this machine (apt-get install chromium)")
    wanted = frozenset(sys.argv[1:])
    configure_logging("ERROR")
    expect.set_options(timeout=PATIENCE)
    # A socket's path may not exceed some hundred characters.
    with (
        TemporaryDirectory(prefix="claimbot-") as folder,
        running(Path(folder), 0, SettableClock(real=Clock())) as (sandbox, _),
        sync_playwright() as playwright,
    ):
        windows = Windows(playwright.chromium.launch(executable_path=path, args=list(FLAGS)))
        camera = Camera(sandbox.base_url, windows, wanted)
        for scene in SCENES:
            scene(camera)
        windows.close()


if __name__ == "__main__":
    main()
