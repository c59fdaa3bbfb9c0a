"""Every limit holds by every way in: each method of the Web API as JSON and as a form, response_urls, acknowledgements.

The limits are those of `limits.py`; here each is sent at its edge and just beyond it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, Response
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from sandbox import HttpServer, Sandbox, SandboxError
from tests.sandbox.bolt_app import client_of, furnished
from tests.sandbox.kit import Json, actions, button, field, home, message, modal, surface_of, typed_in
from tests.sandbox.limits import AT_LEAST, AT_MOST
from tests.waiting import PATIENCE

ANA, CHANNEL = "U0ANA", "C0ONE"
FRAME = 20_300  # what a frame of Socket Mode carries besides its envelope; a larger one is another test's


class Puppet:
    """An app that acknowledges everything with the answer it was given last."""

    answer: Any = ""

    @contextmanager
    def over_http(self, sandbox: Sandbox) -> Iterator[None]:
        web = Flask("puppet")

        @web.post("/")
        def events() -> Response:
            return Response(json.dumps(self.answer) if self.answer else "", mimetype="application/json")

        with HttpServer(web) as server:
            sandbox.connect_http(server.url)
            yield

    @contextmanager
    def over_a_socket(self, sandbox: Sandbox) -> Iterator[None]:
        url = client_of(sandbox).apps_connections_open(app_token=sandbox.app.app_token)["url"]
        with connect(url, compression=None, max_size=None) as socket:
            socket.recv(timeout=PATIENCE)

            def run() -> None:
                try:
                    for frame in socket:
                        envelope = {"envelope_id": json.loads(frame)["envelope_id"]}
                        socket.send(json.dumps(envelope | ({"payload": self.answer} if self.answer else {})))
                except ConnectionClosed:
                    pass

            thread = threading.Thread(target=run)
            thread.start()
            yield
        thread.join(PATIENCE)


class Stage:
    """A sandbox, and a way into it for each thing that an app can send: each answers whether it was taken."""

    def __init__(self, sandbox: Sandbox, puppet: Puppet) -> None:
        self.sandbox, self.puppet = sandbox, puppet
        self.client = client_of(sandbox)
        self.posted = self.client.chat_postMessage(channel=CHANNEL, text="x")["ts"]

    def call(self, method: str, arguments: Json, encoding: str) -> bool:
        form = {key: value if isinstance(value, str) else json.dumps(value) for key, value in arguments.items()}
        try:
            if encoding == "JSON":
                self.client.api_call(method, json=arguments)
            else:
                self.client.api_call(method, data=form)
        except SlackApiError:
            return False
        return True

    def opened(self) -> str:
        """A form on Ana's screen, with a Save button and nothing to fill in; its id."""
        trigger = self.sandbox.workspace.screens.issue_trigger(ANA)
        return self.sandbox.workspace.screens.open(trigger, modal(submit={"type": "plain_text", "text": "Save"})).id

    def trigger(self) -> str:
        return self.sandbox.workspace.screens.issue_trigger(ANA)

    def hook(self, message_ts: str | None = None) -> WebhookClient:
        return WebhookClient(self.sandbox.response_urls.issue("actions", ANA, CHANNEL, message_ts))

    def acknowledged(self, answer: Any, act: Callable[[], Any]) -> bool:
        self.puppet.answer = answer
        try:
            act()
        except SandboxError:
            return False
        finally:
            self.puppet.answer = ""
        return True

    def submitted(self, answer: Json) -> bool:
        self.opened()
        form = self.sandbox.person(ANA).form
        assert form is not None
        return self.acknowledged(answer, form.submit)

    def searched(self, answer: Json) -> bool:
        self.opened()
        select = {"type": "external_select", "action_id": "pick", "min_query_length": 0}
        self.client.views_open(trigger_id=self.trigger(), view=modal(field(select)))
        form = self.sandbox.person(ANA).form
        assert form is not None
        return self.acknowledged(answer, lambda: form.options("Name"))


Way = Callable[[Stage, Json], bool]


def method(name: str, encoding: str, add: Callable[[Stage], Json], key: str = "") -> Way:
    return lambda stage, payload: stage.call(name, {**add(stage), **({key: payload} if key else payload)}, encoding)


def responded(stage: Stage, payload: Json) -> bool:
    return stage.hook().send_dict(payload).status_code == 200


def replaced(stage: Stage, payload: Json) -> bool:
    return stage.hook(stage.posted).send_dict({**payload, "replace_original": True}).status_code == 200


def commanded(stage: Stage, payload: Json) -> bool:
    return stage.acknowledged(payload, lambda: stage.sandbox.person(ANA).command("/try", CHANNEL))


WAYS: dict[str, dict[str, Way]] = {"message": {}, "modal": {}, "home": {}, "options": {}}
for how in ("JSON", "form"):
    WAYS["message"] |= {
        f"chat.postMessage, {how}": method("chat.postMessage", how, lambda _: {"channel": CHANNEL}),
        f"chat.update, {how}": method("chat.update", how, lambda stage: {"channel": CHANNEL, "ts": stage.posted}),
        f"chat.postEphemeral, {how}": method("chat.postEphemeral", how, lambda _: {"channel": CHANNEL, "user": ANA}),
    }
    WAYS["modal"] |= {
        f"views.open, {how}": method("views.open", how, lambda stage: {"trigger_id": stage.trigger()}, "view"),
        f"views.push, {how}": method(
            "views.push", how, lambda stage: {"trigger_id": stage.opened() and stage.trigger()}, "view"
        ),
        f"views.update, {how}": method("views.update", how, lambda stage: {"view_id": stage.opened()}, "view"),
    }
    WAYS["home"][f"views.publish, {how}"] = method("views.publish", how, lambda _: {"user_id": ANA}, "view")
WAYS["message"] |= {"response_url": responded, "response_url, replacing": replaced}
for transport in ("over_http", "over_a_socket"):
    WAYS["message"][f"ack of a command, {transport}"] = commanded
    for act in ("update", "push"):
        WAYS["modal"][f"ack with {act}, {transport}"] = lambda stage, payload, act=act: stage.submitted(  # type: ignore[misc]
            {"response_action": act, "view": payload}
        )
    WAYS["options"][f"ack of a search, {transport}"] = Stage.searched

CASES = [(surface, name) for surface, ways in WAYS.items() for name in ways]


@pytest.mark.parametrize(("surface", "name"), CASES, ids=[f"{surface} by {name}" for surface, name in CASES])
def test_each_limit_holds_by_this_way_at_its_edge_and_one_beyond(surface: str, name: str) -> None:
    way, puppet, sandbox = WAYS[surface][name], Puppet(), furnished()
    by_socket = name.endswith("over_a_socket")
    wrong, tried = [], 0
    try:
        with (puppet.over_a_socket if by_socket else puppet.over_http)(sandbox):
            stage = Stage(sandbox, puppet)
            for table, beyond in ((AT_MOST, 1), (AT_LEAST, -1)):
                for limit, payload, edge, pointer in table:
                    if surface_of(payload(edge)) != surface or (pointer == "/text" and edge == 1):
                        continue  # an empty text has an error of its own: no_text
                    if by_socket and len(json.dumps(payload(edge + beyond))) > FRAME:
                        continue
                    tried += 1
                    sandbox.refusals.clear()
                    if not way(stage, payload(edge)):
                        wrong.append(f"{limit} of {edge} is refused: {sandbox.refusals}")
                    sandbox.refusals.clear()
                    taken = way(stage, payload(edge + beyond))
                    said = [text for one in sandbox.refusals for text in one.messages]
                    place = f"{'/view' if surface in ('modal', 'home') else ''}{pointer}]"
                    if taken or not any(text.endswith(f"[json-pointer:{place}") for text in said):
                        wrong.append(f"{limit} of {edge + beyond}: taken {taken}, said {said}")
    finally:
        sandbox.stop()
    assert wrong == []
    assert tried >= {"message": 55, "modal": 20, "home": 3, "options": 3}[surface]


@pytest.mark.parametrize(("surface", "name"), CASES, ids=[f"{surface} by {name}" for surface, name in CASES])
def test_what_has_no_business_on_a_surface_is_refused_by_this_way(surface: str, name: str) -> None:
    alert, files = {"type": "alert", "text": {"type": "plain_text", "text": "x"}}, field(typed_in("file_input"))
    misplaced: dict[str, list[Json]] = {
        "message": [message(alert), message(files), message(actions(button(), {"type": "slider"})), {"text": ""}],
        "modal": [modal({"type": "markdown", "text": "x"}), {**modal(field()), "submit": None}, home(modal())],
        "home": [home({"type": "markdown", "text": "x"}), home(files), home(alert), home(actions(button()), title="x")],
        "options": [{"options": [], "option_groups": []}, {"options": [{"text": "x", "value": "y"}]}],
    }
    puppet, sandbox = Puppet(), furnished()
    try:
        with (puppet.over_a_socket if name.endswith("over_a_socket") else puppet.over_http)(sandbox):
            stage = Stage(sandbox, puppet)
            taken = [one for one in misplaced[surface] if WAYS[surface][name](stage, one) and one != {"text": ""}]
    finally:
        sandbox.stop()
    assert taken == []
    assert len(sandbox.refusals) >= len(misplaced[surface]) - 1
