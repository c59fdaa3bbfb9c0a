"""The form with the filters of App Home: one field for each, filled with what is set."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bot.cards.text import Block, plain
from bot.conversations.inputs import OPTION, Options, option, value_of
from bot.desk import Body, Desk, known, who_of
from models.queries.criteria import ME, NOBODY, Criteria, Due
from models.queries.home import Shown
from models.queries.people import actor_for
from models.queries.surroundings import reviewers
from rules.lifecycle import Status

CALLBACK = "home_filter"
# Slack takes no more in one list (reference/slack.md 1.3); what is beyond can be typed into the search box.
_MOST = 100
_LISTS = ("statuses", "customers", "products", "engagements", "partners", "locations", "reviewers")
_FIELDS = frozenset({*_LISTS, "due", "due_from", "due_to", "text"})
_DUE = {Due.OVERDUE: "Overdue", Due.TODAY: "Today", Due.WEEK: "This week", Due.NONE: "No limit runs"}


def named(criteria: Criteria) -> dict[str, Any]:
    """Every filter of the criteria by its name, without the words and the order."""
    return {name: getattr(criteria, name) for name in (*_LISTS, "due", "due_from", "due_to")}


def open_filter(desk: Desk, body: Body, shown: Shown) -> None:
    """Open the form."""
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who_of(body))
        # Who reviews is the programme's own affair; a partner learns of a reviewer by a claim.
        people = [one.name for one in reviewers(session)] if actor.reviewer else []
    set_ = shown.filter
    catalogue = desk.programme.catalogue
    engagements = [*catalogue.solution_areas, *catalogue.partner_roles]
    blocks = [
        _many("statuses", "Status", [option(one, one) for one in Status], set_.statuses),
        _text("customers", "Customer", "Name, domain or tenant ID", set_.customers),
        _many("products", "Product", [option(one.name, one.id) for one in catalogue.products], set_.products),
        _many("engagements", "Engagement", [option(one.name, one.id) for one in engagements], set_.engagements),
    ]
    if actor.reviewer:
        choices = [option("Me", ME), option("Nobody yet", NOBODY), *(option(one, one[:OPTION]) for one in people)]
        blocks.append(_text("partners", "Partner", "Its name, or the beginning of it", set_.partners))
        blocks.append(_many("reviewers", "Reviewer", choices, set_.reviewers))
    blocks += [
        _text("locations", "Location", "Its MPN or its name", set_.locations),
        _one("due", "Due", [option(name, one) for one, name in _DUE.items()], set_.due),
        _day("due_from", "Due from", set_.due_from),
        _day("due_to", "Due until", set_.due_to),
        _text("text", "Words", "Whatever the claim has: number, names, products, people", (set_.text,)),
    ]
    view = {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain("Filter claims", 24),
        "submit": plain("Show", 24),
        "close": plain("Cancel", 24),
        "blocks": blocks,
    }
    desk.show(body, view)


def read(state: Mapping[str, Any], before: Criteria) -> Criteria:
    """The filters as they were handed in; what the form did not offer stays as it was."""
    values = {block: value_of(element) for block, elements in state["values"].items() for element in elements.values()}
    change: dict[str, Any] = {}
    for name, value in values.items():
        if name not in _FIELDS:
            continue
        if name in ("due_from", "due_to"):
            change[name] = date.fromisoformat(value) if value else None
        elif name == "due":
            change[name] = known(Due, value) if value else None
        elif name == "text":
            change[name] = " ".join((value or "").split())
        elif isinstance(value, list):
            change[name] = tuple(known(Status, one) for one in value) if name == "statuses" else tuple(value)
        else:
            change[name] = tuple(part for one in (value or "").split(",") if (part := " ".join(one.split())))
    if change.get("due") is not None:  # one or the other: a word says it all
        change |= {"due_from": None, "due_to": None}
    return replace(before, **change)


def _input(name: str, label: str, element: Mapping[str, Any]) -> Block:
    return {
        "type": "input",
        "block_id": name,
        "label": plain(label, 2000),
        "optional": True,
        "element": {"action_id": name, **element},
    }


def _many(name: str, label: str, options: Options, chosen: Iterable[str]) -> Block:
    kept = set(chosen)
    # What is set stays choosable, however long the list is.
    options = sorted(options, key=lambda one: one["value"] not in kept)[:_MOST] if len(options) > _MOST else options
    element: dict[str, Any] = {"type": "multi_static_select", "options": options, "placeholder": plain("Any", 150)}
    if initial := [one for one in options if one["value"] in kept]:
        element["initial_options"] = initial
    return _input(name, label, element)


def _one(name: str, label: str, options: Options, chosen: str | None) -> Block:
    element: dict[str, Any] = {"type": "static_select", "options": options, "placeholder": plain("Any time", 150)}
    if initial := [one for one in options if one["value"] == chosen]:
        element["initial_option"] = initial[0]
    return _input(name, label, element)


def _text(name: str, label: str, hint: str, chosen: Iterable[str]) -> Block:
    element: dict[str, Any] = {"type": "plain_text_input", "max_length": 500, "placeholder": plain(hint, 150)}
    if initial := ", ".join(one for one in chosen if one)[:500]:
        element["initial_value"] = initial
    return _input(name, label, element)


def _day(name: str, label: str, chosen: date | None) -> Block:
    return _input(name, label, {"type": "datepicker", **({"initial_date": chosen.isoformat()} if chosen else {})})
