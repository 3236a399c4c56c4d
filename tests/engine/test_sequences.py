"""The recurrent network, beside the same written out in torch.nn."""

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from bnviz.engine.data import load
from bnviz.engine.networks import Intermediates
from bnviz.engine.plan import Plan
from bnviz.engine.sequences import ROWS, RecurrentArchitecture, RecurrentCohort
from bnviz.engine.training import train

KINDS = [("none", "shared"), ("batch", "per step"), ("batch", "shared"), ("layer", "shared")]


def a_network(kind, statistics, **changes):
    described = {"inputs": 64, "outputs": 10, "width": 6, "activation": "tanh"}
    return RecurrentArchitecture(
        **described | {"normalizer": kind, "statistics": statistics} | changes
    )


class Slow(nn.Module):
    """One replica, step by step, with a torch.nn normalizer for each set of statistics."""

    def __init__(self, cohort, replica, kind, statistics):
        super().__init__()
        cell, last = cohort.layers
        self.linear = nn.Linear(14, 6, bias=kind == "none", dtype=torch.float64)
        self.last = nn.Linear(6, 10, dtype=torch.float64)
        with torch.no_grad():
            self.linear.weight.copy_(cell.weight[replica])
            self.last.weight.copy_(last.weight[replica])
            self.last.bias.zero_()
        if kind == "none":
            nn.init.zeros_(self.linear.bias)
        makers = {
            "none": nn.Identity,
            "batch": lambda: nn.BatchNorm1d(6, dtype=torch.float64),
            "layer": lambda: nn.LayerNorm(6, dtype=torch.float64),
        }
        self.norms = nn.ModuleList(
            makers[kind]() for _ in range(8 if statistics != "shared" else 1)
        )
        for norm in self.norms[1:]:  # one gamma and one beta for all steps
            norm.weight, norm.bias = self.norms[0].weight, self.norms[0].bias

    def forward(self, images):
        h = images.new_zeros(len(images), 6)
        for step in range(images.shape[1] // 8):
            read = torch.cat([images[:, 8 * step : 8 * step + 8], h], dim=1)
            norm = self.norms[min(step, len(self.norms) - 1)]
            h = torch.tanh(norm(self.linear(read)))
        return self.last(h)


@pytest.mark.parametrize(("kind", "statistics"), KINDS)
def test_training_and_longer_sequences_are_those_of_torch_nn(kind, statistics):
    data = load("digits")
    cohort = RecurrentCohort(a_network(kind, statistics), [3, 8], dtype=torch.float64)
    slow, seen = Slow(cohort.select([0, 1]), 1, kind, statistics), []

    def look(snapshot):
        seen.append((snapshot.inputs[1].T.clone(), snapshot.labels[1]))
        return {}

    plan = Plan((0.1, 0.2), 4, 16)
    history = train(cohort, [3, 8], data, plan, record_at=range(5), probes=[look])
    optimizer = torch.optim.SGD(slow.parameters(), 0.2)
    for step, (inputs, labels) in enumerate(seen[:4]):
        loss = nn.functional.cross_entropy(slow(inputs), labels)
        assert history.batch_losses[1, step] == pytest.approx(loss.item(), rel=1e-6)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    ours = cohort.select([1])
    test = torch.tensor(data.test_inputs, dtype=torch.float64)
    for longer in (test, torch.cat([torch.zeros(450, 40, dtype=torch.float64), test], 1)):
        outputs = ours.forward(longer.T[None], "inference")[0].T
        assert_close(outputs, slow.eval()(longer), rtol=1e-7, atol=1e-8)


def test_statistics_of_each_step_are_kept_apart_and_measuring_changes_nothing():
    cohort = RecurrentCohort(a_network("batch", "per step"), [0, 1])
    running = cohort.layers[0].running
    assert running.mean.numel() == 2 * ROWS * 6
    inputs = torch.randn(2, 64, 9, generator=torch.Generator().manual_seed(0))
    intermediates = Intermediates()
    cohort.forward(inputs, "batch", intermediates)
    assert not running.mean.any()
    cohort.forward(inputs, "train")
    for step in range(ROWS):
        mean = intermediates.pre_activations[step].mean(2)
        assert_close(running.mean.view(2, ROWS, 6)[:, step], 0.1 * mean, rtol=1e-4, atol=1e-6)
    assert len(intermediates.pre_activations) == ROWS + 1


@pytest.mark.parametrize(
    "wrong",
    [{"depth": 2}, {"inputs": 2}, {"skip": True}, {"statistics": "none"}, {"normalizer": "renorm"}],
)
def test_what_it_cannot_do_is_refused(wrong):
    with pytest.raises(ValueError, match=r"depth|inputs|statistics|normalizer"):
        a_network(**{"kind": "batch", "statistics": "shared"} | wrong)
