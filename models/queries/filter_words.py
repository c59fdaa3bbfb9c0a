"""The words of a search, such as ``status:approved customer:"Fabrikam GmbH" sort:-due teams``, and what they mean.

The same words are typed behind ``/claim list`` and ``/claim export``, carried by buttons and remembered by Home.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from models.queries.criteria import ME, NOBODY, Criteria, Due, Sort
from rules.catalogue import Catalogue, Named
from rules.fields import printable
from rules.lifecycle import Status

# Whoever looks for something needs far less, and an answer repeats it; a button carries it, beside where a page begins,
# in at most 2,000 characters.
LONGEST = 500


class WordsError(ValueError):
    """Words that cannot be followed; the message says which, and what was probably meant."""


@dataclass(frozen=True)
class Filter:
    """One of the words that stand before a colon.

    ``takes`` says what may follow, ``example`` shows it; ``read`` adds one value to the criteria, ``write`` gives the
    values that a criteria has.
    """

    word: str
    takes: str
    example: str
    read: Callable[[Criteria, str, Catalogue], Criteria]
    write: Callable[[Criteria], Iterable[str]]
    also: tuple[str, ...] = ()


def read_words(text: str, catalogue: Catalogue) -> Criteria:
    """What the words ask for.

    Raises:
        WordsError: a filter or a value that there is not.
    """
    if len(text) > LONGEST:
        raise WordsError(f"That is longer than {LONGEST} characters. Search for fewer words.")
    criteria, free = Criteria(), []
    for key, value in _split(text):
        if key is None:
            free.append(value)
            continue
        filter = _BY_WORD.get(key)
        if filter is None:
            raise WordsError(_no_filter(key, value))
        values = [one for one in _values(value) if one]
        if not values:
            raise WordsError(f"“{filter.word}:” needs a value, for example {filter.example}")
        for one in values:
            criteria = filter.read(criteria, one, catalogue)
    criteria = replace(criteria, text=" ".join(" ".join(free).split()))
    if len(write_words(criteria)) > LONGEST:
        raise WordsError("That is more than a search can hold. Please use fewer filters or shorter words.")
    return criteria


def write_words(criteria: Criteria) -> str:
    """The words that ask for it: `read_words` reads the same criteria from them."""
    parts = []
    for filter in FILTERS:
        values = [_quoted(one) for one in filter.write(criteria)]
        if values:
            parts.append(f"{filter.word}:{','.join(values)}")
    parts += [f'"{word}"' if ":" in word else word for word in criteria.text.split()]
    return " ".join(parts)


def fewer_words(criteria: Criteria) -> Iterator[tuple[str, Criteria]]:
    """The criteria with one restriction less, for each: the restriction as it is typed, and what is left."""
    whole = Criteria(sort=criteria.sort, descending=criteria.descending)
    for fields in (*_RESTRICTING, ("text",)):
        without: dict[str, Any] = {field: getattr(whole, field) for field in fields}
        only: dict[str, Any] = {field: getattr(criteria, field) for field in fields}
        if without != only:
            yield write_words(replace(Criteria(), **only)), replace(criteria, **without)


_RESTRICTING = (
    *(("statuses",), ("customers",), ("products",), ("engagements",), ("partners",), ("locations",), ("reviewers",)),
    ("due", "due_from", "due_to"),
)


def _more(criteria: Criteria, field: str, values: Iterable[Any]) -> Criteria:
    changed: dict[str, Any] = {field: tuple(dict.fromkeys((*getattr(criteria, field), *values)))}
    return replace(criteria, **changed)


def _status(criteria: Criteria, value: str, catalogue: Catalogue) -> Criteria:
    return _more(criteria, "statuses", _chosen("status", value, [(one, one) for one in Status]))


def _product(criteria: Criteria, value: str, catalogue: Catalogue) -> Criteria:
    return _more(criteria, "products", _chosen("product", value, _names(catalogue.products)))


def _engagement(criteria: Criteria, value: str, catalogue: Catalogue) -> Criteria:
    """An engagement is what its partner roles lead to; claims know their role and their solution area."""
    kinds = (*catalogue.partner_roles, *catalogue.solution_areas, *catalogue.engagements)
    meant = _chosen("engagement", value, _names(kinds))
    led_to = {
        one.id: [role.id for role in catalogue.partner_roles if role.engagement == one.id]
        for one in catalogue.engagements
    }
    return _more(criteria, "engagements", [id for one in meant for id in led_to.get(one, [one])])


def _text(field: str) -> Callable[[Criteria, str, Catalogue], Criteria]:
    def read(criteria: Criteria, value: str, catalogue: Catalogue) -> Criteria:
        return _more(criteria, field, [value])

    return read


def _reviewer(criteria: Criteria, value: str, catalogue: Catalogue) -> Criteria:
    known = {"me": ME, "none": NOBODY, "nobody": NOBODY, "unassigned": NOBODY}
    return _more(criteria, "reviewers", [known.get(value.lower(), value)])


def _due(criteria: Criteria, value: str, catalogue: Catalogue) -> Criteria:
    cleared = replace(criteria, due=None, due_from=None, due_to=None)
    first, dots, last = value.partition("..")
    if dots:
        return replace(cleared, due_from=_day(first) if first else None, due_to=_day(last) if last else None)
    sign, rest = _sign(value)
    if sign == "before":
        return replace(cleared, due_to=date.fromordinal(_day(rest).toordinal() - 1))
    if sign == "after":
        return replace(cleared, due_from=date.fromordinal(_day(rest).toordinal() + 1))
    words = {**{one.value: one for one in Due}, "this week": Due.WEEK, "no": Due.NONE, "late": Due.OVERDUE}
    if (plain := _plain(value)) in words:
        return replace(cleared, due=words[plain])
    if value[:1].isdigit():
        day = _day(value)
        return replace(cleared, due_from=day, due_to=day)
    near = get_close_matches(plain, words, n=1)
    guess = f" Did you mean “{near[0]}”?" if near else ""
    known = "Try due:overdue, due:today, due:week or due:<2026-12-31"
    raise WordsError(f"“{_brief(value)}” is no date to be due.{guess} {known}")


def _sign(value: str) -> tuple[str, str]:
    for sign, meaning in (("<", "before"), (">", "after"), ("before", "before"), ("after", "after")):
        if value.lower().startswith(sign):
            return meaning, value[len(sign) :].lstrip(": ")
    return "", value


def _day(value: str) -> date:
    try:
        day = date.fromisoformat(value.strip())
    except ValueError:
        raise WordsError(f"“{_brief(value)}” is no day. Write it as in 2026-12-31") from None
    if not 1900 <= day.year < 2200:
        raise WordsError(f"“{_brief(value)}” is no day on which a limit ends.")
    return day


def _due_words(criteria: Criteria) -> Iterator[str]:
    if criteria.due is not None:
        yield criteria.due.value
    elif criteria.due_from is not None or criteria.due_to is not None:
        first, last = criteria.due_from, criteria.due_to
        yield first.isoformat() if first == last and first else f"{first or ''}..{last or ''}"


def _sort(criteria: Criteria, value: str, catalogue: Catalogue) -> Criteria:
    key = value.lstrip("+-")
    [sort, *_] = _chosen("column to sort by", key, [(one, one) for one in Sort])
    return replace(criteria, sort=sort, descending=value.startswith("-"))


def _sort_words(criteria: Criteria) -> Iterator[str]:
    if (criteria.sort, criteria.descending) != (Sort.NUMBER, True):
        yield f"{'-' if criteria.descending else ''}{criteria.sort.value}"


FILTERS: tuple[Filter, ...] = (
    Filter("status", "a status", "status:approved", _status, lambda one: one.statuses),
    Filter(
        "customer",
        "the customer's name, domain or tenant ID",
        'customer:"Fabrikam GmbH"',
        _text("customers"),
        lambda one: one.customers,
    ),
    Filter("product", "a product", "product:teams", _product, lambda one: one.products),
    Filter(
        "engagement",
        "a solution area, an engagement or a partner role",
        "engagement:modern-work",
        _engagement,
        lambda one: one.engagements,
        ("area", "role"),
    ),
    Filter("partner", "a partner's name", "partner:contoso", _text("partners"), lambda one: one.partners),
    Filter(
        "location",
        "a location's MPN or name",
        "location:4711001",
        _text("locations"),
        lambda one: one.locations,
        ("mpn",),
    ),
    Filter("reviewer", "me, none, or a name", "reviewer:me", _reviewer, lambda one: one.reviewers),
    Filter(
        "due",
        "overdue, today, week, none, a day, <day, >day, or day..day",
        "due:<2026-12-31",
        _due,
        _due_words,
    ),
    Filter("sort", f"{', '.join(Sort)}; with a minus the other way", "sort:-due", _sort, _sort_words),
)
_BY_WORD: Mapping[str, Filter] = MappingProxyType(
    {word: filter for filter in FILTERS for word in (filter.word, *filter.also)}
)


_MARKS = '“"”„«»'
# A filter may be followed by a space; what stands in quotation marks, straight or curly, is one value.
_WORD = re.compile(
    rf"(?:(?P<known>{'|'.join(_BY_WORD)}):\s*(?!\w+:)|(?P<key>[^\W\d_]+):(?!//|\s|$))?"
    rf"(?P<value>(?:[{_MARKS}][^{_MARKS}]*[{_MARKS}]?|[^\s{_MARKS}])*)",
    re.IGNORECASE,
)
_PART = re.compile(rf"(?:[{_MARKS}][^{_MARKS}]*[{_MARKS}]?|[^,{_MARKS}])+")


def _split(text: str) -> Iterator[tuple[str | None, str]]:
    """The filters with their values, and words that stand alone, with None."""
    for found in _WORD.finditer(printable(text)):
        key = found["known"] or found["key"]
        if key is not None:
            yield key.lower(), found["value"]
        elif word := _bare(found["value"]):
            yield None, word


def _values(text: str) -> Iterator[str]:
    return (_bare(found.group()) for found in _PART.finditer(text))


def _bare(text: str) -> str:
    return " ".join(re.sub(f"[{_MARKS}]", "", text).split())


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s,:]", value) else value


def _no_filter(key: str, value: str) -> str:
    near = get_close_matches(key, _BY_WORD, n=1)
    if near:
        return f"There is no filter “{_brief(key)}:”. Did you mean {near[0]}:{_brief(value)}?"
    every = ", ".join(f"{one.word}:" for one in FILTERS)
    return f"There is no filter “{_brief(key)}:”. There are {every} and to search for it, write it in quotation marks."


Known = list[tuple[str, Any]]  # what people may write, and what it means


def _names(things: Iterable[Named]) -> Known:
    return [(name, one.id) for one in things for name in (one.name, one.id, *getattr(one, "former_names", ()))]


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[-_()]", " ", text.lower()).split())


def _chosen(what: str, value: str, known: Known) -> list[Any]:
    """What is meant: all that are called just this, or else all whose name, or a word in it, begins like that."""
    wanted = _plain(value)
    for fits in (wanted.__eq__, lambda name: name.startswith(wanted), lambda name: f" {wanted}" in name):
        if wanted and (found := [meant for name, meant in known if fits(_plain(name))]):
            return list(dict.fromkeys(found))
    names = {_plain(name): name for name, _ in reversed(known)}
    near = get_close_matches(wanted, names, n=1)
    guess = (
        f"Did you mean “{names[near[0]]}”?"
        if near
        else f"There are, for example, {', '.join(list(names.values())[:-9:-1])}."
    )
    raise WordsError(f"There is no {what} “{_brief(value)}”. {guess}")


def _brief(typed: str) -> str:
    """As much of it as tells which word is meant: an answer stays short however long the word is."""
    return typed if len(typed) <= 60 else typed[:59] + "…"
