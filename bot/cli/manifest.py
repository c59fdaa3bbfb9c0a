"""`claimbot manifest`: the Slack app, ready to be pasted at api.slack.com."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.plainly import MISUSE, fail

if TYPE_CHECKING:
    from collections.abc import Iterator

MANIFEST = Path(__file__).parents[2] / "manifest.yaml"
_ADDRESSES = ("url", "request_url", "message_menu_options_url")


def register(main: typer.Typer) -> None:
    """Add the command to `main`."""
    main.command("manifest")(show)


def show(
    url: Annotated[
        str | None,
        typer.Option(help="The https:// address of your server. Without it: Socket Mode, no address needed."),
    ] = None,
    command: Annotated[str, typer.Option(help="The slash command.")] = "/claim",
    name: Annotated[str, typer.Option(help="The name of the app and its bot in Slack.")] = "claimbot",
    install_at: Annotated[
        str | None,
        typer.Option(help="PUBLIC_URL, where partners shall be able to install the app in workspaces of their own."),
    ] = None,
) -> None:
    """Print the Slack app's manifest for this installation: create the app from it at https://api.slack.com/apps."""
    from bot.settings import COMMAND, COMMAND_SHAPE

    if any(one is not None and not one.startswith("https://") for one in (url, install_at)):
        fail("Slack needs an address that begins with https://", MISUSE)
    if re.fullmatch(COMMAND, command) is None:
        fail(f"A slash command is {COMMAND_SHAPE}", MISUSE)
    typer.echo(manifest_for(url, command=command, name=name, install_at=install_at), nl=False)


def manifest_for(
    url: str | None, *, command: str = "/claim", name: str = "claimbot", install_at: str | None = None
) -> str:
    """The manifest as YAML: with Slack's deliveries at ``url``, or through Socket Mode where there is none.

    ``install_at``: where other workspaces install the app; None: they do not.
    """
    import yaml

    manifest: dict[str, Any] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    manifest["settings"]["socket_mode_enabled"] = url is None
    for part in _parts(manifest):
        for key in _ADDRESSES:
            if key in part and url is None:
                del part[key]
            elif key in part:
                part[key] = f"{url.rstrip('/') if url else ''}/slack/events"
    if install_at is not None:
        manifest["oauth_config"]["redirect_urls"] = [f"{install_at.rstrip('/')}/slack/oauth_redirect"]
    manifest["features"]["slash_commands"][0]["command"] = command
    manifest["display_information"]["name"] = name
    manifest["features"]["bot_user"]["display_name"] = name.lower().replace(" ", "-")
    return str(yaml.safe_dump(manifest, sort_keys=False, allow_unicode=True, width=110))


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    """Every object within, itself included."""
    if isinstance(value, dict):
        yield value
        for entry in value.values():
            yield from _parts(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _parts(entry)
