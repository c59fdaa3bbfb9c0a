"""What a change of rules would change: two rule sets over the same claims.

    compare(old: RuleSet, new: RuleSet, claims: Iterable[tuple[str, str, ClaimFacts]]) -> Iterator[Change]

Each claim comes as its number, its partner's name and its facts. Only claims for which the outcome or a rule that
fires differs are given back, one by one, so memory stays flat however many there are. ``Tally`` adds them up::

    tally = Tally()
    for change in tally.watch(compare(old, new, claims)):
        ...  # write a line of CSV, say
    tally.outcomes, tally.rules, tally.partners

Anything that has the attributes of ClaimFacts that the rules name will do as facts, a named row of the database too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rules.compiled import compile_rule_set
from rules.facts import ClaimFacts
from rules.rulesets import RuleSet

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Change:
    """One claim for which the new rules say something else.

    ``before`` and ``after`` are outcomes, such as "passed" and "blocked"; they may be the same where only another rule
    fires, a warning for instance. ``rules_gained`` and ``rules_lost`` hold ids of rules.
    """

    number: str
    partner: str
    before: str
    after: str
    rules_gained: tuple[str, ...]
    rules_lost: tuple[str, ...]

    @property
    def turns(self) -> bool:
        """Whether the outcome itself is another one."""
        return self.before != self.after


def compare(old: RuleSet, new: RuleSet, claims: Iterable[tuple[str, str, ClaimFacts]]) -> Iterator[Change]:
    """Every claim whose outcome or rules differ between ``old`` and ``new``, in the order of ``claims``.

    Raises TypeError for a fact of the wrong type, as ``decide`` does.
    """
    by_old, by_new = compile_rule_set(old), compile_rule_set(new)
    for number, partner, facts in claims:
        before, after = by_old(facts), by_new(facts)
        if before != after and (before.outcome != after.outcome or set(before.fired) != set(after.fired)):
            gained = tuple(rule for rule in after.fired if rule not in before.fired)
            lost = tuple(rule for rule in before.fired if rule not in after.fired)
            yield Change(number, partner, before.outcome, after.outcome, gained, lost)


@dataclass(slots=True)
class RuleTally:
    """How many claims a rule newly speaks of and no longer speaks of, with the numbers of the first of each."""

    gained: int = 0
    lost: int = 0
    gained_examples: list[str] = field(default_factory=list)
    lost_examples: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Tally:
    """Changes added up as they come. It grows with the rules and the partners there are, never with the claims.

    ``changed`` counts every change, ``turned`` those with another outcome; ``outcomes`` counts pairs of outcome before
    and after, ``partners`` the changes of each partner, ``examples`` holds the numbers of the first that turned.
    """

    changed: int = 0
    turned: int = 0
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    rules: dict[str, RuleTally] = field(default_factory=dict)
    partners: Counter[str] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def watch(self, changes: Iterable[Change]) -> Iterator[Change]:
        """The same changes, each counted as it passes."""
        for change in changes:
            self.add(change)
            yield change

    def add(self, change: Change) -> None:
        """Count one change."""
        self.changed += 1
        self.partners[change.partner] += 1
        turn = (change.before, change.after)
        self.outcomes[turn] += 1
        if change.turns:
            self.turned += 1
            _keep(self.examples.setdefault(turn, []), change.number)
        for rule in change.rules_gained:
            tally = self.rules.setdefault(rule, RuleTally())
            tally.gained += 1
            _keep(tally.gained_examples, change.number)
        for rule in change.rules_lost:
            tally = self.rules.setdefault(rule, RuleTally())
            tally.lost += 1
            _keep(tally.lost_examples, change.number)


def _keep(examples: list[str], number: str) -> None:
    if len(examples) < EXAMPLES:
        examples.append(number)
