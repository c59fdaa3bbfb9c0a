"""`claimbot setup`: asks for what is missing, tries each answer at once, and writes it down in .env."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.cli import envfile
from bot.cli.manifest import manifest_for

if TYPE_CHECKING:
    from bot.checks.finding import Finding
    from bot.settings import Settings

ENV = Path(".env")
APP_FILE = Path("slack-app.yaml")
Answers = dict[str, str]


@dataclass(frozen=True)
class Question:
    """One setting to ask for. ``where`` says where to find the answer; ``try_out`` whether it is any good."""

    name: str
    asks: str
    where: str
    secret: bool = False
    try_out: Callable[[Answers], Iterable[Finding]] = lambda answers: ()


def register(main: typer.Typer) -> None:
    """Add the command to `main`."""
    main.command()(setup)


def setup() -> None:
    """Ask for what claimbot needs, try each answer, and write .env. Can be run again: what is there is kept."""
    from bot.settings import describe

    new = not ENV.exists()
    envfile.begin(ENV, describe("env"))
    answers = envfile.values_in(ENV) | _from_environment()
    typer.echo(f"{'A new file' if new else 'The file'} .env in {Path.cwd()} takes your answers; only you can read it.")
    typer.echo("Enter alone keeps what is there. Ctrl-C stops; what you answered until then is kept.\n")
    by_socket = _way(answers)
    _write_app(answers, by_socket)
    _ask(BOT_TOKEN, answers)
    _ask(APP_TOKEN if by_socket else SIGNING_SECRET, answers)
    if not _kept(
        answers, "DATABASE_URL", "The database", "a PostgreSQL that claimbot starts by itself: one machine only"
    ):
        _ask(DATABASE, answers)
    if not _kept(answers, "REVIEW_CHANNEL", "The reviewers' channel", "the one that the directory file will name"):
        _ask(REVIEW_CHANNEL, answers)
    if not _kept(answers, "SMTP_URL", "Mail to customers", "none is sent"):
        for question in (SENDER, MAIL_SERVER, PUBLIC_URL):
            _ask(question, answers)
    _partners(answers)
    typer.echo(NEXT)


NEXT = """
.env is complete. What comes next:
  1. claimbot db upgrade                 makes the tables
  2. claimbot directory import FILE      who is who: docs/directory.md shows what to write
  3. /invite @claimbot                   in Slack, in the reviewers' channel and in each partner's
  4. claimbot check                      looks at everything, and says what is still wrong
  5. claimbot serve                      runs the bot; docs/setup.md shows how it starts with the machine"""


def _partners(answers: Answers) -> None:
    """What lets partners install the app in workspaces of their own: all of it, or nothing."""
    if _kept(answers, "SLACK_CLIENT_ID", "Partners' own workspaces", "partners are guests or members in yours"):
        return
    if "PUBLIC_URL" not in answers:
        _ask(PUBLIC_URL, answers)
    typer.echo(f"\n{WAY_BACK.format(url=answers['PUBLIC_URL'])}")
    _ask(CLIENT_ID, answers)
    _ask(CLIENT_SECRET, answers)
    if "TOKEN_KEY" not in answers:
        from cryptography.fernet import Fernet

        answers["TOKEN_KEY"] = Fernet.generate_key().decode()
        envfile.put(ENV, "TOKEN_KEY", answers["TOKEN_KEY"])
        typer.echo(
            "\nTOKEN_KEY: made, and written into .env. Keep a copy where your other secrets are: without it every"
        )
        typer.echo("partner has to install again.")


def _from_environment() -> Answers:
    """What the environment sets; it wins over .env, so it is not asked for."""
    from bot.settings import Settings

    names = {name.upper() for name in Settings.model_fields}
    return {name: value.strip() for name, value in os.environ.items() if name in names and value.strip()}


def _way(answers: Answers) -> bool:
    """Whether Slack is to be heard through Socket Mode."""
    if "SLACK_APP_TOKEN" in answers:
        return True
    if "SLACK_SIGNING_SECRET" in answers:
        return False
    typer.secho("How does Slack reach claimbot?", bold=True)
    typer.echo("  Through a connection that claimbot opens (Socket Mode): nothing to set up in your network.")
    typer.echo("  Or at an https:// address of yours, which a proxy passes on to claimbot.")
    return typer.confirm("Use Socket Mode?", default=True)


def _write_app(answers: Answers, by_socket: bool) -> None:
    """The app's manifest in a file, and what to do with it; not when a bot token is there, so an app is too."""
    if "SLACK_BOT_TOKEN" in answers:
        return
    url = None if by_socket else typer.prompt("The address, such as https://claims.example.com", value_proc=_https)
    APP_FILE.write_text(manifest_for(url, command=answers.get("COMMAND_NAME", "/claim")), encoding="utf-8")
    typer.echo(
        f"""
Now make the app in Slack:
  1. Open https://api.slack.com/apps and press "Create New App", then "From a manifest".
  2. Choose your workspace, choose YAML, and paste the whole of {APP_FILE} (just written beside .env).
  3. Press "Create", then "Install to Workspace", and allow it.
"""
    )


def _https(value: str) -> str:
    if not value.startswith("https://") or "." not in value:
        raise typer.BadParameter("it must begin with https://")
    return value.rstrip("/")


def _kept(answers: Answers, name: str, what: str, without: str) -> bool:
    """Whether somebody is content with how it is: with what is there, or without."""
    if name in _from_environment():
        typer.secho(f"{what}: set in the environment.", bold=True)
        return True
    typer.secho(f"{what}: {'is set' if name in answers else f'not set, so {without}'}.", bold=True)
    return not typer.confirm("Change it?" if name in answers else "Set it?", default=False)


def _ask(question: Question, answers: Answers) -> None:
    """Ask until the answer is good, or somebody insists on it; then it is in .env."""
    from bot.settings import complaint

    if question.name in _from_environment():
        typer.echo(f"\n{question.name} is set in the environment, which wins over .env.")
        return
    typer.echo(f"\n{question.where}")
    while True:
        value = _answer(question, answers.get(question.name))
        if wrong := complaint(question.name.lower(), value, _known(answers)):
            typer.secho(f"  {wrong}.", fg="red")
            continue
        tried = list(question.try_out({**answers, question.name: value}))
        for one in tried:
            typer.secho(f"  {one.said}", fg="green" if one.ok else "red")
            if one.remedy:
                typer.echo(f"  -> {one.remedy}")
        if all(one.ok for one in tried) or typer.confirm("  Keep this answer all the same?", default=False):
            break
    if value != answers.get(question.name):
        envfile.put(ENV, question.name, value)
        answers[question.name] = value


def _answer(question: Question, known: str | None) -> str:
    if known is None:
        return str(typer.prompt(question.asks, hide_input=question.secret)).strip()
    if question.secret:
        given = typer.prompt(
            f"{question.asks} [there: Enter keeps it]", default="", hide_input=True, show_default=False
        )
        return str(given).strip() or known
    return str(typer.prompt(question.asks, default=known)).strip()


# -- trying answers out ------------------------------------------------------------------------------------------------


def _settings(answers: Answers) -> Settings:
    """The settings as far as they are known; what is not is filled up, so that one answer can be tried alone."""
    from bot.settings import Settings

    unknown = {"slack_bot_token": "xoxb-unknown", "slack_signing_secret": "unknown"}
    return Settings.model_validate({**unknown, **_known(answers)})


def _known(answers: Answers) -> Answers:
    """The answers by the names of fields."""
    from bot.settings import Settings

    return {name.lower(): value for name, value in answers.items() if name.lower() in Settings.model_fields}


def _try_bot(answers: Answers) -> Iterable[Finding]:
    from bot.checks import slack
    from bot.checks.finding import Finding

    who = slack.introduce(slack.client_of(_settings(answers)))
    return [who] if isinstance(who, Finding) else slack.check_scopes(who, slack.wanted_scopes())


def _try_socket(answers: Answers) -> Iterable[Finding]:
    from bot.checks import slack

    return slack.check_socket(_settings(answers))


def _try_channel(answers: Answers) -> Iterable[Finding]:
    from bot.checks import slack

    return slack.check_channel(slack.client_of(_settings(answers)), answers["REVIEW_CHANNEL"], slack.REVIEW)


def _try_database(answers: Answers) -> Iterable[Finding]:
    from bot.checks import machine
    from bot.checks.finding import Finding, sound

    opened = machine.open_database(_settings(answers))
    if isinstance(opened, Finding):
        return [opened]
    opened.close()
    return [sound("the database answers")]


def _try_mail(answers: Answers) -> Iterable[Finding]:
    from bot.checks import mail

    return mail.check_server(_settings(answers))


def _try_address(answers: Answers) -> Iterable[Finding]:
    from bot.checks import mail

    return mail.check_public_url(_settings(answers))


BOT_TOKEN = Question(
    "SLACK_BOT_TOKEN",
    "Bot token (not shown while you paste it)",
    "The bot token is on the app's page “OAuth & Permissions”: “Bot User OAuth Token”. It begins with xoxb-.",
    secret=True,
    try_out=_try_bot,
)
APP_TOKEN = Question(
    "SLACK_APP_TOKEN",
    "App-level token (not shown)",
    "On the page “Basic Information”, under “App-Level Tokens”, press “Generate Token and Scopes”, add the scope\n"
    "connections:write, and copy the token. It begins with xapp-.",
    secret=True,
    try_out=_try_socket,
)
SIGNING_SECRET = Question(
    "SLACK_SIGNING_SECRET",
    "Signing secret (not shown)",
    "On the page “Basic Information”, under “App Credentials”: “Signing Secret”, press “Show”.",
    secret=True,
)
DATABASE = Question(
    "DATABASE_URL",
    "Address of the database (not shown)",
    "As postgresql://user:password@host:5432/claimbot. PostgreSQL 14 or later; the user may make tables in it.",
    secret=True,
    try_out=_try_database,
)
REVIEW_CHANNEL = Question(
    "REVIEW_CHANNEL",
    "Id of the reviewers' channel",
    "In Slack, open the channel, press its name at the top; its id is at the bottom of “About”, such as C0123ABCDEF.",
    try_out=_try_channel,
)
SENDER = Question(
    "MAIL_FROM", "Sender", "The sender that customers see, such as Example programme <claims@example.com>."
)
MAIL_SERVER = Question(
    "SMTP_URL",
    "Mail server (not shown)",
    "As smtp://user:password@mail.example.com:587 (STARTTLS) or smtps://…:465. No mail is sent now.",
    secret=True,
    try_out=_try_mail,
)
PUBLIC_URL = Question(
    "PUBLIC_URL",
    "Public address",
    "The https:// address at which customers reach claimbot; the links in their mail begin with it.",
    try_out=_try_address,
)
WAY_BACK = """Partners install the app at {url}/slack/install. For that, in Slack:
  1. claimbot manifest --install-at {url} prints the manifest with the way back; paste it on
     the app's page “App Manifest” (with --url as well where you use no Socket Mode).
  2. On the page “Manage Distribution”, activate public distribution: it is listed nowhere by that.
docs/workspaces.md tells the rest."""
CLIENT_ID = Question(
    "SLACK_CLIENT_ID",
    "Client ID",
    "On the page “Basic Information”, under “App Credentials”: “Client ID”, two numbers with a dot between.",
)
CLIENT_SECRET = Question(
    "SLACK_CLIENT_SECRET",
    "Client secret (not shown)",
    "Below it: “Client Secret”, press “Show”.",
    secret=True,
)
