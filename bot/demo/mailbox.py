"""The demo's mail: nothing is sent, each mail becomes a page in a folder, to be opened in a browser."""

from __future__ import annotations

import re
from email.message import EmailMessage
from pathlib import Path


class Mailbox:
    """A `bot.mail.smtp.Post` that keeps mail in ``folder``, newest last by name."""

    sender = "Example programme <claims@programme.example>"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage) -> None:
        """Keep the mail. Sent again, it takes its own place again."""
        self.folder.mkdir(parents=True, exist_ok=True)
        number = re.sub(r"\D+", " ", str(message["Message-ID"])).split()[0]
        [to] = message["To"].addresses
        name = re.sub(r"[^A-Za-z0-9@.-]+", "_", to.addr_spec)
        html = message.get_body(("html",))
        content = str(html.get_content()) if html is not None else ""
        (self.folder / f"{int(number):06d} to {name}.html").write_text(content, encoding="utf-8")
