"""How long a page of found claims takes, among ten thousand claims and among many: ``/claim list`` without Slack.

With a million: ``python -m benchmarks.finding 1000000`` (some minutes, most of which go into making the claims).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import md5
from time import perf_counter
from uuid import UUID

from rich.console import Console
from sqlalchemy import func, select

from benchmarks.filling import execute, filled
from benchmarks.results import Figure, Result, show
from models.answers import Who
from models.memory import Memory
from models.queries.criteria import Sort
from models.queries.filter_words import read_words
from models.queries.finding import PAGE, matching, page
from models.queries.people import actor_for
from models.queries.walking import Cursor
from models.tables import Claim

# A Wednesday.
NOW = datetime(2026, 11, 18, 20, tzinfo=UTC)
TEAM = "T0BENCH"
LARGEST_RATIO = 1.5
# A reviewer sees everything; a partner's member sees the same 200 claims among however many.
REVIEWER, PARTNER = Who(TEAM, "U0REV1"), Who(TEAM, "U0P1")

FILTERS = (
    "status:approved",
    "status:submitted",
    "customer:fabrikam",
    "product:teams",
    "engagement:use-or-consume",
    "partner:partner-7",
    "location:mpn7",
    "reviewer:me",
    "reviewer:none",
    "due:overdue",
    "due:today",
    "due:week",
    "due:<2026-11-21",
    "status:review reviewer:me due:week sort:due",
)
# A tenant and a number that one claim has; the beginning of words of a hundredth, none of which is among the newest;
# words of a thousandth, of a twentieth, of a fortieth (a reviewer) and of a two-hundredth (a partner).
ONE_TENANT = str(UUID(md5(b"77", usedforsecurity=False).hexdigest()))
SEARCHES = (
    *(ONE_TENANT, "CL-000077", "unique77", "zephyr", "zeph"),
    *("fabrikam", "fab", "wide", "fab teams", "rev10", "77"),
)


@dataclass(frozen=True)
class Case:
    """Who looks for what, and how far in."""

    name: str
    who: Who
    words: str
    pages: int = 1


def run(*, small: int = 10_000, large: int = 100_000, rounds: int = 60, depth: int = 1000) -> Result:
    """Measure.

    Args:
        small: so many claims in the baseline.
        large: so many claims.
        rounds: how often each page is read of each, in turns.
        depth: the deep page that is read, counted from 1; that in the middle where it is nearer.
    """
    with with_claims(small) as few, with_claims(large) as many:
        figures = [figure for case in _cases(depth) for figure in _figures(case, (few, many), rounds)]
    return Result(
        "finding: a page of claims",
        f"among {large:,} claims; the baseline is among {small:,}; {rounds} times each, in turns",
        tuple(figures),
    )


def _cases(depth: int) -> Iterator[Case]:
    for who, name in ((REVIEWER, "reviewer"), (PARTNER, "partner")):
        yield Case(f"{name}: first page", who, "")
        yield from (Case(f"{name}: {words}", who, words) for words in FILTERS)
        yield from (Case(f"{name}: search {words}", who, words) for words in SEARCHES)
        yield from (
            Case(f"{name}: sort:{sign}{sort}", who, f"sort:{sign}{sort}") for sort in Sort for sign in ("", "-")
        )
    for sort in Sort:
        yield Case(f"reviewer: page {depth:,}, sort:{sort}", REVIEWER, f"sort:{sort}", depth)
    yield Case(f"reviewer: page {depth:,}, status:approved", REVIEWER, "status:approved", depth)


def _figures(case: Case, memories: Sequence[Memory], rounds: int) -> Iterator[Figure]:
    cursors = [_cursor(memory, case) for memory in memories]
    for memory, cursor in zip(memories, cursors, strict=True):
        _read(memory, case, cursor)  # statements are compiled
    times: list[list[float]] = [[] for _ in memories]
    for _ in range(rounds):
        for memory, cursor, taken in zip(memories, cursors, times, strict=True):
            taken.append(_read(memory, case, cursor))
    (base, found) = (sorted(taken) for taken in times)
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        value, baseline = (one[min(len(one) - 1, int(share * len(one)))] * 1000 for one in (found, base))
        if name == "p50":
            met = value <= LARGEST_RATIO * baseline
            yield Figure(f"{case.name}: {name}", value, "ms", baseline, f"ratio <= {LARGEST_RATIO}", met)
        else:
            yield Figure(f"{case.name}: {name}", value, "ms", baseline)


def _read(memory: Memory, case: Case, cursor: Cursor | None) -> float:
    began = perf_counter()
    with memory.database.reading() as session:
        criteria = read_words(case.words, memory.programme.catalogue)
        page(session, memory, actor_for(session, case.who), criteria, cursor)
    return perf_counter() - began


def _cursor(memory: Memory, case: Case) -> Cursor | None:
    if case.pages == 1:
        return None
    criteria = read_words(case.words, memory.programme.catalogue)
    with memory.database.reading() as session:
        actor = actor_for(session, case.who)
        found = matching(session, memory, actor, criteria).with_only_columns(Claim.id).order_by(None)
        claims = session.scalar(select(func.count()).select_from(found.subquery())) or 0
        # In the middle where there are not so many: the last ones lack what is sorted by, and are no harder to find.
        pages = min(case.pages, claims // PAGE // 2)
        return page(session, memory, actor, criteria, size=(pages - 1) * PAGE).after


def with_claims(claims: int) -> AbstractContextManager[Memory]:
    """A database with so many claims, gone at the end."""
    return filled(lambda session: execute(session, FILL, claims=claims), NOW)


# Partner 1 has 200 claims among however many; the others share the rest. A tenth are drafts, of the others half are
# decided long ago. The database makes the rows itself, which is as fast as COPY.
FILL = (
    "INSERT INTO programme (id, name, country, timezone, team, review_channel) "
    "VALUES (1, 'Example', 'US', 'America/Los_Angeles', 'T0BENCH', 'C0REVIEW')",
    'INSERT INTO people (id, team, "user", name, active) '
    "SELECT p, 'T0BENCH', 'U0P' || p, 'Member' || p || ' Partner', true FROM generate_series(1, 2000) p",
    'INSERT INTO people (id, team, "user", name, active) '
    "SELECT 2000 + r, 'T0BENCH', 'U0REV' || r, 'Rev' || r || ' Reviewer', true FROM generate_series(1, 40) r",
    "INSERT INTO reviewers (person_id, lead) SELECT 2000 + r, false FROM generate_series(1, 40) r",
    "INSERT INTO partners (id, name, country, timezone, team, channel, active) "
    "SELECT p, 'Partner-' || p, 'DE', 'Europe/Berlin', 'T0BENCH', 'C0P' || p, true FROM generate_series(1, 200) p",
    "INSERT INTO locations (mpn, partner_id, name, programmes, active) "
    "SELECT 'mpn' || l, 1 + (l - 1) % 200, 'Place' || l, '{modern-work}', true FROM generate_series(1, 400) l",
    "INSERT INTO memberships (person_id, partner_id, roles) "
    "SELECT p, 1 + (p - 1) % 200, '{incentives_admin}' FROM generate_series(1, 2000) p",
    """
INSERT INTO claims (version, status, status_since, due_at, partner_id, mpn, claim_name, solution_area, partner_role,
    customer_tenant_id, customer_name, customer_domain, products, subscription_id, opt_out_of_payment,
    customer_contact_name, customer_contact_email, partner_contact_name, partner_contact_email, created_by_id,
    created_at, updated_at, submitted_at, reviewer_id, asked_reasons, disputes)
SELECT 3, state, at,
    CASE WHEN state IN ('Submitted', 'Under review', 'Partner action required', 'Dispute')
              THEN timestamptz '2026-11-17T08:00Z' + (n % 997) * interval '1 hour'
         WHEN state = 'Rejected' THEN at + interval '30 days' END,
    partner, 'mpn' || (partner + 200 * (n % 2)), customer || ' 2026 unique' || n, 'modern-work',
    CASE WHEN n % 5 = 0 THEN 'usage-recognition' ELSE 'use-or-consume' END,
    md5(n::text)::uuid::text, customer, 'customer' || n || '.example',
    CASE n % 3 WHEN 0 THEN '{teams,exchange}' WHEN 1 THEN '{sharepoint}' ELSE '{intune,exchange}' END::varchar[],
    CASE WHEN n % 5 = 0 THEN md5('s' || n)::uuid::text END, false,
    'Cara' || n % 7000, 'cara' || n % 7000 || '@customer.example', 'Ana' || n % 900, 'ana@partner.example', partner,
    at, at, CASE WHEN state <> 'Draft' THEN at END,
    CASE WHEN state NOT IN ('Draft', 'Submitted') THEN 2001 + n / 7 % 40 END, '{}', 0
FROM (SELECT n, CASE WHEN n % (:claims / 200) = 0 THEN 1 ELSE 2 + n % 199 END AS partner,
        CASE WHEN n % 1000 = 77 THEN 'Zephyr '
             ELSE (ARRAY['Northwind ', 'Fabrikam ', 'Adatum ', 'Litware ', 'Proseware ', 'Tailspin ', 'Wingtip ',
                         'Wide ', 'Lucerne ', 'Graphic ', 'Coho ', 'Alpine ', 'Blue ', 'City ', 'Fourth ', 'Humongous ',
                         'Margie ', 'School ', 'Southridge ', 'Trey '])[1 + n % 20] END
            || (ARRAY['Traders', 'Foods', 'Bank', 'Insurance', 'Toys', 'Winery', 'Press'])[1 + n % 7]
            || ' ' || n % 5000 AS customer,
        (ARRAY['Draft', 'Approved', 'Approved', 'Approved', 'Rejected', 'Rejected final', 'Submitted', 'Under review',
               'Partner action required', 'Dispute'])[1 + n / 11 % 10] AS state,
        timestamptz '2026-11-18T10:00Z' - (:claims - n) * interval '1 minute' AS at
      FROM generate_series(1, :claims) AS n) AS made
ORDER BY n
""",
)


def main() -> None:
    """Measure with a number of claims of one's own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.finding", description=__doc__)
    parser.add_argument("claims", type=int, nargs="?", default=1_000_000)
    show(run(large=parser.parse_args().claims), Console(width=140))


if __name__ == "__main__":
    main()
