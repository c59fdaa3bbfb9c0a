"""Socket Mode: Slack heard through a connection that we open, with no address of ours to reach."""

from __future__ import annotations

from contextlib import suppress
from socket import SHUT_WR, socket
from time import time
from uuid import uuid4

from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import build_headers, send_response
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.logs import bind_request
from bot.web.metrics import Metrics, timed_dispatch
from bot.web.server import THREADS

# Seconds that the other side has to end the connection too.
_FAREWELL = 1


class SocketMode(SocketModeHandler):
    """Bolt's own handler, measured and logged like requests over HTTP."""

    def __init__(self, app: App, app_token: str, metrics: Metrics) -> None:
        super().__init__(app, app_token, concurrency=THREADS)
        self._metrics = metrics

    def handle(self, client: BaseSocketModeClient, req: SocketModeRequest) -> None:
        """Answer one envelope."""
        started = time()
        request = BoltRequest(mode="socket_mode", body=req.payload, headers=build_headers(req))
        with bind_request(uuid4().hex[:12]):
            response = timed_dispatch(self.app, request, self._metrics)
        send_response(client, req, response, started)

    def close(self) -> None:
        """Hear nothing more, answer what was heard, then close."""
        leave(self.client)

    @property
    def connected(self) -> bool:
        """Whether Slack is heard now."""
        return bool(self.client.is_connected())


def leave(client: SocketModeClient) -> None:
    """Close the SDK's client: nothing more is heard, and what was heard is answered first.

    Its own `close` waits up to three seconds for something to come, and leaves unanswered what is under way.
    """
    client.auto_reconnect_enabled = False
    client.current_session_state.terminated = True
    if client.current_session:
        with suppress(OSError):
            client.current_session.ping("leaving")  # the answer wakes whoever waits for something to come
    client.current_session_runner.shutdown()  # type: ignore[no-untyped-call]
    client.closed = True
    client.message_queue.put(None)  # wakes whoever waits for a message there
    client.message_processor.shutdown()  # type: ignore[no-untyped-call]
    while not client.message_queue.empty():
        client.process_message()  # type: ignore[no-untyped-call]
    client.message_workers.shutdown()
    client.current_app_monitor.shutdown()  # type: ignore[no-untyped-call] # it would ping what is hung up
    if client.current_session and client.current_session.sock:
        _hang_up(client.current_session.sock)
    client.close()


def _hang_up(connection: socket) -> None:
    """Say that nothing more comes, and read on until the other side says so too.

    To close with something unread would reset the connection, and an answer just given could be lost with it.
    """
    with suppress(OSError):
        connection.settimeout(_FAREWELL)
        connection.shutdown(SHUT_WR)
        while connection.recv(4096):
            pass
