"""A page of found claims: as a table where Slack has tables, else as a section for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.cards.buttons import PREFIX, Pressed
from bot.cards.card import Message, View, last_day
from bot.cards.details import claim_sections
from bot.cards.text import Block, bold, counted, cut, day_text, escape, header, line, note, plain, words
from models.queries.criteria import Criteria
from models.queries.filter_words import write_words
from models.queries.finding import MOST_COUNTED, Page
from models.tables import Claim

# So much of a name is shown in a column: ten rows stay far below the 10,000 characters that a table may have.
_CELL = 100
# Columns of names, which may be long: they are broken into lines.
_WORDY = ("Name", "Customer", "Partner")


def found_list(
    page: Page, title: str, criteria: Criteria, view: View, *, partners: bool, turns: Sequence[Block]
) -> Message:
    """The claims of a page, what they were found by, and ``turns``, the buttons to other pages.

    ``partners``: whether claims of several partners may be among them, so that it is worth naming them.
    """
    head = [header(title), note(f"{where(page)} · {meant(criteria)}")]
    rows = [_row(claim, view, partners) for claim in page.claims]
    spoken = " ".join(f"{claim.number} is {claim.status}." for claim in page.claims)
    text = escape(cut(f"{title}, {where(page)}: {spoken}", 2900))
    actions: Block = {"type": "actions", "elements": [_opener(page.claims), *turns]}

    def older() -> list[Block]:
        below: list[Block] = [{"type": "actions", "elements": list(turns)}] if turns else []
        return [*head, *claim_sections(page.claims, view), *below]

    return Message(text, [*head, _table([_heads(partners), *rows]), actions], older)


def nothing_found(criteria: Criteria, wider: Sequence[tuple[str, int]], command: str) -> Message:
    """Nothing fits; ``wider`` says how many would without one of the filters, or without the words."""
    said = f"No claim that you can see fits {write_words(criteria)}"
    ways = [f"{_how_many(count)} without {left_out}" for left_out, count in wider if count and len(wider) > 1]
    advice = (
        f"There {'is' if ways[0].startswith('1 ') else 'are'} {'; '.join(ways)}." if ways else _hint(criteria, command)
    )
    return Message(escape(f"{said}. {advice}"), [line(bold(f"{said}. "), words(advice))])


def _hint(criteria: Criteria, command: str) -> str:
    if criteria.text:
        return "Try fewer words, or only the beginning of a word."
    return f"{command} list shows all that you can see."


def where(page: Page) -> str:
    """Which of them are shown: ``11–20 of 57``, or ``of many`` where they were not counted."""
    places = f"{page.first:,}–{page.last:,}" if page.first != page.last else f"{page.first:,}"
    return f"{places} of {'many' if page.total is None else f'{page.total:,}'}"


def meant(criteria: Criteria) -> str:
    """What was asked for, in the words by which one asks for it."""
    return write_words(criteria) or "everything, newest first"


def _how_many(count: int) -> str:
    return counted(count, "claim") if count <= MOST_COUNTED else f"more than {MOST_COUNTED:,} claims"


def _heads(partners: bool) -> list[str]:
    return ["Claim", "Name", "Customer", *(["Partner"] if partners else []), "Status", "Limit", "Reviewer"]


def _row(claim: Claim, view: View, partners: bool) -> list[str]:
    return [
        claim.number,
        claim.claim_name,
        claim.customer_name or "–",
        *([claim.partner.name] if partners else []),
        claim.status,
        _limit(claim, view),
        claim.reviewer.name if claim.reviewer is not None else "–",
    ]


def _limit(claim: Claim, view: View) -> str:
    last = last_day(claim, view)
    if last is None:
        return "–"
    over = claim.due_at is not None and view.now >= claim.due_at
    return f"{day_text(last)}{', over' if over else ''}"


def _table(rows: Sequence[Sequence[str]]) -> Block:
    cells = [[{"type": "raw_text", "text": cut(cell, _CELL) or " "} for cell in row] for row in rows]
    settings = [{"is_wrapped": name in _WORDY} for name in rows[0]]
    return {"type": "table", "rows": cells, "column_settings": settings}


def _opener(claims: Sequence[Claim]) -> dict[str, Any]:
    """The menu by which a claim of the table is opened: a table holds no buttons."""
    return {
        "type": "static_select",
        "action_id": f"{PREFIX}open",
        "placeholder": plain("Open a claim", 150),
        "options": [
            {
                "text": plain(f"{claim.number} · {claim.claim_name}", 75),
                "value": Pressed(n=claim.number, a="show").model_dump_json(exclude_none=True),
            }
            for claim in claims
        ],
    }
