"""`claimbot setup`: what it asks, that it tries every answer, and what it leaves behind in .env."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from bot.cli import main
from bot.settings import Settings, describe, load_settings
from sandbox import Sandbox
from tests.bot.manifest_schema import Manifest
from tests.post_office import PostOffice, post_office
from tests.stories.world import MANIFEST

__all__ = ["post_office"]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in Settings.model_fields:
        for spelling in (name, name.upper()):
            monkeypatch.delenv(spelling, raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        sandbox.install(yaml.safe_load(MANIFEST.read_text(encoding="utf-8")))
        sandbox.add_channel("C0REVIEW", "claim-reviews")
        sandbox.add_channel("C0OTHER", "other", with_bot=False)
        monkeypatch.setenv("SLACK_API_URL", f"{sandbox.base_url}/api/")
        yield sandbox


def setup(*answers: str, partners: tuple[str, ...] = ("n",)) -> Result:
    """``partners``: what is answered at the end, when asked about partners' own workspaces."""
    result = CliRunner().invoke(main, ["setup"], input="\n".join([*answers, *partners]) + "\n")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def env() -> str:
    return Path(".env").read_text(encoding="utf-8")


def test_somebody_answers_everything_and_the_bot_could_start(slack: Sandbox, post_office: PostOffice) -> None:
    result = setup(
        *("y", slack.app.bot_token, slack.app.app_token),
        *("n", "y", "C0REVIEW"),
        *("y", "Example programme <claims@example.com>", post_office.url, "https://claims.invalid"),
    )
    assert result.exit_code == 0, result.output
    assert "workspace Sandbox (T0SANDBOX), bot U0BOT" in result.output
    assert "Socket Mode can be opened" in result.output
    assert "the bot is in #claim-reviews (C0REVIEW), the review channel" in result.output
    assert "the server takes mail from Example programme <claims@example.com>" in result.output
    assert result.output.rstrip().endswith("how it starts with the machine")
    settings = load_settings()
    assert settings.slack_bot_token.get_secret_value() == slack.app.bot_token
    assert (settings.review_channel, settings.public_url) == ("C0REVIEW", "https://claims.invalid")
    assert settings.mail_from == "Example programme <claims@example.com>"


def test_what_lets_partners_install_in_workspaces_of_their_own_is_asked_for_only_if_it_is_wanted(
    slack: Sandbox,
) -> None:
    wanted = ("y", "https://claims.invalid", "123", "111.222", "client-secret")
    result = setup("y", slack.app.bot_token, slack.app.app_token, "n", "n", "n", partners=wanted)
    assert result.exit_code == 0, result.output
    assert "claimbot manifest --install-at https://claims.invalid" in result.output
    assert "SLACK_CLIENT_ID must be" in result.output
    assert "client-secret" not in result.output
    settings = load_settings()
    assert (settings.slack_client_id, settings.public_url) == ("111.222", "https://claims.invalid")
    assert settings.slack_client_secret is not None
    assert settings.slack_client_secret.get_secret_value() == "client-secret"
    assert settings.token_key is not None
    made = settings.token_key.get_secret_value()
    assert setup("", "", "n", "n", "n", partners=("y", "333.444", "")).exit_code == 0
    again = load_settings()
    assert again.token_key is not None
    assert (again.slack_client_id, again.token_key.get_secret_value()) == ("333.444", made)


def test_no_secret_is_echoed_and_the_file_is_its_owners_alone(slack: Sandbox) -> None:
    result = setup("y", slack.app.bot_token, slack.app.app_token, "n", "n", "n")
    assert result.exit_code == 0, result.output
    assert slack.app.bot_token not in result.output
    assert slack.app.app_token not in result.output
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600


def test_what_was_there_stays_and_a_second_run_keeps_every_answer(slack: Sandbox) -> None:
    Path(".env").write_text("# Ours, see the wiki\nOTHER_PROGRAM='it is # theirs'\nLOG_LEVEL=DEBUG\n", encoding="utf-8")
    Path(".env").chmod(0o644)
    setup("y", slack.app.bot_token, slack.app.app_token, "n", "y", "C0REVIEW", "n")
    first = env()
    assert first.startswith("# Ours, see the wiki\nOTHER_PROGRAM='it is # theirs'\nLOG_LEVEL=DEBUG\n")
    assert stat.S_IMODE(Path(".env").stat().st_mode) == 0o600
    result = setup("", "", "n", "n", "n")
    assert result.exit_code == 0, result.output
    assert "slack-app.yaml" not in result.output
    assert env() == first


def test_a_new_file_explains_every_setting(slack: Sandbox) -> None:
    setup("y", slack.app.bot_token, slack.app.app_token, "n", "n", "n")
    comments = [line for line in describe("env").splitlines() if line.startswith("#")]
    assert [line for line in env().splitlines() if line.startswith("#")] == comments


def test_a_wrong_answer_is_said_at_once_and_asked_again(slack: Sandbox) -> None:
    result = setup(
        "y", "xoxp-1-abc", slack.app.bot_token, slack.app.app_token, "n", "y", "claim-reviews", "C0REVIEW", "n"
    )
    assert result.exit_code == 0, result.output
    assert "SLACK_BOT_TOKEN must be a bot token, which begins with xoxb-" in result.output
    assert "REVIEW_CHANNEL must be a channel's id such as C0REVIEW" in result.output
    assert load_settings().review_channel == "C0REVIEW"


def test_an_answer_that_does_not_work_is_kept_only_on_request(slack: Sandbox) -> None:
    result = setup(
        *("y", "xoxb-other", "n", slack.app.bot_token, slack.app.app_token, "n"), *("y", "C0OTHER", "y"), "n"
    )
    assert result.exit_code == 0, result.output
    assert "Slack refuses the bot token: invalid_auth" in result.output
    assert "the bot is not in #other (C0OTHER), the review channel" in result.output
    assert "-> write /invite @claimbot in that channel" in result.output
    assert load_settings().review_channel == "C0OTHER"
    assert load_settings().slack_bot_token.get_secret_value() == slack.app.bot_token


def test_who_stops_in_the_middle_loses_nothing(slack: Sandbox) -> None:
    result = setup("y", slack.app.bot_token)
    assert result.exit_code == 1
    assert f"SLACK_BOT_TOKEN='{slack.app.bot_token}'" in env().replace('"', "'")
    again = setup("y", "", slack.app.app_token, "n", "n", "n")
    assert again.exit_code == 0, again.output
    assert load_settings().slack_app_token is not None


def test_what_the_environment_sets_is_not_asked_for(slack: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://claimbot:hidden@database/claimbot")
    result = setup("y", slack.app.bot_token, slack.app.app_token, "n", "n")
    assert result.exit_code == 0, result.output
    assert "The database: set in the environment." in result.output
    assert "hidden" not in result.output + env()


@pytest.mark.parametrize("value", ["pa ss#1", "it's", '"quoted"', "back\\slash", "$HOME", "ünï", "a=b"])
def test_whatever_is_written_is_read_again(value: str) -> None:
    from bot.cli import envfile

    envfile.begin(Path(".env"), "A=1\n")
    envfile.put(Path(".env"), "MAIL_FROM", value)
    assert envfile.values_in(Path(".env")) == {"A": "1", "MAIL_FROM": value}


# -- the manifest of the app -----------------------------------------------------------------------------------------


def addresses(value: Any) -> set[str]:
    if isinstance(value, dict):
        found = {str(entry) for key, entry in value.items() if key.endswith("url")}
        return found.union(*(addresses(entry) for entry in value.values()))
    return set().union(*(addresses(entry) for entry in value)) if isinstance(value, list) else set()


@pytest.mark.parametrize(
    ("arguments", "expected", "socket"),
    [
        ([], set(), True),
        (["--url", "https://claims.example.com/"], {"https://claims.example.com/slack/events"}, False),
    ],
)
def test_the_manifest_for_an_installation_keeps_slacks_schema(
    arguments: list[str], expected: set[str], socket: bool
) -> None:
    result = CliRunner().invoke(main, ["manifest", *arguments, "--command", "/deals", "--name", "Deal desk"])
    assert result.exit_code == 0, result.output
    manifest = yaml.safe_load(result.stdout)
    Manifest.model_validate(manifest)
    assert addresses(manifest) == expected
    assert manifest["settings"]["socket_mode_enabled"] is socket
    assert manifest["features"]["slash_commands"][0]["command"] == "/deals"
    assert manifest["features"]["bot_user"]["display_name"] == "deal-desk"


def test_an_address_without_encryption_is_refused() -> None:
    result = CliRunner().invoke(main, ["manifest", "--url", "http://claims.example.com"])
    assert (result.exit_code, result.stderr) == (2, "Slack needs an address that begins with https://\n")


def test_setting_up_writes_the_app_for_the_way_that_was_chosen(slack: Sandbox) -> None:
    secret = "0123456789abcdef0123456789abcdef"
    result = setup("n", "http://claims.example.com", "https://claims.example.com", slack.app.bot_token, secret, *"nnn")
    assert result.exit_code == 0, result.output
    assert "it must begin with https://" in result.output
    manifest = yaml.safe_load(Path("slack-app.yaml").read_text(encoding="utf-8"))
    assert addresses(manifest) == {"https://claims.example.com/slack/events"}
    settings = load_settings()
    assert settings.slack_signing_secret is not None
    assert settings.slack_app_token is None
