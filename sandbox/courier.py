"""Everything that goes to the app passes here: it is logged, timed, repeated when asked to, and never lost sight of."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from datetime import datetime

from sandbox.exchanges import Exchanges
from sandbox.faults import Faults
from sandbox.installed_app import InstalledApp
from sandbox.objects import Channel, Json, Message, User
from sandbox.payloads import Payloads
from sandbox.transport import ACK_LIMIT, Delivery, Transport
from sandbox.workspace import Workspace


class Courier:
    """Sends payloads and notes them. `limit` is the app's real time to acknowledge, in seconds."""

    def __init__(
        self, clock: Callable[[], datetime], faults: Faults, exchanges: Exchanges, limit: float = ACK_LIMIT
    ) -> None:
        self.transport: Transport | None = None
        self.limit = limit
        self._exchanges = exchanges
        self._clock = clock
        self._faults = faults
        self._lock = threading.Lock()
        self._last: Delivery | None = None
        self._background = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sandbox-events")
        self._pending: set[Future[Delivery]] = set()

    def deliver(self, kind: str, name: str, payload: Json, *, by_person: bool = True) -> Delivery:
        """Sends one payload and waits for the app's acknowledgement. Never raises: the outcome is in the delivery."""
        delivery = self._send(Delivery(kind, name, payload, self._clock()))
        if by_person:
            with self._lock:
                self._last = delivery
        pattern_name = name if kind != "command" else "command"
        plan = self._faults.take(pattern_name, "repeat") or self._faults.take(kind, "repeat")
        if plan is None and kind == "event":
            plan = self._faults.take(f"event:{name}", "repeat")
        copy = delivery
        for _ in range(plan.copies if plan else 0):
            copy = self._send(_again(copy, self._clock()))
        return delivery

    def deliver_later(self, kind: str, name: str, payload: Json) -> None:
        """For what the app itself caused: it cannot be made to wait for its own events."""
        future = self._background.submit(self.deliver, kind, name, payload, by_person=False)
        with self._lock:
            self._pending.add(future)
        future.add_done_callback(self._done)

    def repeat_last(self, times: int) -> list[Delivery]:
        """Sends the last delivery caused by a person again, byte for byte: same ids, same signature."""
        with self._lock:
            last = self._last
        if last is None:
            raise ValueError("Nothing was delivered yet.")
        repeats = []
        for _ in range(times):
            last = _again(last, self._clock())
            repeats.append(self._send(last))
        return repeats

    def settle(self, timeout: float) -> bool:
        """Waits until no event is on its way; answers whether that came true in time."""
        with self._lock:
            pending = set(self._pending)
        return not wait_for(pending, timeout).not_done

    def stop(self) -> None:
        self._background.shutdown(wait=True, cancel_futures=True)

    def _done(self, future: Future[Delivery]) -> None:
        with self._lock:
            self._pending.discard(future)

    def _send(self, delivery: Delivery) -> Delivery:
        self._exchanges.begin(delivery)
        if self.transport is None:
            delivery.problem = "connection_failed: no app is connected to the sandbox"
        else:
            self.transport.send(delivery, self.limit)
        self._exchanges.end(delivery)
        return delivery


def _again(delivery: Delivery, at: datetime) -> Delivery:
    return Delivery(
        delivery.kind,
        delivery.name,
        delivery.payload,
        at,
        delivery.attempt + 1,
        raw=delivery.raw,
        headers=dict(delivery.headers),
    )


class Announcer:
    """Turns what happened in the workspace into the events the app subscribed to.

    Each call says whether a person caused it: those wait for the acknowledgement and answer the deliveries.
    """

    def __init__(self, workspace: Workspace, app: InstalledApp, payloads: Payloads, courier: Courier) -> None:
        self._workspace = workspace
        self._app = app
        self._payloads = payloads
        self._courier = courier

    def posted(self, message: Message, *, by_person: bool) -> list[Delivery]:
        """`message.*`, and `app_mention` where the bot is named (not in direct messages)."""
        channel = self._workspace.channel(message.channel)
        if message.ephemeral or not self._hears(channel):
            return []
        events = []
        if self._app.wants_event(_message_event(channel)):
            events.append(self._payloads.message_event(message))
        named = f"<@{self._app.bot_user}>" in message.text and message.user != self._app.bot_user
        if named and channel.kind != "im" and self._app.wants_event("app_mention"):
            events.append(self._payloads.mention_event(message))
        return self._announce(events, by_person)

    def changed(self, message: Message, before: Message, *, by_person: bool) -> list[Delivery]:
        channel = self._workspace.channel(message.channel)
        if message.ephemeral or not self._hears(channel) or not self._app.wants_event(_message_event(channel)):
            return []
        return self._announce([self._payloads.changed_event(message, before)], by_person)

    def deleted(self, message: Json, channel_id: str, *, by_person: bool) -> list[Delivery]:
        channel = self._workspace.channel(channel_id)
        if not self._hears(channel) or not self._app.wants_event(_message_event(channel)):
            return []
        return self._announce([self._payloads.deleted_event(message, channel_id)], by_person)

    def reacted(self, message: Message, name: str, user: User, added: bool) -> list[Delivery]:
        event = self._payloads.reaction_event(message, name, user, added)
        if not self._hears(self._workspace.channel(message.channel)) or not self._app.wants_event(event["type"]):
            return []
        return self._announce([event], True)

    def home_opened(self, user: User, tab: str) -> list[Delivery]:
        if not self._app.wants_event("app_home_opened"):
            return []
        dm = self._workspace.direct_channel(user.id, self._app.bot_user)
        return self._announce([self._payloads.home_opened_event(user, dm.id, tab)], True)

    def account_changed(self, user: User) -> list[Delivery]:
        """`user_change`: somebody's account was closed, opened again, or changed in another way."""
        if not self._app.wants_event("user_change"):
            return []
        return self._announce([self._payloads.account_event(user, self._app.has_scope("users:read.email"))], True)

    def joined(self, user_id: str, channel_id: str, inviter: str | None, *, by_person: bool) -> list[Delivery]:
        channel = self._workspace.channel(channel_id)
        if not self._hears(channel) or not self._app.wants_event("member_joined_channel"):
            return []
        return self._announce([self._payloads.joined_event(user_id, channel_id, inviter)], by_person)

    def _hears(self, channel: Channel) -> bool:
        return self._app.bot_user in channel.members

    def _announce(self, events: list[Json], by_person: bool) -> list[Delivery]:
        wrapped = [(str(event["type"]), self._payloads.event(event)) for event in events]
        if by_person:
            return [self._courier.deliver("event", name, payload) for name, payload in wrapped]
        for name, payload in wrapped:
            self._courier.deliver_later("event", name, payload)
        return []


def _message_event(channel: Channel) -> str:
    return {"channel": "message.channels", "group": "message.groups", "im": "message.im"}[channel.kind]
