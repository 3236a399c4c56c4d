"""The closed sections of the lesson on the two modes, its sweep and its beliefs, in sentences."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import OWN_BATCH, PRECISE
from bnviz.experiments import modes
from bnviz.verdicts.mode_sections import judge_mistakes, judge_sweep, judge_unit
from bnviz.verdicts.modes import judge
from bnviz.words.modes import beliefs as mode_beliefs
from bnviz.words.modes import sections as closed
from tests.made.modes import (
    LOSSES,
    LOST,
    NAN,
    POOR,
    RUNNING,
    left,
    made,
    unit,
    with_sample,
    with_way,
    without_prediction,
)
from tests.samples import tiny


def test_one_unit():
    of = made(steps=200)
    assert closed.units(judge(of)) == ["layer 2, unit 1", "layer 1, unit 1"]
    assert (
        "At the last step, unit 1 of layer 1 has a running mean 0.10 standard deviations away from"
        " the mean of the whole training set. The running variance is 25 % away from that of the"
        " training set. The last mini-batch alone has a mean 0.10 standard deviations away, and a"
        " variance 25 % away."
    ) in closed.unit(judge_unit(of, of.units[1]), judge(of))
    nothing = replace(of.units[0], population=np.full((2, 2), NAN, np.float32))
    assert "no statistics to compare" in closed.unit(judge_unit(of, nothing), judge(of))


def gap(*arguments, **changes):
    return closed.gap(judge(made(*arguments, **changes)))


def memory(*arguments, **changes):
    return closed.memory(judge(made(*arguments, **changes)))


class TestGap:
    @pytest.mark.parametrize(
        ("precise", "told"),
        [
            (0.3, "The averages were the weak point, not the weights, in both seeds"),
            (0.49, "These do not help here: the running averages are about as good"),
            (0.8, "Here they are no cure: the running averages do better in both seeds"),
            ((0.1, 0.6), "Neither of the two does clearly better in more than half"),
        ],
    )
    def test_statistics_of_the_training_set_are_a_cure_or_not(self, precise, told):
        assert told in gap(loss=with_way(PRECISE, precise, LOSSES))

    def test_two_losses_of_which_one_is_called_better_read_apart(self):
        loss = with_way(PRECISE, 0.0996, with_way(RUNNING, 0.1099, LOSSES))
        told = gap(loss=loss)
        assert "0.11 with the running averages" in told
        assert "current weights, it is 0.1. " in told
        assert "in both seeds" in told

    def test_statistics_cure_no_weights_that_learned_nothing(self):
        told = gap(POOR, loss=with_way(PRECISE, 0.3, LOSSES))
        assert "with none of them has BN learned much" in told
        assert "not the weights" not in told

    def test_a_batch_of_one_has_nothing_to_average(self):
        assert "A mini-batch of one sample has no variance" in gap(batch_size=1)

    def test_plain_is_the_reference(self):
        assert gap().endswith("The plain network, which has one mode only, gets 60 % right.")
        assert "At this setting BN does not help" in gap(plain=0.95)
        assert "one mode only, diverged." in gap(LOST, LOST, plain=NAN)


class TestMemory:
    def test_names_both_conventions(self):
        assert "momentum, here 0.1, is the weight of the new mini-batch; many texts" in memory()
        assert memory(POOR).endswith("call 1 minus it momentum, 0.9.")

    def test_the_best_and_the_worst_momentum(self):
        told = memory()
        assert (
            "The lowest test loss, 0.5, comes with 0.1. The highest, 1, comes with 0.9. With"
            in told
        )
        assert "the newest mini-batch alone has 90 % of the weight" in told
        assert "Within 10 % of the best are 0.1 and 0.3." in told

    def test_the_smallest_momentum_can_be_the_worst(self):
        told = memory(loss=with_way(3, 3.0, LOSSES), steps=50)
        assert (
            "With momentum 0.01, the values that the averages started from still have 61 %" in told
        )
        told = memory(loss=with_way(3, 3.0, LOSSES), steps=100)
        assert "With momentum 0.01, half of the weight lies on the newest 69 mini-batches" in told

    def test_one_momentum_alone_or_all_of_them(self):
        assert "10 % of the best" not in memory(loss=(0.9, 0.5, 0.55, 0.8, 0.7, 0.5, 0.6, 1.0))
        flat = (0.9, 0.5, 0.55, 0.51, 0.5, 0.5, 0.52, 0.54)
        assert "All of them are within 10 % of the best" in memory(loss=flat)


class TestVariances:
    def test_biased_and_unbiased(self):
        told = closed.variances(judge(made()))
        assert "the variance of a mini-batch is on average 1.09 times that of the whole" in told
        assert "by 8/7 before it averages: this unbiased variance is 1.25 times" in told
        assert "no longer independent" not in told
        assert closed.variances(judge(made(batch_size=1))) == ""

    def test_layers_that_differ_are_named(self):
        of = made()
        deep = replace(of, units=(unit(of.config, 2, 8.0), unit(of.config, 1)))
        told = closed.variances(judge(deep))
        assert "In layer 2 the unbiased variance is 2.00 times" in told
        assert "the error grows from layer to layer" in told


class TestMistakes:
    def said(self, always=0.5, since=0.8, lost=(0, 0), **changes):
        of = made(**changes)
        return closed.mistakes(judge_mistakes(of, left(of, always, since, lost)))

    def test_evaluated_in_training_mode(self):
        told = self.said()
        assert "one sample at a time, 10 % are right. In batches of 16 it is 80 %, and 20 %" in told
        assert "In inference mode it is 90 % in whatever company." in told
        lost = self.said(accuracy=LOST)
        assert "there is nothing to evaluate" in lost
        assert "even when it was trained the right way" in lost

    def test_trained_in_inference_mode(self):
        told = self.said()
        assert "from the start, BN reaches 50 %. Left in inference mode after step 4, it" in told
        assert told.endswith("it reaches 80 %. Trained the right way, it reaches 90 %.")

    def test_that_diverged(self):
        told = self.said(NAN, 0.8, (2, 1))
        assert "from the start, BN diverged in both seeds. Left" in told
        assert "it diverged in 1 of 2 seeds and otherwise reaches 80 %" in told

    def test_that_does_no_harm_or_better(self):
        assert "does no harm" in self.said(0.9, 0.89)
        assert "does better: nothing in it" in self.said(0.95)
        assert self.said(0.95, batch_size=64).endswith("Here the mistake does better.")
        lagging = with_way(RUNNING, 0.6)
        assert "better than these running averages" in self.said(0.7, accuracy=lagging)


class TestBeliefs:
    def met(self, part, *arguments, **changes):
        met = mode_beliefs.beliefs(judge(made(*arguments, **changes)))
        (belief,) = [belief for belief in met if part in belief]
        return met[belief]

    def test_dropout(self):
        def told(share, *arguments, **changes):
            return self.met("dropout", *arguments, changed=np.full(2, share), **changes)

        assert "90 test samples of 450 get another class" in told(0.2)
        assert "That is little" not in told(0.2)
        assert "1 test sample of 450 gets another" in told(1 / 450)
        assert "none of 450 test samples changes" in told(0)
        assert told(0.01).endswith("That is little.")
        assert "of this size is much like the whole training set" in told(0.01, batch_size=64)
        assert told(0.01, POOR).endswith("because BN hardly tells the samples apart.")
        assert "cannot tell" in told(NAN)

    def test_all_of_training(self):
        told = self.met("all of training", loss=with_way(RUNNING, 0.52, LOSSES))
        assert "half of the weight lies on the newest 7 mini-batches" in told
        assert told.endswith("gives a test loss of 0.55 in place of 0.52. That is about the same.")
        worse = self.met("all of training", loss=with_way(2, 0.9, LOSSES))
        assert "worse, for most of these mini-batches were seen by other weights" in worse
        better = self.met("all of training", loss=with_way(2, 0.3, LOSSES), steps=50)
        assert "better: here the longer memory pays" in better
        better = self.met("all of training", loss=with_way(2, 0.3, LOSSES), steps=10)
        assert "better: the running averages are still 35 % start values" in better
        half = self.met("all of training", loss=with_way(2, (0.1, 0.7), LOSSES))
        assert half.endswith("Neither is clearly better in more than half of the seeds.")
        assert "average over all" not in self.met("all of training", LOST, LOST)

    def test_a_larger_momentum(self):
        told = self.met("momentum")
        assert "The largest, 0.9, gives a test loss of 1, 0.1 one of 0.5" in told
        assert "the smallest here, 0.01, gives 0.8" in told
        assert "In this run it is" in self.met("momentum", loss=with_way(7, 0.2, LOSSES))
        long = self.met("momentum", loss=with_way(3, 0.2, LOSSES))
        assert (
            "0.01 one of 0.2. In the other convention larger means a longer memory: there" in long
        )
        assert "cannot tell" in self.met("momentum", POOR)

    def test_of_momenta_that_are_about_as_good_none_is_more_accurate(self):
        told = self.met("momentum", loss=with_way(7, 0.48, LOSSES))
        assert "The largest, 0.9, is among the best, but no better than 0.1 and 0.3" in told
        flat = self.met("momentum", loss=(*LOSSES[:3], 0.5, 0.5, 0.5, 0.5, 0.49))
        assert flat.startswith("Not in this run: with all momenta, 0.01, 0.03, 0.1, 0.3 and 0.9")

    def test_needs_a_batch(self):
        assert "changes by more than 1e−7, which is rounding" in self.met("every sample")
        of = made()
        exact = with_sample(of, in_company=0.0)
        for one, part in ((exact, "changes at all"), (without_prediction(of), "cannot tell")):
            assert part in " ".join(mode_beliefs.beliefs(judge(one)).values())


class TestSweep:
    def said(self, *some):
        return closed.sweep(judge_sweep(some))

    def test_keeps_all_but_the_batch_size(self):
        pieces = modes.batch_sizes(tiny("modes", momentum=0.3))
        assert [piece.batch_size for piece in pieces] == list(modes.SWEPT)
        assert {piece.model_copy(update={"batch_size": 1}) for piece in pieces} == {
            tiny("modes", momentum=0.3, batch_size=1)
        }

    def test_tells_the_widest_gap_and_the_last(self):
        told = self.said(
            made(batch_size=2),
            made(with_way(OWN_BATCH, 0.4), batch_size=4),
            made(with_way(OWN_BATCH, 0.89), batch_size=64),
        )
        assert "furthest apart in batches of 4: 40 % in training mode, 90 % in" in told
        assert "In batches of 64 the gap is 1 percentage point." in told
        assert "no more than 10 % at any" in told

    def test_gaps_that_are_about_as_wide_are_named(self):
        told = self.said(made(batch_size=2), made(with_way(OWN_BATCH, 0.69), batch_size=4))
        assert "In batches of 2 they are about as far apart." in told

    def test_no_gap_is_not_called_the_widest(self):
        alike = with_way(OWN_BATCH, 0.89)
        some = [made(alike, batch_size=2), made(batch_size=4, accuracy=alike)]
        assert "are 1 percentage point apart at most, in batches of 2." in self.said(*some[:1])
        assert "are 1 percentage point apart at most, in batches of 2 to 4." in self.said(*some)

    def test_tells_where_precise_statistics_help(self):
        some = [made(batch_size=2, loss=with_way(PRECISE, 0.2, LOSSES)), made(batch_size=4)]
        assert "by more than 10 % in batches of 2: 0.2 in place of 0.5" in self.said(*some)
        some += [made(batch_size=8, loss=with_way(PRECISE, 0.4, LOSSES))]
        assert "in batches of 2 and 8, most in those of 2: 0.2 in" in self.said(*some)

    def test_all_diverged(self):
        assert "diverged at every" in self.said(made(LOST, LOST))
