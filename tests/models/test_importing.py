"""Claims from another portal: all or none, each once, as they stood there, and nobody is disturbed."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models.exporting.csv_copy import write_csv
from models.exporting.subjects import extract_of
from models.memory import Memory
from models.operations import commenting, reviewing
from models.operations.importing import ImportedClaims, import_claims
from models.operations.reports import BadLines
from models.queries.claims import history_of
from models.queries.people import actor_for
from models.queries.stats import Ended, Stats, Worked, stats
from models.tables import Claim, Outgoing, Reminder, claim_id, claim_number
from rules.lifecycle import Action, Status
from rules.permissions import CLOCK
from tests.cast import WHO, Clock, claim_as_it_stands, claim_in

LINE = {
    "Reference": "OLD-1",
    "Status": "Under review",
    "Status since": "2026-11-10 10:00",
    "Submitted at": "2026-11-05",
    "Claim name": "Northwind: Teams 2026",
    "Partner location (MPN)": "4711001",
    "Solution area": "Microsoft 365",  # its former name
    "Partner role": "Use or consume",
    "Customer tenant ID": "{8F2C1A54-7D3E-4B19-9C55-0A6E2F7B1D48}",
    "Customer name": "Northwind Traders",
    "Customer domain": "https://www.northwind.com/about",
    "Customer country": "Germany",
    "Products": "Teams; exchange",
    "Acknowledgement date": "2026-10-01",
    "Reviewer e-mail": "Rosa@example.com",
}


def a_file(folder: Path, *changes: dict[str, str]) -> Path:
    """A file with a line for each of ``changes``, which say how it differs from `LINE`."""
    lines = [LINE | {"Reference": f"OLD-{number}"} | change for number, change in enumerate(changes, 1)]
    text = StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for line in lines for name in line)))
    writer.writeheader()
    writer.writerows(lines)
    path = folder / "claims.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return path


def run(memory: Memory, path: Path, *, new_only: bool = False, dry_run: bool = False) -> ImportedClaims:
    return import_claims(memory, path, new_only=new_only, dry_run=dry_run)


def count(memory: Memory, table: type) -> int:
    with memory.database.transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_claim_stands_as_it_did_with_its_limit_and_reminders_and_nobody_is_told(memory: Memory, tmp_path: Path):
    done = run(memory, a_file(tmp_path, {}))
    assert (done.lines, done.added, done.first == done.last) == (1, {Status.UNDER_REVIEW: 1}, True)
    with memory.database.transaction() as session:
        claim = session.get_one(Claim, claim_id(str(done.first)))
        assert (claim.status, claim.solution_area, claim.products) == (
            Status.UNDER_REVIEW,
            "modern-work",
            ["exchange", "teams"],
        )
        assert claim.customer_tenant_id == "8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48"
        assert (claim.customer_domain, claim.customer_country) == ("northwind.com", "DE")
        assert claim.status_since == datetime(2026, 11, 10, 18, tzinfo=UTC)  # ten o'clock in Los Angeles
        assert claim.submitted_at == datetime(2026, 11, 5, 8, tzinfo=UTC)
        assert claim.due_at == datetime(2026, 12, 3, 8, tzinfo=UTC)  # 14 business days, past two holidays
        assert claim.reviewer is not None
        assert (claim.reviewer.name, claim.created_by.name) == ("Rosa Review", "Ana Admin")
        [entry] = history_of(session, claim)
        assert (entry.action, entry.to_status) == (Action.IMPORT, Status.UNDER_REVIEW)
        assert entry.message == "From claims.csv, line 2: OLD-1 in the old portal."
    assert count(memory, Outgoing) == 0
    assert count(memory, Reminder) > 0


def test_the_same_file_again_changes_nothing_and_one_that_says_otherwise_is_refused(memory: Memory, tmp_path: Path):
    first = run(memory, a_file(tmp_path, {}, {"Status": "Submitted"})).first
    again = run(memory, a_file(tmp_path, {}, {"Status": "Submitted"}))
    assert (again.added, again.unchanged, count(memory, Claim)) == ({}, 2, 2)
    other = a_file(tmp_path, {"Customer name": "Contoso", "Products": "Teams"}, {"Status": "Submitted"}, {})
    with pytest.raises(BadLines) as refused:
        run(memory, other)
    said = f"claims.csv:2: {first} was imported with other values before: Customer name, Products."
    assert [str(fault) for fault in refused.value.faults] == [said]
    assert count(memory, Claim) == 2
    done = run(memory, other, new_only=True)
    assert (done.added.total(), done.unchanged, done.changed) == (1, 1, 1)
    assert claim_as_it_stands(memory, str(first)).customer_name == "Northwind Traders"


def test_a_dry_run_says_the_same_and_writes_nothing(memory: Memory, tmp_path: Path):
    assert run(memory, a_file(tmp_path, {}), dry_run=True).added == {Status.UNDER_REVIEW: 1}
    assert count(memory, Claim) == 0


FAULTS: list[tuple[dict[str, str], str]] = [
    ({"Status": "Aproved"}, "Status cannot be taken. There is no status “Aproved”. Did you mean “Approved”?"),
    ({"Status since": "soon"}, "Status since must be a day or a date with a time"),
    ({"Customer domain": "not a domain"}, "Customer domain cannot be taken. This is not a domain name"),
    ({"Customer tenant ID": "7"}, "Customer tenant ID cannot be taken. This is not an ID of the form"),
    ({"Disputes": "999999999999"}, "Disputes cannot be 999,999,999,999: a rejection is disputed once, or a few times."),
    ({"Claim name": "x" * 151}, "Claim name cannot be taken. Please shorten this to 150 characters; it has 151."),
    ({"Partner location (MPN)": "4711009"}, "There is no location in the directory with MPN “4711009”. Did you mean"),
    ({"Partner role": "Build intent - Advisor"}, "Partner role: This partner role does not belong to Modern Work"),
    ({"Partner role": "Use or consum"}, "Partner role cannot be taken. There is no partner role “Use or consum”. Did"),
    ({"Products": "Teams; Teems"}, "There is no product “Teems”. Did you mean “Teams”?"),
    ({"Reviewer e-mail": "ana@contoso.com"}, "There is no reviewer “ana@contoso.com”."),
    ({"Created by e-mail": "bo@fabrikam-partners.com"}, "must be the address of a member of this partner."),
    ({"Submitted at": ""}, "Submitted at is empty: a claim that is Under review was submitted."),
    ({"Submitted at": "2026-11-11"}, "Status since is before Submitted at."),
    ({"Status since": "2027-01-01"}, "Status since is in the future."),
    ({"Status": "Rejected"}, "Rejection reason is empty: a claim that is Rejected has one."),
    ({"Status": "Draft"}, "Submitted at must be empty: a draft was never submitted."),
    (
        {"Status": "Partner action required", "Status since": "2026-10-01", "Submitted at": "2026-09-01"},
        "The partner's time to answer ended on 2026-10-22",
    ),
    ({"Reference": "OLD-1"}, "The reference “OLD-1” stands in line 2 already."),
]


def test_every_bad_line_is_named_and_nothing_is_imported(memory: Memory, tmp_path: Path):
    with pytest.raises(BadLines) as refused:
        run(memory, a_file(tmp_path, {}, *(change for change, _ in FAULTS)))
    said = {fault.line: fault.message for fault in refused.value.faults}
    for line, (_, message) in enumerate(FAULTS, 3):
        assert message in said[line]
    assert (refused.value.count, count(memory, Claim)) == (len(FAULTS), 0)


def test_an_approval_whose_window_is_over_is_official_and_one_whose_window_runs_is_not(memory: Memory, tmp_path: Path):
    approved = {"Status": "Approved", "Status since": "2026-11-06"}
    done = run(memory, a_file(tmp_path, approved, approved | {"Status since": "2026-11-16"}))
    over, open_ = (claim_as_it_stands(memory, str(number)) for number in (done.first, done.last))
    assert (over.due_at, over.associated_at) == (None, datetime(2026, 11, 17, 8, tzinfo=UTC))
    assert (open_.due_at, open_.associated_at) == (datetime(2026, 11, 24, 8, tzinfo=UTC), None)


def test_what_happens_next_goes_on_from_there_and_posts_the_cards(memory: Memory, tmp_path: Path):
    done = run(memory, a_file(tmp_path, {}, {"Customer tenant ID": "00000000-0000-4000-8000-000000000001"}))
    first, second = str(done.first), str(done.last)
    reviewing.approve(memory, WHO["Rosa"], first)
    commenting.say(memory, WHO["Ana"], second, "We are here now.")
    with memory.database.transaction() as session:
        kinds = select(Outgoing.kind, Outgoing.payload["side"].as_string()).where(Outgoing.kind != "mail")
        one = session.execute(kinds.where(Outgoing.claim_id == claim_id(first)).order_by(Outgoing.id)).all()
        two = session.execute(kinds.where(Outgoing.claim_id == claim_id(second)).order_by(Outgoing.id)).all()
    assert [tuple(row) for row in one][:2] == [("card", "partner"), ("card", "reviewer")]
    assert [tuple(row) for row in two] == [
        ("card", "partner"),
        ("comment", "partner"),
        ("card", "reviewer"),
        ("comment", "reviewer"),
    ]


def test_statistics_count_what_happens_here_and_nothing_of_the_old_portal(memory: Memory, clock: Clock, tmp_path: Path):
    run(memory, a_file(tmp_path, {}, {"Status": "Rejected", "Rejection reason": "Insufficient proof of execution"}))
    begin = clock() - timedelta(days=365)
    with memory.database.transaction() as session:
        rosa = actor_for(session, WHO["Rosa"])
        assert stats(session, rosa, begin, clock() + timedelta(days=1), clock()) == Stats([], [], [], {})
        [number] = session.scalars(select(Claim.id).where(Claim.status == Status.UNDER_REVIEW))
        clock.advance(timedelta(days=2))
        reviewing.approve(memory, WHO["Rosa"], claim_number(number))
        found = stats(session, rosa, begin, clock() + timedelta(days=1), clock())
    assert found.stays == [], "how long it had been under review in the old portal, nobody noted"
    assert found.ended == [Ended(Action.APPROVE, None, 1)]
    assert found.work == [Worked("Rosa Review", Action.APPROVE, 1)]


def test_what_one_claimbot_exports_another_imports_and_exports_the_same(memory: Memory, clock: Clock, tmp_path: Path):
    for status in Status:
        claim_in(memory, status, claim_name=f"=1+{status}", comments="-2\nand more")
    before = _exported(memory)
    path = tmp_path / "claims.csv"
    path.write_bytes(before.replace(b"Claim,", b"Reference,", 1))
    assert run(memory, path).added == dict.fromkeys(Status, 1)
    rows = list(csv.DictReader(StringIO(_exported(memory).decode("utf-8-sig"))))
    copies = {row["Imported reference"]: row for row in rows if row["Imported reference"]}
    # What belongs to a claim's own life here: its number, its files and comments, where it came from.
    own = ("Claim", "Proofs of execution", "Shared comments", "Imported reference", "Last change")
    for row in (row for row in rows if not row["Imported reference"]):
        copy = copies[row["Claim"]]
        assert {name: value for name, value in row.items() if name not in own} == {
            name: value for name, value in copy.items() if name not in own
        }


def _exported(memory: Memory) -> bytes:
    file = BytesIO()
    with memory.database.transaction() as session:
        write_csv(session, extract_of(session, memory, CLOCK, ""), file, lambda done: None)
    return file.getvalue()
