"""Slack's mark-up as the page shows it, and that nothing anybody writes becomes markup of the page."""

from datetime import UTC, datetime

import pytest

from sandbox.page.markdown import markdown
from sandbox.page.when import date_text, day_name, moment
from sandbox.page.wording import Wording

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
# 21 November 2026, 08:00 in UTC: 9 o'clock in Berlin, still midnight in Los Angeles.
TODAY = 1795248000


def words(tz: str = "Europe/Berlin") -> Wording:
    people = {"U1": "Ana <b>", "U2": "Ben"}
    return Wording(lambda one: people.get(one, one), lambda one: {"C1": "general"}.get(one), "U1", tz, NOW)


MRKDWN = {
    "bold, italic and strike": ("*b* _i_ ~s~", "<strong>b</strong> <em>i</em> <s>s</s>"),
    "marks within marks": ("*b _i_*", "<strong>b <em>i</em></strong>"),
    "no marks within words": ("a*b*c snake_case_x 2~3~4", "a*b*c snake_case_x 2~3~4"),
    "code keeps its marks": ("`a *b* <@U1>`", "<code>a *b* &lt;@U1&gt;</code>"),
    "a code fence": ("```a\n *b*```", "<pre>a\n *b*</pre>"),
    "a quote, then text": ("> a\n> b\nc", "<blockquote>a<br>b</blockquote>c"),
    "escaped text": ("&lt;b&gt; &amp;amp;", "&lt;b&gt; &amp;amp;"),
    "bare markup": ("<b>x</b>", "&lt;b&gt;x&lt;/b&gt;"),
    "a mention of oneself": ("<@U1>", '<span class="mention mention-me">@Ana &lt;b&gt;</span>'),
    "a mention of another": ("<@U2>", '<span class="mention">@Ben</span>'),
    "a channel": ("<#C1>", '<span class="mention">#general</span>'),
    "a channel one cannot see": ("<#C9|>", '<span class="mention">#private channel</span>'),
    "everybody here": ("<!here>", '<span class="mention mention-me">@here</span>'),
    "a javascript link": ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
    "an emoji, and none": (":tada: :nope:", "🎉 :nope:"),
    "a date within a line": (
        f"due <!date^{TODAY}^{{date_short_pretty}}|x>",
        f'due <time datetime="{TODAY}">today</time>',
    ),
    "a date that begins a line": (f"<!date^{TODAY}^{{date}} {{time}}|x>", None),
    "a date that is none": ("<!date^soon^{date}|some &amp; day>", "some &amp; day"),
    "a date beyond all years": ("<!date^99999999999999^{date}|one day>", "one day"),
}


@pytest.mark.parametrize(("text", "shown"), MRKDWN.values(), ids=MRKDWN)
def test_mrkdwn_is_shown_as_slack_shows_it(text: str, shown: str | None) -> None:
    expected = shown or f'<time datetime="{TODAY}">November 21st, 2026 9:00 AM</time>'
    assert words().mrkdwn(text) == expected


def test_links_open_beside_the_page_and_keep_their_address() -> None:
    shown = words().mrkdwn("<https://example.com/?a=1&amp;b=2|a &lt; b> https://example.com.")
    rest = 'target="_blank" rel="noopener noreferrer"'
    assert f'<a href="https://example.com/?a=1&amp;b=2" {rest}>a &lt; b</a>' in shown
    assert f'<a href="https://example.com" {rest}>https://example.com</a>.' in shown


def test_a_quotation_mark_cannot_leave_an_attribute() -> None:
    assert 'href="https://example.com/&#34;onclick=&#34;x"' in words().mrkdwn('<https://example.com/"onclick="x|y>')


@pytest.mark.parametrize(
    ("tz", "shown"),
    [("Europe/Berlin", "2026-11-21 9:00 AM"), ("America/Los_Angeles", "2026-11-21 12:00 AM"), ("Asia/Tokyo", None)],
)
def test_a_date_is_shown_in_the_zone_of_who_reads_it(tz: str, shown: str | None) -> None:
    assert date_text(str(TODAY), "{date_num} {time}", tz, NOW) == (shown or "2026-11-21 5:00 PM")


def test_an_unknown_zone_costs_no_page() -> None:
    assert date_text(str(TODAY), "{time}", "Mars/Olympus", NOW) == "8:00 AM"


@pytest.mark.parametrize(
    ("days", "name"),
    [(0, "Today"), (-1, "Yesterday"), (1, "Tomorrow"), (-19, "Monday, November 2nd"), (-400, None)],
)
def test_days_are_named_as_over_the_messages(days: int, name: str | None) -> None:
    when = moment(TODAY + days * 86400, "UTC")
    assert day_name(when, NOW) == (name or "Friday, October 17th, 2025")


def test_plain_text_has_no_marks_but_emoji() -> None:
    assert words().text({"type": "plain_text", "text": "*a* :tada: <b>"}) == "*a* 🎉 &lt;b&gt;"
    assert words().text({"type": "plain_text", "text": ":tada:", "emoji": False}) == ":tada:"


def test_rich_text_is_shown_with_its_styles_lists_and_leaves() -> None:
    bold = {"type": "text", "text": "<b>", "style": {"bold": True, "code": True}}
    item = {"type": "rich_text_section", "elements": [bold, {"type": "user", "user_id": "U2"}]}
    block = {"elements": [{"type": "rich_text_list", "style": "ordered", "elements": [item]}, {"type": "new"}]}
    assert words().rich(block) == (
        '<ol class="indent-0"><li><code><strong>&lt;b&gt;</strong></code><span class="mention">@Ben</span></li></ol>'
        "Unknown rich text: new"
    )


def test_the_markdown_block_has_headings_lists_quotes_code_and_no_html() -> None:
    text = "# T\n**b** [x](javascript:1)\n1. one\n2. two\n\n> q\n```\n<c>\n```\n<script>"
    assert markdown(text, words()) == (
        '<p class="md-heading md-h1">T</p><p><strong>b</strong> x</p><ol><li>one</li><li>two</li></ol>'
        "<blockquote>q</blockquote><pre>&lt;c&gt;</pre><p>&lt;script&gt;</p>"
    )
