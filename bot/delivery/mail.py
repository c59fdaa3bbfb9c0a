"""Mail to the customer and to the partner contact, by the outbox like everything else.

What went wrong for good, or has gone wrong for a while, is noted on the claim, and the review card says it. Answers of
the other server may name people, so they go there and never into a log.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import structlog

from bot.desk import Desk
from bot.mail import letters
from bot.mail.letters import Letter
from bot.mail.smtp import NotTaken, Post
from jobs.delivery import OutcomeUnknown, Receipt, Refused, RetryLater, Unavailable
from models.operations import consents
from models.operations.mails import NO_ADDRESS, NO_SERVER, REFUSED, TOO_LATE, WAITING, Mail, Timing, timing
from models.operations.outbox import Taken
from models.tables import History
from rules.lifecycle import Party

# A mailbox that is full or a server that is shy of strangers mostly takes the mail within the hour.
_FIRST_PAUSE = timedelta(minutes=1)
_LONGEST_PAUSE = timedelta(hours=1)
# What mail servers themselves allow a mail to wait (RFC 5321, 4.5.4.1: four to five days).
_LONGEST_WAIT = timedelta(days=4)
# From this attempt on the reviewers see that a mail is waiting.
_TELLING = 3

log = structlog.get_logger("claimbot.mail")


class Mails:
    """Writes a mail when its turn comes, and hands it to the mail server.

    Args:
        post: the mail server; None where none is set.
        address: where customers reach the bot's pages, without a slash at the end.
        slack: where people find Slack's own pages, without a slash at the end.
        new_token: a random string that nobody can guess.
    """

    def __init__(
        self, desk: Desk, post: Post | None, *, address: Callable[[], str], slack: str, new_token: Callable[[], str]
    ) -> None:
        self._desk = desk
        self._memory = desk.memory
        self._post = post
        self._address = address
        self._slack = slack
        self._new_token = new_token

    def deliver(self, row: Taken) -> Receipt:
        """Send the mail, unless the claim has moved on so that it would say what is not so."""
        mail = Mail(row.payload["mail"])
        now = self._memory.clock()
        with self._memory.database.transaction() as session:
            entry = session.get_one(History, row.payload["history"])
            due, asked_at = timing(mail, entry.claim, entry, now), entry.at
        if due is Timing.OVERTAKEN:
            return Receipt(row.lane)
        if due is Timing.LATE:
            raise self._given_up(row, mail, TOO_LATE)
        if self._post is None:
            raise self._given_up(row, mail, NO_SERVER)
        token = self._new_token() if mail in (Mail.ANNOUNCEMENT, Mail.NOTICE) else None
        if token is not None:
            consents.remember(self._memory, _claim(row), token)
        try:
            self._send(self._post, row, mail, token)
        except NotTaken as no:
            self._forget(token)
            problem = f"{REFUSED}: {no.answer}"
            if no.for_good or now - asked_at >= _LONGEST_WAIT:
                raise self._given_up(row, mail, problem) from no
            # What is not the other side's to say (4xx) is ours to mend, so the reviewers see it at once.
            if row.attempts >= _TELLING or not 400 <= no.code < 500:
                self._note(row, mail, problem)
            raise RetryLater(min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(row.attempts - 1, 10))) from no
        except (Unavailable, OutcomeUnknown) as away:
            if isinstance(away, Unavailable):
                self._forget(token)
            if now - asked_at >= _LONGEST_WAIT:
                raise self._given_up(row, mail, WAITING) from away
            if row.attempts >= _TELLING:
                self._note(row, mail, WAITING)
            raise
        self._note(row, mail, None)
        log.info("mail_sent", kind=str(mail), row=row.id, claim=row.claim_id)
        return Receipt(row.lane)

    def look_up(self, row: Taken) -> None:
        """A mail cannot be looked up; a second one has the same Message-ID, and mailboxes show it once."""

    def _send(self, post: Post, row: Taken, mail: Mail, token: str | None) -> None:
        link = f"{self._address()}/consent/{token}" if token else ""
        with self._memory.database.transaction() as session:
            entry = session.get_one(History, row.payload["history"])
            letter = letters.write(
                session,
                self._memory,
                entry.claim,
                entry,
                mail,
                link=link,
                slack=self._slack,
                command=self._desk.command,
            )
            # The row's id alone would come again in another database.
            identity = f"claimbot.{row.id}.{int(entry.at.timestamp())}"
        post.send(self._message(post, row, mail, letter, identity))

    def _message(self, post: Post, row: Taken, mail: Mail, letter: Letter, identity: str) -> EmailMessage:
        try:
            return letter.message(sender=post.sender, identity=identity, now=self._memory.clock())
        except ValueError as error:
            raise self._given_up(row, mail, NO_ADDRESS) from error

    def _given_up(self, row: Taken, mail: Mail, problem: str) -> Refused:
        self._note(row, mail, problem)
        return Refused(f"mail_{problem.partition(':')[0]}")

    def _note(self, row: Taken, mail: Mail, problem: str | None) -> None:
        # Partners hear of a rejection in Slack as well, so without a mail server they miss nothing.
        if mail.to is Party.PARTNER and problem == NO_SERVER:
            return
        consents.note_problem(self._memory, _claim(row), mail.to, problem)

    def _forget(self, token: str | None) -> None:
        if token is not None:
            consents.forget(self._memory, token)


def _claim(row: Taken) -> int:
    if row.claim_id is None:
        raise LookupError("a mail is always about a claim")
    return row.claim_id
