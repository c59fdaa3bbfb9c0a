"""What was kept as long as the rules say goes: claims and what was left over of an erasure, exports in Slack."""

from __future__ import annotations

import structlog

from models.documents import DocumentStore
from models.memory import Memory
from models.operations.erasing_documents import sweep
from models.operations.retaining import run_retention
from models.operations.unsharing import unshare

log = structlog.get_logger("claimbot.retention")


def retention(memory: Memory, store: DocumentStore) -> int:
    """Erase what is due, and the documents that no claim names any more. How many claims that were."""
    claims = run_retention(memory).total()
    documents = sweep(memory.database, store)
    if claims or documents:
        log.info("retention", claims=claims, documents=documents)
    return claims


def unshare_exports(memory: Memory) -> int:
    """Have the exports removed from Slack whose time is over. How many those are."""
    count = unshare(memory)
    if count:
        log.info("exports_unshared", count=count)
    return count
