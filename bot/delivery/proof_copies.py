"""Files of proof on their way from the store to somebody who asked for them."""

from __future__ import annotations

import structlog

from bot.cards.text import escape, line, words
from bot.desk import Desk
from bot.workspaces import Workspaces
from jobs.delivery import Receipt
from models.answers import Refused, Who
from models.documents import DocumentMissing, DocumentStore
from models.operations.outbox import Taken
from models.queries.claims import find
from models.queries.people import actor_for
from models.tables import claim_number

log = structlog.get_logger("claimbot.proofs")


class ProofCopies:
    """Sends files of proof by direct message."""

    def __init__(self, desk: Desk, workspaces: Workspaces, store: DocumentStore) -> None:
        self._desk = desk
        self._workspaces = workspaces
        self._store = store

    def deliver(self, row: Taken) -> Receipt:
        """Send what is there, to somebody who may still see the claim; nothing to anybody else."""
        user, number = row.payload["user"], claim_number(row.claim_id or 0)
        with self._desk.memory.database.transaction() as session:
            try:
                claim = find(session, actor_for(session, Who(row.payload["team"], user)), number, proofs=True)
            except Refused:
                return Receipt(user)
            wanted = [one for one in claim.accepted_proofs if one.id in row.payload["proofs"]]
            names = [(one.file_name, one.sha256) for one in wanted if one.sha256 is not None]
        files = [(name, content) for name, sha256 in names if (content := self._content(row, sha256)) is not None]
        said = f"{number}: proof of execution, as you asked."
        if len(files) < len(names) or not names:
            said += " Some of it is not in the store any more; your administrator can find out why."
        # A file can only be sent to a conversation, and its id comes with the first message in it.
        slack = self._workspaces.client(row.team)
        answer = slack.chat_postMessage(channel=user, text=escape(said), blocks=[line(words(said))])
        channel = str(answer["channel"])
        if files:
            uploads = [{"file": content, "filename": name, "title": name} for name, content in files]
            slack.files_upload_v2(file_uploads=uploads, channel=channel)
        return Receipt(channel, str(answer["ts"]))

    def look_up(self, row: Taken) -> None:
        """Files that were lost are better sent twice than not at all."""

    def _content(self, row: Taken, sha256: str) -> bytes | None:
        try:
            return self._store.get(sha256)
        except DocumentMissing:
            log.error("proof_missing", row=row.id, claim=row.claim_id)
            return None
