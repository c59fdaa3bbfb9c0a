"""What one person sees at one moment, ready for the templates. Reads the workspace, changes nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.installed_app import InstalledApp
from sandbox.objects import Channel, Json, Message, User
from sandbox.page.shown import HUES, Attached, Day, Face, Modal, Reaction, Row, Shown
from sandbox.page.surfaces import Surface, message_surface, view_surface
from sandbox.page.when import clock_time, day_name, full, moment, zone
from sandbox.page.wording import Wording
from sandbox.workspace import Workspace

# Messages of one author closer than this stand under one name.
RUN = timedelta(minutes=5)


@dataclass
class Eyes:
    """One person looking at the workspace; `base` is where this person's pages are."""

    workspace: Workspace
    app: InstalledApp
    me: User
    base: str

    def __post_init__(self) -> None:
        self.now = self.workspace.clock()
        self._hues = {one: at % HUES for at, one in enumerate(self.workspace.users)}
        self.words = Wording(self._name_of, self._channel_of, self.me.id, self.me.tz, self.now)

    def _name_of(self, user_id: str) -> str:
        user = self.workspace.users.get(user_id)
        return user.name if user else user_id

    def _channel_of(self, channel_id: str) -> str | None:
        channel = self.workspace.channels.get(channel_id)
        hidden = channel is None or (channel.kind != "channel" and self.me.id not in channel.members)
        return None if hidden or channel is None else channel.name

    # -- the frame ---------------------------------------------------------------------------------------------------

    def face(self, user_id: str) -> Face:
        user = self.workspace.users.get(user_id)
        if user is None:
            return Face(user_id, "Slackbot" if user_id == "USLACKBOT" else user_id)
        guest_team = user.team if user.team != self.workspace.team.id else ""
        return Face(user.id, user.name, user.bot_id is not None, guest_team, self._hues[user.id], user.title)

    @property
    def time(self) -> tuple[str, str, str]:
        """The present moment in the person's zone: the day in short, the time, and both in full."""
        here = self.now.astimezone(zone(self.me.tz))
        return f"{here:%a, %b} {here.day}", clock_time(here), f"{full(here)} ({self.me.tz})"

    def people(self) -> list[Face]:
        return [self.face(one.id) for one in self.workspace.users.values() if one.bot_id is None and not one.deleted]

    @property
    def bot(self) -> Face:
        return self.face(self.app.bot_user)

    def _channels(self, *kinds: str) -> list[Channel]:
        mine = [c for c in self.workspace.channels.values() if c.kind in kinds and self.me.id in c.members]
        return sorted((c for c in mine if not c.is_archived), key=lambda c: c.name)

    def channel_rows(self, current: str | None) -> list[Row]:
        return [
            Row(c.name, f"{self.base}/c/{c.id}", c.id == current, self._unread(c.id), c.kind == "group")
            for c in self._channels("channel", "group")
        ]

    def other_of(self, channel: Channel) -> str:
        return next((one for one in channel.members if one != self.me.id), self.me.id)

    def direct_rows(self, current: str | None) -> list[Row]:
        """Everybody one shares a channel with, whether they have talked before or not."""
        open_ones = {self.other_of(c): c for c in self._channels("im")}
        near = {one for c in self._channels("channel", "group") for one in c.members} | set(open_ones)
        rows = []
        for face in sorted(self.people(), key=lambda face: face.name):
            if face.id not in near or face.id == self.me.id:
                continue
            channel = open_ones.get(face.id)
            href = f"{self.base}/c/{channel.id}" if channel else f"{self.base}/dm/{face.id}"
            here = channel is not None and channel.id == current
            rows.append(Row(face.name, href, here, self._unread(channel.id) if channel else 0, face=face))
        return rows

    def app_row(self, current: str | None) -> Row:
        dm = self.app_channel()
        tab = "home" if self.app.home_tab_enabled else "messages"
        here = current == "home" or (dm is not None and dm.id == current)
        return Row(self.bot.name, f"{self.base}/app/{tab}", here, self._unread(dm.id) if dm else 0, face=self.bot)

    def suggestable(self) -> Json:
        """What the composer completes: commands, people and the app, channels."""
        app = self.app
        return {
            "commands": [
                {"name": one.name, "hint": one.usage_hint, "about": one.description, "app": app.bot_name}
                for one in sorted(app.commands.values(), key=lambda one: one.name)
            ],
            "people": [
                {"name": face.name, "initials": face.initials, "hue": face.hue, "app": face.is_app, "about": face.title}
                for face in [self.bot, *sorted(self.people(), key=lambda face: face.name)]
            ],
            "channels": [{"name": c.name} for c in self._channels("channel", "group")],
        }

    def app_channel(self) -> Channel | None:
        """The direct conversation with the app, where there is one yet."""
        pair = {self.me.id, self.app.bot_user}
        return next((c for c in self._channels("im") if set(c.members) == pair), None)

    def first_place(self) -> str:
        rows = self.channel_rows(None)
        return rows[0].href if rows else self.app_row(None).href

    def _unread(self, channel_id: str) -> int:
        return self.workspace.unread(self.me.id, channel_id)

    # -- conversations -----------------------------------------------------------------------------------------------

    def days(self, channel: Channel, newest: int) -> list[Day]:
        """The newest messages of the conversation, a heading a day."""
        days: list[Day] = []
        last: Shown | None = None
        for message in self.workspace.history(channel.id, self.me.id)[-newest:]:
            when = moment(message.ts, self.me.tz)
            name = day_name(when, self.now.astimezone(when.tzinfo))
            if not days or days[-1].name != name:
                days.append(Day(name, []))
                last = None
            last = self._shown(message, last)
            days[-1].messages.append(last)
        return days

    def thread(self, parent: Message) -> list[Shown]:
        shown: list[Shown] = []
        last: Shown | None = None
        for message in [parent, *self.workspace.replies(parent, self.me.id)]:
            # The first reply has its author's name too, even right after the parent.
            last = self._shown(message, last if len(shown) > 1 else None, in_thread=True)
            shown.append(last)
        return shown

    def _shown(self, message: Message, last: Shown | None, in_thread: bool = False) -> Shown:
        when = moment(message.ts, self.me.tz)
        replies = [] if in_thread else [one for one in self.workspace.replies(message) if not one.ephemeral]
        state = self.workspace.state_in(self.me.id, message) if message.bot_id else {}
        where = "thread" if in_thread else "main"
        surface = message_surface(message, self.words, where, state, self._pickable())
        return Shown(
            message=message,
            face=self.face(message.user),
            time=clock_time(when),
            full_time=full(when),
            first=not self._follows(message, last, when),
            text=self.words.mrkdwn(message.text),
            typed=message.bot_id is None,
            surface=surface,
            files=[Attached(one, f"{self.base}/file/{one.id}") for one in message.files],
            attachments=[
                (entry, surface.within(entry.get("blocks") or []))
                for entry in message.attachments
                if isinstance(entry, dict)
            ],
            href=f"{self.base}/c/{message.channel}?thread={message.thread_ts or message.ts}",
            replies=len(replies),
            last_reply=self._since(replies[-1]) if replies else "",
            repliers=[self.face(one) for one in dict.fromkeys(reply.user for reply in replies)][:5],
            reactions=[self._reaction(name, users) for name, users in message.reactions.items()],
            editable=self.words.editable(message.text) if message.user == self.me.id else "",
        )

    def _reaction(self, name: str, users: list[str]) -> Reaction:
        names = ["You" if one == self.me.id else self._name_of(one) for one in users]
        who = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        return Reaction(name, self.words.plain(f":{name}:"), len(users), self.me.id in users, who)

    def _follows(self, message: Message, last: Shown | None, when: datetime) -> bool:
        """Whether it stands under the name of the message before."""
        if last is None or message.ephemeral or last.message.ephemeral or message.subtype == "tombstone":
            return False
        near = when - moment(last.message.ts, self.me.tz) < RUN
        return near and last.message.user == message.user and not last.replies

    def _since(self, message: Message) -> str:
        when = moment(message.ts, self.me.tz)
        now = self.now.astimezone(when.tzinfo)
        day = day_name(when, now)
        return f"{day if ' ' in day else day.lower()} at {clock_time(when)}"

    # -- views -------------------------------------------------------------------------------------------------------

    def modal(self) -> Modal | None:
        stack = self.workspace.screens.stacks.get(self.me.id) or []
        if not stack:
            return None
        view, content = stack[-1], stack[-1].content
        submit = content.get("submit")
        return Modal(
            view=view,
            surface=view_surface(view, self.words, self._pickable()),
            depth=len(stack),
            title=self.words.plain(content.get("title")),
            submit=self.words.plain(submit) if submit else None,
            close=self.words.plain(content.get("close") or "Cancel"),
        )

    def home(self) -> Surface | None:
        view = self.workspace.screens.homes.get(self.me.id)
        return view_surface(view, self.words, self._pickable()) if view else None

    def _pickable(self) -> dict[str, list[tuple[str, str]]]:
        """What the selects of people and of channels offer."""
        people = [(face.id, face.name) for face in self.people()]
        channels = [(c.id, f"#{c.name}") for c in self._channels("channel", "group")]
        return {"users": people, "channels": channels, "conversations": [*channels, *people]}
