"""BN's relatives: what is trained and shown."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch

from bnviz.engine.images import ConvolutionalCohort
from bnviz.engine.plan import Plan
from bnviz.engine.training import train
from bnviz.experiments import relatives
from bnviz.experiments.bounds import TooLargeError
from bnviz.experiments.relatives import KINDS, NORMALIZERS, RelativesConfig
from bnviz.experiments.settings import WORK_LIMIT, knobs
from bnviz.verdicts import sizes as of_sizes
from bnviz.verdicts import stack as of_stack
from bnviz.verdicts.relatives import judge
from bnviz.words import relatives as words
from bnviz.words.relatives import beliefs as relative_beliefs
from bnviz.words.relatives import sizes, stack
from tests.samples import tiny


def config(**changes):
    return tiny("relatives", **changes)


@cache
def small():
    return relatives.run(config(steps=10))


class TestConfig:
    def test_counts_the_numbers_behind_a_mean(self):
        of = RelativesConfig(batch_size=8, side=2, width=8, groups=2)
        counted = {kind: of.numbers(kind) for kind in relatives.NORMALIZERS}
        assert counted == {
            "batch": 32, "renorm": 32, "switchable": 32, "layer": 32, "group": 16, "instance": 4,
        }  # fmt: skip
        assert of.numbers("batch", 1) == 8 * 64
        assert RelativesConfig(depth=1).numbers("instance") == 64
        assert RelativesConfig(batch_size=1000, dataset="moons", side=1).numbers("batch") == 1000

    @pytest.mark.parametrize(("groups", "width", "size"), [(8, 4, 1), (2, 8, 4), (3, 8, 8)])
    def test_there_are_never_more_groups_than_can_be_equally_large(self, groups, width, size):
        assert RelativesConfig(groups=groups, width=width).in_a_group() == size

    def test_the_cost_is_within_bounds(self):
        assert RelativesConfig().affordable() == RelativesConfig()
        for name, knob in knobs(RelativesConfig).items():
            for option in knob.options:
                assert RelativesConfig(**{name: option}).affordable().work() <= WORK_LIMIT
        huge = RelativesConfig(depth=50, width=64, side=4, batch_size=512, seeds=5)
        with pytest.raises(TooLargeError, match="convolutions"):
            huge.affordable()
        large = RelativesConfig(depth=8, width=32, side=4, batch_size=32, seeds=5)
        assert large.affordable().seeds < large.seeds
        assert len(huge.data().test_labels) < len(RelativesConfig().data().test_labels) == 150

    def test_the_section_sees_as_many_samples_at_a_rate_in_proportion(self):
        pieces = relatives.by_size(RelativesConfig(batch_size=8, learning_rate=0.18))
        assert [one.batch_size for one in pieces] == [32, 16, 8, 4, 2]
        assert {one.batch_size * one.steps for one in pieces} == {1600}
        assert pieces[0].learning_rate == pytest.approx(0.72)
        assert pieces[-1].learning_rate == pytest.approx(0.045)
        assert all(RelativesConfig.model_validate(one.model_dump()) for one in pieces)


class TestRun:
    def test_is_the_same_to_the_bit_and_whatever_the_workers(self):
        again = relatives.run(config(steps=10), workers=1)
        for kind in KINDS:
            np.testing.assert_array_equal(small().accuracy[kind], again.accuracy[kind])
            np.testing.assert_array_equal(small().maps[kind], again.maps[kind])
        np.testing.assert_array_equal(small().shares, again.shares)

    @pytest.mark.parametrize("kind", ["batch", "switchable"])
    def test_is_ordinary_training(self, kind):
        of = small().config
        cohort = ConvolutionalCohort(of.network(), [kind] * 2, [0, 1])
        plan = Plan((0.18,) * 2, 10, 32)
        history = train(cohort, [0, 1], of.data(), plan, record_at=small().steps)
        np.testing.assert_array_equal(small().accuracy[kind], history.test_accuracies)

    def test_the_stack_is_what_the_first_network_makes_of_six_images(self):
        of = small().config
        cohort = ConvolutionalCohort(of.network(), ["group"], [0])
        train(cohort, [0], of.data(), Plan((0.18,), 10, 32))
        kernels = cohort.layers[0].weight.detach().view(8, 1, 3, 3)
        images = torch.tensor(of.data().test_inputs[:6]).view(6, 1, 8, 8)
        maps = torch.nn.functional.conv2d(images, kernels, padding=1).numpy()
        np.testing.assert_allclose(small().maps["group"][-1], maps, rtol=1e-4, atol=1e-5)
        halves = maps.reshape(6, 2, -1)  # two groups of four channels
        for shown, expected in ((small().mean, halves.mean(2)), (small().variance, halves.var(2))):
            np.testing.assert_allclose(
                shown["group"][-1], np.repeat(expected, 4, axis=1), rtol=1e-4, atol=1e-5
            )

    def test_all_start_from_the_same_maps_and_mixtures_begin_equal(self):
        for kind in KINDS:
            np.testing.assert_allclose(small().maps[kind][0], small().maps["plain"][0], rtol=1e-5)
        np.testing.assert_allclose(small().shares[:, 0], 1 / 3, rtol=1e-6)
        np.testing.assert_allclose(small().shares.sum(-1), 1, rtol=1e-5)

    def test_progress_reaches_the_end_and_never_goes_back(self):
        told = []
        relatives.run(config(), told.append)
        assert all(0 <= a <= b <= 1 for a, b in pairwise(told))

    @pytest.mark.parametrize(
        "odd",
        [
            {"depth": 6, "gain": 1e4, "learning_rate": 1e3},
            {"steps": 1, "batch_size": 1, "seeds": 1, "groups": 8},
            {"depth": 1, "width": 4, "dataset": "moons", "batch_size": 512},
        ],
    )
    def test_odd_settings_have_an_answer(self, odd):
        result = relatives.run(config(**odd))
        verdict = judge(result)
        said = words.findings(verdict)
        met = relative_beliefs.beliefs(verdict)
        told = [said.headline, *said.more, *said.further, *met.values()]
        told += [one.outcome(verdict).why for one in words.CHALLENGES]
        told += [stack.told(of_stack.judge(result, kind, (5, 3))) for kind in NORMALIZERS]
        told += [sizes.told(of_sizes.judge([result]))]
        assert all(one and "nan" not in one and "inf " not in one for one in told)
