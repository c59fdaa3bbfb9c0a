"""What every conversation works with, and how a payload of Slack's is read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from threading import Semaphore
from typing import Any, TypeVar
from urllib.error import HTTPError

from pydantic import BaseModel, ConfigDict, ValidationError
from slack_bolt.request.internals import extract_team_id
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy.orm import Session

from bot.cards.card import Message, View
from bot.cards.text import line, plain, words
from bot.slack_hosts import reach
from bot.web.metrics import Metrics
from bot.workspaces import Workspaces
from models.answers import Who
from models.memory import Memory
from models.queries import decisions
from rules.loading import Programme

Body = Mapping[str, Any]

# An answer within the acknowledgement is one frame in Socket Mode, which Slack cuts off at 20,480 bytes
# (reference/slack.md 0.4); the envelope around it takes some too.
ACK_BYTES = 18_000
_NOT_OPENED = "Slack did not open the form in time. If it is not there, please try again: nothing was changed."
# Slack tells nobody of a choice that is made once more.
_NOT_ANEW = (
    "Slack did not draw the form anew in time. What you typed is kept; please do the last step again. "
    "Where that was a choice in a list, choose something else first."
)
# The form was opened before, where something came twice; it was drawn anew meanwhile; it was closed.
_MOVED_ON = frozenset({"exchanged_trigger_id", "hash_conflict", "not_found"})
_WAITING = 2
# "ok", or an error's code with some words around it.
_LONGEST_ANSWER = 10_000


def made_now(make: Callable[[], Message | None]) -> Future[Message | None]:
    """An answer that is made before anything else happens."""
    made: Future[Message | None] = Future()
    try:
        made.set_result(make())
    except Exception as error:
        made.set_exception(error)
    return made


@dataclass(frozen=True)
class Desk:
    """Memory, Slack's workspaces, and what is passed in so that tests decide it.

    ``later`` runs a call to Slack outside the answer to the present request; ``new_key`` gives a random unique string.
    ``aside`` makes an answer that may take long, in a thread of few: it must not keep others from being answered.
    ``patience``: so many seconds a person waits for such an answer before they are told that it comes later.
    ``drawn``: the workspaces, each with a kind of block that it has been seen to know.
    """

    memory: Memory
    workspaces: Workspaces
    command: str
    new_key: Callable[[], str]
    later: Callable[[Callable[[], object]], object]
    metrics: Metrics
    aside: Callable[[Callable[[], Message | None]], Future[Message | None]] = made_now
    patience: float = 1.0
    drawn: set[tuple[str, str]] = field(default_factory=set, init=False, repr=False, compare=False)
    _waiting: Semaphore = field(default_factory=lambda: Semaphore(_WAITING), init=False, repr=False, compare=False)

    def in_time(self, made: Future[Message | None]) -> bool:
        """Whether an answer that is made aside came while the person waits.

        Of the threads that answer (``bot.web.server``) only two wait so, or none would be left for what is quick.
        """
        if self._waiting.acquire(blocking=False):
            try:
                wait([made], self.patience)
            finally:
                self._waiting.release()
        return made.done()

    @property
    def programme(self) -> Programme:
        """The programme's rules."""
        return self.memory.programme

    def view(self, session: Session) -> View:
        """What cards are drawn with."""
        return View(
            self.programme,
            self.memory.calendar(session),
            self.memory.clock(),
            incentive=lambda claim: decisions.incentive(session, self.memory, claim),
            hints=lambda claim: decisions.hints(session, self.memory, claim),
        )

    def client(self, body: Body) -> WebClient:
        """The client of the workspace through which a request came. Raises NotInstalled where it was lost meanwhile."""
        return self.workspaces.client(team_of(body))

    def show(self, body: Body, view: dict[str, Any]) -> None:
        """Open a form; in place of the present one where the person is in a form already."""
        if body.get("view", {}).get("type") == "modal":
            view_id, hash_ = body["view"]["id"], body["view"]["hash"]
            self._draw(body, lambda slack: slack.views_update(view_id=view_id, hash=hash_, view=view), _NOT_ANEW)
        else:
            self._draw(body, lambda slack: slack.views_open(trigger_id=body["trigger_id"], view=view))

    def lay_on_top(self, body: Body, view: dict[str, Any]) -> None:
        """Open a window; on top of the one the person is in, or in its place where Slack allows no third on top."""
        below = body.get("view", {})
        if below.get("type") == "modal" and below.get("previous_view_id") in (None, below.get("root_view_id")):
            self._draw(body, lambda slack: slack.views_push(trigger_id=body["trigger_id"], view=view))
        else:
            self.show(body, view)

    def _draw(self, body: Body, call: Callable[[WebClient], object], lost: str = _NOT_OPENED) -> None:
        """Have a form shown; who waits for one that does not come is told ``lost``, where they are."""

        def draw() -> None:
            try:
                call(self.client(body))
            except Exception as error:
                if not (isinstance(error, SlackApiError) and error.response.get("error") in _MOVED_ON):
                    self._answer(body, Message(lost, [line(words(lost))]))
                raise

        self.later(draw)

    def redraw(self, body: Body, view: dict[str, Any]) -> dict[str, Any]:
        """The answer to a form that was handed in, by which ``view`` takes its place.

        A view too large for an answer is drawn beside it, below a small one: whichever comes first, nothing is lost.
        """
        answer = {"response_action": "update", "view": view}
        if fits_ack(answer):
            return answer
        view_id = body["view"]["id"]
        self._draw(body, lambda slack: slack.views_update(view_id=view_id, view=view), _NOT_ANEW)
        return {"response_action": "push", "view": _ALMOST_THERE}

    def whisper(self, body: Body, message: Message) -> None:
        """Say something to the person alone, where they are; from Home, by direct message."""
        user = body["user"]["id"]
        channel = body.get("channel", {}).get("id") or body.get("container", {}).get("channel_id")
        if channel is None:
            self.later(lambda: post(partial(self.client(body).chat_postMessage, channel=user), message))
        else:
            # A message that has replies names itself as its thread; what is said there only the thread shows.
            pressed_on = body.get("message", {})
            thread = pressed_on.get("thread_ts") if pressed_on.get("thread_ts") != pressed_on.get("ts") else None
            alone = {"channel": channel, "user": user, "thread_ts": thread}
            self.later(lambda: post(partial(self.client(body).chat_postEphemeral, **alone), message))

    def answer(self, body: Body, message: Message) -> None:
        """Answer a command beside its acknowledgement, to the person alone, also where the bot is no member."""
        self._answer(body, message)

    def replace(self, body: Body, message: Message) -> None:
        """Put another message in the place of the one, for this person alone, in which a button was pressed."""
        self._answer(body, message, replace_original=True)

    def _answer(self, body: Body, message: Message, **how: bool) -> None:
        url = body.get("response_url")
        if url is None:  # in a window or on Home there is no message to answer or to replace
            self.whisper(body, message)
            return

        def send() -> None:
            if post(partial(_respond, self.workspaces.home, url, **how), message):
                self.drawn.update(_kinds(body, message))

        self.later(send)

    def draws(self, body: Body, message: Message) -> bool:
        """Whether the workspace surely knows the message's blocks: those that came later, because it knew them before.

        Such an answer needs no second try in older blocks, so it may go where there is none.
        """
        return message.older is None or _kinds(body, message) <= self.drawn


def _kinds(body: Body, message: Message) -> set[tuple[str, str]]:
    team = team_of(body)
    return {(team, block["type"]) for block in message.blocks}


class Context(BaseModel):
    """What a form carries along (``private_metadata``): context, never permission.

    ``k`` is the key under which its submission has its effect once; ``n`` the claim's number; ``ver`` the version that
    the person saw; ``page`` the form's page; ``act`` the action it is for.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    k: str
    n: str | None = None
    ver: int | None = None
    page: int = 0
    act: str | None = None

    @classmethod
    def read(cls, view: Mapping[str, Any]) -> Context:
        """The context of a form that was handed in; an empty one for a form of an older version."""
        try:
            return cls.model_validate_json(view.get("private_metadata") or "")
        except ValidationError:
            return cls(k=view.get("id", ""))

    def write(self) -> str:
        """As it stands in ``private_metadata``."""
        return self.model_dump_json(exclude_none=True)


_ALMOST_THERE: dict[str, Any] = {
    "type": "modal",
    "callback_id": "almost_there",
    "title": plain("Almost there", 24),
    "close": plain("Continue", 24),
    "blocks": [line(words("The next page is a long one. It is ready below: continue when you are."))],
}


class Outdated(Exception):
    """A button or a form carries what this version does not know: it is of another version. Nothing was changed."""


ModelT = TypeVar("ModelT", bound=BaseModel)
NameT = TypeVar("NameT", bound=StrEnum)


def carried(model: type[ModelT], text: str | None) -> ModelT:
    """What a button or a form carries along. Raises Outdated."""
    try:
        return model.model_validate_json(text or "")
    except ValidationError:
        raise Outdated from None


def known(names: type[NameT], name: str | None) -> NameT:
    """One of these names. Raises Outdated."""
    try:
        return names(name or "")
    except ValueError:
        raise Outdated from None


def who_of(body: Body) -> Who:
    """Who sent this, by the signed payload: for a person of another workspace, that workspace's id."""
    if "user_id" in body:
        return Who(body["team_id"], body["user_id"])
    if body.get("type") == "event_callback":
        event = body["event"]
        return Who(event.get("user_team") or event.get("team") or body["team_id"], event["user"])
    user = body["user"]
    return Who(user.get("team_id") or body["team"]["id"], user["id"])


def team_of(body: Body) -> str:
    """The workspace through which this came, and in which it can be answered: where the app is installed, as Bolt has
    it. In a channel that workspaces share it need not be the person's.
    """
    return extract_team_id(dict(body)) or ""


def press_key(body: Body) -> str:
    """The key of one press of a button: the same when Slack delivers it again (reference/slack.md 2.3)."""
    action = body["actions"][0]
    place = body.get("message", {}).get("ts") or body.get("view", {}).get("id") or ""
    who = who_of(body)
    value = (action.get("selected_option") or action).get("value", "")
    return f"press:{who.team}:{who.user}:{place}:{action['action_id']}:{value}:{action['action_ts']}"


def as_body(message: Message) -> dict[str, Any]:
    """A message as arguments of ``chat.*``: nothing in the text is read as markup, and no link is unfolded."""
    return {"text": message.text, "blocks": message.blocks}


def post(call: Callable[..., object], message: Message) -> bool:
    """Hand a message to ``call``; where the workspace does not know its blocks yet, once more in older ones.

    Returns:
        Whether it was taken as it is.

    Raises:
        SlackApiError: Slack does not take it.
    """
    try:
        call(**as_body(message))
        return True
    except SlackApiError as error:
        if message.older is None or error.response.get("error") != "invalid_blocks":
            raise
        call(**as_body(Message(message.text, message.older())))
        return False


def _respond(slack: WebClient, url: str, **body: Any) -> None:
    content = json.dumps({"response_type": "ephemeral", **body}).encode()
    headers = {"Content-Type": "application/json;charset=utf-8"}
    try:
        with reach(slack, "hooks", url, timeout=slack.timeout, data=content, headers=headers) as answer:
            code, said = "", answer.read(_LONGEST_ANSWER)
    except HTTPError as error:
        with error:
            code, said = f"status {error.code}", error.read(_LONGEST_ANSWER)
    # The error comes as a bare code or within JSON, and not always with a status that says so.
    if b"invalid_blocks" in said:
        code = "invalid_blocks"
    if code:
        raise SlackApiError("response_url", {"ok": False, "error": code})  # type: ignore[no-untyped-call]


def fits_ack(body: Mapping[str, Any]) -> bool:
    """Whether an answer is small enough for the acknowledgement."""
    return len(json.dumps(body)) <= ACK_BYTES
