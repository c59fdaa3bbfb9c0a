"""A container of blocks on someone's screen (a message, a form, a Home tab) with what is filled into it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from markupsafe import Markup

from sandbox import fields
from sandbox.objects import Json, Message, View
from sandbox.page.charts import Chart, chart_of
from sandbox.page.markdown import markdown
from sandbox.page.when import moment
from sandbox.page.wording import Wording
from sandbox.reading import plain, visible_text

Key = tuple[str, str]
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Choice:
    """An option as a form shows it."""

    value: str
    text: Markup
    description: Markup | None
    chosen: bool


@dataclass(frozen=True)
class Surface:
    """`key` tells one container from any other on the page and stays the same when the app redraws it."""

    key: str
    words: Wording
    blocks: list[Json]
    is_view: bool
    view_id: str = ""
    channel: str = ""
    ts: str = ""
    state: Mapping[Key, Json] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    pickable: Mapping[str, Pairs] = field(default_factory=dict)

    def within(self, blocks: list[Json]) -> "Surface":
        """The same container with other blocks: those of an attachment, of a block inside a block."""
        return replace(self, blocks=blocks)

    def id(self, *parts: object) -> str:
        """An id for the page, the same at every drawing; ids of apps may hold anything, so they are hashed."""
        whole = "\x1f".join([self.key, *map(str, parts)])
        return f"e{hashlib.blake2b(whole.encode(), digest_size=6).hexdigest()}"

    # -- what is filled in -------------------------------------------------------------------------------------------

    def value(self, block: Json, element: Json) -> Any:
        """What the element holds: what was typed, else what the app put there first."""
        kind = str(element.get("type"))
        if kind not in fields.KEYS:
            return None
        state = self.state.get((str(block.get("block_id")), str(element.get("action_id"))))
        if state is not None and state.get("type") == kind:
            return fields.value_of(state)
        _, initial, empty = fields.KEYS[kind]
        return element.get(initial, empty)

    def text_value(self, block: Json, element: Json) -> str:
        value = self.value(block, element)
        if element.get("type") == "rich_text_input" and isinstance(value, dict):
            return visible_text([value])
        return "" if value is None else str(value)

    def picker_value(self, block: Json, element: Json) -> str:
        """A date, a time, or a moment in the reader's zone, as the browser's own pickers take it."""
        value = self.value(block, element)
        if value is None:
            return ""
        return f"{moment(value, self.words.tz):%Y-%m-%dT%H:%M}" if element["type"] == "datetimepicker" else str(value)

    def chosen(self, block: Json, element: Json) -> list[Json]:
        """The options chosen, for one or for many."""
        value = self.value(block, element)
        several = value if isinstance(value, list) else [value]
        return [one for one in several if isinstance(one, dict)]

    def _choices(self, options: list[Json], chosen: set[str]) -> list[Choice]:
        return [
            Choice(
                value=str(one.get("value")),
                text=self.words.text(one.get("text")),
                description=self.words.text(one["description"]) if one.get("description") else None,
                chosen=str(one.get("value")) in chosen,
            )
            for one in options
        ]

    def groups(self, block: Json, element: Json) -> list[tuple[str, list[Choice]]]:
        """The options under their groups' labels; a list without groups has one, without a label."""
        chosen = {str(one.get("value")) for one in self.chosen(block, element)}
        kind = str(element.get("type")).removeprefix("multi_").removesuffix("_select")
        if kind in self.pickable:
            picked = self.value(block, element)
            ids = set(picked if isinstance(picked, list) else [picked])
            return [("", [Choice(one, Markup.escape(name), None, one in ids) for one, name in self.pickable[kind]])]
        if element.get("option_groups"):
            return [
                (plain(group.get("label")), self._choices(group.get("options") or [], chosen))
                for group in element["option_groups"]
            ]
        return [("", self._choices(element.get("options") or [], chosen))]

    def picked(self, block: Json, element: Json) -> list[Choice]:
        """What is chosen already, also where the options come from the app (external selects)."""
        if "external" in str(element.get("type")):
            found = self.chosen(block, element)
            return self._choices(found, {str(one.get("value")) for one in found})
        return [choice for _, group in self.groups(block, element) for choice in group if choice.chosen]

    def chart(self, block: Json) -> Chart:
        return chart_of(block["chart"])

    def markdown(self, block: Json) -> Markup:
        return markdown(str(block.get("text", "")), self.words)


def message_surface(
    message: Message, words: Wording, where: str, state: Mapping[Key, Json], pickable: Mapping[str, Pairs]
) -> Surface:
    """The same message may stand in the channel and in the thread at once: `where` keeps their ids apart."""
    key = f"{where}/{message.channel}/{message.ts}"
    return Surface(
        key,
        words,
        message.blocks,
        is_view=False,
        channel=message.channel,
        ts=message.ts,
        state=state,
        pickable=pickable,
    )


def view_surface(view: View, words: Wording, pickable: Mapping[str, Pairs]) -> Surface:
    return Surface(
        view.id,
        words,
        view.blocks,
        is_view=True,
        view_id=view.id,
        state=view.typed,
        errors=view.errors,
        pickable=pickable,
    )
