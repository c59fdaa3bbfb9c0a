"""Submitting a claim: what the rules say of it first, then the acknowledgements, then the reviewers have it."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from sqlalchemy.orm import Session

from bot.cards.buttons import claim_button
from bot.cards.card import due_text, facts
from bot.cards.text import Block, bold, line, lines, note, plain, words
from bot.cards.verdict import findings
from bot.conversations import inputs
from bot.desk import Body, Context, Desk, who_of
from models.answers import Blocked, Overtaken, Who
from models.facts import duplicates
from models.operations import filing
from models.queries.claims import find, permitted, subject_of
from models.queries.people import actor_for
from models.tables import Claim
from rules import lifecycle
from rules.decision import Decision
from rules.fields import editable
from rules.lifecycle import Action, Status
from rules.permissions import Actor, sees

CALLBACK = "submission_form"
_ACKNOWLEDGED = "acknowledgements"


def open_submission(desk: Desk, body: Body, number: str) -> None:
    """Open the form that submits a claim. Raises Refused."""
    with desk.memory.database.reading() as session:
        form = view(desk, session, who_of(body), number)
    desk.show(body, form)


def register(app: App, desk: Desk) -> None:
    """Listen to the form."""

    def handed_in(ack: Ack, body: dict[str, Any]) -> None:
        context, who = Context.read(body["view"]), who_of(body)
        number = context.n or ""
        place = _ticks(context.ver)
        ticked = inputs.handed_in(body["view"], place) or ()
        if not {one.id for one in desk.programme.catalogue.acknowledgements} <= set(ticked):
            ack(response_action="errors", errors={place: "Please tick all of them: each is needed."})
            return
        submit = filing.resubmit if context.act == Action.RESUBMIT else filing.submit
        try:
            submit(desk.memory, who, number, version=context.ver, delivery=context.k)
        except Overtaken as error:
            # What the person vouches for is what stands in the form: it is drawn again, with nothing ticked.
            with desk.memory.database.reading() as session:
                ack(**desk.redraw(body, view(desk, session, who, number, changed_by=error.by)))
            return
        except Blocked as blocked:
            # Something changed since the form was drawn: it is drawn again, with what stands in the way now.
            with desk.memory.database.reading() as session:
                actor = actor_for(session, who)
                form = _form(desk, session, actor, find(session, actor, number), blocked.decision)
                ack(**desk.redraw(body, form))
            return
        with desk.memory.database.reading() as session:
            claim = find(session, actor_for(session, who), number)
            ack(**desk.redraw(body, _submitted(claim, due_text(claim, desk.view(session)))))

    app.view(CALLBACK)(handed_in)


def view(desk: Desk, session: Session, who: Who, number: str, *, changed_by: str = "") -> dict[str, Any]:
    """The form, or what stands in the way, or that files are still being checked. Raises Refused.

    ``changed_by``: who changed the claim while the form was open.
    """
    actor = actor_for(session, who)
    claim = find(session, actor, number)
    permitted(actor, action_for(claim), claim)
    if claim.pending_proofs:
        return _checking(claim)
    form = _form(desk, session, actor, claim, filing.preview(desk.memory, session, claim))
    if changed_by:
        notice = words("Nothing was handed in yet. Please look at it again.")
        form["blocks"].insert(0, line(bold(f"{changed_by} changed this claim meanwhile. "), notice))
    return form


def action_for(claim: Claim) -> Action:
    """Whether handing this claim in is a submission or an answer to the reviewers."""
    return Action.RESUBMIT if claim.status is Status.ACTION_REQUIRED else Action.SUBMIT


def _form(desk: Desk, session: Session, actor: Actor, claim: Claim, decision: Decision) -> dict[str, Any]:
    action = action_for(claim)
    context = Context(k=desk.new_key(), n=claim.number, ver=claim.version, act=action)
    blocks: list[Block] = [line(bold(f"{claim.number} · {claim.claim_name}"))]
    can_edit = {field.id for field in editable(claim.status)}
    blocks += findings(decision, claim.number, can_edit)
    if decision.blocks:
        blocks.append(note("The claim is saved: nothing is lost when you close this."))
        # Where nothing can be done at a field, the form is opened as it is.
        first_field = next((one.field for one in decision.blocks if one.field in can_edit), None)
        edit = claim_button(Action.EDIT, lifecycle.label(Action.EDIT), claim.number, field=first_field)
        again = claim_button(action, "Check again", claim.number)
        buttons: Block = {"type": "actions", "elements": [edit, again]}
        first = next((one for one in duplicates(session, desk.memory, claim) if sees(actor, subject_of(one))), None)
        if first is not None:
            buttons["elements"].append(claim_button("show", f"Open {first.number}", first.number))
        blocks.append(buttons)
        return _modal("Not ready yet", blocks, context)
    blocks += [lines(facts(claim, desk.view(session))), _acknowledgements(desk, claim.version)]
    return {**_modal(lifecycle.label(action), blocks, context), "submit": plain(lifecycle.label(action), 24)}


def _checking(claim: Claim) -> dict[str, Any]:
    """While files are checked; the outbox redraws the form when that is over."""
    names = ", ".join(one.file_name for one in claim.pending_proofs)
    blocks = [
        line(bold("Your files are being checked: "), words(names)),
        note("This takes a moment and goes on when you close the form: the claim's card shows the result."),
        _buttons(claim.number, (action_for(claim), "Check again")),
    ]
    return _modal("Checking the proof", blocks, Context(k="", n=claim.number))


def _submitted(claim: Claim, due: str) -> dict[str, Any]:
    blocks = [
        line(bold(f"{claim.number} is with the reviewers.")),
        line(words(due)),
        note("You will read here in Slack what they decide; the claim's thread is where you can talk to them."),
    ]
    return _modal("Submitted", blocks, Context(k="", n=claim.number))


def _modal(title: str, blocks: list[Block], context: Context) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": context.write(),
        "title": plain(title, 24),
        "close": plain("Close", 24),
        "blocks": blocks,
    }


def _buttons(number: str, *buttons: tuple[str, str]) -> Block:
    return {"type": "actions", "elements": [claim_button(id, label, number) for id, label in buttons]}


def _ticks(version: int | None) -> str:
    # Slack keeps what was ticked where ids stay; what was ticked for one version says nothing of the next.
    return _ACKNOWLEDGED if version is None else f"{_ACKNOWLEDGED}@{version}"


def _acknowledgements(desk: Desk, version: int) -> Block:
    options = [inputs.option(one.name, one.id) for one in desk.programme.catalogue.acknowledgements]
    return {
        "type": "input",
        "block_id": _ticks(version),
        "label": plain("Acknowledgements", 2000),
        "hint": plain("All of them are needed", 2000),
        "element": {"type": "checkboxes", "action_id": _ACKNOWLEDGED, "options": options},
    }
