"""Writes docs/rules.md from the code and the rule files: ``python -m rules.documentation > docs/rules.md``.

For staff who change rules and do not program. A test holds the page current.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from business_rules.fields import FIELD_NO_INPUT
from business_rules.operators import BaseType

from rules.actions import ACTIONS, Verdicts
from rules.loading import RULE_SETS, Programme, load_programme
from rules.notices import EVENTS, NOTICES
from rules.operators import DISTANCE, INPUTS, Boolean, Day, Number, Text, TextList, operators_of
from rules.plan import OPERATORS
from rules.rulesets import PLACEHOLDER, Action, Condition, DaysOf, Leaf, Reference, Rule, RuleSet, Value
from rules.variables import CHOICES, LABELS, MEANINGS, VARIABLES

TYPES: dict[type[BaseType], str] = {Text: "text", Number: "number", Boolean: "yes or no", TextList: "list", Day: "day"}

HOW = """\
# The programme's rules

<!-- Written by `python -m rules.documentation > docs/rules.md`: change the rule files or the code, not this page. -->

What a claim must have, what a reviewer should look at, what can bring money, what may be disputed and who is told:
all of it is rules, in files that you can read and change without programming. They lie in `rules/programme`, or in the
folder that `RULES_DIR` names.

## How to read a rule

```yaml
  - id: proof-too-many
    title: A claim has only so many files of proof
    source: "Our choice; see limits.yaml"
    field: proof_of_execution
    conditions:
      all:
        - {name: proof_count, operator: more_than, value: {limit: max_files_per_claim}}
    actions:
      - name: block
        params:
          reason: proof-too-many
          message: There are {proof_count} files of proof; a claim can have {max_files_per_claim}. Remove some.
```

- A rule **speaks when its conditions hold**; otherwise it is silent. So a rule says what is wrong, not what is right;
  its `title` says what is right.
- `id` is its name for machines: small letters, digits, hyphens. `title` is its name for people. `source` says where the
  rule comes from, or that the choice is ours: “Manage customer associations” and
  “Resources for customer association claims” are the two documents that describe the programme, and “Field notes” what
  other public pages say.
- `field` is the field of the form at which the message is shown. Leave it out if there is none.
- `conditions`: `all:` every one in the list must hold; `any:` at least one; `not:` the one that follows must not.
  They may stand in each other.
- A condition compares a variable (`name`) by an `operator` with a `value`. Which variables and operators there are
  stands below; some operators take no value.
- Instead of a number there may be a limit, `{limit: max_files_per_claim}`, and instead of a value another variable of
  the same type, `{variable: approved_on}`.
- `actions`: what the rule says. In a `message`, `{proof_count}` shows the value of a variable or a limit.

## How to change one

1. Copy the folder, and change the file in the copy.
2. `claimbot rules check FOLDER` says whether the files are sound; if not, it names the file, the line and what would be
   right. A file with a mistake is never used in part.
3. `claimbot rules simulate FOLDER` shows for which claims the outcome would change, and changes nothing.
4. `claimbot rules publish FOLDER` makes the rules hold from then on. Claims that were submitted before keep the rules
   under which they were submitted.

A new rule, product or limit needs nothing else. Text that contains `: ` or begins with a quotation mark or a brace
must stand in quotes.
"""

OUTCOMES = """\
## What comes of it

Every rule of a set is asked, and all that speak are heard. The outcome is the gravest of what they say: `blocked`, else
`ineligible`, else `eligible`, else `passed`. A decision is kept with the claim: every rule, the values that it
saw, and the version of the rules.
"""


def page(programme: Programme) -> str:
    """The whole page."""
    parts = [
        HOW,
        OUTCOMES,
        *(_rule_set(programme.rule_sets[name]) for name in RULE_SETS),
        "## Variables\n\nWhat a condition can ask for.\n",
        *_variables(programme),
        "## Operators\n\nHow a variable can be compared, by its type.\n",
        *(_operators(kind) for kind in TYPES),
        "## Actions\n\nWhat a rule can say.\n\n" + _table(("action", "parameters", "meaning"), _actions()),
        _notices(),
        "## Limits\n\nThe numbers of `limits.yaml`, which rules may use by name.\n\n"
        + _table(("limit", "value", "meaning", "source"), _limits(programme)),
    ]
    return "\n".join(part.rstrip() + "\n" for part in parts)


def sentence(condition: Condition) -> str:
    """A condition as a sentence without a full stop."""
    if isinstance(condition, Leaf):
        return _comparison(condition)
    if condition.kind == "not":
        return f"not ({sentence(condition.parts[0])})"
    parts = [f"({sentence(part)})" if _joined(part) else sentence(part) for part in condition.parts]
    return (" and " if condition.kind == "all" else " or ").join(parts)


def _joined(condition: Condition) -> bool:
    return not isinstance(condition, Leaf) and condition.kind != "not" and len(condition.parts) > 1


def _comparison(leaf: Leaf) -> str:
    label = OPERATORS[leaf.variable][leaf.operator]["label"]
    words = f"**{LABELS[leaf.variable]}** "
    if leaf.value is None:
        return words + label
    if isinstance(leaf.value, DaysOf):
        return f"{words}{label.replace('so many', _value(leaf.value.days))} {_value(leaf.value.of)}"
    if "so many" in label:
        return words + label.replace("so many", _value(leaf.value))
    return f"{words}{label} {_value(leaf.value)}"


def _value(value: Value) -> str:
    if isinstance(value, Reference):
        return f"**{LABELS[value.variable]}**"
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in value)
    return f"`{value}`"


def _rule_set(rule_set: RuleSet) -> str:
    head = f"## Rule set `{rule_set.id}`: {rule_set.title}\n\nSource: {rule_set.source}.\n"
    return head + "".join(f"\n{_rule(rule, rule_set)}" for rule in rule_set.rules)


def _rule(rule: Rule, rule_set: RuleSet) -> str:
    lines = [f"### {rule.title}\n", f"`{rule.id}` — {rule.source}.\n", f"When {sentence(rule.condition)}:\n"]
    return "\n".join([*lines, *(f"- {_said(action, rule_set)}" for action in rule.actions)]) + "\n"


def _said(action: Action, rule_set: RuleSet) -> str:
    params = action.params
    match action.name:
        case "notify":
            return f"tell the {params['whom']}: {NOTICES[params['whom']][params['what']]} (`{params['what']}`)"
        case "eligible":
            return f"eligible under {rule_set.catalogue.engagement(params['programme']).name}"
    reason = f" (`{params['reason']}`)" if "reason" in params else ""
    return f"{action.name}{reason}: {_shown(params['message'], rule_set)}"


def _shown(message: str, rule_set: RuleSet) -> str:
    """A message with limits as numbers and variables by their labels."""

    def of(name: str) -> str:
        return f"*{LABELS[name]}*" if name in LABELS else str(int(rule_set.limits.named[name]))

    return PLACEHOLDER.sub(lambda match: of(match[1]), message)


def _variables(programme: Programme) -> Iterator[str]:
    for name, kind in sorted(VARIABLES.items()):
        meaning = f"**{LABELS[name]}**, a {TYPES[kind]}. {MEANINGS[name]}"
        if name in CHOICES:
            choices = list(CHOICES[name](programme.catalogue, programme.reasons))
            known = ", ".join(f"`{one}`" for one in choices) if len(choices) <= 15 else "see catalogue.yaml"
            meaning += f" One of: {known}."
        yield f"### `{name}`\n\n{meaning}\n"


def _operators(kind: type[BaseType]) -> str:
    head = f"### Of a {TYPES[kind]}\n\n{(kind.__doc__ or '').strip()}\n\n"
    return head + _table(("operator", "reads", "value", "meaning"), _operator_rows(kind))


def _operator_rows(kind: type[BaseType]) -> Iterator[Iterable[str]]:
    for name, operator in sorted(operators_of(kind).items()):
        input_type = operator["input_type"]
        meaning = getattr(kind, name).__doc__ or ""
        yield f"`{name}`", operator["label"], _input(input_type), " ".join(meaning.split())


def _input(input_type: str) -> str:
    if input_type == FIELD_NO_INPUT:
        return "none"
    wanted = INPUTS[input_type]
    words = f"{wanted.words}: `{wanted.example}`" if input_type != DISTANCE else f"{wanted.words}"
    return words + (", or a limit" if wanted.limit_unit else "") + (", or a variable" if wanted.variable else "")


def _actions() -> Iterator[Iterable[str]]:
    for name, params in ACTIONS.items():
        meaning = " ".join((getattr(Verdicts, name).__doc__ or "").split())
        yield f"`{name}`", ", ".join(f"`{param}`" for param in params), meaning


def _notices() -> str:
    rows = [(f"`{whom}`", f"`{what}`", says) for whom, notices in NOTICES.items() for what, says in notices.items()]
    events = ", ".join(f"`{event}`" for event in EVENTS.values())
    return (
        "### Whom `notify` can tell what\n\n"
        + _table(("whom", "what", "says"), rows)
        + f"\nEvents at which the rule set `notice` is asked: {events}.\n"
    )


def _limits(programme: Programme) -> Iterator[Iterable[str]]:
    for name, limit in programme.limits.named.items():
        yield f"`{name}`", f"{int(limit)} {limit.unit}", limit.meaning, limit.source


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [tuple(heads), *map(tuple, rows)]
    lines.insert(1, ("---",) * len(lines[0]))
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(page(load_programme()))
