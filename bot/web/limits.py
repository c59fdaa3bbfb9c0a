"""How often one caller may ask: a bucket of tokens for each, in this process, and never more of them than a few."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic

# Callers remembered; beyond these, whoever has been quiet longest begins anew.
_MOST = 10_000


class Limit:
    """So many at once, and so many a minute in the long run; each replica counts for itself.

    Args:
        burst: how many may come at once.
        per_minute: how many more may come each minute.
        now: seconds that only ever go up.
    """

    def __init__(self, burst: int, per_minute: float, now: Callable[[], float] = monotonic) -> None:
        self._burst, self._per_second, self._now = burst, per_minute / 60, now
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def allows(self, caller: str) -> bool:
        """Whether this one may, and takes it into account."""
        now = self._now()
        with self._lock:
            left, at = self._buckets.pop(caller, (float(self._burst), now))
            left = min(self._burst, left + (now - at) * self._per_second)
            self._buckets[caller] = (max(left - 1, 0.0) if left >= 1 else left, now)
            if len(self._buckets) > _MOST:
                self._buckets.popitem(last=False)
        return left >= 1
