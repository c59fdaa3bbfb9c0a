"""manifest.yaml against the limits of Slack's manifest schema 2 and against what the code and the design need."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from bot.commands import TABLE
from bot.settings import Settings

TEXT = (Path(__file__).parents[2] / "manifest.yaml").read_text(encoding="utf-8")
MANIFEST: dict[str, Any] = yaml.safe_load(TEXT)
DISPLAY, FEATURES, APP_SETTINGS = MANIFEST["display_information"], MANIFEST["features"], MANIFEST["settings"]
SCOPES: list[str] = MANIFEST["oauth_config"]["scopes"]["bot"]
EVENTS: list[str] = APP_SETTINGS["event_subscriptions"]["bot_events"]

# Without the scope Slack refuses the subscription (the reference page of each event names it).
SCOPE_OF_EVENT = {
    "app_mention": {"app_mentions:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "user_change": {"users:read"},
}


def test_it_is_of_the_second_version_and_has_nothing_that_the_schema_does_not_know():
    assert MANIFEST["_metadata"]["major_version"] == 2
    assert MANIFEST.keys() == {"_metadata", "display_information", "features", "oauth_config", "settings"}
    assert FEATURES.keys() == {"app_home", "bot_user", "shortcuts", "slash_commands"}
    assert APP_SETTINGS.keys() == {
        "event_subscriptions",
        "interactivity",
        "org_deploy_enabled",
        "socket_mode_enabled",
        "token_rotation_enabled",
    }


def test_names_and_descriptions_keep_slacks_limits():
    assert 1 <= len(DISPLAY["name"]) <= 35
    assert len(DISPLAY["description"]) <= 140
    assert 175 <= len(DISPLAY["long_description"]) <= 4000
    assert re.fullmatch(r"#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})", DISPLAY["background_color"])
    assert re.fullmatch(r"[a-z0-9._-]{1,80}", FEATURES["bot_user"]["display_name"])


def test_shortcuts_are_those_of_the_design_and_keep_slacks_limits():
    shortcuts = FEATURES["shortcuts"]
    assert [(each["name"], each["type"], each["callback_id"]) for each in shortcuts] == [
        ("New claim", "global", "new_claim"),
        ("Send to partner", "message", "send_to_partner"),
    ]
    for kind in ("global", "message"):
        assert len([each for each in shortcuts if each["type"] == kind]) <= 5
    for each in shortcuts:
        assert len(each["name"]) <= 24
        assert len(each["callback_id"]) <= 255
        assert len(each["description"]) <= 150


def test_the_command_is_the_one_that_the_settings_expect_and_is_escaped():
    (command,) = FEATURES["slash_commands"]
    assert command["command"] == Settings.model_fields["command_name"].default
    assert 2 <= len(command["command"]) <= 32
    assert len(command["description"]) <= 2000
    assert command["should_escape"] is True


def test_the_usage_hint_names_each_word_of_the_command():
    hint = FEATURES["slash_commands"][0]["usage_hint"]
    assert len(hint) <= 1000
    assert "\n" not in hint
    assert [part.split()[0] for part in hint.split(" | ")] == [word.word for word in TABLE]


def test_people_can_write_to_the_bot_and_see_its_home():
    assert FEATURES["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }


def test_every_scope_is_asked_for_once_and_says_why():
    assert len(SCOPES) == len(set(SCOPES)) <= 255
    assert sorted(SCOPES) == SCOPES
    for scope in SCOPES:
        assert re.search(rf"^ +- {re.escape(scope)} # .{{10,}}$", TEXT, re.MULTILINE), scope


def test_the_scopes_are_the_least_that_the_design_needs():
    assert set(SCOPES) == {
        "app_mentions:read",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "users:read",
    }
    assert "user" not in MANIFEST["oauth_config"]["scopes"]


def test_every_event_has_the_scopes_without_which_slack_refuses_it():
    assert len(EVENTS) == len(set(EVENTS)) <= 100
    assert set(EVENTS) == {*SCOPE_OF_EVENT, "app_home_opened"}
    for event, scopes in SCOPE_OF_EVENT.items():
        assert scopes <= set(SCOPES), event


def urls(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        for key, value in part.items():
            if key == "url" or key.endswith("_url"):
                yield value
            yield from urls(value)
    elif isinstance(part, list):
        for value in part:
            yield from urls(value)


def test_everything_of_slacks_comes_to_the_one_address():
    found = list(urls(MANIFEST))
    assert len(found) == 4
    assert set(found) == {"https://claimbot.example.com/slack/events"}
    assert urlsplit(found[0]).scheme == "https"


def test_interactivity_is_on_and_a_static_token_can_be_used():
    assert APP_SETTINGS["interactivity"]["is_enabled"] is True
    assert APP_SETTINGS["token_rotation_enabled"] is False
