"""The history cannot be changed unseen: the database refuses, and whoever gets past it is found out."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from models.database import Database
from models.memory import Memory
from models.operations.journal import note
from models.operations.sealing import head, parsed_head, seal
from models.tables import claim_id
from models.verifying import Break, Verified, verify
from rules.lifecycle import Status
from tests.cast import Clock, claim_in


def checked(database: Database, **options) -> tuple[Verified, list[str]]:
    breaks: list[Break] = []
    return verify(database, breaks.append, **options), [f"{one.where}: {one.what}" for one in breaks]


def by_hand(database: Database, statement: str, **values) -> None:
    """As somebody does it who owns the tables, and knows which triggers are in the way."""
    with database.engine.begin() as connection:
        for table in ("history", "journal", "checkpoints"):
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        connection.execute(text(statement), values)
        for table in ("history", "journal", "checkpoints"):
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


@pytest.fixture
def rejected(shared_memory: Memory) -> str:
    """A claim with a history of some length; beside it another one, and an entry in the journal."""
    number = claim_in(shared_memory, Status.REJECTED, customer_name='Łódź "Öl" \\ 株式会社\n\x1f')
    claim_in(shared_memory, Status.DRAFT)
    with shared_memory.database.transaction() as session:
        note(session, "reviewer", {"person": 1, "lead": False}, shared_memory.clock())
    seal(shared_memory.database, shared_memory.clock())
    return number


def test_what_really_happened_verifies_and_every_row_is_in_a_checkpoint(rejected: str, database: Database):
    found, breaks = checked(database)
    assert breaks == []
    with database.reading() as session:
        rows = session.scalar(text("SELECT count(*) FROM history"))
    assert (found.rows, found.claims, found.entries, found.checkpoints, found.waiting) == (rows, 2, 1, 1, 0)


@pytest.mark.parametrize("table", ["history", "journal", "checkpoints"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_the_database_refuses_to_change_or_remove_a_row_even_to_the_owner(
    rejected: str, database: Database, table: str, statement: str
):
    with pytest.raises(DBAPIError, match=f"{table} is append-only"), database.engine.begin() as connection:
        connection.execute(text(statement.format(table)))


def test_a_session_that_calls_itself_a_replica_is_refused_too(rejected: str, database: Database):
    with database.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        with pytest.raises(DBAPIError, match="append-only"), connection.begin_nested():
            connection.execute(text("DELETE FROM history"))


def test_an_application_with_all_rights_on_the_rows_can_neither_change_them_nor_switch_that_off(
    rejected: str, database: Database
):
    role = f"app_{uuid4().hex[:8]}"
    with database.engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        connection.execute(text(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"))
    engine = create_engine(database.engine.url.set(username=role))
    try:
        for statement in ("UPDATE history SET message = 'x'", "ALTER TABLE history DISABLE TRIGGER ALL"):
            with pytest.raises(DBAPIError, match=r"append-only|must be owner"), engine.begin() as connection:
                connection.execute(text(statement))
    finally:
        engine.dispose()
        with database.engine.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {role}; DROP ROLE {role}"))


CHANGED = {
    "at": "at + interval '1 second'",
    "action": "'withdraw'",
    "party": "'clock'",
    "person_id": "(SELECT max(id) FROM people)",
    "from_status": "'Draft'",
    "to_status": "'Approved'",
    "version": "version + 1",
    "reasons": "'{partner-request}'",
    "message": "'Something milder.'",
    "changes": '\'{"mpn": [null, "1"]}\'',
}


@pytest.mark.parametrize("column", CHANGED)
def test_whatever_is_altered_in_a_row_its_place_is_named(rejected: str, database: Database, column: str):
    with database.reading() as session:
        reject = text("SELECT id, seq FROM history WHERE claim_id = :claim AND action = 'reject'")
        row, seq = session.execute(reject, {"claim": claim_id(rejected)}).one()
    by_hand(database, f"UPDATE history SET {column} = {CHANGED[column]} WHERE id = :row", row=row)
    _, breaks = checked(database)
    assert breaks == [f"{rejected}, entry {seq}: was altered, or what it follows was"]


def test_a_row_that_is_missing_from_the_middle_is_noticed_by_the_chain(rejected: str, database: Database):
    by_hand(database, "DELETE FROM history WHERE claim_id = :claim AND seq = 2", claim=claim_id(rejected))
    _, breaks = checked(database)
    assert f"{rejected}, entry 3: follows entry 1: what was between is gone" in breaks


@pytest.mark.parametrize("gone", ["seq = 5", "true"], ids=["the end", "a whole claim"])
def test_an_end_that_was_cut_off_and_a_claim_that_vanished_are_noticed_by_the_checkpoint(
    rejected: str, database: Database, gone: str
):
    claim = claim_id(rejected)
    with database.reading() as session:
        last = session.scalar(text("SELECT max(seq) FROM history WHERE claim_id = :claim"), {"claim": claim})
        ids = session.scalars(
            text(f"SELECT id FROM history WHERE claim_id = :claim AND {gone.replace('5', str(last))} ORDER BY id"),
            {"claim": claim},
        ).all()
    by_hand(database, "DELETE FROM history WHERE id = ANY(:ids)", ids=list(ids))
    _, breaks = checked(database)
    assert breaks == [f"checkpoint 1: names history row {one}, which is gone" for one in ids]


def test_a_row_that_was_rewritten_with_its_chain_is_not_what_the_checkpoint_says(rejected: str, database: Database):
    last = "(SELECT max(seq) FROM history WHERE claim_id = :claim)"
    by_hand(
        database,
        f"""UPDATE history h SET to_status = 'Approved', hash = history_hash(
                jsonb_populate_record(h, '{{"to_status": "Approved"}}'),
                (SELECT hash FROM history WHERE claim_id = h.claim_id AND seq = h.seq - 1))
            WHERE claim_id = :claim AND seq = {last}""",
        claim=claim_id(rejected),
    )
    _, breaks = checked(database)
    assert len(breaks) == 1
    assert breaks[0].endswith("is not what checkpoint 1 says it was")


def test_a_row_that_was_put_in_past_the_chain_is_noticed(rejected: str, database: Database):
    by_hand(
        database,
        "INSERT INTO history SELECT (jsonb_populate_record(h, jsonb_build_object('id', 999999, 'seq', seq + 1))).* "
        "FROM history h WHERE claim_id = :claim ORDER BY seq DESC LIMIT 1",
        claim=claim_id(rejected),
    )
    _, breaks = checked(database)
    assert any(one.endswith("is in no checkpoint and waits for none") for one in breaks)


def test_only_a_value_kept_elsewhere_shows_that_the_last_checkpoints_were_taken_away(
    rejected: str, database: Database, shared_memory: Memory
):
    claim_in(shared_memory, Status.DRAFT)
    seal(database, shared_memory.clock())
    with database.reading() as session:
        kept = parsed_head(head(session) or "")
    assert kept is not None
    assert checked(database, against=kept)[1] == []
    by_hand(database, "DELETE FROM history WHERE id = ANY(SELECT unnest(history_ids) FROM checkpoints WHERE id = 2)")
    by_hand(database, "DELETE FROM checkpoints WHERE id = 2")
    assert checked(database)[1] == []
    _, [broken] = checked(database, against=kept)
    assert broken == "checkpoint 2: is not there any more: the history was replaced since you kept its value"


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE checkpoints SET at = at + interval '1 day'", "checkpoint 1: was altered, or what it follows was"),
        ("UPDATE journal SET body = '{\"lead\": true}'", "journal entry 1: was altered, or what it follows was"),
        ("DELETE FROM journal", "checkpoint 1: names journal entry 1, which is gone or another one"),
    ],
)
def test_checkpoints_and_the_journal_are_chained_too(rejected: str, database: Database, statement: str, expected: str):
    by_hand(database, statement)
    assert checked(database)[1] == [expected]


def test_a_row_inserted_by_hand_is_chained_whatever_it_says_of_itself(rejected: str, database: Database, clock: Clock):
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO history (id, claim_id, at, action, party, version, reasons, changes, seq, salts, hash) "
                "VALUES (888888, :claim, :now, 'edit', 'clock', 9, '{}', '{}', 1, '{}', 'x')"
            ),
            {"claim": claim_id(rejected), "now": clock()},
        )
    assert seal(database, clock()) == 1
    assert checked(database)[1] == []


def test_checkpoints_hold_so_many_rows_at_most_and_say_nothing_when_nothing_happened(
    rejected: str, database: Database, shared_memory: Memory, clock: Clock
):
    assert seal(database, clock() + timedelta(hours=1)) == 0
    claim_in(shared_memory, Status.APPROVED)
    rows = seal(database, clock(), most=2)
    found, breaks = checked(database)
    assert (found.checkpoints, breaks) == (1 + (rows + 1) // 2, [])


def test_what_is_not_committed_yet_is_sealed_the_next_time(rejected: str, database: Database, shared_memory: Memory):
    with database.transaction() as session:
        session.execute(
            text(
                "INSERT INTO history (id, claim_id, at, action, party, version, reasons, changes) "
                "VALUES (777777, :claim, now(), 'edit', 'clock', 9, '{}', '{}')"
            ),
            {"claim": claim_id(rejected)},
        )
        claim_in(shared_memory, Status.DRAFT)  # of a transaction that began later and ended sooner
        assert seal(database, shared_memory.clock()) > 0
    assert seal(database, shared_memory.clock()) == 1
    assert checked(database)[1] == []


def test_a_hash_is_what_the_documentation_says_computed_by_hand(rejected: str, database: Database):
    """After docs/audit.md alone, with nothing of ours."""
    with database.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT * FROM history WHERE claim_id = :claim ORDER BY seq"), {"claim": claim_id(rejected)}
        ).all()
    previous = b"\0" * 32
    for row in rows:
        parts = {f"changes.{name}": json.dumps(pair, ensure_ascii=False) for name, pair in row.changes.items()}
        if row.message is not None:
            parts["message"] = row.message
        digests = {
            part: hashlib.sha256(bytes.fromhex(row.salts[part]) + value.encode()).hexdigest()
            for part, value in parts.items()
        }
        micros = int(row.at.timestamp()) * 1_000_000 + row.at.microsecond
        content = ["history", row.id, row.claim_id, row.seq, micros, row.action, row.party, row.person_id]
        content += [row.from_status, row.to_status, row.version, row.reasons]
        content += [{part: digests[part] for part in sorted(digests, key=lambda part: (len(part), part))}]
        previous = hashlib.sha256(previous + json.dumps(content, ensure_ascii=False).encode()).digest()
        assert row.hash == previous
    assert len(rows) > 4


# What an erasure does to a row: the text and its salt go, the digest stays.
ERASE = """
UPDATE history SET message = NULL, salts = salts - 'message', erasure_id = :entry,
    erased = jsonb_build_object('message', history_digests(message, changes, salts, erased) -> 'message') {}
WHERE claim_id = :claim AND action = 'reject'
"""


def erase(database: Database, clock: Clock, claim: str, more: str = "", *, recorded: bool = True) -> None:
    with database.transaction() as session:
        entry = note(session, "erasure" if recorded else "access", {"claims": 1}, clock())
        session.execute(text(ERASE.format(more)), {"entry": entry, "claim": claim_id(claim)})


def test_text_that_was_erased_on_record_is_gone_and_the_chain_is_still_proven(
    rejected: str, database: Database, clock: Clock
):
    erase(database, clock, rejected)
    with database.reading() as session:
        left = session.execute(text("SELECT to_jsonb(history)::text FROM history WHERE action = 'reject'")).scalar_one()
    assert "The proof names no products" not in left
    found, breaks = checked(database)
    assert (found.erased, breaks) == (1, [])


@pytest.mark.parametrize(
    ("more", "recorded"),
    [("", False), (", to_status = 'Approved'", True), (", changes = '{\"mpn\": [null, null]}'", True)],
    ids=["without a record", "more than text", "other text in its place"],
)
def test_an_erasure_takes_text_away_on_record_and_changes_nothing_else(
    rejected: str, database: Database, clock: Clock, more: str, recorded: bool
):
    with pytest.raises(DBAPIError, match="append-only"):
        erase(database, clock, rejected, more, recorded=recorded)


def test_text_that_was_erased_past_the_database_without_a_record_is_noticed(
    rejected: str, database: Database, clock: Clock
):
    by_hand(database, ERASE.format(""), entry=None, claim=claim_id(rejected))
    _, breaks = checked(database)
    assert [one.partition(": ")[2] for one in breaks] == ["lacks text that was erased without a record"]
