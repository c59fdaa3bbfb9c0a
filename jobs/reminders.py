"""Reminders: whatever is due becomes messages, some at a time."""

from __future__ import annotations

from models.memory import Memory
from models.operations.falling_due import take_due

# So many transactions at most; the rest is left for the next beat.
_MOST = 100


def remind(memory: Memory, *, batch: int = 1000) -> int:
    """Take every reminder that is due. How many messages that makes; any number of replicas may do it at once."""
    messages = 0
    for _ in range(_MOST):
        taken = take_due(memory, memory.clock(), batch)
        messages += taken.messages
        if taken.rows < batch:
            break
    return messages
