"""What Slack shows of a claim after its data was erased: its number, how it ended, and that it was erased."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.database import Database
from models.documents import DocumentStore
from models.operations import commenting, reviewing
from models.operations.erasing import Cause, erase_claim
from models.queries.erasable import claims_of_customer
from models.tables import Document, claim_id
from rules.lifecycle import Status
from tests.cast import DIRECTORY, WHO, rules_that_erase_drafts
from tests.stories.world import FIRST, FOURTH, SECOND, THIRD, World, world_of

SECRET = "Zyxwold"


def seen(world: World) -> str:
    """Everything of the bot's that anybody can read in a channel, a thread, or a conversation with it."""
    workspace = world.sandbox.workspace
    every = [one for messages in workspace.messages.values() for one in messages]
    return "\n".join(f"{one.text} {one.visible_text} {one.shown_blocks}" for one in every if not one.ephemeral)


def test_cards_threads_lists_pages_and_home_show_that_a_claim_was_erased_and_nothing_of_it(http_world: World):
    world = http_world
    number = world.claim_in(
        Status.REJECTED_FINAL, claim_name=f"{SECRET}: Teams", customer_name=f"{SECRET} Traders", comments=f"{SECRET}!"
    )
    rival = world.claim_in(Status.DRAFT, claim_name="Another one")
    world.person("Rosa").command(f"/claim comment {number} {SECRET} called twice.", "C0REVIEW")
    world.settle()
    world.person("Rosa").open_home()
    world.settle()
    assert SECRET in seen(world)

    erase_claim(world.bot.memory, claim_id(number) or 0, Cause.REQUEST)
    world.settle()

    assert SECRET not in seen(world)
    for who, channel in (("Ana", "C0CONTOSO"), ("Rosa", "C0REVIEW")):
        card = world.card(who, channel, number)
        assert "What people had written in this claim was erased." in card.visible_text
        assert "Rejected final" in card.visible_text
        assert world.thread(who, channel, number) == []
        assert card.buttons == []
    ana, rosa = world.person("Ana"), world.person("Rosa")
    ana.command("/claim list", "C0CONTOSO")
    assert f"{number}\nerased\nerased\nRejected final" in world.whispered("Ana")[-1]
    ana.command(f"/claim show {number}", "C0CONTOSO")
    page = world.whispered("Ana")[-1]
    assert "Nothing more can happen to it: what people wrote in it was erased." in page
    assert "Customer name: erased" in page
    rosa.command(f"/claim history {number}", "C0REVIEW")
    history = world.whispered("Rosa")[-1]
    assert "What people had written in the claim was erased" in history
    assert "(what was written is erased)" in history
    ana.command(f"/claim comment {number} Once more about it", "C0CONTOSO")
    assert f"The data of {number} was erased" in world.whispered("Ana")[-1]
    assert SECRET not in str(rosa.open_home().blocks)
    assert rival in seen(world)


def reminders(world: World) -> list[str]:
    every = world.person("Remy").messages("C0REVIEW")
    return [one.visible_text for one in every if one.text.startswith("Reminder: ")]


@pytest.mark.parametrize("days", [1, 90])
def test_messages_to_single_people_and_reminders_are_taken_back_however_old_they_are(http_world: World, days: int):
    world = http_world
    remy = world.person("Remy")
    number = world.claim_in(Status.UNDER_REVIEW, claim_name=f"{SECRET}: Teams")
    other = world.claim_in(Status.UNDER_REVIEW)
    for one in (number, other):
        reviewing.reassign(world.bot.memory, WHO["Rosa"], one, WHO["Remy"])
    world.come_to(world.clock() + timedelta(days=14, hours=3))  # reviewers are reminded of both by one message

    assert [number in one.visible_text for one in remy.direct_messages()] == [True, False]
    assert [one for one in reminders(world) if SECRET in one]
    world.come_to(world.clock() + timedelta(days=days))
    reviewing.reject(world.bot.memory, WHO["Remy"], number, "insufficient-proof", "No.")
    world.settle()
    erase_claim(world.bot.memory, claim_id(number) or 0, Cause.REQUEST, force=True)
    world.settle()
    assert [number in one.visible_text for one in remy.direct_messages()] == [False]
    assert not [one for one in reminders(world) if SECRET in one]


def test_a_card_that_was_left_in_another_channel_goes_with_its_thread(http_world: World):
    world, number = http_world, http_world.claim_in(Status.UNDER_REVIEW)
    commenting.say(world.bot.memory, WHO["Rosa"], number, f"{SECRET} called.")
    world.settle()
    told = world.thread("Rosa", "C0REVIEW", number)
    assert SECRET in told[-1]
    world.know(DIRECTORY.replace("review_channel: C0REVIEW", "review_channel: C0TOWN"))
    reviewing.reject(world.bot.memory, WHO["Rosa"], number, "insufficient-proof", "No.")
    world.come_to(world.clock() + timedelta(days=60))  # the outbox knows nothing of it any more
    rosa = world.person("Rosa")
    assert [one.text for one in rosa.messages("C0REVIEW") if number in one.text or "moved" in one.text] == [
        "This claim moved to another channel."
    ]
    assert SECRET in seen(world)

    erase_claim(world.bot.memory, claim_id(number) or 0, Cause.REQUEST)
    world.settle()
    assert SECRET not in seen(world)
    assert "This claim moved to another channel." not in seen(world)


def test_an_international_domain_is_shown_found_and_erased_as_people_type_it(http_world: World):
    world, memory = http_world, http_world.bot.memory
    number = world.claim_in(Status.REJECTED_FINAL, customer_name="Weavers", customer_domain="https://Müller.de/über")
    other = world.claim_in(Status.DRAFT)
    assert "Weavers · müller.de (xn--mller-kva.de)" in world.card("Rosa", "C0REVIEW", number).visible_text
    ana = world.person("Ana")
    for asked in ("müller.de", "customer:müller.de", "MÜLLER.de weavers", "xn--mller-kva.de"):
        ana.command(f"/claim list {asked}", "C0CONTOSO")
        shown = world.whispered("Ana")[-1]
        assert (number in shown, other in shown) == (True, False), asked
    ana.command("/claim export müller.de", "C0CONTOSO")

    with memory.database.reading() as session:
        found = claims_of_customer(session, "Müller.de")
    assert found == [claim_id(number)]
    erase_claim(memory, found[0], Cause.REQUEST)
    world.settle()
    assert not [one for one in ("müller", "mller") if one in seen(world).lower()]


def left_over(world: World, folder: Path) -> tuple[list[Path], int]:
    """The files in the store, and how many are listed."""
    with world.bot.memory.database.reading() as session:
        listed = session.scalar(select(func.count()).select_from(Document)) or 0
    return [one for one in (folder / "documents").rglob("*") if one.is_file()], listed


@pytest.mark.parametrize("killed", [False, True])
def test_a_proof_that_is_fetched_while_its_claim_is_erased_leaves_no_file(
    http_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed: bool
):
    put = DocumentStore.put

    def slow_put(store: DocumentStore, content: bytes) -> str:
        erase_claim(http_world.bot.memory, 1, Cause.REQUEST, force=True)
        kept = put(store, content)
        if killed:
            raise SystemExit
        return kept

    monkeypatch.setattr(DocumentStore, "put", slow_put)
    http_world.person("Ana").command("/claim new", "C0CONTOSO")
    for page in (FIRST, SECOND, THIRD, FOURTH):
        http_world.turn_page("Ana", page)
    try:
        http_world.settle()
    except SystemExit:
        files, listed = left_over(http_world, tmp_path)
        assert (len(files), listed) == (1, 1)
        for beat in http_world.bot.beats:
            if beat.name == "retention":  # it tidies up, though the rules keep everything
                beat.job()
    assert left_over(http_world, tmp_path) == ([], 0)


def test_all_of_a_long_thread_is_deleted_at_the_pace_that_slack_allows(http_world: World):
    number = http_world.claim_in(Status.REJECTED_FINAL)
    for turn in range(35):
        commenting.say(http_world.bot.memory, WHO["Ana"], number, f"{SECRET} called {turn} times.")
    http_world.settle()
    assert len(http_world.thread("Rosa", "C0REVIEW", number)) > 35
    erase_claim(http_world.bot.memory, claim_id(number) or 0, Cause.REQUEST)
    for _ in range(4):
        http_world.wait()
    assert http_world.thread("Rosa", "C0REVIEW", number) == []
    assert SECRET not in seen(http_world)


def test_once_a_day_what_was_kept_as_long_as_the_rules_say_is_erased(database: Database, tmp_path: Path):
    with world_of(database, tmp_path, rules=rules_that_erase_drafts(tmp_path)) as world:
        number = world.claim_in(Status.DRAFT, customer_name=f"{SECRET} Traders")
        world.come_to(world.clock() + timedelta(days=330))
        assert SECRET in seen(world)
        world.come_to(world.clock() + timedelta(days=60))
        assert world.claim(number).customer_name == "erased"
        assert SECRET not in seen(world)
