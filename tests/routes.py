"""Routes for tests, which make more servers than anybody else: hundreds, each with dozens of routes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from werkzeug.routing import Rule

Builder = Callable[..., tuple[str, str]]
_compile = Rule._compile_builder


def _on_demand(rule: Rule, append_unknown: bool = True) -> Builder:
    @cache
    def compiled() -> Builder:
        return _compile(rule, append_unknown)

    def build(one: Rule, /, **values: Any) -> tuple[str, str]:
        return compiled()(one, **values)

    return build


def build_urls_on_demand() -> None:
    """From now on, werkzeug compiles what builds a route's URLs when the first is built.

    It would for each route at once, which takes longer than everything else there is to do to start a sandbox.
    """
    Rule._compile_builder = _on_demand  # type: ignore[method-assign, assignment]
