"""Claims as a file: asked for by a command, made beside it, and sent to whoever asked, once."""

from __future__ import annotations

import csv
import multiprocessing
from datetime import timedelta
from io import StringIO
from pathlib import Path

from models.tables import Export
from rules.lifecycle import Status
from sandbox.objects import File
from tests.cast import DIRECTORY
from tests.jobs.export_process import build_and_hang
from tests.stories.world import World


def make(world: World) -> None:
    """The jobs that make exports look for work, and everything is said."""
    world.settle()
    for beat in world.bot.beats:
        if beat.name.startswith("export"):
            beat.job()
    world.settle()


def files_of(world: World, who: str) -> list[File]:
    """What was sent to somebody by direct message."""
    return [file for message in world.person(who).direct_messages() for file in message.files]


def note_of(world: World, who: str) -> str:
    """What the note about somebody's export says now."""
    return [one.visible_text for one in world.person(who).direct_messages() if not one.files][-1]


def claims_in(file: File) -> list[str]:
    """The numbers of the claims in a CSV file."""
    assert file.content.startswith(b"\xef\xbb\xbf")
    return [row["Claim"] for row in csv.DictReader(StringIO(file.content.decode("utf-8-sig")))]


def test_what_somebody_asks_for_comes_by_direct_message(world: World):
    world.claim_in(Status.DRAFT)
    approved = world.claim_in(Status.APPROVED)
    world.person("Ana").command("/claim export status:approved", "C0CONTOSO")
    assert world.whispered("Ana")[-1] == "Your claims come to you as CSV, by direct message."
    world.settle()
    assert note_of(world, "Ana").startswith("Your export is being made")
    make(world)
    [file] = files_of(world, "Ana")
    assert file.name == "claims-2026-11-18.csv"
    assert claims_in(file) == [approved]
    assert "Here is your export: 1 claim as CSV, filters: status:Approved." in note_of(world, "Ana")
    world.person("Rosa").command("/claim export excel", "C0REVIEW")
    make(world)
    [workbook] = files_of(world, "Rosa")
    assert workbook.name == "claims-2026-11-18.xlsx"
    assert workbook.content.startswith(b"PK")


def test_when_it_was_asked_for_stands_in_each_readers_own_time(http_world: World):
    http_world.claim_in(Status.DRAFT)
    asked = http_world.clock()
    http_world.person("Ana").command("/claim export", "C0CONTOSO")
    http_world.wait(90)
    make(http_world)
    [note] = [one for one in http_world.person("Ana").direct_messages() if not one.files]
    moment, _ = [leaf for leaf in note.blocks[0]["elements"][0]["elements"] if leaf["type"] == "date"]
    assert (moment["timestamp"], "{time}" in moment["format"]) == (int(asked.timestamp()), True)
    # Nor does the programme's time stand beside it, or in what a notification shows.
    assert "Los_Angeles" not in note.visible_text + note.text
    assert f"Asked <!date^{int(asked.timestamp())}^{{date_short_pretty}} at {{time}}|2026-11-18 " in note.text


def test_a_format_that_there_is_not_is_said_and_its_name_can_be_looked_for_all_the_same(world: World):
    found = world.claim_in(Status.DRAFT, claim_name="Scans as PDF")
    world.claim_in(Status.DRAFT)
    ana = world.person("Ana")
    for asked in ("pdf", "PDF status:draft", "status:draft pdf", "usage pdf northwind"):
        ana.command(f"/claim export {asked}", "C0CONTOSO")
        assert world.whispered("Ana")[-1] == (
            "There is no export as PDF: say csv, or xlsx for Excel. "
            'To look for the word “pdf”, write it in quotation marks: /claim export "pdf"'
        )
    make(world)
    assert files_of(world, "Ana") == []
    ana.command('/claim export "pdf"', "C0CONTOSO")
    make(world)
    [file] = files_of(world, "Ana")
    assert claims_in(file) == [found]


def test_the_format_may_stand_behind_the_filters_too(world: World):
    world.claim_in(Status.DRAFT)
    world.person("Ana").command("/claim export status:draft xlsx", "C0CONTOSO")
    world.person("Ana").command("/claim export customer: xlsx", "C0CONTOSO")
    make(world)
    [file] = files_of(world, "Ana")
    assert file.name.endswith(".xlsx")
    assert "so there is no file (filters: customer:xlsx)." in note_of(world, "Ana")


def test_a_filter_that_there_is_not_is_answered_at_once_and_nothing_is_made(http_world: World):
    ana = http_world.person("Ana")
    ana.command("/claim export statos:approved", "C0CONTOSO")
    assert "Did you mean status:approved?" in http_world.whispered("Ana")[-1]
    http_world.person("Zed").command("/claim export", "C0TOWN")
    assert http_world.whispered("Zed") == ["There are no claims that you can see."]
    make(http_world)
    assert (ana.direct_messages(), http_world.person("Zed").direct_messages()) == ([], [])


def test_where_nothing_fits_the_note_says_so_and_there_is_no_file(http_world: World):
    http_world.claim_in(Status.DRAFT)
    http_world.person("Bo").command("/claim export", "C0FABRIKAM")
    make(http_world)
    assert files_of(http_world, "Bo") == []
    assert note_of(http_world, "Bo").startswith("No claims. Nothing that you can see fits")


def test_the_same_is_not_made_twice_at_a_time(http_world: World):
    http_world.claim_in(Status.DRAFT)
    ana = http_world.person("Ana")
    ana.command("/claim export", "C0CONTOSO")
    ana.command("/claim export csv", "C0CONTOSO")
    assert http_world.whispered("Ana")[-1].startswith("That export is being made already.")
    make(http_world)
    assert len(files_of(http_world, "Ana")) == 1
    for words in ("status:draft", "status:approved", "teams", "xlsx", "sort:due"):
        ana.command(f"/claim export {words}", "C0CONTOSO")
    ana.command("/claim export sort:name", "C0CONTOSO")
    assert "Please wait until one of them is here." in http_world.whispered("Ana")[-1]


def test_rights_are_looked_at_again_when_the_file_is_made(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    http_world.person("Ana").command("/claim export", "C0CONTOSO")
    http_world.settle()
    http_world.know("\n".join(line for line in DIRECTORY.splitlines() if "U0ANA" not in line))
    make(http_world)
    assert files_of(http_world, "Ana") == []
    assert note_of(http_world, "Ana").startswith("No claims.")


def test_a_worker_killed_over_an_export_leaves_it_to_another_and_one_file_comes(http_world: World, tmp_path: Path):
    number = http_world.claim_in(Status.SUBMITTED)
    http_world.person("Ana").command("/claim export", "C0CONTOSO")
    url = http_world.bot.memory.database.engine.url.render_as_string(hide_password=False)
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    worker = context.Process(target=build_and_hang, args=(url, str(tmp_path), theirs))
    worker.start()
    assert ours.poll(60)
    made = Path(ours.recv())
    worker.kill()
    worker.join()
    assert made.exists()
    make(http_world)
    assert files_of(http_world, "Ana") == []  # its lease still runs
    http_world.clock.advance(timedelta(minutes=3))
    make(http_world)
    make(http_world)
    assert [claims_in(file) for file in files_of(http_world, "Ana")] == [[number]]
    assert note_of(http_world, "Ana").startswith("Here is your export")


def test_a_file_is_shared_once_whatever_answer_of_slacks_is_lost(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    faults = http_world.sandbox.faults
    faults.lose_answer("files.completeUploadExternal")
    faults.lose_answer("upload")
    faults.fail("files.getUploadURLExternal")
    http_world.person("Ana").command("/claim export", "C0CONTOSO")
    for _ in range(4):
        make(http_world)
        http_world.clock.advance(timedelta(minutes=1))
    assert len(files_of(http_world, "Ana")) == 1
    assert note_of(http_world, "Ana").startswith("Here is your export")


def test_content_that_slack_lost_is_made_anew(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    http_world.sandbox.faults.refuse("files.completeUploadExternal", "file_not_found")
    http_world.person("Ana").command("/claim export", "C0CONTOSO")
    make(http_world)
    assert files_of(http_world, "Ana") == []
    make(http_world)
    assert len(files_of(http_world, "Ana")) == 1


def test_an_export_that_slack_never_takes_is_given_up_and_the_person_is_told(http_world: World):
    http_world.claim_in(Status.SUBMITTED)
    http_world.sandbox.faults.refuse("files.getUploadURLExternal", "not_allowed", times=9)
    http_world.person("Ana").command("/claim export", "C0CONTOSO")
    make(http_world)
    assert note_of(http_world, "Ana").startswith("Your export could not be made.")
    with http_world.bot.memory.database.transaction() as session:
        assert session.get_one(Export, 1).problem == "not_allowed"
