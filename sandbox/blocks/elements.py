"""Block elements: what people press, choose and fill in, where each may stand and on which surface."""

from collections.abc import Iterator
from typing import Any

from sandbox.blocks.objects import (
    ANY,
    CONFIRM,
    DATE,
    DISPATCH,
    FILTER,
    ID,
    IMAGE_KEYS,
    LINK,
    NUMERAL,
    ONE_SOURCE,
    OPEN_OPTION,
    OPTION,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    RICH_TEXT,
    TIME,
    WORKFLOW,
    initial_among_options,
    ordered,
    plain,
)
from sandbox.blocks.shapes import (
    EVERYWHERE,
    Check,
    Fault,
    Kind,
    Rule,
    Shape,
    Surface,
    array,
    boolean,
    length,
    one_key,
    one_of,
    string,
    whole,
)

SECTION, ACTIONS, INPUT, CONTEXT = "a section block", "an actions block", "an input block", "a context block"
CONTEXT_ACTIONS, CARD, ICON = "a context_actions block", "a card block", "an icon"
_MESSAGE: frozenset[Surface] = frozenset({"message"})
_MODAL: frozenset[Surface] = frozenset({"modal"})
_VIEWS: frozenset[Surface] = frozenset({"modal", "home"})

_PRESSED: dict[str, Check] = {"action_id": ID, "confirm": CONFIRM}
_FILLED: dict[str, Check] = {"action_id": ID, "focus_on_load": boolean}
_PLACEHOLDER: dict[str, Check] = {"placeholder": plain(150)}
_CHOSEN: dict[str, Check] = {**_PRESSED, **_FILLED, **_PLACEHOLDER}
_OPTIONS = array(OPTION, 1, 100, "options")
_GROUPS = array(OPTION_GROUP, 1, 100, "option groups")
_SEVERAL: dict[str, Check] = {"max_selected_items": whole(1, ANY)}


def _fits(value: dict[str, Any], at: str) -> Iterator[Fault]:
    """What a text input starts with obeys the bounds the input itself sets."""
    initial = value.get("initial_value")
    if not isinstance(initial, str):
        return
    most, least = value.get("max_length"), value.get("min_length")
    if isinstance(most, int) and length(initial) > most:
        yield Fault(f"{at}/initial_value", f"must have at most max_length ({most}) characters")
    if isinstance(least, int) and length(initial) < least:
        yield Fault(f"{at}/initial_value", f"must have at least min_length ({least}) characters")


def _not_too_many(value: dict[str, Any], at: str) -> Iterator[Fault]:
    most = value.get("max_selected_items")
    for key in ("initial_options", "initial_users", "initial_conversations", "initial_channels"):
        chosen = value.get(key)
        if isinstance(most, int) and isinstance(chosen, list) and len(chosen) > most:
            yield Fault(f"{at}/{key}", f"must have at most max_selected_items ({most}) items")


def _select(single: str, keys: dict[str, Check], one: dict[str, Check], many: dict[str, Check], *rules: Rule) -> None:
    """A select and its multi_ twin: the same but for what may be chosen at first."""
    places = frozenset({SECTION, ACTIONS, INPUT})
    ELEMENTS[single] = Kind(Shape({**_CHOSEN, **keys, **one}, _NEEDS.get(single, ()), rules), places=places)
    ELEMENTS[f"multi_{single}"] = Kind(
        Shape({**_CHOSEN, **keys, **many, **_SEVERAL}, (), (*rules, _not_too_many)), places=places
    )


def _typed_in(extra: dict[str, Check], required: tuple[str, ...] = (), rules: tuple[Rule, ...] = ()) -> Shape:
    keys: dict[str, Check] = {
        **_FILLED,
        **_PLACEHOLDER,
        "dispatch_action_config": DISPATCH,
        "initial_value": string(3000, 0),
    }
    return Shape({**keys, **extra}, required, rules)


def _picker(initial: str, check: Check, **more: Check) -> Shape:
    return Shape({**_CHOSEN, initial: check, **more})


_NEEDS: dict[str, tuple[str, ...]] = {}
_STYLE = one_of("primary", "danger")
_FEEDBACK = Shape({"text": plain(75), "value": string(2000), "accessibility_label": string(75)}, ("text", "value"))
_USED = frozenset({SECTION, ACTIONS, INPUT})

ELEMENTS: dict[str, Kind] = {
    "button": Kind(
        Shape(
            {
                **_PRESSED,
                "text": plain(75),
                "url": LINK,
                "value": string(2000, 0),
                "style": _STYLE,
                "accessibility_label": string(75),
            },
            ("text",),
        ),
        places=frozenset({SECTION, ACTIONS, CARD}),
    ),
    "workflow_button": Kind(
        Shape(
            {
                "action_id": ID,
                "text": plain(75),
                "workflow": WORKFLOW,
                "style": _STYLE,
                "accessibility_label": string(75),
            },
            ("text", "workflow"),
        ),
        _MESSAGE,
        frozenset({SECTION, ACTIONS}),
    ),
    "overflow": Kind(
        Shape({**_PRESSED, "options": array(OVERFLOW_OPTION, 1, 5, "options")}, ("options",)),
        places=frozenset({SECTION, ACTIONS}),
    ),
    "checkboxes": Kind(
        Shape(
            {
                **_PRESSED,
                **_FILLED,
                "options": array(OPEN_OPTION, 1, 10, "options"),
                "initial_options": array(OPEN_OPTION, 1, 10, "options"),
            },
            ("options",),
            (initial_among_options,),
        ),
        places=_USED,
    ),
    "radio_buttons": Kind(
        Shape(
            {
                **_PRESSED,
                **_FILLED,
                "options": array(OPEN_OPTION, 1, 10, "options"),
                "initial_option": OPEN_OPTION,
            },
            ("options",),
            (initial_among_options,),
        ),
        places=_USED,
    ),
    "datepicker": Kind(_picker("initial_date", DATE), places=_USED),
    "timepicker": Kind(_picker("initial_time", TIME, timezone=string(255)), places=_USED),
    "datetimepicker": Kind(
        Shape({**_PRESSED, **_FILLED, "initial_date_time": whole(10**9, 10**10 - 1)}),
        frozenset({"message", "modal"}),
        frozenset({ACTIONS, INPUT}),
    ),
    "plain_text_input": Kind(
        _typed_in(
            {"multiline": boolean, "min_length": whole(0, 3000), "max_length": whole(1, 3000)},
            rules=(ordered("min_length", "max_length"), _fits),
        ),
        places=frozenset({INPUT}),
    ),
    "email_text_input": Kind(_typed_in({}), _MODAL, frozenset({INPUT})),
    "url_text_input": Kind(_typed_in({}), _MODAL, frozenset({INPUT})),
    "number_input": Kind(
        _typed_in(
            {"is_decimal_allowed": boolean, "initial_value": NUMERAL, "min_value": NUMERAL, "max_value": NUMERAL},
            ("is_decimal_allowed",),
            (ordered("min_value", "max_value"),),
        ),
        _MODAL,
        frozenset({INPUT}),
    ),
    "rich_text_input": Kind(
        Shape({**_FILLED, **_PLACEHOLDER, "initial_value": RICH_TEXT, "dispatch_action_config": DISPATCH}),
        _VIEWS,
        frozenset({INPUT, ACTIONS}),
    ),
    "file_input": Kind(
        Shape({"action_id": ID, "filetypes": array(string(50), 1, 100), "max_files": whole(1, 10)}),
        _MODAL,
        frozenset({INPUT}),
    ),
    "feedback_buttons": Kind(
        Shape(
            {"action_id": ID, "positive_button": _FEEDBACK, "negative_button": _FEEDBACK},
            ("positive_button", "negative_button"),
        ),
        _MESSAGE,
        frozenset({CONTEXT_ACTIONS}),
    ),
    "icon_button": Kind(
        Shape(
            {
                **_PRESSED,
                "icon": string(255),
                "text": plain(75),
                "value": string(2000, 0),
                "accessibility_label": string(75),
                "visible_to_user_ids": array(ID, 0, 100),
            },
            ("icon", "text"),
        ),
        _MESSAGE,
        frozenset({CONTEXT_ACTIONS}),
    ),
    "image": Kind(Shape(IMAGE_KEYS, ("alt_text",), (ONE_SOURCE,)), EVERYWHERE, frozenset({SECTION, CONTEXT, ICON})),
}
_select(
    "static_select",
    {"options": _OPTIONS, "option_groups": _GROUPS},
    {"initial_option": OPTION},
    {"initial_options": array(OPTION, 1, 100, "options")},
    one_key("options", "option_groups"),
    initial_among_options,
)
_select(
    "external_select",
    {"min_query_length": whole(0, ANY)},
    {"initial_option": OPTION},
    {"initial_options": array(OPTION, 1, 100, "options")},
)
_select("users_select", {}, {"initial_user": ID}, {"initial_users": array(ID, 1, ANY)})
_select(
    "conversations_select",
    {"default_to_current_conversation": boolean, "filter": FILTER},
    {"initial_conversation": ID, "response_url_enabled": boolean},
    {"initial_conversations": array(ID, 1, ANY)},
)
_select(
    "channels_select",
    {},
    {"initial_channel": ID, "response_url_enabled": boolean},
    {"initial_channels": array(ID, 1, ANY)},
)
