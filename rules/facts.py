"""What rules know of a claim: the facts, and the variables that rules name.

A variable is either a fact as it stands or something worked out from facts and catalogue. What is not declared here
cannot be named in a rule.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar, cast, get_args

from business_rules.operators import BaseType
from business_rules.variables import BaseVariables, rule_variable

from rules.catalogue import Catalogue, Need, Offer, PartnerRole, Product
from rules.fields import BY_ID
from rules.lifecycle import Status
from rules.operators import Boolean, Dated, Day, Number, Text, TextList

FORM_FIELDS = (*BY_ID, "business_justification")
"""What a rule may name as its `field`: the claim's fields, and the one that only the form of a dispute has."""


@dataclass(frozen=True, kw_only=True)
class ClaimFacts:
    """A claim as plain values, at one moment. `""`, `()`, `0` and None stand for what is not filled in.

    `location_programmes`: where the claim's location is enrolled. `proof_count`: files of proof, checked or not;
    `proof_pending`: those of them still being checked; `new_proof_count`: those added since the rejection.
    `live_duplicates`: numbers of this partner's other live claims with the same tenant, workload or subscription,
    and role; `competing_claims`: how many live claims other partners have there. `today` and every other day is a
    day in the programme's time zone.
    """

    today: date
    claim_name: str = ""
    mpn: str = ""
    location_known: bool = False
    location_programmes: tuple[str, ...] = ()
    solution_area: str = ""
    partner_role: str = ""
    customer_tenant_id: str = ""
    customer_name: str = ""
    customer_domain: str = ""
    customer_country: str = ""
    products: tuple[str, ...] = ()
    subscription_id: str = ""
    opt_out_of_payment: bool = False
    customer_contact_name: str = ""
    customer_contact_title: str = ""
    customer_contact_email: str = ""
    partner_contact_name: str = ""
    partner_contact_email: str = ""
    solution_seller: str = ""
    isv_solution: str = ""
    proof_count: int = 0
    proof_pending: int = 0
    new_proof_count: int = 0
    acknowledgement_date: date | None = None
    comments: str = ""
    live_duplicates: tuple[str, ...] = ()
    competing_claims: int = 0
    status: str = Status.DRAFT.value
    rejected_on: date | None = None
    disputes: int = 0
    has_business_justification: bool = False
    approved_on: date | None = None
    official: bool = False


Method = TypeVar("Method", bound=Callable[..., object])


def variable(kind: type[BaseType], label: str) -> Callable[[Method], Method]:
    """Declares a variable; the library's decorator, typed."""
    return cast(Callable[[Method], Method], rule_variable(kind, label=label))


def _fact(name: str, kind: type[BaseType], label: str | None = None) -> Any:
    """The variable that is the fact of the same name; its label is the field's unless another is given."""

    def value(self: "ClaimVariables") -> Any:
        fact = getattr(self.facts, name)
        return Dated(fact, self.facts.today) if kind is Day else fact

    value.__name__ = name
    return variable(kind, label or BY_ID[name].label)(value)


class ClaimVariables(BaseVariables):  # type: ignore[misc]
    """Everything that a rule can name, for one claim."""

    def __init__(self, facts: ClaimFacts, catalogue: Catalogue) -> None:
        self.facts = facts
        self._catalogue = catalogue

    claim_name = _fact("claim_name", Text)
    mpn = _fact("mpn", Text)
    location_known = _fact("location_known", Boolean, "Location is in the directory")
    location_programmes = _fact("location_programmes", TextList, "Location is enrolled in")
    solution_area = _fact("solution_area", Text)
    partner_role = _fact("partner_role", Text)
    customer_tenant_id = _fact("customer_tenant_id", Text)
    customer_name = _fact("customer_name", Text)
    customer_domain = _fact("customer_domain", Text)
    customer_country = _fact("customer_country", Text)
    products = _fact("products", TextList)
    subscription_id = _fact("subscription_id", Text)
    opt_out_of_payment = _fact("opt_out_of_payment", Boolean)
    customer_contact_name = _fact("customer_contact_name", Text)
    customer_contact_title = _fact("customer_contact_title", Text)
    customer_contact_email = _fact("customer_contact_email", Text)
    partner_contact_name = _fact("partner_contact_name", Text)
    partner_contact_email = _fact("partner_contact_email", Text)
    solution_seller = _fact("solution_seller", Text)
    isv_solution = _fact("isv_solution", Text)
    proof_count = _fact("proof_count", Number, "Files of proof")
    proof_pending = _fact("proof_pending", Number, "Files of proof still being checked")
    new_proof_count = _fact("new_proof_count", Number, "Files of proof added since the rejection")
    acknowledgement_date = _fact("acknowledgement_date", Day)
    comments = _fact("comments", Text)
    live_duplicates = _fact("live_duplicates", TextList, "Your other claims for the same")
    competing_claims = _fact("competing_claims", Number, "Other partners' claims for the same")
    status = _fact("status", Text, "Status")
    rejected_on = _fact("rejected_on", Day, "Rejected on")
    disputes = _fact("disputes", Number, "Disputes so far")
    has_business_justification = _fact("has_business_justification", Boolean, "Business justification is given")
    approved_on = _fact("approved_on", Day, "Approved on")
    official = _fact("official", Boolean, "Association is official")

    @variable(Boolean, "Solution area is in the catalogue")
    def solution_area_known(self) -> bool:
        return any(area.id == self.facts.solution_area for area in self._catalogue.solution_areas)

    @variable(Text, "Name of the solution area")
    def solution_area_name(self) -> str:
        areas = {area.id: area.name for area in self._catalogue.solution_areas}
        return areas.get(self.facts.solution_area, self.facts.solution_area)

    @variable(Boolean, "Partner role is in the catalogue")
    def partner_role_known(self) -> bool:
        return self._role is not None

    @variable(Text, "Name of the partner role")
    def partner_role_name(self) -> str:
        return self._role.name if self._role else self.facts.partner_role

    @variable(Boolean, "Partner role belongs to the solution area")
    def role_in_solution_area(self) -> bool:
        return self._role is not None and self._role.solution_area == self.facts.solution_area

    @variable(TextList, "Partner role needs")
    def role_needs(self) -> tuple[str, ...]:
        return self._role.needs if self._role else ()

    @variable(TextList, "Partner role offers")
    def role_offers(self) -> tuple[str, ...]:
        return self._role.offers if self._role else ()

    @variable(Boolean, "Partner role can pay")
    def role_pays(self) -> bool:
        return self._role is not None and self._role.pays

    @variable(Text, "Engagement")
    def engagement(self) -> str:
        return self._role.engagement if self._role else ""

    @variable(Text, "Level of the claim")
    def claim_level(self) -> str:
        return self._role.claim_level if self._role else ""

    @variable(Text, "Enrolment that the partner role asks for")
    def role_programme(self) -> str:
        return self._role.programme if self._role else ""

    @variable(Boolean, "Location is enrolled for the partner role")
    def location_enrolled(self) -> bool:
        return self._role is not None and self._role.programme in self.facts.location_programmes

    @variable(TextList, "Products that are no longer in the catalogue")
    def unknown_products(self) -> tuple[str, ...]:
        known = self._products
        return tuple(id for id in self.facts.products if id not in known)

    @variable(TextList, "Products of another solution area")
    def foreign_products(self) -> tuple[str, ...]:
        chosen = (self._products[id] for id in self.facts.products if id in self._products)
        return tuple(product.name for product in chosen if product.solution_area != self.facts.solution_area)

    @variable(TextList, "Products that bring recognition only")
    def recognition_only_products(self) -> tuple[str, ...]:
        chosen = (self._products[id] for id in self.facts.products if id in self._products)
        return tuple(product.name for product in chosen if product.recognition_only)

    @variable(Text, "Domain of the customer contact's e-mail")
    def customer_contact_email_domain(self) -> str:
        return self.facts.customer_contact_email.rpartition("@")[2].lower()

    @variable(Boolean, "Customer contact's e-mail is at the customer's domain")
    def contact_at_customer_domain(self) -> bool:
        # mail.example.com and example.com are one house, whichever of them is named as the customer's domain.
        mail, customer = (
            self.facts.customer_contact_email.rpartition("@")[2].lower(),
            self.facts.customer_domain.lower(),
        )
        return mail == customer or mail.endswith(f".{customer}") or customer.endswith(f".{mail}")

    @variable(Boolean, "Both contacts have the same e-mail address")
    def contacts_share_email(self) -> bool:
        customer, partner = self.facts.customer_contact_email.lower(), self.facts.partner_contact_email.lower()
        return bool(customer) and customer == partner

    @property
    def _role(self) -> PartnerRole | None:
        roles = self._catalogue.partner_roles
        return next((role for role in roles if role.id == self.facts.partner_role), None)

    @property
    def _products(self) -> dict[str, Product]:
        return {product.id: product for product in self._catalogue.products}


VARIABLES: Mapping[str, type[BaseType]] = {
    variable["name"]: getattr(ClaimVariables, variable["name"]).field_type
    for variable in ClaimVariables.get_all_variables()
}
"""Every variable that a rule may name, with its type, as the library exports them."""

LABELS: Mapping[str, str] = {variable["name"]: variable["label"] for variable in ClaimVariables.get_all_variables()}
"""Every variable's label."""

CHOICES: Mapping[str, Callable[[Catalogue], Iterable[str]]] = {
    "solution_area": lambda catalogue: [area.id for area in catalogue.solution_areas],
    "partner_role": lambda catalogue: [role.id for role in catalogue.partner_roles],
    "engagement": lambda catalogue: [engagement.id for engagement in catalogue.engagements],
    "products": lambda catalogue: [product.id for product in catalogue.products],
    "location_programmes": lambda catalogue: catalogue.programmes,
    "role_programme": lambda catalogue: catalogue.programmes,
    "role_needs": lambda catalogue: get_args(Need),
    "role_offers": lambda catalogue: get_args(Offer),
    "claim_level": lambda catalogue: ["workload", "subscription"],
    "status": lambda catalogue: [status.value for status in Status],
}
"""Variables that take only certain values: a rule that compares one with another value would never fire."""
