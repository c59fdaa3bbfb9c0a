"""Misbehaviour on demand: what a test or the demo tells the sandbox to do wrong, by method name and count."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

Kind = Literal["rate_limit", "status", "time_out", "lose_answer", "refuse", "repeat"]


@dataclass
class Planned:
    """One plan. `pattern` is a glob over Web API methods (`chat.*`), `response_url`, `upload`, `download`, or over
    deliveries (`command`, `block_actions`, `view_submission`, `event`, `event:app_mention` …).
    `times` is how often it is still to happen; None: until it is ended."""

    pattern: str
    kind: Kind
    times: int | None
    skip: int = 0
    retry_after: int = 1
    status: int = 500
    error: str = ""
    hold: float = 0.0
    copies: int = 1
    happened: int = 0
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def used_up(self) -> bool:
        return self.times == 0

    def use(self) -> None:
        self.happened += 1
        if self.times is not None:
            self.times -= 1


class Faults:
    """The plans. `changed` is called, without any lock, whenever one was made, happened or ended."""

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._lock = threading.Lock()
        self._planned: list[Planned] = []
        self._changed = changed

    def rate_limit(self, pattern: str, *, retry_after: int = 1, times: int | None = 1, skip: int = 0) -> Planned:
        """HTTP 429 with `Retry-After`; nothing happens."""
        return self._plan(Planned(pattern, "rate_limit", times, skip, retry_after=retry_after))

    def fail(self, pattern: str, *, status: int = 500, times: int | None = 1, skip: int = 0) -> Planned:
        """An HTTP error with an HTML body; nothing happens."""
        return self._plan(Planned(pattern, "status", times, skip, status=status))

    def refuse(self, pattern: str, error: str, *, times: int | None = 1, skip: int = 0) -> Planned:
        """`{"ok": false, "error": …}` as in `internal_error` or `fatal_error`; nothing happens."""
        return self._plan(Planned(pattern, "refuse", times, skip, error=error))

    def time_out(self, pattern: str, *, hold: float = 30.0, times: int | None = 1, skip: int = 0) -> Planned:
        """No answer for `hold` seconds, then the connection drops; nothing happens. `clear()` ends the wait."""
        return self._plan(Planned(pattern, "time_out", times, skip, hold=hold))

    def lose_answer(self, pattern: str, *, times: int | None = 1, skip: int = 0) -> Planned:
        """The call has its full effect, and the connection drops before the answer."""
        return self._plan(Planned(pattern, "lose_answer", times, skip))

    def repeat(self, pattern: str, *, copies: int = 1, times: int | None = 1, skip: int = 0) -> Planned:
        """Each matching delivery to the app is sent again, `copies` times, unchanged."""
        return self._plan(Planned(pattern, "repeat", times, skip, copies=copies))

    @property
    def active(self) -> list[Planned]:
        """The plans that still have something to spoil, the earliest first."""
        with self._lock:
            return [plan for plan in self._planned if not plan.used_up]

    def end(self, kind: Kind) -> None:
        """Forgets the plans of this kind, and lets the calls go that they hold."""
        self._forget(lambda plan: plan.kind == kind)

    def clear(self) -> None:
        """Forgets all plans and lets every held call go."""
        self._forget(lambda plan: True)

    def take(self, name: str, *kinds: Kind) -> Planned | None:
        """The plan that applies to this call, counted as used; the earliest made wins."""
        plan = self._take(name, kinds)
        if plan is not None:
            self._changed()
        return plan

    def _take(self, name: str, kinds: tuple[Kind, ...]) -> Planned | None:
        with self._lock:
            for plan in self._planned:
                if plan.used_up or (kinds and plan.kind not in kinds) or not fnmatchcase(name, plan.pattern):
                    continue
                if plan.skip > 0:
                    plan.skip -= 1
                    continue
                plan.use()
                return plan
            return None

    def _plan(self, plan: Planned) -> Planned:
        with self._lock:
            self._planned.append(plan)
        self._changed()
        return plan

    def _forget(self, which: Callable[[Planned], bool]) -> None:
        with self._lock:
            ended = [plan for plan in self._planned if which(plan)]
            self._planned = [plan for plan in self._planned if not which(plan)]
        for plan in ended:
            plan.released.set()
        if ended:
            self._changed()
