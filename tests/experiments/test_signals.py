"""Signals: the measures by ordinary torch.nn, the product by autograd, every sentence both ways."""

import math
from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bnviz.engine.networks import Cohort, losses
from bnviz.engine.training import Divergence, Moment, Plan, recording_steps, train
from bnviz.experiments import signals
from bnviz.experiments.pair import NEVER
from bnviz.experiments.settings import WORK_LIMIT, knobs
from bnviz.experiments.signals import SignalsConfig
from bnviz.words import signals as words
from tests.samples import tiny

STEPS = np.array([0, 1, 2, 4, 8])
ALL, NOBODY = (3, 3), (NEVER, NEVER)


def made(
    signal=(0.5, 1.0),
    gradient=(0.5, 1.2),
    later=None,
    learned=(NOBODY, ALL),
    lost=(NOBODY, NOBODY),
    accuracy=(0.1, 0.8),
    loss=(2.3, 0.5),
    step=((-1.0, -0.5), (-2.0, 0.25)),
    **changes,
):
    """A result by hand: what a layer hands on is what it gets times a factor, (plain, BN).

    `later`: BN's factor of the gradient after step 0. `step`: (promised, true) of both networks.
    """
    config = tiny("signals", **{"depth": 11, "learning_rate": 0.1} | changes)
    seeds, way = len(learned[0]), np.arange(config.depth, dtype=float)
    shape = (2, seeds, len(STEPS), config.depth)
    up, down = (np.empty(shape) for _ in range(2))
    for t in range(2):
        up[t] = float(signal[t]) ** way
        down[t] = float(gradient[t]) ** way[::-1]
    if later is not None:
        down[1, :, 1:] = later ** way[::-1]
    chains = np.array(signals.chain_lengths(config.depth))
    promised, delivered = signals.chain(chains[:, None], signals.RATES)
    result = signals.SignalsResult(
        config.model_copy(update={"seeds": seeds}),
        STEPS,
        up.astype(np.float32),
        down.astype(np.float32),
        np.array([[row[0]] * seeds for row in step], np.float32),
        np.array([[row[1]] * seeds for row in step], np.float32),
        np.broadcast_to(np.array(accuracy, np.float32)[:, None, None], shape[:3]).copy(),
        np.broadcast_to(np.array(loss, float)[:, None], shape[:2]).copy(),
        np.array(learned),
        np.array(lost),
        chains,
        signals.RATES,
        promised,
        delivered,
    )
    for t, seed in np.argwhere(result.diverged_at != NEVER):
        gone = result.diverged_at[t, seed] <= STEPS
        for values in (result.signal, result.gradient, result.test_accuracy):
            values[t, seed, gone] = np.nan
        result.last_loss[t, seed] = np.nan
    return result


def everything_said(result):
    said = [*signals.findings(result), signals.of_chain(result), *signals.of_first_step(result)]
    answers = signals.misconceptions(result).values()
    return [*said, *answers, signals.over_remedies([result]), *signals.direction(result)]


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
    return Moment(0, cohort, kept, shared, repeated, loss.detach(), gradients)


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
        cohort, inputs, labels, moment = small
        measured = signals.travel(inputs, labels)(moment)
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
        cohort, inputs, labels, moment = small
        before = [t.detach().clone() for t in cohort.parameters() + cohort.buffers()]
        signals.travel(inputs, labels)(moment)
        signals.first_step(0.3)(moment)
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
        cohort, inputs, labels, moment = small
        with torch.no_grad():
            cohort.layers[-1].weight[0].fill_(torch.inf)
        measured = signals.travel(inputs, labels)(moment)
        assert torch.isinf(measured["gradient"][0]).all()
        assert torch.isfinite(measured["gradient"][1]).all()


TINY_RUN = {"depth": 2, "width": 8, "steps": 8, "batch_size": 32, "seeds": 1, "gain": 0.5}


class TestFirstStep:
    def test_is_a_step_of_gradient_descent(self, small):
        cohort, inputs, labels, moment = small
        measured = signals.first_step(0.3)(moment)
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

    def test_is_told_for_this_depth_and_rate(self):
        said = signals.of_chain(made(depth=16))
        assert "At rate 0.1, the gradient of the product of 16 factors promises" in said
        assert "by −1.6; the step makes it +2.9." in said
        assert "there is no more to lose" in said
        assert "Above a rate of 0.071" in said

    def test_is_told_for_a_promise_that_is_kept(self):
        said = signals.of_chain(made(depth=1, learning_rate=0.01))
        assert "a single factor" in said
        assert "−0.01; the step makes it −0.01." in said
        assert "to lose" not in said

    def test_the_networks_first_step_is_told(self):
        (said,) = signals.of_first_step(made())
        assert "plain's gradient promises −1, the step makes it −0.5;" in said
        assert "BN's gradient promises −2, the step makes it +0.25." in said

    def test_of_networks_that_are_left(self):
        result = made()
        result.promised[0] = np.nan
        (said,) = signals.of_first_step(result)
        assert "plain" not in said
        result.promised[1] = np.nan
        assert signals.of_first_step(result) == []


def history(rows, lost=()):
    lost = {
        seed: Divergence(1, 1, "forward", *(np.empty(0, np.float32) for _ in range(3)))
        for seed in lost
    }
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

    def test_the_typical_step(self):
        result = made(learned=((4, 9, NEVER), (NEVER, NEVER, 4)))
        assert signals.typical_step(result, 0) == 9
        assert signals.typical_step(result, 1) == np.inf


class TestSignal:
    """The headline."""

    def test_plain_fades_and_bn_stays(self):
        said = signals.findings(made((0.5, 1.0)))[0]
        begin = "At the start, over 11 layers, **plain's signal fades to 1/1,000;"
        assert said == f"{begin} BN's arrives at 100 %.**"

    def test_plain_grows(self):
        assert "plain's signal grows 1,000 times" in signals.findings(made((2.0, 1.0)))[0]

    def test_bn_fades(self):
        assert "BN's fades to 0.6 %" in signals.findings(made((1.0, 0.6)))[0]

    def test_both_get_through(self):
        said = signals.findings(made((0.9, 1.0)))[0]
        assert "**both signals get through**: plain's fades to 35 %, BN's arrives at 100 %" in said

    def test_nothing_is_left(self):
        result = made()
        result.signal[0, :, :, 4:] = 0
        assert "plain's signal fades to nothing" in signals.findings(result)[0]
        assert any(
            s.startswith("Plain: from layer 5 on, 32-bit numbers") for s in signals.findings(result)
        )
        assert not any("32-bit" in s for s in signals.findings(made()))

    def test_plain_overflows_at_once(self):
        said = signals.findings(made(lost=((0, 0), NOBODY)))
        assert "plain's signal overflows before it can be measured; BN's arrives" in said[0]
        assert "plain's gradient overflows" in said[1]

    def test_one_layer(self):
        said = signals.findings(made(depth=1))
        assert "One hidden layer" in said[0]
        assert not any("On the way back" in s or "not the gradient" in s for s in said)


class TestGradient:
    def test_both_directions(self):
        said = signals.findings(made(gradient=(0.5, 1.25)))[1]
        assert "plain's gradient fades to 1/1,000 (0.50 times per layer)" in said
        assert "BN's gradient grows 9.3 times (1.25 times per layer)" in said
        said = signals.findings(made(gradient=(2.0, 1.0)))[1]
        assert "plain's gradient grows 1,000 times (2.00 times per layer)" in said
        assert "BN's gradient arrives at 100 % (1.00 times per layer)" in said

    @pytest.mark.parametrize(
        ("each", "direction"),
        [
            (1.2, "it grows"),
            (1.0, "it stays about the same"),
            (0.8, "it fades"),
            (1.06, "it grows"),
        ],
    )
    def test_the_guess(self, each, direction):
        right, why = signals.direction(made(gradient=(0.5, each)))
        assert right == direction
        assert f"{each:.2f} times per layer" in why
        assert right in signals.DIRECTIONS.values()

    def test_the_guess_without_a_way(self):
        assert signals.direction(made(depth=1))[0] == "it stays about the same"
        assert signals.direction(made(lost=(NOBODY, (0, 0))))[0] == "it grows"

    def test_bn_fixes_the_signal_and_not_the_gradient(self):
        def told(**k):
            return [s for s in signals.findings(made(**k)) if "not the gradient" in s]

        (said,) = told(gradient=(0.5, 1.2))
        assert "which grows 1.20 times at every layer" in said
        assert "(theory for wide ReLU layers: 1.21)" in said
        assert f"Over 50 layers that would make {signals.rounded(1.2**49)} times." in said
        assert "would" not in told(gradient=(0.5, 1.2), depth=50)[0]  # here they are 50
        assert "theory" not in told(activation="tanh")[0]
        assert not told(gradient=(0.5, 1.0))
        assert not told(signal=(0.5, 0.5))  # BN does not even fix the signal
        assert not told(skip="on")  # it grows otherwise there


def trained(**k):
    return next(s for s in signals.findings(made(**k)) if "guessing costs" in s)


class TestTraining:
    def test_bn_learns(self):
        said = trained()
        assert "in none of 2 seeds without BN and in all 2 seeds with it" in said
        assert "plain 10 %, BN 80 %" in said
        assert "not help" not in said

    def test_both_learn(self):
        said = trained(signal=(0.9, 1.0), learned=((4, 4), (3, 3)))
        assert "**Here BN does not help much**" in said
        assert "after 4 steps without BN, after 3 steps with it; the plain signal gets" in said
        assert "by itself" not in trained(signal=(0.5, 1.0), learned=((4, 4), (3, 3)))

    def test_both_learn_and_bn_sooner(self):
        said = trained(learned=((8, 8), (3, 3)))
        assert "But BN learns sooner: the typical seed after 8 steps" in said
        assert "not help" not in said

    def test_plain_alone_learns(self):
        said = trained(learned=(ALL, NOBODY))
        assert "**Here BN does not help**" in said
        assert "after more than there were with it" in said

    def test_both_learn_and_bn_is_the_slower_one(self):
        assert "**Here BN does not help**: the typical" in trained(learned=((3, 3), (4, 4)))

    def test_neither_and_bn_is_on_its_way(self):
        assert "BN is on its way" in trained(learned=(NOBODY, NOBODY), accuracy=(0.1, 0.5))
        lost = {"learned": (NOBODY, NOBODY), "lost": ((1, 1), NOBODY)}
        assert "BN is on its way" in trained(**lost, accuracy=(0.1, 0.5))
        assert "BN is on its way" not in trained(**lost, accuracy=(0.1, 0.15))

    def test_neither_because_the_gradient_explodes(self):
        lost = {"learned": (NOBODY, NOBODY), "accuracy": (0.1, 0.1)}
        said = trained(gradient=(1.0, 2.5), **lost)
        assert "does not help either**: its gradient is 9,500 times" in said
        said = trained(gradient=(1.0, 1.2), **lost)
        assert f"neither of them learns in {made().config.steps} steps" in said

    def test_without_an_accuracy(self):
        said = trained(learned=(NOBODY, NOBODY), lost=((1, 1), (1, 1)))
        assert "accuracy" not in said
        assert "neither of them learns" in said

    def test_one_step(self):
        assert trained(steps=1).startswith("In 1 step the")

    def test_divergences(self):
        said = signals.findings(made(lost=((1, 4), (NEVER, 2))))
        assert "Plain diverged in all 2 seeds, at steps 1 to 4." in said
        assert "BN diverged in 1 of 2 seeds, at step 2." in said
        assert not any("diverged" in s for s in signals.findings(made()))

    def test_a_batch_of_one(self):
        assert "hands on β alone" in signals.findings(made(batch_size=1))[-1]
        assert "β" not in signals.findings(made())[-1]


class TestNumbers:
    @pytest.mark.parametrize(
        ("ratio", "said"),
        [(0.45, "45 %"), (0.0038, "0.38 %"), (1 / 61234, "1/61,000"), (3e-13, "some 10⁻¹³"),
         (0, "nothing"), (1.0, "100 %")],
    )  # fmt: skip
    def test_share(self, ratio, said):
        assert signals.share(ratio) == said

    @pytest.mark.parametrize(
        ("ratio", "said"),
        [
            (4.79, "4.8"),
            (21.3, "21"),
            (16555, "17,000"),
            (3e12, "10¹²"),
            (np.inf, "infinitely many"),
        ],
    )
    def test_rounded(self, ratio, said):
        assert signals.rounded(ratio) == said

    @pytest.mark.parametrize(
        ("change", "said"),
        [(-1.6, "−1.6"), (2.87, "+2.9"), (6693, "+6,700"), (-1e11, "−10¹¹"), (0, "next to nothing"),
         (np.inf, "beyond all numbers")],
    )  # fmt: skip
    def test_signed(self, change, said):
        assert signals.signed(change) == said

    @given(st.floats(0, 1e300))
    def test_always_say_something(self, ratio):
        for said in (signals.share(ratio), signals.rounded(ratio + 2), signals.signed(ratio)):
            assert said
            assert "nan" not in said
            assert "e+" not in said


def believed(number, **k):
    return list(signals.misconceptions(made(**k)).values())[number]


class TestMisconceptions:
    def test_relu(self):
        assert "plain's signal shrinks to 0.50 at each layer" in believed(0)
        assert "too much: plain's signal grows 2.00 times" in believed(0, signal=(2.0, 1.0))
        assert "Here they do, 1.00 times per layer" in believed(0, signal=(1.0, 1.0))
        assert "pass on 0.50 times" in believed(0, lost=((0, 0), NOBODY), gain=0.5)
        assert "shrinks to 0.67 at each layer" in believed(0, signal=(0.67, 1.0), depth=4)
        said = believed(0, signal=(1.0, 1.0), skip="on")
        assert "skip connections carry the signal past that: plain's is 1.00 times" in said

    def test_relu_in_a_run_with_other_units(self):
        said = believed(0, activation="tanh", initialization="he", gain=0.5, depth=4)
        assert "would pass on 0.50 times the size of its input, over 4 layers 6.2 %" in said
        said = believed(0, activation="tanh", initialization="he", gain=2.0, depth=4)
        assert "pass on 2.00 times the size of its input, over 4 layers 16 times" in said

    def test_relu_factor_is_that_of_wide_layers(self):
        config = SignalsConfig(width=256, depth=1, gain=0.7, initialization="normal")
        random = torch.Generator().manual_seed(0)
        h = torch.randn(256, 500, generator=random).abs()
        weights = 0.7 * 0.05 * torch.randn(30 * 256, 256, generator=random)  # thirty layers
        ratio = torch.relu(weights @ h).square().mean().sqrt() / h.square().mean().sqrt()
        assert signals.relu_factor(config) == pytest.approx(float(ratio), rel=0.02)

    def test_neither(self):
        assert "BN's gradient is 6.2 times as large at the first" in believed(1)
        assert "here 1/1,000 of BN's gradient" in believed(1, gradient=(0.5, 0.5))
        assert "they do neither" in believed(1, gradient=(0.5, 1.0))
        few = believed(1, gradient=(0.5, 1.2), depth=4)
        assert "takes more layers to see it: here BN's gradient arrives at 173 %" in few
        assert "they do neither" in believed(1, gradient=(0.5, 1.2), depth=4, skip="on")
        assert "cannot tell" in believed(1, depth=1)
        assert "cannot tell" in believed(1, lost=(NOBODY, (0, 0)))

    def test_for_good(self):
        said = believed(2, gradient=(0.5, 1.2), later=1.05)
        assert (
            "Not in this run: BN's gradient grows 1.20 times per layer at the start, 1.05" in said
        )
        assert "It may look so here" in believed(2, gradient=(0.5, 1.2), later=1.2)
        assert "Nothing explodes here" in believed(2, gradient=(0.5, 1.0))
        assert "no BN network left" in believed(2, lost=(NOBODY, (4, 4)))
        assert "several layers" in believed(2, depth=1)
        dead = made()
        dead.gradient[1, :, -1] = 0
        said = signals.misconceptions(dead)["What explodes at the start explodes for good"]
        assert "no gradient reaches BN's layers in the end" in said

    def test_overfit(self):
        assert "ends at 2.30, and guessing costs 2.30. It does not even fit" in believed(3)
        said = believed(3, loss=(0.2, 0.1), accuracy=(0.93, 0.9))
        assert "does not fail at all" in said
        assert "93 % test accuracy" in said
        assert "plain diverged" in believed(3, lost=((2, 2), NOBODY))


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

    def test_count_where_most_seeds_learn(self):
        both, one, none = (ALL, ALL), (NOBODY, ALL), (NOBODY, NOBODY)
        results = [made(learned=x) for x in (one, one, none, both)]
        said = signals.over_remedies(results)
        assert "Without BN most seeds learn with “ReLU”;" in said
        assert "with BN, with “nothing”, “a tenth of the rate”, “ReLU”." in said
        assert "BN alone, with sigmoids, small weights and the large rate: after 3 steps." in said

    def test_none_and_all(self):
        said = signals.over_remedies([made(learned=(NOBODY, ALL))] * 3)
        assert "with none of them; with BN, with all 3" in said
        said = signals.over_remedies([made(learned=(NOBODY, NOBODY))])
        assert "BN alone" not in said


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

    @pytest.mark.parametrize(
        "changes",
        [{"depth": 1}, {"steps": 1}, {"seeds": 1}, {"batch_size": 1}, {"dataset": "moons"},
         {"depth": 6, "gain": 1e4, "learning_rate": 1e3}, {"gain": 1e-4, "depth": 8},
         {"depth": 50, "gain": 10.0}, {"skip": "on", "depth": 5}, {"activation": "sigmoid"}],
        ids=str,
    )  # fmt: skip
    def test_says_no_nonsense_of_odd_runs(self, changes):
        for said in everything_said(signals.run(tiny("signals", **changes))):
            assert said
            assert "nan" not in said.lower().split()
            assert " inf" not in said
            assert "—" not in said

    def test_work_is_bounded(self):
        dear = SignalsConfig(depth=50, width=256, batch_size=512, seeds=10, steps=1600)
        assert dear.affordable().work() <= WORK_LIMIT
        assert SignalsConfig().affordable() == SignalsConfig()
        assert SignalsConfig().work() > 2 * SignalsConfig().training_work()

    def test_records_are_few(self):
        assert len(recording_steps(SignalsConfig().steps, signals.RECORDS)) <= signals.RECORDS


class TestPresets:
    @pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
    def test_are_settings_of_the_knobs(self, preset):
        assert SignalsConfig(**preset) != SignalsConfig()
        for name, value in preset.items():
            assert value in knobs(SignalsConfig)[name].options
            assert value != SignalsConfig.model_fields[name].default

    def test_are_two_to_four_one_of_them_without_help_from_bn(self):
        assert 2 <= len(words.PRESETS) <= 4
        assert any("not help" in label for label in words.PRESETS)


@pytest.fixture(scope="module")
def at_first():
    return signals.run(SignalsConfig())


def preset(word):
    return next(p for label, p in words.PRESETS.items() if word in label)


class TestWhatThePageClaims:
    """At its own settings, over five seeds."""

    def test_the_plain_signal_fades_and_bn_keeps_it(self, at_first):
        assert (at_first.travelled("signal")[0] < 1e-3).all()
        np.testing.assert_allclose(at_first.travelled("signal")[1], 1, atol=0.2)
        np.testing.assert_allclose(at_first.per_layer("signal")[0], 0.5, atol=0.06)

    def test_bns_gradient_grows_by_the_factor_of_wide_relu_layers(self, at_first):
        factors = at_first.per_layer("gradient")[1]
        assert len(factors) == 5
        np.testing.assert_allclose(factors, signals.WIDE_RELU, rtol=0.04)
        assert f"{signals.WIDE_RELU:.2f}" == "1.21"

    def test_training_evens_it_out(self, at_first):
        first, last = (at_first.per_layer("gradient", c)[1] for c in (0, -1))
        assert (last < first).all()
        assert (
            "Training itself evens it out"
            in signals.misconceptions(at_first)["What explodes at the start explodes for good"]
        )

    def test_only_bn_learns(self, at_first):
        assert list(signals.learned(at_first)) == [0, 5]

    def test_bn_promises_more_than_the_whole_loss_and_plain_hardly_anything(self, at_first):
        assert (at_first.promised[1] < -10).all()
        assert (at_first.delivered[1] > at_first.promised[1] / 10).all()
        assert (np.abs(at_first.promised[0]) < 0.01).all()

    def test_with_hes_weights_both_get_through(self):
        result = signals.run(SignalsConfig(**preset("gain 1"), steps=1))
        assert "both signals get through" in signals.findings(result)[0]

    def test_twice_as_large_plain_explodes_in_every_seed(self):
        result = signals.run(SignalsConfig(**preset("explodes"), steps=10))
        assert (result.travelled("signal")[0] > 1000).all()
        assert (result.diverged_at[0] != NEVER).all()
        assert (result.diverged_at[1] == NEVER).all()

    def test_with_tanh_bn_does_not_help(self):
        result = signals.run(SignalsConfig(**preset("not help")))
        assert list(signals.learned(result)) == [5, 5]
        assert any("Here BN does not help much" in s for s in signals.findings(result))

    def test_over_fifty_layers_bns_gradient_explodes(self):
        result = signals.run(SignalsConfig(**preset("50 layers")))
        assert (result.travelled("gradient")[1] > 1000).all()
        assert not signals.learned(result).any()
        assert any("does not help either" in s for s in signals.findings(result))

    def test_bn_alone_is_enough_and_so_are_all_other_remedies_together(self):
        pieces = signals.remedies(SignalsConfig())
        nothing, all_of_them = (signals.run(pieces[place]) for place in (0, -1))
        assert list(signals.learned(nothing)) == [0, 3]
        assert list(signals.learned(all_of_them)) == [3, 3]
