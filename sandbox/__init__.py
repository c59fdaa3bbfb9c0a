"""A strict local Slack: its Web API, its deliveries, its people. It knows nothing of the app it serves.

    with Sandbox() as sandbox:
        ana = sandbox.add_user("U0ANA", "Ana Admin")
        sandbox.add_channel("C0ONE", "one", members=["U0ANA"])
        sandbox.install(manifest)
        sandbox.connect_http("http://127.0.0.1:3000/slack/events")  # or the app opens a socket
        ana.command("/claim new", channel="C0ONE")
        ana.form.fill({"Claim name": "A name"})
        ana.form.submit()
        assert sandbox.refusals == []

The app talks back with `WebClient(base_url=f"{sandbox.base_url}/api/")`. What it does after acknowledging is waited for
with `sandbox.wait_until(...)`; misbehaviour is planned with `sandbox.faults`.
"""

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
