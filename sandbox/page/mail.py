"""A mailbox beside Slack: what the app sends by mail, for apps whose story goes on there."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from functools import cached_property
from typing import Protocol

from flask import Blueprint, Response, abort, render_template, request

from sandbox.page.scenes import Eyes
from sandbox.page.when import clock_time, day_name, full, zone
from sandbox.workspace import Workspace

# No script, no form, nothing from elsewhere but pictures; a link opens in a window of its own, outside this cage.
FRAME = "allow-popups allow-popups-to-escape-sandbox"
POLICY = f"sandbox {FRAME}; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:"
VIEWS = {"html": "Message", "text": "Plain text", "headers": "Headers"}
_BEGINNING = 120


class Mails(Protocol):
    """Where the app's mail is kept instead of being sent."""

    @property
    def unread(self) -> int: ...

    def all(self) -> Sequence[tuple[int, EmailMessage, bool]]:
        """Number, mail, and whether it was read; the newest first."""

    def open(self, number: int) -> EmailMessage | None:
        """The mail with this number, from now on read."""


@dataclass(frozen=True)
class Letter:
    """A mail for the templates; moments are in the reader's zone."""

    number: int
    mail: EmailMessage
    read: bool
    eyes: Eyes

    @property
    def subject(self) -> str:
        return str(self.mail["Subject"] or "(no subject)")

    @property
    def to(self) -> str:
        """The names of whom it is for, or their addresses."""
        return ", ".join(one.display_name or one.addr_spec for one in self.mail["To"].addresses)

    @property
    def time(self) -> str:
        """Short: the time of today's, the day of others'."""
        when, now = self._moments()
        return clock_time(when) if when.date() == now.date() else day_name(when, now)

    @property
    def full_time(self) -> str:
        return full(self._moments()[0])

    def _moments(self) -> tuple[datetime, datetime]:
        """When it was sent, and now."""
        here = zone(self.eyes.me.tz)
        return self.mail["Date"].datetime.astimezone(here), self.eyes.now.astimezone(here)

    @cached_property
    def text(self) -> str:
        part = self.mail.get_body(("plain",))
        return str(part.get_content()) if part is not None else ""

    @cached_property
    def html(self) -> str:
        """The HTML, with every link leading to a window of its own."""
        part = self.mail.get_body(("html",))
        content = str(part.get_content()) if part is not None else ""
        base = '<base target="_blank">'
        marked, found = re.subn(r"<head[^>]*>", lambda head: head[0] + base, content, count=1, flags=re.I)
        return marked if found else base + content

    @property
    def beginning(self) -> str:
        return " ".join(self.text.split())[:_BEGINNING]

    @property
    def views(self) -> dict[str, str]:
        """The ways to look at it that there are."""
        has = {"html": self.mail.get_body(("html",)) is not None, "text": bool(self.text), "headers": True}
        return {name: words for name, words in VIEWS.items() if has[name]}

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.mail.items()]

    @property
    def attachments(self) -> list[tuple[str, int]]:
        """Names and sizes in bytes."""
        return [(one.get_filename() or "attachment", len(_content(one))) for one in self.mail.iter_attachments()]


class Mailroom:
    """The page of a mailbox, below each person's address: dates are in this person's zone."""

    def __init__(self, mails: Mails, workspace: Workspace, eyes: Callable[[str], Eyes]) -> None:
        self._mails = mails
        self._workspace = workspace
        self._eyes = eyes

    @property
    def unread(self) -> int:
        return self._mails.unread

    def show(self, user: str, number: int = 0) -> str:
        """The list, and the mail with this number beside it."""
        eyes = self._eyes(user)
        # Before the list is made: it is read from now on.
        opened = self._letter(eyes, number) if number else None
        letters = [Letter(*one, eyes) for one in self._mails.all()]
        views = opened.views if opened else {}
        wanted = request.args.get("show", "")
        return render_template(
            "sandbox/mail.html",
            eyes=eyes,
            base=eyes.base,
            team=self._workspace.team,
            revision=self._workspace.revision,
            letters=letters,
            opened=opened,
            views=views,
            view=wanted if wanted in views else next(iter(views), ""),
            frame=FRAME,
            place="mail",
        )

    def html(self, user: str, number: int) -> Response:
        """The HTML part alone, for the frame: a document that may do nothing."""
        letter = self._letter(self._eyes(user), number)
        return Response(letter.html, mimetype="text/html", headers={"Content-Security-Policy": POLICY})

    def attachment(self, user: str, number: int, index: int) -> Response:
        letter = self._letter(self._eyes(user), number)
        found = list(letter.mail.iter_attachments())
        if index >= len(found):
            abort(404)
        response = Response(_content(found[index]), mimetype="application/octet-stream")
        response.headers.set("Content-Disposition", "attachment", filename=letter.attachments[index][0])
        return response

    def _letter(self, eyes: Eyes, number: int) -> Letter:
        mail = self._mails.open(number)
        if mail is None:
            abort(404)
        return Letter(number, mail, True, eyes)


def route(blueprint: Blueprint, room: Callable[[], Mailroom]) -> None:
    """The addresses; `room` answers 404 by itself where there is no mailbox."""
    add = blueprint.add_url_rule
    add("/as/<user>/mail", "mail", lambda user: room().show(user))
    add("/as/<user>/mail/<int:number>", "letter", lambda user, number: room().show(user, number))
    add("/as/<user>/mail/<int:number>/html", "letter_html", lambda user, number: room().html(user, number))
    add(
        "/as/<user>/mail/<int:number>/attachment/<int:index>",
        "letter_attachment",
        lambda user, number, index: room().attachment(user, number, index),
    )


def _content(part: EmailMessage) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else part.as_bytes()
