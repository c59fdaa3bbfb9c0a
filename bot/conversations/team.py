"""Who belongs to a team: a list of everybody, and a form for one of them. For global admins and lead reviewers."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App
from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from bot.cards.text import Block, bold, bullets, cut, line, note, plain, words
from bot.conversations import inputs
from bot.desk import Body, Context, Desk, Outdated, known, who_of
from bot.errors import notice
from models.answers import Invalid, Refused, Who
from models.operations import teams
from models.operations.teams import Somebody
from models.queries.people import actor_for
from models.queries.teams import Member, Team, managed_by
from rules import permissions
from rules.lifecycle import PartnerRole

CHOOSING, CHANGING = "team_choose", "team_change"
WHOM, PERSON, ROLES, LOCATIONS, LEAD, REMOVE = "whom", "person", "roles", "locations", "lead", "team_remove"
_ADD = "add"
# As many names as fit into one text with their roles; the choice below holds everybody.
_SHOWN = 40


def open_team(desk: Desk, body: Body) -> None:
    """Open the list. Raises Refused for whoever manages no team."""
    with desk.memory.database.reading() as session:
        view = _list(desk, _managed(session, who_of(body)))
    desk.show(body, view)


def register(app: App, desk: Desk) -> None:
    """Listen to the list, to the form, and to the button that removes somebody."""

    def chosen(ack: Ack, body: dict[str, Any]) -> None:
        place, _, whom = (_value(body, WHOM) or "").partition(":")
        with desk.memory.database.reading() as session:
            team = _team(session, who_of(body), place)
        member = None if whom == _ADD else team.member(_who(whom))
        if member is None and whom != _ADD:
            ack(response_action="errors", errors={WHOM: "This person does not belong to the team any more."})
            return
        ack(**desk.redraw(body, _form(desk, team, member)))

    def saved(ack: Ack, body: dict[str, Any]) -> None:
        context = Context.read(body["view"])
        with desk.memory.database.reading() as session:
            team = _team(session, who_of(body), context.n or "")
        try:
            somebody = _somebody(desk, body, team, context)
            _save(desk, body, team, somebody, context.k)
        except Invalid as error:
            present = {block["block_id"] for block in body["view"]["blocks"]}
            # What is wrong with a field that this form has not is said at the first one that it has.
            first = next(one for one in (PERSON, ROLES, LEAD) if one in present)
            errors = {name if name in present else first: text for name, text in error.errors.items()}
            ack(response_action="errors", errors=errors)
            return
        ack(response_action="update", view=_done(f"Saved: {somebody.name}, {team.name}. They are told of a change."))

    def removed(ack: Ack, body: dict[str, Any]) -> None:
        if "view" not in body:
            raise Outdated
        context = Context.read(body["view"])
        with desk.memory.database.reading() as session:
            team = _team(session, who_of(body), context.n or "")
        member = team.member(_who(context.act or ""))
        if team.partner is None:
            teams.remove_reviewer(desk.memory, who_of(body), _who(context.act or ""), delivery=f"{context.k}:remove")
        else:
            teams.remove_member(
                desk.memory, who_of(body), team.partner, _who(context.act or ""), delivery=f"{context.k}:remove"
            )
        name = member.name if member is not None else "This person"
        desk.show(body, _done(f"{name} does not belong to {team.name} any more, and is told so."))
        ack()

    def typed(ack: Ack, body: dict[str, Any]) -> None:
        with desk.memory.database.reading() as session:
            found = _managed(session, who_of(body))
        ack(options=inputs.matching(_choices(found), body.get("value") or ""))

    def place_typed(ack: Ack, body: dict[str, Any]) -> None:
        with desk.memory.database.reading() as session:
            team = _team(session, who_of(body), Context.read(body.get("view") or {}).n or "")
        ack(options=inputs.matching(_locations(team), body.get("value") or ""))

    app.view(CHOOSING)(chosen)
    app.view(CHANGING)(saved)
    app.action(REMOVE)(removed)
    app.options(WHOM)(typed)
    app.options(LOCATIONS)(place_typed)


def _done(text: str) -> dict[str, Any]:
    return notice(text, title="Team", close="Close")


def _managed(session: Session, who: Who) -> list[Team]:
    actor = actor_for(session, who)
    if (refusal := permissions.may_manage_people(actor)) is not None:
        raise Refused(refusal)
    return managed_by(session, actor)


def _team(session: Session, who: Who, place: str) -> Team:
    found = _managed(session, who)
    team = next((one for one in found if _place(one) == place), None)
    if team is None:
        raise Refused(
            permissions.Refusal(permissions.Condition.ROLE, "You cannot change who belongs to this team any more.")
        )
    return team


def _place(team: Team) -> str:
    return "reviewers" if team.partner is None else str(team.partner)


def _who(value: str) -> Who:
    team, _, user = value.partition("/")
    return Who(team, user)


def _choices(found: list[Team]) -> inputs.Options:
    options = []
    for team in found:
        where = f" · {team.name}" if len(found) > 1 else ""
        options.append(inputs.option(f"Add somebody{where}", f"{_place(team)}:{_ADD}"))
        options += [
            inputs.option(f"{one.name}{where}", f"{_place(team)}:{one.who.team}/{one.who.user}") for one in team.members
        ]
    return options


def _locations(team: Team) -> inputs.Options:
    return [inputs.option(f"{cut(name, inputs.OPTION - len(mpn) - 3)} · {mpn}", mpn) for mpn, name in team.locations]


def _list(desk: Desk, found: list[Team]) -> dict[str, Any]:
    blocks: list[Block] = []
    for team in found:
        rows = [[bold(one.name), words(f"  {_what(one, team)}")] for one in team.members[:_SHOWN]]
        blocks += [line(bold(team.name)), bullets(rows) if rows else line(words("Nobody yet."))]
        if len(team.members) > _SHOWN:
            blocks.append(note(f"And {len(team.members) - _SHOWN} more: choose them by name below."))
    element = inputs.select(_choices(found), None, multi=False, placeholder="Somebody, or “Add somebody”")
    blocks.append(_input(WHOM, "Add or change", element))
    return _modal(desk, CHOOSING, blocks, "Next", Context(k=desk.new_key()))


def _form(desk: Desk, team: Team, member: Member | None) -> dict[str, Any]:
    context = Context(k=desk.new_key(), n=_place(team), act=f"{member.who.team}/{member.who.user}" if member else None)
    blocks: list[Block] = [line(bold(team.name))]
    if member is None:
        blocks.append(_input(PERSON, "Person", {"type": "users_select", "placeholder": plain("Choose somebody", 150)}))
        blocks.append(note("A guest, or somebody of another workspace, has access only when listed here."))
    else:
        blocks.append(line(bold(member.name), words(f"  {_what(member, team)}")))
    if team.partner is None:
        tick = inputs.option("Leads: may hand over what others review, and change who reviews", "lead")
        element: dict[str, Any] = {"type": "checkboxes", "options": [tick]}
        element |= {"initial_options": [tick]} if member and member.lead else {}
        blocks.append(_input(LEAD, "Lead reviewer", element, optional=True))
    else:
        roles = [inputs.option(_role(role), role) for role in PartnerRole]
        kept = [one for one in roles if member and one["value"] in member.roles]
        element = {"type": "checkboxes", "options": roles} | ({"initial_options": kept} if kept else {})
        blocks.append(_input(ROLES, "Roles", element))
        places = _locations(team)
        if places:
            scope = member.locations or () if member else ()
            element = inputs.select(places, scope, multi=True, placeholder="All of them")
            # Too many to stand in a small form may be few enough for this one. Never only some of them: a scope that
            # the form cannot show would be lost when it is saved, and to have none means all locations.
            if "options" not in element and len(places) <= inputs.OFFERED:
                element |= {"type": "multi_static_select", "options": places}
                del element["min_query_length"]
            hint = "Choose none for all of them."
            blocks.append({**_input(LOCATIONS, "Locations", element, optional=True), "hint": plain(hint, 2000)})
    if member is not None:
        blocks.append({"type": "actions", "elements": [_remove(member, team)]})
    return _modal(desk, CHANGING, blocks, "Save", context)


def _remove(member: Member, team: Team) -> dict[str, Any]:
    text = f"{member.name} loses access at once. What they did so far stays as it is."
    confirm = {
        "title": plain("Remove from the team?", 100),
        "text": plain(text, 300),
        "confirm": plain("Remove", 30),
        "deny": plain("Keep", 30),
        "style": "danger",
    }
    button = {"type": "button", "action_id": REMOVE, "text": plain(f"Remove from {team.name}", 75), "style": "danger"}
    return {**button, "confirm": confirm}


def _modal(desk: Desk, callback: str, blocks: list[Block], submit: str, context: Context) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": context.write(),
        "title": plain("Team", 24),
        "submit": plain(submit, 24),
        "close": plain("Cancel", 24),
        "blocks": blocks,
    }


def _input(name: str, label: str, element: dict[str, Any], *, optional: bool = False) -> Block:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label, 2000),
        "element": {"action_id": name, **element},
        "optional": optional,
    }


def _value(body: Body, name: str) -> Any:
    elements = body["view"]["state"]["values"].get(name, {})
    return next((inputs.value_of(element) for element in elements.values()), None)


def _save(desk: Desk, body: Body, team: Team, somebody: Somebody, key: str) -> None:
    if team.partner is None:
        lead = bool(_value(body, LEAD))
        teams.set_reviewer(desk.memory, who_of(body), somebody, lead=lead, delivery=key)
        return
    roles = [known(PartnerRole, role) for role in _value(body, ROLES) or ()]
    places = _value(body, LOCATIONS)
    teams.set_member(desk.memory, who_of(body), team.partner, somebody, roles, places, delivery=key)


def _somebody(desk: Desk, body: Body, team: Team, context: Context) -> Somebody:
    """Whom the form is about; who is new is looked up at Slack. Raises Invalid for whoever cannot belong to a team."""
    if context.act:
        member = team.member(_who(context.act))
        if member is None:
            raise Invalid({PERSON: "This person does not belong to the team any more. Please close the form."})
        return Somebody(member.who, member.name)
    try:
        user = desk.client(body).users_info(user=_value(body, PERSON))["user"]
    except (SlackApiError, OSError):
        raise Invalid({PERSON: "Slack does not say who this is right now. Please try again."}) from None
    if user.get("is_bot") or user.get("deleted") or user["id"] == "USLACKBOT":
        raise Invalid({PERSON: "Please choose a person whose account is not closed."})
    if team.member(Who(user["team_id"], user["id"])) is not None:
        raise Invalid({PERSON: "This person belongs to the team already: choose their name in the list."})
    name = user.get("profile", {}).get("real_name") or user.get("real_name") or user["id"]
    return Somebody(Who(user["team_id"], user["id"]), name)


def _role(role: str) -> str:
    return role.replace("_", " ").capitalize()


def _what(member: Member, team: Team) -> str:
    closed = " · account closed in Slack: no access" if member.closed else ""
    if team.partner is None:
        return ("lead" if member.lead else "reviewer") + closed
    names = dict(team.locations)
    scope = "all locations" if member.locations is None else ", ".join(names.get(one, one) for one in member.locations)
    return f"{', '.join(role.replace('_', ' ') for role in member.roles)} · {scope}{closed}"
