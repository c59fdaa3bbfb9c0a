"""The way out of a mail: one SMTP conversation, with a verdict that says whether trying again makes sense."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from time import monotonic
from typing import Protocol
from urllib.parse import unquote, urlsplit

from bot.settings import LOOPBACK
from jobs.delivery import OutcomeUnknown, Unavailable
from rules.fields import printable

# Seconds for one answer of the server, and for the whole conversation (jobs.delivery.CALL_LIMIT is 30).
STEP = 8.0
WHOLE = 25.0
# Not every server takes bytes beyond ASCII.
WIRE = SMTP.clone(cte_type="7bit")
_LONGEST_ANSWER = 200


class NotTaken(Exception):
    """The server did not take the mail. ``answer`` is what it said; ``for_good``: it will never take it."""

    def __init__(self, code: int, answer: str, *, for_good: bool) -> None:
        super().__init__(code)
        self.code = code
        self.answer = answer
        self.for_good = for_good


class Post(Protocol):
    """Whatever brings a mail on its way."""

    @property
    def sender(self) -> str:
        """The address of the sender, perhaps with a name."""

    def send(self, message: EmailMessage) -> None:
        """Hand the mail over, to the one address in its ``To``.

        Raises:
            NotTaken: the server said no.
            Unavailable: it could not be reached; nothing was sent.
            OutcomeUnknown: it went silent after it had the mail.
        """


class SmtpPost:
    """A mail server: ``smtp://`` (with STARTTLS where it is offered) or ``smtps://``, with or without a password.

    Args:
        url: as in the setting SMTP_URL.
        sender: as in the setting MAIL_FROM.
        clock: seconds that only go forward; bounds a conversation.
    """

    def __init__(self, url: str, sender: str, *, clock: Callable[[], float] = monotonic) -> None:
        parts = urlsplit(url)
        self._implicit_tls = parts.scheme == "smtps"
        self._host = parts.hostname or ""
        self._port = parts.port or (465 if self._implicit_tls else 587 if parts.username else 25)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._sender = sender
        self._clock = clock
        self._loopback = self._host in LOOPBACK
        self._context = _unquestioning() if self._loopback else ssl.create_default_context()

    @property
    def sender(self) -> str:
        """The address of the sender, perhaps with a name."""
        return self._sender

    def try_out(self) -> None:
        """Everything of a conversation but the mail: whether the server takes us and our sender.

        Raises:
            NotTaken, Unavailable: as `send` does.
        """
        end = self._clock() + WHOLE
        with _network(Unavailable):
            smtp = self._connected()
        try:
            with _network(Unavailable):
                self._introduced(smtp, end)
                self._expect(smtp, end, lambda: smtp.mail(parseaddr(self._sender)[1]), ours=True)
            self._taken_leave(smtp, end)
        finally:
            smtp.close()

    def send(self, message: EmailMessage) -> None:
        """Hand the mail over; see the protocol."""
        [recipient] = [one.addr_spec for one in message["To"].addresses]
        content = message.as_bytes(policy=WIRE)
        end = self._clock() + WHOLE
        with _network(Unavailable):
            smtp = self._connected()
        try:
            with _network(Unavailable):
                self._introduced(smtp, end)
                # Whom the server lets send is ours to mend, as all before; whom it takes mail for is not.
                self._expect(smtp, end, lambda: smtp.mail(parseaddr(self._sender)[1]), ours=True)
                self._expect(smtp, end, lambda: smtp.rcpt(recipient))
                # DATA is answered with 354 before anything of the mail is sent.
                self._expect(smtp, end, lambda: smtp.docmd("DATA"), wanted=3)
            with _network(OutcomeUnknown):
                self._expect(smtp, end, lambda: _content(smtp, content))
            self._taken_leave(smtp, end)
        finally:
            smtp.close()

    def _taken_leave(self, smtp: smtplib.SMTP, end: float) -> None:
        with suppress(smtplib.SMTPException, OSError):
            self._bounded(smtp, end)
            smtp.docmd("QUIT")

    def _connected(self) -> smtplib.SMTP:
        if self._implicit_tls:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=STEP, context=self._context)
        return smtplib.SMTP(self._host, self._port, timeout=STEP)

    def _introduced(self, smtp: smtplib.SMTP, end: float) -> None:
        self._bounded(smtp, end)
        smtp.ehlo_or_helo_if_needed()
        encrypted = self._implicit_tls
        if not encrypted and smtp.has_extn("starttls"):
            self._bounded(smtp, end)
            smtp.starttls(context=self._context)
            smtp.ehlo_or_helo_if_needed()
            encrypted = True
        if not self._user:
            return
        if not encrypted and not self._loopback:
            # Whoever strips STARTTLS from the server's answer must not get the password.
            raise NotTaken(0, "it offers no encryption, so no password was sent to it", for_good=False)
        self._bounded(smtp, end)
        smtp.login(self._user, self._password)

    def _expect(
        self,
        smtp: smtplib.SMTP,
        end: float,
        command: Callable[[], tuple[int, bytes]],
        *,
        wanted: int = 2,
        ours: bool = False,
    ) -> None:
        self._bounded(smtp, end)
        code, answer = command()
        if code // 100 != wanted:
            raise _no(code, answer, for_good=500 <= code < 600 and not ours)

    def _bounded(self, smtp: smtplib.SMTP, end: float) -> None:
        left = end - self._clock()
        if left <= 0:
            raise TimeoutError
        if smtp.sock is not None:
            smtp.sock.settimeout(min(STEP, left))


def _unquestioning() -> ssl.SSLContext:
    """For what does not leave this machine, whose own server mostly has a certificate that it made itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@contextmanager
def _network(failure: type[Unavailable | OutcomeUnknown]) -> Iterator[None]:
    """Turn what smtplib raises into what the delivery knows."""
    try:
        yield
    # What goes wrong before the mail itself is ours to mend, and then the mail should go: so never for good.
    except smtplib.SMTPAuthenticationError as error:
        raise NotTaken(error.smtp_code, "it does not accept our name and password", for_good=False) from None
    except smtplib.SMTPResponseException as error:
        raise _no(error.smtp_code, error.smtp_error, for_good=False) from None
    except smtplib.SMTPServerDisconnected:
        raise failure from None
    except smtplib.SMTPException:  # no way to sign in that both know
        raise NotTaken(0, "it offers no way to sign in that we know", for_good=False) from None
    except OSError:
        raise failure from None


def _content(smtp: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
    quoted = b"".join(b"." + line if line.startswith(b".") else line for line in content.splitlines(keepends=True))
    smtp.send(quoted if quoted.endswith(b"\r\n") else quoted + b"\r\n")
    smtp.send(b".\r\n")
    return smtp.getreply()


def _no(code: int, answer: bytes | str, *, for_good: bool) -> NotTaken:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    said = " ".join(printable(text)[:_LONGEST_ANSWER].split())
    return NotTaken(code, f"{code} {said}".strip(), for_good=for_good)
