"""A modal or Home tab as a person sees and uses it: labels, values, errors, buttons."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from sandbox import fields, reading
from sandbox.errors import SandboxError
from sandbox.fields import Field
from sandbox.objects import Json, View

if TYPE_CHECKING:
    from sandbox.acting import Acting

# docs: file-input-element
FILE_BYTES = 10_000_000
ALL_FILES = 10


class Screen:
    """What a modal and a Home tab have in common. It follows the screen: each question is about what is there now."""

    def __init__(self, person: "Acting", find: Callable[[], View]) -> None:
        self._person = person
        self._find = find

    @property
    def view(self) -> View:
        return self._find()

    @property
    def blocks(self) -> list[Json]:
        return deepcopy(self.view.blocks)

    @property
    def buttons(self) -> list[str]:
        return reading.buttons(self.view.blocks)

    @property
    def labels(self) -> list[str]:
        """The labels of everything that can be filled in, from top to bottom."""
        return [one.label for one in fields.fields_of(self.view.blocks)]

    @property
    def values(self) -> dict[str, Any]:
        """What stands in each field now, by label: text, option texts, ISO dates, names of files."""
        with self._person.sandbox.workspace.lock:
            view = self.view
            return {one.label: fields.readable(view.typed[one.key]) for one in fields.fields_of(view.blocks)}

    @property
    def text(self) -> str:
        return reading.visible_text(self.view.blocks)

    def options(self, label: str, query: str = "") -> list[str]:
        """The options a field offers; for an external select, what the app answers to this query."""
        return [reading.plain(one["text"]) for one in self._person._options(self.view, self.field(label), query)]

    def fill_one(self, label: str, value: Any) -> None:
        """Enters one value. What Slack sends at once (`dispatch_action`, selects outside inputs) is sent at once."""
        view = self.view
        field = self.field(label)
        typed = self._person._entered(view, field, value)
        state = fields.make_state(field.kind, typed)
        self._person.sandbox.workspace.screens.set_typed(view, *field.key, state)
        if field.dispatches:
            action = {**action_base(field), **state}
            self._person._act_in_view(view, action)

    def fill(self, values: Mapping[str, Any]) -> None:
        """Enters several values by label, in the order given."""
        for label, value in values.items():
            self.fill_one(label, value)

    def press(self, label: str, confirm: bool = True) -> None:
        """Presses a button or overflow entry. With `confirm=False` the person turns its dialog down."""
        view = self.view
        action = self._person._pressed(label, view.blocks, confirm)
        if action is not None:
            self._person._act_in_view(view, action)

    def confirmation(self, label: str) -> str | None:
        """The text of the dialog that a button asks first, or None where it asks nothing."""
        return confirmation(self.view.blocks, label)

    def field(self, label: str) -> Field:
        """The field under a label; a SandboxError that lists the labels where there is none, or several."""
        found = [one for one in fields.fields_of(self.view.blocks) if one.label == label]
        if len(found) == 1:
            return found[0]
        if found:
            raise SandboxError(f"There are {len(found)} fields called {label!r}.")
        raise SandboxError(
            f"There is no field {label!r}. The labels are: {', '.join(map(repr, self.labels)) or 'none'}."
        )


class HomeView(Screen):
    """The Home tab of one person. `published` says whether the app has ever drawn it."""

    @property
    def published(self) -> bool:
        return self._person.id in self._person.sandbox.workspace.screens.homes

    @property
    def visible_text(self) -> str:
        return self.text


class Form(Screen):
    """The modal on top of a person's screen."""

    @property
    def title(self) -> str:
        return reading.plain(self.view.content.get("title"))

    @property
    def submit_label(self) -> str | None:
        return reading.plain(self.view.content.get("submit")) or None

    @property
    def close_label(self) -> str:
        return reading.plain(self.view.content.get("close")) or "Cancel"

    @property
    def text(self) -> str:
        """All that can be read: title, blocks, field errors, and the two buttons at the bottom."""
        pieces = [self.title, reading.visible_text(self.view.blocks), *self.errors.values(), self.submit_label or ""]
        return "\n".join([*(one for one in pieces if one), self.close_label])

    @property
    def errors(self) -> dict[str, str]:
        """What stands in red under the fields, by label."""
        view = self.view
        labels = {one.key[0]: one.label for one in fields.fields_of(view.blocks)}
        return {labels.get(block_id, block_id): text for block_id, text in view.errors.items()}

    def submit(self) -> None:
        """Submits. What Slack's client finds wrong shows up in `errors`, and then nothing is sent to the app."""
        self._person._submit(self.view)

    def close(self) -> None:
        """Closes this view; a view under it comes up again."""
        self._person._close(self.view)

    def press_in_form(self, label: str, confirm: bool = True) -> None:
        self.press(label, confirm)


def action_base(field: Field) -> Json:
    base: Json = {"action_id": field.key[1], "block_id": field.key[0], "type": field.kind}
    if field.element.get("placeholder"):
        base["placeholder"] = field.element["placeholder"]
    return base


def confirmation(blocks: list[Json], label: str) -> str | None:
    for shown, _, element, _ in reading.pressables(blocks):
        if shown == label and element.get("confirm"):
            parts = (element["confirm"].get(key) for key in ("title", "text", "confirm", "deny"))
            return "\n".join(reading.plain(one) for one in parts if one)
    return None
