"""Several workspaces behind one address: each token is good in its own, and an app comes in by Slack's OAuth only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.errors import SandboxError
from sandbox.objects import Team
from sandbox.server import Sandbox
from sandbox.several import CODE_LASTS, SeveralWorkspaces

BACK = "https://app.example.com/back"


class Clock:
    now = datetime(2026, 5, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack(clock: Clock) -> Iterator[SeveralWorkspaces]:
    home, other = Sandbox(clock), Sandbox(clock, team=Team("T0OTHER", "Other", "other"), bot_user="U0OTHERBOT")
    other.add_user("U0BO", "Bo")
    for one in (home, other):
        one.add_channel("C0ONE", "one")
    several = SeveralWorkspaces(home, other)
    several.redirect_url = BACK
    with several:
        yield several


def authorize_url(slack: SeveralWorkspaces, **changes: str) -> str:
    given = {"client_id": slack.client_id, "scope": "chat:write", "redirect_uri": BACK, "state": "s", **changes}
    return f"{slack.base_url}/oauth/v2/authorize?{urlencode(given)}"


def allow(slack: SeveralWorkspaces) -> str:
    """The code that the app gets."""
    query = parse_qs(urlsplit(slack.allow(authorize_url(slack), "U0BO", workspace="T0OTHER")).query)
    assert query["state"] == ["s"]
    return query["code"][0]


def exchange(slack: SeveralWorkspaces, code: str, **changes: str) -> str:
    """The token, or Slack's refusal."""
    given = {"client_id": slack.client_id, "client_secret": slack.client_secret, "redirect_uri": BACK, **changes}
    try:
        return str(WebClient(base_url=f"{slack.base_url}/api/").oauth_v2_access(code=code, **given)["access_token"])
    except SlackApiError as error:
        return str(error.response["error"])


def who(slack: SeveralWorkspaces, token: str) -> str:
    try:
        return str(WebClient(token, base_url=f"{slack.base_url}/api/").auth_test()["team_id"])
    except SlackApiError as error:
        return str(error.response["error"])


def test_a_token_speaks_in_its_own_workspace_and_is_dead_when_the_app_is_removed(slack: SeveralWorkspaces):
    token = exchange(slack, allow(slack))
    assert (who(slack, slack.home.app.bot_token), who(slack, token)) == ("T0SANDBOX", "T0OTHER")
    WebClient(token, base_url=f"{slack.base_url}/api/").chat_postMessage(channel="C0ONE", text="Hello")
    posted = {team: len(one.workspace.messages["C0ONE"]) for team, one in slack.workspaces.items()}
    assert posted == {"T0SANDBOX": 0, "T0OTHER": 1}
    slack.uninstall("T0OTHER", heard=False)
    assert (who(slack, token), who(slack, "xoxb-guessed")) == ("account_inactive", "invalid_auth")
    again = exchange(slack, allow(slack))
    assert again != token
    assert who(slack, again) == "T0OTHER"


def test_a_code_is_good_once_for_ten_minutes_and_for_the_app_that_asked(slack: SeveralWorkspaces, clock: Clock):
    code = allow(slack)
    assert exchange(slack, code, client_secret="guessed") == "bad_client_secret"
    assert exchange(slack, code, client_id="1.2") == "invalid_client_id"
    assert exchange(slack, code).startswith("xoxb-")
    assert exchange(slack, code) == "invalid_code"
    assert exchange(slack, allow(slack), redirect_uri="https://elsewhere.example.com") == "bad_redirect_uri"
    late = allow(slack)
    clock.now += CODE_LASTS + timedelta(seconds=1)
    assert exchange(slack, late) == "invalid_code"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"client_id": "1.2"}, "invalid_client_id"),
        ({"redirect_uri": "https://elsewhere.example.com"}, "redirect_uri did not match"),
        ({"scope": ""}, "invalid_scope"),
    ],
)
def test_slacks_page_refuses_what_is_not_the_apps(slack: SeveralWorkspaces, changes: dict[str, str], says: str):
    with pytest.raises(SandboxError, match=says):
        slack.allow(authorize_url(slack, **changes), "U0BO", workspace="T0OTHER")
