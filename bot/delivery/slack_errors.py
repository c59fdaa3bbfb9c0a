"""What an error of Slack's means for a message that was to be posted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

from bot.workspaces import NotInstalled
from jobs.delivery import OutcomeUnknown, Refused, RetryLater, Unavailable

# Slack's own trouble: whether the message was stored is not said (documentation of chat.postMessage, Errors).
_TROUBLE = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"})


@contextmanager
def slack_errors() -> Iterator[None]:
    """Turn what slack_sdk raises into what the delivery knows.

    Raises:
        RetryLater, OutcomeUnknown, Unavailable, Refused: see ``jobs.delivery``.
    """
    try:
        yield
    except NotInstalled as error:
        raise Refused(error.problem) from error
    except SlackApiError as error:
        status = error.response.status_code
        code = str(error.response.get("error") or "")
        if (pause := asked_pause(error)) is not None:
            raise RetryLater(pause) from error
        if status >= 500 or code in _TROUBLE or not code:
            raise OutcomeUnknown from error
        raise Refused(code) from error
    except URLError as error:
        # Refused before anything was sent: surely nothing was posted. Anything else: nobody knows.
        raise (Unavailable if isinstance(error.reason, ConnectionRefusedError) else OutcomeUnknown) from error
    except OSError as error:
        raise OutcomeUnknown from error


def asked_pause(error: SlackApiError) -> timedelta | None:
    """How long Slack wants us to wait; None if it does not say that we were too fast."""
    if error.response.status_code != 429 and error.response.get("error") not in ("ratelimited", "rate_limited"):
        return None
    headers = {name.lower(): value for name, value in error.response.headers.items()}
    try:
        return timedelta(seconds=float(headers.get("retry-after", 1)))
    except ValueError:
        return timedelta(seconds=1)
