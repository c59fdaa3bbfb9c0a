"""What can go wrong: Slack's refusals to an app, and the sandbox's own complaints to whoever drives it."""

from typing import Any


class SlackError(Exception):
    """A Web API refusal: `{"ok": false, "error": code, …extra}`."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra


class SandboxError(Exception):
    """A person could not do what the driver was asked to do; the message says why, in full sentences."""


class NotAcknowledged(SandboxError):
    """The app did not answer, or not as Slack takes it. Slack's client hides the cause; the message names it."""


class EventMissed(SandboxError):
    """The app did not take an event: nobody in the workspace notices, only whoever writes the app."""
