"""Who may comment on a claim, on which side.

Pure, and asked inside the transaction that records a comment. Whoever may see a claim as its partner comments on the
partner's side; reviewers who may act on it comment on theirs.
"""

from __future__ import annotations

from rules.lifecycle import Party
from rules.permissions import Actor, Condition, Refusal, Subject

# What is said on a side, by whom, is decided by the side alone: nobody carries words from one side to the other by
# being on both.
_PARTNERS_ONLY = "Comments here are those of the partner who filed the claim."
_REVIEWERS_ONLY = "Comments here are those of the programme's reviewers."


def may_comment(actor: Actor, side: Party, subject: Subject) -> Refusal | None:
    """Why ``actor`` may not comment on the claim on this side (the partner's or the reviewers'); None if they may."""
    member = actor.membership(subject.partner)
    if side is Party.PARTNER:
        if member is None:
            return Refusal(Condition.PARTY, _PARTNERS_ONLY)
        return subject.gone if member.covers(subject.mpn) else Refusal(Condition.LOCATION, _not_yours(subject))
    if not actor.reviewer:
        return Refusal(Condition.PARTY, _REVIEWERS_ONLY)
    if member is not None:
        return Refusal(
            Condition.OWN_COMPANY, "You belong to this partner, so you take no part in what its reviewers say."
        )
    if not subject.submitted:
        return Refusal(Condition.VISIBLE, f"There is no claim {subject.number} that you can see.")
    return subject.gone


def side_of(actor: Actor, subject: Subject) -> Party:
    """On which side a person comments who only names the claim: their partner's first, or else the reviewers'."""
    return Party.PARTNER if actor.membership(subject.partner) is not None else Party.REVIEWER


def _not_yours(subject: Subject) -> str:
    return f"{subject.mpn} is not one of your locations."
