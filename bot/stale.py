"""What became of a claim whose card was out of date when somebody used it."""

from __future__ import annotations

from bot.cards.text import day_text
from bot.desk import Desk
from models.answers import Refused, Who
from models.operations.acting import redraw_cards
from models.queries.claims import find, history_of
from models.queries.people import actor_for
from models.tables import History
from rules.lifecycle import Action, Party
from rules.permissions import Actor, Condition, Refusal

_DID = {
    Action.CREATE: "created it",
    Action.SUBMIT: "submitted it",
    Action.RESUBMIT: "resubmitted it",
    Action.WITHDRAW: "withdrew it",
    Action.START_REVIEW: "started the review",
    Action.REQUEST_INFORMATION: "asked the partner for more information",
    Action.APPROVE: "approved it",
    Action.REJECT: "rejected it",
    Action.DISPUTE: "disputed the rejection",
    Action.DISASSOCIATE: "disassociated the customer",
    Action.OPT_OUT: "opted out",
    Action.NO_RESPONSE: "The time to answer was over",
}


def caught_up(desk: Desk, who: Who, refusal: Refusal) -> str:
    """The refusal with what has happened meanwhile; both cards of the claim are drawn anew."""
    memory = desk.memory
    with memory.database.transaction() as session:
        actor = actor_for(session, who)
        try:
            claim = find(session, actor, refusal.moved_on or "")
        except Refused:
            return refusal.message  # it was discarded in this very moment
        redraw_cards(session, memory, claim, memory.clock())
        moves = [one for one in history_of(session, claim) if one.from_status is not one.to_status]
        if refusal.condition is not Condition.STATUS or not moves:
            return refusal.message
        day = day_text(memory.calendar(session).local_day(moves[-1].at))
        return f"{refusal.message} {_who_did(moves[-1], actor)} on {day}."


def _who_did(entry: History, actor: Actor) -> str:
    did = _DID.get(entry.action, "changed it")
    if entry.person is not None:
        return f"{'You' if entry.person_id == actor.person else entry.person.name} {did}"
    return f"The customer {did}" if entry.party is Party.CUSTOMER else did
