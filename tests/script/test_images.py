"""The script of the relatives: the convolutions, normalizations and steps of the engine."""

import numpy as np
import pytest
import torch

from bnviz.engine.images import ConvolutionalCohort
from bnviz.engine.threads import one_thread
from bnviz.engine.training import train
from bnviz.experiments import relatives
from bnviz.experiments.relatives import RelativesConfig
from bnviz.experiments.settings import knobs
from bnviz.script.text import script
from tests.script.test_steps import CLOSE, SEED, loaded

SMALL = {"steps": 4, "seeds": 1, "first_seed": SEED, "learning_rate": 0.1}


def options(name):
    return knobs(RelativesConfig)[name].options


CASES = [
    *({"side": side, "depth": 3} for side in options("side")),
    *({"groups": groups} for groups in options("groups")),
    *({"batch_size": 1, "side": side} for side in options("side")),
    *({"initialization": one, "gain": 1.5, "side": 2} for one in options("initialization")),
    *({"optimizer": one} for one in options("optimizer")),
    *({"activation": one} for one in options("activation")),
    *({"dataset": one} for one in options("dataset")),
    {"depth": 1, "batch_size": 1},
    {"activation": "tanh", "side": 4},
]


def numbers(layers):
    """All that is learned or averaged, as flat tensors."""
    return [one.detach().flatten() for one in layers if one is not None]


def of_script(model):
    """Layer by layer: weights, what normalizes, its averages."""
    found = []
    for part in model.modules():
        if isinstance(part, torch.nn.Conv2d | torch.nn.Linear):
            found += [part.weight, part.bias]
        elif getattr(part, "weight", None) is not None:
            found += [part.weight, part.bias, getattr(part, "running_mean", None)]
            found += [getattr(part, "running_var", None), getattr(part, "logits", None)]
    return numbers(found)


def of_engine(cohort, kind):
    """The same."""
    *hidden, last = cohort.layers
    found = []
    for layer in hidden:
        found += [layer.weight, *([] if kind == "plain" else [layer.gamma]), layer.beta]
        if kind in ("batch", "renorm", "switchable"):
            found += [layer.running.mean, layer.running.variance]
        if kind == "switchable":
            found += [layer.importance_logits]
    return numbers([*found, last.weight, last.bias])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_few_steps_are_those_of_the_engine(case):
    config = RelativesConfig(**SMALL | case)
    names = loaded(script("relatives", "Who?", config, whole=True))
    names |= {name: names[name].double() for name in ("X", "TEST_X")}
    torch.set_default_dtype(torch.float64)
    try:
        for kind in relatives.KINDS:
            agree(config, names, kind)
    finally:
        torch.set_default_dtype(torch.float32)


def agree(config, names, kind):
    """From the same weights on the same mini-batches: the same weights, averages and answers."""
    own, seeds = names["NETWORKS"][kind], [SEED]
    first, model = names["network"](SEED, own), names["network"](SEED, own)
    curve = names["train"](model, names["batches"](SEED))
    engines = ["none" if kind == "plain" else kind]
    made = (config.network(), engines, seeds, [config.gain], torch.float64)
    start, cohort = ConvolutionalCohort(*made), ConvolutionalCohort(*made)
    records = relatives.recorded(config.steps)
    with one_thread():
        history = train(cohort, seeds, config.data(), config.plan(1), record_at=records)
    pairs = ((first, start, {"rtol": 0, "atol": 1e-15}), (model, cohort, CLOSE))
    for ours, theirs, close in pairs:
        for mine, its in zip(of_script(ours), of_engine(theirs, kind), strict=True):
            torch.testing.assert_close(mine, its, **close)
    np.testing.assert_allclose(curve, history.test_accuracies[0], atol=1e-6)  # kept in float32
