"""The shipped catalogue, limits and reasons: what the documents say, and how it is looked up."""

import copy
import pickle

import pytest

from rules.catalogue import Catalogue
from rules.fields import BY_ID
from rules.limits import Limit
from rules.loading import Programme


def test_the_four_engagements_are_those_of_the_document(programme: Programme) -> None:
    assert {engagement.name for engagement in programme.catalogue.engagements} == {
        "Microsoft Online Service Advisor (OSA)",
        "Modern Work and Security Usage",
        "Microsoft Online Services Usage (OSU) - Business Applications",
        "Microsoft Business Applications Revenue Recognition Association",
    }


@pytest.mark.parametrize(
    ("role", "name", "pays", "level", "programme_code"),
    [
        ("use-or-consume", "Use or consume", True, "workload", "modern-work"),
        ("build-intent-advisor", "Build intent - Advisor", True, "subscription", "business-applications"),
        ("usage-recognition", "Usage recognition - Non-Incentivized", False, "subscription", "business-applications"),
        (
            "influenced-revenue",
            "Influenced Revenue recognition - Non-Incentivized",
            False,
            "subscription",
            "business-applications",
        ),
    ],
)
def test_a_partner_role_says_what_it_pays_and_what_it_claims(
    programme: Programme, role: str, name: str, pays: bool, level: str, programme_code: str
) -> None:
    found = programme.catalogue.partner_role(role)
    assert (found.name, found.pays, found.claim_level, found.programme) == (name, pays, level, programme_code)
    assert found.fits_when.endswith(".")


def test_the_enrolment_codes_are_those_of_the_directory_file(programme: Programme) -> None:
    assert set(programme.catalogue.programmes) == {"modern-work", "business-applications"}


def test_only_modern_work_usage_lets_the_partner_opt_out_of_the_payment(programme: Programme) -> None:
    offering = [role.id for role in programme.catalogue.partner_roles if "opt_out_of_payment" in role.offers]
    assert offering == ["use-or-consume"]


def test_roles_and_products_go_by_solution_area_and_none_is_left_over(programme: Programme) -> None:
    catalogue = programme.catalogue
    by_area = {area.id: catalogue.products_of(area.id) for area in catalogue.solution_areas}
    assert {len(products) for products in by_area.values()} == {22, 37 - 4}
    assert sum(map(len, by_area.values())) == len(catalogue.products)
    assert [role.id for role in catalogue.roles_of("modern-work")] == ["use-or-consume"]
    assert len(catalogue.roles_of("business-applications")) == 3


def test_what_brings_recognition_only_is_marked(programme: Programme) -> None:
    only = {product.name for product in programme.catalogue.products if product.recognition_only}
    assert only == {"Teams (standalone)", "Yammer", "Outlook Mobile", "Azure Information Protection"}


@pytest.mark.parametrize(
    ("lookup", "wrong", "nearest"),
    [
        (Catalogue.product, "teems", "teams"),
        (Catalogue.partner_role, "build-intent-adviser", "build-intent-advisor"),
        (Catalogue.solution_area, "modern_work", "modern-work"),
        (Catalogue.engagement, "modern-work-use", "modern-work-usage"),
        (Catalogue.products_of, "modern-works", "modern-work"),
        (Catalogue.roles_of, "modern-works", "modern-work"),
    ],
)
def test_a_name_that_does_not_exist_is_refused_with_the_nearest(programme, lookup, wrong, nearest) -> None:
    with pytest.raises(KeyError, match=f"Did you mean “{nearest}”"):
        lookup(programme.catalogue, wrong)


def test_what_a_role_needs_or_offers_is_a_field_of_the_claim(programme: Programme) -> None:
    for role in programme.catalogue.partner_roles:
        assert {*role.needs, *role.offers} <= set(BY_ID)


def test_the_limits_are_those_of_the_documents(programme: Programme) -> None:
    limits = programme.limits
    assert [
        limits.submitted_business_days,
        limits.under_review_business_days,
        limits.partner_action_business_days,
        limits.dispute_window_calendar_days,
        limits.disputes_per_claim,
        limits.dispute_result_business_days,
        limits.customer_opt_out_business_days,
        limits.acknowledgement_max_age_months,
    ] == [5, 14, 14, 30, 1, 5, 5, 12]


def test_every_limit_knows_its_unit_meaning_and_source(programme: Programme) -> None:
    for name, limit in programme.limits.named.items():
        assert limit.unit, name
        assert limit.meaning.endswith("."), name
        assert limit.source, name


def test_a_limit_is_a_number_and_survives_copying() -> None:
    limit = Limit(5, "business days", "A test.", "test")
    for one in (copy.deepcopy(limit), pickle.loads(pickle.dumps(limit))):  # noqa: S301
        assert (one, one.unit, one.source) == (5, "business days", "test")
    assert limit + 1 == 6


def test_documents_are_limited_by_kind_size_and_number(programme: Programme) -> None:
    documents = programme.limits.documents
    assert {"pdf", "docx", "xlsx", "pptx", "png", "jpg", "jpeg", "tif", "tiff", "msg"} == set(documents.extensions)
    assert (documents.max_file_bytes, documents.max_files_per_claim) == (10_485_760, 10)


def test_the_reasons_are_those_of_the_document(programme: Programme) -> None:
    reasons = programme.reasons
    assert [reason.label for reason in reasons.information] == [
        "Missing all PoE",
        "Missing customer acknowledgment",
        "Missing or old dates",
        "Missing partner solution/service",
        "Missing products",
    ]
    assert [reason.label for reason in reasons.rejection if reason.common] == [
        "Customer declined",
        "Insufficient proof of execution",
        "Partner request",
    ]
    assert [reason.label for reason in reasons.rejection if not reason.common] == [
        "Missing customer consent on PoE",
        "No partner response",
        "Missing products",
        "PoE unavailable",
    ]
    assert len(reasons.partner_request) == 3


def test_a_reviewer_is_not_offered_reasons_that_are_anothers_to_give(programme: Programme) -> None:
    offered = {reason.id for reason in programme.reasons.for_reviewers}
    assert offered == {"insufficient-proof", "missing-customer-consent", "missing-products", "poe-unavailable"}


def test_a_reason_is_found_by_its_id(programme: Programme) -> None:
    reasons = programme.reasons
    assert reasons.rejection_reason("partner-request").label == "Partner request"
    with pytest.raises(KeyError, match="Did you mean “partner-request”"):
        reasons.rejection_reason("partner-requests")
