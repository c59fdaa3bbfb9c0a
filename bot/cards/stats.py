"""How the process goes, in figures: for reviewers as a whole, for a partner its own claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.cards.card import Message
from bot.cards.chart import Figures, Number, Series, chart, drawn, listed_cells, spoken, table
from bot.cards.text import Block, Leaf, bold, bullets, counted, cut, day_text, escape, header, line, note, words
from models.exporting.figures import decisions
from models.queries.conditions import AWAITED
from models.queries.stats import Ended, Stats, Worked
from rules.lifecycle import Action, Status
from rules.loading import Programme
from rules.periods import Period

# More reviewers than these a message does not name.
_REVIEWERS = 15
_WORDS = {
    Action.START_REVIEW: "taken on",
    Action.REQUEST_INFORMATION: "sent back for information",
    Action.APPROVE: "approved",
    Action.REJECT: "rejected",
}


def stats_message(stats: Stats, period: Period, programme: Programme, *, reviewer: bool) -> Message:
    """The figures of a period as pictures, with every number in a table and in text."""
    title = "Statistics" if reviewer else "Statistics of your claims"
    days = f"{day_text(period.first)} to {day_text(period.last)}"
    top: list[Block] = [header(title), line(bold(f"{period.name[:1].upper()}{period.name[1:]}"), words(f": {days}"))]
    decided = decisions(stats.ended, programme)
    if stats.empty:
        said = "No claim moved in that time, and nothing is overdue."
        return Message(escape(f"{title}, {days}. {said}"), [*top, line(words(said))])
    rows = [_HEAD, *_stays(stats)]
    rate = approval_rate(stats.ended)
    # One bar alone shows nothing that the sentence does not say.
    pictures = [*([_durations(stats)] if stats.stays else []), *([_outcomes(decided)] if len(decided) > 1 else [])]
    below: list[Block] = [note(_MEANING)] if stats.stays else []
    told = [rate, *(f"{what}: {count:,}." for what, count in decided)]
    below += [line(bold("Decisions")), line(words(rate))]
    below += [bullets([words(f"{what}: "), bold(f"{count:,}")] for what, count in decided)] if decided else []
    if stats.work:
        work = _work(stats.work)
        below += [line(bold("Work by reviewer")), bullets(_leaves(work))]
        told += [f"{name}: {what}." for name, what in work]
    text = escape(f"{title}, {days}. {spoken(rows)} {' '.join(told)}")
    tables, older = ([table(rows)], [listed_cells(rows)]) if len(rows) > 1 else ([], [])
    return Message(
        text,
        [*top, *map(chart, pictures), *tables, *below],
        lambda: [*top, *map(drawn, pictures), *older, *below],
    )


def approval_rate(ended: Sequence[Ended]) -> str:
    """How many of the decisions approved a claim, in a sentence; what partners and customers end is none."""
    counts = Counter(dict.fromkeys(Action, 0))
    for one in ended:
        counts[one.action] += one.count
    approved = counts[Action.APPROVE]
    decided = approved + counts[Action.REJECT] + counts[Action.NO_RESPONSE]
    if not decided:
        return "Nothing was decided."
    return f"{approved:,} of {counted(decided, 'decision')} approved the claim ({approved / decided:.0%})."


_HEAD = ["Status", "Left it", "Median days", "90% within", "Overdue now"]
_MEANING = (
    "Days are counted by the clock, for claims that left the status in that time. Nine of ten left it within the days "
    "of “90% within”."
)


def _stays(stats: Stats) -> list[list[str]]:
    by_status = {one.status: one for one in stats.stays}
    rows = []
    for status in Status:
        stay, late = by_status.get(status), stats.overdue.get(status, 0)
        if stay is None and not late:
            continue
        figures = ["0", "–", "–"] if stay is None else [f"{stay.count:,}", _days(stay.median), _days(stay.ninetieth)]
        rows.append([str(status), *figures, f"{late:,}" if status in AWAITED else "–"])
    return rows


def _durations(stats: Stats) -> Figures:
    stays = stats.stays
    series = [Series("Median", [round(one.median, 1) for one in stays])]
    series.append(Series("90% within", [round(one.ninetieth, 1) for one in stays]))
    return Figures("Days in each status", "Status", [one.status for one in stays], series, "Days", show=_days)


def _outcomes(decided: Sequence[tuple[str, int]]) -> Figures:
    names = [what.removeprefix("Rejected: ") for what, _ in decided]
    return Figures("Decisions", "Outcome", names, [Series("Claims", [count for _, count in decided])], "Claims")


def _work(work: Sequence[Worked]) -> list[tuple[str, str]]:
    by_name: dict[str, list[str]] = {}
    for one in work:
        by_name.setdefault(one.reviewer, []).append(f"{one.count:,} {_WORDS[one.action]}")
    rows = [(cut(name, 60), ", ".join(what)) for name, what in by_name.items()]
    more = len(rows) - _REVIEWERS
    return [*rows[:_REVIEWERS], (f"and {more} more", "…")] if more > 0 else rows


def _leaves(rows: Sequence[tuple[str, str]]) -> list[list[Leaf]]:
    return [[bold(name), words(f": {what}")] for name, what in rows]


def _days(value: Number) -> str:
    return f"{value:,.1f}"
