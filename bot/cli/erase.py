"""`claimbot erase`: what is stored about a customer, a person or a partner goes, on request (docs/privacy.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.importing import DryRun
from bot.cli.plainly import expected_errors, fail, memory_of, opened

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from models.memory import Memory

group = typer.Typer(help="Erase what is stored about somebody who asks for it.", no_args_is_help=True)

Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Force = Annotated[bool, typer.Option("--force", help="End open claims first, as their partner could.")]

_ASK = "Erase this? There is no way back."
_MOST = 20


def register(main: typer.Typer) -> None:
    """Add the group to `main`."""
    main.add_typer(group, name="erase")


@group.callback()
def erase() -> None:
    """Erase what is stored about somebody who asks for it."""


@group.command()
def customer(
    what: Annotated[str, typer.Argument(metavar="CLAIM|TENANT|DOMAIN", help="Such as CL-000012 or fabrikam.com.")],
    force: Force = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Erase what people wrote in the claims for a customer, with the files of proof. What goes is shown first."""
    from models.queries.erasable import claims_of_customer

    with expected_errors(), _memory() as memory:
        with memory.database.reading() as session:
            claims = claims_of_customer(session, what)
        if not claims:
            _sweep(memory)
            fail(f"No claim for “{what}” holds anything: either there is none, or it is erased.")
        _erase_claims(memory, claims, force=force, yes=yes, dry_run=dry_run)


@group.command()
def person(
    user: Annotated[str, typer.Argument(metavar="SLACK-USER", help="Their id in Slack, such as U0ABC123.")],
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Erase who somebody was: name, address, Slack id. Take them out of the directory first."""
    from models.operations.erasing import Cause
    from models.operations.erasing_people import erase_person, why_still_needed
    from models.queries.erasable import named_in, people_named

    with expected_errors(), _memory() as memory:
        with memory.database.reading() as session:
            found = people_named(session, user)
            if not found:
                fail(f"Nobody is stored as {user}: there never was anybody, or they are erased.")
            if needed := [why for one in found if (why := why_still_needed(one)) is not None]:
                fail("Nothing was erased: " + " ".join(needed))
            for one in found:
                typer.echo(f"{one.name} ({one.user}, team {one.team}) is named in:")
                _show(named_in(session, one))
        typer.echo("Stays: what they did and when, as done by “erased person”, and what they wrote of claims.")
        if not _agreed(yes=yes, dry_run=dry_run):
            return
        done = sum(erase_person(memory, one.id, Cause.REQUEST) for one in found)
    typer.echo(f"Erased: {done} {'person' if done == 1 else 'people'}.")


@group.command()
def partner(
    name: Annotated[str, typer.Argument(help="As the directory has it, in quotes.")],
    force: Force = False,
    yes: Yes = False,
    dry_run: DryRun = False,
) -> None:
    """Erase a partner that left: its claims, its name, and its people. Take it out of the directory first."""
    from models.operations.erasing import Cause
    from models.operations.erasing_people import erase_partner
    from models.queries.erasable import claims_of_partner, partner_named, people_only_of

    with expected_errors(), _memory() as memory:
        with memory.database.reading() as session:
            found = partner_named(session, name)
            if found is None:
                fail(f"No partner is called “{name}”: there never was one, or it is erased.")
            if found.active:
                fail(f"Nothing was erased: {found.name} is in the directory. Take it out there and import it first.")
            claims, people = claims_of_partner(session, found), people_only_of(session, found)
        typer.echo(f"{found.name}, its locations' names, and {len(people)} of its people who are nowhere else.")
        if claims:
            _erase_claims(memory, claims, force=force, yes=yes, dry_run=dry_run)
        elif not _agreed(yes=yes, dry_run=dry_run):
            return
        if not dry_run:
            erase_partner(memory, found.id, Cause.REQUEST)
            typer.echo(f"Erased: a partner and {len(people)} people.")


@group.command("list")
def show() -> None:
    """List every erasure, a line each: keep it elsewhere, for `erase again` after a restore of an older backup."""
    from models.queries.erasable import erasures

    with expected_errors(), _memory() as memory, memory.database.reading() as session:
        for line in erasures(session):
            typer.echo(line)


@group.command()
def again(
    file: Annotated[Path, typer.Argument(help="What claimbot erase list printed.", exists=True, dir_okay=False)],
    dry_run: DryRun = False,
) -> None:
    """Erase once more what had been erased before an older backup was restored. Claims open again are ended."""
    from models.operations.erasing import StillOpen
    from models.operations.erasing_again import erase_again

    done, left = 0, []
    with expected_errors(), _memory() as memory:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            try:
                done += erase_again(memory, line, dry_run=dry_run)
            except (StillOpen, ValueError) as error:
                left.append(f"line {number}: {line.strip()}: {error}")
        documents = 0 if dry_run else _sweep(memory)
    for one in left:
        typer.echo(one, err=True)
    typer.echo(f"{'To erase' if dry_run else 'Erased'} again: {done:,}; {documents:,} documents.")
    if left:
        fail(f"{len(left):,} lines could not be followed.")


def _erase_claims(memory: Memory, claims: list[int], *, force: bool, yes: bool, dry_run: bool) -> None:
    """Show what goes and why it may not, ask, and erase. Ends the command unless all of it was erased."""
    from bot.cli.progress import progress_bar
    from models.operations.erasing import Cause, StillOpen, erase_claim
    from models.queries.erasable import counts, kept_lines

    with memory.database.reading() as session:
        _show(counts(session, claims))
        if lines := kept_lines(session, claims):
            typer.echo(f"Stays: {lines:,} lines of earnings, which name nobody; books have to be kept.")
        stopped = _stopped(session, memory, claims, force=force)
    if stopped:
        more = [f"… and {len(stopped) - _MOST:,} more"] if len(stopped) > _MOST else []
        fail("\n".join(["Nothing was erased:", *stopped[:_MOST], *more]))
    if not _agreed(yes=yes, dry_run=dry_run):
        return
    done = 0
    with progress_bar() as moved:
        for identity in claims:
            try:
                done += erase_claim(memory, identity, Cause.REQUEST, force=force)
            except StillOpen as still:  # somebody did something to it a moment ago
                fail(f"{done:,} claims were erased, and then: {still}. Run it again for the rest.")
            moved("Erasing", done, len(claims))
    documents = _sweep(memory)
    typer.echo(f"Erased: {done:,} claims, {documents:,} documents. Slack follows as claimbot serve delivers.")
    typer.echo("Older backups still hold it: see docs/privacy.md.")


def _stopped(session: Session, memory: Memory, claims: list[int], *, force: bool) -> list[str]:
    from models.operations.erasing import can_end, why_open
    from models.tables import Claim

    said = []
    for identity in claims:
        claim = session.get_one(Claim, identity)
        why = why_open(claim, memory.clock())
        if why is not None and not (force and can_end(claim)):
            said.append(why)
        session.expunge(claim)
    return said


def _show(found: dict[str, int]) -> None:
    for name, count in found.items():
        if count:
            typer.echo(f"  {count:>7,}  {name}")


def _agreed(*, yes: bool, dry_run: bool) -> bool:
    if dry_run:
        typer.echo("Nothing was erased.")
        return False
    return yes or typer.confirm(_ASK, abort=True)


def _sweep(memory: Memory) -> int:
    from bot.settings import load_local_settings
    from models.documents import DocumentStore
    from models.operations.erasing_documents import sweep

    return sweep(memory.database, DocumentStore(load_local_settings().documents))


@contextmanager
def _memory() -> Iterator[Memory]:
    """What the bot works with, closed at the end."""
    from bot.settings import load_local_settings

    with opened(load_local_settings()) as database:
        yield memory_of(database)
