"""What claimbot logs, caught as it would be written."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from bot.logs import configure_logging


class Lines(io.StringIO):
    """The lines of a log."""

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]

    def one(self) -> dict[str, Any]:
        (line,) = self.all()
        return line


@contextmanager
def caught_lines() -> Iterator[Lines]:
    """Logging as in a running claimbot, at its most talkative; put back as it was afterwards."""
    root = logging.getLogger()
    handlers, level, hook = list(root.handlers), root.level, threading.excepthook
    logged = Lines()
    configure_logging("DEBUG", logged)
    try:
        yield logged
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        threading.excepthook = hook
        logging.captureWarnings(False)
        structlog.reset_defaults()
