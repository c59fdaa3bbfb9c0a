"""Acting as a person: command text, button labels, field labels. Nothing here knows what an app means by them.

Each act waits until the app has acknowledged (3 seconds of real time by default) and raises a `SandboxError` that says
what the person would have seen where it has not.
"""

import re
import secrets
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox import fields, forms, reading
from sandbox.acks import AckReader
from sandbox.errors import SandboxError, SlackError
from sandbox.fields import Field
from sandbox.forms import Form, HomeView
from sandbox.objects import File, Json, Message, User, View
from sandbox.transport import Delivery

if TYPE_CHECKING:
    from sandbox.server import Sandbox


@dataclass(frozen=True)
class Reply:
    """What an acknowledgement showed at once: the message in the channel (often only to this person), or nothing."""

    message: Message | None = None

    @property
    def text(self) -> str:
        return self.message.visible_text if self.message else ""

    @property
    def blocks(self) -> list[Json]:
        return self.message.blocks if self.message else []

    @property
    def ephemeral(self) -> bool:
        return bool(self.message and self.message.ephemeral)


class Person:
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

    @property
    def dm(self) -> str:
        """The id of this person's direct channel with the bot."""
        return self.sandbox.workspace.direct_channel(self.id, self.sandbox.app.bot_user).id

    # -- commands and shortcuts --------------------------------------------------------------------------------------

    def command(self, text: str, channel: str, thread: Message | None = None) -> Reply:
        """Types a slash command. Slack allows none in threads, and none to people of other workspaces."""
        self._must_be_at_home("use a command")
        if thread is not None:
            raise SandboxError("Slash commands made by apps cannot be used inside a thread.")
        self._member(channel)
        name, _, rest = text.partition(" ")
        command = self.sandbox.app.commands.get(name)
        if command is None:
            known = ", ".join(sorted(self.sandbox.app.commands)) or "none"
            raise SandboxError(f"{name} is not a valid command. Commands installed here: {known}.")
        argument = self._escaped(rest.strip(), mentions=command.should_escape, links=command.should_escape)
        payload = self.sandbox.payloads.command(self.user, channel, name, argument)
        delivery = self._deliver("command", name, payload)
        return Reply(self._acks.command(delivery, self.id, channel, text))

    def shortcut(self, name: str) -> None:
        """Uses a global shortcut by its name."""
        self._must_be_at_home("use a shortcut")
        shortcut = self._shortcut(name, "global")
        self._deliver("interactive", "shortcut", self.sandbox.payloads.shortcut(self.user, shortcut))

    def message_shortcut(self, name: str, message: Message) -> None:
        """Uses a message shortcut by its name, from the menu of a message; not offered to other workspaces' people."""
        self._must_be_at_home("use a message shortcut")
        shortcut = self._shortcut(name, "message")
        current = self._current(message)
        if current.ephemeral:
            raise SandboxError("There are no message shortcuts on a message only you can see.")
        payload = self.sandbox.payloads.message_shortcut(self.user, shortcut, current)
        self._deliver("interactive", "message_action", payload)

    # -- messages ----------------------------------------------------------------------------------------------------

    def messages(self, channel: str) -> list[Message]:
        """What this person sees in a channel, oldest first: top-level messages, also those only for this person."""
        self._member(channel)
        with self.sandbox.workspace.lock:
            return deepcopy(self.sandbox.workspace.history(channel, self.id))

    def thread(self, message: Message) -> list[Message]:
        """The replies under a message, oldest first."""
        self._member(message.channel)
        with self.sandbox.workspace.lock:
            return deepcopy(self.sandbox.workspace.replies(self._current(message), self.id))

    @property
    def ephemerals(self) -> list[Message]:
        """Every message that only this person sees, over all channels, oldest first."""
        with self.sandbox.workspace.lock:
            every = [one for found in self.sandbox.workspace.messages.values() for one in found]
            mine = [one for one in every if one.ephemeral_to == self.id and self.sandbox.workspace.is_shown(one)]
            return deepcopy(sorted(mine, key=lambda one: one.ts))

    def direct_messages(self) -> list[Message]:
        """What the bot wrote to this person directly."""
        return [one for one in self.messages(self.dm) if one.user == self.sandbox.app.bot_user]

    def post(self, channel: str, text: str, files: Sequence[tuple[str, bytes]] = ()) -> Message:
        """Writes a message; `@name` of a person or of the bot becomes a mention."""
        return self._write(Message(channel, "", self.id, text), files)

    def reply(
        self, message: Message, text: str, files: Sequence[tuple[str, bytes]] = (), broadcast: bool = False
    ) -> Message:
        """Writes into the thread of a message."""
        current = self._current(message)
        thread_ts = current.thread_ts or current.ts
        return self._write(Message(message.channel, "", self.id, text, thread_ts=thread_ts, broadcast=broadcast), files)

    def edit(self, message: Message, text: str) -> Message:
        current = self._own(message)
        fresh = {
            "text": self._escaped(text),
            "blocks": _typed_blocks(text),
            "edited": {"user": self.id, "ts": self.sandbox.workspace.next_ts()},
        }
        before = self.sandbox.workspace.change(current, **fresh)
        self._heard(self.sandbox.announcer.changed(current, before, by_person=True))
        return deepcopy(current)

    def delete(self, message: Message) -> None:
        current = self._own(message)
        shown = self.sandbox.workspace.message_json(current)
        self.sandbox.workspace.remove(current)
        self._heard(self.sandbox.announcer.deleted(shown, message.channel, by_person=True))

    def press(self, label: str, message: Message, confirm: bool = True, stale: bool = False) -> None:
        """Presses a button or overflow entry of a message by its visible label.

        The message is looked at as it is now; with `stale=True` as it was when it was read, as when a person clicks
        before the redrawn message arrives. With `confirm=False` the person turns the button's dialog down.
        """
        current = self._current(message)
        action = self._pressed(label, message.shown_blocks if stale else current.shown_blocks, confirm)
        if action is not None:
            payload = self.sandbox.payloads.message_actions(self.user, current, action)
            self._deliver("interactive", "block_actions", payload)

    def confirmation(self, label: str, message: Message) -> str | None:
        """The text of the dialog that a button asks first, or None where it asks nothing."""
        return forms.confirmation(self._current(message).shown_blocks, label)

    def choose(self, label: str, value: Any, message: Message) -> None:
        """Enters a value in a message: a menu by the text beside it or its placeholder, an input by its label."""
        current = self._current(message)
        found = {one.label: one for one in fields.fields_of(current.shown_blocks)}
        if label not in found:
            raise SandboxError(f"There is no menu {label!r}. There is: {', '.join(map(repr, found)) or 'none'}.")
        field = found[label]
        state = fields.make_state(field.kind, self._entered(current, field, value))
        self.sandbox.workspace.state_in(self.id, current)[field.key] = state
        if field.dispatches:
            action = {**forms.action_base(field), **state, "action_ts": self._now()}
            payload = self.sandbox.payloads.message_actions(self.user, current, action)
            self._deliver("interactive", "block_actions", payload)

    def download(self, file: File) -> bytes:
        """The bytes of a file this person can see."""
        workspace = self.sandbox.workspace
        if not workspace.file_visible_to(workspace.file(file.id), self.id):
            raise SandboxError(f"{self.name} cannot see the file {file.name!r}.")
        return workspace.file(file.id).content

    # -- forms and Home ----------------------------------------------------------------------------------------------

    @property
    def form(self) -> Form | None:
        """The modal on top of this person's screen."""
        view = self.sandbox.workspace.screens.top(self.id)
        return None if view is None else Form(self, self._top)

    def open_home(self, tab: str = "home") -> HomeView:
        """Opens the app's Home tab, and waits for the app to draw it if it takes the event."""
        workspace = self.sandbox.workspace
        before = workspace.screens.homes.get(self.id)
        hash_ = before.hash if before else None
        heard = self.sandbox.announcer.home_opened(self.user, tab)
        self._heard(heard)

        def drawn() -> bool:
            now = workspace.screens.homes.get(self.id)
            return now is not None and now.hash != hash_

        if tab == "home" and any(one.ok for one in heard):
            workspace.wait_until(drawn, self.sandbox.courier.limit)
        return HomeView(self, self._home)

    # -- what Form, HomeView and the page use --------------------------------------------------------------------------

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
        """What a select offers; an external one asks the app, once `min_query_length` characters are there."""
        if not field.kind.endswith("external_select"):
            return reading.options_of(field.element)
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

    # -- inner ---------------------------------------------------------------------------------------------------------

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
                raise SandboxError(f"The app did not take the event {delivery.name}: {reason}")

    def _write(self, message: Message, files: Sequence[tuple[str, bytes]]) -> Message:
        if self.user.deleted:
            raise SandboxError(f"{self.name} is deactivated and cannot do anything here.")
        self._member(message.channel)
        if self.sandbox.workspace.channel(message.channel).is_archived:
            raise SandboxError("This channel is archived.")
        typed = message.text
        if typed.startswith("/") and typed.split(" ", 1)[0] in self.sandbox.app.commands:
            where = "inside a thread" if message.thread_ts else "as a message; use .command()"
            raise SandboxError(f"Slash commands cannot be used {where}.")
        message.text = self._escaped(typed)
        message.blocks = _typed_blocks(typed) if typed else []
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

    def _shortcut(self, name: str, kind: str) -> Any:
        for shortcut in self.sandbox.app.shortcuts:
            if shortcut.name == name and shortcut.type == kind:
                return shortcut
        known = ", ".join(repr(one.name) for one in self.sandbox.app.shortcuts if one.type == kind) or "none"
        raise SandboxError(f"There is no {kind} shortcut {name!r}. There is: {known}.")

    def _now(self) -> str:
        return self.sandbox.workspace.next_ts()


def _typed_blocks(text: str) -> list[Json]:
    """A typed message also arrives as one rich_text block."""
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return [{"type": "rich_text", "elements": [section]}]
