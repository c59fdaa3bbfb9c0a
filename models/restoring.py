"""A backup made to hold again: into an empty database and its documents' folder, all of it or nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from psycopg import sql
from sqlalchemy import Connection, text

from models.backup import CHUNK, BackupError, Manifest, Progress, name_of, read_manifest, tables_of, verified
from models.database import Database
from models.documents import DocumentStore
from models.operations.journal import note


def restore(
    database: Database,
    store: DocumentStore,
    file: Path,
    now: datetime,
    *,
    deliver: bool = False,
    on_progress: Progress = lambda name, done, total: None,
) -> Manifest:
    """Make an empty database say what the backup says, at this version's schema.

    What was on its way to Slack at that time may have arrived since. Unless ``deliver``, it is given up (problem
    ``restored``) and sent by nobody before somebody retries it.

    Raises:
        BackupError: the database is not empty, or the backup is damaged or newer than this version. Nothing was
            changed.
    """
    manifest = read_manifest(file)
    if not database.knows(manifest.revision):
        made = f"{file.name} was made by a newer claimbot (schema {manifest.revision})"
        raise BackupError(f"{made}: upgrade this one first")
    _must_be_empty(database, manifest)
    verified(file, manifest, on_progress)
    database.upgrade(to=manifest.revision)
    with ZipFile(file) as archive:
        for done, name in enumerate(manifest.documents, 1):
            store.put(archive.read(name_of(name)))
            on_progress("documents", done, len(manifest.documents))
        with database.engine.begin() as connection:
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            _load(connection, archive, manifest, on_progress)
            if not deliver:
                connection.execute(text(_HOLD))
    database.upgrade()
    with database.transaction() as session:
        note(session, "restore", {"made_at": manifest.made_at, "rows": manifest.rows}, now)
    return manifest


def _must_be_empty(database: Database, manifest: Manifest) -> None:
    current, _ = database.revisions()
    with database.engine.connect() as connection:
        used = [
            name
            for name in tables_of(connection)
            if connection.execute(text(f'SELECT EXISTS (TABLE "{name}")')).scalar_one()
        ]
    if used:
        raise BackupError(f"the database is not empty (there are rows in {', '.join(used[:3])}): name another one")
    if current not in (None, manifest.revision):
        raise BackupError("the database has another schema than the backup: name one without any tables")


def _load(connection: Connection, archive: ZipFile, manifest: Manifest, on_progress: Progress) -> None:
    """Rows as they were: nothing is chained, rung for or refused while they come in; foreign keys are."""
    triggers = connection.execute(text(_TRIGGERS)).all()
    for table in {one.table for one in triggers}:
        connection.execute(text(f'ALTER TABLE "{table}" DISABLE TRIGGER USER'))
    names = [name for name in tables_of(connection) if name in manifest.tables]
    driver: Any = connection.connection.driver_connection
    for done, name in enumerate(names, 1):
        listed = sql.SQL(", ").join(map(sql.Identifier, manifest.tables[name].columns))
        order = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), listed)
        with driver.cursor() as cursor, archive.open(f"tables/{name}.copy") as source, cursor.copy(order) as copying:
            while chunk := source.read(CHUNK):
                copying.write(chunk)
        on_progress("tables", done, len(names))
    for name, last in manifest.sequences.items():
        connection.execute(_SETVAL, {"name": f'public."{name}"', "last": last})
    connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for one in triggers:
        connection.execute(text(f'ALTER TABLE "{one.table}" {_ENABLED[one.enabled]} TRIGGER "{one.name}"'))


_ENABLED = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA", "D": "DISABLE"}
_TRIGGERS = """
SELECT c.relname AS "table", t.tgname AS name, t.tgenabled::text AS enabled
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace ORDER BY 1, 2
"""
_SETVAL = text("SELECT setval(CAST(:name AS regclass), :last)")
_HOLD = """
UPDATE outbox SET state = 'dead', in_doubt = true, problem = 'restored', leased_until = NULL, leased_by = NULL
WHERE state IN ('pending', 'sending')
"""
