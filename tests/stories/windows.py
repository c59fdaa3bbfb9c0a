"""What stories in the local Slack's page share: places, a file to hand in, and waiting for what somebody did."""

from __future__ import annotations

from playwright.sync_api import FilePayload, expect

from rules.lifecycle import Status
from tests.browser import Window
from tests.stories.world import PDF, World
from tests.waiting import wait_until

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
