"""BN's relatives in sentences, also the other way round."""

import numpy as np

from bnviz.experiments.relatives import KINDS
from bnviz.verdicts import stack as of_stack
from bnviz.verdicts.relatives import judge, judge_sizes
from bnviz.words import relatives as words
from bnviz.words import stack
from bnviz.words.names import RELATIVES
from tests.made.relatives import made


def headline(**arguments):
    return words.findings(judge(made(**arguments))).headline


def said(**arguments):
    return words.findings(judge(made(**arguments))).text


class TestHeadline:
    def test_says_how_far_apart_they_are(self):
        assert "All seven do about as well here" in headline()
        assert "each gets 90 % of the test samples right." in headline()
        assert "All that did not diverge do about as well" in headline(diverged=["renorm"])
        one = headline(instance=0.1)
        assert one.startswith("**One stays behind**")
        assert one.endswith("instance norm 10 %.")

    def test_it_matters(self):
        apart = headline(instance=0.1, plain=0.3, batch=0.95)
        assert "It matters which numbers are averaged" in apart
        assert "BN gets 95 % of the test samples right, instance norm 10 %" in apart
        assert "It matters which" in headline(instance=0.5, group=0.51, switchable=0.95)

    def test_plain_alone_differs(self):
        told = headline(**dict.fromkeys(KINDS[1:], 0.6))
        assert told == (
            "**It hardly matters here which numbers are averaged**: each gets 60 % of the test"
            " samples right; plain 90 %."
        )

    def test_the_seeds_do_not_agree(self):
        result = made(config={"side": 2})
        for kind in ("instance", "plain", "layer", "group"):
            result.accuracy[kind][0, -1] = 0.5  # one of two
        result.accuracy["switchable"][1, -1] = 0.5
        found = judge(result)
        told = words.findings(found)
        assert told.headline.startswith("**No clear order here**: BN gets 90 %")
        assert told.headline.endswith("(medians); the seeds do not agree.")
        assert "The seeds do not agree whether normalization helps" in told.text
        assert "the seeds do not agree who is ahead" in told.text
        no_matter, mixture = [*words.beliefs(found).values()][1::2]
        assert no_matter.startswith("This run cannot tell")
        assert mixture.startswith("The seeds of this run do not agree")
        result = made(config={"side": 2})
        result.accuracy["instance"][0, -1] = 0.5
        result.accuracy["group"][0, -1] = 1.0
        told = words.findings(judge(result)).text
        assert "The seeds do not agree which is better." in told
        assert "95 %: the seeds do not agree whether layer or instance norm is better." in told

    def test_where_nobody_learns_nothing_is_compared(self):
        assert "none of the seven networks learns" in headline(**dict.fromkeys(KINDS, 0.3))
        assert "all seven networks diverged" in headline(diverged=KINDS)
        assert set(words.beliefs(judge(made(diverged=KINDS))).values()) == {words.CANNOT_TELL}


class TestMore:
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
        told = "20 % instance norm, 50 % layer norm, 30 % BN (on average over the seeds); it began"
        assert told in said()
        assert "hardly moved in 8 steps" in said(shares=(0.33, 0.35, 0.32))
        thirds = said(shares=(1 / 3, 1 / 3, 1 / 3))
        assert "34 % instance norm, 33 % layer norm, 33 % BN" in thirds

    def test_whether_normalizing_helps(self):
        assert "Normalization does not help here" in said()
        assert "1 ends clearly above plain" in said(layer=0.99)
        assert "2 end clearly above plain" in said(layer=0.99, batch=0.98)
        assert "All six normalized networks end clearly above plain" in said(plain=0.5)

    def test_who_diverged(self):
        assert "Diverged, and left out: plain in both seeds." in said(diverged=["plain"])
        assert "Diverged" not in said()


class TestGuess:
    def guess(self, **arguments):
        return words.guess(judge(made(**arguments)))

    def test_is_who_is_clearly_last(self):
        assert self.guess(group=0.3)[0] == "group norm"
        assert self.guess()[0] == words.NOBODY
        assert self.guess(group=0.3, instance=0.31)[0] == words.NOBODY
        assert set(RELATIVES.values()) | {words.NOBODY} == set(words.GUESSES)

    def test_says_who_was_left_out(self):
        assert "Diverged" in self.guess(diverged=["plain"])[1]


def test_over_batch_sizes():
    def over(*results):
        return words.over_sizes(judge_sizes(results))

    behind, level = made(batch=0.4, config={"batch_size": 2}), made(config={"batch_size": 32})
    told = over(level, behind)
    assert told.startswith("In batches of 2, BN gets 60 % wrong")
    assert "clearly behind at batch size 2." in told
    assert over(level).count("in batches of") + over(level).count("In batches of") == 1
    assert "not clearly behind at any size." in over(level)
    assert over(made(config={"side": 2})).endswith("over 4 pixels of each sample as well.")
    lost = made(config={"batch_size": 2}, diverged=["batch"])
    assert "BN diverges and the best" in over(level, lost)
    assert "None of the networks learns" in over(made(**dict.fromkeys(KINDS, 0.2)))


class TestTheStack:
    def told(self, kind, result=None):
        return stack.told(of_stack.judge(result or made(), kind, (1, 5)))

    def test_says_what_is_lit(self):
        assert "channel 6 of all 6 samples, 384 numbers" in self.told("batch")
        assert "all 8 channels of sample 2, 512 numbers" in self.told("layer")
        assert "the 4 channels of its group, of sample 2, 256 numbers" in self.told("group")
        assert "channel 6 of sample 2 alone, 64 numbers" in self.told("instance")
        assert "numbers" not in self.told("switchable")
        assert "the one channel of its group" in self.told("group", made(config={"groups": 8}))

    def test_with_its_mean(self):
        result = made()
        result.mean["batch"][:] = -1.234
        assert "mean −1.23 and variance" in self.told("batch", result)
        result.mean["batch"][:] = -1e-4
        assert "mean 0.00 and" in self.told("batch", result)
        result.mean["batch"][:] = np.nan
        assert self.told("batch", result).endswith("This network diverged.")

    def test_every_choice_is_a_normalizer(self):
        assert set(stack.CHOICES.values()) == set(KINDS[1:])


class TestBeliefs:
    def of(self, start, **arguments):
        met = words.beliefs(judge(made(**arguments)))
        (answer,) = (said for belief, said in met.items() if belief.startswith(start))
        return answer

    def test_small_batches(self):
        assert self.of("Small batches").startswith("This run has batches of 32")
        few = {"config": {"batch_size": 2}}
        assert self.of("Small batches", **few).startswith("Not here, in batches of 2")
        assert self.of("Small batches", batch=0.4, **few).startswith("They do here")
        result = made(**few)
        result.accuracy["batch"][0, -1] = 0.4  # one of two
        told = words.beliefs(judge(result))["Small batches always break BN."]
        assert told.startswith("Not clearly here, in batches of 2.")

    def test_whether_it_matters_says_what_the_headline_says(self):
        for ends in ({}, dict.fromkeys(KINDS[1:], 0.6), {"plain": 0.3}):
            assert self.of("All of them", **ends).startswith("At these settings it hardly does")
            assert "It matters" not in headline(**ends)
        for ends in ({"group": 0.5}, {"group": 0.5, "layer": 0.6}):
            assert self.of("All of them", **ends).startswith("It does")
            assert "hardly" not in headline(**ends)

    def test_space(self):
        assert self.of("Instance norm").startswith("It needs space")
        assert "With one pixel left" in self.of("Instance norm", config={"side": 4})

    def test_the_mixture(self):
        assert self.of("A learned", switchable=0.99).startswith("In this run it is")
        assert self.of("A learned").startswith("Not clearly")
        assert self.of("A learned", switchable=0.5).startswith("Not in this run")
