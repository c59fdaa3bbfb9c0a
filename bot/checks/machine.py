"""What is on this machine or behind its own settings: files, folders, the database, the rules."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from subprocess import SubprocessError
from tempfile import TemporaryFile

from fsspec.core import url_to_fs
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from bot.checks.finding import Finding, fault, several, sound
from bot.settings import LocalSettings, SettingsError
from models.database import Database, Schema
from models.operations.publishing import current, find, holding, publications
from models.tables import Location, Outgoing, Partner, Person, ProgrammeSettings, Reviewer
from rules.loading import Programme, ProgrammeError, load_programme

OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_settings(error: SettingsError | None) -> Iterator[Finding]:
    """Whether every setting is there and well formed; ``error`` is what loading them raised."""
    if error is None:
        yield sound("complete")
        return
    for name, complaint in error.faults:
        where = f"see docs/settings.md#{name.lower()}" if name else "see .env.example"
        yield fault(complaint, f"set it right ({where}); claimbot setup asks for what is missing")


def check_env_file(path: Path) -> Iterator[Finding]:
    """Whether others on this machine can read the secrets in .env."""
    if path.is_file() and os.name == "posix" and path.stat().st_mode & OTHERS:
        yield fault(f"{path} can be read by others on this machine, and holds tokens", f"run: chmod 600 {path}")


def check_data_folder(folder: Path) -> Iterator[Finding]:
    """Whether claimbot can write where it keeps its own, and others cannot."""
    if not folder.exists():
        yield sound(f"{folder} will be made at the first start")
        return
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        user = os.environ.get("USER") or str(os.getuid())
        yield fault(
            f"{folder}: {error.strerror}", f"make it a folder that the user {user} may write to, or correct DATA_DIR"
        )
        return
    if folder.stat().st_mode & stat.S_IWOTH:
        yield fault(f"anybody on this machine may write to {folder}", f"run: chmod 750 {folder}")
        return
    yield sound(str(folder))


def open_database(settings: LocalSettings) -> Database | Finding:
    """The database, which answers; or why it does not. An embedded one is not created by asking."""
    url = settings.database_url
    if url is None and not (settings.data_dir / "postgres").is_dir():
        return fault(f"there is none yet in {settings.data_dir}", "run: claimbot db upgrade")
    database: Database | None = None
    try:
        database = Database(url.get_secret_value() if url else None, settings.data_dir)
        database.revisions()
    except (SQLAlchemyError, OSError, RuntimeError, SubprocessError) as error:
        if database is not None:
            database.close()
        reason = str(getattr(error, "orig", None) or type(error).__name__).splitlines()[0]
        return fault(
            reason, "start PostgreSQL, or correct DATABASE_URL" if url else "see the file postgres/log in DATA_DIR"
        )
    return database


def check_schema(database: Database, *, embedded: bool) -> Iterator[Finding]:
    """Whether the database has the schema that this version needs."""
    schema, (revision, newest) = database.schema(), database.revisions()
    if not schema.usable:
        said = f"at revision {revision}, this version needs {newest}" if revision else "it has no schema yet"
        yield fault(said, "run: claimbot db upgrade")
    elif schema is Schema.AHEAD:
        yield sound(f"revision {revision}, of a newer claimbot", "bring this claimbot to the newer version soon")
    else:
        yield sound(f"revision {revision}" + (", embedded: for one machine only" if embedded else ""))


def check_rules(directory: Path | None) -> Iterator[Finding]:
    """Whether the programme's files load."""
    try:
        programme = load_programme(directory)
    except ProgrammeError as error:
        more = f" (and {len(error.faults) - 1} more)" if len(error.faults) > 1 else ""
        yield fault(f"{error.faults[0]}{more}", "run: claimbot rules check")
        return
    yield sound(f"{len(programme.rule_sets)} rule sets, version {programme.version}")


def check_published(database: Database, shipped: Programme, now: datetime) -> Iterator[Finding]:
    """Whether the rules that were published can be used by this version."""
    with database.transaction() as session:
        every = publications(session)
        holds = holding(every, now)
        if holds is not None and find(session, holds.version) is None:
            yield fault(
                f"the rules published by {holds.author} (version {holds.version}) cannot be read by this claimbot,"
                f" so older ones hold ({current(session, now, shipped).version})",
                "run: claimbot rules check DIR on them, mend what it names, and publish them again",
            )
        elif holds is not None:
            yield sound(f"published rules hold, version {holds.version}")
        else:
            yield sound("none published: those in the rules folder hold")


def check_directory(database: Database, settings: LocalSettings) -> Iterator[Finding]:
    """Whether it is known who is who, and whether any partner or reviewer could work."""
    with database.transaction() as session:
        programme = session.get(ProgrammeSettings, 1)
        if programme is None:
            yield fault(
                "nobody is known yet",
                "write the directory file (docs/directory.md); run: claimbot directory import FILE",
            )
            return
        if not session.scalar(select(func.count()).select_from(Reviewer)):
            yield fault(
                "it names no reviewer: nobody could decide a claim", "add one to the directory file and import it"
            )
        partners = list(session.scalars(select(Partner).where(Partner.active).order_by(Partner.name)))
        if not partners:
            yield fault("it names no partner: nobody could file a claim", "add one to the directory file and import it")
        for one in partners:
            if not any(location.active for location in one.locations):
                yield fault(
                    f"{one.name} has no location", "add its locations (MPN) to the directory file and import it"
                )
        review = settings.review_channel or programme.review_channel
        beside = [one.name for one in partners if review in {one.channel, *(here.channel for here in one.locations)}]
        if beside:
            yield fault(
                f"the review channel is also the channel of {several(beside)}, who would read what reviewers write",
                "give the reviewers a channel of their own in the directory file (or REVIEW_CHANNEL)",
            )
        people = session.scalar(select(func.count()).select_from(Person).where(Person.active))
        locations = session.scalar(select(func.count()).select_from(Location).where(Location.active))
        yield sound(f"{len(partners)} partners, {locations} locations, {people} people")


def check_outbox(database: Database) -> Iterator[Finding]:
    """Whether anything was given up that Slack should have been told."""
    with database.transaction() as session:
        dead = session.scalar(select(func.count()).select_from(Outgoing).where(Outgoing.state == "dead"))
    if dead:
        yield fault(f"{dead} messages were given up", "run: claimbot outbox list --dead, see docs/operation.md")
    else:
        yield sound("nothing was given up")


def check_documents(url: str) -> Iterator[Finding]:
    """Whether a file can be written where documents are kept, and taken away again."""
    try:
        storage, folder = url_to_fs(url)
        storage.makedirs(folder, exist_ok=True)
        storage.pipe_file(f"{folder}/.claimbot-check", b"")
        storage.rm_file(f"{folder}/.claimbot-check")
    except Exception as error:  # each kind of storage has its own
        yield fault(f"{url}: {type(error).__name__}", "make it writable, or correct DOCUMENTS_URL")
        return
    yield sound(url)
