"""The page of one claim: its sections, the long parts page by page, and its files of proof by direct message."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.operations import filing
from models.tables import Proof
from rules.lifecycle import Status
from sandbox.objects import Message
from tests.cast import DIRECTORY, WHO, a_file, accept
from tests.stories.world import World

WITHOUT_ROSA = "\n".join(row for row in DIRECTORY.splitlines() if "U0ROSA" not in row)
PARTNER, REVIEWERS = "C0CONTOSO", "C0REVIEW"


def page(world: World, who: str, number: str, channel: str = PARTNER) -> Message:
    """The page of a claim, as somebody asks for it."""
    shown = world.person(who).command(f"/claim show {number}", channel).message
    assert shown is not None
    return shown


def say(world: World, who: str, channel: str, number: str, text: str) -> None:
    world.person(who).reply(world.card(who, channel, number), text)
    world.settle()


def test_the_page_says_how_it_stands_who_is_awaited_until_when_and_what_comes_next(http_world: World):
    number = http_world.claim_in(Status.ACTION_REQUIRED)
    text = page(http_world, "Ana", number).visible_text
    in_order = [
        "Partner action required",
        "Answer by Wed 9 Dec 2026 (14 business days left). To act: Contoso Consulting.",
        "Next: Contoso Consulting answers and resubmits it; without an answer in time it is rejected.",
        "Created Wed 18 Nov 2026 · submitted Wed 18 Nov 2026",
        "What is claimed",
        "Products: Exchange, Teams",
        "Contacts",
        "Proof of execution: proof.pdf",
        "Comments: none yet",
        "History  the latest 3 of 5",
        "Why: ",
    ]
    places = [text.index(one) for one in in_order]
    assert places == sorted(places)


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_next_step_and_the_buttons_that_it_allows_this_person(http_world: World, status: Status):
    number = http_world.claim_in(status)
    shown = page(http_world, "Bill", number)
    assert "Next: " in shown.visible_text
    assert ("Dispute" in shown.buttons) == (status is Status.REJECTED)
    assert "Start review" not in shown.buttons


def test_comments_are_read_page_by_page_and_a_partner_reads_none_of_the_reviewers_own(http_world: World):
    number = http_world.claim_in(Status.UNDER_REVIEW)
    for n in range(11):
        say(http_world, "Ana", PARTNER, number, f"Remark {n:02}")
    say(http_world, "Rosa", REVIEWERS, number, "Between us: it looks thin")

    shown = page(http_world, "Ana", number)
    assert "Remark 10" in shown.visible_text
    assert "Remark 07" not in shown.visible_text
    http_world.person("Ana").press("Show comments (11)", shown)
    form = http_world.form("Ana")
    assert "Remark 01" in form.text
    assert "Remark 00" not in form.text
    assert "1–10 of 11, newest first" in form.text
    form.press("Earlier")
    assert "Remark 00" in form.text
    assert "11–11 of 11" in form.text
    form.press("Newer")
    assert "between us" not in form.text.lower()

    shown = page(http_world, "Rosa", number, REVIEWERS)
    assert "Between us" in shown.visible_text
    assert "(internal note)" in shown.visible_text
    assert "Show comments (12)" in shown.buttons


def test_the_history_is_read_page_by_page(http_world: World):
    number = http_world.claim_in(Status.DRAFT)
    for n in range(8):
        filing.edit(http_world.bot.memory, WHO["Ana"], number, {"customer_name": f"Customer {n}"})
    http_world.person("Ana").press("Show history (10)", page(http_world, "Ana", number))
    form = http_world.form("Ana")
    assert "Customer 6 → Customer 7" in form.text
    assert "1–6 of 10" in form.text
    form.press("Earlier")
    assert "created the draft" in form.text
    assert "7–10 of 10" in form.text


@pytest.mark.parametrize(("who", "channel"), [("Ana", PARTNER), ("Rosa", REVIEWERS)])
def test_whoever_sees_the_claim_gets_its_proof_as_a_file_by_direct_message(world: World, who: str, channel: str):
    number = world.submit_claim()
    person = world.person(who)
    person.press("Send me the file", page(world, who, number, channel))
    assert f"1 file of {number} is on the way to you by direct message." in world.whispered(who)[-1]
    world.settle()
    world.wait()
    files = [file for message in person.direct_messages() for file in message.files]
    assert [one.name for one in files] == ["sow.pdf"]
    assert person.download(files[0]).startswith(b"%PDF")
    assert f"{number}: proof of execution, as you asked." in [one.visible_text for one in person.direct_messages()]


def test_one_of_several_files_can_be_chosen_and_says_who_handed_it_in(http_world: World):
    number = http_world.submit_claim()
    filing.add_proof(http_world.bot.memory, WHO["Bill"], number, [a_file("second.pdf")])
    with http_world.bot.memory.database.transaction() as session:
        [second] = session.scalars(select(Proof.id).where(Proof.state == "checking"))
    accept(http_world.bot.memory, second)
    shown = page(http_world, "Ana", number)
    assert "Send me the files" in shown.buttons
    http_world.person("Ana").press("Choose a file (2)", shown)
    form = http_world.form("Ana")
    assert "sow.pdf" in form.text
    assert "handed in by Bill Billing" in form.text


def test_a_file_is_not_sent_to_somebody_who_may_not_see_the_claim_any_more(http_world: World):
    number = http_world.submit_claim()
    rosa = http_world.person("Rosa")
    rosa.press("Send me the file", page(http_world, "Rosa", number, REVIEWERS))
    http_world.know(WITHOUT_ROSA)
    http_world.settle()
    http_world.wait()
    assert rosa.direct_messages() == []


def test_what_is_missing_from_the_store_is_said_plainly(http_world: World):
    number = http_world.claim_in(Status.SUBMITTED)  # whose content was never stored
    http_world.person("Ana").press("Send me the file", page(http_world, "Ana", number))
    http_world.settle()
    [said] = http_world.person("Ana").direct_messages()
    assert "not in the store any more" in said.visible_text
    assert said.files == []


def test_details_pressed_in_a_window_lie_on_top_and_the_way_back_is_there(http_world: World):
    number = http_world.claim_in(Status.UNDER_REVIEW)
    http_world.clock.advance(timedelta(hours=1))
    rosa = http_world.person("Rosa")
    rosa.open_home().press("Details")
    form = http_world.form("Rosa")
    form.press("Show history (4)")
    assert http_world.form("Rosa").title == f"History {number}"
    http_world.form("Rosa").close()
    assert http_world.form("Rosa").title == number
