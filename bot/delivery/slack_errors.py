"""What an error of Slack's means for a message that was to be posted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

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
    except SlackApiError as error:
        status = error.response.status_code
        code = str(error.response.get("error") or "")
        if status == 429 or code in ("ratelimited", "rate_limited"):
            raise RetryLater(timedelta(seconds=_retry_after(error))) from error
        if status >= 500 or code in _TROUBLE or not code:
            raise OutcomeUnknown from error
        raise Refused(code) from error
    except URLError as error:
        # Refused before anything was sent: surely nothing was posted. Anything else: nobody knows.
        raise (Unavailable if isinstance(error.reason, ConnectionRefusedError) else OutcomeUnknown) from error
    except OSError as error:
        raise OutcomeUnknown from error


def _retry_after(error: SlackApiError) -> float:
    headers = {name.lower(): value for name, value in error.response.headers.items()}
    try:
        return float(headers.get("retry-after", 1))
    except ValueError:
        return 1.0
