"""Misbehaviour on demand: what a test or the demo tells the sandbox to do wrong, by method name and count."""

import threading
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

Kind = Literal["rate_limit", "status", "time_out", "lose_answer", "refuse", "repeat"]


@dataclass
class Planned:
    """One plan. `pattern` is a glob over Web API methods (`chat.*`), `response_url`, `upload`, `download`, or over
    deliveries (`command`, `block_actions`, `view_submission`, `event`, `event:app_mention` …)."""

    pattern: str
    kind: Kind
    times: int
    skip: int = 0
    retry_after: int = 1
    status: int = 500
    error: str = ""
    hold: float = 0.0
    copies: int = 1
    happened: int = field(default=0)


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Planned] = []
        self.released = threading.Event()

    def rate_limit(self, pattern: str, *, retry_after: int = 1, times: int = 1, skip: int = 0) -> Planned:
        """HTTP 429 with `Retry-After`; nothing happens."""
        return self._plan(Planned(pattern, "rate_limit", times, skip, retry_after=retry_after))

    def fail(self, pattern: str, *, status: int = 500, times: int = 1, skip: int = 0) -> Planned:
        """An HTTP error with an HTML body; nothing happens."""
        return self._plan(Planned(pattern, "status", times, skip, status=status))

    def refuse(self, pattern: str, error: str, *, times: int = 1, skip: int = 0) -> Planned:
        """`{"ok": false, "error": …}` as in `internal_error` or `fatal_error`; nothing happens."""
        return self._plan(Planned(pattern, "refuse", times, skip, error=error))

    def time_out(self, pattern: str, *, hold: float = 30.0, times: int = 1, skip: int = 0) -> Planned:
        """No answer for `hold` seconds, then the connection drops; nothing happens. `clear()` ends the wait."""
        return self._plan(Planned(pattern, "time_out", times, skip, hold=hold))

    def lose_answer(self, pattern: str, *, times: int = 1, skip: int = 0) -> Planned:
        """The call has its full effect, and the connection drops before the answer."""
        return self._plan(Planned(pattern, "lose_answer", times, skip))

    def repeat(self, pattern: str, *, copies: int = 1, times: int = 1, skip: int = 0) -> Planned:
        """Each matching delivery to the app is sent again, `copies` times, unchanged."""
        return self._plan(Planned(pattern, "repeat", times, skip, copies=copies))

    def clear(self) -> None:
        """Forgets all plans and lets every held call go."""
        with self._lock:
            self._planned.clear()
            self.released.set()
            self.released = threading.Event()

    def take(self, name: str, *kinds: Kind) -> Planned | None:
        """The plan that applies to this call, counted as used; the earliest made wins."""
        with self._lock:
            for plan in self._planned:
                if (kinds and plan.kind not in kinds) or not fnmatchcase(name, plan.pattern):
                    continue
                if plan.skip > 0:
                    plan.skip -= 1
                    continue
                if plan.times > 0:
                    plan.times -= 1
                    plan.happened += 1
                    return plan
            return None

    def _plan(self, plan: Planned) -> Planned:
        with self._lock:
            self._planned.append(plan)
            return plan
