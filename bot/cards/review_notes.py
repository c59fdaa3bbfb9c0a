"""What stands on a review card beside the claim: who cannot decide it and why, and who claims the same.

Only ever drawn for reviewers: a partner learns nothing of another one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.cards.buttons import claim_button
from bot.cards.text import Block, bold, bullets, counted, cut, day_text, line, listed, note, plain, words
from models.queries.surroundings import Surroundings
from models.tables import Claim
from rules.lifecycle import Status

if TYPE_CHECKING:
    from bot.cards.card import View

_UNDECIDED = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.DISPUTE)
_MOST = 5
_HINT = 300


def review_notes(claim: Claim, around: Surroundings, view: View) -> list[Block]:
    """Everything that reviewers must know before they decide; empty where there is nothing."""
    sentences = cannot_decide(claim, around)
    blocks = [note(" ".join(sentences))] if sentences else []
    return [*blocks, *_competition(claim, around.competing, view), *_hints(claim, view)]


def cannot_decide(claim: Claim, around: Surroundings) -> list[str]:
    """Who cannot decide the claim, a sentence each with the reason."""
    if claim.status not in _UNDECIDED:
        return []
    sentences = []
    if claim.status is Status.DISPUTE and claim.rejected_by is not None:
        sentences.append(f"{claim.rejected_by.name} rejected this claim, so another reviewer decides.")
    bound = [one.name for one in around.bound]
    if len(bound) == 1:
        sentences.append(f"{bound[0]} belongs to {claim.partner.name} and cannot decide its claims.")
    elif bound:
        sentences.append(f"{listed(bound, 10)} belong to {claim.partner.name} and cannot decide its claims.")
    return sentences


def _hints(claim: Claim, view: View) -> list[Block]:
    """What the rules would have a reviewer look at, while there is something to decide; all of it is behind Why?."""
    if claim.status not in _UNDECIDED:
        return []
    said = list(dict.fromkeys(verdict.message for verdict in view.hints(claim).said("suggest")))
    if not said:
        return []
    rows = [[words(cut(one, _HINT))] for one in said[:_MOST]]
    if len(said) > _MOST:
        rows.append([words(f"and {len(said) - _MOST} more: see Why?")])
    return [line(bold("Worth a look")), bullets(rows)]


def _competition(claim: Claim, rivals: tuple[Claim, ...], view: View) -> list[Block]:
    if not rivals:
        return []
    blocks: list[Block] = [line(bold(f"{counted(len(rivals), 'competing claim')} for the same customer"))]
    blocks.append(note(f"This claim: {_dates(claim, view)}."))
    for rival in rivals[:_MOST]:
        about = f"Competing claim {rival.number} of {rival.partner.name}: {_dates(rival, view)}, status {rival.status}."
        button = claim_button("show", f"Open {rival.number}", rival.number)
        blocks.append({"type": "section", "text": plain(about, 1000), "accessory": button})
    if len(rivals) > _MOST:
        blocks.append(note(f"and {len(rivals) - _MOST} more"))
    return blocks


def _dates(claim: Claim, view: View) -> str:
    # The latest proof: it is what decides between competing claims (reference page of July 2020).
    handed_in = max((one.added_at for one in claim.accepted_proofs), default=None)
    proof = f"handed in {day_text(view.calendar.local_day(handed_in))}" if handed_in else "not there"
    signed = day_text(claim.acknowledgement_date) if claim.acknowledgement_date else "not yet"
    return f"proof {proof}, acknowledgement dated {signed}"
