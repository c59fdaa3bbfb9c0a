"""What stands on the page: plain values, ready for the templates."""

from dataclasses import dataclass, field

from markupsafe import Markup

from sandbox.objects import File, Json, Message, View
from sandbox.page.surfaces import Surface

HUES = 8
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})


@dataclass(frozen=True)
class Face:
    """A person or an app, as an avatar in one of the `HUES` colours and a name."""

    id: str
    name: str
    is_app: bool = False
    team: str = ""
    hue: int = 0
    title: str = ""

    @property
    def initials(self) -> str:
        parts = [part for part in self.name.replace("-", " ").split() if part[:1].isalnum()] or [self.name or "?"]
        return (parts[0][:1] + (parts[-1][:1] if len(parts) > 1 else "")).upper()


@dataclass(frozen=True)
class Row:
    """A line of the left column."""

    name: str
    href: str
    current: bool
    unread: int = 0
    private: bool = False
    face: Face | None = None


@dataclass(frozen=True)
class Attached:
    """A file under a message."""

    file: File
    href: str

    @property
    def is_picture(self) -> bool:
        return self.file.mimetype in PICTURES

    @property
    def size(self) -> str:
        count = len(self.file.content)
        return f"{count / 1_048_576:.1f} MB" if count >= 1_048_576 else f"{max(1, round(count / 1024))} KB"


@dataclass(frozen=True)
class Reaction:
    """One emoji under a message, with the people who chose it."""

    name: str
    mark: Markup
    count: int
    mine: bool
    who: str


@dataclass(frozen=True)
class Shown:
    """A message with everything around its content."""

    message: Message
    face: Face
    time: str
    full_time: str
    first: bool
    text: Markup
    typed: bool  # by a person: its one rich_text block says no more than its text
    surface: Surface
    files: list[Attached]
    attachments: list[tuple[Json, Surface]]
    href: str
    replies: int = 0
    last_reply: str = ""
    repliers: list[Face] = field(default_factory=list)
    reactions: list[Reaction] = field(default_factory=list)
    editable: str = ""

    @property
    def own(self) -> bool:
        """Whether its reader wrote it, and may change it."""
        return self.editable != ""


@dataclass(frozen=True)
class Day:
    name: str
    messages: list[Shown]


@dataclass(frozen=True)
class Modal:
    """The top of a person's stack of forms."""

    view: View
    surface: Surface
    depth: int
    title: Markup
    submit: Markup | None
    close: Markup
