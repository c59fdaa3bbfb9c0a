"""A world with two workspaces: the programme's, and Fabrikam's own, which can install the app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from cryptography.fernet import Fernet

from models.database import Database
from sandbox.objects import Team
from sandbox.server import Sandbox
from sandbox.several import SeveralWorkspaces
from tests.cast import DIRECTORY
from tests.stories.world import MANIFEST, World, world_of
from tests.waiting import PATIENCE

FABRIKAM = "T0FABRIKAM"
PUBLIC_URL = "https://claims.example.com"
KEY = Fernet.generate_key().decode()

# As DIRECTORY, but Fabrikam is at home in a workspace of its own.
DIRECTORY_OF_TWO = DIRECTORY.replace("channel: C0FABRIKAM", f"team: {FABRIKAM}\n    channel: C0FABRIKAM").replace(
    "{slack: U0BO,", f"{{slack: U0BO, team: {FABRIKAM},"
)


@dataclass
class Browser:
    """A browser that knows PUBLIC_URL, behind which the bot stands as behind a proxy, and keeps its cookie."""

    bot: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, url: str) -> tuple[int, str, str]:
        """Status, Location and page; no redirect is followed."""
        assert url.startswith(PUBLIC_URL), url
        connection = HTTPConnection(urlsplit(self.bot).netloc, timeout=10)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request("GET", url.removeprefix(PUBLIC_URL), headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        page = answer.read().decode()
        for one in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = one.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return answer.status, answer.headers.get("Location", ""), page


@dataclass
class TwoWorkspaces:
    """Slack with two workspaces, the world of the programme's, and of Fabrikam's."""

    slack: SeveralWorkspaces
    home: World
    fabrikam: World

    def browser(self) -> Browser:
        """A browser that was never here."""
        return Browser(self.home.bot.url)

    def begin(self, browser: Browser) -> str:
        """Somebody opens the address that the programme gave them; the address of Slack's page."""
        status, location, _ = browser.get(f"{PUBLIC_URL}/slack/install")
        assert (status, location.partition("?")[0]) == (302, f"{self.slack.base_url}/oauth/v2/authorize")
        return location

    def install(self) -> str:
        """Bo installs the app in Fabrikam's workspace; what the last page says."""
        browser = self.browser()
        status, _, page = browser.get(self.slack.allow(self.begin(browser), "U0BO", workspace=FABRIKAM))
        assert status == 200, page
        return page

    def settle(self) -> None:
        """Let everything be said in both workspaces."""
        self.home.settle()
        assert self.fabrikam.sandbox.settle()


@contextmanager
def two_workspaces(
    database: Database,
    folder: Path,
    *,
    socket_mode: bool = False,
    directory: str = DIRECTORY_OF_TWO,
    keys: str = KEY,
    port: int | None = None,
) -> Iterator[TwoWorkspaces]:
    """Both workspaces at work; the app is not installed in Fabrikam's yet.

    Args:
        port: where a real browser reaches the bot, without a proxy.
    """
    public_url = f"http://127.0.0.1:{port}" if port else PUBLIC_URL
    made: list[SeveralWorkspaces] = []
    other: list[Sandbox] = []

    def around(home: Sandbox) -> AbstractContextManager[SeveralWorkspaces]:
        fabrikam = Sandbox(
            home.workspace.clock, team=Team(FABRIKAM, "Fabrikam", "fabrikam"), ack_limit=PATIENCE, bot_user="U0FABBOT"
        )
        fabrikam.install(yaml.safe_load(MANIFEST.read_text(encoding="utf-8")))
        fabrikam.add_user("U0BO", "Bo Builder", "bo@fabrikam-partners.com")
        fabrikam.add_user("U0YAN", "Yan Unlisted")
        fabrikam.add_channel("C0FABRIKAM", "claims", ["U0BO", "U0YAN"], private=True)
        slack = SeveralWorkspaces(home, fabrikam)
        slack.redirect_url = f"{public_url}/slack/oauth_redirect"
        made.append(slack)
        other.append(fabrikam)
        return slack

    settings: dict[str, Any] = {
        "slack_client_id": SeveralWorkspaces.client_id,
        "slack_client_secret": SeveralWorkspaces.client_secret,
        "token_key": keys,
        "public_url": public_url,
        "port": port or 0,
    }
    world = world_of(database, folder, socket_mode=socket_mode, directory=directory, around=around, **settings)
    with world as home:
        yield TwoWorkspaces(made[0], home, World(other[0], home.bot, home.clock))
        assert other[0].refusals == [], other[0].refusals
