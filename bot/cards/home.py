"""App Home: what waits for the person first, then how many claims there are, then the claims they chose to see.

Slack's limits (reference/slack.md 1.2): 100 blocks. Whatever is shown, these stay below 60.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.cards.buttons import Offered, action_button, claim_button
from bot.cards.card import View, due_text
from bot.cards.listing import where
from bot.cards.text import Block, bold, cut, day_text, divider, header, line, note, person, plain, words
from models.queries.conditions import AWAITED
from models.queries.criteria import Sort
from models.queries.finding import Page
from models.queries.home import MOST, REVIEWERS, Glance, Shown, Tab
from models.tables import Claim
from rules.lifecycle import Action, Status

PREFIX = "home."
TAB, STATUS, SORT, SEARCH, FILTER, RESET, TURN = "tab", "status", "sort", "search", "filter", "reset", "turn"

_EMPTY = {
    Tab.QUEUE: "The queue is empty: nothing waits for a reviewer.",
    Tab.MINE: "You review no claim right now.",
    Tab.UNASSIGNED: "Every claim in the queue has its reviewer.",
    Tab.DISPUTES: "No rejection is disputed right now.",
    Tab.COMPETING: "No claims in the queue compete with each other.",
    Tab.ALL: "There are no claims yet that you can see.",
}
_SORTED = {
    Sort.NUMBER: ("Oldest first", "Newest first"),
    Sort.DUE: ("Due date, soonest first", "Due date, latest first"),
    Sort.CUSTOMER: ("Customer, A to Z", "Customer, Z to A"),
    Sort.NAME: ("Claim name, A to Z", "Claim name, Z to A"),
    Sort.PARTNER: ("Partner, A to Z", "Partner, Z to A"),
    Sort.STATUS: ("Status, A to Z", "Status, Z to A"),
    Sort.REVIEWER: ("Reviewer, A to Z", "Reviewer, Z to A"),
    Sort.UPDATED: ("Changed longest ago first", "Changed last first"),
}
_NAME, _COMPANY = 90, 60
_NEW = {
    "type": "button",
    "action_id": "menu.new",
    "text": plain("New claim", 75),
    "value": "new",
    "style": "primary",
}


@dataclass(frozen=True)
class Desktop:
    """What Home is drawn from, beside the claims.

    ``files``: the person files claims; ``several``: they see those of several partners.
    ``search`` is what stands in the search box, ``key`` changes when the box is to be emptied; ``filters`` names the
    filters that are set, in words; ``problem`` says what of them could not be followed.
    """

    programme: str
    command: str
    files: bool
    several: bool
    shown: Shown
    search: str
    filters: str
    problem: str = ""


def home_blocks(desktop: Desktop, glance: Glance, view: View, offered: Callable[[Claim], Offered]) -> list[Block]:
    """Home of somebody of a partner, of a reviewer, or of both; ``offered`` says what they may do with a claim."""
    today = day_text(view.calendar.local_day(view.now))
    about = f"{desktop.programme} · {today} · {desktop.command} help says what you can type"
    blocks: list[Block] = [header("Claims"), note(about)]
    if desktop.files:
        blocks.append({"type": "actions", "elements": [_NEW]})
    if glance.urgent is not None and glance.drafts is not None:
        blocks += _waiting(glance.urgent, glance.drafts, view, offered)
        blocks += _statuses(glance.statuses, desktop.shown)
    if glance.tabs:
        blocks.append(_tabs(glance, desktop.shown))
    return [*blocks, *_list(desktop, glance.page, view)]


def stranger_blocks(programme: str | None, leads: Sequence[str]) -> list[Block]:
    """For somebody whom the directory does not list: what this is, and whom to ask; ``leads`` are Slack user ids."""
    blocks: list[Block] = [header("claimbot")]
    if programme is None:
        return [*blocks, line(words("claimbot is not set up yet: an administrator has to import the directory."))]
    about = (
        "Partners of the programme claim the customers they work with here, hand in proof of it, and see at any time "
        "how their claims stand. The programme's reviewers decide them."
    )
    blocks += [line(bold(programme)), line(words(about)), divider()]
    asked = [leaf for lead in leads for leaf in (words(" "), person(lead))]
    whom = [words(" Ask"), *asked, words(" to add you.")] if leads else [words(" Ask whoever invited you to add you.")]
    blocks.append(line(words("You are not on the list of partners and reviewers yet."), *whom))
    blocks.append(note("Tell them for which partner and location you work, and whether you file or manage claims."))
    return blocks


def sort_name(sort: Sort, descending: bool) -> str:
    """An order in words."""
    return _SORTED[sort][int(descending)]


def _button(name: str, label: str, value: str, *, primary: bool = False) -> dict[str, Any]:
    button = {"type": "button", "action_id": PREFIX + name, "text": plain(label, 75), "value": value}
    return {**button, "style": "primary"} if primary else button


def _waiting(urgent: Page, drafts: Page, view: View, offered: Callable[[Claim], Offered]) -> list[Block]:
    """What the partner can do something about, with the buttons that do it."""
    total = sum(MOST + 1 if one.total is None else one.total for one in (urgent, drafts))
    blocks: list[Block] = [divider(), line(bold("Needs your action" + (f" ({_number(total)})" if total else "")))]
    if not total:
        return [*blocks, line(words("Nothing waits for you. What reviewers ask for appears here."))]
    for claim in (*urgent.claims, *drafts.claims):
        blocks.append(_row(claim, view, several=False))
        rows = [row for row in offered(claim).rows if row.action in _FIRST][:2]
        buttons = [action_button(row, claim.number) for row in rows]
        blocks.append({"type": "actions", "elements": [*buttons, claim_button("show", "Details", claim.number)]})
    rest = total - len(urgent.claims) - len(drafts.claims)
    return blocks + ([note(f"{_number(rest)} more of these are in the list below.")] if rest else [])


# What moves a claim on; the rest is behind Details.
_FIRST = (Action.EDIT, Action.SUBMIT, Action.RESUBMIT, Action.DISPUTE)


def _statuses(statuses: dict[Status, int] | Any, shown: Shown) -> list[Block]:
    """How many claims there are in each status; pressed, the list shows those."""
    if not statuses:
        return []
    buttons = [
        _button(
            f"{STATUS}.{one.name}",
            f"{one} · {_number(count)}",
            one,
            primary=shown.tab is Tab.ALL and shown.filter.statuses == (one,),
        )
        for one, count in statuses.items()
    ]
    return [divider(), line(bold("Your claims by status")), {"type": "actions", "elements": buttons}]


def _tabs(glance: Glance, shown: Shown) -> Block:
    tabs = []
    for tab in (*REVIEWERS, Tab.ALL):
        label = f"{tab} · {_number(glance.tabs[tab])}" if tab in glance.tabs else str(tab)
        tabs.append(_button(f"{TAB}.{tab.name}", label, tab.name, primary=tab is shown.tab))
    return {"type": "actions", "block_id": "home_tabs", "elements": tabs}


def _list(desktop: Desktop, page: Page, view: View) -> list[Block]:
    shown = desktop.shown
    of = f"  {where(page)}" if page.claims else " "
    blocks: list[Block] = [divider(), line(bold(str(shown.tab)), words(of)), *_tools(desktop)]
    if shown.tab is Tab.COMPETING and page.claims:
        blocks.append(note("Claims of several partners for the same customer."))
    if not page.claims:
        blocks.append(line(words(_nothing(desktop))))
    for claim in page.claims:
        blocks.append(
            {**_row(claim, view, several=desktop.several), "accessory": claim_button("show", "Details", claim.number)}
        )
    ways = {"Previous": page.before, "Next": page.after}
    turns = [_button(f"{TURN}.{label}", label, to.write()) for label, to in ways.items() if to is not None]
    return blocks + ([{"type": "actions", "elements": turns}] if turns else [])


def _nothing(desktop: Desktop) -> str:
    if desktop.filters:
        return "No claim is like that. Reset shows them all again."
    if desktop.files and desktop.shown.tab is Tab.ALL:
        return "There are no claims yet. New claim files the first one: a form leads through it."
    return _EMPTY[desktop.shown.tab]


def _tools(desktop: Desktop) -> list[Block]:
    """The search box, the filter, the order, and what is set of them."""
    shown = desktop.shown
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": PREFIX + SEARCH,
        "placeholder": plain("Number, customer, domain, product, people … then Enter", 150),
        "dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]},
        "max_length": 500,
    }
    if desktop.search:
        element["initial_value"] = cut(desktop.search, 500)
    search = {
        "type": "input",
        # Slack keeps what is typed where ids stay, so that a drawing in between loses nothing of it; a search that was
        # taken or reset makes it another box.
        "block_id": f"{PREFIX}{SEARCH}.{_key(desktop.search)}",
        "label": plain("Search", 2000),
        "element": element,
        "optional": True,
        "dispatch_action": True,
    }
    sort, descending = shown.criteria.sort, shown.criteria.descending
    options = {(one, down): _option(one, down) for one in _SORTED for down in (False, True)}
    order = {
        "type": "static_select",
        "action_id": PREFIX + SORT,
        "placeholder": plain("Sort by", 150),
        "options": list(options.values()),
        "initial_option": options[sort, descending],
    }
    elements: list[dict[str, Any]] = [_button(FILTER, "Filter …", "filter"), order]
    if desktop.filters or shown.sorted_by is not None or desktop.problem:
        elements.append(_button(RESET, "Reset", "reset"))
    # Another order is another menu: Slack would keep what was chosen in the one before.
    actions = {"type": "actions", "block_id": f"{PREFIX}tools.{sort}.{descending}", "elements": elements}
    blocks = [search, *([note(desktop.problem)] if desktop.problem else []), actions]
    return blocks + ([note(f"Shown: {cut(desktop.filters, 1900)}")] if desktop.filters else [])


def _key(search: str) -> str:
    return format(sum(ord(char) * (place + 1) for place, char in enumerate(search)), "x")


def _option(sort: Sort, descending: bool) -> dict[str, Any]:
    return {"text": plain(sort_name(sort, descending), 75), "value": f"{'-' if descending else ''}{sort.value}"}


def _row(claim: Claim, view: View, *, several: bool) -> Block:
    """A claim in two columns: how it stands in our words, and what it is in the partner's, which are read literally.

    ``several``: there are claims of several partners, so that each says whose it is.
    """
    due, _, left = due_text(claim, view).removesuffix(").").partition(" (")
    late = claim.due_at is not None and view.now >= claim.due_at and claim.status in AWAITED
    stands = [f"*{claim.number}* · {claim.status}", due, f":warning: {left}" if late else left]
    reviewer = f"Reviewer: {cut(claim.reviewer.name, _COMPANY)}" if claim.reviewer is not None else ""
    about = [
        cut(claim.claim_name, _NAME),
        cut(claim.customer_name or "no customer yet", _NAME),
        " · ".join(filter(None, [cut(claim.partner.name, _COMPANY) if several else "", reviewer])),
    ]
    left_column = {"type": "mrkdwn", "text": "\n".join(filter(None, stands))}
    return {"type": "section", "fields": [left_column, plain("\n".join(filter(None, about)), 2000)]}


def _number(count: int) -> str:
    return f"{MOST:,}+" if count > MOST else f"{count:,}"
