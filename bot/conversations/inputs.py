"""A claim's fields as inputs of a form, and what was typed into them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import accumulate
from typing import Any

from bot.cards.text import Block, cut, plain, units
from bot.desk import ACK_BYTES, Outdated
from models.operations.proofs import FIELD as FILES
from models.operations.proofs import SlackFile
from models.tables import Location
from rules.countries import COUNTRIES
from rules.fields import BY_ID, Field, Kind
from rules.loading import Programme

Options = list[dict[str, Any]]

# Up to here a list stands in the form; a longer one is searched, so that a form stays small (bot.desk.ACK_BYTES).
STANDING = 30
# The fields of which several values can be chosen.
_LISTS = frozenset({Kind.PRODUCTS, Kind.TICK})
# Slack's limits: reference/slack.md 1.3.
OPTION, PLACEHOLDER, OFFERED = 75, 150, 100
PREFIX = "field."


def option(text: str, value: str) -> dict[str, Any]:
    """A choice."""
    return {"text": plain(text, OPTION), "value": value}


def field_input(
    field: Field, value: Any, *, programme: Programme, area: str | None, locations: Iterable[Location]
) -> Block:
    """The input for one field with its present value (as the claim keeps it, or as it was typed)."""
    block: Block = {
        "type": "input",
        "block_id": block_id(field, area),
        "label": plain(field.label, 2000),
        "element": {"action_id": PREFIX + field.id, **_element(field, value, programme, area, locations)},
        "optional": not field.required,
    }
    if field.hint:
        block["hint"] = plain(field.hint, 2000)
    if field.kind is Kind.SOLUTION_AREA:
        block["dispatch_action"] = True  # the partner roles follow from it
    return block


def block_id(field: Field, area: str | None) -> str:
    """Slack keeps what was typed where ids stay; what depends on the solution area starts afresh with another one."""
    return f"{field.id}@{area or ''}" if field.kind in (Kind.PARTNER_ROLE, Kind.PRODUCTS) else field.id


def typed(state: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed or chosen, by field id, from a view's ``state``; files are left out. Raises Outdated."""
    values: dict[str, Any] = {}
    for block, elements in state.get("values", {}).items():
        name = block.partition("@")[0]
        if name in BY_ID and BY_ID[name].kind is not Kind.FILES:
            value = value_of(next(iter(elements.values())))
            if value is not None and isinstance(value, list) != (BY_ID[name].kind in _LISTS):
                raise Outdated
            values[name] = value
    return values


def value_of(element: Mapping[str, Any]) -> Any:
    """What one element of a view's state holds."""
    match element["type"]:
        case "static_select" | "external_select" | "radio_buttons":
            return (element.get("selected_option") or {}).get("value")
        case "multi_static_select" | "multi_external_select" | "checkboxes":
            return [one["value"] for one in element.get("selected_options") or ()]
        case "datepicker":
            return element.get("selected_date")
        case "users_select":
            return element.get("selected_user")
        case "file_input":
            return element.get("files") or []
    return element.get("value")


def handed_in(view: Mapping[str, Any], block: str) -> Any:
    """What one input of a form holds. Raises Outdated where the form has no such input."""
    elements = view["state"]["values"].get(block)
    if not elements:
        raise Outdated
    return value_of(next(iter(elements.values())))


def files_in(state: Mapping[str, Any]) -> list[SlackFile]:
    """The files of proof in a view's ``state``."""
    elements = state["values"].get(FILES, {})
    files = [file for element in elements.values() for file in element.get("files") or () if file.get("id")]
    return [SlackFile(file["id"], file.get("name") or "file") for file in files]


def choices(field: Field, programme: Programme, area: str | None, locations: Iterable[Location]) -> Options:
    """Everything that can be chosen in a field, in the order in which it is shown."""
    catalogue = programme.catalogue
    match field.kind:
        case Kind.LOCATION:
            return [option(f"{cut(one.name, OPTION - len(one.mpn) - 3)} · {one.mpn}", one.mpn) for one in locations]
        case Kind.SOLUTION_AREA:
            return [option(one.name, one.id) for one in catalogue.solution_areas]
        case Kind.PARTNER_ROLE:
            return [option(one.name, one.id) for one in (catalogue.roles_of(area) if area else catalogue.partner_roles)]
        case Kind.PRODUCTS:
            return [option(one.name, one.id) for one in (catalogue.products_of(area) if area else catalogue.products)]
        case Kind.COUNTRY:
            return [option(name, code) for code, name in COUNTRIES.items()]
    return []


def matching(options: Options, query: str) -> Options:
    """The choices whose text has the words typed, those that begin with them first; as many as fit."""
    wanted = query.casefold().strip()
    hits = [one for one in options if wanted in one["text"]["text"].casefold()]
    hits.sort(key=lambda one: not one["text"]["text"].casefold().startswith(wanted))
    sizes = accumulate(len(json.dumps(one)) + len(", ") for one in hits[:OFFERED])
    return [one for one, size in zip(hits, sizes, strict=False) if size <= ACK_BYTES]


def select(options: Options, chosen: Any, *, multi: bool, placeholder: str) -> dict[str, Any]:
    """A select over these choices: standing in the form, or searched where there are many."""
    kept = [one for one in options if one["value"] in (chosen if multi else [chosen])]
    element: dict[str, Any] = {"placeholder": plain(placeholder, PLACEHOLDER)}
    name = "multi_" if multi else ""
    if len(options) <= STANDING and options:
        element |= {"type": f"{name}static_select", "options": options}
    else:
        element |= {"type": f"{name}external_select", "min_query_length": 0}
    if kept and multi:
        element["initial_options"] = kept
    elif kept:
        element["initial_option"] = kept[0]
    return element


def _element(
    field: Field, value: Any, programme: Programme, area: str | None, locations: Iterable[Location]
) -> dict[str, Any]:
    match field.kind:
        case Kind.LOCATION | Kind.SOLUTION_AREA | Kind.PARTNER_ROLE | Kind.COUNTRY:
            return select(choices(field, programme, area, locations), value, multi=False, placeholder="Choose")
        case Kind.PRODUCTS:
            return select(choices(field, programme, area, locations), value or (), multi=True, placeholder="Choose")
        case Kind.TICK:
            tick = option("Yes: keep the association, and pay no incentive", "yes")
            return {"type": "checkboxes", "options": [tick], **({"initial_options": [tick]} if value else {})}
        case Kind.DATE:
            initial = value.isoformat() if isinstance(value, date) else value
            return {"type": "datepicker", **({"initial_date": initial} if initial else {})}
        case Kind.FILES:
            limits = programme.limits.documents
            return {
                "type": "file_input",
                "filetypes": list(limits.extensions),
                "max_files": min(10, limits.max_files_per_claim),
            }
    kind = "email_text_input" if field.kind is Kind.EMAIL else "plain_text_input"
    element: dict[str, Any] = {"type": kind}
    if kind == "plain_text_input":
        # Slack may count an emoji as two, and refuses a value longer than it lets anybody type.
        longest = max(field.max_length, units(value or ""))
        element |= {"max_length": longest, "multiline": field.kind is Kind.LONG_TEXT}
    return element | ({"initial_value": value} if value else {})
