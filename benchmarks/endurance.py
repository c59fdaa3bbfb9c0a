"""Two replicas under a steady load of commands, with deliveries, reminders and limits going on; if wished, PostgreSQL
is away for a while in the middle.

The full measure: ``python -m benchmarks.endurance --claims 1000000 --seconds 300 --outage 60``.
"""

from __future__ import annotations

import argparse
import json
import socket
import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from multiprocessing import get_context
from time import perf_counter, sleep
from urllib.parse import urlsplit

from rich.console import Console
from sqlalchemy import func, select

from benchmarks.filling import execute, filled
from benchmarks.finding import FILL, TEAM
from benchmarks.load import PATIENCE, Load, ask
from benchmarks.replicas import replica, stopped, watched
from benchmarks.results import Figure, Result, show
from models.memory import Memory
from models.operations.acting import redraw_cards
from models.tables import Claim, Comment, Outgoing
from sandbox.objects import Team
from sandbox.server import Sandbox

LONGEST_P99 = 250.0  # milliseconds
MOST_GROWTH = 1.1
# Each of these people has a turn; the first is a member of a partner with 200 claims, the second reviews all of them.
PARTNER, REVIEWER = "U0P1", "U0REV1"
THREADS = 32
_COMMENT = "comment "
_UNREACHABLE = "cannot reach its database"


@dataclass(frozen=True)
class Answered:
    """What came of one command: when it was due, in seconds from the start; how long it took; and what was said."""

    at: float
    seconds: float
    text: str
    said: str


@dataclass(frozen=True)
class _Order:
    """Who writes which words, and where an answer beside the acknowledgement reaches them."""

    who: str
    words: str
    response_url: str


def run(
    *,
    claims: int = 100_000,
    seconds: float = 60,
    rate: float = 50,
    replicas: int = 2,
    outage: float = 0,
    talked_about: int = 12,
    due: int = 100,
) -> Result:
    """Measure.

    Args:
        claims: how many there are.
        seconds: how long.
        rate: so many commands a second, sent when they are due, whether the ones before were answered or not.
        replicas: processes of ``claimbot serve`` that share the load.
        outage: for so many seconds, from a third of the time on, PostgreSQL is stopped.
        talked_about: so many claims are commented on; their cards are posted before it begins.
        due: so many limits pass in that time, and three times as many reminders fall due; all else has time.
    """
    with ExitStack() as stack:
        slack = stack.enter_context(Sandbox(team=Team(TEAM, "Benchmark", "bench")))
        _populate(slack)
        memory = stack.enter_context(
            filled(lambda session: execute(session, (*FILL, _TIME), claims=claims), datetime.now(UTC))
        )
        with memory.database.transaction() as session:
            # Only now: to fill a large database may take longer than the load, and all would be due before it.
            execute(session, _DUE, talked=talked_about, seconds=seconds, due=due)
        orders = _orders(int(seconds * rate), _settle_cards(memory, talked_about))
        running = [stack.enter_context(replica(memory, slack)) for _ in range(replicas)]
        _until_delivered(memory)
        watch = stack.enter_context(watched([process.pid for _, process in running]))
        load = Load("", slack.app.signing_secret, "/claim", TEAM, PARTNER, "C0P1", (), THREADS, 0)
        # Looking only: what is counted at the end is said once.
        looking = [one for one in orders[: max(20, len(orders) // 50)] if not one[1].startswith(_COMMENT)]
        urls = [url for url, _ in running]
        calm = _ask(urls, load, slack, looking, rate / 10, nullcontext())
        trouble = stopped(memory, after=seconds / 3, during=outage) if outage else nullcontext()
        answered = _ask(urls, load, slack, orders, rate, trouble)
        _until_delivered(memory)
        missing = _missing(slack, [*calm, *answered])
        return _result(memory, slack, calm, answered, missing, watch, claims, seconds, outage)


_LOOKING = (
    (PARTNER, "list"),
    (REVIEWER, "list status:submitted sort:due"),
    (PARTNER, "show {number}"),
    (REVIEWER, "list due:overdue"),
    (REVIEWER, "show {number}"),
    (PARTNER, "list customer:fabrikam"),
    (REVIEWER, "list reviewer:me"),
    (PARTNER, "history {number}"),
    (REVIEWER, "list zephyr"),
    (PARTNER, "help"),
)


def _orders(many: int, numbers: Sequence[str]) -> list[tuple[str, str]]:
    """Who writes what: mostly looking, now and then a comment on one of these claims; no two comments are the same."""
    orders = [_LOOKING[turn % len(_LOOKING)] for turn in range(many)]
    for turn in range(0, many, 100):
        orders[turn] = (PARTNER, f"{_COMMENT}{{number}} Comment {turn}")
    return [(who, words.format(number=numbers[turn % len(numbers)])) for turn, (who, words) in enumerate(orders)]


def _ask(
    urls: Sequence[str],
    load: Load,
    slack: Sandbox,
    orders: Sequence[tuple[str, str]],
    rate: float,
    trouble: AbstractContextManager[None],
) -> list[Answered]:
    given = [_Order(who, words, slack.response_urls.issue("commands", who, load.channel)) for who, words in orders]
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as elsewhere:
        elsewhere.submit(_ask_here, urls, load, (), rate).result()  # now the process has imported what it needs
        with trouble:
            return elsewhere.submit(_ask_here, urls, load, given, rate).result()


def _ask_here(urls: Sequence[str], load: Load, orders: Sequence[_Order], rate: float) -> list[Answered]:
    turns, lock, began = count(), threading.Lock(), perf_counter()

    def user(number: int) -> list[Answered]:
        found: list[Answered] = []
        connections: dict[str, socket.socket] = {}
        while True:
            with lock:
                turn = next(turns)
            if turn >= len(orders):
                return found
            order = orders[turn]
            due = turn / rate
            sleep(max(0.0, began + due - perf_counter()))
            # In turns, and each of the words at each replica: some take several times as long as others.
            url = urls[(turn + turn // len(_LOOKING)) % len(urls)]
            here = replace(load, url=url, user=order.who, response_url=order.response_url)
            said = _said(connections, here, (number, turn), order.words)
            found.append(Answered(due, perf_counter() - began - due, order.words, said))

    with ThreadPoolExecutor(load.users) as pool:
        return [one for found in pool.map(user, range(load.users)) for one in found]


def _said(connections: dict[str, socket.socket], load: Load, place: tuple[int, int], words: str) -> str:
    try:
        if load.url not in connections:
            address = urlsplit(load.url)
            connections[load.url] = socket.create_connection((address.hostname, address.port), timeout=PATIENCE)
        body = ask(connections[load.url], load, place, words)
    except (OSError, RuntimeError) as error:
        connections.pop(load.url, None)
        return f"no answer: {error!r}"
    return str(json.loads(body).get("text", "")) if body else ""


def _populate(slack: Sandbox) -> None:
    for user in (PARTNER, REVIEWER):
        slack.add_user(user, user.lower())
    for number in range(1, 201):
        slack.add_channel(f"C0P{number}", f"partner-{number}", [PARTNER])
    slack.add_channel("C0REVIEW", "review", [PARTNER, REVIEWER])


_TIME = "UPDATE claims SET due_at = now() + (1 + id % 40) * interval '1 day' WHERE due_at IS NOT NULL"
_DUE = (
    """UPDATE claims SET due_at = now() + random() * :seconds * interval '1 second' WHERE id IN
         (SELECT id FROM claims WHERE status = 'Partner action required' AND partner_id > 1 ORDER BY id LIMIT :due)""",
    """INSERT INTO reminders (claim_id, kind, due_at, remind_at, state)
       SELECT id, 'limit', due_at, now() + random() * :seconds * interval '1 second', 'planned' FROM claims
       WHERE status = 'Under review' AND partner_id > 1 ORDER BY id LIMIT 3 * :due""",
    """UPDATE claims SET status = 'Submitted', submitted_at = created_at, reviewer_id = NULL,
         due_at = now() + interval '9 days'
       WHERE id IN (SELECT id FROM claims WHERE partner_id = 1 ORDER BY id DESC LIMIT :talked)""",
)


def _settle_cards(memory: Memory, talked_about: int) -> list[str]:
    """Have the cards of the claims that are talked about posted. The numbers of these claims."""
    newest = select(Claim).where(Claim.partner_id == 1).order_by(Claim.id.desc()).limit(talked_about)
    with memory.database.transaction() as session:
        claims = session.scalars(newest).all()
        for claim in claims:
            redraw_cards(session, memory, claim, memory.clock())
        return [claim.number for claim in claims]


def _missing(slack: Sandbox, answered: Sequence[Answered]) -> int:
    """How many answers were to come beside their acknowledgement, which says nothing then, and did not."""
    promised = sum(not one.said for one in answered)

    def sent() -> int:
        with slack.workspace.lock:
            return sum(message.ephemeral for every in slack.workspace.messages.values() for message in every)

    end = perf_counter() + PATIENCE
    while sent() < promised and perf_counter() < end:
        sleep(0.1)
    return promised - sent()


def _until_delivered(memory: Memory, patience: float = 600) -> None:
    began = perf_counter()
    while perf_counter() - began < patience:
        with memory.database.reading() as session:
            if not session.scalar(select(func.count()).where(Outgoing.state.in_(("pending", "sending")))):
                return
        sleep(0.5)
    raise RuntimeError("Not everything was delivered")


def _result(
    memory: Memory,
    slack: Sandbox,
    calm: Sequence[Answered],
    answered: Sequence[Answered],
    missing: int,
    watch: Sequence[int],
    claims: int,
    seconds: float,
    outage: float,
) -> Result:
    away = (seconds / 3, seconds / 3 + outage + PATIENCE) if outage else (0.0, 0.0)
    usual = [one for one in answered if not away[0] <= one.at < away[1]]
    p50, p99 = (_milliseconds(usual, share) for share in (0.5, 0.99))
    kinds = Counter(_kind(one) for one in answered)
    with memory.database.reading() as session:
        kept = Counter(session.scalars(select(Comment.text)))
        dead = session.scalar(select(func.count()).where(Outgoing.state == "dead", Outgoing.kind != "mail")) or 0
    confirmed = [one.text.split(" ", 2)[2] for one in answered if _is_comment(one) and _kind(one) == "answered"]
    lost = [one for one in confirmed if kept[one] != 1]
    posted = [message.text for every in slack.workspace.messages.values() for message in every]
    early, late = watch[len(watch) // 4], watch[-1]
    figures = [
        Figure("commands answered", kinds["answered"], ""),
        Figure("told that the database is away", kinds["unreachable"], ""),
        Figure("without an answer", kinds["none"], "", target="0", met=kinds["none"] == 0),
        Figure("p50", p50, "ms", _milliseconds(calm, 0.5)),
        Figure("p99", p99, "ms", _milliseconds(calm, 0.99), target=f"< {LONGEST_P99} ms", met=p99 < LONGEST_P99),
        Figure("answers promised and never sent", missing, "", target="0", met=not missing),
        Figure("comments confirmed", len(confirmed), ""),
        Figure("of them lost or doubled", len(lost), "", target="0", met=not lost),
        Figure("messages in Slack", len(posted), ""),
        # There is no mail server here.
        Figure("messages given up", dead, "", target="0", met=not dead),
        Figure(
            "memory at the end", late / 1e6, "MB", early / 1e6, f"ratio <= {MOST_GROWTH}", late <= MOST_GROWTH * early
        ),
    ]
    about = f"{claims:,} claims, {seconds:g} s; the baseline is a tenth of the rate" + (
        f", PostgreSQL away for {outage:g} s" if outage else ""
    )
    return Result("endurance: replicas under load", about, tuple(figures))


def _milliseconds(answered: Sequence[Answered], share: float) -> float:
    seconds = sorted(one.seconds for one in answered)
    return seconds[int(share * (len(seconds) - 1))] * 1000


def _is_comment(one: Answered) -> bool:
    return one.text.startswith(_COMMENT)


def _kind(one: Answered) -> str:
    if one.said.startswith("no answer"):
        return "none"
    return "unreachable" if _UNREACHABLE in one.said else "answered"


def main() -> None:
    """Measure at a size of one's own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance", description=__doc__)
    parser.add_argument("--claims", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--outage", type=float, default=0)
    show(run(**vars(parser.parse_args())), Console(width=140))


if __name__ == "__main__":
    main()
