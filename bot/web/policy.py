"""What a browser may do with a page of ours: show it, and nothing else."""

from __future__ import annotations

import base64
from hashlib import sha256


def page_policy(style: str) -> str:
    """The Content-Security-Policy of a page whose one style sheet is within it."""
    digest = base64.b64encode(sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
