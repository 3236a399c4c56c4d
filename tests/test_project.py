"""What stands in several files of the project says the same in all of them."""

import re
import subprocess
import tomllib

import pytest
import yaml

import bnviz
from tests.browser import ROOT
from tests.test_requirements import PYTHONS

DATE = r"\d{4}-\d\d-\d\d"
FORMS = sorted(ROOT.glob(".github/ISSUE_TEMPLATE/*.yml"))
REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|npmjs|docker\.io|ghcr|quay|conda)\b", re.IGNORECASE)


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def read(name):
    return yaml.safe_load(text(name))


def released():
    """The versions of the change log, with their days, newest first."""
    return re.findall(rf"^## (\d+\.\d+\.\d+) – ({DATE})$", text("CHANGELOG.md"), re.MULTILINE)


def project():
    return tomllib.loads(text("pyproject.toml"))["project"]


def test_one_version_and_one_day_of_it():
    version, day = released()[0]
    citation = read("CITATION.cff")
    assert project()["version"] == str(citation["version"]) == version
    assert bnviz.__version__ == version
    assert citation["date-released"] == day
    assert citation["license"] == project()["license"]


def test_versions_go_up():
    numbers = [tuple(map(int, version.split("."))) for version, _ in released()]
    assert numbers == sorted(set(numbers), reverse=True)
    days = [day for _, day in released()]
    assert days == sorted(days, reverse=True)


def test_what_comes_next_has_its_place():
    headings = re.findall(r"^## (.*)$", text("CHANGELOG.md"), re.MULTILINE)
    assert headings[:2] == ["How versions count", "Unreleased"]


def test_the_public_checks_run_the_readmes_commands_on_all_it_names():
    job = read(".github/workflows/checks.yml")["jobs"]["readme"]
    matrix = job["strategy"]["matrix"]
    assert matrix["python"] == PYTHONS
    assert {system.split("-")[0] for system in matrix["system"]} == {"ubuntu", "macos"}
    commands = re.findall(r"^    (make \w+)$", text("README.md"), re.MULTILINE)
    assert commands == ["make run", "make test"]
    steps = "\n".join(step.get("run", "") for step in job["steps"])
    assert all(re.search(rf"\b{command}\b", steps) for command in commands)
    (all_of_it,) = read(".github/workflows/nightly.yml")["jobs"].values()
    assert {"run": "make test-all"} in all_of_it["steps"]


def test_the_hooks_are_the_ruff_of_the_environment():
    (repository,) = read(".pre-commit-config.yaml")["repos"]
    assert repository["repo"] == "local"  # no second version of it
    assert [hook["entry"].split()[:2] for hook in repository["hooks"]] == [
        [".venv/bin/ruff", "format"],
        [".venv/bin/ruff", "check"],
    ]


def test_forms_can_be_filled_in():
    assert [form.stem for form in FORMS] == ["config", "fails", "lesson", "wrong"]
    for form in FORMS:
        asked = yaml.safe_load(form.read_text(encoding="utf-8")).get("body", [])
        names = [field["id"] for field in asked]
        assert len(set(names)) == len(names)
        assert all(field["attributes"]["label"] for field in asked)


def test_nobodys_registry_is_named_where_code_is_carried_on():
    files = [".pre-commit-config.yaml", "CHANGELOG.md", "CITATION.cff", "CONTRIBUTING.md"]
    for path in [*(ROOT / name for name in files), *ROOT.glob(".github/**/*.*")]:
        assert not REGISTRY.search(path.read_text(encoding="utf-8")), path


TOP = {"app.py", "bnviz", "pages", "tests", "requirements.txt", "README.md"}
BESIDE = {
    ".ci", ".github", ".gitignore", ".pre-commit-config.yaml", ".streamlit", "CHANGELOG.md",
    "CITATION.cff", "CONTRIBUTING.md", "LICENSE", "Makefile", "benchmarks", "deploy", "docs",
    "pyproject.toml", "requirements-dev.txt",
}  # fmt: skip


def test_nothing_else_lies_about():
    """What was loaded or tried in the project's folder is easily committed with the rest."""
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("no repository: a copy of its files")
    assert {path.split("/")[0] for path in listed.stdout.splitlines()} == TOP | BESIDE


FILE = re.compile(r"`((?:[\w-]+/)*[\w.-]+\.(?:py|md|toml|yaml|ipynb)|(?:[\w-]+/)+)`")


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "README.md", "docs/architecture.md"])
def test_every_file_that_is_named_is_there(name):
    named = {found for found in FILE.findall(text(name)) if "yours" not in found}
    assert len(named) > 1
    floors = [ROOT, ROOT / "bnviz", ROOT / "docs" / "lesson", *(ROOT / "bnviz").iterdir()]
    missing = {file for file in named if not any((floor / file).exists() for floor in floors)}
    assert missing == set()


def test_every_command_that_is_named_is_a_target():
    targets = set(re.findall(r"^([a-z-]+):", text("Makefile"), re.MULTILINE))
    for name in ("CONTRIBUTING.md", "README.md"):
        assert set(re.findall(r"`make ([a-z-]+)", text(name))) <= targets
