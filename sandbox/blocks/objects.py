"""Composition objects: texts, options, confirmations, rich text."""

from collections.abc import Iterator
from typing import Any

from sandbox.blocks.shapes import (
    Check,
    Fault,
    Kind,
    Rule,
    Shape,
    Surface,
    array,
    boolean,
    mapping,
    matching,
    number,
    one_key,
    one_of,
    string,
    typed,
    whole,
)

ID = string(255)
LINK = matching(r"https?://\S+", "an http or https address")
DATE = matching(r"\d{4}-\d{2}-\d{2}", "a date such as 2026-11-30")
TIME = matching(r"([01]\d|2[0-3]):[0-5]\d", "a time such as 23:59")
NUMERAL = matching(r"-?\d+(\.\d+)?", "a number written as a string")
TEXT, FIELD, HEADER, LABEL = 3000, 2000, 150, 2000
ANY = 10**6  # where Slack names no bound


def _texts(most: int, place: str) -> dict[str, Kind]:
    places = frozenset({place})
    return {
        "plain_text": Kind(Shape({"text": string(most), "emoji": boolean}, ("text",)), places=places),
        "mrkdwn": Kind(Shape({"text": string(most), "verbatim": boolean}, ("text",)), places=places),
    }


def text(most: int = TEXT) -> Check:
    """A text object of either kind."""
    return typed(_texts(most, "text"), "text", "text")


def plain(most: int) -> Check:
    """A text object without formatting."""
    either = typed(_texts(most, "text"), "text", "text")

    def check(value: Any, at: str, surface: Surface) -> Iterator[Fault]:
        if isinstance(value, dict) and value.get("type") == "mrkdwn":
            yield Fault(f"{at}/type", "must be plain_text")
        yield from either(value, at, surface)

    return check


def context_texts() -> dict[str, Kind]:
    """Texts as elements of a context block."""
    return _texts(TEXT, "a context block")


CONFIRM = Shape(
    {
        "title": plain(100),
        "text": text(300),
        "confirm": plain(30),
        "deny": plain(30),
        "style": one_of("primary", "danger"),
    },
    ("title", "text", "confirm", "deny"),
)

_VALUE = string(150)
OPTION = Shape({"text": plain(75), "value": _VALUE, "description": plain(75)}, ("text", "value"))
# Radio buttons and checkboxes show their options in full, with formatting.
OPEN_OPTION = Shape({"text": text(75), "value": _VALUE, "description": text(75)}, ("text", "value"))
OVERFLOW_OPTION = Shape({"text": plain(75), "value": _VALUE, "description": plain(75), "url": LINK}, ("text", "value"))
OPTION_GROUP = Shape({"label": plain(75), "options": array(OPTION, 0, 100, "options")}, ("label", "options"))

SLACK_FILE = Shape({"id": string(255), "url": LINK}, rules=(one_key("id", "url"),))
DISPATCH = Shape(
    {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 1, 2)},
    ("trigger_actions_on",),
)
FILTER = Shape(
    {
        "include": array(one_of("im", "mpim", "private", "public"), 1, 4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    }
)
IMAGE_KEYS: dict[str, Check] = {"image_url": LINK, "slack_file": SLACK_FILE, "alt_text": string(2000)}
ONE_SOURCE = one_key("image_url", "slack_file")


def _signature(option: Any) -> Any:
    """An option by what a person can tell it by; `emoji: true` makes it no other option."""
    if not isinstance(option, dict):
        return option
    words = [option.get("text"), option.get("description")]
    return (option.get("value"), *(w.get("text") if isinstance(w, dict) else w for w in words))


def _offered(value: dict[str, Any]) -> list[Any] | None:
    groups = value.get("option_groups")
    if isinstance(groups, list):
        lists = [group.get("options") for group in groups if isinstance(group, dict)]
        return [option for options in lists if isinstance(options, list) for option in options]
    options = value.get("options")
    return options if isinstance(options, list) else None


def initial_among_options(value: dict[str, Any], at: str) -> Iterator[Fault]:
    """What is chosen at first is one of what is offered."""
    offered = _offered(value)
    if offered is None:
        return
    known = [_signature(option) for option in offered]
    if (first := value.get("initial_option")) is not None and _signature(first) not in known:
        yield Fault(f"{at}/initial_option", "must be one of the options")
    several = value.get("initial_options")
    for index, option in enumerate(several if isinstance(several, list) else []):
        if _signature(option) not in known:
            yield Fault(f"{at}/initial_options/{index}", "must be one of the options")


def ordered(low: str, high: str) -> Rule:
    """The lower bound is not above the upper one."""

    def rule(value: dict[str, Any], at: str) -> Iterator[Fault]:
        try:
            wrong = float(value[low]) > float(value[high])
        except (KeyError, TypeError, ValueError):
            return  # one is missing, or a fault of its own
        if wrong:
            yield Fault(f"{at}/{low}", f"must not be above {high}")

    return rule


_STYLE = Shape(
    dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), boolean)
)
_LEAF_KEYS: dict[str, tuple[dict[str, Check], tuple[str, ...]]] = {
    "text": ({"text": string(ANY)}, ("text",)),
    "link": ({"url": string(3000), "text": string(ANY), "unsafe": boolean}, ("url",)),
    "user": ({"user_id": ID}, ("user_id",)),
    "usergroup": ({"usergroup_id": ID}, ("usergroup_id",)),
    "channel": ({"channel_id": ID}, ("channel_id",)),
    "team": ({"team_id": ID}, ("team_id",)),
    "emoji": ({"name": ID, "unicode": ID, "skin_tone": whole(1, 6)}, ("name",)),
    "broadcast": ({"range": one_of("here", "channel", "everyone")}, ("range",)),
    "color": ({"value": ID}, ("value",)),
    "date": (
        {"timestamp": number, "format": string(255), "url": LINK, "fallback": string(255)},
        ("timestamp", "format"),
    ),
}
_LEAVES = {
    name: Kind(Shape({**keys, "style": _STYLE}, required), places=frozenset({"rich text"}))
    for name, (keys, required) in _LEAF_KEYS.items()
}
_LEAF = array(typed(_LEAVES, "rich text", "rich text"), 0, ANY)
_RICH_PARTS: dict[str, Kind] = {}
_PART_PLACES = frozenset({"a rich_text block"})
_RICH_PARTS.update(
    {
        "rich_text_section": Kind(
            Shape({"elements": _LEAF}, ("elements",)), places=_PART_PLACES | {"a rich_text_list"}
        ),
        "rich_text_preformatted": Kind(
            Shape({"elements": _LEAF, "border": whole(0, 1), "language": string(255)}, ("elements",)),
            places=_PART_PLACES,
        ),
        "rich_text_quote": Kind(Shape({"elements": _LEAF, "border": whole(0, 1)}, ("elements",)), places=_PART_PLACES),
        "rich_text_list": Kind(
            Shape(
                {
                    "style": one_of("bullet", "ordered"),
                    "elements": array(typed(_RICH_PARTS, "rich text", "a rich_text_list"), 0, ANY),
                    "indent": whole(0, 8),
                    "offset": whole(0, ANY),
                    "border": whole(0, 1),
                },
                ("style", "elements"),
            ),
            places=_PART_PLACES,
        ),
    }
)
RICH_TEXT = Shape(
    {"elements": array(typed(_RICH_PARTS, "rich text", "a rich_text block"), 1, ANY), "block_id": ID}, ("elements",)
)
WORKFLOW = Shape({"trigger": mapping}, ("trigger",))
