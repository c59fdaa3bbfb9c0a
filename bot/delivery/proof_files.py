"""Proofs of execution on their way from Slack to the store, and what whoever handed them in is told."""

from __future__ import annotations

from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from bot.cards.text import escape, line, words
from bot.conversations import claim_form, proof_form, submission
from bot.delivery.download import FOREIGN_HOST, fetch
from bot.delivery.slack_errors import slack_errors
from bot.desk import Desk
from bot.workspaces import Workspaces
from jobs.delivery import PATIENCE, NotYet, OutcomeUnknown, Receipt
from jobs.delivery import Refused as RefusedBySlack
from models.answers import Refused, Who
from models.documents import BadDocument, DocumentStore, WebPageInstead, check_document, sha256_of
from models.operations import proofs
from models.operations.erasing_documents import sweep
from models.operations.outbox import Taken
from models.tables import Claim, Proof
from rules.fields import editable

# A sign-in page in place of a file comes while Slack still scans it, or when a scope is missing for good.
_PATIENCE = 5
_NOT_FETCHED = "The file could not be fetched from Slack. Please hand it in again."
_ELSEWHERE = "The file is kept outside of Slack. Please save it on your computer and hand it in from there."

log = structlog.get_logger("claimbot.proofs")


class ProofFetching:
    """Fetches a file, checks it, and keeps it or says why not."""

    def __init__(self, desk: Desk, workspaces: Workspaces, store: DocumentStore) -> None:
        self._memory = desk.memory
        self._workspaces = workspaces
        self._store = store

    def deliver(self, row: Taken) -> Receipt:
        """Fetch one file; one that was dealt with already is left alone. Raises NotYet while Slack scans it.

        Whoever waits for the check is told of every end that it can have.
        """
        identity, view = row.payload["proof"], row.payload["view"]
        with self._memory.database.transaction() as session:
            proof = proofs.waiting(session, identity)
        if proof is not None and proof.slack_file is not None:
            try:
                with slack_errors():
                    content, media_type = self._checked(
                        self._workspaces.client(row.team), proof.slack_file, proof.file_name
                    )
            except BadDocument as bad:
                if isinstance(bad, WebPageInstead) and row.failures + 1 < _PATIENCE:
                    raise NotYet from bad
                proofs.refuse(self._memory, identity, bad.problem, view=view)
            except RefusedBySlack as refusal:
                log.error("proof_not_fetched", row=row.id, claim=row.claim_id, problem=refusal.problem)
                problem = _ELSEWHERE if refusal.problem == FOREIGN_HOST else _NOT_FETCHED
                proofs.refuse(self._memory, identity, problem, view=view)
            except OutcomeUnknown:
                if row.failures + 1 < PATIENCE:
                    raise
                proofs.refuse(self._memory, identity, _NOT_FETCHED, view=view)
            else:
                self._keep(identity, content, media_type, view)
        return Receipt(row.lane)

    def look_up(self, row: Taken) -> None:
        """Nothing is posted, so nothing is to be found."""

    def _keep(self, identity: int, content: bytes, media_type: str, view: str | None) -> None:
        """Store a file and accept it as a proof, unless its claim was erased meanwhile: then nothing of it is left."""
        document: dict[str, Any] = {"sha256": sha256_of(content), "size": len(content), "media_type": media_type}
        proofs.expect(self._memory, **document)
        self._store.put(content)
        if proofs.accept(self._memory, identity, **document, view=view):
            # Where the same content was being erased meanwhile, it went after it was put; now it stays.
            self._store.put(content)
        else:
            sweep(self._memory.database, self._store)

    def _checked(self, slack: WebClient, slack_file: str, name: str) -> tuple[bytes, str]:
        limits = self._memory.programme.limits.documents
        file = slack.files_info(file=slack_file)["file"]
        too_large = f"The file is larger than {limits.max_file_megabytes} MB."
        if (file.get("size") or 0) > limits.max_file_bytes:
            raise BadDocument(too_large)
        content = fetch(slack, file.get("url_private_download") or "", limits.max_file_bytes)
        if len(content) > limits.max_file_bytes:
            raise BadDocument(too_large)
        return content, check_document(content, name, limits)


class ProofResults:
    """Tells whoever handed a file in how its check went: in their form, or by direct message if it was refused."""

    def __init__(self, desk: Desk, workspaces: Workspaces) -> None:
        self._desk = desk
        self._workspaces = workspaces

    def deliver(self, row: Taken) -> Receipt:
        """Redraw the form while it is open; otherwise speak only if something is wrong."""
        user, view_id = row.payload["user"], row.payload["view"]
        with self._desk.memory.database.transaction() as session:
            proof = session.get_one(Proof, row.payload["proof"])
            claim = proof.claim
            if view_id is not None and claim.pending_proofs:
                return Receipt(user)  # the last of them tells
            problems = [f"{one.file_name}: {one.problem}" for one in claim.refused_since(proof.added_at)]
            view = self._next_form(session, Who(row.team, user), claim, problems) if view_id else None
            refused = f"A file for {claim.number} could not be taken. {proof.file_name}: {proof.problem}"
            silent = proof.state != "refused"
        if (view is not None and self._redrawn(row, view_id, view)) or silent:
            return Receipt(user)
        slack = self._workspaces.client(row.team)
        answer = slack.chat_postMessage(channel=user, text=escape(refused), blocks=[line(words(refused))])
        return Receipt(str(answer["channel"]), str(answer["ts"]))

    def look_up(self, row: Taken) -> None:
        """A form is simply drawn again; a message that was lost is better said twice than not at all."""

    def _next_form(self, session: Session, who: Who, claim: Claim, problems: list[str]) -> dict[str, Any] | None:
        # What may be edited is on its way to the reviewers; what may not had its proof added beside.
        edits = bool(editable(claim.status))
        try:
            if problems and edits:
                return claim_form.proof_page(self._desk, session, who, claim.number, problems)
            if problems:
                return proof_form.form(self._desk, session, who, claim.number, problems)
            if edits:
                return submission.view(self._desk, session, who, claim.number)
            return proof_form.result(session, who, claim.number)
        except Refused:
            return None  # the claim went on meanwhile; its card tells

    def _redrawn(self, row: Taken, view_id: str, view: dict[str, Any]) -> bool:
        try:
            self._workspaces.client(row.team).views_update(view_id=view_id, view=view)
        except SlackApiError as error:
            if error.response.get("error") == "not_found":
                return False  # the person closed the form
            raise
        return True
