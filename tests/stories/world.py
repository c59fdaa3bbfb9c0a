"""The world that stories are told in. Time stands still until a story moves it, and nothing happens by itself:
``settle`` delivers what the bot has to say, so no test waits for a beat.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import yaml

from bot.settings import load_settings
from bot.wiring import Claimbot, build
from models.database import Database
from models.directory import import_directory, parse_directory
from sandbox.driver import Person
from sandbox.objects import Message, Team
from sandbox.server import Sandbox
from tests.cast import DIRECTORY, TEAM, Clock

MANIFEST = Path(__file__).parents[2] / "manifest.yaml"
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 0/Kids[]>>endobj\n%%EOF\n"

CHANNELS = {
    "C0CONTOSO": ("contoso-claims", ["U0ANA", "U0IVO", "U0BILL", "U0GIL", "U0NIA"]),
    "C0MUNICH": ("contoso-munich", ["U0ANA", "U0MIA"]),
    "C0FABRIKAM": ("fabrikam-claims", ["U0BO"]),
    "C0REVIEW": ("claim-reviews", ["U0ROSA", "U0REMY", "U0NIA"]),
    "C0TOWN": ("town-square", ["U0ANA", "U0BO", "U0ROSA", "U0ZED"]),
}

# What Ana types into the form, page by page, by the labels that she reads.
FIRST = {
    "Claim name": "Northwind: Teams 2026",
    "Partner location (MPN)": "Berlin · 4711001",
    "Solution area": "Modern Work and Security",
    "Partner role": "Use or consume",
}
SECOND = {
    "Customer tenant ID": "8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48",
    "Customer name": "Northwind Traders",
    "Customer domain": "northwind.com",
    "Customer country": "Germany",
    "Products": ["Exchange", "Teams"],
}
THIRD = {
    "Customer contact name": "Cara Customer",
    "Customer contact title": "Head of IT",
    "Customer contact e-mail": "cara@northwind.com",
    "Partner contact name": "Ana Admin",
    "Partner contact e-mail": "ana@contoso.com",
}
FOURTH: dict[str, Any] = {"Acknowledgement date": "2026-10-01", "Proof of execution": [("sow.pdf", PDF)]}
ACKNOWLEDGED = {"Acknowledgements": True}


@dataclass
class World:
    """A local Slack and the bot in it."""

    sandbox: Sandbox
    bot: Claimbot
    clock: Clock

    def person(self, name: str) -> Person:
        """One of the cast, at Slack."""
        return self.sandbox.person(f"U0{name.upper()}")

    def settle(self) -> None:
        """Let everything be said that the bot has to say."""
        self.bot.delivery.drain()
        self.sandbox.settle()

    def file_claim(self, who: str = "Ana", **changes: Any) -> Person:
        """Somebody fills in the whole form and waits for the check of the proof; the last form is open then."""
        person = self.person(who)
        person.command("/claim new", "C0CONTOSO")
        for page in (FIRST, SECOND, THIRD, FOURTH):
            form = person.form
            assert form is not None, "no form is open"
            form.fill({label: changes.get(label, value) for label, value in page.items()})
            form.submit()
        self.settle()
        return person

    def submit_claim(self, who: str = "Ana", **changes: Any) -> str:
        """A claim that is submitted; its number."""
        person = self.file_claim(who, **changes)
        form = person.form
        assert form is not None
        form.fill(ACKNOWLEDGED)
        form.submit()
        assert person.form is not None
        assert person.form.title == "Submitted", person.form.text
        person.form.close()
        self.settle()
        return self.card("Rosa", "C0REVIEW").text.split(" ")[0]

    def card(self, who: str, channel: str, number: str = "CL-") -> Message:
        """The card of a claim as somebody sees it in a channel."""
        cards = [one for one in self.person(who).messages(channel) if one.text.startswith(number)]
        assert cards, f"{who} sees no card of {number} in {channel}"
        return cards[-1]

    def thread(self, who: str, channel: str, number: str = "CL-") -> list[str]:
        """What the thread of a claim's card says, line by line."""
        return [one.visible_text for one in self.person(who).thread(self.card(who, channel, number))]


@contextmanager
def world_of(database: Database, folder: Path, *, socket_mode: bool) -> Iterator[World]:
    """A world with the cast in it, over one of Slack's transports."""
    keys = count(1)
    clock = Clock()
    sandbox = Sandbox(clock, team=Team(TEAM, "Example programme", "example"), ack_limit=10)
    sandbox.install(yaml.safe_load(MANIFEST.read_text(encoding="utf-8")))
    directory = yaml.safe_load(DIRECTORY)
    members = [one for partner in directory["partners"] for one in partner["members"]]
    people = {one["slack"]: one for one in (*directory["reviewers"], *members)}
    for one in people.values():
        sandbox.add_user(one["slack"], one["name"], one["email"])
    sandbox.add_user("U0ZED", "Zed Outsider")
    for channel, (name, inside) in CHANNELS.items():
        sandbox.add_channel(channel, name, inside, private=channel != "C0TOWN")
    with sandbox:
        settings = load_settings(
            _env_file=None,
            slack_bot_token=sandbox.app.bot_token,
            slack_signing_secret=sandbox.app.signing_secret,
            slack_app_token=sandbox.app.app_token if socket_mode else None,
            slack_api_url=f"{sandbox.base_url}/api/",
            data_dir=folder,
            port=0,
        )
        bot = build(
            settings,
            clock=clock,
            new_key=lambda: f"key{next(keys):08d}",
            database=database,
            at_once=True,
            pace=timedelta(0),
        )
        with database.transaction() as session:
            import_directory(session, parse_directory(DIRECTORY), team=TEAM)
        bot.listen()
        if not socket_mode:
            sandbox.connect_http(f"{bot.url}/slack/events")
        try:
            yield World(sandbox, bot, clock)
            assert sandbox.refusals == [], "the bot sent what Slack would not take"
        finally:
            bot.stop()
