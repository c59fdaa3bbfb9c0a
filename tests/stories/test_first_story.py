"""A claim goes the usual way: filed, asked about, answered, approved."""

from __future__ import annotations

from tests.stories.world import ACKNOWLEDGED, PDF, World


def test_a_claim_goes_from_new_to_approved_with_a_question_in_between(world: World):
    ana, rosa = world.person("Ana"), world.person("Rosa")

    number = world.submit_claim()
    assert number == "CL-000001"
    assert "Submitted" in world.card("Ana", "C0CONTOSO").visible_text
    assert "Start review" in world.card("Rosa", "C0REVIEW").buttons

    rosa.press("Start review", world.card("Rosa", "C0REVIEW"))
    world.settle()
    assert "Under review" in world.card("Rosa", "C0REVIEW").visible_text

    rosa.press("Request information", world.card("Rosa", "C0REVIEW"))
    world.turn_page(
        "Rosa", {"Reason": ["Missing products"], "Message": "Please name Exchange in the statement of work."}
    )
    assert rosa.form is None
    world.settle()
    card = world.card("Ana", "C0CONTOSO")
    assert "Partner action required" in card.visible_text
    assert "Please name Exchange in the statement of work." in card.visible_text
    assert card.buttons == ["Edit", "Resubmit", "Withdraw", "Details", "Why?"]

    ana.press("Edit", card)
    form = world.form("Ana")
    assert form.labels == [
        "Partner location (MPN)",
        "Products",
        "Customer contact name",
        "Customer contact title",
        "Customer contact e-mail",
        "Partner contact name",
        "Partner contact e-mail",
        "Acknowledgement date",
        "Already handed in: tick what is to be removed",
        "Proof of execution",
        "Comments",
    ]
    assert "Please name Exchange in the statement of work." in form.text
    form.fill({"Proof of execution": [("sow-2.pdf", PDF + b"%2")], "Comments": "The new statement names Exchange."})
    form.submit()
    world.settle()
    assert form.title == "Resubmit"
    world.turn_page("Ana", ACKNOWLEDGED)
    world.settle()

    rosa.press("Start review", world.card("Rosa", "C0REVIEW"))
    world.settle()
    rosa.press("Approve", world.card("Rosa", "C0REVIEW"))
    world.settle()

    for who, channel in (("Ana", "C0CONTOSO"), ("Rosa", "C0REVIEW")):
        assert "Approved" in world.card(who, channel).visible_text
        told = world.thread(who, channel)
        steps = ["submitted", "started the review", "asked the partner", "changed", "answered", "started", "approved"]
        for line, step in zip(told, steps, strict=True):
            assert step in line
    shown = ana.command("/claim show CL-000001", "C0CONTOSO").text
    assert "Approved" in shown
