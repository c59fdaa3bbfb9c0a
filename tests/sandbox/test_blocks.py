"""Each limit of Block Kit: just inside, at its edge, just outside."""

from collections.abc import Callable

import pytest

from tests.sandbox.kit import Json, faults_of
from tests.sandbox.limits import AT_LEAST, AT_MOST


@pytest.mark.parametrize(("payload", "most", "pointer"), [c[1:] for c in AT_MOST], ids=[c[0] for c in AT_MOST])
def test_what_reaches_a_limit_passes_and_one_beyond_is_refused_where_it_stands(
    payload: Callable[[int], Json], most: int, pointer: str
) -> None:
    assert faults_of(payload(most - 1)) == []
    assert faults_of(payload(most)) == []
    assert pointer in {fault.pointer for fault in faults_of(payload(most + 1))}


@pytest.mark.parametrize(("payload", "least", "pointer"), [c[1:] for c in AT_LEAST], ids=[c[0] for c in AT_LEAST])
def test_what_reaches_the_least_passes_and_one_short_is_refused_where_it_stands(
    payload: Callable[[int], Json], least: int, pointer: str
) -> None:
    assert faults_of(payload(least + 1)) == []
    assert faults_of(payload(least)) == []
    assert pointer in {fault.pointer for fault in faults_of(payload(least - 1))}
