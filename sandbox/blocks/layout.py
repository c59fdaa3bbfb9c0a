"""Layout blocks: what each holds, how much of it, and on which surface it may stand."""

from collections.abc import Iterator
from typing import Any

from sandbox.blocks.elements import ACTIONS, CARD, CONTEXT, CONTEXT_ACTIONS, ELEMENTS, ICON, INPUT, SECTION
from sandbox.blocks.objects import (
    ANY,
    FIELD,
    HEADER,
    ID,
    IMAGE_KEYS,
    LABEL,
    LINK,
    ONE_SOURCE,
    RICH_TEXT,
    context_texts,
    plain,
    text,
)
from sandbox.blocks.shapes import (
    EVERYWHERE,
    Check,
    Fault,
    Kind,
    Shape,
    Surface,
    any_key,
    array,
    boolean,
    nullable,
    number,
    one_of,
    string,
    typed,
    whole,
)

TOP, CONTAINER, CAROUSEL, PLAN = "the payload", "a container block", "a carousel block", "a plan block"
CELL = "a table"
_MESSAGE: frozenset[Surface] = frozenset({"message"})
_ANYWHERE = frozenset({TOP, CONTAINER})


def _no_dispatch_of_files(value: dict[str, Any], at: str) -> Iterator[Fault]:
    element = value.get("element")
    if value.get("dispatch_action") and isinstance(element, dict) and element.get("type") == "file_input":
        yield Fault(f"{at}/dispatch_action", "must be false with a file_input")


def _collapsed_only_if_collapsible(value: dict[str, Any], at: str) -> Iterator[Fault]:
    if value.get("default_collapsed") and not value.get("is_collapsible"):
        yield Fault(f"{at}/default_collapsed", "needs is_collapsible")


def _rows(value: dict[str, Any]) -> list[list[Any]]:
    rows = value.get("rows")
    return [row for row in rows if isinstance(row, list)] if isinstance(rows, list) else []


def _header_and_even_rows(value: dict[str, Any], at: str) -> Iterator[Fault]:
    rows = _rows(value)
    for column, cell in enumerate(rows[0] if rows else []):
        if isinstance(cell, dict) and cell.get("type") == "rich_text":
            yield Fault(f"{at}/rows/0/{column}/type", "rich_text is not allowed in the header row")
    for index, row in enumerate(rows[1:], start=1):
        if len(row) != len(rows[0]):
            yield Fault(f"{at}/rows/{index}", f"must have {len(rows[0])} cells, as the header has ({len(row)} given)")


def _same_categories(value: dict[str, Any], at: str) -> Iterator[Fault]:
    """Each series has one point for each category, named alike."""
    axis = value.get("axis_config")
    categories = axis.get("categories") if isinstance(axis, dict) else None
    series = value.get("series")
    for index, entry in enumerate(series if isinstance(series, list) else []):
        points = entry.get("data") if isinstance(entry, dict) else None
        labels = [p.get("label") for p in points if isinstance(p, dict)] if isinstance(points, list) else None
        if labels is not None and categories is not None and labels != categories:
            yield Fault(f"{at}/series/{index}/data", "must have one point for each category, in the same order")


def _names_of_their_own(value: dict[str, Any], at: str) -> Iterator[Fault]:
    series = value.get("series")
    names: list[str] = []
    for index, entry in enumerate(series if isinstance(series, list) else []):
        name = entry.get("name") if isinstance(entry, dict) else None
        if isinstance(name, str) and name in names:
            yield Fault(f"{at}/series/{index}/name", f"two series have the same name: {name}")
        elif isinstance(name, str):
            names.append(name)


def _positive(value: Any, at: str, surface: Surface) -> Iterator[Fault]:
    faults = list(number(value, at, surface))
    yield from faults
    if not faults and value <= 0:
        yield Fault(at, "must be above 0")


def _element(place: str) -> Check:
    return typed(ELEMENTS, "element", place)


_CELLS = {
    "raw_text": Kind(Shape({"text": string(ANY)}, ("text",)), places=frozenset({CELL})),
    "raw_number": Kind(Shape({"text": string(ANY), "value": number}, ("text", "value")), places=frozenset({CELL})),
    "rich_text": Kind(RICH_TEXT, places=frozenset({CELL})),
}
_CELL = typed(_CELLS, "cell", CELL)
_ROW = array(_CELL, 1, 20, "cells")
_COLUMN = Shape({"align": one_of("left", "center", "right"), "is_wrapped": boolean})

_LABELLED = string(20)
_POINT = Shape({"label": _LABELLED, "value": number}, ("label", "value"))
_SERIES = Shape({"name": _LABELLED, "data": array(_POINT, 1, 20, "points")}, ("name", "data"))
_AXES = Shape(
    {"categories": array(_LABELLED, 1, 20, "categories"), "x_label": string(50), "y_label": string(50)},
    ("categories",),
)
_CHART = frozenset({"a data_visualization block"})
_PLOT = Kind(
    Shape(
        {"series": array(_SERIES, 1, 6, "series"), "axis_config": _AXES},
        ("series", "axis_config"),
        (_same_categories, _names_of_their_own),
    ),
    places=_CHART,
)
_SEGMENT = Shape({"label": _LABELLED, "value": _positive}, ("label", "value"))
_CHARTS = {
    "pie": Kind(Shape({"segments": array(_SEGMENT, 1, 6, "segments")}, ("segments",)), places=_CHART),
    "bar": _PLOT,
    "area": _PLOT,
    "line": _PLOT,
}
_SOURCE = Kind(Shape({"url": LINK, "text": string(ANY)}, ("url",)), places=frozenset({"a task_card block"}))

BLOCKS: dict[str, Kind] = {}


def _block(
    name: str,
    keys: dict[str, Check],
    required: tuple[str, ...] = (),
    *,
    rules: tuple[Any, ...] = (),
    surfaces: frozenset[Surface] = EVERYWHERE,
    places: frozenset[str] = _ANYWHERE,
) -> None:
    BLOCKS[name] = Kind(Shape({"block_id": ID, **keys}, required, rules), surfaces, places)


def _blocks(place: str, least: int, most: int) -> Check:
    return array(typed(BLOCKS, "block", place), least, most, "blocks")


_block(
    "section",
    {
        "text": text(),
        "fields": array(text(FIELD), 1, 10, "fields"),
        "accessory": _element(SECTION),
        "expand": boolean,
    },
    rules=(any_key("text", "fields"),),
)
_block("header", {"text": plain(HEADER), "level": whole(1, 4)}, ("text",))
_block("divider", {})
_block(
    "context",
    {"elements": array(typed({**ELEMENTS, **context_texts()}, "element", CONTEXT), 1, 10, "elements")},
    ("elements",),
)
_block("actions", {"elements": array(_element(ACTIONS), 1, 25, "elements")}, ("elements",))
_block(
    "input",
    {
        "label": plain(LABEL),
        "hint": plain(LABEL),
        "element": _element(INPUT),
        "optional": boolean,
        "dispatch_action": boolean,
    },
    ("label", "element"),
    rules=(_no_dispatch_of_files,),
)
_block("image", {**IMAGE_KEYS, "title": plain(2000)}, ("alt_text",), rules=(ONE_SOURCE,))
BLOCKS["rich_text"] = Kind(RICH_TEXT, places=_ANYWHERE)
_block(
    "video",
    {
        "title": plain(199),
        "title_url": LINK,
        "description": plain(200),
        "video_url": LINK,
        "thumbnail_url": LINK,
        "alt_text": string(2000),
        "author_name": string(49),
        "provider_name": string(255),
        "provider_icon_url": LINK,
    },
    ("title", "video_url", "thumbnail_url", "alt_text"),
)
_block("markdown", {"text": string(12_000)}, ("text",), surfaces=_MESSAGE)
_block(
    "context_actions",
    {"elements": array(_element(CONTEXT_ACTIONS), 1, 5, "elements")},
    ("elements",),
    surfaces=_MESSAGE,
)
_block(
    "table",
    {"rows": array(_ROW, 1, 100, "rows"), "column_settings": array(nullable(_COLUMN), 0, 20, "columns")},
    ("rows",),
    surfaces=_MESSAGE,
)
_block(
    "data_table",
    {
        "caption": string(ANY),
        "rows": array(_ROW, 2, 101, "rows"),
        "page_size": whole(1, 100),
        "row_header_column_index": whole(0, 19),
    },
    ("caption", "rows"),
    rules=(_header_and_even_rows,),
    surfaces=_MESSAGE,
)
_block(
    "data_visualization",
    {"title": string(50), "chart": typed(_CHARTS, "chart", "a data_visualization block")},
    ("title", "chart"),
    surfaces=_MESSAGE,
)
_block(
    "alert",
    {"text": text(200), "level": one_of("default", "info", "warning", "error", "success")},
    ("text",),
    surfaces=frozenset({"modal"}),
)
_block(
    "card",
    {
        "title": text(150),
        "subtitle": text(150),
        "body": text(200),
        "icon": _element(ICON),
        "hero_image": _element(ICON),
        "actions": array(_element(CARD), 1, 2, "buttons"),
    },
    rules=(any_key("hero_image", "title", "actions", "body"),),
    surfaces=_MESSAGE,
    places=_ANYWHERE | {CAROUSEL},
)
_block("carousel", {"elements": _blocks(CAROUSEL, 1, 10)}, ("elements",), surfaces=_MESSAGE)
_block(
    "container",
    {
        "title": plain(150),
        "rich_text_title": RICH_TEXT,
        "subtitle": text(150),
        "icon": _element(ICON),
        "child_blocks": _blocks(CONTAINER, 1, 10),
        "width": one_of("narrow", "standard", "wide", "full"),
        "is_collapsible": boolean,
        "default_collapsed": boolean,
        "has_header_divider": boolean,
    },
    ("child_blocks",),
    rules=(any_key("title", "rich_text_title"), _collapsed_only_if_collapsible),
    surfaces=_MESSAGE,
    places=frozenset({TOP}),
)
_block(
    "task_card",
    {
        "task_id": ID,
        "title": string(ANY),
        "details": RICH_TEXT,
        "output": RICH_TEXT,
        "sources": array(typed({"url": _SOURCE}, "source", "a task_card block"), 0, ANY),
        "status": one_of("pending", "in_progress", "complete", "error"),
    },
    ("task_id", "title", "status"),
    surfaces=_MESSAGE,
    places=_ANYWHERE | {PLAN},
)
_block("plan", {"title": string(ANY), "tasks": _blocks(PLAN, 0, ANY)}, ("title",), surfaces=_MESSAGE)


def block_list(least: int, most: int) -> Check:
    """The blocks of a payload."""
    return _blocks(TOP, least, most)
