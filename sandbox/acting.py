"""The mechanics under a person's acts: what a click or a key press makes Slack's client check, send and show.

`Person` (driver.py), `Form` and the page for people all act through here, so that they are held to the same rules.
"""

import re
import secrets
from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from sandbox import fields, forms, reading
from sandbox.acks import AckReader
from sandbox.errors import EventMissed, SandboxError, SlackError
from sandbox.fields import Field
from sandbox.installed_app import Shortcut
from sandbox.objects import Json, Message, User, View
from sandbox.transport import Delivery

if TYPE_CHECKING:
    from sandbox.server import Sandbox


class Acting:
    """One user at a client of their own."""

    def __init__(self, sandbox: "Sandbox", user: User) -> None:
        self.sandbox = sandbox
        self.user = user
        self._acks = AckReader(sandbox.api)

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.name

    # -- screens and elements ------------------------------------------------------------------------------------------

    def _top(self) -> View:
        view = self.sandbox.workspace.screens.top(self.id)
        if view is None:
            raise SandboxError(f"No form is open on {self.name}'s screen.")
        return view

    def _home(self) -> View:
        view = self.sandbox.workspace.screens.homes.get(self.id)
        if view is None:
            raise SandboxError(f"The app has not drawn a Home tab for {self.name}.")
        return view

    def _pressed(self, label: str, blocks: list[Json], confirm: bool) -> Json | None:
        """The action of a press, or None where the person turned its dialog down."""
        found = [one for one in reading.pressables(blocks) if one[0] == label]
        if not found:
            shown = ", ".join(map(repr, reading.buttons(blocks))) or "none"
            raise SandboxError(f"There is no button {label!r}. The buttons are: {shown}.")
        if len(found) > 1:
            raise SandboxError(f"There are {len(found)} buttons called {label!r}.")
        _, block, element, option = found[0]
        if element.get("confirm") and not confirm:
            return None
        kept = ("type", "action_id", "text", "value", "style", "url", "confirm", "placeholder")
        action = {key: element[key] for key in kept if key in element}
        action |= {"block_id": block["block_id"], "action_ts": self._now()}
        if element["type"] == "overflow":
            action["selected_option"] = option
        elif option is not None:
            action["value"] = option.get("value")
        return deepcopy(action)

    def _act_in_view(self, view: View, action: Json) -> None:
        action.setdefault("action_ts", self._now())
        payload = self.sandbox.payloads.view_actions(self.user, view, action)
        self._deliver("interactive", "block_actions", payload)

    def _submit(self, view: View) -> None:
        screens = self.sandbox.workspace.screens
        if not view.content.get("submit"):
            raise SandboxError("This form has no submit button.")
        problems = {}
        with self.sandbox.workspace.lock:
            for field in fields.fields_of(view.blocks):
                problem = fields.problem_with(field, view.typed[field.key])
                if problem and field.block.get("type") == "input":
                    problems[field.key[0]] = problem
        screens.set_errors(view, problems)
        if problems:
            return
        payload = self.sandbox.payloads.view_submission(self.user, view)
        delivery = self._deliver("interactive", "view_submission", payload)
        for closed in self._acks.submission(delivery, view):
            self._tell_closed(closed, is_cleared=True)

    def _close(self, view: View) -> None:
        """The X or the close button: the view goes, and the one under it comes up, unless `clear_on_close`."""
        if view.content.get("clear_on_close"):
            self.close_all()
            return
        self.sandbox.workspace.screens.close_top(self.id)
        self._tell_closed(view, is_cleared=False)

    def close_all(self) -> None:
        """Leaves the whole stack of modals at once."""
        for view in reversed(self.sandbox.workspace.screens.clear(self.id)):
            self._tell_closed(view, is_cleared=True)

    def _tell_closed(self, view: View, is_cleared: bool) -> None:
        if view.content.get("notify_on_close"):
            payload = self.sandbox.payloads.view_closed(self.user, view, is_cleared)
            self._deliver("interactive", "view_closed", payload)

    def _options(self, place: View | Message, field: Field, query: str) -> list[Json]:
        """What a select offers, from its groups too; an external one asks the app."""
        if not field.kind.endswith("external_select"):
            return reading.options_of(field.element)
        return [option for group in self._offered(place, field, query) for option in group["options"]]

    def _offered(self, place: View | Message, field: Field, query: str) -> list[Json]:
        """The option groups an app offers for a query, once `min_query_length` characters are there."""
        if len(query) < int(field.element.get("min_query_length", 3)):
            return []
        payload = self.sandbox.payloads.suggestion(self.user, *field.key, query, place)
        return self._acks.options(self._deliver("interactive", "block_suggestion", payload))

    def _entered(self, place: View | Message, field: Field, value: Any) -> Any:
        """A value as the element's state keeps it. For an external select the text is typed, whole and then shorter,
        until the app offers an option with exactly that text."""
        if field.kind == "file_input":
            return self._upload_into(field, value)
        if not field.kind.endswith("external_select") or value is None:
            return fields.typed_value(field, self._ids(field.kind, value), self._options(place, field, ""))
        offered: list[Json] = []
        for text in [str(value)] if isinstance(value, str) else [str(one) for one in value]:
            words = text.split()
            for count in range(len(words), 0, -1):
                found = self._options(place, field, " ".join(words[:count]))
                offered += found
                if any(reading.plain(one["text"]) == text for one in found):
                    break
        return fields.typed_value(field, value, offered)

    def _upload_into(self, field: Field, value: Any) -> list[Json]:
        """The file objects of a file input: (name, bytes) each; refused where Slack's client would refuse them."""
        given = [value] if isinstance(value, tuple) else list(value or [])
        most = int(field.element.get("max_files") or forms.ALL_FILES)
        if len(given) > most:
            raise SandboxError(f"“{field.label}” takes at most {most} files, not {len(given)}.")
        types = [str(one).lower() for one in field.element.get("filetypes") or []]
        found = []
        for name, content in given:
            if len(content) > forms.FILE_BYTES:
                raise SandboxError(f"{name!r} is over 10 MB.")
            ending = name.rsplit(".", 1)[-1].lower()
            if types and ending not in types:
                raise SandboxError(f"“{field.label}” takes only {', '.join(types)}, not {name!r}.")
            file = self.sandbox.workspace.add_file(self.id, name, content)
            file.shared_with_app = True
            found.append(file.to_json())
        return found

    def _ids(self, kind: str, value: Any) -> Any:
        """People and channels may be chosen by name; Slack sends their ids."""
        if kind.removeprefix("multi_") not in ("users_select", "conversations_select", "channels_select"):
            return value
        if isinstance(value, list | tuple):
            return [self._ids(kind.removeprefix("multi_"), one) for one in value]
        workspace = self.sandbox.workspace
        for user in workspace.users.values():
            if "users" in kind and value in (user.id, user.name, user.handle):
                return user.id
        for channel in workspace.channels.values():
            if "users" not in kind and str(value).lstrip("#") in (channel.id, channel.name):
                return channel.id
        if value is None:
            return None
        raise SandboxError(f"There is nobody and nothing here called {value!r}.")

    # -- sending and writing -------------------------------------------------------------------------------------------

    def _deliver(self, kind: str, name: str, payload: Json) -> Delivery:
        if self.user.deleted:
            raise SandboxError(f"{self.name} is deactivated and cannot do anything here.")
        if kind == "interactive" and not self.sandbox.app.interactivity_enabled:
            raise SandboxError("The manifest has interactivity switched off.")
        delivery = self.sandbox.courier.deliver(kind, name, payload)
        self._acks.accept(delivery, self.id)
        return delivery

    def _heard(self, deliveries: list[Delivery]) -> None:
        """Slack would repeat an event that the app did not take, and in the end stop sending; here it is an error."""
        for delivery in deliveries:
            if self.sandbox.courier.transport is None or delivery.ok:
                continue
            # Without a manifest the app gets every event, asked for or not: then Bolt's 404 is no fault of its own.
            if delivery.status != 404 or self.sandbox.app.bot_events is not None:
                reason = delivery.problem or f"HTTP {delivery.status}: {delivery.answer}"
                raise EventMissed(f"The app did not take the event {delivery.name}: {reason}")

    def _write(self, message: Message, files: Sequence[tuple[str, bytes]]) -> Message:
        if self.user.deleted:
            raise SandboxError(f"{self.name} is deactivated and cannot do anything here.")
        self._member(message.channel)
        channel = self.sandbox.workspace.channel(message.channel)
        if channel.is_archived:
            raise SandboxError("This channel is archived.")
        to_the_app = channel.kind == "im" and self.sandbox.app.bot_user in channel.members
        if to_the_app and not self.sandbox.app.messages_tab_enabled:
            raise SandboxError("Sending messages to this app has been turned off.")
        typed = message.text
        if typed.startswith("/") and typed.split(" ", 1)[0] in self.sandbox.app.commands:
            where = "inside a thread" if message.thread_ts else "as a message; use .command()"
            raise SandboxError(f"Slash commands cannot be used {where}.")
        message.text = self._escaped(typed)
        message.blocks = typed_blocks(typed) if typed else []
        message.client_msg_id = secrets.token_hex(16)
        message.files = [self.sandbox.workspace.add_file(self.id, name, content) for name, content in files]
        stored = self.sandbox.workspace.post(message)
        self._heard(self.sandbox.announcer.posted(stored, by_person=True))
        return deepcopy(stored)

    def _escaped(self, text: str, mentions: bool = True, links: bool = False) -> str:
        """Typed text as Slack stores it: `& < >` escaped, `@name` and `#channel` turned into references."""
        escaped = reading.escape(text)
        if links:
            escaped = re.sub(r"https?://[^\s<>|]+", r"<\g<0>>", escaped)
        return self.sandbox.with_mentions(escaped) if mentions else escaped

    def _member(self, channel_id: str) -> None:
        try:
            channel = self.sandbox.workspace.channel(channel_id)
        except SlackError:
            raise SandboxError(f"There is no channel {channel_id!r}.") from None
        if self.id not in channel.members:
            raise SandboxError(f"{self.name} is not a member of {channel.name or channel.id}.")

    def _must_be_at_home(self, act: str) -> None:
        if self.user.team != self.sandbox.workspace.team.id:
            raise SandboxError(f"{self.name} belongs to another workspace and cannot {act} of this one.")

    def _current(self, message: Message) -> Message:
        """The message as it stands now, if this person can see it."""
        self._member(message.channel)
        try:
            current = self.sandbox.workspace.message(message.channel, message.ts)
        except SlackError:
            raise SandboxError("This message is no longer there.") from None
        if current.ephemeral_to not in (None, self.id):
            raise SandboxError(f"{self.name} cannot see this message.")
        return current

    def _own(self, message: Message) -> Message:
        current = self._current(message)
        if current.user != self.id:
            raise SandboxError(f"{self.name} can change only messages of their own.")
        return current

    def _shortcut(self, name: str, kind: str) -> Shortcut:
        for shortcut in self.sandbox.app.shortcuts:
            if shortcut.name == name and shortcut.type == kind:
                return shortcut
        known = ", ".join(repr(one.name) for one in self.sandbox.app.shortcuts if one.type == kind) or "none"
        raise SandboxError(f"There is no {kind} shortcut {name!r}. There is: {known}.")

    def _now(self) -> str:
        return self.sandbox.workspace.next_ts()


def typed_blocks(text: str) -> list[Json]:
    """A typed message also arrives as one rich_text block."""
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return [{"type": "rich_text", "elements": [section]}]
