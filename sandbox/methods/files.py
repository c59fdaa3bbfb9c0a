"""files.*: what the app may see of people's files, and its own three-step uploads."""

import secrets
from typing import Any

from sandbox.errors import SlackError
from sandbox.methods.chat import channel_to_post
from sandbox.objects import File, Json, Message
from sandbox.web_api import Api, Args, method

# docs: working-with-files; a single file may be up to 1 GB.
UPLOAD_LIMIT = 1_000_000_000


@method("files.info", "files:read")
def info(api: Api, args: Args) -> Json:
    file = api.workspace.file(args.required("file", "file_not_found"))
    if not file.shared_with_app and not api.workspace.file_visible_to(file, api.bot):
        raise SlackError("file_not_found")
    return {"file": file.to_json(), "comments": [], "response_metadata": {"next_cursor": ""}}


@method("files.delete", "files:write")
def delete(api: Api, args: Args) -> Json:
    """Only what the app uploaded itself: what people did, its token may not delete."""
    file = api.workspace.file(args.required("file", "file_not_found"))
    if not file.shared_with_app and not api.workspace.file_visible_to(file, api.bot):
        raise SlackError("file_not_found")
    if file.user != api.bot:
        raise SlackError("cant_delete_file")
    api.workspace.delete_file(file.id)
    return {}


@method("files.getUploadURLExternal", "files:write")
def get_upload_url(api: Api, args: Args) -> Json:
    name = args.required("filename", "invalid_arguments")
    length = args.number("length", 0, 1, UPLOAD_LIMIT, "invalid_arguments")
    token, file_id = secrets.token_hex(16), f"F{secrets.token_hex(5).upper()}"
    api.uploads[token] = {"file_id": file_id, "name": name, "length": length, "content": None}
    return {"upload_url": f"{api.workspace.url_base}/upload/v1/{token}", "file_id": file_id}


@method("files.completeUploadExternal", "files:write")
def complete_upload(api: Api, args: Args) -> Json:
    """Makes uploaded bytes files; with `channel_id` or `channels` shares them, in a thread with `thread_ts`."""
    given = args.structure("files")
    if not isinstance(given, list) or not given:
        raise SlackError("invalid_arguments")
    targets = [one for one in (args.text("channels") or args.text("channel_id") or "").split(",") if one]
    channels = [channel_to_post(api, one) for one in targets]
    thread_ts = args.text("thread_ts")
    if thread_ts is not None:
        for channel in channels:
            api.workspace.message(channel.id, thread_ts)
    files = [_complete(api, one) for one in given]
    for channel in channels:
        message = Message(
            channel.id,
            "",
            api.bot,
            args.text("initial_comment") or "",
            thread_ts=thread_ts,
            files=files,
            bot_id=api.app.bot_id,
            app_id=api.app.id,
        )
        api.workspace.post(message)
        api.announcer.posted(message, by_person=False)
    return {"files": [one.to_json() for one in files]}


def _complete(api: Api, given: Any) -> File:
    file_id = str(given.get("id")) if isinstance(given, dict) else ""
    for token, upload in list(api.uploads.items()):
        if upload["file_id"] == file_id and upload["content"] is not None:
            del api.uploads[token]
            file = api.workspace.add_file(api.bot, upload["name"], upload["content"], given.get("title"))
            del api.workspace.files[file.id]
            file.id = file_id
            api.workspace.files[file_id] = file
            return file
    raise SlackError("file_not_found")
