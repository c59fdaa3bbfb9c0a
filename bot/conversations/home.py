"""App Home: what waits for me first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from slack_bolt import App

from bot.cards.details import claim_list
from bot.cards.text import Block, bold, divider, line, words
from bot.commands import menu
from bot.desk import Desk
from models.answers import Who
from models.queries.claims import PAGE, newest
from models.queries.people import actor_for
from rules.lifecycle import Status

_PARTNER: Sequence[Status] = (Status.ACTION_REQUIRED, Status.DRAFT)
_REVIEWER: Sequence[Status] = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.DISPUTE)


def register(app: App, desk: Desk) -> None:
    """Draw Home when somebody opens it."""

    def opened(event: dict[str, Any], body: dict[str, Any]) -> None:
        if event.get("tab") != "home":
            return
        user = event["user"]
        view = home(desk, Who(body["team_id"], user))
        desk.later(lambda: desk.slack.views_publish(user_id=user, view=view))

    app.event("app_home_opened")(opened)


def home(desk: Desk, who: Who) -> dict[str, Any]:
    """Home as this person sees it."""
    with desk.memory.database.transaction() as session:
        actor = actor_for(session, who)
        view = desk.view(session)
        blocks: list[Block] = list(menu(desk, actor).blocks)
        queues = [("Needs your action", _PARTNER)] if actor.memberships else []
        queues += [("To review", _REVIEWER)] if actor.reviewer else []
        for title, statuses in queues:
            claims = newest(session, actor, statuses=statuses)
            blocks.append(divider())
            if claims:
                blocks += claim_list(claims[:PAGE], f"{title}", view).blocks
            else:
                blocks.append(line(bold(f"{title}: "), words("nothing right now.")))
        if not queues:
            blocks.append(line(words("You are not listed as a partner's member or as a reviewer of this programme.")))
    return {"type": "home", "blocks": blocks}
