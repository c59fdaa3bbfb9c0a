"""The way out of a mail, against a real SMTP server: what arrives, and what each kind of no means."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from threading import Thread

import pytest

from bot.mail.letters import Letter
from bot.mail.smtp import NotTaken, SmtpPost
from jobs.delivery import OutcomeUnknown, Unavailable
from tests.post_office import PostOffice, html_of, post_office, text_of
from tests.waiting import PATIENCE

__all__ = ["post_office"]

SENDER = "Example programme <claims@example.com>"
NOW = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)


def letter(**values: str) -> EmailMessage:
    usual = {"name": "Cara", "address": "cara@northwind.com", "subject": "A claim", "text": "Text\n", "html": "<p>"}
    return Letter(**{**usual, **values}).message(sender=SENDER, identity="claimbot.7.1", now=NOW)


@contextmanager
def opened(**values: object) -> Iterator[PostOffice]:
    office = PostOffice(**values)  # type: ignore[arg-type]
    office.open()
    try:
        yield office
    finally:
        office.close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """What a server makes for itself."""
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("no openssl on this machine to make a certificate with")
    folder = tmp_path_factory.mktemp("certificate")
    key, public = folder / "key.pem", folder / "public.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([openssl, *made, "-keyout", key, "-out", public], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, key)
    return context


# -- what arrives ------------------------------------------------------------------------------------------------------


def test_a_mail_arrives_as_it_was_written(post_office: PostOffice):
    text = "Zoë Ångström 木\n.\n..dots at the beginning\n" + "long " * 500 + "\n"
    SmtpPost(post_office.url, SENDER).send(letter(name="Zoë", subject="Für Zoë: 木", text=text, html="<p>Zoë 木</p>"))
    [mail] = post_office.received
    assert text_of(mail) == text
    assert html_of(mail).strip() == "<p>Zoë 木</p>"
    assert (mail["Subject"], str(mail["To"])) == ("Für Zoë: 木", "Zoë <cara@northwind.com>")
    assert mail["Message-ID"] == "<claimbot.7.1@example.com>"
    content = post_office.envelopes[0].original_content
    assert content is not None
    assert content.isascii(), "not every server takes more"
    assert max(map(len, content.split(b"\r\n"))) <= 998


def test_starttls_is_used_where_it_is_offered_and_the_password_goes_through_it(certificate: ssl.SSLContext):
    with opened(tls=certificate, password="p@ss/word") as office:
        SmtpPost(f"smtp://claims:p%40ss%2Fword@127.0.0.1:{office.port}", SENDER).send(letter())
        assert office.encrypted == [True]


def test_a_certificate_is_checked_for_every_server_but_that_of_this_machine(certificate: ssl.SSLContext):
    with opened(tls=certificate) as office:
        post = SmtpPost(office.url, SENDER)
        post.send(letter())
        post._context = SmtpPost("smtp://mail.example.com", SENDER)._context
        with pytest.raises(Unavailable):
            post.send(letter())
        assert len(office.received) == 1


# -- what does not -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "for_good"),
    [("550 5.1.1 No such user", True), ("452 4.2.2 Mailbox full", False), ("450 Greylisted", False)],
)
@pytest.mark.parametrize("at", ["recipient", "content"])
def test_five_hundred_is_a_no_for_good_and_four_hundred_one_for_now(
    post_office: PostOffice, answer: str, for_good: bool, at: str
):
    if at == "recipient":
        post_office.answers["cara@northwind.com"] = answer
    else:
        post_office.answer_to_data = answer
    with pytest.raises(NotTaken) as no:
        SmtpPost(post_office.url, SENDER).send(letter())
    assert (no.value.for_good, no.value.answer) == (for_good, answer)
    assert post_office.received == []


def test_what_a_server_answers_is_one_line_of_bounded_length(post_office: PostOffice):
    post_office.answers["cara@northwind.com"] = "550-first\r\n550 " + "x" * 400
    with pytest.raises(NotTaken) as no:
        SmtpPost(post_office.url, SENDER).send(letter())
    assert no.value.answer.startswith("550 first xxx")
    assert len(no.value.answer) < 220


def test_a_wrong_password_is_ours_to_mend_so_never_a_no_for_good():
    with opened(password="right") as office:
        with pytest.raises(NotTaken) as no:
            SmtpPost(f"smtp://claims:wrong@127.0.0.1:{office.port}", SENDER).send(letter())
        assert (no.value.for_good, no.value.answer) == (False, "it does not accept our name and password")
        with pytest.raises(NotTaken) as no:
            SmtpPost(office.url, SENDER).send(letter())
        assert not no.value.for_good, "nobody signed in at all"


def test_no_password_is_sent_where_somebody_may_have_taken_the_encryption_away(post_office: PostOffice):
    post = SmtpPost(f"smtp://claims:secret@127.0.0.1:{post_office.port}", SENDER)
    post._loopback = False
    with pytest.raises(NotTaken, match="0") as no:
        post.send(letter())
    assert no.value.answer == "it offers no encryption, so no password was sent to it"


def test_a_server_that_is_not_there_has_surely_nothing():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unavailable):
        SmtpPost(f"smtp://127.0.0.1:{port}", SENDER).send(letter())


@pytest.mark.parametrize(
    ("answers", "failure"),
    [
        ([], Unavailable),
        ([b"220 hi"], Unavailable),
        ([b"220 hi", b"250 hi", b"250 ok"], Unavailable),
        ([b"220 hi", b"250 hi", b"250 ok", b"250 ok", b"354 go on"], OutcomeUnknown),
    ],
)
def test_a_line_that_breaks_is_in_doubt_only_once_the_mail_itself_was_sent(
    answers: list[bytes], failure: type[Exception]
):
    with broken_line(answers) as port, pytest.raises(failure):
        SmtpPost(f"smtp://127.0.0.1:{port}", SENDER).send(letter())


def test_a_conversation_that_takes_too_long_is_ended(post_office: PostOffice):
    seconds = iter(range(0, 1000, 10))
    with pytest.raises(Unavailable):
        SmtpPost(post_office.url, SENDER, clock=lambda: float(next(seconds))).send(letter())
    assert post_office.received == []


# -- headers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    ["Cara\r\nBcc: eve@example.com", "<eve@example.com>, Cara", '"Cara" <eve@example.com>', "eve@example.com;" * 30],
)
def test_no_name_can_add_a_header_or_an_address(post_office: PostOffice, name: str):
    try:
        mail = letter(name=name)
    except ValueError:
        return
    SmtpPost(post_office.url, SENDER).send(mail)
    [arrived] = post_office.received
    assert [one.addr_spec for one in arrived["To"].addresses] == ["cara@northwind.com"]
    assert (arrived["Bcc"], arrived.defects) == (None, [])
    assert post_office.envelopes[0].rcpt_tos == ["cara@northwind.com"]


@pytest.mark.parametrize(
    "address", ["", "cara", "cara@northwind.com, eve@example.com", "cara@northwind.com\r\nBcc: e@e.com"]
)
def test_what_is_no_address_is_told_before_anything_is_sent(address: str):
    with pytest.raises(ValueError, match="address"):
        letter(address=address)


def test_a_subject_with_a_line_break_is_refused():
    with pytest.raises(ValueError, match=r"linefeed|newline"):
        letter(subject="A claim\r\nBcc: eve@example.com")


@contextmanager
def broken_line(answers: list[bytes]) -> Iterator[int]:
    """A server that gives these answers, one to each line, takes a mail, and hangs up."""

    def serve() -> None:
        line, _ = listening.accept()
        with line, line.makefile("rb") as heard:
            for number, answer in enumerate(answers):
                line.sendall(answer + b"\r\n")
                if number + 1 < len(answers):
                    heard.readline()
            if answers and answers[-1].startswith(b"354"):
                while heard.readline() not in (b".\r\n", b""):
                    pass

    listening = socket.create_server(("127.0.0.1", 0))
    thread = Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        thread.join(PATIENCE)
        listening.close()
