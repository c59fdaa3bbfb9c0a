"""The daily digest of a channel or a person: what is overdue, what is due soon, what else waits, what was decided."""

from __future__ import annotations

from bot.cards.buttons import claim_button
from bot.cards.card import Message, View, due_text
from bot.cards.text import Block, bold, counted, cut, day_text, divider, escape, header, line, note, plain
from models.queries.digests import Digest, Some
from models.tables import Claim

_PARTS = (("overdue", "Overdue"), ("soon", "Due soon"), ("waiting", "Also waiting"), ("decided", "Decided"))


def digest_message(digest: Digest, view: View, *, command: str, direct: bool) -> Message:
    """The digest in words; ``direct``: it goes to one person, who may not want it any more."""
    today = day_text(view.calendar.local_day(view.now))
    title = f"Claims on {today}"
    blocks: list[Block] = [header(title)]
    spoken = []
    for name, heading in _PARTS:
        part: Some = getattr(digest, name)
        if part.count:
            blocks += [divider(), line(bold(f"{heading}: {counted(part.count, 'claim')}"))]
            blocks += [_claim(one, view) for one in part.claims]
            if part.count > len(part.claims):
                blocks.append(note(f"and {part.count - len(part.claims):,} more: {command} list"))
            spoken.append(f"{heading}: {counted(part.count, 'claim')}.")
    if direct:
        hint = f"{command} digest off ends these messages."
    else:
        hint = f"{command} digest on sends yours to you alone as well; {command} digest off ends that."
    zone = view.calendar.timezone.key
    blocks.append(note(f"Days are counted in the programme's calendar ({zone}). {hint}"))
    return Message(escape(cut(f"{title}. {' '.join(spoken)}", 2900)), blocks)


def _claim(claim: Claim, view: View) -> Block:
    said = f"{claim.number} · {cut(claim.claim_name, 100)}\n{claim.status} · {cut(claim.customer_name or '–', 80)} · "
    said += f"{cut(claim.partner.name, 80)}\n{due_text(claim, view)}".rstrip()
    button = claim_button("show", "Details", claim.number)
    return {"type": "section", "text": plain(said, 1000), "accessory": button}
