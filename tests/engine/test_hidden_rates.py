"""A rate and a decay of the hidden weights alone, against torch.optim and a paper's identity."""

import pytest
import torch
from torch import nn

from bnviz.engine.architecture import Architecture
from bnviz.engine.batches import BatchOrder
from bnviz.engine.batchnorm import Options
from bnviz.engine.data import load
from bnviz.engine.hidden_rates import hidden_gradients
from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.training import train

RATE, DECAY, STEPS = 0.1, 0.05, 30
GROWTH = (1 - RATE * DECAY) ** -2
DATA = load("digits", train_size=64)


def trained(steps=STEPS, epsilon=1e-5, **plan):
    """Two networks with BN in 64 bits: the parameters in the end, and the losses on the way."""
    architecture = Architecture(
        inputs=DATA.features, outputs=DATA.classes, depth=3, width=16, normalizer="batch",
        normalized=(1, 2, 3), options=Options(epsilon=epsilon),
    )  # fmt: skip
    cohort = Cohort(architecture, (1, 2), dtype=torch.float64)
    history = train(cohort, (1, 2), DATA, Plan((RATE, RATE), steps, 32, **plan), tested=False)
    return cohort, history


class Twin(nn.Module):
    """The first replica of such a cohort as torch.nn writes it."""

    def __init__(self, cohort):
        super().__init__()
        self.hidden = nn.ModuleList()
        self.norms = nn.ModuleList()
        for layer in cohort.layers[:-1]:
            linear = nn.Linear(layer.weight.shape[2], layer.weight.shape[1], bias=False).double()
            linear.weight.data = layer.weight[0].detach().clone()
            self.hidden.append(linear)
            self.norms.append(nn.BatchNorm1d(layer.weight.shape[1]).double())
        last = cohort.layers[-1]
        self.out = nn.Linear(last.weight.shape[2], last.weight.shape[1]).double()
        self.out.weight.data = last.weight[0].detach().clone()
        self.out.bias.data = last.bias[0, :, 0].detach().clone()

    def forward(self, h):
        for linear, norm in zip(self.hidden, self.norms, strict=True):
            h = torch.relu(norm(linear(h)))
        return self.out(h)


@pytest.mark.parametrize("plan", [{"growth": 1.5}, {"hidden_decay": 0.3}])
def test_a_few_steps_are_those_of_torch_with_two_groups_of_parameters(plan):
    cohort, _ = trained(steps=1, growth=1.0)  # to have one of this kind
    start = Cohort(cohort.architecture, (1, 2), dtype=torch.float64)
    twin, order = Twin(start), BatchOrder((1, 2), len(DATA.train_labels), 32)
    hidden = [linear.weight for linear in twin.hidden]
    others = [p for p in twin.parameters() if all(p is not one for one in hidden)]
    decay, growth = plan.get("hidden_decay", 0.0), plan.get("growth", 1.0)
    optimizer = torch.optim.SGD(
        [{"params": hidden, "weight_decay": decay}, {"params": others}], lr=RATE
    )
    inputs, labels = torch.tensor(DATA.train_inputs).double(), torch.tensor(DATA.train_labels)
    for step in range(4):
        optimizer.param_groups[0]["lr"] = RATE * growth ** (step + 0.5)
        chosen = order.at(step)[0]
        loss = nn.functional.cross_entropy(twin(inputs[chosen]), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    found, _ = trained(steps=4, **plan)
    for layer, linear in zip(found.layers[:-1], twin.hidden, strict=True):
        torch.testing.assert_close(layer.weight[0], linear.weight, rtol=1e-9, atol=1e-11)
    torch.testing.assert_close(found.layers[-1].weight[0], twin.out.weight, rtol=1e-9, atol=1e-11)
    torch.testing.assert_close(found.layers[0].gamma[:16], twin.norms[0].weight, rtol=1e-9, atol=0)


def test_decay_and_growth_give_the_same_function_where_the_scale_does_not_matter():
    """Li & Arora 2020: with ε -> 0, the growing W is the decaying one / (1 - lr λ)^t."""
    (decaying, one), (growing, other) = (
        trained(epsilon=1e-14, **plan) for plan in ({"hidden_decay": DECAY}, {"growth": GROWTH})
    )
    torch.testing.assert_close(
        torch.tensor(one.batch_losses), torch.tensor(other.batch_losses), rtol=1e-5, atol=1e-6
    )
    longer = (1 - RATE * DECAY) ** -STEPS
    for left, right in zip(decaying.layers[:-1], growing.layers[:-1], strict=True):
        torch.testing.assert_close(longer * left.weight, right.weight, rtol=1e-6, atol=1e-8)
    torch.testing.assert_close(
        decaying.layers[-1].weight, growing.layers[-1].weight, rtol=1e-6, atol=1e-8
    )


def test_a_plan_without_them_leaves_the_gradients_alone():
    cohort, _ = trained(steps=1)
    gradients = [torch.ones_like(p) for p in cohort.parameters()]
    assert hidden_gradients(cohort, gradients, Plan((RATE, RATE)), 3) is gradients


@pytest.mark.parametrize(
    "wrong",
    [{"growth": 0.0}, {"growth": float("inf")}, {"hidden_decay": -1.0},
     {"growth": 1.1, "optimizer": "adam"}, {"hidden_decay": 0.1, "optimizer": "momentum"}],
)  # fmt: skip
def test_what_makes_no_plan_is_refused(wrong):
    with pytest.raises(ValueError, match="growth"):
        Plan((RATE,), **wrong)
