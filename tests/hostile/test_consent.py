"""The customer's page around a link that is good: what is nearly the link opens nothing, and what is nearly the form
objects for nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from models.operations import consents
from models.operations.reviewing import MESSAGE_LENGTH
from models.tables import claim_id
from rules.fields import printable
from rules.lifecycle import Status
from tests.cast import claim_in
from tests.hostile.test_slack import CANARY, tried
from tests.loglines import Lines
from tests.stories.world import World


@dataclass
class Customer:
    """Two customers' links, and the browser of whoever tries."""

    world: World
    client: FlaskClient
    own: tuple[str, str] = ("", "")
    other: tuple[str, str] = ("", "")

    def link(self) -> tuple[str, str]:
        """The number of an approved claim, and the token of its link."""
        memory = self.world.bot.memory
        number, token = claim_in(memory, Status.APPROVED, customer_name=CANARY), token_urlsafe()
        consents.remember(memory, claim_id(number) or 0, token)
        return number, token

    def ask(self, token: str, method: str = "GET", **more: Any) -> TestResponse:
        answer = self.client.open(f"/consent/{token}", method=method, **more)
        assert answer.status_code < 500, (method, more)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        return answer

    def approved(self, number: str) -> bool:
        return self.world.claim(number).status is Status.APPROVED


@pytest.fixture
def customer(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Customer:
    for limit in ("_EACH_LINK", "_EACH_ADDRESS"):
        monkeypatch.setattr(f"bot.web.consent.{limit}", (1_000_000, 1.0))
    world = request.getfixturevalue("http_world")
    customer = Customer(world, world.bot.web.test_client())
    customer.own, customer.other = customer.link(), customer.link()
    return customer


@st.composite
def bends(draw: st.DrawFn) -> Callable[[str, str], str]:
    """How a token becomes one that nobody was given; the second is another customer's."""
    at = draw(st.integers(0, 42))
    with_it = draw(st.text(max_size=4) | st.sampled_from(["/", "%00", "%20", "?x=", "#", "\u200b", "=", ".", "é"]))
    ways: list[Callable[[str, str], str]] = [
        lambda own, other: own[:at],
        lambda own, other: own[at:],
        lambda own, other: own + (with_it or "A"),
        lambda own, other: (with_it or "A") + own,
        lambda own, other: own[:at] + (with_it or "A") + own[at:],
        lambda own, other: own.swapcase(),
        lambda own, other: own.lower(),
        lambda own, other: own[:at] + other[at:],
        lambda own, other: own + other,
        lambda own, other: f"{own}/{other}",
        lambda own, other: own[::-1],
        lambda own, other: own[:at] + ("A" if own[at] != "A" else "B") + own[at + 1 :],
    ]
    return draw(st.sampled_from(ways))


@tried
@given(bend=bends(), method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE"]), escaped=st.booleans())
def test_what_is_nearly_a_link_opens_nothing_and_ends_nothing(
    customer: Customer, bend: Callable[[str, str], str], method: str, escaped: bool
):
    links = customer.own, customer.other
    tokens = [token for _, token in links]
    bent = bend(*tokens)
    if bent.partition("?")[0].partition("#")[0] in tokens:
        return  # what follows is no part of it
    answer = customer.ask(quote(bent, safe="") if escaped else bent, method, data={"step": "confirm", "reason": "No."})
    assert 300 < answer.status_code < 500
    assert CANARY not in answer.text
    assert all(customer.approved(number) for number, _ in links)


steps = st.sampled_from(["", "ask", "back", "confirm", "CONFIRM", "confirm ", "confirm\0"]) | st.text(max_size=8)
reasons = st.text(max_size=40) | st.sampled_from(
    [
        "<script>",
        "\x00",
        "x" * 3000,
        "x" * 3001,
        "😀" * 3001,
        "\u202e" * 4000,
        "\r\n" * 2000,
        "y" * 90_000,
        "z" * 100_001,
    ]
)
names = st.sampled_from(["step", "reason", "token", "claim", "csrf_token", "_method", "step[]", "reason\0"])
kinds = st.sampled_from(
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json", "text/plain", "ÿ", ""]
)
sites = st.sampled_from([None, "same-origin", "none", "same-site", "cross-site", "cross-site, none", "nonsense"])
pairs = st.lists(
    st.tuples(st.just("step"), steps) | st.tuples(st.just("reason"), reasons) | st.tuples(names, reasons), max_size=5
)


FORM, CONFIRM = "application/x-www-form-urlencoded", ("step", "confirm")


@tried
@example(fields=[CONFIRM, ("reason", "No, thank you."), ("x", "y" * 50_000)], kind=FORM, site=None, method="POST")
@example(fields=[CONFIRM], kind=FORM, site="cross-site", method="POST")
@example(fields=[("reason", "x" * 3001), CONFIRM], kind=FORM, site="same-origin", method="POST")
@example(fields=[("step", "ask"), CONFIRM], kind=FORM, site=None, method="POST")
@given(fields=pairs, kind=kinds, site=sites, method=st.sampled_from(["POST", "POST", "POST", "GET", "PUT"]))
def test_only_the_second_answer_of_the_form_opts_out_whatever_else_is_in_it(
    customer: Customer, lines: Lines, fields: list[tuple[str, str]], kind: str, site: str | None, method: str
):
    number, token = customer.own
    body = urlencode(fields).encode()
    headers = {"Content-Type": kind} | ({"Sec-Fetch-Site": site} if site else {})
    answer = customer.ask(token, method, data=body, headers=headers)
    sent = dict(reversed(fields)) if kind == "application/x-www-form-urlencoded" else {}  # of several, the first
    reason = printable(sent.get("reason", ""), lines=True)
    meant = method == "POST" and site not in ("same-site", "cross-site") and sent.get("step") == "confirm"
    taken = meant and len(reason) <= MESSAGE_LENGTH and len(body) <= 100_000
    assert customer.approved(number) is not taken, answer.text
    assert ("You have opted out" in answer.text) is taken
    assert customer.approved(customer.other[0])
    if answer.status_code == 422 and reason.isalnum():
        assert reason in answer.text, "what was typed is lost"
    assert token not in lines.getvalue()
    assert [line for line in lines.all() if line["level"] == "error"] == []
    if taken:
        customer.own = customer.link()
