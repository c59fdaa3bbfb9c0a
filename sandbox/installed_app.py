"""The app under test, as the workspace knows it after installing: tokens, scopes, commands, shortcuts, events."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class SlashCommand:
    name: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False


@dataclass(frozen=True)
class Shortcut:
    name: str
    callback_id: str
    type: str = "global"


@dataclass
class InstalledApp:
    """Without a manifest everything is granted and every event is subscribed to; a manifest narrows it."""

    bot_token: str
    app_token: str
    signing_secret: str
    id: str = "A0SANDBOX"
    bot_id: str = "B0SANDBOX"
    bot_user: str = "U0BOT"
    bot_name: str = "app"
    verification_token: str = "sandbox-verification-token"  # noqa: S105 - the deprecated `token` field of payloads
    scopes: frozenset[str] | None = None
    bot_events: frozenset[str] | None = None
    home_tab_enabled: bool = True
    messages_tab_enabled: bool = True
    interactivity_enabled: bool = True
    commands: dict[str, SlashCommand] = field(default_factory=dict)
    shortcuts: list[Shortcut] = field(default_factory=list)

    def read_manifest(self, manifest: Json) -> None:
        """Takes over commands, shortcuts, scopes and subscriptions of an app manifest (schema 2.0.0)."""
        features = manifest.get("features") or {}
        settings = manifest.get("settings") or {}
        self.bot_name = (features.get("bot_user") or {}).get("display_name", self.bot_name)
        home = features.get("app_home") or {}
        self.home_tab_enabled = bool(home.get("home_tab_enabled", False))
        self.messages_tab_enabled = bool(home.get("messages_tab_enabled", True)) and not bool(
            home.get("messages_tab_read_only_enabled", False)
        )
        self.commands = {
            one["command"]: SlashCommand(
                one["command"],
                one.get("description", ""),
                one.get("usage_hint", ""),
                bool(one.get("should_escape", False)),
            )
            for one in features.get("slash_commands") or []
        }
        self.shortcuts = [
            Shortcut(one["name"], one["callback_id"], one["type"]) for one in features.get("shortcuts") or []
        ]
        scopes = (manifest.get("oauth_config") or {}).get("scopes") or {}
        self.scopes = frozenset([*(scopes.get("bot") or []), *(scopes.get("bot_optional") or [])])
        self.bot_events = frozenset((settings.get("event_subscriptions") or {}).get("bot_events") or [])
        self.interactivity_enabled = bool((settings.get("interactivity") or {}).get("is_enabled", False))

    def has_scope(self, *any_of: str) -> bool:
        return self.scopes is None or not any_of or bool(self.scopes.intersection(any_of))

    def wants_event(self, name: str) -> bool:
        return self.bot_events is None or name in self.bot_events


# docs: reference/events, the required scopes of each
EVENT_SCOPES: dict[str, tuple[str, ...]] = {
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "app_mention": ("app_mentions:read",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "channel_archive": ("channels:read",),
    "group_archive": ("groups:read",),
    "user_change": ("users:read",),
    "team_join": ("users:read",),
}


def missing_scopes(manifest: Json) -> list[str]:
    """What a manifest asks for without the scope it needs, one sentence each."""
    features = manifest.get("features") or {}
    scopes = (manifest.get("oauth_config") or {}).get("scopes") or {}
    granted = {*(scopes.get("bot") or []), *(scopes.get("bot_optional") or [])}
    missing = []
    if (features.get("slash_commands") or features.get("shortcuts")) and "commands" not in granted:
        missing.append("slash commands and shortcuts need the scope commands")
    subscribed = ((manifest.get("settings") or {}).get("event_subscriptions") or {}).get("bot_events") or []
    for event in subscribed:
        any_of = EVENT_SCOPES.get(event, ())
        if any_of and not granted.intersection(any_of):
            missing.append(f"the event {event} needs the scope {' or '.join(any_of)}")
    return missing
