"""Usage and sold seats as people see them, and why there is nothing to see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from bot.cards.card import Message, View
from bot.cards.chart import SERIES, Figures, Series, chart, drawn, listed_cells, spoken, table
from bot.cards.text import Block, bold, bullets, counted, cut, day_text, escape, header, line, note, words
from bot.cards.values import name_of
from models.queries.usage import Used
from models.tables import Claim
from rules.association import Standing, standing

MONTHS = 12
USERS, SEATS = "Monthly active users", "Sold seats"
_OTHERS = "Others"


def usage_message(title: str, about: str, used: Sequence[Used], view: View) -> Message:
    """Two pictures (active users, sold seats), and their numbers in a table and in text. ``used`` is not empty."""
    users, seats = figures_of(used, view)
    rows = usage_rows(users, seats)
    newest = _month(max(one.month for one in used))
    notes = [note(f"Sold seats are paid available units. The newest figures are of {newest}.")]
    if any(value is None for one in (*users.series, *seats.series) for value in one.values):
        notes.append(note("A dash: the report has no line for that month. The picture shows it as 0."))
    top: list[Block] = [header(title), line(words(about))]
    said = f"{title}. {about} Active users of sold seats by month. {spoken(rows)}"
    return Message(
        escape(said),
        [*top, chart(users), chart(seats), table(rows), *notes],
        lambda: [*top, drawn(users), drawn(seats), listed_cells(rows), *notes],
    )


def figures_of(used: Sequence[Used], view: View) -> tuple[Figures, Figures]:
    """Active users and sold seats of the last months, by workload; beyond six, the smallest are taken together."""
    months = sorted({one.month for one in used})[-MONTHS:]
    kept = [one for one in used if one.month in months]
    ranks: defaultdict[str, int] = defaultdict(int)
    for one in kept:
        ranks[one.workload] = max(ranks[one.workload], one.seats)
    ordered = sorted(ranks, key=lambda workload: (-ranks[workload], workload))
    alone = ordered if len(ordered) <= SERIES else ordered[: SERIES - 1]
    names = {one: name_of(view.programme.catalogue.products, one) for one in alone}
    sums: dict[tuple[str, date], tuple[int, int]] = {}
    for one in kept:
        place = names.get(one.workload, _OTHERS), one.month
        users, seats = sums.get(place, (0, 0))
        sums[place] = users + one.users, seats + one.seats
    shown = [*names.values(), *([_OTHERS] if len(alone) < len(ordered) else [])]

    def figures(title: str, unit: str, which: int) -> Figures:
        series = [Series(name, [_at(sums.get((name, month)), which) for month in months]) for name in shown]
        return Figures(title, "Month", [_month(month) for month in months], series, unit, kind="line")

    return figures(USERS, "Users", 0), figures(SEATS, "Seats", 1)


def usage_rows(users: Figures, seats: Figures) -> list[list[str]]:
    """Both in one table: a row for each month, newest first; “80 of 100” are 80 active users of 100 sold seats."""
    head, *body = users.cells()
    both = [
        [month, *(one if one == other == "–" else f"{one} of {other}" for one, other in zip(ones, others, strict=True))]
        for (month, *ones), (_, *others) in zip(body, seats.cells()[1:], strict=True)
    ]
    return [head, *reversed(both)]


def no_usage(asked: str, claims: Sequence[Claim], view: View, newest: date | None) -> Message:
    """Why there is nothing to show, claim by claim. ``claims`` are those that were found, as many as are named."""
    if not claims:
        return _said(f"There is no claim that you can see for “{cut(asked, 60)}”." if asked else _NO_CLAIM)
    reasons = [[bold(one.number), words(f" ({_customer(one)}): {why_not(one, view, newest)}")] for one in claims]
    said = " ".join(f"{one.number}: {why_not(one, view, newest)}" for one in claims)
    return Message(escape(f"{_NOTHING} {said}"), [line(bold(_NOTHING)), bullets(reasons)])


_NOTHING = "There is no usage to show."
_NO_CLAIM = (
    "There is no claim yet that you can see. Usage is shown of customers with whom you are officially associated."
)


def why_not(claim: Claim, view: View, newest: date | None) -> str:
    """Why this claim shows no usage, in a sentence."""
    match standing(claim.status, associated=claim.associated_at is not None):
        case Standing.UNDECIDED:
            return f"it is {claim.status}. Usage is shown once the association is approved and official."
        case Standing.OPT_OUT_OPEN:
            if claim.due_at is None or view.now >= claim.due_at:
                return "the association becomes official within minutes."
            day = day_text(view.calendar.local_day(claim.due_at))
            return f"the association becomes official on {day}, unless the customer opts out before."
        case Standing.REJECTED:
            return f"it is {claim.status}, so there is no association."
        case Standing.ENDED:
            return "the association has ended, and with it the access to usage."
    since = day_text(view.calendar.local_day(claim.associated_at)) if claim.associated_at else ""
    report = f"The newest report is of {_month(newest)}." if newest else "No usage report has been imported yet."
    return f"official since {since}, and no report has usage of it from then on. {report}"


def _said(text: str) -> Message:
    return Message(escape(text), [line(words(text))])


def customers_text(names: Sequence[str], count: int) -> str:
    """Whose usage it is, in a sentence."""
    named = ", ".join(cut(name, 60) for name in names)
    more = f" and {count - len(names):,} more" if count > len(names) else ""
    return f"{counted(count, 'customer')} with whom the association is official: {named}{more}."


def _customer(claim: Claim) -> str:
    return cut(claim.customer_name or "no customer yet", 60)


def _month(first: date) -> str:
    return f"{first:%b %Y}"


def _at(pair: tuple[int, int] | None, which: int) -> int | None:
    return None if pair is None else pair[which]
