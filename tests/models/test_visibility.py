"""Who sees which claims: the rule is the same in Python and in SQL, and what is hidden is as good as missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models.answers import Refused
from models.memory import Memory
from models.operations import filing
from models.queries.claims import find, subject_of, visible
from models.queries.people import actor_for, actor_of, locations_for_filing, person_of
from models.tables import Claim, Location, Partner, Person
from rules.lifecycle import PartnerRole, Status
from rules.permissions import Actor, Condition, Membership, sees
from tests.cast import BERLIN, LONDON, MUNICH, START, VALUES, WHO, claim_in


@pytest.fixture
def world(memory: Memory) -> Iterator[Session]:
    """A claim of every location in every status, once submitted and once not, once discarded and once not."""
    with memory.database.transaction() as session:
        ana = session.scalars(select(Person).where(Person.user == WHO["Ana"].user)).one()
        for place, status, submitted, discarded in product(
            session.scalars(select(Location)).all(), Status, (None, START), (None, START)
        ):
            session.add(
                Claim(
                    **{**VALUES, "mpn": place.mpn},
                    partner_id=place.partner_id,
                    status=status,
                    status_since=START,
                    created_by_id=ana.id,
                    created_at=START,
                    updated_at=START,
                    submitted_at=submitted,
                    discarded_at=discarded,
                )
            )
        session.flush()
        yield session


def partners(session: Session) -> list[int]:
    return list(session.scalars(select(Partner.id).order_by(Partner.id)))


scopes = st.none() | st.frozensets(st.sampled_from([BERLIN, MUNICH, LONDON, "4799999"]))
roles = st.frozensets(st.sampled_from(PartnerRole))
# Which of the world's partners one is a member of, by index; 2 is a partner without claims.
memberships = st.dictionaries(st.integers(0, 2), st.tuples(roles, scopes))


# The fixture is not changed, so that it may serve every example.
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(memberships, st.booleans(), st.booleans())
def test_what_python_lets_somebody_see_is_what_sql_finds(
    world: Session, memberships: dict[int, tuple[frozenset[PartnerRole], frozenset[str] | None]], reviewer, lead
):
    known = [*partners(world), 999_999]
    own = tuple(Membership(known[index], *what) for index, what in memberships.items())
    actor = Actor(person=1, memberships=own, reviewer=reviewer, lead=reviewer and lead)
    everything = world.scalars(select(Claim).where(Claim.discarded_at.is_(None))).all()
    assert {claim.id for claim in everything if sees(actor, subject_of(claim))} == set(
        world.scalars(select(Claim.id).where(visible(actor)))
    )


EVERYWHERE, SUBMITTED, NOWHERE = {BERLIN, MUNICH}, {BERLIN, MUNICH, LONDON}, set[str]()


@pytest.mark.parametrize(
    ("name", "drafts", "submitted"),
    [
        ("Ana", EVERYWHERE, EVERYWHERE),
        ("Bill", EVERYWHERE, EVERYWHERE),
        ("Gil", EVERYWHERE, EVERYWHERE),
        ("Ivo", {BERLIN}, {BERLIN}),
        ("Mia", {MUNICH}, {MUNICH}),
        ("Bo", {LONDON}, {LONDON}),
        ("Rosa", NOWHERE, SUBMITTED),
        ("Remy", NOWHERE, SUBMITTED),
        ("Nia", EVERYWHERE, SUBMITTED),
        ("Zed", NOWHERE, NOWHERE),
    ],
)
def test_the_cast_sees_what_the_design_says(world: Session, name: str, drafts: set[str], submitted: set[str]):
    actor = actor_of(person_of(world, WHO[name].team, WHO[name].user))
    seen = select(Claim.mpn).where(visible(actor)).distinct()
    assert set(world.scalars(seen.where(Claim.submitted_at.is_(None)))) == drafts
    assert set(world.scalars(seen.where(Claim.submitted_at.is_not(None)))) == submitted


def test_somebody_of_another_workspace_with_the_same_user_id_is_nobody(world: Session):
    assert actor_of(person_of(world, "T0OTHER", WHO["Ana"].user)) == Actor(person=None)


def test_a_partner_that_left_the_directory_has_no_members_any_more(memory: Memory):
    with memory.database.transaction() as session:
        session.scalars(select(Partner).where(Partner.name == "Contoso Consulting")).one().active = False
        assert actor_of(person_of(session, *_identity("Ana"))).memberships == ()


def test_who_acts_is_the_same_whether_the_person_is_read_whole_or_not(memory: Memory):
    def both(name: str) -> tuple[Actor, Actor]:
        with memory.database.transaction() as session:
            return actor_for(session, WHO[name]), actor_of(person_of(session, *_identity(name)))

    def change(sentence: str) -> None:
        with memory.database.transaction() as session:
            session.execute(text(sentence), {"mpn": LONDON})

    for sentence in (
        "SELECT :mpn",
        "INSERT INTO memberships SELECT person_id, max(partners.id), '{billing_admin}', ARRAY[:mpn]"
        " FROM reviewers, partners GROUP BY person_id ON CONFLICT DO NOTHING",
        "UPDATE partners SET active = false WHERE id = (SELECT min(id) FROM partners)",
        "UPDATE people SET deactivated_at = now() WHERE name LIKE 'B%'",
        "UPDATE people SET active = false WHERE name LIKE 'R%'",
    ):
        change(sentence)
        for name in WHO:
            sooner, whole = both(name)
            assert sooner == replace(whole, memberships=tuple(sorted(whole.memberships, key=lambda one: one.partner)))
    assert {both(name)[0] == Actor(person=None) for name in ("Bo", "Rosa", "Zed")} == {True}


def test_one_files_for_the_locations_of_ones_scope_and_roles(world: Session):
    def places(name: str) -> list[str]:
        return [place.mpn for place in locations_for_filing(world, actor_of(person_of(world, *_identity(name))))]

    assert {name: places(name) for name in ("Ana", "Ivo", "Bill", "Bo", "Rosa", "Zed")} == {
        "Ana": [BERLIN, MUNICH],
        "Ivo": [BERLIN],
        "Bill": [],
        "Bo": [LONDON],
        "Rosa": [],
        "Zed": [],
    }


@pytest.mark.parametrize("written", ["{number}", "{digits}", " cl-{short} ", "CL-{short}"])
def test_a_hidden_claim_and_a_missing_one_are_answered_in_the_same_words(memory: Memory, written: str):
    hidden = claim_in(memory, Status.DRAFT)
    discarded = claim_in(memory, Status.DRAFT)
    filing.discard(memory, WHO["Ana"], discarded)

    def answer(number: str) -> str:
        digits = number.removeprefix("CL-")
        typed = written.format(number=number, digits=digits, short=digits.lstrip("0"))
        with pytest.raises(Refused) as refused, memory.database.transaction() as session:
            find(session, actor_of(person_of(session, *_identity("Bo"))), typed)
        assert refused.value.refusal.condition is Condition.VISIBLE
        assert refused.value.status is None
        return refused.value.refusal.message

    for number in (hidden, discarded, "CL-099999"):
        assert answer(number) == f"There is no claim {number} that you can see."


@pytest.mark.parametrize("typed", ["", "CL-", "CL-12x", "-1", "٣", "9" * 19, "x\u202e\x00" * 50])
def test_what_is_no_number_is_no_claim(memory: Memory, typed: str):
    with pytest.raises(Refused) as refused, memory.database.transaction() as session:
        find(session, actor_of(person_of(session, *_identity("Rosa"))), typed)
    message = refused.value.refusal.message
    assert len(message) < 70
    assert message.isprintable()


def _identity(name: str) -> tuple[str, str]:
    return WHO[name].team, WHO[name].user
