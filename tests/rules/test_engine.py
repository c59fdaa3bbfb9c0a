"""Deciding: what conditions and operators mean, and the traps of business-rules, each closed."""

import json
import subprocess
import sys
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pytest
from business_rules.fields import FIELD_NO_INPUT
from hypothesis import given
from hypothesis import strategies as st

from rules.actions import Verdicts
from rules.engine import decide
from rules.facts import ClaimFacts
from rules.fields import BY_ID
from rules.lifecycle import Status
from rules.loading import Programme
from rules.operators import DISTANCE, Day, Number, Text, TextList, months_later, operators_of
from rules.rulesets import Action, Condition, DaysOf, Group, Leaf, Reference, Rule
from rules.variables import CHOICES, LABELS, VARIABLES, ClaimVariables
from tests.rules.claims import READY, TODAY, ready
from tests.rules.trials import NO, PROGRAMME, YES, a_set, holds, result

# Meaning ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (YES, True),
        (NO, False),
        (Group("all", (YES, YES)), True),
        (Group("all", (YES, NO)), False),
        (Group("any", (NO, YES)), True),
        (Group("any", (NO, NO)), False),
        (Group("not", (NO,)), True),
        (Group("not", (YES,)), False),
        (Group("not", (Group("all", (YES, NO)),)), True),
        (Group("any", (NO, Group("not", (Group("any", (NO, NO)),)))), True),
    ],
)
def test_all_any_and_not_mean_what_they_say(condition: Condition, expected: bool) -> None:
    assert holds(condition) is expected


@pytest.mark.parametrize(
    ("leaf", "facts", "expected"),
    [
        (("mpn", "equal_to", "4711001"), {}, True),
        (("mpn", "equal_to", "4711"), {}, False),
        (("mpn", "is_one_of", ("1", "4711001")), {}, True),
        (("mpn", "is_one_of", ("47110011",)), {}, False),
        (("mpn", "is_empty", None), {"mpn": " \t"}, True),
        (("mpn", "is_present", None), {"mpn": " \t"}, False),
        (("claim_name", "equal_to", "gold"), {"claim_name": "Gold"}, False),
        (("customer_domain", "is_domain", None), {"customer_domain": "fabrikam.co.uk"}, True),
        (("customer_domain", "is_domain", None), {"customer_domain": "fabrikam.com\n"}, False),
        (("customer_contact_email", "is_email", None), {"customer_contact_email": "a@b@fabrikam.com"}, False),
        (("disputes", "equal_to", 2), {"disputes": 2}, True),
        (("disputes", "more_than", 2), {"disputes": 2}, False),
        (("disputes", "at_least", 2), {"disputes": 2}, True),
        (("disputes", "less_than", 2), {"disputes": 2}, False),
        (("disputes", "at_most", 2), {"disputes": 2}, True),
        (("products", "contains", "teams"), {"products": ("teams-phone",)}, False),
        (("products", "contains", "teams"), {"products": ("exchange", "teams")}, True),
        (("products", "contains_all", ("teams", "exchange")), {"products": ("exchange", "teams", "yammer")}, True),
        (("products", "contains_all", ("teams", "exchange")), {"products": ("teams",)}, False),
        (("products", "contains_any", ("teams", "exchange")), {"products": ("yammer", "teams")}, True),
        (("products", "contains_any", ("teams", "exchange")), {"products": ()}, False),
        (("products", "is_subset_of", ("teams", "exchange")), {"products": ("teams",)}, True),
        (("products", "is_subset_of", ("teams", "exchange")), {"products": ("teams", "yammer")}, False),
        (("rejected_on", "on_or_before", "2026-11-01"), {"rejected_on": date(2026, 11, 1)}, True),
        (("rejected_on", "on_or_before", "2026-11-01"), {"rejected_on": date(2026, 11, 2)}, False),
        (("rejected_on", "on_or_after", "2026-11-01"), {"rejected_on": date(2026, 11, 1)}, True),
        (("rejected_on", "on_or_after", "2026-11-01"), {"rejected_on": date(2026, 10, 31)}, False),
        (("rejected_on", "within_days_of_today", 30), {"rejected_on": date(2026, 10, 21)}, True),
        (("rejected_on", "within_days_of_today", 30), {"rejected_on": date(2026, 10, 20)}, False),
        (("rejected_on", "within_days_of_today", 30), {"rejected_on": date(2026, 12, 21)}, False),
        (("rejected_on", "older_than_days", 30), {"rejected_on": date(2026, 10, 21)}, False),
        (("rejected_on", "older_than_days", 30), {"rejected_on": date(2026, 10, 20)}, True),
        (("rejected_on", "older_than_months", 1), {"rejected_on": date(2026, 10, 20)}, False),
        (("rejected_on", "older_than_months", 1), {"rejected_on": date(2026, 10, 19)}, True),
        (("rejected_on", "in_the_future", None), {"rejected_on": TODAY}, False),
        (("rejected_on", "within_days_of", DaysOf(2, "2026-11-10")), {"rejected_on": date(2026, 11, 8)}, True),
        (("rejected_on", "within_days_of", DaysOf(2, "2026-11-10")), {"rejected_on": date(2026, 11, 12)}, True),
        (("rejected_on", "within_days_of", DaysOf(2, "2026-11-10")), {"rejected_on": date(2026, 11, 13)}, False),
        (("rejected_on", "later_than_days_after", DaysOf(2, "2026-11-10")), {"rejected_on": date(2026, 11, 12)}, False),
        (("rejected_on", "later_than_days_after", DaysOf(2, "2026-11-10")), {"rejected_on": date(2026, 11, 13)}, True),
        (("rejected_on", "on_or_before", Reference("approved_on")), {"rejected_on": TODAY, "approved_on": TODAY}, True),
        (("rejected_on", "on_or_before", Reference("approved_on")), {"rejected_on": TODAY, "approved_on": None}, False),
        (("rejected_on", "on_or_after", Reference("approved_on")), {"rejected_on": TODAY, "approved_on": None}, False),
        (("mpn", "equal_to", Reference("claim_name")), {"claim_name": "4711001"}, True),
        (("disputes", "less_than", Reference("proof_count")), {"disputes": 1, "proof_count": 2}, True),
    ],
)
def test_an_operator_compares_exactly(leaf: tuple[str, str, Any], facts: dict[str, Any], expected: bool) -> None:
    assert holds(Leaf(*leaf), ready(**facts)) is expected


def test_of_a_missing_day_nothing_is_true_but_that_it_is_empty() -> None:
    values = {"day": "2026-11-01", "days": 0, "months": 0, FIELD_NO_INPUT: None, DISTANCE: DaysOf(400, "2026-11-01")}
    true = {
        name
        for name, operator in operators_of(Day).items()
        if holds(Leaf("rejected_on", name, values[operator["input_type"]]), ready(rejected_on=None))
    }
    assert true == {"is_empty"}


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 40))
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    last_of_its_month = (later + timedelta(days=1)).day == 1
    assert later.day == day.day or (later.day < day.day and last_of_its_month)


@pytest.mark.parametrize("address", ["", "cara@fabrikam.com"])
def test_two_contacts_share_an_address_only_where_there_is_one(address: str) -> None:
    facts = ready(customer_contact_email=address, partner_contact_email=address)
    assert holds(Leaf("contacts_share_email", "is_true", None), facts) is bool(address)


# The library's traps (reference of the library's behaviour: each was tried) ------------------------------------------


@pytest.mark.parametrize("kind", ["all", "any"])
def test_an_empty_group_never_fires(kind: Any) -> None:
    with pytest.raises(ValueError, match="empty"):
        holds(Group(kind, ()))


@pytest.mark.parametrize("operator", ["_assert_valid_value_and_cast", "__class__", "__ne__", "matches_regex", "value"])
def test_only_declared_operators_can_be_called(operator: str) -> None:
    with pytest.raises(LookupError, match="no operator"):
        holds(Leaf("mpn", operator, "x"))


@pytest.mark.parametrize("variable", ["_role", "facts", "__init__", "get_all_variables", "_answers", "undecorated"])
def test_only_declared_variables_can_be_called(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setattr(ClaimVariables, "undecorated", lambda _: pytest.fail("it was called"), raising=False)
    with pytest.raises(LookupError, match="no variable"):
        holds(Leaf(variable, "is_true", None))


@pytest.mark.parametrize("action", ["_collect", "get_all_actions", "__init__"])
def test_only_declared_actions_can_be_called(action: str) -> None:
    with pytest.raises(LookupError, match="no action"):
        result(YES, READY, Action(action, {}))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Text, None),
        (Text, 0),
        (Text, ("a",)),
        (Number, "10"),
        (Number, None),
        (Number, True),
        (Number, 10.0),
        (Number, float("nan")),
        (TextList, "gold"),
        (TextList, None),
        (TextList, (1,)),
        (Day, "2026-01-01"),
        (Day, date(2026, 1, 1)),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_and_not_bent(kind: type[Any], value: object) -> None:
    with pytest.raises(TypeError):
        kind(value)


def test_a_fact_of_the_wrong_kind_stops_the_decision() -> None:
    with pytest.raises(TypeError, match="no text"):
        decide(PROGRAMME.rule_sets["submission"], ready(claim_name=None))
    with pytest.raises(TypeError, match="no tuple"):
        decide(PROGRAMME.rule_sets["submission"], ready(products="teams"))


def test_numbers_are_compared_without_tolerance() -> None:
    assert not Number(10).equal_to(10.0000005)  # type: ignore[arg-type]


def test_a_variable_is_worked_out_once_however_often_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    original = ClaimVariables.role_needs

    def counted(self: ClaimVariables) -> tuple[str, ...]:
        calls.append("role_needs")
        return original(self)

    monkeypatch.setattr(ClaimVariables, "role_needs", counted)
    leaf = Leaf("role_needs", "contains", "subscription_id")
    condition = Group("any", tuple(Group("all", (leaf, leaf, Group("not", (leaf,)))) for _ in range(10)))
    decide(a_set(*(Rule(str(n), "t", "s", None, condition, ()) for n in range(3))), READY)
    assert calls == ["role_needs"]


WITHOUT_ASSERTIONS = """
import json, sys
from dataclasses import replace
from datetime import date
from rules.compiled import compile_rule_set
from rules.engine import decide
from rules.facts import ClaimFacts
from rules.loading import load_programme
from rules.rulesets import Group, Leaf, Rule, RuleSet

if __debug__:
    sys.exit("assertions are on")
programme = load_programme()
facts = ClaimFacts(today=date(2026, 11, 20), customer_domain="nowhere", products=("teams", "sales"))
print(json.dumps([decide(programme.rule_sets[name], facts).to_json() for name in ("submission", "dispute")]))
for condition in (Group("all", ()), Leaf("mpn", "__ne__", "x"), Leaf("get_all_variables", "is_true", None)):
    rule = Rule("only", "t", "s", None, condition, ())
    rule_set = RuleSet("trial", "t", "s", "0", (rule,), programme.catalogue, programme.limits)
    for evaluate in (lambda: decide(rule_set, facts), lambda: compile_rule_set(rule_set)):
        try:
            evaluate()
        except (ValueError, LookupError):
            continue
        sys.exit(f"{condition} was let through")
for name, rule_set in programme.rule_sets.items():
    told, bare = decide(rule_set, facts), compile_rule_set(rule_set)(facts)
    if (told.outcome, told.fired) != bare:
        sys.exit(f"the evaluators disagree about {name}")
for wrong in (None, ["a"], "teams", (1,)):
    for evaluate in (decide, lambda rule_set, facts: compile_rule_set(rule_set)(facts)):
        try:
            evaluate(programme.rule_sets["submission"], replace(facts, products=wrong))
        except TypeError:
            continue
        sys.exit(f"{wrong} was taken for a list of products")
"""


def test_python_without_assertions_decides_the_same_and_refuses_the_same(programme: Programme) -> None:
    run = subprocess.run([sys.executable, "-O", "-c", WITHOUT_ASSERTIONS], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    facts = ClaimFacts(today=date(2026, 11, 20), customer_domain="nowhere", products=("teams", "sales"))
    expected = [decide(programme.rule_sets[name], facts).to_json() for name in ("submission", "dispute")]
    assert json.loads(run.stdout) == expected


# What is declared ----------------------------------------------------------------------------------------------------


def test_every_field_of_the_claim_but_the_files_is_a_variable_with_its_label() -> None:
    for field in BY_ID.values():
        if field.id != "proof_of_execution":
            assert LABELS[field.id] == field.label


def test_every_fact_is_a_variable_but_the_day_from_which_all_are_seen() -> None:
    assert {field.name for field in fields(ClaimFacts)} - set(VARIABLES) == {"today"}


def test_variables_with_choices_exist_and_have_some() -> None:
    for name, choices in CHOICES.items():
        assert name in VARIABLES
        assert list(choices(PROGRAMME.catalogue, PROGRAMME.reasons)), name
    assert set(CHOICES["status"](PROGRAMME.catalogue, PROGRAMME.reasons)) == {status.value for status in Status}


def test_a_status_may_come_as_the_enumeration_that_it_is() -> None:
    finding = result(Leaf("status", "equal_to", "Approved"), ready(status=Status.APPROVED))
    assert finding.fired
    assert type(finding.leaves[0].actual) is str


def test_the_library_exports_the_actions_that_rules_may_name() -> None:
    assert {action["name"] for action in Verdicts.get_all_actions()} == {
        "block",
        "warn",
        "eligible",
        "ineligible",
        "suggest",
        "notify",
    }
