"""The customer's links and the mails that follow from what happens: without a mail server, and with races."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from models.answers import Done, Refused
from models.memory import Memory
from models.operations import consents, reviewing, settling
from models.operations.consents import Standing
from models.operations.mails import Timing, timing
from models.tables import Claim, Consent, History, Outgoing, claim_id
from rules.lifecycle import Party, Status
from rules.permissions import Condition
from tests.cast import LOS_ANGELES, WHO, Clock, claim_as_it_stands, claim_in

TOKEN = "a token that nobody guesses"
END_OF_WINDOW = datetime(2026, 11, 26, tzinfo=LOS_ANGELES)
SECOND = timedelta(seconds=1)
ROUNDS = 5


def mails_of(memory: Memory, number: str) -> list[str]:
    """The mails that were queued for a claim, oldest first."""
    with memory.database.transaction() as session:
        rows = select(Outgoing).where(Outgoing.claim_id == claim_id(number), Outgoing.kind == "mail")
        return [row.payload["mail"] for row in session.scalars(rows.order_by(Outgoing.id))]


def given_out(memory: Memory, number: str, token: str = TOKEN) -> None:
    identity = claim_id(number)
    assert identity is not None
    consents.remember(memory, identity, token)


def standing(memory: Memory, token: str = TOKEN) -> Standing | None:
    with memory.database.transaction() as session:
        found = consents.look(session, memory, token)
        return found[1] if found else None


# -- which mails follow ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "mails"),
    [
        (Status.DRAFT, []),
        (Status.SUBMITTED, []),
        (Status.UNDER_REVIEW, []),
        (Status.ACTION_REQUIRED, []),
        (Status.APPROVED, ["notice"]),
        (Status.REJECTED, ["rejection"]),
        (Status.DISPUTE, ["rejection"]),
        (Status.REJECTED_FINAL, ["rejection", "rejection"]),
    ],
)
def test_mails_follow_from_approvals_and_rejections_and_from_nothing_else(
    memory: Memory, status: Status, mails: list[str]
):
    assert mails_of(memory, claim_in(memory, status)) == mails


def test_an_opt_out_is_confirmed_to_the_customer_and_told_to_the_partner(memory: Memory):
    number = claim_in(memory, Status.APPROVED)
    settling.opt_out(memory, number)
    assert mails_of(memory, number) == ["notice", "opted_out", "rejection"]


def test_each_mail_has_a_lane_of_its_own(memory: Memory):
    number = claim_in(memory, Status.APPROVED)
    settling.opt_out(memory, number)
    with memory.database.transaction() as session:
        rows = session.scalars(select(Outgoing).where(Outgoing.claim_id == claim_id(number))).all()
    lanes = [row.lane for row in rows if row.kind == "mail"]
    assert len(set(lanes)) == 3
    assert not set(lanes) & {row.lane for row in rows if row.kind != "mail"}


def test_a_refused_action_sends_no_mail(memory: Memory):
    number = claim_in(memory, Status.APPROVED)
    with pytest.raises(Refused):
        reviewing.approve(memory, WHO["Rosa"], number)
    assert mails_of(memory, number) == ["notice"]


def test_a_mail_whose_turn_comes_when_the_claim_has_moved_on_is_overtaken_or_late(memory: Memory, clock: Clock):
    number = claim_in(memory, Status.APPROVED)

    def turns(now: datetime) -> list[Timing]:
        with memory.database.transaction() as session:
            claim = session.get_one(Claim, claim_id(number))
            rows = session.scalars(select(Outgoing).where(Outgoing.kind == "mail").order_by(Outgoing.id)).all()
            return [
                timing(row.payload["mail"], claim, session.get_one(History, row.payload["history"]), now)
                for row in rows
            ]

    assert turns(END_OF_WINDOW - SECOND) == [Timing.NOW]
    assert turns(END_OF_WINDOW) == [Timing.LATE]
    clock.advance(SECOND)
    settling.opt_out(memory, number)
    assert turns(clock()) == [Timing.OVERTAKEN, Timing.NOW, Timing.NOW]
    clock.advance(SECOND)
    settling.dispute(memory, WHO["Bill"], number, "A misunderstanding.")
    assert turns(clock()) == [Timing.OVERTAKEN, Timing.NOW, Timing.OVERTAKEN]
    clock.advance(SECOND)
    reviewing.approve(memory, WHO["Remy"], number)
    assert turns(clock()) == [Timing.OVERTAKEN, Timing.NOW, Timing.OVERTAKEN, Timing.NOW]


# -- links -------------------------------------------------------------------------------------------------------------


def test_a_token_is_not_kept_and_no_other_opens_the_page(memory: Memory):
    number = claim_in(memory, Status.APPROVED)
    given_out(memory, number)
    with memory.database.transaction() as session:
        [row] = session.scalars(select(Consent))
        assert TOKEN not in f"{row.token_hash}{row.claim_id}"
        assert len(row.token_hash) == 64
        stored = row.token_hash
    for other in ("", TOKEN + " ", stored, "\udcff", "\x00"):
        assert standing(memory, other) is None
        with pytest.raises(LookupError):
            consents.opt_out(memory, other)
    assert standing(memory) is Standing.OPEN


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.SUBMITTED, Standing.NOT_YET),
        (Status.UNDER_REVIEW, Standing.NOT_YET),
        (Status.ACTION_REQUIRED, Standing.NOT_YET),
        (Status.DISPUTE, Standing.NOT_YET),
        (Status.APPROVED, Standing.OPEN),
        (Status.REJECTED, Standing.ENDED),
        (Status.REJECTED_FINAL, Standing.ENDED),
    ],
)
def test_what_a_link_is_good_for_follows_from_the_claim(memory: Memory, status: Status, expected: Standing):
    number = claim_in(memory, status)
    given_out(memory, number)
    assert standing(memory) is expected
    if expected is not Standing.OPEN:
        with pytest.raises(Refused):
            consents.opt_out(memory, TOKEN)
        assert claim_as_it_stands(memory, number).status is status


def test_every_link_of_a_claim_is_spent_when_the_customer_opts_out_by_one_of_them(memory: Memory):
    number, other = claim_in(memory, Status.APPROVED), claim_in(memory, Status.APPROVED)
    given_out(memory, number)
    given_out(memory, number, "the second try")
    given_out(memory, other, "another claim's")
    done = consents.opt_out(memory, "the second try", "We never met.")
    assert (done.number, done.status) == (number, Status.REJECTED)
    assert standing(memory) is standing(memory, "the second try") is Standing.SPENT
    assert standing(memory, "another claim's") is Standing.OPEN
    assert consents.opt_out(memory, "the second try").repeated


def test_a_link_whose_mail_was_not_sent_is_forgotten_but_never_a_spent_one(memory: Memory):
    number = claim_in(memory, Status.APPROVED)
    given_out(memory, number)
    given_out(memory, number, "lost")
    consents.forget(memory, "lost")
    assert standing(memory, "lost") is None
    consents.opt_out(memory, TOKEN)
    consents.forget(memory, TOKEN)
    assert standing(memory) is Standing.SPENT


# -- what went wrong with mail -----------------------------------------------------------------------------------------


def cards_waiting(memory: Memory, number: str) -> list[str]:
    with memory.database.transaction() as session:
        rows = select(Outgoing).where(Outgoing.claim_id == claim_id(number), Outgoing.kind == "card")
        return [row.payload["side"] for row in session.scalars(rows.where(Outgoing.state == "pending"))]


def test_a_problem_with_mail_is_kept_and_only_the_review_card_is_drawn_anew(memory: Memory):
    number = claim_in(memory, Status.APPROVED)
    identity, version = claim_id(number), claim_as_it_stands(memory, number).version
    assert identity is not None
    with memory.database.transaction() as session:
        session.execute(update(Outgoing).values(state="sent"))
    consents.note_problem(memory, identity, Party.CUSTOMER, None)
    assert cards_waiting(memory, number) == [], "nothing has changed"
    consents.note_problem(memory, identity, Party.CUSTOMER, "refused: 550 no")
    claim = claim_as_it_stands(memory, number)
    assert (claim.customer_mail_problem, claim.partner_mail_problem) == ("refused: 550 no", None)
    assert claim.version == version, "nobody's open form is overtaken by a mail"
    assert cards_waiting(memory, number) == ["reviewer"]


def test_a_new_approval_forgets_what_was_wrong_with_the_mail_before(memory: Memory):
    number = claim_in(memory, Status.DISPUTE)
    identity = claim_id(number)
    assert identity is not None
    for party in (Party.CUSTOMER, Party.PARTNER):
        consents.note_problem(memory, identity, party, "refused: 550 no")
    reviewing.approve(memory, WHO["Remy"], number)
    claim = claim_as_it_stands(memory, number)
    assert (claim.customer_mail_problem, claim.partner_mail_problem) == (None, "refused: 550 no")


# -- at the same moment ------------------------------------------------------------------------------------------------


def at_once(*calls: Any) -> list[Any]:
    barrier = Barrier(len(calls))

    def begin(call: Any) -> Any:
        barrier.wait(timeout=30)
        try:
            return call()
        except Refused as answer:
            return answer

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(timeout=30) for future in [pool.submit(begin, call) for call in calls]]


def test_of_an_opt_out_in_the_last_second_and_the_closing_of_the_window_one_wins_and_the_other_is_told(
    shared_memory: Memory, clock: Clock
):
    in_time = replace(shared_memory, clock=lambda: END_OF_WINDOW - SECOND)
    closing = replace(shared_memory, clock=lambda: END_OF_WINDOW)
    for round_ in range(ROUNDS):
        number = claim_in(shared_memory, Status.APPROVED)
        given_out(shared_memory, number, token := f"token {round_}")
        customer, window = at_once(
            lambda: consents.opt_out(in_time, token),
            lambda: settling.associate(closing, number),  # noqa: B023
        )
        claim = claim_as_it_stands(shared_memory, number)
        if isinstance(customer, Done):
            assert isinstance(window, Refused)
            assert (window.refusal.condition, window.status) == (Condition.STATUS, Status.REJECTED)
            assert (claim.status, claim.associated_at) == (Status.REJECTED, None)
            assert standing(closing, token) is Standing.SPENT
        else:
            assert isinstance(window, Done)
            assert customer.refusal.message == "The time to opt out is over."
            assert (claim.status, claim.associated_at) == (Status.APPROVED, END_OF_WINDOW)
            assert standing(in_time, token) is Standing.LATE


def test_the_same_link_pressed_three_times_at_once_has_one_effect_and_three_calm_answers(shared_memory: Memory):
    for round_ in range(ROUNDS):
        number = claim_in(shared_memory, Status.APPROVED)
        given_out(shared_memory, number, token := f"token {round_}")
        answers = at_once(*[lambda: consents.opt_out(shared_memory, token)] * 3)
        assert sorted(answer.repeated for answer in answers) == [False, True, True]
        assert mails_of(shared_memory, number) == ["notice", "opted_out", "rejection"]
