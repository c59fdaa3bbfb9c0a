"""Finding claims: what is found is what a plain filter in Python finds among what the person may see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.memory import Memory
from models.queries import finding
from models.queries.claims import subject_of
from models.queries.criteria import Criteria, Sort
from models.queries.filter_words import read_words
from models.queries.finding import Page, matching, page
from models.queries.people import actor_for
from models.queries.walking import Cursor
from models.tables import Claim, Location, Person
from rules.lifecycle import Status
from rules.permissions import sees
from tests.cast import BERLIN, LONDON, MUNICH, START, VALUES, WHO

CUSTOMERS = (
    ("Münchner Bäckerei", "baeckerei.example"),
    ("Łódź Foods", "lodz.example"),
    (None, None),
    ("zoo", "zoo.de"),
)
CAST = ("Ana", "Ivo", "Mia", "Bo", "Rosa", "Nia", "Zed")


@pytest.fixture
def world(memory: Memory) -> Iterator[Session]:
    """Claims of both partners and all locations in every status, with customers, products and reviewers in turn."""
    with memory.database.transaction() as session:
        people = {one.user: one.id for one in session.scalars(select(Person))}
        reviewers = cycle([people["U0ROSA"], None, people["U0REMY"]])
        products = cycle([["teams"], ["teams-phone", "exchange"], []])
        customers = cycle(CUSTOMERS)
        due = cycle([None, *(START + timedelta(days=days) for days in (-2, 0, 3, 9, 40))])
        for number, (place, status, submitted) in enumerate(
            (place, status, submitted)
            for place in session.scalars(select(Location).order_by(Location.mpn)).all()
            for status in Status
            for submitted in (None, START)
        ):
            name, domain = next(customers)
            typed = {**VALUES, "mpn": place.mpn, "customer_name": name, "customer_domain": domain}
            typed |= {"claim_name": f"Roll-out {number % 5}", "products": next(products)}
            row = Claim(
                **typed,
                partner_id=place.partner_id,
                status=status,
                status_since=START,
                due_at=next(due),
                reviewer_id=next(reviewers),
                created_by_id=people["U0BO" if place.mpn == LONDON else "U0ANA"],
                created_at=START,
                updated_at=START + timedelta(minutes=number % 7),
                submitted_at=submitted,
                discarded_at=START if number % 11 == 0 else None,
            )
            session.add(row)
        session.flush()
        yield session


def everything(session: Session, memory: Memory, who: str, words: str, size: int = 7) -> list[Claim]:
    """What somebody finds, page by page to the end."""
    actor, criteria = actor_for(session, WHO[who]), read_words(words, memory.programme.catalogue)
    found: list[Claim] = []
    one = page(session, memory, actor, criteria, size=size)
    while True:
        found += one.claims
        if one.after is None:
            assert one.total == len(found)
            return found
        one = page(session, memory, actor, criteria, Cursor.read(one.after.write(), criteria.sort), size)
        assert one.first == len(found) + 1


Plain = Callable[[Claim], bool]
FILTERS: dict[str, Plain] = {
    "": lambda one: True,
    "status:approved,rejected": lambda one: one.status in (Status.APPROVED, Status.REJECTED),
    "customer:munch": lambda one: one.customer_name == CUSTOMERS[0][0],
    "customer:lodz.exa": lambda one: one.customer_domain == "lodz.example",
    'customer:"foods lodz",zoo': lambda one: one.customer_name in ("Łódź Foods", "zoo"),
    "product:teams": lambda one: "teams" in one.products,
    "product:exchange,teams": lambda one: bool({"teams", "exchange"} & set(one.products)),
    "engagement:modern-work": lambda one: one.solution_area == "modern-work",
    "role:build-intent-advisor": lambda one: one.partner_role == "build-intent-advisor",
    "partner:contoso": lambda one: one.mpn in (BERLIN, MUNICH),
    "partner:nobody": lambda one: False,
    "location:munich": lambda one: one.mpn == MUNICH,
    f"location:{LONDON},{BERLIN}": lambda one: one.mpn in (LONDON, BERLIN),
    "reviewer:none": lambda one: one.reviewer is None,
    "reviewer:rosa": lambda one: one.reviewer is not None and one.reviewer.name == "Rosa Review",
    'reviewer:"Remy Review",none': lambda one: one.reviewer is None or one.reviewer.name == "Remy Review",
    "due:none": lambda one: one.due_at is None,
    "due:>2026-11-20": lambda one: one.due_at is not None and one.due_at > START + timedelta(days=2),
    "due:<2026-11-20": lambda one: one.due_at is not None and one.due_at < START + timedelta(days=2),
    "bäckerei": lambda one: one.customer_name == CUSTOMERS[0][0],
    "FOODS roll": lambda one: one.customer_name == "Łódź Foods",
    "teams phone": lambda one: "teams-phone" in one.products,
    "remy": lambda one: one.reviewer is not None and one.reviewer.name == "Remy Review",
    "4711002": lambda one: one.mpn == MUNICH,
    "bo builder": lambda one: one.mpn == LONDON,
    "status:approved munich zoo": lambda one: (
        one.status is Status.APPROVED and one.mpn == MUNICH and one.customer_name == "zoo"
    ),
}


# Claims are counted up to the first number, and words met on the way among as many as the second says: so each way to a
# page is gone, by few claims as by many.
WAYS = ((1000, 2000), (10, 2), (10, 60))


def each_way(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    for most, near in WAYS:
        monkeypatch.setattr(finding, "MOST_COUNTED", most)
        monkeypatch.setattr(finding, "NEARBY", near)
        yield most, near


@pytest.mark.parametrize("words", FILTERS)
def test_everybody_finds_what_fits_of_what_they_may_see_and_nothing_else(
    world: Session, memory: Memory, monkeypatch: pytest.MonkeyPatch, words: str
):
    live = world.scalars(select(Claim).where(Claim.discarded_at.is_(None)).order_by(Claim.id.desc())).all()
    for who in CAST:
        actor = actor_for(world, WHO[who])
        expected = [one.id for one in live if sees(actor, subject_of(one)) and FILTERS[words](one)]
        for way in each_way(monkeypatch):
            assert [one.id for one in everything(world, memory, who, words)] == expected, (who, way)
        criteria = read_words(words, memory.programme.catalogue)
        assert list(world.scalars(matching(world, memory, actor, criteria).with_only_columns(Claim.id))) == expected


FORGED = (
    *("", "5", "[1,2]", "[" * 5_000, "[1,5,1,0]", "[1,[],1,0]", "[true,null,1,0]", '["1",null,1,0]', '[1,null,"x",0]'),
    *(f"[{2**63},null,1,0]", '[1,"\\u0000",1,0]', '[1,"\\ud800",1,0]', '[1,"x",1,0]', '[1,"0001-01-01",1,0]'),
    *('[1,"9999-12-31T23:59:59.999999-14:00",1,0]', '[1,"0001-01-01T00:00:00+14:00",1,1]'),
)


@pytest.mark.parametrize("sort", Sort)
def test_a_place_in_a_list_that_no_page_gave_is_refused_or_leads_to_nothing_else(
    world: Session, memory: Memory, sort: Sort
):
    actor, criteria = actor_for(world, WHO["Bo"]), read_words(f"sort:{sort}", memory.programme.catalogue)
    for written in FORGED:
        try:
            cursor = Cursor.read(written, sort)
        except ValueError:
            continue
        assert all(one.mpn == LONDON for one in page(world, memory, actor, criteria, cursor).claims)


@pytest.mark.parametrize("sort", Sort)
@pytest.mark.parametrize("words", ["", "roll"])
def test_pages_follow_each_other_in_every_order_and_back(
    world: Session, memory: Memory, monkeypatch: pytest.MonkeyPatch, sort: Sort, words: str
):
    # Two of the same name: their claims are in the order of their numbers, as those of one.
    world.execute(update(Person).where(Person.user == "U0REMY").values(name="Rosa Review"))
    actor = actor_for(world, WHO["Nia"])
    for sign in ("", "-"):
        asked = f"sort:{sign}{sort} {words}"
        criteria = read_words(asked, memory.programme.catalogue)
        whole = list(world.scalars(matching(world, memory, actor, criteria).with_only_columns(Claim.id)))
        assert len(whole) > 30
        for way in each_way(monkeypatch):
            assert [one.id for one in everything(world, memory, "Nia", asked)] == whole, (sign, way)
            third = _walk(world, memory, criteria, 2)
            assert third.before is not None
            second = page(world, memory, actor, criteria, Cursor.read(third.before.write(), sort), 7)
            assert ([one.id for one in second.claims], second.first, second.last) == (whole[7:14], 8, 14)
            assert second.before is not None
            first = page(world, memory, actor, criteria, second.before, 7)
            assert ([one.id for one in first.claims], first.first, first.before) == (whole[:7], 1, None)


def test_of_many_claims_the_last_page_alone_knows_how_many_there_are(
    world: Session, memory: Memory, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(finding, "MOST_COUNTED", 10)
    actor = actor_for(world, WHO["Nia"])
    first = page(world, memory, actor, Criteria())
    assert first.total is None
    found = everything(world, memory, "Nia", "")
    size = len(found) - 1
    almost = page(world, memory, actor, Criteria(), size=size)
    assert almost.total is None
    assert page(world, memory, actor, Criteria(), almost.after, size).total == len(found) > 10


def _walk(session: Session, memory: Memory, criteria: Criteria, steps: int) -> Page:
    actor = actor_for(session, WHO["Nia"])
    one = page(session, memory, actor, criteria, size=7)
    for _ in range(steps):
        assert one.after is not None
        one = page(session, memory, actor, criteria, one.after, 7)
    return one
