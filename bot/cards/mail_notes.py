"""What the review card says of mail that did not arrive."""

from __future__ import annotations

from bot.cards.text import Block, bold, line, words
from models.operations.mails import NO_ADDRESS, NO_SERVER, REFUSED, TOO_LATE, WAITING
from models.tables import Claim

_WHY = {
    NO_SERVER: "no mail server is set (SMTP_URL)",
    NO_ADDRESS: "the claim has no address that mail can be sent to",
    TOO_LATE: "the mail did not get out before the time to opt out was over",
    REFUSED: "the mail server refused it",
    WAITING: "the mail server has not been reached so far; it is tried again and again",
}


def mail_notes(claim: Claim) -> list[Block]:
    """A line for each contact whom the last mail did not reach; for reviewers only."""
    contacts = (("customer", claim.customer_mail_problem), ("partner contact", claim.partner_mail_problem))
    return [
        line(bold(f"The {who} could not be reached by mail: "), words(f"{_why(problem)}."))
        for who, problem in contacts
        if problem is not None
    ]


def _why(problem: str) -> str:
    code, _, answer = problem.partition(": ")
    why = _WHY.get(code, code)
    return f"{why}: {answer.rstrip('.')}" if answer else why
