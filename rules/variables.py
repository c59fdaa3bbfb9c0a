"""What rules may ask of a claim: the variables that they name.

A variable is either a fact as it stands or something worked out from facts and catalogue. What is not declared here
cannot be named in a rule. A variable's docstring is what docs/rules.md tells the people who write rules.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, TypeVar, cast, get_args

from business_rules.operators import BaseType
from business_rules.variables import BaseVariables, rule_variable

from rules.catalogue import Catalogue, Need, Offer, PartnerRole, Product
from rules.facts import ClaimFacts
from rules.fields import BY_ID
from rules.lifecycle import Status
from rules.notices import EVENTS
from rules.operators import Boolean, Dated, Day, Number, Text, TextList
from rules.reasons import Reasons

FORM_FIELDS = (*BY_ID, "business_justification")
"""What a rule may name as its `field`: the claim's fields, and the one that only the form of a dispute has."""

Method = TypeVar("Method", bound=Callable[..., object])


def variable(kind: type[BaseType], label: str) -> Callable[[Method], Method]:
    """Declares a variable; the library's decorator, typed."""
    return cast(Callable[[Method], Method], rule_variable(kind, label=label))


def _fact(name: str, kind: type[BaseType], meaning: str, label: str | None = None) -> Any:
    """The variable that is the fact of the same name; its label is the field's unless another is given."""

    def value(self: "ClaimVariables") -> Any:
        fact = getattr(self.facts, name)
        return Dated(fact, self.facts.today) if kind is Day else fact

    value.__name__, value.__doc__ = name, meaning
    value.is_fact = True  # type: ignore[attr-defined]
    return variable(kind, label or BY_ID[name].label)(value)


class ClaimVariables(BaseVariables):  # type: ignore[misc]
    """Everything that a rule can name, for one claim."""

    def __init__(self, facts: ClaimFacts, catalogue: Catalogue) -> None:
        self.facts = facts
        self._catalogue = catalogue

    claim_name = _fact("claim_name", Text, "The partner's own name for the claim.")
    mpn = _fact("mpn", Text, "The number of the partner location that did the work.")
    location_known = _fact(
        "location_known",
        Boolean,
        "Whether the directory has this location, as one of the partner's own that is in use.",
        "Location is in the directory",
    )
    location_programmes = _fact(
        "location_programmes",
        TextList,
        "The enrolments of the location, as the directory has them.",
        "Location is enrolled in",
    )
    solution_area = _fact("solution_area", Text, "The solution area that was chosen, by its id in the catalogue.")
    partner_role = _fact("partner_role", Text, "The partner role that was chosen, by its id in the catalogue.")
    customer_tenant_id = _fact("customer_tenant_id", Text, "The customer's tenant ID.")
    customer_name = _fact("customer_name", Text, "The customer's name.")
    customer_domain = _fact("customer_domain", Text, "The customer's domain.")
    customer_country = _fact("customer_country", Text, "The customer's country, by its code of two letters.")
    products = _fact(
        "products", TextList, "The products and workloads that are claimed, by their ids in the catalogue."
    )
    subscription_id = _fact("subscription_id", Text, "The ID of the subscription that is claimed.")
    opt_out_of_payment = _fact("opt_out_of_payment", Boolean, "Whether the partner wants no payment.")
    customer_contact_name = _fact("customer_contact_name", Text, "Who signed for the customer.")
    customer_contact_title = _fact("customer_contact_title", Text, "The job title of the customer's contact.")
    customer_contact_email = _fact("customer_contact_email", Text, "Where the customer is told of the claim.")
    partner_contact_name = _fact("partner_contact_name", Text, "The partner's own contact for the claim.")
    partner_contact_email = _fact("partner_contact_email", Text, "The e-mail address of the partner's contact.")
    solution_seller = _fact("solution_seller", Text, "Who sold the Dynamics solution.")
    isv_solution = _fact(
        "isv_solution", Text, "The product of an independent software vendor that was part of the sale."
    )
    proof_count = _fact(
        "proof_count",
        Number,
        "How many files of proof the claim has, checked or still being checked.",
        "Files of proof",
    )
    proof_pending = _fact(
        "proof_pending", Number, "How many of them are still being checked.", "Files of proof still being checked"
    )
    new_proof_count = _fact(
        "new_proof_count",
        Number,
        "How many of them were added after the claim was rejected.",
        "Files of proof added since the rejection",
    )
    acknowledgement_date = _fact("acknowledgement_date", Day, "The day on which the customer signed.")
    comments = _fact("comments", Text, "What the partner wrote on the form for the reviewers.")
    live_duplicates = _fact(
        "live_duplicates",
        TextList,
        "The numbers of this partner's other live claims for the same customer, role, and workload or subscription.",
        "Your other claims for the same",
    )
    competing_claims = _fact(
        "competing_claims",
        Number,
        "How many live claims other partners have for the same. Never say this to a partner.",
        "Other partners' claims for the same",
    )
    status = _fact(
        "status", Text, "The claim's status. While something happens (see Event) it is the status after it.", "Status"
    )
    rejected_on = _fact("rejected_on", Day, "The day of the rejection.", "Rejected on")
    disputes = _fact("disputes", Number, "How often the claim has been disputed.", "Disputes so far")
    has_business_justification = _fact(
        "has_business_justification",
        Boolean,
        "Whether the partner said why the rejection should be reconsidered.",
        "Business justification is given",
    )
    submitted_on = _fact("submitted_on", Day, "The day on which the claim was first submitted.", "Submitted on")
    approved_on = _fact("approved_on", Day, "The day of the approval.", "Approved on")
    official = _fact(
        "official", Boolean, "Whether the time to opt out is over and nobody did.", "Association is official"
    )
    newest_proof_on = _fact(
        "newest_proof_on", Day, "The day on which the newest file of proof was added.", "Newest file of proof"
    )
    competing_proof_on = _fact(
        "competing_proof_on",
        Day,
        "The day of the newest file of proof on any competing claim of another partner. Never say this to a partner.",
        "Newest file of proof of a competing claim",
    )
    proof_types = _fact(
        "proof_types",
        TextList,
        "The endings of the names of the files of proof, such as pdf.",
        "Kinds of files of proof",
    )
    asked_reasons = _fact(
        "asked_reasons",
        TextList,
        "The reasons of the last request for more information, by their ids in reasons.yaml. Empty when nobody asked.",
        "Reasons why the reviewers asked for more",
    )
    proof_since_asked = _fact(
        "proof_since_asked",
        Number,
        "How many files of proof were added after that request.",
        "Files of proof added since the reviewers asked",
    )
    transaction_on = _fact(
        "transaction_on",
        Day,
        "The day of the customer's purchase, where it is known. The form of a claim does not ask for it.",
        "Customer bought on",
    )
    event = _fact(
        "event",
        Text,
        "What has just happened to the claim. Only rules of the set notice are asked at such a moment.",
        "Event",
    )

    @variable(Boolean, "Solution area is in the catalogue")
    def solution_area_known(self) -> bool:
        """Whether the catalogue has the solution area that was chosen."""
        return self.facts.solution_area in self._catalogue.areas_by_id

    @variable(Text, "Name of the solution area")
    def solution_area_name(self) -> str:
        """What people call the solution area."""
        area = self._catalogue.areas_by_id.get(self.facts.solution_area)
        return area.name if area else self.facts.solution_area

    @variable(Boolean, "Partner role is in the catalogue")
    def partner_role_known(self) -> bool:
        """Whether the catalogue has the partner role that was chosen."""
        return self._role is not None

    @variable(Text, "Name of the partner role")
    def partner_role_name(self) -> str:
        """What people call the partner role."""
        return self._role.name if self._role else self.facts.partner_role

    @variable(Boolean, "Partner role belongs to the solution area")
    def role_in_solution_area(self) -> bool:
        """Whether the partner role is one of that solution area."""
        return self._role is not None and self._role.solution_area == self.facts.solution_area

    @variable(TextList, "Partner role needs")
    def role_needs(self) -> tuple[str, ...]:
        """The fields that the catalogue wants filled in for this partner role beyond the usual ones."""
        return self._role.needs if self._role else ()

    @variable(TextList, "Partner role offers")
    def role_offers(self) -> tuple[str, ...]:
        """The fields that only this partner role may use."""
        return self._role.offers if self._role else ()

    @variable(Boolean, "Partner role can pay")
    def role_pays(self) -> bool:
        """Whether money can follow from this partner role."""
        return self._role is not None and self._role.pays

    @variable(Text, "Engagement")
    def engagement(self) -> str:
        """The engagement to which the partner role belongs, by its id in the catalogue."""
        return self._role.engagement if self._role else ""

    @variable(Text, "Level of the claim")
    def claim_level(self) -> str:
        """What may be claimed only once with this partner role: a workload or a subscription."""
        return self._role.claim_level if self._role else ""

    @variable(Text, "Enrolment that the partner role asks for")
    def role_programme(self) -> str:
        """The enrolment that a location needs for this partner role."""
        return self._role.programme if self._role else ""

    @variable(Boolean, "Location is enrolled for the partner role")
    def location_enrolled(self) -> bool:
        """Whether the location has that enrolment."""
        return self._role is not None and self._role.programme in self.facts.location_programmes

    @variable(TextList, "Products that are no longer in the catalogue")
    def unknown_products(self) -> tuple[str, ...]:
        """The products of the claim that the catalogue has no longer, by their ids."""
        known = self._catalogue.products_by_id
        return tuple(id for id in self.facts.products if id not in known)

    @variable(TextList, "Products of another solution area")
    def foreign_products(self) -> tuple[str, ...]:
        """The products of the claim that belong to another solution area, by their names."""
        area = self.facts.solution_area
        return tuple(product.name for product in self._products if product.solution_area != area)

    @variable(TextList, "Products that bring recognition only")
    def recognition_only_products(self) -> tuple[str, ...]:
        """The products of the claim that never bring money, by their names."""
        return tuple(product.name for product in self._products if product.recognition_only)

    @variable(Boolean, "Every product brings recognition only")
    def only_recognition_products(self) -> bool:
        """Whether no product of the claim can bring money; one that the catalogue has no longer might."""
        known, chosen = self._catalogue.products_by_id, self.facts.products
        return bool(chosen) and all(id in known and known[id].recognition_only for id in chosen)

    @variable(Number, "Products claimed")
    def product_count(self) -> int:
        """How many products and workloads are claimed."""
        return len(self.facts.products)

    @variable(Text, "Domain of the customer contact's e-mail")
    def customer_contact_email_domain(self) -> str:
        """What stands after the @, in small letters."""
        return self.facts.customer_contact_email.rpartition("@")[2].lower()

    @variable(Boolean, "Customer contact's e-mail is at the customer's domain")
    def contact_at_customer_domain(self) -> bool:
        """Whether the address is at the customer's domain, or one of the two is part of the other."""
        # mail.example.com and example.com are one house, whichever of them is named as the customer's domain.
        mail, customer = (
            self.facts.customer_contact_email.rpartition("@")[2].lower(),
            self.facts.customer_domain.lower(),
        )
        return mail == customer or mail.endswith(f".{customer}") or customer.endswith(f".{mail}")

    @variable(Boolean, "Both contacts have the same e-mail address")
    def contacts_share_email(self) -> bool:
        """Whether the customer's contact and the partner's have one address."""
        customer, partner = self.facts.customer_contact_email.lower(), self.facts.partner_contact_email.lower()
        return bool(customer) and customer == partner

    @cached_property
    def _role(self) -> PartnerRole | None:
        return self._catalogue.roles_by_id.get(self.facts.partner_role)

    @cached_property
    def _products(self) -> list[Product]:
        """Those of the claim that the catalogue has."""
        known = self._catalogue.products_by_id
        return [known[id] for id in self.facts.products if id in known]


VARIABLES: Mapping[str, type[BaseType]] = {
    variable["name"]: getattr(ClaimVariables, variable["name"]).field_type
    for variable in ClaimVariables.get_all_variables()
}
"""Every variable that a rule may name, with its type, as the library exports them."""

LABELS: Mapping[str, str] = {variable["name"]: variable["label"] for variable in ClaimVariables.get_all_variables()}
"""Every variable's label."""

MEANINGS: Mapping[str, str] = {name: getattr(ClaimVariables, name).__doc__ or "" for name in VARIABLES}
"""What every variable means, in a sentence or two: its docstring."""


def is_fact(name: str) -> bool:
    """Whether a variable is the fact of the same name as it stands, and not worked out from several."""
    return hasattr(getattr(ClaimVariables, name), "is_fact")


CHOICES: Mapping[str, Callable[[Catalogue, Reasons], Iterable[str]]] = {
    "solution_area": lambda catalogue, _: [area.id for area in catalogue.solution_areas],
    "partner_role": lambda catalogue, _: [role.id for role in catalogue.partner_roles],
    "engagement": lambda catalogue, _: [engagement.id for engagement in catalogue.engagements],
    "products": lambda catalogue, _: [product.id for product in catalogue.products],
    "location_programmes": lambda catalogue, _: catalogue.programmes,
    "role_programme": lambda catalogue, _: catalogue.programmes,
    "role_needs": lambda _, __: get_args(Need),
    "role_offers": lambda _, __: get_args(Offer),
    "claim_level": lambda _, __: ["workload", "subscription"],
    "asked_reasons": lambda _, reasons: [reason.id for reason in reasons.information],
    "event": lambda _, __: EVENTS.values(),
    "status": lambda _, __: [status.value for status in Status],
}
"""Variables that take only certain values: a rule that compares one with another value would never fire."""
