"""The fixed cast (design section 11), a clock of its own, and claims in any status, for every kind of test.

Contoso Consulting has a location in Berlin and one in Munich, which has a channel of its own. *Ana* files and manages
everywhere, *Ivo* files for Berlin, *Mia* for Munich only; *Bill* and *Gil* manage what was decided. *Bo* is of
Fabrikam Partners and must see nothing of Contoso's. *Rosa* (who leads) and *Remy* review; *Nia* reviews too, but
belongs to Contoso. *Zed* is in no list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from shutil import copytree
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from models.answers import Who
from models.database import Database
from models.directory import import_directory, parse_directory
from models.memory import Memory
from models.operations import filing, proofs, reviewing, settling
from models.operations.proofs import SlackFile
from models.tables import Claim, Proof, claim_id
from rules.lifecycle import Status
from rules.loading import SHIPPED, Programme

TEAM = "T0MAIN"
REVIEW_CHANNEL = "C0REVIEW"
CONTOSO, FABRIKAM = "Contoso Consulting", "Fabrikam Partners"
BERLIN, MUNICH, LONDON = "4711001", "4711002", "4722001"

DIRECTORY = """\
programme:
  {name: Example programme, country: US, timezone: America/Los_Angeles, review_channel: C0REVIEW}
reviewers:
  - {slack: U0ROSA, name: Rosa Review, email: rosa@example.com, lead: true}
  - {slack: U0REMY, name: Remy Review, email: remy@example.com}
  - {slack: U0NIA, name: Nia Both, email: nia@contoso.com}
partners:
  - name: Contoso Consulting
    country: DE
    timezone: Europe/Berlin
    channel: C0CONTOSO
    locations:
      - {mpn: "4711001", name: Berlin, programmes: [modern-work, business-applications]}
      - {mpn: "4711002", name: Munich, programmes: [modern-work], channel: C0MUNICH}
    members:
      - {slack: U0ANA, name: Ana Admin, email: ana@contoso.com, roles: [incentives_admin]}
      - {slack: U0IVO, name: Ivo User, email: ivo@contoso.com, roles: [incentives_user], locations: ["4711001"]}
      - {slack: U0BILL, name: Bill Billing, email: bill@contoso.com, roles: [billing_admin]}
      - {slack: U0GIL, name: Gil Global, email: gil@contoso.com, roles: [global_admin]}
      - {slack: U0MIA, name: Mia Munich, email: mia@contoso.com, roles: [incentives_user], locations: ["4711002"]}
      - {slack: U0NIA, name: Nia Both, email: nia@contoso.com, roles: [incentives_admin]}
  - name: Fabrikam Partners
    country: GB
    timezone: Europe/London
    channel: C0FABRIKAM
    locations:
      - {mpn: "4722001", name: London, programmes: [modern-work, business-applications]}
    members:
      - {slack: U0BO, name: Bo Builder, email: bo@fabrikam-partners.com, roles: [incentives_admin]}
"""

WHO: Mapping[str, Who] = MappingProxyType(
    {
        name: Who(TEAM, f"U0{name.upper()}")
        for name in ("Ana", "Ivo", "Bill", "Gil", "Mia", "Bo", "Rosa", "Remy", "Nia", "Zed")
    }
)

LOS_ANGELES = ZoneInfo("America/Los_Angeles")
# A Wednesday, the week before Thanksgiving (26 November), so that limits meet weekends and a holiday.
START = datetime(2026, 11, 18, 9, 0, tzinfo=LOS_ANGELES)


class Clock:
    """The time, for whoever asks; it stands still until a test moves it."""

    def __init__(self, now: datetime = START) -> None:
        self.set(now)

    def __call__(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        if now.tzinfo is None:
            raise ValueError(f"{now!r} has no time zone")
        self._now = now.astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        self._now += by


# A claim that is ready for review once it has a proof. Every claim of `claim_in` has a tenant of its own.
VALUES: Mapping[str, Any] = MappingProxyType(
    {
        "claim_name": "Northwind: Teams 2026",
        "mpn": BERLIN,
        "solution_area": "modern-work",
        "partner_role": "use-or-consume",
        "customer_tenant_id": "8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48",
        "customer_name": "Northwind Traders",
        "customer_domain": "northwind.com",
        "customer_country": "DE",
        "products": ["exchange", "teams"],
        "subscription_id": None,
        "opt_out_of_payment": False,
        "customer_contact_name": "Cara Customer",
        "customer_contact_title": "Head of IT",
        "customer_contact_email": "cara@northwind.com",
        "partner_contact_name": "Ana Admin",
        "partner_contact_email": "ana@contoso.com",
        "solution_seller": None,
        "isv_solution": None,
        "acknowledgement_date": date(2026, 10, 1),
        "comments": None,
    }
)

_numbers = count(1)


def remember(database: Database, programme: Programme, clock: Callable[[], datetime]) -> Memory:
    """A memory that knows the cast and nothing else."""
    with database.transaction() as session:
        import_directory(session, parse_directory(DIRECTORY, programmes=programme.catalogue.programmes), team=TEAM)
    return Memory(database, programme, clock)


def a_tenant() -> str:
    """The id of a tenant that no other claim has."""
    return str(UUID(int=next(_numbers)))


def a_file(name: str = "proof.pdf") -> SlackFile:
    """A file as Slack hands it over, with an id that no other has."""
    return SlackFile(f"F0{next(_numbers):06d}", name)


def hand_in(memory: Memory, number: str, *files: SlackFile, by: str = "Ana") -> list[int]:
    """The ids of the claim's proofs after these files were handed in; they still have to be checked."""
    filing.edit(memory, WHO[by], number, {}, files=files)
    with memory.database.transaction() as session:
        ids = select(Proof.id).where(Proof.claim_id == claim_id(number)).order_by(Proof.id)
        return list(session.scalars(ids))


def accept(memory: Memory, proof: int) -> None:
    """The file passes its check."""
    content = f"the content of proof {proof}".encode()
    proofs.accept(
        memory, proof, sha256=sha256(content).hexdigest(), size=len(content), media_type="application/pdf", view=None
    )


def claim_in(memory: Memory, status: Status, *, by: str = "Ana", proven: bool = True, **values: Any) -> str:
    """The number of a new claim of Contoso's, brought into ``status`` by what people really do.

    Ana files (or ``by``); Rosa reviews, and rejects; Bill disputes; Remy has the last word.

    Args:
        proven: whether it has a proof, handed in and checked; only a draft can be without.
        values: fields that shall differ from ``VALUES``; the tenant is a new one unless it is given.
    """
    typed = {**VALUES, "customer_tenant_id": a_tenant(), **values}
    number = filing.create(memory, WHO[by], typed).number
    if proven:
        for proof in hand_in(memory, number, a_file(), by=by):
            accept(memory, proof)
    for step in _WAYS[status]:
        step(memory, number, by)
    return number


def claim_as_it_stands(memory: Memory, number: str) -> Claim:
    """The claim's row, read anew; proofs and people can be looked at only inside a transaction."""
    with memory.database.transaction() as session:
        return session.get_one(Claim, claim_id(number))


def _submit(memory: Memory, number: str, by: str) -> None:
    filing.submit(memory, WHO[by], number)


def _start_review(memory: Memory, number: str, by: str) -> None:
    reviewing.start_review(memory, WHO["Rosa"], number)


def _ask(memory: Memory, number: str, by: str) -> None:
    reviewing.request_information(memory, WHO["Rosa"], number, ["missing-products"], "Please name the products.")


def _approve(memory: Memory, number: str, by: str) -> None:
    reviewing.approve(memory, WHO["Rosa"], number)


def _reject(memory: Memory, number: str, by: str) -> None:
    reviewing.reject(memory, WHO["Rosa"], number, "insufficient-proof", "The proof names no products.")


def _dispute(memory: Memory, number: str, by: str) -> None:
    settling.dispute(memory, WHO["Bill"], number, "Page 2 names them.")


def _reject_for_good(memory: Memory, number: str, by: str) -> None:
    reviewing.reject(memory, WHO["Remy"], number, "insufficient-proof", "Page 2 names others.")


_UNDER_REVIEW = (_submit, _start_review)
_WAYS: Mapping[Status, tuple[Callable[[Memory, str, str], None], ...]] = {
    Status.DRAFT: (),
    Status.SUBMITTED: (_submit,),
    Status.UNDER_REVIEW: _UNDER_REVIEW,
    Status.ACTION_REQUIRED: (*_UNDER_REVIEW, _ask),
    Status.APPROVED: (*_UNDER_REVIEW, _approve),
    Status.REJECTED: (*_UNDER_REVIEW, _reject),
    Status.DISPUTE: (*_UNDER_REVIEW, _reject, _dispute),
    Status.REJECTED_FINAL: (*_UNDER_REVIEW, _reject, _dispute, _reject_for_good),
}


def rules_that_erase_drafts(folder: Path) -> Path:
    """The shipped rules, in which somebody has taken the # off the limit for drafts (12 months)."""
    rules = folder / "rules"
    copytree(SHIPPED, rules)
    limits = rules / "limits.yaml"
    head, offered, rest = limits.read_text(encoding="utf-8").partition("# drafts_kept_months:\n")
    said, gap, others = (offered + rest).partition("#\n")
    limits.write_text(head + said.replace("# ", "") + gap + others, encoding="utf-8")
    return rules
