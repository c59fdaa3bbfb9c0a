"""Adding proof beside an edit: one small form, and what came of the files.

While files are checked the form says so; the outbox redraws it when that is over (bot.delivery.proof_files).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slack_bolt import Ack, App
from sqlalchemy.orm import Session

from bot.cards.buttons import claim_button
from bot.cards.card import proofs
from bot.cards.text import Block, bold, bullets, line, note, plain, words
from bot.conversations import inputs
from bot.desk import Body, Context, Desk, who_of
from models.answers import Invalid, Who
from models.operations import filing
from models.operations.proofs import FIELD
from models.queries.claims import find, permitted, subject_of
from models.queries.people import actor_for
from models.tables import Claim
from rules import lifecycle, permissions
from rules.fields import BY_ID
from rules.lifecycle import Action
from rules.permissions import Actor, Refusal

CALLBACK = "proof_form"
# The button by which somebody looks again, should the redrawing have come before the form was there.
AGAIN = "proof"


def open_add_proof(desk: Desk, body: Body, number: str) -> None:
    """Open the form that takes proof. Raises Refused."""
    with desk.memory.database.reading() as session:
        view = form(desk, session, who_of(body), number)
    desk.show(body, view)


def open_result(desk: Desk, body: Body, number: str) -> None:
    """Show in the open form how the check stands. Raises Refused."""
    with desk.memory.database.reading() as session:
        view = result(session, who_of(body), number)
    desk.show(body, view)


def register(app: App, desk: Desk) -> None:
    """Listen to the form."""

    def handed_in(ack: Ack, body: dict[str, Any]) -> None:
        view, who = body["view"], who_of(body)
        context, files = Context.read(view), inputs.files_in(view["state"])
        number = context.n or ""
        try:
            filing.add_proof(desk.memory, who, number, files, view=view["id"], delivery=context.k)
        except Invalid as error:
            ack(response_action="errors", errors=dict(error.errors))
            return
        ack(response_action="update", view=answer(desk, who, number))

    app.view(CALLBACK)(handed_in)


def answer(desk: Desk, who: Who, number: str) -> dict[str, Any]:
    """What takes the place of a form in which files were just handed in."""
    with desk.memory.database.reading() as session:
        return result(session, who, number)


def proof_input(desk: Desk, *, optional: bool) -> Block:
    """The field that takes files of proof."""
    field = BY_ID[FIELD]
    block = inputs.field_input(field, None, programme=desk.programme, area=None, locations=())
    return {**block, "optional": optional}


def form(desk: Desk, session: Session, who: Who, number: str, problems: Sequence[str] = ()) -> dict[str, Any]:
    """The form, with what was wrong with a file on top. Raises Refused."""
    actor, claim = _found(session, who, number)
    permitted(actor, Action.ADD_PROOF, claim)
    blocks: list[Block] = [line(bold(f"{claim.number} · {claim.claim_name}"))]
    if problems:
        blocks += [line(bold("This could not be taken")), bullets([words(one)] for one in problems)]
    if there := proofs(claim):
        blocks.append(note(f"Handed in before: {there}"))
    blocks.append(proof_input(desk, optional=False))
    label = lifecycle.label(Action.ADD_PROOF)
    return {**_modal(label, blocks, Context(k=desk.new_key(), n=claim.number), "Cancel"), "submit": plain(label, 24)}


def result(session: Session, who: Who, number: str) -> dict[str, Any]:
    """Files are being checked, or were added; where they may carry a dispute, it is offered. Raises Refused."""
    actor, claim = _found(session, who, number)
    if claim.pending_proofs:
        names = ", ".join(one.file_name for one in claim.pending_proofs)
        blocks = [
            line(bold("Your files are being checked: "), words(names)),
            note("This takes a moment and goes on when you close the form: the claim's card shows the result."),
            {"type": "actions", "elements": [claim_button(AGAIN, "Check again", claim.number)]},
        ]
        return _modal("Checking the proof", blocks, Context(k="", n=claim.number), "Close")
    blocks = [line(bold("Added. "), words(f"{claim.number} has these files of proof now: {proofs(claim) or 'none'}"))]
    if not isinstance(permissions.check(actor, Action.DISPUTE, subject_of(claim)), Refusal):
        label = lifecycle.label(Action.DISPUTE)
        blocks.append(line(words("New proof can carry a dispute of the rejection. It begins only when you say so.")))
        button = claim_button(Action.DISPUTE, label, claim.number, style="primary")
        blocks.append({"type": "actions", "elements": [button]})
    return _modal("Added", blocks, Context(k="", n=claim.number), "Close")


def _found(session: Session, who: Who, number: str) -> tuple[Actor, Claim]:
    actor = actor_for(session, who)
    return actor, find(session, actor, number)


def _modal(title: str, blocks: list[Block], context: Context, close: str) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": context.write(),
        "title": plain(title, 24),
        "close": plain(close, 24),
        "blocks": blocks,
    }
