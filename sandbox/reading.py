"""Reading Block Kit as a person does: the text on the screen, the things that can be pressed or filled in.

Also what Slack's server adds to blocks it takes in: ids where none were given, `emoji` and `verbatim` on texts.
"""

import re
import secrets
from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]

# Elements whose value is kept in `view.state.values` (docs.slack.dev, view_submission payloads).
STATEFUL = frozenset(
    {
        "plain_text_input",
        "email_text_input",
        "url_text_input",
        "number_input",
        "rich_text_input",
        "file_input",
        "datepicker",
        "timepicker",
        "datetimepicker",
        "checkboxes",
        "radio_buttons",
        "static_select",
        "external_select",
        "users_select",
        "conversations_select",
        "channels_select",
        "multi_static_select",
        "multi_external_select",
        "multi_users_select",
        "multi_conversations_select",
        "multi_channels_select",
    }
)
PRESSED = frozenset({"button", "workflow_button", "icon_button"})


def escape(text: str) -> str:
    """Slack's three control characters, and only those three."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


_MARK = re.compile(r"(?<![\w*_~`])([*_~`])(?=\S)([^\n]*?\S)\1(?![\w*~`])")
_LINK = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


def mrkdwn(text: str) -> str:
    """Slack's markup as it is read: words without the marks that make them bold, links by their label, dates by their
    fallback, mentions of people by id."""

    def shown(found: re.Match[str]) -> str:
        target, label = found[1], found[2]
        if target.startswith("@"):
            return f"<{target}>"
        if label:
            return f"#{label}" if target.startswith("#") else label
        return f"@{target[1:]}" if target.startswith("!") else target

    text = _LINK.sub(shown, text)
    while (unmarked := _MARK.sub(r"\2", text)) != text:
        text = unmarked
    return unescape(text)


def file_slug(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "_", name.lower()) or "file"


def plain(text: Any) -> str:
    """The characters of a text object, or of a bare string; nothing for anything else."""
    if isinstance(text, dict):
        if text.get("type") == "mrkdwn":
            return mrkdwn(str(text.get("text", "")))
        text = text.get("text", "")
    return unescape(text) if isinstance(text, str) else ""


def nested_blocks(blocks: list[Json]) -> Iterator[Json]:
    """Every block, those inside containers and carousels included."""
    for block in blocks:
        yield block
        for key in ("child_blocks", "blocks", "cards"):
            children = block.get(key)
            if isinstance(children, list):
                yield from nested_blocks([one for one in children if isinstance(one, dict)])
        if block.get("type") in ("carousel", "container") and isinstance(block.get("elements"), list):
            yield from nested_blocks([one for one in block["elements"] if isinstance(one, dict)])


def elements(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """(block, element) for everything a person can use, from top to bottom."""
    for block in nested_blocks(blocks):
        kind = block.get("type")
        if kind == "input" and isinstance(block.get("element"), dict):
            yield block, block["element"]
        elif kind == "section" and isinstance(block.get("accessory"), dict):
            yield block, block["accessory"]
        elif kind in ("actions", "context_actions"):
            for element in block.get("elements", []):
                yield block, element
        elif kind == "card":
            for key in ("actions", "buttons"):
                for element in block.get(key) or []:
                    yield block, element


def options_of(element: Json) -> list[Json]:
    """Every option of a select, from its groups too."""
    found = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        found.extend(group.get("options") or [])
    return found


def pressables(blocks: list[Json]) -> Iterator[tuple[str, Json, Json, Json | None]]:
    """(visible label, block, element, chosen overflow option or None)."""
    for block, element in elements(blocks):
        if element.get("type") in PRESSED:
            yield plain(element.get("text")), block, element, None
        elif element.get("type") == "feedback_buttons":
            for key in ("positive_button", "negative_button"):
                yield plain(element.get(key, {}).get("text")), block, element, element.get(key)
        elif element.get("type") == "overflow":
            for option in options_of(element):
                yield plain(option.get("text")), block, element, option


def buttons(blocks: list[Json]) -> list[str]:
    return [label for label, *_ in pressables(blocks)]


def visible_text(blocks: list[Json]) -> str:
    """All text over all blocks, one line a text, in reading order, as it stands on the screen."""
    return "\n".join(piece for block in blocks for piece in _texts(block) if piece)


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from _texts(one)
        return
    if not isinstance(node, dict):
        return
    kind = node.get("type")
    if kind in ("plain_text", "mrkdwn"):
        yield plain(node)
    elif kind in ("markdown", "raw_text"):
        yield plain(node.get("text"))
    elif kind == "raw_number":
        yield str(node.get("text") or node.get("value", ""))
    elif kind == "rich_text":
        for section in node.get("elements", []):
            yield _rich(section)
    elif kind == "overflow":
        return
    elif isinstance(kind, str) and kind.endswith("_select"):
        # A closed menu shows what is chosen, else its placeholder.
        chosen = node.get("initial_options") or [node.get("initial_option") or {"text": node.get("placeholder")}]
        yield from (plain(one.get("text")) for one in chosen)
    elif kind == "image":
        yield plain(node.get("title")) or str(node.get("alt_text", ""))
    else:
        # The order in which a reader meets the parts of a block, whatever the order of its keys.
        for key in (
            "title", "subtitle", "caption", "label", "text", "body", "description", "fields", "rows", "element",
            "elements", "accessory", "options", "placeholder", "child_blocks", "blocks", "cards", "actions", "buttons",
            "tasks", "details", "output", "hint",
        ):  # fmt: skip
            if key in node:
                value = node[key]
                if isinstance(value, str):
                    yield unescape(value)
                else:
                    yield from _texts(value)


def _rich(node: Json) -> str:
    kind = node.get("type")
    if kind == "text":
        return str(node.get("text", ""))
    if kind == "link":
        return str(node.get("text") or node.get("url", ""))
    if kind == "user":
        return f"<@{node.get('user_id')}>"
    if kind == "channel":
        return f"<#{node.get('channel_id')}>"
    if kind == "emoji":
        return f":{node.get('name')}:"
    if kind == "date":
        return str(node.get("fallback", ""))
    between = "\n" if kind == "rich_text_list" else ""
    return between.join(_rich(one) for one in node.get("elements", []))


def take_in(blocks: list[Json]) -> list[Json]:
    """Blocks as Slack stores them: ids added where none were given, texts with `emoji` or `verbatim`."""
    for block in nested_blocks(blocks):
        block.setdefault("block_id", secrets.token_urlsafe(4))
    for _, element in elements(blocks):
        if element.get("type") not in ("image", "workflow_button"):
            element.setdefault("action_id", secrets.token_urlsafe(4))
    for block in blocks:
        _finish_texts(block)
    return blocks


def _finish_texts(node: Any) -> None:
    if isinstance(node, list):
        for one in node:
            _finish_texts(one)
    elif isinstance(node, dict):
        if node.get("type") == "plain_text":
            node.setdefault("emoji", True)
        elif node.get("type") == "mrkdwn":
            node.setdefault("verbatim", False)
        else:
            for value in node.values():
                _finish_texts(value)
