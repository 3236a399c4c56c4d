"""The lab in sentences."""

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.verdicts import lab_surface as basins
from bnviz.verdicts.lab import judge, kept
from bnviz.words import kept as words_of_kept
from bnviz.words import lab as words
from bnviz.words.lab import surface as ground
from tests.made.lab import bn, made, surface


def said(a, b):
    return words.findings(judge(a, b))


def headline(a, b):
    return said(a, b).headline


def telling(a, b, word):
    found = said(a, b)
    return [sentence for sentence in (*found.more, *found.further) if word in sentence]


class TestHeadline:
    def test_b_ahead(self):
        found = said(made((0.7, 0.8)), bn((0.9, 0.95)))
        assert found.headline == "B (BN) ends ahead in both seeds."
        assert found.more[0] == (
            "At the end A (plain) has 70 % test accuracy, B (BN) 90 %, by the median seeds."
        )

    def test_a_ahead_and_bn_does_not_help(self):
        told = headline(made((0.9, 0.95)), bn((0.7, 0.8)))
        assert told == "A (plain) ends ahead in both seeds. Here BN does not help."

    def test_about_the_same(self):
        found = said(made((0.90, 0.912)), bn((0.905, 0.908)))
        assert found.headline == "A and B end about the same. Here BN does not help."
        assert found.more[1] == "B is ahead in 1 of 2 seeds, A in 1 of 2 seeds."

    def test_with_one_seed_nothing_is_counted(self):
        found = said(made((0.9,)), bn((0.91,), depth=3))
        assert found.headline == "A and B end about the same."
        assert found.more[0] == "At the end A (plain) has 90 % test accuracy, B (BN) 91 %."
        assert not telling(made((0.9,)), bn((0.91,), depth=3), "is ahead in")

    def test_undecided(self):
        found = said(made((0.6, 0.6, 0.9, 0.9, 0.9)), bn((0.8, 0.8, 0.8, 0.91, 0.91)))
        assert found.headline.startswith("Neither A nor B is clearly ahead.")
        assert found.more[1] == "B is ahead in 4 of 5 seeds, A in 1 of 5 seeds."

    def test_both_diverged(self):
        found = said(made((0.9,), [3]), bn((0.9,), [4]))
        assert found.headline == "A and B both diverged: their losses stopped being numbers."
        assert found.more[0] == "They diverged in every seed."
        some = said(made((0.9,) * 3, [3, 4, NEVER]), bn((0.9,) * 3, [4, 5, 6]))
        assert some.more[0] == "A diverged in 2 of 3 seeds, B in all 3 seeds."

    def test_one_diverged(self):
        found = said(made((0.9, 0.9), [3, 4]), bn((0.9, 0.9)))
        assert found.headline == "A (plain) diverged; B (BN) got through."
        assert found.more[0] == "At the end B has 90 % test accuracy, by the median seed."
        told = headline(made((0.9, 0.9)), bn((0.9, 0.9), [3, 4]))
        assert told == "B (BN) diverged; A (plain) got through. Here BN does not help."
        assert "A (plain) learned nothing" in headline(made((0.1,)), bn((0.9,), [3]))
        assert "A (plain) learned little" in headline(made((0.46,)), bn((0.9,), [3]))

    def test_most_seeds_of_one_and_some_of_the_other(self):
        told = headline(made((0.9,) * 3, [3, 4, NEVER]), bn((0.9,) * 3, [5, NEVER, NEVER]))
        assert told == "A (plain) diverged; B (BN) got through in 2 of 3 seeds."

    def test_neither_learned(self):
        found = said(made((0.1, 0.2)), bn((0.1, 0.12)))
        assert found.headline == "Neither A nor B learned."
        assert found.more[0].endswith("10 % test accuracy, B (BN) 10 %, by the median seeds."
                                      " Guessing gets 10 %.")  # fmt: skip
        assert headline(made((0.4,)), bn((0.1,))) == "Neither A nor B learned much."
        assert not telling(made((0.1,)), bn((0.2,)), "Averaged over training")

    def test_the_same_arms(self):
        found = said(made((0.9,)), made((0.9,)))
        assert found.headline == "A and B are the same, to the bit."
        assert found.more[0] == "Both end at 90 % test accuracy."
        assert not telling(made((0.9,), [3]), made((0.9,), [3]), "Both end")


class TestMore:
    def test_who_was_ahead_on_the_way(self):
        (one,) = telling(made((0.9,), pace=0.3), bn((0.9,), pace=0.7), "Averaged")
        assert one == (
            "Averaged over training, test accuracy is 45 % in A and 75 % in B. B's is higher."
        )
        (two,) = telling(made((0.9, 0.9), pace=0.6), bn((0.9, 0.9), pace=0.2), "Averaged")
        assert two.endswith("(medians). A's is higher in both seeds.")
        (three,) = telling(made((0.9,), pace=0.6), bn((0.9,), pace=0.6), "Averaged")
        assert three.endswith("Neither is clearly ahead on the way.")
        (four,) = telling(made((0.9,) * 3, [3, NEVER, NEVER]), bn((0.9,) * 3), "Averaged")
        assert (
            "Averaged over training, in the seeds in which neither diverged, test accuracy is"
            in four
        )

    def test_divergences(self):
        (one,) = telling(made((0.9, 0.9, 0.9), [3, 5, NEVER]), bn((0.9,) * 3), "diverged in 2")
        assert one.startswith("A diverged in 2 of 3 seeds, at steps 3 to 5:")
        assert "first in layer 2" in one
        (two,) = telling(made((0.9,)), bn((0.9,), [3], depth=1), "B diverged in")
        assert "at step 3" in two
        assert "first in the output layer" in two

    def test_what_a_continuation_changed(self):
        steps = np.array([0, 8, 12])
        one = made((0.9,), pace=0.5, then="0.01x4", steps=steps)
        (turned,) = telling(one, bn((0.9,)), "goes on")
        assert turned == (
            "A goes on from step 8 with a rate of 0.01. Until step 12 its test accuracy goes from"
            " 50 % to 90 %."
        )
        (still,) = telling(made((0.9,), then="0.01x4", steps=steps), bn((0.9,)), "goes on")
        assert still.endswith("Until step 12 its test accuracy stays at 90 %.")
        (nearly,) = telling(
            made((0.9,), pace=0.894, then="0.01x4", steps=steps), bn((0.9,)), "goes on"
        )
        assert nearly.endswith("Until step 12 its test accuracy hardly changes: 89 %, 90 %.")
        lost = made((0.9, 0.9), [3, NEVER], pace=0.5, then="0.01x4", steps=steps)
        (left,) = telling(lost, bn((0.9,)), "goes on")
        assert left.endswith("to 90 %. That is in 1 of 2 seeds; the others had diverged.")
        (both,) = telling(made((0.9, 0.9), then="0.01x4", steps=steps), bn((0.9,)), "goes on")
        assert both.endswith(" (medians).")

    def test_what_is_odd_names_its_arm(self):
        (told,) = telling(made((0.9,)), made((0.9,), normalizer="instance"), "a single value")
        assert told.startswith("B: ")

    def test_the_cost(self):
        def cost(*runs):
            found = said(*runs)
            return (*found.more, *found.further)[-1]

        slow = cost(made((0.9,)), bn((0.9,), seconds=0.002))
        assert slow.endswith("One step of B took 2.0 times as long as of A.")
        quick = cost(made((0.9,)), bn((0.9,), seconds=0.0005))
        assert quick.endswith("One step of A took 2.0 times as long as of B.")
        alike = cost(made((0.9,)), bn((0.9,)))
        assert alike == "A has 1,000 parameters, B 1,000. A step takes about the same time in both."
        assert "took" not in cost(made((0.9,), [3]), bn((0.9,), seconds=0.002))


def outcome(name, a, b):
    (challenge,) = (one for one in words.CHALLENGES if one.name == name)
    told = challenge.outcome(judge(a, b))
    assert told.right in challenge.answers
    return told


class TestChallenges:
    @pytest.mark.parametrize(
        ("a", "b", "right"),
        [
            ((0.9, 0.9, 0.2), (0.8, 0.8, 0.8), "A"),
            ((0.2, 0.2, 0.9), (0.8, 0.8, 0.8), "B"),
            ((0.9, 0.9, 0.9), (0.905, 0.905, 0.1), "neither clearly"),
            ((0.6, 0.6, 0.9, 0.9, 0.9), (0.8, 0.8, 0.8, 0.91, 0.91), "neither clearly"),
            ((0.4,), (0.1,), "A"),
        ],
    )
    def test_the_median_seed_and_most_of_them_decide(self, a, b, right):
        assert outcome("ten-times", made(a), bn(b)).right == right

    def test_who_diverged_is_behind(self):
        assert outcome("ten-times", made((0.9,), [3]), bn((0.2,))).right == "B"
        assert outcome("ten-times", made((0.9,), [3]), bn((0.9,), [3])).right == "neither clearly"

    @pytest.mark.parametrize(
        ("paces", "ends", "right"),
        [
            ((0.9, 0.1), (0.9, 0.9), "A"),
            ((0.1, 0.8), (0.9, 0.9), "B"),
            ((0.1, 0.1), (0.9, 0.9), "both at the same record"),
            ((0.1, 0.1), (0.7, 0.79), "neither"),
            ((0.1, 0.1), (0.9, 0.7), "A"),
        ],
    )
    def test_whose_line_is_the_first_at_the_target(self, paces, ends, right):
        a, b = (
            one((end,), pace=pace) for one, end, pace in zip((made, bn), ends, paces, strict=True)
        )
        told = outcome("crossed", a, b)
        assert told.right == right
        assert told.why.startswith("A's median seed gets there ")


class TestGround:
    def test_who_has_the_wider_basin(self):
        wide, narrow = surface(0.6, normalizer="batch"), surface(0.2)
        told = ground.told(basins.judge([narrow, wide]))
        assert told == (
            "In the first seed the loss is clearly better than guessing in this share of the"
            " square: 20 % in A (plain) and 60 % in B (BN). B has the wider basin. This is one"
            " seed, and these are 2 directions among very many."
        )
        assert "They hardly differ." in ground.told(basins.judge([narrow, surface(0.21)]))

    def test_while_b_is_missing(self):
        assert ground.told(basins.judge([surface(0.2)])).endswith("B is still to come.")

    def test_a_run_that_diverged(self):
        told = ground.told(basins.judge([surface(0.2, diverged_at=3)]))
        assert told.endswith(" A diverged: its middle is where it was before step 3.")


class TestKept:
    def test_where_a_run_ended(self):
        def ended(*arguments):
            return words_of_kept.ended(kept(made(*arguments)))

        assert ended((0.9, 0.95, 0.97)) == "95 %"
        assert ended((0.9, 0.9, 0.8), [NEVER, 3, NEVER]) == "80 %, 1 of 3 seeds diverged"
        assert ended((0.9, 0.9, 0.8), [3, 3, NEVER]) == "2 of 3 seeds diverged"
        assert ended((0.9,) * 3, [3, 4, 5]) == "all 3 seeds diverged"
        assert ended((0.9,), [3]) == "the one seed diverged"

    def test_why_one_cannot_be_kept(self):
        assert words_of_kept.refusal("kept already", 3) == "It is kept already, as run 3."
        assert "Remove one first" in words_of_kept.refusal("no more runs", None)
        assert "too long" in words_of_kept.refusal("too long a link", None)

    def test_the_bound_is_that_of_the_link(self):
        from bnviz.experiments.kept import MOST

        assert words_of_kept.MOST == MOST
