"""Small Block Kit payloads to build tests from, and the checks that tests run over them."""

import json
from collections.abc import Callable
from typing import Any

from sandbox.blocks import Fault, check_message, check_options, check_view

Json = dict[str, Any]


def plain(text: str = "Go") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "*Go*") -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str = "a", **more: Any) -> Json:
    return {"text": plain(f"Option {value}"), "value": value} | more


def options(count: int) -> list[Json]:
    return [option(str(index)) for index in range(count)]


def group(count: int = 1) -> Json:
    return {"label": plain("Group"), "options": options(count)}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain(), **more}


def static_select(**more: Any) -> Json:
    return {"type": "static_select", "action_id": "pick", **({"options": options(2)} | more)}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def section(text: str = "Hello", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def field(element: Json | None = None, **more: Any) -> Json:
    element = element or {"type": "plain_text_input", "action_id": "typed"}
    return {"type": "input", "label": plain("Name"), "element": element, **more}


def cell(text: str = "x") -> Json:
    return {"type": "raw_text", "text": text}


def rich(*leaves: Json) -> Json:
    section = {"type": "rich_text_section", "elements": list(leaves) or [{"type": "text", "text": "x"}]}
    return {"type": "rich_text", "elements": [section]}


def table(rows: int = 1, columns: int = 1, text: str = "x") -> Json:
    return {"type": "table", "rows": [[cell(text)] * columns for _ in range(rows)]}


def data_table(rows: int = 2, columns: int = 2) -> Json:
    return {"type": "data_table", "caption": "Claims", "rows": [[cell()] * columns for _ in range(rows)]}


def pie(segments: int = 1, title: str = "Claims", label: str = "x", value: float = 1) -> Json:
    chart = {"type": "pie", "segments": [{"label": label, "value": value}] * segments}
    return {"type": "data_visualization", "title": title, "chart": chart}


def bars(series: int = 1, categories: int = 2, name: str = "", category: str = "", **axes: str) -> Json:
    labels = [category or str(index) for index in range(categories)]
    points = [{"label": label, "value": 1} for label in labels]
    chart = {
        "type": "bar",
        "series": [{"name": name or f"s{index}", "data": points} for index in range(series)],
        "axis_config": {"categories": labels, **axes},
    }
    return {"type": "data_visualization", "title": "Bars", "chart": chart}


def confirm(**more: Any) -> Json:
    return {"title": plain(), "text": mrkdwn(), "confirm": plain(), "deny": plain(), **more}


def image(**more: Any) -> Json:
    return {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "A", **more}


def card(**more: Any) -> Json:
    return {"type": "card", "title": mrkdwn(), **more}


def container(children: int = 1, **more: Any) -> Json:
    return {"type": "container", "title": plain(), "child_blocks": [section()] * children, **more}


def message(*blocks: Json, **more: Any) -> Json:
    return {"text": "Hello", "blocks": list(blocks), **more}


def modal(*blocks: Json, **more: Any) -> Json:
    blocks = blocks or (section(),)
    has_inputs = any(block["type"] == "input" for block in blocks)
    submit = {"submit": plain("Send")} if has_inputs else {}
    return {"type": "modal", "title": plain("Claim"), "blocks": list(blocks), **(submit | more)}


def modal_of(size: int) -> Json:
    """A modal of that many bytes of JSON, about 250,000."""
    sections = [section("x" * 3000)] * 81
    rest = size - len(json.dumps(modal(*sections, section(""))))
    return modal(*sections, section("x" * rest))


def answer_of(size: int) -> Json:
    """An answer with options of that many bytes of JSON, about 20,000."""
    rest = size - len(json.dumps({"options": [option(text=plain("x"), value="y")] * 90}))
    found = []
    for _ in range(90):
        in_text = min(rest, 74)
        in_value = min(rest - in_text, 149)
        rest -= in_text + in_value
        found.append(option(text=plain("x" * (1 + in_text)), value="y" * (1 + in_value)))
    return {"options": found}


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks), **more}


def in_message(block: Callable[[int], Json]) -> Callable[[int], Json]:
    return lambda size: message(block(size))


def in_modal(block: Callable[[int], Json]) -> Callable[[int], Json]:
    return lambda size: modal(block(size))


def typed_in(kind: str = "plain_text_input", **more: Any) -> Json:
    return {"type": kind, "action_id": "typed", **more}


def surface_of(payload: Json) -> str:
    """What a payload is meant for: `modal`, `home`, `options` or `message`."""
    if payload.get("type") in ("modal", "home"):
        return str(payload["type"])
    return "options" if {"options", "option_groups"} & payload.keys() else "message"


def faults_of(payload: Json) -> list[Fault]:
    checks = {"modal": check_view, "home": check_view, "options": check_options, "message": check_message}
    return checks[surface_of(payload)](payload)


def said(*blocks: Json) -> list[Fault]:
    return check_message(message(*blocks))


def asked(*blocks: Json, **more: Any) -> list[Fault]:
    return check_view(modal(*blocks, **more))
