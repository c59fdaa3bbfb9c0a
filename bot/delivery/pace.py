"""Slack's limits for each method, for each whole workspace and all replicas together (reference/slack.md 1.6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.delivery.slack_errors import asked_pause
from bot.slack_client import MeasuredClient
from jobs.delivery import RetryLater
from models.database import Database
from models.operations.pace import close_gate, pass_gate


@dataclass(frozen=True, slots=True)
class Rate:
    """What Slack grants a method: so many calls a minute, of which ``at_once`` may come together after a rest."""

    a_minute: int
    at_once: int
    # Whether a refusal says that the whole workspace has to wait; posting is also limited channel by channel.
    shared: bool = True

    @property
    def every(self) -> timedelta:
        """The time from call to call in the long run; what may come at once is taken off."""
        return timedelta(minutes=1) / (self.a_minute - self.at_once)

    @property
    def burst(self) -> timedelta:
        """What may come at once, as a time."""
        return self.every * (self.at_once - 1)


RATES: Mapping[str, Rate] = MappingProxyType(
    {
        "chat.postMessage": Rate(300, at_once=60, shared=False),  # "several hundred a minute"
        "chat.update": Rate(50, at_once=10),
        "chat.delete": Rate(50, at_once=10),
        "files.delete": Rate(50, at_once=10),
        "conversations.history": Rate(50, at_once=10),
        "conversations.replies": Rate(50, at_once=10),
        "views.publish": Rate(100, at_once=20),
    }
)


class PacedClient(MeasuredClient):
    """A client for the outbox: a call that Slack would refuse for its rate is put off before it is made.

    Raises RetryLater instead of calling. Each workspace has limits of its own, and so has each ``workspace`` here.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Callable[[], datetime],
        rates: Mapping[str, Rate] = RATES,
        workspace: str = "",
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self._gates = database
        self._clock = clock
        self._rates = rates
        self._workspace = workspace

    def api_call(self, api_method: str, **call: Any) -> SlackResponse:
        """One call of Slack's API, or a RetryLater."""
        rate = self._rates.get(api_method)
        if rate is None:
            return super().api_call(api_method, **call)
        gate = f"{self._workspace}:{api_method}" if self._workspace else api_method
        wait = pass_gate(self._gates, gate, now=self._clock(), every=rate.every, burst=rate.burst)
        if wait:
            raise RetryLater(wait)
        try:
            return super().api_call(api_method, **call)
        except SlackApiError as error:
            pause = asked_pause(error)
            if pause is not None and rate.shared:
                close_gate(self._gates, gate, until=self._clock() + pause, burst=rate.burst)
            raise
