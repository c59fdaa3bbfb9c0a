"""What people typed comes out as they saw it."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.incoming import as_typed, read

NAMES = {"U0ANA": "Ana Admin"}


@given(st.text())
@example("&lt;!channel&gt; &amp;amp; <@U0ANA|x>")
@example("<!channel> & <#C1|general> <http://a|b>")
def test_what_was_typed_comes_back_from_its_escaped_form(text: str):
    assert as_typed(escape(text, quote=False), NAMES) == text


@pytest.mark.parametrize(
    ("sent", "seen"),
    [
        ("ask <@U0ANA> please", "ask @Ana Admin please"),
        ("<@U0ANA|ana.admin>", "@Ana Admin"),
        ("<@U0ZED|zed>", "@zed"),
        ("<@U0ZED>", "@U0ZED"),
        ("<#C0TOWN|town-square>", "#town-square"),
        ("<#C0SECRET|>", "#C0SECRET"),
        ("<!channel> and <!here>", "@channel and @here"),
        ("<!subteam^S1|@reviewers>", "@reviewers"),
        ("<!subteam^S1>", "@subteam"),
        ("<!date^1392734382^{date}|18 Feb>", "18 Feb"),
        ("<https://a.example/?x=1&amp;y=2>", "https://a.example/?x=1&y=2"),
        ("<https://evil.example|your bank>", "your bank (https://evil.example)"),
        ("<https://evil.example|https://bank.example>", "https://bank.example (https://evil.example)"),
        ("<http://northwind.com|northwind.com>", "northwind.com"),
        ("<mailto:cara@northwind.com|cara@northwind.com>", "cara@northwind.com"),
        ("<https://a.example|a &amp; b>", "a & b (https://a.example)"),
        ("a &lt;@U0ANA&gt; &amp;lt;", "a <@U0ANA> &lt;"),
        ("1 < 2 is never sent like this", "1 < 2 is never sent like this"),
    ],
)
def test_tokens_are_read_as_they_were_shown(sent: str, seen: str):
    assert as_typed(sent, NAMES) == seen


def test_names_are_looked_up_only_for_those_mentioned():
    asked: list[set[str]] = []

    def find(users: object) -> dict[str, str]:
        asked.append(set(users))  # type: ignore[call-overload]
        return NAMES

    assert read("no one, &lt;@U0ANA&gt;", find) == "no one, <@U0ANA>"
    assert asked == []
    assert read("<@U0ANA> and <@U0ZED|zed>", find) == "@Ana Admin and @zed"
    assert asked == [{"U0ANA", "U0ZED"}]
