"""What a change of rules would change: which claims, by which rules, and added up without keeping the claims."""

import gc
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rules.difference import EXAMPLES, Change, Tally, compare
from rules.engine import decide
from rules.facts import ClaimFacts
from rules.rulesets import Rule, RuleSet
from tests.rules.claims import READY, ready
from tests.rules.test_compiled import SETS
from tests.rules.trials import FACTS, PROGRAMME, YES

SUBMISSION = PROGRAMME.rule_sets["submission"]


def without(rule_set: RuleSet, *rules: str) -> RuleSet:
    return replace(rule_set, rules=tuple(rule for rule in rule_set.rules if rule.id not in rules))


def test_the_same_rules_change_nothing() -> None:
    claims = [("CL-000001", "Contoso", READY), ("CL-000002", "Fabrikam", ready(proof_count=0))]
    assert list(compare(SUBMISSION, without(SUBMISSION), claims)) == []


def test_a_claim_that_no_longer_is_blocked_is_told_with_the_rule_that_let_it_go() -> None:
    claims = [("CL-000001", "Contoso", READY), ("CL-000002", "Fabrikam", ready(proof_count=0))]
    (change,) = compare(SUBMISSION, without(SUBMISSION, "proof"), claims)
    assert change == Change("CL-000002", "Fabrikam", "blocked", "passed", (), ("proof",))
    assert change.turns


def test_another_warning_is_a_change_though_the_outcome_stays() -> None:
    facts = ready(customer_contact_email="cara@northwind.com")
    old = without(SUBMISSION, "customer-contact-elsewhere")
    (change,) = compare(old, SUBMISSION, [("CL-000001", "Contoso", facts)])
    assert (change.turns, change.rules_gained) == (False, ("customer-contact-elsewhere",))


def test_rules_in_another_order_change_nothing() -> None:
    turned = replace(SUBMISSION, rules=SUBMISSION.rules[::-1])
    assert list(compare(SUBMISSION, turned, [("CL-000001", "Contoso", ClaimFacts(today=READY.today))])) == []


@given(SETS, SETS, st.lists(FACTS, max_size=5))
def test_what_changes_is_what_the_two_decisions_say(old: RuleSet, new: RuleSet, facts: list[ClaimFacts]) -> None:
    changes = list(compare(old, new, ((str(n), "Contoso", one) for n, one in enumerate(facts))))
    expected = [
        (str(number), before.outcome, after.outcome, set(after.fired) - set(before.fired))
        for number, one in enumerate(facts)
        if set((before := decide(old, one)).fired) != set((after := decide(new, one)).fired)
        or before.outcome != after.outcome
    ]
    assert [(one.number, one.before, one.after, set(one.rules_gained)) for one in changes] == expected


def test_a_tally_counts_by_outcome_by_rule_and_by_partner_with_the_first_examples() -> None:
    tally = Tally()
    changes = [Change(f"CL-{n}", "Contoso", "passed", "blocked", ("proof",), ("old",)) for n in range(EXAMPLES + 2)]
    changes.append(Change("CL-X", "Fabrikam", "passed", "passed", ("warned",), ()))
    assert list(tally.watch(changes)) == changes
    assert (tally.changed, tally.turned) == (EXAMPLES + 3, EXAMPLES + 2)
    assert tally.outcomes == {("passed", "blocked"): EXAMPLES + 2, ("passed", "passed"): 1}
    assert tally.partners == {"Contoso": EXAMPLES + 2, "Fabrikam": 1}
    assert (tally.rules["proof"].gained, tally.rules["old"].lost) == (EXAMPLES + 2, EXAMPLES + 2)
    first = [f"CL-{n}" for n in range(EXAMPLES)]
    assert tally.rules["proof"].gained_examples == tally.rules["old"].lost_examples == first
    assert tally.examples == {("passed", "blocked"): first}


def test_memory_does_not_grow_with_the_claims() -> None:
    old = RuleSet(
        "trial", "t", "s", "0", (Rule("new", "t", "s", None, YES, ()),), SUBMISSION.catalogue, SUBMISSION.limits
    )
    new, tally = without(old, "new"), Tally()

    def used_after(claims: int) -> int:
        for _ in tally.watch(compare(old, new, _many(claims))):
            pass
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        few = used_after(1_000)
        # Less than ten bytes for each claim more: other threads of the process may keep something meanwhile.
        assert used_after(20_000) - few < 190_000
    finally:
        tracemalloc.stop()
    assert tally.changed == 21_000


def _many(count: int) -> Iterator[tuple[str, str, ClaimFacts]]:
    return ((f"CL-{number:06}", "Contoso", READY) for number in range(count))
