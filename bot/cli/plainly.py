"""What the commands share: faults that are to be expected become a plain line and an exit code, never a traceback."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from slack_sdk.errors import SlackApiError

    from bot.settings import LocalSettings
    from models.database import Database
    from models.memory import Memory

FAULT = 1
MISUSE = 2  # also what Typer exits with when an argument is wrong


def fail(message: str, code: int = FAULT) -> NoReturn:
    """Say `message` on stderr and exit with `code`."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


@contextmanager
def expected_errors() -> Iterator[None]:
    """What users can cause and put right, within the block, ends the command with a line that says so."""
    from urllib.error import URLError

    from slack_bolt.error import BoltError
    from slack_sdk.errors import SlackApiError
    from sqlalchemy.exc import OperationalError

    from bot.settings import SettingsError
    from models.memory import NoDirectory
    from rules.faults import ProgrammeError

    try:
        yield
    except SettingsError as error:
        fail(str(error), MISUSE)
    except ProgrammeError as error:
        fail("\n".join(map(str, error.faults)))
    except NoDirectory as error:
        fail(str(error))
    except OperationalError as error:
        fail(f"The database cannot be used (DATABASE_URL): {str(error.orig).splitlines()[0]}")
    except SlackApiError as error:
        fail(f"Slack refused: {slack_error(error)}")
    except BoltError as error:
        # Bolt asks Slack who the bot is, and says what came back; the token is not in it.
        fail(f"Slack does not take SLACK_BOT_TOKEN: {error}")
    except subprocess.SubprocessError:
        fail("The embedded PostgreSQL does not start: see the file postgres/log in DATA_DIR, or set DATABASE_URL")
    except URLError as error:
        reason = getattr(error.reason, "strerror", None) or error.reason
        fail(f"Slack cannot be reached: {reason}. Look at the network, a proxy, SLACK_API_URL")
    except OSError as error:
        fail(f"{error.strerror or error}: {error.filename}".removesuffix(": None"))


def slack_error(error: SlackApiError) -> str:
    """The code that Slack gave, such as invalid_auth; the exception's own text holds Slack's whole answer."""
    # Without an answer there may be no response at all, whatever its type says.
    return str(error.response.get("error", "no answer")) if error.response else "no answer"


@contextmanager
def opened(settings: LocalSettings, *, current: bool = True) -> Iterator[Database]:
    """The database of `settings`, closed at the end. `current`: only with the newest schema."""
    from models.database import Database

    url = settings.database_url
    try:
        database = Database(url.get_secret_value() if url else None, settings.data_dir)
    except OSError as error:
        fail(f"DATA_DIR cannot be used: {error.strerror or error}: {error.filename}")
    except (RuntimeError, subprocess.SubprocessError):
        fail(f"The embedded PostgreSQL does not start in {settings.data_dir}: see its log there, or set DATABASE_URL")
    try:
        if current and not database.schema().usable:
            fail("The database has not this version's schema: run claimbot db upgrade")
        yield database
    finally:
        database.close()


def memory_of(database: Database) -> Memory:
    """What the bot works with, as the settings have it."""
    from bot.settings import load_local_settings
    from bot.wiring import utc_now
    from models.memory import Memory
    from rules.loading import load_programme

    settings = load_local_settings()
    return Memory(
        database,
        load_programme(settings.rules_dir),
        utc_now,
        country=settings.programme_country,
        timezone=settings.programme_timezone,
    )
