"""The local Slack in a browser: channels, messages, forms and the Home tab, for people who try an app by hand."""

from sandbox.page.routes import Page

__all__ = ["Page"]
