"""`claimbot check`: what an installation lacks, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.cli.plainly import FAULT, slack_error

if TYPE_CHECKING:
    from slack_sdk import WebClient

    from bot.settings import LocalSettings, Settings

MANIFEST = Path(__file__).parents[2] / "manifest.yaml"


@dataclass(frozen=True)
class Finding:
    """What one check found: `said`, and with a fault the `remedy`."""

    ok: bool
    said: str
    remedy: str = ""


def register(main: typer.Typer) -> None:
    """Add the command to `main`."""
    main.command()(check)


def check() -> None:
    """Look for what is wrong with this installation: settings, database, rules, documents, Slack."""
    sound = True
    for name, find in _checks():
        finding = _found(find)
        sound = sound and finding.ok
        typer.echo(f"{'ok   ' if finding.ok else 'FAULT'}  {name:<9}  {finding.said}")
        if finding.remedy:
            typer.echo(f"       {'':<9}  -> {finding.remedy}")
    if not sound:
        raise typer.Exit(FAULT)


def _checks() -> Iterable[tuple[str, Callable[[], Finding]]]:
    """What can be checked: with faulty settings only what they leave."""
    from bot.settings import SettingsError, load_local_settings, load_settings

    settings: Settings | None = None
    local: LocalSettings | None = None
    fault = ""
    try:
        local = settings = load_settings()
    except SettingsError as error:
        fault = str(error)
        try:
            local = load_local_settings()
        except SettingsError:
            local = None
    yield "settings", lambda: check_settings(fault)
    if local is not None:
        here = local
        yield "database", lambda: check_database(here)
        yield "rules", lambda: check_rules(here.rules_dir)
        yield "documents", lambda: check_documents(here.documents)
    if settings is not None:
        whole = settings
        yield "slack", lambda: check_slack(_client(whole), wanted_scopes(MANIFEST))


def _found(find: Callable[[], Finding]) -> Finding:
    """A doctor does not die of what it finds."""
    try:
        return find()
    except Exception as error:
        return Finding(False, f"the check itself failed: {type(error).__name__}", "report this as a fault of claimbot")


def check_settings(fault: str) -> Finding:
    """Whether every setting is there and well formed; `fault` is what loading them said."""
    if fault:
        return Finding(False, fault, "see .env.example; docs/settings.md explains each")
    return Finding(True, "complete")


def check_database(settings: LocalSettings) -> Finding:
    """Whether the database answers and has this version's schema. An embedded one is not created by asking."""
    from sqlalchemy.exc import SQLAlchemyError

    from models.database import Database

    url = settings.database_url
    if url is None and not (settings.data_dir / "postgres").is_dir():
        return Finding(False, f"there is none yet in {settings.data_dir}", "run: claimbot db upgrade")
    try:
        database = Database(url.get_secret_value() if url else None, settings.data_dir)
        try:
            current, newest = database.revisions()
        finally:
            database.close()
    except (SQLAlchemyError, OSError, RuntimeError) as error:
        reason = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        return Finding(False, reason, "start PostgreSQL, or correct DATABASE_URL")
    if current != newest:
        return Finding(False, f"at revision {current}, this version needs {newest}", "run: claimbot db upgrade")
    return Finding(True, f"revision {current}")


def check_rules(directory: Path | None) -> Finding:
    """Whether the programme's files load."""
    from rules.loading import ProgrammeError, load_programme

    try:
        programme = load_programme(directory)
    except ProgrammeError as error:
        more = f" (and {len(error.faults) - 1} more)" if len(error.faults) > 1 else ""
        return Finding(False, f"{error.faults[0]}{more}", "run: claimbot rules check")
    return Finding(True, f"{len(programme.rule_sets)} rule sets, version {programme.version}")


def check_documents(url: str) -> Finding:
    """Whether a file can be written where documents are kept, and taken away again."""
    from fsspec.core import url_to_fs

    try:
        storage, folder = url_to_fs(url)
        storage.makedirs(folder, exist_ok=True)
        storage.pipe_file(f"{folder}/.claimbot-check", b"")
        storage.rm_file(f"{folder}/.claimbot-check")
    except Exception as error:  # each kind of storage has its own
        return Finding(False, f"{url}: {type(error).__name__}", "make it writable, or correct DOCUMENTS_URL")
    return Finding(True, url)


def check_slack(client: WebClient, wanted: frozenset[str]) -> Finding:
    """Whether Slack takes the bot token, and with it every scope of the manifest."""
    from slack_sdk.errors import SlackApiError

    try:
        answer = client.auth_test()
    except SlackApiError as error:
        return Finding(False, f"Slack refuses the bot token: {slack_error(error)}", "correct SLACK_BOT_TOKEN")
    except OSError as error:
        return Finding(False, f"Slack cannot be reached: {type(error).__name__}", "look at the network, SLACK_API_URL")
    headers = {name.lower(): value for name, value in answer.headers.items()}
    granted = {scope.strip() for scope in str(headers.get("x-oauth-scopes", "")).split(",")}
    if missing := wanted - granted:
        return Finding(
            False, f"the token lacks {', '.join(sorted(missing))}", "update the app by manifest.yaml and reinstall it"
        )
    return Finding(True, f"workspace {answer.get('team_id')}, bot {answer.get('user_id')}")


def wanted_scopes(manifest: Path) -> frozenset[str]:
    """The bot scopes that the app's manifest asks for; none where claimbot is installed without it."""
    import yaml

    if not manifest.is_file():
        return frozenset()
    return frozenset(yaml.safe_load(manifest.read_text(encoding="utf-8"))["oauth_config"]["scopes"]["bot"])


def _client(settings: Settings) -> WebClient:
    from slack_sdk import WebClient

    # Seconds: a doctor may be asked when the network hangs.
    return WebClient(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=8)
