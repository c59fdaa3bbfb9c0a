"""Why a claim stands as it does: each rule with its outcome, the values that decided it, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from bot.cards.text import Block, Leaf, bold, cut, day_text, divider, header, italic, line, lines, note, words
from models.queries.decisions import Told
from rules.calendar import BusinessCalendar
from rules.explanation import Explanation, RuleExplained, explanation

# Slack takes 100 blocks of a form; so many bytes pass every way there is, with room for what stands around them.
_BLOCKS, _BYTES = 60, 15_000
_SENTENCE, _SENTENCES = 500, 12

_MARKS = {
    "block": "Stands in the way",
    "ineligible": "No money",
    "warn": "Please check",
    "suggest": "Worth a look",
    "eligible": "Can be paid",
    "notify": "Somebody is told",
}


def why_pages(told: Told, calendar: BusinessCalendar) -> list[list[Block]]:
    """A decision in pages of blocks: what spoke first, the gravest on top, then what had nothing to say."""
    explained = explanation(told.decision)
    blocks: list[Block] = []
    if not explained.spoke:
        blocks.append(line(words("No rule has anything to say.")))
    blocks += [_rule(rule) for rule in explained.spoke]
    if explained.silent:
        blocks += [divider(), line(bold("Rules with nothing to say")), *(_rule(rule) for rule in explained.silent)]
    top = _top(explained, told.at, calendar)
    return [[*top, *page] for page in _paged(blocks)]


def _top(explained: Explanation, at: datetime | None, calendar: BusinessCalendar) -> list[Block]:
    when = f"Decided on {day_text(calendar.local_day(at))}" if at else "As it looks now; nothing is decided yet"
    return [
        header(explained.title),
        line(bold(f"{explained.outcome.capitalize()}. "), words(explained.headline)),
        note(f"{when}. Version {explained.version} of these rules."),
    ]


def _rule(rule: RuleExplained) -> Block:
    mark = f"{_MARKS[rule.mark]}: " if rule.mark in _MARKS else ""
    rows: list[list[Leaf]] = [[bold(f"{mark}{rule.title}")]]
    rows += [[words(cut(one, _SENTENCE))] for one in rule.advice]
    rows += [[words("    "), italic(cut(one, _SENTENCE))] for one in rule.because[:_SENTENCES]]
    if len(rule.because) > _SENTENCES:
        rows.append([words(f"    and {len(rule.because) - _SENTENCES} comparisons more")])
    rows.append([words(cut(f"    Source: {rule.source}", _SENTENCE))])
    return lines(rows)


def _paged(blocks: Sequence[Block]) -> list[list[Block]]:
    pages: list[list[Block]] = [[]]
    room = _BYTES
    for block in blocks:
        room -= len(json.dumps(block))
        if pages[-1] and (room < 0 or len(pages[-1]) == _BLOCKS):
            pages.append([])
            room = _BYTES - len(json.dumps(block))
        pages[-1].append(block)
    return pages
