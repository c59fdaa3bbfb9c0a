"""A claim moves to a location that has a channel of its own: who is in a channel sees its cards, and nobody else."""

from __future__ import annotations

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
    assert "moved to another location" in left
    assert FIRST["Claim name"] not in left
    card = world.card("Mia", "C0MUNICH")
    assert number in card.text
    told = world.thread("Mia", "C0MUNICH")
    for line, step in zip(told, ["submitted", "started", "asked", "changed"], strict=True):
        assert step in line
