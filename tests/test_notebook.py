"""docs/notebook.ipynb runs from its first cell to its last, and the README's example with it.

In a process that cannot load Streamlit: the package alone has to do.
"""

import json
import re
import subprocess
import sys

import pytest

from tests.browser import ROOT

BEFORE = """
import sys
import warnings
sys.modules["streamlit"] = None  # whoever imports it fails
warnings.simplefilter("error")
"""
BETWEEN = "README"
LAST = re.compile(r"^(drawn\(.*?\))(?:\.show\(\))?(?: +#.*)?$", re.MULTILINE)  # what is shown


def cells():
    """The code cells of the notebook, in order."""
    notebook = json.loads((ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def example():
    """The lines of Python in the README."""
    (text,) = re.findall(r"^```python\n(.*?)^```$", (ROOT / "README.md").read_text(), re.M | re.S)
    return text


@pytest.fixture(scope="module")
def said():
    """What the notebook prints, and then the README's example, in one process.

    A figure that is shown says how many traces it has.
    """
    parts = ["\n".join("".join(cell["source"]) for cell in cells()), example()]
    code = BEFORE + f"\nprint({BETWEEN!r})\n".join(parts)
    shown = LAST.sub(lambda found: f"print(len({found[1]}.data), 'traces')", code)
    command = [sys.executable, "-c", shown]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split(BETWEEN)


def test_the_notebook_says_who_was_first_and_draws_it(said):
    assert re.search(r"^plain \[", said[0], re.MULTILINE)
    assert "Score(first=" in said[0]
    assert "BN reaches the target" in said[0]
    assert "http://localhost:8501/race?race-depth=12" in said[0]
    assert re.search(r"^BN +0\.9\d+$", said[0], re.MULTILINE)
    assert re.search(r"^\d+ traces$", said[0], re.MULTILINE)
    assert len(re.findall(r"^[\d.]+: [a-zA-Z ]+$", said[0], re.MULTILINE)) == 2


def test_the_example_of_the_readme(said):
    assert "Only BN reaches the target, after" in said[1]
    assert "*" not in said[1]
    assert re.search(r"^\d+ traces$", said[1], re.MULTILINE)


@pytest.mark.parametrize("cell", cells(), ids=lambda cell: cell["id"])
def test_no_cell_keeps_what_it_once_gave(cell):
    assert cell["outputs"] == []
    assert cell["execution_count"] is None
