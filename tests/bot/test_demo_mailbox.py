"""The demo's mail: kept in a folder, unread until somebody opens it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.demo.mailbox import Mailbox
from bot.mail.letters import Letter
from tests.post_office import html_of

NOW = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)


def sent(mailbox: Mailbox, row: int, now: datetime = NOW) -> None:
    letter = Letter("Cara", "o'hara/.x@northwind.example", "A claim", "Text", "<p>A <b>claim</b> of Zoë’s</p>")
    mailbox.send(letter.message(sender=mailbox.sender, identity=f"claimbot.{row}.1", now=now))


def test_mail_is_kept_as_it_was_sent_newest_first_over_a_restart_too(tmp_path: Path):
    mailbox = Mailbox(tmp_path / "mail")
    sent(mailbox, 12, NOW - timedelta(hours=1))
    sent(mailbox, 7)
    kept = Mailbox(tmp_path / "mail").all()
    assert [(one.number, one.read) for one in kept] == [(7, False), (12, False)]
    assert html_of(kept[0].mail).strip() == "<p>A <b>claim</b> of Zoë’s</p>"
    assert kept[0].mail["To"].addresses[0].addr_spec == "o'hara/.x@northwind.example"


def test_the_same_mail_again_is_the_same_mail_and_stays_read(tmp_path: Path):
    changes: list[None] = []
    mailbox = Mailbox(tmp_path / "mail", lambda: changes.append(None))
    sent(mailbox, 7)
    sent(mailbox, 7)
    assert (mailbox.unread, len(changes)) == (1, 2)
    assert mailbox.open(7) is not None
    assert (mailbox.unread, len(changes)) == (0, 3)
    sent(mailbox, 7)
    assert [(one.number, one.read) for one in mailbox.all()] == [(7, True)]


def test_a_mail_that_nobody_sent_is_not_there(tmp_path: Path):
    assert Mailbox(tmp_path / "mail").open(7) is None
