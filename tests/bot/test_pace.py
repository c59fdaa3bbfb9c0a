"""Slack's limits for a method, kept for the workspace by all replicas together."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.delivery.pace import PacedClient, Rate
from bot.web.metrics import Metrics
from jobs.delivery import RetryLater
from models.database import Database
from sandbox.server import Sandbox
from tests.cast import Clock

# One every two seconds in the long run, three at once.
RATE = Rate(33, at_once=3)
TWO_SECONDS = timedelta(seconds=2)


@pytest.fixture
def slack() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        sandbox.add_channel("C0ONE", "one")
        yield sandbox


def client(slack: Sandbox, database: Database, clock: Clock, rate: Rate = RATE, workspace: str = "") -> WebClient:
    return PacedClient(
        metrics=Metrics(),
        database=database,
        clock=clock,
        rates={"chat.postMessage": rate},
        workspace=workspace,
        token=slack.app.bot_token,
        base_url=f"{slack.base_url}/api/",
        retry_handlers=[],
    )


def pause(client: WebClient) -> timedelta:
    """How long a post is put off; zero: it was made."""
    try:
        client.chat_postMessage(channel="C0ONE", text="Hello")
    except RetryLater as later:
        return later.after
    return timedelta(0)


def test_each_workspace_has_its_own_limits(slack: Sandbox, rolled_back: Database, clock: Clock):
    home, other = client(slack, rolled_back, clock), client(slack, rolled_back, clock, workspace="T0OTHER")
    assert [bool(pause(home)) for _ in range(4)] == [False, False, False, True]
    assert [bool(pause(other)) for _ in range(4)] == [False, False, False, True]


def test_some_calls_go_at_once_and_then_as_many_as_slack_grants_whoever_asks(
    slack: Sandbox, rolled_back: Database, clock: Clock
):
    one, other = client(slack, rolled_back, clock), client(slack, rolled_back, clock)
    assert [bool(pause(asked)) for asked in (one, other, one, other, one)] == [False, False, False, True, True]
    clock.advance(TWO_SECONDS)
    assert [bool(pause(asked)) for asked in (other, one)] == [False, True]
    assert len(slack.calls) == 4


def test_those_who_are_put_off_are_told_moments_one_behind_the_other(
    slack: Sandbox, rolled_back: Database, clock: Clock
):
    asked = client(slack, rolled_back, clock)
    assert [pause(asked) for _ in range(6)][3:] == [TWO_SECONDS, 2 * TWO_SECONDS, 3 * TWO_SECONDS]


def test_over_a_long_time_no_minute_has_more_calls_than_slack_grants(
    slack: Sandbox, rolled_back: Database, clock: Clock
):
    asked = client(slack, rolled_back, clock)
    made = []
    for second in range(180):
        if not pause(asked):
            made.append(second)
        clock.advance(timedelta(seconds=1))
    most = max(sum(start <= second < start + 60 for second in made) for start in range(120))
    assert RATE.a_minute - RATE.at_once <= most <= RATE.a_minute


def test_what_slack_refuses_for_its_rate_holds_up_every_replica_as_long_as_slack_says(
    slack: Sandbox, rolled_back: Database, clock: Clock
):
    one, other = client(slack, rolled_back, clock), client(slack, rolled_back, clock)
    slack.faults.rate_limit("chat.postMessage", retry_after=30)
    with pytest.raises(SlackApiError):
        one.chat_postMessage(channel="C0ONE", text="Hello")
    clock.advance(timedelta(seconds=29))
    assert pause(other)
    assert len(slack.calls) == 1, "the second was not even asked"
    clock.advance(timedelta(seconds=1))
    assert not pause(other)


def test_a_limit_that_may_be_a_channels_own_holds_up_nobody_else(slack: Sandbox, rolled_back: Database, clock: Clock):
    asked = client(slack, rolled_back, clock, Rate(33, at_once=3, shared=False))
    slack.faults.rate_limit("chat.postMessage", retry_after=30)
    with pytest.raises(SlackApiError):
        asked.chat_postMessage(channel="C0ONE", text="Hello")
    assert not pause(asked)


def test_a_method_without_a_rate_is_never_put_off(slack: Sandbox, rolled_back: Database, clock: Clock):
    asked = client(slack, rolled_back, clock)
    for _ in range(9):
        assert asked.auth_test()["ok"]
