"""Slack's own clients against the sandbox, as they are: sync and async, every transport, files of 10 MB both ways."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from random import Random
from typing import Any

import pytest
from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler as AiohttpHandler
from slack_bolt.adapter.socket_mode.websockets import AsyncSocketModeHandler as WebsocketsHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from sandbox import File, Sandbox
from sandbox.transport import Delivery
from tests.sandbox.bolt_app import actions, button, client_of, furnished, modal, text_input
from tests.sandbox.kit import field, typed_in
from tests.waiting import PATIENCE, wait_until

TEN_MB = 10_000_000


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = furnished()
    yield sandbox
    sandbox.stop()


def async_client(sandbox: Sandbox) -> AsyncWebClient:
    return AsyncWebClient(token=sandbox.app.bot_token, base_url=f"{sandbox.base_url}/api/")


def bytes_of(seed: int, size: int = TEN_MB) -> bytes:
    """Bytes that no encoding, line ending or compression would leave alone by luck."""
    return Random(seed).randbytes(size)


def fetch(file: File, token: str | None) -> tuple[str, bytes]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(  # noqa: S310
        urllib.request.Request(file.url_private_download, headers=headers),  # noqa: S310
        timeout=30,
    ) as response:
        return str(response.headers["content-type"]), response.read()


# -- the Web API ------------------------------------------------------------------------------------------------------


def test_the_async_client_posts_changes_reads_in_pages_and_is_refused_in_slacks_words(sandbox: Sandbox) -> None:
    async def talk() -> list[str]:
        client = async_client(sandbox)
        stamps = [(await client.chat_postMessage(channel="C0ONE", text=f"Zeile {one} ß"))["ts"] for one in range(3)]
        await client.chat_update(channel="C0ONE", ts=stamps[0], text="first", blocks=actions(button("Go", "go")))
        with pytest.raises(SlackApiError, match="channel_not_found"):
            await client.chat_postMessage(channel="C0NONE", text="x")
        with pytest.raises(SlackApiError, match="invalid_blocks"):
            await client.chat_postMessage(channel="C0ONE", text="x", blocks=actions(button("x" * 76, "go")))
        found = []
        async for page in await client.conversations_history(channel="C0ONE", limit=2):
            found += [one["text"] for one in page["messages"]]
        return found

    assert asyncio.run(talk()) == ["Zeile 2 ß", "Zeile 1 ß", "first"]


def test_the_async_webhook_client_answers_a_response_url(sandbox: Sandbox) -> None:
    url = sandbox.response_urls.issue("commands", "U0ANA", "C0ONE")

    async def respond() -> tuple[int, str]:
        answer = await AsyncWebhookClient(url).send(text="done", response_type="ephemeral")
        return answer.status_code, answer.body

    assert asyncio.run(respond()) == (200, "ok")
    assert [one.text for one in sandbox.person("U0ANA").ephemerals] == ["done"]


def test_a_response_url_takes_nothing_but_json(sandbox: Sandbox) -> None:
    url = sandbox.response_urls.issue("commands", "U0ANA", "C0ONE")
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(url, data=b"text=hello", timeout=5)  # noqa: S310
    assert (refusal.value.code, b"invalid_payload" in refusal.value.read()) == (400, True)
    assert sandbox.person("U0ANA").ephemerals == []


# -- files ------------------------------------------------------------------------------------------------------------


def test_ten_megabytes_of_the_bot_arrive_with_a_person_unchanged(sandbox: Sandbox) -> None:
    content = bytes_of(1)
    client_of(sandbox).files_upload_v2(content=content, filename="export.xlsx", channel="C0ONE", initial_comment="x")
    (file,) = sandbox.person("U0ANA").messages("C0ONE")[-1].files
    assert hashlib.sha256(sandbox.person("U0ANA").download(file)).digest() == hashlib.sha256(content).digest()


def test_ten_megabytes_of_the_async_client_arrive_unchanged_two_at_a_time(sandbox: Sandbox) -> None:
    contents = [bytes_of(2), bytes_of(3, 1_000)]
    uploads = [{"content": one, "filename": f"{n}.bin"} for n, one in enumerate(contents)]
    asyncio.run(_upload(sandbox, uploads))
    files = sandbox.person("U0BEN").messages("C0ONE")[-1].files
    assert [sandbox.person("U0BEN").download(one) == content for one, content in zip(files, contents, strict=True)] == [
        True,
        True,
    ]


async def _upload(sandbox: Sandbox, uploads: list[dict[str, Any]]) -> None:
    await async_client(sandbox).files_upload_v2(file_uploads=uploads, channel="C0ONE")


def shared_in_a_channel(sandbox: Sandbox, content: bytes) -> File:
    return sandbox.person("U0ANA").post("C0ONE", "see this", files=[("plan.pdf", content)]).files[0]


def handed_in_by_a_form(sandbox: Sandbox, content: bytes) -> File:
    trigger = sandbox.workspace.screens.issue_trigger("U0ANA")
    client_of(sandbox).views_open(trigger_id=trigger, view=modal(field(typed_in("file_input"))))
    form = sandbox.person("U0ANA").form
    assert form is not None
    form.fill({"Name": [("plan.pdf", content)]})
    return next(iter(sandbox.workspace.files.values()))


@pytest.mark.parametrize("hand_in", [shared_in_a_channel, handed_in_by_a_form])
def test_ten_megabytes_of_a_person_reach_the_bot_unchanged_and_nobody_without_its_token(
    sandbox: Sandbox, hand_in: Callable[[Sandbox, bytes], File]
) -> None:
    content = bytes_of(4)
    file = hand_in(sandbox, content)
    assert client_of(sandbox).files_info(file=file.id)["file"]["size"] == TEN_MB
    kind, got = fetch(file, sandbox.app.bot_token)
    assert (kind, hashlib.sha256(got).digest()) == ("application/pdf", hashlib.sha256(content).digest())
    for token in (None, "xoxb-another", sandbox.app.app_token):
        kind, got = fetch(file, token)
        assert (kind.split(";")[0], b"Sign in to Slack" in got, len(got) < 1_000) == ("text/html", True, True)


# -- Bolt, async, by every transport ----------------------------------------------------------------------------------


def greeter(sandbox: Sandbox) -> AsyncApp:
    app = AsyncApp(client=async_client(sandbox), signing_secret=sandbox.app.signing_secret)

    @app.command("/try")
    async def command(ack: Any, body: Any, client: Any, respond: Any) -> None:
        await ack()
        if body["text"] == "form":
            await client.views_open(trigger_id=body["trigger_id"], view=modal(text_input("Name", "name")))
        else:
            await respond(f"You said {body['text']}")

    @app.view("form")
    async def submitted(ack: Any, view: Any, client: Any) -> None:
        name = view["state"]["values"]["name"]["value"]["value"]
        if name == "no":
            await ack(response_action="errors", errors={"name": "That is no name."})
            return
        await ack()
        await client.chat_postMessage(channel="C0ONE", text=f"New: {name}", blocks=actions(button("Take it", "take")))

    @app.action("take")
    async def taken(ack: Any, body: Any, respond: Any) -> None:
        await ack()
        await respond(text=f"Taken by <@{body['user']['id']}>", replace_original=True)

    @app.event("app_mention")
    async def mentioned(event: Any, say: Any) -> None:
        await say(text="Hello", thread_ts=event["ts"])

    @app.event("message")
    async def heard() -> None:
        """What people say among themselves."""

    return app


@asynccontextmanager
async def over_http(sandbox: Sandbox, app: AsyncApp) -> AsyncIterator[None]:
    runner = web.AppRunner(app.web_app(path="/slack/events"))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    sandbox.connect_http(f"http://127.0.0.1:{port}/slack/events")
    try:
        yield
    finally:
        await runner.cleanup()


def over_a_socket(
    handler: type[AiohttpHandler] | type[WebsocketsHandler],
) -> Callable[[Sandbox, AsyncApp], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def connected(sandbox: Sandbox, app: AsyncApp) -> AsyncIterator[None]:
        connection = handler(app, sandbox.app.app_token)
        await connection.connect_async()
        try:
            yield
        finally:
            await connection.close_async()

    return connected


TRANSPORTS = {
    "HTTP by aiohttp": over_http,
    "Socket Mode by aiohttp": over_a_socket(AiohttpHandler),
    "Socket Mode by websockets": over_a_socket(WebsocketsHandler),
}


@contextmanager
def running(connect: Callable[[], AbstractAsyncContextManager[None]]) -> Iterator[None]:
    """An app on an event loop of its own, in a thread, as long as the block lasts."""
    up, down = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def live() -> None:
        async with connect():
            up.set()
            await down.wait()

    def run() -> None:
        # What still waits for an answer of Slack when the app goes down is cancelled, not left in the air.
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(live())

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert up.wait(PATIENCE), "the app did not connect"
        yield
    finally:
        loop.call_soon_threadsafe(down.set)
        thread.join(PATIENCE)


def _text_of(delivery: Delivery) -> str:
    """What was said in a channel, where that is what an app is told."""
    return str(delivery.payload.get("event", {}).get("text"))


@pytest.mark.parametrize("transport", list(TRANSPORTS))
def test_a_conversation_with_an_async_bolt_app(sandbox: Sandbox, transport: str) -> None:
    ana, app = sandbox.person("U0ANA"), greeter(sandbox)
    with running(lambda: TRANSPORTS[transport](sandbox, app)):
        if transport.startswith("Socket"):
            assert sandbox.sockets.connected.wait(PATIENCE)
        ana.command("/try it", channel="C0ONE")
        sandbox.wait_until(lambda: ana.ephemerals, what="the answer")
        assert [one.text for one in ana.ephemerals] == ["You said it"]
        ana.command("/try form", channel="C0ONE")
        form = sandbox.wait_until(lambda: ana.form, what="the form")
        form.fill({"Name": "no"})
        form.submit()
        assert form.errors == {"Name": "That is no name."}
        form.fill({"Name": "Ink & paper"})
        form.submit()
        sandbox.wait_until(lambda: sandbox.person("U0BEN").messages("C0ONE"), what="the message")
        (message,) = sandbox.person("U0BEN").messages("C0ONE")
        sandbox.person("U0BEN").press("Take it", message)
        sandbox.wait_until(lambda: not sandbox.person("U0BEN").messages("C0ONE")[0].buttons, what="the redrawn message")
        assert sandbox.person("U0BEN").messages("C0ONE")[0].text == "Taken by <@U0BEN>"
        question = ana.post("C0ONE", "@app are you there?")
        sandbox.wait_until(lambda: ana.thread(question), what="the answer in the thread")
        assert [one.text for one in ana.thread(question)] == ["Hello"]
        # Of this answer the app is told too, soon after everybody sees it; an app that is gone would be waited for.
        wait_until(lambda: [one for one in sandbox.deliveries if one.status and _text_of(one) == "Hello"])
        sandbox.settle()
    assert sandbox.refusals == []
