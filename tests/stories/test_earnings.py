"""``/claim earnings``: where a claim appears in the earnings and payouts, or why it does not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.operations import settling
from rules.lifecycle import Status
from tests.cast import LONDON, WHO, claim_in
from tests.reports import earnings_line, import_earnings, official_claim
from tests.stories.world import World

SALES = {"solution_area": "business-applications", "partner_role": "build-intent-advisor", "products": ["sales"]}


@pytest.fixture
def world(http_world: World) -> World:
    return http_world


def said(world: World, who: str, asked: str) -> str:
    person = world.person(who)
    person.command(f"/claim earnings {asked}", "C0TOWN" if who in ("Zed", "Rosa", "Bo") else "C0CONTOSO")
    world.sandbox.settle()
    return person.ephemerals[-1].visible_text


def test_an_approved_and_eligible_claim_is_confirmed_with_each_line_and_its_payment(world: World, tmp_path: Path):
    memory = world.bot.memory
    subscription = "7c0e0d55-3a0d-4f0e-9d70-8f8d3f3f3b21"
    number = official_claim(memory, world.clock, **SALES, subscription_id=subscription)
    claim = world.claim(number)
    engagement = {"EngagementName": "OSA Sell"}
    import_earnings(
        memory,
        tmp_path,
        earnings_line(claim, "E-1", "2026-11-25", PaymentDate="2026-11-25", PaymentId="P-7", **engagement),
        earnings_line(claim, "E-2", "2026-11-24", "99.90", ReasonCode="Cap reached", **engagement),
        earnings_line(claim, "E-3", "2026-11-23", "1.00", **engagement),
    )
    assert claim.customer_tenant_id is not None
    for who, asked in (("Ana", number), ("Ana", subscription), ("Rosa", claim.customer_tenant_id)):
        answer = said(world, who, asked)
        assert "is in 3 lines of the earnings report: 1,301.40 EUR earned, 1,200.50 of it paid" in answer
        assert "Microsoft Online Service Advisor (OSA)" in answer
        for line in ("E-1", "Wed 25 Nov 2026, payment P-7", "99.90 EUR", "no: Cap reached", "not yet"):
            assert line in answer
    for who in ("Bo", "Zed"):
        assert said(world, who, number) == f"There is no claim {number} that you can see."
        assert said(world, who, subscription) == f"There is no claim that you can see for “{subscription}”."


def test_a_claim_without_earnings_is_told_why(world: World, tmp_path: Path):
    memory, clock = world.bot.memory, world.clock
    reviewed = claim_in(memory, Status.UNDER_REVIEW)
    approved = claim_in(memory, Status.APPROVED)
    assert "is Under review: only an approved claim can bring money." in said(world, "Ana", reviewed)
    assert "becomes official on Thu 26 Nov 2026, unless the customer opts out" in said(world, "Ana", approved)

    opted_out = official_claim(memory, clock, opt_out_of_payment=True)
    recognised = official_claim(memory, clock, products=["yammer"])
    eligible = official_claim(memory, clock)
    ended = official_claim(memory, clock)
    settling.disassociate(memory, WHO["Bill"], ended, "The project is over.")
    assert "The partner opted out of the payment; the association counts." in said(world, "Ana", opted_out)
    assert "These products bring recognition, and no money — Yammer." in said(world, "Ana", recognised)
    first = (
        "No earnings report has been imported yet. What it earns in December 2026 is in the report by Sat 16 Jan 2027."
    )
    assert first in said(world, "Ana", eligible)
    assert "has ended, and no line" in said(world, "Ana", ended)

    other = world.claim(official_claim(memory, clock, by="Bo", mpn=LONDON))
    import_earnings(memory, tmp_path, earnings_line(other, "E-1", "2026-10-31"))
    assert "the newest report imported here is of October 2026." in said(world, "Ana", eligible)
    clock.set(datetime(2027, 1, 16, 18, tzinfo=UTC))
    import_earnings(memory, tmp_path, earnings_line(other, "E-2", "2027-01-16"))
    none = "Reports up to January 2027 are here, and it is in none of them. What it earns in December 2026 is in"
    assert none in said(world, "Ana", eligible)
    clock.advance(timedelta(days=1))
    assert "it is in none of them: ask the programme." in said(world, "Ana", eligible)


def test_of_many_claims_the_newest_are_answered_for(world: World):
    for _ in range(6):
        claim_in(world.bot.memory, Status.SUBMITTED)
    assert "These are the newest 5 of 6 claims." in said(world, "Ana", "northwind")
    assert "Whose earnings? /claim earnings CL-000123" in said(world, "Ana", "")
