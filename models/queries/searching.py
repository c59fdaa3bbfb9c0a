"""Words that people type, found in claims: by PostgreSQL's own text search, in one index.

``claims.words`` holds the folded words of a claim (lower case, no accents) and, with a sign that no folded word has,
what it points to: ``#`` its own number, ``@`` people, ``/`` the partner, ``%`` the location, ``+`` products. The names
of those are looked up when somebody searches, so a renamed person is found at once, and nothing has to be rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, literal, select, text
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from models.tables import Claim, Location, Partner, Person, claim_id
from rules.catalogue import Catalogue
from rules.formats import to_ascii

SHORTEST_NUMBER = 4
# What each word of a search may mean beside itself, in one statement. OFFSET: not read anew for each person.
_MEANINGS = text("""
SELECT word,
    ARRAY(SELECT '@' || id FROM people WHERE words @@ begun)
    || ARRAY(SELECT '/' || id FROM partners WHERE words @@ begun)
    || ARRAY(SELECT '%' || mpn FROM locations WHERE words @@ begun)
    || ARRAY(SELECT '+' || id FROM unnest(CAST(:ids AS text[]), CAST(:names AS text[])) AS product (id, name)
             WHERE search_vector(name) @@ begun) AS meanings
FROM unnest(search_words(:typed)) WITH ORDINALITY AS typed (word, nth)
CROSS JOIN LATERAL (SELECT search_prefix(word) AS begun OFFSET 0) AS prefix
ORDER BY nth
""")


def has_words(query: ColumnElement[Any]) -> ColumnElement[bool]:
    """Claims with what ``query`` asks for, found by the index."""
    return Claim.words.bool_op("@@")(query)


def turns_out_to_have(query: ColumnElement[Any]) -> ColumnElement[bool]:
    """The same, of claims that are read anyway: the index is left alone, in which a word of many claims takes long."""
    return func.ts_match_vq(Claim.words, query)


def number_typed(typed: str) -> int | None:
    """The id of the claim whose number was typed, and nothing else; digits alone may mean much."""
    return claim_id(typed) if typed.strip().upper().startswith("CL-") else None


def words_typed(session: Session, catalogue: Catalogue, typed: str) -> ColumnElement[Any] | None:
    """Every word of ``typed``, wherever; None when there is no word in it."""
    products = {"ids": [one.id for one in catalogue.products], "names": [one.name for one in catalogue.products]}
    queries = []
    for written in _written(typed):
        rows = session.execute(_MEANINGS, {"typed": written, **products}).all()
        words = (_either([_begun(word), *_number(word), *map(_exactly, meanings)]) for word, meanings in rows)
        queries.append(" & ".join(words) or _NOTHING)
    return _query([_either(f"({one})" for one in queries)])


def words_of_customer(session: Session, names: Iterable[str]) -> ColumnElement[Any]:
    """Every word of one of ``names`` in the customer's name, domain or tenant ID."""
    queries = []
    for written in (written for name in names for written in _written(name)):
        words = session.scalar(select(func.search_words(written))) or []
        queries.append(" & ".join(_begun(word, "A") for word in words) or _NOTHING)
    return _query([_either(f"({one})" for one in queries)])


def words_of_products(products: Iterable[str]) -> ColumnElement[Any]:
    """One of these products, by their ids."""
    return _query([_either(_exactly(f"+{one}") for one in products)])


def called(
    session: Session, table: type[Person] | type[Partner] | type[Location], identity: Any, names: Iterable[str]
) -> list[Any]:
    """The identities of all in ``table`` who are called like one of ``names``: just so, or else with such words."""
    found: list[Any] = []
    for name in names:
        same = func.search_words(table.name) == func.search_words(name)
        query = select(identity, same).where(table.words.op("@@")(func.search_prefix(name)))
        rows = session.execute(query.order_by(identity)).all()
        found += [one for one, exact in rows if exact] or [one for one, _ in rows]
    return found


def _written(typed: str) -> list[str]:
    """What was typed, and where an international domain is in it, that in the form in which claims keep it."""
    return list(dict.fromkeys((typed, " ".join(map(to_ascii, typed.split())))))


_NOTHING = "'#'"  # no claim has it


def _query(parts: list[str]) -> ColumnElement[Any]:
    return cast(literal(" & ".join(parts) or _NOTHING, Text), TSQUERY)


def _either(queries: Iterable[str]) -> str:
    return f"({' | '.join(queries)})"


def _begun(word: str, weight: str = "") -> str:
    # What is this short begins too much: a letter most things, a number's digits the ids of strangers.
    whole = len(word) < (SHORTEST_NUMBER if word.isdigit() else 2)
    flags = ("" if whole else "*") + weight
    return f"{_exactly(word)}:{flags}" if flags else _exactly(word)


def _number(word: str) -> list[str]:
    return [_exactly(f"#{int(word)}")] if word.isascii() and word.isdigit() else []


def _exactly(lexeme: str) -> str:
    quoted = lexeme.replace("\\", "").replace("'", "")
    return f"'{quoted}'"
