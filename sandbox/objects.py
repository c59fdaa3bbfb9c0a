"""Slack's nouns, in the shapes its Web API and its payloads use."""

import mimetypes
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox import reading

Json = dict[str, Any]


@dataclass
class Team:
    id: str
    name: str
    domain: str


@dataclass
class User:
    """A person, or an app's bot (`bot_id` set)."""

    id: str
    name: str
    team: str
    email: str | None = None
    tz: str = "America/Los_Angeles"
    title: str = ""
    is_restricted: bool = False
    deleted: bool = False
    bot_id: str | None = None
    app_id: str | None = None

    @property
    def handle(self) -> str:
        """The old username: what payloads carry as `name`."""
        return self.name.lower().replace(" ", ".")

    def to_json(self, home_team: str, with_email: bool) -> Json:
        """A `user` object; the e-mail only with `users:read.email`, and none for people of other teams."""
        profile: Json = {"real_name": self.name, "display_name": self.name, "title": self.title, "team": self.team}
        if with_email and self.email and self.team == home_team:
            profile["email"] = self.email
        shown: Json = {
            "id": self.id,
            "team_id": self.team,
            "name": self.handle,
            "real_name": self.name,
            "deleted": self.deleted,
            "tz": self.tz,
            "profile": profile,
            "is_bot": self.bot_id is not None,
            "is_app_user": False,
            "updated": 0,
        }
        if not self.deleted:
            shown |= {
                "is_admin": False,
                "is_owner": False,
                "is_restricted": self.is_restricted,
                "is_ultra_restricted": False,
            }
        if self.team != home_team:
            shown["is_stranger"] = False
        return shown


@dataclass
class Channel:
    """A public or private channel, or a direct conversation (`kind` is `channel`, `group` or `im`)."""

    id: str
    name: str
    kind: str = "channel"
    members: list[str] = field(default_factory=list)
    is_archived: bool = False
    topic: str = ""
    purpose: str = ""
    created: int = 0

    @property
    def name_in_payloads(self) -> str:
        return {"channel": self.name, "group": "privategroup", "im": "directmessage"}[self.kind]

    def to_json(self, bot: str, shared: bool) -> Json:
        shown: Json = {
            "id": self.id,
            "created": self.created,
            "is_archived": self.is_archived,
            "is_im": self.kind == "im",
            "is_channel": self.kind == "channel",
            "is_group": self.kind == "group",
            "is_mpim": False,
            "is_private": self.kind != "channel",
            "is_ext_shared": shared,
            "is_shared": shared,
            "is_org_shared": False,
        }
        if self.kind == "im":
            return shown | {"user": next((one for one in self.members if one != bot), bot)}
        return shown | {
            "name": self.name,
            "name_normalized": self.name,
            "is_member": bot in self.members,
            "num_members": len(self.members),
            "topic": {"value": self.topic, "creator": "", "last_set": 0},
            "purpose": {"value": self.purpose, "creator": "", "last_set": 0},
        }


@dataclass
class File:
    """An uploaded file. `served` replaces what a download answers: (content type, bytes). Of one that was `deleted`
    nothing is left but its place in messages.
    """

    id: str
    name: str
    title: str
    content: bytes
    user: str
    team: str
    created: int
    url_base: str
    channels: list[str] = field(default_factory=list)
    shared_with_app: bool = False
    served: tuple[str, bytes] | None = None
    deleted: bool = False

    @property
    def filetype(self) -> str:
        return self.name.rsplit(".", 1)[-1].lower() if "." in self.name else "binary"

    @property
    def mimetype(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def url_private(self) -> str:
        return f"{self.url_base}/files-pri/{self.team}-{self.id}/{reading.file_slug(self.name)}"

    @property
    def url_private_download(self) -> str:
        return f"{self.url_base}/files-pri/{self.team}-{self.id}/download/{reading.file_slug(self.name)}"

    def to_json(self) -> Json:
        if self.deleted:
            return {"id": self.id, "mode": "tombstone"}
        return {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title,
            "mimetype": self.mimetype,
            "filetype": self.filetype,
            "pretty_type": self.filetype.upper(),
            "user": self.user,
            "user_team": self.team,
            "editable": False,
            "size": len(self.content),
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": False,
            "public_url_shared": False,
            "file_access": "visible",
            "url_private": self.url_private,
            "url_private_download": self.url_private_download,
            "permalink": f"{self.url_base}/files/{self.user}/{self.id}",
            "channels": list(self.channels),
            "groups": [],
            "ims": [],
        }


@dataclass
class Message:
    """A message as the server keeps it. An ephemeral one has `ephemeral_to`, and only that person sees it."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    files: list[File] = field(default_factory=list)
    bot_id: str | None = None
    app_id: str | None = None
    team: str = ""
    metadata: Json | None = None
    edited: Json | None = None
    ephemeral_to: str | None = None
    broadcast: bool = False
    subtype: str | None = None
    client_msg_id: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)

    @property
    def ephemeral(self) -> bool:
        return self.ephemeral_to is not None

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def buttons(self) -> list[str]:
        """The labels of everything that can be pressed, overflow entries included, from top to bottom."""
        return reading.buttons(self.shown_blocks)

    @property
    def shown_blocks(self) -> list[Json]:
        """The message's own blocks and those of its attachments, as one list."""
        return [*self.blocks, *(block for one in self.attachments for block in one.get("blocks") or [])]

    @property
    def visible_text(self) -> str:
        """What a person reads: the blocks' text, or where there are none, the message's `text`."""
        shown = reading.visible_text(self.shown_blocks) if self.shown_blocks else reading.mrkdwn(self.text)
        names = ["This file was deleted." if one.deleted else one.name for one in self.files]
        return "\n".join([shown, *names]) if names else shown

    def to_json(self, include_metadata: bool = False) -> Json:
        shown: Json = {
            "type": "message",
            "user": self.user,
            "ts": self.ts,
            "text": self.text,
            "team": self.team,
        }
        if self.client_msg_id:
            shown["client_msg_id"] = self.client_msg_id
        if self.bot_id:
            shown |= {"bot_id": self.bot_id, "app_id": self.app_id}
        if self.blocks:
            shown["blocks"] = self.blocks
        if self.attachments:
            shown["attachments"] = self.attachments
        if self.thread_ts:
            shown["thread_ts"] = self.thread_ts
        if self.subtype:
            shown["subtype"] = self.subtype
        if self.files:
            shown |= {"files": [one.to_json() for one in self.files], "upload": not self.bot_id}
        if self.edited:
            shown["edited"] = self.edited
        if self.reactions:
            shown["reactions"] = [
                {"name": name, "users": users, "count": len(users)} for name, users in self.reactions.items()
            ]
        if self.metadata is not None and include_metadata:
            shown["metadata"] = self.metadata
        return shown


@dataclass
class View:
    """A modal or a Home tab on one person's screen, with what that person has typed into it so far.

    `typed` is keyed by (block_id, action_id) and holds Slack's own state objects; `errors` by block_id.
    """

    id: str
    user: str
    content: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None
    bot_id: str
    app_id: str
    team: str
    typed: dict[tuple[str, str], Json] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def type(self) -> str:
        return str(self.content["type"])

    @property
    def blocks(self) -> list[Json]:
        blocks: list[Json] = self.content["blocks"]
        return blocks

    @property
    def external_id(self) -> str:
        return str(self.content.get("external_id") or "")

    def to_json(self, with_state: bool = True) -> Json:
        values: Json = {}
        if with_state:
            for (block_id, action_id), state in self.typed.items():
                values.setdefault(block_id, {})[action_id] = state
        content = self.content
        return {
            "id": self.id,
            "team_id": self.team,
            "type": self.type,
            "blocks": self.blocks,
            "private_metadata": content.get("private_metadata") or "",
            "callback_id": content.get("callback_id") or "",
            "state": {"values": values},
            "hash": self.hash,
            "title": content.get("title") or {"type": "plain_text", "text": "View Title", "emoji": True},
            "clear_on_close": bool(content.get("clear_on_close")),
            "notify_on_close": bool(content.get("notify_on_close")),
            "close": content.get("close"),
            "submit": content.get("submit"),
            "previous_view_id": self.previous_view_id,
            "root_view_id": self.root_view_id,
            "app_id": self.app_id,
            "external_id": self.external_id,
            "app_installed_team_id": self.team,
            "bot_id": self.bot_id,
        }


@dataclass(frozen=True)
class Refusal:
    """Something the app sent that Slack would not take: where (`views.open`, `ack of /claim` …) and why."""

    where: str
    error: str
    messages: tuple[str, ...] = ()
    at: datetime | None = None
