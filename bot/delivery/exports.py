"""Exports on their way: the note that tells how far one is, its content to Slack, the file to the person, and the file
out of Slack again.
"""

from __future__ import annotations

from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError

from slack_sdk.errors import SlackApiError

from bot.cards.exports import export_note
from bot.delivery.cards import GONE
from bot.delivery.download import FOREIGN_HOST
from bot.delivery.posting import Poster
from bot.delivery.slack_errors import slack_errors
from bot.desk import Desk, as_body
from bot.slack_hosts import ForeignHost, reach
from bot.workspaces import Workspaces
from jobs.delivery import NotYet, OutcomeUnknown, Receipt, Refused, Unavailable
from models.memory import Memory
from models.operations import exports
from models.operations.outbox import Taken
from models.operations.unsharing import in_slack_until, removed
from models.tables import Export

# For each piece that goes over the wire, not for the whole file.
_SECONDS = 60
# What Slack says of a file that is not there, and of one that nobody was ever given.
_MISSING = "file_not_found"


def upload(workspaces: Workspaces, team: str, path: Path, name: str) -> str:
    """Bring a file's content to Slack, shared with nobody yet; its id there. It is read as it is sent, never whole.

    The SDK's own files_upload_v2 would read all of it into memory, and share it in the same breath.

    Raises:
        RetryLater, Unavailable, OutcomeUnknown, Refused: see ``jobs.delivery``.
    """
    size = path.stat().st_size
    with slack_errors():
        slack = workspaces.client(team)
        answer = slack.files_getUploadURLExternal(filename=name, length=size)
    url = str(answer["upload_url"])
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
    try:
        with (
            path.open("rb") as content,
            reach(slack, "files", url, timeout=_SECONDS, data=content, headers=headers),
        ):
            return str(answer["file_id"])
    except ForeignHost as error:
        raise Refused(FOREIGN_HOST) from error
    except HTTPError as error:
        raise Unavailable from error
    except (OSError, HTTPException) as error:
        raise OutcomeUnknown from error


class ExportNotes:
    """Tells the person how far their export is: one message, drawn anew."""

    def __init__(self, desk: Desk, poster: Poster) -> None:
        self._memory = desk.memory
        self._poster = poster

    def deliver(self, row: Taken) -> Receipt:
        """Post it, or draw it anew where it stands."""
        with self._memory.database.transaction() as session:
            export = session.get_one(Export, row.payload["export"])
            message = export_note(export, in_slack_until(self._memory, session, export))
            user, channel, ts = export.user, export.channel, export.ts
        if channel is not None and ts is not None:
            try:
                self._poster.slack(row).chat_update(channel=channel, ts=ts, **as_body(message))
            except SlackApiError as error:
                if error.response.get("error") not in GONE:
                    raise
            return Receipt(channel, ts)
        receipt = self._poster.post(row, user, message)
        with self._memory.database.transaction() as session:
            export = session.get_one(Export, row.payload["export"])
            export.channel, export.ts = receipt.channel, receipt.ts
        return receipt

    def look_up(self, row: Taken) -> None:
        """A message that was lost is better said twice than not at all."""


class ExportFiles:
    """Shares the file with whoever asked for it: once, since Slack is asked before a second time."""

    def __init__(self, desk: Desk, workspaces: Workspaces) -> None:
        self._memory = desk.memory
        self._workspaces = workspaces

    def deliver(self, row: Taken) -> Receipt:
        """Share it. Raises NotYet while the note is not there, which tells the channel."""
        with self._memory.database.transaction() as session:
            export = session.get_one(Export, row.payload["export"])
            file, name, channel = row.payload["file"], export.file_name, export.channel
            overtaken = export.state != "built" or export.slack_file != file
        if channel is None:
            raise NotYet
        if overtaken:  # it was lost and is made anew, with a row of its own
            return Receipt(channel)
        try:
            self._workspaces.client(row.team).files_completeUploadExternal(
                files=[{"id": file, "title": name}], channel_id=channel
            )
        except SlackApiError as error:
            if error.response.get("error") != _MISSING:
                raise
            _note(self._memory, row, found=False)
            return Receipt(channel)
        _note(self._memory, row, found=True)
        return Receipt(channel)

    def look_up(self, row: Taken) -> Receipt | None:
        """Where it is shared."""
        with self._memory.database.transaction() as session:
            export = session.get_one(Export, row.payload["export"])
            channel = export.channel
        if channel is None:
            return None
        try:
            found = self._workspaces.client(row.team).files_info(file=row.payload["file"])["file"]
        except SlackApiError as error:
            if error.response.get("error") != _MISSING:
                raise
            return None
        if not any(found.get(places) for places in ("ims", "channels", "groups")):
            return None
        _note(self._memory, row, found=True)
        return Receipt(channel)


class ExportRemovals:
    """Takes the file out of Slack again; somebody may have done so before."""

    def __init__(self, desk: Desk, workspaces: Workspaces) -> None:
        self._memory = desk.memory
        self._workspaces = workspaces

    def deliver(self, row: Taken) -> Receipt:
        """Delete it, wherever it is shared."""
        file = row.payload["file"]
        try:
            self._workspaces.client(row.team).files_delete(file=file)
        except SlackApiError as error:
            if error.response.get("error") not in (_MISSING, "file_deleted"):
                raise
        with self._memory.database.transaction() as session:
            removed(session, row.payload["export"], file, self._memory.clock())
        return Receipt(row.lane)

    def look_up(self, row: Taken) -> None:
        """To delete it once more does no harm."""


def _note(memory: Memory, row: Taken, *, found: bool) -> None:
    now = memory.clock()
    with memory.database.transaction() as session:
        export = session.get_one(Export, row.payload["export"], with_for_update=True)
        if found:
            exports.shared(session, export, now)
        else:
            exports.lost(session, export, now)
