"""How fast ``claimbot rules simulate`` goes over stored claims, beside only reading them; and how much memory it takes.

With as many claims as one likes: ``python -m benchmarks.simulate 1000000``.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from time import perf_counter

import psutil
from rich.console import Console
from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.filling import filled
from benchmarks.results import Figure, Result, show
from bot.cli.demo import DEMO
from models.directory import import_directory, parse_directory
from models.memory import Memory
from models.queries.every_claim import Scope, every_claim
from models.simulating import simulate
from rules.loading import Programme, load_programme, load_programme_from
from rules.plan import plan_of

TEAM = "T0BENCH"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECONDS_A_MILLION = 120
MEGABYTES_MORE = 100
_PLANTED = """rules:
  - id: planted
    title: Nobody else claims the same
    source: benchmark
    conditions: {all: [{name: competing_claims, operator: at_least, value: 1}]}
    actions: [{name: block, params: {reason: planted, message: Planted.}}]
"""


def run(*, claims: int = 20_000) -> Result:
    """Measure with so many claims, each with a proof, some with other claims for the same customer."""
    with claims_of_partners(claims) as memory:
        old, new = load_programme(), _changed()
        before = _resident()
        peak = [before]

        def watch(*_: object) -> None:
            peak.append(_resident())

        changed = 0
        began = perf_counter()
        for found in simulate(memory, old, new, on_progress=watch).rule_sets:
            changed += found.tally.changed
        seconds = perf_counter() - began
        reading = _seconds(lambda: _only_read(memory, old))
    rate = claims / seconds
    a_million = 1_000_000 / rate
    more = max(peak) - before
    figures = (
        Figure("simulate: rate", rate, "claims/s", claims / reading),
        Figure(
            "simulate: a million claims would take",
            a_million,
            "s",
            1_000_000 * reading / claims,
            f"< {SECONDS_A_MILLION} s",
            a_million < SECONDS_A_MILLION,
        ),
        Figure(
            "simulate: memory at most", max(peak), "MB", before, f"< {MEGABYTES_MORE} MB more", more < MEGABYTES_MORE
        ),
    )
    about = f"{claims:,} claims, {changed:,} of them change; the baseline only reads the facts, or is the memory before"
    return Result("simulate: what new rules would change", about, figures)


def _changed() -> Programme:
    files = dict(load_programme().files)
    files["submission.yaml"] = files["submission.yaml"].replace("rules:\n", _PLANTED, 1)
    return load_programme_from(files)


def _only_read(memory: Memory, programme: Programme) -> None:
    names = plan_of(programme.rule_sets["submission"]).variables
    with memory.database.transaction() as session:
        timezone = memory.settings(session).timezone
        for _ in every_claim(session, Scope("submission", names, programme.catalogue, NOW, timezone)):
            pass


def _seconds(act: Callable[[], None]) -> float:
    began = perf_counter()
    act()
    return perf_counter() - began


def _resident() -> float:
    return float(psutil.Process().memory_info().rss) / 1_048_576


def claims_of_partners(claims: int) -> AbstractContextManager[Memory]:
    """A database with so many claims of the demo's partners, each with a proof."""

    def fill(session: Session) -> None:
        listed = (DEMO / "directory.yaml").read_text(encoding="utf-8")
        import_directory(session, parse_directory(listed, "directory.yaml"), team=TEAM)
        session.execute(text(_CLAIMS), {"claims": claims})
        session.execute(text(_PROOFS))

    return filled(fill, NOW)


# Nine in ten customers are claimed by one claim, the others by two: by the same partner, or by another one.
_CLAIMS = """
INSERT INTO claims (version, status, status_since, partner_id, mpn, claim_name, solution_area, partner_role,
    customer_tenant_id, customer_name, customer_domain, customer_country, products, opt_out_of_payment,
    customer_contact_name, customer_contact_title, customer_contact_email, partner_contact_name, partner_contact_email,
    acknowledgement_date, created_by_id, created_at, updated_at, submitted_at, asked_reasons, disputes)
SELECT 1, 'Submitted', at, place.partner_id, place.mpn, 'Customer ' || n, 'modern-work', 'use-or-consume',
    lpad(to_hex(n - CASE WHEN n % 10 = 0 THEN 1 ELSE 0 END), 8, '0') || '-0000-4000-8000-000000000000',
    'Customer ' || n, 'customer' || n || '.example', 'DE', ARRAY['exchange', 'teams'], false,
    'Cara', 'Head of IT', 'cara@customer' || n || '.example', 'Ana', 'ana@contoso.example',
    (at - interval '30 days')::date, person.id, at, at, at, '{}', 0
FROM (SELECT n, timestamptz '2026-11-20 00:00Z' - (n % 700) * interval '1 day' AS at
      FROM generate_series(1, :claims) AS n) AS numbered
JOIN (SELECT mpn, partner_id, row_number() OVER (ORDER BY mpn) AS nth, count(*) OVER () AS every
      FROM locations) AS place ON place.nth = 1 + n % place.every
CROSS JOIN (SELECT min(id) AS id FROM people) AS person
ORDER BY n
"""
_PROOFS = """
INSERT INTO proofs (claim_id, file_name, state, added_by_id, added_at)
SELECT id, 'proof.pdf', 'accepted', created_by_id, created_at FROM claims ORDER BY id
"""


def main() -> None:
    """Measure with a number of claims of one's own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulate", description=__doc__)
    parser.add_argument("claims", type=int, nargs="?", default=1_000_000)
    show(run(claims=parser.parse_args().claims), Console())


if __name__ == "__main__":
    main()
