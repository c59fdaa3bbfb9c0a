"""The payloads Slack sends to an app, in Slack's shapes (docs.slack.dev, reference/interaction-payloads and events)."""

import secrets
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from sandbox.installed_app import InstalledApp, Shortcut
from sandbox.objects import Json, Message, User, View
from sandbox.response_urls import ResponseUrls
from sandbox.workspace import Workspace


@dataclass
class Payloads:
    workspace: Workspace
    app: InstalledApp
    response_urls: ResponseUrls

    def command(self, user: User, channel_id: str, command: str, text: str) -> dict[str, str]:
        """The form fields of a slash command."""
        team = self.workspace.team
        return {
            "token": self.app.verification_token,
            "team_id": team.id,
            "team_domain": team.domain,
            "channel_id": channel_id,
            "channel_name": self.workspace.channel(channel_id).name_in_payloads,
            "user_id": user.id,
            "user_name": user.handle,
            "command": command,
            "text": text,
            "api_app_id": self.app.id,
            "is_enterprise_install": "false",
            "response_url": self.response_urls.issue("commands", user.id, channel_id),
            "trigger_id": self.workspace.screens.issue_trigger(user.id),
        }

    def message_actions(self, user: User, message: Message, action: Json, chosen: Json | None = None) -> Json:
        """`block_actions` from a message. An ephemeral message is not in the payload, as in Slack.

        `chosen` (block_id, action_id, state object) is what the person has just entered; it is remembered.
        """
        typed = self.workspace.state_in(user.id, message)
        for block_id, states in (chosen or {}).items():
            for action_id, state in states.items():
                typed[(block_id, action_id)] = state
        values: Json = {}
        for (block_id, action_id), state in typed.items():
            values.setdefault(block_id, {})[action_id] = deepcopy(state)
        container = {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": message.ephemeral,
        }
        if message.thread_ts:
            container["thread_ts"] = message.thread_ts
        payload = self._interaction("block_actions", user) | {
            "container": container,
            "trigger_id": self.workspace.screens.issue_trigger(user.id),
            "channel": self._channel(message.channel),
            "state": {"values": values},
            "response_url": self._message_response_url("actions", user, message),
            "actions": [action],
        }
        if not message.ephemeral:
            payload["message"] = self.workspace.message_json(message)
        return payload

    def view_actions(self, user: User, view: View, action: Json) -> Json:
        return self._interaction("block_actions", user) | {
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self.workspace.screens.issue_trigger(user.id, view.id),
            "view": deepcopy(view.to_json()),
            "actions": [action],
        }

    def suggestion(self, user: User, block_id: str, action_id: str, value: str, place: View | Message) -> Json:
        payload = self._interaction("block_suggestion", user)
        payload |= {"action_id": action_id, "block_id": block_id, "value": value}
        if isinstance(place, View):
            payload |= {"container": {"type": "view", "view_id": place.id}, "view": deepcopy(place.to_json())}
        else:
            payload |= {
                "container": {"type": "message", "message_ts": place.ts, "channel_id": place.channel},
                "channel": self._channel(place.channel),
                "message": self.workspace.message_json(place),
            }
        return payload

    def view_submission(self, user: User, view: View) -> Json:
        return self._interaction("view_submission", user) | {
            "trigger_id": self.workspace.screens.issue_trigger(user.id, view.id),
            "view": deepcopy(view.to_json()),
            "response_urls": self._view_response_urls(user, view),
        }

    def view_closed(self, user: User, view: View, is_cleared: bool) -> Json:
        payload = self._interaction("view_closed", user)
        return payload | {"view": deepcopy(view.to_json()), "is_cleared": is_cleared}

    def shortcut(self, user: User, shortcut: Shortcut) -> Json:
        """A global shortcut; it has no channel and no response_url."""
        return self._interaction("shortcut", user) | {
            "action_ts": self._now(),
            "callback_id": shortcut.callback_id,
            "trigger_id": self.workspace.screens.issue_trigger(user.id),
        }

    def message_shortcut(self, user: User, shortcut: Shortcut, message: Message) -> Json:
        return self._interaction("message_action", user) | {
            "action_ts": self._now(),
            "callback_id": shortcut.callback_id,
            "trigger_id": self.workspace.screens.issue_trigger(user.id),
            "channel": self._channel(message.channel),
            "message_ts": message.ts,
            "message": self.workspace.message_json(message),
            "response_url": self._message_response_url("app", user, message),
        }

    def event(self, event: Json) -> Json:
        """The Events API wrapper."""
        team = self.workspace.team
        shared = "channel" in event and event["channel"] in self.workspace.channels
        return {
            "token": self.app.verification_token,
            "team_id": team.id,
            "context_team_id": team.id,
            "context_enterprise_id": None,
            "api_app_id": self.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{secrets.token_hex(6).upper()}",
            "event_time": int(self.workspace.clock().timestamp()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": team.id,
                    "user_id": self.app.bot_user,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": shared and self.workspace.is_shared(self.workspace.channels[event["channel"]]),
            "event_context": f"4-{secrets.token_urlsafe(24)}",
        }

    def message_event(self, message: Message) -> Json:
        channel = self.workspace.channel(message.channel)
        shown = self.workspace.message_json(message)
        if message.team != self.workspace.team.id and message.files:
            # Files from another workspace arrive as a bare id (docs: Slack Connect, file-object).
            shown["files"] = [{"id": one.id, "file_access": "check_file_info"} for one in message.files]
        return shown | {
            "channel": message.channel,
            "channel_type": channel.kind,
            "event_ts": message.ts,
        }

    def changed_event(self, message: Message, before: Message) -> Json:
        now = self.workspace.next_ts()
        return {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "message": self.workspace.message_json(message),
            "previous_message": deepcopy(before.to_json()),
            "channel": message.channel,
            "channel_type": self.workspace.channel(message.channel).kind,
            "ts": now,
            "event_ts": now,
        }

    def deleted_event(self, message: Json, channel_id: str) -> Json:
        now = self.workspace.next_ts()
        return {
            "type": "message",
            "subtype": "message_deleted",
            "hidden": True,
            "deleted_ts": message["ts"],
            "previous_message": message,
            "channel": channel_id,
            "channel_type": self.workspace.channel(channel_id).kind,
            "ts": now,
            "event_ts": now,
        }

    def mention_event(self, message: Message) -> Json:
        shown = self.workspace.message_json(message)
        kept = ("user", "text", "ts", "team", "thread_ts", "parent_user_id", "blocks", "client_msg_id", "files")
        event = {key: shown[key] for key in kept if key in shown}
        return {"type": "app_mention", **event, "channel": message.channel, "event_ts": message.ts}

    def reaction_event(self, message: Message, name: str, user: User, added: bool) -> Json:
        return {
            "type": "reaction_added" if added else "reaction_removed",
            "user": user.id,
            "reaction": name,
            "item_user": message.user,
            "item": {"type": "message", "channel": message.channel, "ts": message.ts},
            "event_ts": self._now(),
        }

    def home_opened_event(self, user: User, dm: str, tab: str) -> Json:
        event: Json = {
            "type": "app_home_opened",
            "user": user.id,
            "channel": dm,
            "tab": tab,
            "event_ts": self._now(),
        }
        home = self.workspace.screens.homes.get(user.id)
        if tab == "home" and home is not None:
            event["view"] = deepcopy(home.to_json())
        return event

    def account_event(self, user: User, with_email: bool) -> Json:
        return {
            "type": "user_change",
            "user": user.to_json(self.workspace.team.id, with_email),
            "event_ts": self._now(),
        }

    def joined_event(self, user_id: str, channel_id: str, inviter: str | None) -> Json:
        event: Json = {
            "type": "member_joined_channel",
            "user": user_id,
            "channel": channel_id,
            "channel_type": {"channel": "C", "group": "G", "im": "D"}[self.workspace.channel(channel_id).kind],
            "team": self.workspace.user(user_id).team,
            "event_ts": self._now(),
        }
        return event | ({"inviter": inviter} if inviter else {})

    # -- parts -------------------------------------------------------------------------------------------------------

    def _interaction(self, kind: str, user: User) -> Json:
        team = self.workspace.team
        return {
            "type": kind,
            "team": {"id": team.id, "domain": team.domain},
            "user": {"id": user.id, "username": user.handle, "name": user.handle, "team_id": user.team},
            "api_app_id": self.app.id,
            "token": self.app.verification_token,
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def _channel(self, channel_id: str) -> Json:
        return {"id": channel_id, "name": self.workspace.channel(channel_id).name_in_payloads}

    def _message_response_url(self, kind: str, user: User, message: Message) -> str:
        return self.response_urls.issue(kind, user.id, message.channel, message.ts, message.thread_ts)

    def _view_response_urls(self, user: User, view: View) -> list[Json]:
        """One for each channel picked in an element with `response_url_enabled`."""
        found = []
        for block in view.blocks:
            element: Any = block.get("element") or {}
            if not element.get("response_url_enabled"):
                continue
            block_id, action_id = str(block["block_id"]), str(element["action_id"])
            state = view.typed[(block_id, action_id)]
            channel_id = state.get("selected_conversation") or state.get("selected_channel")
            if channel_id:
                found.append(
                    {
                        "block_id": block_id,
                        "action_id": action_id,
                        "channel_id": channel_id,
                        "response_url": self.response_urls.issue("app", user.id, channel_id),
                    }
                )
        return found

    def _now(self) -> str:
        return f"{self.workspace.clock().timestamp():.6f}"
