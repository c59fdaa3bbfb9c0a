"""The customer's page in a real browser: on a phone, by keyboard alone, in both colour schemes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from rules.lifecycle import Status
from tests.browser import PATIENCE, browser
from tests.post_office import PostOffice, html_of, post_office
from tests.stories.customers import link_in, mail_world
from tests.stories.world import World

__all__ = ["browser", "mail_world", "post_office"]

PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window without JavaScript's help: the page must do without. Whatever the browser refuses is a fault."""
    context = browser.new_context(viewport=PHONE, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    # A page with status 4xx is said in the console as well.
    assert [one for one in refused if "status of 4" not in one] == []


def focused(page: Page) -> str:
    """What the person at the keyboard is at: its role and what it says."""
    return str(page.locator(":focus").evaluate("node => node.id || node.textContent.trim()"))


def test_a_customer_opts_out_on_a_phone_by_keyboard_alone(mail_world: World, post_office: PostOffice, page: Page):
    number = mail_world.claim_in(Status.APPROVED)
    page.goto(link_in(post_office.received[0]))
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Contoso Consulting asks to be associated with Northwind Traders"
    )
    keys = page.keyboard
    keys.press("Tab")
    assert focused(page) == "reason"
    expect(page.get_by_label("Reason (optional)")).to_be_focused()
    keys.type("We work with somebody else.")
    keys.press("Tab")
    assert focused(page) == "Opt out"
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Opt out of the association with Contoso Consulting?")
    expect(page.get_by_text("We work with somebody else.")).to_be_visible()
    keys.press("Tab")
    keys.press("Tab")
    assert focused(page) == "Go back"
    keys.press("Enter")
    expect(page.get_by_label("Reason (optional)")).to_have_value("We work with somebody else.")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Space")
    expect(page.get_by_role("button", name="Go back")).to_be_visible()
    keys.press("Tab")
    assert focused(page) == "Yes, opt out"
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("You have opted out")
    assert mail_world.claim(number).status is Status.REJECTED
    page.reload()  # the browser sends the form once more
    expect(page.get_by_role("heading", level=1)).to_have_text("You have opted out")


def test_a_reason_that_is_too_long_is_an_error_at_its_field_where_one_writes_on(
    mail_world: World, post_office: PostOffice, page: Page
):
    mail_world.claim_in(Status.APPROVED)
    page.goto(link_in(post_office.received[0]))
    page.get_by_label("Reason (optional)").fill("x" * 3001)
    page.get_by_role("button", name="Opt out").click()
    field = page.get_by_label("Reason (optional)")
    expect(field).to_be_focused()
    expect(field).to_have_value("x" * 3001)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_contain_text("it has 3,001")


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_runs_out_of_the_page(mail_world: World, post_office: PostOffice, page: Page, width: int):
    mail_world.claim_in(Status.APPROVED, customer_name="W" * 150, customer_domain=None)
    page.set_viewport_size({"width": width, "height": 700})
    page.goto(link_in(post_office.received[0]))
    for button in ("Opt out", "Yes, opt out"):
        assert too_wide(page) == 0
        page.get_by_role("button", name=button).click()
    assert too_wide(page) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_its_ground(mail_world: World, post_office: PostOffice, page: Page, scheme: Any):
    mail_world.claim_in(Status.APPROVED)
    page.emulate_media(color_scheme=scheme)
    [notice] = post_office.received
    page.goto(link_in(notice))
    page.get_by_label("Reason (optional)").fill("x" * 3001)
    page.get_by_role("button", name="Opt out").click()
    check_contrast(page)
    page.get_by_label("Reason (optional)").fill("No.")
    page.get_by_role("button", name="Opt out").click()
    check_contrast(page)
    page.goto("about:blank")  # what is set below would keep the page's policy
    page.set_content(html_of(notice))
    check_contrast(page)


def test_a_screen_reader_finds_its_way_by_landmarks_and_headings(
    mail_world: World, post_office: PostOffice, page: Page
):
    mail_world.claim_in(Status.APPROVED)
    page.goto(link_in(post_office.received[0]))
    for landmark in ("banner", "main", "contentinfo"):
        expect(page.get_by_role(landmark)).to_have_count(1)
    expect(page.get_by_role("form", name="If you do not want this")).to_have_count(1)
    levels = page.get_by_role("heading").evaluate_all("all => all.map(one => one.tagName)")
    assert levels == ["H1", "H2", "H2", "H2", "H2", "H2"]
    assert page.locator("html").get_attribute("lang") == "en"
    assert "Contoso Consulting" in page.title()


def too_wide(page: Page) -> int:
    return int(page.locator("html").evaluate("node => node.scrollWidth - node.clientWidth"))


# Every element that shows text of its own, against the nearest ground behind it: WCAG 2.2, 1.4.3.
_CONTRAST = """
root => {
  const parse = text => (text.match(/[0-9.]+/g) || []).map(Number);
  const light = rgb => {
    const [r, g, b] = rgb.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = node => {
    for (let n = node; n; n = n.parentElement) {
      const c = parse(getComputedStyle(n).backgroundColor);
      if (c.length === 3 || c[3] > 0) return c.slice(0, 3);
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of root.querySelectorAll('body *')) {
    const own = [...node.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || !node.getClientRects().length) continue;
    const a = light(parse(getComputedStyle(node).color).slice(0, 3)), b = light(ground(node));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${node.tagName} ${ratio.toFixed(2)} ${node.textContent.trim().slice(0, 40)}`);
  }
  return poor;
}
"""


def check_contrast(page: Page) -> None:
    assert page.locator("html").evaluate(_CONTRAST) == []
