"""The courier against a local Slack that misbehaves: nothing is lost, nothing is said twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from slack_sdk import WebClient
from sqlalchemy import select

from bot.delivery.download import FOREIGN_HOST, fetch
from jobs.delivery import Refused
from models.database import Database
from models.operations import outbox, reviewing
from models.tables import Card, Outgoing
from rules.lifecycle import Status
from sandbox.objects import Message
from tests.cast import TEAM, WHO, claim_in
from tests.stories.world import FIRST, FOURTH, SECOND, THIRD, World, world_of
from tests.visitor import visit

PARTNER, REVIEWERS = "C0CONTOSO", "C0REVIEW"


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    with world_of(database, tmp_path) as world:
        yield world


def rows(world: World, kind: str) -> list[tuple[str, str | None]]:
    """State and problem of the outbox rows of a kind, oldest first."""
    with world.bot.memory.database.transaction() as session:
        found = session.scalars(select(Outgoing).where(Outgoing.kind == kind).order_by(Outgoing.id))
        return [(one.state, one.problem) for one in found]


def called(world: World, method: str) -> int:
    return sum(one.method == method for one in world.sandbox.calls)


def messages(world: World, channel: str = PARTNER) -> list[str]:
    """What stands in a channel and its threads."""
    return [one.visible_text for one in world.sandbox.workspace.messages[channel]]


def later(world: World, seconds: int = 300) -> None:
    world.clock.advance(timedelta(seconds=seconds))
    world.settle()


def test_a_card_whose_answer_was_lost_is_found_and_not_posted_again(world: World):
    plan = world.sandbox.faults.lose_answer("chat.postMessage")
    world.claim_in(Status.DRAFT)
    assert plan.happened == 1
    assert rows(world, "card") == [("pending", "unknown")]

    later(world)
    assert rows(world, "card") == [("sent", None)]
    assert called(world, "conversations.history") == 1
    assert len(messages(world)) == 1
    with world.bot.memory.database.transaction() as session:
        card = session.get_one(Card, (1, "partner"))
        assert card.ts == world.card("Ana", PARTNER).ts


def test_a_story_whose_answer_was_lost_is_found_and_not_told_again(world: World):
    number = world.claim_in(Status.SUBMITTED)
    world.sandbox.faults.lose_answer("chat.postMessage")
    reviewing.start_review(world.bot.memory, WHO["Rosa"], number)
    world.settle()
    assert ("pending", "unknown") in rows(world, "story")

    later(world)
    assert {state for state, _ in rows(world, "story")} == {"sent"}
    assert called(world, "conversations.replies") == 1
    for who, channel in (("Ana", PARTNER), ("Rosa", REVIEWERS)):
        assert len(world.thread(who, channel)) == 2


def test_a_story_is_found_in_a_thread_of_many_pages(world: World):
    number = world.claim_in(Status.SUBMITTED)
    ana, card = world.person("Ana"), world.card("Ana", PARTNER)
    for n in range(205):
        world.sandbox.workspace.post(type(card)(PARTNER, "", ana.id, f"{n}", thread_ts=card.ts))
    world.sandbox.faults.lose_answer("chat.postMessage")
    reviewing.start_review(world.bot.memory, WHO["Rosa"], number)
    world.settle()
    later(world)
    assert sum("started the review" in one for one in world.thread("Ana", PARTNER)) == 1


def test_a_card_is_found_behind_hundreds_that_came_after_it(world: World):
    world.sandbox.faults.lose_answer("chat.postMessage")
    world.claim_in(Status.DRAFT)
    ana = world.person("Ana")
    for n in range(450):
        world.sandbox.workspace.post(Message(PARTNER, "", ana.id, f"{n}"))
    later(world)
    assert sum("CL-000001" in one for one in messages(world)) == 1
    assert called(world, "conversations.history") == 3, "page by page"


def test_what_came_long_before_a_message_was_due_is_not_looked_through_for_it(world: World):
    ana = world.person("Ana")
    for n in range(450):
        world.sandbox.workspace.post(Message(PARTNER, "", ana.id, f"{n}"))
    world.clock.advance(timedelta(hours=1))
    world.sandbox.faults.fail("chat.postMessage")
    world.claim_in(Status.DRAFT)
    later(world)
    assert called(world, "conversations.history") == 1
    assert "CL-000001" in world.card("Ana", PARTNER).text


def test_a_lost_answer_of_a_redraw_is_simply_drawn_again(world: World):
    number = world.claim_in(Status.SUBMITTED)
    world.sandbox.faults.lose_answer("chat.update")
    reviewing.start_review(world.bot.memory, WHO["Rosa"], number)
    world.settle()
    later(world)
    assert {state for state, _ in rows(world, "card")} == {"sent"}
    assert len(world.person("Ana").messages(PARTNER)) == 1
    assert "Under review" in world.card("Ana", PARTNER).visible_text


def test_a_card_that_somebody_deleted_is_posted_anew_with_its_story_under_it(world: World):
    number = world.claim_in(Status.SUBMITTED)
    workspace, old = world.sandbox.workspace, world.card("Ana", PARTNER)
    workspace.remove(workspace.message(PARTNER, old.ts))
    reviewing.start_review(world.bot.memory, WHO["Rosa"], number)
    world.settle()

    # What is left of a message with replies is not the bot's any more.
    assert {one.error for one in world.sandbox.refusals} == {"cant_update_message"}
    world.sandbox.refusals.clear()
    new = world.card("Ana", PARTNER)
    assert new.ts != old.ts
    assert "Under review" in new.visible_text
    assert ["started the review" in one for one in world.thread("Ana", PARTNER)] == [True]
    reviewing.approve(world.bot.memory, WHO["Rosa"], number)
    world.settle()
    assert world.card("Ana", PARTNER).ts == new.ts
    assert "Approved" in world.card("Ana", PARTNER).visible_text


def test_the_pause_that_slack_asks_for_is_kept_to_the_second(world: World):
    world.sandbox.faults.rate_limit("chat.postMessage", retry_after=30)
    world.claim_in(Status.DRAFT)
    assert called(world, "chat.postMessage") == 1
    later(world, 29)
    assert called(world, "chat.postMessage") == 1
    later(world, 1)
    assert called(world, "chat.postMessage") == 2
    assert rows(world, "card") == [("sent", None)]
    assert called(world, "conversations.history") == 0, "nothing was posted, so nothing is looked for"


@pytest.mark.parametrize("fault", ["500", "503", "time-out", "internal_error", "fatal_error"])
def test_trouble_of_slacks_is_waited_out_and_nothing_is_lost_or_doubled(world: World, fault: str):
    faults = world.sandbox.faults
    if fault == "time-out":
        faults.time_out("chat.postMessage", hold=0.01)
    elif fault.isdigit():
        faults.fail("chat.postMessage", status=int(fault), times=3)
    else:
        faults.refuse("chat.postMessage", fault, times=3)
    world.claim_in(Status.SUBMITTED)
    assert "unknown" in {problem for _, problem in rows(world, "card")}
    for _ in range(6):
        later(world)
    assert {state for kind in ("card", "story") for state, _ in rows(world, kind)} == {"sent"}
    for channel in (PARTNER, REVIEWERS):
        assert len(messages(world, channel)) == 2, "a card and its story"


def test_trouble_while_a_message_is_looked_up_does_not_post_it_again(world: World):
    world.sandbox.faults.lose_answer("chat.postMessage")
    world.sandbox.faults.fail("conversations.history", times=2)
    world.claim_in(Status.DRAFT)
    for _ in range(3):
        later(world)
    assert len(messages(world)) == 1
    assert rows(world, "card") == [("sent", None)]


def test_what_slack_never_takes_is_given_up_and_holds_up_nobody_else(world: World):
    world.sandbox.faults.refuse("chat.postMessage", "restricted_action", times=1)
    world.claim_in(Status.DRAFT)
    assert rows(world, "card") == [("dead", "restricted_action")]
    claim_in(world.bot.memory, Status.DRAFT)
    world.settle()
    assert "CL-000002" in world.card("Ana", PARTNER).text


def test_what_only_a_newer_version_can_deliver_is_left_to_it_and_its_lane_goes_on(world: World):
    lane, memory = f"{TEAM}/{PARTNER}", world.bot.memory
    with memory.database.transaction() as session:
        outbox.enqueue(session, kind="fax", team=TEAM, lane=lane, payload={}, unique_key="fax:1", now=world.clock())
    world.claim_in(Status.DRAFT)
    later(world)
    assert "CL-000001" in world.card("Ana", PARTNER).text
    assert rows(world, "fax") == [("pending", None)]
    # Nor is this replica ill for it.
    assert visit(f"{world.bot.url}/readyz").status == 200
    # A replica of the version that wrote it takes it, and before what came into the lane later.
    claim_in(memory, Status.DRAFT)
    taken = outbox.take(memory.database, worker="newer", now=world.clock(), batch=9, lease=timedelta(minutes=2))
    assert [row.kind for row in taken if row.lane == lane] == ["fax"]


# -- files -------------------------------------------------------------------------------------------------------------


def hand_in(world: World) -> None:
    """Ana hands in a proof, and the check is still to come."""
    world.person("Ana").command("/claim new", PARTNER)
    for page in (FIRST, SECOND, THIRD, FOURTH):
        world.turn_page("Ana", page)


@pytest.mark.parametrize(
    ("api", "url"),
    [
        ("https://slack.com/api/", "https://files.example.com/F0/sow.pdf"),
        ("https://slack.com/api/", "http://files.slack.com/F0/sow.pdf"),
        ("https://slack.com/api/", "https://files.slack.com.example.com/F0/sow.pdf"),
        ("https://slack.com/api/", "https://files.slack.com@example.com/F0/sow.pdf"),
        ("https://slack.com/api/", "file:///etc/passwd"),
        ("https://slack.com/api/", ""),
        ("http://127.0.0.1:1/api/", "http://127.0.0.1:2/F0/sow.pdf"),
        ("http://127.0.0.1:1/api/", "https://files.slack.com/F0/sow.pdf"),
    ],
)
def test_a_file_of_another_host_is_not_asked_for(api: str, url: str, monkeypatch: pytest.MonkeyPatch):
    def no_request(*_: object, **__: object) -> None:
        raise AssertionError("the token was sent")

    monkeypatch.setattr("bot.slack_hosts.build_opener", no_request)
    with pytest.raises(Refused) as refused:
        fetch(WebClient(token="xoxb-secret", base_url=api), url, 10)
    assert refused.value.problem == FOREIGN_HOST


def test_a_file_kept_elsewhere_is_refused_in_the_form_with_words_and_never_fetched(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    hand_in(world)
    [file] = world.sandbox.workspace.files.values()
    file.url_base = "https://drive.example.com"
    world.settle()
    text = world.form("Ana").text
    assert (
        "sow.pdf: The file is kept outside of Slack. Please save it on your computer and hand it in from there." in text
    )
    assert called(world, "download") == 0


@pytest.mark.parametrize("status", [302, 403, 404])
def test_a_file_that_slack_does_not_hand_over_is_asked_for_again_and_then_refused_with_words(world: World, status: int):
    world.sandbox.faults.fail("download", status=status, times=99)
    hand_in(world)
    world.settle()
    assert world.form("Ana").title == "Checking the proof"
    for _ in range(5):
        later(world)
    assert "sow.pdf: The file could not be fetched from Slack. Please hand it in again." in world.form("Ana").text
    assert called(world, "download") == 5


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_file_is_waited_for_while_slack_has_trouble(world: World, status: int):
    world.sandbox.faults.fail("download", status=status, times=12)
    hand_in(world)
    for _ in range(14):
        later(world)
    assert world.form("Ana").title == "Submit for review"


def test_a_file_that_never_arrives_is_refused_with_words_in_the_end(world: World):
    world.sandbox.faults.lose_answer("download", times=99)
    hand_in(world)
    for _ in range(12):
        later(world)
    assert "The file could not be fetched from Slack. Please hand it in again." in world.form("Ana").text
    assert rows(world, "fetch_proof") == [("sent", None)]


def test_a_form_that_was_closed_before_its_file_was_checked_is_no_trouble(world: World):
    hand_in(world)
    world.form("Ana").close()
    world.settle()
    assert rows(world, "proof_checked") == [("sent", None)]
    assert world.person("Ana").direct_messages() == []
    assert "sow.pdf" in world.card("Ana", PARTNER).visible_text
