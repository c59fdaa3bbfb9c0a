"""What the chain costs an operation, and how long it takes to verify a long history."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import text

from benchmarks.results import Figure, Result
from models.answers import Who
from models.database import Database
from models.directory import import_directory, parse_directory
from models.memory import Memory
from models.operations import filing
from models.operations.sealing import seal
from models.verifying import Break, verify
from rules.loading import load_programme

NOW = datetime(2026, 11, 18, 10, tzinfo=UTC)
LARGEST_RATIO = 1.1
# A row of average length: a few fields changed, with a message.
_ROWS = """
INSERT INTO history (id, claim_id, at, action, party, version, reasons, message, changes)
SELECT n + 1000000, 1 + n % 1000, :now, 'edit', 'clock', 2, '{}', 'Please name the products ' || n,
       jsonb_build_object('products', jsonb_build_array('teams', n), 'claim_name', jsonb_build_array('a', 'b'))
FROM generate_series(1, :rows) n
"""
_CLAIMS = """
INSERT INTO claims (version, status, status_since, partner_id, mpn, claim_name, solution_area, partner_role, products,
                    opt_out_of_payment, created_by_id, created_at, updated_at, asked_reasons, disputes)
SELECT 1, 'Draft', :now, (SELECT id FROM partners), '1', 'A claim', 'modern-work', 'use-or-consume', '{}', false,
       (SELECT min(id) FROM people), :now, :now, '{}', 0
FROM generate_series(1, 1000)
"""
_UNCHAINED = """
ALTER TABLE history DISABLE TRIGGER USER, DROP CONSTRAINT uq_history_claim_id_seq, ALTER seq DROP NOT NULL,
    ALTER salts DROP NOT NULL, ALTER erased DROP NOT NULL, ALTER hash DROP NOT NULL
"""
_DIRECTORY = """\
programme: {name: Example, country: US, timezone: America/Los_Angeles, review_channel: C0REVIEW}
reviewers: [{slack: U0ROSA, name: Rosa}]
partners:
  - {name: Contoso, country: DE, timezone: Europe/Berlin, channel: C0CONTOSO,
     locations: [{mpn: "1", name: Berlin, programmes: [modern-work]}],
     members: [{slack: U0ANA, name: Ana, roles: [incentives_admin]}]}
"""


def run(*, rows: int = 100_000, operations: int = 400) -> Result:
    """Measure. ``rows=1_000_000`` takes some minutes.

    Args:
        rows: so many history rows are written, sealed and verified; the baseline writes them without a chain.
        operations: so many edits of a draft, in turns with and without the chain.
    """
    with _filled() as memory, _filled(chained=False) as bare:
        with_chain, without = _edits(memory, bare, operations)
        written, written_bare = (_written(one.database, rows) for one in (memory, bare))
        sealed = _timed(lambda: seal(memory.database, NOW))
        tracemalloc.start()
        verify(memory.database, _broken)
        peak = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        verified = _timed(lambda: verify(memory.database, _broken))
        read = _timed(lambda: _read(memory.database))
    met = with_chain <= LARGEST_RATIO * without
    figures = (
        Figure("an edit of a claim", with_chain * 1000, "ms", without * 1000, f"ratio <= {LARGEST_RATIO}", met),
        Figure("a row written in bulk", written / rows * 1e6, "µs", written_bare / rows * 1e6),
        Figure("a row sealed", sealed / rows * 1e6, "µs", written_bare / rows * 1e6),
        Figure(f"{rows:,} rows verified", verified, "s", read),
        Figure("memory while verifying", peak, "MB", peak),
    )
    about = "the baseline is without the chain; of verifying, reading the same rows"
    return Result("audit: the chained history", about, figures)


def _broken(found: Break) -> None:
    raise AssertionError(found)


def _timed(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def _read(database: Database) -> None:
    with database.engine.connect() as connection:
        for _ in connection.execution_options(stream_results=True).execute(text("SELECT * FROM history")):
            pass


def _edits(chained: Memory, bare: Memory, operations: int) -> tuple[float, float]:
    """Median seconds of an edit with the chain and without, in turns."""
    who = Who("T0", "U0ANA")
    typed = {"claim_name": "A claim", "mpn": "1", "solution_area": "modern-work", "partner_role": "use-or-consume"}
    memories = (chained, bare)
    numbers = [filing.create(memory, who, typed).number for memory in memories]
    seconds: tuple[list[float], list[float]] = ([], [])
    for turn in range(operations):
        for memory, number, taken in zip(memories, numbers, seconds, strict=True):
            began = perf_counter()
            filing.edit(memory, who, number, {"claim_name": f"A claim {turn}"})
            taken.append(perf_counter() - began)
    return median(seconds[0]), median(seconds[1])


def _written(database: Database, rows: int) -> float:
    with database.engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        began = perf_counter()
        connection.execute(text(_ROWS), {"rows": rows, "now": NOW})
        return perf_counter() - began


@contextmanager
def _filled(*, chained: bool = True) -> Iterator[Memory]:
    """A database with a thousand claims. Without the chain: as before it was there."""
    with TemporaryDirectory(prefix="claimbot-") as folder:
        database = Database(None, Path(folder))
        try:
            database.upgrade()
            with database.transaction() as session:
                import_directory(session, parse_directory(_DIRECTORY), team="T0")
                session.execute(text(_CLAIMS), {"now": NOW})
                if not chained:
                    session.execute(text(_UNCHAINED))
            yield Memory(database, load_programme(), lambda: NOW)
        finally:
            database.close()
