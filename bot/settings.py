"""The settings, from the environment or a file called .env; ``python -m bot.settings`` prints their documentation."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from rules.calendar import countries

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class SettingsError(Exception):
    """A setting is missing or malformed. The message is one line that names each such setting, without its value.

    ``faults`` has the same by setting: its name (empty where it is the whole file), and what is wrong with it.
    """

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(complaint for _, complaint in faults))
        self.faults = tuple(faults)


def _setting(expected: str, description: str, **field: Any) -> Any:
    """A field; ``expected`` completes "must be …", in messages as in the documentation."""
    return Field(description=description, json_schema_extra={"expected": expected}, **field)


# A slash command. 2 to 32 characters: Slack's manifest schema.
COMMAND = r"^/[a-z0-9_-]{1,31}$"
COMMAND_SHAPE = "a slash and 1 to 31 of a-z, 0-9, - and _, such as /claim"


class LocalSettings(BaseSettings):
    """What can be set without Slack: enough to migrate the database or to check rules.

    An empty value counts as unset. Nothing that may hold a password shows in ``repr``.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",  # .env is often shared with other programs
        frozen=True,
        hide_input_in_errors=True,
    )

    database_url: SecretStr | None = _setting(
        "a PostgreSQL URL such as postgresql://user:password@host:5432/claimbot",
        "The database, PostgreSQL 14 or later. Unset: a PostgreSQL that claimbot starts by itself in `DATA_DIR`.",
        default=None,
    )
    data_dir: Path = _setting(
        "a folder",
        "Where claimbot keeps what has no other place: the embedded database and, by default, documents.",
        default=Path(".data"),
    )
    documents_url: str | None = _setting(
        "a folder or a URL that fsspec knows, such as s3://bucket/claims, without a password in it",
        "Where proofs of execution and exports are kept. Unset: the folder `documents` in `DATA_DIR`.",
        default=None,
    )
    smtp_url: SecretStr | None = _setting(
        "a URL such as smtp://user:password@host:587 (STARTTLS) or smtps://host:465",
        "The server for mail to customers. Unset: no mail is sent.",
        default=None,
    )
    mail_from: str | None = _setting(
        "a mail address such as Claims <claims@example.com> (needed with SMTP_URL)",
        "The sender of mail to customers.",
        default=None,
        validate_default=True,
    )
    public_url: str | None = _setting(
        "an address that begins with https:// or http://",
        "Where customers, and partners who install the app, reach this server; the links in mail begin with it.",
        default=None,
    )
    review_channel: str | None = _setting(
        "a channel's id such as C0REVIEW",
        "The reviewers' channel. Unset: the one that the directory file names.",
        default=None,
    )
    programme_country: str | None = _setting(
        "a country's two letters (ISO 3166-1) such as US",
        "The country whose public holidays are no business days. Unset: the one that the directory file names.",
        default=None,
    )
    programme_timezone: str | None = _setting(
        "an IANA time zone such as Europe/Berlin",
        "The zone in which the programme's days end. Unset: the one that the directory file names.",
        default=None,
    )
    rules_dir: Path | None = _setting(
        "a folder that exists",
        "The programme's files: catalogue, limits, reasons and rule sets. Unset: those that come with claimbot.",
        default=None,
    )
    command_name: str = _setting(
        COMMAND_SHAPE,
        "The slash command, as in the app's manifest. The app installed last wins a clash of names.",
        default="/claim",
        pattern=COMMAND,
    )
    host: str = _setting("an address of this machine", "The address to listen on.", default="127.0.0.1")
    port: int = _setting(
        "a number from 0 to 65535 (0: any free one)", "The port to listen on.", default=3000, ge=0, le=65535
    )
    trusted_proxy: str | None = _setting(
        "the IP address of a proxy such as 127.0.0.1",
        "The reverse proxy in front of claimbot. Its `X-Forwarded-For` is believed, and nobody else's, so that the "
        "customer's page limits each visitor and not all together.",
        default=None,
    )
    metrics_token: SecretStr | None = _setting(
        "16 or more characters without spaces",
        "Set: `/metrics` answers only to `Authorization: Bearer` with this, and `/readyz` says to nobody else what is "
        "wrong. Unset: to everybody who reaches the port.",
        default=None,
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] = _setting(
        "one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
        "The least severe records that are logged. Slack's libraries never log below INFO.",
        default="INFO",
    )

    @property
    def documents(self) -> str:
        """Where documents are kept, as a URL."""
        return self.documents_url or (self.data_dir / "documents").resolve().as_uri()

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unset(cls, values: Any) -> Any:
        if not isinstance(values, Mapping):
            return values
        # Secrets often come from files that end in a line break.
        stripped = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
        return {name: value for name, value in stripped.items() if value != ""}

    @field_validator("database_url")
    @classmethod
    def _postgresql(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            try:
                driver = make_url(value.get_secret_value()).drivername
            except ArgumentError as error:
                raise ValueError from error
            _demand(driver in {"postgresql", "postgres", "postgresql+psycopg"})
        return value

    @field_validator("documents_url")
    @classmethod
    def _no_password(cls, value: str | None) -> str | None:
        # It is shown by `claimbot check` and in logs; storage libraries read credentials from their own places.
        _demand(value is None or urlsplit(value).password is None)
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parts = urlsplit(value.get_secret_value())
            _demand(parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and (parts.port or 1) > 0)
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str | None, info: Any) -> str | None:
        if value is None:
            if info.data.get("smtp_url") is not None:
                raise PydanticCustomError("missing", "needed with SMTP_URL")
            return None
        _demand(re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]) is not None and value.isprintable())
        return value

    @field_validator("public_url")
    @classmethod
    def _web(cls, value: str | None) -> str | None:
        return value and _web_address(value).rstrip("/")

    @field_validator("review_channel")
    @classmethod
    def _channel(cls, value: str | None) -> str | None:
        _demand(value is None or re.fullmatch(r"[CG][A-Z0-9]+", value) is not None)
        return value

    @field_validator("programme_country")
    @classmethod
    def _country(cls, value: str | None) -> str | None:
        _demand(value is None or value in countries())
        return value

    @field_validator("programme_timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        _demand(value is None or value in available_timezones())
        return value

    @field_validator("trusted_proxy")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None:
            ip_address(value)  # raises ValueError
        return value

    @field_validator("metrics_token")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        _demand(value is None or re.fullmatch(r"[!-~]{16,}", value.get_secret_value()) is not None)
        return value

    @field_validator("data_dir")
    @classmethod
    def _new_or_folder(cls, value: Path) -> Path:
        _demand(value.is_dir() or not value.exists())
        return value

    @field_validator("rules_dir")
    @classmethod
    def _folder(cls, value: Path | None) -> Path | None:
        _demand(value is None or value.is_dir())
        return value

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper_case(cls, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value


class Settings(LocalSettings):
    """Everything that can be set; what talks to Slack needs it."""

    slack_bot_token: SecretStr = _setting(
        "a bot token, which begins with xoxb- (a rotating one, xoxe, cannot be used)",
        "The bot's token, from the app's page “OAuth & Permissions”. Required.",
    )
    slack_app_token: SecretStr | None = _setting(
        "an app-level token, which begins with xapp-",
        "An app-level token with the scope `connections:write`. Set: Slack is heard through Socket Mode, without HTTP.",
        default=None,
    )
    slack_signing_secret: SecretStr | None = _setting(
        "the signing secret from the app's page “Basic Information” (needed unless SLACK_APP_TOKEN is set)",
        "Proves that a request comes from Slack. Required unless `SLACK_APP_TOKEN` is set.",
        default=None,
        validate_default=True,
    )
    slack_client_id: str | None = _setting(
        "the client id from the app's page “Basic Information”, such as 123456789.987654321",
        "With `SLACK_CLIENT_SECRET` and `TOKEN_KEY`: partners may install the app in workspaces of their own, at "
        "`/slack/install`. Unset: only the programme's own workspace has it.",
        default=None,
    )
    slack_client_secret: SecretStr | None = _setting(
        "the client secret from the app's page “Basic Information” (needed with SLACK_CLIENT_ID)",
        "Proves to Slack that it is we who ask for another workspace's token.",
        default=None,
        validate_default=True,
    )
    token_key: SecretStr | None = _setting(
        "one or more keys with commas between, the newest first, as `claimbot workspaces key` makes them "
        "(needed with SLACK_CLIENT_ID)",
        "The key that encrypts the tokens of other workspaces in the database.",
        default=None,
        validate_default=True,
    )
    slack_api_url: str = _setting(
        "an address that begins with https:// (http:// only on this machine: the bot's token travels to it)",
        "The root of Slack's Web API; another one for tests or GovSlack.",
        default="https://slack.com/api/",
    )

    @field_validator("slack_bot_token", "slack_app_token")
    @classmethod
    def _token(cls, value: SecretStr | None, info: Any) -> SecretStr | None:
        prefix = "xoxb" if info.field_name == "slack_bot_token" else "xapp"
        _demand(value is None or re.fullmatch(rf"{prefix}-[!-~]+", value.get_secret_value()) is not None)
        return value

    @field_validator("slack_signing_secret")
    @classmethod
    def _signing_secret(cls, value: SecretStr | None, info: Any) -> SecretStr | None:
        # Bolt would notice a missing secret only at the first request. A faulty app token is reported by itself.
        if value is None and info.data.get("slack_app_token", ...) is None:
            raise PydanticCustomError("missing", "needed unless SLACK_APP_TOKEN is set")
        return value

    @field_validator("slack_client_id")
    @classmethod
    def _client_id(cls, value: str | None, info: Any) -> str | None:
        _demand(value is None or re.fullmatch(r"[0-9]+\.[0-9]+", value) is not None)
        if value is not None and info.data.get("public_url", ...) is None:
            # Slack leads people back there.
            raise PydanticCustomError("public_url", "needs PUBLIC_URL")
        return value

    @field_validator("slack_client_secret", "token_key")
    @classmethod
    def _with_client_id(cls, value: SecretStr | None, info: Any) -> SecretStr | None:
        client_id = info.data.get("slack_client_id", ...)
        if value is None and isinstance(client_id, str):
            raise PydanticCustomError("missing", "needed with SLACK_CLIENT_ID")
        if value is not None and client_id is None:
            raise PydanticCustomError("without", "of no use without SLACK_CLIENT_ID")
        return value

    @field_validator("token_key")
    @classmethod
    def _keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            from bot.workspaces import Keyring

            Keyring(value.get_secret_value())
        return value

    @field_validator("slack_api_url")
    @classmethod
    def _api(cls, value: str) -> str:
        address = urlsplit(_web_address(value))
        _demand(address.scheme == "https" or address.hostname in LOOPBACK)
        return value.rstrip("/") + "/"


def load_settings(**overrides: Any) -> Settings:
    """The settings; ``overrides`` (by field name, such as ``port=0``) win over the environment and .env.

    ``_env_file=None`` leaves .env aside. Raises SettingsError.
    """
    return _load(Settings, overrides)


def load_local_settings(**overrides: Any) -> LocalSettings:
    """Like `load_settings`, for commands that need no Slack: whether its settings are there is not asked."""
    return _load(LocalSettings, overrides)


def complaint(name: str, value: str, others: Mapping[str, str]) -> str | None:
    """What is wrong with ``value`` for one setting (a field's name) beside the others, by theirs; None: nothing."""
    try:
        Settings.model_validate({**others, name: value})
    except ValidationError as error:
        found = [_complaint(one["loc"], one["type"])[1] for one in error.errors() if one["loc"] == (name,)]
        return found[0] if found else None
    return None


def describe(fmt: Literal["markdown", "env"] = "markdown") -> str:
    """The documentation of all settings: docs/settings.md, or with "env" .env.example."""
    fields = sorted(Settings.model_fields.items(), key=lambda item: not item[0].startswith("slack_"))
    if fmt == "env":
        head = "# Copy to .env and fill in. An empty value counts as unset; the environment wins over this file."
        return "\n\n".join([head, *(_env_entry(name.upper(), field) for name, field in fields)]) + "\n"
    head = (
        "# Settings\n\n"
        "Read from the environment, then from a file `.env` in the working directory. An empty value counts as unset.\n"
        "A missing or malformed setting stops the start with one line that names it.\n\n"
        "<!-- Printed by `python -m bot.settings`: change bot/settings.py, not this file. -->\n"
    )
    return "\n".join([head, *(_section(name.upper(), field) for name, field in fields)])


SettingsT = TypeVar("SettingsT", bound=LocalSettings)


def _load(kind: type[SettingsT], overrides: Mapping[str, Any]) -> SettingsT:
    unknown = set(overrides) - set(kind.model_fields) - {"_env_file"}
    if unknown:
        raise TypeError(f"No such setting: {', '.join(sorted(unknown))}")
    try:
        return kind(**overrides)
    except ValidationError as error:
        raise SettingsError([_complaint(fault["loc"], fault["type"]) for fault in error.errors()]) from None
    except UnicodeDecodeError:
        raise SettingsError([("", "The file .env is not UTF-8 text")]) from None


def _complaint(location: tuple[int | str, ...], kind: str) -> tuple[str, str]:
    name = str(location[0])
    if kind == "public_url":
        return (
            "PUBLIC_URL",
            f"PUBLIC_URL is missing: it must be {_expected('public_url')} (needed with SLACK_CLIENT_ID)",
        )
    if kind == "without":
        return name.upper(), f"{name.upper()} is of no use without SLACK_CLIENT_ID: set both, or neither"
    return name.upper(), f"{name.upper()} {'is missing: it ' if kind == 'missing' else ''}must be {_expected(name)}"


def _expected(name: str) -> str:
    extra = Settings.model_fields[name].json_schema_extra
    return str(extra["expected"]) if isinstance(extra, dict) else ""


def _demand(condition: bool) -> None:
    """The message is made from the field's ``expected``, so that no value can slip into it."""
    if not condition:
        raise ValueError


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    _demand(parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0)
    return value


def _default(field: FieldInfo) -> str:
    return "" if field.is_required() or field.default is None else str(field.default)


def _section(name: str, field: FieldInfo) -> str:
    default = _default(field)
    lines = [f"## {name}", "", str(field.description), "", f"Value: {_expected(name.lower())}."]
    return "\n".join([*lines, *([f"Default: `{default}`."] if default else []), ""])


def _env_entry(name: str, field: FieldInfo) -> str:
    lines = [f"# {field.description}", f"# Value: {_expected(name.lower())}."]
    return "\n".join([*lines, f"{name}={_default(field)}"])


if __name__ == "__main__":
    sys.stdout.write(describe("env" if sys.argv[1:] == ["env"] else "markdown"))
