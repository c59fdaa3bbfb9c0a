"""What can be measured, for Prometheus. Labels take few values: a person, a claim or a channel is never one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from slack_bolt import App, BoltRequest, BoltResponse

# Seconds. Slack shows an error 3 s after its request, the answer's way included; the aim is below 1 s at the 95th part.
ACK_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 2.5)

_INTERACTIONS = {
    "block_actions": "action",
    "block_suggestion": "options",
    "view_submission": "view",
    "view_closed": "view",
    "shortcut": "shortcut",
    "message_action": "shortcut",
    "event_callback": "event",
}


class Metrics:
    """The counters of one installation, in a registry of their own; the methods say what they count."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self.registry = registry or CollectorRegistry()
        self._acks = Histogram(
            "claimbot_ack_seconds",
            "Time until Slack was answered",
            ["kind", "outcome"],
            buckets=ACK_BUCKETS,
            registry=self.registry,
        )
        self._refusals = self._counter(
            "claimbot_refusals", "Actions refused, by the condition that failed", "condition"
        )
        self._operations = self._counter("claimbot_operations", "What happened to claims", "action", "outcome")
        self._duplicates = self._counter(
            "claimbot_duplicate_deliveries", "Deliveries that had had their effect", "kind"
        )
        self._deliveries = self._counter("claimbot_deliveries", "Attempts to tell Slack something", "outcome")
        self._depth = Gauge("claimbot_outbox_depth", "Messages waiting to be sent", registry=self.registry)
        self._age = Gauge(
            "claimbot_outbox_age_seconds", "How late the oldest waiting message is", registry=self.registry
        )

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(name, help_text, labels, registry=self.registry)

    def acknowledged(self, kind: str, outcome: str, seconds: float) -> None:
        """Slack was answered after `seconds`. `kind` as of `kind_of`, `outcome` as of `timed_dispatch`."""
        self._acks.labels(kind, outcome).observe(seconds)

    def refused(self, condition: str) -> None:
        """Somebody was refused; `condition` is the name of the one that failed."""
        self._refusals.labels(condition).inc()

    def operated(self, action: str, outcome: str) -> None:
        """An operation on a claim ended; `action` is one of the lifecycle's."""
        self._operations.labels(action, outcome).inc()

    def duplicate(self, kind: str) -> None:
        """A delivery came again and had no effect. `kind` as of `kind_of`."""
        self._duplicates.labels(kind).inc()

    def delivered(self, outcome: str) -> None:
        """An attempt to send an outbox row ended, in one of few outcomes such as sent, retried, dead."""
        self._deliveries.labels(outcome).inc()

    def outbox(self, depth: int, age: float) -> None:
        """`depth` rows wait to be sent, the oldest for `age` seconds."""
        self._depth.set(depth)
        self._age.set(age)

    def render(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)


def kind_of(body: Mapping[str, Any]) -> str:
    """What Slack's request is: command, action, options, view, shortcut, event or other."""
    if "command" in body:
        return "command"
    return _INTERACTIONS.get(str(body.get("type")), "other")


def timed_dispatch(
    app: App, request: BoltRequest, metrics: Metrics, *, now: Callable[[], float] = perf_counter
) -> BoltResponse:
    """Have Bolt handle `request`, over HTTP as through Socket Mode, and measure how long Slack waits for the answer.

    Outcomes: ok, refused (no valid signature), unhandled (nobody listens, or the listener was too slow), failed.
    """
    started = now()
    status = 500
    try:
        response = app.dispatch(request)
        status = response.status
        return response
    finally:
        # An unsigned body is nobody's word: it gets no say in the labels.
        kind = "other" if status == 401 else kind_of(request.body)
        metrics.acknowledged(kind, _outcome(status), now() - started)


def _outcome(status: int) -> str:
    if status < 400:
        return "ok"
    return {401: "refused", 404: "unhandled"}.get(status, "failed")
