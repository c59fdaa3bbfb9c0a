"""Logs: what people wrote and what opens doors never reaches them, whoever logs."""

import ast
import json
import logging
import re
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import structlog
from slack_bolt import App, BoltRequest
from slack_bolt.middleware import RequestVerification
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.logs import KEYS, LONGEST, CarryingExecutor, bind_request, configure_logging, log_uncaught, scrub
from tests.loglines import Lines

ROOT = Path(__file__).parents[2]
TEXT = "Ana's private words"


def bolt() -> App:
    return App(
        signing_secret="s3cret",
        client=WebClient(token="xoxb-1-abc"),
        token_verification_enabled=False,
    )


def test_a_record_is_one_line_of_json_with_what_was_said_by_name(lines: Lines):
    structlog.get_logger("bot.app").info("Claim approved", claim="CL-000001", user="U0ROSA", latency_ms=12.5)
    line = lines.one()
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "bot.app",
        "event": "Claim approved",
        "claim": "CL-000001",
        "user": "U0ROSA",
        "latency_ms": 12.5,
    }


@pytest.mark.parametrize(
    "key",
    ["text", "message", "value", "body", "token", "Authorization", "response_url", "trigger_id", "email", "anything"],
)
def test_a_value_under_a_name_not_on_the_list_is_withheld_and_the_name_is_shown(lines: Lines, key: str):
    structlog.get_logger("bot").info("Heard", **{key: TEXT})
    assert TEXT not in lines.getvalue()
    assert lines.one()["withheld"] == [key]


SOURCES = [
    ast.parse(path.read_text(encoding="utf-8"), str(path.relative_to(ROOT)))
    for floor in ("bot", "jobs", "models", "rules")
    for path in sorted((ROOT / floor).rglob("*.py"))
]


def logged() -> Iterator[ast.Call]:
    """Every call such as `log.info(…)` in claimbot's source."""
    for node in (node for source in SOURCES for node in ast.walk(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log" | "logger"), attr=method)):
                if method in {"debug", "info", "warning", "error", "exception", "critical"}:
                    yield node


def names(call: ast.Call) -> Iterator[str]:
    """The names that a call gives values to, those from a function's dictionary (`**trouble(error)`) included."""
    for keyword in call.keywords:
        match keyword:
            case ast.keyword(arg=str(name)):
                yield name
            case ast.keyword(value=ast.Call(func=ast.Name(id=function))):
                yield from returned(function)
            case _:
                yield f"** of {ast.unparse(keyword.value)}"


def returned(function: str) -> Iterator[str]:
    for node in (node for source in SOURCES for node in ast.walk(source)):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Dict):
                    yield from (str(ast.literal_eval(key)) for key in inner.value.keys if key is not None)


def test_all_that_claimbot_logs_is_a_constant_sentence_and_names_of_the_list():
    calls = list(logged())
    assert len(calls) > 5
    for call in calls:
        assert [type(argument) for argument in call.args] == [ast.Constant], ast.unparse(call)
        assert set(names(call)) <= KEYS | {"exc_info"}, ast.unparse(call)


def test_no_name_of_free_text_is_on_the_list():
    assert not KEYS & {"text", "message", "value", "body", "payload", "name", "email", "trigger_id", "response_url"}


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-12-34-abcDEF",
        "xoxp-12-34-abcDEF",
        "xapp-1-A0-12-abc",
        "xoxe.xoxb-1-abc",
        "xoxe-1-abc",
        "Bearer abcdef",
        "https://hooks.slack.com/commands/T0/123/abc",
        "https://claims.example.com/consent/abc123",
        "/consent/abc123",
        "wss://wss-primary.slack.com/link/?ticket=abc",
        "1234567890.0987654321.0123456789abcdef0123456789abcdef",
        "ana.admin+claims@example.com",
        "postgresql://claimbot:hunter2@db:5432/claims",
    ],
)
@pytest.mark.parametrize("place", ["value", "event", "record"])
def test_a_secret_is_cut_out_wherever_it_stands(lines: Lines, secret: str, place: str):
    if place == "value":
        structlog.get_logger("bot").info("Odd", code=f"x {secret} y")
    elif place == "event":
        structlog.get_logger("bot").info(f"Odd {secret} end")
    else:
        logging.getLogger("library").info(f"Odd {secret} end")
    logged = lines.getvalue()
    for part in ("abc", "hunter2", "ana.admin", "0987654321"):
        assert part not in logged
    assert lines.one()["event"].startswith("Odd")


def test_values_that_are_no_plain_values_show_only_their_type(lines: Lines):
    structlog.get_logger("bot").info("Odd", error={"text": TEXT}, code=ValueError(TEXT), status=["a", {"b": TEXT}])
    line = lines.one()
    assert line["error"] == "[dict]"
    assert line["code"] == "ValueError"
    assert line["status"] == ["a", "[dict]"]
    assert TEXT not in lines.getvalue()


def test_a_line_break_in_a_value_makes_no_second_record(lines: Lines):
    structlog.get_logger("bot").info("Odd", code='a\n{"level": "info", "event": "forged"}\u2028b')
    assert len(lines.getvalue().splitlines()) == 1
    lines.one()


def test_an_exception_shows_types_and_places_but_no_message(lines: Lines):
    def inner() -> None:
        raise KeyError(TEXT)

    try:
        try:
            inner()
        except KeyError as cause:
            raise RuntimeError(TEXT) from cause
    except RuntimeError:
        structlog.get_logger("bot").exception("Failed")
    line = lines.one()
    assert line["exception"] == "RuntimeError < KeyError"
    assert re.fullmatch(r".*test_logs:\d+ inner", line["cause_trace"][-1])
    assert TEXT not in lines.getvalue()


def test_slacks_refusal_shows_its_code_and_nothing_of_the_answer(lines: Lines):
    error = SlackApiError(
        f"The server responded with {TEXT}", {"ok": False, "error": "channel_not_found", "text": TEXT}
    )
    structlog.get_logger("bot").error("Slack refused", exc_info=error)
    line = lines.one()
    assert line["slack_error"] == "channel_not_found"
    assert line["exception"] == "slack_sdk.errors.SlackApiError"
    assert TEXT not in lines.getvalue()


def test_a_bad_signature_is_logged_without_the_body_and_below_warning_not_at_all(lines: Lines):
    app = bolt()  # built after the set-up: it resets the levels of Bolt's loggers
    response = app.dispatch(BoltRequest(body=f"command=/claim&text={TEXT}", headers={"x-slack-signature": "v0=wrong"}))
    assert response.status == 401
    assert TEXT not in lines.getvalue()
    assert "claim" not in lines.getvalue()


def test_the_same_at_warning_keeps_the_sentence_alone(lines: Lines):
    app = bolt()
    (verification,) = [part for part in app._middleware_list if isinstance(part, RequestVerification)]
    said: list[logging.LogRecord] = []

    class Louder(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            said.append(record)
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            return True

    louder = Louder()
    verification.logger.addFilter(louder)
    try:
        app.dispatch(BoltRequest(body=f"text={TEXT}", headers={"x-slack-request-timestamp": ["0"]}))
    finally:
        verification.logger.removeFilter(louder)
    assert TEXT in said[0].getMessage()  # Bolt did say it
    assert lines.one()["event"] == "Invalid request signature detected"


def test_a_listener_that_fails_does_not_put_the_request_into_the_log(lines: Lines):
    app = bolt()

    @app.command("/claim")
    def fail(ack: Any) -> None:
        ack()
        raise SlackApiError(f"text: {TEXT}", {"ok": False, "error": "fatal_error", "text": TEXT})

    body = {"command": "/claim", "text": TEXT, "team_id": "T0", "user_id": "U0"}
    app._middleware_list = []  # nobody has to be asked who this is
    app.dispatch(BoltRequest(body=body, mode="socket_mode"))
    app.listener_runner.listener_executor.shutdown(wait=True)
    failure = next(line for line in lines.all() if line["level"] == "error")
    assert failure["event"] == "Failed to run listener function"
    assert failure["slack_error"] == "fatal_error"
    assert TEXT not in lines.getvalue()


def test_an_unhandled_request_does_not_put_its_body_into_the_log(lines: Lines):
    app = bolt()
    app._middleware_list = []
    body = {"type": "block_suggestion", "action_id": "customer", "value": TEXT}
    app.dispatch(BoltRequest(body=body, mode="socket_mode"))
    assert lines.one()["event"] == "Unhandled request"
    assert TEXT not in lines.getvalue()


@pytest.mark.parametrize("name", ["slack_sdk.web.base_client", "slack_bolt.App", "slack_bolt"])
def test_slacks_libraries_are_never_heard_below_info(lines: Lines, name: str):
    logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger(name).debug("a payload")
    logging.getLogger(name).info("Bolt app is running!")
    logging.getLogger(name).setLevel(logging.NOTSET)
    assert [line["event"] for line in lines.all()] == ["Bolt app is running!"]


def test_a_librarys_arguments_stay_out_unless_the_library_is_trusted(lines: Lines):
    logging.getLogger("somewhere").warning("Refused %s", TEXT)
    logging.getLogger("waitress").warning("Task queue depth is %d", 3)
    assert [line["event"] for line in lines.all()] == ["Refused %s", "Task queue depth is 3"]


def test_a_dictionary_that_a_library_logs_is_no_event_of_ours(lines: Lines):
    logging.getLogger("somewhere").info({"event": TEXT, "user": TEXT})
    assert TEXT not in lines.getvalue()


def test_warnings_are_logged(lines: Lines):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("an old call", DeprecationWarning, stacklevel=1)
    assert "an old call" in lines.one()["event"]


def test_a_threads_end_by_an_exception_is_logged_without_its_message(lines: Lines):
    log_uncaught()

    def fail() -> None:
        raise ValueError(TEXT)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert lines.one()["exception"] == "ValueError"
    assert TEXT not in lines.getvalue()


def test_a_record_that_cannot_be_written_does_not_print_its_arguments(lines: Lines, capsys: pytest.CaptureFixture[str]):
    (handler,) = [each for each in logging.getLogger().handlers if type(each).__module__ == "bot.logs"]
    handler.handle(logging.LogRecord("waitress", logging.WARNING, "", 1, "%d", (TEXT,), None))
    printed = capsys.readouterr().err
    assert TEXT not in printed
    assert json.loads(printed)["event"] == "A record of waitress could not be written"


def test_a_request_id_is_on_every_record_of_its_block_and_on_none_after(lines: Lines):
    with bind_request("r1"):
        structlog.get_logger("bot").info("Ours")
        logging.getLogger("library").info("Theirs")
    structlog.get_logger("bot").info("After")
    assert [line.get("request_id") for line in lines.all()] == ["r1", "r1", None]


def test_a_carrying_executor_takes_the_request_id_into_its_threads(lines: Lines):
    log = structlog.get_logger("bot")
    with CarryingExecutor(max_workers=1) as carrying, ThreadPoolExecutor(max_workers=1) as plain:
        with bind_request("r1"):
            carrying.submit(log.info, "Carried", claim="CL-000001").result()
            plain.submit(log.info, "Lost").result()
        carrying.submit(log.info, "Later").result()
    assert [line.get("request_id") for line in lines.all()] == ["r1", None, None]


def test_setting_up_twice_does_not_log_twice(lines: Lines):
    configure_logging("INFO", lines)
    structlog.get_logger("bot").info("Once")
    structlog.get_logger("bot").debug("Not at this level")
    assert lines.one()["event"] == "Once"


@pytest.mark.parametrize("word", ["a", "a.b", "1", "a+", "xoxb-", "bearer "])
def test_a_word_without_end_is_redacted_without_going_through_it_again_from_every_letter(word: str):
    """20,000 letters once took 11 seconds, and whoever had typed them waited for that; these would take an hour."""
    assert len(scrub(word * (300_000 // len(word)))) <= LONGEST + 1
