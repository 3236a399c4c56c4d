"""Shift: G, G' and the noise against slow, independent torch.nn code in float64."""

import copy
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from bnviz.engine import shifts
from bnviz.engine.architecture import Architecture
from bnviz.engine.data import Dataset
from bnviz.engine.networks import Cohort
from bnviz.engine.plan import Plan
from bnviz.engine.shifts import compared, movement, shift
from bnviz.engine.threads import one_thread
from bnviz.engine.training import train

FEATURES, CLASSES, SEEDS = 6, 3, [0, 1]
PLAIN = Architecture(FEATURES, CLASSES, depth=3, width=5, activation="tanh")
BN = Architecture(FEATURES, CLASSES, depth=3, width=5, activation="relu", normalizer="batch")
NOISY = Architecture(
    FEATURES, CLASSES, depth=3, width=5, activation="tanh", normalizer="batch", noise_after=True
)
SOME = Architecture(
    FEATURES, CLASSES, depth=3, width=5, activation="tanh", normalizer="batch", normalized=(2,)
)
NETWORKS = {"plain": PLAIN, "BN": BN, "noisy BN": NOISY, "BN in one layer": SOME}
EVERY_LAYER = [1, 2, 3, 4]


@pytest.fixture(autouse=True)
def small_work_is_done_by_one():
    """Two threads would wait for one another longer than they compute."""
    with one_thread():
        yield


def random_data():
    draw = np.random.default_rng(3)
    inputs = draw.normal(size=(60, FEATURES)).astype(np.float32)
    labels = draw.integers(0, CLASSES, 60)
    return Dataset(
        name="random",
        train_inputs=inputs[:40],
        train_labels=labels[:40],
        test_inputs=inputs[40:],
        test_labels=labels[40:],
        classes=CLASSES,
        kind="table",
    )


def plan(**changes):
    settings = {"learning_rates": (0.3, 0.1), "steps": 4, "batch_size": 10}
    return Plan(**settings | changes)


def trained(architecture, probe, dtype=torch.float64, **changes):
    cohort = Cohort(architecture, SEEDS, dtype=dtype)
    settings = plan(**changes)
    steps = range(settings.steps + 1)
    return train(cohort, SEEDS, random_data(), settings, record_at=steps, probes=[probe])


def seen(architecture, probe, **changes):
    """Every moment of a training, as copies, with what the probe measured there."""
    found = []

    def both(snapshot):
        measured = probe(snapshot)
        parameters = [p.detach().clone() for p in snapshot.cohort.parameters()]
        found.append((copy.copy(snapshot), parameters, snapshot.coming(), measured))
        return measured

    trained(architecture, both, **changes)
    return found


class NoisyNorm(nn.Module):
    """Batch norm and the noise of Alg. 1 (Santurkar et al. 2018), number by number."""

    def __init__(self, gamma, beta, generator, noisy):
        super().__init__()
        self.gamma, self.beta = nn.Parameter(gamma), nn.Parameter(beta)
        self.generator, self.noisy = generator, noisy

    def forward(self, x):  # (batch, units)
        out = nn.functional.batch_norm(x, None, None, self.gamma, self.beta, training=True)
        if not self.noisy:
            return out
        units, batch = x.shape[1], x.shape[0]
        draw = {"generator": self.generator, "dtype": torch.float64}
        mu = torch.rand(units, 1, **draw) - 0.5
        sigma = 1 + 0.25 * torch.rand(units, 1, **draw)
        low = mu - 0.1
        m = low + 0.2 * torch.rand(units, batch, **draw)
        s = sigma + 0.1 * torch.randn(units, batch, **draw)
        return out * s.T + m.T


def ordinary(architecture, parameters, replica, state):
    """One replica as torch.nn layers, with the parameters given, (R, …) or (R * units,)."""
    remaining = (p.view(len(SEEDS), -1)[replica].clone() for p in parameters)
    generator = torch.Generator()
    if state is not None:
        generator.set_state(state)
    layers = []
    for index, (inputs, outputs) in enumerate(architecture.sizes(), start=1):
        normalized = architecture.is_normalized(index)
        linear = nn.Linear(inputs, outputs, bias=not normalized).double()
        with torch.no_grad():
            linear.weight.copy_(next(remaining).view(outputs, inputs))
            if not normalized:
                linear.bias.copy_(next(remaining))
        layers.append(nn.Sequential(linear))
        if normalized:
            gamma, beta = next(remaining), next(remaining)
            layers[-1].append(NoisyNorm(gamma, beta, generator, architecture.noise_after))
        if index <= architecture.depth:
            layers[-1].append(nn.Tanh() if architecture.activation == "tanh" else nn.ReLU())
    return layers


def gradient(layers, x, y, layer):
    """dL/dW of one layer (from 1)."""
    loss = nn.functional.cross_entropy(nn.Sequential(*layers)(x), y)
    (slope,) = torch.autograd.grad(loss, [layers[layer - 1][0].weight])
    return slope.flatten()


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize("architecture", NETWORKS.values(), ids=list(NETWORKS))
def test_is_what_ordinary_code_finds(architecture, optimizer):
    moments = seen(architecture, shift(EVERY_LAYER), optimizer=optimizer)
    for snapshot, before, after, measured in moments[1::2]:
        for replica in range(len(SEEDS)):
            state = snapshot.random[replica] if snapshot.random else None
            x, y = snapshot.inputs[replica].T, snapshot.labels[replica]
            for place, layer in enumerate(EVERY_LAYER):
                old = ordinary(architecture, before, replica, state)
                new = ordinary(architecture, after, replica, state)
                g = gradient(old, x, y, layer)
                again = ordinary(architecture, before, replica, state)
                mixed = new[: layer - 1] + again[layer - 1 :]
                if architecture.noise_after:  # one stream of numbers through the whole network
                    share_generator(mixed, state)
                h = gradient(mixed, x, y, layer)
                expected = {
                    "size": g.norm(),
                    "distance": (g - h).norm(),
                    "cosine": torch.cosine_similarity(g, h, 0),
                }
                for name, value in expected.items():
                    np.testing.assert_allclose(
                        measured[name][replica, place], value, rtol=1e-8, atol=1e-12, err_msg=name
                    )


def share_generator(layers, state):
    generator = torch.Generator()
    generator.set_state(state)
    for layer in layers:
        for part in layer:
            if isinstance(part, NoisyNorm):
                part.generator = generator


def test_the_first_layer_has_none_below_it():
    for *_, measured in seen(BN, shift(EVERY_LAYER)):
        assert (measured["distance"][:, 0] == 0).all()
        np.testing.assert_allclose(measured["cosine"][:, 0], 1)
        assert (measured["distance"][:, 1:] > 0).all()


@pytest.mark.parametrize("architecture", NETWORKS.values(), ids=list(NETWORKS))
def test_where_nothing_moves_nothing_shifts_whatever_the_noise(architecture):
    still = seen(architecture, shift(EVERY_LAYER), learning_rates=(0.0, 0.0))
    for *_, measured in still:
        np.testing.assert_allclose(measured["distance"], 0, atol=1e-12)
        np.testing.assert_allclose(measured["cosine"], 1)


def test_no_gradient_has_no_direction():
    zero, one = torch.zeros(1, 2, 2), torch.ones(1, 2, 2)
    measured = compared([zero, one, one], [one, zero, -one])
    assert torch.isnan(measured["cosine"][0, :2]).all()
    assert measured["cosine"][0, 2] == -1
    assert measured["distance"].tolist() == [[2.0, 2.0, 4.0]]


def test_the_cosine_is_exact_where_the_gradient_has_hardly_changed():
    """1 - cos is far below what a quotient of two norms in 32 bits could tell from 1."""
    draw = torch.Generator().manual_seed(0)
    g = torch.randn(1, 30, 30, generator=draw)
    change = 1e-4 * torch.randn(1, 30, 30, generator=draw)
    exact = 1 - torch.cosine_similarity(g.double().flatten(), (g + change).double().flatten(), 0)
    assert 1e-9 < float(exact) < 1e-7
    found = 1 - compared([g], [g + change])["cosine"].item()
    assert found == pytest.approx(float(exact), rel=1e-3)


def test_only_the_first_replicas_where_the_others_cost_too_much():
    history = trained(NOISY, shift([2, 4], first=1))
    everyone = trained(NOISY, shift([2, 4]))
    for name in ("size", "distance", "cosine"):
        assert np.isnan(history.probes[name][1]).all()
        np.testing.assert_array_equal(history.probes[name][0], everyone.probes[name][0])


@pytest.mark.parametrize("together", [1, 3])
def test_the_same_bits_however_many_layers_at_once(monkeypatch, together):
    whole = trained(NOISY, shift(EVERY_LAYER), dtype=torch.float32)
    size = sum(4 * p.numel() for p in Cohort(NOISY, SEEDS).parameters())
    monkeypatch.setattr(shifts, "AT_ONCE", together * size)
    parts = trained(NOISY, shift(EVERY_LAYER), dtype=torch.float32)
    for name, values in whole.probes.items():
        np.testing.assert_array_equal(parts.probes[name], values)


@pytest.mark.parametrize("architecture", NETWORKS.values(), ids=list(NETWORKS))
def test_looking_changes_nothing(architecture):
    samples = torch.tensor(random_data().train_inputs)

    def both(snapshot):
        return {**shift([2, 3])(snapshot), **movement(samples)(snapshot)}

    seen_training = trained(architecture, both, dtype=torch.float32, optimizer="momentum")
    alone = trained(architecture, lambda snapshot: {}, dtype=torch.float32, optimizer="momentum")
    np.testing.assert_array_equal(seen_training.batch_losses, alone.batch_losses)
    for one, other in zip(
        seen_training.cohort.buffers() + seen_training.cohort.parameters(),
        alone.cohort.buffers() + alone.cohort.parameters(),
        strict=True,
    ):
        assert torch.equal(one, other)


class TestTheComingUpdate:
    @pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
    def test_is_the_one_that_is_made(self, optimizer):
        moments = seen(
            BN, lambda _: {}, optimizer=optimizer, weight_decay=0.1, schedule="cosine", steps=5
        )
        for (_, _, coming, _), (_, made, _, _) in pairwise(moments):
            for promised, kept in zip(coming, made, strict=True):
                assert torch.equal(promised, kept)

    @pytest.mark.parametrize("optimizer", ["sgd", "adam"])
    def test_also_when_a_network_has_been_lost(self, optimizer):
        rates, promised, checked = (1e38, 0.1), {}, []

        def probe(snapshot):
            place = snapshot.kept.index(1)
            mine = [
                p.detach().view(len(snapshot.kept), -1)[place] for p in snapshot.cohort.parameters()
            ]
            if promised:
                checked.append(len(snapshot.kept))
                for one, other in zip(promised.pop("next"), mine, strict=True):
                    assert torch.equal(one, other)
            coming = snapshot.coming()
            promised["next"] = [p.view(len(snapshot.kept), -1)[place] for p in coming]
            return {}

        history = trained(
            PLAIN, probe, dtype=torch.float32, learning_rates=rates, optimizer=optimizer, steps=6
        )
        assert history.divergences[0] is not None
        assert checked[-1] == 1

    def test_the_noise_of_a_pass_can_be_drawn_again_after_a_loss(self):
        def probe(snapshot):
            assert len(snapshot.random) == len(snapshot.kept)
            return shift([2])(snapshot)

        rates = (float("1e38"), 0.0)
        history = trained(NOISY, probe, dtype=torch.float32, learning_rates=rates, steps=3)
        np.testing.assert_allclose(history.probes["distance"][1], 0, atol=1e-6)


class TestMovement:
    SAMPLES = torch.tensor(random_data().train_inputs[:25], dtype=torch.float64)

    @pytest.mark.parametrize("name", ["plain", "BN", "BN in one layer"])
    def test_is_what_numpy_finds(self, name):
        architecture = NETWORKS[name]
        for _, before, after, measured in seen(architecture, movement(self.SAMPLES)):
            for replica in range(len(SEEDS)):
                moments = [self.moments(architecture, p, replica) for p in (before, after)]
                for layer, (old, new) in enumerate(zip(*moments, strict=True)):
                    way = np.square(new[0] - old[0]).sum() + np.square(new[1] - old[1]).sum()
                    expected = np.sqrt(way / np.square(old[1]).sum())
                    found = float(measured["moved"][replica, layer])
                    assert found == pytest.approx(expected, rel=1e-8, abs=1e-12)

    def moments(self, architecture, parameters, replica):
        """Mean and deviation of every unit before its activation function, layer by layer."""
        h, found = self.SAMPLES, []
        for layer in ordinary(architecture, parameters, replica, None)[:-1]:
            z = layer[:-1](h)
            found.append((z.mean(0).detach().numpy(), z.std(0, correction=0).detach().numpy()))
            h = layer[-1](z)
        return found

    def test_noise_moves_the_moments_though_no_weight_moves(self):
        for architecture, low, high in ((BN, 0, 1e-6), (NOISY, 0.2, 0.8)):
            still = seen(architecture, movement(self.SAMPLES), learning_rates=(0.0, 0.0))
            moved = torch.stack([measured["moved"] for *_, measured in still]).mean()
            assert low <= moved <= high
