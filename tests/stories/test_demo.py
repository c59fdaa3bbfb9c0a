"""The demo as a newcomer meets it: the very command's Slack, bot and mail, in a browser; only its time stands still."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from playwright.sync_api import Page, expect

from bot.cli.demo import running
from bot.demo.clock import SettableClock
from tests.browser import Window, Windows, barriers, browser, window
from tests.cast import Clock
from tests.loglines import Lines
from tests.stories.windows import PARTNER

__all__ = ["browser", "window"]


@pytest.fixture
def url(lines: Lines) -> Iterator[str]:
    """A fresh demo; where its page is. Whoever starts it reads of no trouble."""
    # A socket's path may not exceed some hundred characters.
    with (
        TemporaryDirectory(prefix="claimbot-") as folder,
        running(Path(folder), 0, SettableClock(real=Clock())) as demo,
    ):
        yield demo[0].base_url
    assert [one for one in lines.all() if one["level"] in ("error", "critical")] == []


def tour(somebody: Window):
    return somebody.page.get_by_role("complementary", name="First steps")


def loaded(page: Page, user: str) -> None:
    """A page that was loaded anew hears what one presses from now on."""
    expect(page.locator("body")).to_have_attribute("data-me", user)
    page.wait_for_selector("html[data-ready]")


def ticked(somebody: Window, *titles: str) -> None:
    expect(tour(somebody).locator(".tour-done")).to_have_text([f"{title}, done" for title in titles])


@pytest.mark.slow
def test_the_tour_leads_a_newcomer_from_filing_to_a_reminder_and_the_customers_mail_to_the_opt_out(
    url: str, window: Windows
):
    ana = window(url, "U0ANA", PARTNER)
    page = ana.page
    expect(tour(ana)).to_contain_text("press Submit for review")
    ticked(ana)
    assert barriers(page) == []
    card = ana.message("Fourth Coffee")
    card.get_by_role("button", name="Submit for review").click()
    ana.fill({"Acknowledgements": True})
    ana.submit()
    expect(ana.form.get_by_role("heading", level=1)).to_have_text("Submitted")
    ana.form.get_by_role("button", name="Close").last.click()
    ticked(ana, "File a claim")

    tour(ana).get_by_role("link", name="Be Rosa in #claim-reviews").click()
    loaded(page, "U0ROSA")
    card.get_by_role("button", name="Start review").click()
    card.get_by_role("button", name="Approve").click()
    ana.confirm()
    ticked(ana, "File a claim", "Review it")

    tour(ana).get_by_role("button", name="When the next reminder is due").click()
    ticked(ana, "File a claim", "Review it", "Let a reminder come")
    expect(tour(ana)).to_contain_text("That was the way of a claim")
    tour(ana).get_by_role("button", name="Close the tour").last.click()
    expect(tour(ana)).to_be_hidden()
    page.reload()
    loaded(page, "U0ROSA")
    expect(page.get_by_role("button", name="Show the tour")).to_be_visible()
    expect(tour(ana)).to_be_hidden()
    page.get_by_role("button", name="Show the tour").click()
    expect(tour(ana)).to_be_visible()

    mailbox = page.get_by_role("link", name="Mailbox, 3 unread")
    mailbox.click()
    page.get_by_role("link", name="Fourth Coffee").click()
    assert barriers(page) == []
    expect(page.get_by_role("link", name="Mailbox, 2 unread")).to_be_visible()
    page.get_by_role("link", name="Plain text").click()
    expect(page.get_by_role("region", name="Plain text")).to_contain_text("/consent/")
    page.get_by_role("link", name="Message", exact=True).click()
    with page.expect_popup() as opened:
        page.frame_locator("iframe").get_by_role("link").filter(has_text="opt out").first.click()
    customer = opened.value
    customer.get_by_role("button", name="Opt out").click()
    customer.get_by_role("button", name="Yes, opt out").click()
    expect(customer.get_by_role("heading", level=1)).to_have_text("You have opted out")
    ana.visit(PARTNER)
    expect(card).to_contain_text("Customer declined")
    window.close()
