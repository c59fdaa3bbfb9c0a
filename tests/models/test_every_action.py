"""Every action, by everybody, in every status: what the design allows happens as a whole, and all else leaves no trace.

The design's table stands here a second time, as plain data, so that neither ``lifecycle.TABLE`` nor ``permissions``
is believed. One claim for each status is made once; each case then happens inside a savepoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy import select, text, update

from models.answers import Invalid, Refused
from models.database import Database
from models.memory import Memory
from models.operations import filing, reviewing, settling
from models.operations.acting import act
from models.queries.claims import history_of
from models.queries.people import actor_of, person_of
from models.tables import Claim, Outgoing, claim_id
from rules import lifecycle
from rules.lifecycle import Action, Party, Status
from rules.loading import Programme
from rules.permissions import CLOCK, CUSTOMER, Condition
from tests.cast import BERLIN, LONDON, LOS_ANGELES, MUNICH, START, VALUES, WHO, Clock, a_file, claim_in, remember
from tests.databases import RolledBack

ACTORS = (*WHO, "customer", "clock")

# The claims are Berlin's. Design section 3: everyone of a partner within location scope; reviewers what was submitted.
CONTOSO = {"Ana", "Ivo", "Bill", "Gil", "Nia"}
FILERS = {"Ana", "Ivo", "Nia"}
MANAGERS = {"Ana", "Bill", "Gil", "Nia"}
REVIEWERS = {"Rosa", "Remy"}
STRANGERS = {"Mia", "Bo", "Zed"}


class Row(NamedTuple):
    """An action as the design has it: from where to where, for whom, and the names of whom it lets."""

    ways: Mapping[Status, Status | None]
    party: Party
    allowed: set[str]


S = Status
DESIGN: Mapping[Action, Row] = {
    Action.EDIT: Row({S.DRAFT: S.DRAFT, S.ACTION_REQUIRED: S.ACTION_REQUIRED}, Party.PARTNER, FILERS),
    Action.DISCARD: Row({S.DRAFT: None}, Party.PARTNER, FILERS),
    Action.SUBMIT: Row({S.DRAFT: S.SUBMITTED}, Party.PARTNER, FILERS),
    Action.RESUBMIT: Row({S.ACTION_REQUIRED: S.SUBMITTED}, Party.PARTNER, FILERS),
    Action.WITHDRAW: Row(
        {S.SUBMITTED: S.REJECTED, S.UNDER_REVIEW: S.REJECTED, S.ACTION_REQUIRED: S.REJECTED}, Party.PARTNER, FILERS
    ),
    Action.START_REVIEW: Row({S.SUBMITTED: S.UNDER_REVIEW}, Party.REVIEWER, REVIEWERS),
    Action.REQUEST_INFORMATION: Row({S.UNDER_REVIEW: S.ACTION_REQUIRED}, Party.REVIEWER, REVIEWERS),
    Action.APPROVE: Row({S.UNDER_REVIEW: S.APPROVED, S.DISPUTE: S.APPROVED}, Party.REVIEWER, REVIEWERS),
    Action.REJECT: Row({S.UNDER_REVIEW: S.REJECTED, S.DISPUTE: S.REJECTED_FINAL}, Party.REVIEWER, REVIEWERS),
    Action.DISPUTE: Row({S.REJECTED: S.DISPUTE}, Party.PARTNER, MANAGERS),
    Action.DISASSOCIATE: Row({S.APPROVED: S.REJECTED_FINAL}, Party.PARTNER, MANAGERS),
    Action.OPT_OUT: Row({S.APPROVED: S.REJECTED}, Party.CUSTOMER, {"customer"}),
    Action.NO_RESPONSE: Row({S.ACTION_REQUIRED: S.REJECTED}, Party.CLOCK, {"clock"}),
    Action.ASSOCIATE: Row({S.APPROVED: S.APPROVED}, Party.CLOCK, {"clock"}),
    # What accompanies a claim. Rosa leads, and reviews every claim that is under review; a disputed one nobody does.
    Action.ADD_PROOF: Row(
        {one: one for one in (S.SUBMITTED, S.UNDER_REVIEW, S.APPROVED, S.REJECTED, S.DISPUTE)}, Party.PARTNER, CONTOSO
    ),
    Action.TAKE_OVER: Row({one: one for one in (S.UNDER_REVIEW, S.DISPUTE)}, Party.REVIEWER, REVIEWERS),
    Action.RELEASE: Row({one: one for one in (S.UNDER_REVIEW, S.DISPUTE)}, Party.REVIEWER, REVIEWERS),
    Action.REASSIGN: Row({one: one for one in (S.UNDER_REVIEW, S.DISPUTE)}, Party.REVIEWER, REVIEWERS),
}
DECIDES = {Action.APPROVE, Action.REJECT, Action.TAKE_OVER}
PARTIES = {**dict.fromkeys(CONTOSO, Party.PARTNER), **dict.fromkeys(REVIEWERS, Party.REVIEWER)} | {
    "customer": Party.CUSTOMER,
    "clock": Party.CLOCK,
}


def failing(action: Action, actor: str, status: Status) -> Condition | None:
    """The condition that fails first by the design; None where it lets the actor."""
    row = DESIGN[action]
    if actor in STRANGERS or (actor in REVIEWERS and status is S.DRAFT):
        return Condition.VISIBLE
    if row.party is Party.REVIEWER and actor == "Nia":
        return Condition.OWN_COMPANY
    if PARTIES[actor] is not row.party:
        return Condition.PARTY
    if status not in row.ways:
        return Condition.STATUS
    if actor not in row.allowed:
        return Condition.ROLE
    if action in DECIDES and status is S.DISPUTE and actor == "Rosa":  # Rosa rejected it
        return Condition.FOUR_EYES
    if (action, actor) in {(Action.TAKE_OVER, "Rosa"), (Action.RELEASE, "Remy"), (Action.REASSIGN, "Remy")}:
        return Condition.DUTY
    if (action, status) == (Action.RELEASE, S.DISPUTE):
        return Condition.DUTY
    return None


ALLOWED = [
    (action, actor, status)
    for action in DESIGN
    for actor in ACTORS
    for status in Status
    if failing(action, actor, status) is None
]

# How each action is taken. Those of the clock and the customer have operations that nobody else can name, so that
# everybody else tries them the way all operations work.
TAKE: Mapping[Action, Callable[[Memory, Any, str], object]] = {
    Action.EDIT: lambda memory, who, number: filing.edit(memory, who, number, {"comments": "See page 2."}),
    Action.DISCARD: filing.discard,
    Action.SUBMIT: filing.submit,
    Action.RESUBMIT: filing.resubmit,
    Action.WITHDRAW: lambda memory, who, number: settling.withdraw(memory, who, number, "customer-left"),
    Action.START_REVIEW: reviewing.start_review,
    Action.REQUEST_INFORMATION: lambda memory, who, number: reviewing.request_information(
        memory, who, number, ["missing-products"], "Which products?"
    ),
    Action.APPROVE: reviewing.approve,
    Action.REJECT: lambda memory, who, number: reviewing.reject(
        memory, who, number, "insufficient-proof", "The proof is not signed."
    ),
    Action.DISPUTE: lambda memory, who, number: settling.dispute(memory, who, number, "It is signed on page 3."),
    Action.DISASSOCIATE: lambda memory, who, number: settling.disassociate(memory, who, number, "They left us."),
    Action.OPT_OUT: lambda memory, who, number: (
        settling.opt_out(memory, number) if who is CUSTOMER else act(memory, who, Action.OPT_OUT, number)
    ),
    Action.NO_RESPONSE: lambda memory, who, number: (
        settling.no_response(memory, number) if who is CLOCK else act(memory, who, Action.NO_RESPONSE, number)
    ),
    Action.ASSOCIATE: lambda memory, who, number: (
        settling.associate(memory, number) if who is CLOCK else act(memory, who, Action.ASSOCIATE, number)
    ),
    Action.ADD_PROOF: lambda memory, who, number: filing.add_proof(memory, who, number, [a_file()]),
    Action.TAKE_OVER: reviewing.take_over,
    Action.RELEASE: reviewing.release,
    Action.REASSIGN: lambda memory, who, number: reviewing.reassign(memory, who, number, WHO["Remy"]),
}

# Everything happens an hour after the claims were made, and what waits for a limit sixty days after.
SOON, LATE = START + timedelta(hours=1), START + timedelta(days=60)
MOMENT = {Action.NO_RESPONSE: LATE, Action.ASSOCIATE: LATE}


def midnight(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=LOS_ANGELES).astimezone(UTC)


# Counted by hand on a calendar of 2026: 18 November is a Wednesday, and Thanksgiving is on the 26th.
DUE_SOON: Mapping[Status | None, datetime | None] = {
    None: None,
    S.DRAFT: None,
    S.SUBMITTED: midnight(2026, 11, 26),
    S.UNDER_REVIEW: midnight(2026, 12, 10),
    S.ACTION_REQUIRED: midnight(2026, 12, 10),
    S.APPROVED: midnight(2026, 11, 26),
    S.REJECTED: midnight(2026, 12, 19),
    S.DISPUTE: midnight(2026, 11, 26),
    S.REJECTED_FINAL: None,
}
# Sixty days later it is 17 January, and the association is official: nothing runs any more.
DUE_LATE: Mapping[Status | None, datetime | None] = {S.REJECTED: midnight(2027, 2, 17), S.APPROVED: None}


@dataclass
class World:
    """A claim of Berlin's for each status, and what the database then holds."""

    database: RolledBack
    memory: Memory
    clock: Clock
    numbers: Mapping[Status, str]
    contents: list[tuple[str, str]]

    def read(self) -> list[tuple[str, str]]:
        """Every row of the tables that an action may touch."""
        tables = ("claims", "history", "outbox", "inbox", "decisions", "comments", "consents", "proofs", "reminders")
        query = " UNION ALL ".join(f"SELECT '{name}', to_jsonb({name})::text FROM {name}" for name in tables)
        with self.memory.database.transaction() as session:
            return sorted((name, row) for name, row in session.execute(text(query)))


@pytest.fixture(scope="module")
def prepared(scratch: Database, programme: Programme) -> Iterator[World]:
    database, clock = RolledBack(scratch), Clock()
    memory = remember(database, programme, clock)
    numbers = {status: claim_in(memory, status) for status in Status}
    with database.transaction() as session:  # a waiting row would cover a new one
        session.execute(update(Outgoing).values(state="sent"))
    world = World(database, memory, clock, numbers, [])
    world.contents = world.read()
    yield world
    database.close()


@pytest.fixture
def world(prepared: World) -> Iterator[World]:
    savepoint = prepared.database.connection.begin_nested()
    yield prepared
    savepoint.rollback()


def acting_as(actor: str) -> Any:
    return {"customer": CUSTOMER, "clock": CLOCK}.get(actor) or WHO[actor]


def named(value: Any) -> str:
    return str(value).replace(" ", "_")


def test_the_design_names_every_action_of_the_table_and_no_other():
    assert {*DESIGN, Action.CREATE} == {row.action for row in lifecycle.EVERY}


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("action", DESIGN, ids=named)
def test_what_the_design_does_not_allow_is_refused_and_leaves_no_trace(world: World, action: Action, actor: str):
    expected = {status: failing(action, actor, status) for status in Status}
    expected = {status: condition for status, condition in expected.items() if condition is not None}
    refusals = {}
    world.clock.set(MOMENT.get(action, SOON))
    for status in expected:
        with pytest.raises(Refused) as refused:
            TAKE[action](world.memory, acting_as(actor), world.numbers[status])
        refusals[status] = refused.value.refusal.condition
    assert refusals == expected
    assert world.read() == world.contents


@pytest.mark.parametrize(("action", "actor", "status"), ALLOWED, ids=named)
def test_what_the_design_allows_happens_as_a_whole(world: World, action: Action, actor: str, status: Status):
    row, number, now = DESIGN[action], world.numbers[status], MOMENT.get(action, SOON)
    target = row.ways[status]
    with world.memory.database.transaction() as session:
        before = session.get_one(Claim, claim_id(number))
        length, sent = len(history_of(session, before)), outbox_of(session, before)
    world.clock.set(now)

    TAKE[action](world.memory, acting_as(actor), number)

    with world.memory.database.transaction() as session:
        claim = session.get_one(Claim, claim_id(number))
        assert claim.status is (target or status)
        assert claim.version == before.version + 1
        assert claim.due_at == (DUE_LATE if now is LATE else DUE_SOON)[target]
        assert (claim.discarded_at is not None) == (target is None)

        entries = history_of(session, claim)
        person = None if actor in ("customer", "clock") else person_of(session, WHO[actor].team, WHO[actor].user)
        assert len(entries) == length + 1
        last = entries[-1]
        assert (last.action, last.party, last.from_status, last.to_status) == (action, row.party, status, target)
        assert (last.at, last.version) == (now, claim.version)
        assert last.person_id == (person.id if person else None)

        # Both cards and both threads; a draft has only the partner's side, and its edits are no story.
        sides = {"partner"} if status is S.DRAFT and target is not S.SUBMITTED else {"partner", "reviewer"}
        kinds = {"card"} if (status, target) == (S.DRAFT, S.DRAFT) else {"card", "story"}
        told = [row for row in outbox_of(session, claim) if row not in sent]
        assert sorted(told) == sorted((kind, side) for kind in kinds for side in sides)


def outbox_of(session: Any, claim: Claim) -> list[tuple[str, str]]:
    """(kind, side) of what waits to be told of the claim."""
    told = Outgoing.kind.in_(("card", "story"))
    rows = session.scalars(select(Outgoing).where(Outgoing.claim_id == claim.id, Outgoing.state == "pending", told))
    return [(row.kind, row.payload["side"]) for row in rows]


FILES_FOR = {"Ana": {BERLIN, MUNICH}, "Nia": {BERLIN, MUNICH}, "Ivo": {BERLIN}, "Mia": {MUNICH}, "Bo": {LONDON}}


@pytest.mark.parametrize("mpn", [BERLIN, MUNICH, LONDON, "4799999"])
@pytest.mark.parametrize("actor", WHO)
def test_a_claim_is_created_only_for_a_location_for_which_one_files(world: World, actor: str, mpn: str):
    def create() -> object:
        return filing.create(world.memory, WHO[actor], {**VALUES, "mpn": mpn})

    world.clock.set(SOON)
    if mpn in FILES_FOR.get(actor, ()):
        create()
        with world.memory.database.transaction() as session:
            claim = session.scalars(select(Claim).order_by(Claim.id.desc()).limit(1)).one()
            [entry] = history_of(session, claim)
            assert (claim.status, claim.version, claim.due_at, claim.mpn) == (S.DRAFT, 1, None, mpn)
            assert (entry.action, entry.from_status, entry.to_status) == (Action.CREATE, None, S.DRAFT)
            assert entry.person_id == actor_of(person_of(session, WHO[actor].team, WHO[actor].user)).person
            assert outbox_of(session, claim) == [("card", "partner")]
        return
    if actor in {"Rosa", "Remy", "Zed"}:
        with pytest.raises(Refused) as refused:
            create()
        assert refused.value.refusal.condition is Condition.PARTY
    elif actor in {"Bill", "Gil"} and mpn in {BERLIN, MUNICH}:
        with pytest.raises(Refused) as refused:
            create()
        assert refused.value.refusal.condition is Condition.ROLE
    else:  # the same words whether it is somebody else's or nobody's
        with pytest.raises(Invalid) as invalid:
            create()
        assert invalid.value.errors == {"mpn": f"{mpn} is not one of your locations."}
    assert world.read() == world.contents
