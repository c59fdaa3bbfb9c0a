"""Fetching a file that a person handed in, from Slack and from nowhere else."""

from __future__ import annotations

from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from slack_sdk import WebClient

from jobs.delivery import Refused, Unavailable
from models.documents import WebPageInstead

FOREIGN_HOST = "foreign_file_host"
# The bot's token travels with the request, so it goes to Slack's file host only (reference/slack.md 1.5).
_SLACK_FILES = "files.slack.com"
_SECONDS = 20
_CHUNK = 64 * 1024


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def fetch(slack: WebClient, url: str, most: int) -> bytes:
    """The content behind a file's private address, at most one byte more than ``most``.

    Raises:
        Refused: the address is not Slack's (``FOREIGN_HOST``).
        WebPageInstead: Slack shows the way to somewhere else, as it does with its sign-in page.
        Unavailable: Slack has trouble of its own, or wants a pause.
        OSError: the network failed.
    """
    api = urlsplit(slack.base_url)
    target = urlsplit(url)
    if api.hostname == "slack.com":
        allowed = target.scheme == "https" and target.hostname == _SLACK_FILES
    else:  # a stand-in of Slack's serves its files itself
        allowed = (target.scheme, target.netloc) == (api.scheme, api.netloc)
    if not allowed:
        raise Refused(FOREIGN_HOST)
    request = Request(url, headers={"Authorization": f"Bearer {slack.token}"})  # noqa: S310 - checked above
    opener = build_opener(_NoRedirect, *([] if api.hostname == "slack.com" else [ProxyHandler({})]))
    content = bytearray()
    try:
        with opener.open(request, timeout=_SECONDS) as response:
            while len(content) <= most and (chunk := response.read(_CHUNK)):
                content += chunk
    except HTTPError as error:
        if error.code == 429 or error.code >= 500:
            raise Unavailable from error
        raise WebPageInstead("The file could not be fetched from Slack. Please hand it in again.") from error
    return bytes(content[: most + 1])
