"""The composition root: the one place where everything is opened and put together, for serve, demo and tests alike."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from random import SystemRandom
from secrets import token_urlsafe
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import ConnectionErrorRetryHandler, ServerErrorRetryHandler

from bot.app import build_app
from bot.checks.slack import wanted_scopes
from bot.conversations.accounts import look_through
from bot.delivery.courier import build_courier
from bot.delivery.exports import upload
from bot.delivery.mail import Mails
from bot.delivery.pace import PacedClient
from bot.desk import Desk, made_now
from bot.logs import CarryingExecutor, bind_request
from bot.mail.smtp import Post, SmtpPost
from bot.settings import Settings
from bot.slack_client import MeasuredClient
from bot.socket_mode import SocketMode
from bot.web import Metrics, Probe, Server, build_web, serve_web
from bot.web.consent import build_consent
from bot.web.install import build_install, open_door
from bot.workspaces import Workspaces
from jobs.deadlines import sweep
from jobs.delivery import PACE, Delivery
from jobs.digest import digest
from jobs.exports import Exports
from jobs.reminders import remind
from jobs.retention import retention, unshare_exports
from jobs.ticker import Beat, Ticker
from jobs.trouble import trouble
from models.database import Database
from models.documents import DocumentStore
from models.memory import Memory
from models.operations import exports, outbox
from models.operations.sealing import seal
from models.operations.tidying import tidy
from rules import calendar
from rules.loading import Programme, load_programme

# Somebody waits behind most calls, and Slack waits three seconds for us; the SDK's own limit is 30.
SLACK_SECONDS = 8
# How late the oldest message may be before this replica says that it is not ready.
STUCK = timedelta(minutes=2)
# A connection that was lost, and Slack's own 500 and 503.
_RETRIED = (ConnectionErrorRetryHandler, ServerErrorRetryHandler)
_TELLERS = 8
# Slow answers that are made at once. Each of them keeps the database busy.
_ASIDE = 2
# How long a slow answer may take until the person is told that it comes later: Slack waits three seconds.
PATIENCE = timedelta(seconds=1)
_CARRIERS = 8
# Also how late a message may be after its lane's pause is over.
_DELIVERING = timedelta(milliseconds=250)
# How late the clock may act and a reminder may come.
_SWEEPING = timedelta(seconds=10)
# How late an export may begin whose ring nobody heard.
_EXPORTING = timedelta(seconds=5)
# Slack tells of a closed account at once; this finds the one of which nobody heard.
_ACCOUNTS = timedelta(hours=6)
_RETENTION = timedelta(days=1)
# How late an export may leave Slack.
_LEAVING = timedelta(hours=1)

log = structlog.get_logger("claimbot")


def utc_now() -> datetime:
    """The real time."""
    return datetime.now(UTC)


@dataclass
class Claimbot:
    """The whole bot, built and not yet started."""

    settings: Settings
    memory: Memory
    desk: Desk
    app: App
    web: Flask
    delivery: Delivery
    ticker: Ticker
    # What happens by itself as time goes by, in the order in which it is worth doing: the ticker's, and the demo's.
    beats: list[Beat]
    tellers: ThreadPoolExecutor
    makers: ThreadPoolExecutor
    carriers: ThreadPoolExecutor
    server: Server | None = None
    socket_mode: SocketMode | None = None

    @property
    def url(self) -> str:
        """Where the web side listens, once started."""
        if self.server is None:
            raise RuntimeError("not started")
        return self.server.url

    def start(self) -> None:
        """Bring the schema up to date, listen to Slack, and begin to deliver."""
        self.memory.database.upgrade()
        calendar.countries()  # nobody should have to wait for that
        self.listen()
        self.ticker.start()

    def listen(self) -> None:
        """Listen to Slack; nothing is delivered by itself yet."""
        self.server = serve_web(
            self.web, self.settings.host, self.settings.port, trusted_proxy=self.settings.trusted_proxy
        )
        if self.socket_mode is not None:
            self.socket_mode.connect()  # type: ignore[no-untyped-call]
        log.info("started", mode="socket" if self.socket_mode else "http", url=self.server.url)

    def stop(self) -> None:
        """Stop listening first, then finish what is under way. Safe to call again, or without a start."""
        if self.socket_mode is not None:
            self.socket_mode.close()
        if self.server is not None:
            self.server.stop()
        self.ticker.stop()
        self.delivery.stop()
        self.carriers.shutdown(wait=True)
        self.makers.shutdown(wait=True)
        self.tellers.shutdown(wait=True)
        self.memory.database.close()
        log.info("stopped")


def build(
    settings: Settings,
    *,
    clock: Callable[[], datetime] = utc_now,
    new_key: Callable[[], str] = lambda: uuid4().hex,
    new_token: Callable[[], str] = token_urlsafe,
    post: Post | None = None,
    database: Database | None = None,
    programme: Programme | None = None,
    at_once: bool = False,
    pace: timedelta = PACE,
    patience: timedelta = PATIENCE,
) -> Claimbot:
    """Put everything together; nothing listens and nothing ticks until ``start``.

    Args:
        clock: the present moment, aware.
        new_key: a random string that nobody has had.
        new_token: a random string that nobody can guess: whoever has it may opt out for a customer.
        post: instead of the mail server that the settings name.
        database: instead of the one that the settings name; closed by ``stop`` all the same.
        programme: instead of the one that the settings name.
        at_once: calls to Slack happen before the answer to a request, not beside it: for tests.
        patience: how long a slow answer may take until the person is told that it comes later.
        pace: the pause between two posts in a channel (Slack: about one a second); zero: no limit of Slack's is kept.

    Raises:
        ProgrammeError: the rules have faults.
    """
    programme = programme or load_programme(settings.rules_dir)
    url = settings.database_url.get_secret_value() if settings.database_url else None
    memory = Memory(
        database or Database(url, settings.data_dir),
        programme,
        clock,
        review_channel=settings.review_channel,
        country=settings.programme_country,
        timezone=settings.programme_timezone,
    )
    metrics = Metrics()
    memory.database.watch(metrics)
    tellers = CarryingExecutor(_TELLERS, thread_name_prefix="tell-slack")
    makers = CarryingExecutor(_ASIDE, thread_name_prefix="make-answer")

    def client(team: str, token: str | None) -> WebClient:
        return MeasuredClient(metrics=metrics, token=token, **_access(settings, retries=1))

    own = client("", settings.slack_bot_token.get_secret_value())
    door = (
        open_door(
            settings,
            memory,
            own,
            client("", None),
            scopes=sorted(wanted_scopes()),
            new_token=new_token,
            metrics=metrics,
        )
        if settings.slack_client_id
        else None
    )
    installed = door.installed if door is not None else None
    spoken = Workspaces(own, installed, client)
    desk = Desk(
        memory=memory,
        workspaces=spoken,
        command=settings.command_name,
        new_key=new_key,
        later=_now if at_once else _on(tellers),
        metrics=metrics,
        aside=made_now if at_once else makers.submit,
        patience=patience.total_seconds(),
    )
    secret = settings.slack_signing_secret
    app = build_app(desk, signing_secret=secret.get_secret_value() if secret else None, door=door)
    # The outbox counts and repeats its own attempts.
    mails = Mails(
        desk,
        post or _post(settings),
        address=lambda: settings.public_url or claimbot.url,
        slack=settings.slack_api_url.removesuffix("/api/"),
        new_token=new_token,
    )

    def paced(team: str, token: str) -> WebClient:
        access = {"metrics": metrics, "token": token, **_access(settings, retries=0)}
        if not pace:
            return MeasuredClient(**access)
        return PacedClient(database=memory.database, clock=clock, workspace=team, **access)

    written = Workspaces(paced("", settings.slack_bot_token.get_secret_value()), installed, paced)
    store = DocumentStore(settings.documents)
    courier = build_courier(desk, written, store, mails)
    # Threads of its own: a Slack that hangs must not hold up what people wait for.
    carriers = ThreadPoolExecutor(_CARRIERS, thread_name_prefix="deliver")
    worker = f"{socket.gethostname()}:{os.getpid()}:{new_key()[:8]}"
    delivery = Delivery(
        memory.database,
        courier,
        carriers,
        clock=clock,
        random=SystemRandom(),
        worker=worker,
        batch=_CARRIERS,
        pace=pace,
        kinds=courier.kinds,
        on_outcome=lambda row, outcome: metrics.delivered(outcome),
    )
    # Two, so that nobody waits with a small export for somebody's large one.
    exporters = [
        Exports(memory, partial(upload, written), settings.data_dir / "exports", worker=f"{worker}:{n}") for n in (1, 2)
    ]
    beats = [
        Beat("deadlines", lambda: sweep(memory), _SWEEPING),
        Beat("remind", lambda: remind(memory), _SWEEPING),
        Beat("digest", lambda: digest(memory), _SWEEPING),
        Beat("deliver", delivery.wake, _DELIVERING, woken_by=outbox.CHANNEL),
        *(Beat(f"export {n}", one.run, _EXPORTING, woken_by=exports.CHANNEL) for n, one in enumerate(exporters, 1)),
        Beat("seal", lambda: seal(memory.database, clock()), timedelta(minutes=1)),
        Beat("accounts", lambda: look_through(memory, desk.workspaces), _ACCOUNTS),
        Beat("tidy", lambda: tidy(memory.database, clock()), timedelta(hours=1)),
        Beat("unshare", lambda: unshare_exports(memory), _LEAVING),
        Beat("retention", lambda: retention(memory, store), _RETENTION),
        Beat("measure", lambda: _measure(memory, metrics, courier.kinds), timedelta(seconds=15)),
    ]
    ticker = Ticker(memory.database)
    for beat in beats:
        ticker.add(beat.name, _measured(beat, metrics), beat.every, woken_by=beat.woken_by)
    token = settings.slack_app_token
    socket_mode = SocketMode(app, token.get_secret_value(), metrics) if token else None
    web = build_web(
        None if socket_mode else app,
        probes=_probes(memory, socket_mode, metrics, courier.kinds),
        metrics=metrics,
        pages=[build_consent(desk), *([build_install(door.flow)] if door else [])],
        token=settings.metrics_token.get_secret_value() if settings.metrics_token else None,
    )
    claimbot = Claimbot(
        settings, memory, desk, app, web, delivery, ticker, beats, tellers, makers, carriers, socket_mode=socket_mode
    )
    return claimbot


def _post(settings: Settings) -> Post | None:
    if settings.smtp_url is None or settings.mail_from is None:
        return None
    return SmtpPost(settings.smtp_url.get_secret_value(), settings.mail_from)


def _access(settings: Settings, retries: int) -> dict[str, Any]:
    return {
        "base_url": settings.slack_api_url,
        "timeout": SLACK_SECONDS,
        # Slack's trouble is mostly over a moment later, and who chose something in a form cannot choose it once more.
        "retry_handlers": [handler(max_retry_count=retries) for handler in _RETRIED] if retries else [],
    }


def _now(call: Callable[[], object]) -> None:
    _told(call)


def _on(pool: Executor) -> Callable[[Callable[[], object]], object]:
    return lambda call: pool.submit(_told, call)


def _told(call: Callable[[], object]) -> None:
    """Run one call to Slack; whoever is waiting for it sees nothing of a failure, so it goes to the log."""
    try:
        call()
    except Exception as error:
        log.warning("slack_not_told", **trouble(error))


def _measured(beat: Beat, metrics: Metrics) -> Callable[[], None]:
    def run() -> None:
        # What follows from this run bears its id in the log.
        with bind_request(f"{beat.name}-{uuid4().hex[:8]}"), metrics.job(beat.name):
            beat.job()

    return run


def _measure(memory: Memory, metrics: Metrics, kinds: Collection[str]) -> None:
    with memory.database.reading() as session:
        depth, age = outbox.depth_and_age(session, memory.clock(), kinds)
        metrics.outbox(depth, outbox.given_up(session), age)


def _probes(
    memory: Memory, socket_mode: SocketMode | None, metrics: Metrics, kinds: Collection[str]
) -> Mapping[str, Probe]:
    def database() -> str | None:
        # A replica of the next version may have upgraded it already: this one goes on until it is replaced.
        return None if memory.database.schema().usable else "the schema is not up to date"

    def delivery() -> str | None:
        with memory.database.transaction() as session:
            _, age = outbox.depth_and_age(session, memory.clock(), kinds)
        return None if age < STUCK else "messages to Slack are late"

    def jobs() -> str | None:
        stuck = metrics.running(longer_than=STUCK)
        return f"does not end: {', '.join(stuck)}" if stuck else None

    def connected() -> str | None:
        return None if socket_mode is not None and socket_mode.connected else "not connected"

    probes: dict[str, Probe] = {"database": database, "delivery": delivery, "jobs": jobs}
    return probes | ({"socket": connected} if socket_mode is not None else {})
