"""The demo's mail: a page for each, in a folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bot.demo.mailbox import Mailbox
from bot.mail.letters import Letter

NOW = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)


def test_a_mail_becomes_a_page_and_the_same_mail_again_the_same_page(tmp_path: Path):
    mailbox = Mailbox(tmp_path / "mail")
    letter = Letter("Cara", "o'hara/.x@northwind.example", "A claim", "Text", "<p>A <b>claim</b> of Zoë’s</p>")
    for row in (7, 7, 12):
        mailbox.send(letter.message(sender=mailbox.sender, identity=f"claimbot.{row}.1", now=NOW))
    pages = sorted(mailbox.folder.iterdir())
    assert [page.name for page in pages] == [
        "000007 to o_hara_.x@northwind.example.html",
        "000012 to o_hara_.x@northwind.example.html",
    ]
    assert pages[0].read_text(encoding="utf-8").strip() == "<p>A <b>claim</b> of Zoë’s</p>"
