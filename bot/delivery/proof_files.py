"""Proofs of execution on their way from Slack to the store, and what whoever handed them in is told."""

from __future__ import annotations

from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from bot.cards.text import escape, line, words
from bot.conversations import claim_form, submission
from bot.delivery.download import fetch
from bot.desk import Desk
from jobs.delivery import NotYet, Receipt
from models.answers import Refused, Who
from models.documents import BadDocument, DocumentStore, WebPageInstead, check_document
from models.operations import proofs
from models.operations.outbox import Taken
from models.tables import Proof

# A sign-in page in place of a file comes while Slack still scans it, or when a scope is missing for good.
_PATIENCE = 5


class ProofFetching:
    """Fetches a file, checks it, and keeps it or says why not."""

    def __init__(self, desk: Desk, slack: WebClient, store: DocumentStore) -> None:
        self._memory = desk.memory
        self._slack = slack
        self._store = store

    def deliver(self, row: Taken) -> Receipt:
        """Fetch one file; one that was dealt with already is left alone. Raises NotYet while Slack scans it."""
        identity, view = row.payload["proof"], row.payload["view"]
        with self._memory.database.transaction() as session:
            proof = proofs.waiting(session, identity)
        if proof is not None and proof.slack_file is not None:
            try:
                content, media_type = self._checked(proof.slack_file, proof.file_name)
            except WebPageInstead as bad:
                if row.attempts < _PATIENCE:
                    raise NotYet from bad
                proofs.refuse(self._memory, identity, bad.problem, view=view)
            except BadDocument as bad:
                proofs.refuse(self._memory, identity, bad.problem, view=view)
            else:
                proofs.accept(
                    self._memory,
                    identity,
                    sha256=self._store.put(content),
                    size=len(content),
                    media_type=media_type,
                    view=view,
                )
        return Receipt(row.lane)

    def look_up(self, row: Taken) -> None:
        """Nothing is posted, so nothing is to be found."""

    def _checked(self, slack_file: str, name: str) -> tuple[bytes, str]:
        limits = self._memory.programme.limits.documents
        file = self._slack.files_info(file=slack_file)["file"]
        too_large = f"The file is larger than {limits.max_file_megabytes} MB."
        if (file.get("size") or 0) > limits.max_file_bytes:
            raise BadDocument(too_large)
        content = fetch(self._slack, file["url_private_download"], limits.max_file_bytes)
        if len(content) > limits.max_file_bytes:
            raise BadDocument(too_large)
        return content, check_document(content, name, limits)


class ProofResults:
    """Tells whoever handed a file in how its check went: in their form, or by direct message if it was refused."""

    def __init__(self, desk: Desk, slack: WebClient) -> None:
        self._desk = desk
        self._slack = slack

    def deliver(self, row: Taken) -> Receipt:
        """Redraw the form while it is open; otherwise speak only if something is wrong."""
        user, view_id = row.payload["user"], row.payload["view"]
        with self._desk.memory.database.transaction() as session:
            proof = session.get_one(Proof, row.payload["proof"])
            claim = proof.claim
            if view_id is not None and claim.pending_proofs:
                return Receipt(user)  # the last of them tells
            problems = [f"{one.file_name}: {one.problem}" for one in claim.refused_since(proof.added_at)]
            view = self._next_form(session, Who(row.team, user), claim.number, problems) if view_id else None
            refused = f"A file for {claim.number} could not be taken. {proof.file_name}: {proof.problem}"
            silent = proof.state != "refused"
        if (view is not None and self._redrawn(view_id, view)) or silent:
            return Receipt(user)
        answer = self._slack.chat_postMessage(channel=user, text=escape(refused), blocks=[line(words(refused))])
        return Receipt(str(answer["channel"]), str(answer["ts"]))

    def look_up(self, row: Taken) -> None:
        """A form is simply drawn again; a message that was lost is better said twice than not at all."""

    def _next_form(self, session: Session, who: Who, number: str, problems: list[str]) -> dict[str, Any] | None:
        try:
            if problems:
                return claim_form.proof_page(self._desk, session, who, number, problems)
            return submission.view(self._desk, session, who, number)
        except Refused:
            return None  # the claim went on meanwhile; its card tells

    def _redrawn(self, view_id: str, view: dict[str, Any]) -> bool:
        try:
            self._slack.views_update(view_id=view_id, view=view)
        except SlackApiError as error:
            if error.response.get("error") == "not_found":
                return False  # the person closed the form
            raise
        return True
