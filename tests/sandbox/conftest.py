"""What the sandbox's tests share: a browser, where there is one."""

from tests.browser import browser, window

__all__ = ["browser", "window"]
