"""What Slack says: the tokens, their scopes, the channels, the people, the time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import yaml
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy import select

from bot.checks.finding import Finding, fault, several, sound
from bot.cli.plainly import slack_error
from bot.settings import Settings
from models.database import Database
from models.tables import Location, Partner, Person, ProgrammeSettings

MANIFEST = Path(__file__).parents[2] / "manifest.yaml"
# Slack's signatures are good for five minutes; trouble should be heard of before.
SKEW = timedelta(seconds=60)
REVIEW = "the review channel"
# People asked for one by one: users.info allows a hundred a minute and more.
_MOST_PEOPLE = 200

_REFUSED = {
    "invalid_auth": "copy SLACK_BOT_TOKEN again from the app's page “OAuth & Permissions”",
    "not_authed": "copy SLACK_BOT_TOKEN again from the app's page “OAuth & Permissions”",
    "token_revoked": "reinstall the app (page “Install App”) and copy the new token to SLACK_BOT_TOKEN",
    "token_expired": "reinstall the app with token rotation turned off, and copy the new token to SLACK_BOT_TOKEN",
    "account_inactive": "the app was removed from the workspace: install it again, copy the new token",
    "not_allowed_token_type": "give SLACK_BOT_TOKEN the token that begins with xoxb-",
}


def client_of(settings: Settings) -> WebClient:
    """The bot, with the patience of somebody who waits at a terminal."""
    return WebClient(settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url, timeout=8)


def wanted_scopes(manifest: Path = MANIFEST) -> frozenset[str]:
    """The bot scopes that the app's manifest asks for; none where claimbot is installed without it."""
    if not manifest.is_file():
        return frozenset()
    return frozenset(yaml.safe_load(manifest.read_text(encoding="utf-8"))["oauth_config"]["scopes"]["bot"])


class Introduced:
    """What Slack answered to the question who we are: the body of `auth.test`, and its headers in lower case."""

    def __init__(self, body: Mapping[str, Any], headers: Mapping[str, Any]) -> None:
        self.team, self.user = str(body.get("team_id")), str(body.get("user_id"))
        self.team_name = str(body.get("team"))
        self.headers = {name.lower(): str(value) for name, value in headers.items()}

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes that were granted."""
        return frozenset(one.strip() for one in self.headers.get("x-oauth-scopes", "").split(",") if one.strip())


def introduce(client: WebClient) -> Introduced | Finding:
    """Who we are at Slack; or what keeps us from knowing."""
    try:
        answer = client.auth_test()
    except SlackApiError as error:
        code = slack_error(error)
        return fault(f"Slack refuses the bot token: {code}", _REFUSED.get(code, f"see what Slack means by {code}"))
    except OSError as error:
        reason = str(getattr(error, "reason", None) or type(error).__name__)
        return fault(f"Slack cannot be reached: {reason}", "look at the network, a proxy, SLACK_API_URL")
    return Introduced(answer.data if isinstance(answer.data, dict) else {}, answer.headers)


def check_scopes(who: Introduced, wanted: frozenset[str]) -> Iterator[Finding]:
    """Whether the token may do what the manifest asks for, and no more."""
    if missing := wanted - who.scopes:
        yield fault(
            f"the bot token lacks {', '.join(sorted(missing))}",
            "give the app this version's manifest.yaml (page “App Manifest”) and reinstall it (page “Install App”)",
        )
        return
    more = who.scopes - wanted
    advice = (
        f"it may do more than claimbot needs ({', '.join(sorted(more))}): take that out of the manifest" if more else ""
    )
    yield sound(f"workspace {who.team_name} ({who.team}), bot {who.user}", advice if wanted else "")


def check_socket(settings: Settings) -> Iterator[Finding]:
    """Whether the app-level token opens a connection."""
    if settings.slack_app_token is None:
        return
    try:
        client_of(settings).apps_connections_open(app_token=settings.slack_app_token.get_secret_value())
    except SlackApiError as error:
        code = slack_error(error)
        remedy = {
            "missing_scope": "give the app-level token the scope connections:write (page “Basic Information”)",
            "not_allowed_token_type": "give SLACK_APP_TOKEN the app-level token, which begins with xapp-",
            "socket_mode_not_enabled": "turn Socket Mode on (page “Socket Mode”)",
        }.get(code, "make a new app-level token (page “Basic Information”) and copy it to SLACK_APP_TOKEN")
        yield fault(f"Slack refuses the app-level token: {code}", remedy)
    except OSError as error:
        yield fault(f"Slack cannot be reached: {type(error).__name__}", "look at the network, a proxy, SLACK_API_URL")
    else:
        yield sound("Socket Mode can be opened")


def check_clock(who: Introduced, now: datetime) -> Iterator[Finding]:
    """Whether this machine's clock goes right, by Slack's."""
    try:
        slacks = parsedate_to_datetime(who.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return
    skew = abs(now - slacks)
    if skew > SKEW:
        way = "ahead" if now > slacks else "behind"
        yield fault(
            f"this machine's clock is {round(skew.total_seconds())} s {way}: what Slack sends would seem stale",
            "let the machine keep time by NTP (timedatectl set-ntp true)",
        )
    else:
        yield sound("within a minute of Slack's")


def check_workspace(who: Introduced, database: Database) -> Iterator[Finding]:
    """Whether the directory was imported for the workspace of the token."""
    with database.transaction() as session:
        programme = session.get(ProgrammeSettings, 1)
        if programme is not None and programme.team != who.team:
            yield fault(
                f"the directory is of workspace {programme.team}, the bot token of {who.team}: it would know nobody",
                "correct SLACK_BOT_TOKEN, or import the directory again (programme: team in the file)",
            )


def check_channels(client: WebClient, who: Introduced, database: Database, review: str | None) -> Iterator[Finding]:
    """Whether the bot is in the review channel and in every partner's and location's, and nobody else reads along."""
    uses = _channels(database, who.team, review)
    found = [one for channel, purpose in uses.items() for one in check_channel(client, channel, purpose)]
    yield from (one for one in found if not one.ok)
    if uses and all(one.ok for one in found):
        yield sound(f"the bot is in all {len(uses)}")


def check_channel(client: WebClient, channel: str, purpose: str) -> Iterator[Finding]:
    """Whether the bot is in a channel, and the channel fit for its ``purpose`` (such as `REVIEW`)."""
    try:
        shown: dict[str, Any] = client.conversations_info(channel=channel)["channel"]
    except SlackApiError as error:
        code = slack_error(error)
        if code == "channel_not_found":
            yield fault(
                f"{channel}, {purpose}, is not there, or is private and the bot is not in it",
                "write /invite @claimbot in that channel; if the id is wrong, correct the directory file",
            )
        elif code != "missing_scope":  # which is said of the token already
            yield fault(f"{channel}, {purpose}: Slack says {code}", "look at the channel in Slack")
        return
    name = f"#{shown.get('name')} ({channel}), {purpose}"
    if shown.get("is_archived"):
        yield fault(f"{name}, is archived", "unarchive it, or name another in the directory file")
    elif not shown.get("is_member"):
        yield fault(f"the bot is not in {name}", "write /invite @claimbot in that channel")
    elif purpose == REVIEW and shown.get("is_ext_shared"):
        yield fault(
            f"{name}, is shared with another company, which would read what reviewers write",
            "give the reviewers a channel that is not shared",
        )
    else:
        yield sound(f"the bot is in {name}")


def _channels(database: Database, team: str, review: str | None) -> dict[str, str]:
    """The channels of the programme's workspace, and what each is for."""
    uses: dict[str, str] = {}
    with database.transaction() as session:
        programme = session.get(ProgrammeSettings, 1)
        if named := review or (programme.review_channel if programme else None):
            uses[named] = REVIEW
        for partner in session.scalars(
            select(Partner).where(Partner.active, Partner.team == team).order_by(Partner.name)
        ):
            uses.setdefault(partner.channel, f"the channel of {partner.name}")
        places = (
            select(Location).join(Partner).where(Location.active, Location.channel.is_not(None), Partner.team == team)
        )
        for place in session.scalars(places.order_by(Location.mpn)):
            uses.setdefault(str(place.channel), f"the channel of {place.name} (MPN {place.mpn})")
    return uses


def check_people(client: WebClient, who: Introduced, database: Database) -> Iterator[Finding]:
    """Whether Slack knows everybody whom the directory lists, and none of them has left."""
    with database.transaction() as session:
        listed = select(Person).where(Person.active, Person.team == who.team).order_by(Person.name).limit(_MOST_PEOPLE)
        people = [(one.user, f"{one.name} ({one.user})") for one in session.scalars(listed)]
    unknown, gone = [], []
    for user, name in people:
        try:
            found: dict[str, Any] = client.users_info(user=user)["user"]
        except SlackApiError as error:
            if slack_error(error) == "missing_scope":
                return  # said already
            unknown.append(name)
            continue
        if found.get("deleted"):
            gone.append(name)
    if unknown:
        yield fault(
            f"Slack does not know {several(unknown)}", "correct the member ids in the directory file, and import it"
        )
    if gone:
        yield fault(f"deactivated in Slack: {several(gone)}", "take them out of the directory file, and import it")
    if people and not unknown and not gone:
        yield sound(f"Slack knows all {len(people)} of the directory")
