"""Somebody who opens a link in a browser without JavaScript: GET, forms, their buttons."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPMessage
from urllib.parse import urlencode, urlsplit


@dataclass
class Seen:
    """A page as it was answered."""

    url: str
    status: int
    headers: HTTPMessage
    html: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)
    text: str = ""

    def press(self, label: str, **typed: str) -> Seen:
        """Fill in fields of the form and press one of its buttons."""
        name, value = self.buttons[label]
        return visit(self.url, {**self.fields, **typed, name: value})


def visit(url: str, form: dict[str, str] | None = None, *, method: str | None = None, **headers: str) -> Seen:
    """Open an address, or send a form to it; no redirect is followed."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=30)
    body = urlencode(form).encode() if form is not None else None
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if form is not None:
        sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
    try:
        connection.request(method or ("GET" if form is None else "POST"), parts.path, body, sent)
        response = connection.getresponse()
        html = response.read().decode()
    finally:
        connection.close()
    reader = _Reader()
    reader.feed(html)
    text = " ".join(" ".join(reader.words).split())
    return Seen(url, response.status, response.headers, html, reader.fields, reader.buttons, text)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.fields: dict[str, str] = {}
        self.buttons: dict[str, tuple[str, str]] = {}
        self._inside = ""
        self._named: dict[str, str | None] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._named = dict(attrs)
        if tag == "input":
            self.fields[str(self._named["name"])] = self._named.get("value") or ""
        elif tag == "textarea":
            self.fields[str(self._named["name"])] = ""
        if tag in ("textarea", "button", "style"):
            self._inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "style":
            return
        if self._inside == "textarea":
            self.fields[str(self._named["name"])] = re.sub(r"^\r?\n", "", data)
        elif self._inside == "button":
            self.buttons[data.strip()] = (str(self._named["name"]), str(self._named["value"]))
        else:
            self.words.append(data)
