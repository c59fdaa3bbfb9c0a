"""The chain as docs/audit.md describes it, computed in Python: for checkpoints, and for whoever verifies.

History and journal rows are chained by the database itself (by its triggers), so that a row inserted by hand is chained
as well. What is here is written after the description, not after that code: if they disagree, a verification fails.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

# What the first row of a chain follows.
NOTHING = bytes(32)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def link(previous: bytes, content: Sequence[Any]) -> bytes:
    """The hash (32 bytes) of a row with this content that follows the row with the hash ``previous``."""
    return sha256(previous + canonical(content).encode()).digest()


def canonical(value: Any) -> str:
    """JSON as PostgreSQL writes a jsonb: a blank after comma and colon, keys by length in bytes and then by bytes."""
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return "{" + ", ".join(f"{canonical(key)}: {canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def digest(salt: str, text: str) -> str:
    """What stands in the chain for a part of the text: SHA-256 over its salt (hexadecimal) and the text itself."""
    return sha256(bytes.fromhex(salt) + text.encode()).hexdigest()


def microseconds(moment: datetime) -> int:
    """A moment as the chain counts it: microseconds since the beginning of 1970, UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def checkpoint_hash(
    previous: bytes,
    *,
    number: int,
    at: datetime,
    rows: Sequence[tuple[int, bytes]],
    journal: tuple[int, bytes],
) -> bytes:
    """The hash of a checkpoint that names these ``rows`` (id and hash) and the journal's last entry."""
    named = [[identity, row_hash.hex()] for identity, row_hash in rows]
    return link(previous, ["checkpoint", number, microseconds(at), named, journal[0], journal[1].hex()])
