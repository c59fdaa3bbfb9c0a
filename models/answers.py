"""The words in which operations and queries answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rules.decision import Decision
from rules.lifecycle import Status
from rules.permissions import Refusal


@dataclass(frozen=True, slots=True)
class Who:
    """A Slack user as the signed payload names them: user ids alone are not unique across workspaces."""

    team: str
    user: str


@dataclass(frozen=True, slots=True)
class Done:
    """What an operation did. ``repeated``: this very delivery had its effect before, and nothing happened now."""

    number: str
    status: Status
    version: int
    changed: bool = True
    repeated: bool = False


class Refused(Exception):
    """The person may not do this, or not now. Nothing was changed. ``status`` is how the claim stands, if visible."""

    def __init__(self, refusal: Refusal, status: Status | None = None) -> None:
        super().__init__(refusal.condition)
        self.refusal = refusal
        self.status = status


class Invalid(Exception):
    """Some fields cannot be taken as they were typed: field id -> what is wrong. Nothing was changed."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


class Blocked(Exception):
    """A rule set decided against it; the decision says why. Nothing was changed."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision.rule_set)
        self.decision = decision


class Overtaken(Exception):
    """Somebody changed the claim since the form was opened. Nothing was changed."""

    def __init__(self, number: str, version: int, by: str | None) -> None:
        super().__init__(number)
        self.number = number
        self.version = version
        self.by = by or "Somebody"
