"""The loss along the gradient, in sentences."""

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import landscape
from bnviz.experiments.landscape import LENGTHS
from bnviz.verdicts.landscape import judge, rises
from bnviz.words import landscape as words
from bnviz.words.landscape import beliefs as landscape_beliefs
from bnviz.words.landscape import surface
from tests.experiments.test_pair import EXTREMES, assert_no_finding_is_empty
from tests.made.landscape import made
from tests.samples import tiny


def findings(result):
    said = words.findings(judge(result))
    return [said.headline, *said.more, *said.further]


def beliefs(result):
    return landscape_beliefs.beliefs(judge(result))


def bears(result):
    return words.bears(judge(result).bears)


def rising(plain=1.0, batch=1.0, **changes):
    """The loss ahead goes up to this many times the loss before, and down to nearly nothing."""
    result = made(0.0, 0.0, **changes)
    result.loss_there[..., 0] = 0.01
    result.loss_there[0, :, 2, 3], result.loss_there[1, :, 1, 3] = 2 * plain, 2 * batch
    return result


class TestHeadline:
    @pytest.mark.parametrize(
        ("plain", "batch", "said"),
        [
            (4.0, 1.0, "Plain's loss rises ahead, to 4.0 times its value. BN's never does."),
            (1.0, 4.0, "BN's loss rises ahead, to 4.0 times its value. Plain's never does."),
            (1.1, 1.0, "Plain's loss rises ahead a little. BN's never does."),
            (np.inf, 1.0, "Plain's loss rises ahead beyond all bounds. BN's never does"),
            (1.0, 1.0, "Neither loss ever rises ahead."),
        ],
    )
    def test_of_whom_it_rises(self, plain, batch, said):
        assert findings(rising(plain, batch))[0].startswith(said)

    def test_hardly_ever(self):
        result = rising(4.0, 1.0, seeds=3)
        result.loss_there[1, 0, 0, 3] = 9.0
        assert findings(result)[0].endswith(" BN's hardly ever does.")
        result = rising(seeds=3)
        result.loss_there[1, 0, 0, 3] = 9.0
        assert findings(result)[0] == "BN's loss hardly ever rises ahead. Plain's never does."
        result.loss_there[0, 0, 0, 3] = 9.0
        assert findings(result)[0] == "Both losses hardly ever rise ahead."

    @pytest.mark.parametrize(
        ("plain", "batch", "said"),
        [
            (4.0, 1.0, "plain's varies more"),
            (1.0, 4.0, "BN's varies more"),
            (1.0, 1.1, "both vary about as much"),
            ([4.0, 4.0, 0.1], [1.0, 4.0, 4.0], "both vary about as much"),
            ([4.0, 4.0, 1.5, 1.5], [1.0, 1.0, 2.0, 2.0], "the seeds do not agree whose varies"),
        ],
    )
    def test_both_rise(self, plain, batch, said):
        seeds = len(plain) if isinstance(plain, list) else 2
        head = findings(made(plain, batch, seeds=seeds))[0]
        assert head.startswith("Both losses rise ahead; ")
        assert said in head

    def test_nothing_to_compare(self):
        head, why, *_ = findings(made(fell=[[False, False], [True, True]]))
        assert head == words.UNCOMPARED
        assert "none of 2 seeds, BN's in both seeds, and in no seed did both" in why

    def test_is_one_line_with_at_most_one_number(self):
        for plain in (1.0, 1.1, 7.83, 123.0, np.inf):
            for batch in (1.0, 1.1, 2.0):
                head = findings(rising(plain, batch))[0]
                assert len(head) <= 84
                assert sum(word.replace(".", "").isdigit() for word in head.split()) <= 1


class TestWhoVariesMore:
    def test_plain(self):
        said = findings(made(4.0, 1.0))
        assert said[1] == (
            "In both seeds plain's loss varies more ahead than BN's: 4.0 times as much, averaged"
            " over training."
        )

    def test_between_what_the_factor_lies(self):
        said = findings(made([4.0, 8.0, 2.0], [1.0] * 3, seeds=3))
        assert "In all 3 seeds plain's loss varies more ahead than BN's: 4.0 times" in said[1]
        between = "From seed to seed, plain's loss varies 2.0 to 8.0 times as much as BN's."
        assert between in said
        assert not any("From seed" in one for one in findings(made(4.0, 1.0, seeds=1)))

    def test_bn(self):
        assert "BN's loss varies more ahead than plain's: 3.0 times" in findings(made(1.0, 3.0))[1]

    @pytest.mark.parametrize("widths", [(1.0, 3.0), (3.0, 1.0)])
    def test_a_loss_that_only_falls_varies_but_is_not_rough(self, widths):
        result = made(*widths, seeds=3)
        assert "not roughness" not in findings(result)[1]
        result.loss_there[:] = np.minimum(result.loss_there, 2.0)
        assert findings(result)[1].endswith("and never rises, so this is not roughness.")
        result.loss_there[:, 0, 0, 3] = 2.1
        assert findings(result)[1].endswith("and hardly ever rises, so this is not roughness.")
        faster = beliefs(result)["On a smoother loss surface a network learns faster"]
        assert faster.startswith("This run cannot tell: neither network has clearly the smoother")

    @pytest.mark.parametrize(("plain", "batch"), [(1.0, 1.0), (1.1, 1.0), (1.0, 1.1), (0.0, 0.0)])
    def test_about_the_same(self, plain, batch):
        assert "both losses vary about as much" in findings(made(plain, batch))[1]

    def test_half_of_the_seeds_are_no_order(self):
        said = findings(made([4.0, 4.0, 1.5, 1.5], [1.0, 1.0, 2.0, 2.0], seeds=4))[1]
        assert (
            said
            == "Plain's loss varies more ahead in 2 of 4 seeds, BN's in the others: no clear order."
        )

    def test_seeds_that_were_not_compared_are_named(self):
        said = findings(made(fell=[[False, True], [True, False]], lost=[[3, NEVER], [NEVER] * 2]))
        assert said[-2].startswith("Plain diverged in 1 of 2 seeds.")
        assert said[-1].startswith("The loss of BN did not fall by half in 1 of 2 seeds.")
        assert not any("diverged" in sentence for sentence in findings(made()))


class TestHighestPoint:
    def said(self, result, subject):
        return next(s for s in findings(result)[1:] if s.startswith(f"{subject}'s loss "))

    def test_names_seeds_step_and_height(self):
        assert self.said(rising(1.0, 250.0), "BN") == (
            "BN's loss rises ahead in both seeds, most at step 1: to 250 times the loss before."
        )
        assert self.said(rising(np.inf), "Plain").endswith("past what a 32-bit float can hold.")

    def test_a_rise_that_would_read_as_once_the_loss(self):
        assert self.said(rising(1.03), "Plain") == (
            "Plain's loss rises ahead in both seeds, but only a little, most at step 2."
        )
        assert self.said(rising(1.06), "Plain").endswith("to 1.1 times the loss before.")

    def test_never_up(self):
        assert self.said(rising(), "BN") == "BN's loss never rises ahead, in any seed."

    def test_up_in_one_seed_of_three(self):
        result = rising(seeds=3)
        result.loss_there[1, 2, 0, 0] = 3.0
        assert self.said(result, "BN") == (
            "BN's loss rises somewhere ahead in 1 of 3 seeds, but nowhere in the median of the"
            " seeds."
        )

    def test_a_network_without_any_record_is_passed_over(self):
        result = made(fell=False)
        result.loss_here[0], result.loss_there[0] = np.nan, np.nan
        assert not any(s.startswith("Plain's loss") for s in findings(result))
        assert self.said(result, "BN")

    @pytest.mark.parametrize(
        ("loss", "word"),
        [
            (np.inf, "more than a 32-bit float can hold"),
            (3e38, "about 10³⁸"),
            (1143.2, "1,143"),
            (12.3, "12"),
            (0.0321, "0.032"),
        ],
    )
    def test_losses_of_any_size(self, loss, word):
        assert surface.loss(loss) == word


@pytest.mark.parametrize(
    ("accuracy", "said"),
    [
        ((0.94, 0.95), "In accuracy they hardly differ. Plain ends at 94 % and BN at 95 %"),
        ((0.94, 0.85), "Plain learned more. Plain ends at 94 % and BN at 85 %"),
        ((0.84, 0.95), "BN learned more. Plain ends at 84 % and BN at 95 %"),
    ],
)
def test_accuracies(accuracy, said):
    assert any(one.startswith(said) for one in findings(made(accuracy=accuracy)))


def test_accuracies_are_of_the_pairs_compared():
    of_two = findings(made(fell=((True, True, False), (True, True, True)), seeds=3))
    assert any("In the pairs compared, plain ends at 90 % and BN at 90 %" in one for one in of_two)
    of_one = made(4.0, 1.0, fell=((True, False), (True, True)))
    assert any("In the pair compared, plain ends at" in one for one in findings(of_one))
    assert "In the pair compared, plain ends" in beliefs(of_one)[TestBeliefs.FASTER]


def test_without_bn_nothing_is_compared():
    said = findings(made(depth=1, normalized_layers="every second"))
    assert said == [
        "Neither network has BN here: there is nothing to compare.",
        '"every second" of 1 hidden layer is no layer at all. Neither network has BN, and both are'
        " the same.",
    ]


class TestLongestStep:
    @pytest.mark.parametrize(
        ("too", "word"),
        [
            (
                (1.0, 10.0),
                "one gradient length, BN's after one of 10. BN tolerates the longer step in both",
            ),
            (
                (20.0, 4.0),
                "20 gradient lengths, BN's after one of 4. Plain tolerates the longer step in both",
            ),
            (
                (2.0, 2.2),
                "a step of 2 gradient lengths, BN's after one of 2.2. That is about the same.",
            ),
            (
                (2.2, 2.0),
                "a step of 2.2 gradient lengths, BN's after one of 2. That is about the same.",
            ),
            (
                (np.inf, 5.0),
                "a step of 5 gradient lengths makes BN's loss ten times as large, none plain's.",
            ),
            (
                (5.0, np.inf),
                "a step of 5 gradient lengths makes plain's loss ten times as large, none BN's.",
            ),
            (
                (np.inf, np.inf),
                "no step up to 100 gradient lengths makes a loss ten times as large.",
            ),
            (
                (1e-4, 5.0),
                "0.0001 gradient lengths, already makes plain's loss ten times as large.",
            ),
            ((5.0, 1e-5), "0.0001 gradient lengths, already makes BN's loss ten times as large."),
            ((1e-5, 1e-5), "already makes plain's and BN's loss ten times as large."),
        ],
    )
    def test_sentence(self, too, word):
        assert word in bears(made(too=too))

    def test_seeds_that_disagree(self):
        said = bears(made(too=[[1.0, 1.0, 30.0, 30.0], [9.0, 9.0, 2.0, 2.0]], seeds=4))
        assert said.endswith("The seeds do not agree which is the longer one.")

    def told(self, *arguments, **changes):
        return words.long_steps(judge(made(*arguments, **changes)).bears)

    def test_how_many_times_as_long(self):
        too = [[1.0, 1.0, 50.0], [10.0, 10.0, 0.1]]
        said = self.told(too=too, seeds=3)
        assert "BN tolerates steps 10.0 times as long (0.002 to 10.0 times over the seeds)" in said
        said = self.told(too=(20.0, 4.0), seeds=1)
        assert said.endswith("Plain tolerates steps 5.0 times as long.")
        assert "times as long" not in self.told(too=(2.0, 2.2))

    def test_seeds_without_a_tenfold_loss_have_no_ratio(self):
        said = self.told(too=[[1.0, 1.0, 1.0], [10.0, 10.0, np.inf]], seeds=3)
        assert said.endswith(
            "Both losses become tenfold in 2 of 3 seeds; there BN tolerates steps 10.0 times as"
            " long."
        )

    def test_a_ratio_of_medians_lies_among_those_of_the_seeds(self):
        said = self.told(too=[[88.0, 160.0, 70.0], [53.0, np.inf, 65.0]], seeds=3)
        assert "1.4 times" not in said  # 88 / 65, of two different seeds
        said = self.told(too=[[np.inf, 88.0, 70.0], [53.0, 53.0, np.inf]], seeds=3)
        assert said.endswith("in 1 of 3 seeds; there plain tolerates steps 1.7 times as long.")


class TestBeliefs:
    FALLS, FASTER = "Along the negative gradient the loss falls", (
        "On a smoother loss surface a network learns faster"
    )  # fmt: skip

    def said(self, result, belief):
        return beliefs(result)[belief]

    def test_rises_are_counted_at_one_learning_rate(self):
        result = made()
        one = list(result.reach).index(1.0)
        result.loss_there[0, 0, :2, one] = 2.1  # two of plain's eight records
        result.loss_there[1, 0, 0, one] = np.inf
        result.loss_there[1, 1, 0, one] = np.nan  # it overflowed: up, too
        result.loss_there[1, 1, 1, one] = 2.0  # as high as before: not up
        result.loss_there[:, :, :, -1] = 99.0  # further away does not matter
        np.testing.assert_array_equal(rises(result), [0.25, 0.25])
        said = self.said(result, self.FALLS)
        assert said.startswith("Only if the step is short enough.")
        assert said.endswith("of the recorded steps: plain's in 25 %, BN's in 25 %.")

    def test_records_after_a_divergence_do_not_count(self):
        result = made()
        result.loss_there[..., 1] = 3.0
        result.loss_here[0, :, 1:], result.loss_there[0, :, 1:] = np.nan, np.nan
        result.loss_there[0, 0, 0] = 1.0
        result.loss_here[1], result.loss_there[1] = np.nan, np.nan
        np.testing.assert_array_equal(rises(result), [0.5, np.nan])
        said = self.said(result, self.FALLS)
        assert said.endswith("of the recorded steps: plain's in 50 %.")
        assert "BN" not in said

    def test_the_loss_never_rose(self):
        said = self.said(made(), self.FALLS)
        assert said.startswith("A step of one learning rate along it never raised the loss")

    def test_a_share_of_nothing_is_none(self):
        result = made()
        result.loss_there[0] = 3.0
        assert self.said(result, self.FALLS).endswith("plain's in 100 %, BN's in none.")

    def test_nothing_was_seen(self):
        result = made(fell=False, lost=0)
        result.loss_here[:], result.loss_there[:] = np.nan, np.nan
        assert self.said(result, self.FALLS).startswith("This run cannot tell")

    @pytest.mark.parametrize(
        ("widths", "accuracy", "begin"),
        [
            ((4.0, 1.0), (0.80, 0.95), "Here it goes together: BN has the smoother surface"),
            ((4.0, 1.0), (0.95, 0.80), "Not here: BN has the smoother surface, but plain ends"),
            ((1.0, 4.0), (0.95, 0.80), "Here it goes together: plain has the smoother surface"),
            (
                (1.0, 4.0),
                (0.80, 0.95),
                "Not here: plain has the smoother surface, but BN ends ahead. Plain ends",
            ),
            ((4.0, 1.0), (0.94, 0.95), "Not by itself: BN has the smoother surface, and at the"),
            ((1.0, 1.1), (0.95, 0.80), "This run cannot tell: neither network has clearly the"),
            ((1.0, 1.1), (0.95, 0.95), "This run cannot tell"),
        ],
    )
    def test_faster_on_a_smoother_surface(self, widths, accuracy, begin):
        assert self.said(made(*widths, accuracy=accuracy), self.FASTER).startswith(begin)

    def test_half_of_the_seeds_learn_faster(self):
        result = made(4.0, 1.0, seeds=4)
        result.test_accuracy[1, :, -1] = [0.70, 0.95, 0.70, 0.92]
        said = self.said(result, self.FASTER)
        assert said.startswith(
            "This run cannot tell: BN has the smoother surface, but neither network is ahead in"
            " most of the seeds compared."
        )

    def test_nobody_to_compare(self):
        assert self.said(made(fell=False), self.FASTER).startswith("This run cannot tell")


ODD = EXTREMES | {
    "every walk overflows": {"learning_rate": 1e3, "reach": "1/100 to 30", "steps": 3},
    "one step of fifty layers": {"steps": 1, "depth": 50, "seeds": 1},
    "fifty layers, skip": {"depth": 50, "skip": "on"},
    "the first pass overflows": {"depth": 50, "gain": 10.0},
    "no layer has BN": {"depth": 1, "normalized_layers": "every second"},
}
OF_THE_RUN = [one for one in words.CHALLENGES if not one.on]


@pytest.mark.parametrize("settings", ODD.values(), ids=list(ODD))
@pytest.mark.parametrize("seeds", [1, 2])
def test_no_sentence_is_empty_or_without_a_number(settings, seeds):
    result = landscape.run(tiny("landscape", **{"seeds": seeds, "width": 8} | settings))
    outcomes = [one.outcome(judge(result)) for one in OF_THE_RUN]
    said = [*findings(result), *beliefs(result).values(), *(one.why for one in outcomes)]
    assert_no_finding_is_empty([*said, bears(result)])
    for challenge, outcome in zip(OF_THE_RUN, outcomes, strict=True):
        assert outcome.right in (*challenge.answers, None)
    for sentence in said:
        assert len(sentence) < 320


def test_the_odd_runs_do_overflow():
    result = landscape.run(tiny("landscape", **ODD["the first pass overflows"]))
    assert np.isnan(result.loss_here[0]).all(axis=-1).any()
    assert result.too_long()[0].min() == LENGTHS[0]
