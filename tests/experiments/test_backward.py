"""The backward pass: every number against autograd in 64 bits."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bnviz.experiments import backward, transform
from bnviz.experiments.backward import LEARNED, TRAINED, BackwardConfig
from bnviz.experiments.trained_units import trained_units
from bnviz.experiments.transform import TransformConfig
from bnviz.experiments.typed import read, write
from tests.made.backward import SOURCES, of


def by_torch_nn(run):
    """dL/dx, dL/dgamma, dL/dbeta from torch.nn.BatchNorm1d; it takes two rows or more."""
    layer = torch.nn.BatchNorm1d(1, eps=run.epsilon, dtype=torch.float64)
    layer.weight.data[:] = run.gamma
    x = torch.tensor(run.x[:, None], requires_grad=True)
    layer(x).backward(torch.tensor(run.dy[:, None]))
    return x.grad[:, 0].numpy(), float(layer.weight.grad), float(layer.bias.grad)


numbers = st.floats(-100, 100) | st.sampled_from([0.0, 1.0, 1e-9, -1e-300, 7.0])
rows = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=12)
epsilons = st.sampled_from([1e-5, 1e-3, 1.0, 100.0])


def scale(run):
    """What rounding is measured by: the gradients, and how far x is from zero in units of sigma."""
    sigma = math.sqrt(run.variance + run.epsilon)
    away = 1 + np.abs(run.x).max() / sigma
    return (1 + np.abs(run.dy).sum()) * (1 + abs(run.gamma)) * away**2 * max(1, 1 / sigma)


class TestEquations:
    @given(rows, st.floats(-5, 5), epsilons)
    @settings(max_examples=15, deadline=None)
    def test_are_those_of_autograd(self, table, gamma, epsilon):
        x, dy = zip(*table, strict=True)
        run = of(x, dy, gamma=gamma, epsilon=epsilon)
        sigma = math.sqrt(run.variance + epsilon)
        bound = 1e-12 * scale(run) * max(1, sigma**-2)
        assert np.abs(run.hand.all() - run.autograd.all()).max() <= bound
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

    @given(rows, st.floats(-5, 5), epsilons)
    @settings(max_examples=15, deadline=None)
    def test_the_second_term_of_equation_3_is_zero(self, table, gamma, epsilon):
        """As the page says: without it, the gradient of the mean is the same."""
        x, dy = zip(*table, strict=True)
        run = of(x, dy, gamma=gamma, epsilon=epsilon)
        sigma = math.sqrt(run.variance + epsilon)
        first = -run.hand.normalized.sum() / sigma
        assert abs(run.hand.mean - first) <= 1e-11 * scale(run) * max(1, sigma**-2)

    def test_of_one_gradient_more_and_of_stretched_inputs(self):
        run = of()
        more = of(run.x, run.dy + np.eye(8)[0])
        np.testing.assert_allclose(run.changed, np.abs(more.hand.x - run.hand.x), atol=1e-12)
        longer = of(run.stretch * run.x, run.dy)
        assert run.stretched == pytest.approx(np.linalg.norm(longer.hand.x))

    def test_by_finite_differences(self):
        run, h = of(), 1e-6

        def loss(x):
            x = np.asarray(x)
            _, _, xh = transform.normalize(x[:, None], run.epsilon)
            return float(run.dy @ (run.gamma * xh[:, 0]))

        for row in range(run.rows):
            step = np.zeros(run.rows)
            step[row] = h
            slope = (loss(run.x + step) - loss(run.x - step)) / (2 * h)
            assert slope == pytest.approx(run.hand.x[row], abs=1e-7)

    def test_the_network_itself_had_the_same_gradient(self):
        run = of(source=TRAINED, scale=LEARNED)
        np.testing.assert_allclose(run.hand.x, trained_units().outgoing[:, 0], rtol=1e-3, atol=1e-6)

    def test_extremes_stay_numbers(self):
        for x, dy in (([1e9, -1e9], [1e9, -1e9]), ([1e-300, 0], [1, 2]), ([5], [1e9]), ([0], [0])):
            for epsilon in (1e-14, 1e3):
                run = of(x, dy, gamma=1e3, epsilon=epsilon)
                assert np.isfinite(run.hand.all()).all()
                assert np.isfinite([run.stretched, *run.changed]).all()

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


class TestOwnNumbers:
    """γ and ε, typed: what no slider offers."""

    @given(st.floats(-5, 5), st.floats(1e-6, 1))
    @settings(max_examples=15, deadline=None)
    def test_are_those_of_torch(self, gamma, epsilon):
        run = of(
            [1.5, 2, -0.5, 7], [1, -2, 0.25, 3], own_gamma=repr(gamma), own_epsilon=f"{epsilon!r}"
        )
        dx, dgamma, dbeta = by_torch_nn(run)
        np.testing.assert_allclose(run.hand.x, dx, rtol=1e-9, atol=1e-12)
        assert run.hand.gamma == pytest.approx(dgamma, rel=1e-9, abs=1e-12)
        assert run.hand.beta == pytest.approx(dbeta)
        assert (run.gamma, run.epsilon) == (gamma, epsilon)

    def test_the_trained_units_own_scale_goes_before_it(self):
        run = backward.run(BackwardConfig(source=TRAINED, scale=LEARNED, own_gamma="7"))
        assert run.config.scale_chosen
        assert run.gamma != 7
