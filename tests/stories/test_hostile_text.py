"""Text that Slack could read as markup appears everywhere as it was typed, and calls nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rules.lifecycle import Status
from tests.stories.world import ACKNOWLEDGED, FIRST, FOURTH, PDF, SECOND, THIRD, World

HOSTILE = r"<!channel> & *bold* <@U0123> :tada: ~x~ `code` _i_ <https://evil.example|here>"
FILE = "<!channel> & *bold* <@U0123> :tada: ~x~ `code`.pdf"
PARTNER, REVIEWERS = "C0CONTOSO", "C0REVIEW"
INFLUENCED = {
    "Solution area": "Business Applications",
    "Partner role": "Influenced Revenue recognition - Non-Incentivized",
}


def hostile(label: str) -> str:
    """The text as one person types it into one field, to be told apart from all others."""
    return f"{label} {HOSTILE}"


def nodes(payload: Any) -> Iterator[dict[str, Any]]:
    """Every object within a payload, however deep."""
    if isinstance(payload, dict):
        yield payload
    for one in payload.values() if isinstance(payload, dict) else payload if isinstance(payload, list) else ():
        yield from nodes(one)


def sent(world: World) -> Iterator[dict[str, Any]]:
    """Every payload that the bot sent: calls of the Web API, and acknowledgements."""
    nested = ("blocks", "view", "metadata")
    for call in world.sandbox.calls:
        given = call.payload.items()
        yield {key: json.loads(one) if key in nested and isinstance(one, str) else one for key, one in given}
    yield from (one.answer for one in world.sandbox.deliveries if isinstance(one.answer, dict))


def test_whatever_is_typed_anywhere_appears_literally_everywhere_and_calls_nobody(http_world: World):
    world = http_world
    ana, rosa = world.person("Ana"), world.person("Rosa")
    pages: list[dict[str, Any]] = [
        FIRST | INFLUENCED | {"Claim name": hostile("Claim name")},
        SECOND
        | {
            "Customer name": hostile("Customer name"),
            "Products": ["Sales"],
            "Subscription ID": SECOND["Customer tenant ID"],
            "Solution seller": hostile("Solution seller"),
            "ISV solution": hostile("ISV solution"),
        },
        THIRD | {label: hostile(label) for label in THIRD if "e-mail" not in label},
        FOURTH | {"Proof of execution": [(FILE, PDF)], "Comments": hostile("Comments")},
    ]
    typed = {label: text for page in pages for label, text in page.items() if HOSTILE in str(text)}
    assert len(typed) == 8

    ana.command("/claim new", PARTNER)
    for page in pages:
        world.turn_page("Ana", page)
    assert FILE in world.form("Ana").text, "while the file is checked"
    world.settle()
    assert world.form("Ana").title == "Submit for review"
    assert typed["Claim name"] in world.form("Ana").text
    world.turn_page("Ana", ACKNOWLEDGED)
    world.form("Ana").close()
    world.settle()

    for who, channel in (("Ana", PARTNER), ("Rosa", REVIEWERS)):
        card = world.card(who, channel).visible_text
        for shown in (typed["Claim name"], typed["Customer name"], typed["Comments"], FILE):
            assert shown in card
        details = world.person(who).command("/claim show 1", channel).text
        for label in set(typed) - {"Claim name"}:
            assert f"{label}: {typed[label]}" in details
        assert f"CL-000001 · {typed['Claim name']}" in details
        assert FILE in details
        world.person(who).command("/claim list", channel)
        listed = world.person(who).ephemerals[-1].visible_text
        assert typed["Claim name"] in listed
        assert typed["Customer name"] in listed
        assert typed["Claim name"] in world.person(who).open_home().text or who == "Ana"

    rosa.press("Start review", world.card("Rosa", REVIEWERS))
    world.settle()
    rosa.press("Request information", world.card("Rosa", REVIEWERS))
    assert typed["Claim name"] in world.form("Rosa").text
    world.turn_page("Rosa", {"Reason": ["Missing products"], "Message": hostile("Message")})
    world.settle()
    for who, channel in (("Ana", PARTNER), ("Rosa", REVIEWERS)):
        assert hostile("Message") in world.card(who, channel).visible_text
        assert hostile("Message") in world.thread(who, channel)[-1]

    ana.press("Edit", world.card("Ana", PARTNER))
    form = world.form("Ana")
    assert hostile("Message") in form.text
    assert form.options("Already handed in: tick what is to be removed") == [FILE]
    assert {label: form.values[label] for label in typed if label in form.labels} == {
        label: text for label, text in typed.items() if label in form.labels
    }
    changed = {"Customer contact title": hostile("New title"), "Proof of execution": [(f"2 {FILE}", b"")]}
    world.turn_page("Ana", changed)
    world.settle()
    assert f"2 {FILE}: The file is empty." in form.text
    form.close()
    for who, channel in (("Ana", PARTNER), ("Rosa", REVIEWERS)):
        told = world.thread(who, channel)[-1]
        assert f"{typed['Customer contact title']} → {hostile('New title')}" in told
        assert f"2 {FILE}" in told

    every = [node for payload in sent(world) for node in nodes(payload)]
    assert sum(HOSTILE in str(node.get("text")) for node in every if node.get("type") == "text") > 20
    for node in every:
        text = node.get("text")
        if node.get("type") in (None, "mrkdwn") and isinstance(text, str):  # marked up, or a message: notified with it
            assert "<" not in text
        assert node.get("user_id") != "U0123"
        assert node.get("type") != "broadcast"


def test_a_draft_is_shown_and_discarded_literally(http_world: World):
    http_world.claim_in(Status.DRAFT, claim_name=HOSTILE)
    ana = http_world.person("Ana")
    ana.press("Discard draft", http_world.card("Ana", PARTNER))
    http_world.settle()
    assert HOSTILE in http_world.card("Ana", PARTNER).visible_text


def test_a_dispute_and_a_disassociation_say_literally_why(http_world: World):
    rejected, approved = map(http_world.claim_in, (Status.REJECTED, Status.APPROVED))
    for number, word, label in ((rejected, "dispute", "Business justification"), (approved, "disassociate", "Reason")):
        http_world.person("Ana").command(f"/claim {word} {number}", PARTNER)
        http_world.turn_page("Ana", {label: hostile(label)})
        http_world.settle()
        for who, channel in (("Ana", PARTNER), ("Rosa", REVIEWERS)):
            assert hostile(label) in http_world.thread(who, channel, number)[-1]


def test_what_is_typed_behind_the_command_is_quoted_literally(http_world: World):
    said = http_world.person("Ana").command(f"/claim {HOSTILE}", PARTNER)
    assert "There is no “<!channel>”." in said.text
    answer = http_world.sandbox.deliveries[-1].answer
    assert isinstance(answer, dict)
    assert "<" not in answer["text"]
    said = http_world.person("Ana").command("/claim list status:*bold*:tada:<!here>", PARTNER)
    assert "There is no status “*bold*:tada:<!here>”." in said.text
    said = http_world.person("Ana").command("/claim show *b*&<!here>", PARTNER)
    assert "There is no claim *b*&<!here> that you can see." in said.text
