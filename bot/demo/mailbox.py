"""The demo's mail: nothing is sent, everything is kept in a folder, where any mail program can open it."""

from __future__ import annotations

import re
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import NamedTuple


class Kept(NamedTuple):
    """A mail, under the number of its outbox row; ``read`` once somebody has opened it."""

    number: int
    mail: EmailMessage
    read: bool


class Mailbox:
    """A `bot.mail.smtp.Post` that keeps mail in ``folder``, below it in ``unread`` and ``read``.

    ``changed`` is called whenever a mail has come or was opened for the first time.
    """

    sender = "Example programme <claims@programme.example>"

    def __init__(self, folder: Path, changed: Callable[[], None] = lambda: None) -> None:
        self.folder = folder
        self._unread, self._read = folder / "unread", folder / "read"
        self._changed = changed
        for place in (self._unread, self._read):
            place.mkdir(parents=True, exist_ok=True)

    def send(self, message: EmailMessage) -> None:
        """Keep the mail. Sent again, it takes its own place again."""
        number = int(re.sub(r"\D+", " ", str(message["Message-ID"])).split()[0])
        place = self._read if self._file(self._read, number).exists() else self._unread
        self._file(place, number).write_bytes(message.as_bytes())
        self._changed()

    @property
    def unread(self) -> int:
        """How many mails nobody has opened yet."""
        return sum(1 for _ in self._unread.glob("*.eml"))

    def all(self) -> list[Kept]:
        """Every mail, the newest first."""
        kept = [
            Kept(int(file.stem), _parsed(file), place is self._read)
            for place in (self._unread, self._read)
            for file in place.glob("*.eml")
        ]
        return sorted(kept, key=lambda one: (one.mail["Date"].datetime, one.number), reverse=True)

    def open(self, number: int) -> EmailMessage | None:
        """The mail with this number, from now on read; None where there is none."""
        unread, read = self._file(self._unread, number), self._file(self._read, number)
        if unread.exists():
            unread.replace(read)
            self._changed()
        return _parsed(read) if read.exists() else None

    @staticmethod
    def _file(place: Path, number: int) -> Path:
        return place / f"{number:06d}.eml"


def _parsed(file: Path) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(file.read_bytes())
