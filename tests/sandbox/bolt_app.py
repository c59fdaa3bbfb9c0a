"""A tiny real Bolt app, served over HTTP or connected through Socket Mode, for the sandbox to be tried with."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, Response, request
from slack_bolt import App
from slack_bolt.adapter.flask import SlackRequestHandler
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.socket_mode import leave
from sandbox import HttpServer, Sandbox
from tests.waiting import PATIENCE


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> None:
        self.now += timedelta(**by)


def furnished(clock: Clock | None = None, ack_limit: float = PATIENCE) -> Sandbox:
    """A started sandbox with Ana and Ben in C0ONE, and Ana alone with the bot in the private G0TWO."""
    sandbox = Sandbox(clock=clock or Clock(), ack_limit=ack_limit).start()
    sandbox.add_user("U0ANA", "Ana Admin", email="ana@example.com")
    sandbox.add_user("U0BEN", "Ben", email="ben@example.com")
    sandbox.add_channel("C0ONE", "one", members=["U0ANA", "U0BEN"])
    sandbox.add_channel("G0TWO", "two", members=["U0ANA"], private=True)
    sandbox.add_command("/try")
    return sandbox


def client_of(sandbox: Sandbox, token: str | None = None) -> WebClient:
    return WebClient(token=token or sandbox.app.bot_token, base_url=f"{sandbox.base_url}/api/", retry_handlers=[])


def bolt_app(sandbox: Sandbox) -> App:
    client = client_of(sandbox)
    return App(client=client, signing_secret=sandbox.app.signing_secret, token=sandbox.app.bot_token)


@contextmanager
def over_http(sandbox: Sandbox, app: App) -> Iterator[None]:
    web, handler = Flask("app under test"), SlackRequestHandler(app)

    @web.post("/slack/events")
    def events() -> Response:
        return handler.handle(request)

    with HttpServer(web) as server:
        sandbox.connect_http(f"{server.url}/slack/events")
        yield
        app.listener_runner.listener_executor.shutdown(wait=True)


@contextmanager
def over_a_socket(sandbox: Sandbox, app: App) -> Iterator[None]:
    handler = SocketModeHandler(app, sandbox.app.app_token)
    handler.connect()
    assert sandbox.sockets.connected.wait(PATIENCE)
    try:
        yield
    finally:
        leave(handler.client)
        app.listener_runner.listener_executor.shutdown(wait=True)


def text_input(label: str, block_id: str, **more: Any) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "value", **more}
    return {
        "type": "input",
        "block_id": block_id,
        "label": {"type": "plain_text", "text": label},
        "element": element,
    }


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": {"type": "plain_text", "text": "A form"},
        "submit": {"type": "plain_text", "text": "Save"},
        "blocks": list(blocks),
        **more,
    }


def button(label: str, action_id: str, **more: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": label}, **more}


def actions(*elements: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"type": "actions", "block_id": "acts", "elements": list(elements)}]


class Scripted:
    """A transport that answers for an app: by delivery name, with a body or a function of the delivery."""

    def __init__(self, **answers: object) -> None:
        self.answers = answers

    def send(self, delivery, limit: float) -> None:
        answer = self.answers.get(delivery.name.lstrip("/"), "")
        delivery.status, delivery.answer = 200, answer(delivery) if callable(answer) else answer
