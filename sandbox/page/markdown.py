"""The `markdown` block: the standard dialect as far as Slack shows it, as safe HTML."""

import re

from markupsafe import Markup, escape

from sandbox.page.wording import Wording, link

_PIECES = re.compile(
    r"(?P<code>`(?P<code_in>[^`]+)`)"
    r"|(?P<link>\[(?P<label>[^\]]+)\]\((?P<target>[^)\s]+)\))"
    r"|(?P<bold>\*\*(?P<bold_in>.+?)\*\*)"
    r"|(?P<strike>~~(?P<strike_in>.+?)~~)"
    r"|(?P<italic>(?<!\w)[*_](?P<italic_in>[^\s*_](?:[^*_]*[^\s*_])?)[*_](?!\w))"
)
_TAGS = {"bold": Markup("strong"), "strike": Markup("s"), "italic": Markup("em")}
_HEADING = re.compile(r"(#{1,6})\s+(.*)")
_ITEM = re.compile(r"\s*(?:[-*+]|(\d+)[.)])\s+(.*)")
_FENCE = re.compile(r"```\w*\n?(.*?)\n?```", re.DOTALL)


def _inline(text: str, wording: Wording) -> Markup:
    out: list[Markup] = []
    end = 0
    for found in _PIECES.finditer(text):
        out.append(wording.plain(text[end : found.start()]))
        kind = (found.lastgroup or "").removesuffix("_in")
        if found["code"]:
            out.append(Markup("<code>{}</code>").format(found["code_in"]))
        elif found["link"]:
            out.append(link(found["target"], _inline(found["label"], wording)))
        else:
            out.append(Markup("<{0}>{1}</{0}>").format(_TAGS[kind], _inline(found[f"{kind}_in"], wording)))
        end = found.end()
    out.append(wording.plain(text[end:]))
    return Markup("").join(out)


def _part(part: str, wording: Wording) -> Markup:
    lines = part.split("\n")
    if heading := _HEADING.fullmatch(part):
        # Under the message's own heading level, so that the page's outline stays in order.
        return Markup('<p class="md-heading md-h{}">{}</p>').format(len(heading[1]), _inline(heading[2], wording))
    if re.fullmatch(r"\s*([-*_])(\s*\1){2,}\s*", part):
        return Markup("<hr>")
    if all(_ITEM.fullmatch(line) for line in lines):
        items = [_ITEM.fullmatch(line) for line in lines]
        tag = Markup("ol") if items[0] and items[0][1] else Markup("ul")
        inner = Markup("").join(Markup("<li>{}</li>").format(_inline(one[2], wording)) for one in items if one)
        return Markup("<{0}>{1}</{0}>").format(tag, inner)
    if all(line.startswith(">") for line in lines):
        return Markup("<blockquote>{}</blockquote>").format(
            Markup("<br>").join(_inline(line[1:].strip(), wording) for line in lines)
        )
    return Markup("<p>{}</p>").format(Markup("<br>").join(_inline(line, wording) for line in lines))


def _parts(text: str) -> list[str]:
    """Paragraphs, where a heading, a list or a quote ends one without an empty line."""
    parts: list[list[str]] = []
    last = ""
    for line in text.split("\n"):
        kind = (
            "#" if _HEADING.fullmatch(line) else "-" if _ITEM.fullmatch(line) else line[:1] if line[:1] == ">" else "p"
        )
        kind = kind if line.strip() else ""
        if kind and (kind != last or kind == "#"):
            parts.append([])
        if kind:
            parts[-1].append(line)
        last = kind
    return ["\n".join(part) for part in parts]


def markdown(text: str, wording: Wording) -> Markup:
    out: list[Markup] = []
    for index, piece in enumerate(_FENCE.split(text)):
        if index % 2:
            out.append(Markup("<pre>{}</pre>").format(escape(piece)))
        else:
            out += [_part(part, wording) for part in _parts(piece)]
    return Markup("").join(out)
