"""A real SMTP server on a free port of this machine, whose answers a test decides."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Awaitable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class PostOffice:
    """Takes mail like any server; ``answers`` says to which address it says no, and how; ``senders`` from which.

    Args:
        tls: STARTTLS is offered with this certificate.
        password: who wants to send has to sign in as ``claims`` with it.
    """

    def __init__(self, *, tls: ssl.SSLContext | None = None, password: str | None = None) -> None:
        self.received: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.encrypted: list[bool] = []
        self.answers: dict[str, str] = {}
        self.senders: dict[str, str] = {}
        self.answer_to_data: str | None = None
        self._closed = False

        def sign_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"claims", _bytes(password))
            return AuthResult(success=right, handled=right)

        extra: dict[str, Any] = {"tls_context": tls} if tls else {}
        if password:
            extra |= {"auth_required": True, "authenticator": sign_in, "auth_require_tls": tls is not None}
        self._controller = _Listening(self, **extra)

    @property
    def port(self) -> int:
        return self._controller.port

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def open(self) -> None:
        self._controller.start()

    def close(self) -> None:
        """Nobody answers any more; may be called twice."""
        if not self._closed:
            self._closed = True
            self._controller.stop()

    def to(self, address: str) -> list[EmailMessage]:
        """The mails that somebody got, oldest first."""
        return [one for one in self.received if any(to.addr_spec == address for to in one["To"].addresses)]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, mail_options: list[str]
    ) -> str:
        if (no := self.senders.get(address)) is not None:
            return no
        envelope.mail_from = address
        envelope.mail_options.extend(mail_options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        if (no := self.answers.get(address)) is not None:
            return no
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answer_to_data is not None:
            return self.answer_to_data
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        self.envelopes.append(envelope)
        self.encrypted.append(session.ssl is not None)
        return "250 Message accepted for delivery"


class _Listening(Controller):
    """aiosmtpd's own server, on a port that the system chooses."""

    def __init__(self, handler: PostOffice, **extra: Any) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        super().__init__(handler, hostname="127.0.0.1", port=self._listening.getsockname()[1], **extra)

    def _create_server(self) -> Awaitable[Any]:
        return self.loop.create_server(self._factory_invoker, sock=self._listening)


@pytest.fixture
def post_office() -> Iterator[PostOffice]:
    """Open as long as the test runs."""
    office = PostOffice()
    office.open()
    yield office
    office.close()


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail, without the breaks of its transport."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(mail: EmailMessage) -> str:
    """The HTML of a mail."""
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def _bytes(text: str | None) -> bytes:
    return (text or "").encode()
