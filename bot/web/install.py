"""The way in for a partner's own workspace: Slack's OAuth, by Bolt's flow, with our memory behind it.

GET /slack/install leads to Slack, which asks whoever may install apps; Slack leads back to GET /slack/oauth_redirect.
A ``state`` ties both together: random, used once, good for ten minutes, and bound to the browser by a cookie, so that
nobody can end what another began. Any workspace may install: nobody in it sees anything until the directory names
them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any
from urllib.parse import urljoin

import structlog
from flask import Blueprint, Response, render_template, request
from markupsafe import Markup
from slack_bolt import BoltResponse
from slack_bolt.adapter.flask.handler import to_bolt_request, to_flask_response
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from slack_bolt.context.context import BoltContext
from slack_bolt.error import BoltError
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.oauth.installation_store import Installation, InstallationStore
from slack_sdk.oauth.state_store import OAuthStateStore
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import Settings, SettingsError
from bot.web.metrics import Metrics
from bot.web.policy import page_policy
from bot.workspaces import Bot, Installed, Keyring, NotInstalled
from jobs.trouble import trouble
from models.memory import Memory
from models.operations import installing

# How long somebody may take over Slack's page; also the life of Bolt's cookie.
STATE_LASTS = timedelta(minutes=10)

log = structlog.get_logger("claimbot.web")


class States(OAuthStateStore):
    """The installations that were begun and not yet ended, for all replicas."""

    def __init__(self, installed: Installed, clock: Callable[[], datetime], new_token: Callable[[], str]) -> None:
        self._installed = installed
        self._clock = clock
        self._new_token = new_token

    @property
    def logger(self) -> logging.Logger:
        """Nothing is logged here."""
        return logging.getLogger(__name__)

    def issue(self, *_: Any, **__: Any) -> str:
        """A new state."""
        state = self._new_token()
        with self._installed.database.transaction() as session:
            installing.begin(session, state, self._clock(), STATE_LASTS)
        return state

    def consume(self, state: str) -> bool:
        """Whether it was issued, is not too old, and was not used; used it is now."""
        with self._installed.database.transaction() as session:
            return installing.end(session, state, self._clock())


class Installations(InstallationStore):
    """Keeps what Slack gave us for a workspace; reading it is `Installed`'s."""

    def __init__(self, installed: Installed, clock: Callable[[], datetime]) -> None:
        self._installed = installed
        self._clock = clock

    def save(self, installation: Installation) -> None:
        """Keep it. The programme's own workspace is known by SLACK_BOT_TOKEN. Raises BoltError."""
        team, token = installation.team_id, installation.bot_token
        if team is None or token is None or installation.is_enterprise_install or installation.bot_refresh_token:
            # The manifest asks for none of it: a whole organisation, no bot, or tokens that expire.
            raise BoltError("installed otherwise than the manifest says")
        if team == self._installed.home:
            return
        try:
            with self._installed.database.transaction() as session:
                installing.install(
                    session,
                    self._clock(),
                    team=team,
                    name=installation.team_name or team,
                    bot_user=installation.bot_user_id or "",
                    bot_id=installation.bot_id or "",
                    token=self._installed.keyring.seal(team, token),
                    scopes=",".join(installation.bot_scopes or ()),
                    installed_by=installation.user_id or "",
                )
        except SQLAlchemyError as error:
            raise BoltError("not stored") from error
        log.info("installed", team=team)


class ByWorkspace(Authorize):
    """Who the bot is in the workspace that a request came through; nobody where it is not installed."""

    def __init__(self, home: Bot, installed: Installed) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._home = home
        self._installed = installed

    def __call__(
        self, *, context: BoltContext, enterprise_id: str | None, team_id: str | None, user_id: str | None, **_: Any
    ) -> AuthorizeResult | None:
        """Asked by Bolt for each request, before any listener."""
        try:
            bot = self._home if team_id == self._home.team else self._installed.bot(team_id or "")
        except NotInstalled:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=bot.team,
            bot_id=bot.id,
            bot_user_id=bot.user,
            bot_token=bot.token,
            user_id=user_id,
        )


@dataclass(frozen=True)
class Door:
    """Installing by OAuth: where the app is installed, and how it gets there."""

    installed: Installed
    flow: OAuthFlow


def open_door(
    settings: Settings,
    memory: Memory,
    home: WebClient,
    asking: WebClient,
    *,
    scopes: Sequence[str],
    new_token: Callable[[], str],
    metrics: Metrics,
) -> Door:
    """Bolt's OAuth flow for the app that the settings name. Asks Slack which workspace the programme's own is.

    Args:
        home: the client of the programme's own workspace.
        asking: a client without a token.
        scopes: what the bot may do, by the manifest.
        new_token: a random string that nobody can guess.

    Raises:
        SettingsError: nobody says which scopes to ask for.
        SlackApiError: Slack does not take the token of the programme's workspace.
        OSError: Slack is not reached.
    """
    if not scopes:
        missing = "SLACK_CLIENT_ID cannot be used: manifest.yaml, which names the scopes, is not there"
        raise SettingsError([("SLACK_CLIENT_ID", missing)])
    us = home.auth_test()
    keys = settings.token_key.get_secret_value() if settings.token_key else ""
    installed = Installed(us["team_id"], memory.database, Keyring(keys))
    authorize = ByWorkspace(Bot(installed.home, home.token or "", us["user_id"], us["bot_id"]), installed)
    flow = _flow(settings, installed, asking, scopes, memory.clock, new_token, metrics)
    flow.settings.authorize = authorize
    return Door(installed, flow)


def _flow(
    settings: Settings,
    installed: Installed,
    asking: WebClient,
    scopes: Sequence[str],
    clock: Callable[[], datetime],
    new_token: Callable[[], str],
    metrics: Metrics,
) -> OAuthFlow:
    secret = settings.slack_client_secret
    own = OAuthSettings(
        client_id=settings.slack_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        scopes=scopes,
        redirect_uri=f"{settings.public_url}/slack/oauth_redirect",
        install_page_rendering_enabled=False,  # Slack's own page says all there is to say
        callback_options=CallbackOptions(
            success=lambda done: _succeeded(installed, metrics, done, settings.command_name),
            failure=lambda failed: _failed(metrics, failed),
        ),
        authorization_url=urljoin(settings.slack_api_url, "../oauth/v2/authorize"),
        installation_store=Installations(installed, clock),
        state_store=States(installed, clock, new_token),
        state_expiration_seconds=int(STATE_LASTS.total_seconds()),
    )
    return OAuthFlow(settings=own, client=asking)


def build_install(flow: OAuthFlow) -> Blueprint:
    """Both pages, as a Flask blueprint."""
    pages = Blueprint("install", __name__, template_folder="templates")

    @pages.get("/slack/install", provide_automatic_options=False)
    def install() -> Response:
        return to_flask_response(flow.handle_installation(to_bolt_request(request)))

    @pages.get("/slack/oauth_redirect", provide_automatic_options=False)
    def oauth_redirect() -> Response:
        response = to_flask_response(flow.handle_callback(to_bolt_request(request)))
        response.headers["Content-Security-Policy"] = page_policy(_style())
        return response

    @pages.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        log.error("install_failed", **trouble(error))
        response = Response(_page("trouble"), 500, mimetype="text/html")
        response.headers["Content-Security-Policy"] = page_policy(_style())
        return response

    return pages


# What Bolt calls a failure, and our page for it; everything else is trouble.
_PAGES = {
    "access_denied": "denied",
    "invalid_browser": "anew",
    "invalid_state": "anew",
    "missing_code": "anew",
    "invalid_code": "anew",
}


def _succeeded(installed: Installed, metrics: Metrics, done: SuccessArgs, command: str) -> BoltResponse:
    team = done.installation.team_id or ""
    if team != installed.home:
        metrics.installation("installed")
    with installed.database.reading() as session:
        listed = installing.is_listed(session, team)
    name = done.installation.team_name or team
    page = "home" if team == installed.home else "done"
    return _answer(page, 200, done, team=team, workspace=name, listed=listed, command=command)


def _failed(metrics: Metrics, failed: FailureArgs) -> BoltResponse:
    log.warning("install_refused", code=failed.reason if failed.reason in _PAGES else "other")
    page = _PAGES.get(failed.reason, "trouble")
    metrics.installation({"denied": "denied", "anew": "expired"}.get(page, "failed"))
    return _answer(page, failed.suggested_status_code, failed)


def _answer(name: str, status: int, about: SuccessArgs | FailureArgs, **values: object) -> BoltResponse:
    headers: dict[str, str | Sequence[str]] = {
        "Content-Type": "text/html; charset=utf-8",
        "Set-Cookie": about.settings.state_utils.build_set_cookie_for_deletion(),
    }
    return BoltResponse(status=status, body=_page(name, **values), headers=headers)


def _page(name: str, **values: object) -> str:
    return render_template(f"install/{name}.html", style=Markup(_style()), **values)  # noqa: S704 - a file of ours


def _style() -> str:
    return (files("bot.web") / "templates" / "consent" / "consent.css").read_text(encoding="utf-8")
