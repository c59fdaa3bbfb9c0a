"""The shapes of what Slack sends: looked at before anybody reads it, over HTTP as through Socket Mode.

A signature proves who sent something, not that it is what we expect: what a part is missing of, or has in another
type, is refused as a whole, so that no conversation has to expect it. What Slack adds later passes.

Sources: docs.slack.dev, reference/interaction-payloads and reference/events; slash command payloads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]

# What no text of PostgreSQL's holds, and what is no character: half of a pair that stands for one.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class _Shape(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Named(_Shape):
    id: Id


class _User(_Named):
    team_id: Id | None = None


class _Choice(_Shape):
    value: str


class _File(_Shape):
    id: Id | None = None
    name: str | None = None


class _Element(_Shape):
    """What stands in one input of a form."""

    type: str
    value: str | None = None
    selected_option: _Choice | None = None
    selected_options: list[_Choice] | None = None
    selected_date: Annotated[date, Field(strict=False)] | None = None
    selected_user: Id | None = None
    files: list[_File] | None = None


class _State(_Shape):
    values: dict[str, Annotated[dict[str, _Element], Field(min_length=1)]]


class _View(_Named):
    type: str = "modal"
    hash: str
    callback_id: str = ""
    private_metadata: str = ""
    state: _State | None = None
    blocks: list[dict[str, Any]] = []
    previous_view_id: Id | None = None
    root_view_id: Id | None = None


class _FullView(_View):
    state: _State


class _Message(_Shape):
    ts: str
    thread_ts: str | None = None


class _Container(_Shape):
    channel_id: Id | None = None
    thread_ts: str | None = None


class _Pressed(_Shape):
    action_id: str
    action_ts: str
    value: str | None = None
    selected_option: _Choice | None = None


class _Interaction(_Shape):
    user: _User
    team: _Named


class _Actions(_Interaction):
    actions: Annotated[list[_Pressed], Field(min_length=1)]
    trigger_id: str
    container: _Container = _Container()
    channel: _Named | None = None
    message: _Message | None = None
    view: _View | None = None


class _Submission(_Interaction):
    trigger_id: str
    view: _FullView


class _Closed(_Interaction):
    view: _View


class _Suggestion(_Interaction):
    action_id: str
    block_id: str
    value: str = ""
    view: _View | None = None


class _Shortcut(_Interaction):
    callback_id: str
    trigger_id: str


class _MessageShortcut(_Shortcut):
    channel: _Named
    message: _Message


class _Command(_Shape):
    command: str
    team_id: Id
    user_id: Id
    trigger_id: str
    response_url: str
    text: str = ""


class _Event(_Shape):
    type: str


class _Said(_Shape):
    """A message within an event, as it is now."""

    user: Id | None = None
    team: Id | None = None
    user_team: Id | None = None
    bot_id: Id | None = None
    text: str | None = None
    ts: str | None = None
    thread_ts: str | None = None
    files: list[_File] | None = None


class _Heard(_Said):
    channel: Id
    channel_type: str | None = None
    subtype: str | None = None
    ts: str


class _Changed(_Heard):
    message: _Said


class _Deleted(_Heard):
    deleted_ts: str


class _Opened(_Event):
    user: Id
    tab: str


class _AccountChanged(_Event):
    user: _User


class _Wrapper(_Shape):
    event_id: str
    team_id: Id
    context_team_id: Id | None = None
    authorizations: list[dict[str, Any]] | None = None
    event: _Event


_INTERACTIONS: Mapping[str, type[_Shape]] = {
    "block_actions": _Actions,
    "view_submission": _Submission,
    "view_closed": _Closed,
    "block_suggestion": _Suggestion,
    "shortcut": _Shortcut,
    "message_action": _MessageShortcut,
    "event_callback": _Wrapper,
}
# By what else a message says of itself.
_EVENTS: Mapping[tuple[str, str | None], type[_Shape]] = {
    ("app_mention", None): _Heard,
    ("app_home_opened", None): _Opened,
    ("user_change", None): _AccountChanged,
    ("message", "message_changed"): _Changed,
    ("message", "message_deleted"): _Deleted,
}


class Misshapen(Exception):
    """This is nothing that Slack sends. The message names the place, and nothing of what stands there."""


def shaped(body: Any) -> dict[str, Any]:
    """What Slack sent, without the characters that no text can hold.

    Raises:
        Misshapen: a part is missing, or is of another type.
    """
    try:
        clean = _cleaned(body)
        if not isinstance(clean, dict):
            raise Misshapen("body")
        for shape, part in _shapes(clean):
            shape.model_validate(part)
    except ValidationError as error:
        raise Misshapen(".".join(str(step)[:40] for step in error.errors()[0]["loc"])) from None
    except RecursionError:
        raise Misshapen("nested too deeply") from None
    return clean


def _shapes(body: dict[str, Any]) -> Iterator[tuple[type[_Shape], Any]]:
    """What each part has to look like. What nobody here listens to may look like anything."""
    if "command" in body:
        yield _Command, body
        return
    kind = body.get("type")
    if not isinstance(kind, str) or kind not in _INTERACTIONS:
        return
    yield _INTERACTIONS[kind], body
    if kind == "event_callback":
        event = body["event"]
        about, subtype = event["type"], event.get("subtype")
        if about == "message":
            yield _Heard, event
        if (about, subtype) in _EVENTS:
            yield _EVENTS[about, subtype], event


def _cleaned(value: Any) -> Any:
    match value:
        case str():
            return _NO_TEXT.sub("", value)
        case dict():
            return {key: _cleaned(one) for key, one in value.items()}
        case list():
            return [_cleaned(one) for one in value]
    return value
