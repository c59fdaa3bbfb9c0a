"""Acting as a person: command text, button labels, field labels. Nothing here knows what an app means by them.

Each act waits until the app has acknowledged (3 seconds of real time by default) and raises a `SandboxError` that says
what the person would have seen where it has not.
"""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from sandbox import fields, forms
from sandbox.acting import Acting, typed_blocks
from sandbox.errors import SandboxError
from sandbox.forms import Form, HomeView
from sandbox.objects import File, Json, Message


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


class Person(Acting):
    """A person, by whose hands tests and the demo use Slack."""

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
            "blocks": typed_blocks(text),
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

    def react(self, message: Message, name: str) -> None:
        """Reacts with an emoji (`eyes`), or takes that reaction back."""
        current = self._current(message)
        if current.ephemeral:
            raise SandboxError("Nobody can react to a message that only one person sees.")
        added = self.sandbox.workspace.react(current, name, self.id)
        self._heard(self.sandbox.announcer.reacted(current, name, self.user, added))

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
        held = workspace.files.get(file.id)
        if held is None or not workspace.file_visible_to(held, self.id):
            raise SandboxError(f"{self.name} cannot see the file {file.name!r}.")
        return held.content

    # -- forms and Home ----------------------------------------------------------------------------------------------

    @property
    def form(self) -> Form | None:
        """The modal on top of this person's screen."""
        view = self.sandbox.workspace.screens.top(self.id)
        return None if view is None else Form(self, self._top)

    def lose_account(self, deleted: bool = True) -> None:
        """An administrator of the workspace closes this person's account (or opens it again); the app hears of it."""
        with self.sandbox.workspace.lock:
            self.user.deleted = deleted
        self.sandbox.announcer.account_changed(self.user)

    def open_home(self, tab: str = "home") -> HomeView:
        """Opens the app's Home tab, and waits for the app to draw it if it takes the event."""
        self._must_be_at_home("open an app's Home tab")
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
