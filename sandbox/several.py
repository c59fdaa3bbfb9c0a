"""`SeveralWorkspaces`: workspaces behind one address, as Slack has them, and the way from one to the next by OAuth.

Whom a call is for, its token says; the addresses of files, uploads and response_urls name their workspace. The first
workspace has the app from the beginning. The others know nothing of it until somebody there allows it on the page
`/oauth/v2/authorize`, the browser is led back to the app with a code, and the app exchanges the code (docs.slack.dev,
authentication/installing-with-oauth).
"""

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask, Response, redirect, request
from markupsafe import escape
from werkzeug.wrappers import Response as AnyResponse

from sandbox.errors import SandboxError
from sandbox.http_server import HttpServer
from sandbox.objects import Json
from sandbox.server import Sandbox

# docs: oauth.v2.access, "code"
CODE_LASTS = timedelta(minutes=10)


@dataclass(frozen=True)
class Grant:
    """What somebody allowed, until the app fetches it."""

    workspace: Sandbox
    user: str
    scopes: str
    redirect_uri: str
    at: datetime


class SeveralWorkspaces:
    """Slack with several workspaces and one app, which the first of them has. `with` starts and stops all of it.

    The app's client id and secret are `client_id` and `client_secret`, and `redirect_url` the only address to which
    Slack leads people back (the manifest's `redirect_urls`).
    """

    client_id = "111111111111.222222222222"
    client_secret = "sandbox-client-secret"  # noqa: S105 - opens nothing but this sandbox

    def __init__(self, home: Sandbox, *others: Sandbox) -> None:
        self.home = home
        self.workspaces = {one.workspace.team.id: one for one in (home, *others)}
        self.redirect_url = ""
        self._tokens = {home.app.bot_token: home}
        self._revoked: set[str] = set()
        self._grants: dict[str, Grant] = {}
        self._pages = self._web()
        self._http = HttpServer(self)
        for one in self.workspaces.values():
            one.move_to(self.base_url)
        for other in others:
            other.app.bot_token = ""  # not before it is installed

    @property
    def base_url(self) -> str:
        """For `WebClient(base_url=f"{base_url}/api/")`."""
        return self._http.url

    def __enter__(self) -> "SeveralWorkspaces":
        for one in self.workspaces.values():
            one.start()
        self._http.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.stop()
        for one in reversed(self.workspaces.values()):
            one.stop()

    def allow(self, url: str, user: str, *, workspace: str) -> str:
        """Somebody is on Slack's page `url`, in a workspace of theirs, and presses Allow; where the browser goes then.

        A SandboxError says what the page shows instead.
        """
        given = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        problem = self._fault(given)
        if problem:
            raise SandboxError(f"Slack's page says: {problem}")
        sandbox = self.workspaces[workspace]
        sandbox.workspace.user(user)
        code = f"{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        now = sandbox.workspace.clock()
        self._grants[code] = Grant(sandbox, user, given["scope"], given["redirect_uri"], now)
        return f"{given['redirect_uri']}?{urlencode({'code': code, 'state': given.get('state', '')})}"

    def cancel(self, url: str) -> str:
        """The same, but they press Cancel."""
        given = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        return f"{given['redirect_uri']}?{urlencode({'error': 'access_denied', 'state': given.get('state', '')})}"

    def uninstall(self, workspace: str, *, heard: bool = True) -> None:
        """An administrator of a workspace removes the app: its token is dead at once, and the app hears of it.

        With `heard=False` the events are lost.
        """
        sandbox = self.workspaces[workspace]
        self._tokens.pop(sandbox.app.bot_token)
        self._revoked.add(sandbox.app.bot_token)
        events: dict[str, Json] = {
            "tokens_revoked": {"tokens": {"oauth": [], "bot": [sandbox.app.bot_user]}},
            "app_uninstalled": {},
        }
        for name, more in events.items():
            if heard and sandbox.app.wants_event(name):
                payload = sandbox.payloads.event({"type": name, **more}) | {"authorizations": []}
                sandbox.courier.deliver("event", name, payload)
        sandbox.app.bot_token = ""
        sandbox.courier.transport = None

    # -- Slack's side ------------------------------------------------------------------------------------------------

    def __call__(self, environ: Json, start_response: Any) -> Iterable[bytes]:
        """WSGI: to whichever workspace a request is for."""
        path = str(environ["PATH_INFO"])
        if path == "/api/oauth.v2.access" or path.startswith("/oauth/"):
            return self._pages(environ, start_response)
        token = str(environ.get("HTTP_AUTHORIZATION", "")).removeprefix("Bearer ").strip()
        if token in self._revoked:
            refusal = Response(json.dumps({"ok": False, "error": "account_inactive"}), mimetype="application/json")
            return refusal(environ, start_response)
        return self._of(path, token).web(environ, start_response)

    def _of(self, path: str, token: str) -> Sandbox:
        kind, *rest = path.strip("/").split("/")
        named = {"hooks": rest[1:2], "files-pri": [rest[0].partition("-")[0]] if rest else []}.get(kind, [])
        if named:
            return self.workspaces.get(named[0], self.home)
        if kind == "upload":
            return next((one for one in self.workspaces.values() if rest[-1] in one.api.uploads), self.home)
        return self._tokens.get(token, self.home)  # which refuses what is not its own

    def _web(self) -> Flask:
        web = Flask("slack", static_folder=None)

        @web.route("/oauth/v2/authorize", methods=["GET", "POST"])
        def authorize() -> AnyResponse:
            given = request.args.to_dict()
            if problem := self._fault(given):
                return Response(f"<!doctype html><title>Slack</title><p>{escape(problem)}</p>", 400)
            if request.method == "GET":
                return Response(self._consent_page())
            if request.form.get("answer") != "allow":
                return redirect(self.cancel(request.url))
            return redirect(self.allow(request.url, request.form["user"], workspace=request.form["workspace"]))

        @web.route("/api/oauth.v2.access", methods=["POST"])
        def access() -> Response:
            return Response(json.dumps(self._exchange()), mimetype="application/json")

        return web

    def _consent_page(self) -> str:
        """Who one is and where, the page asks: here nobody signs in."""
        choices = "".join(f"<option>{escape(team)}</option>" for team in self.workspaces if team != self.home_id)
        return (
            "<!doctype html><title>Slack</title><h1>The app wants to be installed</h1><form method=post>"
            f"<label>Workspace <select name=workspace>{choices}</select></label> <label>Member id <input name=user>"
            "</label> <button name=answer value=allow>Allow</button>"
            " <button name=answer value=no>Cancel</button></form>"
        )

    @property
    def home_id(self) -> str:
        return self.home.workspace.team.id

    def _fault(self, given: dict[str, str]) -> str | None:
        """What is wrong with the address of the page, as Slack puts it."""
        if given.get("client_id") != self.client_id:
            return "invalid_client_id"
        if given.get("redirect_uri") != self.redirect_url:
            return "redirect_uri did not match any configured URIs"
        asked = {one for one in given.get("scope", "").split(",") if one}
        known = self.home.app.scopes
        if not asked or (known is not None and not asked <= known):
            return "invalid_scope"
        return None

    def _exchange(self) -> Json:
        given = request.form.to_dict()
        client, secret = _basic() or (given.get("client_id", ""), given.get("client_secret", ""))
        if client != self.client_id:
            return {"ok": False, "error": "invalid_client_id"}
        if not hmac.compare_digest(secret.encode(), self.client_secret.encode()):
            return {"ok": False, "error": "bad_client_secret"}
        grant = self._grants.pop(given.get("code", ""), None)
        if grant is None or grant.workspace.workspace.clock() - grant.at > CODE_LASTS:
            return {"ok": False, "error": "invalid_code"}
        if given.get("redirect_uri") != grant.redirect_uri:
            return {"ok": False, "error": "bad_redirect_uri"}
        return self._installed(grant)

    def _installed(self, grant: Grant) -> Json:
        sandbox = grant.workspace
        app, team = sandbox.app, sandbox.workspace.team
        if not app.bot_token:
            # Whoever installs again without having removed the app gets the same token.
            app.bot_token = f"xoxb-{secrets.token_hex(24)}"
            self._tokens[app.bot_token] = sandbox
            sandbox.courier.transport = self.home.courier.transport
        app.scopes = frozenset(grant.scopes.split(","))
        return {
            "ok": True,
            "access_token": app.bot_token,
            "token_type": "bot",
            "scope": grant.scopes,
            "bot_user_id": app.bot_user,
            "app_id": app.id,
            "team": {"id": team.id, "name": team.name},
            "enterprise": None,
            "is_enterprise_install": False,
            "authed_user": {"id": grant.user},
        }


def _basic() -> tuple[str, str] | None:
    """The credentials of the Authorization header, as the SDK sends them."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client, _, secret = base64.b64decode(value).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return client, secret
