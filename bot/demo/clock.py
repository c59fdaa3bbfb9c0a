"""The demo's time: the real one and what people added to it. The bot and the local Slack share it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path


def real_time() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


class SettableClock:
    """Runs like the real one, ahead of it by what it was moved. It only goes forward.

    Args:
        kept: a file that remembers how far it was moved: what the database holds has then happened in the next run too.
    """

    def __init__(self, kept: Path | None = None, real: Callable[[], datetime] = real_time) -> None:
        self._real = real
        self._kept = kept
        self._lock = threading.Lock()
        self._ahead = timedelta(0)
        if kept is not None and kept.exists():
            self._ahead = timedelta(seconds=float(kept.read_text(encoding="utf-8")))

    def __call__(self) -> datetime:
        with self._lock:
            return self._real() + self._ahead

    def move(self, by: timedelta) -> None:
        """From now on it is later, by this much. Raises ValueError for less than nothing."""
        if by < timedelta(0):
            raise ValueError("time goes forward only")
        with self._lock:
            self._ahead += by
            if self._kept is not None:
                self._kept.parent.mkdir(parents=True, exist_ok=True)
                self._kept.write_text(str(self._ahead.total_seconds()), encoding="utf-8")
