"""The loss along the gradient, in sentences."""

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import landscape
from bnviz.experiments.landscape import LENGTHS
from bnviz.verdicts.landscape import judge, rises
from bnviz.words import landscape as words
from tests.experiments.test_pair import EXTREMES, assert_no_finding_is_empty
from tests.made.landscape import made
from tests.samples import tiny


def findings(result):
    said = words.findings(judge(result))
    return [said.headline, *said.more]


def beliefs(result):
    return words.beliefs(judge(result))


def bears(result):
    return words.bears(judge(result).bears)


def guess(result):
    return words.guess(judge(result))


def headline(*arguments, **changes):
    return findings(made(*arguments, **changes))[0]


class TestHeadline:
    def test_plain_is_rougher(self):
        said = headline(4.0, 1.0)
        assert said.startswith("Within 4 learning rates along the gradient, **plain's loss varies")
        assert "4.0 times as much as BN's** (averaged over training; more in both seeds)" in said

    def test_bn_is_rougher(self):
        said = headline(1.0, 3.0)
        assert "**BN's loss varies 3.0 times as much as plain's**" in said
        assert "BN's ground is the rougher one" in said

    def test_a_loss_that_only_falls_varies_but_is_not_rough(self):
        result = made(1.0, 3.0)
        result.loss_there[:] = np.minimum(result.loss_there, 2.0)
        said = findings(result)[0]
        assert "**BN's loss varies 3.0 times as much as plain's** (more in both seeds): it" in said
        assert "it falls further" in said
        assert "the rougher one" not in said
        faster = beliefs(result)["On smoother ground a network learns faster"]
        assert faster.startswith("This run cannot tell: neither network has clearly the smoother")

    def test_half_of_the_seeds_are_no_rule(self):
        result = made([0.9, 0.95, 1.5, 20.0], 1.0, seeds=4)
        said = findings(result)[0]
        assert "**the seeds do not agree** whose loss varies more" in said
        assert said.endswith("plain's does in 2 of 4 seeds.")
        assert judge(result).rougher is None

    @pytest.mark.parametrize(("plain", "batch"), [(1.0, 1.0), (1.1, 1.0), (1.0, 1.1), (0.0, 0.0)])
    def test_about_the_same(self, plain, batch):
        assert "**both losses vary about as much**" in headline(plain, batch)

    def test_nothing_to_compare(self):
        said = headline(fell=[[False, False], [True, True]])
        assert said.startswith("**No comparison here**")
        assert "none of 2 seeds without BN and in both seeds with it" in said

    @pytest.mark.parametrize(
        ("reach", "words"),
        [("½ to 4", "4 learning"), ("1/100 to 30", "30 learning"), ("1/10 to 1", "one learning")],
    )
    def test_how_far_the_walk_went(self, reach, words):
        assert words in headline(reach=reach)

    def test_seeds_that_were_not_compared_are_named(self):
        said = findings(made(fell=[[False, True], [True, False]], lost=[[3, NEVER], [NEVER] * 2]))
        assert said[-2].startswith("Plain: diverged in 1 of 2 seeds.")
        assert said[-1].startswith("BN: its loss did not fall by half in 1 of 2 seeds.")
        assert not any("diverged" in sentence for sentence in findings(made()))


class TestWorstWalk:
    def said(self, result, subject):
        return next(s for s in findings(result) if s.startswith(f"{subject}'s"))

    def test_names_step_and_losses(self):
        result = made(2.0, 2.0)
        result.loss_there[1, :, 2, 3] = 500.0
        assert self.said(result, "BN") == (
            "BN's steepest walk is at step 2: its loss goes from 2 up to 500."
        )
        assert self.said(result, "Plain").endswith("at step 0: its loss goes from 2 up to 3.")

    def test_never_up(self):
        result = made()
        result.loss_there[:] = 1.0
        assert self.said(result, "BN") == "BN's walks never lead above where they start."

    def test_up_in_one_seed_of_three(self):
        result = made(seeds=3)
        result.loss_there[:] = 1.0
        result.loss_there[1, 2, 0, 0] = 3.0
        assert "hardly ever lead above" in self.said(result, "BN")
        assert "never lead above" in self.said(result, "Plain")

    @pytest.mark.parametrize(
        ("loss", "word"),
        [
            (np.inf, "more than a 32-bit float can hold"),
            (3e38, "some 10³⁸"),
            (1e6, "some 10⁶"),
            (1143.2, "1,143"),
            (12.3, "12"),
            (0.0321, "0.032"),
        ],
    )
    def test_losses_of_any_size(self, loss, word):
        assert words.loss(loss) == word
        if loss > 2:
            result = made()
            result.loss_there[:, :, 0, 3] = loss
            assert self.said(result, "BN").endswith(f"up to {word}.")

    def test_a_network_without_any_record_is_passed_over(self):
        result = made()
        result.loss_here[0], result.loss_there[0] = np.nan, np.nan
        assert not any(s.startswith("Plain's") for s in findings(result))
        assert self.said(result, "BN")

    def test_after_a_divergence_the_other_seeds_go_on_as_they_are_drawn(self):
        result = made()
        result.loss_here[0, 0, 2:], result.loss_there[0, 0, 2:] = np.nan, np.nan
        result.loss_there[0, 1, 3, 0] = 143
        assert self.said(result, "Plain").endswith("at step 10: its loss goes from 2 up to 143.")


class TestLongestStep:
    @pytest.mark.parametrize(
        ("too", "word"),
        [
            ((1.0, 10.0), "1 on without BN and 10 with it: BN bears steps 10.0 times as long"),
            ((20.0, 4.0), "20 on without BN and 4 with it: plain bears steps 5.0 times as long"),
            ((2.0, 2.2), "2 on without BN and 2.2 with it: both bear about as much."),
            ((2.2, 2.0), "2.2 on without BN and 2 with it: both bear about as much."),
            ((np.inf, 5.0), "from a length of 5 on with BN; without it, at none we tried."),
            ((5.0, np.inf), "from a length of 5 on without BN; with it, at none we tried."),
            ((np.inf, np.inf), "at no length up to 100, with BN or without."),
            ((1e-4, 5.0), "already at 0.0001, the shortest we tried, without BN."),
            ((5.0, 1e-5), "already at 0.0001, the shortest we tried, with BN."),
            ((np.inf, 1e-5), "already at 0.0001, the shortest we tried, with BN."),
            ((1e-5, 1e-5), "the shortest we tried, without BN and with BN."),
        ],
    )
    def test_sentence(self, too, word):
        result = made(too=too)
        assert word in bears(result)
        assert bears(result) in findings(result)

    @pytest.mark.parametrize(
        ("too", "place"),
        [
            ((5.0, 1.0), 0),
            ((np.inf, 3.0), 0),
            ((1.9, 1.0), 0),
            ((1.1, 1.0), 1),
            ((1.0, 1.1), 1),
            ((np.inf, np.inf), 1),
            ((1.0, 1.9), 2),
            ((1.0, 2.9), 2),
            ((1.0, 3.1), 3),
            ((1.0, np.inf), 3),
            ((50.0, np.inf), 2),  # twice as long, as far as was tried
            ((np.inf, 90.0), 1),
        ],
    )
    def test_answer_of_the_guess(self, too, place):
        result = made(too=too)
        said = bears(result)
        assert guess(result) == (words.GUESSES[place], said)

    def test_the_median_seed_speaks(self):
        too = [[1.0, 1.0, 50.0], [10.0, 10.0, 0.1]]
        said = bears(made(too=too, seeds=3))
        assert "10.0 times as long (0.002 to 10.0 times over the seeds)" in said

    def test_the_medians_alone_are_no_rule(self):
        said = bears(made(too=[[1.0, 2.0, 3.0], [3.5, 1.9, 2.5]], seeds=3))
        assert said.endswith(
            "2 on without BN and 2.5 with it: the seeds do not agree who bears more."
        )

    def test_seeds_that_are_nowhere_tenfold_have_no_ratio(self):
        said = bears(made(too=[[1.0] * 3, [10.0, 20.0, np.inf]], seeds=3))
        assert said.endswith("(10.0 to 20.0 times in 2 of 3 seeds, where both become tenfold).")
        said = bears(made(too=[[np.inf, 20.0, 20.0], [4.0] * 3], seeds=3))
        assert "plain bears steps 5.0 times as long (5.0 times in 2 of 3 seeds, where" in said


class TestMisconceptions:
    FALLS, FASTER = "Along the negative gradient the loss falls", (
        "On smoother ground a network learns faster"
    )  # fmt: skip

    def said(self, result, belief):
        return beliefs(result)[belief]

    def test_rises_are_counted_at_one_learning_rate(self):
        result = made()
        one = list(result.reach).index(1.0)
        result.loss_there[0, 0, :2, one] = 2.1  # two of plain's eight records
        result.loss_there[1, 0, 0, one] = np.inf
        result.loss_there[1, 1, 0, one] = np.nan  # a walk overflowed: up, too
        result.loss_there[1, 1, 1, one] = 2.0  # as high as before: not up
        result.loss_there[:, :, :, -1] = 99.0  # further away does not matter
        np.testing.assert_array_equal(rises(result), [0.25, 0.25])
        said = self.said(result, self.FALLS)
        assert said.startswith("Only if the step is short enough.")
        assert "25 % of plain's and in 25 % of BN's recorded steps" in said

    def test_records_after_a_divergence_do_not_count(self):
        result = made()
        result.loss_there[..., 1] = 3.0
        result.loss_here[0, :, 1:], result.loss_there[0, :, 1:] = np.nan, np.nan
        result.loss_there[0, 0, 0] = 1.0
        result.loss_here[1], result.loss_there[1] = np.nan, np.nan
        np.testing.assert_array_equal(rises(result), [0.5, np.nan])
        said = self.said(result, self.FALLS)
        assert "in 50 % of plain's recorded steps." in said
        assert "BN" not in said

    def test_what_may_be_rounding_is_no_rise(self):
        result = made(0.0, 0.0)
        result.loss_there[:] = np.nextafter(np.float32(2), np.float32(3))
        assert rises(result) == (0, 0)
        assert "BN's walks never lead above where they start." in findings(result)
        widened = made(1.0, 3.0)
        widened.loss_there[:] = np.minimum(widened.loss_there, result.loss_there)
        assert "the rougher one" not in findings(widened)[0]

    def test_the_loss_never_rose(self):
        assert self.said(made(), self.FALLS).startswith("At this learning rate it never rose.")

    def test_nothing_was_seen(self):
        result = made(fell=False, lost=0)
        result.loss_here[:], result.loss_there[:] = np.nan, np.nan
        assert self.said(result, self.FALLS).startswith("This run cannot tell")

    @pytest.mark.parametrize(
        ("widths", "accuracy", "begin"),
        [
            ((4.0, 1.0), (0.80, 0.95), "Here it goes together: BN has the smoother ground"),
            ((4.0, 1.0), (0.95, 0.80), "Not here: BN has the smoother ground, but plain ends"),
            ((1.0, 4.0), (0.95, 0.80), "Here it goes together: plain has the smoother ground"),
            ((1.0, 4.0), (0.80, 0.95), "Not here: plain has the smoother ground, but plain ends"),
            (
                (4.0, 1.0),
                (0.94, 0.95),
                "Not by itself: BN has the smoother ground, and at the same",
            ),
            ((1.0, 1.1), (0.95, 0.80), "This run cannot tell: neither network has clearly the"),
            ((1.0, 1.1), (0.95, 0.95), "This run cannot tell"),
        ],
    )
    def test_faster_on_smoother_ground(self, widths, accuracy, begin):
        assert self.said(made(*widths, accuracy=accuracy), self.FASTER).startswith(begin)

    def test_half_of_the_seeds_learn_faster(self):
        result = made(4.0, 1.0, seeds=4)
        result.test_accuracy[1, :, -1] = [0.70, 0.95, 0.70, 0.92]
        said = self.said(result, self.FASTER)
        assert said.startswith(
            "This run cannot tell: BN has the smoother ground, and plain ends at"
        )
        assert said.endswith("but not in most of the seeds compared.")

    def test_nobody_to_compare(self):
        said = self.said(made(fell=False), self.FASTER)
        assert said.startswith("This run cannot tell")


ODD = EXTREMES | {
    "every walk overflows": {"learning_rate": 1e3, "reach": "1/100 to 30", "steps": 3},
    "one step of fifty layers": {"steps": 1, "depth": 50, "seeds": 1},
    "fifty layers, skip": {"depth": 50, "skip": "on"},
    "the first pass overflows": {"depth": 50, "gain": 10.0},
    "no layer has BN": {"depth": 1, "normalized_layers": "every second"},
}


@pytest.mark.parametrize("settings", ODD.values(), ids=list(ODD))
@pytest.mark.parametrize("seeds", [1, 2])
def test_no_sentence_is_empty_or_without_a_number(settings, seeds):
    result = landscape.run(tiny("landscape", **{"seeds": seeds, "width": 8} | settings))
    said = [*findings(result), *beliefs(result).values()]
    assert_no_finding_is_empty([*said, bears(result)])
    assert guess(result)[0] in words.GUESSES
    for sentence in said:
        assert len(sentence) < 300


def test_the_odd_runs_do_overflow():
    result = landscape.run(tiny("landscape", **ODD["the first pass overflows"]))
    assert np.isnan(result.loss_here[0]).all(axis=-1).any()
    assert result.too_long()[0].min() == LENGTHS[0]
