"""Whole stories as people live them in the local Slack's page: with mouse and keyboard, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, expect

from rules.lifecycle import Status
from tests.browser import Window, Windows, browser, window
from tests.stories.world import ACKNOWLEDGED, FIRST, FOURTH, PDF, SECOND, THIRD, World
from tests.waiting import wait_until

__all__ = ["browser", "window"]

PARTNER, REVIEWERS = "c/C0CONTOSO", "c/C0REVIEW"
PROOF: FilePayload = {"name": "sow.pdf", "mimeType": "application/pdf", "buffer": PDF}


def press(somebody: Window, button: str, card: str = "CL-000001") -> None:
    somebody.message(card).get_by_role("button", name=f"{button} {card}").click()


def becomes(world: World, status: Status) -> None:
    """Waits until what somebody did has reached the claim, and everybody has been told."""
    wait_until(lambda: world.claim().status is status, what=f"the claim to be {status}")
    world.settle()


def titled(somebody: Window, title: str) -> None:
    """Waits for a form with this title."""
    expect(somebody.form.get_by_role("heading", level=1)).to_have_text(title)


def test_a_claim_is_filed_reviewed_in_its_thread_and_approved(http_world: World, window: Windows):
    world, url = http_world, http_world.sandbox.base_url
    ana = window(url, "U0ANA", PARTNER)
    ana.write("/claim new")
    for page in (FIRST, SECOND, THIRD):
        [first, *_] = page
        expect(ana.form.get_by_label(first)).to_be_visible()
        ana.fill(page)
        ana.submit()
    ana.fill({**FOURTH, "Proof of execution": [PROOF]})
    expect(ana.form.get_by_text("sow.pdf")).to_be_visible()
    ana.submit()
    titled(ana, "Checking the proof")
    world.settle()
    ana.fill(ACKNOWLEDGED)
    ana.submit()
    titled(ana, "Submitted")
    ana.form.get_by_role("button", name="Close").last.click()
    world.settle()
    expect(ana.message("CL-000001")).to_contain_text("Submitted")

    rosa = window(url, "U0ROSA", REVIEWERS)
    press(rosa, "Start review")
    becomes(world, Status.UNDER_REVIEW)
    expect(rosa.message("CL-000001")).to_contain_text("Under review")
    rosa.message("CL-000001").get_by_role("link", name="repl").first.click()
    expect(rosa.thread).to_contain_text("Rosa Review started the review.")
    rosa.thread.get_by_role("textbox").fill("@claimbot approve")
    rosa.thread.get_by_role("textbox").press("Enter")
    becomes(world, Status.APPROVED)
    for one in (ana, rosa):
        expect(one.message("CL-000001")).to_contain_text("Approved")
    expect(rosa.thread).to_contain_text("approved")
    window.close()


def test_a_rejection_is_disputed_and_an_error_keeps_what_was_typed(http_world: World, window: Windows):
    world, url = http_world, http_world.sandbox.base_url
    world.claim_in(Status.REJECTED)
    world.wait()
    ana = window(url, "U0ANA", PARTNER)
    press(ana, "Dispute")
    titled(ana, "Dispute")
    ana.submit()
    expect(ana.form.locator("[aria-invalid]").first).to_be_focused()
    ana.fill({"Business justification": "Page 2 names <b>both</b> products."})
    ana.submit()
    expect(ana.form).to_be_hidden()
    world.settle()
    remy = window(url, "U0REMY", REVIEWERS)
    expect(remy.message("CL-000001")).to_contain_text("Dispute")
    press(remy, "Approve")
    remy.confirm()
    becomes(world, Status.APPROVED)
    expect(ana.message("CL-000001")).to_contain_text("Approved")
    window.close()


@pytest.mark.parametrize("fault", ["Outage", "Lost answer"])
def test_the_bot_comes_through_a_fault_that_is_switched_on_in_the_inspector(
    http_world: World, window: Windows, fault: str
):
    world, url = http_world, http_world.sandbox.base_url
    rosa = window(url, "U0ROSA", "inspector")
    offer = rosa.page.get_by_role("listitem").filter(has=rosa.page.get_by_role("heading", name=fault))
    offer.get_by_label("Where").select_option(label="messages (chat.*)")
    offer.get_by_role("button", name="Switch on").click()
    expect(rosa.page.locator(".banner")).to_contain_text(f"{fault} is switched on")
    world.claim_in(Status.SUBMITTED)
    failed = rosa.page.locator(".line-bad")
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("chat.postMessage")
    expect(rosa.page.locator(".banner")).to_be_hidden()
    world.wait(minutes=10)
    rosa.visit(REVIEWERS)
    expect(rosa.message("CL-000001")).to_have_count(1)
    window.close()
