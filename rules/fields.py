"""The fields of a claim: one table, from which forms, cards, history and exports take their names.

Which fields there are, and which may be edited once a reviewer has asked: "Manage customer associations", section
"Edit your CPOR association claim", and reference page "Create a customer association". Lengths are our choice, well
inside what Slack's inputs take.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from rules import formats
from rules.lifecycle import Status


class Kind(StrEnum):
    """What is typed into a field."""

    TEXT = "text"
    LONG_TEXT = "long text"
    GUID = "guid"
    DOMAIN = "domain"
    EMAIL = "e-mail"
    COUNTRY = "country"
    LOCATION = "location"
    SOLUTION_AREA = "solution area"
    PARTNER_ROLE = "partner role"
    PRODUCTS = "products"
    TICK = "tick"
    DATE = "date"
    FILES = "files"


class Step(StrEnum):
    """The steps of the claim's form, in order."""

    CLAIM = "Claim"
    CUSTOMER = "Customer"
    CONTACTS = "Contacts"
    PROOF = "Proof"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a claim.

    ``id`` is also the claim's column. ``required`` means that the form's step cannot be left without it; everything
    else that a claim needs is asked for by the rule set ``submission``, so that a draft can be saved half filled in.
    ``when`` names what a partner role must need or offer for the field to be shown. ``after_submission`` says that it
    may be edited in *Partner action required*.
    """

    id: str
    label: str
    kind: Kind
    step: Step
    hint: str = ""
    required: bool = False
    max_length: int = 150
    when: str | None = None
    after_submission: bool = False


class FieldError(ValueError):
    """What was typed cannot be taken; the message says what is wrong and what is expected."""


FIELDS: tuple[Field, ...] = (
    Field("claim_name", "Claim name", Kind.TEXT, Step.CLAIM, "Your own name for it: “Fabrikam, Teams 2026”", True),
    Field(
        "mpn",
        "Partner location (MPN)",
        Kind.LOCATION,
        Step.CLAIM,
        "The location that did the work; it must be enrolled in the programme",
        True,
        after_submission=True,
    ),
    Field("solution_area", "Solution area", Kind.SOLUTION_AREA, Step.CLAIM, required=True),
    Field("partner_role", "Partner role", Kind.PARTNER_ROLE, Step.CLAIM, "What you did for the customer", True),
    Field(
        "customer_tenant_id",
        "Customer tenant ID",
        Kind.GUID,
        Step.CUSTOMER,
        "The customer finds it in the Entra portal under Overview, for example 8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48",
    ),
    Field("customer_name", "Customer name", Kind.TEXT, Step.CUSTOMER),
    Field("customer_domain", "Customer domain", Kind.DOMAIN, Step.CUSTOMER, "For example fabrikam.com", max_length=253),
    Field("customer_country", "Customer country", Kind.COUNTRY, Step.CUSTOMER),
    Field(
        "products",
        "Products",
        Kind.PRODUCTS,
        Step.CUSTOMER,
        "Everything that the proof of execution names",
        after_submission=True,
    ),
    Field(
        "subscription_id",
        "Subscription ID",
        Kind.GUID,
        Step.CUSTOMER,
        "The subscription to be evaluated; one bought through CSP cannot be claimed",
        when="subscription_id",
    ),
    Field(
        "opt_out_of_payment",
        "Opt out of incentive payment",
        Kind.TICK,
        Step.CUSTOMER,
        "The association is kept, and no money is paid for it",
        when="opt_out_of_payment",
    ),
    Field("solution_seller", "Solution seller", Kind.TEXT, Step.CUSTOMER, when="solution_seller"),
    Field("isv_solution", "ISV solution", Kind.TEXT, Step.CUSTOMER, when="isv_solution"),
    Field(
        "customer_contact_name",
        "Customer contact name",
        Kind.TEXT,
        Step.CONTACTS,
        "The person who signed; they are told of the claim and may opt out",
        after_submission=True,
    ),
    Field("customer_contact_title", "Customer contact title", Kind.TEXT, Step.CONTACTS, after_submission=True),
    Field(
        "customer_contact_email",
        "Customer contact e-mail",
        Kind.EMAIL,
        Step.CONTACTS,
        max_length=254,
        after_submission=True,
    ),
    Field("partner_contact_name", "Partner contact name", Kind.TEXT, Step.CONTACTS, after_submission=True),
    Field(
        "partner_contact_email",
        "Partner contact e-mail",
        Kind.EMAIL,
        Step.CONTACTS,
        max_length=254,
        after_submission=True,
    ),
    # A new proof carries a new signature, so its date belongs to the proof and stays editable with it.
    Field(
        "acknowledgement_date",
        "Acknowledgement date",
        Kind.DATE,
        Step.PROOF,
        "The day the customer signed",
        after_submission=True,
    ),
    Field(
        "proof_of_execution",
        "Proof of execution",
        Kind.FILES,
        Step.PROOF,
        "For example a signed statement of work that names the products and what you did",
        after_submission=True,
    ),
    Field(
        "comments",
        "Comments",
        Kind.LONG_TEXT,
        Step.PROOF,
        "Anything the reviewers should know",
        max_length=2000,
        after_submission=True,
    ),
)

BY_ID: Mapping[str, Field] = MappingProxyType({field.id: field for field in FIELDS})


def editable(status: Status | None) -> tuple[Field, ...]:
    """The fields that may be edited in ``status`` (None: a new claim); empty where none may."""
    if status in (None, Status.DRAFT):
        return FIELDS
    if status is Status.ACTION_REQUIRED:
        return tuple(field for field in FIELDS if field.after_submission)
    return ()


def clean(field: Field, value: Any) -> Any:
    """``value`` in the shape in which a claim keeps it; an empty one becomes None (a list: empty, a tick: False).

    Raises:
        FieldError: the value has not the field's form, or is too long.
    """
    match field.kind:
        case Kind.TICK:
            return bool(value)
        case Kind.PRODUCTS:
            return sorted(set(value or ()))
        case Kind.DATE:
            return _date(value)
        case Kind.FILES:
            raise TypeError("files are not a column of the claim")
    text = printable(value or "", lines=field.kind is Kind.LONG_TEXT)
    if not text:
        if field.required:
            raise FieldError(f"Please enter the {field.label.lower()}.")
        return None
    if len(text) > field.max_length:
        raise FieldError(f"Please shorten this to {field.max_length:,} characters; it has {len(text):,}.")
    if len(text.encode("utf-16-le")) // 2 > _TYPED:
        raise FieldError("Please shorten this: it has so many emoji, which count twice, that no form could show it.")
    return _formed(field.kind, text)


# What an input of Slack's takes, and shows again, at most; an emoji may count as two there.
_TYPED = 3000


def printable(text: str, *, lines: bool = False) -> str:
    """``text`` without control and bidirectional characters, trimmed; line breaks stay only where ``lines``."""
    unified = ("\n" if lines else " ").join(text.replace("\t", " ").splitlines())
    kept = "".join(char for char in unified if char == "\n" or not _unprintable(char)).strip()
    # Joiners and other marks without a shape of their own are part of many scripts, but alone they are nothing.
    return kept if any(map(str.isprintable, kept)) else ""


def _unprintable(char: str) -> bool:
    return unicodedata.category(char) in ("Cc", "Cs") or char in _BIDI


# Characters that make text read otherwise than it is stored (Unicode Standard Annex 9).
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


# What stands in a browser's address bar, such as https://www.fabrikam.com/about; but www.com is a domain itself.
_HOST = re.compile(r"(?:https?://)?(?:www\.(?=[^/?#:]+\.[^/?#:]))*([^/?#:]+?)\.?(?:[:/?#].*)?")


def _formed(kind: Kind, text: str) -> str:
    match kind:
        case Kind.GUID:
            guid = text.strip("{} ").lower()
            if not formats.is_guid(guid):
                raise FieldError("This is not an ID of the form 8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48.")
            return guid
        case Kind.DOMAIN:
            domain = _host(formats.to_ascii(_host(text.lower())))  # once more: www may have been in wide letters
            if not formats.is_domain(domain):
                raise FieldError("This is not a domain name such as fabrikam.com.")
            return domain
        case Kind.EMAIL:
            local, at, domain = text.rpartition("@")
            address = local + at + formats.to_ascii(domain)
            if not formats.is_email(address):
                raise FieldError("This is not an e-mail address such as cara@fabrikam.com.")
            return address
    return text


def _host(text: str) -> str:
    host = _HOST.fullmatch(text)
    return host[1] if host else ""


def _date(value: Any) -> date | None:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(value) if value else None
    except ValueError:
        raise FieldError("Please choose a date.") from None
    # Anything else is a slip of the hand, and near the ends of the calendar nobody can count months.
    if day is not None and not 1900 <= day.year < 2200:
        raise FieldError(f"Please choose another date: the year {day.year} cannot be right.")
    return day
