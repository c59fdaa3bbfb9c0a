"""When people are reminded: in their own working hours and on their own days, around the end of a limit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import reminders
from rules.cadence import Cadence
from rules.calendar import BusinessCalendar
from rules.faults import ProgrammeError
from rules.lifecycle import Party, Status
from rules.loading import SHIPPED, load_programme
from rules.reminders import Matter, Planned

CADENCE = load_programme().cadence
LIMITED = [one.status for one in CADENCE.limits]
# Where programmes and partners may be: both sides of the date line, both halves of the earth, other weekends.
PLACES = [
    ("US", "America/Los_Angeles"),
    ("US", "Pacific/Honolulu"),
    ("DE", "Europe/Berlin"),
    ("GB", "Europe/London"),
    ("NZ", "Pacific/Auckland"),
    ("SA", "Asia/Riyadh"),
    ("JP", "Asia/Tokyo"),
    ("BR", "America/Sao_Paulo"),
    ("AU", "Australia/Lord_Howe"),
    ("KI", "Pacific/Kiritimati"),
]
moments = st.datetimes(datetime(2025, 1, 1), datetime(2030, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - given a zone here
places = st.sampled_from([place for place in PLACES if place[0] in holidays.list_supported_countries()])


@cache
def calendar(country: str, zone: str) -> BusinessCalendar:
    return BusinessCalendar(country, timezone=zone)


PROGRAMME = calendar("US", "America/Los_Angeles")
BERLIN = calendar("DE", "Europe/Berlin")


def on(zone: str, *parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone))  # type: ignore[misc, arg-type]


def planned(status: Status, since: datetime, days: int, programme: BusinessCalendar, addressed: BusinessCalendar):
    due = programme.due(since, days)
    return due, reminders.plan(status, since, due, CADENCE, programme, addressed)


def hours_of(addressed: BusinessCalendar, *moments: datetime) -> list[datetime]:
    return [one.astimezone(addressed.timezone) for one in moments]


@given(st.sampled_from(LIMITED), moments, st.integers(0, 30), places, places)
def test_nobody_is_ever_reminded_at_night_on_a_weekend_or_on_a_holiday(status, since, days, programme, addressed):
    theirs = calendar(*addressed)
    free = holidays.country_holidays(addressed[0])
    due, found = planned(status, since, days, calendar(*programme), theirs)
    stale = reminders.plan_stale(since, CADENCE, theirs)
    signed = reminders.plan_acknowledgement(due, since, CADENCE, calendar(*programme), theirs)
    for one in (*found, *stale, *signed):
        local = one.at.astimezone(ZoneInfo(addressed[1]))
        assert 9 <= local.hour < 17
        assert local.date() not in free
        assert not free._is_weekend(local.date())


@given(st.sampled_from(LIMITED), moments, st.integers(0, 30), places, places)
def test_reminders_come_after_the_status_began_in_order_and_each_once(status, since, days, programme, addressed):
    due, found = planned(status, since, days, calendar(*programme), calendar(*addressed))
    assert [one.at for one in found] == sorted({one.at for one in found})
    assert all(since < one.at and (one.matter, one.due) == (Matter.LIMIT, due) for one in found)
    rule = CADENCE.of(status)
    assert rule is not None
    if rule.overdue is None:
        assert all(one.at < due for one in found), "there is nothing to be done about it any more"


@given(moments, places)
def test_whoever_cannot_be_written_to_now_is_when_their_working_hours_next_begin(moment, addressed):
    theirs = calendar(*addressed)
    at = reminders.working(moment, CADENCE, theirs)
    assert at >= moment
    local = at.astimezone(theirs.timezone)
    assert theirs.is_business_day(local.date())
    assert 9 <= local.hour < 17
    assert reminders.working(at, CADENCE, theirs) == at
    hour = timedelta(hours=1)
    missed = (moment + n * hour for n in range(int((at - moment) / hour)))
    assert not any(
        theirs.is_business_day(one.date()) and 9 <= one.hour < 17
        for one in (each.astimezone(theirs.timezone) for each in missed)
    )


def test_a_partner_is_reminded_five_two_and_one_business_days_before_at_ten_in_its_own_zone():
    asked = on("America/Los_Angeles", 2026, 11, 18, 9)
    _, found = planned(Status.ACTION_REQUIRED, asked, 14, PROGRAMME, BERLIN)
    # The last day is Wednesday 9 December; Thanksgiving is no holiday in Germany and does not count in the programme.
    assert hours_of(BERLIN, *(one.at for one in found)) == [
        on("Europe/Berlin", 2026, 12, 2, 10),
        on("Europe/Berlin", 2026, 12, 7, 10),
        on("Europe/Berlin", 2026, 12, 8, 10),
    ]


def test_what_falls_on_a_holiday_of_those_addressed_comes_earlier_while_the_limit_runs():
    # 3 October 2028, a Tuesday, is a holiday in Germany and none in the United States.
    due = PROGRAMME.end_of(date(2028, 10, 4))
    since = on("America/Los_Angeles", 2028, 9, 14, 9)
    found = reminders.plan(Status.ACTION_REQUIRED, since, due, CADENCE, PROGRAMME, BERLIN)
    days = [one.astimezone(BERLIN.timezone).date() for one in (each.at for each in found)]
    assert days == [date(2028, 9, 27), date(2028, 10, 2)], "two and one day before come to the same Monday"


def test_what_falls_on_a_holiday_of_those_addressed_comes_later_once_the_limit_has_passed():
    # Reviewers of a programme counted in Germany who work in the United States: 4 July 2028 is a Tuesday.
    due = BERLIN.end_of(date(2028, 7, 3))
    since = on("Europe/Berlin", 2028, 6, 26, 9)
    found = reminders.plan(Status.SUBMITTED, since, due, CADENCE, BERLIN, PROGRAMME)
    overdue = [one.at.astimezone(PROGRAMME.timezone).date() for one in found if one.at >= due]
    assert overdue[0] == date(2028, 7, 5)


@pytest.mark.parametrize(
    ("last", "offset"),
    [(date(2027, 3, 26), 1), (date(2027, 4, 1), 2), (date(2027, 10, 29), 2), (date(2027, 11, 2), 1)],
)
def test_a_clock_change_moves_no_reminder_away_from_ten_oclock(last: date, offset: int):
    berlin = BusinessCalendar("DE", timezone="Europe/Berlin")
    found = reminders.plan(
        Status.UNDER_REVIEW, berlin.end_of(last) - timedelta(days=60), berlin.end_of(last), CADENCE, berlin, berlin
    )
    before = [one.at.astimezone(berlin.timezone) for one in found if one.at < berlin.end_of(last)]
    assert {one.hour for one in before} == {10}
    assert before[-1].utcoffset() == timedelta(hours=offset)


def test_a_claim_made_on_a_holiday_at_the_end_of_the_year_is_reminded_of_in_the_new_one():
    new_years_eve = on("America/Los_Angeles", 2027, 12, 31, 12)  # New Year is kept on this Friday
    due, found = planned(Status.SUBMITTED, new_years_eve, 5, PROGRAMME, PROGRAMME)
    assert PROGRAMME.last_day(due) == date(2028, 1, 7)
    assert [one.astimezone(PROGRAMME.timezone).date() for one in (each.at for each in found)][:2] == [
        date(2028, 1, 5),
        date(2028, 1, 6),
    ]


def test_what_is_overdue_is_said_again_and_again_and_not_for_ever():
    due, found = planned(Status.UNDER_REVIEW, on("America/Los_Angeles", 2026, 11, 2, 9), 14, PROGRAMME, PROGRAMME)
    overdue = [one.at for one in found if one.at >= due]
    days = [one.astimezone(PROGRAMME.timezone).date() for one in overdue]
    # Every second business day, and the third day, on which the lead is told as well.
    assert days[:3] == [date(2026, 11, 24), date(2026, 11, 27), date(2026, 12, 1)]
    assert len(overdue) == 10


def test_partners_escalate_before_the_clock_rejects_the_claim_and_reviewers_after_the_limit_passed():
    asked = on("America/Los_Angeles", 2026, 11, 18, 9)
    for status, addressed in ((Status.ACTION_REQUIRED, BERLIN), (Status.UNDER_REVIEW, PROGRAMME)):
        due, found = planned(status, asked, 14, PROGRAMME, addressed)
        escalation = reminders.escalates_at(status, due, CADENCE, PROGRAMME, addressed)
        assert escalation in {one.at for one in found}
        assert (escalation < due) == (addressed is BERLIN)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.APPROVED, Status.REJECTED_FINAL])
def test_where_nobody_has_to_act_nobody_is_reminded(status: Status):
    due, found = planned(status, on("UTC", 2026, 11, 18, 9), 14, PROGRAMME, BERLIN)
    assert found == ()
    assert reminders.escalates_at(status, due, CADENCE, PROGRAMME, BERLIN) is None


def test_a_draft_is_mentioned_ten_and_thirty_business_days_after_its_last_change():
    changed = on("Europe/Berlin", 2026, 11, 18, 22)
    found = reminders.plan_stale(changed, CADENCE, BERLIN)
    assert [(one.at, one.matter) for one in found] == [
        (on("Europe/Berlin", 2026, 12, 2, 10), Matter.STALE),
        (on("Europe/Berlin", 2026, 12, 31, 10), Matter.STALE),
    ]


def test_a_signature_about_to_be_too_old_is_mentioned_from_now_on_only():
    due = reminders.acknowledged_until(date(2026, 2, 28), 12, PROGRAMME)
    assert due == on("America/Los_Angeles", 2027, 3, 1)
    now = on("UTC", 2027, 2, 10)
    found = reminders.plan_acknowledgement(due, now, CADENCE, PROGRAMME, BERLIN)
    assert [one.at for one in found] == [on("Europe/Berlin", 2027, 2, 22, 10), on("Europe/Berlin", 2027, 2, 26, 10)]


def test_reminders_are_told_apart_by_what_they_are_about():
    at = on("UTC", 2026, 11, 18, 9)
    assert len({Planned(at, matter, at) for matter in Matter}) == len(Matter)


# -- the file ----------------------------------------------------------------------------------------------------------


def changed(tmp_path: Path, change: Callable[[str], str]) -> Path:
    for file in SHIPPED.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        (tmp_path / file.name).write_text(change(text) if file.name == "reminders.yaml" else text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("value: 10", "value: 8", "8 is not within the working hours, 9 to 17."),
        ("hour: 9", "hour: 17", "17 is not within the working hours, 9 to 17."),
        ("opens: 9", "opens: 18", "“opens” must come before “closes”."),
        ("status: Dispute", "status: Submitted", "“Submitted” stands here twice."),
        ("status: Dispute", "status: Draft", "No limit runs in “Draft”."),
        ("[2, 1]", "[2, -1]", "limits"),
    ],
)
def test_a_cadence_that_cannot_be_is_refused_with_its_line(tmp_path: Path, old: str, new: str, message: str):
    with pytest.raises(ProgrammeError) as refused:
        load_programme(changed(tmp_path, lambda text: text.replace(old, new, 1)))
    found = [str(fault) for fault in refused.value.faults]
    assert any(one.startswith("reminders.yaml:") and message in one for one in found), found


def test_every_limit_in_which_somebody_has_to_act_has_reminders():
    wanted = set(Status) - {Status.DRAFT, Status.APPROVED, Status.REJECTED_FINAL}
    assert set(LIMITED) == wanted
    assert {one.status for one in CADENCE.limits if one.party is Party.PARTNER} == {
        Status.ACTION_REQUIRED,
        Status.REJECTED,
    }
    assert isinstance(CADENCE, Cadence)
