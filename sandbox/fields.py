"""Input elements: their state objects in `view.state.values`, and what Slack's client checks before it submits."""

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox import reading
from sandbox.errors import SandboxError
from sandbox.objects import Json

REQUIRED = "Please complete this required field."
TEXTS = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})
OPTION_LISTS = frozenset({"checkboxes", "multi_static_select", "multi_external_select"})
OPTION = frozenset({"radio_buttons", "static_select", "external_select"})
# type -> (key in the state object, key of the initial value in the element, value when empty)
KEYS: dict[str, tuple[str, str, Any]] = {
    **dict.fromkeys(TEXTS, ("value", "initial_value", None)),
    **{kind: ("selected_options", "initial_options", []) for kind in OPTION_LISTS},
    **dict.fromkeys(OPTION, ("selected_option", "initial_option", None)),
    "datepicker": ("selected_date", "initial_date", None),
    "timepicker": ("selected_time", "initial_time", None),
    "datetimepicker": ("selected_date_time", "initial_date_time", None),
    "users_select": ("selected_user", "initial_user", None),
    "multi_users_select": ("selected_users", "initial_users", []),
    "conversations_select": ("selected_conversation", "initial_conversation", None),
    "multi_conversations_select": ("selected_conversations", "initial_conversations", []),
    "channels_select": ("selected_channel", "initial_channel", None),
    "multi_channels_select": ("selected_channels", "initial_channels", []),
    "rich_text_input": ("rich_text_value", "initial_value", None),
    "file_input": ("files", "", []),
}


@dataclass(frozen=True)
class Field:
    """One thing in a view or message that takes a value, under the label a person reads beside it."""

    label: str
    block: Json
    element: Json

    @property
    def key(self) -> tuple[str, str]:
        return str(self.block["block_id"]), str(self.element["action_id"])

    @property
    def kind(self) -> str:
        return str(self.element["type"])

    @property
    def optional(self) -> bool:
        return self.block.get("type") != "input" or bool(self.block.get("optional"))

    @property
    def dispatches(self) -> bool:
        """Whether a choice is sent at once: always outside input blocks, inside only with `dispatch_action`."""
        return self.block.get("type") != "input" or bool(self.block.get("dispatch_action"))


def fields_of(blocks: list[Json]) -> Iterator[Field]:
    for block, element in reading.elements(blocks):
        if element.get("type") not in KEYS:
            continue
        if block.get("type") == "input":
            label = reading.plain(block.get("label"))
        elif block.get("type") == "section" and block.get("text"):
            label = reading.plain(block.get("text")).split("\n")[0]
        else:
            label = reading.plain(element.get("placeholder")) or str(element["action_id"])
        yield Field(label, block, element)


def value_of(state: Json) -> Any:
    """What a state object holds, whatever its type."""
    return state.get(KEYS[state["type"]][0])


def make_state(kind: str, value: Any) -> Json:
    return {"type": kind, KEYS[kind][0]: value}


def initial_state(blocks: list[Json], kept: dict[tuple[str, str], Json] | None = None) -> dict[tuple[str, str], Json]:
    """The state of a view just drawn; `kept` is what was on the screen before, and wins where both ids are the same."""
    state = {}
    for field in fields_of(blocks):
        before = (kept or {}).get(field.key)
        if before is not None and before["type"] == field.kind:
            state[field.key] = before
        else:
            _, initial, empty = KEYS[field.kind]
            state[field.key] = make_state(field.kind, deepcopy(field.element.get(initial, empty)))
    return state


def problem_with(field: Field, state: Json) -> str | None:
    """What Slack's client says under a field on submit, or None. Nothing is sent to the app while it says anything."""
    value, element = value_of(state), field.element
    if value in (None, "", []):
        return None if field.optional else REQUIRED
    if field.kind == "plain_text_input":
        return _length_problem(str(value), element)
    if field.kind == "email_text_input" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", str(value)):
        return "Please enter a valid email address."
    if field.kind == "url_text_input" and not re.match(r"https?://\S+$", str(value)):
        return "Please enter a valid URL."
    if field.kind == "number_input":
        return _number_problem(str(value), element)
    limit = element.get("max_selected_items")
    if limit and isinstance(value, list) and len(value) > int(limit):
        return f"Please select no more than {limit} items."
    return None


def _length_problem(value: str, element: Json) -> str | None:
    least, most = int(element.get("min_length") or 0), int(element.get("max_length") or 3000)
    if len(value) < least:
        return f"Please enter at least {least} characters."
    if len(value) > most:
        return f"Please enter no more than {most} characters."
    return None


def _number_problem(value: str, element: Json) -> str | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return "Please enter a valid number."
    if not element.get("is_decimal_allowed") and number != number.to_integral_value():
        return "Please enter a whole number."
    if "min_value" in element and number < Decimal(element["min_value"]):
        return f"Please enter a number that is at least {element['min_value']}."
    if "max_value" in element and number > Decimal(element["max_value"]):
        return f"Please enter a number that is at most {element['max_value']}."
    return None


def option_called(field_label: str, options: list[Json], text: str) -> Json:
    """The option with this visible text; a SandboxError that lists the options where there is none."""
    for option in options:
        if reading.plain(option.get("text")) == text:
            return option
    offered = ", ".join(repr(reading.plain(one.get("text"))) for one in options) or "none"
    raise SandboxError(f"“{field_label}” offers no option {text!r}. It offers: {offered}.")


def typed_value(field: Field, value: Any, options: list[Json]) -> Any:
    """What a person enters, in the form that the element's state keeps it.

    Options by visible text, dates as ISO text or `date`, ticks as texts or as True (all) and False (none).
    """
    kind = field.kind
    if value is None:
        return deepcopy(KEYS[kind][2])
    if kind in TEXTS:
        return str(value) or None
    if kind == "checkboxes" and isinstance(value, bool):
        return options if value else []
    if kind in OPTION_LISTS:
        texts = [value] if isinstance(value, str) else list(value)
        return [option_called(field.label, options, one) for one in texts]
    if kind in OPTION:
        return option_called(field.label, options, str(value))
    if kind == "datepicker":
        return _iso_date(field.label, value)
    if kind == "timepicker":
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", str(value)):
            raise SandboxError(f"“{field.label}” takes a time as HH:MM, not {value!r}.")
        return str(value)
    if kind == "datetimepicker":
        return int(value.timestamp()) if isinstance(value, datetime) else int(value)
    if kind == "rich_text_input":
        section = {"type": "rich_text_section", "elements": [{"type": "text", "text": str(value)}]}
        return {"type": "rich_text", "elements": [section]}
    if kind.startswith("multi_"):
        return [value] if isinstance(value, str) else list(value)
    return value


def _iso_date(label: str, value: Any) -> str:
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise SandboxError(f"“{label}” takes a date as YYYY-MM-DD, not {value!r}.") from None


def readable(state: Json) -> Any:
    """A state object as a person reads it: option texts, names of files, plain values."""
    value = value_of(state)
    if state["type"] in OPTION:
        return reading.plain(value["text"]) if value else None
    if state["type"] in OPTION_LISTS:
        return [reading.plain(one["text"]) for one in value]
    if state["type"] == "file_input":
        return [one["name"] for one in value]
    if state["type"] == "rich_text_input":
        return reading.visible_text([value]) if value else None
    return value
