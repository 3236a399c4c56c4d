"""What is installed where: every machine and Python that the README names gets one torch."""

import itertools
import re
import tomllib

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from tests.browser import ROOT

LINUX = {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"}
MAC = {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"}
WINDOWS = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"}
MACHINES = [
    LINUX | {"platform_machine": "x86_64"},
    LINUX | {"platform_machine": "aarch64"},
    MAC | {"platform_machine": "arm64"},
    WINDOWS | {"platform_machine": "AMD64"},
]
PYTHONS = ["3.11", "3.12", "3.13", "3.14"]
VERSION = "2.13.0"


def requirements(name="requirements.txt"):
    """The lines of a requirements file, without comments and without other files."""
    text = (ROOT / name).read_text(encoding="utf-8")
    lines = [re.sub(r"(^|\s)#.*", "", line).strip() for line in text.splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("-r")]


def where(machine):
    return f"{machine['sys_platform']}-{machine['platform_machine']}"


@pytest.mark.parametrize(
    ("machine", "python"),
    list(itertools.product(MACHINES, PYTHONS)),
    ids=lambda value: value if isinstance(value, str) else where(value),
)
def test_one_torch_applies_and_on_linux_it_is_the_cpu_wheel(machine, python):
    here = machine | {"python_version": python, "python_full_version": f"{python}.1"}
    torches = [one for one in requirements() if one.name == "torch"]
    applying = [one for one in torches if one.marker.evaluate(here)]
    assert len(applying) == 1, applying
    (torch,) = applying
    if where(machine).startswith("linux") and (where(machine), python) != ("linux-x86_64", "3.11"):
        short = "cp" + python.replace(".", "")
        wheel = f"torch-{VERSION}%2Bcpu-{short}-{short}-manylinux_2_28_{here['platform_machine']}"
        assert torch.url == f"https://download.pytorch.org/whl/cpu/{wheel}.whl"
    else:
        assert str(torch.specifier) == f"=={VERSION}"


def test_everything_else_is_pinned_for_all_alike():
    for one in requirements() + requirements("deploy/requirements.txt"):
        if one.name != "torch":
            assert one.marker is None
            assert [pin.operator for pin in one.specifier] == ["=="], one


def test_the_public_checks_try_both_ends_of_what_a_notebook_may_have():
    """The lowest version that is allowed, and one of the highest minor version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    allowed = {one.name: one.specifier for one in map(Requirement, project["dependencies"])}
    jobs = yaml.safe_load((ROOT / ".github/workflows/checks.yml").read_text())["jobs"]
    tried = jobs["notebook"]["strategy"]["matrix"]["include"]
    for name in ("torch", "numpy"):
        assert all(allowed[name].contains(pair[name]) for pair in tried)
    low, high = (Version(pair["torch"]) for pair in tried)
    ends = {one.operator: Version(one.version) for one in allowed["torch"]}
    assert low == ends[">="]
    assert (high.major, high.minor + 1) == ends["<"].release[:2]
    commands = [step.get("run", "") for step in jobs["notebook"]["steps"]]
    assert "pytest-xdist" in commands[-1]  # without it, tests/conftest.py has marks nobody knows


def test_a_notebook_may_have_what_the_app_and_the_cluster_run_on():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    allowed = {one.name: one.specifier for one in map(Requirement, itertools.chain(*lists))}
    for one in requirements() + requirements("deploy/requirements.txt"):
        (pin,) = one.specifier or [None]
        assert allowed[one.name].contains(pin.version if pin else VERSION), one
