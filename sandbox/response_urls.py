"""response_urls: who got one, for which message, and how often it was used.

5 messages within 30 minutes of the payload (docs.slack.dev, interactivity/handling-user-interaction).
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.errors import SlackError

USES = 5
LIFE = timedelta(minutes=30)


@dataclass
class ResponseUrl:
    user: str
    channel: str
    message_ts: str | None
    thread_ts: str | None
    issued: datetime
    uses: int = 0


class ResponseUrls:
    def __init__(self, clock: Callable[[], datetime], team: str) -> None:
        self._clock = clock
        self._team = team
        self._lock = threading.Lock()
        self._issued: dict[str, ResponseUrl] = {}
        self.base_url = ""

    def issue(
        self, kind: str, user: str, channel: str, message_ts: str | None = None, thread_ts: str | None = None
    ) -> str:
        """A fresh URL; `kind` is `commands`, `actions` or `app`, as in the paths of hooks.slack.com."""
        token = secrets.token_hex(12)
        with self._lock:
            self._issued[token] = ResponseUrl(user, channel, message_ts, thread_ts, self._clock())
        return f"{self.base_url}/hooks/{kind}/{self._team}/{token}"

    def use(self, token: str) -> ResponseUrl:
        """Counts one use. Refusals: `invalid_url`, `expired_url` after 30 minutes, `used_url` after 5 uses."""
        with self._lock:
            url = self._issued.get(token)
            if url is None:
                raise SlackError("invalid_url")
            if self._clock() - url.issued > LIFE:
                raise SlackError("expired_url")
            if url.uses >= USES:
                raise SlackError("used_url")
            url.uses += 1
            return url
