"""What other rules would change: today's and new ones over all stored claims. It reads, and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.memory import Memory
from models.queries.every_claim import Scope, every_claim, how_many
from rules.compiled import compile_rule_set
from rules.difference import Change, Tally, compare
from rules.loading import Programme
from rules.plan import plan_of
from rules.rulesets import RuleSet

# It depends on what happens to a claim, and not on how a claim stands.
OF_EVENTS = "notice"


@dataclass
class Simulated:
    """A rule set that differs: about how many claims it was asked, and what came out otherwise."""

    rule_set: str
    title: str
    claims: int = 0
    tally: Tally = field(default_factory=Tally)


@dataclass
class Simulation:
    """Every rule set that differs. ``aside``: those that differ and were not asked, because there is nothing to ask."""

    rule_sets: list[Simulated] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)


def simulate(
    memory: Memory,
    old: Programme,
    new: Programme,
    *,
    since: date | None = None,
    on_change: Callable[[str, Change], None] = lambda rule_set, change: None,
    on_progress: Callable[[str, int, int], None] = lambda rule_set, done, total: None,
) -> Simulation:
    """Run the rule sets that differ between ``old`` and ``new`` over the claims filed since a day, or over all.

    Each claim is asked about as the bot would: on submission as of the day it was submitted, for example. Everything
    is read in one transaction that cannot write, as of one moment, however long it takes.

    Args:
        on_change: told of every change with the rule set's id, in the order of the claims.
        on_progress: told the rule set's id, how many claims are done, and how many there are.
    """
    result = Simulation()
    with _reading_only(memory) as session:
        settings = memory.settings(session)
        begin = None if since is None else datetime.combine(since, time(), ZoneInfo(settings.timezone))
        for name in sorted({*old.rule_sets, *new.rule_sets}):
            before, after = old.rule_sets.get(name), new.rule_sets.get(name)
            if before is None or after is None or name == OF_EVENTS:
                if before is None or after is None or before.version != after.version:
                    result.aside.append(name)
                continue
            if before.version == after.version:
                continue
            scope = Scope(name, _names(before, after), old.catalogue, memory.clock(), settings.timezone, begin)
            result.rule_sets.append(_over(session, scope, before, after, on_change, on_progress))
    return result


def _over(
    session: Session,
    scope: Scope,
    before: RuleSet,
    after: RuleSet,
    on_change: Callable[[str, Change], None],
    on_progress: Callable[[str, int, int], None],
) -> Simulated:
    found = Simulated(scope.rule_set, after.title)
    total = how_many(session, scope)
    on_progress(scope.rule_set, 0, total)
    touched = _touched(before, after)
    for claims in every_claim(session, scope):
        for change in found.tally.watch(compare(before, after, filter(touched, claims))):
            on_change(scope.rule_set, change)
        found.claims += len(claims)
        on_progress(scope.rule_set, found.claims, total)
    return found


def _touched(before: RuleSet, after: RuleSet) -> Callable[[tuple[str, str, Any]], bool]:
    """Whether a rule speaks of a claim that is not the same in both: of any other claim both must say the same.

    What rules look up in the catalogue may differ with it, so then every claim is compared.
    """
    if before.catalogue != after.catalogue:
        return lambda claim: True
    gone = compile_rule_set(replace(before, rules=tuple(rule for rule in before.rules if rule not in after.rules)))
    come = compile_rule_set(replace(after, rules=tuple(rule for rule in after.rules if rule not in before.rules)))
    return lambda claim: bool(gone(claim[2]).fired or come(claim[2]).fired)


def _names(*rule_sets: RuleSet) -> frozenset[str]:
    return frozenset(name for rule_set in rule_sets for name in plan_of(rule_set).variables)


def _reading_only(memory: Memory) -> Session:
    """A session that sees one moment and cannot write."""
    engine = memory.database.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    session = Session(engine)
    # Nobody waits behind this one.
    session.execute(select(func.set_config("statement_timeout", "0", True)))
    return session
