"""The actions that rules may name. They only collect what is said; nothing happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from business_rules.actions import BaseActions, rule_action
from business_rules.fields import FIELD_TEXT

from rules.decision import Said, Verdict

Method = TypeVar("Method", bound=Callable[..., None])


def action(*params: str) -> Callable[[Method], Method]:
    """Declares an action: the library's decorator, typed. Its parameters are texts."""
    return cast(Callable[[Method], Method], rule_action(params=dict.fromkeys(params, FIELD_TEXT)))


class Verdicts(BaseActions):  # type: ignore[misc]
    """Collects the verdicts of one rule. What a docstring says here is what docs/rules.md tells."""

    def __init__(self, rule: str, field: str | None) -> None:
        self._rule, self._field = rule, field
        self.collected: list[Verdict] = []

    @action("reason", "message")
    def block(self, reason: str, message: str) -> None:
        """The claim cannot go on as it is. `reason` is a short name for it; `message` says what to do."""
        self._collect("block", reason=reason, message=message)

    @action("message")
    def warn(self, message: str) -> None:
        """Something to think about, which does not stand in the way."""
        self._collect("warn", message=message)

    @action("programme")
    def eligible(self, programme: str) -> None:
        """The claim can bring money under this engagement, named by its id in the catalogue."""
        self._collect("eligible", programme=programme)

    @action("reason", "message")
    def ineligible(self, reason: str, message: str) -> None:
        """The claim brings no money. `reason` is a short name for it; `message` says why."""
        self._collect("ineligible", reason=reason, message=message)

    @action("reason", "message")
    def suggest(self, reason: str, message: str) -> None:
        """A hint to the reviewer. `reason` is one of the reasons for more information, by its id in reasons.yaml."""
        self._collect("suggest", reason=reason, message=message)

    @action("whom", "what")
    def notify(self, whom: str, what: str) -> None:
        """Somebody is told of what has just happened."""
        self._collect("notify", whom=whom, what=what)

    def _collect(self, kind: Said, **said: str) -> None:
        self.collected.append(Verdict(kind=kind, rule=self._rule, field=self._field, **said))


ACTIONS: Mapping[str, tuple[str, ...]] = {
    one["name"]: tuple(param["name"] for param in one["params"]) for one in Verdicts.get_all_actions()
}
"""The actions by name with their parameters, as the library exports them."""
