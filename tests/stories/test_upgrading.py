"""Two versions of the code at once: an old replica serves while a new one migrates, takes over, and nobody notices."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from socket import create_server
from urllib.parse import urlsplit

import pytest
import yaml

from bot.settings import Settings
from models.database import Database
from models.directory import import_directory, parse_directory
from sandbox import Sandbox, SandboxError
from sandbox.objects import Team
from sandbox.transport import Delivery, HttpTransport
from tests.cast import DIRECTORY, TEAM
from tests.stories.world import MANIFEST
from tests.waiting import PATIENCE

ROOT = Path(__file__).parents[2]
START = 180  # seconds; a machine may be busy
NEXT = '''
"""What the next version might add."""
from alembic import op
import sqlalchemy as sa

revision = "9999"
down_revision = "{head}"


def upgrade() -> None:
    op.create_table("next_things", sa.Column("id", sa.BigInteger, primary_key=True))
    op.add_column("claims", sa.Column("next_thing", sa.Text, nullable=False, server_default="x"))
    op.add_column("outbox", sa.Column("next_thing", sa.Text))
'''


@dataclass
class Balancer:
    """What a proxy does: tries the replicas in turn, and the next where a connection is refused."""

    secret: str
    urls: list[str] = field(default_factory=list)

    def send(self, delivery: Delivery, limit: float) -> None:
        for url in list(self.urls):
            HttpTransport(f"{url}/slack/events", self.secret).send(delivery, limit)
            if delivery.problem is None or "refused" not in delivery.problem:
                return
            if url != self.urls[-1]:
                delivery.problem = None


class Replica:
    """A process with `claimbot serve` in it, of the code in a folder."""

    def __init__(self, code: Path, settings: dict[str, str], cwd: Path) -> None:
        with create_server(("127.0.0.1", 0)) as free:
            self.url = f"http://127.0.0.1:{free.getsockname()[1]}"
        clean = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
        env = {**clean, **settings, "PORT": self.url.rsplit(":", 1)[1], "PYTHONPATH": str(code)}
        run = [sys.executable, "-c", "from bot.cli import main; main()", "serve"]
        self.log = (cwd / f"{self.url[-5:]}.log").open("w+", encoding="utf-8")
        self.process = subprocess.Popen(run, cwd=cwd, env=env, stdout=self.log, stderr=subprocess.STDOUT)

    def status(self) -> int:
        """What /readyz answers; 0 where nobody does."""
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=10)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(45)

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.log.close()


@pytest.fixture
def slack() -> Iterator[Sandbox]:
    sandbox = Sandbox(team=Team(TEAM, "Example programme", "example"), ack_limit=PATIENCE)
    sandbox.install(yaml.safe_load(MANIFEST.read_text(encoding="utf-8")))
    sandbox.add_user("U0ANA", "Ana Admin")
    sandbox.add_channel("C0CONTOSO", "contoso-claims", ["U0ANA"], private=True)
    with sandbox:
        yield sandbox


@pytest.mark.slow
def test_an_upgrade_with_two_replicas_is_noticed_by_nobody(slack: Sandbox, database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        import_directory(session, parse_directory(DIRECTORY), team=TEAM)
    newer = tmp_path / "newer"
    for folder in ("bot", "jobs", "models", "rules"):
        shutil.copytree(ROOT / folder, newer / folder, ignore=shutil.ignore_patterns("__pycache__"))
    migration = NEXT.format(head=database.revisions()[1])
    (newer / "models/migrations/versions/9999_the_next_version.py").write_text(migration, encoding="utf-8")
    settings = {
        "SLACK_BOT_TOKEN": slack.app.bot_token,
        "SLACK_SIGNING_SECRET": slack.app.signing_secret,
        "SLACK_API_URL": f"{slack.base_url}/api/",
        "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "DATA_DIR": str(tmp_path / "data"),
    }
    slack.courier.transport = balancer = Balancer(slack.app.signing_secret)
    replicas: list[Replica] = []
    faults: list[str] = []
    answered, over = [0], threading.Event()

    def start(code: Path) -> Replica:
        replica = Replica(code, settings, tmp_path)
        replicas.append(replica)
        slack.wait_until(lambda: replica.status() == 200 or replica.process.poll() is not None, START, "the replica")
        assert replica.process.poll() is None, replica.said()
        balancer.urls.append(replica.url)
        return replica

    def use() -> None:
        """Ana goes on working: every command is answered, and filing opens a form each time."""
        ana = slack.person("U0ANA")
        while not over.wait(0.1):
            try:
                reply = ana.command("/claim list", "C0CONTOSO")
                assert reply is not None
                ana.command("/claim new", "C0CONTOSO")
                answered[0] += 2
            except (SandboxError, AssertionError) as error:
                faults.append(str(error))

    def some_more() -> None:
        wanted = answered[0] + 6
        slack.wait_until(lambda: answered[0] >= wanted or faults, timeout=60, what="more commands")

    ana = threading.Thread(target=use)
    try:
        old = start(ROOT)
        ana.start()
        some_more()
        new = start(newer)
        assert database.revisions()[0] == "9999"
        assert old.status() == 200
        balancer.urls.reverse()  # so that the new one is asked first, as half of all are
        some_more()
        balancer.urls.reverse()
        some_more()
        assert old.stop() == 0, old.said()
        some_more()
        assert new.status() == 200
        # And back again: the version before starts beside the newer schema, and leaves it alone.
        start(ROOT)
        assert new.stop() == 0, new.said()
        some_more()
        assert database.revisions()[0] == "9999"
    finally:
        over.set()
        if ana.ident is not None:
            ana.join(30)
        for one in replicas:
            one.end()
    assert faults == []
    assert slack.refusals == []
