"""What a person does in the browser, done by the same `Person` that tests drive: one way into the app, not two.

The browser says which element it means by block_id and action_id and what was chosen by the option's value; here that
becomes the labels and states that the driver works with.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sandbox import fields, reading
from sandbox.driver import Person
from sandbox.errors import EventMissed, NotAcknowledged, SandboxError, SlackError
from sandbox.fields import Field
from sandbox.forms import action_base
from sandbox.objects import Json, Message, View
from sandbox.page.emoji import EMOJI
from sandbox.page.when import zone
from sandbox.workspace import Workspace

CONNECTING = "We had some trouble connecting. Try again?"
CHANGED = "This has changed in the meantime. Please look again."
Place = View | Message
# Options an app has offered to someone: (person, container, block_id, action_id) -> option by value.
Offered = dict[tuple[str, str, str, str], dict[str, Json]]


def outcome(act: Callable[[], Any]) -> Json:
    """Does it and says how it went: nothing, or the words to show."""
    try:
        act()
    except EventMissed as error:
        return {"detail": str(error)}
    except NotAcknowledged as error:
        return {"trouble": CONNECTING, "detail": str(error)}
    except SandboxError as error:
        return {"trouble": str(error)}
    except SlackError as error:
        return {"trouble": CHANGED, "detail": error.code}
    return {}


class Hands:
    """One person at the browser."""

    def __init__(self, person: Person, workspace: Workspace, offered: Offered) -> None:
        self.person = person
        self._workspace = workspace
        self._offered = offered

    # -- messages and commands -----------------------------------------------------------------------------------------

    def say(self, channel: str, text: str, thread_ts: str, files: list[tuple[str, bytes]]) -> None:
        """Writes a message, or gives a command where the text begins with one."""
        parent = self._workspace.message(channel, thread_ts) if thread_ts else None
        if text.startswith("/") and not files:
            self.person.command(text.strip(), channel, thread=parent)
        elif parent is not None:
            self.person.reply(parent, text, files)
        else:
            self.person.post(channel, text, files)

    def edit(self, channel: str, ts: str, text: str) -> None:
        if not text.strip():
            raise SandboxError("A message cannot be empty. You can delete it.")
        self.person.edit(self._message(channel, ts), text.strip())

    def delete(self, channel: str, ts: str) -> None:
        self.person.delete(self._message(channel, ts))

    def react(self, channel: str, ts: str, name: str) -> None:
        if name not in EMOJI:
            raise SandboxError(CHANGED)
        self.person.react(self._message(channel, ts), name)

    def _message(self, channel: str, ts: str) -> Message:
        return self._workspace.message(channel, ts, "message_not_found")

    def shortcut(self, callback_id: str, channel: str, ts: str) -> None:
        kind = "message" if ts else "global"
        for shortcut in self.person.sandbox.app.shortcuts:
            if shortcut.callback_id == callback_id and shortcut.type == kind:
                if ts:
                    self.person.message_shortcut(shortcut.name, self._workspace.message(channel, ts))
                else:
                    self.person.shortcut(shortcut.name)
                return
        raise SandboxError(CHANGED)

    # -- blocks --------------------------------------------------------------------------------------------------------

    def place(self, where: Json) -> Place:
        """The message or view the browser means, if this person can see it."""
        if where.get("view"):
            view = self._workspace.screens.find(str(where["view"]))
            if view.user != self.person.id:
                raise SandboxError(CHANGED)
            return view
        return self.person._current(self._message(str(where.get("channel")), str(where.get("ts"))))

    def press(self, where: Json, block_id: str, action_id: str, chosen: str, values: Json) -> None:
        """A button, or an entry of an overflow menu."""
        place = self.place(where)
        self.keep(place, values)
        blocks = _blocks_of(place)
        block, element = _find(blocks, block_id, action_id)
        if element["type"] == "overflow":
            options = [one for one in element["options"] if str(one.get("value")) == chosen]
            element = {**element, "options": options[:1]}
        elif element["type"] == "feedback_buttons":
            other = "negative_button" if chosen == "positive_button" else "positive_button"
            element = {key: value for key, value in element.items() if key != other}
        # Labels need not be unique on a page; alone in its block the driver cannot mistake it.
        alone = {"type": "actions", "block_id": block["block_id"], "elements": [element]}
        labels = [label for label in reading.buttons([alone]) if label]
        if not labels:
            raise SandboxError(CHANGED)
        action = self.person._pressed(labels[0], [alone], confirm=True)
        if action is not None:
            self._send(place, action)

    def choose(self, where: Json, block_id: str, action_id: str, raw: Any, values: Json) -> None:
        """A choice that the app hears of at once."""
        place = self.place(where)
        field = _field(_blocks_of(place), block_id, action_id)
        state = self._state(place, field, raw)
        self.keep(place, {**values, block_id: {**(values.get(block_id) or {}), action_id: raw}})
        self._send(place, {**action_base(field), **state})

    def _send(self, place: Place, action: Json) -> None:
        if isinstance(place, View):
            self.person._act_in_view(place, action)
            return
        action.setdefault("action_ts", self._workspace.next_ts())
        payload = self.person.sandbox.payloads.message_actions(self.person.user, place, action)
        self.person._deliver("interactive", "block_actions", payload)

    # -- forms ---------------------------------------------------------------------------------------------------------

    def submit(self, view_id: str, values: Json) -> None:
        view = self._top(view_id)
        self.keep(view, values)
        self.person._submit(view)

    def close(self, view_id: str) -> None:
        self.person._close(self._top(view_id))

    def close_all(self) -> None:
        self.person.close_all()

    def _top(self, view_id: str) -> View:
        view = self._workspace.screens.top(self.person.id)
        if view is None or view.id != view_id:
            raise SandboxError(CHANGED)
        return view

    def keep(self, place: Place, values: Json) -> None:
        """Takes over what stands in the browser's fields, as typed into the view or chosen in the message."""
        for field in fields.fields_of(_blocks_of(place)):
            block_id, action_id = field.key
            given = values.get(block_id)
            if not isinstance(given, dict) or action_id not in given:
                continue
            state = self._state(place, field, given[action_id])
            with self._workspace.lock:
                typed = self._typed(place)  # drawn up anew at each look, so it is looked at and changed at once
                if typed.get(field.key) == state:
                    continue
                if isinstance(place, View):
                    self._workspace.screens.set_typed(place, block_id, action_id, state)
                else:
                    typed[field.key] = state

    def _typed(self, place: Place) -> dict[tuple[str, str], Json]:
        return place.typed if isinstance(place, View) else self._workspace.state_in(self.person.id, place)

    def suggest(self, where: Json, block_id: str, action_id: str, query: str) -> list[Json]:
        """The option groups of an external select for a query; remembered, to tell a choice from an invention."""
        place = self.place(where)
        field = _field(_blocks_of(place), block_id, action_id)
        groups = self.person._offered(place, field, query)
        known = self._offered.setdefault(self._key(place, field), {})
        known.update({str(one.get("value")): one for group in groups for one in group["options"]})
        return groups

    def upload(self, view_id: str, block_id: str, action_id: str, name: str, content: bytes) -> Json:
        """A file for a file input; the driver refuses what Slack's client refuses."""
        place = self.place({"view": view_id})
        field = _field(_blocks_of(place), block_id, action_id)
        return self.person._upload_into(field, [(name, content)])[0]

    def _key(self, place: Place, field: Field) -> tuple[str, str, str, str]:
        return (self.person.id, place.id if isinstance(place, View) else place.ts, *field.key)

    def _state(self, place: Place, field: Field, raw: Any) -> Json:
        """Slack's state object for what the browser sent."""
        kind = field.kind
        if kind in fields.OPTION or kind in fields.OPTION_LISTS:
            known = {str(one.get("value")): one for one in reading.options_of(field.element)}
            known |= self._offered.get(self._key(place, field), {})
            known |= _already_chosen(self._typed(place), field)
            wanted = [str(one) for one in (raw if isinstance(raw, list) else [raw]) if one not in (None, "")]
            if any(one not in known for one in wanted):
                raise SandboxError(CHANGED)
            chosen = [known[one] for one in wanted]
            return fields.make_state(kind, chosen if kind in fields.OPTION_LISTS else next(iter(chosen), None))
        if kind == "file_input":
            return fields.make_state(kind, [self._own_file(str(one)) for one in raw or []])
        if kind == "datetimepicker" and raw:
            local = datetime.fromisoformat(str(raw)).replace(tzinfo=zone(self.person.user.tz))
            return fields.make_state(kind, int(local.timestamp()))
        return fields.make_state(kind, fields.typed_value(field, raw or None, []))

    def _own_file(self, file_id: str) -> Json:
        file = self._workspace.file(file_id)
        if file.user != self.person.id:
            raise SandboxError(CHANGED)
        return file.to_json()


def _blocks_of(place: Place) -> list[Json]:
    return place.blocks if isinstance(place, View) else place.shown_blocks


def _find(blocks: list[Json], block_id: str, action_id: str) -> tuple[Json, Json]:
    for block, element in reading.elements(blocks):
        if block.get("block_id") == block_id and element.get("action_id") == action_id:
            return block, element
    raise SandboxError(CHANGED)


def _field(blocks: list[Json], block_id: str, action_id: str) -> Field:
    for field in fields.fields_of(blocks):
        if field.key == (block_id, action_id):
            return field
    raise SandboxError(CHANGED)


def _already_chosen(typed: dict[tuple[str, str], Json], field: Field) -> dict[str, Json]:
    """Options the app itself put there, which an external select never offered."""
    state = typed.get(field.key)
    value = fields.value_of(state) if state else None
    several = value if isinstance(value, list) else [value]
    initial = [field.element.get("initial_option"), *(field.element.get("initial_options") or [])]
    return {str(one["value"]): one for one in [*initial, *several] if isinstance(one, dict) and "value" in one}
