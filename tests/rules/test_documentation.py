"""docs/rules.md is what the code and the rule files say, and is whole."""

from pathlib import Path

import pytest

from rules.actions import ACTIONS
from rules.documentation import page, sentence
from rules.loading import Programme
from rules.operators import operators_of
from rules.plan import leaves
from rules.rulesets import DaysOf, Group, Leaf, Reference
from rules.variables import MEANINGS, VARIABLES

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_page_is_current(programme: Programme) -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == page(programme), "run: python -m rules.documentation > docs/rules.md"


def test_every_variable_operator_action_limit_and_rule_stands_on_the_page(programme: Programme) -> None:
    text = page(programme)
    assert [name for name in VARIABLES if f"\n### `{name}`\n" not in text] == []
    names = [*ACTIONS, *programme.limits.named]
    names += [name for kind in set(VARIABLES.values()) for name in operators_of(kind)]
    assert [name for name in names if f"| `{name}` |" not in text] == []
    for rule_set in programme.rule_sets.values():
        assert [rule.id for rule in rule_set.rules if f"`{rule.id}` — " not in text] == []


def test_every_variable_and_every_operator_has_a_meaning_that_is_a_sentence() -> None:
    said = dict(MEANINGS)
    for kind in set(VARIABLES.values()):
        said |= {f"{kind.__name__}.{name}": getattr(kind, name).__doc__ for name in operators_of(kind)}
    assert [name for name, words in said.items() if not words or not words.rstrip().endswith(".")] == []


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Leaf("mpn", "is_empty", None), "**Partner location (MPN)** is empty"),
        (Leaf("disputes", "at_least", 1), "**Disputes so far** is at least `1`"),
        (Group("not", (Leaf("official", "is_true", None),)), "not (**Association is official** is true)"),
        (
            Group("all", (Leaf("official", "is_true", None), Leaf("disputes", "equal_to", Reference("proof_count")))),
            "**Association is official** is true and **Disputes so far** is **Files of proof**",
        ),
        (
            Leaf("submitted_on", "later_than_days_after", DaysOf(90, Reference("transaction_on"))),
            "**Submitted on** is later than `90` days after **Customer bought on**",
        ),
    ],
)
def test_a_condition_reads_as_a_sentence(condition: Leaf | Group, words: str) -> None:
    assert sentence(condition) == words
    assert list(leaves(condition))
