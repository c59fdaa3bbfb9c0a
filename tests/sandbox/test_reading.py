"""What stands on the screen, told as a person reads it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import reading


@pytest.mark.parametrize(
    ("markup", "read"),
    [
        ("*Status:* Approved", "Status: Approved"),
        ("_*both*_ and ~gone~ and `code`", "both and gone and code"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("<https://example.com|the site> or <https://example.com>", "the site or https://example.com"),
        ("<@U0ANA> in <#C0ONE|one>", "<@U0ANA> in #one"),
        ("<!date^1767344400^{date}|2 January 2026>", "2 January 2026"),
        ("<!here> a &lt; b &amp;amp; c", "@here a < b &amp; c"),
    ],
)
def test_markup_is_read_as_what_it_shows(markup, read):
    assert reading.mrkdwn(markup) == read


@given(st.text())
def test_escaping_is_undone_by_reading(text):
    assert reading.unescape(reading.escape(text)) == text


@given(st.text(alphabet="<>&@!#|abc "))
def test_nothing_escaped_reads_as_a_link_or_a_mention(text):
    assert reading.mrkdwn(reading.escape(text)) == text


def test_a_closed_menu_shows_its_choice_and_not_its_options():
    option = {"text": {"type": "plain_text", "text": "Red"}, "value": "r"}
    menu = {"type": "static_select", "options": [option], "placeholder": {"type": "plain_text", "text": "Colour"}}
    shown = [{"type": "actions", "elements": [menu, {**menu, "initial_option": option}]}]
    assert reading.visible_text(shown) == "Colour\nRed"


def test_buttons_are_found_in_containers_cards_and_overflow_menus():
    def button(label):
        return {"type": "button", "text": {"type": "plain_text", "text": label}, "action_id": label}

    card = {"type": "card", "title": {"type": "mrkdwn", "text": "A card"}, "actions": [button("In card")]}
    row = {"type": "actions", "elements": [button("In container")]}
    entry = {"text": {"type": "plain_text", "text": "In menu"}, "value": "m"}
    section = {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "x"},
        "accessory": {"type": "overflow", "action_id": "o", "options": [entry]},
    }
    blocks: list[dict[str, Any]] = [
        {"type": "container", "child_blocks": [row]},
        {"type": "carousel", "elements": [card]},
        section,
    ]
    assert reading.buttons(blocks) == ["In container", "In card", "In menu"]


def test_ids_are_given_where_there_were_none_and_kept_where_there_were():
    blocks: list[dict[str, Any]] = [
        {"type": "divider", "block_id": "mine"},
        {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "x"}}]},
    ]
    taken = reading.take_in(blocks)
    assert taken[0]["block_id"] == "mine"
    assert taken[1]["block_id"]
    assert taken[1]["elements"][0]["action_id"]
    assert taken[1]["elements"][0]["text"]["emoji"] is True
