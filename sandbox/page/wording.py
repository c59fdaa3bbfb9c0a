"""Text as Slack's client shows it: mrkdwn, plain text, Markdown and rich text, each as safe HTML.

Everything a person or an app wrote is escaped here and only here; what comes out is `Markup`.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

from sandbox.page.emoji import EMOJI
from sandbox.page.when import date_text
from sandbox.reading import unescape

Json = dict[str, Any]
_EDGE = r"(?<![\w*_~])"  # formatting marks count only at the edge of a word
_PIECES = re.compile(
    r"(?P<code>`(?P<code_in>[^`\n]+)`)"
    r"|(?P<control><(?P<control_in>[^<>\n]+)>)"
    rf"|(?P<bold>{_EDGE}\*(?P<bold_in>[^\s*](?:[^*\n]*[^\s*])?)\*(?!\w))"
    rf"|(?P<italic>{_EDGE}_(?P<italic_in>[^\s_](?:[^_\n]*[^\s_])?)_(?!\w))"
    rf"|(?P<strike>{_EDGE}~(?P<strike_in>[^\s~](?:[^~\n]*[^\s~])?)~(?!\w))"
    r"|(?P<address>https?://[^\s<>|]+[^\s<>|.,;:!?)\]'\"])"
    r"|(?P<emoji>:(?P<emoji_in>[a-z0-9_+-]+):)"
)
_FENCE = re.compile(r"```\n?(.*?)\n?```", re.DOTALL)
_SAFE_LINK = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_BROADCASTS = frozenset({"here", "channel", "everyone"})
_STYLES = {"bold": "strong", "italic": "em", "strike": "s", "code": "code", "underline": "u"}


def link(address: str, label: Markup | str) -> Markup:
    """A link that opens beside the page; anything but the web and mail stays text."""
    if not _SAFE_LINK.match(address):
        return escape(label)
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(address, label)


def _wrapped(tag: str, inner: Markup | str) -> Markup:
    return Markup("<{0}>{1}</{0}>").format(Markup(tag), inner)  # noqa: S704 - tags are our own words


def _lines(text: str) -> Markup:
    return Markup("<br>").join(escape(unescape(part)) for part in text.split("\n"))


@dataclass(frozen=True)
class Wording:
    """One reader: whose names they see and in which zone they read times."""

    name_of: Callable[[str], str]
    channel_of: Callable[[str], str | None]
    me: str
    tz: str
    now: datetime

    # -- texts of blocks and messages --------------------------------------------------------------------------------

    def text(self, text: Any) -> Markup:
        """A text object of either kind, or a bare string."""
        if isinstance(text, dict) and text.get("type") == "mrkdwn":
            return self.mrkdwn(str(text.get("text", "")))
        return self.plain(text)

    def plain(self, text: Any) -> Markup:
        """Text without formatting: escaped, with emoji where the object allows them."""
        with_emoji = not isinstance(text, dict) or text.get("emoji", True)
        raw = text.get("text", "") if isinstance(text, dict) else text
        raw = raw if isinstance(raw, str) else ""
        if with_emoji:
            raw = re.sub(r":([a-z0-9_+-]+):", lambda found: EMOJI.get(found[1], found[0]), raw)
        return _lines(raw)

    def mrkdwn(self, text: str) -> Markup:
        """Slack's own mark-up, quotes and code fences included."""
        out: list[Markup] = []
        for index, part in enumerate(_FENCE.split(text)):
            if index % 2:
                out.append(_wrapped("pre", escape(unescape(part))))
            elif part.strip() or index == 0:
                out.append(self._quoted(part.strip("\n") if len(out) else part.rstrip("\n")))
        return Markup("").join(out)

    def _quoted(self, text: str) -> Markup:
        out: list[Markup] = []
        run: list[str] = []
        in_quote = False

        def flush() -> None:
            if run:
                inner = Markup("<br>").join(self._inline(line) for line in run)
                out.append(_wrapped("blockquote", inner) if in_quote else inner)
                run.clear()

        for line in text.split("\n"):
            # A `>` arrives escaped where a person typed it, bare where an app wrote it.
            mark = next((m for m in ("&gt; ", "> ", "&gt;", ">") if line.startswith(m)), None)
            if (mark is not None) != in_quote:
                flush()
                in_quote = mark is not None
            run.append(line[len(mark) :] if mark else line)
        flush()
        return Markup("").join(out)

    def _inline(self, text: str) -> Markup:
        out: list[Markup] = []
        end = 0
        for found in _PIECES.finditer(text):
            out.append(escape(unescape(text[end : found.start()])))
            out.append(self._piece(found))
            end = found.end()
        out.append(escape(unescape(text[end:])))
        return Markup("").join(out)

    def _piece(self, found: re.Match[str]) -> Markup:
        kind = found.lastgroup or ""
        kind = kind.removesuffix("_in")
        if kind == "control":
            return self.control(found["control_in"], first=found.start() == 0)
        if kind == "code":
            return _wrapped("code", escape(unescape(found["code_in"])))
        if kind == "address":
            address = unescape(found["address"])
            return link(address, address)
        if kind == "emoji":
            return escape(EMOJI.get(found["emoji_in"], found["emoji"]))
        return _wrapped(_STYLES[kind], self._inline(found[f"{kind}_in"]))

    def control(self, inner: str, first: bool = False) -> Markup:
        """What stands between `<` and `>`: a mention, a channel, a date, a broadcast or a link."""
        target, _, label = inner.partition("|")
        if target.startswith("@"):
            return self.mention(target[1:])
        if target.startswith("#"):
            return self.channel(target[1:], label)
        if target.startswith("!date^"):
            return self._date(target, label, first)
        if target.startswith("!subteam^"):
            return self._badge(unescape(label) or "@group")
        if target.startswith("!"):
            name = target[1:]
            return self._badge(f"@{name}", me=True) if name in _BROADCASTS else escape(unescape(label or name))
        address = unescape(target)
        if not _SAFE_LINK.match(address):
            return escape(f"<{unescape(inner)}>")  # no mark-up of ours: shown as it was written
        shown = unescape(label) or address.removeprefix("mailto:")
        return link(address, shown)

    def _badge(self, text: str, me: bool = False) -> Markup:
        return Markup('<span class="mention{}">{}</span>').format(" mention-me" if me else "", text)

    def mention(self, user_id: str) -> Markup:
        return self._badge(f"@{self.name_of(user_id)}", me=user_id == self.me)

    def channel(self, channel_id: str, label: str = "") -> Markup:
        name = self.channel_of(channel_id)
        return self._badge(f"#{name or unescape(label) or 'private channel'}")

    def _date(self, target: str, fallback: str, first: bool = False) -> Markup:
        _, unix, pattern, *rest = [*target.split("^"), ""]
        try:
            shown = date_text(unix, unescape(pattern), self.tz, self.now)
        except (ValueError, OverflowError, OSError):
            return escape(unescape(fallback))
        if first:
            shown = shown[:1].upper() + shown[1:]  # "Today" begins a line, "today" stands within one
        inner = Markup('<time datetime="{}">{}</time>').format(unix, shown)
        return link(unescape(rest[0]), inner) if rest and rest[0] else inner

    def editable(self, text: str) -> str:
        """A person's message as it was typed: names in place of references."""

        def typed(found: re.Match[str]) -> str:
            kind, _, label = found[1].partition("|")
            if kind.startswith("@"):
                return f"@{self.name_of(kind[1:])}"
            return f"#{self.channel_of(kind[1:]) or label}" if kind.startswith("#") else label or kind

        return unescape(re.sub(r"<([^<>\n]+)>", typed, text))

    # -- rich text ---------------------------------------------------------------------------------------------------

    def rich(self, block: Json) -> Markup:
        return Markup("").join(self._rich_part(part) for part in block.get("elements") or [])

    def _rich_part(self, part: Json) -> Markup:
        kind, inner = part.get("type"), part.get("elements") or []
        if kind == "rich_text_list":
            tag = "ol" if part.get("style") == "ordered" else "ul"
            items = Markup("").join(_wrapped("li", self._leaves(one.get("elements") or [])) for one in inner)
            start = Markup(' start="{}"').format(int(part.get("offset") or 0) + 1) if part.get("offset") else ""
            return Markup('<{0} class="indent-{1}"{2}>{3}</{0}>').format(
                Markup(tag),  # noqa: S704 - one of two words above
                min(int(part.get("indent") or 0), 8),
                start,
                items,
            )
        if kind == "rich_text_preformatted":
            return _wrapped("pre", self._leaves(inner))
        if kind == "rich_text_quote":
            return _wrapped("blockquote", self._leaves(inner))
        if kind == "rich_text_section":
            return _wrapped("p", self._leaves(inner))
        return escape(f"Unknown rich text: {kind}")

    def _leaves(self, leaves: Iterable[Json]) -> Markup:
        return Markup("").join(self._leaf(leaf) for leaf in leaves)

    def _leaf(self, leaf: Json) -> Markup:
        kind = leaf.get("type")
        shown: Markup
        if kind == "text":
            shown = Markup("<br>").join(escape(part) for part in str(leaf.get("text", "")).split("\n"))
        elif kind == "link":
            address = str(leaf.get("url", ""))
            shown = link(address, str(leaf.get("text") or address))
        elif kind == "user":
            shown = self.mention(str(leaf.get("user_id")))
        elif kind == "channel":
            shown = self.channel(str(leaf.get("channel_id")))
        elif kind == "emoji":
            name = str(leaf.get("name"))
            shown = escape(EMOJI.get(name, f":{name}:"))
        elif kind == "broadcast":
            shown = self._badge(f"@{leaf.get('range')}", me=True)
        elif kind == "usergroup":
            shown = self._badge("@group")
        elif kind == "date":
            shown = self._date(f"!date^{leaf.get('timestamp')}^{leaf.get('format')}", str(leaf.get("fallback") or ""))
        elif kind == "color":
            shown = escape(str(leaf.get("value")))
        else:
            shown = escape(f"Unknown rich text: {kind}")
        style = leaf.get("style") or {}
        for name, tag in _STYLES.items():
            if style.get(name):
                shown = _wrapped(tag, shown)
        return shown
