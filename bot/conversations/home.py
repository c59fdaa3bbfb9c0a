"""App Home: drawn when somebody opens it, chooses something there, or a claim that they see changes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import structlog
from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from bot.cards.buttons import Offered, offered_to
from bot.cards.home import FILTER, PREFIX, RESET, SEARCH, SORT, STATUS, TAB, TURN, Desktop, home_blocks, stranger_blocks
from bot.cards.text import Block
from bot.conversations import home_filter
from bot.desk import Desk, Outdated, team_of, who_of
from jobs.trouble import trouble
from models.answers import Who
from models.memory import NoDirectory
from models.operations import homes
from models.operations.homes import Drawing
from models.queries.claims import subject_of
from models.queries.criteria import Criteria, Sort
from models.queries.filter_words import WordsError, read_words, write_words
from models.queries.home import REVIEWERS, Shown, Tab, glance
from models.queries.people import actor_for
from models.queries.surroundings import reviewers
from models.queries.walking import Cursor
from models.tables import Claim
from rules import permissions
from rules.lifecycle import Status
from rules.permissions import Actor

log = structlog.get_logger("claimbot.home")
Choice = Mapping[str, Any]


def register(app: App, desk: Desk) -> None:
    """Listen to whoever opens Home, and to what is pressed there."""

    def opened(event: dict[str, Any], body: dict[str, Any]) -> None:
        if event.get("tab") == "home":
            show(desk, Who(team_of(body), event["user"]), team_of(body))

    def pressed(ack: Ack, body: dict[str, Any]) -> None:
        action, who = body["actions"][0], who_of(body)
        name = action["action_id"].removeprefix(PREFIX).partition(".")[0]
        if name == FILTER:
            home_filter.open_filter(desk, body, shown_of(desk, who))
        elif name in _CHOOSE:
            change, problem = _CHOOSE[name](desk, who, action)
            show(desk, who, team_of(body), change, problem)
        ack()

    def filtered(ack: Ack, body: dict[str, Any]) -> None:
        who = who_of(body)
        shown = shown_of(desk, who)
        criteria = home_filter.read(body["view"]["state"], shown.filter)
        show(desk, who, team_of(body), {"words": write_words(criteria), "at": "", **_tab_for(criteria, shown.tab)})
        ack()

    app.event("app_home_opened")(opened)
    app.action(re.compile(rf"^{re.escape(PREFIX)}"))(pressed)
    app.view(home_filter.CALLBACK)(filtered)


def show(desk: Desk, who: Who, team: str, change: Choice | None = None, problem: str = "") -> None:
    """Draw somebody's Home at once, with what they chose just now; the outbox does it where Slack cannot be reached.

    Args:
        team: the workspace in which they look at it.
        change: of their choice, by name; an empty value is forgotten.
        problem: what could not be followed.
    """
    now = desk.memory.clock()
    with desk.memory.database.transaction() as session:
        person = actor_for(session, who).person
        drawing = homes.begin(session, person, now, used=True, change=change) if person is not None else None

    def publish() -> None:
        try:
            draw(desk, desk.workspaces.client(team), who, drawing, problem=problem, anew=True)
        except Exception as error:
            log.warning("home_not_shown", **trouble(error))
            if person is not None:
                with desk.memory.database.transaction() as session:
                    homes.queue(session, [(person, who)], now)

    desk.later(publish)


def draw(
    desk: Desk, slack: WebClient, who: Who, drawing: Drawing | None, *, problem: str = "", anew: bool = False
) -> bool:
    """Draw somebody's Home from the database as it now stands, unless a newer drawing is there already.

    Args:
        drawing: begun before; None for an outsider, of whom nothing is remembered.
        anew: even where the same is shown already.

    Returns:
        Whether Slack was asked to show it.
    """
    person, view = home_view(desk, who, drawing.choice if drawing is not None else {}, problem)
    if drawing is None or person is None:
        slack.views_publish(user_id=who.user, view=view)
        return True
    digest = sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()

    def publish(hash_: str | None) -> str:
        try:
            answer = slack.views_publish(user_id=who.user, view=view, hash=hash_)
        except SlackApiError as error:
            if hash_ is None or error.response.get("error") != "hash_conflict":
                raise
            # What stands there is none of the drawings that we know of: one whose answer was lost, so an older one.
            answer = slack.views_publish(user_id=who.user, view=view)
        return str(answer["view"]["hash"])

    return homes.put_up(desk.memory.database, person, drawing, digest, publish, anew=anew)


def home_view(desk: Desk, who: Who, choice: Choice, problem: str = "") -> tuple[int | None, dict[str, Any]]:
    """Whose Home it is, None for a stranger's, and the Home as they are to see it now."""
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who)
        return actor.person, _view(desk, session, actor, choice, problem)


def shown_of(desk: Desk, who: Who) -> Shown:
    """What this person chose to see."""
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who)
        return _shown(desk, actor, homes.chosen(session, actor.person) if actor.person is not None else {})


def _view(desk: Desk, session: Session, actor: Actor, choice: Choice, problem: str) -> dict[str, Any]:
    blocks: list[Block]
    try:
        programme = desk.memory.settings(session).name
    except NoDirectory:
        return {"type": "home", "blocks": stranger_blocks(None, ())}
    if not (actor.memberships or actor.reviewer):
        leads = [one.user for one in reviewers(session) if one.reviewer is not None and one.reviewer.lead]
        return {"type": "home", "blocks": stranger_blocks(programme, leads[:5])}
    shown = _shown(desk, actor, choice)
    filters = write_words(replace(shown.filter, text=""))
    searched = f" “{shown.filter.text}”" if shown.filter.text else ""

    def offered(claim: Claim) -> Offered:
        return offered_to(actor, subject_of(claim))

    desktop = Desktop(
        programme=programme,
        command=desk.command,
        files=permissions.may_file_somewhere(actor) is None,
        several=actor.reviewer or len(actor.memberships) > 1,
        shown=shown,
        search=shown.filter.text,
        filters=f"{filters}{searched}".strip(),
        problem=problem,
    )
    blocks = home_blocks(desktop, glance(session, desk.memory, actor, shown), desk.view(session), offered)
    return {"type": "home", "blocks": blocks}


def _shown(desk: Desk, actor: Actor, choice: Choice) -> Shown:
    """What was chosen, as far as it can still be followed: the catalogue changes, and so do people's roles."""
    first = Tab.QUEUE if actor.reviewer else Tab.ALL
    tab = Tab[choice["tab"]] if choice.get("tab") in Tab.__members__ else first
    if not actor.reviewer:
        tab = Tab.ALL
    try:
        criteria = read_words(str(choice.get("words", "")), desk.programme.catalogue)
    except WordsError:
        criteria = Criteria()
    sorted_by = _read_sort(str(choice.get("sort", "")))
    shown = Shown(tab, replace(criteria, sort=Sort.NUMBER, descending=True), sorted_by)
    try:
        return replace(shown, at=Cursor.read(str(choice["at"]), shown.criteria.sort)) if choice.get("at") else shown
    except (ValueError, TypeError):
        return shown


def _read_sort(written: str) -> tuple[Sort, bool] | None:
    key = written.removeprefix("-")
    return (Sort(key), written.startswith("-")) if key in set(Sort) else None


def _tab_for(criteria: Criteria, tab: Tab) -> dict[str, str]:
    """All claims, where the filter asks for what is not on this tab."""
    base = REVIEWERS.get(tab)
    if base is None:
        return {"tab": Tab.ALL.name}
    elsewhere = not set(criteria.statuses) <= set(base.statuses) or (criteria.reviewers and base.reviewers)
    return {"tab": Tab.ALL.name} if elsewhere else {}


Chosen = tuple[Choice, str]


def _tab(desk: Desk, who: Who, action: Mapping[str, Any]) -> Chosen:
    return {"tab": action.get("value") or "", "at": "", "sort": ""}, ""


def _status(desk: Desk, who: Who, action: Mapping[str, Any]) -> Chosen:
    """The claims in one status; pressed again, all of them."""
    shown = shown_of(desk, who)
    pressed = _statuses(desk, action.get("value"))
    statuses = () if shown.tab is Tab.ALL and shown.filter.statuses == pressed else pressed
    return {"tab": Tab.ALL.name, "words": write_words(replace(shown.filter, statuses=statuses)), "at": ""}, ""


def _statuses(desk: Desk, value: str | None) -> tuple[Status, ...]:
    try:
        return read_words(f'status:"{value}"', desk.programme.catalogue).statuses
    except WordsError:
        raise Outdated from None


def _sort(desk: Desk, who: Who, action: Mapping[str, Any]) -> Chosen:
    return {"sort": (action.get("selected_option") or {}).get("value", ""), "at": ""}, ""


def _turn(desk: Desk, who: Who, action: Mapping[str, Any]) -> Chosen:
    return {"at": action.get("value") or ""}, ""


def _reset(desk: Desk, who: Who, action: Mapping[str, Any]) -> Chosen:
    return {"words": "", "sort": "", "at": ""}, ""


def _search(desk: Desk, who: Who, action: Mapping[str, Any]) -> Chosen:
    """Words to search for; filters may stand among them, and take the place of those that were set."""
    shown = shown_of(desk, who)
    try:
        typed = read_words(action.get("value") or "", desk.programme.catalogue)
    except WordsError as error:
        return {}, str(error)
    named = {name: value for name, value in home_filter.named(typed).items() if value}
    criteria = replace(shown.filter, **named, text=typed.text)
    change: dict[str, Any] = {"words": write_words(criteria), "at": "", **_tab_for(criteria, shown.tab)}
    if (typed.sort, typed.descending) != (Sort.NUMBER, True):
        change["sort"] = f"{'-' if typed.descending else ''}{typed.sort.value}"
    return change, ""


_CHOOSE: Mapping[str, Callable[[Desk, Who, Mapping[str, Any]], Chosen]] = {
    TAB: _tab,
    STATUS: _status,
    SORT: _sort,
    SEARCH: _search,
    RESET: _reset,
    TURN: _turn,
}
