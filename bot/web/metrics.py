"""What can be measured, for Prometheus. Labels take few values: a person, a claim or a channel is never one.

docs/metrics.md is made from this, and docs/grafana.json shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock
from time import perf_counter
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from slack_bolt import App, BoltRequest, BoltResponse
from structlog import get_logger

from bot.shapes import Misshapen, shaped
from models.observing import Observer

# Seconds. Slack shows an error 3 s after its request, the answer's way included; the aim is below 1 s at the 95th part.
ACK_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5)
# Our own limit on a call is 8 s (bot/wiring.py).
CALL_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
# A reminder is taken within ten seconds of its moment, unless nothing ran at the time.
LATE_BUCKETS = (1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0, 86400.0)
JOB_BUCKETS = (0.01, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0)

_INTERACTIONS = {
    "block_actions": "action",
    "block_suggestion": "options",
    "view_submission": "view",
    "view_closed": "view",
    "shortcut": "shortcut",
    "message_action": "shortcut",
    "event_callback": "event",
}

log = get_logger(__name__)


class Metrics(Observer):
    """The counters of one installation, in a registry of their own; the methods say what they count.

    Args:
        now: seconds that only ever go up.
    """

    def __init__(self, registry: CollectorRegistry | None = None, *, now: Callable[[], float] = perf_counter) -> None:
        self.registry = registry or CollectorRegistry()
        self._now = now
        self._began: dict[str, float] = {}
        self._lock = Lock()
        ProcessCollector(registry=self.registry)
        self._acks = self._histogram(
            "claimbot_ack_seconds",
            "Time until Slack was answered, by kind of request and outcome",
            ACK_BUCKETS,
            "kind",
            "outcome",
        )
        self._refusals = self._counter(
            "claimbot_refusals", "Actions refused, by the condition that failed", "condition"
        )
        self._operations = self._counter(
            "claimbot_operations", "What happened to claims, by action and outcome", "action", "outcome"
        )
        self._duplicates = self._counter(
            "claimbot_duplicate_deliveries", "Deliveries of Slack's that came again and had no effect"
        )
        self._deliveries = self._counter("claimbot_deliveries", "Attempts to send a message, by outcome", "outcome")
        self._calls = self._histogram(
            "claimbot_slack_call_seconds",
            "How long calls of Slack's API took, by method and outcome",
            CALL_BUCKETS,
            "method",
            "outcome",
        )
        self._late = self._histogram(
            "claimbot_reminder_late_seconds", "How long after its moment a reminder was taken", LATE_BUCKETS
        )
        self._jobs = self._histogram(
            "claimbot_job_seconds", "How long a run of a job took, by job and outcome", JOB_BUCKETS, "job", "outcome"
        )
        self._installations = self._counter(
            "claimbot_installations", "Workspaces of partners that came, went, or were turned away, by event", "event"
        )
        self._depth = self._gauge("claimbot_outbox_depth", "Messages waiting to be sent")
        self._dead = self._gauge("claimbot_outbox_dead", "Messages given up, which somebody has to see to")
        self._age = self._gauge("claimbot_outbox_age_seconds", "How late the oldest waiting message is")

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(name, help_text, labels, registry=self.registry)

    def _gauge(self, name: str, help_text: str) -> Gauge:
        return Gauge(name, help_text, registry=self.registry)

    def _histogram(self, name: str, help_text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, help_text, labels, buckets=buckets, registry=self.registry)

    def acknowledged(self, kind: str, outcome: str, seconds: float) -> None:
        """Slack was answered after `seconds`. `kind` as of `kind_of`, `outcome` as of `timed_dispatch`."""
        self._acks.labels(kind, outcome).observe(seconds)

    def refused(self, condition: str) -> None:
        """Somebody was refused; `condition` is the name of the one that failed."""
        self._refusals.labels(condition).inc()

    def operated(self, action: str, outcome: str) -> None:
        self._operations.labels(action, outcome).inc()

    def repeated(self) -> None:
        self._duplicates.inc()

    def reminded(self, lates: Sequence[timedelta]) -> None:
        for late in lates:
            self._late.observe(late.total_seconds())

    def delivered(self, outcome: str) -> None:
        """An attempt to send an outbox row ended, in one of few outcomes such as sent, retried, dead."""
        self._deliveries.labels(outcome).inc()

    def called(self, method: str, outcome: str, seconds: float) -> None:
        """A call of Slack's API ended: ok, rate_limited, refused, or unreachable."""
        self._calls.labels(method, outcome).observe(seconds)

    def installation(self, event: str) -> None:
        """A workspace installed the app, or took it away: installed, uninstalled; or an attempt ended otherwise:
        denied on Slack's page, expired, failed.
        """
        self._installations.labels(event).inc()

    def outbox(self, depth: int, dead: int, age: timedelta) -> None:
        """`depth` rows wait to be sent, the oldest for `age`; `dead` were given up."""
        self._depth.set(depth)
        self._dead.set(dead)
        self._age.set(age.total_seconds())

    @contextmanager
    def job(self, name: str) -> Iterator[None]:
        """Within the block a job runs."""
        began = self._now()
        with self._lock:
            self._began[name] = began
        outcome = "failed"
        try:
            yield
            outcome = "ok"
        finally:
            with self._lock:
                del self._began[name]
            self._jobs.labels(name, outcome).observe(self._now() - began)

    def running(self, longer_than: timedelta) -> list[str]:
        """The jobs whose run began longer ago and has not ended."""
        with self._lock:
            began = dict(self._began)
        return sorted(name for name, at in began.items() if self._now() - at > longer_than.total_seconds())

    def render(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)


def kind_of(body: Any) -> str:
    """What Slack's request is: command, action, options, view, shortcut, event or other."""
    if not isinstance(body, Mapping):
        return "other"
    if "command" in body:
        return "command"
    return _INTERACTIONS.get(str(body.get("type")), "other")


def timed_dispatch(
    app: App, request: BoltRequest, metrics: Metrics, *, now: Callable[[], float] = perf_counter
) -> BoltResponse:
    """Have Bolt handle `request`, over HTTP as through Socket Mode, and measure how long Slack waits for the answer.

    Outcomes: ok, refused (no valid signature, or nothing that Slack sends), unhandled (nobody listens, or the listener
    was too slow), failed.
    """
    started = now()
    status, kind = 500, kind_of(request.body)
    try:
        response = _answered(app, request, kind)
        status = response.status
        return response
    finally:
        # An unsigned body is nobody's word: it gets no say in the labels.
        outcome, seconds = _outcome(status), now() - started
        kind = "other" if outcome == "refused" else kind
        metrics.acknowledged(kind, outcome, seconds)
        log.info("acknowledged", kind=kind, outcome=outcome, latency_ms=round(seconds * 1000, 1))


def _answered(app: App, request: BoltRequest, kind: str) -> BoltResponse:
    try:
        request.body = shaped(request.body)
        return app.dispatch(request)
    except Misshapen as fault:
        # To whoever does not sign, Bolt says the same as ever; nobody listens to what has no type.
        request.body = {}
        response = app.dispatch(request)
        if response.status != 404:
            return response
        log.warning("misshapen", kind=kind, problem=str(fault))
        # Slack repeats an event that is not acknowledged, and in the end sends none at all.
        return BoltResponse(status=200 if kind == "event" else 400, body="")


def _outcome(status: int) -> str:
    if status < 400:
        return "ok"
    return {400: "refused", 401: "refused", 404: "unhandled"}.get(status, "failed")
