"""Comments: what is written in the threads of claims' cards, replies to the partner, and what is sent to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict
from slack_bolt import Ack, App, BoltContext

from bot.cards.card import Message
from bot.cards.comments import files_offered
from bot.cards.text import Block, bold, escape, line, listed, note, plain, units, words
from bot.conversations import inputs
from bot.desk import Body, Context, Desk, as_body, carried, press_key, team_of, who_of
from bot.incoming import read
from models.answers import Invalid, Refused, Who
from models.operations import commenting
from models.operations.commenting import TEXT, Said
from models.operations.proofs import SlackFile
from models.operations.reviewing import MESSAGE_LENGTH
from models.queries.claims import find, subject_of
from models.queries.comments import names_of
from models.queries.people import actor_for
from models.tables import Claim
from rules.commenting import may_comment
from rules.lifecycle import Party
from rules.permissions import Refusal

SHORTCUT = "send_to_partner"
_SEND, _REPLY = "send_form", "reply_form"
_PROOF = "comment.proof."
# What people write; what apps write, and what only tells that something happened, is no comment.
_WRITTEN = frozenset({None, "file_share", "thread_broadcast"})


class Sending(Context):
    """What the form that sends a comment to the partner carries along: which one."""

    c: int = 0


class Offered(BaseModel):
    """What the button under a file carries: which comment it came with."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    c: int
    f: str


def register(app: App, desk: Desk) -> None:
    """Listen to threads, to the shortcut on a message, to the forms, and to the buttons under files."""

    def message(event: dict[str, Any], body: dict[str, Any], context: BoltContext) -> None:
        heard(desk, event, body, context.bot_user_id)

    def shortcut(ack: Ack, body: dict[str, Any]) -> None:
        open_sending(desk, body)
        ack()

    def sent(ack: Ack, body: dict[str, Any]) -> None:
        context, who = carried(Sending, body["view"].get("private_metadata")), who_of(body)

        def send(text: str) -> Said:
            return commenting.share(desk.memory, who, context.c, text, delivery=context.k)

        ack(**_answer(send, body))

    def replied(ack: Ack, body: dict[str, Any]) -> None:
        context, who = Context.read(body["view"]), who_of(body)

        def reply(text: str) -> Said:
            return commenting.say(desk.memory, who, context.n or "", text, to_partner=True, delivery=context.k)

        ack(**_answer(reply, body))

    def proof_pressed(ack: Ack, body: dict[str, Any]) -> None:
        take_as_proof(desk, body)
        ack()

    app.event("message", matchers=[_in_a_thread])(message)
    app.message_shortcut(SHORTCUT)(shortcut)
    app.view(_SEND)(sent)
    app.view(_REPLY)(replied)
    app.action(re.compile(f"^{re.escape(_PROOF)}"))(proof_pressed)


# -- threads -----------------------------------------------------------------------------------------------------------


def heard(desk: Desk, event: Mapping[str, Any], body: Body, bot: str | None) -> None:
    """Take down what was written, edited or deleted in a thread, and tell the author alone what they have to know."""
    team, channel = team_of(body), event["channel"]
    delivery = f"event:{body['event_id']}"
    if event.get("subtype") == "message_deleted":
        commenting.delete_heard(desk.memory, team, channel, event["deleted_ts"], delivery=delivery)
        return
    edited = event.get("subtype") == "message_changed"
    shown = event["message"] if edited else event
    if edited and not shown.get("edited"):
        return  # a link was unfolded, or replies were counted
    if shown.get("bot_id") or not shown.get("user") or shown.get("subtype") not in _WRITTEN:
        return
    if bot and re.match(rf"\s*<@{bot}[>|]", shown.get("text") or ""):
        return  # a command, for bot.conversations.mentions
    who = Who(shown.get("user_team") or shown.get("team") or team, shown["user"])
    written = commenting.Message(
        team,
        channel,
        shown["thread_ts"],
        shown["ts"],
        _read(desk, {team, who.team}, shown.get("text") or "", bot),
        _files(shown),
    )
    hear = commenting.edit_heard if edited else commenting.hear
    result = hear(desk.memory, who, written, delivery=delivery)
    if isinstance(result, Refusal):
        desk.metrics.refused(result.condition)
        said = f"This was not recorded as a comment. {result.message}"
        _whisper(desk, body, channel, who.user, written.thread_ts, Message(escape(said), [line(words(said))]))
    elif result is not None and result.offered:
        _whisper(desk, body, channel, who.user, written.thread_ts, _offer(result))


def say(desk: Desk, who: Who, body: Body) -> str:
    """``/claim comment CL-000123 text``; answers what became of it. Raises Refused or Invalid."""
    # As Slack sent it: only there is a mention something else than the same characters typed.
    _, number, text = [*(str(body.get("text") or "").strip().split(None, 2)), "", "", ""][:3]
    if not number or not text:
        return f"Write the claim's number and then your comment: {desk.command} comment CL-000123 Your comment"
    key = f"command:{body['trigger_id']}"
    said = commenting.say(desk.memory, who, number, _read(desk, {who.team}, text), delivery=key)
    if not said.shared:
        return f"Noted on {said.number} for the reviewers only. “Reply to partner” writes to the partner."
    if said.waits:
        return f"Your comment on {said.number} is recorded. The reviewers read it once the claim is submitted."
    return f"Your comment on {said.number} is in both threads: the reviewers read it too."


def take_as_proof(desk: Desk, body: Body) -> None:
    """Hand in a file that came with a comment. Raises Refused or Invalid."""
    offered, who = carried(Offered, body["actions"][0].get("value")), who_of(body)
    done = commenting.take_as_proof(desk.memory, who, offered.c, offered.f, delivery=press_key(body))
    state = "is being checked now" if done.changed else "was added already"
    said = f"The file {state}. The card of {done.number} shows what came of it."
    thread = body.get("container", {}).get("thread_ts")
    _whisper(desk, body, body["channel"]["id"], who.user, thread, Message(escape(said), [line(words(said))]))


def _in_a_thread(event: Mapping[str, Any]) -> bool:
    """Whether a message event is about a reply in a thread, or may be: a deletion need not say."""
    if event.get("channel_type") not in ("channel", "group"):
        return False
    if event.get("subtype") == "message_deleted":
        return True
    shown = event.get("message") or event
    return shown.get("thread_ts") not in (None, shown.get("ts"))


def _read(desk: Desk, teams: Collection[str], text: str, bot: str | None = None) -> str:
    def find_names(users: Collection[str]) -> dict[str, str]:
        with desk.memory.database.reading() as session:
            return names_of(session, teams, users) | ({bot: "claimbot"} if bot else {})

    return read(text, find_names)


def _files(shown: Mapping[str, Any]) -> list[SlackFile]:
    # Of a file from another workspace there is only its id (reference/slack.md 1.8).
    return [SlackFile(file["id"], file.get("name") or "file") for file in shown.get("files") or () if file.get("id")]


def _offer(said: Said) -> Message:
    one = len(said.offered) == 1
    buttons: list[Block] = [
        {
            "type": "button",
            "action_id": f"{_PROOF}{place}",
            "text": plain("Add as proof" if one else f"Add as proof: {file.name}", 75),
            "value": Offered(c=said.comment, f=file.id).model_dump_json(),
        }
        for place, file in enumerate(said.offered)
    ]
    return files_offered(said.number, said.offered, buttons)


def _whisper(desk: Desk, body: Body, channel: str, user: str, thread: str | None, message: Message) -> None:
    place = {"channel": channel, "user": user, "thread_ts": thread, **as_body(message)}
    desk.later(lambda: desk.client(body).chat_postEphemeral(**place))


# -- to the partner ----------------------------------------------------------------------------------------------------


def open_reply(desk: Desk, body: Body, number: str) -> None:
    """Open the form that writes to the partner. Raises Refused."""
    who = who_of(body)
    with desk.memory.database.reading() as session:
        actor = actor_for(session, who)
        claim = find(session, actor, number)
        refusal = may_comment(actor, Party.REVIEWER, subject_of(claim))
        if refusal is not None:
            raise Refused(refusal, claim.status)
        context = Context(k=desk.new_key(), n=claim.number)
        view = _form(_REPLY, "Reply to partner", "Send", claim, context, "", ())
    desk.show(body, view)


def open_sending(desk: Desk, body: Body) -> None:
    """Open the form that confirms what of an internal comment is sent to the partner. Raises Refused."""
    team, channel, ts = body["team"]["id"], body["channel"]["id"], body["message"]["ts"]
    with desk.memory.database.reading() as session:
        comment = commenting.to_be_shared(session, who_of(body), team, channel, ts)
        notes = []
        if units(comment.text) > MESSAGE_LENGTH:
            notes.append(f"A form takes {MESSAGE_LENGTH:,} characters; the rest of the message is not sent.")
        if comment.files:
            names = listed((one["name"] for one in comment.files), 5)
            notes.append(f"Files are not sent along: {names}")
        context = Sending(k=desk.new_key(), n=comment.claim.number, c=comment.id)
        view = _form(_SEND, "Send to partner", "Send to partner", comment.claim, context, comment.text, notes)
    desk.show(body, view)


def _form(
    callback: str,
    title: str,
    submit: str,
    claim: Claim,
    context: Context,
    text: str,
    notes: Sequence[str],
) -> dict[str, Any]:
    to = f"Everybody in the channel of {claim.partner.name} reads exactly this, under your name."
    element: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": TEXT,
        "multiline": True,
        "max_length": MESSAGE_LENGTH,
    }
    if text:
        element["initial_value"] = plain(text, MESSAGE_LENGTH)["text"]
    blocks: list[Block] = [line(bold(f"{claim.number} · {claim.claim_name}"))]
    blocks += [note(one) for one in notes]
    blocks.append(
        {
            "type": "input",
            "block_id": TEXT,
            "label": plain("Message", 2000),
            "hint": plain(to, 2000),
            "element": element,
        }
    )
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": context.write(),
        "title": plain(title, 24),
        "submit": plain(submit, 24),
        "close": plain("Cancel", 24),
        "blocks": blocks,
    }


def _answer(send: Callable[[str], Said], body: Body) -> dict[str, Any]:
    """Send what stands in the form; answers what is wrong at the field, or closes the form."""
    text = inputs.handed_in(body["view"], TEXT)
    try:
        send(text if isinstance(text, str) else "")
    except Invalid as error:
        return {"response_action": "errors", "errors": dict(error.errors)}
    return {"response_action": "clear"}
