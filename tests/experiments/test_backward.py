"""The backward pass: every number against autograd in 64 bits, every sentence both ways."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bnviz.engine.networks import Architecture, Cohort
from bnviz.engine.normalization import NORMALIZERS, Options, Running
from bnviz.experiments import backward, transform
from bnviz.experiments.backward import BATCHES, LEARNED, TRAINED, BackwardConfig, MistakeConfig
from bnviz.experiments.minibatch import read, trained_units, write
from bnviz.experiments.pair import NEVER
from bnviz.experiments.settings import knobs
from bnviz.experiments.transform import TransformConfig
from bnviz.words import backward as words

SOURCES = (*BATCHES, TRAINED)


def of(x=None, dy=None, **changes):
    if x is not None:
        changes["table"] = write(np.array([x, dy], dtype=float).T)
    return backward.run(BackwardConfig(**changes))


def said(*arguments, **changes):
    return backward.findings(of(*arguments, **changes))


def met(belief, *arguments, **changes):
    found = backward.misconceptions(of(*arguments, **changes))
    return next(text for name, text in found.items() if belief in name)


def by_torch_nn(run):
    """dL/dx, dL/dgamma, dL/dbeta from torch.nn.BatchNorm1d; it takes two rows or more."""
    layer = torch.nn.BatchNorm1d(1, eps=run.config.epsilon, dtype=torch.float64)
    layer.weight.data[:] = run.gamma
    x = torch.tensor(run.x[:, None], requires_grad=True)
    layer(x).backward(torch.tensor(run.dy[:, None]))
    return x.grad[:, 0].numpy(), float(layer.weight.grad), float(layer.bias.grad)


numbers = st.floats(-100, 100) | st.sampled_from([0.0, 1.0, 1e-9, -1e-300, 7.0])
rows = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=12)
epsilons = st.sampled_from([1e-5, 1e-3, 1.0, 100.0])


def scale(run):
    """What rounding is measured by: the gradients, and how far x is from zero in units of sigma."""
    sigma = math.sqrt(run.variance + run.config.epsilon)
    away = 1 + np.abs(run.x).max() / sigma
    return (1 + np.abs(run.dy).sum()) * (1 + abs(run.gamma)) * away**2 * max(1, 1 / sigma)


class TestEquations:
    @given(rows, st.floats(-5, 5), epsilons)
    @settings(max_examples=15, deadline=None)
    def test_are_those_of_autograd(self, table, gamma, epsilon):
        x, dy = zip(*table, strict=True)
        run = of(x, dy, gamma=gamma, epsilon=epsilon)
        sigma = math.sqrt(run.variance + epsilon)
        for equation in backward.equations(run, 1):
            bound = 1e-12 * scale(run) * max(1, sigma**-2)
            assert abs(equation.hand - equation.autograd) <= bound, equation.title
        assert np.abs(run.hand.x - run.autograd.x).max() <= 1e-12 * scale(run)

    @given(rows.filter(lambda some: len(some) > 1), st.floats(-5, 5), epsilons)
    @settings(max_examples=15, deadline=None)
    def test_are_those_of_torch_nn(self, table, gamma, epsilon):
        x, dy = zip(*table, strict=True)
        run = of(x, dy, gamma=gamma, epsilon=epsilon)
        dx, dgamma, dbeta = by_torch_nn(run)
        bound = 1e-12 * scale(run)
        assert np.abs(dx - run.hand.x).max() <= bound
        assert abs(dgamma - run.hand.gamma) <= bound
        assert abs(dbeta - run.hand.beta) <= bound

    @given(rows, st.floats(-5, 5), epsilons)
    @settings(max_examples=15, deadline=None)
    def test_what_the_page_says_of_sums(self, table, gamma, epsilon):
        x, dy = zip(*table, strict=True)
        run = of(x, dy, gamma=gamma, epsilon=epsilon)
        bound = 1e-11 * scale(run)
        assert abs(run.hand.x.sum()) <= bound
        left = epsilon / (run.variance + epsilon)
        along = left * (run.straight @ run.normalized)
        assert abs(run.hand.x @ run.normalized - along) <= bound
        # the one equation of the notes: what a line does not explain
        parts = run.straight - run.straight.mean() - run.slope * run.normalized
        assert np.abs(run.hand.x - parts).max() <= bound

    def test_by_finite_differences(self):
        run, h = of(), 1e-6

        def loss(x):
            x = np.asarray(x)
            _, _, xh = transform.normalize(x[:, None], run.config.epsilon)
            return float(run.dy @ (run.gamma * xh[:, 0]))

        for row in range(run.rows):
            step = np.zeros(run.rows)
            step[row] = h
            slope = (loss(run.x + step) - loss(run.x - step)) / (2 * h)
            assert slope == pytest.approx(run.hand.x[row], abs=1e-7)

    def test_of_the_row_that_is_chosen(self):
        run = of()
        for row in (1, 8):
            first, *_, fourth, _, _ = backward.equations(run, row)
            assert first.hand == run.hand.normalized[row - 1]
            assert fourth.hand == run.hand.x[row - 1]
            assert f"row {row}: **" in fourth.told()
        assert "row" not in backward.equations(run, 1)[1].told()

    def test_the_network_itself_had_the_same_gradient(self):
        run = of(source=TRAINED, scale=LEARNED)
        np.testing.assert_allclose(run.hand.x, trained_units().outgoing[:, 0], rtol=1e-3, atol=1e-6)

    def test_extremes_stay_numbers(self):
        for x, dy in (([1e9, -1e9], [1e9, -1e9]), ([1e-300, 0], [1, 2]), ([5], [1e9]), ([0], [0])):
            for epsilon in (1e-14, 1e3):
                run = of(x, dy, gamma=1e3, epsilon=epsilon)
                assert np.isfinite(run.hand.all()).all()
                told = [*backward.findings(run), *backward.misconceptions(run).values()]
                assert not any("nan" in one.lower().split() for one in told)

    def test_the_same_config_gives_the_same_bits(self):
        for source in SOURCES:
            one, other = of(source=source), of(source=source)
            np.testing.assert_array_equal(one.hand.all(), other.hand.all())


class TestConfig:
    @pytest.mark.parametrize("table", ["1_2", "1~2~3", "1~x"])
    def test_refuses_other_tables(self, table):
        with pytest.raises(ValidationError):
            BackwardConfig(table=table)

    def test_ready_made_tables_can_be_typed(self):
        for source in SOURCES:
            table = backward.ready(source)
            np.testing.assert_array_equal(read(write(table)), table)

    def test_of_another_lesson(self):
        for source in ("well-behaved", "heavy tails", "trained units"):
            run = transform.run(TransformConfig(source=source))
            for feature in range(run.features):
                link = backward.onward(run, feature)
                config = BackwardConfig(**{k.removeprefix("backward-"): v for k, v in link.items()})
                np.testing.assert_array_equal(config.batch()[:, 0], run.stages[0, :, feature])
        assert backward.onward(run, 0)["backward-source"] == TRAINED


class TestSentences:
    def test_how_much_gets_through(self):
        share = np.linalg.norm(of().hand.x) / np.linalg.norm(of().straight)
        assert said()[0].startswith(f"**{100 * share:.0f} % of the gradient's length gets through")

    @pytest.mark.parametrize("source", ["the same for all rows", "along the normalized values"])
    def test_nothing_gets_through(self, source):
        assert said(source=source)[0].startswith("**Nothing gets through**")

    def test_epsilon_lets_some_of_it_through(self):
        told = said(source="along the normalized values", epsilon=1.0)
        assert told[0].startswith("**20 % of the gradient's length")
        assert "leaves 0.2 of it" in told[2]

    def test_a_batch_of_one(self):
        assert said([3], [1])[0].startswith("**Nothing gets through a batch of one**")

    def test_a_constant_feature(self):
        told = said(source="constant feature")[0]
        assert "multiplies the gradient by 632**, once its mean is subtracted" in told
        assert (of([7, 7], [1, 1]).hand.x == 0).all()
        assert said([7, 7], [1, 1])[0].startswith("**Nothing gets through**")

    def test_nearly_all_leaves_no_rest(self):
        told = said(source="two rows", epsilon=100.0)[0]
        assert told.startswith("**Nearly all of the gradient's length gets through**")

    def test_rounding_is_told_as_zero(self):
        run = of([1, 2, 4], [0.5, 0.5, 0.5])
        assert 0 < abs(run.straight @ run.normalized) < 1e-15
        assert "x̂ is 0; as constants it would be 0." in backward.findings(run)[2]
        told = backward.misconceptions(run)[
            "The gradient passes straight through the normalization"
        ]
        assert "it is 0. In none of 3 rows the sign" in told

    def test_no_gradient(self):
        assert said([1, 2], [0, 0])[0].startswith("**No gradient arrives**")
        assert said(gamma=0.0)[0].startswith("**No gradient arrives**")

    def test_the_sum(self):
        assert (
            "sum to 0, up to rounding. With mean and variance as constants it would be 4"
            in said()[1]
        )

    def test_rows_without_a_gradient_of_their_own(self):
        told = said(source="one row alone has a gradient")
        assert any("No gradient arrives at the output of row 8" in one for one in told)
        assert not any("at the output of row" in one for one in said([1, 2, 4], [1, 2, 5]))

    def test_autograd(self):
        assert any("Of all 20 numbers by hand, none differs" in one for one in said())
        changed = of().autograd
        off = replace(of(), autograd=replace(changed, mean=changed.mean + 1))
        assert "by more than 1." in next(s for s in backward.findings(off) if "by hand" in s)

    def test_the_network_only_where_it_is_its_own(self):
        whole = "through the whole network"
        assert any(whole in one for one in said(source=TRAINED, scale=LEARNED))
        assert not any(whole in one for one in said(source=TRAINED))
        assert not any(whole in one for one in said([1, 2], [1, 2], source=TRAINED, scale=LEARNED))

    def test_all_rows_in_a_table(self):
        table = backward.every_row(of())
        assert {len(column) for column in table.values()} == {8}
        assert table["∂L/∂x"] == table["autograd"]


class TestMisconceptions:
    def test_straight_through(self):
        assert "In 2 of 8 rows the sign is the opposite one" in met("straight")
        assert "it is 0.25" in met("straight")
        assert "no gradient gets through" in met("straight", [1], [1])

    def test_own_affair(self):
        assert "changed in 7 of the 7 other rows" in met("own affair")
        assert "batch of one" in met("own affair", [1], [1])
        assert "changed in the other row, too" in met("own affair", source="two rows")
        assert "Here γ is 0" in met("own affair", gamma=0.0)
        assert "in 2 of the 2 other rows" in met("own affair", [1, 2, 3.5], [1e9, 0, 0])

    def test_larger_inputs(self):
        assert "is 0.1 times what it was" in met("Larger")
        assert "ε decides" in met("Larger", [7, 7, 7], [1, 2, 4])
        assert "ε decides" in met("Larger", [1e-9, 2e-9, 3e-9], [1, 2, 4])  # ε is all there is
        told = met("Larger", epsilon=100.0)
        assert "0.316 times" in told
        assert "ε is not small here, so the outputs change, too" in told
        assert "Outputs stay" not in told
        assert "nothing to compare" in met("Larger", source="the same for all rows")

    def test_bias(self):
        assert "here 0, up to rounding. β, after BN, gets 4" in met("bias")


class TestGuess:
    def test_nothing(self):
        right, why = backward.same_for_all()
        assert right == "nothing"
        assert "largest ∂L/∂x is 0" in why


class TestPresets:
    @pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
    def test_are_settings_of_the_knobs(self, preset):
        for name, value in preset.items():
            assert value in knobs(BackwardConfig)[name].options
            assert value != BackwardConfig.model_fields[name].default

    def test_claims(self):
        heads = [said(**preset)[0] for preset in words.PRESETS.values()]
        assert heads[1].startswith("**Nothing gets through**")
        assert "constant feature multiplies" in heads[3]
        alone = of(**words.PRESETS["One row alone has a gradient"])
        assert (np.abs(alone.hand.x) > 0.05).all()


def test_the_clock_names_every_place():
    assert len(backward.MOMENTS) == backward.PLACES + 1
    assert backward.MOMENTS[0] == "∂L/∂y arrives"
    assert backward.MOMENTS[1] == backward.MOMENTS[5] == "equation 1"
    assert backward.MOMENTS[-1] == "equation 6"


# --- the mistake


def slow_mistake(x, gamma, beta, dy, epsilon):
    """BN of (units, batch) in plain torch, mean and variance without a gradient."""
    x = x.clone().requires_grad_(True)
    fixed = x.detach()
    deviation = torch.sqrt(fixed.var(1, unbiased=False, keepdim=True) + epsilon)
    y = gamma[:, None] * (x - fixed.mean(1, keepdim=True)) / deviation + beta[:, None]
    y.backward(dy)
    return y.detach(), x.grad


def running_of(units):
    return Running(torch.zeros(units, dtype=torch.float64), torch.ones(units, dtype=torch.float64))


class TestTheMistakenNormalizer:
    @pytest.mark.parametrize("batch", [2, 5, 16])
    def test_outputs_are_right_and_gradients_are_not(self, batch):
        generator = torch.Generator().manual_seed(batch)
        x, dy = (torch.randn(2, 3, batch, dtype=torch.float64, generator=generator) * 3 + 1
                 for _ in range(2))  # fmt: skip
        gamma, beta = torch.rand(6, dtype=torch.float64), torch.rand(6, dtype=torch.float64)
        right, wrong = NORMALIZERS["batch"], NORMALIZERS["batch, constants"]
        told, there = [], []
        for normalizer in (right, wrong):
            given_x, running = x.clone().requires_grad_(True), running_of(6)
            y = normalizer(given_x, gamma, beta, running, "train", Options()).reshape(x.shape)
            y.backward(dy)
            told.append((y.detach(), running.mean, running.variance))
            there.append(given_x.grad)
        for one, other in zip(*told, strict=True):
            torch.testing.assert_close(one, other)
        y, dx = slow_mistake(x.view(6, batch), gamma, beta, dy.view(6, batch), 1e-5)
        torch.testing.assert_close(told[1][0], y.view(x.shape))
        torch.testing.assert_close(there[1], dx.view(x.shape))
        assert (there[0] - there[1]).abs().max() > 0.01

    def test_measuring_changes_nothing_and_inference_is_the_same(self):
        x, running = torch.randn(1, 3, 4, dtype=torch.float64), running_of(3)
        ones = torch.ones(3, dtype=torch.float64)
        NORMALIZERS["batch, constants"](x, ones, ones, running, "batch", Options())
        assert (running.mean == 0).all()
        both = [NORMALIZERS[name](x, ones, ones, running, "inference", Options())
                for name in backward.ROUTES]  # fmt: skip
        torch.testing.assert_close(*both)

    def test_a_single_row_and_a_chunk(self):
        x, running = torch.randn(1, 3, 1, dtype=torch.float64), running_of(3)
        ones = torch.ones(3, dtype=torch.float64)
        y = NORMALIZERS["batch, constants"](x, ones, ones, running, "train", Options())
        torch.testing.assert_close(y, torch.ones_like(y))
        with pytest.raises(ValueError, match="chunk is 2"):
            NORMALIZERS["batch, constants"](x, ones, ones, running, "train", Options(chunk=2))

    def test_a_step_makes_the_weights_longer_only_with_the_mistake(self):
        """<W, dL/dW> is 0 per unit with the right gradient (epsilon aside), and not with it."""
        inner = {}
        for route in backward.ROUTES:
            options = Options(epsilon=1e-14)
            one = Architecture(5, 3, 1, 4, normalizer=route, options=options)
            cohort = Cohort(one, [1], dtype=torch.float64)
            x = torch.randn(
                1, 5, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(3)
            )
            loss = F.cross_entropy(cohort.forward(x, "batch"), torch.zeros(1, 8, dtype=torch.long))
            (gradient,) = torch.autograd.grad(loss, [cohort.layers[0].weight])
            inner[route] = (gradient * cohort.layers[0].weight).sum(2).abs().max().item()
        assert inner["batch"] < 1e-12
        assert inner["batch, constants"] > 1e-4


TINY = {"depth": 2, "width": 8, "steps": 12, "batch_size": 32, "seeds": 2}


class TestMistake:
    def test_both_start_alike_and_the_right_one_is_plain_bn(self):
        run = backward.run_mistake(MistakeConfig(**TINY))
        assert run.loss.shape == (2, 2, len(run.steps))
        np.testing.assert_allclose(run.loss[0, :, 0], run.loss[1, :, 0], rtol=1e-5)
        assert (run.growth[:, :, 0] == 1).all()
        assert not np.array_equal(run.loss[0, :, -1], run.loss[1, :, -1])

    def test_the_same_config_gives_the_same_bits(self):
        one, other = (backward.run_mistake(MistakeConfig(**TINY)) for _ in range(2))
        np.testing.assert_array_equal(one.loss, other.loss)

    def test_a_divergence_is_a_result(self):
        run = backward.run_mistake(MistakeConfig(**TINY | {"gain": 1e4, "learning_rate": 1e3}))
        told = backward.of_mistakes([run])
        assert ("diverged" in told) == bool((run.diverged_at != NEVER).any())
        assert "nan" not in told.lower().split()

    def test_sentences_both_ways(self):
        run = backward.run_mistake(MistakeConfig(**TINY))
        loss = np.ones_like(run.loss)
        loss[1] = 2
        worse = replace(run, loss=loss)
        better = replace(run, loss=loss[::-1].copy())
        assert "higher in 2 of 2 seeds" in backward.of_mistakes([worse])
        assert "Training loss 2 instead of 1" in backward.of_mistakes([worse])
        assert "does no harm in 2 of 2 seeds" in backward.of_mistakes([better])
        told = [backward._grown(share) for share in (0.382, 0.0039, -0.12, -0.0039)]
        assert told == ["+38 %", "+0.4 %", "−12 %", "−0.4 %"]
        lost = replace(run, diverged_at=np.array([[NEVER, NEVER], [3, NEVER]]))
        assert "0 diverged with the right gradient and 1 with" in backward.of_mistakes([lost])

    def test_on_the_page_it_costs(self):
        """At the page's own middle setting, over five seeds."""
        run = backward.run_mistake(backward.mistakes()[1])
        assert run.config.seeds == 5
        assert (run.loss[1, :, -1] > run.loss[0, :, -1]).sum() >= 4
        assert np.median(run.growth[1, :, -1]) > np.median(run.growth[0, :, -1]) + 0.1
        assert np.median(run.accuracy[1]) < np.median(run.accuracy[0])
