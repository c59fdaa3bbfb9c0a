"""What is open on each person's screen: modal stacks and Home tabs, and the trigger_ids that open them.

Limits: a stack of 3 views, a trigger used once within 3 seconds (docs.slack.dev, surfaces/modals and
interactivity/handling-user-interaction).
"""

import secrets
import threading
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox import fields, reading
from sandbox.errors import SlackError
from sandbox.objects import Json, View

STACK_LIMIT = 3
TRIGGER_LIFE = timedelta(seconds=3)


@dataclass
class Trigger:
    user: str
    issued: datetime
    view_id: str | None
    used: bool = False


@dataclass(frozen=True)
class Owner:
    """The app that opens views here."""

    app_id: str
    bot_id: str
    team: str


class Screens:
    def __init__(
        self, clock: Callable[[], datetime], lock: threading.RLock, notify: Callable[[str, str], None]
    ) -> None:
        self.owner = Owner("", "", "")
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self._clock = clock
        self._lock = lock
        self._notify = notify
        self._triggers: dict[str, Trigger] = {}

    # -- triggers ----------------------------------------------------------------------------------------------------

    def issue_trigger(self, user_id: str, view_id: str | None = None) -> str:
        with self._lock:
            trigger_id = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
            self._triggers[trigger_id] = Trigger(user_id, self._clock(), view_id)
            return trigger_id

    def _exchange(self, trigger_id: str) -> Trigger:
        trigger = self._triggers.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock() - trigger.issued > TRIGGER_LIFE:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    # -- views -------------------------------------------------------------------------------------------------------

    def open(self, trigger_id: str, content: Json) -> View:
        """`views.open`: a new stack for the person of the trigger."""
        with self._lock:
            self._refuse_known_external_id(content)
            user = self._exchange(trigger_id).user
            view = self._new(user, content, None)
            self.stacks[user] = [view]
            self._notify("view", user)
            return view

    def push(self, trigger_id: str, content: Json) -> View:
        """`views.push`: on top of the stack from which the trigger came."""
        with self._lock:
            self._refuse_known_external_id(content)
            trigger = self._triggers.get(trigger_id)
            stack = self.stacks.get(trigger.user, []) if trigger else []
            if trigger and len(stack) >= STACK_LIMIT:
                raise SlackError("push_limit_reached")
            user = self._exchange(trigger_id).user
            if not stack:
                raise SlackError("not_found")
            return self.push_on(user, content)

    def push_on(self, user: str, content: Json) -> View:
        """Also what `response_action: push` does, which needs no trigger."""
        with self._lock:
            stack = self.stacks.get(user, [])
            if not stack:
                raise SlackError("not_found")
            if len(stack) >= STACK_LIMIT:
                raise SlackError("push_limit_reached")
            self._refuse_known_external_id(content)
            view = self._new(user, content, stack[-1])
            stack.append(view)
            self._notify("view", user)
            return view

    def update(self, content: Json, view_id: str | None, external_id: str | None, hash_: str | None) -> View:
        """`views.update`: by id or external id, if wanted only while the view's hash is still this one."""
        with self._lock:
            view = self.find(view_id, external_id)
            if hash_ is not None and hash_ != view.hash:
                raise SlackError("hash_conflict")
            return self.redraw(view, content)

    def redraw(self, view: View, content: Json) -> View:
        """New content for a view on the screen.

        What was typed survives where block_id and action_id are unchanged; other inputs take their initial value.
        """
        with self._lock:
            self._refuse_known_external_id(content, view)
            if view.type != content.get("type"):
                raise SlackError("invalid_arguments")
            content = deepcopy(content)
            reading.take_in(content["blocks"])
            view.typed = fields.initial_state(content["blocks"], kept=view.typed)
            view.content, view.hash, view.errors = content, self._hash(), {}
            self._notify("home" if view.type == "home" else "view", view.user)
            return view

    def publish(self, user_id: str, content: Json, hash_: str | None) -> View:
        """`views.publish`: the Home tab of one person."""
        with self._lock:
            known = self.homes.get(user_id)
            if hash_ is not None and (known is None or known.hash != hash_):
                raise SlackError("hash_conflict")
            if known is not None:
                return self.redraw(known, content)
            self.homes[user_id] = view = self._new(user_id, content, None)
            self._notify("home", user_id)
            return view

    def find(self, view_id: str | None, external_id: str | None = None) -> View:
        with self._lock:
            for view in [*self.homes.values(), *(one for stack in self.stacks.values() for one in stack)]:
                if view.id == view_id or (external_id and view.external_id == external_id):
                    return view
            raise SlackError("not_found")

    def top(self, user: str) -> View | None:
        with self._lock:
            stack = self.stacks.get(user)
            return stack[-1] if stack else None

    def close_top(self, user: str) -> View | None:
        """Takes the top view off; the one below is what the person sees then."""
        with self._lock:
            stack = self.stacks.get(user) or []
            closed = stack.pop() if stack else None
            self._notify("view", user)
            return closed

    def close_view(self, view: View) -> None:
        """What an empty acknowledgement of a submission does: this view goes, wherever in the stack it stands."""
        with self._lock:
            stack = self.stacks.get(view.user) or []
            if view in stack:
                stack.remove(view)
            self._notify("view", view.user)

    def clear(self, user: str) -> list[View]:
        with self._lock:
            closed = self.stacks.pop(user, [])
            self._notify("view", user)
            return closed

    def set_errors(self, view: View, errors: dict[str, str]) -> None:
        with self._lock:
            view.errors = errors
            self._notify("view", view.user)

    def set_typed(self, view: View, block_id: str, action_id: str, state: Json) -> None:
        with self._lock:
            view.typed[(block_id, action_id)] = state
            view.errors.pop(block_id, None)
            self._notify("view", view.user)

    def _new(self, user: str, content: Json, below: View | None) -> View:
        content = deepcopy(content)
        reading.take_in(content["blocks"])
        view_id = f"V{secrets.token_hex(5).upper()}"
        return View(
            id=view_id,
            user=user,
            content=content,
            hash=self._hash(),
            root_view_id=below.root_view_id if below else view_id,
            previous_view_id=below.id if below else None,
            bot_id=self.owner.bot_id,
            app_id=self.owner.app_id,
            team=self.owner.team,
            typed=fields.initial_state(content["blocks"]),
        )

    def _hash(self) -> str:
        return f"{int(self._clock().timestamp())}.{secrets.token_hex(4)}"

    def _refuse_known_external_id(self, content: Json, allowed: View | None = None) -> None:
        external_id = content.get("external_id")
        if not external_id:
            return
        for view in [*self.homes.values(), *(one for stack in self.stacks.values() for one in stack)]:
            if view is not allowed and view.external_id == external_id:
                raise SlackError("duplicate_external_id")
