"""`claimbot serve`: the bot, until it is told to stop."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event
from time import monotonic
from types import FrameType

import typer

from bot.cli.plainly import expected_errors

STOP = (signal.SIGTERM, signal.SIGINT)
# Seconds in which another signal says nothing new.
AGAIN = 1.0


def register(main: typer.Typer) -> None:
    """Add the command to `main`."""
    main.command()(serve)


def serve() -> None:
    """Run the bot until SIGTERM or Ctrl-C: over HTTP, or through Socket Mode when SLACK_APP_TOKEN is set."""
    from bot.logs import configure_logging, log_uncaught
    from bot.settings import load_settings

    with expected_errors():
        settings = load_settings()
        configure_logging(settings.log_level)
        log_uncaught()
        from bot.wiring import build

        with told_to_stop() as told:
            claimbot = build(settings)
            try:
                claimbot.start()
                # What was read until now stays: a search for garbage among it stops everybody for a fifth of a second.
                gc.collect()
                gc.freeze()
                told.wait()
            finally:
                claimbot.stop()


@contextmanager
def told_to_stop(now: Callable[[], float] = monotonic) -> Iterator[Event]:
    """An event that is set by the first signal to stop; a later one ends the process as if nobody listened.

    What comes right behind the first is the same wish: a supervisor may signal a process and its group.
    """
    told = Event()
    before = {number: signal.getsignal(number) for number in STOP}
    first: list[float] = []

    def give_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def tell(number: int, _frame: FrameType | None) -> None:
        if not told.is_set():
            first.append(now())
            told.set()
        elif now() - first[0] > AGAIN:
            give_back()
            signal.raise_signal(number)

    for number in STOP:
        signal.signal(number, tell)
    try:
        yield told
    finally:
        give_back()
