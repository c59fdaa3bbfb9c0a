"""Workspaces beside the programme's own: whether the app is installed where the directory needs it."""

from __future__ import annotations

from collections.abc import Iterator

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.checks.finding import Finding, fault, sound
from bot.cli.plainly import slack_error
from bot.settings import Settings
from bot.workspaces import Installed, Keyring, NotInstalled
from models.database import Database
from models.operations import installing


def check_workspaces(settings: Settings, database: Database, home: str) -> Iterator[Finding]:
    """Whether each workspace of a partner has the app, with a token that is readable and that Slack takes."""
    if settings.token_key is None:
        return
    installed = Installed(home, database, Keyring(settings.token_key.get_secret_value()))
    with database.reading() as session:
        listed = installing.listed_teams(session)
    found = [one for team, partner in listed.items() for one in _check(settings, installed, team, partner)]
    yield from (one for one in found if not one.ok)
    if all(one.ok for one in found):
        unknown = len(set(installed.teams()) - set(listed))
        advice = "claimbot workspaces list shows them; nobody in them sees anything" if unknown else ""
        others = f", and in {unknown} that the directory does not name" if unknown else ""
        yield sound(f"installed in all {len(listed)} of partners{others}", advice)


def _check(settings: Settings, installed: Installed, team: str, partner: str) -> Iterator[Finding]:
    where = f"{team}, the workspace of {partner}"
    anew = f"have an administrator there open {settings.public_url}/slack/install"
    try:
        bot = installed.bot(team)
        WebClient(bot.token, base_url=settings.slack_api_url, timeout=8).auth_test()
    except NotInstalled as error:
        if error.problem == "not_installed":
            yield fault(f"claimbot is not installed in {where}: nothing can be posted there", anew)
        else:
            yield fault(f"the token of {where}, cannot be read", f"put the lost key back into TOKEN_KEY, or {anew}")
    except SlackApiError as error:
        yield fault(f"Slack refuses the token of {where}: {slack_error(error)}", anew)
    except OSError as error:
        yield fault(f"Slack cannot be reached: {type(error).__name__}", "look at the network, a proxy, SLACK_API_URL")
    else:
        yield sound(f"claimbot is installed in {where}")
