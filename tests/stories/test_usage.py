"""``/claim usage``: what people see of their customers' usage, and why they see nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rules.lifecycle import Status
from sandbox.objects import Message
from tests.cast import LONDON
from tests.reports import import_usage, official_claim, usage_line
from tests.stories.world import World


def asked(world: World, who: str, text: str, channel: str = "C0CONTOSO") -> Message:
    person = world.person(who)
    person.command(f"/claim {text}", channel)
    world.sandbox.settle()
    return person.ephemerals[-1]


def kinds(message: Message) -> list[str]:
    return [block["type"] for block in message.blocks]


def with_usage(world: World, folder: Path) -> str:
    number = official_claim(world.bot.memory, world.clock)
    world.clock.set(datetime(2027, 1, 20, 18, tzinfo=UTC))
    claim = world.claim(number)
    lines = [usage_line(claim, month, users, 1500) for month, users in (("2026-11", 900), ("2026-12", 1180))]
    lines.append(usage_line(claim, "2026-12", 700, 1500, WorkloadName="Exchange"))
    import_usage(world.bot.memory, folder, *lines)
    return number


def test_the_picture_the_table_and_the_text_say_the_same(world: World, tmp_path: Path):
    with_usage(world, tmp_path)
    answer = asked(world, "Ana", "usage northwind")
    assert kinds(answer)[2:5] == ["data_visualization", "data_visualization", "table"]
    users, seats, table = answer.blocks[2:5]
    assert users["chart"]["axis_config"]["categories"] == ["Nov 2026", "Dec 2026"]
    drawn = {one["name"]: [point["value"] for point in one["data"]] for one in users["chart"]["series"]}
    assert drawn == {"Exchange": [0, 700], "Teams": [900, 1180]}
    assert [point["value"] for point in seats["chart"]["series"][1]["data"]] == [1500, 1500]
    cells = [[cell["text"] for cell in row] for row in table["rows"]]
    assert cells == [
        ["Month", "Exchange", "Teams"],
        ["Dec 2026", "700 of 1,500", "1,180 of 1,500"],
        ["Nov 2026", "–", "900 of 1,500"],
    ]
    assert "Dec 2026: Exchange 700 of 1,500, Teams 1,180 of 1,500." in answer.text
    assert "1 customer with whom the association is official: Northwind Traders." in answer.visible_text


def test_a_workspace_without_charts_gets_the_same_figures_in_letters(http_world: World, tmp_path: Path):
    number = with_usage(http_world, tmp_path)
    http_world.sandbox.faults.refuse("response_url", "invalid_blocks")
    answer = asked(http_world, "Ana", f"usage {number}")
    assert set(kinds(answer)) == {"header", "rich_text", "context", "actions"}
    for said in ("Dec 2026  700 of 1,500  1,180 of 1,500", "Monthly active users", "▆█"):
        assert said in answer.visible_text


def test_who_sees_nothing_is_told_why(http_world: World, tmp_path: Path):
    with_usage(http_world, tmp_path)
    approved = http_world.claim_in(Status.APPROVED, customer_name="Adventure Works")
    review = http_world.claim_in(Status.UNDER_REVIEW, customer_name="Tailspin Toys")

    def said(who: str, text: str) -> str:
        return asked(http_world, who, text, "C0TOWN" if who == "Zed" else "C0CONTOSO").visible_text

    assert "becomes official on Thu 28 Jan 2027, unless the customer opts out before" in said(
        "Ana", f"usage {approved}"
    )
    assert "it is Under review. Usage is shown once" in said("Ana", "usage tailspin")
    assert "There is no claim that you can see for “nobody”." in said("Ana", "usage nobody")
    other = official_claim(http_world.bot.memory, http_world.clock, by="Bo", mpn=LONDON, customer_name="Secret Ltd")
    http_world.settle()
    assert "There is no claim that you can see for “secret”." in said("Ana", "usage secret")
    assert said("Ana", f"usage {other}") == f"There is no claim {other} that you can see."
    assert "There is no claim yet that you can see." in said("Zed", "usage")
    assert review in said("Ana", f"usage {review}")
