"""Exports leave Slack again: when their time is over, and at once when something that they may hold is erased."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from models.memory import Memory
from models.operations.erasing import Cause, erase_claim
from models.operations.erasing_people import erase_person
from models.operations.unsharing import unshare
from models.tables import Outgoing, Person, claim_id
from rules.lifecycle import Status
from tests.cast import DIRECTORY, LONDON
from tests.stories.test_export import claims_in, files_of, make, note_of
from tests.stories.world import World

# Thirty days after Wednesday the 18th, in the programme's zone.
LAST = datetime(2026, 12, 18, tzinfo=ZoneInfo("America/Los_Angeles"))
OVER = LAST + timedelta(days=1)
DISCARDED = "something that it may have held was erased"


def export(world: World, *people: str) -> None:
    channels = {"Bo": "C0FABRIKAM", "Rosa": "C0REVIEW"}
    for who in people:
        world.person(who).command("/claim export", channels.get(who, "C0CONTOSO"))
    make(world)


def there(world: World, who: str) -> list[bool]:
    """Of each file that somebody was sent, oldest first: whether it is still there."""
    return [not file.deleted for file in files_of(world, who)]


def deletions(world: World) -> int:
    return len([one for one in world.sandbox.calls if one.method == "files.delete"])


def given_up(world: World) -> list[str]:
    with world.bot.memory.database.reading() as session:
        return list(session.scalars(select(Outgoing.kind).where(Outgoing.state == "dead")))


def test_the_note_says_until_when_a_file_is_there_and_then_it_goes_once_and_the_note_says_that(world: World):
    world.claim_in(Status.DRAFT)
    export(world, "Ana")
    [note] = [one for one in world.person("Ana").direct_messages() if not one.files]
    _, until = [leaf for leaf in note.blocks[0]["elements"][0]["elements"] if leaf["type"] == "date"]
    assert "The file stays here until" in note.visible_text
    assert until["timestamp"] == OVER.timestamp()
    world.come_to(OVER - timedelta(seconds=1))
    assert there(world, "Ana") == [True]
    for _ in range(2):
        world.come_to(OVER)
        assert there(world, "Ana") == [False]
    assert deletions(world) == 1
    gone = note_of(world, "Ana")
    assert gone.startswith("The file of this export is gone: 1 claim as CSV, everything that you can see.")
    assert "(its time was over)" in gone
    assert "Ask for it again" in gone


@pytest.mark.parametrize("how", ["by hand", "and the answer is lost"])
def test_a_file_that_is_gone_already_is_no_error(http_world: World, how: str):
    world = http_world
    world.claim_in(Status.DRAFT)
    export(world, "Ana")
    if how == "by hand":
        world.sandbox.workspace.delete_file(files_of(world, "Ana")[0].id)
    else:
        world.sandbox.faults.lose_answer("files.delete")
    world.come_to(OVER)
    world.wait(10)
    assert note_of(world, "Ana").startswith("The file of this export is gone")
    assert (there(world, "Ana"), given_up(world)) == ([False], [])


def test_a_removal_that_slack_forbids_is_an_operators_matter_and_is_not_tried_for_ever(http_world: World):
    world = http_world
    world.claim_in(Status.DRAFT)
    export(world, "Ana")
    world.sandbox.faults.refuse("files.delete", "file_deleting_disabled")
    for hours in range(3):
        world.come_to(OVER + timedelta(hours=hours))
    assert (there(world, "Ana"), given_up(world), deletions(world)) == ([True], ["export_removed"], 1)


def test_without_the_limit_a_file_stays(http_world: World):
    http_world.claim_in(Status.DRAFT)
    export(http_world, "Ana")
    memory = http_world.bot.memory
    limits = memory.programme.limits.model_copy(update={"exports_in_slack_calendar_days": None})
    http_world.clock.set(OVER + timedelta(days=999))
    unlimited = Memory(memory.database, replace(memory.shipped, limits=limits), memory.clock)
    assert unshare(unlimited) == 0
    assert unshare(memory) == 1


def test_on_an_erasure_every_file_goes_at_once_in_which_the_claim_may_stand_and_no_other(http_world: World):
    world = http_world
    world.claim_in(Status.SUBMITTED, by="Bo", mpn=LONDON)
    export(world, "Ana")  # before the claim was there, of which she will see nothing
    number = world.claim_in(Status.REJECTED_FINAL)
    export(world, "Ana", "Bo", "Rosa")
    erase_claim(world.bot.memory, claim_id(number) or 0, Cause.REQUEST)
    world.settle()
    assert (there(world, "Ana"), there(world, "Rosa"), there(world, "Bo")) == ([False], [False], [True])
    assert DISCARDED in note_of(world, "Ana")
    export(world, "Ana")
    assert there(world, "Ana") == [False, True]


def test_an_export_that_is_on_its_way_while_a_claim_is_erased_is_made_anew_without_it(http_world: World):
    world = http_world
    number = world.claim_in(Status.REJECTED_FINAL, claim_name="Zyxwold: Teams")
    world.person("Ana").command("/claim export", "C0CONTOSO")
    world.settle()
    for beat in world.bot.beats:
        if beat.name.startswith("export"):
            beat.job()
    # Its content is at Slack and shared with nobody yet.
    erase_claim(world.bot.memory, claim_id(number) or 0, Cause.REQUEST)
    make(world)
    [file] = [one for one in files_of(world, "Ana") if not one.deleted]
    assert claims_in(file) == [number]
    assert b"Zyxwold" not in file.content
    assert note_of(world, "Ana").startswith("Here is your export")


def test_what_retention_erases_leaves_exports_their_time(http_world: World):
    number = http_world.claim_in(Status.REJECTED_FINAL)
    export(http_world, "Ana")
    erase_claim(http_world.bot.memory, claim_id(number) or 0, Cause.RETENTION)
    http_world.settle()
    assert there(http_world, "Ana") == [True]


def test_the_files_of_a_person_who_is_erased_go_too_and_their_id_with_them(http_world: World):
    world = http_world
    world.claim_in(Status.DRAFT)
    export(world, "Ivo", "Ana")
    world.know("\n".join(line for line in DIRECTORY.splitlines() if "U0IVO" not in line))
    with world.bot.memory.database.reading() as session:
        ivo = session.scalars(select(Person.id).where(Person.user == "U0IVO")).one()
    assert erase_person(world.bot.memory, ivo, Cause.REQUEST)
    world.settle()
    assert (there(world, "Ivo"), there(world, "Ana"), given_up(world)) == ([False], [True], [])
    with world.bot.memory.database.reading() as session:
        assert not [row for row in session.scalars(select(Outgoing)) if "U0IVO" in f"{row.lane} {row.payload}"]
