"""Settings: what is accepted, what the one line of a refusal says, and that the documentation is true."""

import re
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.settings import LocalSettings, Settings, SettingsError, describe, load_local_settings, load_settings

ROOT = Path(__file__).parents[2]
SLACK = {"slack_bot_token": "xoxb-1-abc", "slack_signing_secret": "s3cret"}


@pytest.fixture(autouse=True)
def _empty_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of the machine and no .env of a developer may decide a test."""
    for name in Settings.model_fields:
        for spelling in (name, name.upper()):
            monkeypatch.delenv(spelling, raising=False)
    monkeypatch.chdir(tmp_path)


def refusal(**overrides: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(**{**SLACK, **overrides})
    return str(caught.value)


def test_two_slack_settings_are_enough():
    settings = load_settings(**SLACK)
    assert settings.database_url is None
    assert (settings.command_name, settings.host, settings.port) == ("/claim", "127.0.0.1", 3000)
    assert settings.slack_api_url == "https://slack.com/api/"


def test_settings_come_from_variables_without_a_prefix(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1-abc")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "s3cret")
    monkeypatch.setenv("PORT", "8080")
    monkeypatch.setenv("LOG_LEVEL", "warning")
    settings = load_settings()
    assert settings.port == 8080
    assert settings.log_level == "WARNING"
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1-abc"


def test_the_environment_wins_over_the_file_unless_it_is_empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / ".env").write_text("HOST=10.0.0.1\nPORT=4000\nUNRELATED=1\n", encoding="utf-8")
    monkeypatch.setenv("HOST", "")
    monkeypatch.setenv("PORT", "5000")
    settings = load_settings(**SLACK)
    assert (settings.host, settings.port) == ("10.0.0.1", 5000)


def test_blank_counts_as_unset_and_line_breaks_around_a_secret_are_dropped():
    settings = load_settings(**SLACK | {"slack_bot_token": "xoxb-1-abc\n", "database_url": "  ", "port": ""})
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1-abc"
    assert settings.database_url is None
    assert settings.port == 3000


def test_every_missing_setting_is_named_on_one_line():
    with pytest.raises(SettingsError) as caught:
        load_settings()
    message = str(caught.value)
    assert "SLACK_BOT_TOKEN is missing" in message
    assert "SLACK_SIGNING_SECRET is missing" in message
    assert "\n" not in message


def test_an_app_token_makes_the_signing_secret_unnecessary():
    settings = load_settings(slack_bot_token="xoxb-1", slack_app_token="xapp-1-A")
    assert settings.slack_signing_secret is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("slack_bot_token", "xoxp-1-SECRETVALUE"),
        ("slack_bot_token", "xoxe.xoxb-1-SECRETVALUE"),
        ("slack_bot_token", "xoxb-1 SECRETVALUE"),
        ("slack_app_token", "xoxb-SECRETVALUE"),
        ("slack_api_url", "ftp://SECRETVALUE/api"),
        ("slack_api_url", "http://SECRETVALUE.example/api"),
        ("slack_api_url", "https://"),
        ("database_url", "mysql://u:SECRETVALUE@h/d"),
        ("database_url", "postgresql://u:SECRETVALUE@h:port/d"),
        ("database_url", "SECRETVALUE"),
        ("documents_url", "sftp://u:SECRETVALUE@h/d"),
        ("smtp_url", "http://u:SECRETVALUE@h"),
        ("smtp_url", "smtp://SECRETVALUE@:25"),
        ("smtp_url", "smtp://SECRETVALUE:99999"),
        ("mail_from", "SECRETVALUE"),
        ("mail_from", "a@example.com\nBcc: SECRETVALUE@example.com"),
        ("public_url", "SECRETVALUE.example"),
        ("public_url", "javascript://SECRETVALUE"),
        ("review_channel", "#SECRETVALUE"),
        ("review_channel", "U0SECRETVALUE"),
        ("programme_country", "SECRETVALUE"),
        ("programme_timezone", "SECRETVALUE"),
        ("programme_timezone", "europe/berlin SECRETVALUE"),
        ("data_dir", __file__),
        ("rules_dir", "SECRETVALUE"),
        ("command_name", "SECRETVALUE"),
        ("command_name", "/SECRETVALUE"),
        ("command_name", "/" + "a" * 32),
        ("command_name", "/"),
        ("command_name", "/two words"),
        ("port", "SECRETVALUE"),
        ("port", "65536"),
        ("port", "-1"),
        ("log_level", "SECRETVALUE"),
    ],
)
def test_a_malformed_setting_is_named_and_its_value_is_not(name: str, value: str):
    message = refusal(**{name: value})
    assert message.startswith(f"{name.upper()} must be ")
    assert "SECRETVALUE" not in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("slack_api_url", "http://127.0.0.1:9999/api"),
        ("slack_api_url", "https://slack-gov.com/api/"),
        ("database_url", "postgresql://u:p@h:5432/d"),
        ("database_url", "postgres://h/d"),
        ("database_url", "postgresql+psycopg:///d?host=/run/postgresql"),
        ("documents_url", "s3://bucket/claims"),
        ("documents_url", "/srv/documents"),
        ("public_url", "https://claims.example.com"),
        ("review_channel", "C0REVIEW"),
        ("programme_country", "DE"),
        ("programme_timezone", "America/Los_Angeles"),
        ("command_name", "/claim-2_x"),
        ("command_name", "/" + "a" * 31),
        ("port", 0),
        ("port", 65535),
    ],
)
def test_a_sound_setting_is_taken(name: str, value: object):
    settings = load_settings(**{**SLACK, name: value})
    assert getattr(settings, name) is not None


def test_installing_by_oauth_needs_all_its_settings_or_none():
    oauth = {
        "slack_client_id": "111.222",
        "slack_client_secret": "SECRETVALUE",
        "token_key": f"{Fernet.generate_key().decode()}, {Fernet.generate_key().decode()}",
        "public_url": "https://claims.example.com",
    }
    assert load_settings(**SLACK, **oauth).slack_client_id == "111.222"
    for name in ("slack_client_secret", "token_key", "public_url"):
        message = refusal(**{**oauth, name: None})
        assert message.startswith(f"{name.upper()} is missing")
        assert "needed with SLACK_CLIENT_ID" in message
    assert (
        refusal(token_key=oauth["token_key"]) == "TOKEN_KEY is of no use without SLACK_CLIENT_ID: set both, or neither"
    )
    for key in ("SECRETVALUE", f"{oauth['token_key']},", "SECRETVALUE" * 5):
        message = refusal(**{**oauth, "token_key": key})
        assert message.startswith("TOKEN_KEY must be ")
        assert "SECRETVALUE" not in message


def test_mail_needs_a_sender():
    assert refusal(smtp_url="smtp://mail.example.com").startswith("MAIL_FROM is missing")
    sender = "Claims <claims@example.com>"
    assert load_settings(**SLACK, smtp_url="smtps://mail.example.com", mail_from=sender).mail_from == sender


def test_a_faulty_app_token_is_not_taken_for_a_missing_signing_secret():
    message = refusal(slack_app_token="nonsense", slack_signing_secret=None)
    assert "SLACK_APP_TOKEN" in message
    assert "SLACK_SIGNING_SECRET" not in message


def test_addresses_get_the_slashes_that_their_readers_want():
    settings = load_settings(**SLACK, public_url="https://a.example/", slack_api_url="https://b.example/api")
    assert settings.public_url == "https://a.example"
    assert settings.slack_api_url == "https://b.example/api/"


def test_documents_are_kept_in_the_data_folder_unless_an_address_is_set(tmp_path: Path):
    assert load_settings(**SLACK, data_dir=tmp_path).documents == (tmp_path / "documents").as_uri()
    assert load_settings(**SLACK, documents_url="s3://bucket").documents == "s3://bucket"


def test_no_secret_shows_when_settings_are_printed():
    settings = load_settings(
        slack_bot_token="xoxb-HIDDEN",
        slack_app_token="xapp-HIDDEN",
        slack_signing_secret="HIDDEN",
        database_url="postgresql://u:HIDDEN@h/d",
        smtp_url="smtp://u:HIDDEN@h",
        mail_from="a@example.com",
    )
    assert "HIDDEN" not in repr(settings) + str(settings)


def test_commands_without_slack_need_no_slack_setting():
    assert type(load_local_settings(port=1)) is LocalSettings


def test_an_override_that_is_no_setting_is_a_mistake_of_ours():
    with pytest.raises(TypeError, match="prot"):
        load_settings(**SLACK, prot=1)


def test_a_file_that_is_no_text_is_refused_in_one_line(tmp_path: Path):
    (tmp_path / ".env").write_bytes(b"HOST=\xff\xfe\n")
    assert refusal() == "The file .env is not UTF-8 text"


def test_the_example_file_lists_every_setting_with_its_default_and_can_be_used_as_it_is(tmp_path: Path):
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert example == describe("env"), "renew it: python -m bot.settings env > .env.example"
    assert re.findall(r"^([A-Z_]+)=", example, re.MULTILINE) == sorted(
        (name.upper() for name in Settings.model_fields), key=lambda name: not name.startswith("SLACK_")
    )
    (tmp_path / ".env").write_text(example, encoding="utf-8")
    assert load_settings(**SLACK) == load_settings(**SLACK, _env_file=None)


def test_the_documentation_of_settings_is_current():
    document = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert document == describe(), "renew it: python -m bot.settings > docs/settings.md"


def test_every_setting_is_described():
    for name, field in Settings.model_fields.items():
        assert field.description, name
        assert isinstance(field.json_schema_extra, dict), name
        assert field.json_schema_extra["expected"], name
