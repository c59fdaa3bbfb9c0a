"""A decision of a rule set in words: what stands in the way, what to think about."""

from __future__ import annotations

from bot.cards.text import Block, Leaf, bold, bullets, line, words
from rules.decision import Decision, Verdict
from rules.fields import BY_ID

# More at once nobody works through; the rest shows up once these are done.
_MOST = 15


def findings(decision: Decision) -> list[Block]:
    """What blocks and what warns, with the field it belongs to; empty when there is nothing to say."""
    blocks: list[Block] = []
    if decision.blocks:
        blocks += [line(bold("Before you can submit:")), bullets(_leaves(one) for one in decision.blocks[:_MOST])]
    if decision.warnings:
        blocks += [line(bold("Please check:")), bullets(_leaves(one) for one in decision.warnings[:_MOST])]
    return blocks


def sentence(decision: Decision) -> str:
    """Everything that blocks, as one paragraph."""
    return " ".join(one.message for one in decision.blocks)


def _leaves(verdict: Verdict) -> list[Leaf]:
    field = BY_ID.get(verdict.field or "")
    return [bold(f"{field.label}: "), words(verdict.message)] if field else [words(verdict.message)]
