"""Why?: what the rules decided, rule by rule, for whoever may see the claim; and the way from a fault to its field."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from bot.cards.why import why_pages
from bot.conversations.why import open_why
from models.answers import Refused
from models.memory import FRESH
from models.operations import settling
from models.operations.publishing import publish
from models.queries.decisions import Told, decisions_for
from models.tables import Claim, claim_id
from rules.engine import decide
from rules.facts import ClaimFacts
from rules.lifecycle import Status
from sandbox.forms import Form
from tests.cast import LONDON, START, TEAM, a_tenant, claim_in
from tests.stories.world import World

TEAMS = {"customer_tenant_id": a_tenant(), "products": ["teams"]}


def why(world: World, who: str, channel: str, number: str = "CL-000001") -> Form:
    world.person(who).press("Why?", world.card(who, channel, number))
    return world.form(who)


def everything(form: Form) -> str:
    """The text of every page, from the first on."""
    text = [form.text]
    while "Next page" in form.buttons:
        form.press("Next page")
        text.append(form.text)
    return "\n".join(text)


def test_the_card_tells_why_each_rule_with_its_outcome_its_values_and_its_source(http_world: World):
    number = http_world.claim_in(Status.SUBMITTED)
    version = http_world.bot.memory.programme.rule_sets["submission"].version
    form = why(http_world, "Ana", "C0CONTOSO", number)
    assert form.title == f"Why? {number}"
    assert "Passed. Nothing stands in the way." in form.text
    assert f"Decided on Wed 18 Nov 2026. Version {version} of these rules." in form.text
    text = everything(form)
    assert "Every claim has proof of execution" in text
    assert "Files of proof" in text
    assert "found: 1" in text
    assert "Source: Manage customer associations" in text
    for rule in http_world.bot.memory.programme.rule_sets["submission"].rules:
        assert rule.title in text


def test_a_warning_stands_on_top_with_what_to_do_about_it(http_world: World):
    number = http_world.claim_in(Status.SUBMITTED, customer_contact_email="cara@gmail.com")
    text = why(http_world, "Ana", "C0CONTOSO", number).text
    assert text.index("Please check: The customer's contact writes from") < text.index("Rules with nothing to say")
    assert "gmail.com, where anyone can have one" in text


def test_a_partner_is_told_of_submission_dispute_and_money_and_reviewers_get_the_hints_too(http_world: World):
    number = http_world.claim_in(Status.DISPUTE)
    form = why(http_world, "Bill", "C0CONTOSO", number)
    titles = {one: rules.title for one, rules in http_world.bot.memory.programme.rule_sets.items()}
    assert titles["dispute"] in form.text
    assert titles["dispute"] not in form.buttons
    assert titles["submission"] in form.buttons
    assert titles["review"] not in form.buttons
    form.press(titles["submission"])
    assert "Passed. Nothing stands in the way." in form.text
    form.close()

    form = why(http_world, "Remy", "C0REVIEW", number)
    assert titles["review"] in form.text
    assert {titles["submission"], titles["dispute"]} <= set(form.buttons)
    assert "nothing is decided yet" in form.text


def test_nothing_of_a_competing_claim_is_told_to_a_partner_and_all_of_it_to_reviewers(http_world: World):
    contosos = http_world.claim_in(Status.SUBMITTED, **TEAMS)
    http_world.clock.advance(timedelta(days=1))
    http_world.claim_in(
        Status.SUBMITTED, by="Bo", mpn=LONDON, partner_contact_email="bo@fabrikam-partners.com", **TEAMS
    )
    files = dict(http_world.bot.memory.programme.files)
    files["submission.yaml"] = files["submission.yaml"].replace("rules:\n", "rules:\n" + ABOUT_OTHERS, 1)
    memory, now = http_world.bot.memory, http_world.clock()
    publish(memory.database, files, "Petra", now, now)
    http_world.clock.advance(FRESH)
    draft = http_world.claim_in(Status.DRAFT, **TEAMS, claim_name="Another one")

    for number in (contosos, draft):
        text = everything(why(http_world, "Ana", "C0CONTOSO", number))
        assert "Other partners" not in text
        assert "competing" not in text
        assert "Fabrikam" not in text
        http_world.form("Ana").close()
    assert "Other partners' claims for the same" in everything(why(http_world, "Rosa", "C0REVIEW", contosos))


ABOUT_OTHERS = """\
  - id: others
    title: Others claim the same
    source: test
    conditions: {all: [{name: competing_claims, operator: at_least, value: 1}]}
    actions: [{name: warn, params: {message: "There are competing claims: {competing_claims}."}}]
"""


@pytest.mark.parametrize("who", ["Bo", "Mia", "Zed"])
def test_whoever_may_not_see_the_claim_is_told_nothing(http_world: World, who: str):
    number = http_world.claim_in(Status.SUBMITTED)  # of Berlin; Mia is of Munich
    press = {"user": {"id": f"U0{who.upper()}", "team_id": TEAM}, "trigger_id": "1.2"}
    with pytest.raises(Refused, match="visible"):
        open_why(http_world.bot.desk, press, number)


def test_money_is_explained_as_it_looks_while_the_customer_can_opt_out_and_as_decided_when_it_is_official(
    http_world: World,
):
    number = http_world.claim_in(Status.APPROVED)
    assert "The customer can still opt out" in http_world.card("Ana", "C0CONTOSO", number).visible_text
    form = why(http_world, "Ana", "C0CONTOSO", number)
    assert "As it looks now; nothing is decided yet" in form.text
    form.close()

    http_world.clock.advance(timedelta(days=14))
    settling.associate(http_world.bot.memory, number)
    http_world.settle()
    assert "Incentives: Can be paid" in http_world.card("Ana", "C0CONTOSO", number).visible_text
    form = why(http_world, "Ana", "C0CONTOSO", number)
    assert "Decided on" in form.text
    assert "Can be paid: " in form.text


def test_a_role_without_money_says_so_on_the_card_in_the_words_of_the_rule(http_world: World):
    values = {
        "solution_area": "business-applications",
        "partner_role": "usage-recognition-non-incentivized",
        "products": ["sales"],
        "subscription_id": "7c0e0d55-3a0d-4f0e-9d70-8f8d3f3f3b21",
    }
    roles = http_world.bot.memory.programme.catalogue.partner_roles
    values["partner_role"] = next(one.id for one in roles if one.name.startswith("Usage recognition"))
    number = http_world.claim_in(Status.APPROVED, **values)
    assert "brings recognition, and no money" in http_world.card("Ana", "C0CONTOSO", number).visible_text


def test_hints_stand_on_the_review_card_in_short_and_not_on_the_partners(http_world: World):
    number = http_world.claim_in(Status.SUBMITTED, customer_contact_email="cara@elsewhere.com")
    card = http_world.card("Rosa", "C0REVIEW", number).visible_text
    assert "Worth a look" in card
    assert "elsewhere.com" in card
    assert "Worth a look" not in http_world.card("Ana", "C0CONTOSO", number).visible_text


@pytest.mark.parametrize("button", ["Edit Partner contact name", "Edit"])
def test_a_fault_leads_to_the_page_with_its_field_and_the_cursor_stands_there(http_world: World, button: str):
    http_world.claim_in(Status.DRAFT, partner_contact_name=None)
    http_world.person("Ana").command("/claim submit CL-000001", "C0CONTOSO")
    form = http_world.form("Ana")
    assert form.title == "Not ready yet"
    assert "Partner contact name: Enter the name of your own contact" in form.text
    assert form.buttons == ["Edit Partner contact name", "Edit", "Check again"]
    form.press(button)
    assert form.title == "CL-000001 (3 of 4)"
    focused = [one["block_id"] for one in form.view.blocks if one.get("element", {}).get("focus_on_load")]
    assert focused == ["partner_contact_name"]


def test_a_warning_is_shown_before_sending_and_leads_to_its_field_and_what_blocks_nothing_can_be_sent(
    http_world: World,
):
    http_world.claim_in(Status.DRAFT, acknowledgement_date=date(2025, 12, 1))
    http_world.person("Ana").command("/claim submit CL-000001", "C0CONTOSO")
    form = http_world.form("Ana")
    assert form.title == "Submit for review"
    assert "Please check:" in form.text
    assert "Acknowledgement date: The customer signed on 1 December 2025" in form.text
    form.press("Edit Acknowledgement date")
    assert form.title == "CL-000001 (4 of 4)"


def test_what_cannot_be_edited_any_more_has_no_button_beside_it(http_world: World):
    number = http_world.claim_in(Status.ACTION_REQUIRED)
    with http_world.bot.memory.database.transaction() as session:
        session.get_one(Claim, claim_id(number)).customer_tenant_id = "gone"
    http_world.person("Ana").command(f"/claim submit {number}", "C0CONTOSO")
    form = http_world.form("Ana")
    assert "Customer tenant ID: " in form.text
    assert form.buttons == ["Edit", "Check again"], "the one that opens the form as it is"
    form.press("Edit")
    assert "Customer tenant ID" not in form.labels


@pytest.mark.parametrize("filled", [{}, {"claim_name": "&" * 150, "products": tuple("&" * 60 for _ in range(90))}])
def test_every_page_of_an_explanation_is_small_enough_for_slack(http_world: World, filled: dict[str, object]):
    memory = http_world.bot.memory
    facts = ClaimFacts(today=START.date(), **filled)  # type: ignore[arg-type]
    with memory.database.transaction() as session:
        calendar = memory.calendar(session)
    for rule_set in memory.programme.rule_sets.values():
        pages = why_pages(Told(decide(rule_set, facts), None), calendar)
        for page in pages:
            assert len(json.dumps(page)) < 18_000
            assert len(page) < 90
        text = json.dumps(pages)
        assert all(json.dumps(rule.title)[1:-1] in text for rule in rule_set.rules)


def test_a_draft_is_told_what_the_rules_would_say_now(http_world: World):
    number = claim_in(http_world.bot.memory, Status.DRAFT, proven=False)
    with http_world.bot.memory.database.transaction() as session:
        claim = session.get_one(Claim, claim_id(number))
        [told] = decisions_for(session, http_world.bot.memory, claim, reviewer=False)
    assert (told.at, told.decision.outcome) == (None, "blocked")
