"""A lesson as a notebook: valid by nbformat's schema, and it runs from its first cell on."""

import nbformat
import pytest
from nbclient import NotebookClient

from bnviz.experiments import race
from bnviz.experiments.lab_config import LabConfig
from bnviz.script import comparison, library, text
from bnviz.script.notebook import SAID, notebook
from bnviz.ui.course import lesson as lesson_called
from tests.browser import ROOT
from tests.samples import BY_HAND, TINY, page_config

TOLD = ("BN is ahead.", "In 5 of 5 seeds.", "By 20 steps.")
LINK = "http://localhost:8501/race?race-depth=2"
BOTH = [(text, lesson) for lesson in comparison.LESSONS]
BOTH += [(library, lesson) for lesson in library.LESSONS]


def small(lesson):
    if lesson == "lab":
        return [LabConfig(**TINY), LabConfig(**TINY, normalizer="batch")]
    return [page_config(lesson)(**({} if lesson in BY_HAND else TINY))]


def read(made):
    return nbformat.reads(made, as_version=nbformat.NO_CONVERT)


def named(kind_and_lesson):
    return kind_and_lesson[0].__name__.rpartition(".")[2] + " " + kind_and_lesson[1]


@pytest.mark.parametrize("which", BOTH, ids=named)
def test_it_is_valid_and_has_question_sentences_and_all_of_the_code(which):
    module, lesson = which
    question = lesson_called(lesson).question
    program = module.program(lesson, question, *small(lesson), link=LINK)
    made = read(notebook(program, TOLD))
    nbformat.validate(made)
    first, said, *cells = made.cells
    assert first.source.startswith(f"# {question}\n")
    assert LINK in first.source
    assert said.source == f"{SAID}\n\n**{TOLD[0]}**\n\n- {TOLD[1]}\n- {TOLD[2]}"
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert len(code) == len(program.parts)
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    for cell in code:
        compile(cell.source, lesson, "exec")
    assert notebook(program, TOLD) == notebook(program, TOLD)


def test_where_the_page_has_said_nothing_yet_there_is_no_cell_for_it():
    program = text.program("race", "Does it?", race.RaceConfig(**TINY))
    assert SAID not in notebook(program)


@pytest.mark.parametrize(("module", "lesson"), [(text, "race"), (library, "transform")])
def test_it_runs_and_shows_its_result(module, lesson, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # as if the package were installed
    monkeypatch.delenv("MPLBACKEND", raising=False)  # which Streamlit sets for its own process
    program = module.program(lesson, "Does it?", *small(lesson))
    made = read(notebook(program, TOLD))
    client = NotebookClient(made, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    outputs = [output for cell in made.cells for output in cell.get("outputs", [])]
    said = "".join(output.text for output in outputs if output.output_type == "stream")
    assert said.strip()
    shown = {kind for output in outputs for kind in output.get("data", {})}
    assert shown & {"image/png", "application/vnd.plotly.v1+json"}
