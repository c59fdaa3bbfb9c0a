"""The words of the slash command: one table, from which the dispatch, the help and the menu come."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App

from bot import errors
from bot.cards.card import Message
from bot.cards.text import Block, bold, bullets, cut, escape, header, line, plain, unescape, words
from bot.conversations import (
    buttons,
    claim_form,
    comments,
    earnings,
    exports,
    history,
    listing,
    lookups,
    stats,
    team,
    usage,
)
from bot.desk import Desk, as_body, fits_ack, who_of
from models.answers import Who
from models.operations import snoozing
from models.queries.filter_words import FILTERS
from models.queries.people import actor_for
from models.tables import claim_id, claim_number
from rules import lifecycle, permissions
from rules.lifecycle import Action, Party, Transition
from rules.permissions import Actor

# Slack documents no limit of a command's text (reference/slack.md 1.7).
LONGEST = 2000


@dataclass(frozen=True)
class Call:
    """One use of the command: the words after the first one, and Slack's payload."""

    desk: Desk
    who: Who
    rest: str
    body: dict[str, Any]

    @property
    def number(self) -> str:
        """The claim's number: the first of the words, empty when there is none."""
        return next(iter(self.rest.split()), "")


@dataclass(frozen=True)
class Word:
    """One word of the command: how it is used, what it does, and more of it for ``help WORD``.

    ``run`` answers with a message, or opens a form and answers None. ``points`` are listed below the rest of the help.
    ``waiting`` is said where the answer takes long; a word that changes something has none.
    """

    word: str
    usage: str
    does: str
    more: str
    run: Callable[[Call], Message | None]
    points: tuple[str, ...] = ()
    waiting: str = ""


def _new(call: Call) -> None:
    claim_form.open_new(call.desk, call.body)


def _list(call: Call) -> Message:
    return listing.listed(call.desk, call.who, call.rest)


def _show(call: Call) -> Message:
    if not call.number:
        return listing.listed(call.desk, call.who, "")
    return lookups.show(call.desk, call.who, call.number)


def _taking(*actions: Action) -> Callable[[Call], Message | None]:
    """A word that takes an action on the claim that is named; without a number, it lists where it is possible."""

    def run(call: Call) -> Message | None:
        if call.number:
            buttons.take(call.desk, call.body, _fitting(call, actions), call.number)
            return None
        statuses = [status for action in actions for row in lifecycle.rows(action) for status in row.sources]
        return listing.possible(call.desk, call.who, statuses, lifecycle.label(actions[0]))

    return run


def _comment(call: Call) -> Message:
    return _say(comments.say(call.desk, call.who, call.body))


def _history(call: Call) -> Message:
    if not call.number:
        return listing.listed(call.desk, call.who, "")
    return history.page_of(call.desk, call.who, call.number)


def _usage(call: Call) -> Message:
    return usage.usage(call.desk, call.who, call.rest.strip())


def _earnings(call: Call) -> Message:
    return earnings.earnings(call.desk, call.who, call.rest.strip())


def _export(call: Call) -> Message:
    return exports.ask(call.desk, call.who, call.rest)


def _stats(call: Call) -> Message:
    return stats.figures(call.desk, call.who, call.rest)


def _digest(call: Call) -> Message:
    wanted = {"on": True, "off": False}.get(call.rest.strip().lower())
    if wanted is None:
        return _say(f"Say {call.desk.command} digest on, or {call.desk.command} digest off.")
    snoozing.wants_digest(call.desk.memory, call.who, wanted)
    if wanted:
        return _say("From now on you get the daily digest by direct message as well.")
    return _say("You get no daily digest by direct message. The one in your channel calls nobody.")


def _team(call: Call) -> None:
    team.open_team(call.desk, call.body)


def _help(call: Call) -> Message:
    topic = call.rest.strip().lower()
    if topic in WORDS:
        word = WORDS[topic]
        usage = f"{call.desk.command} {word.usage}"
        blocks: list[Block] = [header(usage), line(words(f"{word.does} {word.more}".strip()))]
        if word.points:
            blocks.append(bullets([words(one)] for one in word.points))
        return Message(escape(f"{usage}: {word.does} {word.more}"), blocks)
    first = next(iter(topic.split()), "")
    return _by_button(call.desk, BUTTONS[first], "") if first in BUTTONS else help_message(call.desk)


def help_message(desk: Desk) -> Message:
    """Every word of the command, and what there is in its place where commands do not work."""
    rows = [[bold(f"{desk.command} {one.usage}"), words(f"  {one.does}")] for one in WORDS.values()]
    # Slack takes no command of an app inside a thread.
    in_threads = "  commands do not work there. Use the buttons on its card, or write @claimbot help"
    rows.append([bold("In a claim's thread"), words(in_threads)])
    text = " ".join(f"{desk.command} {one.usage}: {one.does}" for one in WORDS.values())
    return Message(escape(text), [header("What you can do with claims"), bullets(rows)])


TABLE: tuple[Word, ...] = (
    Word("new", "new", "Files a new claim.", "A form leads through it, and each page is saved as you go.", _new),
    Word(
        "list",
        "list [filters] [words]",
        "Lists the claims that you can see, found by filters and words.",
        "Several values of a filter stand with commas between them, a value with spaces in quotation marks. Every "
        "other word is looked for in the number, the customer, the IDs, the claim name, products, locations and "
        "people: its beginning is enough, and accents do not matter. More than a thousand claims are not counted: the "
        "list says “of many”, and so it does where a word is in very many claims.",
        _list,
        tuple(f"{one.word}: {one.takes}, such as {one.example}" for one in FILTERS),
    ),
    Word(
        "show",
        "show CL-000123",
        "Shows everything about one claim.",
        "The number alone works too, and so does 123.",
        _show,
    ),
    Word(
        "edit",
        "edit CL-000123",
        "Opens a draft, or a claim that the reviewers sent back, for editing.",
        "Without a number it lists the claims that can be edited.",
        _taking(Action.EDIT),
    ),
    Word(
        "submit",
        "submit CL-000123",
        "Hands a claim to the reviewers.",
        "What is missing is shown first. Without a number it lists the claims that can be submitted.",
        _taking(Action.SUBMIT, Action.RESUBMIT),
    ),
    Word(
        "withdraw",
        "withdraw CL-000123",
        "Withdraws a claim that is not decided yet.",
        "Without a number it lists the claims that can be withdrawn.",
        _taking(Action.WITHDRAW),
    ),
    Word(
        "dispute",
        "dispute CL-000123",
        "Disputes a rejection: once, and within its window.",
        "Without a number it lists the rejected claims.",
        _taking(Action.DISPUTE),
    ),
    Word(
        "disassociate",
        "disassociate CL-000123",
        "Gives up an approved association with a customer, for good.",
        "Without a number it lists the approved claims.",
        _taking(Action.DISASSOCIATE),
    ),
    Word(
        "comment",
        "comment CL-000123 text",
        "Comments on a claim: a partner to both sides, a reviewer to the reviewers.",
        "A reply in the thread of the claim's card does the same.",
        _comment,
    ),
    Word(
        "history",
        "history CL-000123",
        "Shows everything that happened to a claim, newest first.",
        "Without a number it lists the claims that you can see.",
        _history,
    ),
    Word(
        "usage",
        "usage [CL-000123 or customer]",
        "Shows active users and sold seats of the customers with whom you are officially associated.",
        "By workload and month, from the month in which the association became official. For one customer, add a "
        "claim's number, or the customer's name, domain, tenant or subscription.",
        _usage,
    ),
    Word(
        "earnings",
        "earnings CL-000123",
        "Shows whether and where a claim appears in the earnings and payout report, and why it does not.",
        "In place of the number: a tenant ID, a subscription ID, or the customer's name or domain.",
        _earnings,
    ),
    Word(
        "export",
        "export [csv|xlsx] [filters]",
        "Sends you the claims that you can see as a file, by direct message.",
        "CSV unless you say xlsx; to look for a word such as xlsx, write it in quotation marks. The filters are those "
        "of list: export xlsx status:approved customer:fabrikam. Before them, usage, earnings or stats sends those "
        "figures instead: export usage xlsx northwind",
        _export,
    ),
    Word(
        "stats",
        "stats [last 30 days|2026-10]",
        "Shows how long claims take and how they are decided.",
        "Of the last 90 days, of as many as you say, of a month, or of a year. A partner sees its own claims.",
        _stats,
        waiting="Counting. The figures come here in a moment.",
    ),
    Word(
        "digest",
        "digest on|off",
        "Sends you the daily digest by direct message, or stops that.",
        "It comes at nine, only when there is something to say. The channel gets its digest in any case.",
        _digest,
    ),
    Word(
        "team",
        "team",
        "Shows and changes who belongs to your team.",
        "For a partner's global admins, and for lead reviewers. Whoever is concerned is told.",
        _team,
    ),
    Word("help", "help [topic]", "Explains a word of this command.", "For example help submit", _help),
)
WORDS = {word.word: word for word in TABLE}
# What is done by a button alone, by the word that people type in its place: the first of its label.
BUTTONS = {
    row.label.split()[0].lower(): row
    for row in lifecycle.EVERY
    if row.party in (Party.PARTNER, Party.REVIEWER)
    and row.action is not Action.RESUBMIT  # as submit does
    and row.label.split()[0].lower() not in WORDS
}


def register(app: App, desk: Desk) -> None:
    """Listen to the command and to the shortcut that files a claim."""

    def called(ack: Ack, body: dict[str, Any]) -> None:
        waiting = _waiting(body)
        if not waiting:
            _answer(desk, ack, body, dispatch(desk, body))
            return
        made = desk.aside(lambda: dispatch(desk, body))
        if desk.in_time(made):
            _answer(desk, ack, body, made.result())
        else:
            _answer(desk, ack, body, _say(waiting))
            made.add_done_callback(lambda late: desk.answer(body, _late(desk, body, late)))

    def shortcut(ack: Ack, body: dict[str, Any]) -> None:
        claim_form.open_new(desk, body)
        ack()

    def menu_pressed(ack: Ack, body: dict[str, Any]) -> None:
        word = body["actions"][0]["action_id"].removeprefix(_MENU)
        message = WORDS[word].run(Call(desk, who_of(body), "", body))
        if message is not None:
            desk.whisper(body, message)
        ack()

    app.command(desk.command)(called)
    app.shortcut("new_claim")(shortcut)
    app.action(re.compile(rf"^{re.escape(_MENU)}({'|'.join(WORDS)})$"))(menu_pressed)


def _answer(desk: Desk, ack: Ack, body: dict[str, Any], message: Message | None) -> None:
    if message is None:
        ack()
        return
    answer = {"response_type": "ephemeral", **as_body(message)}
    if desk.draws(body, message) and fits_ack(answer):
        ack(**answer)
    else:
        ack()
        desk.answer(body, message)


def _waiting(body: Mapping[str, Any]) -> str:
    """What is said while the word that was called takes its time; empty for a word that is quick."""
    first = next(iter(str(body.get("text") or "").split()), "").lower()
    return WORDS[first].waiting if first in WORDS else ""


def _late(desk: Desk, body: Mapping[str, Any], made: Future[Message | None]) -> Message:
    """What came of it; where it failed, that."""
    try:
        return made.result() or _say("Done.")
    except Exception as error:
        return _say(errors.said(desk, error, who_of(body)))


def dispatch(desk: Desk, body: dict[str, Any]) -> Message | None:
    """Answer to one use of the command. Raises what the words raise (Refused and its like)."""
    text = unescape(str(body.get("text") or "")).strip()
    if len(text) > LONGEST:
        return _say(f"That is longer than {LONGEST:,} characters. Try {desk.command} help")
    # A line break or a tab parts words too; what follows keeps its own.
    first, rest = [*text.split(None, 1), "", ""][:2]
    who, word = who_of(body), first.lower()
    if not first:
        with desk.memory.database.reading() as session:
            return menu(desk, actor_for(session, who))
    if word in WORDS:
        return WORDS[word].run(Call(desk, who, rest, body))
    if re.fullmatch(r"(cl-)?\d+", word):
        return _show(Call(desk, who, first, body))
    near = difflib.get_close_matches(word, [*WORDS, *BUTTONS], n=1)
    if near and near[0] in BUTTONS:
        return _by_button(desk, BUTTONS[near[0]], rest)
    guess = f"Did you mean {desk.command} {near[0]}? " if near else ""
    return _say(f"There is no “{cut(first, 40)}”. {guess}{desk.command} help lists what there is.")


def _by_button(desk: Desk, row: Transition, rest: str) -> Message:
    """Where the button is that does what somebody typed; a decision is made where the claim can be read."""
    identity = claim_id(next(iter(rest.split()), ""))
    number = "CL-000123" if identity is None else claim_number(identity)
    thread = " In the card's thread, @claimbot help says how to write it." if row in lifecycle.TABLE else ""
    whose, written = ("reviewers", thread) if row.party is Party.REVIEWER else ("partners", "")
    return _say(
        f"“{row.label}” is a button for {whose}: on the claim's card, and below {desk.command} show {number}.{written}"
    )


_MENU = "menu."


def menu(desk: Desk, actor: Actor) -> Message:
    """What the bare command answers: the first things that this person can do, as buttons."""
    files = permissions.may_file_somewhere(actor) is None
    rows = [(WORDS["new"], lifecycle.label(Action.CREATE))] if files else []
    rows += [(WORDS["list"], "My claims" if files else "Claims"), (WORDS["help"], "Help")]
    elements = [
        {"type": "button", "action_id": _MENU + word.word, "text": plain(label, 75), "value": word.word}
        for word, label in rows
    ]
    elements[0]["style"] = "primary"
    blocks: list[Block] = [
        line(bold("Claims"), words(f"  What would you like to do? You can also type {desk.command} help")),
        {"type": "actions", "elements": elements},
    ]
    said = ", ".join(f"{desk.command} {word.word}" for word, _ in rows)
    return Message(escape(f"Claims: {said}"), blocks)


def _fitting(call: Call, actions: tuple[Action, ...]) -> Action:
    """The one of the actions that the claim's status allows; the first one, to be refused by name, if none does."""
    if len(actions) == 1:
        return actions[0]
    status = lookups.status_of(call.desk, call.who, call.number)
    return next((one for one in actions if lifecycle.transition(one, status) is not None), actions[0])


def _say(text: str) -> Message:
    return Message(escape(text), [line(words(text))])
