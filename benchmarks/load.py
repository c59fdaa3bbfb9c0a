"""Users who send signed slash commands one after the other, over connections that stay open.

They live in a process of their own, so that they do not take turns with the server at one interpreter. Requests are
made and signed beforehand, and answers are read with as little work as possible: what is measured is the server.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from threading import Barrier
from time import perf_counter, time
from urllib.parse import urlencode, urlsplit

from slack_sdk.signature import SignatureVerifier

PATIENCE = 30  # seconds; an answer that takes longer is a fault
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Load:
    """``users`` people who send ``requests`` commands in all, the ``texts`` in turn."""

    url: str
    secret: str
    command: str
    team: str
    user: str
    channel: str
    texts: Sequence[str]
    users: int
    requests: int
    response_url: str = ""  # where an answer beside the acknowledgement goes; nowhere, if it is not of Slack


@dataclass(frozen=True)
class Measured:
    """Seconds that each answer took, sorted, and seconds that all of it took."""

    seconds: tuple[float, ...]
    elapsed: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.elapsed

    def milliseconds(self, share: float) -> float:
        """The time within which this share of the answers came."""
        return self.seconds[min(len(self.seconds) - 1, int(share * len(self.seconds)))] * 1000


@contextmanager
def elsewhere() -> Iterator[Callable[[Load], Measured]]:
    """Lets the users of a load loose in another process. What is yielded raises when an answer is not 200."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        yield lambda load: process.submit(_measure, load).result()


def _measure(load: Load) -> Measured:
    shares = [load.requests // load.users + (user < load.requests % load.users) for user in range(load.users)]
    began: list[float] = []
    barrier = Barrier(load.users, action=lambda: began.append(perf_counter()))
    with ThreadPoolExecutor(load.users) as pool:
        threads = [pool.submit(_user, load, number, share, barrier) for number, share in enumerate(shares)]
        seconds = sorted(second for thread in threads for second in thread.result())
    return Measured(tuple(seconds), perf_counter() - began[0])


def _user(load: Load, number: int, share: int, barrier: Barrier) -> list[float]:
    requests = [_request(load, (number, turn), load.texts[turn % len(load.texts)]) for turn in range(share)]
    seconds = []
    address = urlsplit(load.url)
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        barrier.wait(PATIENCE)
        for request in requests:
            sent = perf_counter()
            connection.sendall(request)
            _read_answer(connection)
            seconds.append(perf_counter() - sent)
    return seconds


def _request(load: Load, place: tuple[int, int], text: str) -> bytes:
    """One delivery as Slack sends it: no two have the same trigger_id."""
    address = urlsplit(load.url)
    body = urlencode(
        {
            "token": "unused",
            "team_id": load.team,
            "team_domain": "example",
            "channel_id": load.channel,
            "channel_name": "claims",
            "user_id": load.user,
            "user_name": "somebody",
            "command": load.command,
            "text": text,
            "api_app_id": "A0BENCH",
            "is_enterprise_install": "false",
            "response_url": load.response_url or f"{address.scheme}://{address.netloc}/nowhere",
            "trigger_id": f"{place[0]}.{place[1]}.bench",
        }
    ).encode()
    timestamp = str(int(time()))
    signature = SignatureVerifier(load.secret).generate_signature(timestamp=timestamp, body=body)
    head = (
        f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nUser-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
        f"X-Slack-Request-Timestamp: {timestamp}\r\nX-Slack-Signature: {signature}\r\n\r\n"
    )
    return head.encode() + body


def ask(connection: socket.socket, load: Load, place: tuple[int, int], words: str) -> bytes:
    """Send a command now. The answer's body; raises OSError or RuntimeError if none comes, or one that is not 200."""
    connection.sendall(_request(load, place, words))
    return _read_answer(connection)


def _read_answer(connection: socket.socket) -> bytes:
    """Read one answer whole. The servers here always say how long theirs is. Its body."""
    answer = b""
    while (end := answer.find(b"\r\n\r\n")) < 0:
        answer += _some(connection)
    if not answer.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(f"The answer was {answer[:40]!r}")
    length = _LENGTH.search(answer, 0, end + 2)
    if length is None:
        raise RuntimeError("The answer does not say how long it is")
    whole = end + 4 + int(length[1])
    while len(answer) < whole:
        answer += _some(connection)
    return answer[end + 4 :]


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(65_536)
    if not received:
        raise RuntimeError("The server closed the connection")
    return received
