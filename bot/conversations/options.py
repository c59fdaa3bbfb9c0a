"""The choices of a list that is too long to stand in a form: found as the person types."""

from __future__ import annotations

import re
from typing import Any

from slack_bolt import Ack, App

from bot.conversations import inputs
from bot.desk import Desk, who_of
from models.queries.people import actor_for, locations_for_filing
from rules.fields import BY_ID


def register(app: App, desk: Desk) -> None:
    """Listen to what is typed into such a list."""

    def typed(ack: Ack, body: dict[str, Any]) -> None:
        field = BY_ID[body["action_id"].removeprefix(inputs.PREFIX)]
        # Which products there are depends on the solution area, which stands behind the block's name.
        area = body["block_id"].partition("@")[2] or None
        who = who_of(body)
        with desk.memory.database.reading() as session:
            # Only what this person may file for is ever offered.
            locations = locations_for_filing(session, actor_for(session, who))
        options = inputs.choices(field, desk.programme, area, locations)
        ack(options=inputs.matching(options, body.get("value") or ""))

    app.options(re.compile(f"^{re.escape(inputs.PREFIX)}({'|'.join(map(re.escape, BY_ID))})$"))(typed)
