"""Erasing once more what a restored backup still held, by the list that was kept elsewhere."""

from __future__ import annotations

from datetime import datetime

from models.memory import Memory
from models.operations.erasing import Cause, erase_claim
from models.operations.erasing_people import erase_partner, erase_person
from models.tables import Claim, claim_id


def erase_again(memory: Memory, line: str, *, dry_run: bool = False) -> bool:
    """Follow one line of ``queries.erasable.erasures``. False: there is nothing to erase (any more).

    Raises:
        ValueError: it is no such line, or its claim is another one now: after a restore numbers are given again.
        StillOpen: the claim is in dispute again.
    """
    match line.split():
        case []:
            return False
        case ["claim", number, created] if (identity := claim_id(number)) is not None:
            return _claim(memory, identity, datetime.fromisoformat(created), dry_run=dry_run)
        case ["person", number] if number.isdecimal():
            return dry_run or erase_person(memory, int(number), Cause.AGAIN)
        case ["partner", number] if number.isdecimal():
            return dry_run or erase_partner(memory, int(number), Cause.AGAIN)
    raise ValueError("this is no line of claimbot erase list")


def _claim(memory: Memory, identity: int, created: datetime, *, dry_run: bool) -> bool:
    with memory.database.reading() as session:
        claim = session.get(Claim, identity)
    if claim is None:
        return False  # filed after the backup was made
    if claim.created_at != created:
        raise ValueError("this number belongs to another claim now")
    if claim.erased_at is not None:
        return False
    return dry_run or erase_claim(memory, identity, Cause.AGAIN, force=True)
