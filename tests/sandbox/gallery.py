"""One of everything that Block Kit has, so that the page can be looked at and tested over all of it."""

from typing import Any

from tests.sandbox.kit import actions, cell, confirm, field, group, mrkdwn, option, options, plain, section

Json = dict[str, Any]
_TEXT = (
    "*Bold*, _italic_, ~gone~, `code`, <https://example.com|a link>, <@U0ANA> in <#C0ONE>, :tada:\n"
    "> A quote\n```\ncode\n```"
)


def picture(url: str, **more: Any) -> Json:
    return {"type": "image", "image_url": url, "alt_text": "A grey square", **more}


def number(value: float) -> Json:
    return {"type": "raw_number", "text": f"{value:,}", "value": value}


def text(words: str, **style: bool) -> Json:
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def line(*leaves: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(leaves)}


def items(style: str, *words: str, indent: int = 0) -> Json:
    return {
        "type": "rich_text_list",
        "style": style,
        "indent": indent,
        "elements": [line(text(one)) for one in words],
    }


RICH: Json = {
    "type": "rich_text",
    "elements": [
        line(
            text("bold ", bold=True),
            text("italic ", italic=True),
            text("strike ", strike=True),
            text("code", code=True),
            text(" "),
            {"type": "link", "url": "https://example.com", "text": "a link"},
            text(" "),
            {"type": "user", "user_id": "U0BEN"},
            text(" "),
            {"type": "channel", "channel_id": "C0ONE"},
            text(" "),
            {"type": "emoji", "name": "tada"},
            text(" "),
            {"type": "broadcast", "range": "here"},
            text(" "),
            {"type": "date", "timestamp": 1772442000, "format": "{date_short} {time}", "fallback": "a day"},
        ),
        items("bullet", "first", "second"),
        items("bullet", "under it", indent=1),
        items("ordered", "one", "two"),
        {"type": "rich_text_quote", "elements": [text("Said by the customer.")]},
        {"type": "rich_text_preformatted", "elements": [text("as typed\n  with spaces")]},
    ],
}

MARKDOWN = "## A heading\n\n**bold** and *italic*, `code`, [a link](https://example.com)\n\n1. one\n2. two\n\n> quoted"

_STATUSES = ("Draft", "Submitted", "Approved")


def plot(kind: str, title: str) -> Json:
    months = ["January", "February", "March", "April", "May", "June"]
    series: list[tuple[str, list[float]]] = [("Contoso", [3, 5, 2, 8, 13, 9]), ("Fabrikam", [1, 4, -2, 6, 7.5, 12])]
    return {
        "type": "data_visualization",
        "block_id": title,
        "title": title,
        "chart": {
            "type": kind,
            "series": [
                {"name": name, "data": [{"label": m, "value": v} for m, v in zip(months, values, strict=True)]}
                for name, values in series
            ],
            "axis_config": {"categories": months, "x_label": "Month", "y_label": "Claims"},
        },
    }


PIE: Json = {
    "type": "data_visualization",
    "block_id": "pie",
    "title": "Decisions",
    "chart": {"type": "pie", "segments": [{"label": "Approved", "value": 12}, {"label": "Rejected", "value": 4}]},
}

CLAIMS: Json = {
    "type": "data_table",
    "block_id": "claims",
    "caption": "Claims",
    "page_size": 5,
    "row_header_column_index": 0,
    "rows": [
        [cell("Claim"), cell("Status"), cell("Seats")],
        *([cell(f"CL-{at:06}"), cell(_STATUSES[at % 3]), number(at * 37 % 101)] for at in range(1, 13)),
    ],
}

TABLE: Json = {
    "type": "table",
    "column_settings": [{"align": "left"}, {"align": "right", "is_wrapped": True}],
    "rows": [[cell("What"), cell("How many")], [RICH, number(1204.5)]],
}


def card(url: str) -> Json:
    return {
        "type": "card",
        "icon": picture(url),
        "title": mrkdwn("*Contoso*"),
        "subtitle": mrkdwn("Berlin"),
        "body": mrkdwn("A partner of the programme."),
        "actions": [{"type": "button", "action_id": "card", "text": plain("Open")}],
    }


def task(status: str) -> Json:
    source = {"type": "url", "url": "https://example.com", "text": "A source"}
    return {
        "type": "task_card",
        "task_id": status,
        "title": status.capitalize(),
        "status": status,
        "details": {"type": "rich_text", "elements": [line(text("What is done here"))]},
        "sources": [source],
    }


def messages(url: str) -> list[list[Json]]:
    """The blocks of one message each; `url` is a picture."""
    feedback = {"type": "feedback_buttons", "action_id": "fb"}
    return [
        [
            {"type": "header", "text": plain("A header")},
            section(
                _TEXT, accessory={"type": "button", "action_id": "b0", "text": plain("Beside"), "style": "primary"}
            ),
            {"type": "section", "fields": [mrkdwn("*Status*\nDraft"), mrkdwn("*Due*\n<!date^1772442000^{date}|soon>")]},
            section("With a picture", accessory=picture(url)),
            section(
                "With a menu",
                accessory={"type": "overflow", "action_id": "o", "options": [option("1"), option("2", url=url)]},
            ),
            {"type": "divider"},
            {"type": "context", "elements": [picture(url), mrkdwn("A context, _smaller_")]},
            actions(
                {"type": "button", "action_id": "b1", "text": plain("Plain")},
                {"type": "button", "action_id": "b2", "text": plain("Delete"), "style": "danger", "confirm": confirm()},
                {"type": "static_select", "action_id": "s1", "options": options(3), "placeholder": plain("Pick one")},
                {"type": "datepicker", "action_id": "d1", "initial_date": "2026-03-02"},
                {"type": "workflow_button", "action_id": "w1", "text": plain("Run"), "workflow": workflow()},
            ),
            {**picture(url), "title": plain("A picture")},
        ],
        [RICH, {"type": "markdown", "text": MARKDOWN}],
        [TABLE],
        [CLAIMS],
        [plot("bar", "Bars"), plot("line", "Lines")],
        [plot("area", "Areas"), PIE],
        [
            card(url),
            {"type": "carousel", "elements": [card(url), card(url)]},
            {
                "type": "container",
                "title": plain("A container"),
                "is_collapsible": True,
                "child_blocks": [section("Within")],
            },
            {
                "type": "video",
                "title": plain("A film"),
                "video_url": "https://example.com/v",
                "thumbnail_url": url,
                "alt_text": "A film",
            },
            {"type": "plan", "title": "A plan", "tasks": [task("complete"), task("in_progress"), task("error")]},
            task("pending"),
            {
                "type": "context_actions",
                "elements": [
                    {
                        **feedback,
                        "positive_button": {"text": plain("Good"), "value": "g"},
                        "negative_button": {"text": plain("Bad"), "value": "b"},
                    },
                    {"type": "icon_button", "action_id": "i", "icon": "trash", "text": plain("Remove")},
                ],
            },
        ],
    ]


def workflow() -> Json:
    return {"trigger": {"url": "https://slack.com/shortcuts/Ft0123/abc"}}


# Each element with a state, and what it starts with.
INPUTS: dict[str, Json] = {
    "plain_text_input": {"initial_value": "Tailwind", "max_length": 100},
    "email_text_input": {"placeholder": plain("name@example.com")},
    "url_text_input": {},
    "number_input": {"is_decimal_allowed": False, "initial_value": "3"},
    "rich_text_input": {},
    "file_input": {"filetypes": ["pdf"], "max_files": 2},
    "datepicker": {"initial_date": "2026-03-02"},
    "timepicker": {"initial_time": "09:30"},
    "datetimepicker": {"initial_date_time": 1772442000},
    "checkboxes": {"options": [option("a", description=plain("More about it")), option("b")]},
    "radio_buttons": {"options": options(2)},
    "static_select": {"option_groups": [group(2)]},
    "external_select": {"min_query_length": 1},
    "users_select": {"initial_user": "U0BEN"},
    "conversations_select": {},
    "channels_select": {},
    "multi_static_select": {"options": options(3), "initial_options": options(2)},
    "multi_external_select": {"min_query_length": 0},
    "multi_users_select": {},
    "multi_conversations_select": {},
    "multi_channels_select": {},
}


def form() -> Json:
    fields = [
        field({"type": kind, "action_id": "v", **more}, block_id=kind, label=plain(kind.replace("_", " ").capitalize()))
        for kind, more in INPUTS.items()
    ]
    hinted = {**fields[0], "hint": plain("As your customer calls it."), "optional": True}
    alert = {"type": "alert", "text": mrkdwn("Read this first."), "level": "warning"}
    return {
        "type": "modal",
        "title": plain("Everything"),
        "submit": plain("Send"),
        "close": plain("Cancel"),
        "blocks": [alert, hinted, *fields[1:]],
    }
