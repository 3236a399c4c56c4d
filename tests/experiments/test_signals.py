"""Signals: the measures by ordinary torch.nn, the product by autograd."""

import math
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bnviz.axes import NEVER
from bnviz.engine.divergence import Divergence
from bnviz.engine.networks import Cohort, losses
from bnviz.engine.plan import Plan
from bnviz.engine.training import Snapshot, recording_steps, train
from bnviz.experiments import signals
from bnviz.experiments.settings import WORK_LIMIT
from bnviz.experiments.signals import SignalsConfig
from tests.made.signals import made
from tests.samples import tiny


def ordinary(cohort, replica):
    """The same network of ordinary torch.nn modules, hidden layers and output layer."""
    hidden = []
    for layer in cohort.layers[:-1]:
        outputs, inputs = layer.weight.shape[1:]
        parts = [torch.nn.Linear(inputs, outputs, bias=layer.bias is not None).double()]
        parts[0].weight.data.copy_(layer.weight[replica])
        if layer.bias is not None:
            parts[0].bias.data.copy_(layer.bias[replica, :, 0])
        if layer.running is not None:
            parts.append(torch.nn.BatchNorm1d(outputs).double())
        parts.append(torch.nn.Tanh())
        hidden.append(torch.nn.Sequential(*parts))
    last = cohort.layers[-1]
    head = torch.nn.Linear(last.weight.shape[2], last.weight.shape[1]).double()
    head.weight.data.copy_(last.weight[replica])
    head.bias.data.copy_(last.bias[replica, :, 0])
    return hidden, head


def moment_of(cohort, inputs, labels):
    """The moment before the first update, on (samples, features) for all replicas alike."""
    shared = inputs.T.expand(cohort.replicas, *inputs.T.shape)
    repeated = labels.expand(cohort.replicas, -1)
    loss = losses(cohort.forward(shared, "train"), repeated)
    gradients = list(torch.autograd.grad(loss.sum(), cohort.parameters()))
    kept = list(range(cohort.replicas))
    return Snapshot(
        step=0,
        cohort=cohort,
        kept=kept,
        inputs=shared,
        labels=repeated,
        losses=loss.detach(),
        gradients=gradients,
    )


@pytest.fixture(params=["none", "batch"])
def small(request):
    """A cohort in float64 with samples, and the moment before its first update."""
    config = SignalsConfig(depth=4, width=6, activation="tanh", gain=0.7)
    architecture = config.architecture(normalizer=request.param)
    cohort = Cohort(architecture, [3, 4], [0.7, 0.7], dtype=torch.float64)
    data = config.data()
    inputs = torch.tensor(data.train_inputs[:12]).double()
    labels = torch.tensor(data.train_labels[:12])
    return cohort, inputs, labels, moment_of(cohort, inputs, labels)


class TestTravel:
    def test_is_what_torch_nn_computes(self, small):
        cohort, inputs, labels, snapshot = small
        measured = signals.travel(inputs, labels)(snapshot)
        for replica in range(2):
            hidden, head = ordinary(cohort, replica)
            h, outputs = inputs, []
            for layer in hidden:
                h = layer(h)
                h.retain_grad()
                outputs.append(h)
            torch.nn.functional.cross_entropy(head(h), labels).backward()
            for place, out in enumerate(outputs):
                values = out.detach().numpy()
                spread = math.sqrt(np.mean(values.std(axis=0) ** 2))
                assert measured["signal"][replica, place] == pytest.approx(spread, rel=1e-9)
                slope = out.grad.numpy().std()
                assert measured["gradient"][replica, place] == pytest.approx(slope, rel=1e-6)

    def test_changes_nothing(self, small):
        cohort, inputs, labels, snapshot = small
        before = [t.detach().clone() for t in cohort.parameters() + cohort.buffers()]
        signals.travel(inputs, labels)(snapshot)
        signals.first_step(0.3)(snapshot)
        after = cohort.parameters() + cohort.buffers()
        assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))

    def test_training_goes_on_as_without_it(self):
        config, data = SignalsConfig(**TINY_RUN), SignalsConfig().data()
        cohort = Cohort(config.architecture(normalizer="batch"), [0], [0.5])
        alone = train(cohort, [0], data, Plan((0.1,), steps=8, batch_size=32))
        np.testing.assert_array_equal(
            alone.batch_losses[:, -signals.WINDOW :].mean(1, dtype=float),
            signals.run(config).last_loss[1],
        )

    def test_what_rounding_hides_counts_as_zero(self):
        outputs = torch.ones(3, 4, 50)
        noise = torch.randn(3, 4, 50, generator=torch.Generator().manual_seed(0))
        outputs = outputs + torch.tensor([0, 1e-7, 1e-3])[:, None, None] * noise
        spread = signals._spread(outputs)
        assert list(spread[:2]) == [0, 0]
        assert spread[2] == pytest.approx(1e-3, rel=0.2)

    def test_small_outputs_are_not_hidden_for_being_small(self):
        outputs = 1e-20 * torch.randn(1, 4, 50, generator=torch.Generator().manual_seed(0))
        assert signals._spread(outputs) > 0

    def test_large_outputs_do_not_overflow(self):
        outputs = 1e30 * torch.randn(1, 4, 50, generator=torch.Generator().manual_seed(0))
        assert signals._spread(outputs) == pytest.approx(1e30, rel=0.2)

    def test_no_number_is_one_too_large(self, small):
        cohort, inputs, labels, snapshot = small
        with torch.no_grad():
            cohort.layers[-1].weight[0].fill_(torch.inf)
        measured = signals.travel(inputs, labels)(snapshot)
        assert torch.isinf(measured["gradient"][0]).all()
        assert torch.isfinite(measured["gradient"][1]).all()


TINY_RUN = {"depth": 2, "width": 8, "steps": 8, "batch_size": 32, "seeds": 1, "gain": 0.5}


class TestFirstStep:
    def test_is_a_step_of_gradient_descent(self, small):
        cohort, inputs, labels, snapshot = small
        measured = signals.first_step(0.3)(snapshot)
        for replica in range(2):
            hidden, head = ordinary(cohort, replica)
            network = torch.nn.Sequential(*hidden, head)
            before = torch.nn.functional.cross_entropy(network(inputs), labels)
            before.backward()
            square = sum(float(p.grad.square().sum()) for p in network.parameters())
            with torch.no_grad():
                for parameter in network.parameters():
                    parameter -= 0.3 * parameter.grad
            after = torch.nn.functional.cross_entropy(network(inputs), labels)
            assert measured["promised"][replica] == pytest.approx(-0.3 * square, rel=1e-6)
            change = float((after - before).detach())
            assert measured["delivered"][replica] == pytest.approx(change, rel=1e-6)

    def test_keeps_its_promise_if_it_is_short(self, small):
        measured = signals.first_step(1e-6)(small[-1])
        assert measured["delivered"].numpy() == pytest.approx(
            measured["promised"].numpy(), rel=0.01
        )

    def test_is_for_the_first_step_alone(self, small):
        later = replace(small[-1], step=1)
        for values in signals.first_step(0.3)(later).values():
            assert torch.isnan(values).all()

    def test_a_step_beyond_all_numbers_is_worse(self):
        result = signals.run(tiny("signals", depth=6, gain=100.0, learning_rate=1e3))
        assert (result.delivered[0] > 1e6).all()


class TestFactor:
    @given(st.floats(0.01, 100), st.integers(2, 30), st.floats(1e-5, 1e5))
    def test_of_a_geometric_sequence(self, each, count, first):
        values = first * each ** np.arange(count)
        assert signals.factor(values) == pytest.approx(each, rel=1e-6)

    def test_is_the_line_of_least_squares(self):
        values = np.exp(np.random.default_rng(0).normal(size=20))
        slope = np.polyfit(np.arange(20), np.log(values), 1)[0]
        assert signals.factor(values) == pytest.approx(math.exp(slope))

    def test_leaves_out_what_is_no_number(self):
        values = 0.5 ** np.arange(10)
        values[[3, 8, 9]] = [np.nan, 0, np.inf]
        assert signals.factor(values) == pytest.approx(0.5)

    @pytest.mark.parametrize("values", [[1.0], [1.0, 0.0], [np.nan, np.nan]])
    def test_needs_two_numbers(self, values):
        assert math.isnan(signals.factor(np.array(values)))

    def test_goes_with_the_signal_and_against_the_layers_with_the_gradient(self):
        result = made(signal=(0.5, 1.1), gradient=(0.25, 1.2))
        np.testing.assert_allclose(result.per_layer("signal")[:, 0], [0.5, 1.1], rtol=1e-5)
        np.testing.assert_allclose(result.per_layer("gradient")[:, 0], [0.25, 1.2], rtol=1e-5)
        np.testing.assert_allclose(result.travelled("signal")[:, 0], [2**-10, 1.1**10], rtol=1e-5)
        np.testing.assert_allclose(result.travelled("gradient")[1], 1.2**10, rtol=1e-5)

    def test_nothing_arrives_of_nothing(self):
        result = made()
        result.signal[0] = 0
        assert (result.travelled("signal")[0] == 0).all()


class TestProduct:
    @pytest.mark.parametrize("length", [1, 3, 16])
    @pytest.mark.parametrize("rate", [0.001, 0.1, 1.0])
    def test_is_what_autograd_and_one_update_give(self, length, rate):
        weights = torch.ones(length, dtype=torch.float64, requires_grad=True)
        loss = 0.5 * (weights.prod() - 2) ** 2
        (slope,) = torch.autograd.grad(loss, weights)
        after = 0.5 * ((weights - rate * slope).prod() - 2) ** 2
        promised, delivered = signals.chain(length, rate)
        assert promised == pytest.approx(-rate * float(slope.square().sum()))
        assert delivered == pytest.approx(float(after.detach() - loss.detach()))

    @given(st.integers(1, 50))
    def test_the_limit_is_where_the_step_begins_to_hurt(self, length):
        limit = signals.chain_limit(length)
        assert signals.chain(length, 0.999 * limit)[1] < 0 < signals.chain(length, 1.001 * limit)[1]

    def test_is_in_the_result_for_every_length_and_rate(self):
        result = made(depth=16)
        assert list(result.chains) == [1, 5, 16]
        for place, length in enumerate(result.chains):
            for column in (0, 30, 60):
                promised, delivered = signals.chain(int(length), float(result.rates[column]))
                assert result.chain_promised[place, column] == promised
                assert result.chain_delivered[place, column] == pytest.approx(delivered)

    @given(st.integers(1, 50))
    def test_has_the_depth_of_the_network_among_its_lengths(self, depth):
        lengths = signals.chain_lengths(depth)
        assert depth in lengths
        assert lengths == sorted(set(lengths))
        assert all(b > 1.6 * a for a, b in pairwise(lengths))


def history(rows, lost=()):
    lost = {seed: Divergence(1, 1, "forward", np.empty(0, np.float32)) for seed in lost}
    divergences = [lost.get(seed) for seed in range(len(rows))]
    return SimpleNamespace(batch_losses=np.array(rows, np.float32), divergences=divergences)


class TestLearned:
    def test_is_the_first_window_below_half_of_guessing(self):
        random = np.random.default_rng(0)
        rows = np.linspace(3, 0.2, 60) + random.normal(0, 0.3, (5, 60))
        expected = []
        for row in rows.astype(np.float32).astype(float):
            reached = [
                end for end in range(10, 61) if sum(row[end - 10 : end]) / 10 < 0.5 * math.log(10)
            ]
            expected.append(reached[0])
        assert list(signals.learned_at(history(rows), 10)) == expected

    def test_never_where_it_stays_up_or_diverged(self):
        rows = [[2.3] * 20, [0.1] * 20, [0.1] * 10 + [np.nan] * 10]
        assert list(signals.learned_at(history(rows, lost=[2]), 10)) == [NEVER, 10, NEVER]

    def test_of_runs_shorter_than_the_window(self):
        assert list(signals.learned_at(history([[0.1] * 3, [2.0] * 3]), 10)) == [3, NEVER]


class TestRemedies:
    def test_change_one_thing_each_and_keep_the_rest(self):
        config = tiny("signals", width=16, batch_size=32, gain=2.0, dataset="moons", depth=3)
        pieces = signals.remedies(config)
        assert len(pieces) == len(signals.REMEDIES) == 6
        nothing = pieces[0].model_dump()
        for piece, (name, changes) in zip(pieces, signals.REMEDIES.items(), strict=True):
            assert SignalsConfig(**piece.model_dump()) == piece
            assert (piece.width, piece.batch_size, piece.dataset) == (16, 32, "moons")
            assert (piece.depth, piece.gain, piece.seeds) == (10, 1.0, 3)
            different = {k for k, v in piece.model_dump().items() if v != nothing[k]}
            assert different <= set(changes), name
        changed = [
            sum(a != b for a, b in zip(p.model_dump().values(), nothing.values(), strict=True))
            for p in pieces
        ]
        assert changed == [0, 1, 1, 1, 2, 3]


class TestReluFactor:
    def test_relu_factor_is_that_of_wide_layers(self):
        config = SignalsConfig(width=256, depth=1, gain=0.7, initialization="normal")
        random = torch.Generator().manual_seed(0)
        h = torch.randn(256, 500, generator=random).abs()
        weights = 0.7 * 0.05 * torch.randn(30 * 256, 256, generator=random)  # thirty layers
        ratio = torch.relu(weights @ h).square().mean().sqrt() / h.square().mean().sqrt()
        assert config.relu_factor() == pytest.approx(float(ratio), rel=0.02)


class TestResult:
    def test_the_same_config_gives_the_same_bits(self):
        config = tiny("signals")
        one, other = signals.run(config), signals.run(config, workers=1)
        for name in ("signal", "gradient", "promised", "delivered", "last_loss", "learned_at"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name))

    def test_shapes(self):
        result = signals.run(tiny("signals", depth=3, steps=40))
        records = len(result.steps)
        assert result.signal.shape == result.gradient.shape == (2, 2, records, 3)
        assert records <= signals.RECORDS + 1
        assert result.steps[-1] == 40

    def test_work_is_bounded(self):
        dear = SignalsConfig(depth=50, width=256, batch_size=512, seeds=10, steps=1600)
        assert dear.affordable().work() <= WORK_LIMIT
        assert SignalsConfig().affordable() == SignalsConfig()
        assert SignalsConfig().work() > 2 * SignalsConfig().training_work()

    def test_records_are_few(self):
        assert len(recording_steps(SignalsConfig().steps, signals.RECORDS)) <= signals.RECORDS
