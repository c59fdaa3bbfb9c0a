"""What an app can do with a response_url."""

import json
from typing import Any

from flask import Response

from sandbox.errors import SlackError
from sandbox.methods.chat import content_of
from sandbox.objects import Json, Message
from sandbox.response_urls import ResponseUrl
from sandbox.web_api import Api, Args


def respond(api: Api, token: str, payload: Any) -> Response:
    """Posts, replaces or deletes where the interaction happened, bot a member there or not.

    Answers `ok`, or 404 with `expired_url`, `used_url`, `invalid_url`; 400 with what is wrong with
    the payload (`invalid_payload` where it is no JSON object).
    """
    try:
        if not isinstance(payload, dict):
            raise SlackError("invalid_payload")
        _respond(api, api.response_urls.use(token), payload)
    except SlackError as refusal:
        messages = tuple((refusal.extra.get("response_metadata") or {}).get("messages") or ())
        api.refuse("response_url", refusal.code, messages)
        status = 404 if refusal.code.endswith("_url") else 400
        body = json.dumps({"ok": False, "error": refusal.code, **refusal.extra})
        return Response(body, status, mimetype="application/json")
    return Response("ok", 200, mimetype="text/plain")


def _respond(api: Api, url: ResponseUrl, payload: Json) -> None:
    workspace, args = api.workspace, Args(payload)
    original = None
    if url.message_ts is not None:
        original = next((one for one in workspace.messages[url.channel] if one.ts == url.message_ts), None)
    if args.flag("delete_original"):
        if original is None or original.user != api.bot:
            raise SlackError("message_not_found")
        workspace.remove(original)
        return
    content = content_of(api, args, "response_url")
    if args.flag("replace_original"):
        if original is None or original.user != api.bot:
            raise SlackError("message_not_found")
        workspace.change(original, **{key: one for key, one in content.items() if key != "metadata" or one})
        return
    in_channel = args.text("response_type") == "in_channel"
    workspace.post(
        Message(
            url.channel,
            "",
            api.bot,
            thread_ts=args.text("thread_ts"),
            ephemeral_to=None if in_channel else url.user,
            bot_id=api.app.bot_id,
            app_id=api.app.id,
            **content,
        )
    )
