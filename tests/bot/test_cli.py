"""The command line: what it says, what it exits with, and that a user's mistake never shows a traceback."""

import json
import signal
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from socket import socket
from types import ModuleType
from uuid import uuid4

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy import select, text
from typer.testing import CliRunner, Result

from bot.cli import main
from bot.cli.serve import AGAIN, STOP, told_to_stop
from bot.settings import Settings
from models.database import Database
from models.tables import Partner

DIRECTORY = """
programme: {name: Example programme, country: US, timezone: America/Los_Angeles, review_channel: C0REVIEW}
reviewers:
  - {slack: U0REV1, name: Rosa Review, email: rosa@example.com, lead: true}
partners:
  - name: Contoso Consulting
    country: DE
    timezone: Europe/Berlin
    channel: C0CONTOSO
    locations:
      - {mpn: "4711001", name: Berlin, programmes: [modern-work]}
    members:
      - {slack: U0ANA, name: Ana Admin, email: ana@example.com, roles: [incentives_admin]}
"""


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No setting of the machine; an empty working directory."""
    for name in Settings.model_fields:
        for spelling in (name, name.upper()):
            monkeypatch.delenv(spelling, raising=False)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


@pytest.fixture
def slack_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "s3cret")


@pytest.fixture
def current(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database with the newest schema, as DATABASE_URL names it."""
    monkeypatch.setenv("DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    return database


@pytest.fixture
def empty(template: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Database]:
    """A database without a schema, as DATABASE_URL names it."""
    name = f"test_{uuid4().hex}"
    url = template.engine.url.set(database=name).render_as_string(hide_password=False)
    with template.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text(f'CREATE DATABASE "{name}"'))
    monkeypatch.setenv("DATABASE_URL", url)
    database = Database(url, tmp_path)
    yield database
    database.close()
    with template.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    return result


def test_the_version_is_that_of_the_package():
    assert run("--version").output == f"claimbot {version('claimbot')}\n"


def test_help_names_every_command():
    words = run("--help").output.split()
    for command in ("serve", "check", "db", "directory", "rules"):
        assert command in words


@pytest.mark.parametrize("arguments", [("db", "upgrade"), ("directory", "import"), ("rules", "check")])
def test_every_group_has_the_commands_of_the_design(arguments: tuple[str, str]):
    assert run(*arguments, "--help").exit_code == 0


# --- serve ---------------------------------------------------------------------------------------------------


class FakeClaimbot:
    """What `bot.wiring.build` gives; `on_start` is what happens while it starts."""

    def __init__(self, on_start: Callable[[], None]) -> None:
        self.on_start = on_start
        self.done: list[str] = []

    def start(self) -> None:
        self.done.append("start")
        self.on_start()

    def stop(self) -> None:
        self.done.append("stop")


@pytest.fixture
def wired(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], FakeClaimbot]:
    """Puts a fake in the place of the real wiring; a process's logging and thread hook stay as they are."""
    monkeypatch.setattr("bot.logs.configure_logging", lambda level: None)
    monkeypatch.setattr("bot.logs.log_uncaught", lambda: None)

    def wire(on_start: Callable[[], None]) -> FakeClaimbot:
        claimbot = FakeClaimbot(on_start)
        wiring = ModuleType("bot.wiring")
        wiring.build = lambda settings: claimbot  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "bot.wiring", wiring)
        return claimbot

    return wire


def test_serving_without_settings_says_in_one_line_what_is_missing():
    result = run("serve")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "SLACK_BOT_TOKEN" in result.stderr


@pytest.mark.usefixtures("slack_settings")
@pytest.mark.parametrize("number", STOP)
def test_a_signal_stops_the_bot_gracefully_and_signals_mean_what_they_meant_before(
    wired: Callable[[Callable[[], None]], FakeClaimbot], number: signal.Signals
):
    before = [signal.getsignal(each) for each in STOP]
    claimbot = wired(lambda: signal.raise_signal(number))
    result = run("serve")
    assert result.exit_code == 0
    assert claimbot.done == ["start", "stop"]
    assert [signal.getsignal(each) for each in STOP] == before


def test_a_signal_right_behind_the_first_says_nothing_new_and_a_later_one_ends_a_stop_that_hangs():
    seconds = iter([0.0, AGAIN / 2, AGAIN * 2])
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a test run in the background ignores it
    try:
        with pytest.raises(KeyboardInterrupt), told_to_stop(lambda: next(seconds)) as told:  # noqa: PT012 - three signals
            for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
                signal.raise_signal(number)
                assert told.is_set()
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("slack_settings")
def test_an_address_that_cannot_be_had_is_one_line_and_what_had_started_is_stopped(
    wired: Callable[[Callable[[], None]], FakeClaimbot],
):
    def occupied() -> None:
        raise OSError(98, "Address already in use")

    claimbot = wired(occupied)
    result = run("serve")
    assert (result.exit_code, result.stderr) == (1, "Address already in use\n")
    assert claimbot.done == ["start", "stop"]


@pytest.mark.usefixtures("slack_settings")
def test_slacks_refusal_at_the_start_shows_its_code_alone(wired: Callable[[Callable[[], None]], FakeClaimbot]):
    def refused() -> None:
        raise SlackApiError("xoxb-secret", {"ok": False, "error": "invalid_auth"})

    wired(refused)
    assert run("serve").stderr == "Slack refused: invalid_auth\n"


@pytest.mark.usefixtures("slack_settings")
def test_a_slack_that_cannot_be_reached_is_one_line_that_says_where_to_look(
    wired: Callable[[Callable[[], None]], FakeClaimbot],
):
    def unreachable() -> None:
        with socket() as nobody:  # bound, and not listening
            nobody.bind(("127.0.0.1", 0))
            WebClient("xoxb-1", base_url=f"http://127.0.0.1:{nobody.getsockname()[1]}/", retry_handlers=[]).auth_test()

    wired(unreachable)
    assert run("serve").stderr == (
        "Slack cannot be reached: Connection refused. Look at the network, a proxy, SLACK_API_URL\n"
    )


# --- db ------------------------------------------------------------------------------------------------------


def test_upgrading_brings_the_schema_and_can_be_repeated(empty: Database):
    newest = empty.revisions()[1]
    assert run("db", "upgrade").output == f"The database is at revision {newest}.\n"
    assert empty.revisions() == (newest, newest)
    assert run("db", "upgrade").output == f"The database is at revision {newest}, as before.\n"


def test_a_database_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://claimbot:hunter2@127.0.0.1:1/claimbot")
    result = run("db", "upgrade")
    assert result.exit_code == 1
    assert result.stderr.startswith("The database cannot be used (DATABASE_URL)")
    assert len(result.stderr.splitlines()) == 1
    assert "hunter2" not in result.stderr


# --- directory -----------------------------------------------------------------------------------------------


def test_a_directory_is_imported_once_and_then_nothing_has_to_change(current: Database, tmp_path: Path):
    file = tmp_path / "directory.yaml"
    file.write_text(DIRECTORY, encoding="utf-8")
    result = run("directory", "import", str(file), "--team", "T0TEAM")
    assert result.exit_code == 0, result.output
    assert "partner: 1 added" in result.output.splitlines()
    with current.transaction() as session:
        assert session.scalars(select(Partner.team)).all() == ["T0TEAM"]
    assert run("directory", "import", str(file), "--team", "T0TEAM").output == "Nothing had to change.\n"


@pytest.mark.usefixtures("current", "slack_settings")
def test_without_a_workspace_the_bot_tokens_own_is_asked_for(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(WebClient, "auth_test", lambda self: {"team_id": "T0TOKEN"})
    file = tmp_path / "directory.yaml"
    file.write_text(DIRECTORY, encoding="utf-8")
    assert run("directory", "import", str(file)).exit_code == 0
    with database.transaction() as session:
        assert session.scalars(select(Partner.team)).all() == ["T0TOKEN"]


@pytest.mark.usefixtures("current")
def test_a_faulty_directory_changes_nothing_and_each_fault_has_its_line(database: Database, tmp_path: Path):
    file = tmp_path / "directory.yaml"
    file.write_text(DIRECTORY.replace("incentives_admin", "king").replace("country: DE", "country: XX"), "utf-8")
    result = run("directory", "import", str(file), "--team", "T0TEAM")
    assert result.exit_code == 1
    assert [line.split(" ")[0] for line in result.stderr.splitlines()] == ["directory.yaml:7:", "directory.yaml:13:"]
    with database.transaction() as session:
        assert session.scalars(select(Partner)).all() == []


def test_a_directory_that_is_no_text_is_one_line(tmp_path: Path):
    file = tmp_path / "directory.yaml"
    file.write_bytes(b"\xff\xfe")
    assert run("directory", "import", str(file)).stderr == "directory.yaml is not UTF-8 text\n"


@pytest.mark.usefixtures("empty")
def test_importing_into_a_database_without_the_schema_names_the_command_that_helps(tmp_path: Path):
    file = tmp_path / "directory.yaml"
    file.write_text(DIRECTORY, encoding="utf-8")
    result = run("directory", "import", str(file), "--team", "T0TEAM")
    assert result.exit_code == 1
    assert "claimbot db upgrade" in result.stderr


# --- rules ---------------------------------------------------------------------------------------------------


def test_the_rules_that_come_along_are_sound():
    result = run("rules", "check")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("The rules are sound")


def test_faulty_rules_are_named_with_file_and_line(tmp_path: Path):
    import rules.loading

    for file in rules.loading.SHIPPED.glob("*.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "limits.yaml").write_text("nonsense: 1\n", encoding="utf-8")
    result = run("rules", "check", str(tmp_path))
    assert result.exit_code == 1
    assert "limits.yaml:1:" in result.stderr


def test_the_command_starts_without_loading_what_only_some_commands_need():
    import subprocess

    code = (
        "import sys, json, bot.cli; "
        "print(json.dumps([name for name in ('sqlalchemy', 'slack_bolt', 'flask', 'holidays') if name in sys.modules]))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []


def test_export_writes_a_file_whose_name_says_the_format(current: Database, tmp_path: Path):
    (tmp_path / "directory.yaml").write_text(DIRECTORY)
    run("directory", "import", "directory.yaml", "--team", "T0MAIN")
    done = run("export", "claims.csv", "status:approved", "sort:-due")
    assert (done.exit_code, done.stdout) == (0, "0 claims written to claims.csv.\n")
    assert (tmp_path / "claims.csv").read_bytes().startswith(b"\xef\xbb\xbfClaim,Status,")
    assert run("export", "claims.xlsx").exit_code == 0
    assert (tmp_path / "claims.xlsx").read_bytes().startswith(b"PK")
    assert {path.suffix for path in tmp_path.iterdir()} == {".yaml", ".csv", ".xlsx"}
    heads = {"usage": b"Month,Claim,", "earnings": b"Earned on,Claim,", "stats": b"From,To,Figure,"}
    for subject, head in heads.items():
        assert run("export", "figures.csv", "--of", subject).stdout == "0 lines written to figures.csv.\n"
        assert (tmp_path / "figures.csv").read_bytes().startswith(b"\xef\xbb\xbf" + head)


def test_export_refuses_a_format_and_a_filter_that_there_is_not(current: Database, tmp_path: Path):
    (tmp_path / "directory.yaml").write_text(DIRECTORY)
    run("directory", "import", "directory.yaml", "--team", "T0MAIN")
    done = run("export", "claims.pdf")
    assert (done.exit_code, "name the format with --format" in done.stderr) == (2, True)
    done = run("export", "claims.csv", "statos:approved")
    assert (done.exit_code, "Did you mean status:approved?" in done.stderr) == (2, True)
    assert not (tmp_path / "claims.csv").exists()


def test_claims_import_names_bad_lines_and_says_what_it_did(current: Database, tmp_path: Path):
    (tmp_path / "directory.yaml").write_text(DIRECTORY)
    run("directory", "import", "directory.yaml", "--team", "T0MAIN")
    head = "Reference,Status,Status since,Claim name,Partner location (MPN),Solution area,Partner role\n"
    line = "OLD-1,Draft,2026-01-02,Northwind,4711001,Modern Work and Security,Use or consume\n"
    (tmp_path / "bad.csv").write_text(head + line + line.replace("Draft", "Drafft"))
    done = run("claims", "import", "bad.csv")
    assert done.exit_code == 1
    assert "bad.csv:3: Status cannot be taken. There is no status “Drafft”. Did you mean “Draft”?" in done.stderr
    (tmp_path / "good.csv").write_text(head + line)
    assert "Nothing was written." in run("claims", "import", "good.csv", "--dry-run").stdout
    assert "1 line read: 1 new as CL-" in run("claims", "import", "good.csv").stdout
    assert "1 line read: 0 new, 1 imported before." in run("claims", "import", "good.csv").stdout
