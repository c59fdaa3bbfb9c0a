"""The inspector: what passes between the app and Slack, live, and the faults one can switch on."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, render_template, request

from sandbox.page import misbehaving
from sandbox.page.acts import outcome
from sandbox.page.inspected import KINDS, Filter, Inspected, Line
from sandbox.page.scenes import Eyes

if TYPE_CHECKING:
    from sandbox.server import Sandbox

# How many lines the list shows before one asks for more.
NEWEST = 100


class Inspector:
    """Its addresses are below each person's, so that times are in this person's zone and the way back leads home."""

    def __init__(self, sandbox: "Sandbox", eyes: Callable[[str], Eyes], blueprint: Blueprint) -> None:
        self._sandbox = sandbox
        self._eyes = eyes
        add = blueprint.add_url_rule
        add("/as/<user>/inspector", "inspector", self.show)
        add("/as/<user>/inspector/<int:number>.json", "exchange", self.exchange)
        add("/as/<user>/inspector/faults", "faults_on", self.faults_on, methods=["POST"])
        add("/as/<user>/inspector/faults/off", "faults_off", self.faults_off, methods=["POST"])

    def show(self, user: str) -> str:
        """The list, newest first, as far as the filter takes it; `?number=` opens one."""
        eyes = self._eyes(user)
        inspected = self._inspected(eyes)
        revision = f"{self._sandbox.workspace.revision} {self._sandbox.exchanges.revision}"
        kept = self._sandbox.exchanges.all
        wanted = Filter.of(lambda name: request.args.get(name, ""))
        newest = max(request.args.get("newest", NEWEST, int), NEWEST)
        lines: list[Line] = []
        more = False
        for one in reversed(kept):
            line = inspected.line(one)
            if wanted.takes(one, inspected, line):
                more = len(lines) == newest
                if more:
                    break
                lines.append(line)
        chosen = self._sandbox.exchanges.find(request.args.get("number", 0, int))
        return render_template(
            "sandbox/inspector.html",
            eyes=eyes,
            base=eyes.base,
            team=self._sandbox.workspace.team,
            revision=revision,
            kept=len(kept),
            lines=lines,
            earlier=newest + 2 * NEWEST if more else 0,
            kinds=KINDS,
            wanted=wanted,
            query=_query(wanted, newest),
            chosen=inspected.line(chosen) if chosen else None,
            chosen_kind=type(chosen).__name__.lower() if chosen else "",
            transport=getattr(chosen, "transport", ""),
            parts=inspected.parts(chosen) if chosen else [],
            board=misbehaving,
            place="inspector",
        )

    def exchange(self, user: str, number: int) -> Response:
        """One of them as JSON, to be kept or sent to somebody."""
        one = self._sandbox.exchanges.find(number)
        if one is None:
            abort(404)
        return jsonify({part.title: part.value for part in self._inspected(self._eyes(user)).parts(one)})

    def faults_on(self, user: str) -> Response:
        self._eyes(user)
        given = self._given()
        return jsonify(outcome(lambda: misbehaving.switch_on(self._sandbox.faults, given)))

    def faults_off(self, user: str) -> Response:
        self._eyes(user)
        given = self._given()
        return jsonify(outcome(lambda: misbehaving.switch_off(self._sandbox.faults, str(given.get("kind") or ""))))

    def _given(self) -> dict[str, Any]:
        given: Any = request.get_json()
        if not isinstance(given, dict):
            abort(400)
        return given

    def _inspected(self, eyes: Eyes) -> Inspected:
        return Inspected(self._sandbox.workspace, self._sandbox.app, eyes.me.tz)


def _query(wanted: Filter, newest: int) -> dict[str, str]:
    """What a link in the list has to carry on."""
    given = {"kind": wanted.kind, "text": wanted.text, "failed": "1" if wanted.failed else ""}
    if newest != NEWEST:
        given["newest"] = str(newest)
    return {key: value for key, value in given.items() if value}
