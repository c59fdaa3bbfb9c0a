"""Whole payloads: a message, a view, an options answer, and the rules that span their blocks."""

import json
from collections.abc import Iterator
from typing import Any, cast

from sandbox.blocks.layout import block_list
from sandbox.blocks.objects import OPTION, OPTION_GROUP, plain
from sandbox.blocks.shapes import Check, Fault, Shape, Surface, array, boolean, length, one_key, string

MESSAGE_TEXT = 4_000
MARKDOWN_TEXT = 12_000
BLOCK_TEXT = 13_000  # Slack names no figure; msg_blocks_too_long was seen from some 13,200
TABLE_TEXT = 10_000
VIEW_BYTES = 250_000
FRAME_BYTES = 20_000
CHARTS = 2
TABLES = frozenset({"table", "data_table"})
# Keys whose strings people read; what only machines read (ids, values, addresses) is no text.
_READ = frozenset({"text", "title", "subtitle", "body", "caption", "alt_text", "label", "hint", "fallback"})


def check_message(payload: dict[str, Any]) -> list[Fault]:
    """What Slack would refuse in a message, whichever way it comes.

    Text is asked for by nobody where there are blocks or attachments; that there is something at all is the caller's
    to see to (`no_text`).
    """
    faults: list[Fault] = []
    if payload.get("markdown_text") is not None:
        faults += string(MARKDOWN_TEXT)(payload["markdown_text"], "/markdown_text", "message")
        faults += [
            Fault(f"/{key}", "not together with markdown_text") for key in ("text", "blocks") if payload.get(key)
        ]
    elif payload.get("text") is not None:
        faults += string(MESSAGE_TEXT)(payload["text"], "/text", "message")
    roots: list[tuple[str, Any]] = []
    if payload.get("blocks") is not None:
        roots.append(("/blocks", payload["blocks"]))
    attachments = payload.get("attachments")
    if attachments is not None:
        faults += array(_attachment, 0, 100, "attachments")(attachments, "/attachments", "message")
        for index, entry in enumerate(attachments if isinstance(attachments, list) else []):
            if isinstance(entry, dict) and entry.get("blocks") is not None:
                roots.append((f"/attachments/{index}/blocks", entry["blocks"]))
    for at, blocks in roots:
        faults += block_list(0, 50)(blocks, at, "message")
    faults += _across(roots)
    faults += _sums(roots)
    return faults


def _attachment(value: Any, at: str, surface: Surface) -> Iterator[Fault]:
    """Attachments are older than Block Kit; only their blocks are held to it."""
    if not isinstance(value, dict):
        yield Fault(at, "must be an object")


_SHARED: dict[str, Check] = {
    "blocks": block_list(1, 100),
    "private_metadata": string(3000, 0),
    "callback_id": string(255, 0),
    "external_id": string(255, 0),
}
_MODAL = Shape(
    {
        **_SHARED,
        "title": plain(24),
        "submit": plain(24),
        "close": plain(24),
        "clear_on_close": boolean,
        "notify_on_close": boolean,
        "submit_disabled": boolean,
    },
    ("title", "blocks"),
)
_VIEWS: dict[str, Shape] = {"modal": _MODAL, "home": Shape(_SHARED, ("blocks",))}


def check_view(view: dict[str, Any]) -> list[Fault]:
    """What Slack would refuse in a modal or a Home tab."""
    kind = view.get("type")
    shape = _VIEWS.get(kind) if isinstance(kind, str) else None
    if shape is None:
        return [Fault("/type", "must be one of modal, home")]
    surface = cast(Surface, kind)
    faults = list(shape(view, "", surface))
    roots = [("/blocks", view.get("blocks"))]
    faults += _across(roots)
    if kind == "modal":
        has_inputs = any(block.get("type") == "input" for _, block in _each_block(roots))
        if has_inputs and view.get("submit") is None:
            faults.append(Fault("/submit", "is required when there are inputs"))
    faults += _focus(roots)
    if (size := _encoded(view)) > VIEW_BYTES:
        faults.append(Fault("", f"must be at most {VIEW_BYTES} bytes ({size} given)"))
    return faults


_ANSWER = Shape(
    {"options": array(OPTION, 0, 100, "options"), "option_groups": array(OPTION_GROUP, 0, 100, "option groups")},
    rules=(one_key("options", "option_groups"),),
)


def check_options(payload: dict[str, Any]) -> list[Fault]:
    """What Slack would refuse in the answer to a block_suggestion."""
    faults = list(_ANSWER(payload, "", "modal"))
    if (size := _encoded(payload)) > FRAME_BYTES:
        faults.append(Fault("", f"must be at most {FRAME_BYTES} bytes ({size} given)"))
    return faults


def _encoded(payload: Any) -> int:
    return len(json.dumps(payload, default=str))


def _each_block(roots: list[tuple[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every block with its pointer, those within containers, carousels and plans too."""
    for at, blocks in roots:
        for index, block in enumerate(blocks if isinstance(blocks, list) else []):
            if isinstance(block, dict):
                here = f"{at}/{index}"
                yield here, block
                inner = {"container": "child_blocks", "carousel": "elements", "plan": "tasks"}
                if key := inner.get(str(block.get("type"))):
                    yield from _each_block([(f"{here}/{key}", block.get(key))])


_HOLDERS = ("accessory", "element", "elements", "actions")


def _each_element(at: str, block: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if block.get("type") in ("rich_text", "carousel"):
        return  # what they hold are not elements with ids
    for key in _HOLDERS:
        held = block.get(key)
        if isinstance(held, dict):
            yield f"{at}/{key}", held
        for index, element in enumerate(held if isinstance(held, list) else []):
            if isinstance(element, dict):
                yield f"{at}/{key}/{index}", element


def _repeated(found: Iterator[tuple[str, dict[str, Any]]], key: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for at, entry in found:
        name = entry.get(key)
        if isinstance(name, str) and name in seen:
            yield Fault(f"{at}/{key}", f"{key} is used twice: {name}")
        elif isinstance(name, str):
            seen.add(name)


def _across(roots: list[tuple[str, Any]]) -> Iterator[Fault]:
    """Ids: a block's is its own in the payload, an element's within its block (a list of rows repeats its button)."""
    yield from _repeated(_each_block(roots), "block_id")
    for at, block in _each_block(roots):
        yield from _repeated(_each_element(at, block), "action_id")


def _focus(roots: list[tuple[str, Any]]) -> Iterator[Fault]:
    focused = [
        place
        for at, block in _each_block(roots)
        for place, element in _each_element(at, block)
        if element.get("focus_on_load") is True
    ]
    for place in focused[1:]:
        yield Fault(f"{place}/focus_on_load", "only one element may have the focus")


def _read_text(value: Any, *, within: bool = False) -> int:
    """How many characters people read in there."""
    if isinstance(value, str):
        return length(value) if within else 0
    if isinstance(value, list):
        return sum(_read_text(entry, within=within) for entry in value)
    if isinstance(value, dict):
        return sum(_read_text(entry, within=key in _READ) for key, entry in value.items())
    return 0


def _sums(roots: list[tuple[str, Any]]) -> Iterator[Fault]:
    found = list(_each_block(roots))
    tables = [(at, block) for at, block in found if str(block.get("type")) in TABLES]
    for at, _ in tables[1:]:
        yield Fault(at, "only one table is allowed")
    for at, block in tables:
        if (size := _read_text(block.get("rows"))) > TABLE_TEXT:
            yield Fault(f"{at}/rows", f"must have at most {TABLE_TEXT} characters in all cells ({size} given)")
    for at, _ in [(at, block) for at, block in found if block.get("type") == "data_visualization"][CHARTS:]:
        yield Fault(at, f"only {CHARTS} data_visualization blocks are allowed")
    markdown = sum(_read_text(block) for _, block in found if block.get("type") == "markdown")
    if markdown > MARKDOWN_TEXT:
        yield Fault("/blocks", f"must have at most {MARKDOWN_TEXT} characters of markdown ({markdown} given)")
    whole = sum(_read_text(blocks) for _, blocks in roots)
    if whole > BLOCK_TEXT:
        yield Fault("/blocks", f"must have at most {BLOCK_TEXT} characters of text in all blocks ({whole} given)")
