"""Writing in the threads of claims' cards, and reading all that somebody can read."""

from __future__ import annotations

from sandbox.objects import Message
from tests.stories.world import World

REVIEWERS, PARTNER = "C0REVIEW", "C0CONTOSO"


def write(world: World, who: str, text: str, *files: tuple[str, bytes], broadcast: bool = False) -> Message:
    """Somebody replies in the thread of the card on their own side."""
    channel = REVIEWERS if who in ("Rosa", "Remy") else PARTNER
    return write_in(world, who, channel, text, *files, broadcast=broadcast)


def write_in(
    world: World, who: str, channel: str, text: str, *files: tuple[str, bytes], broadcast: bool = False
) -> Message:
    message = world.person(who).reply(world.card(who, channel), text, files, broadcast=broadcast)
    world.settle()
    return message


def private(world: World, who: str) -> list[str]:
    """What the bot said to somebody alone, in threads too."""
    return [one.visible_text for one in world.person(who).ephemerals]


def everything_of(world: World, *people: str) -> str:
    """All that these people can read anywhere: their channels, direct messages, what only they see, and their forms."""
    shown: list[str] = []
    for name in people:
        person = world.person(name)
        channels = [one for one in world.sandbox.workspace.channels.values() if person.id in one.members]
        for channel in channels:
            found = world.sandbox.workspace.messages[channel.id]
            shown += [f"{one.text}\n{one.visible_text}" for one in found if one.ephemeral_to in (None, person.id)]
        shown.append(person.form.text if person.form is not None else "")
        home = person.open_home()
        shown.append(home.visible_text)
    return "\n".join(shown)
