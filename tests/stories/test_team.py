"""Who belongs to a team, changed in Slack by those who answer for it; and who lost their account is out at once."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.conversations import lookups
from models.answers import Refused
from models.tables import JournalEntry, Person
from rules.lifecycle import Status
from sandbox.forms import Form
from tests.cast import BERLIN, DIRECTORY, MUNICH, WHO
from tests.stories.world import World

HERE = "C0CONTOSO"


def team_form(world: World, who: str, whom: str, channel: str = HERE) -> Form:
    """The form for one person of a team, as somebody opens it who may."""
    world.person(who).command("/claim team", channel)
    return world.turn_page(who, {"Add or change": whom})


def journal(world: World) -> list[tuple[str, object, object]]:
    with world.bot.memory.database.transaction() as session:
        entries = session.scalars(select(JournalEntry).order_by(JournalEntry.id)).all()
        return [(one.kind, one.body.get("before"), one.body.get("after")) for one in entries]


def sees(world: World, who: str, number: str) -> bool:
    reply = world.person(who).command(f"/claim show {number}", "C0TOWN" if who == "Zed" else HERE)
    return "There is no claim" not in reply.text


def on_home(world: World, who: str) -> str:
    return str(world.sandbox.workspace.screens.homes[WHO[who].user].blocks)


def test_a_global_admin_adds_somebody_who_is_told_and_may_file_at_once(http_world: World):
    number = http_world.claim_in(Status.DRAFT)
    assert not sees(http_world, "Zed", number)
    team_form(http_world, "Gil", "Add somebody")
    http_world.turn_page(
        "Gil", {"Person": "Zed Outsider", "Roles": ["Incentives user"], "Locations": ["Berlin · 4711001"]}
    )
    http_world.settle()
    told = http_world.person("Zed").direct_messages()[-1].visible_text
    assert told.startswith("Gil Global says what you are at Contoso Consulting: incentives user, for 4711001.")
    assert sees(http_world, "Zed", number)
    assert journal(http_world) == [
        ("membership", None, {"roles": ["incentives_user"], "locations": ["4711001"]}),
    ]


def test_a_member_is_changed_and_removed_with_a_question_first(http_world: World):
    number = http_world.claim_in(Status.DRAFT)
    http_world.person("Ivo").open_home()
    assert number in on_home(http_world, "Ivo")
    team_form(http_world, "Gil", "Ivo User")
    form = http_world.form("Gil")
    form.fill({"Roles": ["Billing admin"], "Locations": []})
    form.submit()
    team_form(http_world, "Gil", "Ivo User")
    http_world.form("Gil").press("Remove from Contoso Consulting", confirm=False)
    assert sees(http_world, "Ivo", number)
    http_world.form("Gil").press("Remove from Contoso Consulting")
    assert not sees(http_world, "Ivo", number)
    http_world.settle()
    assert http_world.person("Ivo").direct_messages()[-1].visible_text == (
        "Gil Global removed you: you are not a member of Contoso Consulting any more."
    )
    http_world.wait()
    assert number not in on_home(http_world, "Ivo"), "nor does it stay on the screen of whoever was looking"
    assert [kind for kind, _, _ in journal(http_world)] == ["membership", "membership"]


def test_who_has_one_of_very_many_locations_keeps_it_when_something_else_is_saved(http_world: World):
    berlin = next(one for one in DIRECTORY.splitlines(keepends=True) if "name: Berlin" in one)
    more = [berlin.replace(BERLIN, str(1_000_000 + n)).replace("Berlin", f"Place {n}") for n in range(100)]
    http_world.know(DIRECTORY.replace(berlin, berlin + "".join(more)))
    number = http_world.claim_in(Status.DRAFT, mpn=MUNICH)
    team_form(http_world, "Gil", "Ivo User")
    assert http_world.turn_page("Gil", {"Roles": ["Incentives admin"]}).title == "Team"
    assert not sees(http_world, "Ivo", number)
    team_form(http_world, "Gil", "Ivo User")
    http_world.turn_page("Gil", {"Locations": ["Berlin · 4711001", "Place 99 · 1000099", "Munich · 4711002"]})
    assert sees(http_world, "Ivo", number)
    assert [after for _, _, after in journal(http_world)] == [
        {"roles": ["incentives_admin"], "locations": [BERLIN]},
        {"roles": ["incentives_admin"], "locations": ["1000099", BERLIN, MUNICH]},
    ]


def test_the_last_global_admin_and_the_last_lead_cannot_leave_a_team_without_one(http_world: World):
    team_form(http_world, "Gil", "Gil Global")
    form = http_world.form("Gil")
    form.fill({"Roles": ["Billing admin"]})
    form.submit()
    assert "There must be one global admin at least" in str(form.errors)
    http_world.form("Gil").press("Remove from Contoso Consulting")
    assert "There must be one global admin at least" in http_world.form("Gil").text
    team_form(http_world, "Rosa", "Rosa Review", "C0REVIEW")
    form = http_world.form("Rosa")
    form.fill({"Lead reviewer": []})
    form.submit()
    assert "There must be one lead reviewer at least" in str(form.errors)
    assert journal(http_world) == []


def test_a_lead_makes_somebody_a_reviewer(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    team_form(http_world, "Rosa", "Add somebody", "C0REVIEW")
    http_world.turn_page("Rosa", {"Person": "Zed Outsider"})
    http_world.settle()
    assert (
        "Rosa Review made you a reviewer of this programme."
        in http_world.person("Zed").direct_messages()[-1].visible_text
    )
    assert sees(http_world, "Zed", "CL-000001")


def test_nobody_else_is_shown_a_team(http_world: World):
    for who, channel in (("Ana", HERE), ("Remy", "C0REVIEW"), ("Zed", "C0TOWN")):
        reply = http_world.person(who).command("/claim team", channel)
        assert reply.text == "Only a partner's global admins and lead reviewers can change who belongs to their team."


def test_whose_account_is_closed_loses_access_at_once_and_has_it_again_when_it_is_opened(http_world: World):
    number = http_world.claim_in(Status.DRAFT)
    http_world.person("Ana").lose_account()
    with pytest.raises(Refused):  # whatever may still arrive of what she did before
        lookups.show(http_world.bot.desk, WHO["Ana"], number)
    http_world.person("Ana").lose_account(deleted=False)
    assert sees(http_world, "Ana", number)
    assert [kind for kind, _, _ in journal(http_world)] == ["access", "access"]


def test_an_event_that_nobody_heard_is_made_good_by_looking_through_the_accounts(http_world: World):
    with http_world.sandbox.workspace.lock:
        http_world.person("Ivo").user.deleted = True
    accounts = next(beat for beat in http_world.bot.beats if beat.name == "accounts")
    assert accounts.job() == 1
    assert accounts.job() == 0
    with http_world.bot.memory.database.transaction() as session:
        ivo = session.scalars(select(Person).where(Person.user == WHO["Ivo"].user)).one()
        assert not ivo.present
