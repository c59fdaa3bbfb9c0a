"""Slack's workspaces: the programme's own, known by its token, and those that installed the app by OAuth.

A token of another workspace is in the database, encrypted together with its workspace's id (Fernet: AES-128-CBC and
HMAC-SHA-256), so that one put beside another workspace's id by hand is not used there. The keys are a setting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from slack_sdk import WebClient

from models.database import Database
from models.operations import installing

log = structlog.get_logger("claimbot.workspaces")


class NotInstalled(Exception):
    """There is no token for a workspace. ``problem``: ``not_installed``, or ``token_unreadable`` with lost keys."""

    def __init__(self, team: str, problem: str = "not_installed") -> None:
        super().__init__(f"{problem}: {team}")
        self.team = team
        self.problem = problem


class Keyring:
    """Encrypts tokens with the first of its keys, and reads what any of them encrypted.

    Args:
        keys: Fernet keys, the newest first. Raises ValueError for one that is none.
    """

    def __init__(self, keys: str) -> None:
        self._keys = MultiFernet([Fernet(key.strip()) for key in keys.split(",")])

    def seal(self, team: str, token: str) -> str:
        """A workspace's token as it is stored."""
        return self._keys.encrypt(f"{team} {token}".encode()).decode()

    def unseal(self, team: str, sealed: str) -> str:
        """The token; raises NotInstalled where the key is lost, or it is another workspace's."""
        try:
            owner, _, token = self._keys.decrypt(sealed).decode().partition(" ")
        except InvalidToken:
            owner, token = "", ""
        if owner != team:
            log.error("token_unreadable", team=team)
            raise NotInstalled(team, "token_unreadable")
        return token

    def renew(self, sealed: str) -> str:
        """The same token, encrypted with the first key. Raises InvalidToken."""
        return self._keys.rotate(sealed).decode()


@dataclass(frozen=True)
class Bot:
    """The app in another workspace: its token, and who it is there."""

    team: str
    token: str
    user: str
    id: str


@dataclass(frozen=True)
class Installed:
    """Where the app is installed by OAuth. ``home``: the programme's own workspace, which is not among them."""

    home: str
    database: Database
    keyring: Keyring

    def bot(self, team: str) -> Bot:
        """The bot of a workspace. Asked each time, so that every replica forgets it at once. Raises NotInstalled."""
        with self.database.reading() as session:
            found = installing.installation(session, team)
        if found is None:
            raise NotInstalled(team)
        return Bot(team, self.keyring.unseal(team, found.token), found.bot_user, found.bot_id)

    def teams(self) -> list[str]:
        """The workspaces that have it."""
        with self.database.reading() as session:
            return [one.team for one in installing.installations(session)]

    def forget(self, team: str, at: datetime, now: datetime) -> bool:
        """A workspace took the app away at ``at``. False: it is not installed, or was installed again since."""
        with self.database.transaction() as session:
            gone = installing.uninstall(session, team, at, now)
        if gone:
            log.info("uninstalled", team=team)
        return gone


class Workspaces:
    """A client for each workspace.

    Args:
        home: the client of the programme's own workspace; of every one, where ``installed`` is None.
        installed: the others.
        make: a client for a workspace's id and token.
    """

    def __init__(
        self,
        home: WebClient,
        installed: Installed | None = None,
        make: Callable[[str, str], WebClient] | None = None,
    ) -> None:
        self.home = home
        self.installed = installed
        self._make = make

    def client(self, team: str) -> WebClient:
        """The client that speaks in this workspace. Raises NotInstalled; never speaks with another one's token."""
        if self.installed is None or self._make is None or team == self.installed.home:
            return self.home
        bot = self.installed.bot(team)
        return self._make(bot.team, bot.token)

    def every(self) -> Iterator[WebClient]:
        """The clients of all workspaces, the programme's own first."""
        yield self.home
        for team in self.installed.teams() if self.installed is not None else ():
            try:
                yield self.client(team)
            except NotInstalled as problem:
                log.warning("workspace_left_out", team=team, problem=problem.problem)
