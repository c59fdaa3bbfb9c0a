"""Accounts that Slack closes, or opens again: whose account is closed has no access here from that moment on."""

from __future__ import annotations

from itertools import chain
from typing import Any

import structlog
from slack_bolt import App

from bot.desk import Desk
from bot.workspaces import Workspaces
from models.answers import Who
from models.memory import Memory
from models.operations import teams

log = structlog.get_logger(__name__)


def register(app: App, desk: Desk) -> None:
    """Listen to changes of people's accounts."""

    def changed(event: dict[str, Any], body: dict[str, Any]) -> None:
        user = event["user"]
        who = Who(user.get("team_id") or body["team_id"], user["id"])
        teams.account(desk.memory, **{"closed" if user.get("deleted") else "opened": [who]})

    app.event("user_change")(changed)


def look_through(memory: Memory, workspaces: Workspaces) -> int:
    """Ask each workspace for everybody, in case an event was lost while nobody listened. How many it changed."""
    closed: list[Who] = []
    opened: list[Who] = []
    for page in chain.from_iterable(slack.users_list(limit=200) for slack in workspaces.every()):
        for user in page["members"]:
            (closed if user.get("deleted") else opened).append(Who(user["team_id"], user["id"]))
    changed = teams.account(memory, closed, opened)
    log.info("accounts_looked_through", count=len(closed) + len(opened))
    return changed
