"""Waiting for what other threads and processes bring about: until it is so, and never for a fixed while."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event
from time import monotonic
from typing import TypeVar

Value = TypeVar("Value")
# How long a test waits for what is to happen at once, on a machine that is busy.
PATIENCE = 30.0
_TURN = 0.02


def wait_until(look: Callable[[], Value], timeout: float = PATIENCE, what: str = "it") -> Value:
    """The first value of ``look`` that is true; a failure of the test if there is none in time (seconds)."""
    deadline = monotonic() + timeout
    pause = Event()
    while not (found := look()):
        assert monotonic() < deadline, f"waited {timeout:g} s for {what}, and it did not happen"
        pause.wait(_TURN)
    return found
