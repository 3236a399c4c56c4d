"""What a script computes is what the engine computes: the same weights, batches and steps.

In float64, and over a few steps, since training is chaotic. What dropout and noise draw is the
one thing in which a script is free; here it is given the engine's own draws.
"""

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.engine.data import DATASETS
from bnviz.engine.networks import Cohort
from bnviz.engine.threads import one_thread
from bnviz.engine.training import train
from bnviz.experiments.data_knobs import DATA_KNOBS, DRAWN, OWN
from bnviz.experiments.drawn_points import written
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.own_samples import OWN_FILE
from bnviz.experiments.settings import knobs
from bnviz.script.text import script
from tests.own import own

SEED, STEPS = 3, 4
CLOSE = {"rtol": 1e-9, "atol": 1e-8}  # for the second, see tests/engine/test_oracle.py
SMALL = {
    "dataset": "spirals",
    "depth": 3,
    "width": 8,
    "batch_size": 16,
    "learning_rate": 0.1,
    "steps": STEPS,
    "seeds": 1,
    "first_seed": SEED,
}
BN = {"normalizer": "batch"}


def options(name):
    return knobs(LabConfig)[name].options


CASES = [
    *({"activation": one} | BN for one in options("activation")),
    *({"optimizer": one, "weight_decay": 0.01} for one in options("optimizer")),
    *({"normalizer": one} for one in options("normalizer")),
    *({"normalizer": one, "placement": "after"} for one in options("normalizer")),
    *({"normalizer": one, "affine": "frozen", "chunk": 4} for one in options("normalizer")),
    *({"normalized_layers": one} | BN for one in options("normalized_layers")),
    *({"initialization": one, "gain": 1.5} for one in options("initialization")),
    *({"normalizer": one, "batch_size": 1} for one in ("batch", "renorm", "group", "switchable")),
    {"normalizer": "group", "groups": 8},
    {"normalizer": "group", "groups": 4, "momentum": 0.5},
    {"momentum": 0.5, "bias_before": "kept"} | BN,
    {"skip": "on", "gamma_start": 0.0} | BN,
    {"skip": "on", "depth": 1} | BN,
    {"steps": 60} | BN,  # more than are recorded
    {"dropout": 0.3} | BN,
    {"dropout": 0.3, "skip": "on", "placement": "after", "normalizer": "noisy"},
    {"normalize_inputs": "on", "batch_size": 1},
    {"normalize_inputs": "on", "chunk": 4, "momentum": 0.5, "normalizer": "renorm"},
    {"schedule": "cosine", "optimizer": "adam", "learning_rate": 0.01},
    {"then": "0.03x2_0.01x3"} | BN,
    {"then": "0.03x2", "schedule": "cosine", "optimizer": "momentum"} | BN,
    {"dataset": "digits", "learning_rate": 0.01} | BN,
    *({"dataset": one, "learning_rate": 0.01} for one in DATASETS if one != "digits"),
    *({"point_noise": one, "dataset": "XOR"} for one in options("point_noise")),
    {"dataset": "wine", "scaling": "raw", "learning_rate": 0.001} | BN,
    {"dataset": "breast cancer", "scaling": "raw", "learning_rate": 1e-6} | BN,
    {"dataset": "wine", "train_size": 64, "wrong_labels": 0.4} | BN,
    {"dataset": "rings", "train_size": 128, "wrong_labels": 0.1, "point_noise": 3.0} | BN,
]


def loaded(text):
    """The names of a script that is not run."""
    names, threads = {"__name__": "loaded"}, torch.get_num_threads()
    exec(compile(text, "script", "exec"), names)
    torch.set_num_threads(threads)
    return names


class Draws:
    """What dropout and noise draw in the engine, in place of what torch draws in a script."""

    def __init__(self):
        self.generator = torch.Generator().manual_seed(2 * SEED + 1)

    def _like(self, draw, values):
        shape = values.T.shape
        return draw(shape, dtype=values.dtype, generator=self.generator).T

    def rand_like(self, values):
        return self._like(torch.rand, values)

    def randn_like(self, values):
        return self._like(torch.randn, values)

    def dropout(self, values, share, training):
        if not (training and share):
            return values
        return values * (self.rand_like(values) < 1 - share) / (1 - share)


class Replacing:
    """A module with some of its functions replaced."""

    def __init__(self, module, **instead):
        self.module, self.instead = module, instead

    def __getattr__(self, name):
        return self.instead.get(name) or getattr(self.module, name)


def given_draws(names):
    """The names of a script, with what it draws in training replaced by the engine's."""
    draws = Draws()

    class Dropout(nn.Dropout):
        def forward(self, values):
            return draws.dropout(values, self.p, self.training)

    like = {"rand_like": draws.rand_like, "randn_like": draws.randn_like}
    return names | {"torch": Replacing(torch, **like), "nn": Replacing(nn, Dropout=Dropout)}


def by_script(names, arm):
    """(the network at the start, at the end, its curve) of one arm, as the script trains it."""
    own = names["NETWORKS"][arm]
    names |= {name: names[name].double() for name in ("X", "TEST_X")}
    names |= given_draws(names)
    given = [(own,) if "own" in names[f].__code__.co_varnames else () for f in ("batches", "train")]
    torch.set_default_dtype(torch.float64)
    try:
        first, model = names["network"](SEED, own), names["network"](SEED, own)
        curve = names["train"](model, names["batches"](SEED, *given[0]), *given[1])
    finally:
        torch.set_default_dtype(torch.float32)
    return first, model, curve


def by_engine(config):
    """The same, of the cohort."""
    made = (config.architecture(), [SEED], [config.gain], torch.float64)
    cohort, plan = Cohort(*made), config.plan(1)
    history = train(cohort, [SEED], config.data(), plan, record_at=config.records())
    return Cohort(*made), cohort, history.test_accuracies[0]


def numbers_of_script(model):
    """Everything that is learned or averaged, layer by layer."""
    *hidden, last = [part for part in model if not isinstance(part, nn.BatchNorm1d | nn.Identity)]
    found = []
    for linear, norm in [*map(parts, hidden), (last, None)]:
        named = {"gamma": "weight", "beta": "bias", "importance_logits": "logits"}
        layer = {name: getattr(norm, own, None) for name, own in named.items()}
        found.append(layer | {"weight": linear.weight, "bias": linear.bias, "alpha": None})
        found[-1] |= {"mean": getattr(norm, "running_mean", None)}
        found[-1] |= {"variance": getattr(norm, "running_var", None)}
    if hasattr(model[0], "running_mean"):
        found[0] |= {"input": model[0].running_mean}
    return found


def parts(layer):
    """(what is linear, what normalizes) of a hidden layer."""
    linear, *others = [one for one in layer.modules() if list(one.parameters(recurse=False))]
    return linear, others[0] if others else None


def numbers_of_engine(cohort):
    averages = cohort.architecture.normalizer in ("batch", "renorm", "switchable")
    found = []
    for layer in cohort.layers:
        found.append(vars(layer.held()) | {"mean": None, "variance": None})
        if layer.running is not None and averages:
            found[-1] |= {"mean": layer.running.mean, "variance": layer.running.variance}
        if layer.input_running is not None:
            found[-1] |= {"input": layer.input_running.mean}
    return found


def assert_alike(model, cohort, **close):
    ours, theirs = numbers_of_engine(cohort), numbers_of_script(model)
    for mine, its in zip(ours, theirs, strict=True):
        assert mine.keys() == its.keys()
        for name, value in mine.items():
            assert (value is None) == (its[name] is None), name
            if value is not None:
                one, other = value.detach().flatten(), its[name].detach().flatten()
                torch.testing.assert_close(other, one, **close)


def check(a, b):
    configs = {name: LabConfig(**SMALL | one) for name, one in {"A": a, "B": b}.items()}
    names = loaded(script("lab", "What happens if …?", *configs.values()))
    for arm, config in configs.items():
        start, end, curve = by_script(names, arm)
        first, last, accuracies = by_engine(config)
        assert_alike(start, first, rtol=0, atol=1e-15)
        assert_alike(end, last, **CLOSE)
        np.testing.assert_allclose(curve, accuracies, atol=1e-6)  # kept in float32


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_few_steps_are_those_of_the_engine(case):
    """Both arms are alike, so that all is written into the code."""
    with one_thread():
        check(case, case)


@pytest.mark.parametrize("place", range(0, len(CASES) - 1, 2))
def test_so_they_are_where_two_networks_have_little_in_common(place):
    """What differs is each network's own. (Data and steps, they always share.)"""
    one, other = CASES[place : place + 2]
    with one_thread():
        shared = {name: getattr(LabConfig(**SMALL | one), name) for name in (*DATA_KNOBS, "steps")}
        check(one | shared, other | shared)


def test_a_network_that_diverges_ends_its_curve():
    config = LabConfig(**SMALL | {"learning_rate": 1000.0, "steps": 40, "activation": "identity"})
    names = loaded(script("lab", "What happens if …?", config, config))
    curve = names["train"](names["network"](SEED, {"normalized": []}), names["batches"](SEED))
    assert len(curve) == len(names["RECORDED"])
    assert np.isfinite(curve[0])
    assert np.isnan(curve[-1])


@pytest.mark.parametrize(
    "changed", [{}, {"scaling": "raw"}, {"train_size": 32, "wrong_labels": 0.2}], ids=str
)
def test_your_own_data_are_read_from_their_file(changed, tmp_path, monkeypatch):
    config = LabConfig(**SMALL | {"dataset": OWN} | changed, own_data=own())
    (tmp_path / OWN_FILE).write_bytes(config.own_data.file())
    monkeypatch.chdir(tmp_path)
    text = script("lab", "", config, config)
    names, data = loaded(text), config.data()
    assert f"numpy, and {OWN_FILE} beside it" in " ".join(text.replace("\n#  ", "").split())
    assert "sklearn" not in text
    for name, array in (("X", data.train_inputs), ("TEST_X", data.test_inputs)):
        np.testing.assert_allclose(names[name].numpy(), array, rtol=1e-5, atol=1e-6)
    assert (names["Y"].numpy() == data.train_labels).all()
    assert (names["TEST_Y"].numpy() == data.test_labels).all()


FEW = written(((*((x, 3) for x in range(9)), (-30, 30)), tuple((x, -3) for x in range(-7, 6))))


@pytest.mark.parametrize(
    "changed",
    [{}, {"points": FEW}, {"points": FEW, "train_size": 16, "wrong_labels": 0.2} | BN],
    ids=["two arcs", "few", "fewer"],
)
def test_drawn_points_stand_in_the_script(changed):
    case = {"dataset": DRAWN, "learning_rate": 0.01} | changed
    with one_thread():
        check(case, case)
    config = LabConfig(**SMALL | case)
    names, data = loaded(script("lab", "", config, config)), config.data()
    np.testing.assert_array_equal(names["Y"].numpy(), data.train_labels)
    np.testing.assert_allclose(names["TEST_X"].numpy(), data.test_inputs, rtol=1e-5, atol=1e-6)
