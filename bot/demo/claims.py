"""A few claims in different statuses, brought there by the same operations that people use, days ago."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.demo.figures import plant_figures
from models.answers import Who
from models.documents import DocumentStore, check_document
from models.memory import Memory
from models.operations import filing, proofs, reviewing
from models.operations.proofs import SlackFile
from models.queries.claims import find
from models.queries.people import actor_for
from models.tables import History
from rules.lifecycle import Action

# A one-page statement of work, small and valid.
PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 66>>stream
BT /F 18 Tf 72 760 Td (Statement of work, signed by the customer) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""

_CONTACTS = {
    "customer_contact_name": "Cara Customer",
    "customer_contact_title": "Head of IT",
    "partner_contact_name": "Ana Admin",
    "partner_contact_email": "ana@contoso.example",
}
# What a partner states in a claim that passes the submission rules, without contacts and proof.
EXAMPLE = {
    "claim_name": "Northwind: Teams roll-out",
    "mpn": "4711001",
    "solution_area": "modern-work",
    "partner_role": "use-or-consume",
    "customer_tenant_id": "8f2c1a54-7d3e-4b19-9c55-0a6e2f7b1d48",
    "customer_name": "Northwind Traders",
    "customer_domain": "northwind.example",
    "customer_country": "DE",
    "products": ["teams", "exchange"],
    "customer_contact_email": "cara@northwind.example",
}
# Complete, so that whoever is new has only to submit it.
DRAFT = {
    **EXAMPLE,
    "claim_name": "Fourth Coffee: Teams for the shops",
    "customer_tenant_id": "5c7d3b90-21f8-4f0e-8a43-9b6f0d2e7c15",
    "customer_name": "Fourth Coffee",
    "customer_domain": "fourthcoffee.example",
    "products": ["teams"],
    "customer_contact_email": "cara@fourthcoffee.example",
}
# The claims to start with; the last is the draft, so many days old: whoever opens the channel sees its card first.
PLANTED, DRAFTED = 7, 1
_SALES = {
    "claim_name": "Adventure Works: Dynamics advice",
    "mpn": "4722001",
    "solution_area": "business-applications",
    "partner_role": "build-intent-advisor",
    "customer_tenant_id": "1b6c52f0-52ae-4e5b-8d0c-3f7f4f6f0a11",
    "customer_name": "Adventure Works",
    "customer_domain": "adventure.example",
    "customer_country": "GB",
    "products": ["sales"],
    "subscription_id": "7c0e0d55-3a0d-4f0e-9d70-8f8d3f3f3b21",
    "customer_contact_email": "cara@adventure.example",
    "partner_contact_name": "Bo Builder",
    "partner_contact_email": "bo@fabrikam.example",
}
_INTUNE = {
    **EXAMPLE,
    "claim_name": "Tailspin: Intune",
    "customer_name": "Tailspin Toys",
    "customer_domain": "tailspin.example",
    "customer_tenant_id": "2d0e8c1c-74d6-4a0b-94a4-d6c0b79c3a52",
    "products": ["intune"],
    "customer_contact_email": "cara@tailspin.example",
}
# Another partner claims the same customer for the same: reviewers see both, the partners nothing of each other.
_RIVAL = {
    **_INTUNE,
    "claim_name": "Tailspin Toys: devices under Intune",
    "mpn": "4722001",
    "partner_contact_name": "Bo Builder",
    "partner_contact_email": "bo@fabrikam.example",
}


def plant(memory: Memory, store: DocumentStore, team: str) -> None:
    """File the demo's claims. ``memory``'s clock says what is now; everything happens in the days before."""
    planter = Planter(memory, store, team, memory.clock())
    ana, bo, rosa, remy = (Who(team, user) for user in ("U0ANA", "U0BO", "U0ROSA", "U0REMY"))

    approved = planter.filed(ana, days_ago=12, **EXAMPLE)
    planter.at(10, lambda then: reviewing.start_review(then, rosa, approved))
    planter.at(2, lambda then: reviewing.approve(then, rosa, approved))

    asked = planter.filed(ana, days_ago=6, **_INTUNE)
    planter.at(5, lambda then: reviewing.start_review(then, remy, asked))
    message = "The statement of work names Intune, and not what you did. Please describe the work and send it again."
    why = [memory.programme.reasons.information[3].id]
    planter.at(4, lambda then: reviewing.request_information(then, remy, asked, why, message))

    submitted = planter.filed(bo, days_ago=3, **_SALES)
    rejected = planter.filed(
        bo,
        days_ago=9,
        **{
            **_SALES,
            "claim_name": "Wide World: Field Service",
            "customer_name": "Wide World Importers",
            "customer_domain": "wideworld.example",
            "customer_tenant_id": "3e1f9d2d-85e7-4b1c-85b5-e7d1c80d4b63",
            "subscription_id": "9e2f2f77-5c2f-4a2a-bf92-a0af5b5b5d43",
            "products": ["field-service"],
            "customer_contact_email": "cara@wideworld.example",
        },
    )
    planter.at(8, lambda then: reviewing.start_review(then, rosa, rejected))
    insufficient = memory.programme.reasons.for_reviewers[0].id
    words = "The signature on the proof is not the customer's."
    planter.at(7, lambda then: reviewing.reject(then, rosa, rejected, insufficient, words))
    del submitted

    plant_figures(planter, memory, ana, rosa)
    planter.filed(bo, days_ago=2, **_RIVAL)
    planter.drafted(ana, days_ago=DRAFTED, **DRAFT)


def planted_at(session: Session) -> datetime:
    """The moment at which the demo's claims were planted: whatever is later, people did, or the clock."""
    created = select(History.at).where(History.action == Action.CREATE).order_by(History.id)
    [drafted] = session.scalars(created.offset(PLANTED - 1).limit(1))
    return drafted + timedelta(days=DRAFTED)


_FIRST_PAGE = ("claim_name", "mpn", "solution_area", "partner_role")


class Planter:
    """Files claims as somebody of ``team`` would have, some days before ``now``."""

    def __init__(self, memory: Memory, store: DocumentStore, team: str, now: datetime) -> None:
        self._memory = memory
        self._store = store
        self._team = team
        self._now = now
        self._files = 0

    def at(self, days_ago: float, act: Any) -> Any:
        """Let something happen some days ago."""
        then = self._now - timedelta(days=days_ago)
        return act(replace(self._memory, clock=lambda: then))

    def filed(self, who: Who, *, days_ago: float, **values: Any) -> str:
        """A submitted claim with its proof; its number."""
        number = self.drafted(who, days_ago=days_ago, **values)
        self.at(days_ago, lambda then: filing.submit(then, who, number))
        return number

    def drafted(self, who: Who, *, days_ago: float, **values: Any) -> str:
        """A complete draft with its proof; its number."""
        signed = (self._now - timedelta(days=days_ago + 20)).date()
        every = {**_CONTACTS, **values, "acknowledgement_date": signed}
        return str(self.at(days_ago, lambda then: self._draft(then, who, every)))

    def _draft(self, then: Memory, who: Who, values: dict[str, Any]) -> str:
        self._files += 1
        file = SlackFile(f"F0DEMO{self._files}", "statement-of-work.pdf")
        number = filing.create(then, who, {name: values[name] for name in _FIRST_PAGE}).number
        filing.edit(then, who, number, values, files=[file])
        with then.database.transaction() as session:
            actor = actor_for(session, who)
            [proof] = find(session, actor, number).pending_proofs
        limits = then.programme.limits.documents
        media_type = check_document(PDF, file.name, limits)
        sha256 = self._store.put(PDF)
        proofs.accept(then, proof.id, sha256=sha256, size=len(PDF), media_type=media_type, view=None)
        return number
