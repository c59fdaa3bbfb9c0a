"""`claimbot check` against a real Slack (the sandbox), SMTP and PostgreSQL: each fault that is planted is found."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server
from typing import Any

import pytest
import yaml
from flask import Flask
from sqlalchemy import delete, text, update
from typer.testing import CliRunner, Result

from bot.cli import main
from bot.settings import Settings
from models.database import Database
from models.directory import import_directory, parse_directory
from models.tables import (
    Outgoing,
    Person,
    ProgrammeSettings,
    Reviewer,
    RulePublication,
    RuleVersion,
)
from sandbox import HttpServer, Sandbox
from sandbox.objects import Team
from tests.cast import DIRECTORY, TEAM
from tests.post_office import PostOffice
from tests.stories.world import CHANNELS, MANIFEST

NOW = datetime(2026, 11, 18, 17, 0, tzinfo=UTC)


class Installation:
    """Everything that an administrator sets up, sound as it is; a fault is planted by changing something of it."""

    def __init__(self, folder: Path, database: Database) -> None:
        self.folder, self.database = folder, database
        self.ahead = timedelta(0)  # how far Slack's clock is ahead of this machine's
        self.office = PostOffice(password="s3cret")
        self.manifest: dict[str, Any] = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
        team = Team(TEAM, "Example programme", "example")
        self.slack = Sandbox(lambda: datetime.now(UTC) + self.ahead, team=team)
        self.web = Flask("proxy")
        self.web.add_url_rule("/healthz", view_func=lambda: self.healthz)
        self.healthz: Any = ("ok", 200)
        self.proxy = HttpServer(self.web)
        (folder / "data").mkdir()
        (folder / "data").chmod(0o750)
        self.settings: dict[str, str | None] = {
            "SLACK_BOT_TOKEN": self.slack.app.bot_token,
            "SLACK_APP_TOKEN": self.slack.app.app_token,
            "SLACK_SIGNING_SECRET": "0123456789abcdef0123456789abcdef",
            "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "DATA_DIR": str(folder / "data"),
            "MAIL_FROM": "Example programme <claims@example.com>",
            "PUBLIC_URL": self.proxy.url,
        }

    def __enter__(self) -> Installation:
        self.slack.start()
        self.office.open()
        self.proxy.start()
        self.slack.install(self.manifest)
        directory = yaml.safe_load(DIRECTORY)
        members = [one for partner in directory["partners"] for one in partner["members"]]
        for one in [*directory["reviewers"], *members]:
            self.slack.add_user(one["slack"], one["name"])
        for channel, (name, _) in CHANNELS.items():
            self.slack.add_channel(channel, name, private=channel == "C0MUNICH")
        self.settings["SLACK_API_URL"] = f"{self.slack.base_url}/api/"
        self.settings["SMTP_URL"] = f"smtp://claims:s3cret@127.0.0.1:{self.office.port}"
        with self.database.transaction() as session:
            import_directory(session, parse_directory(DIRECTORY), team=TEAM)
        return self

    def __exit__(self, *_: object) -> None:
        self.proxy.stop()
        self.office.close()
        self.slack.stop()

    def do(self, statement: Any) -> None:
        """Change something in the database."""
        with self.database.transaction() as session:
            session.execute(statement)

    def check(self) -> Result:
        """What `claimbot check` says, with these settings in .env."""
        env = self.folder / ".env"
        if not env.exists():
            env.touch(mode=0o600)
        env.write_text("".join(f"{name}={value}\n" for name, value in self.settings.items() if value is not None))
        result = CliRunner().invoke(main, ["check"])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result


@pytest.fixture
def installation(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    for name in Settings.model_fields:
        for spelling in (name, name.upper()):
            monkeypatch.delenv(spelling, raising=False)
    monkeypatch.chdir(tmp_path)
    with Installation(tmp_path, database) as whole:
        yield whole


def test_a_sound_installation_passes_every_check(installation: Installation) -> None:
    result = installation.check()
    assert result.exit_code == 0, result.output
    names = "settings data documents rules database published directory outbox slack socket clock channels people"
    expected = [["ok", name] for name in [*names.split(), "mail", "address"]]
    assert [line.split()[:2] for line in result.stdout.splitlines()] == expected
    assert installation.office.received == []
    assert [one.method for one in installation.slack.calls if one.method.startswith(("chat.", "views."))] == []


# -- what is planted: its name, the planting, what is said of it, and the remedy ---------------------------------------


def setting(name: str, value: str | None) -> Callable[[Installation], None]:
    return lambda here: here.settings.update({name: value})


def nobody() -> int:
    """A port at which nobody answers."""
    with create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def readable_env(here: Installation) -> None:
    (here.folder / ".env").touch(mode=0o644)
    (here.folder / ".env").chmod(0o644)


def a_file_in_the_way(name: str, below: str = "") -> Callable[[Installation], None]:
    def plant(here: Installation) -> None:
        (here.folder / "file").write_text("in the way", encoding="utf-8")
        here.settings[name] = str(here.folder / "file") + below

    return plant


def faulty_rules(here: Installation) -> None:
    shutil.copytree(Path(__file__).parents[2] / "rules" / "programme", here.folder / "rules")
    limits = here.folder / "rules" / "limits.yaml"
    limits.write_text(limits.read_text(encoding="utf-8") + "\nnonsense: {days: many}\n", encoding="utf-8")
    here.settings["RULES_DIR"] = str(here.folder / "rules")


def unreadable_publication(here: Installation) -> None:
    with here.database.transaction() as session:
        session.add(RuleVersion(version="0ldstate", files={"limits.yaml": "nonsense: 1\n"}))
        session.flush()
        session.add(RulePublication(version="0ldstate", author="sam", published_at=NOW, holds_from=NOW))


def nobody_listed(here: Installation) -> None:
    here.do(text("DELETE FROM programme"))


def given_up(here: Installation) -> None:
    with here.database.transaction() as session:
        row = {"kind": "card", "team": TEAM, "lane": "C0CONTOSO", "payload": {}, "unique_key": "k", "state": "dead"}
        session.add(Outgoing(**row, created_at=NOW, next_attempt_at=NOW))


def without_scope(here: Installation) -> None:
    scopes = here.manifest["oauth_config"]["scopes"]
    scopes["bot"] = [one for one in scopes["bot"] if one != "files:read"]
    here.slack.install(here.manifest)


def shared(here: Installation) -> None:
    here.slack.add_user("U0FAR", "Far", team="T0FAR")
    here.slack.workspace.join("C0REVIEW", "U0FAR")


def out_of(channel: str) -> Callable[[Installation], None]:
    return lambda here: here.slack.workspace.leave(channel, here.slack.app.bot_user)


def deactivated(here: Installation) -> None:
    here.slack.workspace.user("U0BO").deleted = True


def behind(here: Installation) -> None:
    here.do(text("DROP TABLE alembic_version"))


def answering(answer: tuple[str, int]) -> Callable[[Installation], None]:
    def plant(here: Installation) -> None:
        here.healthz = answer

    return plant


def fast_clock(here: Installation) -> None:
    here.ahead = timedelta(minutes=-10)


FAULTS: list[tuple[str, Callable[[Installation], None], str, str]] = [
    (
        "a user's token",
        setting("SLACK_BOT_TOKEN", "xoxp-1-abc"),
        "SLACK_BOT_TOKEN must be a bot token",
        "claimbot setup",
    ),
    (
        "an app token in the wrong place",
        setting("SLACK_BOT_TOKEN", "xapp-1-abc"),
        "begins with xoxb-",
        "claimbot setup",
    ),
    ("a setting is missing", setting("SLACK_BOT_TOKEN", None), "SLACK_BOT_TOKEN is missing", "#slack_bot_token"),
    ("secrets that others read", readable_env, "can be read by others", "chmod 600 .env"),
    ("a data folder that is none", a_file_in_the_way("DATA_DIR"), "DATA_DIR must be a folder", "#data_dir"),
    (
        "a data folder open to all",
        lambda here: (here.folder / "data").chmod(0o777),
        "anybody on this machine may write",
        "chmod 750",
    ),
    ("no room for documents", a_file_in_the_way("DOCUMENTS_URL", "/documents"), "Error", "correct DOCUMENTS_URL"),
    ("faulty rules", faulty_rules, "limits.yaml", "claimbot rules check"),
    ("published rules nobody can read", unreadable_publication, "published by sam", "publish them again"),
    (
        "no database",
        lambda here: here.settings.update(DATABASE_URL=f"postgresql://x:hidden@127.0.0.1:{nobody()}/claimbot"),
        "refused",
        "correct DATABASE_URL",
    ),
    ("a database without a schema", behind, "no schema yet", "claimbot db upgrade"),
    ("no directory", nobody_listed, "nobody is known yet", "claimbot directory import"),
    (
        "nobody who reviews",
        lambda here: here.do(delete(Reviewer)),
        "it names no reviewer",
        "add one to the directory file",
    ),
    (
        "reviewers in a partner's channel",
        setting("REVIEW_CHANNEL", "C0CONTOSO"),
        "also the channel of Contoso Consulting",
        "a channel of their own",
    ),
    (
        "a directory of another workspace",
        lambda here: here.do(update(ProgrammeSettings).values(team="T0OTHER")),
        "of workspace T0OTHER",
        "import the directory again",
    ),
    ("messages given up", given_up, "1 messages were given up", "claimbot outbox list --dead"),
    ("a token of nobody's", setting("SLACK_BOT_TOKEN", "xoxb-other"), "invalid_auth", "OAuth & Permissions"),
    (
        "Slack out of reach",
        lambda here: here.settings.update(SLACK_API_URL=f"http://127.0.0.1:{nobody()}/api/"),
        "Slack cannot be reached",
        "SLACK_API_URL",
    ),
    ("a scope that was not granted", without_scope, "lacks files:read", "reinstall it"),
    (
        "an app-level token of nobody's",
        setting("SLACK_APP_TOKEN", "xapp-other"),
        "app-level token: invalid_auth",
        "new",
    ),
    ("a clock that goes wrong", fast_clock, "clock is 6", "NTP"),
    ("not in a partner's channel", out_of("C0FABRIKAM"), "not in #fabrikam-claims", "/invite @claimbot"),
    ("not in a private channel", out_of("C0MUNICH"), "C0MUNICH, the channel of Munich (MPN 4711002)", "/invite"),
    (
        "an archived review channel",
        lambda here: here.slack.workspace.archive("C0REVIEW"),
        "is archived",
        "unarchive it",
    ),
    ("strangers among the reviewers", shared, "shared with another company", "a channel that is not shared"),
    ("somebody who has left", deactivated, "deactivated in Slack: Bo Builder (U0BO)", "take them out"),
    (
        "a member id that nobody has",
        lambda here: here.do(update(Person).where(Person.user == "U0IVO").values(user="U0TYPO")),
        "Slack does not know Ivo User (U0TYPO)",
        "correct the member ids",
    ),
    (
        "a mail server that does not answer",
        lambda here: here.settings.update(SMTP_URL=f"smtp://127.0.0.1:{nobody()}"),
        "does not answer",
        "SMTP_URL",
    ),
    (
        "a wrong password for mail",
        lambda here: here.settings.update(SMTP_URL=f"smtp://claims:wrong@127.0.0.1:{here.office.port}"),
        "does not accept our name and password",
        "correct user and password in SMTP_URL",
    ),
    (
        "a sender that the mail server does not take",
        lambda here: here.office.senders.update({"claims@example.com": "553 not one of ours"}),
        "553 not one of ours",
        "correct MAIL_FROM",
    ),
    ("mail without a server", setting("SMTP_URL", None), "no mail is sent", "set SMTP_URL"),
    ("links that lead nowhere", setting("PUBLIC_URL", None), "PUBLIC_URL is not set", "https://"),
    ("links without encryption", setting("PUBLIC_URL", "http://claims.example.com"), "not encrypted", "TLS"),
    ("somebody else's page", answering(("<h1>Welcome to nginx</h1>", 200)), "something else answers", "let the proxy"),
    ("a proxy that leads nowhere", answering(("Bad gateway", 502)), "answers 502", "let the proxy pass"),
]


@pytest.mark.parametrize(("plant", "says", "remedy"), [one[1:] for one in FAULTS], ids=[one[0] for one in FAULTS])
def test_a_planted_fault_is_found_and_its_remedy_is_said(
    installation: Installation, plant: Callable[[Installation], None], says: str, remedy: str
) -> None:
    plant(installation)
    result = installation.check()
    assert result.exit_code == 1, result.output
    lines = result.output.splitlines()
    found = [n for n, line in enumerate(lines) if line.startswith("FAULT") and says in line]
    assert len(found) == 1, result.output
    assert "->" in lines[found[0] + 1]
    assert remedy in lines[found[0] + 1]
    assert "check itself failed" not in result.output
    secrets = ("s3cret", "xoxb-", "xapp-", "xoxp-", "hidden", "0123456789abcdef")
    assert [one for one in secrets if one in result.output.replace("begins with xoxb-", "")] == []


def test_a_certificate_that_nobody_vouches_for_is_a_fault(installation: Installation, tmp_path: Path) -> None:
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("no openssl on this machine to make a certificate with")
    key, public = tmp_path / "key.pem", tmp_path / "public.pem"
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([openssl, *made, "-keyout", key, "-out", public], check=True, capture_output=True)
    port = nobody()
    serve = [openssl, "s_server", "-www", "-quiet", "-accept", f"{port}", "-key", f"{key}", "-cert", f"{public}"]
    server = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        installation.slack.wait_until(lambda: _listens(port), what="the server")
        installation.settings["PUBLIC_URL"] = f"https://localhost:{port}"
        result = installation.check()
    finally:
        server.kill()
        server.wait()
    assert "no certificate that can be trusted" in result.output, result.output
    assert "renew or correct the proxy's certificate" in result.output


def _listens(port: int) -> bool:
    try:
        ssl.get_server_certificate(("localhost", port), timeout=2)
    except OSError:
        return False
    return True


def test_many_faults_at_once_are_each_found(installation: Installation) -> None:
    together = [
        "secrets that others read",
        "a data folder open to all",
        "no room for documents",
        "faulty rules",
        "nobody who reviews",
        "messages given up",
        "a directory of another workspace",
        "a scope that was not granted",
        "an app-level token of nobody's",
        "a clock that goes wrong",
        "not in a partner's channel",
        "not in a private channel",
        "an archived review channel",
        "somebody who has left",
        "a member id that nobody has",
        "a wrong password for mail",
        "links that lead nowhere",
    ]
    planted = [one for one in FAULTS if one[0] in together]
    assert len(planted) == len(together) >= 15
    for _, plant, _, _ in planted:
        plant(installation)
    result = installation.check()
    missed = [name for name, _, says, remedy in planted if says not in result.output or remedy not in result.output]
    assert missed == [], result.output
    assert f"{len(together)} faults." in result.output


def test_without_mail_there_is_advice_and_no_fault(installation: Installation) -> None:
    installation.settings.update(SMTP_URL=None, MAIL_FROM=None, PUBLIC_URL=None)
    result = installation.check()
    assert result.exit_code == 0, result.output
    assert "note   mail        none is sent: customers are not told of claims" in result.output


def test_a_database_that_a_newer_claimbot_has_upgraded_is_no_fault(installation: Installation) -> None:
    installation.do(text("UPDATE alembic_version SET version_num = '9999'"))
    result = installation.check()
    assert result.exit_code == 0, result.output
    assert "revision 9999, of a newer claimbot" in result.output


def test_asking_creates_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["check"])
    assert "there is none yet in .data" in result.output
    assert not (tmp_path / ".data" / "postgres").exists()
    assert os.listdir(tmp_path) in ([], [".data"])
