"""What BN computes: every number against torch.nn in 64 bits, every sentence both ways."""

import contextlib
import io
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pydantic import ValidationError

from bnviz.experiments import transform
from bnviz.experiments.minibatch import READY, TRAINED, trained_units, write
from bnviz.experiments.settings import knobs
from bnviz.experiments.transform import BACK, LEARNED, TransformConfig
from bnviz.words import transform as words

SOURCES = (*READY, TRAINED)


def of(table=None, **changes):
    """A run on these numbers: a text, or rows."""
    if table is not None:
        text = table if isinstance(table, str) else write(np.array(table, dtype=float))
        changes["table"] = text
    return transform.run(TransformConfig(**changes))


def said(table=None, feature=0, **changes):
    return transform.findings(of(table, **changes), feature)


def by_torch(x, gamma, beta, epsilon):
    layer = torch.nn.BatchNorm1d(x.shape[1], eps=epsilon, dtype=torch.float64)
    layer.weight.data, layer.bias.data = torch.tensor(gamma), torch.tensor(beta)
    return layer(torch.tensor(x)).detach().numpy()


batches = arrays.arrays(
    np.float64,
    st.tuples(st.integers(2, 12), st.integers(1, 4)),
    elements=st.floats(-1e3, 1e3) | st.sampled_from([0.0, 1.0, 1e-9, -1e-300, 7.0]),
)


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
        assert "more than 1 value per channel" in run.torch.refusal

    def test_the_trained_units_come_out_as_in_their_network(self):
        run = of(source=TRAINED, affine=LEARNED)
        np.testing.assert_allclose(run.stages[3], trained_units().outputs, rtol=1e-4, atol=1e-5)

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
                told = [*transform.findings(run), *transform.misconceptions(run).values()]
                assert not any("nan" in one.lower().split() for one in told)


class TestConfig:
    @pytest.mark.parametrize("table", ["1~x", "1~2_3", "1~2~3~4~5", "_", "1e10"])
    def test_refuses_tables_that_cannot_be_used(self, table):
        with pytest.raises(ValidationError):
            TransformConfig(table=table)

    def test_refuses_what_no_knob_offers(self):
        for wrong in ({"epsilon": 0.0}, {"gamma": math.nan}, {"source": "mine"}, {"beta": 1e9}):
            with pytest.raises(ValidationError):
                TransformConfig(**wrong)


class TestHeadline:
    def test_well_behaved(self):
        assert said()[0].startswith("**Normalized, each feature has mean 0 and variance 1**")
        assert "mean 1 and variance 4" in said()[0]
        assert "With γ = 1 and β = 0 it stays so." in said(gamma=1.0, beta=0.0)[0]

    def test_a_single_row(self):
        assert said([[5]])[0].startswith("**A batch of one is its own mean**")

    def test_two_rows_far_apart_and_close(self):
        assert said([[1], [9]])[0].startswith("**Of two rows, only their order is left**")
        assert "whatever two different numbers" in said([[1, 7], [9, 7]])[0]
        assert said([[1], [1.001]])[0].startswith("**ε is too large")

    def test_a_constant_feature_beside_another_and_alone(self):
        assert said([[1, 7], [2, 7], [4, 7]])[0].startswith("**Normalized, what varies has mean 0")
        assert said([[7], [7], [7]])[0].startswith("**Nothing varies here**")

    def test_epsilon_too_large_names_the_feature(self):
        told = said([[1, 0.1], [9, 0.2], [5, 0.3]], epsilon=1.0)[0]
        assert told.startswith("**ε is too large for the variance of x2**")
        assert "0.0066 instead of 1" in told

    def test_the_input_back(self):
        assert said(affine=BACK)[0].startswith("**γ = √(v + ε) and β = μ give the input back**")

    def test_as_learned(self):
        told = said(source=TRAINED, affine=LEARNED)[0]
        assert all(name in told for name in trained_units().names)
        assert "has learned" in told


class TestSentences:
    def test_the_variance_is_the_biased_one(self):
        assert "variance 4, divided by 8 and not by 7, which would give 4.571" in said()[1]
        assert "2 → −3 → −1.5 → −2" in said()[1]

    def test_of_the_feature_that_is_drawn(self):
        assert said(feature=1)[1].startswith("x2: the mean of its 8 numbers is 30")

    def test_a_constant_feature_is_named_and_only_then(self):
        assert any("x2 is constant: its variance is 0" in one for one in said([[1, 7], [2, 7]]))
        assert not any("constant" in one for one in said())

    def test_far_from_zero_and_only_then(self):
        far = [one for one in said([[1e6], [1e6 + 1], [1e6 + 3]]) if "32 bits" in one]
        assert len(far) == 1
        assert any("26 standard deviations" in one for one in said(source="far from zero"))
        assert not any("32 bits" in one for one in said())
        back = said(source="far from zero", affine=BACK)  # 32 bits lose nothing of whole numbers
        assert any("26 standard deviations from zero." in one for one in back)
        assert not any("32 bits" in one for one in back)

    @pytest.mark.parametrize(
        ("value", "digits", "written"),
        [(1001, 3, "1000"), (12345.6, 4, "12350"), (2530, 4, "2530"), (1e6, 3, "1e6"),
         (999999.9, 3, "1e6"), (-6400.1, 2, "−6400"), (2e-16, 2, "2e−16"), (-0.0, 3, "0")],
    )  # fmt: skip
    def test_numbers(self, value, digits, written):
        assert transform.number(value, digits) == written

    def test_what_32_bits_lose_is_measured(self):
        near, far = of([[0], [1], [3]]), of([[1e6], [1e6 + 1], [1e6 + 3]])
        assert far.torch.short > 1e3 * near.torch.short
        assert far.torch.difference < 1e-6

    def test_one_row_with_all_of_the_variance(self):
        assert any("taken 87 % of the variance" in one for one in said(source="one outlier"))
        assert any("taken 63 % of the variance" in one for one in said([[1], [2], [5]]))
        assert not any("of the variance:" in one for one in said())

    def test_on_a_sigmoid(self):
        assert "0 % of x1" in transform.of_sigmoid(of([[9], [10], [11]]), 0)
        assert "100 % of x1" in transform.of_sigmoid(of([[0], [0.1], [0.2]]), 0)
        slope = math.exp(-transform.LINEAR) / (1 + math.exp(-transform.LINEAR)) ** 2
        assert slope == pytest.approx(0.25 / 2, rel=1e-3)

    def test_torch_agrees_or_refuses(self):
        assert "gives the same outputs: the largest difference is 4.4e−16" in said()[-1]
        assert "refuses this batch in training mode" in said([[1]])[-1]


class TestMisconceptions:
    def test_of_weights(self):
        told = transform.misconceptions(of())["BN standardizes the weights"]
        weights = trained_units().weights[0]
        assert abs(weights.std() - 1) > 0.3  # the claim itself
        assert f"{weights.std():.2g}" in told
        alone = transform.misconceptions(of([[5]]))["BN standardizes the weights"]
        assert "its one row is a sample." in alone

    def test_whitening(self):
        def told(table):
            return transform.misconceptions(of(table))["BN whitens the features"]

        assert "is 0.812 after normalizing, as before" in told(None)
        before, after = transform.correlations(of(epsilon=100.0), 0)
        assert (before, after) == ("before: r = 0.812", "after: r = 0.812")
        assert "With one feature there is none" in told([[1], [2]])
        assert "does not vary" in told([[1, 7], [2, 7]])

    @given(batches)
    @settings(max_examples=12, deadline=None)
    def test_correlation_is_numpys(self, table):
        run = of(table)
        ours = transform.correlation(run, 0, 0, run.features - 1)
        if np.isfinite(ours) and (run.variance > 1e-9).all():
            theirs = np.corrcoef(run.stages[0].T).reshape(run.features, -1)[0, -1]
            assert ours == pytest.approx(theirs, abs=1e-6)

    def test_outputs(self):
        belief = "The outputs always have mean 0 and variance 1"
        assert transform.misconceptions(of())[belief].startswith("Not here")
        assert transform.misconceptions(of(gamma=1.0, beta=0.0))[belief].startswith("Here yes")
        noisy = of([[1], [2], [4]], gamma=1.0, beta=0.0)
        assert 0 < abs(noisy.stages[3].mean()) < 1e-15
        assert "have mean 0 and variance 1" in transform.misconceptions(noisy)[belief]

    def test_shape(self):
        belief = "BN makes the values normally distributed"
        two = [[-1], [1], [-1], [1]]
        assert "is 1 for x1 before and 1 after" in transform.misconceptions(of(two))[belief]
        assert "does not even vary" in transform.misconceptions(of([[7], [7]]))[belief]

    def test_beliefs_are_plain(self):
        for source in SOURCES:
            met = transform.misconceptions(of(source=source))
            assert 3 <= len(met) <= 4
            assert not any('"' in belief or "“" in belief for belief in met)


class TestGuess:
    @pytest.mark.parametrize("source", SOURCES)
    def test_is_computed_and_holds(self, source):
        right, why = transform.shifted(of(source=source))
        assert right == "not at all"
        assert (
            float(why.split("more than ")[1].split(".  ")[0].split(". ")[0].replace("−", "-"))
            < 1e-6
        )


class TestCode:
    @pytest.mark.parametrize("library", ["NumPy", "torch.nn"])
    @pytest.mark.parametrize("source", [name for name in SOURCES if name != "a single row"])
    def test_runs_and_gives_the_outputs_on_the_page(self, source, library):
        run, there = of(source=source), {}
        default = torch.get_default_dtype()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(transform.code(run)[library], there)
        finally:
            torch.set_default_dtype(default)
        y = there["y"] if library == "NumPy" else there["y"].detach().numpy()
        np.testing.assert_allclose(y, run.stages[3], rtol=1e-9, atol=1e-9)


class TestPresets:
    @pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
    def test_are_settings_of_the_knobs(self, preset):
        for name, value in preset.items():
            assert value in knobs(TransformConfig)[name].options
            assert value != TransformConfig.model_fields[name].default

    def test_claims(self):
        assert "has learned" in said(**words.PRESETS["A unit of a trained network"])[0]
        assert "give the input back" in said(**words.PRESETS["The input back"])[0]
        assert any("87 % of the variance" in one for one in said(**words.PRESETS["One outlier"]))
        assert "refuses" in said(**words.PRESETS["A single row: goes wrong"])[-1]
        assert 2 <= len(words.PRESETS) <= 4


def test_the_clock_names_every_place():
    assert len(transform.MOMENTS) == transform.FRAMES + 1
    assert transform.MOMENTS[0] == "x"
    assert transform.MOMENTS[-1] == "scaled, shifted"
