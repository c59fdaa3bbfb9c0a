"""What may be logged of an exception: its kind and its place. Its text may hold what people wrote."""

from __future__ import annotations

import traceback
from pathlib import Path


def trouble(error: BaseException) -> dict[str, str]:
    """Fields for a log line: ``error``, the exception's type, and ``at``, the line that raised it."""
    frames = traceback.extract_tb(error.__traceback__)
    at = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "unknown"
    return {"error": type(error).__name__, "at": at}
