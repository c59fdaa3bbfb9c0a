"""Socket Mode as the bot uses it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.socket_mode import SocketMode
from bot.web import Metrics
from sandbox.server import Sandbox
from tests.waiting import PATIENCE, wait_until


def test_what_was_heard_before_the_stop_is_answered():
    heard, answer = Event(), Event()

    def slowly(ack: Ack) -> None:
        heard.set()
        answer.wait(PATIENCE)
        # What Slack still says to a connection that ends must not take the answer with it.
        session = mode.client.current_session
        assert session
        for _ in range(20):
            session.ping("still here")
        ack("Here you are.")

    with Sandbox(ack_limit=PATIENCE) as slack, ThreadPoolExecutor(2) as people:
        ana = slack.add_user("U0ANA", "Ana Admin")
        slack.add_channel("C0ONE", "one", ["U0ANA"])
        slack.add_command("/try")
        client = WebClient(slack.app.bot_token, base_url=f"{slack.base_url}/api/")
        app = App(client=client, token_verification_enabled=False)
        app.command("/try")(slowly)
        mode = SocketMode(app, slack.app.app_token, Metrics())
        mode.connect()
        assert slack.sockets.connected.wait(PATIENCE)

        asked = people.submit(ana.command, "/try", "C0ONE")
        assert heard.wait(PATIENCE)
        stopped = people.submit(mode.close)
        wait_until(lambda: not mode.client.message_processor.is_alive(), what="hearing to end")
        answer.set()
        stopped.result(PATIENCE)
        asked.result(PATIENCE)
        assert not mode.connected
        assert ana.ephemerals[-1].text == "Here you are."
