"""Slack's Web API over HTTP: `/api/<method>`, file upload and download, response_urls.

The methods themselves are in `sandbox/methods/`, one module a family; here is what they have in common: tokens,
scopes, argument parsing, the call log, misbehaviour, and turning a refusal into Slack's answer.
"""

import hmac
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, request

from sandbox.blocks import Fault
from sandbox.courier import Announcer
from sandbox.errors import SlackError
from sandbox.exchanges import Call, Exchanges
from sandbox.faults import Faults, Planned
from sandbox.installed_app import InstalledApp
from sandbox.objects import Json, Refusal
from sandbox.response_urls import ResponseUrls
from sandbox.workspace import Workspace

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

SIGN_IN_PAGE = "<!DOCTYPE html><html><head><title>Sign in | Slack</title></head><body>Sign in to Slack</body></html>"


@dataclass
class Api:
    """What a method works on."""

    workspace: Workspace
    app: InstalledApp
    announcer: Announcer
    response_urls: ResponseUrls
    faults: Faults
    open_socket: Callable[[], str]
    exchanges: Exchanges
    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[Refusal] = field(default_factory=list)
    uploads: dict[str, Json] = field(default_factory=dict)
    granted: threading.local = field(default_factory=threading.local)

    @property
    def bot(self) -> str:
        return self.app.bot_user

    def refuse(self, where: str, error: str, messages: tuple[str, ...] = ()) -> None:
        """Records what Slack would not take, so that a test can ask that there was nothing."""
        self.refusals.append(Refusal(where, error, messages, self.workspace.clock()))

    def warn(self, where: str, warning: str) -> None:
        """Records what Slack takes and advises against."""
        self.warnings.append(Refusal(where, warning, (), self.workspace.clock()))


class Args:
    """A call's arguments, from JSON or from a form where structures come as JSON text."""

    def __init__(self, given: Json) -> None:
        self.given = given

    def text(self, name: str) -> str | None:
        value = self.given.get(name)
        return None if value is None or value == "" else str(value)

    def required(self, name: str, code: str = "invalid_arguments") -> str:
        value = self.text(name)
        if value is None:
            message = f"[ERROR] missing required field: {name}"
            raise SlackError(code, response_metadata={"messages": [message]})
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.given.get(name)
        return default if value is None else str(value).lower() in ("true", "1")

    def number(self, name: str, default: int, least: int, most: int, code: str = "invalid_limit") -> int:
        try:
            value = int(self.given.get(name) or default)
        except ValueError:
            raise SlackError(code) from None
        if not least <= value <= most:
            raise SlackError(code)
        return value

    def structure(self, name: str, code: str = "invalid_arguments") -> Any:
        """A list or object, decoded where it came as text."""
        value = self.given.get(name)
        if isinstance(value, str) and value:
            try:
                return json.loads(value)
            except ValueError:
                raise SlackError(code) from None
        return value or None


Method = Callable[[Api, Args], Json]
METHODS: dict[str, tuple[Method, tuple[str, ...]]] = {}


def method(name: str, *any_scope: str) -> Callable[[Method], Method]:
    """Registers a Web API method; it needs one of the scopes named."""

    def register(function: Method) -> Method:
        METHODS[name] = (function, any_scope)
        return function

    return register


def need_scope(api: Api, *any_of: str) -> None:
    """For scopes that depend on what is asked for, such as the kind of a channel."""
    if not api.app.has_scope(*any_of):
        raise SlackError(
            "missing_scope", needed=",".join(any_of), provided=",".join(sorted(api.app.scopes or frozenset()))
        )


# What a fault's wording means where Slack has a code of its own for it.
_CODES = {
    "only one table": "only_one_table_allowed",
    "characters of text in all blocks": "msg_blocks_too_long",
}


def refuse_faults(faults: list[Fault], code: str, prefix: str = "") -> None:
    """Raises what Slack says to a payload with these faults: a code, and each fault with its JSON pointer."""
    if not faults:
        return
    first = faults[0]
    if first.pointer in ("/text", "/markdown_text"):
        code = "msg_too_long"
    elif first.pointer == "" and "bytes" in first.problem:
        code = "view_too_large"
    for wording, own_code in _CODES.items():
        if all(wording in one.problem for one in faults):
            code = own_code
    raise SlackError(code, response_metadata={"messages": pointed(faults, prefix)})


def pointed(faults: list[Fault], prefix: str = "") -> list[str]:
    return [f"[ERROR] {one.problem} [json-pointer:{prefix}{one.pointer}]" for one in faults]


def create_web_app(api: Api) -> Flask:
    """The sandbox's WSGI app. Further blueprints (a page for people) can be registered on it."""
    web = Flask("sandbox", static_folder=None)
    routes = Blueprint("slack", "sandbox")

    @routes.route("/api/<name>", methods=["GET", "POST"])
    def call(name: str) -> Response:
        return answer_call(api, name)

    @routes.route("/upload/v1/<token>", methods=["POST"])
    def upload(token: str) -> Response:
        call = Call("upload", {"bytes": request.content_length}, api.workspace.clock())
        return _guarded(api, "upload", lambda: _record(call, _take_upload(api, token)), call)

    @routes.get("/files-pri/<key>/<name>")
    @routes.get("/files-pri/<key>/download/<name>")
    def download(key: str, name: str) -> Response:
        call = Call("download", {"file": key.rpartition("-")[2]}, api.workspace.clock())

        def run() -> Response:
            response = _serve_file(api, key)
            call.status, call.answer = response.status_code, f"{response.content_type}, {response.content_length} bytes"
            return response

        return _guarded(api, "download", run, call)

    @routes.post("/hooks/<kind>/<team>/<token>")
    def hook(kind: str, team: str, token: str) -> Response:
        from sandbox.methods.respond import respond

        given = request.get_json(silent=True)
        call = Call("response_url", given if isinstance(given, dict) else {}, api.workspace.clock())
        return _guarded(api, "response_url", lambda: _record(call, respond(api, token, given)), call)

    @web.before_request
    def known_host() -> None:
        # A page elsewhere whose name was made to lead to this machine (DNS rebinding) has another host here.
        if urlsplit(f"//{request.host}").hostname not in LOOPBACK:
            abort(403)

    web.register_blueprint(routes)
    return web


def answer_call(api: Api, name: str) -> Response:
    """One Web API call, from the request's bytes to Slack's answer, logged."""
    given = _arguments()
    call = Call(name, {key: value for key, value in given.items() if key != "token"}, api.workspace.clock())

    def run() -> Response:
        body: Json
        try:
            body = {"ok": True, **_run(api, name, given)}
        except SlackError as refusal:
            body = {"ok": False, "error": refusal.code, **refusal.extra}
            messages = tuple((refusal.extra.get("response_metadata") or {}).get("messages") or ())
            if refusal.code not in _NOT_THE_APPS_FAULT:
                api.refuse(name, refusal.code, messages)
        response = _json(body)
        scopes = api.app.scopes
        response.headers["Date"] = format_datetime(api.workspace.clock().astimezone(UTC), usegmt=True)
        response.headers["x-oauth-scopes"] = ",".join(sorted(scopes if scopes is not None else ALL_SCOPES))
        return _record(call, response)

    return _guarded(api, name, run, call)


# Answers an app has to expect from a workspace where people and time go on; the call log has them all the same.
_NOT_THE_APPS_FAULT = frozenset(
    {"hash_conflict", "not_found", "message_not_found", "channel_not_found", "is_archived", "user_not_found",
     "users_not_found", "not_in_channel", "file_not_found", "file_deleted", "thread_not_found", "already_reacted",
     "user_not_in_channel", "already_in_channel", "user_disabled"}
)  # fmt: skip
ALL_SCOPES = frozenset(
    {"app_mentions:read", "channels:history", "channels:join", "channels:read", "chat:write", "chat:write.public",
     "commands", "files:read", "files:write", "groups:history", "groups:read", "im:history", "im:read", "im:write",
     "reactions:write", "team:read", "users:read", "users:read.email"}
)  # fmt: skip


def _run(api: Api, name: str, given: Json) -> Json:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip() or str(given.get("token") or "")
    if not token:
        raise SlackError("not_authed")
    expected = api.app.app_token if name == "apps.connections.open" else api.app.bot_token
    if not hmac.compare_digest(token.encode(), expected.encode()):
        known = token in (api.app.app_token, api.app.bot_token)
        raise SlackError("not_allowed_token_type" if known else "invalid_auth")
    if name not in METHODS:
        raise SlackError("unknown_method", req_method=name)
    function, scopes = METHODS[name]
    need_scope(api, *scopes)
    return function(api, Args(given))


def _arguments() -> Json:
    given: Json = dict(request.args.items())
    if request.is_json:
        body = request.get_json(silent=True)
        given |= body if isinstance(body, dict) else {}
    else:
        given |= dict(request.form.items())
    return given


def _guarded(api: Api, name: str, run: Callable[[], Response], call: Call) -> Response:
    """Notes a request, and plays the planned misbehaviour around it."""
    api.exchanges.begin(call)
    started = time.monotonic()
    try:
        return _unless_planned(api, name, run, call)
    finally:
        call.seconds = time.monotonic() - started
        api.exchanges.end(call)


def _unless_planned(api: Api, name: str, run: Callable[[], Response], call: Call) -> Response:
    plan = api.faults.take(name, "rate_limit", "status", "time_out", "lose_answer", "refuse")
    if plan is None:
        return run()
    call.fault = plan.kind
    if plan.kind == "lose_answer":
        run()
        return _drop_connection()
    response = _misbehave(plan)
    call.status = response.status_code
    return response


def _misbehave(plan: Planned) -> Response:
    if plan.kind == "rate_limit":
        response = _json({"ok": False, "error": "ratelimited"}, 429)
        response.headers["Retry-After"] = str(plan.retry_after)
        return response
    if plan.kind == "refuse":
        return _json({"ok": False, "error": plan.error})
    if plan.kind == "status":
        return Response("<html><body>Something went wrong</body></html>", plan.status, mimetype="text/html")
    plan.released.wait(plan.hold)
    return _drop_connection()


def _drop_connection() -> Response:
    """Cuts the client's connection without a byte: what it sees is a remote end that closed without an answer."""
    probe = request.environ.get("waitress.client_disconnected")
    channel = getattr(probe, "__self__", None)
    if channel is not None:
        channel.socket.shutdown(socket.SHUT_RDWR)
    return Response(status=500)


def _record(call: Call, response: Response) -> Response:
    call.status = response.status_code
    call.answer = response.get_json(silent=True) or response.get_data(as_text=True)
    return response


def _json(body: Json, status: int = 200) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")


def _take_upload(api: Api, token: str) -> Response:
    """The second step of an upload: the bytes, raw or as the first file of a multipart form."""
    plan = api.uploads.get(token)
    if plan is None:
        return Response("invalid upload URL", 404, mimetype="text/plain")
    if request.mimetype == "multipart/form-data":
        posted = next(iter(request.files.values()), None)
        content = posted.read() if posted is not None else b""
    else:
        # Whatever the type says: clients send raw bytes under urllib's default, a form's.
        content = request.get_data(parse_form_data=False)
    if len(content) != plan["length"]:
        text = f"expected {plan['length']} bytes, got {len(content)}"
        api.refuse("upload", "size_mismatch", (text,))
        return Response(text, 400, mimetype="text/plain")
    plan["content"] = content
    return Response(f"OK - {len(content)}", 200, mimetype="text/plain")


def _serve_file(api: Api, key: str) -> Response:
    """A download: with the bot's token and access to the file; else Slack's sign-in page, with HTTP 200."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    file = api.workspace.files.get(key.rpartition("-")[2])
    may = hmac.compare_digest(token.encode(), api.app.bot_token.encode()) and api.app.has_scope("files:read")
    seen = file is not None and (file.shared_with_app or api.workspace.file_visible_to(file, api.bot))
    if file is None or file.deleted or not may or not seen:
        return Response(SIGN_IN_PAGE, 200, mimetype="text/html")
    content_type, content = file.served or (file.mimetype, file.content)
    return Response(content, 200, content_type=content_type)
