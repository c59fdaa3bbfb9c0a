"""Delivery: in order, at Slack's pace, and neither lost nor doubled whatever happens in between."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from jobs.delivery import (
    CALL_LIMIT,
    DOUBT,
    LEASE,
    LONGEST_PAUSE,
    PACE,
    PATIENCE,
    NotYet,
    Outcome,
    OutcomeUnknown,
    Refused,
    RetryLater,
    Unavailable,
)
from models.operations import outbox
from models.operations.outbox import Taken
from tests.jobs.post import SECOND, Post


def test_a_lane_is_posted_in_order_and_at_slacks_pace(post: Post):
    post.enqueue("a", "b", "c")
    assert post.delivery.drain() == 1
    post.clock.move(PACE - timedelta(milliseconds=1))
    assert post.delivery.drain() == 0
    post.run_for(3 * PACE, step=timedelta(milliseconds=1) + PACE)
    assert post.slack.posted == ["a", "b", "c"]
    assert post.outcomes == [("a", Outcome.SENT), ("b", Outcome.SENT), ("c", Outcome.SENT)]
    assert (post.row("c").channel, post.row("c").ts) == ("C1", f"{post.row('c').id}.0")


def test_without_a_pace_everything_due_is_drained_and_a_limit_is_kept(post: Post):
    post.enqueue("a", "b", "c")
    eager = post.worker("one", pace=timedelta(0))
    assert eager.drain(limit=2) == 2
    assert eager.drain() == 1
    assert eager.drain() == 0


def test_what_a_killed_worker_had_posted_is_found_and_not_posted_again(post: Post):
    post.enqueue("a")
    [row] = outbox.take(post.database, worker="killed", now=post.clock(), batch=1, lease=LEASE)
    post.slack.store(row)
    post.clock.move(LEASE - SECOND)
    assert post.delivery.drain() == 0
    post.clock.move(SECOND)
    post.delivery.drain()
    assert post.slack.posted == ["a"]
    assert post.outcomes == [("a", Outcome.FOUND)]
    assert (post.row("a").state, post.row("a").ts) == ("sent", f"{row.id}.0")


def test_what_a_killed_worker_had_not_posted_is_posted_after_a_look(post: Post):
    post.enqueue("a")
    outbox.take(post.database, worker="killed", now=post.clock(), batch=1, lease=LEASE)
    post.clock.move(LEASE)
    post.delivery.drain()
    assert post.slack.looked_up == ["a"]
    assert post.slack.posted == ["a"]


@pytest.mark.parametrize("stored", [True, False])
def test_after_a_lost_answer_the_message_is_looked_up_before_it_is_posted_again(post: Post, stored: bool):
    post.enqueue("a", "b")
    post.slack.fail("a", OutcomeUnknown(), stored=stored, times=1)
    post.run_for(5 * SECOND)
    assert post.slack.looked_up == ["a"]
    assert post.slack.posted == ["a", "b"]
    assert post.outcomes[0] == ("a", Outcome.UNKNOWN)
    assert post.outcomes[1] == ("a", Outcome.FOUND if stored else Outcome.SENT)


def test_a_message_in_doubt_is_left_alone_for_a_while_since_a_slow_slack_may_store_it_late(post: Post):
    post.enqueue("a")
    late: list[Taken] = []

    def unanswered(row: Taken) -> None:
        late.append(row)
        raise OutcomeUnknown

    post.slack.troubles["a"] = unanswered
    post.delivery.drain()
    post.slack.troubles.clear()
    post.clock.move(DOUBT - SECOND)
    post.delivery.drain()
    post.slack.store(late[0])
    post.clock.move(SECOND)
    post.delivery.drain()
    assert post.slack.posted == ["a"]
    assert post.outcomes[-1] == ("a", Outcome.FOUND)


def test_nothing_is_looked_up_without_a_doubt(post: Post):
    post.enqueue("a")
    post.slack.fail("a", Unavailable(), times=1)
    post.run_for(5 * SECOND)
    assert post.slack.posted == ["a"]
    assert post.slack.looked_up == []


def test_a_doubt_lasts_until_a_look_up_is_answered(post: Post):
    post.enqueue("a")
    post.slack.fail("a", OutcomeUnknown(), stored=True, times=1)

    def down(row: Taken) -> None:
        raise Unavailable

    post.slack.look_up_trouble = down
    post.run_for(20 * SECOND)
    assert len(post.slack.looked_up) > 1
    assert post.row("a").in_doubt
    post.slack.look_up_trouble = None
    post.run_for(LONGEST_PAUSE, step=10 * SECOND)
    assert post.slack.posted == ["a"]
    assert post.row("a").state == "sent"


def test_a_rate_limit_holds_its_lane_as_long_as_slack_asked_and_no_other(post: Post):
    post.enqueue("a", "b", lane="T1:C1")
    post.enqueue("c", "d", lane="T1:C2")
    post.slack.fail("a", RetryLater(30 * SECOND), times=1)
    post.run_for(29 * SECOND)
    assert post.slack.posted == ["c", "d"]
    post.run_for(3 * SECOND)
    assert post.slack.posted == ["c", "d", "a", "b"]


def test_a_rate_limit_holds_its_lane_for_a_revived_row_too(post: Post):
    post.enqueue("a", "b")
    post.slack.fail("a", Refused("channel_not_found"), times=1)
    post.slack.fail("b", RetryLater(30 * SECOND), times=1)
    post.delivery.drain()
    with post.database.transaction() as session:
        outbox.retry(session, post.row("a").id)
    post.run_for(29 * SECOND)
    assert post.slack.posted == []
    post.run_for(3 * SECOND)
    assert post.slack.posted == ["a", "b"]


def test_a_long_rate_limit_costs_a_message_nothing_but_time(post: Post):
    post.enqueue("a")
    post.slack.fail("a", RetryLater(SECOND), times=3 * PATIENCE)
    post.run_for(3 * PATIENCE * SECOND + SECOND)
    assert post.slack.posted == ["a"]


def test_an_unreachable_slack_is_tried_ever_more_rarely_and_never_given_up(post: Post):
    post.enqueue("a")
    post.slack.fail("a", Unavailable())
    pauses = []
    for _ in range(2 * PATIENCE):
        post.delivery.drain()
        pauses.append(post.row("a").next_attempt_at - post.clock())
        post.clock.now = post.row("a").next_attempt_at
    for number, pause in enumerate(pauses):
        full = min(LONGEST_PAUSE, SECOND * 2**number)
        assert full / 2 <= pause <= full
    assert len({pause / LONGEST_PAUSE for pause in pauses[PATIENCE:]}) > 1  # spread at random
    post.slack.troubles.clear()
    post.delivery.drain()
    assert post.slack.posted == ["a"]


def test_a_refused_message_is_put_aside_at_once(post: Post):
    post.enqueue("poison", "b")
    post.slack.fail("poison", Refused("invalid_blocks"))
    post.delivery.drain()
    assert post.slack.posted == ["b"]
    assert (post.row("poison").state, post.row("poison").problem) == ("dead", "invalid_blocks")
    assert post.outcomes[0] == ("poison", Outcome.DEAD)


def test_a_row_that_breaks_us_each_time_ends_as_a_dead_letter_and_its_lane_goes_on(post: Post):
    post.enqueue("poison", "b", lane="T1:C1")
    post.enqueue("c", lane="T1:C2")
    post.slack.fail("poison", KeyError("what somebody wrote"))
    with capture_logs() as logs:
        post.delivery.drain()
        assert post.slack.posted == ["c"]
        post.run_for(timedelta(minutes=20), step=timedelta(seconds=10))
    assert post.slack.posted == ["c", "b"]
    assert post.outcomes.count(("poison", Outcome.FAILED)) == PATIENCE - 1
    assert (post.row("poison").state, post.row("poison").problem) == ("dead", "failed: KeyError")
    assert "what somebody wrote" not in repr(logs)
    assert {"delivery_failed", "delivery_given_up"} <= {line["event"] for line in logs}


def test_a_post_that_broke_halfway_is_looked_up(post: Post):
    post.enqueue("a")
    post.slack.fail("a", ValueError(), stored=True, times=1)
    post.run_for(2 * SECOND)
    assert post.slack.posted == ["a"]
    assert post.outcomes == [("a", Outcome.FAILED), ("a", Outcome.FOUND)]


def test_a_message_that_never_gets_through_while_slack_answers_is_given_up(post: Post):
    post.enqueue("poison", "b")
    post.slack.fail("poison", OutcomeUnknown())
    post.run_for(timedelta(minutes=30), step=timedelta(seconds=10))
    assert post.slack.posted == ["b"]
    assert post.row("poison").in_doubt  # so that whoever revives it has it looked up first


def test_a_reply_waits_for_its_parent_but_not_for_ever(post: Post):
    post.enqueue("reply", "orphan", "b")
    post.slack.fail("reply", NotYet(), times=2)
    post.slack.fail("orphan", NotYet())
    post.run_for(10 * SECOND)
    assert post.slack.posted == ["reply"]
    post.run_for(timedelta(minutes=3), step=5 * SECOND)
    assert post.slack.posted == ["reply", "b"]
    assert (post.row("orphan").state, post.row("orphan").problem) == ("dead", "not_yet")


def test_a_worker_that_was_too_slow_changes_nothing_any_more(post: Post):
    post.enqueue("a")

    def slow(row: Taken) -> None:
        """Our message is stored, but before we hear of it the lease runs out and another worker sees to it."""
        post.slack.troubles.clear()
        post.slack.store(row)
        post.clock.move(LEASE)
        post.worker("two").drain()
        raise Refused("too late to say so")

    post.slack.troubles["a"] = slow
    with capture_logs() as logs:
        post.delivery.drain()
    assert post.slack.posted == ["a"]
    assert post.row("a").state == "sent"
    assert post.outcomes == [("a", Outcome.FOUND), ("a", Outcome.LEASE_LOST)]
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == ["delivery_lease_lost"]


def test_nothing_is_posted_with_too_little_of_the_lease_left(post: Post):
    post.enqueue("a")
    post.slack.fail("a", OutcomeUnknown(), times=1)
    post.delivery.drain()
    post.clock.move(DOUBT)

    def slow(row: Taken) -> None:
        post.slack.look_up_trouble = None
        post.clock.move(LEASE - CALL_LIMIT + SECOND)

    post.slack.look_up_trouble = slow
    post.delivery.run_once()
    assert post.slack.posted == []
    assert post.outcomes[-1] == ("a", Outcome.TOO_LATE)
    post.delivery.run_once()
    assert post.slack.posted == ["a"]


def test_a_revived_dead_letter_is_posted_first_in_its_lane(post: Post):
    post.enqueue("a", "b")
    post.slack.fail("a", Refused("channel_not_found"), times=1)
    post.delivery.drain()
    post.enqueue("c")
    with post.database.transaction() as session:
        assert outbox.retry(session, post.row("a").id)
    post.run_for(3 * SECOND)
    assert post.slack.posted == ["b", "a", "c"]
