"""A claim moves to a location that has a channel of its own: who is in a channel sees its cards, and nobody else."""

from __future__ import annotations

from models.operations import reviewing
from rules.lifecycle import Status
from tests.cast import DIRECTORY, WHO
from tests.stories.world import FIRST, World


def test_a_card_follows_its_claim_to_the_channel_of_its_location(http_world: World):
    world = http_world
    ana = world.person("Ana")
    number = world.submit_claim()
    world.person("Rosa").press("Start review", world.card("Rosa", "C0REVIEW"))
    world.settle()
    world.person("Rosa").press("Request information", world.card("Rosa", "C0REVIEW"))
    asked = world.person("Rosa").form
    assert asked is not None
    asked.fill({"Reason": ["Missing products"], "Message": "Which products?"})
    asked.submit()
    world.settle()

    ana.press("Edit", world.card("Ana", "C0CONTOSO"))
    form = ana.form
    assert form is not None
    form.fill({"Partner location (MPN)": "Munich · 4711002"})
    form.submit()
    world.settle()

    left = "\n".join(one.visible_text for one in ana.messages("C0CONTOSO"))
    assert "moved to another channel" in left
    assert FIRST["Claim name"] not in left
    card = world.card("Mia", "C0MUNICH")
    assert number in card.text
    told = world.thread("Mia", "C0MUNICH")
    for line, step in zip(told, ["submitted", "started", "asked", "changed"], strict=True):
        assert step in line


def test_a_claim_that_moves_before_its_card_is_posted_is_never_seen_in_the_other_channel(http_world: World):
    ana = http_world.person("Ana")
    ana.command("/claim new", "C0CONTOSO")
    http_world.turn_page("Ana", FIRST).close()
    ana.command("/claim edit CL-000001", "C0CONTOSO")
    http_world.turn_page("Ana", {"Partner location (MPN)": "Munich · 4711002"})
    http_world.settle()
    assert "CL-000001" in http_world.card("Mia", "C0MUNICH").text
    assert [one for one in ana.messages("C0CONTOSO") if not one.ephemeral] == []


def test_cards_leave_a_channel_that_the_directory_no_longer_names(http_world: World):
    world, number = http_world, http_world.claim_in(Status.UNDER_REVIEW)
    world.sandbox.workspace.channels["C0CONTOSO"].is_archived = True
    world.know(
        DIRECTORY.replace("channel: C0CONTOSO", "channel: C0MUNICH").replace(
            "review_channel: C0REVIEW", "review_channel: C0TOWN"
        )
    )
    reviewing.request_information(world.bot.memory, WHO["Rosa"], number, ["missing-products"], "Which products?")
    world.settle()

    assert "Partner action required since" in world.card("Ana", "C0MUNICH").visible_text
    assert "Which products?" in world.card("Rosa", "C0TOWN").visible_text
    for who, channel in (("Ana", "C0MUNICH"), ("Rosa", "C0TOWN")):
        told = world.thread(who, channel)
        for line, step in zip(told, ["submitted", "started", "asked"], strict=True):
            assert step in line
    assert world.person("Rosa").messages("C0REVIEW")[0].text == "This claim moved to another channel."
