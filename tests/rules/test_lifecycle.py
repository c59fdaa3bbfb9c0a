"""The lifecycle table against the design's, which stands here a second time."""

import pytest

from rules import lifecycle
from rules.lifecycle import Action, Need, PartnerRole, Party, Status

FILING = {PartnerRole.INCENTIVES_ADMIN, PartnerRole.INCENTIVES_USER}
MANAGING = {PartnerRole.INCENTIVES_ADMIN, PartnerRole.BILLING_ADMIN, PartnerRole.GLOBAL_ADMIN}

# label, from, to, who, roles, needs: design section 3. "-" stands for no claim.
DESIGN = {
    ("New claim", "-", "Draft", "partner", "files", ""),
    ("Edit", "Draft", "Draft", "partner", "files", ""),
    ("Edit", "Partner action required", "Partner action required", "partner", "files", ""),
    ("Discard draft", "Draft", "-", "partner", "files", "confirmation"),
    ("Submit for review", "Draft", "Submitted", "partner", "files", "submission rules"),
    ("Resubmit", "Partner action required", "Submitted", "partner", "files", "submission rules"),
    ("Withdraw", "Submitted", "Rejected", "partner", "files", "reason"),
    ("Withdraw", "Under review", "Rejected", "partner", "files", "reason"),
    ("Withdraw", "Partner action required", "Rejected", "partner", "files", "reason"),
    ("Start review", "Submitted", "Under review", "reviewer", "", ""),
    ("Request information", "Under review", "Partner action required", "reviewer", "", "message, reasons"),
    ("Approve", "Under review", "Approved", "reviewer", "", ""),
    ("Approve", "Dispute", "Approved", "reviewer", "", "another reviewer than the one who rejected it"),
    ("Reject", "Under review", "Rejected", "reviewer", "", "message, reason"),
    (
        "Reject",
        "Dispute",
        "Rejected final",
        "reviewer",
        "",
        "another reviewer than the one who rejected it, message, reason",
    ),
    ("Dispute", "Rejected", "Dispute", "partner", "manages", "dispute rules"),
    ("Disassociate customer", "Approved", "Rejected final", "partner", "manages", "confirmation, reason"),
    ("Customer opts out", "Approved", "Rejected", "customer", "", "open opt-out window"),
    ("No partner response", "Partner action required", "Rejected", "clock", "", "passed limit"),
    ("Association becomes official", "Approved", "Approved", "clock", "", "passed limit"),
}


def test_the_statuses_are_exactly_the_eight_words():
    assert [str(status) for status in Status] == [
        "Draft",
        "Submitted",
        "Under review",
        "Partner action required",
        "Approved",
        "Rejected",
        "Dispute",
        "Rejected final",
    ]


def test_the_table_is_the_designs():
    groups = {frozenset(): "", frozenset(FILING): "files", frozenset(MANAGING): "manages"}
    table = [
        (row.label, source or "-", row.target or "-", row.party, groups[row.roles], ", ".join(sorted(row.needs)))
        for row in lifecycle.TABLE
        for source in row.sources or (None,)
    ]
    assert set(table) == DESIGN
    assert len(table) == len(DESIGN)


def test_every_action_and_every_need_is_in_the_table():
    from_the_command_line = {Action.IMPORT, Action.ERASE}  # nobody is offered these, in any status
    assert {row.action for row in lifecycle.EVERY} == set(Action) - from_the_command_line
    assert set().union(*(row.needs for row in lifecycle.EVERY)) == set(Need)


def test_what_accompanies_a_claim_leaves_it_where_it_is():
    assert all(row.sources == (row.target,) for row in lifecycle.BESIDE)
    assert not {row.action for row in lifecycle.BESIDE} & {row.action for row in lifecycle.TABLE}


@pytest.mark.parametrize("status", [None, *Status])
@pytest.mark.parametrize("action", Action)
def test_an_action_leads_from_a_status_to_one_place_at_most(action: Action, status: Status | None):
    sources = [source for row in lifecycle.rows(action) for source in row.sources or (None,)]
    row = lifecycle.transition(action, status)
    assert sources.count(status) == (row is not None)
    assert row is None or (row.action is action and (status in row.sources or not row.sources))


def test_every_status_can_be_reached_and_only_rejected_final_is_the_end():
    sources = {source for row in lifecycle.TABLE for source in row.sources}
    assert {row.target for row in lifecycle.TABLE} - {None} == set(Status)
    assert set(Status) - sources == {Status.REJECTED_FINAL}


@pytest.mark.parametrize(
    ("status", "party", "labels"),
    [
        (Status.DRAFT, Party.PARTNER, ["Edit", "Submit for review", "Discard draft"]),
        (Status.ACTION_REQUIRED, Party.PARTNER, ["Edit", "Resubmit", "Withdraw"]),
        (Status.UNDER_REVIEW, Party.REVIEWER, ["Approve", "Request information", "Reject"]),
        (Status.DISPUTE, Party.REVIEWER, ["Approve", "Reject"]),
        (Status.DRAFT, Party.REVIEWER, []),
        (Status.REJECTED_FINAL, Party.PARTNER, []),
    ],
)
def test_buttons_come_in_the_order_in_which_they_are_wanted(status: Status, party: Party, labels: list[str]):
    assert [row.label for row in lifecycle.offered(status, party)] == labels


def test_the_diagram_has_every_row_and_every_status():
    lines = [line.strip() for line in lifecycle.mermaid().splitlines()]
    names = {f'state "{status}" as {status.name.lower()}' for status in Status}
    nodes = {"-": "[*]"} | {str(status): status.name.lower() for status in Status}
    arrows = {f"{nodes[source]} --> {nodes[target]}: {label}" for label, source, target, *_ in DESIGN}
    assert lines[0] == "stateDiagram-v2"
    assert set(lines[1:]) == arrows | names
    assert len(lines) == 1 + len(arrows) + len(names)
