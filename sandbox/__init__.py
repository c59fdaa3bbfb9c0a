"""A strict local Slack: its Web API, its deliveries, its people. It knows nothing of the app it serves."""

from sandbox.driver import Person, Reply
from sandbox.errors import SandboxError, SlackError
from sandbox.forms import Form, HomeView
from sandbox.http_server import HttpServer
from sandbox.objects import File, Message
from sandbox.server import Sandbox

__all__ = [
    "File",
    "Form",
    "HomeView",
    "HttpServer",
    "Message",
    "Person",
    "Reply",
    "Sandbox",
    "SandboxError",
    "SlackError",
]
