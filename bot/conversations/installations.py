"""A workspace takes the app away: its token is forgotten at once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from slack_bolt import App

from bot.desk import Desk, team_of


def register(app: App, desk: Desk) -> None:
    """Listen for the end of an installation. Slack sends both events, in any order, and repeats them for an hour."""

    def ended(body: dict[str, Any]) -> None:
        installed = desk.workspaces.installed
        if installed is not None:
            at = datetime.fromtimestamp(body["event_time"], UTC)
            if installed.forget(team_of(body), at, desk.memory.clock()):
                desk.metrics.installation("uninstalled")

    def revoked(event: dict[str, Any], body: dict[str, Any]) -> None:
        if event.get("tokens", {}).get("bot"):
            ended(body)

    app.event("app_uninstalled")(ended)
    app.event("tokens_revoked")(revoked)
