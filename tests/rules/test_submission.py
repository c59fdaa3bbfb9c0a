"""What a claim must have before it goes to review, and when a rejection may be disputed: one change at a time."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from rules.engine import decide
from rules.facts import ClaimFacts
from rules.loading import Programme
from tests.rules.claims import GUID, READY, READY_REVENUE, TODAY, ready

BLOCKED: list[tuple[str, str | None, dict[str, Any]]] = [
    ("claim-name", "claim_name", {"claim_name": "  "}),
    ("location", "mpn", {"mpn": "", "location_known": False, "location_programmes": ()}),
    ("location", "mpn", {"location_known": False, "location_programmes": ()}),
    ("location-enrolled", "mpn", {"location_programmes": ("business-applications",)}),
    ("location-enrolled", "mpn", {"location_programmes": ()}),
    ("solution-area", "solution_area", {"solution_area": ""}),
    ("solution-area", "solution_area", {"solution_area": "gone"}),
    ("partner-role", "partner_role", {"partner_role": ""}),
    ("partner-role", "partner_role", {"partner_role": "gone"}),
    ("partner-role-area", "partner_role", {"partner_role": "usage-recognition", "subscription_id": GUID}),
    ("tenant-id", "customer_tenant_id", {"customer_tenant_id": ""}),
    ("tenant-id", "customer_tenant_id", {"customer_tenant_id": GUID[:-1]}),
    ("customer-domain", "customer_domain", {"customer_domain": "https://fabrikam.com"}),
    ("customer-domain", "customer_domain", {"customer_domain": "fabrikam"}),
    ("products", "products", {"products": ()}),
    ("products-known", "products", {"products": ("teams", "gone")}),
    ("products-area", "products", {"products": ("teams", "sales")}),
    ("own-duplicate", None, {"live_duplicates": ("CL-000007",)}),
    ("customer-contact-name", "customer_contact_name", {"customer_contact_name": ""}),
    ("customer-contact-title", "customer_contact_title", {"customer_contact_title": ""}),
    ("customer-contact-email", "customer_contact_email", {"customer_contact_email": ""}),
    ("customer-contact-email", "customer_contact_email", {"customer_contact_email": "cara@fabrikam"}),
    ("partner-contact-name", "partner_contact_name", {"partner_contact_name": ""}),
    ("partner-contact-email", "partner_contact_email", {"partner_contact_email": "ana at contoso.com"}),
    ("contacts-differ", "customer_contact_email", {"partner_contact_email": "Cara@Fabrikam.com"}),
    ("proof", "proof_of_execution", {"proof_count": 0}),
    ("proof-pending", "proof_of_execution", {"proof_pending": 1}),
    ("proof-too-many", "proof_of_execution", {"proof_count": 11}),
    ("acknowledgement-missing", "acknowledgement_date", {"acknowledgement_date": None}),
    ("acknowledgement-future", "acknowledgement_date", {"acknowledgement_date": TODAY + timedelta(days=1)}),
    ("acknowledgement-old", "acknowledgement_date", {"acknowledgement_date": date(2025, 11, 19)}),
]

BLOCKED_REVENUE: list[tuple[str, str, dict[str, Any]]] = [
    ("subscription", "subscription_id", {"subscription_id": ""}),
    ("subscription", "subscription_id", {"subscription_id": "12345"}),
    ("solution-seller", "solution_seller", {"solution_seller": ""}),
    ("isv-solution", "isv_solution", {"isv_solution": ""}),
    ("customer-name", "customer_name", {"customer_name": " "}),
]

WARNED: list[tuple[str, dict[str, Any]]] = [
    ("acknowledgement-ageing", {"acknowledgement_date": date(2025, 12, 19)}),
    ("acknowledgement-ageing", {"acknowledgement_date": date(2025, 11, 20)}),
    ("customer-contact-free-mail", {"customer_contact_email": "cara@GMail.com", "customer_domain": ""}),
    ("customer-contact-elsewhere", {"customer_contact_email": "cara@northwind.com"}),
    ("products-recognition-only", {"products": ("teams", "yammer")}),
]

UNTOUCHED: list[dict[str, Any]] = [
    {"acknowledgement_date": TODAY},
    {"acknowledgement_date": date(2025, 12, 20)},  # eleven months to the day
    {"customer_domain": ""},
    {"customer_domain": "FABRIKAM.co.uk", "customer_contact_email": "cara@mail.fabrikam.co.uk"},
    {"customer_domain": "teams.fabrikam.com"},  # the contact's address is at fabrikam.com
    {"customer_country": "", "comments": ""},
    {"customer_name": ""},
    {"opt_out_of_payment": True},
    {"opt_out_of_payment": True, "products": ("yammer",)},
    {"customer_tenant_id": GUID.upper()},
    {"proof_count": 10},
    {"location_programmes": ("modern-work",)},
    {"live_duplicates": (), "disputes": 1, "status": "Partner action required"},
]


def fired(programme: Programme, facts: ClaimFacts, kind: str) -> list[str]:
    decision = decide(programme.rule_sets["submission"], facts)
    return [verdict.rule for verdict in decision.verdicts if verdict.kind == kind]


@pytest.mark.parametrize("facts", [READY, READY_REVENUE], ids=["workload", "revenue"])
def test_a_claim_with_everything_passes_without_a_word(programme: Programme, facts: ClaimFacts) -> None:
    decision = decide(programme.rule_sets["submission"], facts)
    assert (decision.outcome, decision.verdicts) == ("passed", ())


@pytest.mark.parametrize(("rule", "field", "change"), BLOCKED)
def test_what_is_wrong_blocks_once_and_at_its_field(
    programme: Programme, rule: str, field: str | None, change: dict[str, Any]
) -> None:
    decision = decide(programme.rule_sets["submission"], ready(**change))
    assert decision.outcome == "blocked"
    assert [(block.rule, block.field) for block in decision.blocks] == [(rule, field)]


@pytest.mark.parametrize(("rule", "field", "change"), BLOCKED_REVENUE)
def test_revenue_association_needs_more(programme: Programme, rule: str, field: str, change: dict[str, Any]) -> None:
    decision = decide(programme.rule_sets["submission"], replace(READY_REVENUE, **change))
    assert [(block.rule, block.field) for block in decision.blocks] == [(rule, field)]
    assert fired(programme, ready(**change), "block") == [], "a usage claim does not need it"


@pytest.mark.parametrize(("rule", "change"), WARNED)
def test_what_is_doubtful_warns_and_passes(programme: Programme, rule: str, change: dict[str, Any]) -> None:
    decision = decide(programme.rule_sets["submission"], ready(**change))
    assert decision.outcome == "passed"
    assert [warning.rule for warning in decision.warnings] == [rule]


@pytest.mark.parametrize("change", UNTOUCHED)
def test_what_is_in_order_is_left_alone(programme: Programme, change: dict[str, Any]) -> None:
    assert decide(programme.rule_sets["submission"], ready(**change)).verdicts == ()


def test_an_opt_out_that_the_role_does_not_offer_warns(programme: Programme) -> None:
    facts = replace(READY_REVENUE, opt_out_of_payment=True)
    assert fired(programme, facts, "warn") == ["opt-out-without-effect"]


def test_other_partners_claims_are_never_revealed(programme: Programme) -> None:
    submission = programme.rule_sets["submission"]
    assert decide(submission, ready(competing_claims=3)) == decide(submission, READY)


def test_every_rule_of_the_set_is_shown_to_fire_by_one_of_the_cases_above(programme: Programme) -> None:
    shown = {case[0] for case in (*BLOCKED, *BLOCKED_REVENUE, *WARNED)} | {"opt-out-without-effect"}
    assert shown == {rule.id for rule in programme.rule_sets["submission"].rules}


def test_a_message_names_what_it_is_about(programme: Programme) -> None:
    submission = programme.rule_sets["submission"]
    (foreign,) = decide(submission, ready(products=("teams", "sales", "hr"))).blocks
    assert foreign.message.endswith("— Sales, HR.")
    assert "Modern Work and Security" in foreign.message
    (old,) = decide(submission, ready(acknowledgement_date=date(2025, 11, 2))).blocks
    assert old.message.startswith("The customer signed on 2 November 2025.")
    assert "12 months" in old.message


@pytest.mark.parametrize("name", ["submission", "dispute"])
def test_messages_have_no_braces_left_and_end_as_sentences_do(programme: Programme, name: str) -> None:
    for rule in programme.rule_sets[name].rules:
        for action in rule.actions:
            assert action.params["message"].endswith((".", "?"))
    bare = decide(programme.rule_sets[name], ClaimFacts(today=TODAY))
    assert bare.verdicts
    assert not any("{" in verdict.message for verdict in bare.verdicts)


def test_a_signature_of_the_29th_of_february_counts_until_the_28th_a_year_later(programme: Programme) -> None:
    signed = date(2028, 2, 29)
    in_time = ready(acknowledgement_date=signed, today=date(2029, 2, 28))
    too_late = ready(acknowledgement_date=signed, today=date(2029, 3, 1))
    assert fired(programme, in_time, "block") == []
    assert fired(programme, too_late, "block") == ["acknowledgement-old"]


DISPUTABLE = ready(rejected_on=TODAY - timedelta(days=30), has_business_justification=True)


@pytest.mark.parametrize(
    ("rules", "change"),
    [
        ([], {}),
        ([], {"has_business_justification": False, "new_proof_count": 1}),
        (["in-time"], {"rejected_on": TODAY - timedelta(days=31)}),
        (["once"], {"disputes": 1}),
        (["grounds"], {"has_business_justification": False}),
        (["own-duplicate"], {"live_duplicates": ("CL-000007",)}),
        (["proof-pending"], {"new_proof_count": 1, "proof_pending": 1}),
        (["not-rejected"], {"rejected_on": None}),
    ],
)
def test_a_rejection_may_be_disputed_once_in_time_and_with_grounds(
    programme: Programme, rules: list[str], change: dict[str, Any]
) -> None:
    decision = decide(programme.rule_sets["dispute"], replace(DISPUTABLE, **change))
    assert [block.rule for block in decision.blocks] == rules
    assert decision.outcome == ("blocked" if rules else "passed")
