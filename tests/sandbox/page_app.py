"""A tiny Bolt app with one of everything that the page has to handle."""

from typing import Any

from slack_bolt import App

from sandbox import Sandbox
from tests.sandbox.bolt_app import actions, bolt_app, button, modal, text_input

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(text: str) -> Json:
    return {"text": plain(text), "value": text.lower()}


def field(label: str, block_id: str, kind: str, **more: Any) -> Json:
    element = {"type": kind, "action_id": "value", **more}
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element}


def claim_form(*more: Json) -> Json:
    return modal(
        text_input("Name", "name"),
        {**field("Area", "area", "radio_buttons", options=[option("Work"), option("Home")]), "dispatch_action": True},
        *more,
        field("Place", "place", "static_select", option_groups=[{"label": plain("DE"), "options": [option("Berlin")]}]),
        field("Products", "products", "multi_static_select", options=[option("Apps"), option("Phones")]),
        field("Seller", "seller", "external_select", min_query_length=1),
        field("Proof", "proof", "file_input", filetypes=["pdf"], max_files=2),
        {**field("Day", "day", "datepicker"), "optional": True, "hint": plain("The day it was signed.")},
    )


def step(title: str) -> Json:
    return {**modal(text_input("Why", "why")), "title": plain(title)}


def page_app(sandbox: Sandbox) -> tuple[App, list[Json]]:
    """The app, and the list of states it was sent by submitted forms."""
    app, submitted = bolt_app(sandbox), []
    for name in ("/form", "/steps", "/card"):
        sandbox.add_command(name)
    sandbox.add_shortcut("New claim", "new")
    sandbox.add_shortcut("Pass on", "pass", type="message")

    @app.command("/try")
    def try_(ack, body) -> None:
        ack(f"You said *{body['text']}*")

    @app.command("/form")
    def form(ack, body, client) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=claim_form())

    @app.command("/steps")
    def steps(ack, body, client) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view={**step("First"), "callback_id": "steps"})

    @app.command("/card")
    def card(ack, body, client) -> None:
        ack()
        question = {
            "title": plain("Really?"),
            "text": plain("It is final."),
            "confirm": plain("Do"),
            "deny": plain("No"),
        }
        blocks = actions(button("Approve", "approve", confirm=question))
        client.chat_postMessage(channel=body["channel_id"], text="A card", blocks=blocks)

    @app.action("value")
    def chosen(ack, body, client) -> None:
        ack()
        view = body["view"]
        client.views_update(view_id=view["id"], hash=view["hash"], view=claim_form(text_input("Extra", "extra")))

    @app.options("value")
    def sellers(ack, payload) -> None:
        ack(options=[option(f"Sam {payload['value']}"), option(f"Kim {payload['value']}")])

    @app.view("form")
    def submit(ack, body) -> None:
        values = body["view"]["state"]["values"]
        if values["name"]["value"]["value"] == "wrong":
            ack(response_action="errors", errors={"name": "This name is taken."})
            return
        ack()
        submitted.append(values)

    @app.view("steps")
    def next_step(ack) -> None:
        ack(response_action="push", view=step("Second"))

    @app.action("approve")
    def approve(ack, body, client) -> None:
        ack()
        at = {"channel": body["channel"]["id"], "ts": body["message"]["ts"]}
        section = {"type": "section", "text": {"type": "mrkdwn", "text": f"Approved by <@{body['user']['id']}>"}}
        client.chat_update(**at, text="Approved", blocks=[section])

    @app.shortcut("new")
    def new(ack, body, client) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=step("From a shortcut"))

    @app.shortcut("pass")
    def pass_on(ack, body, client) -> None:
        ack()
        client.chat_postMessage(channel="C0ONE", text=f"Passed on: {body['message']['text']}")

    @app.event("app_home_opened")
    def home(event, client) -> None:
        header = {"type": "header", "text": plain("Your claims")}
        view = {"type": "home", "blocks": [header, *actions(button("New", "open-form"))]}
        client.views_publish(user_id=event["user"], view=view)

    @app.action("open-form")
    def open_form(ack, body, client) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=step("From Home"))

    @app.event("message")
    def message() -> None: ...

    return app, submitted
