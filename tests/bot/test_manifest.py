"""manifest.yaml against the rules of Slack's manifest schema 2, and against what the code calls and listens to."""

import ast
import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from pydantic import ValidationError
from slack_sdk import WebClient

from bot.commands import TABLE
from bot.settings import Settings
from tests.bot.manifest_schema import Manifest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "manifest.yaml").read_text(encoding="utf-8")
MANIFEST: dict[str, Any] = yaml.safe_load(TEXT)
FEATURES, APP_SETTINGS = MANIFEST["features"], MANIFEST["settings"]
SCOPES: list[str] = MANIFEST["oauth_config"]["scopes"]["bot"]
EVENTS: list[str] = APP_SETTINGS["event_subscriptions"]["bot_events"]

# Without the scope Slack refuses the subscription (the reference page of each event names it).
SCOPE_OF_EVENT: dict[str, set[str]] = {
    "app_home_opened": set(),
    "app_mention": {"app_mentions:read"},
    "app_uninstalled": set(),
    "member_joined_channel": {"channels:read", "groups:read"},
    "message.channels": {"channels:history"},
    "message.groups": {"groups:history"},
    "message.im": {"im:history"},
    "tokens_revoked": set(),
    "user_change": {"users:read"},
}
# The scopes that each method needs for what we ask of it: public and private channels (docs.slack.dev, methods).
SCOPES_OF_METHOD: dict[str, set[str]] = {
    "apps.connections.open": set(),  # the app-level token's connections:write
    "auth.test": set(),
    "chat.delete": {"chat:write"},
    "chat.getPermalink": set(),
    "chat.postEphemeral": {"chat:write"},
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.history": {"channels:history", "groups:history"},
    "conversations.info": {"channels:read", "groups:read"},
    "conversations.members": {"channels:read", "groups:read"},
    "conversations.replies": {"channels:history", "groups:history"},
    "files.completeUploadExternal": {"files:write"},
    "files.delete": {"files:write"},
    "files.getUploadURLExternal": {"files:write"},
    "files.info": {"files:read"},
    "users.info": {"users:read"},
    "users.list": {"users:read"},
    "views.open": set(),
    "views.publish": set(),
    "views.push": set(),
    "views.update": set(),
}
# What the SDK makes of several methods, and what it has beside them.
COMPOSED = {"files_upload_v2": {"files.getUploadURLExternal", "files.completeUploadExternal"}}
NOT_METHODS = {"api_call", "__init__"}


def test_it_keeps_every_rule_of_slacks_published_schema():
    Manifest.model_validate(MANIFEST)
    assert MANIFEST["_metadata"]["major_version"] == 2


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("display_information", "name"), "x" * 36),
        (("display_information", "description"), "x" * 141),
        (("display_information", "long_description"), "x" * 174),
        (("display_information", "background_color"), "navy"),
        (("display_information", "icon"), "x"),
        (("features", "bot_user", "display_name"), "Claim Bot"),
        (("features", "shortcuts", 0, "name"), "x" * 25),
        (("features", "shortcuts", 0, "type"), "local"),
        (("features", "slash_commands", 0, "command"), "claim"),
        (("features", "slash_commands", 0, "usage_hint"), "x" * 1001),
        (("features", "slash_commands", 0, "url"), "claimbot.example.com"),
        (("features", "slash_commands", 0, "should_escape"), "yes"),
        (("oauth_config", "scopes", "bots"), []),
        (("settings", "event_subscriptions", "bot_events"), ["app_mention", "app_mention"]),
        (("settings", "interactivity", "is_enabled"), None),
        (("settings", "events"), {}),
    ],
    ids=str,
)
def test_the_copy_of_the_schemas_rules_refuses_what_slack_refuses(place: tuple[Any, ...], value: Any):
    broken = deepcopy(MANIFEST)
    part: Any = broken
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    with pytest.raises(ValidationError):
        Manifest.model_validate(broken)


def test_with_socket_mode_and_no_addresses_it_keeps_them_too():
    changed = deepcopy(MANIFEST)
    changed["settings"]["socket_mode_enabled"] = True
    for part in (*changed["features"]["slash_commands"], *changed["settings"].values()):
        for key in ("url", "request_url", "message_menu_options_url"):
            if isinstance(part, dict):
                part.pop(key, None)
    Manifest.model_validate(changed)


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


def called() -> set[str]:
    """The Web API methods that the code calls, such as chat.postMessage, found by reading it."""
    found: set[str] = set()
    for path in (each for folder in ("bot", "jobs") for each in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = node.attr if isinstance(node, ast.Attribute) else ""
            if "_" in name and name not in NOT_METHODS and callable(getattr(WebClient, name, None)):
                found |= COMPOSED.get(name, {name.replace("_", ".")})
    return found


def test_every_method_that_the_code_calls_has_its_scope_and_there_is_no_scope_without_a_use():
    unknown = called() - SCOPES_OF_METHOD.keys()
    assert unknown == set(), "say in SCOPES_OF_METHOD which scopes they need (the method's page at docs.slack.dev)"
    needed = {scope for name in called() for scope in SCOPES_OF_METHOD[name]}
    needed |= {scope for event in EVENTS for scope in SCOPE_OF_EVENT[event]} | {"commands"}
    assert needed - set(SCOPES) == set(), "ask for them in manifest.yaml, and say why in docs/setup.md"
    assert set(SCOPES) - needed == set(), (
        "nothing needs them any more: take them out of manifest.yaml and docs/setup.md"
    )
    assert MANIFEST["oauth_config"]["scopes"].keys() == {"bot"}


def test_every_event_is_listened_to_and_has_the_scopes_without_which_slack_refuses_it():
    assert len(EVENTS) == len(set(EVENTS))
    assert set(EVENTS) <= SCOPE_OF_EVENT.keys()
    code = "\n".join(each.read_text(encoding="utf-8") for each in (ROOT / "bot").rglob("*.py"))
    heard = set(re.findall(r"""\.event\(\s*["'](\w+)["']""", code))
    assert {event.split(".")[0] for event in EVENTS} == heard


def test_the_set_up_page_gives_the_reason_for_each_scope_and_each_event():
    page = (ROOT / "docs" / "setup.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_:.]+)` \| (.{20,}) \|$", page, re.MULTILINE))
    assert rows.keys() == {*SCOPES, *EVENTS}


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
