"""What Slack shows of a claim after its data was erased: its number, how it ended, and that it was erased."""

from __future__ import annotations

from models.operations.erasing import Cause, erase_claim
from models.tables import claim_id
from rules.lifecycle import Status
from tests.stories.world import World

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
