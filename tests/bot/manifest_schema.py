"""The rules of Slack's published manifest schema, as far as an app like ours can meet them.

Source: github.com/slackapi/manifest-schema, schemas/manifest.schema.2.0.0.json (MIT), in our own words: what is not
named is refused, as there. Left out, and so refused here: functions, workflows, datastores, agents, the directory.
"""

# mypy: disable-error-code="valid-type,misc"

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, StringConstraints


def text(most: int, least: int = 1, pattern: str | None = None) -> Any:
    """A string of that many characters."""
    return Annotated[str, StringConstraints(min_length=least, max_length=most, pattern=pattern, strict=True)]


def _unique(values: list[str]) -> list[str]:
    if len(set(values)) != len(values):
        raise ValueError("the same twice")
    return values


def several(item: Any, most: int, least: int = 0) -> Any:
    """A list of that many."""
    return Annotated[list[item], Field(min_length=least, max_length=most)]


def address(most: int) -> Any:
    """An http or https address."""
    return text(most, 0, r"^https?://")


Events = Annotated[list[text(50)], Field(max_length=100), AfterValidator(_unique)]


class Part(BaseModel):
    """An object in which nothing else may stand."""

    model_config = ConfigDict(extra="forbid")


class Metadata(Part):
    schema_version: StrictInt | None = None
    min_version: StrictInt | None = None
    major_version: StrictInt | None = None
    minor_version: StrictInt | None = None


class DisplayInformation(Part):
    name: text(35)
    description: text(140) = None
    long_description: text(4000, 175) = None
    background_color: text(7, 4, r"^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$") = None


class AppHome(Part):
    home_tab_enabled: StrictBool = False
    messages_tab_enabled: StrictBool = False
    messages_tab_read_only_enabled: StrictBool = False


class BotUser(Part):
    display_name: text(80, 1, r"^[a-z0-9._-]+$")  # docs: reference/app-manifest
    always_online: StrictBool = False


class Shortcut(Part):
    name: text(24)
    type: Literal["message", "global"]
    callback_id: text(255)
    description: text(150)


class SlashCommand(Part):
    command: text(32, 2, "^/")
    url: address(3000) = None
    description: text(2000)
    usage_hint: text(1000) = None
    should_escape: StrictBool = False


class Features(Part):
    app_home: AppHome | None = None
    bot_user: BotUser | None = None
    shortcuts: several(Shortcut, 10, 1) = None
    slash_commands: several(SlashCommand, 50, 1) = None
    unfurl_domains: several(text(255), 5, 1) = None


class Scopes(Part):
    bot: several(text(50), 255) = None
    user: several(text(50), 255) = None
    bot_optional: several(text(50), 255) = None
    user_optional: several(text(50), 255) = None


class OauthConfig(Part):
    scopes: Scopes | None = None
    redirect_urls: several(text(2500), 1000) = None
    token_management_enabled: StrictBool = False
    pkce_enabled: StrictBool = False


class EventSubscriptions(Part):
    request_url: address(3500) = None
    bot_events: Events = []
    user_events: Events = []


class Interactivity(Part):
    is_enabled: StrictBool
    request_url: address(3500) = None
    message_menu_options_url: address(3500) = None


class Settings(Part):
    allowed_ip_address_ranges: several(text(50), 50, 1) = None
    event_subscriptions: EventSubscriptions | None = None
    interactivity: Interactivity | None = None
    org_deploy_enabled: StrictBool = False
    socket_mode_enabled: StrictBool = False
    token_rotation_enabled: StrictBool = False


class Manifest(Part):
    """A whole manifest."""

    metadata: Metadata | None = Field(default=None, alias="_metadata")
    display_information: DisplayInformation
    features: Features | None = None
    oauth_config: OauthConfig | None = None
    settings: Settings | None = None
