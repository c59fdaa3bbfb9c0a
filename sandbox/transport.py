"""Bringing commands, interactions and events to the app: signed HTTP requests, or Socket Mode envelopes."""

import hashlib
import hmac
import http.client
import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from sandbox.objects import Json

ACK_LIMIT = 3.0
# A larger frame from the client makes Slack close the socket with code 1009 (slax issue 614).
SOCKET_FRAME_LIMIT = 20_480


@dataclass
class Delivery:
    """One payload on its way to the app, and what became of it.

    `kind` is `command`, `interactive` or `event`; `name` the command, the interaction's type, or the event's type.
    `status` is the HTTP status (200 for a Socket Mode ack), None where no answer came; `problem` says why. Around
    the payload are HTTP's `headers` or the rest of Socket Mode's `envelope`; `transport` names which of the two it was.
    """

    kind: str
    name: str
    payload: Json
    at: datetime
    attempt: int = 0
    status: int | None = None
    answer: Any = None
    problem: str | None = None
    seconds: float = 0.0
    raw: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    envelope: Json = field(default_factory=dict)
    transport: str = ""
    number: int = 0
    done: bool = False

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class Transport(Protocol):
    def send(self, delivery: Delivery, limit: float) -> None:
        """Sends, waits for the answer no longer than the limit, and fills in the delivery's outcome."""


class HttpTransport:
    """POSTs to the app's one request URL, signed with the signing secret (docs: verifying-requests-from-slack).

    The signature's timestamp is the wall clock's: the app compares it with its own, whatever the sandbox's clock says.
    """

    def __init__(self, url: str, signing_secret: str, wall_clock: Callable[[], float] = time.time) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise ValueError(f"The app's URL must be a plain http:// one on this machine, not {url!r}.")
        self._host, self._port = parts.hostname, parts.port or 80
        self._path = parts.path or "/"
        self._secret = signing_secret.encode()
        self._wall_clock = wall_clock

    def prepare(self, delivery: Delivery) -> None:
        if delivery.kind == "event":
            delivery.raw = json.dumps(delivery.payload).encode()
            content_type = "application/json"
        else:
            fields = delivery.payload if delivery.kind == "command" else {"payload": json.dumps(delivery.payload)}
            delivery.raw = urlencode(fields).encode()
            content_type = "application/x-www-form-urlencoded"
        timestamp = str(int(self._wall_clock()))
        base = b"v0:" + timestamp.encode() + b":" + delivery.raw
        delivery.headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": "v0=" + hmac.new(self._secret, base, hashlib.sha256).hexdigest(),
        }

    def send(self, delivery: Delivery, limit: float) -> None:
        delivery.transport = "HTTP"
        if not delivery.raw:
            self.prepare(delivery)
        headers = dict(delivery.headers)
        if delivery.kind == "event" and delivery.attempt:
            headers |= {"X-Slack-Retry-Num": str(delivery.attempt), "X-Slack-Retry-Reason": "http_timeout"}
        started = time.monotonic()
        connection = http.client.HTTPConnection(self._host, self._port, timeout=limit)
        try:
            connection.request("POST", self._path, delivery.raw, headers)
            response = connection.getresponse()
            body = response.read()
        except TimeoutError:
            delivery.problem = "operation_timeout"
            return
        except (OSError, http.client.HTTPException) as error:
            delivery.problem = f"connection_failed: {error}"
            return
        finally:
            connection.close()
            delivery.seconds = time.monotonic() - started
        delivery.status = response.status
        delivery.answer = body.decode("utf-8", "replace")
        if response.getheader("Content-Type", "").startswith("application/json") and body:
            try:
                delivery.answer = json.loads(body)
            except ValueError:
                delivery.problem = "the answer says it is JSON and is not"
        if delivery.seconds > limit:
            delivery.status, delivery.problem = None, "operation_timeout"


@dataclass
class _Waiting:
    answered: threading.Event = field(default_factory=threading.Event)
    payload: Any = None
    closed: str | None = None


class SocketTransport:
    """Slack's side of Socket Mode: hands each envelope to one of the app's sockets and waits for its ack."""

    def __init__(self, app_id: str, host: str = "127.0.0.1") -> None:
        self._app_id = app_id
        self._lock = threading.Lock()
        self._tickets: set[str] = set()
        self._connections: list[ServerConnection] = []
        self._waiting: dict[str, tuple[_Waiting, ServerConnection]] = {}
        self.connected = threading.Event()
        self.close_codes: list[int] = []
        self._server: Server = serve(
            self._hold, host, 0, max_size=SOCKET_FRAME_LIMIT, compression=None, close_timeout=1.0
        )
        self._thread = threading.Thread(target=self._server.serve_forever, name="sandbox-sockets", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._server.socket.getsockname()[1])

    def issue_url(self) -> str:
        """What `apps.connections.open` answers; the ticket in it is good for one connection."""
        ticket = secrets.token_hex(16)
        with self._lock:
            self._tickets.add(ticket)
        return f"ws://127.0.0.1:{self.port}/link/?ticket={ticket}&app_id={self._app_id}"

    def send(self, delivery: Delivery, limit: float) -> None:
        envelope_id = secrets.token_hex(16)
        envelope: Json = {"envelope_id": envelope_id, "payload": delivery.payload}
        envelope["type"] = {"command": "slash_commands", "interactive": "interactive", "event": "events_api"}[
            delivery.kind
        ]
        envelope["accepts_response_payload"] = delivery.kind != "event"
        if delivery.kind == "event":
            envelope |= {"retry_attempt": delivery.attempt, "retry_reason": "timeout" if delivery.attempt else ""}
        delivery.transport = "Socket Mode"
        delivery.envelope = {key: value for key, value in envelope.items() if key != "payload"}
        waiting = _Waiting()
        with self._lock:
            if not self._connections:
                delivery.problem = "connection_failed: the app has no open socket"
                return
            # Slack picks any socket for each payload: with several, each in turn.
            connection = self._connections.pop(0)
            self._connections.append(connection)
            self._waiting[envelope_id] = (waiting, connection)
        started = time.monotonic()
        try:
            connection.send(json.dumps(envelope))
            answered = waiting.answered.wait(limit)
        except ConnectionClosed as error:
            delivery.problem = f"connection_failed: {error}"
            return
        finally:
            delivery.seconds = time.monotonic() - started
            with self._lock:
                self._waiting.pop(envelope_id, None)
        if waiting.closed:
            delivery.problem = waiting.closed
        elif not answered:
            delivery.problem = "operation_timeout"
        else:
            delivery.status, delivery.answer = 200, waiting.payload

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Tells every socket to go and come back, then closes it, as Slack does every few hours."""
        with self._lock:
            connections = list(self._connections)
            # Nothing more goes to a socket that was told to go.
            self._connections.clear()
            self.connected.clear()
        for connection in connections:
            connection.send(json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}}))
            connection.close()

    def stop(self) -> None:
        self._server.shutdown()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            connection.close()
        self._thread.join(5)

    def _hold(self, connection: ServerConnection) -> None:
        """One socket, for as long as it lives."""
        path = connection.request.path if connection.request else ""
        ticket = path.partition("ticket=")[2].partition("&")[0]
        with self._lock:
            if ticket not in self._tickets:
                connection.close(1008, "invalid ticket")
                return
            self._tickets.discard(ticket)
            self._connections.append(connection)
            number = len(self._connections)
        hello = {"type": "hello", "num_connections": number, "connection_info": {"app_id": self._app_id}}
        try:
            connection.send(
                json.dumps(hello | {"debug_info": {"host": "sandbox", "approximate_connection_time": 3600}})
            )
            self.connected.set()
            for frame in connection:
                self._take(frame)
        except ConnectionClosed:
            pass
        finally:
            self._drop(connection)

    def _take(self, frame: str | bytes) -> None:
        try:
            answer = json.loads(frame)
        except ValueError:
            return
        if not isinstance(answer, dict):
            return
        with self._lock:
            waiting, _ = self._waiting.get(str(answer.get("envelope_id")), (None, None))
        if waiting is not None:
            waiting.payload = answer.get("payload") or ""
            waiting.answered.set()

    def _drop(self, connection: ServerConnection) -> None:
        sent = connection.protocol.close_sent
        code = sent.code if sent is not None else 1005
        with self._lock:
            self.close_codes.append(code)
            if connection in self._connections:
                self._connections.remove(connection)
            if not self._connections:
                self.connected.clear()
            for waiting, owner in self._waiting.values():
                if owner is connection and not waiting.answered.is_set():
                    too_big = f"the ack is over {SOCKET_FRAME_LIMIT:,} bytes; the socket was closed with 1009"
                    waiting.closed = too_big if code == 1009 else "connection_failed: the socket was closed"
                    waiting.answered.set()
