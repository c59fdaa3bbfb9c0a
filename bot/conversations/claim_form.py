"""Filling in a claim: a new one or a draft in a few pages, and on one page what a reviewer asked for.

Each page is saved as it is left, so nothing is lost when somebody is called away: the draft is there to go on with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from slack_bolt import Ack, App
from sqlalchemy.orm import Session

from bot.cards.card import asked
from bot.cards.text import Block, bold, bullets, line, note, plain, words
from bot.conversations import inputs, submission
from bot.desk import Body, Context, Desk, Outdated, who_of
from models.answers import Done, Invalid, Overtaken, Refused, Who
from models.operations import filing
from models.queries.claims import find, permitted
from models.queries.people import actor_for, locations_for_filing
from models.tables import Claim, Location, claim_id
from rules import permissions
from rules.fields import FIELDS, Field, Kind, Step, editable
from rules.lifecycle import Action, Status
from rules.loading import Programme
from rules.permissions import Condition, Refusal

CALLBACK = "claim_form"
_TAKE_BACK = "take_back"
_TAKE_YOUR_TIME = (
    "You can leave out what you do not know yet, and come back: each page is saved. "
    "Before you submit, you are told what is still missing."
)
_NOWHERE = Refusal(Condition.LOCATION, "None of your locations can file claims now. Your global admin can change that.")


@dataclass(frozen=True)
class Sheet:
    """What a page is drawn from: ``values`` (by field id) win over what the claim has; ``top`` comes before all;
    ``focus`` is the field (its id) in which the cursor stands. ``programme``: the rules that decide about the claim.
    """

    programme: Programme
    context: Context
    claim: Claim | None
    locations: Sequence[Location]
    values: Mapping[str, Any] = field(default_factory=dict)
    top: Sequence[Block] = ()
    focus: str | None = None

    def value(self, name: str) -> Any:
        """The present value of a field."""
        return self.values.get(name, getattr(self.claim, name, None))

    @property
    def area(self) -> str | None:
        """The solution area, on which depends what can be chosen; None where the catalogue has it no longer."""
        area: str | None = self.value("solution_area")
        return area if area in self.programme.catalogue.areas_by_id else None

    @property
    def pages(self) -> list[list[Field]]:
        """The fields, page by page: only what the partner role needs, only what may be edited now."""
        roles = self.programme.catalogue.partner_roles
        role = next((one for one in roles if one.id == self.value("partner_role")), None)
        wanted = {*role.needs, *role.offers} if role is not None else set()
        status = self.claim.status if self.claim is not None else None
        fields = [one for one in editable(status) if one.when is None or one.when in wanted]
        if status is Status.ACTION_REQUIRED:
            return [fields]
        return [[one for one in fields if one.step is step] for step in Step]


def open_new(desk: Desk, body: Body) -> None:
    """Open the form of a new claim.

    Raises:
        Refused: this person may not file claims.
    """
    with desk.memory.database.reading() as session:
        who = who_of(body)
        actor = actor_for(session, who)
        locations = locations_for_filing(session, actor)
        if not locations:
            raise Refused(permissions.may_file_somewhere(actor) or _NOWHERE)
        values = {"mpn": locations[0].mpn} if len(locations) == 1 else {}
        view = page(Sheet(desk.programme, Context(k=desk.new_key()), None, locations, values))
    desk.show(body, view)


def open_edit(desk: Desk, body: Body, number: str, *, field: str | None = None) -> None:
    """Open the form of a claim that may be edited, on the page with ``field`` (an id). Raises Refused."""
    with desk.memory.database.reading() as session:
        sheet = _sheet(desk, session, who_of(body), Context(k=desk.new_key(), n=number))
        for place, fields in enumerate(sheet.pages):
            if field in [one.id for one in fields]:
                sheet = replace(sheet, context=sheet.context.model_copy(update={"page": place}), focus=field)
        view = page(sheet)
    desk.show(body, view)


def proof_page(desk: Desk, session: Session, who: Who, number: str, problems: Sequence[str]) -> dict[str, Any]:
    """The page that takes proofs, with what was wrong with a file on top. Raises Refused."""
    sheet = _sheet(desk, session, who, Context(k=desk.new_key(), n=number))
    top = [line(bold("This could not be taken")), bullets([words(problem)] for problem in problems)]
    context = sheet.context.model_copy(update={"page": len(sheet.pages) - 1})
    return page(replace(sheet, context=context, top=top))


def register(app: App, desk: Desk) -> None:
    """Listen to the form."""

    def solution_area_chosen(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        view = body.get("view") or {}
        if not view.get("state"):
            raise Outdated
        with desk.memory.database.reading() as session:
            sheet = _sheet(desk, session, who_of(body), Context.read(view), inputs.typed(view["state"]))
        desk.show(body, page(sheet))

    def handed_in(ack: Ack, body: dict[str, Any]) -> None:
        ack(**_save(desk, body))

    app.action(inputs.PREFIX + "solution_area")(solution_area_chosen)
    app.view(CALLBACK)(handed_in)


def page(sheet: Sheet) -> dict[str, Any]:
    """The page that the sheet's context names, as a view."""
    claim, every = sheet.claim, sheet.pages
    number = min(max(sheet.context.page, 0), len(every) - 1)
    area = sheet.area
    programme = sheet.programme
    blocks: list[Block] = [*sheet.top, *(asked(claim, programme) if claim is not None else ())]
    if number > 0:
        blocks.append(note(_TAKE_YOUR_TIME))
    for one in every[number]:
        if one.kind is Kind.FILES and claim is not None:
            blocks += _handed_in_before(claim)
        value = sheet.value(one.id)
        block = inputs.field_input(one, value, programme=programme, area=area, locations=sheet.locations)
        if one.id == sheet.focus and one.kind is not Kind.FILES:
            block["element"]["focus_on_load"] = True
        blocks.append(block)
        if one.kind is Kind.PARTNER_ROLE and area is not None:
            blocks.append(_which_role(programme, area))
    name = claim.number if claim is not None else "New claim"
    title = f"{name} ({number + 1} of {len(every)})" if len(every) > 1 else f"Edit {name}"
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": sheet.context.write(),
        "title": plain(title, 24),
        "submit": plain("Save" if number == len(every) - 1 else "Next", 24),
        "close": plain("Finish later" if claim is not None else "Cancel", 24),
        "blocks": blocks,
    }


def _save(desk: Desk, body: Body) -> dict[str, Any]:
    """Save one page; answers with the next one, or with what is wrong at the field."""
    view, who = body["view"], who_of(body)
    context, state = Context.read(view), view["state"]["values"]
    values = inputs.typed(view["state"])
    try:
        if context.n is None:
            done = filing.create(desk.memory, who, values, delivery=context.k)
        else:
            done = filing.edit(
                desk.memory,
                who,
                context.n,
                values,
                files=inputs.files_in(view["state"]),
                take_back=_taken_back(state),
                view=view["id"],
                version=context.ver,
                delivery=context.k,
            )
    except Invalid as error:
        return {"response_action": "errors", "errors": _at_blocks(error.errors, state)}
    except Overtaken as error:
        return desk.redraw(body, _again(desk, who, context, values, error))
    return desk.redraw(body, _next(desk, who, context, done))


def _next(desk: Desk, who: Who, context: Context, done: Done) -> dict[str, Any]:
    following = Context(k=desk.new_key(), n=done.number, page=context.page + 1)
    with desk.memory.database.reading() as session:
        sheet = _sheet(desk, session, who, following)
        if following.page < len(sheet.pages):
            return page(sheet)
        return submission.view(desk, session, who, done.number)


def _again(desk: Desk, who: Who, context: Context, values: dict[str, Any], error: Overtaken) -> dict[str, Any]:
    """The same page with what was typed, after somebody else's change."""
    notice = line(
        bold(f"{error.by} changed this claim while you were typing. "),
        words("What you typed is still here. Save again to keep it, or close and look first."),
    )
    with desk.memory.database.reading() as session:
        fresh = Context(k=desk.new_key(), n=context.n, page=context.page)
        sheet = replace(_sheet(desk, session, who, fresh, values), top=[notice])
    return page(sheet)


def _sheet(desk: Desk, session: Session, who: Who, context: Context, values: Mapping[str, Any] | None = None) -> Sheet:
    """What a page is drawn from, as the claim now stands. Raises Refused when this person may not edit it."""
    actor = actor_for(session, who)
    locations = locations_for_filing(session, actor)
    if context.n is None:
        return Sheet(desk.programme, context, None, locations, values or {})
    claim = find(session, actor, context.n)
    permitted(actor, Action.EDIT, claim)
    own = [one for one in locations if one.partner_id == claim.partner_id]
    rules = desk.memory.rules_of(session, claim)
    return Sheet(rules, context.model_copy(update={"ver": claim.version}), claim, own, values or {})


def _which_role(programme: Programme, area: str) -> Block:
    """Which partner role fits when, in plain words: people file under the wrong one because nobody says."""
    roles = programme.catalogue.roles_of(area)
    return bullets([bold(f"{one.name}: "), words(one.fits_when)] for one in roles)


def _handed_in_before(claim: Claim) -> list[Block]:
    files = [*claim.accepted_proofs, *claim.pending_proofs]
    if not files:
        return []
    options = [inputs.option(one.file_name, str(one.id)) for one in files][:10]
    return [
        {
            "type": "input",
            "block_id": _TAKE_BACK,
            "optional": True,
            "label": plain("Already handed in: tick what is to be removed", 2000),
            "element": {"type": "checkboxes", "action_id": _TAKE_BACK, "options": options},
        }
    ]


def _taken_back(state: Mapping[str, Any]) -> list[int]:
    ids = [one for element in state.get(_TAKE_BACK, {}).values() for one in inputs.value_of(element) or ()]
    return [int(one) for one in ids if claim_id(one) is not None]


def _at_blocks(errors: Mapping[str, str], state: Mapping[str, Any]) -> dict[str, str]:
    """Field id -> message as Slack wants it: by block, and every message at some block of this page."""
    blocks = {block.partition("@")[0]: block for block in state}
    labels = {one.id: one.label for one in FIELDS}
    elsewhere = next(iter(state))
    at: dict[str, str] = {}
    for name, message in errors.items():
        if name in blocks:
            at[blocks[name]] = message
        else:
            at.setdefault(elsewhere, f"{labels.get(name, name)}: {message}")
    return at
