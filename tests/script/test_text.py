"""What is in a script: what its settings need, no more; and that it runs without bnviz."""

import ast
import re
import subprocess
import sys

import numpy as np
import pytest
import torch

import bnviz
from bnviz.axes import FIRST_MOMENTUM, OWN_BATCH
from bnviz.experiments import (
    activations,
    alone,
    collapse,
    gradients,
    home,
    lab,
    landscape,
    modes,
    noise,
    placement,
    race,
    rates,
    relatives,
    shift,
    surface,
)
from bnviz.experiments.bounds import TooLargeError
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.settings import knobs
from bnviz.script.comparison import LESSONS
from bnviz.script.fill import block, holds
from bnviz.script.text import script
from bnviz.ui.course import lesson
from bnviz.ui.exact import config_of
from tests.own import carried

QUESTION = "Does it?"
SMALL = {"dataset": "spirals", "depth": 2, "width": 8, "steps": 6, "seeds": 2}
FEW_STEPS = {"depth": 2, "width": 4, "steps": 3, "seeds": 2}
LINK = "https://bnviz.example/lesson?lesson-first_seed=0"


def opened(name):
    """The Configs of a lesson as it opens."""
    if name == "lab":
        return [LabConfig(**arm) for arm in ({}, {"normalizer": "batch"})]
    return [config_of(name)()]


def with_knob(name, field, value):
    """The same with one knob turned; in the lab that of the first arm."""
    first, *others = opened(name)
    return [type(first)(**carried(first.model_dump() | {field: value})), *others]


def ends(name):
    """A knob of the lesson, and one of its ends."""
    declared = knobs(type(opened(name)[0])).items()
    return [(field, knob.options[place]) for field, knob in declared for place in (0, -1)]


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("name", LESSONS)
def test_where_a_lesson_opens_all_of_its_script_is_used(name, whole):
    text = script(name, lesson(name).question, *opened(name), link=LINK, whole=whole)
    tree = ast.parse(text)
    assert max(map(len, text.splitlines())) <= 100
    defined = [node.name for node in tree.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    named = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    imported = [alias.asname or alias.name for node in imports for alias in node.names]
    constants = re.findall(r"^([A-Z, ]+) = ", text, re.MULTILINE)
    for one in [*defined, *imported, *", ".join(constants).split(", ")]:
        assert one in named, one


@pytest.mark.parametrize("name", LESSONS)
def test_at_the_ends_of_all_knobs_it_compiles(name):
    for field, value in ends(name):
        configs = with_knob(name, field, value)
        try:
            text = script(name, QUESTION, *configs)
        except TooLargeError:
            continue
        compile(text, f"{name} {field} {value}", "exec")
        assert max(len(line) for line in text.splitlines() if "# Link" not in line) <= 100
        assert "$" not in text
        assert "#?" not in text


def test_nothing_is_left_of_an_option_that_is_off():
    text = script("lab", QUESTION, *opened("lab"))
    for word in ("dropout", "Noise", "Ghost", "Cosine", "lr", "momentum", "input_norm", "GAMMA"):
        assert word not in text
    turned = script("lab", QUESTION, *with_knob("lab", "dropout", 0.3))
    assert "nn.Dropout(own.get(" in turned


def test_the_first_lines_say_what_it_is_of_and_stay_comments():
    link = "http://localhost:8501/race?race-depth=8\nimport os"
    text = script("race", "Does it\ntrain faster?", race.RaceConfig(depth=8), link=link)
    lines = text.split("\n\n", 1)[0].splitlines()
    assert all(line.startswith("# ") for line in lines)
    said = "\n".join(lines)
    assert lines[0] == "# Does it train faster?"
    assert f"bnviz {bnviz.__version__}" in said
    assert "Hidden layers 8" in said
    assert "race?race-depth=8" in said


def test_it_is_of_what_the_page_can_afford():
    config = race.RaceConfig(depth=50, width=256, batch_size=512, steps=1600, seeds=10)
    granted = config.affordable()
    assert granted != config
    assert script("race", QUESTION, config) == script("race", QUESTION, granted)


def test_a_condition_is_of_facts():
    assert holds("", set())
    assert holds("a !b", {"a"})
    assert not holds("a !b", {"a", "b"})
    assert holds("!a|b", {"a", "b"})
    with pytest.raises(KeyError):
        block("network", set(), {})


IN_ONE = pytest.mark.xdist_group("printed")  # what they look at is printed once
RUN = """
import runpy, sys
import matplotlib
matplotlib.use("Agg")
from matplotlib import pyplot as plt

def show():
    plt.savefig("curves.png")
    axes, legend = plt.gca(), plt.gca().get_legend()
    print("drawn:", *(text.get_text() for text in legend.get_texts()), sep="|")
    print("axes:", axes.get_xlabel(), axes.get_ylabel(), sep="|")
    plt.close()

plt.show = show
for path in sys.argv[1:]:
    if path.endswith("bare.py"):
        sys.modules["matplotlib"] = None  # as where it is not installed
    runpy.run_path(path, run_name="__main__")
assert not any(name.split(".")[0] in ("bnviz", "streamlit") for name in sys.modules)
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """What a script of each kind prints, all in one interpreter that knows no bnviz: by name."""
    folder, small = tmp_path_factory.mktemp("scripts"), SMALL | {"dataset": "digits"}
    kinds = {
        "race": [race.RaceConfig(**small)],
        "noise": [noise.NoiseConfig(**small)],
        "alone": [alone.AloneConfig(**small)],
        "collapse": [collapse.CollapseConfig(**small)],
        "wild": [placement.PlacementConfig(**small, features="wild", compare="dropout before it")],
        "shift": [shift.ShiftConfig(**SMALL)],
        "lab": [
            LabConfig(**SMALL, normalizer="renorm", skip="on", schedule="cosine", chunk=8),
            LabConfig(**SMALL, normalizer="switchable", batch_size=8, then="0.1x3"),
        ],
        "walks": [gradients.GradientsConfig(**SMALL)],
        "modes": [modes.ModesConfig(**SMALL)],
        "relatives": [relatives.RelativesConfig(**FEW_STEPS)],
        "all relatives": [relatives.RelativesConfig(**FEW_STEPS)],
        "dead": [race.RaceConfig(**small | {"learning_rate": 1000, "activation": "identity"})],
    }
    kinds["bare"] = kinds["race"]  # without matplotlib: the last one
    lessons = {"wild": "placement", "walks": "gradients", "dead": "race", "bare": "race"}
    lessons["all relatives"] = "relatives"
    for name, configs in kinds.items():
        text = script(lessons.get(name, name), QUESTION, *configs, whole=name.startswith("all"))
        folder.joinpath(f"{name}.py").write_text(f'print("<{name}>")\n{text}', encoding="utf-8")
    files = [str(folder / f"{name}.py") for name in kinds]
    run = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", RUN, *files],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    parts = re.split(r"^<([\w ]+)>\n", run.stdout, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@IN_ONE
def test_it_runs_by_itself_and_prints_what_became_of_each_network(printed):
    assert re.findall(r"^(\S+): \d", printed["race"], re.MULTILINE) == ["plain", "BN"]
    assert "90.0% reached in" in printed["race"] or "90% reached in" in printed["race"]
    assert "noisy BN: " in printed["shift"]
    assert printed["noise"].count("\nBN in chunks of ") == 5
    assert printed["alone"].count("%") == 12
    assert printed["collapse"].count(": mean cosine of all pairs ") == 2
    assert "\ngamma and beta: " in printed["alone"]
    assert printed["wild"].count("diverged") == 4
    assert printed["lab"].count("\n") == 5
    assert printed["walks"].count("the gradient moves by up to") == 2
    assert printed["modes"].count("with the statistics of each mini-batch") == 2
    assert printed["relatives"].count(" diverged") == 5
    assert printed["all relatives"].count(" diverged") == 7
    for line in re.findall(r"^\w+: .*", printed["relatives"], re.MULTILINE):
        assert line in printed["all relatives"]  # those that are left are the same


@IN_ONE
def test_where_there_is_matplotlib_the_curves_are_drawn_with_names_on_axes_and_curves(printed):
    assert "drawn:|plain|BN\naxes:|step|test accuracy, median of the seeds\n" in printed["race"]
    assert "drawn:|plain|BN\n" in printed["dead"]  # of nothing but nan
    assert "drawn:|plain|batch|layer|group|instance\n" in printed["relatives"]
    every = "drawn:|plain|batch|renorm|switchable|layer|group|instance\n"
    assert every in printed["all relatives"]
    assert "drawn:" not in printed["bare"]
    assert printed["race"].startswith(printed["bare"])


@IN_ONE
def test_a_divergence_is_told(printed):
    assert "plain: 0.0% (0.0% to 0.0%), 2 diverged" in printed["dead"]


RUNS = {
    "home": home.run,
    "race": race.run,
    "rates": rates.run,
    "activations": activations.run,
    "noise": noise.run,
    "alone": alone.run,
    "landscape": landscape.run,
    "gradients": gradients.run,
    "shift": shift.run,
    "placement": placement.run,
}


def names_of(name, *configs):
    """What a script defines, without running it."""
    found, threads = {"__name__": "loaded"}, torch.get_num_threads()
    exec(compile(script(name, QUESTION, *configs), name, "exec"), found)
    torch.set_num_threads(threads)
    return found


DATA = {
    "noise": noise.NoiseConfig(),
    "race": race.RaceConfig(dataset="moons"),
    "placement": placement.PlacementConfig(features="wild"),
    "relatives": relatives.RelativesConfig(dataset="circles", train_size=128, wrong_labels=0.2),
    "home": home.HomeConfig(dataset="wine", train_size=64),
    "rates": rates.RatesConfig(dataset="breast cancer", scaling="raw"),
    "modes": modes.ModesConfig(dataset="rings", point_noise=3.0),
    "shift": shift.ShiftConfig(dataset="checkerboard"),
}


@pytest.mark.parametrize("name", DATA)
def test_its_data_are_those_of_the_page_to_the_bit(name):
    names, data = names_of(name, DATA[name]), DATA[name].data()
    own = (data.train_inputs, data.train_labels, data.test_inputs, data.test_labels)
    for values, expected in zip(("X", "Y", "TEST_X", "TEST_Y"), own, strict=True):
        np.testing.assert_array_equal(names[values].numpy(), expected)


@pytest.mark.parametrize("name", ["landscape", "gradients"])
def test_its_walks_along_the_gradient_are_those_of_the_page(name):
    kind = {"landscape": landscape.LandscapeConfig, "gradients": gradients.GradientsConfig}[name]
    config = kind(**SMALL)
    names = names_of(name, config)
    result = RUNS[name](config)
    page = result.loss_there if name == "landscape" else result.distance
    for treatment, own in enumerate(names["NETWORKS"].values()):
        model = names["network"](0, own)
        names["train"](model, names["batches"](0))
        np.testing.assert_allclose(
            model.walks, page[treatment, 0, :-1], rtol=1e-3
        )  # not after the end


def test_both_modes_are_told_and_looking_changes_nothing():
    config = modes.ModesConfig(**SMALL | {"steps": 60})
    names = names_of("modes", config)
    model = names["network"](0, names["NETWORKS"]["BN"])
    end = names["train"](model, names["batches"](0))[-1]
    page = modes.run(config).test_accuracy[:, 0, -1]
    momentum = FIRST_MOMENTUM + config.momenta().index(config.momentum)
    assert abs(end - page[momentum]) < 0.02
    assert (
        abs(names["test_accuracy"](model, training=True) - page[OWN_BATCH]) < 0.05
    )  # in another order
    assert names["test_accuracy"](model) == end


def accuracies(name, configs):
    """What the page shows of a lesson: (networks, seeds, T)."""
    if name == "lab":
        return [lab.run(config).test_accuracies for config in configs]
    result = RUNS[name](*configs)
    return result.test_accuracy[:, result.own()] if name == "rates" else result.test_accuracy


@pytest.mark.parametrize("name", [*(name for name in RUNS if name != "gradients"), "lab"])
def test_its_curves_are_those_of_the_page(name):
    """To a sample or two of the 500: in 32 bits, a few steps from the start."""
    types = [surface.LandscapeConfig if name == "landscape" else type(one) for one in opened(name)]
    changes = [{}, {"normalizer": "batch"}] if name == "lab" else [{}]
    configs = [one(**SMALL | change) for one, change in zip(types, changes, strict=True)]
    names = names_of(name, *configs)
    curves = [
        [names["train"](names["network"](seed, own), names["batches"](seed)) for seed in range(2)]
        for own in names["NETWORKS"].values()
    ]
    same = abs(np.array(curves) - np.stack(accuracies(name, configs)))
    if name == "shift":
        same = same[:2]  # the third has noise
    assert same.max() < 5 / 500
