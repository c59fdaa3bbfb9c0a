"""conversations.*: channels, their members, history and threads."""

import base64
from collections.abc import Sequence
from typing import TypeVar

from sandbox.errors import SlackError
from sandbox.objects import Channel, Json, Message
from sandbox.web_api import Api, Args, method, need_scope

Item = TypeVar("Item")
READ = {"channel": "channels:read", "group": "groups:read", "im": "im:read"}
HISTORY = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}


def page(items: Sequence[Item], args: Args, default: int, most: int = 1000) -> tuple[list[Item], str]:
    """One page by cursor and limit, and the next cursor (empty at the end). Refusals: invalid_cursor, invalid_limit."""
    limit = args.number("limit", default, 1, most)
    start, cursor = 0, args.text("cursor")
    if cursor is not None:
        try:
            start = int(base64.b64decode(cursor, validate=True).decode().removeprefix("at:"))
        except ValueError:
            raise SlackError("invalid_cursor") from None
    rest = start + limit
    following = base64.b64encode(f"at:{rest}".encode()).decode() if rest < len(items) else ""
    return list(items[start:rest]), following


def channel_to_read(api: Api, args: Args, scopes: dict[str, str]) -> Channel:
    """A channel the app can see: private ones only as a member. Needs the scope of its kind."""
    channel = api.workspace.channel(args.required("channel", "channel_not_found"))
    if channel.kind != "channel" and api.bot not in channel.members:
        raise SlackError("channel_not_found")
    need_scope(api, scopes[channel.kind])
    return channel


@method("conversations.info")
def info(api: Api, args: Args) -> Json:
    channel = channel_to_read(api, args, READ)
    shown = channel.to_json(api.bot, api.workspace.is_shared(channel))
    if not args.flag("include_num_members"):
        shown.pop("num_members", None)
    return {"channel": shown}


@method("conversations.members")
def members(api: Api, args: Args) -> Json:
    channel = channel_to_read(api, args, READ)
    shown, cursor = page(channel.members, args, 100)
    return {"members": shown, "response_metadata": {"next_cursor": cursor}}


@method("conversations.list")
def list_channels(api: Api, args: Args) -> Json:
    kinds = {"public_channel": "channel", "private_channel": "group", "im": "im"}
    wanted = [kinds[one.strip()] for one in (args.text("types") or "public_channel").split(",") if one.strip() in kinds]
    for kind in wanted:
        need_scope(api, READ[kind])
    found = [
        one
        for one in api.workspace.channels.values()
        if one.kind in wanted
        and (one.kind == "channel" or api.bot in one.members)
        and not (one.is_archived and args.flag("exclude_archived"))
    ]
    shown, cursor = page(found, args, 100)
    channels = [one.to_json(api.bot, api.workspace.is_shared(one)) for one in shown]
    return {"channels": channels, "response_metadata": {"next_cursor": cursor}}


@method("conversations.open", "im:write")
def open_direct(api: Api, args: Args) -> Json:
    """One person only: the sandbox has no group direct messages."""
    user = api.workspace.user(args.required("users", "users_list_not_supplied"))
    known = any(one.kind == "im" and {user.id, api.bot} == set(one.members) for one in api.workspace.channels.values())
    channel = api.workspace.direct_channel(user.id, api.bot)
    shown: Json = {"id": channel.id}
    if args.flag("return_im"):
        shown = channel.to_json(api.bot, shared=False)
    return {"no_op": known, "already_open": known, "channel": shown}


@method("conversations.join", "channels:join")
def join(api: Api, args: Args) -> Json:
    channel = api.workspace.channel(args.required("channel", "channel_not_found"))
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    if api.workspace.join(channel.id, api.bot):
        api.announcer.joined(api.bot, channel.id, None, by_person=False)
        return {"channel": channel.to_json(api.bot, api.workspace.is_shared(channel))}
    return {"channel": channel.to_json(api.bot, api.workspace.is_shared(channel)), "warning": "already_in_channel"}


@method("conversations.history")
def history(api: Api, args: Args) -> Json:
    """Newest first, without replies and ephemerals; `oldest` and `latest` exclude their own ts unless `inclusive`."""
    channel = channel_to_read(api, args, HISTORY)
    if api.bot not in channel.members:
        raise SlackError("not_in_channel")
    found = _within(list(reversed(api.workspace.history(channel.id))), args)
    shown, cursor = page(found, args, 100, 999)
    return _messages(api, args, shown, cursor)


@method("conversations.replies")
def replies(api: Api, args: Args) -> Json:
    """A thread: its parent, then the replies, oldest first. The ts of a reply answers that reply alone."""
    channel = channel_to_read(api, args, HISTORY)
    if api.bot not in channel.members:
        raise SlackError("not_in_channel")
    parent = api.workspace.message(channel.id, args.required("ts", "thread_not_found"))
    if parent.ephemeral:
        raise SlackError("thread_not_found")
    found = [] if parent.is_reply else _within(api.workspace.replies(parent), args)
    shown, cursor = page(found, args, 1000)
    return _messages(api, args, [parent, *shown], cursor)


def _within(messages: list[Message], args: Args) -> list[Message]:
    oldest, latest, inclusive = args.text("oldest"), args.text("latest"), args.flag("inclusive")
    try:
        low, high = float(oldest or 0), float(latest or "inf")
    except ValueError:
        raise SlackError("invalid_ts_oldest" if oldest else "invalid_ts_latest") from None
    edge = {oldest, latest} if inclusive else set()
    return [one for one in messages if not one.ephemeral and (low < float(one.ts) < high or one.ts in edge)]


def _messages(api: Api, args: Args, shown: list[Message], cursor: str) -> Json:
    include = args.flag("include_all_metadata")
    answer: Json = {
        "messages": [api.workspace.message_json(one, include_metadata=include) for one in shown],
        "has_more": bool(cursor),
    }
    return answer | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})
