"""Reminders as people get them: in their hours, with the button that does it, and quiet once it is done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.operations import filing, reviewing, settling
from rules.lifecycle import Status
from sandbox.objects import Message
from tests.cast import LOS_ANGELES, MUNICH, WHO, claim_in
from tests.stories.world import ACKNOWLEDGED, World

REVIEWERS, PARTNER = "C0REVIEW", "C0CONTOSO"
BERLIN = ZoneInfo("Europe/Berlin")


def in_berlin(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BERLIN)


def in_la(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LOS_ANGELES)


# Asked on Wednesday 18 November; Thanksgiving does not count, so the last day is Wednesday 9 December.
FIVE_BEFORE, TWO_BEFORE, ONE_BEFORE = in_berlin(12, 2), in_berlin(12, 7), in_berlin(12, 8)


def reminders_seen(world: World, who: str, channel: str) -> list[Message]:
    """The reminders that somebody sees in a channel, oldest first."""
    mine = [one for one in world.person(who).messages(channel) if one.text.startswith("Reminder: ")]
    return [one for one in mine if not one.ephemeral]


def reminder(world: World, who: str = "Ana", channel: str = PARTNER) -> Message:
    found = reminders_seen(world, who, channel)
    assert found, f"{who} was reminded of nothing in {channel}"
    return found[-1]


# -- a reminder and what becomes of it ---------------------------------------------------------------------------------


def test_a_reminder_says_what_is_due_until_when_and_who_can_act_and_its_button_does_it(world: World):
    number = world.claim_in(Status.ACTION_REQUIRED)
    world.come_to(FIVE_BEFORE - timedelta(minutes=1))
    assert reminders_seen(world, "Ana", PARTNER) == [], "it is not ten in Berlin"
    world.come_to(FIVE_BEFORE)
    said = reminder(world)
    assert f"{number} · Northwind: Teams 2026" in said.visible_text
    assert "Answer by Wed 9 Dec 2026 (5 business days left)." in said.visible_text
    assert "America/Los_Angeles" in said.visible_text
    for able in ("<@U0ANA>", "<@U0IVO>", "<@U0NIA>"):
        assert able in said.visible_text
    for other in ("BILL", "GIL", "MIA", "<!", "Nobody has acted"):
        assert other not in said.visible_text
    assert said.buttons == ["Edit", "Resubmit", "Withdraw", "Details", "Snooze", "Stop reminding me"]

    ivo = world.person("Ivo")
    ivo.press("Resubmit", said)
    world.turn_page("Ivo", ACKNOWLEDGED)
    world.settle()
    assert world.claim(number).status is Status.SUBMITTED
    done = reminder(world)
    assert "Done: Ivo User answered and resubmitted the claim." in done.visible_text
    assert done.buttons == ["Details"]
    world.come_to(ONE_BEFORE)
    assert len(reminders_seen(world, "Ana", PARTNER)) == 1, "there is nothing to be reminded of any more"


def test_a_claim_settled_a_second_before_is_not_nagged_about(http_world: World):
    world = http_world
    number = world.claim_in(Status.ACTION_REQUIRED)
    world.clock.set(FIVE_BEFORE)
    for beat in world.bot.beats:
        if beat.name == "remind":
            beat.job()
    # The reminder waits in the outbox already; in this second Ana answers.
    filing.resubmit(world.bot.memory, WHO["Ana"], number)
    world.settle()
    assert reminders_seen(world, "Ana", PARTNER) == []


def test_whoever_was_away_is_reminded_once_and_not_of_all_that_was_missed(http_world: World):
    http_world.claim_in(Status.ACTION_REQUIRED)
    http_world.come_to(ONE_BEFORE + timedelta(hours=3))
    assert len(reminders_seen(http_world, "Ana", PARTNER)) == 1
    assert "1 business day left" in reminder(http_world).visible_text
    http_world.come_to(ONE_BEFORE + timedelta(hours=4))
    assert len(reminders_seen(http_world, "Ana", PARTNER)) == 1


def test_what_was_missed_at_night_waits_for_the_morning(http_world: World):
    http_world.claim_in(Status.ACTION_REQUIRED)
    http_world.come_to(in_berlin(12, 4, 22))  # a Friday
    http_world.come_to(in_berlin(12, 6, 12))
    assert reminders_seen(http_world, "Ana", PARTNER) == []
    http_world.come_to(in_berlin(12, 7, 9))
    assert "2 business days left" in reminder(http_world).visible_text


def test_reviewers_are_reminded_in_their_own_zone_and_the_one_who_has_the_claim_is_named(http_world: World):
    number = http_world.claim_in(Status.UNDER_REVIEW)
    http_world.come_to(in_la(12, 2))
    said = reminder(http_world, "Rosa", REVIEWERS)
    assert "Decision by Wed 9 Dec 2026 (5 business days left)." in said.visible_text
    assert "<@U0ROSA>" in said.visible_text
    assert "REMY" not in said.visible_text
    assert said.buttons[:3] == ["Approve", "Request information", "Reject"]
    http_world.person("Rosa").press("Approve", said)
    http_world.settle()
    assert http_world.claim(number).status is Status.APPROVED
    assert "Done: Rosa Review approved the claim." in reminder(http_world, "Rosa", REVIEWERS).visible_text


def test_where_nobody_has_the_claim_all_who_can_take_it_are_named_and_nobody_is_called(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    http_world.come_to(in_la(11, 23))
    said = reminder(http_world, "Rosa", REVIEWERS)
    assert "Can act: Remy Review, Rosa Review" in said.visible_text
    assert "@" not in said.visible_text
    assert "Nia" not in said.visible_text, "she belongs to the partner"
    assert said.buttons[0] == "Start review"


# -- escalation --------------------------------------------------------------------------------------------------------


def test_before_the_clock_rejects_a_claim_the_partners_admins_hear_of_it(http_world: World):
    http_world.claim_in(Status.ACTION_REQUIRED, by="Ivo")
    http_world.come_to(FIVE_BEFORE)
    assert "Nobody has acted" not in reminder(http_world).visible_text
    http_world.come_to(TWO_BEFORE)
    assert "Nobody has acted so far, so this goes to <@U0GIL> too." in reminder(http_world).visible_text


def test_an_overdue_review_goes_to_the_lead_as_well(http_world: World):
    number = http_world.claim_in(Status.UNDER_REVIEW)
    reviewing.reassign(http_world.bot.memory, WHO["Rosa"], number, WHO["Remy"])
    http_world.come_to(in_la(12, 10))
    said = reminder(http_world, "Remy", REVIEWERS)
    assert "(over since 1 business day)" in said.visible_text
    assert "<@U0REMY>" in said.visible_text
    assert "ROSA" not in said.visible_text
    http_world.come_to(in_la(12, 14))
    assert "so this goes to <@U0ROSA> too." in reminder(http_world, "Remy", REVIEWERS).visible_text


# -- not now, not any more ---------------------------------------------------------------------------------------------


def test_a_reminder_is_snoozed_until_tomorrow(world: World):
    world.claim_in(Status.ACTION_REQUIRED)
    world.come_to(FIVE_BEFORE)
    world.person("Ana").press("Snooze", reminder(world))
    form = world.form("Ana")
    assert form.values == {"Until": "2026-12-03"}
    form.submit()
    world.settle()
    said = reminder(world)
    assert "Ana Admin snoozed this until" in said.visible_text
    assert "Snooze" not in said.buttons
    assert "Resubmit" in said.buttons, "whoever wants to can act all the same"
    world.come_to(in_berlin(12, 3, 8, 59))
    assert len(reminders_seen(world, "Ana", PARTNER)) == 1
    world.come_to(in_berlin(12, 3, 9))
    assert len(reminders_seen(world, "Ana", PARTNER)) == 2
    assert "4 business days left" in reminder(world).visible_text


def test_a_reminder_is_snoozed_until_a_date_and_what_was_planned_before_does_not_come(http_world: World):
    http_world.claim_in(Status.ACTION_REQUIRED)
    http_world.come_to(FIVE_BEFORE)
    http_world.person("Ana").press("Snooze", reminder(http_world))
    http_world.turn_page("Ana", {"Until": "2026-12-08"})
    http_world.settle()
    http_world.come_to(TWO_BEFORE)
    assert len(reminders_seen(http_world, "Ana", PARTNER)) == 1
    http_world.come_to(in_berlin(12, 8, 9))
    assert len(reminders_seen(http_world, "Ana", PARTNER)) == 2


@pytest.mark.parametrize("day", ["2026-12-02", "2026-11-30", "2028-01-01"])
def test_nobody_snoozes_into_the_past_or_for_years(http_world: World, day: str):
    http_world.claim_in(Status.ACTION_REQUIRED)
    http_world.come_to(FIVE_BEFORE)
    http_world.person("Ana").press("Snooze", reminder(http_world))
    form = http_world.turn_page("Ana", {"Until": day})
    assert form.errors == {"Until": "Please choose a day to come, at most a year from now."}


def test_one_side_stops_its_reminders_until_the_claim_moves_on(world: World):
    number = world.claim_in(Status.ACTION_REQUIRED)
    world.come_to(FIVE_BEFORE)
    world.person("Ivo").press("Stop reminding me", reminder(world))
    world.settle()
    assert "Ivo User stopped the reminders" in reminder(world).visible_text
    assert f"No more reminders of {number}" in world.whispered("Ivo")[-1]
    world.come_to(TWO_BEFORE)
    assert len(reminders_seen(world, "Ana", PARTNER)) == 1

    filing.resubmit(world.bot.memory, WHO["Ana"], number)
    world.settle()
    assert "Done: Ana Admin answered" in reminder(world).visible_text
    world.come_to(in_la(12, 10))
    assert reminders_seen(world, "Rosa", REVIEWERS), "the other side is reminded of what is theirs to do"


def test_stopped_reminders_can_be_had_again(http_world: World):
    http_world.claim_in(Status.ACTION_REQUIRED)
    http_world.come_to(FIVE_BEFORE)
    http_world.person("Ivo").press("Stop reminding me", reminder(http_world))
    http_world.settle()
    http_world.person("Ana").press("Remind me again", reminder(http_world))
    http_world.settle()
    assert "Snooze" in reminder(http_world).buttons
    http_world.come_to(TWO_BEFORE)
    assert len(reminders_seen(http_world, "Ana", PARTNER)) == 2


def test_whoever_may_not_see_the_claim_cannot_silence_it(http_world: World):
    number = http_world.claim_in(Status.ACTION_REQUIRED, mpn=MUNICH)
    http_world.come_to(FIVE_BEFORE)
    said = reminder(http_world, "Mia", "C0MUNICH")
    http_world.sandbox.workspace.channels["C0MUNICH"].members.append("U0ZED")
    http_world.person("Zed").press("Stop reminding me", said)
    http_world.settle()
    assert f"There is no claim {number} that you can see." in http_world.whispered("Zed")[-1]
    assert "Stop reminding me" in reminder(http_world, "Mia", "C0MUNICH").buttons


# -- many at once ------------------------------------------------------------------------------------------------------


def test_many_that_are_due_in_a_channel_are_one_message(http_world: World):
    world = http_world
    numbers = [world.claim_in(Status.ACTION_REQUIRED, claim_name=f"Customer {n}") for n in range(3)]
    elsewhere = world.claim_in(Status.ACTION_REQUIRED, mpn=MUNICH)
    world.come_to(FIVE_BEFORE)
    [digest] = reminders_seen(world, "Ana", PARTNER)
    assert "3 claims to look at" in digest.visible_text
    for number in numbers:
        assert number in digest.visible_text
    [other] = reminders_seen(world, "Mia", "C0MUNICH")
    assert elsewhere in other.visible_text
    assert elsewhere not in digest.visible_text

    filing.resubmit(world.bot.memory, WHO["Ana"], numbers[1])
    world.settle()
    [digest] = reminders_seen(world, "Ana", PARTNER)
    assert "2 claims to look at" in digest.visible_text
    assert digest.visible_text.count("Done: Ana Admin answered and resubmitted the claim.") == 1
    assert digest.buttons.count("Resubmit") == 2


def test_more_than_a_message_can_hold_are_counted(http_world: World):
    for number in range(12):
        claim_in(http_world.bot.memory, Status.ACTION_REQUIRED, claim_name=f"Customer {number}")
    http_world.settle()
    http_world.come_to(FIVE_BEFORE)
    [digest] = reminders_seen(http_world, "Ana", PARTNER)
    assert "12 claims to look at" in digest.visible_text
    assert "2 more claims: CL-000011, CL-000012" in digest.visible_text


@pytest.mark.parametrize("letter", ["\N{GRINNING FACE}", "&", "*"])
def test_the_longest_names_fit_into_a_reminder_and_into_a_digest(http_world: World, letter: str):
    """What Slack would not take the sandbox refuses, and a world ends with a look at what it refused."""
    longest: dict[str, Any] = {"claim_name": letter * 120, "customer_name": letter * 120}
    for _ in range(12):
        claim_in(http_world.bot.memory, Status.ACTION_REQUIRED, **longest)
    http_world.claim_in(Status.ACTION_REQUIRED, mpn=MUNICH, **longest)
    http_world.come_to(FIVE_BEFORE - timedelta(hours=1))
    http_world.come_to(FIVE_BEFORE)
    assert len(reminders_seen(http_world, "Ana", PARTNER)) == 1
    assert letter * 120 in reminder(http_world, "Mia", "C0MUNICH").visible_text
    digests = [one for one in http_world.person("Ana").messages(PARTNER) if one.text.startswith("Claims on ")]
    assert len(digests) == 1


# -- what is no limit --------------------------------------------------------------------------------------------------


def test_a_draft_that_nobody_touches_is_mentioned_and_an_edit_is_the_outcome(http_world: World):
    number = http_world.claim_in(Status.DRAFT)
    http_world.come_to(in_berlin(12, 2))
    said = reminder(http_world)
    assert "This draft was last changed on Wed 18 Nov 2026 and is not submitted." in said.visible_text
    assert {"Edit", "Submit for review", "Discard draft"} <= set(said.buttons)
    filing.edit(http_world.bot.memory, WHO["Ana"], number, {"comments": "Soon."})
    http_world.settle()
    assert "Done: Ana Admin changed the claim." in reminder(http_world).visible_text


def test_a_signature_about_to_pass_twelve_months_is_mentioned(http_world: World):
    http_world.claim_in(Status.DRAFT, acknowledgement_date=datetime(2025, 11, 30, tzinfo=BERLIN).date())
    http_world.come_to(in_berlin(11, 23))
    said = reminder(http_world).visible_text
    assert "The customer signed on Sun 30 Nov 2025: the claim can be submitted until Mon 30 Nov 2026" in said
    assert "(4 business days left)." in said


def test_a_rejection_that_can_still_be_disputed_is_mentioned_unless_the_partner_asked_for_it(http_world: World):
    http_world.claim_in(Status.REJECTED)
    http_world.come_to(in_berlin(12, 17))
    said = reminder(http_world)
    assert "Can be disputed until Fri 18 Dec 2026" in said.visible_text
    assert "<@U0BILL>" in said.visible_text, "billing admins may dispute"


def test_whoever_withdrew_a_claim_is_not_reminded_that_it_can_be_disputed(http_world: World):
    number = http_world.claim_in(Status.SUBMITTED)
    settling.withdraw(http_world.bot.memory, WHO["Ana"], number, "wrong-activity")
    http_world.come_to(in_berlin(12, 17))
    assert reminders_seen(http_world, "Ana", PARTNER) == []
