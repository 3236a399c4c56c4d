"""Ordinary torch.nn code is the oracle: one step of a cohort is one step of it, to rounding.

Both start every step from the same state and see the same batch, because long runs of two correct
programs drift apart (training is chaotic). The optimizers' own states are not synchronized: they
are built up on either side, over all the steps. Everything is in float64.
"""

import math

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.engine.architecture import Architecture
from bnviz.engine.batchnorm import Options
from bnviz.engine.data import Dataset
from bnviz.engine.networks import Cohort
from bnviz.engine.optimizers import OPTIMIZERS
from bnviz.engine.plan import Plan
from bnviz.engine.threads import one_thread
from bnviz.engine.training import train

STEPS, BATCH, DEPTH, WIDTH, FEATURES, CLASSES = 10, 8, 3, 6, 5, 3
SEEDS, RATES, GAINS = (0, 1), (0.1, 0.03), (1.0, 1.5)

# float64 rounds at 1e-16. A sum of some ten terms loses a digit, a normalization of nearly constant
# values up to 1/sqrt(eps) = 316 of them, three layers in a row more.
CLOSE = {"rtol": 1e-9, "atol": 1e-12}
# A gradient that is zero but for rounding, 1e-16, is divided by Adam's epsilon of 1e-8.
CLOSE_UPDATE = {"rtol": 1e-9, "atol": 1e-8}

MODULES = {
    "relu": nn.ReLU,
    "leaky relu": nn.LeakyReLU,
    "gelu": nn.GELU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
    "identity": nn.Identity,
}
NORMALIZED = {"no layer": (), "all layers": (1, 2, 3), "layer 2": (2,), "every second": (1, 3)}


def make_data():
    random = np.random.default_rng(0)
    inputs = random.normal(size=(50, FEATURES)).astype(np.float32)
    labels = random.integers(0, CLASSES, 50)
    return Dataset(
        name="random",
        train_inputs=inputs[:40],
        train_labels=labels[:40],
        test_inputs=inputs[40:],
        test_labels=labels[40:],
        classes=CLASSES,
        kind="table",
    )


DATA = make_data()


class Hidden(nn.Module):
    def __init__(self, inputs, width, activation, normalized, placement, skip):
        super().__init__()
        before = normalized and placement == "before"
        self.linear = nn.Linear(inputs, width, bias=not before)
        self.norm = nn.BatchNorm1d(width) if normalized else nn.Identity()
        self.activation = MODULES[activation]()
        self.placement, self.skip = placement, skip

    def forward(self, h):
        z = self.linear(h)
        if self.placement == "before":
            out = self.activation(self.norm(z))
        else:
            out = self.norm(self.activation(z))
        return out + h if self.skip else out


def ordinary_network(activation, placement, normalized, skip):
    sizes = [FEATURES] + [WIDTH] * DEPTH
    layers = [
        Hidden(sizes[i - 1], WIDTH, activation, i in normalized, placement, skip and i > 1)
        for i in range(1, DEPTH + 1)
    ]
    return nn.Sequential(*layers, nn.Linear(WIDTH, CLASSES)).double()


def ordinary_optimizer(name, network, rate, decay):
    if name == "adam":
        return torch.optim.Adam(network.parameters(), rate, weight_decay=decay, foreach=True)
    momentum = 0.9 if name == "momentum" else 0.0
    return torch.optim.SGD(network.parameters(), rate, momentum, weight_decay=decay, foreach=True)


def running(network):
    return [b for name, b in network.named_buffers() if "running" in name]


def of_replica(tensors, replica):
    return [t.detach().view(len(SEEDS), -1)[replica] for t in tensors]


def joined(tensors):
    """All numbers of a list of tensors as one vector, a copy."""
    return torch.cat([torch.empty(0).double(), *(t.detach().flatten() for t in tensors)])


def assert_same(pairs, close):
    """`pairs` holds (ours, theirs) of every step; compared at once, which is quicker."""
    ours, theirs = (torch.stack(side) for side in zip(*pairs, strict=True))
    np.testing.assert_allclose(ours, theirs, **close)


def load_into(tensors, values):
    with torch.no_grad():
        for tensor, value in zip(tensors, values, strict=True):
            tensor.copy_(value.view(tensor.shape))


def followed(architecture, plan):
    """A run of the cohort in which every step was looked at: (start, moments, history)."""
    cohort = Cohort(architecture, SEEDS, GAINS, dtype=torch.float64)
    start, moments = cohort.select(range(len(SEEDS))), []

    def keep(snapshot):
        moments.append((snapshot, snapshot.cohort.select(range(len(SEEDS)))))
        return {}

    history = train(cohort, SEEDS, DATA, plan, record_at=range(plan.steps + 1), probes=[keep])
    return start, moments, history


WHERE = [(name, place) for name in NORMALIZED for place in ("before", "after")]
WHERE.remove(("no layer", "after"))  # the same network as before


@pytest.mark.parametrize("skip", [False, True], ids=["", "skip"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("layers", "placement"), WHERE)
@pytest.mark.parametrize("activation", MODULES)
def test_every_step_is_that_of_ordinary_code(activation, layers, placement, optimizer, skip):
    normalized = NORMALIZED[layers]
    architecture = Architecture(
        FEATURES,
        CLASSES,
        DEPTH,
        WIDTH,
        activation,
        normalizer="batch",
        normalized=normalized,
        placement=placement,
        skip=skip,
    )
    plan = Plan(
        RATES,
        STEPS,
        BATCH,
        optimizer,
        schedule="cosine" if placement == "after" else "constant",
        weight_decay=0.02 if skip else 0.0,
    )
    start, moments, history = followed(architecture, plan)
    assert len(moments) == STEPS + 1
    with one_thread():
        for replica in (0, 1) if layers == "all layers" else (1,):  # both would take twice as long
            network = ordinary_network(activation, placement, normalized, skip)
            check_replica(replica, network, plan, start, moments)
            check_inference(replica, network, moments, history)


def check_replica(replica, network, plan, start, moments):
    """Step by step: loss, gradients, running statistics, and the parameters after the update."""
    rate = plan.learning_rates[replica]
    optimizer = ordinary_optimizer(plan.optimizer, network, rate, plan.weight_decay)
    parameters, statistics = list(network.parameters()), running(network)
    losses, gradients, buffers, updated = [], [], [], []
    assert_same([(joined(moments[0][1].buffers()), joined(start.buffers()))], CLOSE)
    for step in range(plan.steps):
        snapshot, state = moments[step]
        load_into(parameters, of_replica(state.parameters(), replica))
        load_into(statistics, of_replica(state.buffers(), replica))
        logits = network(snapshot.inputs[replica].T)
        loss = nn.functional.cross_entropy(logits, snapshot.labels[replica])
        for parameter, gradient in zip(
            parameters, torch.autograd.grad(loss, parameters), strict=True
        ):
            parameter.grad = gradient
        losses.append((snapshot.losses[replica], loss.detach()))
        ours = of_replica(snapshot.gradients, replica)
        gradients.append((joined(ours), joined(p.grad for p in parameters)))
        ours = of_replica(moments[step + 1][1].buffers(), replica)
        buffers.append((joined(ours), joined(statistics)))
        if plan.schedule == "cosine":
            optimizer.param_groups[0]["lr"] = rate * (1 + math.cos(math.pi * step / plan.steps)) / 2
        optimizer.step()
        ours = of_replica(moments[step + 1][1].parameters(), replica)
        updated.append((joined(ours), joined(parameters)))
    assert_same(losses, CLOSE)
    assert_same(gradients, CLOSE)
    assert_same(buffers, CLOSE)
    assert_same(updated, CLOSE_UPDATE)


def check_inference(replica, network, moments, history):
    """Test loss and accuracy of the last record, with the running statistics."""
    _, state = moments[-1]
    load_into(network.parameters(), of_replica(state.parameters(), replica))
    load_into(running(network), of_replica(state.buffers(), replica))
    network.eval()
    labels = torch.tensor(DATA.test_labels)
    with torch.no_grad():
        logits = network(torch.tensor(DATA.test_inputs, dtype=torch.float64))
    loss = nn.functional.cross_entropy(logits, labels).item()
    accuracy = (logits.argmax(1) == labels).double().mean().item()
    assert history.test_losses[replica, -1] == pytest.approx(loss, rel=1e-6)  # kept in float32
    assert history.test_accuracies[replica, -1] == pytest.approx(accuracy, rel=1e-6)


@pytest.mark.parametrize("placement", ["before", "after"])
def test_a_record_belongs_to_the_state_before_its_batch(placement):
    """An ordinary training, tested before each of its steps and after the last one.

    At step 0 the running statistics are still a mean of 0 and a variance of 1.
    """
    architecture = Architecture(
        FEATURES, CLASSES, DEPTH, WIDTH, "tanh", normalizer="batch", placement=placement
    )
    start, moments, history = followed(architecture, Plan(RATES, STEPS, BATCH))
    tests, labels = torch.tensor(DATA.test_inputs).double(), torch.tensor(DATA.test_labels)
    for replica, rate in enumerate(RATES):
        network = ordinary_network("tanh", placement, (1, 2, 3), skip=False)
        load_into(network.parameters(), of_replica(start.parameters(), replica))
        optimizer, found = torch.optim.SGD(network.parameters(), rate), []
        for snapshot, _ in moments:
            with torch.no_grad():
                logits = network.eval()(tests)
            loss = nn.functional.cross_entropy(logits, labels).item()
            found.append([loss, (logits.argmax(1) == labels).double().mean().item()])
            optimizer.zero_grad()
            logits = network.train()(snapshot.inputs[replica].T)
            nn.functional.cross_entropy(logits, snapshot.labels[replica]).backward()
            optimizer.step()
        losses, accuracies = np.transpose(found)
        np.testing.assert_allclose(history.test_losses[replica], losses, rtol=1e-6)  # float32
        np.testing.assert_allclose(history.test_accuracies[replica], accuracies, rtol=1e-6)


def test_ghost_batches_are_modules_applied_to_each_chunk():
    """With chunks, the network is run chunk by chunk; the loss is over the whole batch."""
    architecture = Architecture(
        FEATURES,
        CLASSES,
        DEPTH,
        WIDTH,
        "tanh",
        normalizer="batch",
        options=Options(ghost_batch_size=4),
    )
    _, moments, _ = followed(architecture, Plan(RATES, 5, BATCH))
    for replica in range(len(SEEDS)):
        network = ordinary_network("tanh", "before", (1, 2, 3), skip=False)
        for snapshot, state in moments:
            load_into(network.parameters(), of_replica(state.parameters(), replica))
            network.zero_grad()
            logits = torch.cat([network(part) for part in snapshot.inputs[replica].T.split(4)])
            loss = nn.functional.cross_entropy(logits, snapshot.labels[replica])
            loss.backward()
            ours = joined([snapshot.losses[replica], *of_replica(snapshot.gradients, replica)])
            theirs = joined([loss, *(p.grad for p in network.parameters())])
            assert_same([(ours, theirs)], CLOSE)
