"""Serves a WSGI application with waitress in threads of its own, and stops without leaving one behind."""

from __future__ import annotations

import socket
from collections.abc import Callable
from select import select
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

from waitress import wasyncore
from waitress.server import create_server
from waitress.task import ThreadedTaskDispatcher

from bot.web.pages import LARGEST_REQUEST

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# One of them computes at a time, the others wait for PostgreSQL meanwhile. Where many answers are under way each costs
# more, and a queue that has formed stays: measured, docs/architecture.md.
THREADS = 4
CONNECTIONS = 500
SILENCE = 30  # seconds after which a connection on which nothing comes is closed
LARGEST_HEADERS = 32_768  # bytes
DRAIN = 5.0  # seconds that requests under way are given when the server stops
GRACE = 1.0  # seconds; how long somebody who has just connected is given then to begin a request
TURN = 0.5  # seconds; how long one turn of the loop waits at most when nothing happens


class Server:
    """A running server; `serve_web` makes one. `url` holds the real port."""

    def __init__(self, application: WSGIApplication, listening: socket.socket, trusted_proxy: str | None) -> None:
        host, port = listening.getsockname()[:2]
        self.port: int = port
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        self._workers = _Workers()
        self._workers.set_thread_count(THREADS)
        self._waitress = create_server(
            application,
            sockets=[listening],
            _dispatcher=self._workers,
            ident=None,  # no Server header
            clear_untrusted_proxy_headers=True,
            **({"trusted_proxy": trusted_proxy, "trusted_proxy_headers": {"x-forwarded-for"}} if trusted_proxy else {}),
            # Who sends a request byte by byte holds a connection and no thread, and not for long.
            connection_limit=CONNECTIONS,
            channel_timeout=SILENCE,
            max_request_header_size=LARGEST_HEADERS,
            # The application refuses from half of this on, with headers of its own; here only the absurd is cut off.
            max_request_body_size=2 * LARGEST_REQUEST,
        )
        self._stopping = Event()
        self._loop = Thread(target=self._run, name="web", daemon=True)
        self._loop.start()

    def stop(self) -> None:
        """Take no more connections, let requests under way end (5 s at most), end every thread. May be called twice."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._waitress.pull_trigger()
        self._loop.join()
        self._workers.shutdown(timeout=DRAIN)
        self._workers.join(TURN)
        # Last, and not in the loop's thread: until here the trigger may be pulled, by this thread or by a worker.
        wasyncore.close_all(self._waitress._map, ignore_all=True)

    def _run(self) -> None:
        # waitress' own run() cannot be ended from outside while a client keeps a connection open.
        self._turn_while(lambda: not self._stopping.is_set())
        self._accept_the_rest()
        wasyncore.dispatcher.close(self._waitress)
        begun = monotonic()
        # What has come over connections that are kept open is read at once; then it is under way.
        wasyncore.loop(timeout=0, map=self._waitress._map, count=1)
        self._turn_while(lambda: self._busy(monotonic() - begun))

    def _accept_the_rest(self) -> None:
        """Take in who has connected already: with the port closed, the system would cut off whoever waits there."""
        for _ in range(CONNECTIONS):
            if not select([self._waitress.socket], (), (), 0)[0]:
                break
            self._waitress.handle_accept()

    def _turn_while(self, condition: Callable[[], bool]) -> None:
        while condition():
            wasyncore.loop(timeout=TURN, map=self._waitress._map, count=1)

    def _busy(self, stopping: float) -> bool:
        """Whether requests are under way, or may come from who never sent any, so many seconds after the stop began."""
        channels = list(self._waitress.active_channels.values())
        if stopping < GRACE and any(one.last_activity == one.creation_time for one in channels):
            return True
        return stopping < DRAIN and any(one.request or one.requests or one.total_outbufs_len for one in channels)


class _Workers(ThreadedTaskDispatcher):  # type: ignore[misc]
    """waitress' threads, remembered so that they can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._started: list[Thread] = []

    def start_new_thread(self, target: Callable[[int], None], thread_no: int) -> None:
        thread = Thread(target=target, name=f"web-{thread_no}", args=(thread_no,), daemon=True)
        self._started.append(thread)
        thread.start()

    def join(self, timeout: float) -> None:
        end = monotonic() + timeout
        for thread in self._started:
            thread.join(max(0.0, end - monotonic()))


def serve_web(application: WSGIApplication, host: str, port: int, *, trusted_proxy: str | None = None) -> Server:
    """Serve `application` in the background until `Server.stop`.

    Port 0 takes any free one. Of who comes through `trusted_proxy` (its IP address), it says from where.
    Raises OSError when the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return Server(application, socket.create_server((host, port), family=family, backlog=1024), trusted_proxy)
