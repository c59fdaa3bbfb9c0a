"""What is written about claimbot is held to what it is."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from bot.docs import PAGES
from models.directory_file import parse_directory
from rules.lifecycle import EVERY, Status
from rules.loading import Programme

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WRITTEN = [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]


def _read(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_made_from_the_code_is_current(name: str):
    assert _read(name) == PAGES[name](), "renew it: python -m bot.docs"


def test_the_lifecycle_page_names_every_status_and_every_action():
    page = PAGES["lifecycle.md"]()
    assert [status for status in Status if status not in page] == []
    assert [row.label for row in EVERY if f"| {row.label} |" not in page] == []


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
