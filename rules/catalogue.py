"""The catalogue: solution areas, engagements, partner roles and products, as staff keep them in catalogue.yaml."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Annotated, Literal, TypeVar

from pydantic import Field

from rules.faults import Fault, unknown
from rules.reading import Document, Location, Part

Id = Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
"""A name for machines: small letters, digits and hyphens. It is stored with claims and must never change."""
Name = Annotated[str, Field(min_length=1, max_length=75)]
"""A name for people, short enough for one line of a list."""
Sentence = Annotated[str, Field(min_length=1)]

Need = Literal["subscription_id", "solution_seller", "isv_solution", "customer_name"]
Offer = Literal["opt_out_of_payment"]


class Named(Part):
    """Whatever has an id for machines and a name for people."""

    id: Id
    name: Name


NamedT = TypeVar("NamedT", bound=Named)


class SolutionArea(Named):
    """A half of the programme, with products and partner roles of its own."""

    former_names: tuple[Name, ...] = ()


class Engagement(Named):
    """What a partner earns recognition or money under; it follows from the partner role.

    `earnings_by`: the day of the month by which the report has what was earned in the month before; none: not known.
    """

    former_names: tuple[Name, ...] = ()
    earnings_by: Annotated[int, Field(ge=1, le=28)] | None = None


class PartnerRole(Named):
    """What the partner did for the customer.

    `pays` says whether money can follow; `claim_level` what is claimed, and so what may be claimed only once;
    `needs` the form fields that this role asks for beyond the usual, `offers` those that it alone may use;
    `programme` the enrolment code that a location has in the directory file; `fits_when` is a guide for the
    partner who wonders which role to take.
    """

    solution_area: Id
    engagement: Id
    pays: bool
    claim_level: Literal["workload", "subscription"]
    programme: Id
    fits_when: Sentence
    needs: tuple[Need, ...] = ()
    offers: tuple[Offer, ...] = ()
    former_names: tuple[Name, ...] = ()
    source: Sentence


class Product(Named):
    """A product or workload that a claim may name. `recognition_only`: counts for recognition, never for money."""

    solution_area: Id
    recognition_only: bool = False
    note: str = ""


class Acknowledgement(Named):
    """What a partner states by ticking it when submitting a claim; all of them are needed."""


class Catalogue(Part):
    """Everything a claim can choose from, in the order in which it is shown."""

    solution_areas: Annotated[tuple[SolutionArea, ...], Field(min_length=1)]
    engagements: Annotated[tuple[Engagement, ...], Field(min_length=1)]
    partner_roles: Annotated[tuple[PartnerRole, ...], Field(min_length=1)]
    products: Annotated[tuple[Product, ...], Field(min_length=1)]
    acknowledgements: Annotated[tuple[Acknowledgement, ...], Field(min_length=1, max_length=10)]

    def solution_area(self, id: str) -> SolutionArea:
        """The solution area with this id. Raises KeyError that proposes the nearest right id."""
        return find("solution area", id, self.solution_areas)

    def engagement(self, id: str) -> Engagement:
        """The engagement with this id. Raises KeyError that proposes the nearest right id."""
        return find("engagement", id, self.engagements)

    def partner_role(self, id: str) -> PartnerRole:
        """The partner role with this id. Raises KeyError that proposes the nearest right id."""
        return find("partner role", id, self.partner_roles)

    def product(self, id: str) -> Product:
        """The product with this id. Raises KeyError that proposes the nearest right id."""
        return find("product", id, self.products)

    def roles_of(self, solution_area_id: str) -> tuple[PartnerRole, ...]:
        """The partner roles of one solution area. Raises KeyError for an unknown area."""
        self.solution_area(solution_area_id)
        return tuple(role for role in self.partner_roles if role.solution_area == solution_area_id)

    def products_of(self, solution_area_id: str) -> tuple[Product, ...]:
        """The products of one solution area. Raises KeyError for an unknown area."""
        self.solution_area(solution_area_id)
        return tuple(product for product in self.products if product.solution_area == solution_area_id)

    @cached_property
    def areas_by_id(self) -> dict[str, SolutionArea]:
        """The solution areas by their ids: for looking up what may not be there."""
        return {area.id: area for area in self.solution_areas}

    @cached_property
    def roles_by_id(self) -> dict[str, PartnerRole]:
        """The partner roles by their ids."""
        return {role.id: role for role in self.partner_roles}

    @cached_property
    def products_by_id(self) -> dict[str, Product]:
        """The products by their ids."""
        return {product.id: product for product in self.products}

    @property
    def programmes(self) -> tuple[str, ...]:
        """The enrolment codes that a location may have, each once."""
        return tuple(dict.fromkeys(role.programme for role in self.partner_roles))

    def faults(self, document: Document) -> Iterator[Fault]:
        """What pydantic cannot see: ids and names used twice, references to what does not exist."""
        for group in ("solution_areas", "engagements", "partner_roles", "products", "acknowledgements"):
            yield from twice(document, (group,), getattr(self, group))
        areas = {area.id for area in self.solution_areas}
        engagements = {engagement.id for engagement in self.engagements}
        for number, role in enumerate(self.partner_roles):
            here: Location = ("partner_roles", number)
            if role.solution_area not in areas:
                message = unknown("solution area", role.solution_area, areas)
                yield document.fault((*here, "solution_area"), message)
            if role.engagement not in engagements:
                message = unknown("engagement", role.engagement, engagements)
                yield document.fault((*here, "engagement"), message)
        for number, product in enumerate(self.products):
            if product.solution_area not in areas:
                message = unknown("solution area", product.solution_area, areas)
                yield document.fault(("products", number, "solution_area"), message)


def find(what: str, id: str, things: Iterable[NamedT]) -> NamedT:
    """The one of `things` with this id. Raises KeyError that proposes the nearest right id."""
    known = {thing.id: thing for thing in things}
    try:
        return known[id]
    except KeyError:
        raise KeyError(unknown(what, id, known)) from None


def twice(document: Document, group: Location, things: Sequence[Named]) -> Iterator[Fault]:
    """A fault for each id or name that an earlier one of `things` has already."""
    for key in ("id", "name"):
        seen: set[str] = set()
        for number, thing in enumerate(things):
            value: str = getattr(thing, key)
            if value in seen:
                yield document.fault((*group, number, key), f"The {key} “{value}” stands here twice.")
            seen.add(value)
