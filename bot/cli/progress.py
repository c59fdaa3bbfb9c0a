"""How far long work has come, on stderr; nothing of it remains when the work is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import TaskProgressColumn as Percentage

Moved = Callable[[str, int, int], None]


@contextmanager
def progress_bar() -> Iterator[Moved]:
    """Gives a function that is told what is done, how far, and how far it goes (0: nobody knows)."""
    columns = (TextColumn("{task.description}"), BarColumn(), Percentage(), TimeElapsedColumn(), TimeRemainingColumn())
    tasks: dict[str, TaskID] = {}
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda what, done, total: None  # even a disabled bar leaves an empty line in a file or a pipe
        return
    with Progress(*columns, console=console, transient=True) as bar:

        def moved(what: str, done: int, total: int) -> None:
            if what not in tasks:
                for task in tasks.values():
                    bar.stop_task(task)
                tasks[what] = bar.add_task(what, total=total or None)
            bar.update(tasks[what], completed=done)

        yield moved
