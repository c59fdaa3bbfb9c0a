"""What Block Kit takes and refuses beyond mere sizes."""

from typing import Any

import pytest

from sandbox.blocks import Fault, check_message, check_options, check_view
from tests.sandbox.kit import (
    actions,
    asked,
    bars,
    button,
    cell,
    container,
    data_table,
    field,
    group,
    home,
    image,
    modal,
    mrkdwn,
    option,
    options,
    plain,
    rich,
    said,
    section,
    static_select,
    table,
    typed_in,
)

FINE: list[tuple[str, list[Fault]]] = [
    ("a message of text alone", check_message({"channel": "C1", "text": "Hello", "thread_ts": "1.2"})),
    ("a message of blocks alone", check_message({"blocks": [section()]})),
    ("a text that looks like a token", check_message({"text": "Project xoxb-1234567890-abc"})),
    ("a form that looks like a token", asked(section("Project xapp-1234567890-abc"), private_metadata="xoxb-1234567")),
    ("a modal with submit and no inputs", asked(submit=plain())),
    ("blocks left empty", check_message({"text": "Hello", "blocks": []})),
    (
        "mentions, dates and links in text",
        said(section("<@U1> <#C1|general> <!date^1792000000^{date}|soon> <https://example.com|here> <!channel>")),
    ),
    (
        "formatted radio options",
        said(
            actions({"type": "radio_buttons", "options": [{"text": mrkdwn(), "value": "a", "description": mrkdwn()}]})
        ),
    ),
    (
        "the same action_id in two blocks",
        said(actions(button(action_id="open")), section(accessory=button(action_id="open"))),
    ),
    (
        "an initial option that differs in emoji only",
        asked(field(static_select(initial_option={"text": {**plain("Option 0"), "emoji": True}, "value": "0"}))),
    ),
    (
        "an initial option out of a group",
        asked(field({"type": "static_select", "option_groups": [group()], "initial_option": option("0")})),
    ),
    (
        "a number with bounds as strings",
        asked(field(typed_in("number_input", is_decimal_allowed=True, min_value="-1.5", max_value="10"))),
    ),
    ("an input in a message", said(field())),
    ("a picture by file", said({"type": "image", "slack_file": {"id": "F1"}, "alt_text": "A"})),
    (
        "rich text of every leaf",
        said(
            rich(
                {"type": "text", "text": "x", "style": {"bold": True}},
                {"type": "user", "user_id": "U1"},
                {"type": "link", "url": "https://example.com"},
                {"type": "emoji", "name": "tada"},
                {"type": "channel", "channel_id": "C1"},
                {"type": "broadcast", "range": "here"},
                {"type": "date", "timestamp": 1, "format": "{date}", "fallback": "x"},
            )
        ),
    ),
    (
        "rich text lists, quotes and code",
        said(
            {
                "type": "rich_text",
                "elements": [
                    {"type": "rich_text_list", "style": "bullet", "elements": [rich()["elements"][0]]},
                    {"type": "rich_text_quote", "elements": [{"type": "text", "text": "x"}]},
                    {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]},
                ],
            }
        ),
    ),
    (
        "a table with each kind of cell",
        said(
            {
                "type": "table",
                "rows": [[cell(), {"type": "raw_number", "value": 1, "text": "1"}, rich()]],
                "column_settings": [None, {"align": "right"}, {"is_wrapped": True}],
            }
        ),
    ),
    ("a modal with every flag", asked(field(), clear_on_close=True, notify_on_close=False, close=plain("Cancel"))),
    ("an answer with nothing found", check_options({"options": []})),
    ("a select of people", check_view(home(actions({"type": "multi_users_select", "initial_users": ["U1"]})))),
    ("a link without a value", said(actions(button(url="https://example.com")))),
]


@pytest.mark.parametrize("faults", [case[1] for case in FINE], ids=[case[0] for case in FINE])
def test_what_slack_takes_passes(faults: list[Fault]) -> None:
    assert faults == []


BARE_SELECT = {"type": "static_select", "action_id": "pick"}
REFUSED: list[tuple[str, list[Fault], str]] = [
    ("text that is no string", check_message({"text": 7}), "/text"),
    ("markdown_text beside blocks", check_message({"markdown_text": "x", "blocks": [section()]}), "/blocks"),
    ("blocks that are a string", check_message({"text": "x", "blocks": "[]"}), "/blocks"),
    ("an unknown block", said({"type": "banner"}), "/blocks/0/type"),
    ("a block without a type", said({}), "/blocks/0/type"),
    ("a file block", said({"type": "file", "external_id": "x", "source": "remote"}), "/blocks/0/type"),
    ("an unknown element", said(actions({"type": "slider"})), "/blocks/0/elements/0/type"),
    ("an unknown key of a block", said(section(colour="red")), "/blocks/0/colour"),
    ("an unknown key of an element", said(actions(button(icon="x"))), "/blocks/0/elements/0/icon"),
    ("an unknown key of a view", asked(hash="x"), "/hash"),
    ("a view of another type", check_view({**modal(), "type": "workflow_step"}), "/type"),
    ("null for a key", said(section(block_id=None)), "/blocks/0/block_id"),
    ("mrkdwn in a header", said({"type": "header", "text": mrkdwn()}), "/blocks/0/text/type"),
    ("mrkdwn on a button", said(actions(button(text=mrkdwn()))), "/blocks/0/elements/0/text/type"),
    ("mrkdwn in a label", asked(field(label=mrkdwn())), "/blocks/0/label/type"),
    ("mrkdwn in a hint", asked(field(hint=mrkdwn())), "/blocks/0/hint/type"),
    ("mrkdwn in a title", asked(title=mrkdwn()), "/title/type"),
    ("mrkdwn in a submit", asked(field(), submit=mrkdwn()), "/submit/type"),
    ("mrkdwn in a close", asked(close=mrkdwn()), "/close/type"),
    ("mrkdwn in a placeholder", asked(field(typed_in(placeholder=mrkdwn()))), "/blocks/0/element/placeholder/type"),
    (
        "mrkdwn in an option",
        asked(field(static_select(options=[{"text": mrkdwn(), "value": "a"}]))),
        "/blocks/0/element/options/0/text/type",
    ),
    (
        "mrkdwn in an overflow",
        said(actions({"type": "overflow", "options": [{"text": mrkdwn(), "value": "a"}]})),
        "/blocks/0/elements/0/options/0/text/type",
    ),
    ("emoji with mrkdwn", said({"type": "section", "text": {**mrkdwn(), "emoji": True}}), "/blocks/0/text/emoji"),
    ("a section of nothing", said({"type": "section"}), "/blocks/0"),
    ("an input without a label", asked({"type": "input", "element": typed_in()}, submit=plain()), "/blocks/0/label"),
    ("a picture without alt_text", said({"type": "image", "image_url": "https://example.com"}), "/blocks/0/alt_text"),
    ("a picture with two sources", said(image(slack_file={"id": "F1"})), "/blocks/0"),
    ("a picture of no source", said({"type": "image", "alt_text": "A"}), "/blocks/0"),
    ("a javascript link", said(actions(button(url="javascript:alert(1)"))), "/blocks/0/elements/0/url"),
    ("an unknown style", said(actions(button(style="warning"))), "/blocks/0/elements/0/style"),
    ("a block_id used twice", said(section(block_id="a"), section(block_id="a")), "/blocks/1/block_id"),
    (
        "a block_id used again within a container",
        said(section(block_id="a"), container() | {"child_blocks": [section(block_id="a")]}),
        "/blocks/1/child_blocks/0/block_id",
    ),
    (
        "an action_id used twice in a block",
        said(actions(button(action_id="a"), button(action_id="a"))),
        "/blocks/0/elements/1/action_id",
    ),
    (
        "a table hidden in a container",
        said(table(), container() | {"child_blocks": [data_table()]}),
        "/blocks/1/child_blocks/0",
    ),
    (
        "a container in a container",
        said(container() | {"child_blocks": [container()]}),
        "/blocks/0/child_blocks/0/type",
    ),
    ("uneven rows", said(data_table() | {"rows": [[cell(), cell()], [cell()]]}), "/blocks/0/rows/1"),
    ("rich text in a header row", said(data_table() | {"rows": [[rich()], [cell()]]}), "/blocks/0/rows/0/0/type"),
    (
        "two series of one name",
        said(bars() | {"chart": {**bars()["chart"], "series": bars()["chart"]["series"] * 2}}),
        "/blocks/0/chart/series/1/name",
    ),
    (
        "a series without all categories",
        said(bars() | {"chart": {**bars()["chart"], "axis_config": {"categories": ["0"]}}}),
        "/blocks/0/chart/series/0/data",
    ),
    ("inputs without submit", check_view({"type": "modal", "title": plain(), "blocks": [field()]}), "/submit"),
    ("a modal without a title", check_view({"type": "modal", "blocks": [section()]}), "/title"),
    ("a Home tab with a title", check_view(home(section(), title=plain())), "/title"),
    ("a Home tab with submit", check_view(home(section(), submit=plain())), "/submit"),
    ("markdown in a modal", asked({"type": "markdown", "text": "x"}), "/blocks/0/type"),
    ("a table in a Home tab", check_view(home(table())), "/blocks/0/type"),
    ("an alert in a message", said({"type": "alert", "text": plain()}), "/blocks/0/type"),
    ("a file input in a message", said(field(typed_in("file_input"))), "/blocks/0/element/type"),
    ("an e-mail input in a Home tab", check_view(home(field(typed_in("email_text_input")))), "/blocks/0/element/type"),
    (
        "a datetimepicker in a Home tab",
        check_view(home(actions({"type": "datetimepicker"}))),
        "/blocks/0/elements/0/type",
    ),
    (
        "a datetimepicker beside a section",
        said(section(accessory={"type": "datetimepicker"})),
        "/blocks/0/accessory/type",
    ),
    ("a button as input", asked(field(button())), "/blocks/0/element/type"),
    ("a text input among actions", said(actions(typed_in())), "/blocks/0/elements/0/type"),
    ("a button in a context", said({"type": "context", "elements": [button()]}), "/blocks/0/elements/0/type"),
    ("options and option_groups", asked(field(static_select(option_groups=[group()]))), "/blocks/0/element"),
    ("neither options nor option_groups", asked(field(BARE_SELECT)), "/blocks/0/element"),
    (
        "an initial option not offered",
        asked(field(static_select(initial_option=option("z")))),
        "/blocks/0/element/initial_option",
    ),
    (
        "initial options not offered",
        asked(field({"type": "checkboxes", "options": options(2), "initial_options": [option("0"), option("z")]})),
        "/blocks/0/element/initial_options/1",
    ),
    (
        "a number's bound as a number",
        asked(field(typed_in("number_input", is_decimal_allowed=False, min_value=1))),
        "/blocks/0/element/min_value",
    ),
    (
        "a number without is_decimal_allowed",
        asked(field(typed_in("number_input"))),
        "/blocks/0/element/is_decimal_allowed",
    ),
    ("min_length above max_length", asked(field(typed_in(min_length=3, max_length=2))), "/blocks/0/element/min_length"),
    (
        "a date that is none",
        asked(field({"type": "datepicker", "initial_date": "30.11.2026"})),
        "/blocks/0/element/initial_date",
    ),
    (
        "dispatch_action with a file input",
        asked(field(typed_in("file_input"), dispatch_action=True)),
        "/blocks/0/dispatch_action",
    ),
    (
        "two elements with the focus",
        asked(field(typed_in(focus_on_load=True)), field(typed_in(focus_on_load=True))),
        "/blocks/1/element/focus_on_load",
    ),
    (
        "a confirm without a deny",
        said(actions(button(confirm={"title": plain(), "text": plain(), "confirm": plain()}))),
        "/blocks/0/elements/0/confirm/deny",
    ),
    ("true for a whole number", asked(field(typed_in("file_input", max_files=True))), "/blocks/0/element/max_files"),
    ("an answer of options and groups", check_options({"options": [], "option_groups": []}), ""),
    ("an answer of neither", check_options({}), ""),
    (
        "an answer too long for a frame",
        check_options({"options": [{"text": plain("x" * 75), "value": "y" * 150}] * 90}),
        "",
    ),
    ("a view of more than 250 KB", asked(*[{"type": "section", "fields": [plain("x" * 2000)] * 10}] * 13), ""),
]


@pytest.mark.parametrize(("faults", "pointer"), [c[1:] for c in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_slack_refuses_is_refused_where_it_stands(faults: list[Fault], pointer: str) -> None:
    assert pointer in {fault.pointer for fault in faults}


def test_lengths_are_counted_in_utf_16_units() -> None:
    assert said({"type": "header", "text": plain("🎉" * 75)}) == []
    assert said({"type": "header", "text": plain("🎉" * 75 + "x")}) == [
        Fault("/blocks/0/text/text", "must have at most 150 characters (151 given)")
    ]


@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [None], [[]], {"type": 7}, {"type": ["section"]}])
def test_no_shape_of_nonsense_breaks_the_validator(value: Any) -> None:
    assert check_message({"text": "x", "blocks": [value]})
    assert check_view({"type": "modal", "title": value, "blocks": value})
    for key in ("elements", "accessory", "fields", "text", "rows", "chart", "child_blocks", "element"):
        for kind in ("section", "actions", "context", "data_table", "data_visualization", "container", "input", "card"):
            check_message({"text": "x", "blocks": [{"type": kind, key: value}]})
