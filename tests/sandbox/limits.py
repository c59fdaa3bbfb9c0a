"""Every limit of Block Kit that Slack documents or was seen to hold, as data: payloads of a size, and the size.

Sources: docs.slack.dev, reference/block-kit and reference/methods; where Slack and others disagree, the smaller figure.
"""

from collections.abc import Callable

from tests.sandbox.kit import (
    Json,
    actions,
    answer_of,
    bars,
    button,
    card,
    confirm,
    container,
    data_table,
    field,
    group,
    home,
    image,
    in_message,
    in_modal,
    message,
    modal,
    modal_of,
    mrkdwn,
    option,
    options,
    pie,
    plain,
    section,
    static_select,
    table,
    typed_in,
)

# What is limited, a payload by size, the largest size Slack takes, where it points one beyond.
AT_MOST: list[tuple[str, Callable[[int], Json], int, str]] = [
    ("message text", lambda n: {"text": "x" * n}, 4000, "/text"),
    ("markdown_text", lambda n: {"markdown_text": "x" * n}, 12000, "/markdown_text"),
    ("blocks of a message", lambda n: message(*[section()] * n), 50, "/blocks"),
    ("blocks of a modal", lambda n: modal(*[section()] * n), 100, "/blocks"),
    ("blocks of a Home tab", lambda n: home(*[section()] * n), 100, "/blocks"),
    ("attachments", lambda n: {"text": "x", "attachments": [{}] * n}, 100, "/attachments"),
    ("block_id", in_message(lambda n: section(block_id="x" * n)), 255, "/blocks/0/block_id"),
    (
        "action_id",
        in_message(lambda n: actions(button(action_id="x" * n))),
        255,
        "/blocks/0/elements/0/action_id",
    ),
    ("title of a modal", lambda n: modal(title=plain("x" * n)), 24, "/title/text"),
    ("close of a modal", lambda n: modal(close=plain("x" * n)), 24, "/close/text"),
    ("submit of a modal", lambda n: modal(field(), submit=plain("x" * n)), 24, "/submit/text"),
    ("private_metadata", lambda n: modal(private_metadata="x" * n), 3000, "/private_metadata"),
    ("callback_id", lambda n: modal(callback_id="x" * n), 255, "/callback_id"),
    ("external_id", lambda n: home(section(), external_id="x" * n), 255, "/external_id"),
    ("text of a section", in_message(lambda n: section("x" * n)), 3000, "/blocks/0/text/text"),
    (
        "fields",
        in_message(lambda n: {"type": "section", "fields": [mrkdwn()] * n}),
        10,
        "/blocks/0/fields",
    ),
    (
        "a field",
        in_message(lambda n: {"type": "section", "fields": [mrkdwn("x" * n)]}),
        2000,
        "/blocks/0/fields/0/text",
    ),
    (
        "a header",
        in_message(lambda n: {"type": "header", "text": plain("x" * n)}),
        150,
        "/blocks/0/text/text",
    ),
    (
        "level of a header",
        in_message(lambda n: {"type": "header", "text": plain(), "level": n}),
        4,
        "/blocks/0/level",
    ),
    (
        "context elements",
        in_message(lambda n: {"type": "context", "elements": [mrkdwn()] * n}),
        10,
        "/blocks/0/elements",
    ),
    ("actions", in_message(lambda n: actions(*[button()] * n)), 25, "/blocks/0/elements"),
    (
        "context actions",
        in_message(
            lambda n: {
                "type": "context_actions",
                "elements": [{"type": "icon_button", "icon": "trash", "text": plain()}] * n,
            }
        ),
        5,
        "/blocks/0/elements",
    ),
    ("a label", in_modal(lambda n: field(label=plain("x" * n))), 2000, "/blocks/0/label/text"),
    ("a hint", in_modal(lambda n: field(hint=plain("x" * n))), 2000, "/blocks/0/hint/text"),
    ("alt_text", in_message(lambda n: image(alt_text="x" * n)), 2000, "/blocks/0/alt_text"),
    ("title of an image", in_message(lambda n: image(title=plain("x" * n))), 2000, "/blocks/0/title/text"),
    (
        "an address",
        in_message(lambda n: image(image_url="https://" + "x" * (n - 8))),
        3000,
        "/blocks/0/image_url",
    ),
    (
        "text of a button",
        in_message(lambda n: actions(button(text=plain("x" * n)))),
        75,
        "/blocks/0/elements/0/text/text",
    ),
    (
        "value of a button",
        in_message(lambda n: actions(button(value="x" * n))),
        2000,
        "/blocks/0/elements/0/value",
    ),
    (
        "accessibility_label",
        in_message(lambda n: actions(button(accessibility_label="x" * n))),
        75,
        "/blocks/0/elements/0/accessibility_label",
    ),
    *[
        (
            f"{part} of a confirm",
            in_message(
                lambda n, part=part: actions(button(confirm=confirm(**{part: plain("x" * n)})))  # type: ignore[misc]
            ),
            most,
            f"/blocks/0/elements/0/confirm/{part}/text",
        )
        for part, most in {"title": 100, "text": 300, "confirm": 30, "deny": 30}.items()
    ],
    (
        "text of an option",
        in_message(lambda n: actions(static_select(options=[{"text": plain("x" * n), "value": "a"}]))),
        75,
        "/blocks/0/elements/0/options/0/text/text",
    ),
    (
        "value of an option",
        in_message(lambda n: actions(static_select(options=[{"text": plain(), "value": "x" * n}]))),
        150,
        "/blocks/0/elements/0/options/0/value",
    ),
    (
        "description of an option",
        in_message(lambda n: actions(static_select(options=[option(description=plain("x" * n))]))),
        75,
        "/blocks/0/elements/0/options/0/description/text",
    ),
    (
        "options of a select",
        in_modal(lambda n: field(static_select(options=options(n)))),
        100,
        "/blocks/0/element/options",
    ),
    (
        "groups of a select",
        in_modal(lambda n: field({"type": "multi_static_select", "action_id": "a", "option_groups": [group()] * n})),
        100,
        "/blocks/0/element/option_groups",
    ),
    (
        "options of a group",
        in_modal(lambda n: field({"type": "static_select", "option_groups": [group(n)]})),
        100,
        "/blocks/0/element/option_groups/0/options",
    ),
    (
        "label of a group",
        in_modal(lambda n: field({"type": "static_select", "option_groups": [{**group(), "label": plain("x" * n)}]})),
        75,
        "/blocks/0/element/option_groups/0/label/text",
    ),
    (
        "overflow",
        in_message(lambda n: actions({"type": "overflow", "options": options(n)})),
        5,
        "/blocks/0/elements/0/options",
    ),
    (
        "address of an overflow option",
        in_message(
            lambda n: actions(
                {"type": "overflow", "options": [option(url="https://" + "x" * (n - 8))]},
            )
        ),
        3000,
        "/blocks/0/elements/0/options/0/url",
    ),
    (
        "radio buttons",
        in_message(lambda n: actions({"type": "radio_buttons", "options": options(n)})),
        10,
        "/blocks/0/elements/0/options",
    ),
    (
        "checkboxes",
        in_message(lambda n: actions({"type": "checkboxes", "options": options(n)})),
        10,
        "/blocks/0/elements/0/options",
    ),
    (
        "a placeholder",
        in_modal(lambda n: field(typed_in(placeholder=plain("x" * n)))),
        150,
        "/blocks/0/element/placeholder/text",
    ),
    ("max_length", in_modal(lambda n: field(typed_in(max_length=n))), 3000, "/blocks/0/element/max_length"),
    ("min_length", in_modal(lambda n: field(typed_in(min_length=n))), 3000, "/blocks/0/element/min_length"),
    (
        "initial_value against max_length",
        in_modal(lambda n: field(typed_in(max_length=7, initial_value="x" * n))),
        7,
        "/blocks/0/element/initial_value",
    ),
    (
        "max_files",
        in_modal(lambda n: field(typed_in("file_input", max_files=n))),
        10,
        "/blocks/0/element/max_files",
    ),
    (
        "initial_options against max_selected_items",
        in_modal(
            lambda n: field(
                {
                    "type": "multi_static_select",
                    "options": options(9),
                    "initial_options": options(n),
                    "max_selected_items": 3,
                }
            )
        ),
        3,
        "/blocks/0/element/initial_options",
    ),
    ("rows of a table", in_message(lambda n: table(rows=n)), 100, "/blocks/0/rows"),
    ("cells of a row", in_message(lambda n: table(columns=n)), 20, "/blocks/0/rows/0"),
    (
        "column settings",
        in_message(lambda n: {**table(), "column_settings": [{"align": "right"}] * n}),
        20,
        "/blocks/0/column_settings",
    ),
    ("text of a table", in_message(lambda n: table(text="x" * n)), 10000, "/blocks/0/rows"),
    ("rows of a data table", in_message(lambda n: data_table(rows=n)), 101, "/blocks/0/rows"),
    ("cells of a data table", in_message(lambda n: data_table(columns=n)), 20, "/blocks/0/rows/0"),
    ("page_size", in_message(lambda n: {**data_table(), "page_size": n}), 100, "/blocks/0/page_size"),
    ("segments of a pie", in_message(lambda n: pie(segments=n)), 6, "/blocks/0/chart/segments"),
    ("title of a chart", in_message(lambda n: pie(title="x" * n)), 50, "/blocks/0/title"),
    ("label in a chart", in_message(lambda n: pie(label="x" * n)), 20, "/blocks/0/chart/segments/0/label"),
    ("series of a chart", in_message(lambda n: bars(series=n)), 6, "/blocks/0/chart/series"),
    (
        "categories of a chart",
        in_message(lambda n: bars(categories=n)),
        20,
        "/blocks/0/chart/axis_config/categories",
    ),
    ("name of a series", in_message(lambda n: bars(name="x" * n)), 20, "/blocks/0/chart/series/0/name"),
    ("a category", in_message(lambda n: bars(category="x" * n)), 20, "/blocks/0/chart/axis_config/categories/0"),
    *[
        (
            f"{axis} of a chart",
            in_message(lambda n, axis=axis: bars(**{axis: "x" * n})),  # type: ignore[misc]
            50,
            f"/blocks/0/chart/axis_config/{axis}",
        )
        for axis in ("x_label", "y_label")
    ],
    ("charts of a message", lambda n: message(*[pie()] * n), 2, "/blocks/2"),
    ("tables of a message", lambda n: message(*[table()] * n), 1, "/blocks/1"),
    ("title of a card", in_message(lambda n: card(title=plain("x" * n))), 150, "/blocks/0/title/text"),
    ("subtitle of a card", in_message(lambda n: card(subtitle=plain("x" * n))), 150, "/blocks/0/subtitle/text"),
    ("body of a card", in_message(lambda n: card(body=mrkdwn("x" * n))), 200, "/blocks/0/body/text"),
    ("buttons of a card", in_message(lambda n: card(actions=[button()] * n)), 2, "/blocks/0/actions"),
    (
        "cards of a carousel",
        in_message(lambda n: {"type": "carousel", "elements": [card()] * n}),
        10,
        "/blocks/0/elements",
    ),
    ("blocks of a container", in_message(container), 10, "/blocks/0/child_blocks"),
    (
        "title of a container",
        in_message(lambda n: container(title=plain("x" * n))),
        150,
        "/blocks/0/title/text",
    ),
    (
        "subtitle of a container",
        in_message(lambda n: container(subtitle=plain("x" * n))),
        150,
        "/blocks/0/subtitle/text",
    ),
    (
        "address of a button",
        in_message(lambda n: actions(button(url="https://" + "x" * (n - 8)))),
        3000,
        "/blocks/0/elements/0/url",
    ),
    (
        "options of a multi-select",
        in_modal(lambda n: field({"type": "multi_static_select", "action_id": "a", "options": options(n)})),
        100,
        "/blocks/0/element/options",
    ),
    (
        "tables within containers",
        lambda n: message(*[container() | {"child_blocks": [data_table()]}] * n),
        1,
        "/blocks/1/child_blocks/0",
    ),
    ("bytes of a view", modal_of, 250_000, ""),
    (
        "elements with the focus",
        lambda n: modal(*[field(typed_in(focus_on_load=True))] * n, field()),
        1,
        "/blocks/1/element/focus_on_load",
    ),
    ("an alert", in_modal(lambda n: {"type": "alert", "text": plain("x" * n)}), 200, "/blocks/0/text/text"),
    (
        "markdown of all blocks",
        lambda n: message({"type": "markdown", "text": "x" * (n - 1)}, {"type": "markdown", "text": "x"}),
        12000,
        "/blocks",
    ),
    (
        "text of all blocks",
        lambda n: message(*[section("x" * 3000)] * 4, section("x" * (n - 12000))),
        13000,
        "/blocks",
    ),
    ("options of an answer", lambda n: {"options": options(n)}, 100, "/options"),
    ("bytes of an answer", answer_of, 20_000, ""),
    ("groups of an answer", lambda n: {"option_groups": [group()] * n}, 100, "/option_groups"),
    (
        "blocks of an attachment",
        lambda n: {"text": "x", "attachments": [{"blocks": [section()] * n}]},
        50,
        "/attachments/0/blocks",
    ),
]


# The same, with the smallest size that Slack takes.
AT_LEAST: list[tuple[str, Callable[[int], Json], int, str]] = [
    ("message text", lambda n: {"text": "x" * n}, 1, "/text"),
    ("text of a section", in_message(lambda n: section("x" * n)), 1, "/blocks/0/text/text"),
    ("blocks of a modal", lambda n: {**modal(), "blocks": [section()] * n}, 1, "/blocks"),
    ("blocks of a Home tab", lambda n: home(*[section()] * n), 1, "/blocks"),
    ("title of a modal", lambda n: modal(title=plain("x" * n)), 1, "/title/text"),
    (
        "options of a select",
        in_modal(lambda n: field(static_select(options=options(n)))),
        1,
        "/blocks/0/element/options",
    ),
    (
        "overflow",
        in_message(lambda n: actions({"type": "overflow", "options": options(n)})),
        1,
        "/blocks/0/elements/0/options",
    ),
    (
        "checkboxes",
        in_message(lambda n: actions({"type": "checkboxes", "options": options(n)})),
        1,
        "/blocks/0/elements/0/options",
    ),
    ("actions", in_message(lambda n: actions(*[button()] * n)), 1, "/blocks/0/elements"),
    ("max_files", in_modal(lambda n: field(typed_in("file_input", max_files=n))), 1, "/blocks/0/element/max_files"),
    ("rows of a table", in_message(lambda n: table(rows=n)), 1, "/blocks/0/rows"),
    ("rows of a data table", in_message(lambda n: data_table(rows=n)), 2, "/blocks/0/rows"),
    ("segments of a pie", in_message(lambda n: pie(segments=n)), 1, "/blocks/0/chart/segments"),
    ("value in a pie", in_message(lambda n: pie(value=n)), 1, "/blocks/0/chart/segments/0/value"),
    ("blocks of a container", in_message(container), 1, "/blocks/0/child_blocks"),
    ("page_size", in_message(lambda n: {**data_table(), "page_size": n}), 1, "/blocks/0/page_size"),
]
