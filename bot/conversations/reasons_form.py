"""Actions that ask for a reason or a message before they are done: one small form each, from one table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App

from bot.cards.buttons import claim_button
from bot.cards.text import Block, bold, bullets, cut, line, note, plain, words
from bot.conversations import inputs, proof_form
from bot.desk import Body, Context, Desk, Outdated, known, who_of
from models.answers import Blocked, Done, Invalid, Overtaken, Who
from models.memory import Memory
from models.operations import filing, reviewing, settling
from models.operations.acting import compare
from models.operations.proofs import SlackFile
from models.queries.claims import find, permitted
from models.queries.people import actor_for
from rules import lifecycle
from rules.lifecycle import Action
from rules.reasons import Reason, Reasons

CALLBACK = "reasons_form"
_REASON, _MESSAGE, _JUSTIFICATION = "reason", "message", "business_justification"


@dataclass(frozen=True)
class Given:
    """What was handed in: the reasons' ids, a text, files; and to which claim, in which version, under which key."""

    who: Who
    number: str
    reasons: Sequence[str]
    text: str
    files: Sequence[SlackFile]
    version: int | None
    key: str

    @property
    def reason(self) -> str:
        """The one reason, where one is asked for."""
        return next(iter(self.reasons), "")


@dataclass(frozen=True)
class Ask:
    """What an action asks for: reasons to choose from (several of them where ``many``), and a text.

    ``text`` is (id, label, hint); ``warning`` says what follows from the action. Where ``proof`` may take the place of
    the text, files without a text come first: they have to be checked before anything rests on them.
    """

    perform: Callable[[Memory, Given], Done]
    reasons: Callable[[Reasons], Sequence[Reason]] | None = None
    many: bool = False
    text: tuple[str, str, str] | None = None
    proof: bool = False
    warning: str | None = None


ASKS: dict[Action, Ask] = {
    Action.REQUEST_INFORMATION: Ask(
        lambda memory, it: reviewing.request_information(
            memory, it.who, it.number, it.reasons, it.text, version=it.version, delivery=it.key
        ),
        reasons=lambda known: known.information,
        many=True,
        text=(_MESSAGE, "Message", "What exactly is missing, and what would do. The partner reads this."),
    ),
    Action.REJECT: Ask(
        lambda memory, it: reviewing.reject(
            memory, it.who, it.number, it.reason, it.text, version=it.version, delivery=it.key
        ),
        reasons=lambda known: known.for_reviewers,
        text=(_MESSAGE, "Message", "Why, and what would change it. The partner reads this."),
    ),
    Action.WITHDRAW: Ask(
        lambda memory, it: settling.withdraw(memory, it.who, it.number, it.reason, version=it.version, delivery=it.key),
        reasons=lambda known: known.partner_request,
        warning="The claim is rejected at your own request.",
    ),
    Action.DISPUTE: Ask(
        lambda memory, it: settling.dispute(
            memory, it.who, it.number, it.text, files=it.files, version=it.version, delivery=it.key
        ),
        proof=True,
        text=(
            _JUSTIFICATION,
            "Business justification",
            "Why the rejection should be reconsidered. New proof of execution can take its place.",
        ),
        warning="A rejected claim can be disputed once. Another reviewer decides, and that decision is final.",
    ),
    Action.DISASSOCIATE: Ask(
        lambda memory, it: settling.disassociate(
            memory, it.who, it.number, it.text, version=it.version, delivery=it.key
        ),
        text=(_REASON, "Reason", "Why you no longer claim this customer"),
        warning=(
            "You lose the association, the access to the customer's usage data and any incentive from now on. "
            "There is no way back: to return, you file a new claim."
        ),
    ),
}


def open_reasons(
    desk: Desk,
    body: Body,
    number: str,
    action: Action,
    *,
    reasons: Sequence[str] = (),
    text: str = "",
    seen: int | None = None,
) -> None:
    """Open the form of an action, filled in with reasons (by id) and a text that were given already.

    Args:
        seen: the claim's version above the button, where that decides.

    Raises:
        Refused: this person may not take the action now.
        Overtaken: the claim is another by now.
    """
    desk.show(body, _form(desk, who_of(body), number, action, reasons, text, seen=seen))


def register(app: App, desk: Desk) -> None:
    """Listen to the form."""

    def handed_in(ack: Ack, body: dict[str, Any]) -> None:
        context = Context.read(body["view"])
        state = body["view"]["state"]["values"]
        given = {block: inputs.value_of(next(iter(elements.values()))) for block, elements in state.items()}
        ask = ASKS[_asked(context.act)]
        chosen = given.get(_REASON) if ask.reasons is not None else None
        reasons = chosen if isinstance(chosen, list) else [chosen] if chosen else []
        text = (given.get(ask.text[0]) if ask.text else None) or ""
        number, who, files = context.n or "", who_of(body), inputs.files_in(body["view"]["state"])
        try:
            if files and not text.strip():
                filing.add_proof(desk.memory, who, number, files, view=body["view"]["id"], delivery=context.k)
                ack(response_action="update", view=proof_form.answer(desk, who, number))
                return
            ask.perform(desk.memory, Given(who, number, reasons, text, files, context.ver, context.k))
        except Overtaken as error:
            again = _form(desk, who, number, _asked(context.act), reasons, text, changed_by=error.by)
            ack(**desk.redraw(body, again))
        except Invalid as error:
            ack(response_action="errors", errors=dict(error.errors))
        except Blocked as blocked:
            ack(
                response_action="errors",
                errors={next(iter(state)): " ".join(one.message for one in blocked.decision.blocks)},
            )
        else:
            ack(response_action="clear")

    app.view(CALLBACK)(handed_in)


def _asked(name: str | None) -> Action:
    if (action := known(Action, name)) not in ASKS:
        raise Outdated
    return action


def _form(
    desk: Desk,
    who: Who,
    number: str,
    action: Action,
    given: Sequence[str],
    typed: str,
    *,
    seen: int | None = None,
    changed_by: str = "",
) -> dict[str, Any]:
    """The form, with what was given; ``changed_by``: who changed the claim meanwhile. Raises Refused, Overtaken."""
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who)
        claim = find(session, actor, number)
        permitted(actor, action, claim)
        compare(session, claim, seen)
    ask, label = ASKS[action], lifecycle.label(action)
    blocks: list[Block] = [line(bold(f"{claim.number} · {claim.claim_name}"))]
    if changed_by:
        notice = words("Nothing was done yet, and what you typed is still here. Please look at the claim again first.")
        details = {"type": "actions", "elements": [claim_button("show", "Details", claim.number)]}
        blocks = [line(bold(f"{changed_by} changed this claim meanwhile. "), notice), *blocks, details]
    if ask.warning:
        blocks.append(note(ask.warning))
    if ask.reasons is not None:
        reasons = ask.reasons(desk.programme.reasons)
        blocks.append(_choose(reasons, given, many=ask.many))
    if ask.text is not None:
        blocks.append({**_write(*ask.text, typed), "optional": ask.proof})
    if ask.proof:
        blocks.append(proof_form.proof_input(desk, optional=True))
    if ask.reasons is not None:
        blocks.append(bullets([bold(f"{one.label}: "), words(one.meaning)] for one in reasons))
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": Context(k=desk.new_key(), n=claim.number, ver=claim.version, act=action).write(),
        "title": plain(label, 24),
        "submit": plain(label, 24),
        "close": plain("Cancel", 24),
        "blocks": blocks,
    }


def _choose(reasons: Sequence[Reason], given: Sequence[str], *, many: bool) -> Block:
    options = [inputs.option(one.label, one.id) for one in reasons]
    element = inputs.select(
        options, given if many else next(iter(given), None), multi=many, placeholder="Choose a reason"
    )
    return {
        "type": "input",
        "block_id": _REASON,
        "label": plain("Reason", 2000),
        "element": {"action_id": _REASON, **element},
    }


def _write(block: str, label: str, hint: str, typed: str) -> Block:
    return {
        "type": "input",
        "block_id": block,
        "label": plain(label, 2000),
        "hint": plain(hint, 2000),
        "element": {
            "type": "plain_text_input",
            "action_id": block,
            "multiline": True,
            "max_length": reviewing.MESSAGE_LENGTH,
            **({"initial_value": cut(typed, reviewing.MESSAGE_LENGTH)} if typed else {}),
        },
    }
