"""Addresses that come with a request: nothing is sent to any that is not Slack's, wherever it hides."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import HTTPSHandler

import pytest
from flask import Flask, redirect, request
from slack_bolt import Ack, Respond
from slack_sdk import WebClient
from werkzeug.wrappers import Response

from bot.slack_hosts import ForeignHost, reach
from rules.lifecycle import Status
from sandbox import HttpServer
from tests.cast import TEAM
from tests.loglines import Lines
from tests.stories.world import World


class Elsewhere:
    """Somebody's server, which would like to be told; `/away` shows the way to `/`, as a redirect does."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.web = Flask("elsewhere")
        self.web.add_url_rule("/", "all", self._listen, methods=["GET", "POST"], defaults={"path": ""})
        self.web.add_url_rule("/<path:path>", "some", self._listen, methods=["GET", "POST"])
        self.url = ""

    def _listen(self, path: str) -> Response | str:
        self.told.append(f"{request.method} /{path}")
        return redirect(f"{self.url}/there", 302 if path == "away" else 307) if path.startswith("away") else "ok"


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    place = Elsewhere()
    with HttpServer(place.web) as server:
        place.url = server.url
        yield place


def asked(world: World, words: str, response_url: str) -> None:
    """Rosa asks for what is answered beside the acknowledgement; whoever forged the request says where."""
    command = {
        "command": "/claim",
        "text": words,
        "team_id": TEAM,
        "user_id": "U0ROSA",
        "channel_id": "C0TOWN",
        "trigger_id": world.sandbox.workspace.screens.issue_trigger("U0ROSA"),
        "response_url": response_url,
    }
    assert world.sandbox.courier.deliver("command", "/claim", command).status == 200


def test_an_answer_goes_to_nobody_but_slack_and_the_log_names_the_host_alone(
    http_world: World, elsewhere: Elsewhere, lines: Lines
):
    http_world.claim_in(Status.SUBMITTED)
    own, other = http_world.sandbox.base_url.removeprefix("http://"), elsewhere.url.removeprefix("http://")
    hosts = [other, f"{own}@{other}", f"user:{own}@{other}", f"{other}#@{own}", f"{other}?@{own}"]
    for host in hosts:
        asked(http_world, "list", f"http://{host}/hooks/secret-ticket")
    asked(http_world, "list", "http://[")
    assert elsewhere.told == []
    refused = [line for line in lines.all() if line["event"] == "foreign_address"]
    assert [line["host"] for line in refused] == ["127.0.0.1"] * len(hosts) + [None]
    assert "secret-ticket" not in lines.getvalue()


def test_bolts_own_way_to_answer_leads_to_slack_alone(http_world: World, elsewhere: Elsewhere, lines: Lines):
    def careless(ack: Ack, respond: Respond) -> None:
        ack()
        respond("<!channel> This goes wherever the request says.")

    http_world.bot.app._listeners.clear()
    http_world.bot.app.command("/claim")(careless)
    asked(http_world, "help", f"{elsewhere.url}/hooks")
    assert elsewhere.told == []
    assert "foreign_address" in lines.getvalue()
    rosa = http_world.person("Rosa")
    rosa.command("/claim help", "C0TOWN")
    assert rosa.ephemerals[-1].visible_text == "<!channel> This goes wherever the request says."


@pytest.mark.parametrize("way", ["away", "away/307"])
def test_no_redirect_is_followed_even_from_slack(elsewhere: Elsewhere, way: str):
    slack = WebClient(token="xoxb-1", base_url=f"{elsewhere.url}/api/")
    for data in (b"{}", None):
        with pytest.raises(HTTPError):
            reach(slack, "hooks", f"{elsewhere.url}/{way}", timeout=5, data=data, headers={})
    assert elsewhere.told == [f"POST /{way}", f"GET /{way}"]


@pytest.mark.parametrize(
    ("api", "url"),
    [
        ("https://slack.com/api/", "https://hooks.slack.com/commands/T0/1/x"),
        ("https://www.slack.com/api/", "https://hooks.slack.com/commands/T0/1/x"),
        ("https://slack-gov.com/api/", "https://hooks.slack-gov.com/commands/T0/1/x"),
    ],
)
def test_slacks_own_hosts_are_taken_and_only_over_https_under_their_whole_name(
    api: str, url: str, monkeypatch: pytest.MonkeyPatch
):
    opened: list[str] = []
    trusted = ssl.create_default_context()

    def opener(*handlers: object) -> Opener:
        assert [vars(one)["_context"] for one in handlers if isinstance(one, HTTPSHandler)] == [trusted]
        return Opener()

    class Opener:
        def open(self, request: object, timeout: float) -> None:
            opened.append(request.full_url)  # type: ignore[attr-defined]

    monkeypatch.setattr("bot.slack_hosts.build_opener", opener)
    slack = WebClient(token="xoxb-1", base_url=api, ssl=trusted)
    reach(slack, "hooks", url, timeout=5, headers={})
    assert opened == [url]
    host = url.split("/")[2]
    for name in (
        f"http://{host}/x",
        f"https://{host}:8443/x",
        f"https://{host}.example.com/x",
        f"https://{host}@example.com/x",
        f"https://somebody@{host}/x",
        f"https://{host}\\@example.com/x",
        f"https://example.com/{host}",
        f"https://files.{host.removeprefix('hooks.')}/x",
        f"https://{host.removeprefix('hooks.')}/x",
        f"https://{host}\t.example.com/x",
        "https://127.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/x",
        f"ftp://{host}/x",
        "file:///etc/passwd",
        "//" + host,
        "",
    ):
        with pytest.raises(ForeignHost):
            reach(slack, "hooks", name, timeout=5, headers={})
    assert opened == [url]
