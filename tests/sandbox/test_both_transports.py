"""One conversation with a real Bolt app, over HTTP and through Socket Mode: it must read the same."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from slack_bolt import App

from sandbox import SandboxError
from tests.sandbox.bolt_app import (
    actions,
    bolt_app,
    button,
    client_of,
    furnished,
    modal,
    over_a_socket,
    over_http,
    text_input,
)
from tests.waiting import PATIENCE

TRANSPORTS = {"HTTP": over_http, "Socket Mode": over_a_socket}


def ticket_app(app: App) -> App:
    @app.command("/try")
    def command(ack, body, client):
        if body["text"] == "form":
            ack()
            client.views_open(trigger_id=body["trigger_id"], view=modal(text_input("Name", "name")))
        elif body["text"] == "broken":
            raise RuntimeError("no luck")
        else:
            ack(f"You said {body['text']}")

    @app.view("form")
    def submitted(ack, body, view, client):
        name = view["state"]["values"]["name"]["value"]["value"]
        if name == "no":
            ack(response_action="errors", errors={"name": "That is no name."})
            return
        ack()
        client.chat_postMessage(channel="C0ONE", text=f"New: {name}", blocks=actions(button("Take it", "take")))

    @app.action("take")
    def taken(ack, body, client):
        ack()
        client.chat_update(
            channel=body["channel"]["id"], ts=body["message"]["ts"], text=f"Taken by <@{body['user']['id']}>"
        )

    @app.event("app_mention")
    def mentioned(event, say):
        say(text="Hello", thread_ts=event["ts"])

    @app.event("message")
    def heard():
        pass

    @app.event("app_home_opened")
    def home(event, client):
        blocks = [{"type": "header", "text": {"type": "plain_text", "text": "At home"}}]
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": blocks})

    return app


@pytest.fixture(params=list(TRANSPORTS))
def sandbox(request):
    sandbox = furnished()
    try:
        with TRANSPORTS[request.param](sandbox, ticket_app(bolt_app(sandbox))):
            yield sandbox
    finally:
        sandbox.stop()


def test_a_command_is_answered_to_the_person_alone(sandbox):
    reply = sandbox.person("U0ANA").command("/try hello", channel="C0ONE")
    assert reply.text == "You said hello"
    assert [one.text for one in sandbox.person("U0ANA").messages("C0ONE")] == ["You said hello"]
    assert sandbox.person("U0BEN").messages("C0ONE") == []


def test_a_form_is_filled_submitted_and_its_message_pressed(sandbox):
    ana = sandbox.person("U0ANA")
    ana.command("/try form", channel="C0ONE")
    sandbox.wait_until(lambda: ana.form, what="the form")
    assert (ana.form.title, ana.form.labels) == ("A form", ["Name"])
    ana.form.fill({"Name": "Ink & paper"})
    ana.form.submit()
    assert ana.form is None
    sandbox.wait_until(lambda: ana.messages("C0ONE"), what="the message")
    (message,) = sandbox.person("U0BEN").messages("C0ONE")
    assert message.buttons == ["Take it"]
    sandbox.person("U0BEN").press("Take it", message)
    sandbox.wait_until(lambda: not ana.messages("C0ONE")[0].buttons, what="the redrawn message")
    assert ana.messages("C0ONE")[0].text == "Taken by <@U0BEN>"
    assert sandbox.refusals == []


def test_an_error_from_the_app_stands_under_its_field(sandbox):
    ana = sandbox.person("U0ANA")
    ana.command("/try form", channel="C0ONE")
    sandbox.wait_until(lambda: ana.form, what="the form")
    ana.form.fill({"Name": "no"})
    ana.form.submit()
    assert ana.form.errors == {"Name": "That is no name."}


def test_a_mention_is_heard_and_answered_in_its_thread(sandbox):
    ana = sandbox.person("U0ANA")
    message = ana.post("C0ONE", "@app are you there?")
    assert message.text == "<@U0BOT> are you there?"
    sandbox.wait_until(lambda: ana.thread(message), what="the answer")
    assert [one.text for one in ana.thread(message)] == ["Hello"]


def test_the_home_tab_is_drawn_when_it_is_opened(sandbox):
    assert sandbox.person("U0ANA").open_home().text == "At home"


def test_an_app_that_fails_is_an_error_to_the_person(sandbox):
    sandbox.courier.limit = 1.0
    with pytest.raises(SandboxError, match=r"operation_timeout|HTTP 500"):
        sandbox.person("U0ANA").command("/try broken", channel="C0ONE")


def test_a_delivery_can_be_repeated_as_it_was(sandbox):
    sandbox.person("U0ANA").command("/try hello", channel="C0ONE")
    first = sandbox.deliveries[-1]
    repeats = sandbox.repeat_last_delivery(times=2)
    assert [one.payload["trigger_id"] for one in repeats] == [first.payload["trigger_id"]] * 2
    assert [(one.headers, one.raw) for one in repeats] == [(first.headers, first.raw)] * 2
    assert all(one.ok for one in repeats)


def test_an_app_whose_socket_is_refreshed_comes_back_by_itself():
    sandbox = furnished()
    try:
        with over_a_socket(sandbox, ticket_app(bolt_app(sandbox))):
            sandbox.sockets.disconnect()
            assert sandbox.sockets.connected.wait(PATIENCE)
            assert sandbox.person("U0ANA").command("/try hello", channel="C0ONE").text == "You said hello"
    finally:
        sandbox.stop()


def test_a_wait_may_ask_the_web_api():
    sandbox = furnished()
    try:
        client = client_of(sandbox)
        sandbox.person("U0ANA").post("C0ONE", "x")
        found = sandbox.wait_until(lambda: client.conversations_history(channel="C0ONE")["messages"])
        assert [one["text"] for one in found] == ["x"]
        with pytest.raises(SandboxError, match=r"Waited 0\.01 s for a miracle"):
            sandbox.wait_until(lambda: False, timeout=0.01, what="a miracle")
    finally:
        sandbox.stop()


def test_eight_people_at_once_are_served_and_each_sees_their_own_answer():
    sandbox = furnished()
    people = [sandbox.add_user(f"U0P{one}", f"Person {one}") for one in range(8)]
    sandbox.add_channel("C0ALL", "all", members=[one.id for one in people])
    try:
        with over_http(sandbox, ticket_app(bolt_app(sandbox))), ThreadPoolExecutor(8) as threads:
            answers = threads.map(lambda one: one.command(f"/try {one.id}", channel="C0ALL").text, people)
            assert list(answers) == [f"You said {one.id}" for one in people]
        assert [[one.text for one in person.ephemerals] for person in people] == [
            [f"You said {one.id}"] for one in people
        ]
    finally:
        sandbox.stop()
