"""Values and reasons in the words people read; what staff took out of the catalogue since is still readable."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from bot.cards.text import day_text
from rules.catalogue import Named
from rules.countries import COUNTRIES
from rules.fields import Kind
from rules.formats import readable_domain
from rules.loading import Programme
from rules.reasons import Reason


def value_text(kind: Kind, value: Any, programme: Programme) -> str:
    """A field's value as people read it (``value`` as JSON keeps it); a dash where there is none."""
    if value in (None, "", []):
        return "–"
    catalogue = programme.catalogue
    match kind:
        case Kind.PRODUCTS:
            return ", ".join(name_of(catalogue.products, one) for one in value)
        case Kind.FILES:
            return ", ".join(value)
        case Kind.TICK:
            return "yes" if value else "no"
        case Kind.DATE:
            return day_text(date.fromisoformat(value)) if isinstance(value, str) else day_text(value)
        case Kind.SOLUTION_AREA:
            return name_of(catalogue.solution_areas, value)
        case Kind.PARTNER_ROLE:
            return name_of(catalogue.partner_roles, value)
        case Kind.DOMAIN:
            return readable_domain(value)
        case Kind.COUNTRY:
            return COUNTRIES.get(value, value)
    return str(value)


def name_of(things: Iterable[Named], id: str) -> str:
    """The name of the thing with this id; the id itself when the catalogue has it no longer."""
    return next((one.name for one in things if one.id == id), id)


def reason(reasons: Iterable[Reason], id: str) -> tuple[str, str]:
    """(label, meaning) of a reason; the id and nothing when the programme has it no longer."""
    return next(((one.label, one.meaning) for one in reasons if one.id == id), (id, ""))
