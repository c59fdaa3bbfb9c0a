"""Handing a claim to another reviewer: a form with one field, and nobody in it who could not take the claim."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from sqlalchemy.orm import Session

from bot.cards.text import Block, bold, line, note, plain, words
from bot.conversations import inputs
from bot.desk import Body, Context, Desk, who_of
from models.answers import Invalid, Who
from models.operations import reviewing
from models.queries.claims import find, permitted
from models.queries.people import actor_for
from models.queries.surroundings import possible_reviewers
from models.tables import Claim
from rules import lifecycle
from rules.lifecycle import Action

CALLBACK = "reassign_form"
REVIEWER = "reviewer"


def open_reassign(desk: Desk, body: Body, number: str) -> None:
    """Open the form. Raises Refused when this person may not hand the claim over now."""
    with desk.memory.database.reading() as session:
        claim = _claim(session, who_of(body), number)
        view = _form(desk, claim, _choices(session, claim))
    desk.show(body, view)


def register(app: App, desk: Desk) -> None:
    """Listen to the form, and to what is typed where there are many reviewers."""

    def handed_in(ack: Ack, body: dict[str, Any]) -> None:
        context = Context.read(body["view"])
        chosen = inputs.handed_in(body["view"], REVIEWER)
        team, _, user = (chosen if isinstance(chosen, str) else "").partition("/")
        try:
            reviewing.reassign(desk.memory, who_of(body), context.n or "", Who(team, user), delivery=context.k or None)
        except Invalid as error:
            ack(response_action="errors", errors=dict(error.errors))
            return
        ack(response_action="clear")

    def typed(ack: Ack, body: dict[str, Any]) -> None:
        context = Context.read(body.get("view", {}))
        with desk.memory.database.reading() as session:
            claim = _claim(session, who_of(body), context.n or "")
            choices = _choices(session, claim)
        ack(options=inputs.matching(choices, body.get("value") or ""))

    app.view(CALLBACK)(handed_in)
    app.options(REVIEWER)(typed)


def _claim(session: Session, who: Who, number: str) -> Claim:
    actor = actor_for(session, who)
    claim = find(session, actor, number)
    permitted(actor, Action.REASSIGN, claim)
    return claim


def _choices(session: Session, claim: Claim) -> inputs.Options:
    return [inputs.option(one.name, f"{one.team}/{one.user}") for one in possible_reviewers(session, claim)]


def _form(desk: Desk, claim: Claim, choices: inputs.Options) -> dict[str, Any]:
    label = lifecycle.label(Action.REASSIGN)
    blocks: list[Block] = [line(bold(f"{claim.number} · {claim.claim_name}"))]
    view: dict[str, Any] = {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": Context(k=desk.new_key(), n=claim.number, act=Action.REASSIGN).write(),
        "title": plain(label, 24),
        "close": plain("Cancel", 24),
        "blocks": blocks,
    }
    if not choices:
        blocks.append(line(words("Nobody else can review this claim now.")))
        return view
    present = claim.reviewer.name if claim.reviewer is not None else "nobody"
    blocks.append(note(f"Reviewer now: {present}. Whoever you choose is told by direct message."))
    element = inputs.select(choices, None, multi=False, placeholder="Choose a reviewer")
    blocks.append(
        {
            "type": "input",
            "block_id": REVIEWER,
            "label": plain("Reviewer", 2000),
            "element": {"action_id": REVIEWER, **element},
        }
    )
    return {**view, "submit": plain(label, 24)}
