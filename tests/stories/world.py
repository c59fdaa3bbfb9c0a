"""The world that stories are told in. Time stands still until a story moves it, and nothing happens by itself:
``settle`` delivers what the bot has to say, so no test waits for a beat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import yaml

from bot.settings import load_settings
from bot.wiring import Claimbot, build
from models.database import Database
from models.directory import import_directory, parse_directory
from models.queries.claims import history_of
from models.tables import Claim, claim_id
from rules.lifecycle import Status
from rules.loading import load_programme
from sandbox.driver import Person
from sandbox.forms import Form
from sandbox.objects import Message, Team
from sandbox.server import Sandbox
from tests.cast import DIRECTORY, TEAM, Clock, claim_as_it_stands, claim_in
from tests.waiting import PATIENCE

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
SECOND: dict[str, Any] = {
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


class Address(Protocol):
    """Where a Slack is."""

    @property
    def base_url(self) -> str:
        """Without `/api/`."""


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
        assert self.sandbox.settle(), "what happened in Slack is still on its way to the bot"

    def wait(self, minutes: int = 1) -> None:
        """Let some time pass, and be said what waited for it."""
        self.clock.advance(timedelta(minutes=minutes))
        self.settle()

    def come_to(self, moment: datetime) -> None:
        """It becomes that late, and happens what the bot does by itself."""
        self.clock.set(moment)
        for beat in self.bot.beats:
            if beat.name != "deliver":  # which begins and does not wait; settling does
                beat.job()
        self.settle()

    def claim_in(self, status: Status, **values: Any) -> str:
        """A claim in ``status``, by what people did before the story begins (``tests.cast``); its cards are there."""
        number = claim_in(self.bot.memory, status, **values)
        self.settle()
        return number

    def claim(self, number: str = "CL-000001") -> Claim:
        """The claim's row as it now stands."""
        return claim_as_it_stands(self.bot.memory, number)

    def history(self, number: str = "CL-000001") -> list[str]:
        """What happened to the claim: the actions, oldest first."""
        with self.bot.memory.database.transaction() as session:
            return [str(one.action) for one in history_of(session, session.get_one(Claim, claim_id(number)))]

    def know(self, directory: str) -> None:
        """From now on another directory file holds."""
        with self.bot.memory.database.transaction() as session:
            import_directory(session, parse_directory(directory), team=TEAM)

    def public(self) -> list[tuple[str, str]]:
        """Everything that more than one person can see: channel and text, oldest first."""
        every = [one for channel in CHANNELS for one in self.sandbox.workspace.messages[channel]]
        return [(one.channel, one.visible_text) for one in every if not one.ephemeral]

    def whispered(self, who: str) -> list[str]:
        """What the bot said to somebody alone, in a channel (not in a thread)."""
        return [one.visible_text for one in self.person(who).ephemerals if not one.is_reply]

    def form(self, who: str) -> Form:
        """The form that is open on somebody's screen."""
        form = self.person(who).form
        assert form is not None, f"{who} has no form open"
        return form

    def turn_page(self, who: str, values: Mapping[str, Any]) -> Form:
        """Somebody fills in the page that is open and goes on; the form as it is then."""
        form = self.form(who)
        form.fill(values)
        form.submit()
        return form

    def file_claim(
        self, who: str = "Ana", changes: Mapping[str, Any] = MappingProxyType({}), channel: str = "C0CONTOSO"
    ) -> Person:
        """Somebody fills in the whole form and waits for the check of the proof; the last form is open then.

        Args:
            changes: by label, what is typed instead of the usual.
        """
        person = self.person(who)
        person.command("/claim new", channel)
        for page in (FIRST, SECOND, THIRD, FOURTH):
            self.turn_page(who, {label: changes.get(label, value) for label, value in page.items()})
        self.settle()
        return person

    def submit_claim(self, who: str = "Ana", changes: Mapping[str, Any] = MappingProxyType({})) -> str:
        """A claim that is submitted; its number."""
        person = self.file_claim(who, changes)
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
        cards = [one for one in self.person(who).messages(channel) if one.text.startswith(number) and not one.ephemeral]
        assert cards, f"{who} sees no card of {number} in {channel}"
        return cards[-1]

    def thread(self, who: str, channel: str, number: str = "CL-") -> list[str]:
        """What the thread of a claim's card says, line by line."""
        return [one.visible_text for one in self.person(who).thread(self.card(who, channel, number))]


# Read once for all worlds; nothing in it ever changes.
_shipped = cache(load_programme)


@cache
def _plain(text: str) -> Any:
    """What YAML says; nobody changes it."""
    return yaml.safe_load(text)


@contextmanager
def world_of(
    database: Database,
    folder: Path,
    *,
    socket_mode: bool = False,
    rules: Path | None = None,
    directory: str = DIRECTORY,
    smtp_url: str | None = None,
    patience: timedelta | None = None,
    around: Callable[[Sandbox], AbstractContextManager[Address]] = lambda sandbox: sandbox,
    **more: Any,
) -> Iterator[World]:
    """A world with the cast in it, over one of Slack's transports; with other rules, more in the directory, or mail.

    What the bot does beside its answers, it does before them; with a ``patience``, in other threads as `serve` does.

    Args:
        around: a Slack with other workspaces besides.
        more: other settings.
    """
    keys = count(1)
    clock = Clock()
    sandbox = Sandbox(clock, team=Team(TEAM, "Example programme", "example"), ack_limit=PATIENCE)
    sandbox.install(_plain(MANIFEST.read_text(encoding="utf-8")))
    listed = _plain(directory)
    members = [one for partner in listed["partners"] for one in partner["members"]]
    people = {one["slack"]: one for one in (*listed["reviewers"], *members)}
    for one in people.values():
        sandbox.add_user(one["slack"], one["name"], one["email"])
    sandbox.add_user("U0ZED", "Zed Outsider")
    for channel, (name, inside) in CHANNELS.items():
        sandbox.add_channel(channel, name, inside, private=channel != "C0TOWN")
    with around(sandbox) as slack:
        settings = load_settings(
            _env_file=None,
            slack_bot_token=sandbox.app.bot_token,
            slack_signing_secret=sandbox.app.signing_secret,
            slack_app_token=sandbox.app.app_token if socket_mode else None,
            slack_api_url=f"{slack.base_url}/api/",
            data_dir=folder,
            rules_dir=rules,
            smtp_url=smtp_url,
            mail_from="Example programme <claims@example.com>" if smtp_url else None,
            **({"port": 0} | more),
        )
        bot = build(
            settings,
            clock=clock,
            new_key=lambda: f"key{next(keys):08d}",
            database=database,
            programme=_shipped() if rules is None else None,
            at_once=patience is None,
            pace=timedelta(0),
            patience=patience or timedelta(0),
        )
        world = World(sandbox, bot, clock)
        world.know(directory)
        bot.listen()
        if socket_mode:
            assert sandbox.sockets.connected.wait(PATIENCE), "the bot opened no socket"
        else:
            sandbox.connect_http(f"{bot.url}/slack/events")
        try:
            yield world
            assert sandbox.refusals == [], f"the bot sent what Slack would not take: {sandbox.refusals}"
            assert sandbox.warnings == [], f"the bot sent what Slack advises against: {sandbox.warnings}"
        finally:
            bot.stop()
