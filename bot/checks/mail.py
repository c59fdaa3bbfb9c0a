"""The customer's mail and page: the mail server, the sender, the address in the links."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

from bot.checks.finding import Finding, fault, sound
from bot.mail.smtp import NotTaken, SmtpPost
from bot.settings import LOOPBACK, LocalSettings
from jobs.delivery import Unavailable

# Seconds: a doctor may be asked when the network hangs.
_PATIENCE = 8


def check_mail(settings: LocalSettings) -> Iterator[Finding]:
    """Whether customers get mail, with links that work. None is sent."""
    if settings.smtp_url is None:
        if settings.mail_from is not None:
            yield fault("MAIL_FROM is set and SMTP_URL is not: no mail is sent", "set SMTP_URL, or take MAIL_FROM out")
            return
        yield sound(
            "none is sent: customers are not told of claims", "set SMTP_URL, MAIL_FROM and PUBLIC_URL if they should be"
        )
        return
    yield from check_server(settings)
    if settings.public_url is None:
        yield fault(
            "PUBLIC_URL is not set: the links in mail would lead to this machine alone",
            "set PUBLIC_URL to the https:// address under which customers reach this server",
        )


def check_server(settings: LocalSettings) -> Iterator[Finding]:
    """Whether the mail server takes us and our sender."""
    if settings.smtp_url is None:
        return
    sender = settings.mail_from or ""
    try:
        SmtpPost(settings.smtp_url.get_secret_value(), sender).try_out()
    except Unavailable:
        yield fault(
            "the mail server does not answer", "correct host and port in SMTP_URL; a firewall may be in between"
        )
    except NotTaken as no:
        yield fault(f"the mail server says: {no.answer}", _remedy(no))
    else:
        yield sound(f"the server takes mail from {sender}")


def _remedy(no: NotTaken) -> str:
    if "encryption" in no.answer:
        return "use a server that offers STARTTLS (port 587), or smtps:// in SMTP_URL"
    if "name and password" in no.answer or "sign in" in no.answer:
        return "correct user and password in SMTP_URL; special characters in them are written as %40 and the like"
    return "correct MAIL_FROM: the server must allow this sender"


def check_public_url(settings: LocalSettings) -> Iterator[Finding]:
    """Whether customers reach this server, over HTTPS."""
    if settings.public_url is None:
        return
    address = urlsplit(settings.public_url)
    if address.scheme != "https" and address.hostname not in LOOPBACK:
        yield fault(
            f"{settings.public_url} is not encrypted, and its links let people opt out",
            "put a proxy with TLS before claimbot, and write https:// in PUBLIC_URL",
        )
        return
    try:
        with urllib.request.urlopen(f"{settings.public_url}/healthz", timeout=_PATIENCE) as answer:  # noqa: S310
            ours = answer.read(16).strip() == b"ok"
    except urllib.error.HTTPError as error:
        yield fault(
            f"{settings.public_url} answers {error.code} where claimbot would say that it lives",
            "let the proxy pass /healthz, /consent/ and /slack/events on to HOST and PORT",
        )
    except OSError as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, ssl.SSLError):
            yield fault(
                f"{settings.public_url} has no certificate that can be trusted: {reason.reason}",
                "renew or correct the proxy's certificate",
            )
        else:
            yield sound(
                f"{settings.public_url} does not answer",
                "well, if claimbot is not running; else look at the proxy and the name",
            )
    else:
        if ours:
            yield sound(settings.public_url)
        else:
            yield fault(
                f"something else answers at {settings.public_url}",
                "let the proxy pass /healthz, /consent/ and /slack/events on to HOST and PORT",
            )
