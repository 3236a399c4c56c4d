"""Distributions of the layers: against ordinary torch.nn in float64, and without a trace."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torch import nn

from bnviz.engine import distributions as engine
from bnviz.engine.architecture import Architecture
from bnviz.engine.data import load
from bnviz.engine.distributions import (
    PERCENTILES,
    QUANTILES,
    SAMPLES,
    UNITS,
    VALUES,
    distance,
    distributions,
    positive_quantiles,
    quantiles,
    unit_shapes,
)
from bnviz.engine.networks import Cohort, Intermediates
from bnviz.engine.plan import Plan
from bnviz.engine.probes import as_training_sees
from bnviz.engine.training import train

DIGITS = load("digits")
SEEDS = (3, 4)
RATE = 0.2
SMALL = Architecture(64, 10, depth=3, width=10)
FUNCTIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "gelu": nn.GELU}
IDLE = {
    "relu": lambda out: (out == 0).all(0).double().mean(),
    "tanh": lambda out: (out.abs() > 0.97).double().mean(),
    "sigmoid": lambda out: ((out < 0.03) | (out > 0.97)).double().mean(),
    "gelu": lambda out: torch.zeros(()),
}


def samples(dtype=torch.float64, count=80):
    return torch.tensor(DIGITS.train_inputs[:count], dtype=dtype)


def ordinary(cohort, replica):
    """The same network in torch.nn, and its layers before and after the activation function."""
    architecture, parts = cohort.architecture, []
    for layer in cohort.layers[:-1]:
        outputs, inputs = layer.weight.shape[1:]
        linear = nn.Linear(inputs, outputs, bias=layer.bias is not None, dtype=torch.float64)
        linear.weight.data = layer.weight[replica].detach().clone()
        if layer.bias is not None:
            linear.bias.data = layer.bias[replica, :, 0].detach().clone()
        norm = nn.Identity()
        if layer.gamma is not None:
            norm = nn.BatchNorm1d(outputs, dtype=torch.float64)
            norm.weight.data = layer.gamma.view(-1, outputs)[replica].detach().clone()
            norm.bias.data = layer.beta.view(-1, outputs)[replica].detach().clone()
        parts.append((linear, norm, FUNCTIONS[architecture.activation]()))
    last = nn.Linear(architecture.width, architecture.outputs, dtype=torch.float64)
    last.weight.data = cohort.layers[-1].weight[replica].detach().clone()
    last.bias.data = cohort.layers[-1].bias[replica, :, 0].detach().clone()
    return parts, last


def passed(parts, h):
    """Every layer's (inner, entering, output), each (samples, units)."""
    seen = []
    for linear, norm, activation in parts:
        inner = linear(h)
        entering = norm(inner)
        h = activation(entering)
        seen.append((inner, entering, h))
    return seen


def slow_quantiles(values):
    ordered = sorted(values)
    return [ordered[int(len(ordered) * (k + 0.5) / QUANTILES)] for k in range(QUANTILES)]


def measured(architecture, rate=RATE, steps=4, replica=0):
    """What the probe says after a few steps, the moment, and the state of the cohort then."""
    cohort = Cohort(architecture, SEEDS, dtype=torch.float64)
    found = []
    probe = distributions(samples(), rate, replica)

    def look(snapshot):
        found.append((probe(snapshot), snapshot, snapshot.cohort.select(range(2))))
        return {}

    plan = Plan((rate,) * 2, steps, 16)
    train(cohort, SEEDS, DIGITS, plan, record_at=[steps], probes=[look])
    return found[0]


@pytest.fixture(
    scope="module",
    params=[(a, n) for a in FUNCTIONS for n in ("none", "batch")],
    ids=lambda p: " ".join(p),
)
def both(request):
    """The probe's answer for a small network, and the same network in torch.nn."""
    activation, normalizer = request.param
    architecture = replace(SMALL, activation=activation, normalizer=normalizer)
    found, snapshot, cohort = measured(architecture)
    return found, snapshot, [ordinary(cohort, replica) for replica in range(2)], activation


def close(ours, theirs, tolerance=1e-9):
    theirs = theirs.detach() if isinstance(theirs, torch.Tensor) else theirs
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), tolerance, 1e-12)


class TestAgainstTorch:
    def test_distributions_of_the_values(self, both):
        found, _, networks, activation = both
        for replica, (parts, _) in enumerate(networks):
            for layer, seen in enumerate(passed(parts, samples())):
                inner, entering, output = (
                    v[:SAMPLES].flatten().tolist() for v in (t.detach() for t in seen)
                )
                close(found["entering"][replica, layer], slow_quantiles(entering))
                if replica == 0:
                    close(found["inner"][0, layer], slow_quantiles(inner))
                    kept = [v for v in output if v != 0] if activation == "relu" else output
                    close(found["output"][0, layer], slow_quantiles(kept))
                    close(found["output_zeros"][0, layer], 1 - len(kept) / len(output))

    def test_moments_over_all_samples(self, both):
        found, _, networks, activation = both
        for replica, (parts, _) in enumerate(networks):
            for layer, (_, entering, output) in enumerate(passed(parts, samples())):
                close(found["mean"][replica, layer], entering.mean())
                close(found["deviation"][replica, layer], entering.var(0).mean().sqrt())
                close(found["signal"][replica, layer], output.var(0).mean().sqrt())
                close(found["idle"][replica, layer], IDLE[activation](output), 1e-6)

    def test_percentiles_of_the_units_of_the_last_layer(self, both):
        found, _, networks, _ = both
        for replica, (parts, _) in enumerate(networks):
            entering = passed(parts, samples())[-1][1].detach().numpy()
            close(found["percentiles"][replica], np.percentile(entering, PERCENTILES, axis=0).T)

    def test_gradients_on_the_batch_of_the_step(self, both):
        found, snapshot, networks, _ = both
        for replica, (parts, last) in enumerate(networks):
            h = passed(parts, snapshot.inputs[replica].T)[-1][2]
            nn.functional.cross_entropy(last(h), snapshot.labels[replica]).backward()
            for layer, (linear, norm, _) in enumerate(parts):
                slope, weight = linear.weight.grad, linear.weight
                close(found["gradient"][replica, layer], slope.norm(), 1e-7)
                close(found["update"][replica, layer], RATE * slope.std() / weight.std(), 1e-7)
                # A pixel that never changes has the gradient 0 before BN. What rounding
                # leaves of that differs between processors, and so does how often it is exactly 0.
                rounded = layer == 0 and isinstance(norm, nn.BatchNorm1d)
                if replica == 0 and not rounded:
                    sizes = [v for v in slope.abs().flatten().tolist() if v]
                    close(found["slope"][0, layer], slow_quantiles(sizes), 1e-6)
                    close(found["slope_zeros"][0, layer], 1 - len(sizes) / slope.numel())

    def test_shapes_of_the_units(self, both):
        _, snapshot, networks, _ = both
        shapes = unit_shapes(snapshot.cohort, samples())
        values = torch.stack(
            [torch.stack([e for _, e, _ in passed(parts, samples())]) for parts, _ in networks]
        ).detach()
        for replica, layer, unit in np.ndindex(*shapes["mean"].shape):
            x = values[replica, layer, :, unit].numpy()
            z = (x - x.mean()) / np.sqrt(((x - x.mean()) ** 2).mean())
            expected = x.mean(), x.std(), (z**3).mean(), (z**4).mean() - 3
            ours = [shapes[name][replica, layer, unit] for name in shapes]
            close(ours, expected, 1e-6)


PLACES = [("before", False), ("after", False), ("before the branch", True), ("after the sum", True)]


@pytest.mark.parametrize(("placement", "skip"), PLACES, ids=[place for place, _ in PLACES])
@pytest.mark.parametrize("normalized", [(), (2,), (1, 2, 3)])
def test_what_the_activation_gives_wherever_the_normalization_stands(placement, skip, normalized):
    architecture = replace(SMALL, placement=placement, skip=skip, normalized=normalized)
    found, _, cohort = measured(replace(architecture, normalizer="batch"))
    seen = as_training_sees(cohort, samples(), Intermediates())
    for layer in range(3):
        inner = seen.pre_activations[layer][:1, :, :SAMPLES].flatten(1).numpy()
        output = seen.activated[layer][:1, :, :SAMPLES].flatten(1).numpy()
        np.testing.assert_array_equal(found["inner"][:1, layer], quantiles(inner))
        expected, zeros = positive_quantiles(output)
        np.testing.assert_array_equal(found["output"][:1, layer], expected)
        np.testing.assert_array_equal(found["output_zeros"][:1, layer], zeros)


class TestOneReplica:
    @pytest.mark.parametrize("replica", [0, 1])
    def test_the_others_are_not_looked_at(self, replica):
        found, *_ = measured(SMALL, replica=replica)
        for name in ("inner", "output", "slope", "output_zeros"):
            assert found[name][1 - replica].isnan().all(), name
            assert found[name][replica].isfinite().all(), name

    def test_one_that_diverged_has_no_distribution_and_harms_nobody(self):
        plan = Plan((3e38, 0.1), 12, 16)
        probe = distributions(samples(torch.float32), 0.1)
        history = train(Cohort(SMALL, SEEDS), SEEDS, DIGITS, plan, probes=[probe])
        assert history.divergences[0] is not None
        alone = train(
            Cohort(SMALL, SEEDS[1:]), SEEDS[1:], DIGITS, replace(plan, learning_rates=(0.1,)),
            probes=[distributions(samples(torch.float32), 0.1)],
        )  # fmt: skip
        for name in ("inner", "output", "slope", "entering"):
            assert np.isnan(history.probes[name][0, -1]).all(), name
        for name in ("entering", "mean", "update", "percentiles"):
            np.testing.assert_array_equal(history.probes[name][1], alone.probes[name][0])


class TestWithoutATrace:
    @pytest.mark.parametrize("normalizer", ["none", "batch"])
    def test_a_run_is_the_same_to_the_bit_with_the_probe(self, normalizer):
        architecture = replace(SMALL, normalizer=normalizer, dropout=0.2)
        plan, ends = Plan((0.1, 0.3), 20, 16, "adam"), []
        for probes in ([], [distributions(samples(torch.float32), 0.1)]):
            history = train(Cohort(architecture, SEEDS), SEEDS, DIGITS, plan, probes=probes)
            cohort = history.cohort
            ends.append(
                [history.batch_losses, history.test_losses]
                + [t.detach().numpy() for t in cohort.parameters() + cohort.buffers()]
                + [g.get_state().numpy() for g in cohort.generators]
            )
        for one, other in zip(*ends, strict=True):
            np.testing.assert_array_equal(one, other)

    @pytest.mark.parametrize("measure", ["probe", "shapes"])
    def test_parameters_statistics_gradients_and_generators_stay(self, measure):
        architecture = replace(SMALL, normalizer="batch", dropout=0.2)
        seen = []

        def state(snapshot):
            cohort = snapshot.cohort
            tensors = cohort.parameters() + cohort.buffers() + snapshot.gradients
            states = [g.get_state() for g in cohort.generators]
            return [t.detach().clone() for t in tensors + states]

        def look(snapshot):
            before = state(snapshot)
            if measure == "probe":
                distributions(samples(torch.float32), 0.1)(snapshot)
            else:
                unit_shapes(snapshot.cohort, samples(torch.float32))
            seen.append((before, state(snapshot)))
            return {}

        plan = Plan((0.1, 0.3), 3, 16)
        train(Cohort(architecture, SEEDS), SEEDS, DIGITS, plan, record_at=[2], probes=[look])
        for one, other in zip(*seen[0], strict=True):
            assert torch.equal(one, other)


class TestBounds:
    @pytest.mark.parametrize(("depth", "width"), [(1, 256), (6, 64), (16, 64), (50, 256), (50, 4)])
    def test_no_more_values_than_allowed_and_the_same_for_every_layer(self, depth, width):
        layers = [torch.rand(1, width, 192) for _ in range(depth)]
        sampled = engine._sample(layers)
        assert sampled.size <= VALUES
        assert sampled.shape[:2] == (1, depth)
        assert sampled.shape[2] == min(width, UNITS, VALUES // (SAMPLES * depth)) * SAMPLES
        entries = engine._entries([torch.rand(1, width, width) for _ in range(depth)])
        assert sum(part.size for part in entries) <= VALUES

    def test_entries_are_drawn_once_all_different_and_from_everywhere(self):
        drawn = engine._drawn(256 * 256, 1310)
        assert torch.equal(drawn, engine._drawn(256 * 256, 1310))
        assert len(set(drawn.tolist())) == 1310
        assert len({place % 256 for place in drawn.tolist()}) > 200  # all columns of the matrix

    def test_fewer_samples_than_asked_for(self):
        found, *_ = measured(SMALL, steps=1)
        assert found["entering"].shape == (2, 3, QUANTILES)
        probe, cohort = distributions(samples(count=5), RATE), []
        whole = Cohort(SMALL, SEEDS, dtype=torch.float64)
        keep = [lambda snapshot: cohort.append(probe(snapshot)) or {}]
        train(whole, SEEDS, DIGITS, Plan((0.1,) * 2, 1, 16), record_at=[0], probes=keep)
        assert cohort[0]["entering"].shape == (2, 3, QUANTILES)


numbers = arrays.arrays(
    np.float64, st.integers(1, 400), elements=st.floats(-1e3, 1e3, allow_subnormal=False)
)


class TestQuantiles:
    @given(numbers)
    def test_are_the_values_at_their_ranks(self, values):
        np.testing.assert_array_equal(quantiles(values), slow_quantiles(values.tolist()))

    def test_of_a_normal_distribution(self):
        values = np.random.default_rng(1).normal(2, 3, 200_000)
        found = quantiles(values)
        assert found[QUANTILES // 2] == pytest.approx(2, abs=0.1)
        # shares 0.1602 and 0.8398 are the nearest to one deviation below and above
        assert found[20] == pytest.approx(2 - 0.9935 * 3, abs=0.05)
        assert found[107] == pytest.approx(2 + 0.9935 * 3, abs=0.05)

    @given(arrays.arrays(np.float32, st.integers(1, 300), elements=st.sampled_from([0, 0.5, 2, 7])))
    def test_without_zeros(self, values):
        found, zeros = positive_quantiles(values)
        kept = [v for v in values.tolist() if v]
        assert zeros == pytest.approx(1 - len(kept) / len(values))
        if kept:
            np.testing.assert_array_equal(found, slow_quantiles(kept))
        else:
            assert np.isnan(found).all()

    @given(numbers)
    def test_of_both_signs_nothing_is_left_out(self, values):
        values[0] = -1.0
        found, zeros = positive_quantiles(values)
        assert zeros == 0
        np.testing.assert_array_equal(found, quantiles(values))


def slow_distance(one, other):
    """1-Wasserstein of as many samples: mean |difference| of the sorted ones."""
    pairs = zip(sorted(one), sorted(other), strict=True)
    return sum(abs(a - b) for a, b in pairs) / len(one)


class TestDistance:
    @pytest.mark.parametrize(
        ("shift", "stretch", "power"), [(0.3, 1, 1), (0, 2, 1), (-1, 0.5, 1), (0, 1, 3), (5, 0, 1)]
    )
    def test_is_that_of_the_sorted_values(self, shift, stretch, power):
        random = np.random.default_rng(2)
        one = random.normal(size=4096)
        other = shift + stretch * random.normal(size=4096) ** power
        exact = slow_distance(one.tolist(), other.tolist())
        found = float(distance(quantiles(one), quantiles(other)))
        assert found == pytest.approx(exact, rel=0.05)

    @given(numbers, st.floats(-100, 100))
    def test_of_a_shift_is_the_shift(self, values, shift):
        found = distance(quantiles(values), quantiles(values + shift))
        assert float(found) == pytest.approx(abs(shift), abs=1e-9)

    @given(numbers, numbers)
    def test_is_the_same_there_and_back_and_zero_only_to_itself(self, one, other):
        a, b = quantiles(one), quantiles(other)
        assert distance(a, b) == distance(b, a) >= 0
        assert distance(a, a) == 0
        assert (distance(a, b) == 0) == np.array_equal(a, b)


class TestUnitShapes:
    def test_a_unit_that_says_the_same_for_every_sample_has_no_shape(self):
        cohort = Cohort(SMALL, (1,), dtype=torch.float64)
        with torch.no_grad():
            cohort.layers[0].weight[0, 2] = 0
            cohort.layers[0].bias[0, 2] = 0.7
        shapes = unit_shapes(cohort, samples())
        assert shapes["mean"][0, 0, 2] == pytest.approx(0.7)
        assert shapes["deviation"][0, 0, 2] == pytest.approx(0)
        assert np.isnan([shapes["skewness"][0, 0, 2], shapes["kurtosis"][0, 0, 2]]).all()
        assert np.isfinite(shapes["skewness"][0, 0, 3])

    def test_bn_keeps_the_shape_of_its_input(self):
        plain, bn = (
            unit_shapes(Cohort(replace(SMALL, normalizer=n), (1,), dtype=torch.float64), samples())
            for n in ("none", "batch")
        )
        for name in ("skewness", "kurtosis"):  # of the first layer, whose input is the same
            np.testing.assert_allclose(plain[name][:, 0], bn[name][:, 0], atol=1e-3)
        assert np.abs(plain["deviation"][:, 0] - 1).max() > 0.1
        np.testing.assert_allclose(bn["deviation"], 1, atol=1e-3)
