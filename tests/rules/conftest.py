"""The shipped programme, and a way to load another one from a few lines of YAML."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rules.faults import Fault, ProgrammeError
from rules.loading import SHIPPED, Programme, load_programme
from rules.rulesets import RuleSet


@pytest.fixture(scope="session")
def programme() -> Programme:
    return load_programme()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped programme, to spoil."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "programme"))


@pytest.fixture
def rule_set(folder: Path) -> Callable[[str], RuleSet]:
    """Loads a rule set of one rule that blocks, from the YAML of its conditions in one line."""

    def load(conditions: str) -> RuleSet:
        (folder / "trial.yaml").write_text(one_rule(conditions), encoding="utf-8")
        return load_programme(folder).rule_sets["trial"]

    return load


def one_rule(conditions: str, actions: str = "[{name: block, params: {reason: trial, message: Fired.}}]") -> str:
    return f"""\
id: trial
title: A trial
source: test
rules:
  - id: only
    title: The only rule
    source: test
    conditions: {conditions}
    actions: {actions}
"""


def faults_of(folder: Path) -> tuple[Fault, ...]:
    """What loading the programme in `folder` finds wrong; nothing when it loads."""
    try:
        load_programme(folder)
    except ProgrammeError as error:
        return error.faults
    return ()
