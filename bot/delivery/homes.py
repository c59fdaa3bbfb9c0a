"""App Homes to be drawn anew because a claim changed: from the database as it stands when it is their turn."""

from __future__ import annotations

from bot.conversations.home import draw
from bot.desk import Desk
from bot.workspaces import Workspaces
from jobs.delivery import Receipt
from models.answers import Who
from models.operations import homes
from models.operations.outbox import Taken


class Homes:
    """Draws somebody's Home anew; nothing is sent to Slack where it would show the same."""

    def __init__(self, desk: Desk, workspaces: Workspaces) -> None:
        self._desk = desk
        self._workspaces = workspaces

    def deliver(self, row: Taken) -> Receipt:
        """Draw it."""
        memory, who = self._desk.memory, Who(row.team, row.payload["user"])
        with memory.database.transaction() as session:
            drawing = homes.begin(session, row.payload["person"], memory.clock(), used=False)
        draw(self._desk, self._workspaces.client(row.team), who, drawing)
        return Receipt(who.user)

    def look_up(self, row: Taken) -> None:
        """It is simply drawn again."""
