"""The rule sets review, incentive and notice: what makes each rule speak, one change at a time."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from rules.decision import Decision
from rules.engine import decide
from rules.facts import ClaimFacts
from rules.lifecycle import Status
from rules.loading import RULE_SETS, Programme, load_programme
from rules.notices import EVENTS, NOTICES
from tests.rules.claims import GUID, READY, TODAY

# Under review, with nothing to wonder about.
SOUND = replace(READY, status=Status.UNDER_REVIEW.value, proof_types=("pdf",), newest_proof_on=date(2026, 11, 2))

HINTS: list[tuple[str, str, dict[str, Any]]] = [
    ("no-proof", "missing-all-poe", {"proof_count": 0}),
    ("nothing-new-since-asked", "missing-all-poe", {"asked_reasons": ("missing-all-poe",)}),
    ("dispute-without-proof", "missing-all-poe", {"status": "Dispute"}),
    (
        "signature-not-sent",
        "missing-customer-acknowledgment",
        {"asked_reasons": ("missing-products", "missing-customer-acknowledgment"), "proof_since_asked": 0},
    ),
    ("contact-elsewhere", "missing-customer-acknowledgment", {"customer_contact_email": "cara@northwind.com"}),
    ("mails-only", "missing-customer-acknowledgment", {"proof_types": ("msg",)}),
    ("no-date", "missing-or-old-dates", {"acknowledgement_date": None}),
    ("old-date", "missing-or-old-dates", {"acknowledgement_date": date(2025, 12, 19)}),
    ("dates-not-sent", "missing-or-old-dates", {"asked_reasons": ("missing-or-old-dates",)}),
    (
        "competing-newer-proof",
        "missing-or-old-dates",
        {"competing_claims": 1, "competing_proof_on": date(2026, 11, 3)},
    ),
    (
        "competing-newer-proof",
        "missing-or-old-dates",
        {"competing_claims": 1, "competing_proof_on": date(2026, 11, 3), "newest_proof_on": None},
    ),
    ("pictures-only", "missing-partner-solution", {"proof_types": ("jpg", "png")}),
    ("description-not-sent", "missing-partner-solution", {"asked_reasons": ("missing-partner-solution",)}),
    ("recognition-only", "missing-products", {"products": ("teams", "yammer")}),
    ("products-gone", "missing-products", {"products": ("teams", "gone")}),
    (
        "many-products",
        "missing-products",
        {"products": ("intune", "exchange", "proplus", "sharepoint", "teams", "teams-phone")},
    ),
]

NO_HINT: list[dict[str, Any]] = [
    {"asked_reasons": ("missing-all-poe", "missing-or-old-dates"), "proof_since_asked": 1},
    {"asked_reasons": ("missing-partner-solution",), "comments": "We moved 900 mailboxes."},
    {"status": "Dispute", "new_proof_count": 1},
    {"competing_claims": 1, "competing_proof_on": date(2026, 11, 2)},
    {"competing_claims": 2, "competing_proof_on": None},
    {"proof_types": ("msg", "pdf")},
    {"proof_types": ("pdf", "png")},
    {"acknowledgement_date": date(2025, 12, 20)},
    {"products": ("yammer",), "opt_out_of_payment": True},
    {"customer_domain": ""},
]


def ask(programme: Programme, name: str, facts: ClaimFacts) -> Decision:
    return decide(programme.rule_sets[name], facts)


@pytest.mark.parametrize(("rule", "reason", "change"), HINTS)
def test_a_sign_is_a_hint_that_belongs_to_one_reason(
    programme: Programme, rule: str, reason: str, change: dict[str, Any]
) -> None:
    decision = ask(programme, "review", replace(SOUND, **change))
    assert decision.outcome == "passed", "a hint decides nothing"
    assert [(one.kind, one.rule, one.reason) for one in decision.verdicts] == [("suggest", rule, reason)]
    assert "{" not in decision.verdicts[0].message


@pytest.mark.parametrize("change", [{}, *NO_HINT])
def test_a_claim_without_a_sign_gives_no_hint(programme: Programme, change: dict[str, Any]) -> None:
    assert ask(programme, "review", replace(SOUND, **change)).verdicts == ()


def test_every_hint_is_shown_above_and_every_reason_for_more_information_has_one(programme: Programme) -> None:
    assert {rule for rule, _, _ in HINTS} == {rule.id for rule in programme.rule_sets["review"].rules}
    assert {reason for _, reason, _ in HINTS} == {reason.id for reason in programme.reasons.information}


USAGE = replace(SOUND, status="Approved", official=True, submitted_on=TODAY - timedelta(days=20))
ADVISOR = replace(
    USAGE,
    solution_area="business-applications",
    partner_role="build-intent-advisor",
    products=("sales",),
    subscription_id=GUID,
    transaction_on=TODAY - timedelta(days=110),
)


@pytest.mark.parametrize(("facts", "engagement"), [(USAGE, "modern-work-usage"), (ADVISOR, "online-service-advisor")])
def test_an_official_association_of_a_role_that_pays_can_bring_money(
    programme: Programme, facts: ClaimFacts, engagement: str
) -> None:
    decision = ask(programme, "incentive", facts)
    assert [(one.kind, one.programme) for one in decision.verdicts] == [("eligible", engagement)]
    assert decision.outcome == "eligible"


UNPAID: list[tuple[str, ClaimFacts, dict[str, Any]]] = [
    ("partner-role-gone", USAGE, {"partner_role": "gone"}),
    ("not-incentivized", ADVISOR, {"partner_role": "usage-recognition"}),
    ("not-incentivized", ADVISOR, {"partner_role": "influenced-revenue"}),
    ("opted-out", USAGE, {"opt_out_of_payment": True}),
    ("recognition-only", USAGE, {"products": ("yammer", "outlook-mobile")}),
    ("not-approved", USAGE, {"status": "Rejected"}),
    ("not-approved", USAGE, {"status": "Under review", "official": False}),
    ("not-official", USAGE, {"official": False}),
    ("too-late-after-purchase", ADVISOR, {"transaction_on": TODAY - timedelta(days=111)}),
]


@pytest.mark.parametrize(("rule", "facts", "change"), UNPAID)
def test_what_keeps_money_from_an_association_is_said_once(
    programme: Programme, rule: str, facts: ClaimFacts, change: dict[str, Any]
) -> None:
    decision = ask(programme, "incentive", replace(facts, **change))
    assert decision.outcome == "ineligible"
    assert [(one.rule, one.reason) for one in decision.said("ineligible")] == [(rule, rule)]


@pytest.mark.parametrize(
    ("rule", "facts", "change"),
    [
        ("partly-recognition-only", USAGE, {"products": ("teams", "yammer")}),
        ("purchase-unknown", ADVISOR, {"transaction_on": None}),
    ],
)
def test_a_doubt_does_not_keep_money_from_it(
    programme: Programme, rule: str, facts: ClaimFacts, change: dict[str, Any]
) -> None:
    decision = ask(programme, "incentive", replace(facts, **change))
    assert (decision.outcome, [warning.rule for warning in decision.warnings]) == ("eligible", [rule])


def test_an_opt_out_that_the_role_does_not_offer_changes_nothing(programme: Programme) -> None:
    assert ask(programme, "incentive", replace(ADVISOR, opt_out_of_payment=True)).outcome == "eligible"


def test_every_rule_about_money_is_shown_above(programme: Programme) -> None:
    shown = {rule for rule, _, _ in UNPAID} | {"partly-recognition-only", "purchase-unknown"}
    paying = {role.engagement for role in programme.catalogue.partner_roles if role.pays}
    assert shown | paying == {rule.id for rule in programme.rule_sets["incentive"].rules}


@pytest.mark.parametrize(
    ("event", "status", "notices"),
    [
        ("approved", "Approved", [("customer", "notice")]),
        ("opted-out", "Rejected", [("customer", "opted_out"), ("partner", "rejection")]),
        ("rejected", "Rejected", [("partner", "rejection")]),
        ("rejected", "Rejected final", [("partner", "rejection")]),
        ("no-partner-response", "Rejected", [("partner", "rejection")]),
        ("submitted", "Submitted", []),
        ("resubmitted", "Submitted", []),
        ("review-started", "Under review", []),
        ("information-requested", "Partner action required", []),
        ("withdrawn", "Rejected", []),
        ("disputed", "Dispute", []),
        ("disassociated", "Rejected final", []),
        ("association-official", "Approved", []),
    ],
)
def test_each_event_has_its_notices(
    programme: Programme, event: str, status: str, notices: list[tuple[str, str]]
) -> None:
    assert event in EVENTS.values()
    decision = ask(programme, "notice", replace(READY, event=event, status=status))
    assert list(decision.notices) == notices
    assert decision.outcome == "passed"


def test_without_an_event_nobody_is_told_anything(programme: Programme) -> None:
    assert ask(programme, "notice", READY).notices == ()


def test_a_notice_is_told_once_however_many_rules_ask_for_it(programme: Programme) -> None:
    notice = programme.rule_sets["notice"]
    twice = replace(notice, rules=notice.rules + tuple(replace(rule, id=f"{rule.id}-2") for rule in notice.rules))
    assert decide(twice, replace(READY, event="approved")).notices == (("customer", "notice"),)


def test_every_notice_that_there_is_has_words_and_the_optional_rule_is_sound(folder: Path) -> None:
    assert all(text for notices in NOTICES.values() for text in notices.values())
    file = folder / "notice.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("  # - id:"))
    opened = lines[:start] + [line.replace("  # ", "  ", 1) for line in lines[start:]]
    file.write_text("\n".join(opened), encoding="utf-8")
    decision = ask(load_programme(folder), "notice", replace(READY, event="submitted"))
    assert decision.notices == (("customer", "announcement"),)


def test_every_rule_names_the_document_it_follows_or_says_that_the_choice_is_ours(programme: Programme) -> None:
    for name in RULE_SETS:
        for rule in programme.rule_sets[name].rules:
            known = any(word in rule.source for word in ("customer association", "Field notes", "Our choice"))
            assert known, (name, rule.id)
