"""The shipped programme, and a way to load another one from a few lines of YAML."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from rules.faults import Fault, ProgrammeError
from rules.loading import SHIPPED, Programme, load_programme

# Machines are shared: how long one example takes says nothing here.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def programme() -> Programme:
    return load_programme()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped programme, to spoil."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "programme"))


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
