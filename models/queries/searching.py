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

SHORTEST_NUMBER = 4
# What each word of a search may mean beside itself, in one statement.
_MEANINGS = text("""
SELECT word,
    ARRAY(SELECT '@' || id FROM people WHERE words @@ begun)
    || ARRAY(SELECT '/' || id FROM partners WHERE words @@ begun)
    || ARRAY(SELECT '%' || mpn FROM locations WHERE words @@ begun)
    || ARRAY(SELECT '+' || id FROM unnest(CAST(:ids AS text[]), CAST(:names AS text[])) AS product (id, name)
             WHERE search_vector(name) @@ begun) AS meanings
FROM unnest(search_words(:typed)) WITH ORDINALITY AS typed (word, nth)
CROSS JOIN LATERAL (SELECT search_prefix(word) AS begun) AS prefix
ORDER BY nth
""")


def found_by(session: Session, catalogue: Catalogue, typed: str) -> ColumnElement[bool] | None:
    """Claims that have every word of ``typed``, wherever; None when there is no word in it."""
    number = claim_id(typed)
    if number is not None and typed.strip().upper().startswith("CL-"):
        return Claim.id == number
    products = {"ids": [one.id for one in catalogue.products], "names": [one.name for one in catalogue.products]}
    rows = session.execute(_MEANINGS, {"typed": typed, **products}).all()
    return _matches([_either([_begun(word), *_number(word), *map(_exactly, meanings)]) for word, meanings in rows])


def customer_found_by(session: Session, names: Iterable[str]) -> ColumnElement[bool]:
    """Claims whose customer has every word of one of ``names`` in its name, domain or tenant ID."""
    queries = []
    for name in names:
        words = session.scalar(select(func.search_words(name))) or []
        queries.append(" & ".join(_begun(word, "A") for word in words) or _NOTHING)
    return _matches([_either(f"({one})" for one in queries)])


def with_product(products: Iterable[str]) -> ColumnElement[bool]:
    """Claims that name one of these products, by their ids."""
    return _matches([_either(_exactly(f"+{one}") for one in products)])


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


_NOTHING = "'#'"  # no claim has it


def _matches(queries: list[str]) -> ColumnElement[bool]:
    return Claim.words.op("@@")(cast(literal(" & ".join(queries) or _NOTHING, Text), TSQUERY))


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
