"""Two claims for the same: of one partner the second is refused, of two partners neither learns of the other."""

from __future__ import annotations

from datetime import date

import pytest

from models.operations import settling
from rules.lifecycle import Status
from sandbox.objects import Message
from tests.cast import LONDON, VALUES
from tests.stories.world import World

REVIEWERS = "C0REVIEW"
TENANT = "8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48"
FABRIKAMS = {
    "mpn": LONDON,
    "by": "Bo",
    "claim_name": "Northwind, by Fabrikam",
    "partner_contact_name": "Bo Builder",
    "partner_contact_email": "bo@fabrikam-partners.com",
    "acknowledgement_date": date(2026, 9, 14),
}


def contosos(world: World, status: Status = Status.UNDER_REVIEW) -> str:
    return world.claim_in(status, customer_tenant_id=TENANT)


def fabrikams(world: World, status: Status = Status.SUBMITTED, **values: object) -> str:
    return world.claim_in(status, **({"customer_tenant_id": TENANT} | FABRIKAMS | values))


def review_card(world: World, number: str) -> str:
    return world.card("Rosa", REVIEWERS, number).visible_text


def everything(world: World, who: str) -> str:
    """Every word that the bot ever let this person see, in channels, threads, messages to them alone, and forms."""
    person = world.person(who)
    workspace = world.sandbox.workspace
    seen: list[Message] = []
    for channel in workspace.channels.values():
        if person.id in channel.members:
            for message in person.messages(channel.id):
                seen += [message, *person.thread(message)]
    seen += person.ephemerals
    text = "\n".join(f"{one.text}\n{one.visible_text}" for one in seen)
    return text + (person.form.text if person.form is not None else "")


# -- one partner -------------------------------------------------------------------------------------------------------


def test_a_second_claim_of_the_same_partner_names_the_first_and_opens_it(http_world: World):
    first = contosos(http_world)
    http_world.claim_in(Status.DRAFT, customer_tenant_id=TENANT)
    ana = http_world.person("Ana")
    ana.command("/claim submit CL-000002", "C0CONTOSO")
    form = http_world.form("Ana")
    assert form.title == "Not ready yet"
    assert (
        f"You already have a live claim for the same customer, role and workload or subscription: {first}" in form.text
    )
    form.press(f"Open {first}")
    opened = http_world.form("Ana")
    assert opened.title == first
    assert "Under review since" in opened.text
    opened.close()
    assert http_world.form("Ana").title == "Not ready yet"
    assert http_world.claim("CL-000002").status is Status.DRAFT


def test_what_a_person_may_not_see_is_not_offered_to_them(http_world: World):
    http_world.claim_in(Status.UNDER_REVIEW, customer_tenant_id=TENANT, mpn="4711002")
    http_world.claim_in(Status.DRAFT, customer_tenant_id=TENANT)
    http_world.person("Ivo").command("/claim submit CL-000002", "C0CONTOSO")
    form = http_world.form("Ivo")
    assert form.title == "Not ready yet"
    assert not any(label.startswith("Open") for label in form.buttons)


@pytest.mark.parametrize(
    "other", [{"customer_tenant_id": "1b6c52f0-52ae-4e5b-8d0c-3f7f4f6f0a11"}, {"products": ["sharepoint"]}]
)
def test_another_customer_or_another_workload_is_no_second_claim(http_world: World, other: dict[str, object]):
    contosos(http_world)
    http_world.claim_in(Status.SUBMITTED, **({"customer_tenant_id": TENANT} | other))
    assert "ompeting" not in review_card(http_world, "CL-000002")


# -- two partners ------------------------------------------------------------------------------------------------------


def test_both_review_cards_show_the_other_claim_beside_their_own(http_world: World):
    first, second = contosos(http_world), fabrikams(http_world)
    assert (
        f"Competing claim {second} of Fabrikam Partners: proof handed in Wed 18 Nov 2026, "
        "acknowledgement dated Mon 14 Sep 2026, status Submitted." in review_card(http_world, first)
    )
    assert "This claim: proof handed in Wed 18 Nov 2026, acknowledgement dated Thu 1 Oct 2026." in review_card(
        http_world, first
    )
    assert (
        f"Competing claim {first} of Contoso Consulting: proof handed in Wed 18 Nov 2026, "
        "acknowledgement dated Thu 1 Oct 2026, status Under review." in review_card(http_world, second)
    )
    assert "1 competing claim for the same customer" in review_card(http_world, second)


def test_a_draft_competes_with_nobody(http_world: World):
    first = contosos(http_world)
    fabrikams(http_world, Status.DRAFT)
    assert "ompeting" not in review_card(http_world, first)


def test_the_other_card_follows_what_happens_to_the_competitor(http_world: World):
    first, second = contosos(http_world), fabrikams(http_world, Status.UNDER_REVIEW)
    assert "status Under review." in review_card(http_world, first)
    http_world.person("Rosa").press("Approve", http_world.card("Rosa", REVIEWERS, second))
    http_world.settle()
    assert f"Competing claim {second}" in review_card(http_world, first)
    assert "status Approved." in review_card(http_world, first)

    settling.opt_out(http_world.bot.memory, second)
    http_world.settle()
    assert "ompeting" not in review_card(http_world, first), "it left the field"
    assert "ompeting" not in review_card(http_world, second)


def test_a_claim_that_comes_back_into_the_field_is_marked_again(http_world: World):
    first, second = contosos(http_world), fabrikams(http_world, Status.REJECTED)
    assert "ompeting" not in review_card(http_world, first)
    http_world.person("Bo").press("Dispute", http_world.card("Bo", "C0FABRIKAM"))
    http_world.turn_page("Bo", {"Business justification": "Page 2 names them."})
    http_world.settle()
    assert f"Competing claim {second}" in review_card(http_world, first)
    assert "status Dispute." in review_card(http_world, first)


def test_who_gives_up_the_products_in_common_competes_no_longer(http_world: World):
    first, second = contosos(http_world), fabrikams(http_world, Status.ACTION_REQUIRED)
    assert f"Competing claim {second}" in review_card(http_world, first)
    http_world.person("Bo").command(f"/claim edit {second}", "C0FABRIKAM")
    http_world.turn_page("Bo", {"Products": ["SharePoint"]})
    http_world.settle()
    for number in (first, second):
        assert "ompeting" not in review_card(http_world, number)


def test_reviewers_compare_in_the_details_and_in_the_thread_too(http_world: World):
    first, second = contosos(http_world), fabrikams(http_world)
    rosa = http_world.person("Rosa")
    rosa.press(f"Open {second}", http_world.card("Rosa", REVIEWERS, first))
    assert f"Competing claim {first} of Contoso Consulting" in http_world.whispered("Rosa")[-1]
    rosa.reply(http_world.card("Rosa", REVIEWERS, first), "@claimbot status")
    http_world.settle()
    assert f"Competing claim {second} of Fabrikam Partners" in http_world.thread("Rosa", REVIEWERS, first)[-1]


def test_partners_learn_nothing_of_each_other_whatever_happens(http_world: World):
    first = contosos(http_world)
    second = fabrikams(http_world)
    ana, bo, rosa = (http_world.person(name) for name in ("Ana", "Bo", "Rosa"))
    rosa.press("Request information", http_world.card("Rosa", REVIEWERS, first))
    http_world.turn_page("Rosa", {"Reason": ["Missing products"], "Message": "Which?"})
    http_world.settle()
    for person, own, channel in ((ana, first, "C0CONTOSO"), (bo, second, "C0FABRIKAM")):
        for command in ("show", "edit", "submit", "withdraw", "dispute"):
            person.command(f"/claim {command} {own}", channel)
            if person.form is not None:
                person.form.close()
        person.command("/claim list", channel)
        person.reply(http_world.card(person.name.split()[0], channel), "@claimbot status")
        person.command("/claim new", channel)
        assert person.form is not None
        person.form.options("Partner location (MPN)")
        http_world.settle()
    bo.command(f"/claim show {first}", "C0FABRIKAM")

    contoso, fabrikam = everything(http_world, "Ana"), everything(http_world, "Bo")
    for foreign in ("Fabrikam Partners", "by Fabrikam", "Bo Builder", second, "ompeting", "14 Sep 2026", LONDON):
        assert foreign not in contoso, f"Contoso reads {foreign!r}"
    for foreign in ("Contoso", "Ana Admin", "ompeting", "1 Oct 2026", str(VALUES["mpn"])):
        assert foreign not in fabrikam, f"Fabrikam reads {foreign!r}"
    assert f"There is no claim {first} that you can see." in fabrikam


def test_a_competing_claim_changes_nothing_in_what_the_rules_say_to_the_partner(http_world: World):
    contosos(http_world)
    http_world.claim_in(Status.DRAFT, **({"customer_tenant_id": TENANT} | FABRIKAMS))
    http_world.person("Bo").command("/claim submit CL-000002", "C0FABRIKAM")
    form = http_world.form("Bo")
    assert form.title == "Submit for review"
    assert "Contoso" not in form.text
    assert "Please check" not in form.text
