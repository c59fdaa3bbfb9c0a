"""Whether and where a claim appears in the earnings and payout report, and why it does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from bot.cards.card import Message, View
from bot.cards.chart import listed_cells, spoken, table
from bot.cards.text import Block, bold, bullets, counted, cut, day_text, escape, header, note, words
from bot.cards.values import name_of
from models.queries.earnings import LINES, Total
from models.tables import Claim, EarningLine, claim_number
from rules.association import Standing, earnings_due, standing

_TITLE = "Earnings and payouts"


def earnings_message(
    claims: Sequence[Claim],
    count: int,
    lines: Sequence[EarningLine],
    totals: Mapping[int, Sequence[Total]],
    view: View,
    newest: date | None,
) -> Message:
    """An answer for each claim, and their lines in a table.

    Args:
        count: how many claims there are; ``claims`` are the newest of them.
        newest: the newest day of any line that was imported.
    """
    said = [(one.number, _answer(one, totals.get(one.id, ()), view, newest)) for one in claims]
    top: list[Block] = [header(_TITLE), bullets([bold(number), words(f" {answer}")] for number, answer in said)]
    if count > len(claims):
        top.append(note(f"These are the newest {len(claims)} of {count:,} claims. Name one by its number to see it."))
    text = f"{_TITLE}. " + " ".join(f"{number} {answer}" for number, answer in said)
    if not lines:
        return Message(escape(text), top)
    rows, notes = _told_once([_HEAD, *(_row(one, view) for one in lines)])
    every = sum(total.lines for found in totals.values() for total in found)
    notes += [f"The newest {LINES} of {every:,} lines."] if every > len(lines) else []
    below = [note(" ".join(notes))] if notes else []
    said_too = " ".join([text, spoken(rows), *notes])
    return Message(escape(said_too), [*top, table(rows, _WORDY), *below], lambda: [*top, listed_cells(rows), *below])


def why_no_money(claim: Claim, view: View, newest: date | None) -> str:
    """Why a claim without lines has none, in words that follow its number."""
    match standing(claim.status, associated=claim.associated_at is not None):
        case Standing.UNDECIDED | Standing.REJECTED:
            return f"is {claim.status}: only an approved claim can bring money."
        case Standing.ENDED:
            return "has ended, and no line of the earnings report is about it."
        case Standing.OPT_OUT_OPEN:
            if claim.due_at is None or view.now >= claim.due_at:
                return "is approved and becomes official within minutes. Only then it brings money."
            day = day_text(view.calendar.local_day(claim.due_at))
            return (
                f"is approved, and becomes official on {day}, unless the customer opts out; only then it brings money."
            )
    decision = view.incentive(claim)
    if decision.outcome != "eligible":
        reasons = " ".join(one.message for one in decision.said("ineligible"))
        return f"is approved and official, and brings no money. {reasons or 'No rule says that it does.'}"
    return f"is approved and can bring money, but no line is about it. {_not_yet(claim, view, newest)}"


def _answer(claim: Claim, totals: Sequence[Total], view: View, newest: date | None) -> str:
    customer = cut(claim.customer_name or claim.customer_tenant_id or "no customer yet", 60)
    if not totals:
        return f"({customer}) {why_no_money(claim, view, newest)}"
    lines = sum(total.lines for total in totals)
    sums = "; ".join(
        f"{_amount(total.earned)} {total.currency} earned, {_amount(total.paid)} of it paid" for total in totals
    )
    return f"({customer}) is in {counted(lines, 'line')} of the earnings report: {sums}. It is {claim.status} now."


def _not_yet(claim: Claim, view: View, newest: date | None) -> str:
    today = view.calendar.local_day(view.now)
    since = view.calendar.local_day(claim.associated_at) if claim.associated_at else today
    if newest is None:
        here, then = "No earnings report has been imported yet", ""
    elif (newest.year, newest.month) < (since.year, since.month):
        here = f"It is official since {day_text(since)}, and the newest report imported here is of {newest:%B %Y}"
        then = ""
    else:
        here, then = f"Reports up to {newest:%B %Y} are here, and it is in none of them", ": ask the programme"
    due = _due(claim, view, since)
    if due is not None and today <= due:
        return f"{here}. What it earns in {since:%B %Y} is in the report by {day_text(due)}."
    return f"{here}{then}."


def _due(claim: Claim, view: View, since: date) -> date | None:
    """When its first earnings are in the report at the latest, where the programme says so."""
    catalogue = view.programme.catalogue
    role = catalogue.roles_by_id.get(claim.partner_role)
    day = catalogue.engagement(role.engagement).earnings_by if role is not None else None
    return None if day is None else earnings_due(since, day)


_HEAD = ["Claim", "Line", "Earned on", "Amount", "Paid", "Engagement"]
_WORDY = frozenset(_HEAD) - {"Amount"}


def _told_once(rows: list[list[str]]) -> tuple[list[list[str]], list[str]]:
    """The table without claim and engagement where they are the same in every row; and what is said of it instead."""
    same = {name for name, *values in zip(*rows, strict=True) if len(set(values)) == 1} & {"Claim", "Engagement"}
    places = [place for place, name in enumerate(rows[0]) if name not in same]
    notes = [f"Engagement: {rows[1][-1]}."] if "Engagement" in same else []  # the claim stands above
    return [[row[place] for place in places] for row in rows], notes


def _row(one: EarningLine, view: View) -> list[str]:
    engagement = name_of(view.programme.catalogue.engagements, one.engagement)
    amount = f"{_amount(one.amount)} {one.currency}"
    return [claim_number(one.claim_id), one.external_id, day_text(one.earned_on), amount, _paid(one), engagement]


def _paid(one: EarningLine) -> str:
    if one.paid_on is not None:
        return f"{day_text(one.paid_on)}{f', payment {one.payment}' if one.payment else ''}"
    return f"no: {one.reason}" if one.reason else "not yet"


def _amount(value: Decimal) -> str:
    return f"{value:,.2f}"
