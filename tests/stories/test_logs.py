"""What is logged while people work: enough to see what went on, and nothing that anybody wrote or that opens a door."""

from __future__ import annotations

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from slack_sdk.signature import Clock as SignatureClock
from slack_sdk.signature import SignatureVerifier

from rules.lifecycle import Status
from tests.cast import DIRECTORY
from tests.loglines import Lines
from tests.stories.world import ACKNOWLEDGED, FIRST, FOURTH, PDF, SECOND, THIRD, World

PARTNER, REVIEWERS = "C0CONTOSO", "C0REVIEW"
SECRET = "Zanzibar"  # in everything that is typed, and in nothing else


def typed(text: str) -> str:
    return f"{text} {SECRET}"


def outlast(world: World) -> None:
    """Let time pass until whatever failed was done again."""
    for _ in range(4):
        world.wait(10)


def everything_that_people_do(world: World) -> None:
    """One claim all the way, with what goes wrong on it."""
    ana, rosa, remy = map(world.person, ("Ana", "Rosa", "Remy"))
    faults = world.sandbox.faults
    ana.command("/claim new", PARTNER)
    world.turn_page("Ana", FIRST | {"Claim name": typed("Northwind")})
    world.turn_page("Ana", SECOND | {"Customer tenant ID": SECRET})
    world.turn_page("Ana", SECOND | {"Customer name": typed("Northwind"), "Customer domain": f"{SECRET}.com"})
    people = {label: f"cara@{SECRET}.com" if "customer" in label.lower() else typed("Cara") for label in THIRD}
    world.turn_page("Ana", people | {"Partner contact e-mail": f"ana@{SECRET}.org"})
    wrong = [(f"{SECRET}.pdf", SECRET.encode())]
    world.turn_page("Ana", FOURTH | {"Comments": typed("Please"), "Proof of execution": wrong})
    world.settle()
    world.wait()
    faults.fail("download", status=404)
    faults.lose_answer("files.info")
    world.turn_page("Ana", {"Proof of execution": [(f"{SECRET}.pdf", PDF)]})
    outlast(world)
    faults.fail("chat.postMessage")
    faults.lose_answer("chat.update")
    faults.rate_limit("chat.update", skip=1)
    faults.refuse("views.update", "internal_error")
    world.turn_page("Ana", ACKNOWLEDGED)
    assert world.form("Ana").title == "Submitted"
    world.form("Ana").close()
    outlast(world)

    rosa.press("Start review", world.card("Rosa", REVIEWERS))
    outlast(world)
    remy.press("Reject", world.card("Remy", REVIEWERS))
    rosa.press("Reject", world.card("Rosa", REVIEWERS))
    world.turn_page("Rosa", {"Reason": "Missing products", "Message": typed("No")})
    world.turn_page("Remy", {"Reason": "Missing products", "Message": typed("No, too")})
    outlast(world)
    world.form("Remy").close()
    faults.refuse("views.open", "internal_error")
    for _ in range(2):
        ana.press("Dispute", world.card("Ana", PARTNER))
    world.turn_page("Ana", {"Business justification": typed("Because")})
    outlast(world)
    for text in ("list", "show 1", f"show {SECRET}", SECRET, f"list status:{SECRET}", f"list {SECRET}", "help"):
        ana.command(f"/claim {text}", PARTNER)
    ana.open_home()
    ana.reply(world.card("Ana", PARTNER), typed("Hello"))
    ana.post(PARTNER, typed("Hello again"))
    world.settle()


def test_nothing_that_people_write_and_no_token_and_no_address_is_ever_logged(lines: Lines, http_world: World):
    everything_that_people_do(http_world)
    sandbox, logged = http_world.sandbox, lines.getvalue()
    assert len(lines.all()) > 5
    people = [line.split("email: ")[1].split(",")[0].rstrip("}") for line in DIRECTORY.splitlines() if "email:" in line]
    names = ["Ana Admin", "Rosa Review", "Northwind"]
    secrets = [sandbox.app.bot_token, sandbox.app.signing_secret, sandbox.app.app_token, "trigger_id", "response_url"]
    files = [file.url_private for file in sandbox.workspace.files.values()]
    for withheld in (SECRET, SECRET.lower(), *people, *names, *secrets, *files):
        assert withheld not in logged, withheld
    assert "@" not in logged


def test_an_error_that_nobody_foresaw_is_told_with_a_reference_and_logged_without_the_text(
    lines: Lines, http_world: World, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError(typed("cannot"))

    ana = http_world.person("Ana")
    ana.command("/claim new", PARTNER)
    monkeypatch.setattr("models.operations.filing.create", broken)
    form = http_world.form("Ana")
    http_world.turn_page("Ana", FIRST | {"Claim name": typed("Northwind")})
    said = http_world.form("Ana").text
    assert "Something went wrong on our side, and nothing was changed." in said
    reference = said.split("this reference: ")[1].split()[0]
    assert reference in lines.getvalue()
    assert SECRET not in lines.getvalue()
    form.close()
    assert form.values["Claim name"] == typed("Northwind")


@pytest.mark.parametrize(
    ("secret", "seconds_ago"), [("another secret", 0), (None, 301)], ids=["wrong secret", "five minutes old"]
)
def test_a_request_that_slack_did_not_sign_just_now_gets_401_and_leaves_nothing_of_it_anywhere(
    lines: Lines, http_world: World, secret: str | None, seconds_ago: int
):
    http_world.claim_in(Status.SUBMITTED)
    before = (http_world.history(), http_world.public())
    body = urlencode({"command": "/claim", "text": typed("show 1"), "user_id": "U0ANA", "team_id": "T0MAIN"})
    stamp = str(int(SignatureClock().now()) - seconds_ago)
    verifier = SignatureVerifier(secret or http_world.sandbox.app.signing_secret)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": str(verifier.generate_signature(timestamp=stamp, body=body)),
    }
    address = urlsplit(http_world.bot.url)
    connection = HTTPConnection(str(address.hostname), address.port, timeout=10)
    connection.request("POST", "/slack/events", body, headers)
    answer = connection.getresponse()
    said = answer.read().decode()
    connection.close()

    assert answer.status == 401
    assert "CL-000001" not in said
    assert (http_world.history(), http_world.public()) == before
    for withheld in (SECRET, "U0ANA", headers["X-Slack-Signature"], "text="):
        assert withheld not in lines.getvalue()


def test_a_request_can_be_followed_from_slack_to_the_message_that_came_of_it(lines: Lines, http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    lines.truncate(0)
    lines.seek(0)
    http_world.person("Rosa").press("Start review", http_world.card("Rosa", REVIEWERS))
    http_world.settle()
    [request] = [one for one in lines.all() if one["event"] == "acknowledged" and one["kind"] == "action"]
    sent = [one for one in lines.all() if one["event"] == "delivery" and one["outcome"] == "sent"]
    assert {one["kind"] for one in sent} == {"card", "story"}
    assert {one["request_id"] for one in sent} == {request["request_id"]}


def test_what_happens_is_counted_once_and_what_comes_again_is_counted_as_such(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    http_world.sandbox.faults.repeat("block_actions")
    http_world.person("Rosa").press("Start review", http_world.card("Rosa", REVIEWERS))
    http_world.settle()
    shown = http_world.bot.desk.metrics.render().decode().splitlines()
    assert 'claimbot_operations_total{action="start_review",outcome="done"} 1.0' in shown
    assert "claimbot_duplicate_deliveries_total 1.0" in shown
    assert any(
        line.startswith('claimbot_slack_call_seconds_count{method="chat.postMessage",outcome="ok"}') for line in shown
    )
