"""One file that holds everything: all rows of one moment, and every document that they name (docs/backup.md)."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from psycopg import sql
from sqlalchemy import Connection, text

from models.database import Database
from models.documents import DocumentMissing, DocumentStore

FORMAT = 1
MANIFEST = "manifest.json"
CHUNK = 1 << 20
Progress = Callable[[str, int, int], None]


class BackupError(Exception):
    """A backup cannot be made or used; the text says why, and nothing was changed."""


@dataclass(frozen=True)
class Table:
    """A table in a backup: its columns in the order of the file, how many rows, and the SHA-256 of its text."""

    columns: list[str]
    rows: int
    sha256: str


@dataclass
class Manifest:
    """What a backup holds, and of which schema (``revision``). ``sequences``: name -> the last number given."""

    made_at: str
    revision: str
    format: int = FORMAT
    tables: dict[str, Table] = field(default_factory=dict)
    sequences: dict[str, int] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows there are in all tables."""
        return sum(one.rows for one in self.tables.values())


def backup(
    database: Database,
    store: DocumentStore,
    file: Path,
    now: datetime,
    on_progress: Progress = lambda name, done, total: None,
) -> Manifest:
    """Write everything there is into ``file``, as it was at one moment, while the bot goes on.

    Raises:
        BackupError: a document is missing in its store, or is not what it was when it was handed in.
        OSError: the file cannot be written.
    """
    part = file.with_name(f"{file.name}.part")
    try:
        with (
            ZipFile(part, "w", compression=ZIP_DEFLATED, compresslevel=3) as archive,
            database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection,
        ):
            os.chmod(part, 0o600)
            connection.execute(text("SET TRANSACTION READ ONLY"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            revision = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
            manifest = Manifest(now.isoformat(), revision)
            names = tables_of(connection)
            for done, name in enumerate(names, 1):
                manifest.tables[name] = _copied_out(connection, archive, name)
                on_progress("tables", done, len(names))
            last = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value > 0"
            manifest.sequences = {row[0]: row[1] for row in connection.execute(text(last))}
            sizes = connection.execute(text("SELECT sha256, size FROM documents ORDER BY sha256"))
            manifest.documents = {row[0]: row[1] for row in sizes}
            for done, name in enumerate(manifest.documents, 1):
                try:
                    archive.writestr(name_of(name), store.get(name), compress_type=ZIP_STORED)
                except DocumentMissing:
                    raise BackupError(f"the document {name} is missing or damaged where documents are kept") from None
                on_progress("documents", done, len(manifest.documents))
            archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return manifest


def read_manifest(file: Path) -> Manifest:
    """What a backup says it holds. Raises BackupError for a file that is none, or of a format to come."""
    try:
        with ZipFile(file) as archive:
            found: dict[str, Any] = json.loads(archive.read(MANIFEST))
    except (BadZipFile, KeyError, ValueError):
        raise BackupError(f"{file.name} is no whole backup of claimbot's") from None
    if found.get("format") != FORMAT:
        raise BackupError(f"{file.name} is of a newer format: restore it with a newer claimbot")
    return Manifest(**{**found, "tables": {name: Table(**one) for name, one in found["tables"].items()}})


def tables_of(connection: Connection) -> list[str]:
    """Every table of ours, those that others point to before those others."""
    found = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"))
    left = [name for name in found.scalars() if name != "alembic_version"]
    pointing = connection.execute(text(_FOREIGN_KEYS)).all()
    ordered: list[str] = []
    while left:
        free = [name for name in left if not any(child == name and parent in left for child, parent in pointing)]
        if not free:
            raise BackupError(f"these tables point to each other: {', '.join(left)}")
        ordered += free
        left = [name for name in left if name not in free]
    return ordered


def verified(file: Path, manifest: Manifest, on_progress: Progress = lambda name, done, total: None) -> None:
    """Compute every checksum in the backup anew. Raises BackupError where one is not what it was."""
    members = {f"tables/{name}.copy": one.sha256 for name, one in manifest.tables.items()}
    members |= {name_of(name): name for name in manifest.documents}
    with ZipFile(file) as archive:
        for done, (name, expected) in enumerate(members.items(), 1):
            try:
                with archive.open(name) as source:
                    found = _hashed(source.read)
            except (BadZipFile, KeyError):
                found = ""
            if found != expected:
                raise BackupError(f"{file.name} is damaged: {name} is not what it was")
            on_progress("checked", done, len(members))


def _copied_out(connection: Connection, archive: ZipFile, name: str) -> Table:
    columns = list(connection.execute(text(_COLUMNS), {"name": name}).scalars())
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    order = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(name), listed)
    digest, rows = sha256(), 0
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, archive.open(f"tables/{name}.copy", "w", force_zip64=True) as target:
        with cursor.copy(order) as copying:
            for chunk in copying:
                data = bytes(chunk)
                digest.update(data)
                target.write(data)
        rows = cursor.rowcount
    return Table(columns, rows, digest.hexdigest())


def name_of(document: str) -> str:
    """Where a document is in the archive."""
    return f"documents/{document}"


def _hashed(read: Callable[[int], bytes]) -> str:
    digest = sha256()
    while chunk := read(CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


_FOREIGN_KEYS = """
SELECT child.relname, parent.relname FROM pg_constraint c
JOIN pg_class child ON child.oid = c.conrelid JOIN pg_class parent ON parent.oid = c.confrelid
WHERE c.contype = 'f' AND c.conrelid <> c.confrelid AND c.connamespace = 'public'::regnamespace
"""
# What the database computes itself is computed again.
_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_schema = 'public' AND table_name = :name AND is_generated = 'NEVER' ORDER BY ordinal_position
"""
