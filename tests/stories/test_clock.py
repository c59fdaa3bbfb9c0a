"""What happens because time goes by: no answer rejects, nobody objects, and a digest in the morning."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.operations import filing, settling
from rules.lifecycle import Status
from sandbox.objects import Message
from tests.cast import LOS_ANGELES, MUNICH, WHO
from tests.stories.world import World

REVIEWERS, PARTNER = "C0REVIEW", "C0CONTOSO"
BERLIN, LONDON = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/London")

# Counted by hand: 18 November 2026 is a Wednesday, and Thanksgiving is on the 26th.
END_OF_WINDOW = datetime(2026, 11, 26, tzinfo=LOS_ANGELES)
END_OF_PATIENCE = datetime(2026, 12, 10, tzinfo=LOS_ANGELES)
SECOND = timedelta(seconds=1)


def digests(world: World, who: str, channel: str) -> list[Message]:
    """The daily digests that somebody sees in a channel, oldest first."""
    return [one for one in world.person(who).messages(channel) if one.text.startswith("Claims on ")]


# -- the clock's own actions -------------------------------------------------------------------------------------------


def test_a_partner_who_does_not_answer_is_rejected_when_the_last_day_is_over(world: World):
    number = world.claim_in(Status.ACTION_REQUIRED)
    world.come_to(END_OF_PATIENCE - SECOND)
    assert world.claim(number).status is Status.ACTION_REQUIRED
    world.come_to(END_OF_PATIENCE)
    assert world.claim(number).status is Status.REJECTED
    for who, channel in (("Ana", PARTNER), ("Rosa", REVIEWERS)):
        assert "Reason: No partner response." in world.card(who, channel).visible_text
        assert "The time to answer is over: the claim is rejected." in world.thread(who, channel)[-1]
    assert world.history()[-1] == "no_response"
    world.come_to(END_OF_PATIENCE + timedelta(days=1))
    assert world.history()[-1] == "no_response", "it happens once"


def test_an_association_becomes_official_when_nobody_objected(world: World):
    number = world.claim_in(Status.APPROVED)
    world.come_to(END_OF_WINDOW - SECOND)
    assert world.claim(number).associated_at is None
    world.come_to(END_OF_WINDOW)
    assert world.claim(number).associated_at == END_OF_WINDOW
    assert "Association official since 2026-11-26" in world.card("Ana", PARTNER).visible_text
    world.come_to(END_OF_WINDOW + timedelta(days=1))
    assert world.history()[-2:] == ["approve", "associate"]


def test_a_review_that_takes_too_long_is_overdue_and_nothing_more(http_world: World):
    number = http_world.claim_in(Status.UNDER_REVIEW)
    http_world.come_to(END_OF_PATIENCE + timedelta(days=3))
    assert http_world.claim(number).status is Status.UNDER_REVIEW
    assert "over since" in http_world.person("Ana").command(f"/claim show {number}", PARTNER).text


def test_what_is_due_names_until_when_how_long_still_and_by_whom(http_world: World):
    said = {
        Status.SUBMITTED: "Review starts by Wed 25 Nov 2026 (5 business days left). To act: the reviewers.",
        Status.UNDER_REVIEW: "Decision by Wed 9 Dec 2026 (14 business days left). To act: Rosa Review.",
        Status.ACTION_REQUIRED: "Answer by Wed 9 Dec 2026 (14 business days left). To act: Contoso Consulting.",
        Status.DISPUTE: "Decision by Wed 25 Nov 2026 (5 business days left). To act: a reviewer other than Rosa",
        Status.REJECTED: "Can be disputed until Fri 18 Dec 2026 (30 days left). To act: Contoso Consulting, if",
        Status.APPROVED: "Opt-out window open until Wed 25 Nov 2026 (5 business days left). To act: the customer",
    }
    for status, wanted in said.items():
        number = http_world.claim_in(status)
        assert wanted in http_world.card("Ana", PARTNER, number).visible_text
        assert wanted in http_world.card("Rosa", REVIEWERS, number).visible_text
        assert wanted in http_world.person("Ana").command(f"/claim show {number}", PARTNER).text


# -- the daily digest --------------------------------------------------------------------------------------------------


def test_every_channel_has_one_digest_at_nine_in_its_own_zone(world: World):
    answer = world.claim_in(Status.ACTION_REQUIRED)
    munich = world.claim_in(Status.ACTION_REQUIRED, mpn=MUNICH)
    waiting = world.claim_in(Status.SUBMITTED)
    world.come_to(datetime(2026, 11, 19, 8, 59, tzinfo=BERLIN))
    assert digests(world, "Ana", PARTNER) == []
    world.come_to(datetime(2026, 11, 19, 9, tzinfo=BERLIN))
    [digest] = digests(world, "Ana", PARTNER)
    assert "Also waiting: 1 claim" in digest.visible_text
    assert answer in digest.visible_text
    for other in (munich, waiting, "<@", "<!"):
        assert other not in digest.visible_text
    assert munich in digests(world, "Mia", "C0MUNICH")[0].visible_text
    assert digests(world, "Rosa", REVIEWERS) == [], "where the reviewers are it is midnight"

    world.come_to(datetime(2026, 11, 19, 9, tzinfo=LOS_ANGELES))
    [review] = digests(world, "Rosa", REVIEWERS)
    assert "Due soon: 1 claim" in review.visible_text
    assert waiting in review.visible_text
    world.come_to(datetime(2026, 11, 19, 16, tzinfo=LOS_ANGELES))
    assert len(digests(world, "Rosa", REVIEWERS)) == len(digests(world, "Ana", PARTNER)) == 1
    assert digests(world, "Bo", "C0FABRIKAM") == [], "there is nothing to say"


def test_no_digest_comes_on_a_weekend_or_a_holiday(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    # Saturday, Sunday, and Thanksgiving.
    for day in (21, 22, 26):
        http_world.come_to(datetime(2026, 11, day, 12, tzinfo=LOS_ANGELES))
    assert digests(http_world, "Rosa", REVIEWERS) == []


def test_a_digest_that_was_missed_comes_later_that_day_and_once(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    http_world.come_to(datetime(2026, 11, 20, 14, 30, tzinfo=LOS_ANGELES))
    http_world.come_to(datetime(2026, 11, 20, 15, 30, tzinfo=LOS_ANGELES))
    assert len(digests(http_world, "Rosa", REVIEWERS)) == 1


def test_what_was_decided_since_the_last_morning_is_told_once(http_world: World):
    number = http_world.claim_in(Status.APPROVED)
    http_world.come_to(datetime(2026, 11, 19, 9, tzinfo=BERLIN))
    [digest] = digests(http_world, "Ana", PARTNER)
    assert "Decided: 1 claim" in digest.visible_text
    assert number in digest.visible_text
    http_world.come_to(datetime(2026, 11, 20, 9, tzinfo=BERLIN))
    assert len(digests(http_world, "Ana", PARTNER)) == 1


def test_a_claim_settled_before_the_digest_is_posted_is_not_in_it(http_world: World):
    number = http_world.claim_in(Status.ACTION_REQUIRED)
    http_world.clock.set(datetime(2026, 11, 19, 9, tzinfo=BERLIN))
    for beat in http_world.bot.beats:
        if beat.name == "digest":
            beat.job()
    filing.resubmit(http_world.bot.memory, WHO["Ana"], number)
    http_world.settle()
    assert digests(http_world, "Ana", PARTNER) == []


def test_each_person_can_have_the_digest_by_direct_message_and_turn_it_off_again(world: World):
    world.claim_in(Status.ACTION_REQUIRED)
    munich = world.claim_in(Status.ACTION_REQUIRED, mpn=MUNICH)
    mia = world.person("Mia")
    assert "by direct message as well" in mia.command("/claim digest on", "C0MUNICH").text
    world.come_to(datetime(2026, 11, 19, 9, tzinfo=BERLIN))
    [direct] = mia.direct_messages()
    assert munich in direct.visible_text
    assert "CL-000001" not in direct.visible_text, "Berlin is none of hers"
    mia.command("/claim digest off", "C0MUNICH")
    world.come_to(datetime(2026, 11, 20, 9, tzinfo=BERLIN))
    assert len(mia.direct_messages()) == 1
    assert len(digests(world, "Mia", "C0MUNICH")) == 2


def test_the_digest_is_for_those_who_have_to_do_with_claims(http_world: World):
    zed = http_world.person("Zed")
    assert "The digest is for members" in zed.command("/claim digest on", "C0TOWN").text
    ana = http_world.person("Ana")
    assert "Say /claim digest on" in ana.command("/claim digest perhaps", PARTNER).text


def test_what_the_partner_asked_for_itself_is_no_news_to_dispute(http_world: World):
    number = http_world.claim_in(Status.SUBMITTED)
    settling.withdraw(http_world.bot.memory, WHO["Ana"], number, "wrong-activity")
    http_world.come_to(datetime(2026, 12, 16, 9, tzinfo=BERLIN))
    assert digests(http_world, "Ana", PARTNER) == []
