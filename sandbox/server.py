"""`Sandbox`: a whole Slack on this machine, for tests, for the demo, and for trying an app by hand."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sandbox.methods  # noqa: F401 - registers the Web API's methods
from sandbox.courier import Announcer, Courier
from sandbox.driver import Person
from sandbox.errors import SandboxError
from sandbox.exchanges import Call, Exchanges
from sandbox.faults import Faults
from sandbox.http_server import HttpServer
from sandbox.installed_app import InstalledApp, Shortcut, SlashCommand, missing_scopes
from sandbox.objects import Channel, Json, Refusal, Team, User
from sandbox.page import Page
from sandbox.payloads import Payloads
from sandbox.response_urls import ResponseUrls
from sandbox.screens import Owner
from sandbox.transport import ACK_LIMIT, Delivery, HttpTransport, SocketTransport
from sandbox.web_api import Api, create_web_app
from sandbox.workspace import Workspace


def real_time() -> datetime:
    return datetime.now(UTC)


class Sandbox:
    """A workspace with one app installed, served over HTTP and, once the app asks, Socket Mode.

    `clock` gives the workspace its time as an aware datetime; `ack_limit` is the real time in seconds the app has for
    an acknowledgement (Slack's 3; up to 60 where a machine for tests is busy). `start()` and `stop()`, or `with`.
    """

    def __init__(
        self,
        clock: Callable[[], datetime] = real_time,
        bot_token: str = "xoxb-sandbox",  # noqa: S107 - opens nothing but this sandbox
        app_token: str = "xapp-sandbox",  # noqa: S107
        signing_secret: str = "sandbox-signing-secret",  # noqa: S107
        *,
        team: Team | None = None,
        port: int = 0,
        ack_limit: float = ACK_LIMIT,
        bot_user: str = "U0BOT",
    ) -> None:
        if not 0 < ack_limit <= 60:
            raise ValueError("ack_limit is a number of seconds, more than 0 and at most 60.")
        self.app = InstalledApp(bot_token, app_token, signing_secret, bot_user=bot_user)
        self.workspace = Workspace(clock, team or Team("T0SANDBOX", "Sandbox", "sandbox"))
        self.exchanges = Exchanges()
        self.faults = Faults(self._faults_changed)
        self.courier = Courier(clock, self.faults, self.exchanges, ack_limit)
        self.response_urls = ResponseUrls(clock, self.workspace.team.id)
        self.payloads = Payloads(self.workspace, self.app, self.response_urls)
        self.announcer = Announcer(self.workspace, self.app, self.payloads, self.courier)
        self.api = Api(
            self.workspace,
            self.app,
            self.announcer,
            self.response_urls,
            self.faults,
            self._open_socket,
            self.exchanges,
        )
        self.web = create_web_app(self.api)
        self.page = Page(self)
        self.web.register_blueprint(self.page.blueprint)
        self._sockets: SocketTransport | None = None
        self._http = HttpServer(self.web, port=port)
        self._started = False
        self.move_to(self._http.url)
        self.workspace.screens.owner = Owner(self.app.id, self.app.bot_id, self.workspace.team.id)
        self._add_bot()

    # -- life ----------------------------------------------------------------------------------------------------------

    def start(self) -> "Sandbox":
        self._http.start()
        self._started = True
        return self

    def stop(self) -> None:
        """Leaves no thread and no socket."""
        self.faults.clear()
        self.page.stop()
        self.courier.stop()
        if self._sockets is not None:
            self._sockets.stop()
        if self._started:
            self._http.stop()

    def __enter__(self) -> "Sandbox":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def move_to(self, url: str) -> None:
        """Its files and response_urls have this address from now on: that of a Slack with several workspaces."""
        self.workspace.url_base = self.response_urls.base_url = url

    @property
    def base_url(self) -> str:
        """For `WebClient(base_url=f"{sandbox.base_url}/api/")`."""
        return self._http.url

    # -- furnishing ----------------------------------------------------------------------------------------------------

    def install(self, manifest: Json) -> None:
        """Installs the app again, by its manifest: commands, shortcuts, scopes, events, the bot's name.

        A SandboxError says which scopes its own commands and events would need.
        """
        missing = missing_scopes(manifest)
        if missing:
            raise SandboxError(f"Slack does not take this manifest: {'; '.join(missing)}.")
        self.app.read_manifest(manifest)
        self._add_bot()

    @property
    def commands(self) -> dict[str, SlashCommand]:
        return self.app.commands

    @property
    def shortcuts(self) -> list[Shortcut]:
        return self.app.shortcuts

    def add_command(self, name: str, should_escape: bool = False) -> None:
        self.app.commands[name] = SlashCommand(name, should_escape=should_escape)

    def add_shortcut(self, name: str, callback_id: str, type: str = "global") -> None:
        self.app.shortcuts.append(Shortcut(name, callback_id, type))

    def add_user(
        self,
        id: str,
        name: str,
        email: str | None = None,
        tz: str = "America/Los_Angeles",
        is_restricted: bool = False,
        team: str | None = None,
        deleted: bool = False,
        title: str = "",
    ) -> Person:
        """A person; `team` is the id of another workspace for someone who comes through Slack Connect, `title` what
        they say of themselves in their profile."""
        home = team or self.workspace.team.id
        user = self.workspace.add_user(User(id, name, home, email, tz, title, is_restricted, deleted))
        return Person(self, user)

    def add_channel(
        self, id: str, name: str, members: list[str] | None = None, private: bool = False, with_bot: bool = True
    ) -> Channel:
        joined = [self.workspace.user(one).id for one in members or []]
        if with_bot:
            joined.append(self.app.bot_user)
        return self.workspace.add_channel(Channel(id, name, "group" if private else "channel", joined))

    def invite(self, user_id: str, channel_id: str, by: str | None = None) -> None:
        """Adds someone, or the bot, to a channel; the app hears `member_joined_channel`."""
        if self.workspace.join(channel_id, user_id):
            self.announcer.joined(user_id, channel_id, by, by_person=True)

    def person(self, user_id: str) -> Person:
        if user_id not in self.workspace.users:
            raise SandboxError(f"There is nobody with the id {user_id!r}.")
        return Person(self, self.workspace.users[user_id])

    # -- the app's side ------------------------------------------------------------------------------------------------

    def connect_http(self, url: str) -> None:
        """From now on everything goes to this URL (the app's `/slack/events`), signed."""
        self.courier.transport = HttpTransport(url, self.app.signing_secret)

    @property
    def sockets(self) -> SocketTransport:
        """Slack's side of Socket Mode. It begins when the app first calls `apps.connections.open`."""
        if self._sockets is None:
            raise SandboxError("The app has not asked for a socket yet.")
        return self._sockets

    @property
    def deliveries(self) -> list[Delivery]:
        """What was sent to the app, oldest first, with what became of it; the newest that `exchanges` keeps."""
        return self.exchanges.deliveries

    @property
    def calls(self) -> list[Call]:
        """The Web API calls that are kept, oldest first, with their arguments (without the token) and answers."""
        return self.exchanges.calls

    @property
    def refusals(self) -> list[Refusal]:
        """What the app sent that Slack would never take. A healthy app leaves this empty."""
        return self.api.refusals

    @property
    def warnings(self) -> list[Refusal]:
        """What the app sent that Slack takes and advises against: `missing_text`, a message of blocks alone."""
        return self.api.warnings

    def repeat_last_delivery(self, times: int = 1) -> list[Delivery]:
        """Sends the last delivery a person caused again, the very same: ids, trigger, signature."""
        return self.courier.repeat_last(times)

    def settle(self, timeout: float = 30.0) -> bool:
        """Waits until the events that the app's own calls caused are delivered."""
        return self.courier.settle(timeout)

    def wait_until(self, predicate: Callable[[], Any], timeout: float = 30.0, what: str = "it") -> Any:
        """Waits for something an app does after it has acknowledged, looking again at each change of the workspace."""
        found = self.workspace.wait_until(predicate, timeout)
        if not found:
            raise SandboxError(f"Waited {timeout:g} s for {what}, and it did not happen.")
        return found

    def with_mentions(self, escaped: str) -> str:
        """`@name` and `#channel` in typed text as `<@U…>` and `<#C…|name>`; the longest name that fits wins."""
        people = {}
        for user in self.workspace.users.values():
            for name in (user.name, user.handle):
                people[name.lower()] = f"<@{user.id}>"
        channels = {}
        for channel in self.workspace.channels.values():
            if channel.name:
                shown = channel.name if channel.kind == "channel" else ""
                channels[channel.name.lower()] = f"<#{channel.id}|{shown}>"
        return _with_references("#", channels, _with_references("@", people, escaped))

    def _open_socket(self) -> str:
        if self._sockets is None:
            self._sockets = SocketTransport(self.app.id)
            self.courier.transport = self._sockets
        return self._sockets.issue_url()

    def _faults_changed(self) -> None:
        # Whoever looks at the page is told while Slack misbehaves on purpose.
        self.exchanges.touch()
        self.workspace.notify("faults")

    def _add_bot(self) -> None:
        bot = User(self.app.bot_user, self.app.bot_name, self.workspace.team.id)
        bot.bot_id, bot.app_id = self.app.bot_id, self.app.id
        self.workspace.add_user(bot)


def _with_references(sign: str, known: dict[str, str], text: str) -> str:
    if not known:
        return text
    names = "|".join(re.escape(one) for one in sorted(known, key=len, reverse=True))

    def reference(found: re.Match[str]) -> str:
        return known[found[1].lower()]

    return re.sub(rf"(?<![\w<]){sign}({names})(?!\w)", reference, text, flags=re.I)
