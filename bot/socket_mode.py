"""Socket Mode: Slack heard through a connection that we open, with no address of ours to reach."""

from __future__ import annotations

from time import time
from uuid import uuid4

from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.socket_mode.internals import build_headers, send_response
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.logs import bind_request
from bot.web.metrics import Metrics, timed_dispatch

# Each waits while its request is answered (reference: Bolt in practice, pools); Bolt's own ten are few.
_WORKERS = 16


class SocketMode(SocketModeHandler):
    """Bolt's own handler, measured and logged like requests over HTTP."""

    def __init__(self, app: App, app_token: str, metrics: Metrics) -> None:
        super().__init__(app, app_token, concurrency=_WORKERS)
        self._metrics = metrics

    def handle(self, client: BaseSocketModeClient, req: SocketModeRequest) -> None:
        """Answer one envelope."""
        started = time()
        request = BoltRequest(mode="socket_mode", body=req.payload, headers=build_headers(req))
        with bind_request(uuid4().hex[:12]):
            response = timed_dispatch(self.app, request, self._metrics)
        send_response(client, req, response, started)

    @property
    def connected(self) -> bool:
        """Whether Slack is heard now."""
        return bool(self.client.is_connected())
