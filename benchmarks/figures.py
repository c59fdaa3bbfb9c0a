"""How fast statistics are computed over the history of many claims, and how fast a usage report is imported.

With as many claims as one likes: ``python -m benchmarks.figures 1000000``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import psutil
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.filling import execute, filled
from benchmarks.results import Figure, Result, show
from models.database import Database
from models.operations.reports import import_report
from models.operations.usage_report import usage_report
from models.queries.stats import stats
from rules.permissions import Actor, Membership

NOW = datetime(2026, 11, 18, 18, tzinfo=UTC)
DAYS, PARTNERS = 90, 100
SECONDS_FOR_STATS, MEGABYTES_MORE = 2.0, 50
_HEAD = "CustomerTenantId,WorkloadName,MonthlyActiveUsers,PaidAvailableUnits,ClaimId,MpnId,Date\n"


def run(*, claims: int = 20_000, rounds: int = 3) -> Result:
    """Measure with so many claims of two years, five entries in the history of each, and as many lines of usage."""
    filling = filled(lambda session: _fill(session, claims), NOW)
    with filling as memory, TemporaryDirectory(prefix="claimbot-") as folder:
        database = memory.database
        partner = Actor(1, (Membership(1, frozenset()),))
        counted = _best(rounds, lambda: _count(database))
        everything = _best(rounds, lambda: _stats(database, Actor(1, reviewer=True)))
        own = _best(rounds, lambda: _stats(database, partner))
        path = Path(folder) / "usage.csv"
        _write(database, path)
        before, peak = _resident(), [0.0]

        def watch(*_: object) -> None:
            peak.append(_resident())

        report = usage_report(memory.programme.catalogue)
        imported = _once(lambda: import_report(database, report, path, today=NOW.date(), on_progress=watch))
        copied = _once(lambda: _copy(database, path))
    wanted, met = f"< {SECONDS_FOR_STATS:.0f} s", everything < SECONDS_FOR_STATS
    more = max(peak) - before
    figures = (
        Figure("statistics of all claims", everything * 1000, "ms", counted * 1000, wanted, met),
        Figure("statistics of a partner", own * 1000, "ms", counted * 1000),
        Figure("import: rate", claims / imported, "lines/s", claims / copied),
        Figure("import: memory at most", max(peak), "MB", before, f"< {MEGABYTES_MORE} MB more", more < MEGABYTES_MORE),
    )
    about = (
        f"{claims:,} claims, the last {DAYS} days; the baseline counts what moved claims in that time, copies the bare "
        "lines, or is the memory before"
    )
    return Result("figures: statistics and imports", about, figures)


def _stats(database: Database, actor: Actor) -> None:
    with database.reading() as session:
        assert stats(session, actor, NOW - timedelta(days=DAYS), NOW, NOW).stays


def _count(database: Database) -> None:
    moved = "SELECT count(*) FROM history WHERE at >= :begin AND from_status IS DISTINCT FROM to_status"
    with database.reading() as session:
        session.scalar(text(moved), {"begin": NOW - timedelta(days=DAYS)})


def _copy(database: Database, path: Path) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("CREATE TEMP TABLE bare (a text, b text, c int, d int, e text, f text, g date)"))
        cursor = connection.connection.cursor()
        with cursor.copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as copy, path.open("rb") as file:
            while chunk := file.read(1 << 20):
                copy.write(chunk)


def _write(database: Database, path: Path) -> None:
    query = "SELECT customer_tenant_id, 'CL-' || lpad(id::text, 7, '0'), mpn FROM claims ORDER BY id"
    with path.open("w", encoding="utf-8") as file, database.engine.connect() as connection:
        file.write(_HEAD)
        for tenant, number, mpn in connection.execution_options(yield_per=10_000).execute(text(query)):
            file.write(f"{tenant},Teams,80,100,{number},{mpn},2026-10-01\n")


def _best(rounds: int, act: Callable[[], object]) -> float:
    return min(_once(act) for _ in range(rounds))


def _once(act: Callable[[], object]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


def _resident() -> float:
    return psutil.Process().memory_info().rss / 1_000_000


def _fill(session: Session, claims: int) -> None:
    session.execute(text("SET LOCAL session_replication_role = replica"))  # no triggers: only rows are wanted
    execute(session, _FILL, n=claims, partners=PARTNERS)


# Every claim waited, was reviewed, and was approved or rejected, each after some days; two years of them.
_FILL = (
    "INSERT INTO people (id, team, \"user\", name, active) VALUES (1, 'T0', 'U0ROSA', 'Rosa Review', true)",
    "INSERT INTO partners (id, name, country, timezone, team, channel, active) "
    "SELECT p, 'Partner ' || p, 'DE', 'Europe/Berlin', 'T0', 'C0P' || p, true FROM generate_series(1, :partners) p",
    "INSERT INTO locations (mpn, partner_id, name, programmes, active) "
    "SELECT p::text, p, 'Berlin', '{modern-work}', true FROM generate_series(1, :partners) p",
    """INSERT INTO claims (version, status, status_since, partner_id, mpn, claim_name, solution_area, partner_role,
           customer_tenant_id, customer_name, products, opt_out_of_payment, created_by_id, created_at, updated_at,
           submitted_at, asked_reasons, disputes)
       SELECT 5, CASE WHEN c % 3 = 0 THEN 'Rejected' ELSE 'Approved' END, at, 1 + c % :partners,
           (1 + c % :partners)::text, 'Customer ' || c, 'modern-work', 'use-or-consume', md5(c::text)::uuid::text,
           'Customer ' || c, '{teams}', false, 1, at, at, at, '{}', 0
       FROM (SELECT c, timestamptz '2026-11-01T10:00Z' - (c % 730) * interval '1 day' AS at
             FROM generate_series(1, :n) c) made""",
    """INSERT INTO history (claim_id, seq, at, action, party, person_id, from_status, to_status, version, reasons,
           changes, salts, erased, hash)
       SELECT id, nth, created_at + nth * (1 + id % 5) * interval '1 day', action, party, 1, before,
           CASE WHEN nth = 4 THEN status ELSE after END, nth + 1, '{}', '{}', '{}', '{}', ''
       FROM claims CROSS JOIN (VALUES
           (0, 'create', 'partner', NULL, 'Draft'), (1, 'edit', 'partner', 'Draft', 'Draft'),
           (2, 'submit', 'partner', 'Draft', 'Submitted'), (3, 'start_review', 'reviewer', 'Submitted', 'Under review'),
           (4, 'approve', 'reviewer', 'Under review', 'Approved')) AS step (nth, action, party, before, after)
       ORDER BY id, nth""",
)


def main() -> None:
    """Measure with a number of claims of one's own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.figures", description=__doc__)
    parser.add_argument("claims", type=int, nargs="?", default=1_000_000)
    show(run(claims=parser.parse_args().claims), Console())


if __name__ == "__main__":
    main()
