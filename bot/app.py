"""The Bolt app: every conversation registered."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, BoltContext

from bot import commands, errors
from bot.cards.card import Message
from bot.cards.text import escape, line, words
from bot.conversations import (
    accounts,
    buttons,
    claim_form,
    comments,
    exports,
    history,
    home,
    installations,
    listing,
    mentions,
    options,
    parts,
    proof_form,
    reasons_form,
    reassign,
    reminders,
    submission,
    team,
    why,
)
from bot.desk import Desk
from bot.web.install import Door

CONVERSATIONS = (
    commands,
    buttons,
    claim_form,
    submission,
    reasons_form,
    reassign,
    reminders,
    proof_form,
    comments,
    mentions,
    listing,
    exports,
    parts,
    history,
    why,
    options,
    home,
    team,
    accounts,
    installations,
)

NOT_INSTALLED = "claimbot is not installed in this workspace. Nothing was changed; please ask your administrator."


def build_app(desk: Desk, *, signing_secret: str | None, door: Door | None = None) -> App:
    """The app that answers Slack.

    Asks Slack who the bot is: raises BoltError when Slack does not take the token, OSError when it is not reached.

    Args:
        signing_secret: proves that a request comes from Slack; None with Socket Mode, whose connection is the proof.
        door: how other workspaces install the app; None: they do not.
    """

    def careful_respond(context: BoltContext, body: dict[str, Any], next: Callable[[], None]) -> None:
        # Bolt's own would post wherever the request says. Bolt itself uses it, where the app is not installed.
        context["respond"] = lambda text: desk.answer(body, Message(escape(text), [line(words(text))]))
        next()

    app = App(
        name="claimbot",  # or Bolt reads the source of everybody who is calling, to name it after a file
        client=desk.workspaces.home if door is None else door.flow.client,
        oauth_flow=None if door is None else door.flow,
        signing_secret=signing_secret,
        before_authorize=careful_respond,
        user_facing_authorize_error_message=NOT_INSTALLED,
        # An answer goes out as soon as its one transaction is done: see reference on sync Bolt in docs/architecture.md.
        process_before_response=True,
        # Now and not within the first answer: who the bot is, Bolt asks Slack once.
        token_verification_enabled=True,
        # What nobody listens to is answered by the last listeners below.
        raise_error_for_unhandled_request=False,
    )
    for conversation in CONVERSATIONS:
        conversation.register(app, desk)
    errors.register(app, desk)
    _register_leftovers(app)
    return app


def _register_leftovers(app: App) -> None:
    """Whatever nobody listens to is acknowledged: an old message's button must not show an error, and Slack must not
    take a message in a channel for one that we failed to hear.
    """

    def acknowledge(ack: Ack, body: dict[str, Any]) -> None:
        ack()

    def hear() -> None:
        """Most of what is written in a channel is no business of ours."""

    def offer_nothing(ack: Ack) -> None:
        ack(options=[])

    everything = re.compile(".*")
    app.options(everything)(offer_nothing)
    app.action(everything)(acknowledge)
    app.view(everything)(acknowledge)
    app.event(everything)(hear)
