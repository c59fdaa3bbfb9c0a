"""Whole conversations by the keyboard alone, in the local Slack's page: nobody here has a mouse."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from rules.lifecycle import Status
from tests.browser import Window, Windows, browser, window
from tests.stories.windows import PARTNER, PROOF, becomes, titled
from tests.stories.world import FIRST, SECOND, THIRD, World

__all__ = ["browser", "window"]

FAR = 40  # so many steps with Tab nobody would go


def go_to(somebody: Window, wanted: Locator, key: str = "Tab") -> None:
    """Goes on with Tab, or back with Shift+Tab, until the focus is there."""
    expect(wanted).to_be_visible()
    for _ in range(FAR):
        if wanted.evaluate("node => node === document.activeElement"):
            return
        somebody.page.keyboard.press(key)
    pytest.fail(f"{key} does not reach {wanted}")


def write(somebody: Window, label: str, text: str) -> None:
    go_to(somebody, somebody.form.get_by_label(label))
    somebody.page.keyboard.press("Control+A")
    somebody.page.keyboard.insert_text(text)


def choose(somebody: Window, label: str, option: str) -> None:
    """Searches a list for an option by its first letters, and takes it."""
    box = somebody.form.get_by_role("combobox", name=label)
    go_to(somebody, box)
    somebody.page.keyboard.type(option[:6])
    expect(somebody.form.locator(".listbox .pointed")).to_contain_text(option)
    somebody.page.keyboard.press("Enter")
    several = somebody.form.get_by_role("button", name=f"Remove {option}")
    expect(several.or_(box.and_(somebody.form.locator(f'[value="{option}"]')))).to_be_visible()
    # The app may draw the form anew by what was chosen.
    expect(somebody.form.locator("[data-busy]")).to_have_count(0)


def send(somebody: Window) -> None:
    go_to(somebody, somebody.form.locator("button[type=submit]"))
    somebody.page.keyboard.press("Enter")


def test_a_partner_files_corrects_submits_and_withdraws_a_claim(http_world: World, window: Windows):
    world = http_world
    ana = window(world.sandbox.base_url, "U0ANA", PARTNER)
    keys = ana.page.keyboard
    expect(ana.composer).to_be_focused()
    keys.type("/cl")
    expect(ana.page.get_by_role("option", name="/claim")).to_be_visible()
    keys.press("Tab")
    keys.type("new")
    keys.press("Enter")
    expect(ana.form.get_by_label("Claim name")).to_be_focused()
    keys.insert_text(FIRST["Claim name"])
    for label in ("Partner location (MPN)", "Solution area", "Partner role"):
        choose(ana, label, FIRST[label])
    send(ana)

    tenant = ana.form.get_by_label("Customer tenant ID")
    expect(tenant).to_be_focused()
    keys.type("northwind")
    for label in ("Customer name", "Customer domain"):
        write(ana, label, SECOND[label])
    choose(ana, "Customer country", SECOND["Customer country"])
    for product in SECOND["Products"]:
        choose(ana, "Products", product)
    send(ana)
    expect(tenant).to_have_attribute("aria-invalid", "true")
    expect(tenant).to_be_focused()
    expect(tenant).to_have_value("northwind")
    expect(ana.form.get_by_label("Customer name")).to_have_value(SECOND["Customer name"])
    expect(ana.form.get_by_role("button", name="Remove Teams")).to_be_visible()
    write(ana, "Customer tenant ID", SECOND["Customer tenant ID"])
    send(ana)

    expect(ana.form.get_by_label(next(iter(THIRD)))).to_be_focused()
    for label, text in THIRD.items():
        write(ana, label, text)
    send(ana)
    expect(ana.form.get_by_label("Acknowledgement date")).to_be_focused()
    keys.type("10012026")
    expect(ana.form.get_by_label("Acknowledgement date")).to_have_value("2026-10-01")
    go_to(ana, ana.form.get_by_label("Proof of execution"))
    with ana.page.expect_file_chooser() as chooser:
        keys.press("Space")
    chooser.value.set_files([PROOF])
    expect(ana.form.get_by_role("button", name="Remove sow.pdf")).to_be_visible()
    send(ana)
    titled(ana, "Checking the proof")
    world.settle()
    titled(ana, "Submit for review")
    for box in ana.form.get_by_role("group", name="Acknowledgements").get_by_role("checkbox").all():
        go_to(ana, box)
        keys.press("Space")
        expect(box).to_be_checked()
    send(ana)
    titled(ana, "Submitted")
    keys.press("Escape")
    expect(ana.form).to_be_hidden()
    becomes(world, Status.SUBMITTED)

    card = ana.message("CL-000001")
    expect(card).to_contain_text("Submitted")
    go_to(ana, card.get_by_role("button", name="Withdraw"), "Shift+Tab")
    keys.press("Enter")
    titled(ana, "Withdraw")
    choose(ana, "Reason", "Not working with the customer any longer")
    send(ana)
    expect(ana.form).to_be_hidden()
    becomes(world, Status.REJECTED)
    expect(card).to_contain_text("Rejected")
    expect(card).to_be_focused()  # where the button was that is no more there
    go_to(ana, card.get_by_role("button", name="Why?"))
    keys.press("Enter")
    titled(ana, "Why? CL-000001")


def test_a_reviewer_starts_asks_in_the_thread_and_approves(http_world: World, window: Windows):
    world = http_world
    world.claim_in(Status.SUBMITTED)
    rosa = window(world.sandbox.base_url, "U0ROSA", "app/home")
    keys = rosa.page.keyboard
    go_to(rosa, rosa.page.get_by_role("link", name="claim-reviews"))
    keys.press("Enter")
    expect(rosa.composer).to_be_focused()
    card = rosa.message("CL-000001")
    go_to(rosa, card.get_by_role("button", name="Start review"), "Shift+Tab")
    keys.press("Enter")
    becomes(world, Status.UNDER_REVIEW)
    expect(card).to_contain_text("Under review")
    expect(card).to_be_focused()
    tools = card.get_by_role("toolbar", name="Message actions").get_by_role("button")
    go_to(rosa, tools.first)
    keys.press("ArrowLeft")
    expect(tools.last).to_be_focused()
    go_to(rosa, card.get_by_role("link", name="repl").first, "Shift+Tab")
    keys.press("Enter")
    reply = rosa.thread.get_by_role("textbox")
    expect(reply).to_be_focused()
    keys.type("@claim")
    expect(rosa.page.get_by_role("option", name="claimbot")).to_be_visible()
    keys.press("Tab")
    keys.type("status")
    keys.press("Enter")
    expect(rosa.thread.get_by_role("log")).to_contain_text("status")
    world.settle()
    go_to(rosa, card.get_by_role("button", name="Approve"), "Shift+Tab")
    keys.press("Enter")
    question = rosa.page.locator("dialog#confirm")
    expect(question.get_by_role("button", name="Approve")).to_be_focused()
    keys.press("Enter")
    becomes(world, Status.APPROVED)
    expect(card).to_contain_text("Approved")
