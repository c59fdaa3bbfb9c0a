"""Calls and deliveries as the inspector shows them: named, in a line, in full; without tokens and signatures."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.exchanges import Call
from sandbox.installed_app import InstalledApp
from sandbox.objects import Json
from sandbox.page.when import zone
from sandbox.reading import plain
from sandbox.transport import Delivery
from sandbox.workspace import Workspace

# What there is to choose from, in the words of Slack's own documentation.
KINDS = {
    "call": "Web API calls",
    "response": "response_url",
    "file": "Files",
    "command": "Commands",
    "action": "Actions",
    "view": "Forms",
    "options": "Options",
    "shortcut": "Shortcuts",
    "event": "Events",
}
_OF_CALLS = {"response_url": "response", "upload": "file", "download": "file"}
_OF_DELIVERIES = {
    "block_actions": "action",
    "view_submission": "view",
    "view_closed": "view",
    "block_suggestion": "options",
    "shortcut": "shortcut",
    "message_action": "shortcut",
}
_FAULTS = {
    "rate_limit": "rate limit",
    "status": "outage",
    "time_out": "time-out",
    "lose_answer": "answer lost",
    "refuse": "refused",
}
_HIDDEN = "(hidden)"
_SECRET_NAMES = frozenset({"token", "authorization", "x-slack-signature"})
# Whoever has one of these addresses may use it: the last part of a response_url, an upload's, a socket's.
_SECRET_ADDRESSES = re.compile(r"(/hooks/\w+/\w+/|/upload/v1/|[?&]ticket=)\w+")
_LINE = 120


@dataclass(frozen=True)
class Line:
    """One exchange in the list. `to_app`: Slack to the app; else the app to Slack. `took` in milliseconds."""

    number: int
    to_app: bool
    kind: str
    name: str
    about: str
    time: str
    outcome: str
    failed: bool
    took: int | None
    fault: str
    again: int


@dataclass(frozen=True)
class Part:
    """What the detail shows under a heading of its own."""

    title: str
    value: Any


class Inspected:
    """Reads exchanges for somebody: times are in this person's zone, people and channels have their names."""

    def __init__(self, workspace: Workspace, app: InstalledApp, tz: str) -> None:
        self._workspace = workspace
        self._zone = zone(tz)
        self._secrets = [one for one in (app.bot_token, app.app_token, app.signing_secret) if one]

    # -- a line ------------------------------------------------------------------------------------------------------

    def line(self, one: Call | Delivery) -> Line:
        is_call = isinstance(one, Call)
        about = self._about_call(one) if isinstance(one, Call) else self._about_delivery(one)
        return Line(
            number=one.number,
            to_app=not is_call,
            kind=kind_of(one),
            name=one.method if isinstance(one, Call) else one.name,
            about=_shortened(self._clean(about)),
            time=_seconds(one.at.astimezone(self._zone)),
            outcome=self._clean(outcome_of(one)),
            failed=failed(one),
            took=round(one.seconds * 1000) if one.done else None,
            fault=_FAULTS.get(one.fault or "", "") if isinstance(one, Call) else "",
            again=0 if isinstance(one, Call) else one.attempt,
        )

    def _about_call(self, call: Call) -> str:
        given = call.payload
        view = _decoded(given.get("view"))
        words = [
            self._place(given.get("channel")),
            self._name(given.get("user") or given.get("user_id") or given.get("users")),
            _title(view),
            str(given.get("text") or given.get("filename") or given.get("file") or ""),
        ]
        return " · ".join(one.replace("\n", " ") for one in words if one)

    def _about_delivery(self, delivery: Delivery) -> str:
        payload = delivery.payload
        inner = payload.get("event") if delivery.kind == "event" else payload
        event: Json = inner if isinstance(inner, dict) else {}
        who = event.get("user_id") or event.get("user")
        where = event.get("channel_id") or event.get("channel")
        words = [
            self._name(who.get("id") if isinstance(who, dict) else who),
            self._place(where.get("id") if isinstance(where, dict) else where),
            *_pressed(event),
            _title(event.get("view")),
            str(event.get("text") or event.get("value") or event.get("callback_id") or ""),
        ]
        return " · ".join(one.replace("\n", " ") for one in words if one)

    def _name(self, user: Any) -> str:
        known = self._workspace.users.get(str(user))
        return known.name if known else ""

    def _place(self, channel: Any) -> str:
        known = self._workspace.channels.get(str(channel))
        if known is None:
            return self._name(channel)
        return f"#{known.name}" if known.kind != "im" else "direct message"

    # -- in full -----------------------------------------------------------------------------------------------------

    def parts(self, one: Call | Delivery) -> list[Part]:
        """What was asked and what was answered, readable; nothing that opens anything."""
        return [Part(title, self.cleaned(value)) for title, value in _whole(one) if value not in (None, "", {})]

    def cleaned(self, value: Any) -> Any:
        """The same without secrets, and with JSON that travelled as text turned back into what it says."""
        value = _decoded(value)
        if isinstance(value, dict):
            return {
                key: _HIDDEN if key.lower() in _SECRET_NAMES and one else self.cleaned(one)
                for key, one in value.items()
            }
        if isinstance(value, list):
            return [self.cleaned(one) for one in value]
        return self._clean(value) if isinstance(value, str) else value

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, _HIDDEN)
        return _SECRET_ADDRESSES.sub(rf"\1{_HIDDEN}", text)

    def searchable(self, one: Call | Delivery, line: Line) -> str:
        """Everything that a search may find, in small letters."""
        return f"{line.name} {line.about} {line.outcome} {json.dumps(self.cleaned(_payload(one)))}".lower()


def kind_of(one: Call | Delivery) -> str:
    """One of KINDS."""
    if isinstance(one, Call):
        return _OF_CALLS.get(one.method, "call")
    return one.kind if one.kind != "interactive" else _OF_DELIVERIES.get(one.name, "action")


def outcome_of(one: Call | Delivery) -> str:
    """How it ended, in a word or two."""
    if not one.done:
        return "…"
    if isinstance(one, Delivery):
        return _ack_of(one)
    if one.fault == "rate_limit":
        return "429, wait"
    if one.fault in ("time_out", "lose_answer"):
        return "no answer"
    if isinstance(one.answer, dict) and not one.ok:
        return str(one.answer.get("error"))
    return "ok" if one.status == 200 else f"HTTP {one.status}"


def _ack_of(delivery: Delivery) -> str:
    if not delivery.ok:
        return "no ack" if delivery.status is None else f"HTTP {delivery.status}"
    answer = delivery.answer if isinstance(delivery.answer, dict) else {}
    return f"ack, {answer['response_action']}" if "response_action" in answer else "ack"


def failed(one: Call | Delivery) -> bool:
    """Whether it ended otherwise than whoever sent it hoped."""
    if not one.done:
        return False
    if isinstance(one, Delivery):
        return not one.ok or one.problem is not None
    return one.fault is not None or one.status != 200 or (isinstance(one.answer, dict) and not one.ok)


def _whole(one: Call | Delivery) -> Iterator[tuple[str, Any]]:
    if isinstance(one, Call):
        yield "Arguments", one.payload
        yield "Answer", one.answer if one.answer is not None else _without_answer(one)
        return
    yield "Envelope", one.envelope
    yield "Payload", one.payload
    yield "Acknowledgement", one.answer or (f"HTTP {one.status}, empty" if one.status else None)
    yield "Problem", one.problem
    yield "Headers", one.headers


def _without_answer(call: Call) -> str:
    if not call.done:
        return "Not answered yet."
    dropped = call.fault in ("time_out", "lose_answer")
    return "None: the connection dropped." if dropped else f"HTTP {call.status}"


def _payload(one: Call | Delivery) -> Any:
    return {title: value for title, value in _whole(one) if title not in ("Headers", "Envelope")}


def _shortened(text: str) -> str:
    return text if len(text) <= _LINE else f"{text[: _LINE - 1]}…"


def _title(view: Any) -> str:
    """What stands over a form; Home has a title that nobody sees."""
    return plain(view.get("title")) if isinstance(view, dict) and view.get("type") != "home" else ""


def _pressed(payload: Json) -> Iterator[str]:
    for action in payload.get("actions") or []:
        chosen = action.get("selected_option") or {}
        yield plain(chosen.get("text")) or plain(action.get("text")) or str(action.get("action_id") or "")


def _decoded(value: Any) -> Any:
    """Form-encoded calls carry structures as JSON text, and `metadata` is always one."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _seconds(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}"


def json_line(value: Any) -> str:
    """The value as JSON in one line, as people write it."""
    return json.dumps(value, ensure_ascii=False)


# -- filters -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Filter:
    """What of it somebody wants to see. `kind`: one of KINDS, or everything; `text`: every word has to occur."""

    kind: str = ""
    text: str = ""
    failed: bool = False

    @classmethod
    def of(cls, given: Callable[[str], str]) -> "Filter":
        kind = given("kind")
        return cls(kind if kind in KINDS else "", given("text").strip()[:200], given("failed") == "1")

    def __bool__(self) -> bool:
        return bool(self.kind or self.text or self.failed)

    def takes(self, one: Call | Delivery, inspected: Inspected, line: Line) -> bool:
        if (self.kind and line.kind != self.kind) or (self.failed and not line.failed):
            return False
        if not self.text:
            return True
        every = inspected.searchable(one, line)
        return all(word in every for word in self.text.lower().split())
