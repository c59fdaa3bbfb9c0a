"""A WSGI app on a local port that stops completely: no thread and no socket is left."""

import threading
from contextlib import suppress
from typing import Any

from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import create_server
from waitress.task import WSGITask


class _Task(WSGITask):  # type: ignore[misc] # waitress has no types
    """Header names in lower case, as Slack sends them; waitress would capitalise `x-oauth-scopes`."""

    def build_response_header(self) -> bytes:
        status, *lines = bytes(super().build_response_header()).split(b"\r\n")
        pairs = (line.partition(b":") for line in lines)
        return b"\r\n".join([status, *(name.lower() + colon + value for name, colon, value in pairs)])


class _Channel(HTTPChannel):  # type: ignore[misc]
    task_class = _Task


class HttpServer:
    """Serves on 127.0.0.1; port 0 takes a free one. Usable as a context manager."""

    def __init__(self, wsgi_app: Any, host: str = "127.0.0.1", port: int = 0, threads: int = 32) -> None:
        self._map: dict[int, Any] = {}
        self._server = create_server(wsgi_app, map=self._map, host=host, port=port, threads=threads)
        self._server.channel_class = _Channel
        self.host, self.port = host, int(self._server.effective_port)
        self._thread = threading.Thread(target=self._run, name=f"http-{self.port}", daemon=True)

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def start(self) -> "HttpServer":
        self._thread.start()
        return self

    def stop(self) -> None:
        # The loop's own thread has to close the sockets: it is the one waiting on them.
        with suppress(OSError):
            # The loop may be awake already, and have closed everything before it was woken up.
            self._server.trigger.pull_trigger(self._close_all)
        self._thread.join(5)
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=5)

    def __enter__(self) -> "HttpServer":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        self._server.run()

    def _close_all(self) -> None:
        wasyncore.close_all(self._map, ignore_all=True)
