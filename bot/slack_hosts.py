"""Addresses that Slack hands us: of its own hosts only, over https, and followed to nowhere else.

All that is sent to such an address goes through ``reach``: files and uploads, and answers to a ``response_url``.
"""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPResponse
from typing import IO, Literal, cast
from urllib.parse import SplitResult, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, ProxyHandler, Request, build_opener

import structlog
from slack_sdk import WebClient

log = structlog.get_logger("claimbot.slack")

# By the host of the Web API (the setting SLACK_API_URL): Slack's own, and GovSlack's
# (reference/slack.md 1.5; api.slack-gov.com/gov-slack/about).
_DOMAINS = {"slack.com": "slack.com", "www.slack.com": "slack.com", "slack-gov.com": "slack-gov.com"}


class ForeignHost(Exception):
    """An address is not Slack's. Nothing was sent to it."""


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


def reach(
    slack: WebClient,
    service: Literal["files", "hooks"],
    url: str,
    *,
    timeout: float,
    data: bytes | IO[bytes] | None = None,
    headers: Mapping[str, str],
) -> HTTPResponse:
    """GET an address of Slack's, or POST ``data`` to it; the answer, to be closed by the caller.

    Args:
        slack: the client to which Slack gave the address.
        service: by which of Slack's hosts it has to be served.
        timeout: in seconds, for each piece that goes over the wire.

    Raises:
        ForeignHost: the address is somewhere else.
        HTTPError: the status is not one of success, or leads somewhere else.
        OSError: the network failed.
    """
    api = urlsplit(slack.base_url)
    domain = _DOMAINS.get(api.hostname or "")
    target = _split(url)
    # A stand-in of Slack's serves everything itself. Compared whole: no port, no user, nothing that only looks alike.
    expected = ("https", f"{service}.{domain}") if domain else (api.scheme, api.netloc)
    if target is None or (target.scheme, target.netloc) != expected:
        log.warning("foreign_address", kind=service, host=target and target.hostname)
        raise ForeignHost
    # What the client trusts: without it the authorities that this machine trusts are read anew for each address.
    secure = HTTPSHandler(context=slack.ssl)
    opener = build_opener(_NoRedirect, secure, *([] if domain else [ProxyHandler({})]))
    # As it was understood here, so that nobody understands it in another way.
    request = Request(target.geturl(), data=data, headers=dict(headers))  # noqa: S310 - checked above
    return cast(HTTPResponse, opener.open(request, timeout=timeout))


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None
