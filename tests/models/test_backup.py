"""What was backed up comes back as it was, documents and chain included; nothing is sent twice, nothing overwritten."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import text

from models.backup import MANIFEST, BackupError, backup, read_manifest, tables_of
from models.database import Database
from models.documents import DocumentStore
from models.memory import Memory
from models.operations import filing, proofs
from models.operations.sealing import head, seal
from models.restoring import restore
from models.verifying import Break, verify
from rules.lifecycle import Status
from tests.cast import START, VALUES, WHO, Clock, a_file, claim_in, hand_in

CONTENT = b"%PDF-1.7 a statement of work"


@pytest.fixture
def store(tmp_path: Path) -> DocumentStore:
    return DocumentStore(str(tmp_path / "documents"))


@pytest.fixture
def elsewhere(template: Database, tmp_path: Path) -> Iterator[Database]:
    """A database without any tables."""
    with template.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text("DROP DATABASE IF EXISTS elsewhere WITH (FORCE)"))
        admin.execute(text("CREATE DATABASE elsewhere TEMPLATE template0"))
    database = Database(template.engine.url.set(database="elsewhere").render_as_string(hide_password=False), tmp_path)
    yield database
    database.close()


@pytest.fixture
def busy(shared_memory: Memory, store: DocumentStore) -> Memory:
    """Claims in several statuses, one with a document that is really there, and messages that wait."""
    claim_in(shared_memory, Status.REJECTED, proven=True, customer_name="Tab\there, line\nthere, \\N and “quotes”")
    number = claim_in(shared_memory, Status.DRAFT, proven=False)
    [proof] = hand_in(shared_memory, number, a_file())
    sha256 = store.put(CONTENT)
    proofs.accept(shared_memory, proof, sha256=sha256, size=len(CONTENT), media_type="application/pdf", view=None)
    with shared_memory.database.transaction() as session:  # the cast's documents are nowhere: only this one counts
        session.execute(text("UPDATE proofs SET sha256 = NULL WHERE sha256 <> :kept"), {"kept": sha256})
        session.execute(text("DELETE FROM documents WHERE sha256 <> :kept"), {"kept": sha256})
    seal(shared_memory.database, shared_memory.clock())
    return shared_memory


def rows(database: Database, *besides: str) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    with database.engine.connect() as connection:
        return {
            name: sorted(connection.execute(text(f'SELECT to_jsonb(t)::text FROM "{name}" t')).scalars())
            for name in tables_of(connection)
            if name not in besides
        }


def test_everything_comes_back_as_it_was_and_the_chain_holds(
    busy: Memory, elsewhere: Database, store: DocumentStore, tmp_path: Path
):
    file, other = tmp_path / "backup.zip", DocumentStore(str(tmp_path / "other"))
    made = backup(busy.database, store, file, START)
    with busy.database.reading() as session:
        kept = head(session)
    restored = restore(elsewhere, other, file, START, deliver=True)
    assert restored == made
    assert rows(elsewhere, "journal") == rows(busy.database, "journal")
    assert [other.get(one) for one in made.documents] == [CONTENT]
    breaks: list[Break] = []
    found = verify(elsewhere, breaks.append)
    assert (breaks, found.head) == ([], kept)
    with elsewhere.reading() as session:
        assert session.scalars(text("SELECT kind FROM journal")).all() == ["restore"]
    with pytest.raises(Exception, match="append-only"), elsewhere.engine.begin() as connection:
        connection.execute(text("DELETE FROM history"))


def test_work_goes_on_in_what_was_restored_with_numbers_that_nobody_has_had(
    busy: Memory, elsewhere: Database, store: DocumentStore, tmp_path: Path, clock: Clock
):
    backup(busy.database, store, tmp_path / "backup.zip", START)
    restore(elsewhere, store, tmp_path / "backup.zip", START)
    memory = Memory(elsewhere, busy.shipped, clock)
    assert filing.create(memory, WHO["Ana"], dict(VALUES)).number == "CL-000003"
    seal(elsewhere, clock())
    breaks: list[Break] = []
    verify(elsewhere, breaks.append)
    assert breaks == []


def test_what_was_on_its_way_is_held_unless_it_is_wanted(
    busy: Memory, elsewhere: Database, store: DocumentStore, tmp_path: Path
):
    backup(busy.database, store, tmp_path / "backup.zip", START)
    restore(elsewhere, store, tmp_path / "backup.zip", START)
    with elsewhere.reading() as session:
        states = session.execute(text("SELECT DISTINCT state, problem, in_doubt FROM outbox")).all()
    assert [tuple(one) for one in states] == [("dead", "restored", True)]


def test_a_backup_is_of_one_moment_whatever_happens_while_it_is_made(
    busy: Memory, elsewhere: Database, store: DocumentStore, tmp_path: Path
):
    before = rows(busy.database, "journal")

    def meanwhile(name: str, done: int, total: int) -> None:
        if (name, done) == ("tables", 1):
            claim_in(busy, Status.SUBMITTED, proven=True)

    backup(busy.database, store, tmp_path / "backup.zip", START, meanwhile)
    restore(elsewhere, store, tmp_path / "backup.zip", START, deliver=True)
    assert rows(elsewhere, "journal") == before


def test_a_database_with_anything_in_it_is_not_overwritten(busy: Memory, store: DocumentStore, tmp_path: Path):
    backup(busy.database, store, tmp_path / "backup.zip", START)
    before = rows(busy.database)
    with pytest.raises(BackupError, match="the database is not empty"):
        restore(busy.database, store, tmp_path / "backup.zip", START)
    assert rows(busy.database) == before


def test_a_missing_document_makes_no_backup_and_leaves_no_file(busy: Memory, tmp_path: Path):
    with pytest.raises(BackupError, match="is missing or damaged"):
        backup(busy.database, DocumentStore(str(tmp_path / "nowhere")), tmp_path / "backup.zip", START)
    assert not list(tmp_path.glob("backup.zip*"))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda made: made | {"revision": "9999"}, "was made by a newer claimbot"),
        (lambda made: made | {"format": 2}, "is of a newer format"),
        (lambda made: made | {"documents": {"0" * 64: 1}}, "is damaged: documents/0000"),
    ],
)
def test_what_is_damaged_or_newer_is_refused_before_anything_is_touched(
    busy: Memory, elsewhere: Database, store: DocumentStore, tmp_path: Path, change, expected: str
):
    file, forged = tmp_path / "backup.zip", tmp_path / "forged.zip"
    backup(busy.database, store, file, START)
    with ZipFile(file) as archive, ZipFile(forged, "w") as copy:
        for name in archive.namelist():
            content = archive.read(name)
            copy.writestr(name, json.dumps(change(json.loads(content))) if name == MANIFEST else content)
    with pytest.raises(BackupError, match=expected):
        restore(elsewhere, store, forged, START)
    with elsewhere.engine.connect() as connection:
        assert tables_of(connection) == []


def test_another_file_is_no_backup(tmp_path: Path):
    (tmp_path / "letter.zip").write_bytes(b"Dear all")
    with pytest.raises(BackupError, match="no whole backup"):
        read_manifest(tmp_path / "letter.zip")
