"""What the values of a claim's fields contradict together; whether a value alone can be taken, says `rules.fields`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.catalogue import Catalogue
from rules.countries import COUNTRIES


def contradictions(values: Mapping[str, Any], catalogue: Catalogue) -> dict[str, str]:
    """What is wrong with values that contradict the catalogue, the list of countries, or each other.

    Args:
        values: cleaned values by field id, as a claim keeps them; a field that is not there is not looked at.

    Returns:
        Field id -> a sentence for whoever filled it in.
    """
    errors: dict[str, str] = {}
    area, role = values.get("solution_area"), values.get("partner_role")
    if area is not None and area not in catalogue.areas_by_id:
        errors["solution_area"] = "This solution area is not in the catalogue any more."
    elif area is not None and "partner_role" in values and role not in {one.id for one in catalogue.roles_of(area)}:
        errors["partner_role"] = f"This partner role does not belong to {catalogue.areas_by_id[area].name}."
    if unknown := set(values.get("products") or ()) - set(catalogue.products_by_id):
        errors["products"] = f"Not in the catalogue any more: {', '.join(sorted(unknown))}."
    if values.get("customer_country") and values["customer_country"] not in COUNTRIES:
        errors["customer_country"] = "Please choose a country from the list."
    return errors
