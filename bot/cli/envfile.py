"""The file .env: one setting of it changed, everything else in it left as it is, and nobody else able to read it."""

from __future__ import annotations

import os
from pathlib import Path

PRIVATE = 0o600


def values_in(path: Path) -> dict[str, str]:
    """The settings that have a value there, by name."""
    from dotenv import dotenv_values

    if not path.is_file():
        return {}
    return {name: value for name, value in dotenv_values(path, interpolate=False).items() if value}


def begin(path: Path, text: str) -> None:
    """Make the file with ``text`` where there is none; close it to others where it is open to them."""
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE), "w", encoding="utf-8") as new:
            new.write(text)
    path.chmod(PRIVATE)


def put(path: Path, name: str, value: str) -> None:
    """Set one value. Comments, order and other settings stay; the file is replaced whole or not at all."""
    from dotenv import set_key

    set_key(path, name, value, quote_mode="auto", encoding="utf-8")
    path.chmod(PRIVATE)
