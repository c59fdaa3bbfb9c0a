"""Once a day: what was kept as long as the rules say is erased, and what was left over of an erasure."""

from __future__ import annotations

import structlog

from models.documents import DocumentStore
from models.memory import Memory
from models.operations.erasing_documents import sweep
from models.operations.retaining import run_retention

log = structlog.get_logger("claimbot.retention")


def retention(memory: Memory, store: DocumentStore) -> int:
    """Erase what is due, and the documents that no claim names any more. How many claims that were."""
    claims = run_retention(memory).total()
    documents = sweep(memory.database, store)
    if claims or documents:
        log.info("retention", claims=claims, documents=documents)
    return claims
