"""Brings each kind of outbox row to Slack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.cards.card import Message, claim_card
from bot.cards.story import story
from bot.cards.text import escape, line, words
from bot.conversations import claim_form, submission
from bot.delivery.download import fetch
from bot.delivery.slack_errors import slack_errors
from bot.desk import Desk, as_body
from jobs.delivery import NotYet, Receipt, Refused
from models.answers import Refused as NotAllowed
from models.answers import Who
from models.documents import BadDocument, DocumentStore, WebPageInstead, check_document
from models.operations import proofs
from models.operations.outbox import Taken
from models.tables import Card, Claim, History, Proof

EVENT = "claimbot_outbox"
# A sign-in page in place of a file comes while Slack still scans it, or when a scope is missing for good.
_PATIENCE = 5
_LOOKED_THROUGH = 200


class SlackCourier:
    """The courier of this house: `jobs.delivery.Courier` over Slack's Web API.

    ``slack`` must not repeat calls by itself: the delivery counts attempts, and looks a message up before a second one.
    """

    def __init__(self, desk: Desk, slack: WebClient, store: DocumentStore) -> None:
        self._desk = desk
        self._slack = slack
        self._store = store
        self._kinds: dict[str, Callable[[Taken], Receipt]] = {
            "card": self._card,
            "story": self._story,
            "fetch_proof": self._fetch_proof,
            "proof_checked": self._proof_checked,
        }

    def deliver(self, row: Taken) -> Receipt:
        """Bring one row to Slack; see the protocol."""
        deliver = self._kinds.get(row.kind)
        if deliver is None:
            raise Refused("unknown_kind")
        with slack_errors():
            return deliver(row)

    def look_up(self, row: Taken) -> Receipt | None:
        """Where the message of this row is. What only changes something can simply be done again."""
        if row.kind not in ("card", "story"):
            return None
        channel = row.payload["channel"]
        with slack_errors():
            if row.kind == "card":
                if self._place(row) is not None:
                    return None  # it stands already and would only be redrawn
                found = self._search(self._slack.conversations_history, row, channel=channel)
                if found is not None:
                    self._remember_card(row, channel, found)
            else:
                card = self._place(row)
                if card is None:
                    return None
                found = self._search(self._slack.conversations_replies, row, channel=card.channel, ts=card.ts)
        return Receipt(channel, found) if found is not None else None

    # -- cards and their threads ---------------------------------------------------------------------------------------

    def _card(self, row: Taken) -> Receipt:
        with self._desk.memory.database.transaction() as session:
            message = claim_card(self._claim(session, row), row.payload["side"], self._desk.view(session))
        place = self._place(row)
        if place is not None:
            try:
                self._slack.chat_update(channel=place.channel, ts=place.ts, **as_body(message))
            except SlackApiError as error:
                if error.response.get("error") != "message_not_found":
                    raise
                self._forget_card(row)  # somebody deleted it: it is posted anew
            else:
                return Receipt(place.channel, place.ts)
        channel, ts = self._post(row, row.payload["channel"], message)
        self._remember_card(row, channel, ts)
        return Receipt(channel, ts)

    def _story(self, row: Taken) -> Receipt:
        place = self._place(row)
        if place is None:
            raise NotYet
        with self._desk.memory.database.transaction() as session:
            message = story(session.get_one(History, row.payload["history"]), self._desk.programme)
        return Receipt(*self._post(row, place.channel, message, thread_ts=place.ts))

    def _post(self, row: Taken, channel: str, message: Message, **where: Any) -> tuple[str, str]:
        answer = self._slack.chat_postMessage(
            channel=channel,
            metadata={"event_type": EVENT, "event_payload": {"id": str(row.id)}},
            unfurl_links=False,
            unfurl_media=False,
            **as_body(message),
            **where,
        )
        return str(answer["channel"]), str(answer["ts"])

    def _search(self, list_messages: Callable[..., Any], row: Taken, **where: Any) -> str | None:
        answer = list_messages(include_all_metadata=True, limit=_LOOKED_THROUGH, **where)
        for message in answer["messages"]:
            metadata = message.get("metadata") or {}
            if metadata.get("event_type") == EVENT and metadata["event_payload"].get("id") == str(row.id):
                return str(message["ts"])
        return None

    def _claim(self, session: Session, row: Taken) -> Claim:
        return session.get_one(Claim, row.claim_id)

    def _place(self, row: Taken) -> Card | None:
        with self._desk.memory.database.transaction() as session:
            return session.get(Card, (row.claim_id, row.payload["side"]))

    def _remember_card(self, row: Taken, channel: str, ts: str) -> None:
        values = {"claim_id": row.claim_id, "side": row.payload["side"], "team": row.team, "channel": channel, "ts": ts}
        with self._desk.memory.database.transaction() as session:
            session.execute(insert(Card).values(values).on_conflict_do_nothing())

    def _forget_card(self, row: Taken) -> None:
        with self._desk.memory.database.transaction() as session:
            card = session.get(Card, (row.claim_id, row.payload["side"]))
            if card is not None:
                session.delete(card)

    # -- proofs of execution -------------------------------------------------------------------------------------------

    def _fetch_proof(self, row: Taken) -> Receipt:
        identity, view = row.payload["proof"], row.payload["view"]
        memory = self._desk.memory
        with memory.database.transaction() as session:
            proof = proofs.waiting(session, identity)
        if proof is None or proof.slack_file is None:
            return Receipt(row.lane, None)
        rules = memory.programme.limits.documents
        file = self._slack.files_info(file=proof.slack_file)["file"]
        try:
            if (file.get("size") or 0) > rules.max_file_bytes:
                raise BadDocument(_too_large(rules.max_file_megabytes))
            content = fetch(self._slack, file["url_private_download"], rules.max_file_bytes)
            if len(content) > rules.max_file_bytes:
                raise BadDocument(_too_large(rules.max_file_megabytes))
            media_type = check_document(content, proof.file_name, rules)
        except WebPageInstead as bad:
            if row.attempts < _PATIENCE:
                raise NotYet from bad
            proofs.refuse(memory, identity, bad.problem, view=view)
        except BadDocument as bad:
            proofs.refuse(memory, identity, bad.problem, view=view)
        else:
            sha256 = self._store.put(content)
            proofs.accept(memory, identity, sha256=sha256, size=len(content), media_type=media_type, view=view)
        return Receipt(row.lane, None)

    def _proof_checked(self, row: Taken) -> Receipt:
        """Tell whoever handed the file in: in their form while it is open; otherwise only if something is wrong."""
        user, view_id = row.payload["user"], row.payload["view"]
        with self._desk.memory.database.transaction() as session:
            proof = session.get_one(Proof, row.payload["proof"])
            claim = proof.claim
            if view_id is not None and claim.pending_proofs:
                return Receipt(user, None)  # the last of them tells
            problems = [f"{one.file_name}: {one.problem}" for one in claim.refused_since(proof.added_at)]
            view = self._after_check(session, Who(row.team, user), claim.number, problems) if view_id else None
            refused = f"{proof.file_name}: {proof.problem}" if proof.state == "refused" else None
            number = claim.number
        if view is not None and self._redrawn(view_id, view):
            return Receipt(user, None)
        if refused is not None:
            text = f"A file for {number} could not be taken. {refused}"
            answer = self._slack.chat_postMessage(channel=user, text=escape(text), blocks=[line(words(text))])
            return Receipt(str(answer["channel"]), str(answer["ts"]))
        return Receipt(user, None)

    def _after_check(self, session: Session, who: Who, number: str, problems: list[str]) -> dict[str, Any] | None:
        try:
            if problems:
                return claim_form.proof_page(self._desk, session, who, number, problems)
            return submission.view(self._desk, session, who, number)
        except NotAllowed:
            return None  # the claim went on meanwhile; its card tells

    def _redrawn(self, view_id: str, view: dict[str, Any]) -> bool:
        try:
            self._slack.views_update(view_id=view_id, view=view)
        except SlackApiError as error:
            if error.response.get("error") in ("not_found", "no_permission", "view_not_found"):
                return False  # the person closed the form
            raise
        return True


def _too_large(megabytes: int) -> str:
    return f"The file is larger than {megabytes} MB."
