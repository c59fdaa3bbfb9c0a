"""The customer's page: what a partner asked for, and the way to opt out of it.

Nobody signs in. The token in the address is the capability: 256 random bits that only the mail to the customer contact
carries. There are no cookies, so a foreign page that makes a browser send something here gains nothing by it: it would
have to know the token, and whoever knows it needs no browser of somebody else's. What a browser calls cross-site is
refused all the same. The address must not leak: nothing foreign is loaded, no referrer is sent, nothing is stored.

GET changes nothing, since mail scanners and previews open links. To opt out takes two POSTs: one to be asked, one to
answer, so that a scanner that presses buttons does not object for anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

import structlog
from flask import Blueprint, Response, render_template, request
from markupsafe import Markup
from werkzeug.exceptions import Forbidden, HTTPException, TooManyRequests

from bot.desk import Desk
from bot.mail.facts import Facts, facts_for_customer, long_day
from bot.web.limits import Limit
from bot.web.policy import page_policy
from models.answers import Invalid, Refused
from models.operations import consents
from models.operations.consents import Standing
from models.operations.reviewing import MESSAGE_LENGTH
from rules.fields import printable

# Bytes. The longest reason that is answered with its own words: some characters take twelve when a form is encoded.
LARGEST_POST = 100_000

# (at once, a minute) A person opens their page a few times; one mail scanner may open those of many people, and
# behind a proxy that TRUSTED_PROXY does not name, all have one address.
_EACH_LINK = (30, 10.0)
_EACH_ADDRESS = (600, 300.0)

log = structlog.get_logger("claimbot.web")


@dataclass(frozen=True)
class Seen:
    """What a link leads to at this moment. ``ended_on``: when it was spent, or until when it could be used."""

    standing: Standing
    facts: Facts
    ended_on: str | None
    approved: bool


def build_consent(desk: Desk) -> Blueprint:
    """The page under /consent/<token>, as a Flask blueprint."""
    page = Blueprint("consent", __name__, template_folder="templates")
    style = (files("bot.web") / "templates" / "consent" / "consent.css").read_text(encoding="utf-8")
    policy = page_policy(style)

    links, addresses = Limit(*_EACH_LINK), Limit(*_EACH_ADDRESS)

    @page.before_request
    def not_too_often() -> None:
        token = str((request.view_args or {}).get("token", ""))
        if not (addresses.allows(request.remote_addr or "") and links.allows(sha256(token.encode()).hexdigest())):
            raise TooManyRequests(retry_after=60)

    @page.get("/consent/<token>", provide_automatic_options=False)
    def show(token: str) -> Response:
        seen = _look(desk, token)
        if seen is not None and seen.standing is Standing.OPEN:
            return draw("offer", 200, seen=seen, reason="", error=None)
        return closed(seen)

    @page.post("/consent/<token>", provide_automatic_options=False)
    def answer(token: str) -> Response:
        request.max_content_length = LARGEST_POST
        if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
            raise Forbidden
        step, reason = request.form.get("step", ""), request.form.get("reason", "")
        seen = _look(desk, token)
        if step == "confirm" and _is_done(seen):
            return draw("done", 200, seen=seen)  # pressed twice, or the page was loaded again
        if seen is None or seen.standing is not Standing.OPEN:
            return closed(seen)
        if step == "back":
            return draw("offer", 200, seen=seen, reason=reason, error=None)
        length = len(printable(reason, lines=True))
        if length > MESSAGE_LENGTH:
            error = f"Please shorten this to {MESSAGE_LENGTH:,} characters; it has {length:,}."
            return draw("offer", 422, seen=seen, reason=reason, error=error)
        if step != "confirm":
            return draw("confirm", 200, seen=seen, reason=printable(reason, lines=True))
        return opted_out(token, reason, seen)

    def opted_out(token: str, reason: str, seen: Seen) -> Response:
        try:
            done = consents.opt_out(desk.memory, token, reason)
        except Invalid as invalid:
            return draw("offer", 422, seen=seen, reason=reason, error=invalid.errors["reason"])
        except Refused as refused:
            # Somebody was faster: the end of the window, the partner, or another link of the same customer.
            desk.metrics.refused(refused.refusal.condition)
            now = _look(desk, token)
            return draw("done", 200, seen=now) if _is_done(now) else closed(now)
        log.info("customer_opted_out", claim=done.number)
        return draw("done", 200, seen=seen)

    def closed(seen: Seen | None) -> Response:
        if seen is None:
            return draw("unknown", 404)
        if seen.standing is Standing.OPEN:  # it has just become possible: whoever was refused may look again
            return draw("offer", 409, seen=seen, reason="", error=None)
        name = {
            Standing.NOT_YET: "not_yet",
            Standing.LATE: "late",
            Standing.SPENT: "spent",
            Standing.ENDED: "ended",
        }[seen.standing]
        return draw(name, 200 if seen.standing is Standing.NOT_YET else 410, seen=seen)

    def draw(name: str, status: int, **values: object) -> Response:
        html = render_template(f"consent/{name}.html", style=Markup(style), longest=MESSAGE_LENGTH, **values)  # noqa: S704 - a file of ours
        response = Response(html, status, mimetype="text/html")
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response

    @page.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        response = draw("trouble", error.code or 500, code=error.code)
        if isinstance(error, TooManyRequests):
            response.headers["Retry-After"] = str(error.retry_after)
        return response

    @page.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        log.error("A request failed", exc_info=error)
        return draw("trouble", 500, code=500)

    return page


def _is_done(seen: Seen | None) -> bool:
    """Whether what the customer wants has happened, and still holds."""
    return seen is not None and seen.standing is Standing.SPENT and not seen.approved


def _look(desk: Desk, token: str) -> Seen | None:
    memory = desk.memory
    with memory.database.transaction() as session:
        found = consents.look(session, memory, token)
        if found is None:
            return None
        consent, standing = found
        claim = consent.claim
        due_at = claim.due_at if standing is Standing.OPEN else None
        ended = consent.spent_at if standing is Standing.SPENT else None
        calendar = memory.calendar(session)
        day = calendar.local_day(ended) if ended is not None else None
        if day is None and consent.due_at is not None:
            day = calendar.last_day(consent.due_at)
        return Seen(
            standing,
            facts_for_customer(session, memory, claim, due_at),
            long_day(day) if day is not None else None,
            approved=claim.approved_at is not None,
        )
