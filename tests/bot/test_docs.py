"""What is written about claimbot is held to what it is."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from bot.cli import main as cli
from bot.commands import WORDS
from bot.docs import PAGES
from bot.settings import Settings
from bot.web.metrics import Metrics
from models.directory_file import parse_directory
from rules.lifecycle import EVERY, Status
from rules.loading import Programme
from rules.variables import VARIABLES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WRITTEN = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.glob("*.md"))]


def _read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_the_code_is_current(name: str):
    assert _read(name) == PAGES[name](), "renew it: python -m bot.docs"


def test_the_lifecycle_page_names_every_status_and_every_action():
    page = PAGES["lifecycle.md"]()
    assert [status for status in Status if status not in page] == []
    assert [row.label for row in EVERY if f"| {row.label} |" not in page] == []


def headings(page: str) -> set[str]:
    return set(re.findall(r"^#+ `?(.+?)`?$", _read(page), re.MULTILINE))


def commands(group: Any, path: str) -> Iterator[str]:
    for name, one in group.commands.items():
        yield f"{path} {name}"
        if hasattr(one, "commands"):
            yield from commands(one, f"{path} {name}")


def test_every_command_setting_metric_and_variable_of_rules_has_its_heading():
    assert set(WORDS) - headings("commands.md") == set()
    assert set(commands(typer.main.get_command(cli), "claimbot")) - headings("cli.md") == set()
    assert {name.upper() for name in Settings.model_fields} - headings("settings.md") == set()
    own = {name for one in Metrics().registry.collect() if (name := one.name).startswith("claimbot_")}
    assert own - {name.removesuffix("_total") for name in headings("metrics.md")} == set()
    assert set(VARIABLES) - headings("rules.md") == set()


def anchors(page: Path) -> set[str]:
    """The names under which GitHub can be led to the headings of a page."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in found}


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: path.name)
def test_every_link_to_a_heading_leads_to_one(document: Path):
    links = re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", document.read_text(encoding="utf-8"))
    pages = [(document.parent / file if file else document, anchor) for file, anchor in links]
    assert [f"{page.name}#{anchor}" for page, anchor in pages if anchor not in anchors(page)] == []


def test_every_picture_is_shown_somewhere():
    shown = "".join(page.read_text(encoding="utf-8") for page in WRITTEN)
    assert [one.name for one in sorted((DOCS / "pictures").iterdir()) if f"pictures/{one.name})" not in shown] == []


def test_the_dashboard_shows_every_metric_and_no_other():
    panels = json.loads(_read("grafana.json"))["panels"]
    asked = " ".join(target["expr"] for panel in panels for target in panel["targets"])
    shown = {re.sub(r"_(bucket|count)$", "", name) for name in re.findall(r"claimbot_\w+", asked)}
    assert shown == set(re.findall(r"^## (\w+)$", PAGES["metrics.md"](), re.MULTILINE))


def test_every_dependency_has_its_reason_written_down():
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[<>=!~ ]", one)[0] for one in wanted}
    told = set(re.findall(r"^\| `([^`]+)` \|", _read("dependencies.md"), re.MULTILINE))
    assert names - told == set(), "add a row to docs/dependencies.md"
    assert told - names == set(), "docs/dependencies.md explains what is not used any more"


def test_the_example_of_a_directory_file_can_be_imported(programme: Programme):
    [example] = re.findall(r"```yaml\n(.*?)```", _read("directory.md"), re.DOTALL)
    directory = parse_directory(example, programmes=programme.catalogue.programmes)
    assert directory.partners


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_somewhere(document: Path):
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8"))
    files = [link for link in links if "://" not in link]
    assert [link for link in files if not (document.parent / link).exists()] == []


def test_the_make_targets_that_the_readme_names_exist():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert {"demo", "test"} <= named <= targets


def test_every_page_is_reached_from_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in sorted(DOCS.glob("*.md")) if f"(docs/{page.name})" not in readme] == []


def test_every_test_that_the_page_on_security_names_exists():
    written = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"`(test_\w+)`", _read("security.md")))
    assert len(named) > 25
    assert {one for one in named if f"def {one}(" not in written} == set()
