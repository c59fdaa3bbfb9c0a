"""How fast rules are decided: 30 rules of 3 to 5 conditions over many claims, by six evaluators in one run.

The same rules, said in each evaluator's own way; before anything is measured, all of them must find the same rules
fired on the same claims. What a claim is to each of them is made beforehand, save what business-rules wants anew for
every claim: its variables and its actions. Time is the processor's, not the clock's: none of them waits for anything,
and others may use the machine.
"""

from __future__ import annotations

import gc
import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from time import process_time
from typing import Any

import zen
from business_rules import run_all
from business_rules.actions import BaseActions, rule_action
from business_rules.variables import (
    BaseVariables,
    boolean_rule_variable,
    numeric_rule_variable,
    select_multiple_rule_variable,
    string_rule_variable,
)

from benchmarks.results import Figure, Result
from rules.compiled import compile_rule_set
from rules.engine import decide
from rules.facts import ClaimFacts
from rules.loading import load_programme
from rules.rulesets import Action, Group, Leaf, Rule, RuleSet

LEAST_AGAINST_RUN_ALL = 25
MOST_AGAINST_PLAIN = 2

TEXTS = {
    "status": ("Draft", "Submitted", "Under review", "Approved", "Rejected"),
    "partner_role": ("use-or-consume", "build-intent-advisor", "usage-recognition", "influenced-revenue"),
    "solution_area": ("modern-work", "business-applications"),
    "customer_country": ("DE", "US", "FR", "JP", "BR", "IN"),
}
NUMBERS = ("proof_count", "new_proof_count", "disputes", "competing_claims")
TRUTHS = ("opt_out_of_payment", "location_known", "official", "has_business_justification")
PRODUCTS = ("teams", "exchange", "intune", "sharepoint", "sales", "finance", "hr", "marketing")


@dataclass(frozen=True)
class Comparison:
    """One comparison in the evaluators' languages: ours, the library's operator and value, Python's and zen's."""

    variable: str
    ours: tuple[str, Any]
    librarys: tuple[str, Any]
    python: str
    zen: str


@dataclass(frozen=True)
class Trial:
    """A rule: all or any of some comparisons."""

    id: str
    kind: str
    comparisons: tuple[Comparison, ...]

    def joined(self, language: str) -> str:
        """The rule as one expression."""
        joint = " and " if self.kind == "all" else " or "
        return joint.join(f"({getattr(one, language)})" for one in self.comparisons)


def run(*, claims: int = 20_000, rules: int = 30) -> Result:
    """Measure.

    Args:
        claims: how many are decided by each evaluator.
        rules: how many each of them is decided by.
    """
    chance = random.Random(4)
    trials = [_trial(chance, f"rule-{number}") for number in range(rules)]
    facts = [_facts(chance) for _ in range(claims)]
    contexts = [{**asdict(one), "today": "", "products": list(one.products)} for one in facts]
    evaluators: dict[str, tuple[Callable[[Any], Any], Sequence[Any]]] = {
        "business-rules run_all": (_librarys(trials), facts),
        "compiled, outcome only": (_compiled(trials), facts),
        "explained": (_explained(trials), facts),
        "zen-engine": (_zen(trials, trace=False), contexts),
        "zen-engine with trace": (_zen(trials, trace=True), contexts),
        "plain Python functions": (_plain(trials), facts),
    }
    _agree(evaluators, claims)
    gc.collect()
    gc.freeze()  # what was made beforehand is not searched for garbage again and again
    rates = {name: _rate(evaluate, given) for name, (evaluate, given) in evaluators.items()}
    library, plain = rates["business-rules run_all"], rates["plain Python functions"]
    traced = rates["zen-engine with trace"]

    def figure(name: str, target: str = "", met: bool | None = None) -> Figure:
        return Figure(name, rates[name], "claims/s", library, target, met)

    fast, told = rates["compiled, outcome only"], rates["explained"]
    figures = (
        figure("business-rules run_all"),
        figure("compiled, outcome only", f"ratio >= {LEAST_AGAINST_RUN_ALL}", fast >= LEAST_AGAINST_RUN_ALL * library),
        figure("explained", "no slower than zen-engine with trace", told >= traced),
        figure("zen-engine"),
        figure("zen-engine with trace"),
        figure("plain Python functions"),
        Figure(
            "compiled beside plain Python functions",
            fast,
            "claims/s",
            plain,
            f"ratio >= {1 / MOST_AGAINST_PLAIN}",
            fast * MOST_AGAINST_PLAIN >= plain,
        ),
    )
    about = f"{rules} rules of 3 to 5 conditions over {claims:,} claims; the baseline is business-rules run_all"
    return Result("rules: how fast claims are decided", about, figures)


def _trial(chance: random.Random, id: str) -> Trial:
    count = chance.randint(3, 5)
    return Trial(id, chance.choice(["all", "all", "any"]), tuple(_comparison(chance) for _ in range(count)))


def _comparison(chance: random.Random) -> Comparison:
    match chance.choice(["text", "text", "number", "number", "truth", "list"]):
        case "text":
            name = chance.choice(sorted(TEXTS))
            value = chance.choice(TEXTS[name])
            shown = json.dumps(value)
            equal = ("equal_to", value)
            return Comparison(name, equal, equal, f"claim.{name} == {shown}", f"{name} == {shown}")
        case "number":
            name, number = chance.choice(NUMBERS), chance.randint(0, 3)
            ours, librarys, sign = chance.choice(
                [
                    ("more_than", "greater_than", ">"),
                    ("at_most", "less_than_or_equal_to", "<="),
                    ("equal_to",) * 2 + ("==",),
                ]
            )
            python, in_zen = f"claim.{name} {sign} {number}", f"{name} {sign} {number}"
            return Comparison(name, (ours, number), (librarys, number), python, in_zen)
        case "truth":
            name, wanted = chance.choice(TRUTHS), chance.random() < 0.5
            truth = ("is_true" if wanted else "is_false", None)
            python, in_zen = f"claim.{name}" if wanted else f"not claim.{name}", f"{name} == {str(wanted).lower()}"
            return Comparison(name, truth, truth, python, in_zen)
    some = tuple(chance.sample(PRODUCTS, 2))
    python = f"any(one in {some!r} for one in claim.products)"
    in_zen = f"some(products, # in {json.dumps(some)})"
    shares = ("shares_at_least_one_element_with", list(some))
    return Comparison("products", ("contains_any", some), shares, python, in_zen)


def _facts(chance: random.Random) -> ClaimFacts:
    texts = {name: chance.choice(values) for name, values in TEXTS.items()}
    numbers = {name: chance.randint(0, 3) for name in NUMBERS}
    truths = {name: chance.random() < 0.5 for name in TRUTHS}
    products = tuple(chance.sample(PRODUCTS, chance.randint(1, 3)))
    values: dict[str, Any] = {**texts, **numbers, **truths, "products": products}
    return replace(ClaimFacts(today=date(2026, 11, 20)), **values)


def _rule_set(trials: Iterable[Trial]) -> RuleSet:
    programme = load_programme()
    warn = (Action("warn", {"message": "Look here."}),)
    rules = []
    for trial in trials:
        leaves = tuple(Leaf(one.variable, *one.ours) for one in trial.comparisons)
        condition = Group("all" if trial.kind == "all" else "any", leaves)
        rules.append(Rule(trial.id, "A rule", "benchmark", None, condition, warn))
    return RuleSet("bench", "Benchmark", "benchmark", "0", tuple(rules), programme.catalogue, programme.limits)


def _compiled(trials: Sequence[Trial]) -> Callable[[ClaimFacts], Any]:
    evaluate = compile_rule_set(_rule_set(trials))
    return lambda facts: evaluate(facts).fired


def _explained(trials: Sequence[Trial]) -> Callable[[ClaimFacts], Any]:
    rule_set = _rule_set(trials)
    return lambda facts: decide(rule_set, facts).fired


def _plain(trials: Sequence[Trial]) -> Callable[[ClaimFacts], Any]:
    functions = [(trial.id, eval(f"lambda claim: {trial.joined('python')}")) for trial in trials]  # noqa: S307
    return lambda facts: tuple([id for id, function in functions if function(facts)])


def _zen(trials: Sequence[Trial], *, trace: bool) -> Callable[[dict[str, Any]], Any]:
    expressions = [{"id": one.id, "key": f"r{n}", "value": one.joined("zen")} for n, one in enumerate(trials)]
    nodes = [
        {"id": "in", "type": "inputNode", "name": "claim", "position": {"x": 0, "y": 0}},
        {"id": "rules", "type": "expressionNode", "name": "rules", "position": {"x": 1, "y": 0}}
        | {"content": {"expressions": expressions}},
        {"id": "out", "type": "outputNode", "name": "outcome", "position": {"x": 2, "y": 0}},
    ]
    edges = [
        {"id": "a", "type": "edge", "sourceId": "in", "targetId": "rules"},
        {"id": "b", "type": "edge", "sourceId": "rules", "targetId": "out"},
    ]
    decision = zen.ZenEngine().create_decision(json.dumps({"nodes": nodes, "edges": edges}))
    ids = [trial.id for trial in trials]
    options: Any = {"trace": trace}

    def evaluate(context: dict[str, Any]) -> tuple[str, ...]:
        result = decision.evaluate(context, options)["result"]
        return tuple([id for n, id in enumerate(ids) if result[f"r{n}"]])

    return evaluate


def _librarys(trials: Sequence[Trial]) -> Callable[[ClaimFacts], Any]:
    rules = [
        {
            "conditions": {
                trial.kind: [
                    {"name": one.variable, "operator": one.librarys[0], "value": one.librarys[1]}
                    for one in trial.comparisons
                ]
            },
            "actions": [{"name": "fired", "params": {"rule": trial.id}}],
        }
        for trial in trials
    ]
    kinds = (
        dict.fromkeys(TEXTS, string_rule_variable)
        | dict.fromkeys(NUMBERS, numeric_rule_variable)
        | dict.fromkeys(TRUTHS, boolean_rule_variable)
        | {"products": select_multiple_rule_variable}
    )

    def variable(name: str, kind: Any) -> Any:
        def value(self: Any) -> Any:
            return getattr(self.facts, name)

        value.__name__ = name
        return kind()(value)

    methods = {name: variable(name, kind) for name, kind in kinds.items()}
    variables: Any = type("Variables", (BaseVariables,), {"__init__": _remember, **methods})

    def evaluate(facts: ClaimFacts) -> tuple[str, ...]:
        actions = _Fired()
        run_all(rules, variables(facts), actions)
        return tuple(actions.ids)

    return evaluate


def _remember(self: Any, facts: ClaimFacts) -> None:
    self.facts = facts


class _Fired(BaseActions):  # type: ignore[misc]
    def __init__(self) -> None:
        self.ids: list[str] = []

    @rule_action(params={"rule": "text"})  # type: ignore[untyped-decorator]
    def fired(self, rule: str) -> None:
        self.ids.append(rule)


def _agree(evaluators: dict[str, tuple[Callable[[Any], Any], Sequence[Any]]], claims: int) -> None:
    for number in range(0, claims, max(1, claims // 500)):
        answers = {evaluate(given[number]) for evaluate, given in evaluators.values()}
        if len(answers) != 1:
            raise RuntimeError(f"The evaluators disagree about claim {number}: {answers}")


def _rate(evaluate: Callable[[Any], Any], given: Sequence[Any]) -> float:
    """Claims a second of processor time: the better of two rounds."""
    best = 0.0
    for _ in range(2):
        began = process_time()
        for one in given:
            evaluate(one)
        best = max(best, len(given) / (process_time() - began))
    return best
