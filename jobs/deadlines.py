"""What the clock does by itself when a limit has passed: no answer rejects, and no objection makes official.

Any number of replicas may sweep at once, and people act meanwhile: each claim is one operation, which looks again at
the claim under its lock, so whoever comes second finds that there is nothing to do any more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random, SystemRandom

import structlog

from jobs.trouble import trouble
from models.answers import Done, Refused
from models.memory import Memory
from models.operations import settling
from models.queries.passed import Passed, passed
from rules.lifecycle import Status

log = structlog.get_logger(__name__)

# In every other status a claim is overdue, and people are reminded of it.
_HAPPENS: Mapping[Status, Callable[[Memory, str], Done]] = {
    Status.ACTION_REQUIRED: settling.no_response,
    Status.APPROVED: settling.associate,
}


def sweep(memory: Memory, *, batch: int = 100, random: Random | None = None) -> int:
    """Do what is due. With how many claims something happened.

    Args:
        batch: so many are looked up at a time.
        random: decides in which order a batch is done, so that replicas do not all reach for the same claim.
    """
    happened = 0
    last: Passed | None = None
    while found := _look(memory, batch, last):
        last = found[-1]
        (random or SystemRandom()).shuffle(found)
        happened += sum(_act(memory, one) for one in found)
    return happened


def _look(memory: Memory, batch: int, after: Passed | None) -> list[Passed]:
    with memory.database.transaction() as session:
        return passed(session, memory.clock(), batch, after)


def _act(memory: Memory, one: Passed) -> bool:
    try:
        return _HAPPENS[one.status](memory, one.number).changed
    except Refused:
        return False  # somebody was faster
    except Exception as error:
        log.error("deadline_failed", claim=one.id, **trouble(error))  # the others must not wait for it
        return False
