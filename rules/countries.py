"""The countries that a customer can be in: ISO 3166-1, as pycountry has it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pycountry


def _common(country: object) -> str:
    return str(getattr(country, "common_name", None) or getattr(country, "name"))  # noqa: B009 - pycountry's own way


COUNTRIES: Mapping[str, str] = MappingProxyType(
    dict(sorted(((one.alpha_2, _common(one)) for one in pycountry.countries), key=lambda pair: pair[1]))
)
"""Two-letter code -> name in English, by name."""
