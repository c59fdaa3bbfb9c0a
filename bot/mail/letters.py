"""The words of each mail, as plain text and as HTML, from the claim as it now stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from sqlalchemy.orm import Session

from bot.cards.values import reason
from bot.mail.facts import facts_for_customer, long_day, one_line, zone_name
from models.memory import Memory
from models.operations.acting import whereabouts
from models.operations.mails import Mail
from models.tables import Claim, History
from rules.formats import is_email
from rules.lifecycle import Party, Status

# Where a browser finds a channel, below the address of Slack's own pages.
_CHANNEL = "/app_redirect?team={team}&channel={channel}"
_SUBJECT = 150
_PHRASE = 60
# What has a meaning of its own in an address (RFC 5322, 3.2.3), but for the full stop that everybody tolerates.
_SPECIALS = dict.fromkeys(map(ord, '()<>[]:;@\\,"'), " ")


@dataclass(frozen=True)
class Letter:
    """A mail's words, and whom it is for (``address`` empty: there is nobody)."""

    name: str
    address: str
    subject: str
    text: str
    html: str

    def message(self, *, sender: str, identity: str, now: datetime) -> EmailMessage:
        """The mail as it travels.

        Args:
            sender: an address, perhaps with a name.
            identity: the same for every attempt, so that a repeated mail is recognised (Message-ID).

        Raises:
            ValueError: a name or an address does not fit into a header.
        """
        if not is_email(self.address):
            raise ValueError("no address")
        name, address = parseaddr(sender)
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(name, addr_spec=address)
        message["To"] = Address(_phrase(self.name), addr_spec=self.address)
        message["Subject"] = self.subject
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{identity}@{address.rpartition('@')[2]}>"
        message["Content-Language"] = "en"
        # No machine shall answer: an absence note is no objection (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message.set_content(self.text, cte="quoted-printable")
        message.add_alternative(self.html, subtype="html", cte="quoted-printable")
        return message


def write(
    session: Session, memory: Memory, claim: Claim, entry: History, mail: Mail, *, link: str, slack: str, command: str
) -> Letter:
    """The mail that ``entry`` made necessary.

    Args:
        link: the customer's own; empty where the mail has none.
        slack: where Slack's own pages are, without a slash at the end.
        command: the slash command, as people type it.
    """
    if mail.to is Party.PARTNER:
        name, address, values = claim.partner_contact_name, claim.partner_contact_email, _rejection
    else:
        name, address, values = claim.customer_contact_name, claim.customer_contact_email, _customers
    words = {
        **values(session, memory, claim, entry),
        "link": link,
        "slack": slack,
        "command": command,
        "name": one_line(name),
    }
    template = "notice" if mail is Mail.ANNOUNCEMENT else mail
    subject = one_line(_environment().get_template(f"{template}.subject.txt").render(words))
    return Letter(
        name=one_line(name),
        address=one_line(address),
        subject=subject if len(subject) <= _SUBJECT else subject[: _SUBJECT - 1] + "…",
        text=_environment().get_template(f"{template}.txt").render(words),
        html=_environment().get_template(f"{template}.html").render(words, subject=subject),
    )


def _customers(session: Session, memory: Memory, claim: Claim, entry: History) -> dict[str, Any]:
    due_at = claim.due_at if claim.status is Status.APPROVED else None
    limits = memory.programme.limits
    return {
        "facts": facts_for_customer(session, memory, claim, due_at),
        "opt_out_days": int(limits.customer_opt_out_business_days),
        "reason": entry.message or "",
        "on": long_day(memory.calendar(session).local_day(entry.at)),
    }


def _rejection(session: Session, memory: Memory, claim: Claim, entry: History) -> dict[str, Any]:
    calendar = memory.calendar(session)
    team, channel = whereabouts(session, memory, claim, "partner")
    known = memory.programme.reasons.rejection
    can_dispute = claim.status is Status.REJECTED and claim.due_at is not None and memory.clock() < claim.due_at
    return {
        "number": claim.number,
        "claim_name": one_line(claim.claim_name),
        "customer": one_line(claim.customer_name),
        "programme": one_line(memory.settings(session).name),
        "partner": one_line(claim.partner.name),
        "final": claim.status is Status.REJECTED_FINAL,
        "disputed": claim.disputes > 0,
        "reasons": [reason(known, one) for one in entry.reasons],
        "by_customer": entry.party is Party.CUSTOMER,
        "message": entry.message or "",
        "channel": _CHANNEL.format(team=team, channel=channel),
        "dispute_until": long_day(calendar.last_day(claim.due_at)) if can_dispute and claim.due_at else None,
        "dispute_days": int(memory.programme.limits.dispute_result_business_days),
        "zone": zone_name(calendar.timezone.key),
    }


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("bot.mail"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["quoted"] = _quoted
    return environment


def _phrase(name: str) -> str:
    """A name as it can stand before an address. A long header loses its quotation marks when the library folds it, and
    a name with such characters in it would then be read as addresses of its own.
    """
    return " ".join(name.translate(_SPECIALS).split())[:_PHRASE].strip()


def _quoted(text: str) -> str:
    """What somebody wrote, each line marked, so that it cannot pass for our own words."""
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())
