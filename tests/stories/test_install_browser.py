"""Installing in a partner's workspace, in a real browser: there, turned down, and come back too late."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from models.database import Database
from tests.browser import PATIENCE, barriers, browser
from tests.cast import DIRECTORY
from tests.stories.workspaces import FABRIKAM, TwoWorkspaces, two_workspaces

__all__ = ["browser"]

# With `CLAIMBOT_SHOTS=folder` pictures of the pages are left there, to be looked at.
SHOTS = os.environ.get("CLAIMBOT_SHOTS")


@pytest.fixture
def two(database: Database, tmp_path: Path) -> Iterator[TwoWorkspaces]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    with two_workspaces(database, tmp_path, directory=DIRECTORY, port=port) as two:
        yield two


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 800, "height": 640})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


def looked_at(page: Page, title: str, name: str) -> None:
    """The page has this heading, and nothing that keeps people out; its picture is left."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    assert barriers(page) == []
    if SHOTS:
        for width in (360, 800):
            page.set_viewport_size({"width": width, "height": 640})
            page.emulate_media(color_scheme="light")
            page.screenshot(path=f"{SHOTS}/{name}-{width}.png", full_page=True)


def test_a_partner_installs_and_is_told_what_comes_next(two: TwoWorkspaces, page: Page):
    bot = two.home.bot
    page.goto(f"{bot.url}/slack/install")
    page.get_by_role("button", name="Cancel").click()
    looked_at(page, "claimbot was not installed", "denied")
    page.get_by_role("link", name="begin again").click()
    two.home.clock.advance(timedelta(minutes=11))
    page.get_by_label("Member id").fill("U0BO")
    page.get_by_role("button", name="Allow").click()
    looked_at(page, "Please begin again", "anew")
    page.get_by_role("link", name="Begin again").click()
    page.get_by_label("Member id").fill("U0BO")
    page.get_by_role("button", name="Allow").click()
    looked_at(page, "claimbot is installed in Fabrikam", "done")
    expect(page.get_by_text(FABRIKAM)).to_be_visible()
    two.slack.uninstall(FABRIKAM)
    counted = {
        event: bot.desk.metrics.registry.get_sample_value("claimbot_installations_total", {"event": event})
        for event in ("installed", "uninstalled", "denied", "expired", "failed")
    }
    assert counted == {"installed": 1, "uninstalled": 1, "denied": 1, "expired": 1, "failed": None}
