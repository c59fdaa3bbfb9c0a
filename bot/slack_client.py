"""Slack's client, measured."""

from __future__ import annotations

import ssl
from functools import cache
from time import perf_counter
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.delivery.slack_errors import asked_pause
from bot.web.metrics import Metrics


@cache
def trusted() -> ssl.SSLContext:
    """Whose word for Slack is taken: the authorities that this machine trusts, read once.

    Without it the SDK reads them all again for each call, which takes tens of milliseconds of computing.
    """
    return ssl.create_default_context()


class MeasuredClient(WebClient):
    """Slack's own client; how long each call takes and how it ends is counted."""

    def __init__(self, *, metrics: Metrics, **settings: Any) -> None:
        super().__init__(ssl=trusted(), **settings)
        self._metrics = metrics

    def api_call(self, api_method: str, **call: Any) -> SlackResponse:
        """One call of Slack's API."""
        began, outcome = perf_counter(), "unreachable"
        try:
            response = super().api_call(api_method, **call)
            outcome = "ok"
            return response
        except SlackApiError as error:
            outcome = "refused" if asked_pause(error) is None else "rate_limited"
            raise
        finally:
            self._metrics.called(api_method, outcome, perf_counter() - began)
