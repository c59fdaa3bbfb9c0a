"""Brings each kind of outbox row to where it belongs: one class a kind, one table of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from bot.delivery.cards import Cards, LeftCards
from bot.delivery.digests import Digests
from bot.delivery.duties import Duties
from bot.delivery.erasures import ErasedMessages, ErasedThreads
from bot.delivery.exports import ExportFiles, ExportNotes, ExportRemovals
from bot.delivery.homes import Homes
from bot.delivery.mail import Mails
from bot.delivery.posting import Poster
from bot.delivery.proof_copies import ProofCopies
from bot.delivery.proof_files import ProofFetching, ProofResults
from bot.delivery.reminders import ReminderRedraws, Reminders
from bot.delivery.slack_errors import slack_errors
from bot.delivery.team_notes import TeamNotes
from bot.delivery.threads import ThreadLines, comment_line, state_line, story_line
from bot.desk import Desk
from bot.workspaces import Workspaces
from jobs.delivery import Receipt
from models.documents import DocumentStore
from models.operations.outbox import Taken


class Kind(Protocol):
    """How one kind of row is delivered; both as in `jobs.delivery.Courier`, with slack_sdk's own exceptions."""

    def deliver(self, row: Taken) -> Receipt:
        """Deliver it."""

    def look_up(self, row: Taken) -> Receipt | None:
        """Where its message is already; None where it is not, and where doing it again does no harm."""


class Courier:
    """`jobs.delivery.Courier` for every kind of row that there is."""

    def __init__(self, kinds: Mapping[str, Kind]) -> None:
        self._kinds = kinds

    @property
    def kinds(self) -> frozenset[str]:
        """What this version can deliver: it is handed nothing else."""
        return frozenset(self._kinds)

    def deliver(self, row: Taken) -> Receipt:
        """Deliver one row; see the protocol."""
        with slack_errors():
            return self._kind(row).deliver(row)

    def look_up(self, row: Taken) -> Receipt | None:
        """Where the message of this row is; see the protocol."""
        with slack_errors():
            return self._kind(row).look_up(row)

    def _kind(self, row: Taken) -> Kind:
        return self._kinds[row.kind]


def build_courier(desk: Desk, workspaces: Workspaces, store: DocumentStore, mails: Mails) -> Courier:
    """The courier with every kind.

    The clients of ``workspaces`` must not repeat calls by themselves: the delivery counts attempts, and looks a
    message up before a second one.
    """
    poster = Poster(workspaces)
    return Courier(
        {
            "card": Cards(desk, poster),
            "card_left": LeftCards(poster),
            "story": ThreadLines(desk, poster, story_line),
            "fetch_proof": ProofFetching(desk, workspaces, store),
            "proof_checked": ProofResults(desk, workspaces),
            "proof_files": ProofCopies(desk, workspaces, store),
            "state": ThreadLines(desk, poster, state_line),
            "duty": Duties(desk, poster),
            "comment": ThreadLines(desk, poster, comment_line),
            "reminder": Reminders(desk, poster),
            "reminder_digest": Reminders(desk, poster),
            "reminder_done": ReminderRedraws(desk, poster),
            "digest": Digests(desk, poster),
            "team": TeamNotes(desk, poster),
            "home": Homes(desk, workspaces),
            "mail": mails,
            "thread_erased": ErasedThreads(desk, poster),
            "message_erased": ErasedMessages(desk, poster),
            "export_note": ExportNotes(desk, poster),
            "export_file": ExportFiles(desk, workspaces),
            "export_removed": ExportRemovals(desk, workspaces),
        }
    )
