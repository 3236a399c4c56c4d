"""What BN computes: every number against torch.nn in 64 bits."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bnviz.experiments.minibatch import TRAINED
from bnviz.experiments.trained_units import trained_units
from bnviz.experiments.transform import BACK, LEARNED, SHIFT, TransformConfig
from bnviz.experiments.typed import read, write
from tests.made.transform import SOURCES, batches, of


def by_torch(x, gamma, beta, epsilon):
    layer = torch.nn.BatchNorm1d(x.shape[1], eps=epsilon, dtype=torch.float64)
    layer.weight.data, layer.bias.data = torch.tensor(gamma), torch.tensor(beta)
    return layer(torch.tensor(x)).detach().numpy()


class TestStages:
    @given(batches, st.floats(-5, 5), st.floats(-5, 5), st.sampled_from([1e-12, 1e-5, 1.0, 100.0]))
    @settings(max_examples=12, deadline=None)
    def test_are_those_of_torch(self, table, gamma, beta, epsilon):
        run = of(table, gamma=gamma, beta=beta, epsilon=epsilon)
        theirs = by_torch(run.stages[0], run.gamma, run.beta, epsilon)
        # rounding of the mean is felt in units of sqrt(v + eps)
        size = np.abs(run.stages[0]).max(0) / np.sqrt(run.variance + epsilon)
        tolerance = 1e-14 * (1 + size**2) * (1 + abs(gamma)) + 1e-12 * abs(beta)
        assert (np.abs(theirs - run.stages[3]) <= tolerance).all()
        assert run.torch.difference == np.abs(theirs - run.stages[3]).max()

    @given(batches)
    @settings(max_examples=12, deadline=None)
    def test_are_what_a_plain_loop_computes(self, table):
        run = of(table)
        for feature in range(run.features):
            column = [float(value) for value in run.stages[0][:, feature]]
            mean = math.fsum(column) / len(column)
            variance = math.fsum((value - mean) ** 2 for value in column) / len(column)
            assert run.mean[feature] == pytest.approx(mean, rel=1e-12, abs=1e-12)
            assert run.variance[feature] == pytest.approx(variance, rel=1e-9, abs=1e-12)

    @given(batches)
    @settings(max_examples=12, deadline=None)
    def test_no_normalized_value_exceeds_its_bound(self, table):
        run = of(table)
        assert (np.abs(run.stages[2]) <= math.sqrt(run.rows - 1) + 1e-9).all()

    @given(batches, st.sampled_from([1e-12, 1e-5, 1.0, 100.0]))
    @settings(max_examples=12, deadline=None)
    def test_gamma_and_beta_give_the_input_back(self, table, epsilon):
        run = of(table, affine=BACK, epsilon=epsilon)
        np.testing.assert_allclose(run.stages[3], run.stages[0], rtol=1e-9, atol=1e-9)

    def test_by_hand(self):
        run = of([[2], [4], [4], [4], [5], [5], [7], [9]], epsilon=1e-12)
        assert (run.mean[0], run.variance[0]) == (5, 4)
        np.testing.assert_allclose(run.stages[2, :, 0], [-1.5, -0.5, -0.5, -0.5, 0, 0, 1, 2])
        np.testing.assert_allclose(run.stages[3, :, 0], [-2, 0, 0, 0, 1, 1, 3, 5], atol=1e-9)

    @pytest.mark.parametrize("value", [7.0, 0.1, -3e8, 1e-300])
    def test_a_constant_feature_gives_beta_exactly(self, value):
        run = of([[value]] * 5, beta=3.0)
        assert (run.stages[2] == 0).all()
        assert (run.stages[3] == 3).all()

    def test_a_single_row_gives_beta_and_torch_refuses_it(self):
        run = of([[3, -8]])
        assert (run.stages[3] == 1).all()
        assert math.isnan(run.torch.difference)
        assert run.torch.refused

    def test_the_trained_units_come_out_as_in_their_network(self):
        run = of(source=TRAINED, affine=LEARNED)
        np.testing.assert_allclose(run.stages[3], trained_units().outputs, rtol=1e-4, atol=1e-5)

    @pytest.mark.parametrize("source", SOURCES)
    def test_a_constant_moves_no_output(self, source):
        assert of(source=source).moved < 1e-6
        shifted = of(source=source).stages[0] + SHIFT
        again = of(shifted.tolist()).stages[3]
        np.testing.assert_allclose(again, of(source=source).stages[3], atol=1e-6)

    def test_what_was_typed_has_learned_nothing(self):
        run = of([[1], [2]], source=TRAINED, affine=LEARNED)
        assert run.gamma[0] == TransformConfig().gamma

    def test_the_same_config_gives_the_same_bits(self):
        for source in SOURCES:
            np.testing.assert_array_equal(of(source=source).stages, of(source=source).stages)

    def test_extremes_stay_numbers(self):
        for table in ([[1e9], [-1e9]], [[1e-300], [0]], [[1e9], [1e9]], [[0]] * 64):
            for epsilon in (1e-14, 1e3):
                run = of(table, gamma=1e3, epsilon=epsilon)
                assert np.isfinite(run.stages).all()
                assert np.isfinite(run.moved)


class TestConfig:
    @pytest.mark.parametrize("table", ["1~x", "1~2_3", "1~2~3~4~5", "_", "1e10"])
    def test_refuses_tables_that_cannot_be_used(self, table):
        with pytest.raises(ValidationError):
            TransformConfig(table=table)

    def test_refuses_what_no_knob_offers(self):
        for wrong in ({"epsilon": 0.0}, {"gamma": math.nan}, {"source": "mine"}, {"beta": 1e9}):
            with pytest.raises(ValidationError):
                TransformConfig(**wrong)


def own(**numbers):
    """A run of three features with numbers of their own, as typed."""
    return of(EXERCISE, **{f"own_{name}": text for name, text in numbers.items()})


EXERCISE = "1.5~-3~100_2~0~250_-0.5~4.25~75_7~1~10"
TYPED = st.lists(st.floats(-5, 5), min_size=3, max_size=3)
SMALL = st.lists(st.floats(1e-5, 1), min_size=3, max_size=3)


class TestOwnNumbers:
    """Each feature has a γ, a β and an ε of its own, typed."""

    @given(TYPED, TYPED, SMALL)
    @settings(max_examples=25, deadline=None)
    def test_are_those_of_torch_feature_by_feature(self, gamma, beta, epsilon):
        run = own(gamma=repr(gamma), beta=repr(beta), epsilon=repr(epsilon))
        for place in range(3):
            x, mine = run.stages[0][:, [place]], slice(place, place + 1)
            theirs = by_torch(x, np.array(gamma)[mine], np.array(beta)[mine], epsilon[place])
            np.testing.assert_allclose(run.stages[3][:, [place]], theirs, rtol=1e-9, atol=1e-9)
        assert run.torch.difference < 1e-9

    def test_a_published_exercise_gives_its_printed_answers(self):
        """Stanford's CS231n, assignment 2, batch normalization: 200 rows, pasted as NumPy prints.

        Its notebook prints these means and standard deviations, before and after.
        """
        draw = np.random.RandomState(231)
        x, first, second = (draw.randn(*shape) for shape in ((200, 50), (50, 60), (60, 3)))
        activations = np.maximum(0, x.dot(first)).dot(second)
        assert str(activations.mean(axis=0)) == "[ -2.3814598  -13.18038246   1.91780462]"
        assert str(activations.std(axis=0)) == "[27.18502186 34.21455511 37.68611762]"
        run = of(write(read(str(activations))), own_gamma="[1. 2. 3.]", own_beta="[11. 12. 13.]")
        after = run.stages[3]
        np.testing.assert_allclose(after.mean(axis=0), [11, 12, 13], atol=1e-8)
        printed = [0.99999999, 1.99999999, 2.99999999]
        np.testing.assert_allclose(after.std(axis=0), printed, atol=5.1e-9)
        assert run.rows == 200

    @pytest.mark.parametrize(("beta", "epsilon"), [("-0.1", "1e-3"), ("−0.1", "0.001")])
    def test_a_single_number_is_for_all_features(self, beta, epsilon):
        run = own(beta=beta, epsilon=epsilon, gamma="1")
        theirs = by_torch(run.stages[0], np.ones(3), np.full(3, -0.1), 1e-3)
        np.testing.assert_allclose(run.stages[3], theirs, rtol=1e-12)

    def test_what_is_empty_is_as_the_knob_says(self):
        run = of(EXERCISE, own_gamma="1, 2, 3", beta=-5.0)
        assert run.gamma.tolist() == [1, 2, 3]
        assert run.beta.tolist() == [-5, -5, -5]
        assert run.epsilon.tolist() == [1e-5] * 3

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            (
                {"own_gamma": "1, 2"},
                "own_gamma: It has 2 numbers; it may have 1, for all features,",
            ),
            ({"own_beta": "1e9"}, "own_beta: Each has to be a number from -1000 to 1000"),
            ({"own_epsilon": "0"}, "own_epsilon: Each has to be a number from 1e-14 to 1000"),
            ({"own_gamma": "2,5"}, "can mean the number `2.5`, or the numbers `2, 5`"),
            ({"own_gamma": "nan"}, "is no number"),
            ({"own_gamma": "1 " * 300}, "200 are the most"),
            ({"own_gamma": " "}, "no number"),
        ],
    )
    def test_what_cannot_be_used_is_refused(self, wrong, said):
        with pytest.raises(ValidationError) as refused:
            TransformConfig(table=EXERCISE, **wrong)
        assert said in str(refused.value)

    def test_choosing_what_gives_the_input_back_goes_before_them(self):
        run = own(gamma="1, 2, 3", epsilon="0.1, 0.2, 0.3")
        back = of(EXERCISE, affine=BACK, own_gamma="1, 2, 3", own_epsilon="0.1, 0.2, 0.3")
        assert not run.config.scale_chosen
        assert back.config.scale_chosen
        np.testing.assert_allclose(back.stages[3], back.stages[0], rtol=1e-12)
