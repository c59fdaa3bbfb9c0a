"""The page of one claim, and lists of claims: what ``/claim show`` and ``/claim list`` answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.cards.buttons import Offered, claim_button, personal_buttons
from bot.cards.card import Message, View, asked, due_text, rejected, state_lines
from bot.cards.next import dates, what_next
from bot.cards.parts import SEND, Asked, Fold, Part, comments_page, field_texts, folds, part_button, proof_names
from bot.cards.review_notes import review_notes
from bot.cards.story import history_line
from bot.cards.text import (
    Block,
    Leaf,
    bold,
    cut,
    day_text,
    divider,
    escape,
    header,
    line,
    lines,
    listed,
    plain,
    quote,
    words,
)
from models.queries.decisions import Told
from models.queries.parts import Few
from models.queries.surroundings import Surroundings
from models.tables import Claim, Comment, History
from rules.explanation import HEADLINES
from rules.fields import BY_ID, Step

# A message may hold 50 blocks and some 13,000 characters; these keep the longest claim well within.
_VALUE, _COMMENTARY, _COMMENT = 300, 300, 300
_PROOFS = 5
# So many entries of what was said and of what happened stand on the page; the rest is a button away.
LATEST = 3

# What a section is called, where that is not the name of the form's page.
_TITLES = {Step.CLAIM: "What is claimed"}


@dataclass(frozen=True)
class Latest:
    """What happened last, what was said last, and what was decided last, as the reader may know it."""

    history: Few[History]
    comments: Few[Comment]
    decision: Told | None


@dataclass
class _Page:
    """A page being put together: its blocks, and the parts of which it shows only the beginning."""

    blocks: list[Block] = field(default_factory=list)
    folds: list[Fold] = field(default_factory=list)


def claim_details(
    claim: Claim, latest: Latest, offered: Offered, view: View, around: Surroundings | None = None
) -> Message:
    """The whole claim in sections, each with a button to the rest of it where it is long.

    ``offered`` is what the person who is shown this may do; ``around`` is for reviewers alone.
    """
    title = f"{claim.number} · {claim.claim_name}"
    page = _Page([header(title), lines(_state(claim, view))])
    page.blocks += asked(claim, view.programme) + rejected(claim, view.programme)
    if around is not None:
        page.blocks += review_notes(claim, around, view)
    page.blocks.append(divider())
    _add_fields(page, claim, view)
    _add_proofs(page, claim)
    page.blocks.append(divider())
    _add_comments(page, claim, latest.comments)
    _add_history(page, latest.history, view)
    _add_decision(page, latest.decision, view)
    page.blocks += folds(page.folds, claim.number)
    page.blocks += personal_buttons(claim.number, offered, claim.version)
    return Message(escape(cut(f"{title} is {claim.status}. {due_text(claim, view)}", 2900)), page.blocks)


def claim_sections(claims: Sequence[Claim], view: View) -> list[Block]:
    """A block for each claim, with a button to open it."""
    return [
        {
            "type": "section",
            "text": plain(_summary(claim, view), 1000),
            "accessory": claim_button("show", "Details", claim.number),
        }
        for claim in claims
    ]


def no_claims(what: str, hint: str) -> Message:
    """There is nothing to list; ``hint`` says what to do about it."""
    return Message(escape(f"{what} {hint}"), [line(bold(what), words(f" {hint}"))])


def _summary(claim: Claim, view: View) -> str:
    customer = claim.customer_name or "no customer yet"
    due = due_text(claim, view)
    return "\n".join(
        filter(
            None,
            (
                f"{claim.number} · {cut(claim.claim_name, 100)}",
                f"{claim.status} · {cut(customer, 100)} · {cut(claim.partner.name, 80)}",
                due,
            ),
        )
    )


def _state(claim: Claim, view: View) -> list[list[Leaf]]:
    rows = state_lines(claim, view) + ([] if due_text(claim, view) else [[words("No limit runs.")]])
    rows.append([bold("Next: "), words(what_next(claim, view))])
    rows.append([words(dates(claim, view))])
    return rows


def _add_fields(page: _Page, claim: Claim, view: View) -> None:
    was_cut = False
    for step in Step:
        texts = field_texts(claim, step, view)
        rows = [[bold(f"{label}: "), words(cut(text, _VALUE))] for label, text in texts]
        was_cut = was_cut or any(cut(text, _VALUE) != text for _, text in texts)
        if step is Step.PROOF:
            rows += [[bold("Proof of execution: "), words(listed(proof_names(claim), _PROOFS) or "no file yet")]]
        page.blocks.append(lines([[bold(_TITLES.get(step, step))], *rows]))
    if claim.comments:
        page.blocks.append(quote(cut(f"{BY_ID['comments'].label}: {claim.comments}", _COMMENTARY)))
        was_cut = was_cut or cut(claim.comments, _COMMENTARY - 20) != claim.comments
    if was_cut:
        page.folds.append(Fold(Part.FIELDS, "Show every field"))


def _add_proofs(page: _Page, claim: Claim) -> None:
    count = len(claim.accepted_proofs)
    if count:
        label = "Send me the file" if count == 1 else "Send me the files"
        buttons = [part_button(SEND, label, Asked(n=claim.number, s=Part.PROOF))]
        if count > 1:
            buttons.append(part_button("open.PROOF", f"Choose a file ({count})", Asked(n=claim.number, s=Part.PROOF)))
        page.blocks.append({"type": "actions", "block_id": "claim_proofs", "elements": buttons})


def _add_comments(page: _Page, claim: Claim, comments: Few[Comment]) -> None:
    if not comments.total:
        page.blocks.append(line(bold("Comments: "), words("none yet. A reply in the thread of the card is one.")))
        return
    page.blocks.append(_latest("Comments", comments.total, len(comments.rows)))
    page.blocks += comments_page(comments, claim.partner.name, _COMMENT)
    page.folds.append(Fold(Part.COMMENTS, f"Show comments ({comments.total:,})"))


def _add_history(page: _Page, history: Few[History], view: View) -> None:
    page.blocks.append(_latest("History", history.total, len(history.rows)))
    page.blocks.append(lines(history_line(entry, view.programme) for entry in history.rows))
    page.folds.append(Fold(Part.HISTORY, f"Show history ({history.total:,})"))


def _add_decision(page: _Page, told: Told | None, view: View) -> None:
    if told is None:
        return
    when = f" ({day_text(view.calendar.local_day(told.at))})" if told.at is not None else ""
    decision = told.decision
    said = list(dict.fromkeys(verdict.message for verdict in decision.verdicts if verdict.message))
    rows = [[bold("Why: "), words(f"{decision.title}{when}: {decision.outcome}. {HEADLINES[decision.outcome]}")]]
    rows += [[words(cut(one, _VALUE))] for one in said[:LATEST]]
    page.blocks.append(lines(rows))


def _latest(title: str, total: int, shown: int) -> Block:
    which = f"  the latest {shown} of {total:,}" if total > shown else ""
    return line(bold(title), words(which or " "))
