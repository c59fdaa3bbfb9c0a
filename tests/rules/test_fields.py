"""What is typed into a field, in the shape in which a claim keeps it."""

from datetime import date
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rules.fields import BY_ID, FIELDS, Field, FieldError, Kind, clean, editable, printable
from rules.lifecycle import Status

GUID = "8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48"


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("claim_name", "  Northwind: Teams 2026 ", "Northwind: Teams 2026"),
        ("claim_name", "two\nlines", "two lines"),
        ("claim_name", "two\r\nlines", "two lines"),
        ("claim_name", "two\u2028lines\tand a tab", "two lines and a tab"),
        ("claim_name", "nul\x00 and bell\x07", "nul and bell"),
        ("claim_name", "in\u202evoice\u2066s", "invoices"),
        ("claim_name", "\u061cArabic mark", "Arabic mark"),
        ("claim_name", "half a pair \ud83d", "half a pair"),
        ("claim_name", "a family 👨‍👩‍👧", "a family 👨‍👩‍👧"),
        ("comments", " first\r\n\r\nsecond\u202e ", "first\n\nsecond"),
        ("comments", "", None),
        ("comments", None, None),
        ("customer_name", "\u200b\u200d", None),
        ("customer_tenant_id", f" {{{GUID.upper()}}} ", GUID),
        ("customer_domain", "Northwind.COM", "northwind.com"),
        ("customer_domain", "https://www.northwind.com/", "northwind.com"),
        ("customer_domain", "http://northwind.com:8080/about?us#top", "northwind.com"),
        ("customer_domain", "northwind.com.", "northwind.com"),
        ("customer_domain", "www.com", "www.com"),
        ("customer_domain", "www.www.de", "www.de"),
        ("customer_domain", "Müller.DE", "xn--mller-kva.de"),
        ("customer_domain", "https://www.müller.de/über?uns", "xn--mller-kva.de"),
        ("customer_domain", "mu\u0308ller.de", "xn--mller-kva.de"),
        ("customer_domain", "straße.example", "xn--strae-oqa.example"),
        ("customer_domain", "例え。jp", "xn--r8jz45g.jp"),
        ("customer_domain", "ｗｗｗ.müller.de", "xn--mller-kva.de"),
        ("customer_domain", "xn--mller-kva.de", "xn--mller-kva.de"),
        ("customer_contact_email", " cara@northwind.com ", "cara@northwind.com"),
        ("customer_contact_email", "Cara@müller.de", "Cara@xn--mller-kva.de"),
        ("products", ["teams", "exchange", "teams"], ["exchange", "teams"]),
        ("products", None, []),
        ("opt_out_of_payment", None, False),
        ("opt_out_of_payment", True, True),
        ("acknowledgement_date", "2026-10-01", date(2026, 10, 1)),
        ("acknowledgement_date", date(2026, 10, 1), date(2026, 10, 1)),
        ("acknowledgement_date", "", None),
    ],
)
def test_what_was_typed_is_kept_in_one_shape(field: str, typed: Any, kept: Any):
    assert clean(BY_ID[field], typed) == kept


@pytest.mark.parametrize(
    ("field", "typed", "complaint"),
    [
        ("claim_name", "", "Please enter the claim name."),
        ("claim_name", " \u200b\u202e\x00", "Please enter the claim name."),
        ("claim_name", "x" * 151, "Please shorten this to 150 characters; it has 151."),
        ("comments", "x" * 2001, "Please shorten this to 2,000 characters; it has 2,001."),
        ("customer_tenant_id", "northwind", f"This is not an ID of the form {GUID}."),
        ("customer_tenant_id", GUID.replace("-", ""), f"This is not an ID of the form {GUID}."),
        ("customer_domain", "northwind", "This is not a domain name such as fabrikam.com."),
        ("customer_domain", "cara@northwind.com", "This is not a domain name such as fabrikam.com."),
        ("customer_domain", "https://", "This is not a domain name such as fabrikam.com."),
        *(
            ("customer_domain", typed, "This is not a domain name such as fabrikam.com.")
            for typed in (
                *("☃.net", "I❤.ws", "mü_ller.de", "mü ller.de", "müller..de", "müller", "ü\u200db.de", "a／b.de"),
                *("１２７.0.0.1", "exa℀mple.ü.com", "ü.xn--a.de", "xn--ü.de", "ü" * 64 + ".de", "أ1a.com", "a@ü.de"),
            )
        ),
        ("customer_contact_email", "cara@northwind", "This is not an e-mail address such as cara@fabrikam.com."),
        ("acknowledgement_date", "soon", "Please choose a date."),
        ("acknowledgement_date", "9999-12-31", "Please choose another date: the year 9999 cannot be right."),
        ("acknowledgement_date", "0026-10-01", "Please choose another date: the year 26 cannot be right."),
    ],
)
def test_what_cannot_be_taken_is_answered_with_what_is_expected(field: str, typed: str, complaint: str):
    with pytest.raises(FieldError) as error:
        clean(BY_ID[field], typed)
    assert str(error.value) == complaint


def test_the_longest_text_is_taken_and_trimmed_before_it_is_measured():
    assert clean(BY_ID["claim_name"], " " + "x" * 150 + "\u202e\n") == "x" * 150


def typed_into(field: Field) -> st.SearchStrategy[Any]:
    match field.kind:
        case Kind.TICK:
            return st.none() | st.booleans()
        case Kind.PRODUCTS:
            return st.none() | st.lists(st.text())
        case Kind.DATE:
            return st.none() | st.dates() | st.text() | st.dates().map(date.isoformat)
    shaped = st.from_regex(r"(https?://)?(www\.){0,3}[a-z]{1,3}(\.[a-z]{1,3}){0,2}\.?[/:?#]?[a-z.:/]*|\{?[0-9a-f-]+\}?")
    return st.none() | st.text() | shaped | st.emails() | st.uuids().map(str)


COLUMNS = [field for field in FIELDS if field.kind is not Kind.FILES]


@given(st.sampled_from(COLUMNS).flatmap(lambda field: st.tuples(st.just(field), typed_into(field))))
@example((BY_ID["customer_domain"], "www.www.www.de"))
@example((BY_ID["customer_domain"], "https://https://northwind.com"))
def test_anything_typed_is_kept_or_answered_and_what_is_kept_stays_as_it_is(case: tuple[Field, Any]):
    field, typed = case
    try:
        kept = clean(field, typed)
    except FieldError:
        return
    if kept is None:
        assert not field.required
    else:
        assert clean(field, kept) == kept


@given(st.text(), st.booleans())
def test_printable_text_is_one_line_unless_lines_are_wanted_and_reads_as_it_is_stored(text: str, lines: bool):
    shown = printable(text, lines=lines)
    assert shown == shown.strip()
    assert lines or len(shown.splitlines()) <= 1
    assert not any(char in shown for char in "\x00\x07\r\u061c\u200e\u200f\u202d\u202e\u2066\u2069")
    shown.encode()  # half a surrogate pair could not be stored


def test_a_reviewer_who_asks_opens_only_the_fields_that_the_documents_name():
    assert editable(None) == editable(Status.DRAFT) == FIELDS
    assert {field.label for field in editable(Status.ACTION_REQUIRED)} == {
        "Partner location (MPN)",
        "Products",
        "Customer contact name",
        "Customer contact title",
        "Customer contact e-mail",
        "Partner contact name",
        "Partner contact e-mail",
        "Acknowledgement date",
        "Proof of execution",
        "Comments",
    }


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.DRAFT, Status.ACTION_REQUIRED}))
def test_in_every_other_status_no_field_may_be_edited(status: Status):
    assert editable(status) == ()
