"""`claimbot demo`: a local Slack, the bot and a database in one command, with a small programme in it."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from bot.cli.plainly import expected_errors, fail

if TYPE_CHECKING:
    from bot.demo.clock import SettableClock
    from bot.demo.mailbox import Mailbox
    from bot.wiring import Claimbot
    from sandbox.server import Sandbox

DEMO = Path(__file__).parents[1] / "demo"
MANIFEST = Path(__file__).parents[2] / "manifest.yaml"

# Who else is in the local Slack, and who sits in which channel: people, not the directory, decide that.
CHANNELS = {
    "C0CONTOSO": ("contoso-claims", ("U0ANA", "U0IVO", "U0GIL")),
    "C0FABRIKAM": ("fabrikam-claims", ("U0BO",)),
    "C0REVIEW": ("claim-reviews", ("U0ROSA", "U0REMY", "U0RUI")),
    "C0HALL": ("town-square", ("U0ANA", "U0IVO", "U0GIL", "U0BO", "U0ROSA", "U0REMY", "U0RUI")),
}


def register(main: typer.Typer) -> None:
    """Add the command to `main`."""
    main.command()(demo)


def demo(
    fresh: Annotated[bool, typer.Option("--fresh", help="Start over: forget what was done before.")] = False,
    port: Annotated[int, typer.Option(help="Where the page is; 0 takes any free port.")] = 3000,
) -> None:
    """Try claimbot in a local Slack in the browser. Nothing leaves this machine; Ctrl-C ends everything."""
    from bot.cli.serve import told_to_stop
    from bot.demo.clock import SettableClock
    from bot.logs import configure_logging
    from bot.settings import load_local_settings

    with expected_errors():
        configure_logging("WARNING")
        folder = load_local_settings().data_dir / "demo"
        if fresh and folder.exists():
            shutil.rmtree(folder)
        with told_to_stop() as told, running(folder, port, SettableClock(folder / "time-moved")) as (sandbox, _):
            typer.echo(f"\n  claimbot is ready:  {sandbox.base_url}/\n")
            typer.echo("  Mail is not sent: the page has a mailbox.\n\n  Ctrl-C ends it.\n")
            told.wait()


@contextmanager
def running(folder: Path, port: int, clock: SettableClock) -> Iterator[tuple[Sandbox, Claimbot]]:
    """The whole demo at work: the local Slack on ``port`` (0: any), and the bot with all its memory in ``folder``."""
    from bot.demo.mailbox import Mailbox
    from bot.demo.moves import Moves
    from bot.demo.tour import ENDING, steps

    with _slack(port, clock) as sandbox:
        mailbox = Mailbox(folder / "mail", lambda: sandbox.workspace.notify("mail"))
        claimbot = _bot(sandbox, folder, clock, mailbox)
        sandbox.page.add_mailbox(mailbox)
        sandbox.page.add_tour(steps(claimbot.memory), ENDING)
        for label, move in Moves(clock, claimbot.memory, claimbot.beats):
            sandbox.page.add_action(label, move)
        try:
            claimbot.start()
            sandbox.connect_http(f"{claimbot.url}/slack/events")
            yield sandbox, claimbot
        finally:
            claimbot.stop()


def _slack(port: int, clock: Callable[[], datetime]) -> Sandbox:
    import yaml

    from sandbox.objects import Team
    from sandbox.server import Sandbox

    try:
        sandbox = Sandbox(clock, team=Team("T0DEMO", "Example programme", "example"), port=port)
    except OSError:
        fail(f"Port {port} is taken by another program. Choose one: claimbot demo --port 3100 (or 0 for any)")
    sandbox.install(yaml.safe_load(MANIFEST.read_text(encoding="utf-8")))
    directory: dict[str, Any] = yaml.safe_load((DEMO / "directory.yaml").read_text(encoding="utf-8"))
    zone = directory["programme"]["timezone"]
    for one in directory["reviewers"]:
        title = "Lead reviewer" if one.get("lead") else "Reviewer"
        sandbox.add_user(one["slack"], one["name"], one["email"], tz=zone, title=title)
    for partner in directory["partners"]:
        for one in partner["members"]:
            title = f"{partner['name']}, {' and '.join(one['roles']).replace('_', ' ')}"
            sandbox.add_user(one["slack"], one["name"], one["email"], tz=partner["timezone"], title=title)
    for channel, (name, members) in CHANNELS.items():
        sandbox.add_channel(channel, name, list(members), private=channel != "C0HALL")
    return sandbox


def _bot(sandbox: Sandbox, folder: Path, clock: Callable[[], datetime], mailbox: Mailbox) -> Claimbot:
    from bot.demo.claims import plant
    from bot.settings import load_settings
    from bot.wiring import build
    from models.directory import import_directory, parse_directory
    from models.documents import DocumentStore
    from models.operations.reposting import repost
    from models.tables import Claim

    settings = load_settings(
        _env_file=None,
        slack_bot_token=sandbox.app.bot_token,
        slack_signing_secret=sandbox.app.signing_secret,
        slack_app_token=None,
        slack_api_url=f"{sandbox.base_url}/api/",
        database_url=None,
        documents_url=None,
        data_dir=folder,
        port=_beside(urlsplit(sandbox.base_url).port or 0),
    )
    # A local Slack has no pace to keep.
    claimbot = build(settings, clock=clock, pace=timedelta(0), post=mailbox)
    memory = claimbot.memory
    memory.database.upgrade()
    team = sandbox.workspace.team.id
    with memory.database.transaction() as session:
        text = (DEMO / "directory.yaml").read_text(encoding="utf-8")
        import_directory(session, parse_directory(text, "directory.yaml"), team=team)
        empty = session.query(Claim.id).first() is None
    if empty:
        plant(memory, DocumentStore(settings.documents), team)
    # The local Slack begins empty each time; the database does not.
    repost(memory)
    return claimbot


def _beside(port: int) -> int:
    """The next port where it is free, else any: a customer's link in yesterday's mail leads somewhere today."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port + 1))
        except (OSError, OverflowError):
            return 0
    return port + 1
