"""A short program that asks a lesson's question with bnviz itself: all that the page measures.

from bnviz.experiments.scale import ScaleConfig
from bnviz.script.library import program

print(program("scale", "Why doesn't …?", ScaleConfig(gain=2.0)).text)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import BaseModel

from bnviz import __version__
from bnviz.script.program import WIDTH, Part, Program

ABOUT = (
    "With bnviz {version} as a library: the run of the page, its sentences and its first pictures."
    " It runs where the project is installed (in its folder: pip install -e .), without Streamlit."
)
WRITE = """\
for name, figure in figures.items():  # each is written as a page for a browser
    drawn(figure).write_html(f"bnviz-{lesson}-{{name}}.html", auto_play=False)"""
SHOW = """\
for figure in figures.values():
    drawn(figure).show()"""


@dataclass(frozen=True)
class Use:
    """How a lesson is asked, where it is not as in most of them."""

    figures: Mapping[str, str]  # of the page's first window: name -> code
    words: str = ""  # the module with the findings; "": it has the lesson's name
    pictures: str = ""  # the module with the figures
    run: str = "run(config)"
    judge: str = "judge(result)"
    tools: str = ""  # what the figures need of the words, beside the findings
    results: str = ""  # what the run needs of the experiment, beside `run`


def _pair(names: tuple[str, str], code: str) -> dict[str, str]:
    """Two figures that one function draws."""
    return {name: f"{code}[{place}]" for place, name in enumerate(names)}


def _profile(which: str) -> str:
    return f'pictures.profile(result, LIGHT, "{which}", arrivals(verdict, "{which}"))'


LESSONS: dict[str, Use] = {
    "home": Use({"networks": "pictures.networks(result, LIGHT)"}, words="home.findings"),
    "signals": Use(
        {which: _profile(which) for which in ("signal", "gradient")},
        words="signals.findings",
        tools="arrivals, ",
    ),
    "collapse": Use(
        {"maps": "pictures.maps(result, LIGHT)", "curves": "pictures.curves(result, LIGHT)"}
    ),
    "transform": Use({"stages": "pictures.stages(result, LIGHT)"}),
    "backward": Use({"passing": "pictures.passing(result, LIGHT)"}),
    "modes": Use(
        {
            "one-sample": "pictures.one_sample(result, LIGHT)",
            "momentum": "pictures.by_momentum(result, LIGHT)",
        }
    ),
    "race": Use(
        {
            "accuracy": "pictures.accuracy(result, LIGHT)",
            "loss": "pictures.loss(result, LIGHT)",
        }
    ),
    "rates": Use(
        {"accuracy": "pictures.accuracy(result, LIGHT)", "steps": "pictures.steps(result, LIGHT)"},
        run="run(config.swept()).at(config)",
    ),
    "forgiveness": Use(
        {
            "plain": 'pictures.accuracy(result, LIGHT, "plain", config.marked)',
            "batch": 'pictures.accuracy(result, LIGHT, "batch", config.marked)',
        }
    ),
    "activations": Use(
        {"layers": "pictures.ridgelines(result, LIGHT)"}, words="activations.findings"
    ),
    "noise": Use(
        {"accuracy": "pictures.accuracy(result, LIGHT)", "losses": "pictures.losses(result, LIGHT)"}
    ),
    "alone": Use({"accuracy": "pictures.accuracy(result, LIGHT)"}),
    "shift": Use(_pair(("turn", "accuracy"), "pictures.training(result, LIGHT)")),
    "landscape": Use(
        {"ahead": "pictures.ahead(result, LIGHT)"},
        pictures="ahead",
        run="run(config.along())",
    ),
    "gradients": Use(
        {
            "needles": "pictures.needles(result, LIGHT)",
            "measures": "pictures.measures(result, LIGHT)",
        }
    ),
    "scale": Use(
        {
            "growth": 'pictures.growth(result, LIGHT, "first hidden layer")',
            "angles": 'pictures.angles(result, LIGHT, "first hidden layer")',
        }
    ),
    "batches": Use(
        {"errors": "pictures.errors(result, LIGHT)", "curves": "pictures.curves(result, LIGHT)"}
    ),
    "placement": Use(
        {
            "accuracy": "pictures.accuracy(result, LIGHT)",
            "detail": "pictures.detail(result, LIGHT, verdict.about)",
        }
    ),
    "relatives": Use(_pair(("first", "second"), "pictures.first(result, LIGHT)")),
    "lab": Use(
        {
            "accuracy": "pictures.accuracy(result, LIGHT)",
            "loss": "pictures.loss(result, LIGHT)",
        },
        run='[LabelledResult("A", run(a)), LabelledResult("B", run(b))]',
        judge="judge(*(arm.result for arm in result))",
        results="LabelledResult, ",
    ),
}
"""The lessons that compute -> how they are asked."""


def program(lesson: str, question: str, *configs: BaseModel, link: str = "") -> Program:
    """The program of a lesson at these settings: pure, the same Config, the same program.

    configs: those whose knobs stand on its page: one; in the lab both arms. question: the
    lesson's, for the first line; link: of the page. Raises KeyError for an unknown lesson.
    """
    use = LESSONS[lesson]
    names = ("config",) if len(configs) == 1 else ("a", "b")
    asked = [_config(name, config) for name, config in zip(names, configs, strict=True)]
    parts = [
        Part("\n".join(_imports(lesson, use, type(configs[0])))),
        Part("\n".join([*asked, f"result = {use.run}"]), "The run"),
        Part(
            f"verdict = {use.judge}\nsaid = findings(verdict)\n"
            'print(said.headline, *said.more, *said.further, sep="\\n")',
            "What it shows",
        ),
        Part(
            _figures(use, WRITE.format(lesson=lesson)),
            "Its pictures",
            in_notebook=_figures(use, SHOW),
        ),
    ]
    return Program(question, [ABOUT.format(version=__version__)], link, parts)


def _imports(lesson: str, use: Use, config: type[BaseModel]) -> list[str]:
    """In the order of their modules."""
    experiment = f"bnviz.experiments.{lesson}"
    own = config.__module__ == experiment
    found = f"{config.__name__}, {use.results}run" if own else f"{use.results}run"
    lines = [
        f"from {experiment} import {found}",
        "from bnviz.figures import LIGHT, drawn",
        f"from bnviz.figures import {use.pictures or lesson} as pictures",
        f"from bnviz.verdicts.{lesson} import judge",
        f"from bnviz.words.{use.words or lesson} import {use.tools}findings",
    ]
    return sorted(
        [*lines, *([] if own else [f"from {config.__module__} import {config.__name__}"])]
    )


def _config(name: str, config: BaseModel) -> str:
    """Its code: what is not as the lesson opens."""
    fields = type(config).model_fields
    turned = [f"{field}={value!r}" for field, value in config if value != fields[field].default]
    begun = f"{name} = {type(config).__name__}("
    line = f"{begun}{', '.join(turned)})"
    if len(line) <= WIDTH:
        return line
    return "\n".join([begun, *(f"    {one}," for one in turned), ")"])


def _figures(use: Use, last: str) -> str:
    """A name for each, and what becomes of them."""
    entries = [f'    "{name}": {code},' for name, code in use.figures.items()]
    return "\n".join(["figures = {", *entries, "}", last])
