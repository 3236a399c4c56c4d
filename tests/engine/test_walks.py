"""Walks along the gradient: ordinary torch.nn code is the oracle, and nobody notices the walk."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.engine import walks
from bnviz.engine.architecture import Architecture
from bnviz.engine.data import Dataset
from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.threads import one_thread
from bnviz.engine.training import train
from bnviz.engine.walks import losses_along, walk

SEEDS, RATE, BATCH, FEATURES, CLASSES, DEPTH, WIDTH = (0, 1, 2), 0.2, 8, 5, 3, 3, 6
LENGTHS = [0.1, 0.2, 0.4, 0.8]
PLAIN = Architecture(FEATURES, CLASSES, DEPTH, WIDTH)
BN = replace(PLAIN, normalizer="batch")
SECOND = replace(BN, normalized=(2,), activation="tanh")
SKIP = replace(BN, skip=True, placement="after", activation="gelu")
NETWORKS = {"plain": PLAIN, "BN": BN, "BN in layer 2": SECOND, "BN after, skip": SKIP}
LARGEST = 1e30  # a length at which the numbers of three layers overflow


def make_data():
    random = np.random.default_rng(3)
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
every_network = pytest.mark.parametrize("architecture", NETWORKS.values(), ids=list(NETWORKS))


def trained(architecture, probe, *, seeds=SEEDS, steps=6, dtype=torch.float64, **more):
    cohort = Cohort(architecture, seeds, dtype=dtype)
    plan = Plan((RATE,) * len(seeds), steps=steps, batch_size=BATCH, **more)
    return train(cohort, seeds, DATA, plan, record_at=range(steps + 1), probes=[probe])


def moments(architecture, probe, **more):
    """(step, the cohort as it was, inputs, labels, what the probe measured) at every record."""
    seen = []

    def keep(snapshot):
        measured = {name: value.clone() for name, value in probe(snapshot).items()}
        start = snapshot.cohort.select(range(snapshot.cohort.replicas))
        seen.append(
            (snapshot.step, start, snapshot.inputs.clone(), snapshot.labels.clone(), measured)
        )
        return {}

    trained(architecture, keep, **more)
    return seen


class Ordinary(nn.Module):
    """One replica of a cohort, written the ordinary way."""

    ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "gelu": nn.GELU}  # noqa: RUF012

    def __init__(self, cohort, replica):
        super().__init__()
        self.architecture = cohort.architecture
        sizes = self.architecture.sizes()
        self.linears, self.norms = nn.ModuleList(), nn.ModuleList()
        self.activation = self.ACTIVATIONS[self.architecture.activation]()
        for index, (layer, (inputs, outputs)) in enumerate(
            zip(cohort.layers, sizes, strict=True), start=1
        ):
            normalized = self.architecture.is_normalized(index)
            linear = nn.Linear(inputs, outputs, bias=layer.bias is not None).double()
            norm = nn.BatchNorm1d(outputs).double() if normalized else nn.Identity()
            values = [t.detach().view(cohort.replicas, -1)[replica] for t in layer.parameters()]
            mine = [linear.weight, linear.bias, *norm.parameters()]
            with torch.no_grad():
                for parameter, value in zip(
                    [p for p in mine if p is not None], values, strict=True
                ):
                    parameter.copy_(value.view_as(parameter))
            self.linears.append(linear)
            self.norms.append(norm)

    def forward(self, x):
        for index, (linear, norm) in enumerate(zip(self.linears, self.norms, strict=True)):
            if index == self.architecture.depth:
                return linear(x)
            if self.architecture.placement == "before":
                out = self.activation(norm(linear(x)))
            else:
                out = norm(self.activation(linear(x)))
            x = out + x if self.architecture.skip and index else out
        return x


def loss_and_gradient(network, x, y):
    """On a copy in training mode, so that running statistics may move."""
    network = copy.deepcopy(network).train()
    loss = nn.functional.cross_entropy(network(x), y)
    gradient = torch.autograd.grad(loss, list(network.parameters()))
    return loss.detach(), torch.cat([g.flatten() for g in gradient])


def walked(network, x, y, length):
    """The loss and the gradient at theta - length * g."""
    _, g = loss_and_gradient(network, x, y)
    moved = copy.deepcopy(network)
    with torch.no_grad():
        theta = nn.utils.parameters_to_vector(moved.parameters())
        nn.utils.vector_to_parameters(theta - length * g, moved.parameters())
    return loss_and_gradient(moved, x, y)


@every_network
def test_is_what_ordinary_code_finds_along_the_gradient(architecture):
    for step, cohort, inputs, labels, measured in moments(architecture, walk(LENGTHS)):
        for replica in range(len(SEEDS)):
            network = Ordinary(cohort, replica)
            x, y = inputs[replica].T, labels[replica]
            loss, g = loss_and_gradient(network, x, y)
            there = [walked(network, x, y, length) for length in LENGTHS]
            expected = {
                "loss_here": loss,
                "gradient_norm": g.norm(),
                "loss_there": torch.stack([after for after, _ in there]),
                "distance": torch.stack([(h - g).norm() for _, h in there]),
                "cosine": torch.stack([torch.cosine_similarity(h, g, 0) for _, h in there]),
            }
            assert set(measured) == set(expected)
            for name, value in expected.items():
                np.testing.assert_allclose(
                    measured[name][replica], value, rtol=1e-9, atol=1e-12, err_msg=f"{name} {step}"
                )


@every_network
def test_the_losses_alone_are_those_of_the_whole_walk(architecture):
    probe, alone = walk(LENGTHS), losses_along(LENGTHS)

    def both(snapshot):
        return {**{f"walk_{k}": v for k, v in probe(snapshot).items()}, **alone(snapshot)}

    for *_, measured in moments(architecture, both, dtype=torch.float32):
        assert measured["loss_there"].shape == (len(SEEDS), len(LENGTHS))
        for name in ("loss_here", "loss_there"):
            assert torch.equal(measured[f"walk_{name}"], measured[name])


@every_network
def test_the_change_goes_to_zero_with_the_length_and_in_proportion(architecture):
    smooth = replace(architecture, activation="tanh")  # a kink of ReLU may be anywhere
    for *_, measured in moments(smooth, walk([1e-6, 1e-5, 1e-4])):
        shrinking = measured["distance"].T
        np.testing.assert_allclose(shrinking[1] / shrinking[0], 10, rtol=0.02)
        np.testing.assert_allclose(shrinking[2] / shrinking[1], 10, rtol=0.2)
        assert (shrinking[0] < 1e-3 * measured["gradient_norm"]).all()
        assert (measured["cosine"][:, 0] > 1 - 1e-6).all()


def test_a_walk_of_no_length_changes_nothing():
    for *_, measured in moments(BN, walk([0.0])):
        assert torch.equal(measured["loss_there"][:, 0], measured["loss_here"])
        assert (measured["distance"] == 0).all()
        np.testing.assert_allclose(measured["cosine"], 1)


def test_the_cosine_is_exact_where_the_gradient_has_hardly_changed():
    """In 32 bits too: 1 - cos is far below what a quotient of two norms could tell from 1."""
    (_, _, _, _, single), *_ = moments(BN, walk([1e-3]), dtype=torch.float32)
    (_, _, _, _, double), *_ = moments(BN, walk([1e-3]))
    np.testing.assert_allclose(single["cosine"], double["cosine"], atol=2e-7)


@pytest.mark.parametrize("probe", [walk, losses_along])
@pytest.mark.parametrize("together", [1, 2, 3])
def test_the_same_bits_however_many_lengths_at_once(monkeypatch, probe, together):
    lengths = [0.05 * k for k in range(1, 8)]
    whole = [m for *_, m in moments(BN, probe(lengths), dtype=torch.float32)]
    size = sum(4 * p.numel() for p in Cohort(BN, SEEDS).parameters())
    monkeypatch.setattr(walks, "AT_ONCE", together * size)
    calls = []
    along = walks.along
    monkeypatch.setattr(walks, "along", lambda *a: calls.append(a[2].shape[1]) or along(*a))
    parts = [m for *_, m in moments(BN, probe(lengths), dtype=torch.float32)]
    assert set(calls) - {7 % together} == {together}
    assert sum(calls) == len(parts) * len(lengths)
    for one, other in zip(whole, parts, strict=True):
        for name in one:
            assert torch.equal(one[name], other[name]), name


def test_a_network_too_large_for_any_bound_goes_one_length_at_a_time(monkeypatch):
    monkeypatch.setattr(walks, "AT_ONCE", 1.0)
    (_, _, _, _, measured), *_ = moments(PLAIN, walk(LENGTHS), steps=1)
    assert measured["distance"].shape == (len(SEEDS), len(LENGTHS))


def test_until_leaves_out_the_later_records():
    history = trained(BN, losses_along(LENGTHS, until=2), dtype=torch.float32)
    whole = trained(BN, losses_along(LENGTHS), dtype=torch.float32)
    early, all_along = history.probes["early_there"], whole.probes["loss_there"]
    np.testing.assert_array_equal(early[:, :3], all_along[:, :3])
    assert np.isnan(early[:, 3:]).all()
    assert np.isfinite(all_along).all()
    np.testing.assert_array_equal(history.probes["early_here"], whole.probes["loss_here"])


def everything(snapshot):
    """Whatever a probe could leave a trace in."""
    cohort = snapshot.cohort
    tensors = [*cohort.parameters(), *cohort.buffers(), snapshot.inputs, snapshot.labels]
    tensors += [snapshot.losses, *snapshot.gradients, *(g.get_state() for g in cohort.generators)]
    return [t.detach().clone() for t in tensors]


def assert_untouched(before, snapshot):
    for a, b in zip(before, everything(snapshot), strict=True):
        assert torch.equal(a, b)
    assert all(p.grad is None and p.requires_grad for p in snapshot.cohort.parameters())
    assert not snapshot.losses.requires_grad


@every_network
@pytest.mark.parametrize("make", [walk, losses_along])
def test_leaves_no_trace(architecture, make):
    probe = make(LENGTHS)

    def watched(snapshot):
        before = everything(snapshot)
        measured = probe(snapshot)
        assert_untouched(before, snapshot)
        assert not any(value.requires_grad for value in measured.values())
        return measured

    trained(architecture, watched, dtype=torch.float32)


class BrokenError(Exception):
    pass


@pytest.mark.parametrize("broken", ["along", "losses"])
@pytest.mark.parametrize("make", [walk, losses_along])
def test_leaves_no_trace_where_it_breaks(monkeypatch, make, broken):
    whole = getattr(walks, broken)

    def breaks(*arguments):
        whole(*arguments)
        raise BrokenError

    monkeypatch.setattr(walks, broken, breaks)
    probe, met = make(LENGTHS), []

    def watched(snapshot):
        before = everything(snapshot)
        with pytest.raises(BrokenError):
            probe(snapshot)
        assert_untouched(before, snapshot)
        assert torch.is_grad_enabled()
        met.append(snapshot.step)
        return {}

    trained(BN, watched, dtype=torch.float32)
    assert len(met) == 7


@every_network
@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
@pytest.mark.parametrize("make", [walk, losses_along])
def test_the_training_does_not_notice(architecture, optimizer, make):
    with_probe = trained(architecture, make(LENGTHS), dtype=torch.float32, optimizer=optimizer)
    without = trained(architecture, lambda _: {}, dtype=torch.float32, optimizer=optimizer)
    for name in ("batch_losses", "test_losses", "test_accuracies"):
        np.testing.assert_array_equal(getattr(with_probe, name), getattr(without, name))
    for one, other in (
        (with_probe.cohort.parameters(), without.cohort.parameters()),
        (with_probe.cohort.buffers(), without.cohort.buffers()),
    ):
        for a, b in zip(one, other, strict=True):
            assert torch.equal(a, b)


@pytest.mark.parametrize("make", [walk, losses_along])
def test_a_replica_measures_the_same_in_any_company(make):
    whole = trained(BN, make(LENGTHS), dtype=torch.float32)
    for place, seed in enumerate(SEEDS):
        alone = trained(BN, make(LENGTHS), seeds=(seed,), dtype=torch.float32)
        for name, values in alone.probes.items():
            np.testing.assert_array_equal(values[0], whole.probes[name][place], err_msg=name)


class TestDivergence:
    def test_a_walk_beyond_all_numbers_raises_nothing(self):
        history = trained(PLAIN, walk([0.1, LARGEST]), dtype=torch.float32)
        assert not np.isfinite(history.probes["loss_there"][..., 1]).any()
        near = trained(PLAIN, walk([0.1]), dtype=torch.float32)
        for name in ("loss_there", "distance", "cosine"):
            np.testing.assert_array_equal(history.probes[name][..., :1], near.probes[name])
        assert history.divergences == [None] * len(SEEDS)

    def test_one_replica_that_overflows_costs_the_others_nothing(self):
        """Seed 1 starts with enormous weights: its gradient is finite, its walk is not."""
        gains, lengths = [1.0, 1e9, 1.0], [0.1, 1.0]

        def run(seeds, gains):
            cohort = Cohort(PLAIN, seeds, gains)
            plan = Plan((RATE,) * len(seeds), steps=3, batch_size=BATCH)
            return train(cohort, seeds, DATA, plan, record_at=range(4), probes=[walk(lengths)])

        history = run(SEEDS, gains)
        assert np.isfinite(history.probes["loss_here"][1, 0])  # alive at the first record …
        assert not np.isfinite(history.probes["distance"][1, 0]).any()  # … and walks too far
        assert history.divergences[1] is not None
        assert np.isnan(history.probes["distance"][1, -1]).all()
        for place in (0, 2):
            alone = run(SEEDS[place : place + 1], [1.0])
            for name, values in alone.probes.items():
                assert np.isfinite(values).all()
                np.testing.assert_array_equal(values[0], history.probes[name][place])

    def test_everybody(self):
        plan = Plan((1e30,) * 3, steps=3, batch_size=BATCH)
        cohort = Cohort(PLAIN, SEEDS, [1e3] * 3)
        history = train(cohort, SEEDS, DATA, plan, record_at=range(4), probes=[walk(LENGTHS)])
        assert all(history.divergences)
        assert np.isnan(history.probes["distance"][:, -1]).all()


def test_a_gradient_of_zero_has_no_direction_and_does_not_change():
    """Labels that are certain, to the last bit, leave nothing to follow."""
    cohort = Cohort(PLAIN, (0,))
    with torch.no_grad():
        cohort.layers[-1].weight.zero_()
        cohort.layers[-1].bias[0, 0] = 1e4
    sure = replace(DATA, train_labels=np.zeros_like(DATA.train_labels))
    seen = {}

    def keep(snapshot):
        seen.update(walk(LENGTHS)(snapshot))
        return {}

    with one_thread():
        train(cohort, (0,), sure, Plan((RATE,), steps=1), record_at=[0], probes=[keep])
    assert (seen["gradient_norm"] == 0).all()
    assert (seen["distance"] == 0).all()
    assert seen["cosine"].isnan().all()
