"""A worker that is to be killed: it makes an export in a process of its own, and hangs before it goes to Slack."""

from __future__ import annotations

from multiprocessing.connection import Connection
from pathlib import Path
from threading import Event

from jobs.exports import Exports
from models.database import Database
from models.memory import Memory
from rules.loading import load_programme
from tests.cast import START


def build_and_hang(url: str, folder: str, pipe: Connection) -> None:
    """Make the export that waits in the database at ``url``; says where its file is, and then nothing more."""

    def hang(team: str, path: Path, name: str) -> str:
        pipe.send(str(path))
        Event().wait()
        return name

    memory = Memory(Database(url, Path(folder)), load_programme(), lambda: START)
    Exports(memory, hang, Path(folder) / "exports", worker="to be killed").run()
