"""How long Slack waits for the answer to ``/claim list`` and ``/claim show``, beside a listener that does nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from sqlalchemy import func, select

from benchmarks.load import Load, Measured, elsewhere
from benchmarks.results import Figure, Result
from bot.cli.demo import DEMO
from bot.demo.claims import EXAMPLE, Planter, plant
from bot.settings import load_settings
from bot.web import Metrics, build_web, serve_web
from bot.wiring import Claimbot, build
from models.answers import Who
from models.directory import import_directory, parse_directory
from models.documents import DocumentStore
from models.tables import Claim
from sandbox.objects import Team
from sandbox.server import Sandbox

TEAM = "T0BENCH"
ANA = Who(TEAM, "U0ANA")
CHANNEL = "C0CONTOSO"
LONGEST_P99 = 50  # milliseconds, with the most users
SMALLEST_SHARE = 0.25  # of the empty listener's rate, with the most users


def run(*, claims: int = 300, requests: int = 4000, users: Sequence[int] = (1, 32)) -> Result:
    """Measure.

    Args:
        claims: how many there are beside the demo's.
        requests: how many commands are sent for each figure, by all users together.
        users: how many people at once; the targets are about the last of these numbers.
    """
    with (
        Sandbox(team=Team(TEAM, "Benchmark", "bench")) as slack,
        _claimbot(slack, claims) as claimbot,
        _empty_listener(slack) as empty,
        elsewhere() as measure,
    ):
        slack.add_user(ANA.user, "Ana")
        slack.add_channel(CHANNEL, "contoso", [ANA.user])

        def load(url: str, texts: Sequence[str], crowd: int, count: int) -> Load:
            # The first list goes there: once it was drawn, lists are within the acknowledgement.
            beside = slack.response_urls.issue("commands", ANA.user, CHANNEL)
            return Load(url, slack.app.signing_secret, "/claim", TEAM, ANA.user, CHANNEL, texts, crowd, count, beside)

        def measured(url: str, texts: Sequence[str], crowd: int) -> Measured:
            # Connections are opened, statements compiled, plans made.
            measure(load(url, texts, crowd, max(crowd, requests // 10)))
            return measure(load(url, texts, crowd, requests))

        url = f"{claimbot.url}/slack/events"
        numbers = _numbers(claimbot)
        rounds = {"list": ["list"], "show": [f"show {number}" for number in numbers]}
        figures: list[Figure] = []
        for crowd in users:
            base = measured(empty, ["list"], crowd)
            for word, texts in rounds.items():
                found = measured(url, texts, crowd)
                figures += _figures(f"/claim {word}, {crowd} at once", found, base, last=crowd == users[-1])
    about = f"signed HTTP; {claims} claims and the demo's; the baseline is an empty Bolt listener"
    return Result("acks: how long Slack waits for an answer", about, tuple(figures))


def _figures(name: str, found: Measured, base: Measured, *, last: bool) -> Iterator[Figure]:
    p50, p99 = found.milliseconds(0.5), found.milliseconds(0.99)
    yield Figure(f"{name}: p50", p50, "ms", base.milliseconds(0.5))
    if last:
        yield Figure(f"{name}: p99", p99, "ms", base.milliseconds(0.99), f"< {LONGEST_P99} ms", p99 < LONGEST_P99)
        enough = found.rate >= SMALLEST_SHARE * base.rate
        yield Figure(f"{name}: rate", found.rate, "/s", base.rate, f"ratio >= {SMALLEST_SHARE}", enough)
    else:
        yield Figure(f"{name}: p99", p99, "ms", base.milliseconds(0.99))
        yield Figure(f"{name}: rate", found.rate, "/s", base.rate)


@contextmanager
def _claimbot(slack: Sandbox, claims: int) -> Iterator[Claimbot]:
    """The bot as `claimbot serve` builds it, listening, with its claims; what it has to tell Slack stays untold."""
    with TemporaryDirectory(prefix="claimbot-") as folder:
        settings = load_settings(
            _env_file=None,
            slack_bot_token=slack.app.bot_token,
            slack_signing_secret=slack.app.signing_secret,
            slack_app_token=None,
            slack_api_url=f"{slack.base_url}/api/",  # asked once whose token it is
            database_url=None,
            documents_url=None,
            data_dir=Path(folder),
            port=0,
        )
        claimbot = build(settings)
        try:
            _fill(claimbot, claims)
            claimbot.listen()
            yield claimbot
        finally:
            claimbot.stop()


def _fill(claimbot: Claimbot, claims: int) -> None:
    memory = claimbot.memory
    memory.database.upgrade()
    with memory.database.transaction() as session:
        text = (DEMO / "directory.yaml").read_text(encoding="utf-8")
        import_directory(session, parse_directory(text, "directory.yaml"), team=TEAM)
    store = DocumentStore(claimbot.settings.documents)
    plant(memory, store, TEAM)
    planter = Planter(memory, store, TEAM, memory.clock())
    for number in range(claims):
        values: dict[str, Any] = {
            **EXAMPLE,
            "claim_name": f"Customer {number}: Teams roll-out",
            "customer_name": f"Customer {number}",
            "customer_tenant_id": f"00000000-0000-4000-8000-{number:012d}",
        }
        planter.filed(ANA, days_ago=1, **values)


def _numbers(claimbot: Claimbot) -> list[str]:
    """The numbers of some claims of Ana's, whatever their status."""
    with claimbot.memory.database.transaction() as session:
        partner = select(func.min(Claim.partner_id)).scalar_subquery()
        found = session.scalars(select(Claim).where(Claim.partner_id == partner).order_by(Claim.id).limit(32))
        return [claim.number for claim in found]


@contextmanager
def _empty_listener(slack: Sandbox) -> Iterator[str]:
    """The address of an app that acknowledges and does nothing, set up and served as the bot is."""
    app = App(
        client=WebClient(token=slack.app.bot_token, base_url=f"{slack.base_url}/api/"),
        signing_secret=slack.app.signing_secret,
        process_before_response=True,
        token_verification_enabled=False,
        raise_error_for_unhandled_request=False,
    )

    def acknowledge(ack: Ack) -> None:
        ack()

    app.command("/claim")(acknowledge)
    server = serve_web(build_web(app, probes={}, metrics=Metrics()), "127.0.0.1", 0)
    try:
        yield f"{server.url}/slack/events"
    finally:
        server.stop()
