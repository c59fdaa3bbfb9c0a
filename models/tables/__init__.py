"""Every table, so that importing ``models.tables`` knows the whole schema."""

from models.tables.audit import Checkpoint, JournalEntry, Unsealed
from models.tables.base import Base
from models.tables.claims import (
    Claim,
    Comment,
    Consent,
    Document,
    History,
    Proof,
    StoredDecision,
    claim_id,
    claim_number,
)
from models.tables.exchange import Export, ImportedClaim
from models.tables.homes import Home
from models.tables.messages import Card, Inbound, Lane, OldMessage, Outgoing
from models.tables.people import Location, Membership, Partner, Person, ProgrammeSettings, Reviewer
from models.tables.reports import EarningLine, RulePublication, RuleVersion, UsageLine
from models.tables.time import Digest, Preference, Reminder, Snooze
from models.tables.workspaces import Installation, InstallState

__all__ = [
    "Base",
    "Card",
    "Checkpoint",
    "Claim",
    "Comment",
    "Consent",
    "Digest",
    "Document",
    "EarningLine",
    "Export",
    "History",
    "Home",
    "ImportedClaim",
    "Inbound",
    "InstallState",
    "Installation",
    "JournalEntry",
    "Lane",
    "Location",
    "Membership",
    "OldMessage",
    "Outgoing",
    "Partner",
    "Person",
    "Preference",
    "ProgrammeSettings",
    "Proof",
    "Reminder",
    "Reviewer",
    "RulePublication",
    "RuleVersion",
    "Snooze",
    "StoredDecision",
    "Unsealed",
    "UsageLine",
    "claim_id",
    "claim_number",
]
