"""The faults that can be switched on by hand, in words; made by `sandbox/faults.py`."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import SandboxError
from sandbox.faults import Faults, Kind, Planned
from sandbox.objects import Json
from sandbox.web_api import METHODS

# Longer than any client of ours waits (8 s), and short enough that the sandbox's own threads come free again.
HOLD = 10.0

CALLS = {
    "*": "every call",
    "chat.*": "messages (chat.*)",
    "views.*": "forms and Home (views.*)",
    "conversations.*": "channels (conversations.*)",
    "users.*": "people (users.*)",
    "files.*": "files (files.*)",
    "download": "downloads of files",
    "response_url": "response_url",
}
DELIVERIES = {
    "*": "every delivery",
    "command": "commands",
    "block_actions": "button presses and choices",
    "view_submission": "forms sent",
    "block_suggestion": "options asked for",
    "event": "events",
}
# `times`, as the form sends it.
OFTEN = {"1": "once", "3": "3 times", "10": "10 times", "": "until switched off"}
SECONDS = {"1": "1 second", "5": "5 seconds", "30": "30 seconds"}


@dataclass(frozen=True)
class Offer:
    """A kind of fault somebody can switch on; `make` does so, given pattern, times and Retry-After in seconds."""

    kind: Kind
    name: str
    about: str
    places: dict[str, str]
    make: Callable[[Faults, str, int | None, int], Planned]


OFFERS = [
    Offer(
        "rate_limit",
        "Rate limit",
        "Slack answers 429 and says how long to wait.",
        CALLS,
        lambda faults, where, times, wait: faults.rate_limit(where, retry_after=wait, times=times),
    ),
    Offer(
        "status",
        "Outage",
        "Slack answers HTTP 500; nothing happens.",
        CALLS,
        lambda faults, where, times, wait: faults.fail(where, times=times),
    ),
    Offer(
        "time_out",
        "Time-out",
        f"Slack says nothing for {HOLD:g} seconds and hangs up.",
        CALLS,
        lambda faults, where, times, wait: faults.time_out(where, hold=HOLD, times=times),
    ),
    Offer(
        "lose_answer",
        "Lost answer",
        "The call has its full effect; the answer never arrives.",
        CALLS,
        lambda faults, where, times, wait: faults.lose_answer(where, times=times),
    ),
    Offer(
        "repeat",
        "Repeated delivery",
        "What people do reaches the app a second time.",
        DELIVERIES,
        lambda faults, where, times, wait: faults.repeat(where, times=times),
    ),
]
_BY_KIND: dict[str, Offer] = {offer.kind: offer for offer in OFFERS}


@dataclass(frozen=True)
class Active:
    """A fault that is on: what it does, where, and how long still."""

    kind: Kind
    name: str
    where: str
    left: str
    happened: int


def methods() -> list[str]:
    """Every method of the Web API, for a fault in one alone."""
    return sorted(METHODS)


def active(faults: Faults) -> list[Active]:
    """What is on at present. A plan that no offer here makes (a test's) is named as it is."""
    return [_described(plan) for plan in faults.active]


def _described(plan: Planned) -> Active:
    offer = _BY_KIND.get(plan.kind)
    left = "until switched off" if plan.times is None else f"{plan.times} more time{'s' if plan.times > 1 else ''}"
    where = (offer.places if offer else {}).get(plan.pattern, plan.pattern)
    return Active(plan.kind, offer.name if offer else plan.kind, where, left, plan.happened)


def switch_on(faults: Faults, given: Json) -> None:
    """`kind`, `where`, `times`, `retry_after`, as the form sends them; takes the place of another of its kind.

    Raises SandboxError where the form was tampered with.
    """
    kind, where, times, wait = (str(given.get(name) or "") for name in ("kind", "where", "times", "retry_after"))
    offer = _BY_KIND.get(kind)
    known = offer is not None and (where in offer.places or (offer.places is CALLS and where in METHODS))
    if offer is None or not known or times not in OFTEN or (wait or "1") not in SECONDS:
        raise SandboxError("There is no such fault.")
    faults.end(offer.kind)
    offer.make(faults, where, int(times) if times else None, int(wait or 1))


def switch_off(faults: Faults, kind: str) -> None:
    """One kind of fault, or with no kind all of them."""
    if not kind:
        faults.clear()
    elif kind in _BY_KIND:
        faults.end(_BY_KIND[kind].kind)
