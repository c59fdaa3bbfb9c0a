"""Fetching a file that a person handed in, from Slack and from nowhere else."""

from __future__ import annotations

from urllib.error import HTTPError

from slack_sdk import WebClient

from bot.slack_hosts import ForeignHost, reach
from jobs.delivery import Refused, Unavailable
from models.documents import WebPageInstead

FOREIGN_HOST = "foreign_file_host"
_SECONDS = 20
_CHUNK = 64 * 1024


def fetch(slack: WebClient, url: str, most: int) -> bytes:
    """The content behind a file's private address, at most one byte more than ``most``.

    Raises:
        Refused: the address is not Slack's (``FOREIGN_HOST``).
        WebPageInstead: Slack shows the way to somewhere else, as it does with its sign-in page.
        Unavailable: Slack has trouble of its own, or wants a pause.
        OSError: the network failed.
    """
    content = bytearray()
    try:
        # The bot's token travels with the request.
        headers = {"Authorization": f"Bearer {slack.token}"}
        with reach(slack, "files", url, timeout=_SECONDS, headers=headers) as response:
            while len(content) <= most and (chunk := response.read(_CHUNK)):
                content += chunk
    except ForeignHost as error:
        raise Refused(FOREIGN_HOST) from error
    except HTTPError as error:
        if error.code == 429 or error.code >= 500:
            raise Unavailable from error
        raise WebPageInstead("The file could not be fetched from Slack. Please hand it in again.") from error
    return bytes(content[: most + 1])
