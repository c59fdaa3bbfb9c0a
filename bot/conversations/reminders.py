"""What people do with a reminder beside what it is about: not now, not any more, or again."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from slack_bolt import Ack, App

from bot.cards.card import Message, due_text
from bot.cards.reminders import LABELS, SNOOZE
from bot.cards.text import Block, bold, escape, line, note, plain, words
from bot.conversations import inputs
from bot.desk import Body, Context, Desk, Outdated, press_key, who_of
from models.answers import Invalid
from models.operations import snoozing
from models.queries.claims import find
from models.queries.people import actor_for

CALLBACK = "snooze_form"
_UNTIL = "until"


def open_snooze(desk: Desk, body: Body, number: str) -> None:
    """Ask until when; tomorrow stands there already. Raises Refused when this person cannot see the claim."""
    who = who_of(body)
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who)
        claim = find(session, actor, number)
        calendar = desk.memory.calendar_of(session, snoozing.side_for(actor, claim), claim.partner)
        tomorrow = calendar.local_day(desk.memory.clock()) + timedelta(days=1)
        opens = desk.programme.cadence.working_hours.opens
        blocks: list[Block] = [line(bold(f"{claim.number} · {claim.claim_name}"))]
        if due := due_text(claim, desk.view(session)):
            blocks.append(line(words(due)))
        blocks += [_until(tomorrow, opens, calendar.timezone.key), note("Nobody on your side is reminded before.")]
    view = {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": Context(k=desk.new_key(), n=number).write(),
        "title": plain(LABELS[SNOOZE], 24),
        "submit": plain(LABELS[SNOOZE], 24),
        "close": plain("Cancel", 24),
        "blocks": blocks,
    }
    desk.show(body, view)


def stop(desk: Desk, body: Body, number: str) -> None:
    """No more reminders of this claim for this side, while it stands as it does. Raises Refused."""
    snoozing.stop(desk.memory, who_of(body), number, delivery=press_key(body))
    _say(desk, body, f"No more reminders of {number} for your side, until its status changes.")


def resume(desk: Desk, body: Body, number: str) -> None:
    """The reminders come again. Raises Refused."""
    snoozing.resume(desk.memory, who_of(body), number, delivery=press_key(body))
    _say(desk, body, f"Your side is reminded of {number} again.")


def register(app: App, desk: Desk) -> None:
    """Listen to the form."""

    def handed_in(ack: Ack, body: dict[str, Any]) -> None:
        context = Context.read(body["view"])
        chosen = inputs.handed_in(body["view"], _UNTIL)
        try:
            if not chosen:
                raise Invalid({_UNTIL: "Please choose a day."})
            until = _day(chosen)
            snoozing.snooze(desk.memory, who_of(body), context.n or "", until, delivery=context.k or None)
        except Invalid as error:
            ack(response_action="errors", errors=dict(error.errors))
        else:
            ack(response_action="clear")

    app.view(CALLBACK)(handed_in)


def _day(chosen: Any) -> date:
    try:
        return date.fromisoformat(chosen)
    except (ValueError, TypeError):
        raise Outdated from None  # that was no date picker of ours


def _until(tomorrow: date, opens: int, zone: str) -> Block:
    return {
        "type": "input",
        "block_id": _UNTIL,
        "label": plain("Until", 2000),
        "hint": plain(f"It comes again at {opens}:00 ({zone}) on that day, or on the next business day.", 2000),
        "element": {"type": "datepicker", "action_id": _UNTIL, "initial_date": tomorrow.isoformat()},
    }


def _say(desk: Desk, body: Body, text: str) -> None:
    desk.whisper(body, Message(escape(text), [line(words(text))]))
