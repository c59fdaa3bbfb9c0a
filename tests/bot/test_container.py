"""Dockerfile, .dockerignore and compose.yaml, read as Docker reads them: no engine is needed to find these faults."""

from __future__ import annotations

import json
import re
import shlex
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import Settings, load_settings

ROOT = Path(__file__).parents[2]
SETUP = (ROOT / "docs" / "setup.md").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in their order: the word, and the rest with continued lines in one."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    kept = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    lines = [line for line in kept.replace("\\\n", " ").splitlines() if line.strip()]
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in lines)]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for word, rest in instructions():
        if word == "FROM":
            found.append([])
        found[-1].append((word, rest))
    return found


def ignored(path: str) -> bool:
    """Whether .dockerignore keeps a path out: the last line that fits counts."""
    out = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        pattern = line.lstrip("!").removeprefix("**/")
        if any(fnmatch(part, pattern) for part in (path, *(str(one) for one in Path(path).parents), Path(path).name)):
            out = not line.startswith("!")
    return out


def test_the_image_is_built_in_two_stages_from_tagged_images():
    build, run = stages()
    for stage in (build, run):
        assert re.fullmatch(r"python:3\.\d+-slim( AS \w+)?", stage[0][1])
    assert any(word == "COPY" and rest.startswith("--from=build") for word, rest in run)
    assert not any("pip install" in rest for _, rest in run)
    assert not any(word == "ADD" for word, _ in instructions())


def test_what_is_installed_is_what_the_lock_says():
    installs = [rest for word, rest in instructions() if word == "RUN" and "pip install" in rest]
    assert len(installs) == 2
    for one in installs:
        assert "--no-cache-dir" in one
        assert "--require-hashes -r requirements.txt" in one or "--no-deps" in one


def test_it_runs_as_somebody_without_rights_and_says_whether_it_is_ready():
    run = stages()[-1]
    words = [word for word, _ in run]
    [user] = [rest for word, rest in run if word == "USER"]
    assert user not in ("root", "0")
    assert words.index("USER") < words.index("ENTRYPOINT")
    [health] = [rest for word, rest in run if word == "HEALTHCHECK"]
    assert "/readyz" in health
    for word, rest in run:
        if word in ("ENTRYPOINT", "CMD"):
            assert isinstance(json.loads(rest), list), "a shell in between would swallow SIGTERM"
    code = json.loads(health.partition("CMD ")[2])[2]
    compile(code, "health check", "exec")


def test_everything_that_is_copied_is_there_and_gets_through():
    copies = [shlex.split(rest) for word, rest in instructions() if word == "COPY" and "--from" not in rest]
    sources = [source for copy in copies for source in copy[:-1]]
    assert sources
    assert [one for one in sources if not (ROOT / one).exists()] == []
    assert [one for one in sources if ignored(one)] == []


@pytest.mark.parametrize(
    "path", [".env", ".git/config", ".data/postgres", "directory.yaml", "tests/cast.py", ".venv/x"]
)
def test_secrets_and_data_do_not_get_into_the_image(path: str):
    assert ignored(path)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def test_compose_starts_the_bot_when_its_database_is_ready_and_gives_it_time_to_stop(compose: dict[str, Any]):
    bot, database = compose["services"]["claimbot"], compose["services"]["database"]
    assert bot["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert "healthcheck" in database
    assert int(bot["stop_grace_period"].removesuffix("s")) >= 40  # as in the unit of docs/setup.md
    assert re.fullmatch(r"postgres:\d+-alpine", database["image"])
    assert "ports" not in database


def test_two_replicas_of_it_can_run_beside_each_other(compose: dict[str, Any]):
    bot = compose["services"]["claimbot"]
    assert "container_name" not in bot
    assert "ports" not in bot, "a port of the machine can be taken once"
    assert any(one.startswith("documents:") for one in bot["volumes"])


def test_what_compose_sets_are_settings_that_claimbot_takes(compose: dict[str, Any]):
    given = dict(compose["services"]["claimbot"]["environment"])
    given["DATABASE_URL"] = re.sub(r"\$\{\w+:-(\w+)\}", r"\1", given["DATABASE_URL"])
    assert {name.lower() for name in given} <= Settings.model_fields.keys()
    values = {name.lower(): value for name, value in given.items()}
    load_settings(_env_file=None, slack_bot_token="xoxb-1", slack_signing_secret="s", **values)


def test_the_unit_of_systemd_in_the_docs_is_whole():
    [unit] = re.findall(r"```ini\n(.*?)```", SETUP, re.DOTALL)
    sections = re.findall(r"^\[(\w+)\]$", unit, re.MULTILINE)
    assert sections == ["Unit", "Service", "Install"]
    keys = dict(re.findall(r"^(\w+)=(.*)$", unit, re.MULTILINE))
    assert keys["ExecStart"].endswith(".venv/bin/claimbot serve")
    assert keys["User"] != "root"
    assert keys["ProtectSystem"] == "strict"
    assert int(keys["TimeoutStopSec"]) >= 40
