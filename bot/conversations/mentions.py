"""``@claimbot`` in a claim's thread, where commands do not work: how the claim stands, and what reviewers decide.

What is clear is done, by the same operations as on the card's buttons. What is not clear is never guessed: the person
alone is asked back, with buttons that open the form with all that was typed.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict
from slack_bolt import Ack, App, BoltContext

from bot import commands, errors
from bot.cards.card import Message
from bot.cards.text import Block, bold, bullets, cut, escape, header, line, note, plain, words
from bot.conversations import reasons_form, spoken
from bot.conversations.spoken import Meant
from bot.desk import Body, Desk, as_body, carried, team_of, who_of
from bot.incoming import read
from models.answers import Done, Who
from models.operations import asking, reviewing
from models.queries.claims import find, permitted
from models.queries.comments import card_at, names_of
from models.queries.people import actor_for
from models.tables import Card, claim_number
from rules.lifecycle import Action
from rules.reasons import Reason

_PROPOSE = "mention.propose."
# Slack shows more, but nobody reads more.
_PROPOSED = 10
_NOTHING_DONE = "Nothing was done."


@dataclass(frozen=True)
class Heard:
    """One mention: who said what, and in which claim's thread. ``key`` has its effect once."""

    desk: Desk
    who: Who
    team: str
    channel: str
    thread: str | None
    key: str
    number: str
    side: str
    rest: str = ""


class _Proposal(BaseModel):
    """What a proposal's button carries: the claim's number, the action, the reasons' ids, and the mention's key."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    n: str
    a: Literal[Action.REJECT, Action.REQUEST_INFORMATION]
    r: tuple[str, ...]
    k: str


@dataclass(frozen=True)
class Word:
    """One word after the bot's name: how it is used, what it does, and how that is done."""

    word: str
    usage: str
    does: str
    run: Callable[[Heard], None]


def _status(heard: Heard) -> None:
    asking.tell_state(heard.desk.memory, heard.who, heard.number, heard.side, delivery=heard.key)


def _help(heard: Heard) -> None:
    _tell(heard, help_in_thread(heard.desk))


def _start(heard: Heard) -> None:
    _at_once(heard, "start", reviewing.start_review, besides="review")


def _approve(heard: Heard) -> None:
    _at_once(heard, "approve", reviewing.approve)


def _reject(heard: Heard) -> None:
    def reject(meant: Meant) -> Done:
        memory, [reason] = heard.desk.memory, meant.reasons
        return reviewing.reject(memory, heard.who, heard.number, reason.id, meant.message, delivery=heard.key)

    _with_reasons(heard, Action.REJECT, reject)


def _ask(heard: Heard) -> None:
    def ask(meant: Meant) -> Done:
        memory, reasons = heard.desk.memory, [one.id for one in meant.reasons]
        return reviewing.request_information(
            memory, heard.who, heard.number, reasons, meant.message, delivery=heard.key
        )

    _with_reasons(heard, Action.REQUEST_INFORMATION, ask)


TABLE: tuple[Word, ...] = (
    Word("status", "status", "Answers here how the claim stands.", _status),
    Word("start", "start", "Starts the review: the claim is yours.", _start),
    Word("approve", "approve", "Approves the claim.", _approve),
    Word("reject", "reject <reason>: <message>", "Rejects the claim; the partner reads the message.", _reject),
    Word("ask", "ask <reason>, <reason>: <message>", "Asks the partner for more information.", _ask),
    Word("help", "help", "Shows this, to you alone.", _help),
)
WORDS: Mapping[str, Word] = {word.word: word for word in TABLE}


def register(app: App, desk: Desk) -> None:
    """Listen to mentions, and to what is proposed where one was not clear."""

    def mentioned(event: dict[str, Any], body: dict[str, Any], context: BoltContext) -> None:
        # An edited message does nothing: what was decided is not decided again by correcting a word.
        if event.get("bot_id") or not event.get("user") or event.get("edited"):
            return
        hear(desk, event, body, context.bot_user_id or "")

    def proposed(ack: Ack, body: dict[str, Any]) -> None:
        meant = carried(_Proposal, body["actions"][0].get("value"))
        typed = asking.kept(desk.memory, who_of(body), meant.k)
        reasons_form.open_reasons(desk, body, meant.n, meant.a, reasons=meant.r, text=typed)
        ack()

    app.event("app_mention")(mentioned)
    app.action(re.compile(f"^{re.escape(_PROPOSE)}"))(proposed)


def hear(desk: Desk, event: Mapping[str, Any], body: Body, bot: str) -> None:
    """Do what a mention says, or tell the person alone why not; the second time it comes, nothing."""
    team, channel, thread = team_of(body), event["channel"], event.get("thread_ts")
    key, who = f"event:{body['event_id']}", who_of(body)
    if asking.was_answered(desk.memory, _told(key)):
        return
    with desk.memory.database.reading() as session:
        card: Card | None = card_at(session, team, channel, thread) if thread else None
        said = spoken.addressed(event.get("text") or "", bot)
        typed = read(said, lambda users: names_of(session, {team, who.team}, users)) if said is not None else ""
    heard = Heard(desk, who, team, channel, thread, key, "", "")
    if card is None:
        _tell(heard, commands.help_message(desk))
        return
    word, rest = spoken.first_word(typed)
    heard = Heard(desk, who, team, channel, thread, key, claim_number(card.claim_id), card.side, rest)
    try:
        _seen(heard)
        _obey(heard, word, begins=said is not None)
    except Exception as error:
        # Bolt's own way to `errors` knows no thread to answer in.
        _tell(heard, _say(errors.said(desk, error, who)))


def help_in_thread(desk: Desk) -> Message:
    """What can be said to claimbot in a claim's thread."""
    rows = [[bold(f"@claimbot {one.usage}"), words(f"  {one.does}")] for one in TABLE]
    reasons = desk.programme.reasons
    blocks: list[Block] = [
        header("In a claim's thread"),
        bullets(rows),
        line(bold("Reasons to reject: "), words(", ".join(one.label for one in reasons.for_reviewers))),
        line(bold("Reasons to ask: "), words(", ".join(one.label for one in reasons.information))),
        note(
            "A beginning of a reason is enough where it fits no other. Begin the message with @claimbot. "
            f"{desk.command} and other commands cannot be used inside threads: Slack does not allow it."
        ),
    ]
    text = " ".join(f"@claimbot {one.usage}: {one.does}" for one in TABLE)
    return Message(escape(f"In a claim's thread: {text}"), blocks)


def _obey(heard: Heard, word: str, *, begins: bool) -> None:
    if not begins:
        _tell(heard, _say(f"To tell me something, begin your message with @claimbot. {_NOTHING_DONE}"))
    elif word in WORDS:
        WORDS[word].run(heard)
    elif not word:
        _help(heard)
    else:
        near = difflib.get_close_matches(word, WORDS, n=1)
        guess = f"Did you mean “@claimbot {WORDS[near[0]].usage}”? " if near else ""
        _tell(heard, _say(f"I do not know “{cut(word, 40)}”. {_NOTHING_DONE} {guess}“@claimbot help” says more."))


def _at_once(heard: Heard, usage: str, operation: Callable[..., Done], *, besides: str | None = None) -> None:
    """What takes no more words: with others after it, it may have been meant for another claim, or not at all."""
    more = heard.rest.casefold().strip(" .!\n")
    if more and more != besides:
        sentence = f"“{usage}” takes no more words, so I am not sure what you mean. {_NOTHING_DONE}"
        _tell(heard, _say(f"{sentence} Write “@claimbot {usage}” alone, or use the button on the card."))
        return
    operation(heard.desk.memory, heard.who, heard.number, delivery=heard.key)


def _with_reasons(heard: Heard, action: Action, operation: Callable[[Meant], Done]) -> None:
    ask = reasons_form.ASKS[action]
    known = ask.reasons(heard.desk.programme.reasons) if ask.reasons else ()
    meant = spoken.meant(heard.rest, known, many=ask.many)
    if meant.clear:
        operation(meant)
        return
    _may(heard, action)  # nothing is proposed that would be refused
    if asking.keep_unclear(heard.desk.memory, heard.who, _told(heard.key), meant.kept):
        _whisper(heard, _proposals(heard, action, meant, known, many=ask.many))


def _proposals(heard: Heard, action: Action, meant: Meant, known: Sequence[Reason], *, many: bool) -> Message:
    if not meant.unclear and meant.reasons:
        question = f"What should the partner read? The message is missing. {_NOTHING_DONE}"
        offers = [meant.reasons]
    elif meant.near:
        question = f"Which reason do you mean? {_NOTHING_DONE}"
        offers = [(*meant.reasons, one) if many else (one,) for one in meant.near]
    else:
        question = f"Please choose a reason. {_NOTHING_DONE}"
        offers = [(*meant.reasons, one) if many else (one,) for one in known if one not in meant.reasons]
    buttons = [
        {
            "type": "button",
            "action_id": f"{_PROPOSE}{place}",
            "text": plain(offer[-1].label, 75),
            "value": _Proposal(
                n=heard.number, a=action, r=tuple(one.id for one in offer), k=_told(heard.key)
            ).model_dump_json(),
        }
        for place, offer in enumerate(offers[:_PROPOSED])
    ]
    blocks: list[Block] = [line(words(question)), {"type": "actions", "elements": buttons}]
    blocks.append(note("The form that opens has what you typed."))
    labels = ", ".join(offer[-1].label for offer in offers[:_PROPOSED])
    return Message(escape(f"{question} {labels}"), blocks)


def _seen(heard: Heard) -> None:
    """Raise Refused when this person cannot see the claim: then nothing is said of it, help included."""
    with heard.desk.memory.database.reading() as session:
        find(session, actor_for(session, heard.who), heard.number)


def _may(heard: Heard, action: Action) -> None:
    with heard.desk.memory.database.reading() as session:
        actor = actor_for(session, heard.who)
        permitted(actor, action, find(session, actor, heard.number))


def _told(key: str) -> str:
    """The key under which it is remembered that a mention was answered in private."""
    return f"{key}:told"


def _tell(heard: Heard, message: Message) -> None:
    """Answer the person alone, once."""
    if asking.keep_unclear(heard.desk.memory, heard.who, _told(heard.key), ""):
        _whisper(heard, message)


def _whisper(heard: Heard, message: Message) -> None:
    place = {"channel": heard.channel, "user": heard.who.user, "thread_ts": heard.thread, **as_body(message)}
    workspaces = heard.desk.workspaces
    heard.desk.later(lambda: workspaces.client(heard.team).chat_postEphemeral(**place))


def _say(text: str) -> Message:
    return Message(escape(text), [line(words(text))])
