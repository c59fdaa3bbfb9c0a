"""Beside Slack: what time it is for whoever looks, and what else one can do on the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import expect

from sandbox import Sandbox, SandboxError
from tests.browser import Window, Windows

OURS = {"X-Sandbox-Page": "1"}


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sandbox(clock: Clock) -> Iterator[Sandbox]:
    sandbox = Sandbox(clock)
    sandbox.add_user("U0ANA", "Ana Admin", tz="Europe/Berlin")
    sandbox.add_user("U0ROSA", "Rosa Review", tz="America/Los_Angeles")
    sandbox.add_channel("C0ONE", "one", ["U0ANA", "U0ROSA"])
    with sandbox:
        yield sandbox


@pytest.fixture
def client(sandbox: Sandbox) -> FlaskClient:
    return sandbox.web.test_client()


def later(sandbox: Sandbox, clock: Clock) -> None:
    def an_hour_later() -> str:
        clock.now += timedelta(hours=1)
        return "It is an hour later."

    sandbox.page.add_action("An hour later", an_hour_later)


def test_without_anything_to_do_beside_slack_the_page_shows_no_clock(client: FlaskClient):
    assert 'id="now"' not in client.get("/as/U0ANA/c/C0ONE").text
    assert client.post("/as/U0ANA/beside", json={"number": 0}, headers=OURS).status_code == 404


def test_an_action_is_done_and_says_what_it_did(client: FlaskClient, sandbox: Sandbox, clock: Clock):
    later(sandbox, clock)
    before = sandbox.workspace.revision
    answer = client.post("/as/U0ANA/beside", json={"number": 0}, headers=OURS).get_json()
    assert answer["said"] == "It is an hour later."
    assert clock.now.hour == 18
    assert sandbox.workspace.revision > before, "every window is drawn anew"


@pytest.mark.parametrize("number", [-1, 1, "0", None])
def test_what_was_not_added_cannot_be_done(client: FlaskClient, sandbox: Sandbox, clock: Clock, number: object):
    later(sandbox, clock)
    assert client.post("/as/U0ANA/beside", json={"number": number}, headers=OURS).status_code == 404
    assert clock.now.hour == 17


def test_another_page_on_the_web_cannot_do_it(client: FlaskClient, sandbox: Sandbox, clock: Clock):
    later(sandbox, clock)
    assert client.post("/as/U0ANA/beside", json={"number": 0}).status_code == 403
    assert clock.now.hour == 17


def test_what_goes_wrong_is_said(client: FlaskClient, sandbox: Sandbox):
    def broken() -> str:
        raise SandboxError("The clock is stuck.")

    sandbox.page.add_action("Broken", broken)
    assert client.post("/as/U0ANA/beside", json={"number": 0}, headers=OURS).get_json()["trouble"]


def test_everybody_reads_the_time_in_their_own_zone_and_moves_it_for_all(
    sandbox: Sandbox, clock: Clock, window: Windows
):
    later(sandbox, clock)
    ana = window(sandbox.base_url, "U0ANA", "c/C0ONE")
    rosa = window(sandbox.base_url, "U0ROSA", "c/C0ONE")
    expect(now(ana)).to_contain_text("Fri, Nov 20, 6:30 PM")
    expect(now(rosa)).to_contain_text("Fri, Nov 20, 9:30 AM")
    now(ana).click()
    ana.page.get_by_role("menuitem", name="An hour later").click()
    expect(ana.page.get_by_text("It is an hour later.")).to_be_visible()
    expect(now(ana)).to_contain_text("7:30 PM")
    expect(now(rosa)).to_contain_text("10:30 AM")
    window.close()


def test_the_clock_fits_a_narrow_window_and_the_keyboard_reaches_its_menu(
    sandbox: Sandbox, clock: Clock, window: Windows
):
    later(sandbox, clock)
    ana = window(sandbox.base_url, "U0ANA", "c/C0ONE")
    ana.page.set_viewport_size({"width": 400, "height": 700})
    assert ana.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = now(ana).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 400
    now(ana).focus()
    ana.page.keyboard.press("Enter")
    expect(ana.page.get_by_role("menuitem", name="An hour later")).to_be_focused()
    ana.page.keyboard.press("Enter")
    expect(ana.page.get_by_text("It is an hour later.")).to_be_visible()
    window.close()


def now(window: Window):
    return window.page.locator("#now")
