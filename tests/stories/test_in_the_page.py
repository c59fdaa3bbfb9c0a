"""Whole stories as people live them in the local Slack's page: with mouse and keyboard, in a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from bot import wiring
from models.database import Database
from rules.lifecycle import Status
from tests.browser import Window, Windows, browser, window
from tests.stories.windows import PARTNER, PROOF, REVIEWERS, becomes, press, titled
from tests.stories.world import ACKNOWLEDGED, FIRST, FOURTH, SECOND, THIRD, World, world_of
from tests.waiting import wait_until

__all__ = ["browser", "window"]


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
    switch_on(rosa, fault, "messages (chat.*)")
    world.claim_in(Status.SUBMITTED)
    failed = rosa.page.locator(".line-bad")
    expect(failed).to_have_count(1)
    expect(failed).to_contain_text("chat.postMessage")
    expect(rosa.page.locator(".banner")).to_be_hidden()
    world.wait(minutes=10)
    rosa.visit(REVIEWERS)
    expect(rosa.message("CL-000001")).to_have_count(1)
    window.close()


def switch_on(somebody: Window, fault: str, where: str, often: str = "once") -> None:
    """At the inspector, with the words that stand there."""
    offer = somebody.page.get_by_role("listitem").filter(has=somebody.page.get_by_role("heading", name=fault))
    offer.get_by_label("Where").select_option(label=where)
    offer.get_by_label("How long").select_option(label=often)
    offer.get_by_role("button", name="Switch on").click()
    expect(somebody.page.locator(".banner")).to_contain_text(f"{fault} is switched on")


def test_what_reaches_the_bot_twice_happens_once(http_world: World, window: Windows):
    world, url = http_world, http_world.sandbox.base_url
    ana = window(url, "U0ANA", "inspector")
    switch_on(ana, "Repeated delivery", "every delivery", "until switched off")
    ana.visit(PARTNER)
    ana.write("/claim new")
    expect(ana.form.get_by_label("Claim name")).to_be_focused()
    ana.fill(FIRST)
    ana.submit()
    titled(ana, "CL-000001 (2 of 4)")
    ana.form.get_by_role("button", name="Finish later").click()
    expect(ana.form).to_be_hidden()
    world.settle()
    expect(ana.message(FIRST["Claim name"])).to_have_count(1)
    press(ana, "Discard draft")
    ana.confirm()
    wait_until(lambda: "discard" in world.history(), what="the draft to be discarded")
    assert world.history() == ["create", "discard"]
    # What opens a form opens it once, and nobody is told that the other time failed.
    assert {one.error for one in world.sandbox.refusals} == {"exchanged_trigger_id"}
    world.sandbox.refusals.clear()
    assert world.whispered("Ana") == []
    window.close()


def test_whoever_waits_for_slack_in_vain_is_told_and_goes_on_where_they_were(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, window: Windows
):
    monkeypatch.setattr(wiring, "SLACK_SECONDS", 2)  # of the eight that people would wait
    with world_of(database, tmp_path) as world:
        ana = window(world.sandbox.base_url, "U0ANA", "inspector")
        switch_on(ana, "Time-out", "forms and Home (views.*)")
        ana.visit(PARTNER)
        ana.write("/claim new")
        expect(ana.message("Slack did not open the form in time.")).to_contain_text("please try again")
        ana.write("/claim new")
        ana.fill({"Claim name": FIRST["Claim name"]})
        world.sandbox.faults.time_out("views.*")
        ana.fill({"Solution area": FIRST["Solution area"]})
        expect(ana.form.get_by_label("Claim name")).to_have_value(FIRST["Claim name"])
        expect(ana.form.get_by_label("Solution area")).to_have_value(FIRST["Solution area"])
        ana.fill(FIRST)
        ana.submit()
        titled(ana, "CL-000001 (2 of 4)")
        world.sandbox.faults.clear()
        window.close()
