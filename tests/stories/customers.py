"""What the stories about the customer share: a world with mail, the link in a mail, the page behind it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from models.database import Database
from models.tables import Consent
from tests.cast import LOS_ANGELES
from tests.post_office import PostOffice, html_of, text_of
from tests.stories.world import World, world_of
from tests.visitor import Seen

PARTNER, REVIEWERS = "C0CONTOSO", "C0REVIEW"
CARA, ANA = "cara@northwind.com", "ana@contoso.com"
END_OF_WINDOW = datetime(2026, 11, 26, tzinfo=LOS_ANGELES)
SECOND = timedelta(seconds=1)
LINK = re.compile(r"http://\S+/consent/\S+")


@pytest.fixture
def mail_world(database: Database, tmp_path: Path, post_office: PostOffice) -> Iterator[World]:
    """A world with a mail server."""
    with world_of(database, tmp_path, smtp_url=post_office.url) as world:
        yield world


def link_in(mail: EmailMessage) -> str:
    [link] = LINK.findall(text_of(mail))
    assert link in html_of(mail)
    return str(link)


def opt_out(page: Seen, reason: str = "") -> Seen:
    return page.press("Opt out", reason=reason).press("Yes, opt out")


def consents(world: World) -> list[Consent]:
    with world.bot.memory.database.transaction() as session:
        return session.query(Consent).all()


def review_card(world: World) -> str:
    return world.card("Rosa", REVIEWERS).visible_text
