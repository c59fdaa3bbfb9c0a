"""The life of a claim: eight statuses, and one table of what can happen to it.

Buttons, help, permission checks and the every-action x every-role x every-status test are generated from ``TABLE``
(what moves a claim or changes what it states) and ``BESIDE`` (what accompanies it and leaves it where it is).
Statuses and their meaning: "Manage customer associations", section "Status of your CPOR association claim".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where a claim stands. The words are those of the document and are shown to people as they are."""

    DRAFT = "Draft"
    SUBMITTED = "Submitted"
    UNDER_REVIEW = "Under review"
    ACTION_REQUIRED = "Partner action required"
    APPROVED = "Approved"
    REJECTED = "Rejected"
    DISPUTE = "Dispute"
    REJECTED_FINAL = "Rejected final"


class Party(StrEnum):
    """On whose behalf something is done."""

    PARTNER = "partner"
    REVIEWER = "reviewer"
    CUSTOMER = "customer"
    CLOCK = "clock"


class PartnerRole(StrEnum):
    """What a member of a partner may be. Not to be confused with the *partner role* of a claim (catalogue)."""

    INCENTIVES_ADMIN = "incentives_admin"
    INCENTIVES_USER = "incentives_user"
    BILLING_ADMIN = "billing_admin"
    GLOBAL_ADMIN = "global_admin"


class Action(StrEnum):
    """Everything that can happen to a claim."""

    CREATE = "create"
    EDIT = "edit"
    DISCARD = "discard"
    SUBMIT = "submit"
    RESUBMIT = "resubmit"
    WITHDRAW = "withdraw"
    START_REVIEW = "start_review"
    REQUEST_INFORMATION = "request_information"
    APPROVE = "approve"
    REJECT = "reject"
    DISPUTE = "dispute"
    DISASSOCIATE = "disassociate"
    OPT_OUT = "opt_out"
    NO_RESPONSE = "no_response"
    ASSOCIATE = "associate"
    ADD_PROOF = "add_proof"
    TAKE_OVER = "take_over"
    RELEASE = "release"
    REASSIGN = "reassign"
    # No row of the table leads there: a claim that there was before claimbot came into its status elsewhere.
    IMPORT = "import"
    # Nor there: what people wrote in the claim was erased (docs/privacy.md).
    ERASE = "erase"


class Need(StrEnum):
    """What an action asks for beyond the right person and the right status."""

    CONFIRMATION = "confirmation"
    REASON = "reason"
    REASONS = "reasons"
    MESSAGE = "message"
    SUBMISSION_RULES = "submission rules"
    DISPUTE_RULES = "dispute rules"
    ANOTHER_REVIEWER = "another reviewer than the one who rejected it"
    OPEN_WINDOW = "open opt-out window"
    PASSED_LIMIT = "passed limit"
    OWN_DUTY = "being its reviewer, or a lead"
    OTHERS_DUTY = "not being its reviewer already"
    SOMEBODYS_DUTY = "that somebody reviews it"


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table: ``action`` takes a claim from any of ``sources`` to ``target``.

    An empty ``sources`` means that there is no claim yet; ``target`` None means that the claim is gone (its history
    stays). ``roles`` narrows ``Party.PARTNER`` to members who hold one of them.
    """

    action: Action
    label: str
    sources: tuple[Status, ...]
    target: Status | None
    party: Party
    roles: frozenset[PartnerRole] = frozenset()
    needs: frozenset[Need] = frozenset()


# Who may file: "Use these resources to make customer association claims", Appropriate roles.
FILING = frozenset({PartnerRole.INCENTIVES_ADMIN, PartnerRole.INCENTIVES_USER})
# Who may manage what was decided: "Manage customer associations", Appropriate roles.
MANAGING = frozenset({PartnerRole.INCENTIVES_ADMIN, PartnerRole.BILLING_ADMIN, PartnerRole.GLOBAL_ADMIN})

S, A, P, N = Status, Action, Party, Need

TABLE: tuple[Transition, ...] = (
    Transition(A.CREATE, "New claim", (), S.DRAFT, P.PARTNER, FILING),
    Transition(A.EDIT, "Edit", (S.DRAFT,), S.DRAFT, P.PARTNER, FILING),
    Transition(A.EDIT, "Edit", (S.ACTION_REQUIRED,), S.ACTION_REQUIRED, P.PARTNER, FILING),
    Transition(
        A.SUBMIT,
        "Submit for review",
        (S.DRAFT,),
        S.SUBMITTED,
        P.PARTNER,
        FILING,
        frozenset({N.SUBMISSION_RULES}),
    ),
    Transition(
        A.RESUBMIT,
        "Resubmit",
        (S.ACTION_REQUIRED,),
        S.SUBMITTED,
        P.PARTNER,
        FILING,
        frozenset({N.SUBMISSION_RULES}),
    ),
    Transition(A.DISCARD, "Discard draft", (S.DRAFT,), None, P.PARTNER, FILING, frozenset({N.CONFIRMATION})),
    Transition(
        A.WITHDRAW,
        "Withdraw",
        (S.SUBMITTED, S.UNDER_REVIEW, S.ACTION_REQUIRED),
        S.REJECTED,
        P.PARTNER,
        FILING,
        frozenset({N.REASON}),
    ),
    Transition(A.START_REVIEW, "Start review", (S.SUBMITTED,), S.UNDER_REVIEW, P.REVIEWER),
    Transition(A.APPROVE, "Approve", (S.UNDER_REVIEW,), S.APPROVED, P.REVIEWER),
    Transition(A.APPROVE, "Approve", (S.DISPUTE,), S.APPROVED, P.REVIEWER, needs=frozenset({N.ANOTHER_REVIEWER})),
    Transition(
        A.REQUEST_INFORMATION,
        "Request information",
        (S.UNDER_REVIEW,),
        S.ACTION_REQUIRED,
        P.REVIEWER,
        needs=frozenset({N.REASONS, N.MESSAGE}),
    ),
    Transition(
        A.REJECT,
        "Reject",
        (S.UNDER_REVIEW,),
        S.REJECTED,
        P.REVIEWER,
        needs=frozenset({N.REASON, N.MESSAGE}),
    ),
    Transition(
        A.REJECT,
        "Reject",
        (S.DISPUTE,),
        S.REJECTED_FINAL,
        P.REVIEWER,
        needs=frozenset({N.REASON, N.MESSAGE, N.ANOTHER_REVIEWER}),
    ),
    Transition(A.DISPUTE, "Dispute", (S.REJECTED,), S.DISPUTE, P.PARTNER, MANAGING, frozenset({N.DISPUTE_RULES})),
    Transition(
        A.DISASSOCIATE,
        "Disassociate customer",
        (S.APPROVED,),
        S.REJECTED_FINAL,
        P.PARTNER,
        MANAGING,
        frozenset({N.REASON, N.CONFIRMATION}),
    ),
    Transition(
        A.OPT_OUT,
        "Customer opts out",
        (S.APPROVED,),
        S.REJECTED,
        P.CUSTOMER,
        needs=frozenset({N.OPEN_WINDOW}),
    ),
    Transition(
        A.NO_RESPONSE,
        "No partner response",
        (S.ACTION_REQUIRED,),
        S.REJECTED,
        P.CLOCK,
        needs=frozenset({N.PASSED_LIMIT}),
    ),
    Transition(
        A.ASSOCIATE,
        "Association becomes official",
        (S.APPROVED,),
        S.APPROVED,
        P.CLOCK,
        needs=frozenset({N.PASSED_LIMIT}),
    ),
)


def _beside(
    action: Action,
    label: str,
    statuses: tuple[Status, ...],
    party: Party,
    roles: frozenset[PartnerRole] = frozenset(),
    needs: frozenset[Need] = frozenset(),
) -> tuple[Transition, ...]:
    return tuple(Transition(action, label, (status,), status, party, roles, needs) for status in statuses)


# New proof protects an approved association ("fresh proof decides", reference page of July 2020) and may carry a
# dispute. Who reviews a claim is the programme's own affair: that part is ours.
BESIDE: tuple[Transition, ...] = (
    *_beside(
        A.ADD_PROOF,
        "Add proof",
        (S.SUBMITTED, S.UNDER_REVIEW, S.APPROVED, S.REJECTED, S.DISPUTE),
        P.PARTNER,
        FILING | MANAGING,
    ),
    *_beside(A.TAKE_OVER, "Take over", (S.UNDER_REVIEW,), P.REVIEWER, needs=frozenset({N.OTHERS_DUTY})),
    *_beside(A.TAKE_OVER, "Take over", (S.DISPUTE,), P.REVIEWER, needs=frozenset({N.OTHERS_DUTY, N.ANOTHER_REVIEWER})),
    *_beside(
        A.RELEASE, "Release", (S.UNDER_REVIEW, S.DISPUTE), P.REVIEWER, needs=frozenset({N.SOMEBODYS_DUTY, N.OWN_DUTY})
    ),
    *_beside(A.REASSIGN, "Reassign", (S.UNDER_REVIEW, S.DISPUTE), P.REVIEWER, needs=frozenset({N.OWN_DUTY})),
)
EVERY: tuple[Transition, ...] = TABLE + BESIDE

del S, A, P, N


def transition(action: Action, status: Status | None) -> Transition | None:
    """The row that takes ``action`` from ``status`` (None: no claim yet), or None where the table has none."""
    for row in EVERY:
        if row.action is action and (status in row.sources if status else not row.sources):
            return row
    return None


def rows(action: Action) -> tuple[Transition, ...]:
    """Every row of ``action``, in the table's order; never empty."""
    return tuple(row for row in EVERY if row.action is action)


def label(action: Action) -> str:
    """What the action is called on buttons and forms."""
    return rows(action)[0].label


def offered(status: Status, party: Party) -> tuple[Transition, ...]:
    """What moves a claim and a ``party`` may do in ``status``, in the order in which buttons are drawn."""
    return tuple(row for row in TABLE if status in row.sources and row.party is party)


def offered_beside(status: Status, party: Party) -> tuple[Transition, ...]:
    """What else a ``party`` may do in ``status``: the menu beside the buttons."""
    return tuple(row for row in BESIDE if status in row.sources and row.party is party)


def mermaid() -> str:
    """The table as a Mermaid state diagram (for the docs)."""
    lines = ["stateDiagram-v2"]
    for row in TABLE:
        for source in row.sources or (None,):
            left = _node(source) if source else "[*]"
            right = _node(row.target) if row.target else "[*]"
            lines.append(f"    {left} --> {right}: {row.label}")
    lines += [f'    state "{status}" as {_node(status)}' for status in Status]
    return "\n".join(lines)


def _node(status: Status) -> str:
    return status.name.lower()
