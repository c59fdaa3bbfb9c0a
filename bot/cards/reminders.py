"""A reminder: what is due, until when, who can act on it, and the buttons that do it. Several of them make one digest.

When the matter is done, the same message tells how it ended, and nothing is left to press but the details.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.cards.buttons import action_button, claim_button
from bot.cards.card import Message, View, due_text
from bot.cards.story import story
from bot.cards.text import (
    Block,
    Leaf,
    bold,
    counted,
    cut,
    day_text,
    divider,
    escape,
    header,
    italic,
    line,
    lines,
    listed,
    moment,
    note,
    person,
    unescape,
    words,
)
from models.queries.reminders import Reminded
from models.tables import Person, Snooze
from rules import lifecycle
from rules.reminders import Matter

SNOOZE, STOP, RESUME = "snooze", "stop_reminders", "resume_reminders"
LABELS = {SNOOZE: "Snooze", STOP: "Stop reminding me", RESUME: "Remind me again"}
# Four blocks each, of the fifty that a message may have.
MOST = 10
_CALLED = 8


def reminder_message(items: Sequence[Reminded], view: View) -> Message:
    """The message about these claims as they stand now; ``items`` must not be empty."""
    if len(items) == 1:
        [one] = items
        blocks = _about(one, view)
        return Message(escape(cut(f"Reminder: {_spoken(one, view)}", 2900)), blocks)
    waiting = [one for one in items if one.matters]
    title = f"{counted(len(waiting), 'claim')} to look at" if waiting else "Nothing is left to do here"
    blocks = [header(title)]
    for one in items[:MOST]:
        blocks += [divider(), *_about(one, view)]
    if len(items) > MOST:
        rest = listed((one.claim.number for one in items[MOST:]), 30)
        blocks.append(note(f"{counted(len(items) - MOST, 'more claim')}: {rest}"))
    spoken = " ".join(_spoken(one, view) for one in waiting)
    return Message(escape(cut(f"Reminder: {title}. {spoken}", 2900)), blocks)


def _about(one: Reminded, view: View) -> list[Block]:
    number, title = one.claim.number, f"{one.claim.number} · {one.claim.claim_name}"
    if not one.matters:
        done = f"Done: {_ended(one, view)}"
        return [line(bold(title)), note(done), _actions([claim_button("show", "Details", number)], number)]
    rows: list[list[Leaf]] = [[bold(title), words(f" · {one.claim.status}")]]
    rows += [row for matter in one.matters for row in _due(one, matter, view)]
    rows += _who(one)
    blocks = [lines(rows)]
    buttons = [action_button(row, number) for row in lifecycle.offered(one.claim.status, one.side)]
    buttons.append(claim_button("show", "Details", number))
    if one.asleep is not None:
        blocks.append(line(*_silence(one, one.asleep)))
        quiet = [RESUME]
    else:
        quiet = [SNOOZE, STOP]
    buttons += [claim_button(name, LABELS[name], number) for name in quiet]
    return [*blocks, _actions(buttons, number)]


def _actions(buttons: list[Block], number: str) -> Block:
    return {"type": "actions", "block_id": f"reminder_{number}", "elements": buttons}


def _due(one: Reminded, matter: tuple[Matter, object], view: View) -> list[list[Leaf]]:
    kind, _ = matter
    rows: list[list[Leaf]] = [[words(_sentence(one, kind, view))]]
    if kind is Matter.LIMIT and one.claim.due_at is not None and view.now < one.claim.due_at:
        # The day is the programme's; where it ends, each reader sees in their own zone.
        rows.append([words(f"Counted in {view.calendar.timezone.key}; for you it ends "), moment(one.claim.due_at)])
    return rows


def _sentence(one: Reminded, kind: Matter, view: View) -> str:
    claim, calendar = one.claim, view.calendar
    if kind is Matter.LIMIT:
        return due_text(claim, view)
    if kind is Matter.STALE:
        return f"This draft was last changed on {day_text(calendar.local_day(claim.updated_at))} and is not submitted."
    [due] = [due for matter, due in one.matters if matter is Matter.ACKNOWLEDGEMENT]
    signed = day_text(claim.acknowledgement_date) if claim.acknowledgement_date is not None else "some time ago"
    if view.now >= due:
        return f"The customer signed on {signed}: too long ago for the claim to be submitted."
    left = counted(calendar.business_days_left(view.now, due), "business day")
    last = day_text(calendar.last_day(due))
    return f"The customer signed on {signed}: the claim can be submitted until {last} ({left} left)."


def _who(one: Reminded) -> list[list[Leaf]]:
    if not one.able:
        return [[words("Nobody is listed who can act on it.")], *_above(one)]
    names = [words("Can act: ")]
    if one.called:
        names += _joined(one.able)
    else:  # it is no one's yet: nobody in particular is called
        names.append(words(listed((each.name for each in one.able), _CALLED)))
    return [names, *_above(one)]


def _above(one: Reminded) -> list[list[Leaf]]:
    return (
        [[words("Nobody has acted so far, so this goes to "), *_joined(one.above), words(" too.")]] if one.above else []
    )


def _joined(people: Sequence[Person]) -> list[Leaf]:
    leaves: list[Leaf] = []
    for each in people[:_CALLED]:
        leaves += [words(", ")] if leaves else []
        leaves.append(person(each.user))
    if len(people) > _CALLED:
        leaves.append(words(f" and {len(people) - _CALLED} more"))
    return leaves


def _silence(one: Reminded, asleep: Snooze) -> list[Leaf]:
    if asleep.until is None:
        said = f"{asleep.by.name} stopped the reminders: none comes while the claim is {one.claim.status}."
        return [italic(said)]
    return [italic(f"{asleep.by.name} snoozed this until "), moment(asleep.until)]


def _ended(one: Reminded, view: View) -> str:
    if one.outcome is None:
        return f"the claim is {one.claim.status}."
    return cut(unescape(story(one.outcome, view.programme).text), 300)


def _spoken(one: Reminded, view: View) -> str:
    who = f"{one.claim.number} · {one.claim.claim_name} is {one.claim.status}."
    if not one.matters:
        return f"{who} Done."
    return f"{who} {_all(_sentence(one, kind, view) for kind, _ in one.matters)}"


def _all(sentences: Iterable[str]) -> str:
    return " ".join(filter(None, sentences))
