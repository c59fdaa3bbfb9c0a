"""The world of the stories is the world that is attacked."""

from tests.stories.conftest import http_world

__all__ = ["http_world"]
