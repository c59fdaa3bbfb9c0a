"""The mailbox beside Slack: what the app sends by mail, shown and kept from doing anything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

import pytest
from flask.testing import FlaskClient

from sandbox import Sandbox

NOW = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
HOSTILE = "<html><head><title>x</title></head><body><script>alert(1)</script><a href='http://e.example/'>Go</a></body>"


class Mails:
    """Mail in memory: what `Page.add_mailbox` asks for."""

    def __init__(self) -> None:
        self.kept: dict[int, EmailMessage] = {}
        self.seen: set[int] = set()

    @property
    def unread(self) -> int:
        return len(self.kept.keys() - self.seen)

    def all(self) -> list[tuple[int, EmailMessage, bool]]:
        return [(number, mail, number in self.seen) for number, mail in sorted(self.kept.items(), reverse=True)]

    def open(self, number: int) -> EmailMessage | None:
        self.seen |= {number} & self.kept.keys()
        return self.kept.get(number)


@pytest.fixture
def mails() -> Mails:
    mail = EmailMessage()
    mail["From"], mail["To"] = "Programme <claims@programme.example>", "Cara <cara@northwind.example>"
    mail["Subject"], mail["Date"] = "A <b>bold</b> claim", format_datetime(NOW)
    mail.set_content("Hello Cara,\n\nhttp://e.example/consent\n")
    mail.add_alternative(HOSTILE, subtype="html")
    mail.add_attachment(b"<script>", maintype="text", subtype="html", filename="proof.html")
    mails = Mails()
    mails.kept[3] = mail
    return mails


@pytest.fixture
def client(mails: Mails) -> Iterator[FlaskClient]:
    with Sandbox(lambda: NOW) as sandbox:
        sandbox.add_user("U0ANA", "Ana Admin", tz="Europe/Berlin")
        sandbox.add_channel("C0ONE", "one", ["U0ANA"])
        sandbox.page.add_mailbox(mails)
        yield sandbox.web.test_client()


def test_without_a_mailbox_there_is_no_way_to_one():
    with Sandbox(lambda: NOW) as sandbox:
        sandbox.add_user("U0ANA", "Ana Admin")
        client = sandbox.web.test_client()
        assert "/mail" not in client.get("/as/U0ANA/inspector").text
        assert client.get("/as/U0ANA/mail").status_code == 404
        assert client.get("/as/U0ANA/mail/3/html").status_code == 404


def test_the_way_to_the_mailbox_counts_what_nobody_has_opened(client: FlaskClient):
    assert 'aria-label="Mailbox, 1 unread"' in client.get("/as/U0ANA/c/C0ONE").text
    assert client.get("/as/U0ANA/mail/4").status_code == 404
    opened = client.get("/as/U0ANA/mail/3").text
    assert "A &lt;b&gt;bold&lt;/b&gt; claim" in opened
    assert "6:30 PM" in opened, "in the reader's zone"
    assert 'aria-label="Mailbox"' in client.get("/as/U0ANA/c/C0ONE").text


def test_a_mail_can_do_nothing_but_open_windows(client: FlaskClient):
    frame = client.get("/as/U0ANA/mail/3/html")
    policy = frame.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'")
    assert "script" not in policy
    assert '<head><base target="_blank">' in frame.text
    page = client.get("/as/U0ANA/mail/3").text
    assert "<script>alert" not in page
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page


def test_the_plain_text_the_headers_and_the_attachments_can_be_looked_at(client: FlaskClient):
    assert '<a href="http://e.example/consent"' in client.get("/as/U0ANA/mail/3?show=text").text
    assert "Cara &lt;cara@northwind.example&gt;" in client.get("/as/U0ANA/mail/3?show=headers").text
    file = client.get("/as/U0ANA/mail/3/attachment/0")
    assert (file.data.strip(), file.mimetype) == (b"<script>", "application/octet-stream")
    assert file.headers["Content-Disposition"] == "attachment; filename=proof.html"
    assert client.get("/as/U0ANA/mail/3/attachment/1").status_code == 404
