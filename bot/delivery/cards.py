"""A claim's cards."""

from __future__ import annotations

from slack_sdk.errors import SlackApiError
from sqlalchemy.dialects.postgresql import insert

from bot.cards.card import claim_card
from bot.cards.text import note
from bot.delivery.posting import Poster
from bot.desk import Desk, as_body
from jobs.delivery import Receipt
from models.operations.acting import belongs
from models.operations.homes import watch
from models.operations.outbox import Taken
from models.queries.surroundings import surroundings
from models.tables import Card, Claim
from rules.lifecycle import Party

# What is left of a deleted message that had replies is Slack's own.
GONE = ("message_not_found", "cant_update_message")
_CANNOT_BE_EMPTIED = ("message_not_found", "is_archived")


class Cards:
    """Posts a card, or draws it anew where it stands."""

    def __init__(self, desk: Desk, poster: Poster) -> None:
        self._desk = desk
        self._poster = poster

    def deliver(self, row: Taken) -> Receipt:
        """Draw the card as the claim now stands."""
        with self._desk.memory.database.transaction() as session:
            claim = session.get_one(Claim, row.claim_id)
            side = row.payload["side"]
            # Whatever changes a claim redraws its cards; who looks at the claim on Home is told with them.
            watch(session, claim, Party(side), self._desk.memory.clock())
            around = surroundings(session, self._desk.memory, claim) if side == "reviewer" else None
            message = claim_card(claim, side, self._desk.view(session), around)
        card = place(self._desk, row)
        if card is not None:
            try:
                self._poster.slack(row).chat_update(channel=card.channel, ts=card.ts, **as_body(message))
            except SlackApiError as error:
                if error.response.get("error") not in GONE:
                    raise
                self._forget(row)  # somebody deleted it: it is posted anew
            else:
                return Receipt(card.channel, card.ts)
        receipt = self._poster.post(row, self._channel(row), message)
        self._remember(row, receipt)
        return receipt

    def look_up(self, row: Taken) -> Receipt | None:
        """Where the card is, if it was posted and not noted; one that is noted is simply drawn again."""
        if place(self._desk, row) is not None:
            return None
        receipt = self._poster.find(row, self._channel(row))
        if receipt is not None:
            self._remember(row, receipt)
        return receipt

    def _channel(self, row: Taken) -> str:
        # Not where it belonged when this was queued: the claim, or its channel, may have moved meanwhile.
        memory = self._desk.memory
        with memory.database.transaction() as session:
            team, channel = belongs(session, memory, session.get_one(Claim, row.claim_id), row.payload["side"])
        return channel if team == row.team else str(row.payload["channel"])

    def _remember(self, row: Taken, receipt: Receipt) -> None:
        side, team = row.payload["side"], row.team
        card = insert(Card).values(claim_id=row.claim_id, side=side, team=team, channel=receipt.channel, ts=receipt.ts)
        with self._desk.memory.database.transaction() as session:
            session.execute(card.on_conflict_do_nothing())

    def _forget(self, row: Taken) -> None:
        with self._desk.memory.database.transaction() as session:
            card = session.get(Card, (row.claim_id, row.payload["side"]))
            if card is not None:
                session.delete(card)


class LeftCards:
    """Empties a card that stands where the claim no longer belongs."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    def deliver(self, row: Taken) -> Receipt:
        """Leave nothing of the claim in the message but that it has gone."""
        channel, ts, said = row.payload["channel"], row.payload["ts"], "This claim moved to another channel."
        try:
            self._poster.slack(row).chat_update(channel=channel, ts=ts, text=said, blocks=[note(said)])
        except SlackApiError as error:
            if error.response.get("error") not in _CANNOT_BE_EMPTIED:
                raise
        return Receipt(channel, ts)

    def look_up(self, row: Taken) -> None:
        """Nothing is posted, so nothing is to be found."""


def place(desk: Desk, row: Taken) -> Card | None:
    """Where the claim's card stands on the row's side; None while it was not posted."""
    with desk.memory.database.transaction() as session:
        return session.get(Card, (row.claim_id, row.payload["side"]))
