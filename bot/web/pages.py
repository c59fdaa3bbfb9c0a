"""The Flask application: what each address answers. Answers to faults say what happened and nothing about us."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from hmac import compare_digest
from urllib.parse import parse_qsl
from uuid import uuid4

import structlog
from flask import Blueprint, Flask, Request, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST
from slack_bolt import App, BoltContext, BoltRequest
from slack_bolt.adapter.flask.handler import to_bolt_request, to_flask_response
from slack_bolt.request.internals import build_context
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, HTTPException, NotFound, Unauthorized

from bot.logs import bind_request
from bot.web.metrics import Metrics, timed_dispatch

# Bytes. Slack's largest payload is a view of 250 KB with its state (reference: views, view_too_large), form-encoded.
LARGEST_REQUEST = 1_000_000

Probe = Callable[[], str | None]
"""None while all is well; otherwise a short sentence, shown to whoever asks. May raise. Sees to its own time limit."""
Probes = Mapping[str, Probe]

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    # frame-ancestors does not follow default-src.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")

log = structlog.get_logger(__name__)


def build_web(
    app: App | None, *, probes: Probes, metrics: Metrics, pages: Sequence[Blueprint] = (), token: str | None = None
) -> Flask:
    """Build the web application.

    Args:
        app: gets Slack's deliveries; None with Socket Mode, where /slack/events does not exist.
        probes: what /readyz asks, by name.
        metrics: what /metrics shows.
        pages: what else there is: the customer's page, the installation in other workspaces.
        token: who has it may read /metrics, and what is wrong in /readyz; None: everybody may.
    """
    web = Flask("claimbot", static_folder=None)
    web.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST

    for page in pages:
        web.register_blueprint(page)

    # Flask would answer OPTIONS by itself: only POST exists here.
    @web.post("/slack/events", provide_automatic_options=False)
    def slack_events() -> Response:
        if app is None:
            raise NotFound
        if not _well_formed(request):
            raise Unauthorized
        with bind_request(uuid4().hex[:12]):
            return to_flask_response(timed_dispatch(app, _as_bolt_reads(request), metrics))

    def may_look() -> bool:
        given = request.headers.get("Authorization", "").encode()
        return token is None or compare_digest(given, f"Bearer {token}".encode())

    @web.get("/healthz")
    def healthz() -> Response:
        return Response("ok", mimetype="text/plain")

    @web.get("/readyz")
    def readyz() -> tuple[Response, int]:
        states = {name: _ask(name, probe) for name, probe in probes.items()}
        ready = all(state == "ok" for state in states.values())
        shown = {"ready": ready} | ({"probes": states} if may_look() else {})
        return jsonify(shown), 200 if ready else 503

    @web.get("/metrics")
    def metrics_page() -> Response:
        if not may_look():
            raise Unauthorized(www_authenticate=WWWAuthenticate("bearer"))
        return Response(metrics.render(), content_type=CONTENT_TYPE_LATEST)

    @web.errorhandler(HTTPException)
    def refuse(error: HTTPException) -> Response:
        response = Response(error.name, error.code, mimetype="text/plain")
        if isinstance(allowed := getattr(error, "valid_methods", None), list):
            response.headers["Allow"] = ", ".join(allowed)
        if scheme := getattr(error, "www_authenticate", None):
            response.headers["WWW-Authenticate"] = ", ".join(map(str, scheme))
        return response

    @web.errorhandler(Exception)
    def fail(error: Exception) -> Response:
        log.error("A request failed", exc_info=error)
        return Response("Internal Server Error", 500, mimetype="text/plain")

    @web.after_request
    def protect(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)  # a page may have a policy of its own
        return response

    return web


def _well_formed(incoming: Request) -> bool:
    """Whether Bolt can judge the signature: it answers 500 to a timestamp that is no number, or to odd letters."""
    timestamp = incoming.headers.get("X-Slack-Request-Timestamp", "")
    signature = incoming.headers.get("X-Slack-Signature", "")
    return bool(_TIMESTAMP.fullmatch(timestamp) and _SIGNATURE.fullmatch(signature))


def _as_bolt_reads(incoming: Request) -> BoltRequest:
    """The request for Bolt. Raises BadRequest for a body that cannot be read at all."""
    try:
        read = to_bolt_request(incoming)
        if not read.body and read.raw_body:
            # Bolt 1.30 takes a form for an interaction, and drops it, where the word "payload" stands anywhere in it:
            # in the text of a command, or in the name of the channel it was typed in.
            fields = dict(parse_qsl(read.raw_body, keep_blank_values=True))
            read.body, read.context = fields, build_context(BoltContext(), fields)
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError):
        raise BadRequest from None
    return read


def _ask(name: str, probe: Probe) -> str:
    try:
        fault = probe()
    except Exception as error:
        log.warning("A probe failed", probe=name, exc_info=error)
        fault = type(error).__name__
    return "ok" if fault is None else f"fault: {fault}"
