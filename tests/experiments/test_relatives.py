"""BN's relatives: what is trained and shown, and every sentence, also the other way round."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import torch

from bnviz.engine.images import ConvolutionalCohort
from bnviz.engine.training import Plan, train
from bnviz.experiments import relatives
from bnviz.experiments.bounds import TooLargeError
from bnviz.experiments.pair import NEVER
from bnviz.experiments.relatives import KINDS, RelativesConfig
from bnviz.experiments.settings import WORK_LIMIT, knobs
from bnviz.words import relatives as words
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
        told = [*relatives.findings(result), *relatives.misconceptions(result).values()]
        told += [relatives.of_the_stack(result, name, (5, 3)) for name in relatives.CHOICES]
        told += [relatives.over_sizes([result]), *relatives.who_is_last(result)]
        assert all(one and "nan" not in one and "inf " not in one for one in told)


# ------------------------------------------------------------------ claims

CLAIM = {"seeds": 5}


def trained(kinds, **changes):
    """Test accuracy at the end of each seed, of these kinds alone."""
    of = RelativesConfig(**CLAIM | changes)
    history = relatives._training(of, of.data(), kinds, [of.steps])(lambda step: None)
    ends = history.test_accuracies[:, -1].reshape(len(kinds), -1)
    return dict(zip(kinds, ends, strict=True))


def test_at_the_default_instance_norm_guesses_and_bn_is_ahead():
    ends = trained(["batch", "group", "instance"])
    assert (ends["instance"] < 0.2).all()
    assert (ends["batch"] > ends["group"] + 0.1).all()


def preset(start):
    (found,) = (values for label, values in words.PRESETS.items() if label.startswith(start))
    return found


def test_two_samples_of_one_pixel_break_bn():
    ends = trained(["batch", "layer"], **preset("Two samples, one pixel"))
    assert (ends["layer"] > ends["batch"] + 0.1).all()


def test_two_samples_of_many_pixels_do_not():
    ends = trained(["batch", "layer", "instance"], **preset("Two samples, 16 pixels"))
    assert all(np.median(ends["batch"]) > np.median(end) - 0.03 for end in ends.values())
    assert np.median(ends["batch"]) > 0.85


def test_four_pixels_are_enough_for_instance_norm_to_learn():
    ends = trained(["instance"], **preset("Four pixels"))
    assert (ends["instance"] > 0.6).all()


def test_one_group_is_layer_norm():
    ends = trained(["group", "layer"], **preset("One group") | {"steps": 5, "seeds": 1})
    np.testing.assert_array_equal(ends["group"], ends["layer"])


# ------------------------------------------------------------------ sentences


def made(shares=(0.2, 0.5, 0.3), diverged=(), **ends):
    """A result by hand: test accuracies at the end, the same in both seeds."""
    changes = ends.pop("config", {})
    level = dict.fromkeys(KINDS, 0.9) | ends
    level |= dict.fromkeys(diverged, np.nan)
    records = len(small().steps)
    lost = {kind: np.full(2, 3 if kind in diverged else NEVER) for kind in KINDS}
    return replace(
        small(),
        config=config(**changes),
        accuracy={k: np.full((2, records), end, np.float32) for k, end in level.items()},
        diverged_at=lost,
        shares=np.broadcast_to(np.array(shares, np.float32), (2, records, 2, 2, 3)),
    )


def said(**arguments):
    return " ".join(relatives.findings(made(**arguments)))


class TestSentences:
    def test_the_headline_says_how_far_apart_they_are(self):
        assert "All seven do about as well" in said()
        assert "One stays behind" in said(instance=0.1)
        apart = said(instance=0.1, plain=0.3, batch=0.95)
        assert "It matters which numbers are averaged" in apart
        assert "BN gets 95 % of the test samples right, instance norm 10 %" in apart
        assert "All that did not diverge do about as well" in said(diverged=["renorm"])
        assert "It matters which" in said(instance=0.5, group=0.51, switchable=0.95)
        assert "each gets 90 % of the test samples right." in said()
        assert "It hardly matters here which" in said(**dict.fromkeys(KINDS[1:], 0.6))

    def test_where_nobody_learns_nothing_is_compared(self):
        told = relatives.findings(made(**dict.fromkeys(KINDS, 0.3)))
        assert "none of the seven networks learns" in told[0]
        told = relatives.findings(made(diverged=KINDS))
        assert "all seven networks diverged" in told[0]
        assert set(relatives.misconceptions(made(diverged=KINDS)).values()) == {
            relatives.CANNOT_TELL
        }

    def test_bn_beside_those_that_need_no_batch(self):
        assert "BN keeps up" in said()
        assert "BN is behind" in said(batch=0.5)
        told = said(batch=0.99)
        assert "BN is ahead" in told
        assert "are 32 numbers, 32 samples of 1 pixel" in told

    def test_instance_norm_needs_space(self):
        assert "hands on β" in said(instance=0.1)
        assert "takes away how strong" in said(instance=0.6, config={"side": 2})
        assert "no worse here" in said(config={"side": 2})
        assert "ahead here" in said(instance=0.97, config={"side": 2})

    def test_group_norm_between_its_ends_or_beyond(self):
        assert "is between layer and instance norm" in said(group=0.7, instance=0.5)
        assert "ends below both" in said(group=0.5)
        assert "ends above both" in said(group=0.99)
        assert "With 1 group, group norm is layer norm" in said(config={"groups": 1})
        assert "With 8 groups, group norm is instance norm" in said(config={"groups": 8})

    def test_what_switchable_norm_chose(self):
        assert "20 % instance norm, 50 % layer norm, 30 % BN; it began" in said()
        assert "it has hardly moved" in said(shares=(0.33, 0.35, 0.32))

    def test_whether_normalizing_helps(self):
        assert "Normalization does not help here" in said()
        assert "1 ends clearly above plain" in said(layer=0.99)
        assert "2 end clearly above plain" in said(layer=0.99, batch=0.98)

    def test_who_diverged(self):
        assert "Diverged, and left out: plain in all 2 seeds." in said(diverged=["plain"])
        assert "Diverged" not in said()

    def test_the_guess(self):
        assert relatives.who_is_last(made())[0] == relatives.ALIKE
        assert relatives.who_is_last(made(group=0.3))[0] == "group norm"
        assert "Diverged" in relatives.who_is_last(made(diverged=["plain"]))[1]
        assert {relatives.NAMES[kind] for kind in KINDS} < set(relatives.GUESSES)

    def test_over_batch_sizes(self):
        behind = made(batch=0.4, config={"batch_size": 2})
        level = made(config={"batch_size": 32})
        told = relatives.over_sizes([level, behind])
        assert told.startswith("In batches of 2, BN gets 60 % wrong")
        assert "clearly behind at batch size 2." in told
        assert "not clearly behind at any size." in relatives.over_sizes([level])
        roomy = made(config={"batch_size": 32, "side": 2})
        assert relatives.over_sizes([roomy]).endswith("over 4 pixels of each sample as well.")
        lost = made(config={"batch_size": 2}, diverged=["batch"])
        assert "BN diverges and the best" in relatives.over_sizes([level, lost])
        nobody = made(**dict.fromkeys(KINDS, 0.2))
        assert "None of the networks learns" in relatives.over_sizes([nobody])

    def test_the_stack_says_what_is_lit(self):
        told = {name: relatives.of_the_stack(small(), name, (1, 5)) for name in relatives.CHOICES}
        assert "channel 6 of all 6 samples, 384 numbers" in told["BN"]
        assert "all 8 channels of sample 2, 512 numbers" in told["layer"]
        assert "the 4 channels of its group, of sample 2, 256 numbers" in told["group"]
        assert "channel 6 of sample 2 alone, 64 numbers" in told["instance"]
        single = replace(small(), config=config(groups=8))
        assert "the one channel of its group" in relatives.of_the_stack(single, "group", (1, 5))
        assert f"mean {small().mean['batch'][-1, 1, 5]:.2f}" in told["BN"]

    def test_a_mean_of_nothing_has_no_sign(self):
        of, nothing = small(), {"batch": np.full_like(small().mean["batch"], -1e-4)}
        told = relatives.of_the_stack(replace(of, mean=of.mean | nothing), "BN", (1, 5))
        assert "mean 0.00 and" in told


class TestMisconceptions:
    def of(self, start, **arguments):
        met = relatives.misconceptions(made(**arguments))
        (answer,) = (said for belief, said in met.items() if belief.startswith(start))
        return answer

    def test_small_batches(self):
        assert self.of("Small batches").startswith("This run has batches of 32")
        few = {"config": {"batch_size": 2}}
        assert self.of("Small batches", **few).startswith("Not here, in batches of 2")
        assert self.of("Small batches", batch=0.4, **few).startswith("They do here")

    def test_whether_it_matters(self):
        assert self.of("All of them").startswith("At these settings it hardly does")
        assert self.of("All of them", group=0.5).startswith("It does")

    def test_space(self):
        assert self.of("Instance norm").startswith("It needs space")
        assert "With one pixel left" in self.of("Instance norm", config={"side": 4})

    def test_the_mixture(self):
        assert self.of("A learned", switchable=0.99).startswith("In this run it is")
        assert self.of("A learned").startswith("Not clearly")
        assert self.of("A learned", switchable=0.5).startswith("Not in this run")
