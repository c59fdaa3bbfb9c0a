"""The addresses of the page. Who one is stands in the address, so that two windows can be two people."""

import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, g, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from sandbox.errors import SlackError
from sandbox.objects import Channel, Json
from sandbox.page import misbehaving
from sandbox.page.acts import Hands, Offered, outcome
from sandbox.page.emoji import EMOJI, QUICK
from sandbox.page.inspected import json_line
from sandbox.page.inspector import Inspector
from sandbox.page.mail import Mailroom, Mails
from sandbox.page.mail import route as route_mail
from sandbox.page.scenes import Eyes
from sandbox.page.shown import PICTURES
from sandbox.page.tour import HIDDEN, Step, Tour

if TYPE_CHECKING:
    from sandbox.server import Sandbox

# How long a silent stream waits before it says that it is still there; also how soon it notices a closed window.
BEAT = 10.0
# How many streams may stay open at once, of the server's 32 threads; calls that a fault holds have some too.
STREAMS = 8
# Scripts and styles from here alone; pictures also from elsewhere, as Slack shows them.
POLICY = "default-src 'self'; img-src 'self' https: http: data:; object-src 'none'; base-uri 'none'; form-action 'self'"
# How many messages a channel shows before one asks for more.
NEWEST = 80


class Page:
    """The page of one sandbox: `blueprint` serves it, `stop()` ends its streams."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._workspace = sandbox.workspace
        self._offered: Offered = {}
        self._actions: list[tuple[str, Callable[[], str]]] = []
        self._mailroom: Mailroom | None = None
        self._tour: Tour | None = None
        self._stopped = False
        self._streams = threading.Semaphore(STREAMS)
        self.blueprint = Blueprint(
            "page", __name__, template_folder="templates", static_folder="static", static_url_path="/static/page"
        )
        self._route()

    def add_action(self, label: str, act: Callable[[], str]) -> None:
        """Something that whoever is at the page can do beside Slack; `act` does it and answers what to say of it.

        With the first action the page shows what time it is, and all of them in a menu under it.
        """
        self._actions.append((label, act))

    def add_mailbox(self, mails: Mails) -> None:
        """From now on the page shows this mail; whoever keeps it calls `workspace.notify("mail")` when some comes."""
        self._mailroom = Mailroom(mails, self._workspace, self._eyes)

    def add_tour(self, steps: Sequence[Step], ending: str) -> None:
        """A guided first minute; `ending` is said (in mrkdwn) when every step has happened."""
        self._tour = Tour(steps, ending)

    def stop(self) -> None:
        """Lets every open stream end, so that the server's threads come free."""
        with self._workspace.changed:
            self._stopped = True
            self._workspace.changed.notify_all()

    def _route(self) -> None:
        add = self.blueprint.add_url_rule
        add("/", "choose", self.choose)
        add("/app_redirect", "led", self.led)
        add("/as/<user>/", "first", self.first)
        add("/as/<user>/c/<channel>", "channel", self.channel)
        add("/as/<user>/app/<tab>", "app", self.app)
        add("/as/<user>/file/<file_id>", "file", self.file)
        add("/as/<user>/dm/<other>", "direct", self.direct)
        add("/changes", "changes", self.changes)
        add("/as/<user>/do/<act>", "do", self.do, methods=["POST"])
        add("/as/<user>/say", "say", self.say, methods=["POST"])
        add("/as/<user>/beside", "beside", self.beside, methods=["POST"])
        add("/as/<user>/upload", "upload", self.upload, methods=["POST"])
        Inspector(self._sandbox, self._eyes, self.blueprint)
        route_mail(self.blueprint, lambda: self._mailroom or abort(404))
        self.blueprint.context_processor(self._beside_slack)
        self.blueprint.add_app_template_filter(json_line)
        self.blueprint.before_request(self._guard)
        self.blueprint.before_request(self._look_at_tour)
        self.blueprint.after_request(self._headers)

    # -- safety --------------------------------------------------------------------------------------------------------

    def _guard(self) -> None:
        """A page elsewhere on the web must not act here: its requests cannot carry this header unasked."""
        if request.method == "POST" and request.headers.get("X-Sandbox-Page") != "1":
            abort(403)

    def _headers(self, response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        if request.endpoint != "page.static":
            response.headers["Cache-Control"] = "no-store"
        return response

    def _beside_slack(self) -> Json:
        """What every page shows of what stands beside Slack."""
        return {
            "faults": misbehaving.active(self._sandbox.faults),
            "mailbox": self._mailroom,
            "tour": self._tour,
            "tour_steps": g.get("tour_steps"),
        }

    def _look_at_tour(self) -> None:
        # Before anybody takes the workspace's lock: a step may ask a database whose users wait for that lock.
        if self._tour and request.endpoint in ("page.channel", "page.app") and HIDDEN not in request.cookies:
            g.tour_steps = self._tour.look()

    def _eyes(self, user: str) -> Eyes:
        person = self._workspace.users.get(user)
        if person is None or person.bot_id is not None:
            abort(404)
        return Eyes(self._workspace, self._sandbox.app, person, f"/as/{user}")

    def _hands(self, user: str) -> Hands:
        return Hands(self._sandbox.person(self._eyes(user).me.id), self._workspace, self._offered)

    # -- looking -------------------------------------------------------------------------------------------------------

    def choose(self) -> str:
        with self._workspace.lock:
            people = [Eyes(self._workspace, self._sandbox.app, one, "") for one in self._workspace.users.values()]
            faces = people[0].people() if people else []
            return render_template("sandbox/choose.html", team=self._workspace.team, faces=faces)

    def first(self, user: str) -> Redirect:
        return redirect(self._eyes(user).first_place())

    def led(self) -> Redirect:
        """A link into a channel, as slack.com has it. Nobody is signed in here: its first member sees it."""
        with self._workspace.lock:
            found = self._workspace.channels.get(request.args.get("channel", ""))
            people = [one for one in found.members if one in self._workspace.users] if found else []
            here = next((one for one in people if self._workspace.users[one].bot_id is None), None)
            if found is None or here is None:
                return redirect(url_for("page.choose"))
            return redirect(url_for("page.channel", user=here, channel=found.id))

    def channel(self, user: str, channel: str) -> str | Redirect:
        with self._workspace.lock:
            eyes = self._eyes(user)
            found = self._workspace.channels.get(channel)
            if found is None or user not in found.members:
                # The same address for another person: they may not be in this channel.
                return redirect(eyes.first_place())
            if found.kind == "im" and self._sandbox.app.bot_user in found.members:
                return self._app_page(eyes, "messages", found)
            return self._page(eyes, found, place="channel", current=found.id)

    def direct(self, user: str, other: str) -> Redirect:
        """The conversation of two people, opened if they have not talked before."""
        with self._workspace.lock:
            eyes, them = self._eyes(user), self._eyes(other)
            found = self._workspace.direct_channel(eyes.me.id, them.me.id)
            return redirect(f"{eyes.base}/c/{found.id}")

    def app(self, user: str, tab: str) -> str:
        with self._workspace.lock:
            eyes = self._eyes(user)
            if tab not in ("home", "messages", "about"):
                abort(404)
            if tab == "messages":
                return self._app_page(eyes, tab, self._workspace.direct_channel(user, self._sandbox.app.bot_user))
            return self._app_page(eyes, tab, eyes.app_channel())

    def _app_page(self, eyes: Eyes, tab: str, channel: Channel | None) -> str:
        shown = channel if tab == "messages" else None
        current = "home" if tab == "home" or channel is None else channel.id
        return self._page(eyes, shown, place="app", current=current, tab=tab)

    def _page(self, eyes: Eyes, channel: Channel | None, *, place: str, current: str, tab: str = "") -> str:
        app = self._sandbox.app
        parent = None
        if channel is not None and (thread := request.args.get("thread")):
            try:
                parent = self._workspace.message(channel.id, thread)
            except SlackError:
                parent = None
        newest = max(request.args.get("newest", NEWEST, int), NEWEST)
        more = channel is not None and len(self._workspace.history(channel.id, eyes.me.id)) > newest
        return render_template(
            "sandbox/page.html",
            eyes=eyes,
            newest=newest,
            earlier=newest + 2 * NEWEST if more else 0,
            base=eyes.base,
            team=self._workspace.team,
            revision=self._workspace.revision,
            place=place,
            current=current,
            tab=tab,
            app=app,
            channel=channel,
            news=self._workspace.news(eyes.me.id, channel.id) if channel else [],
            thread=eyes.thread(parent) if parent else None,
            thread_ts=parent.ts if parent else "",
            emoji=EMOJI,
            quick_reactions=QUICK,
            global_shortcuts=[one for one in app.shortcuts if one.type == "global"],
            message_shortcuts=[one for one in app.shortcuts if one.type == "message"],
            modal=eyes.modal(),
            actions=[label for label, _ in self._actions],
        )

    def file(self, user: str, file_id: str) -> Response:
        with self._workspace.lock:
            eyes = self._eyes(user)
            file = self._workspace.files.get(file_id)
            if file is None or not self._workspace.file_visible_to(file, eyes.me.id):
                abort(404)
            # Only pictures are shown; anything else could be a page that runs here.
            inline = file.mimetype in PICTURES and "download" not in request.args
            response = Response(file.content, mimetype=file.mimetype if inline else "application/octet-stream")
            response.headers.set("Content-Disposition", "inline" if inline else "attachment", filename=file.name)
            response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
            return response

    def changes(self) -> Response:
        """Server-sent events: the revisions, at once and after every change.

        All windows of a browser share one such stream (static/stream.js). Each holds a thread of the server; the ones
        over `STREAMS` end after their first word and the browser comes back a second later.
        """
        return Response(self._stream(), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})

    def _stream(self) -> Iterator[str]:
        free = self._streams.acquire(blocking=False)
        try:
            yield "retry: 1000\n\n"
            seen = ""
            while not self._stopped:
                now = self._revisions()
                yield f"data: {now}\n\n" if now != seen else ": still here\n\n"
                seen = now
                if not free:
                    return
                self._workspace.wait_until(partial(self._moved, now), BEAT)
        finally:
            if free:
                self._streams.release()

    def _moved(self, seen: str) -> bool:
        return self._stopped or self._revisions() != seen

    def _revisions(self) -> str:
        """The workspace's, and that of what passed between app and Slack: for the pages that show of both."""
        return f"{self._workspace.revision} {self._sandbox.exchanges.revision}"

    # -- acting --------------------------------------------------------------------------------------------------------

    def do(self, user: str, act: str) -> Response:
        hands = self._hands(user)
        given: Any = request.get_json()
        if not isinstance(given, dict):
            abort(400)
        return self._answer(hands, act, given)

    def _answer(self, hands: Hands, act: str, given: Json) -> Response:
        def text(name: str) -> str:
            return str(given.get(name) or "")

        values: Json = given["values"] if isinstance(given.get("values"), dict) else {}
        where: Json = given["where"] if isinstance(given.get("where"), dict) else {}
        found: list[Json] = []
        acts = {
            "press": lambda: hands.press(where, text("block"), text("action"), text("choice"), values),
            "choose": lambda: hands.choose(where, text("block"), text("action"), given.get("choice"), values),
            "submit": lambda: hands.submit(text("view"), values),
            "edit": lambda: hands.edit(text("channel"), text("ts"), text("text")),
            "delete": lambda: hands.delete(text("channel"), text("ts")),
            "react": lambda: hands.react(text("channel"), text("ts"), text("emoji")),
            "close": lambda: hands.close(text("view")),
            "close-all": hands.close_all,
            "shortcut": lambda: hands.shortcut(text("shortcut"), text("channel"), text("ts")),
            "suggest": lambda: found.extend(hands.suggest(where, text("block"), text("action"), text("query"))),
            "open": lambda: hands.person.open_home(text("tab")),
            "read": lambda: self._workspace.mark_read(hands.person.id, text("channel")),
        }
        if act not in acts:
            abort(404)
        answer = outcome(acts[act])
        if act == "suggest":
            answer["groups"] = found
        view = self._workspace.screens.top(hands.person.id) if act == "submit" else None
        if view is not None and view.id == given.get("view"):
            answer["errors"] = view.errors
        return self._said(answer)

    def say(self, user: str) -> Response:
        hands, form = self._hands(user), request.form
        files = [(one.filename or "file", one.read()) for one in request.files.getlist("files")]
        return self._said(
            outcome(lambda: hands.say(form["channel"], form.get("text", ""), form.get("thread", ""), files))
        )

    def beside(self, user: str) -> Response:
        """One of the actions that were added, by its number."""
        self._eyes(user)
        given: Any = request.get_json()
        number = given.get("number") if isinstance(given, dict) else None
        if not isinstance(number, int) or not 0 <= number < len(self._actions):
            abort(404)
        said: list[str] = []
        answer = outcome(lambda: said.append(self._actions[number][1]()))
        # The workspace's time may be another now, and every window shows it.
        self._workspace.notify("time")
        return self._said({**answer, "said": "".join(said)})

    def upload(self, user: str) -> Response:
        hands, form = self._hands(user), request.form
        sent = request.files["file"]
        found: list[Json] = []
        answer = outcome(
            lambda: found.append(
                hands.upload(form["view"], form["block"], form["action"], sent.filename or "file", sent.read())
            )
        )
        if found:
            answer |= {"id": found[0]["id"], "name": found[0]["name"]}
        return self._said(answer)

    def _said(self, answer: Json) -> Response:
        return jsonify({**answer, "revision": self._workspace.revision})
