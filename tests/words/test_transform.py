"""The transform in sentences."""

import contextlib
import io

import numpy as np
import pytest
import torch

from bnviz.experiments.minibatch import TRAINED
from bnviz.experiments.settings import knobs
from bnviz.experiments.trained_units import trained_units
from bnviz.experiments.transform import BACK, LEARNED, TransformConfig
from bnviz.verdicts.transform import judge
from bnviz.words import transform as words
from tests.made.transform import SOURCES, of


def verdict(table=None, feature=0, **changes):
    return judge(of(table, **changes), feature)


def headline(*arguments, **changes):
    return words.findings(verdict(*arguments, **changes)).headline


def more(*arguments, **changes):
    return words.findings(verdict(*arguments, **changes)).more


class TestHeadline:
    def test_well_behaved(self):
        assert headline().startswith("**Normalized, each feature has mean 0 and variance 1**")
        assert "the output has mean 1 and variance 4" in headline()
        assert "With γ = 1 and β = 0 it stays so." in headline(gamma=1.0, beta=0.0)

    def test_a_single_row(self):
        assert headline([[5]]).startswith("**A batch of one is its own mean**")

    def test_two_rows_far_apart_and_close(self):
        told = headline([[1, 7], [9, 7]])
        assert told.startswith("**Of two rows, only their order is left**")
        assert "that differ by much more than √ε become +1 and −1" in told
        assert headline([[1], [1.001]]).startswith("**ε is too large")

    def test_a_constant_feature_beside_another_and_alone(self):
        told = headline([[1, 7], [2, 7], [4, 7]])
        assert told.startswith("**Normalized, what varies has mean 0")
        assert "its output has mean 1" in told
        assert headline([[7], [7], [7]]).startswith("**Nothing varies here**")

    def test_epsilon_too_large_names_the_feature(self):
        told = headline([[1, 0.1], [9, 0.2], [5, 0.3]], epsilon=1.0)
        assert told.startswith("**ε is too large for the variance of x2**")
        assert "0.0066 instead of 1" in told

    def test_the_input_back(self):
        assert headline(affine=BACK).startswith("**γ = √(v + ε) and β = μ give the input back**")

    def test_as_learned(self):
        told = headline(source=TRAINED, affine=LEARNED)
        assert all(name in told for name in trained_units().names)
        assert "has learned" in told


class TestMore:
    def test_the_variance_is_the_biased_one(self):
        assert "variance 4, divided by 8 and not by 7, which would give 4.571" in more()[0]
        assert "2 → −3 → −1.5 → −2" in more()[0]
        assert "one number, so the mean is 5 and the variance 0" in more([[5]])[0]

    def test_of_the_feature_that_is_drawn(self):
        assert more(feature=1)[0].startswith("x2: the mean of its 8 numbers is 30")

    def test_a_constant_feature_is_named_and_only_then(self):
        assert any("x2 is constant: its variance is 0" in one for one in more([[1, 7], [2, 7]]))
        assert not any("constant" in one for one in more())

    def test_far_from_zero_and_only_then(self):
        (far,) = [one for one in more([[1e6], [1e6 + 1], [1e6 + 3]]) if "32 bits" in one]
        assert "standard deviations from zero. In 32 bits torch.nn is off by up to" in far
        exact = " ".join(more(source="far from zero"))
        assert "26 standard deviations from zero." in exact
        assert "In 32 bits" not in exact
        assert "from zero" not in " ".join(more())

    def test_the_bound(self):
        assert "in a batch of 8 none can exceed √(8 − 1) = 2.65." in " ".join(more())
        assert "with m = 1, that is 0" in " ".join(more([[5]]))

    def test_one_row_with_all_of_the_variance(self):
        assert "taken 87 % of the variance" in " ".join(more(source="one outlier"))
        assert "taken 63 % of the variance" in " ".join(more([[1], [2], [5]]))
        assert "of the variance:" not in " ".join(more())

    def test_on_a_sigmoid(self):
        assert "On a sigmoid, 0 % of x1" in words.sigmoid(verdict([[9], [10], [11]]).feature)
        assert "100 % of x1" in words.sigmoid(verdict([[0], [0.1], [0.2]]).feature)

    def test_torch_agrees_or_refuses(self):
        assert "gives the same outputs: the largest difference is 4.4e−16" in more()[-1]
        refused = more([[1]])[-1]
        assert "BatchNorm1d refuses a single row in training mode" in refused
        assert "BatchNorm2d takes a single image" in refused

    def test_and_so_does_torch_itself(self):
        with pytest.raises(ValueError, match=words.REFUSAL):
            torch.nn.BatchNorm1d(2)(torch.ones(1, 2))
        assert torch.nn.BatchNorm2d(2)(torch.ones(1, 2, 3, 3)).shape == (1, 2, 3, 3)
        with pytest.raises(ValueError, match=words.REFUSAL):
            torch.nn.BatchNorm2d(2)(torch.ones(1, 2, 1, 1))


class TestBeliefs:
    def met(self, part, table=None, **changes):
        met = words.beliefs(verdict(table, **changes))
        (belief,) = [belief for belief in met if part in belief]
        return met[belief]

    def test_of_weights(self):
        assert f"{trained_units().weights[0].std():.2g}" in self.met("weights")
        assert "its 8 rows are samples" in self.met("weights")
        assert "its one row is a sample." in self.met("weights", [[5]])

    def test_whitening(self):
        assert "is 0.812 after normalizing, as before" in self.met("whitens")
        assert "With one feature there is none" in self.met("whitens", [[1], [2]])
        assert "does not vary" in self.met("whitens", [[1, 7], [2, 7]])

    def test_outputs(self):
        assert self.met("outputs").startswith("Not here")
        told = self.met("outputs", [[1], [2], [4]], gamma=1.0, beta=0.0)
        assert told.startswith("Here yes")
        assert "have mean 0 and variance 1" in told

    def test_shape(self):
        assert "is 1 for x1 before and 1 after" in self.met("normally", [[-1], [1], [-1], [1]])
        assert "does not even vary" in self.met("normally", [[7], [7]])

    def test_are_plain(self):
        for source in SOURCES:
            met = words.beliefs(verdict(source=source))
            assert 3 <= len(met) <= 4
            assert not any('"' in belief or "“" in belief for belief in met)


def test_what_stands_above_a_pair():
    assert words.pair(verdict(epsilon=100.0).pair) == ("before: r = 0.812", "after: r = 0.812")
    assert words.pair(verdict([[1, 7], [2, 7]]).pair) == ("before: r = none", "after: r = none")
    assert words.pair(verdict([[1], [2]]).pair) == ("before", "after")


def test_the_guess():
    right, why = words.guess(verdict())
    assert right == "not at all"
    assert right in words.GUESSES
    assert why.startswith("We did it: no output moved by more than")


class TestPrograms:
    @pytest.mark.parametrize("library", ["NumPy", "torch.nn"])
    @pytest.mark.parametrize("source", [name for name in SOURCES if name != "a single row"])
    def test_run_and_give_the_outputs_on_the_page(self, source, library):
        run, there = of(source=source), {}
        default = torch.get_default_dtype()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(words.programs(judge(run))[library], there)
        finally:
            torch.set_default_dtype(default)
        y = there["y"] if library == "NumPy" else there["y"].detach().numpy()
        np.testing.assert_allclose(y, run.stages[3], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
def test_presets_are_settings_of_the_knobs(preset):
    for name, value in preset.items():
        assert value in knobs(TransformConfig)[name].options
        assert value != TransformConfig.model_fields[name].default


@pytest.mark.parametrize("epsilon", [1e-14, 1e3])
@pytest.mark.parametrize("table", [[[1e9], [-1e9]], [[1e-300], [0]], [[1e9], [1e9]], [[0]] * 64])
def test_extremes_give_sentences_without_a_nan(table, epsilon):
    found = verdict(table, gamma=1e3, epsilon=epsilon)
    said = words.findings(found)
    told = [said.headline, *said.more, *words.beliefs(found).values(), *words.guess(found)]
    assert not any("nan" in one.lower().split() for one in told)


def test_the_clock_names_every_place():
    assert len(words.PLACES) == len(of().steps)
    assert words.PLACES[0] == "x"
    assert words.PLACES[1] == "x …"
    assert words.PLACES[-1] == "scaled, shifted"
