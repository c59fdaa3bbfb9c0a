"""What a Slack workspace holds: people, channels, messages, files. State only, no HTTP and no app.

Each operation takes the lock, changes the state and tells the subscribers. Refusals are `SlackError`s with the
codes of Slack's Web API; who may do what is asked here, so that the API and the people are held to the same rules.
"""

import secrets
import threading
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox import fields, reading
from sandbox.errors import SlackError
from sandbox.objects import Channel, File, Json, Message, Team, User
from sandbox.screens import Screens

Clock = Callable[[], datetime]
Typed = dict[tuple[str, str], Json]


@dataclass(frozen=True)
class Change:
    """What a subscriber hears: `kind` is `message`, `message_changed`, `message_deleted`, `view`, `home`, `channel`,
    `user`, `file` or `read`; `user` is set where only one person can see it."""

    kind: str
    channel: str | None = None
    user: str | None = None
    ts: str | None = None


class Workspace:
    """One team with its channels; people of other teams can be members of channels (Slack Connect)."""

    def __init__(self, clock: Clock, team: Team) -> None:
        self.clock = clock
        self.team = team
        self.teams = {team.id: team}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.messages: dict[str, list[Message]] = {}
        self.typed_in_messages: dict[tuple[str, str, str], Typed] = {}
        self._by_ts: dict[tuple[str, str], Message] = {}
        self.read_marks: dict[tuple[str, str], str] = {}
        self.url_base = ""
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.revision = 0
        self._subscribers: list[Callable[[Change], None]] = []
        self._last_micros = 0
        self.screens = Screens(clock, self.lock, self.notify)

    # -- changes ---------------------------------------------------------------------------------------------------

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Calls back on every change, in the thread that made it and under the lock: it must not block.

        Answers a function that ends the subscription.
        """
        with self.lock:
            self._subscribers.append(callback)

        def unsubscribe() -> None:
            with self.lock:
                if callback in self._subscribers:
                    self._subscribers.remove(callback)

        return unsubscribe

    def notify(self, change: Change | str, user: str | None = None) -> None:
        with self.lock:
            told = change if isinstance(change, Change) else Change(change, user=user)
            self.revision += 1
            self.changed.notify_all()
            for callback in list(self._subscribers):
                callback(told)

    def wait_until(self, predicate: Callable[[], Any], timeout: float) -> Any:
        """Blocks until the predicate is true; answers its last value.

        It looks again after every change here, and every 50 ms for what the workspace does not know of. The predicate
        runs without the lock, so it may call the Web API.
        """
        deadline = time.monotonic() + timeout
        while True:
            seen = self.revision
            found = predicate()
            remaining = deadline - time.monotonic()
            if found or remaining <= 0:
                return found
            with self.changed:
                if self.revision == seen:
                    self.changed.wait(min(remaining, 0.05))

    # -- people and channels -----------------------------------------------------------------------------------------

    def add_user(self, user: User) -> User:
        with self.lock:
            self.teams.setdefault(user.team, Team(user.team, user.team, user.team.lower()))
            self.users[user.id] = user
            self.notify(Change("user", user=user.id))
            return user

    def add_channel(self, channel: Channel) -> Channel:
        with self.lock:
            channel.created = int(self.clock().timestamp())
            self.channels[channel.id] = channel
            self.messages.setdefault(channel.id, [])
            self.notify(Change("channel", channel.id))
            return channel

    def user(self, user_id: str) -> User:
        with self.lock:
            if user_id not in self.users:
                raise SlackError("user_not_found")
            return self.users[user_id]

    def channel(self, channel_id: str) -> Channel:
        with self.lock:
            if channel_id not in self.channels:
                raise SlackError("channel_not_found")
            return self.channels[channel_id]

    def is_shared(self, channel: Channel) -> bool:
        """Whether people of another team are in it (a Slack Connect channel)."""
        return any(self.users[one].team != self.team.id for one in channel.members if one in self.users)

    def direct_channel(self, one: str, other: str) -> Channel:
        """The direct conversation of two people, opened where there was none."""
        with self.lock:
            for channel in self.channels.values():
                if channel.kind == "im" and set(channel.members) == {one, other}:
                    return channel
            dm = Channel(f"D{secrets.token_hex(5).upper()}", "", "im", [one, other])
            return self.add_channel(dm)

    def join(self, channel_id: str, user_id: str) -> bool:
        """Adds a member; answers whether it is new."""
        with self.lock:
            channel = self.channel(channel_id)
            if user_id in channel.members:
                return False
            channel.members.append(self.user(user_id).id)
            self.notify(Change("channel", channel_id))
            return True

    def leave(self, channel_id: str, user_id: str) -> None:
        with self.lock:
            self.channel(channel_id).members.remove(user_id)
            self.notify(Change("channel", channel_id))

    def archive(self, channel_id: str) -> None:
        with self.lock:
            self.channel(channel_id).is_archived = True
            self.notify(Change("channel", channel_id))

    # -- messages ----------------------------------------------------------------------------------------------------

    def next_ts(self) -> str:
        """A message ts by the clock, `seconds.micros`: unique and increasing even where the clock stands still."""
        with self.lock:
            micros = max(int(self.clock().timestamp() * 1_000_000), self._last_micros + 1)
            self._last_micros = micros
            return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"

    def post(self, message: Message) -> Message:
        """Stores a message; its `ts` is given here. A reply's parent gets its `thread_ts`, as in Slack."""
        with self.lock:
            message.ts = self.next_ts()
            message.team = self.users[message.user].team if message.user in self.users else self.team.id
            reading.take_in(message.shown_blocks)
            if message.thread_ts is not None and not message.ephemeral:
                parent = self.message(message.channel, message.thread_ts)
                if parent.is_reply or parent.ephemeral:
                    raise SlackError("thread_not_found")
                parent.thread_ts = parent.ts
            if message.broadcast:
                message.subtype = "thread_broadcast"
            elif message.files and not message.bot_id:
                message.subtype = "file_share"
            for file in message.files:
                if message.channel not in file.channels:
                    file.channels.append(message.channel)
            self.messages[message.channel].append(message)
            self._by_ts[(message.channel, message.ts)] = message
            self.notify(Change("message", message.channel, message.ephemeral_to, message.ts))
            return message

    def message(self, channel_id: str, ts: str, code: str = "thread_not_found") -> Message:
        """The message with this ts; `code` is the refusal when there is none."""
        with self.lock:
            message = self._by_ts.get((channel_id, ts))
            if message is None:
                raise SlackError(code)
            return message

    def change(self, message: Message, **fields: Any) -> Message:
        """Replaces fields of a message in place; answers how it was before."""
        with self.lock:
            before = deepcopy(message)
            for name, value in fields.items():
                setattr(message, name, value)
            reading.take_in(message.shown_blocks)
            self.notify(Change("message_changed", message.channel, message.ephemeral_to, message.ts))
            return before

    def remove(self, message: Message) -> None:
        """Deletes a message. A parent with replies leaves a tombstone, so that its thread stays."""
        with self.lock:
            if not message.is_reply and self.replies(message):
                message.text, message.blocks, message.files = "This message was deleted.", [], []
                message.subtype, message.user, message.bot_id = "tombstone", "USLACKBOT", None
                message.metadata = None
            else:
                self.messages[message.channel].remove(message)
                del self._by_ts[(message.channel, message.ts)]
            self.notify(Change("message_deleted", message.channel, message.ephemeral_to, message.ts))

    def react(self, message: Message, name: str, user_id: str) -> bool:
        """Adds a person's reaction, or takes back the one that is there; answers whether it is there now."""
        with self.lock:
            who = message.reactions.setdefault(name, [])
            added = user_id not in who
            if added:
                who.append(user_id)
            else:
                who.remove(user_id)
                if not who:
                    del message.reactions[name]
            self.notify(Change("message_changed", message.channel, None, message.ts))
            return added

    def history(self, channel_id: str, seen_by: str | None = None) -> list[Message]:
        """Top-level messages and broadcast replies, oldest first; ephemerals only for the person they are for."""
        with self.lock:
            return [
                one
                for one in self.messages.get(channel_id, [])
                if (not one.is_reply or one.broadcast) and one.ephemeral_to in (None, seen_by)
            ]

    def replies(self, parent: Message, seen_by: str | None = None) -> list[Message]:
        """What stands under a message, oldest first, without the message itself.

        Ephemerals are shown only in a thread that is there without them (docs: chat.postEphemeral).
        """
        with self.lock:
            under = [
                one
                for one in self.messages.get(parent.channel, [])
                if one.thread_ts == parent.ts and one.ts != parent.ts and one.ephemeral_to in (None, seen_by)
            ]
            return under if any(not one.ephemeral for one in under) else []

    def is_shown(self, message: Message) -> bool:
        """Whether anybody can find it: an ephemeral reply needs a thread."""
        with self.lock:
            parent = self._by_ts.get((message.channel, message.thread_ts or message.ts))
            if not (message.ephemeral and message.is_reply):
                return True
            return parent is not None and message in self.replies(parent, message.ephemeral_to)

    def message_json(self, message: Message, include_metadata: bool = False) -> Json:
        """A message object; a parent carries its thread's counts."""
        with self.lock:
            shown = deepcopy(message.to_json(include_metadata))
            if message.team != self.team.id:
                shown |= {"user_team": message.team, "source_team": message.team}
            if message.is_reply and message.thread_ts:
                shown["parent_user_id"] = self.message(message.channel, message.thread_ts).user
            elif message.thread_ts and (replies := [one for one in self.replies(message) if not one.ephemeral]):
                users = list(dict.fromkeys(one.user for one in replies))
                shown |= {
                    "reply_count": len(replies),
                    "reply_users_count": len(users),
                    "reply_users": users,
                    "latest_reply": replies[-1].ts,
                    "is_locked": False,
                    "subscribed": False,
                }
            return shown

    def state_in(self, user_id: str, message: Message) -> Typed:
        """What one person has chosen in a message's menus, with the initial values of what was left alone."""
        with self.lock:
            key = (user_id, message.channel, message.ts)
            self.typed_in_messages[key] = fields.initial_state(message.shown_blocks, self.typed_in_messages.get(key))
            return self.typed_in_messages[key]

    def mark_read(self, user_id: str, channel_id: str) -> None:
        """Moves a person's read mark to the newest message of the channel."""
        with self.lock:
            newest = self.messages.get(channel_id, [])
            if newest:
                self.read_marks[(user_id, channel_id)] = newest[-1].ts
                self.notify(Change("read", channel_id, user_id))

    def unread(self, user_id: str, channel_id: str) -> int:
        return len(self.news(user_id, channel_id))

    def news(self, user_id: str, channel_id: str) -> list[Message]:
        """What others have written since this person last looked, oldest first."""
        with self.lock:
            mark = self.read_marks.get((user_id, channel_id), "0")
            return [one for one in self.history(channel_id, user_id) if one.ts > mark and one.user != user_id]

    # -- files -------------------------------------------------------------------------------------------------------

    def add_file(self, user_id: str, name: str, content: bytes, title: str | None = None) -> File:
        with self.lock:
            file = File(
                id=f"F{secrets.token_hex(5).upper()}",
                name=name,
                title=title or name,
                content=content,
                user=user_id,
                team=self.user(user_id).team,
                created=int(self.clock().timestamp()),
                url_base=self.url_base,
            )
            self.files[file.id] = file
            self.notify(Change("file", user=user_id))
            return file

    def serve_file_as(self, file_id: str, content_type: str, content: bytes) -> None:
        """From now on a download of this file answers these bytes instead, e.g. an HTML page."""
        with self.lock:
            self.file(file_id).served = (content_type, content)

    def file(self, file_id: str) -> File:
        with self.lock:
            if file_id not in self.files:
                raise SlackError("file_not_found")
            if self.files[file_id].deleted:
                raise SlackError("file_deleted")
            return self.files[file_id]

    def delete_file(self, file_id: str) -> None:
        """Its content goes, from every message it is in: by the app, its owner, or an administrator."""
        with self.lock:
            file = self.file(file_id)
            file.deleted, file.content, file.served = True, b"", None
            for message in (one for channel in file.channels for one in self.messages[channel]):
                if any(one is file for one in message.files):
                    self.notify(Change("message_changed", message.channel, message.ephemeral_to, message.ts))

    def file_visible_to(self, file: File, user_id: str) -> bool:
        """Its owner, and whoever is in a channel where it was shared."""
        with self.lock:
            if file.deleted:
                return False
            return file.user == user_id or any(
                user_id in self.channels[one].members for one in file.channels if one in self.channels
            )
