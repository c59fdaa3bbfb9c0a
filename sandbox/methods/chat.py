"""chat.*: posting, changing and deleting messages; and reactions."""

from copy import deepcopy
from typing import Any

from sandbox.blocks import check_message
from sandbox.errors import SlackError
from sandbox.objects import Channel, Json, Message
from sandbox.web_api import Api, Args, method, need_scope, refuse_faults

# Undocumented; Slack only says `metadata_too_large`.
METADATA_LIMIT = 8_000


def content_of(api: Api, args: Args, where: str) -> Json:
    """The checked content of a message: text, blocks, attachments, metadata. `where` is how it came in.

    Blocks without text are taken with a warning: notifications and screen readers then say what Slack makes of the
    blocks. Refusals: `no_text`, `msg_too_long`, `invalid_blocks` with pointers, `invalid_blocks_format`,
    `invalid_metadata_format`, `metadata_too_large`.
    """
    text, markdown = args.text("text"), args.text("markdown_text")
    blocks = args.structure("blocks", "invalid_blocks_format")
    attachments = args.structure("attachments", "invalid_attachments")
    if blocks is not None and not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if not (text or markdown or blocks or attachments):
        raise SlackError("no_text")
    if not (text or markdown):
        api.warn(where, "missing_text")
    metadata = _metadata(args)
    payload: Json = {"text": text, "markdown_text": markdown, "blocks": blocks, "attachments": attachments}
    refuse_faults(check_message({key: one for key, one in payload.items() if one}), "invalid_blocks")
    if markdown:
        blocks = [{"type": "markdown", "text": markdown}]
    return {
        "text": text or markdown or "",
        "blocks": deepcopy(blocks or []),
        "attachments": deepcopy(attachments or []),
        "metadata": metadata,
    }


def _metadata(args: Args) -> Json | None:
    metadata: Any = args.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    shaped = (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and bool(metadata["event_type"])
        and isinstance(metadata.get("event_payload"), dict)
    )
    if not shaped:
        raise SlackError("invalid_metadata_format")
    if len(str(metadata)) > METADATA_LIMIT:
        raise SlackError("metadata_too_large")
    return dict(metadata)


def channel_to_post(api: Api, given: str) -> Channel:
    """The channel by id, by name, or the direct channel of a user id; the bot must be allowed to post there."""
    workspace = api.workspace
    if given in workspace.users and given not in workspace.channels:
        if workspace.user(given).deleted:
            raise SlackError("user_disabled")
        return workspace.direct_channel(given, api.bot)
    named = [one for one in workspace.channels.values() if one.name and one.name == given.lstrip("#")]
    channel = named[0] if named else workspace.channel(given)
    may_without = channel.kind == "channel" and api.app.scopes is not None and api.app.has_scope("chat:write.public")
    if api.bot not in channel.members and not may_without:
        raise SlackError("not_in_channel" if channel.kind == "channel" else "channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def own_message(api: Api, args: Args, code: str) -> Message:
    """A message of the bot's own, by channel id (not name, not user) and ts."""
    channel = api.workspace.channel(args.required("channel", "channel_not_found"))
    if channel.kind != "channel" and api.bot not in channel.members:
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    message = api.workspace.message(channel.id, args.required("ts", "message_not_found"), "message_not_found")
    if message.ephemeral:
        raise SlackError("message_not_found")
    if message.user != api.bot:
        raise SlackError(code)
    return message


@method("chat.postMessage", "chat:write")
def post_message(api: Api, args: Args) -> Json:
    channel = channel_to_post(api, args.required("channel", "channel_not_found"))
    content = content_of(api, args, "chat.postMessage")
    thread_ts = args.text("thread_ts")
    broadcast = args.flag("reply_broadcast") and thread_ts is not None
    message = Message(channel.id, "", api.bot, thread_ts=thread_ts, broadcast=broadcast, **_as_bot(api), **content)
    api.workspace.post(message)
    api.announcer.posted(message, by_person=False)
    shown = api.workspace.message_json(message, include_metadata=True)
    return {"channel": channel.id, "ts": message.ts, "message": shown}


@method("chat.update", "chat:write")
def update(api: Api, args: Args) -> Json:
    """`text` without `blocks` takes the old blocks away; `metadata` stays unless sent."""
    message = own_message(api, args, "cant_update_message")
    content = content_of(api, args, "chat.update")
    if content["metadata"] is None:
        content["metadata"] = message.metadata
    content["edited"] = {"user": api.bot, "ts": api.workspace.next_ts()}
    before = api.workspace.change(message, **content)
    api.announcer.changed(message, before, by_person=False)
    shown = api.workspace.message_json(message, include_metadata=True)
    return {"channel": message.channel, "ts": message.ts, "text": message.text, "message": shown}


@method("chat.delete", "chat:write")
def delete(api: Api, args: Args) -> Json:
    message = own_message(api, args, "cant_delete_message")
    shown = api.workspace.message_json(message)
    api.workspace.remove(message)
    api.announcer.deleted(shown, message.channel, by_person=False)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.postEphemeral", "chat:write")
def post_ephemeral(api: Api, args: Args) -> Json:
    """Seen by one member of the channel. In a thread it is shown only if the thread exists already."""
    given = args.required("channel", "channel_not_found")
    channel = channel_to_post(api, given)
    user = api.workspace.user(args.required("user", "user_not_in_channel"))
    if user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    content = content_of(api, args, "chat.postEphemeral")
    content.pop("metadata")
    message = Message(
        channel.id,
        "",
        api.bot,
        thread_ts=args.text("thread_ts"),
        ephemeral_to=user.id,
        **_as_bot(api),
        **content,
    )
    api.workspace.post(message)
    return {"message_ts": message.ts}


@method("chat.getPermalink")
def get_permalink(api: Api, args: Args) -> Json:
    channel = api.workspace.channel(args.required("channel", "channel_not_found"))
    message = api.workspace.message(channel.id, args.required("message_ts", "message_not_found"), "message_not_found")
    return {"channel": channel.id, "permalink": permalink(api, message)}


def permalink(api: Api, message: Message) -> str:
    link = f"{api.workspace.url_base}/archives/{message.channel}/p{message.ts.replace('.', '')}"
    return f"{link}?thread_ts={message.thread_ts}&cid={message.channel}" if message.is_reply else link


@method("reactions.add", "reactions:write")
def add_reaction(api: Api, args: Args) -> Json:
    channel = api.workspace.channel(args.required("channel", "channel_not_found"))
    if api.bot not in channel.members:
        raise SlackError("not_in_channel" if channel.kind == "channel" else "channel_not_found")
    message = api.workspace.message(channel.id, args.required("timestamp", "message_not_found"), "message_not_found")
    name = args.required("name", "invalid_name")
    users = list(message.reactions.get(name, []))
    if api.bot in users:
        raise SlackError("already_reacted")
    need_scope(api, "reactions:write")
    api.workspace.change(message, reactions={**message.reactions, name: [*users, api.bot]})
    return {}


def _as_bot(api: Api) -> Json:
    return {"bot_id": api.app.bot_id, "app_id": api.app.id}
