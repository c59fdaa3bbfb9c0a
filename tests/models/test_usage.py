"""Usage is shown of what is associated now and officially, to whoever may see the claim, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.memory import Memory
from models.operations import settling
from models.queries.people import actor_for
from models.queries.usage import Used, about, customers_of, shown, usage_of
from models.tables import Claim, UsageLine, claim_id
from rules.association import Standing, may_show_usage, standing
from rules.lifecycle import Status
from tests.cast import BERLIN, LONDON, MUNICH, START, VALUES, WHO, Clock, claim_as_it_stands, claim_in
from tests.reports import import_usage, official_claim, usage_line

ZONE = "America/Los_Angeles"


def seen_by(memory: Memory, name: str, number: str | None = None, asked: str | None = None) -> list[Used]:
    with memory.database.transaction() as session:
        which = [Claim.id == claim_id(number)] if number else []
        which += [about(session, asked)] if asked else []
        return usage_of(session, actor_for(session, WHO[name]), ZONE, *which)


@pytest.fixture
def numbers(memory: Memory, clock: Clock, tmp_path: Path) -> dict[str, str]:
    """An official claim of each location, with usage of December; each has other figures."""
    found = {
        BERLIN: official_claim(memory, clock),
        MUNICH: official_claim(memory, clock, mpn=MUNICH),
        LONDON: official_claim(memory, clock, by="Bo", mpn=LONDON, customer_name="Tailspin Toys"),
    }
    clock.set(datetime(2027, 1, 20, 18, tzinfo=UTC))
    claims = [claim_as_it_stands(memory, number) for number in found.values()]
    lines = [usage_line(one, "2026-12", 10 ** (place + 1), 10 ** (place + 2)) for place, one in enumerate(claims)]
    import_usage(memory, tmp_path, *lines)
    return found


@pytest.mark.parametrize(
    ("name", "users"),
    [("Ana", 110), ("Gil", 110), ("Ivo", 10), ("Mia", 100), ("Bo", 1000), ("Rosa", 1110), ("Nia", 1110), ("Zed", None)],
)
def test_everybody_sees_the_figures_of_the_claims_they_see(
    memory: Memory, numbers: dict[str, str], name: str, users: int | None
):
    wanted = [] if users is None else [Used("teams", date(2026, 12, 1), users, users * 10)]
    assert seen_by(memory, name) == wanted


def test_a_customer_is_found_by_name_domain_and_ids_but_not_through_a_claim_one_cannot_see(
    memory: Memory, numbers: dict[str, str]
):
    tenant = claim_as_it_stands(memory, numbers[LONDON]).customer_tenant_id
    assert tenant is not None
    for asked in ("tailspin", "TAILSPIN toys", tenant, tenant.upper()):
        assert [one.users for one in seen_by(memory, "Bo", asked=asked)] == [1000]
        assert seen_by(memory, "Ana", asked=asked) == []
    assert [one.users for one in seen_by(memory, "Ana", asked="northwind.com")] == [110]
    with memory.database.transaction() as session:
        assert customers_of(session, actor_for(session, WHO["Ana"]), about(session, "tailspin")) == ([], 0)
        assert customers_of(session, actor_for(session, WHO["Rosa"]))[1] == 3


def test_nothing_before_the_association_is_shown_and_nothing_once_it_has_ended(
    memory: Memory, clock: Clock, tmp_path: Path
):
    number = official_claim(memory, clock)
    claim = claim_as_it_stands(memory, number)
    assert claim.associated_at is not None
    assert claim.associated_at.month == 11
    clock.set(datetime(2027, 1, 20, 18, tzinfo=UTC))
    import_usage(memory, tmp_path, *(usage_line(claim, month, 7, 9) for month in ("2026-10", "2026-11", "2026-12")))
    assert [one.month for one in seen_by(memory, "Ana", number)] == [date(2026, 11, 1), date(2026, 12, 1)]
    settling.disassociate(memory, WHO["Bill"], number, "The project is over.")
    assert [seen_by(memory, name) for name in ("Ana", "Rosa")] == [[], []]


def test_an_approved_claim_shows_nothing_until_the_customer_cannot_opt_out_any_more(
    memory: Memory, clock: Clock, tmp_path: Path
):
    number = claim_in(memory, Status.APPROVED)
    claim = claim_as_it_stands(memory, number)
    import_usage(memory, tmp_path, usage_line(claim, "2026-11"))
    assert seen_by(memory, "Ana") == []
    assert claim.due_at is not None
    clock.set(claim.due_at)
    settling.associate(memory, number)
    assert len(seen_by(memory, "Ana")) == 1


@pytest.fixture
def every_case(memory: Memory) -> Iterator[Session]:
    """A claim in every status, official at several moments or never, with usage of what it claims and of what not."""
    # In Los Angeles the first of them is still in October.
    moments = (None, datetime(2026, 11, 1, 5, tzinfo=UTC), datetime(2026, 11, 1, 9, tzinfo=UTC), START)
    months = [date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]
    with memory.database.transaction() as session:
        actor = actor_for(session, WHO["Ana"])
        for status, official in product(Status, moments):
            claim = Claim(
                **VALUES,
                partner_id=actor.memberships[0].partner,
                status=status,
                status_since=START,
                created_by_id=actor.person,
                created_at=START,
                updated_at=START,
                submitted_at=START,
                associated_at=official,
            )
            session.add(claim)
            session.flush()
            for workload, month in product(("teams", "intune"), months):
                figures = {"monthly_active_users": 1, "paid_available_units": 2}
                session.add(UsageLine(claim_id=claim.id, workload=workload, month=month, **figures))
        session.flush()
        yield session


def test_what_the_rule_shows_is_what_sql_finds(every_case: Session):
    joined = select(UsageLine, Claim).join(Claim, Claim.id == UsageLine.claim_id)
    found = {(line.claim_id, line.workload, line.month) for line, _ in every_case.execute(joined.where(shown(ZONE)))}
    wanted = set()
    for line, claim in every_case.execute(joined):
        official = claim.associated_at.astimezone(ZoneInfo(ZONE)).date() if claim.associated_at else None
        if may_show_usage(claim.status, official, claim.products, line.workload, line.month):
            wanted.add((line.claim_id, line.workload, line.month))
    assert found == wanted
    assert len(wanted) == 3 + 2 + 2


def test_an_association_is_official_only_while_the_claim_is_approved():
    official = [status for status in Status if standing(status, associated=True) is Standing.OFFICIAL]
    assert official == [Status.APPROVED]
    assert standing(Status.APPROVED, associated=False) is Standing.OPT_OUT_OPEN
    assert standing(Status.REJECTED_FINAL, associated=True) is Standing.ENDED
    assert standing(Status.REJECTED, associated=False) is Standing.REJECTED
    assert standing(Status.DISPUTE, associated=False) is Standing.UNDECIDED
