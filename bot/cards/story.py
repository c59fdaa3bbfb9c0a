"""What happened to a claim, told in one line: for its threads and its history."""

from __future__ import annotations

from bot.cards.card import Message
from bot.cards.text import Block, Leaf, bold, bullets, cut, escape, line, listed, moment, quote, words
from bot.cards.values import reason, value_text
from models.tables import History
from rules.fields import BY_ID, Kind
from rules.lifecycle import Action, Party
from rules.loading import Programme
from rules.reasons import PARTNER_REQUEST

_DID = {
    Action.CREATE: "created the draft",
    Action.EDIT: "changed the claim",
    Action.DISCARD: "discarded the draft",
    Action.SUBMIT: "submitted the claim for review",
    Action.RESUBMIT: "answered and resubmitted the claim",
    Action.WITHDRAW: "withdrew the claim",
    Action.START_REVIEW: "started the review",
    Action.REQUEST_INFORMATION: "asked the partner for more information",
    Action.APPROVE: "approved the claim",
    Action.REJECT: "rejected the claim",
    Action.DISPUTE: "disputed the rejection",
    Action.DISASSOCIATE: "disassociated the customer",
    Action.OPT_OUT: "opted out, so the association is rejected",
    Action.NO_RESPONSE: "The time to answer is over: the claim is rejected",
    Action.ADD_PROOF: "added proof",
    Action.TAKE_OVER: "took the review over",
    Action.RELEASE: "released the review: nobody has it now",
    Action.REASSIGN: "handed the review over",
    Action.ERASE: "What people had written in the claim was erased",
    Action.IMPORT: "The claim was imported from another portal",
    Action.ASSOCIATE: "The customer did not opt out in time: the association is official",
}


def story(entry: History, programme: Programme) -> Message:
    """The message in a claim's thread that tells of one history row."""
    blocks: list[Block] = [line(*_head(entry))]
    details = [[bold(label), words(f": {meaning}")] for label, meaning in reasons(entry, programme)]
    details += [[bold(label), words(f": {change}")] for label, change in changed(entry, programme)]
    if details:
        blocks.append(bullets(details[:20]))
    if entry.message:
        blocks.append(quote(entry.message))
    who = entry.person.name if entry.person else _nobody(entry)
    said = f" {entry.message}" if entry.message else ""
    return Message(escape(cut(f"{who} {_DID[entry.action]}.{said}".strip(), 2900)), blocks)


def history_line(entry: History, programme: Programme) -> list[Leaf]:
    """One row of the history: when, who, what, and why in short."""
    leaves = dated(entry)
    if why := listed((label for label, _ in reasons(entry, programme)), 5):
        leaves.append(words(f" {why}."))
    if what := listed((label for label, _ in changed(entry, programme)), 6):
        leaves.append(words(f" ({what})"))
    return leaves


def dated(entry: History) -> list[Leaf]:
    """When and who and what, for a place where the reasons and changes follow in full."""
    erased = [words(" (what was written is erased)")] if entry.erasure_id is not None else []
    return [moment(entry.at), words("  "), *_head(entry), *erased]


def reasons(entry: History, programme: Programme) -> list[tuple[str, str]]:
    """(label, meaning) of each reason given."""
    known = programme.reasons
    if entry.action is Action.REQUEST_INFORMATION:
        return [reason(known.information, one) for one in entry.reasons]
    if entry.action is Action.WITHDRAW:
        return [reason(known.partner_request, one) for one in entry.reasons if one != PARTNER_REQUEST]
    return [reason(known.rejection, one) for one in entry.reasons]


def changed(entry: History, programme: Programme) -> list[tuple[str, str]]:
    """(label, “before → after”) of each field that changed."""
    if entry.action is Action.CREATE:
        return []
    pairs = []
    for name, (before, after) in entry.changes.items():
        field = BY_ID.get(name)
        kind = field.kind if field else Kind.TEXT
        shown = [cut(value_text(kind, value, programme), 120) for value in (before, after)]
        pairs.append((field.label if field else name.capitalize(), " → ".join(shown)))
    return pairs


def _head(entry: History) -> list[Leaf]:
    did = _DID[entry.action]
    if entry.person is not None:
        # By name and not as a mention: nobody wants to be called for each thing they did themselves.
        leaves: list[Leaf] = [bold(entry.person.name), words(f" {did}.")]
    else:
        leaves = [words(f"{_nobody(entry)} {did}.".strip())]
    if entry.to_status is not None and entry.to_status is not entry.from_status:
        leaves += [words(" "), bold(str(entry.to_status))]
    return leaves


def _nobody(entry: History) -> str:
    if entry.party is Party.CUSTOMER:
        return "The customer"
    # What only happens by itself is a sentence of its own; what people do otherwise was done for the programme.
    return "" if _DID[entry.action][0].isupper() else "The programme"
