"""The daily digest, whenever it is nine o'clock somewhere."""

from __future__ import annotations

from models.memory import Memory, NoDirectory
from models.operations.digesting import digest_due


def digest(memory: Memory) -> int:
    """Queue every digest whose hour has come. How many messages that makes; any number of replicas may do it."""
    try:
        return digest_due(memory)
    except NoDirectory:
        return 0  # nobody is there yet to read one
