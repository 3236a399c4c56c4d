"""BN's relatives in sentences, also the other way round."""

from dataclasses import replace

import numpy as np

from bnviz.experiments.relatives import KINDS
from bnviz.verdicts import sizes as of_sizes
from bnviz.verdicts import stack as of_stack
from bnviz.verdicts.relatives import judge
from bnviz.words import relatives as words
from bnviz.words.relatives import beliefs as relative_beliefs
from bnviz.words.relatives import sizes, stack
from tests.made.relatives import made


def headline(**arguments):
    return words.findings(judge(made(**arguments))).headline


def said(**arguments):
    return words.findings(judge(made(**arguments))).text


def outcome(name, result):
    (challenge,) = [one for one in words.CHALLENGES if one.name == name]
    return challenge.outcome(judge(result))


class TestHeadline:
    def test_says_how_far_apart_they_are(self):
        assert headline() == "All seven do about as well here."
        assert "Each gets 90 % of the test samples right." in said()
        assert headline(diverged=["renorm"]) == "All that did not diverge do about as well here."
        assert headline(instance=0.1) == "Instance norm stays behind all others here."
        assert "instance norm 10 %." in words.findings(judge(made(instance=0.1))).more[0]

    def test_it_matters(self):
        apart = {"instance": 0.1, "plain": 0.3, "batch": 0.95}
        assert headline(**apart) == "What is averaged matters: instance norm has 10 % accuracy."
        first = words.findings(judge(made(**apart))).more[0]
        assert first == "BN gets 95 % of the test samples right, instance norm 10 %."
        assert "What is averaged matters" in headline(instance=0.5, group=0.53, switchable=0.95)

    def test_a_tie_for_the_last_place_is_told_as_one(self):
        found = words.findings(judge(made(instance=0.1, group=0.1, batch=0.95)))
        assert found.headline == "Group norm and instance norm are lowest here, at 10 %."
        assert found.more[0].endswith(", group norm and instance norm 10 %.")
        near = words.findings(judge(made(instance=0.1, batch=0.11, layer=0.95)))
        assert near.headline == "BN and instance norm are lowest here, at 11 % or less."
        assert near.more[0].endswith(", BN and instance norm 10 to 11 %.")
        three = headline(instance=0.1, group=0.1, switchable=0.1)
        assert three == "What is averaged matters: 3 of the six end at 10 %."
        apart = headline(instance=0.1, group=0.13, batch=0.95)
        assert apart == "What is averaged matters: instance norm has 10 % accuracy."

    def test_plain_alone_differs(self):
        found = words.findings(judge(made(**dict.fromkeys(KINDS[1:], 0.6))))
        assert found.headline == "It hardly matters here what is averaged."
        assert found.more[0] == "Each gets 60 % of the test samples right."
        assert "Plain gets 90 %" in found.text

    def test_is_one_line(self):
        every = ({}, {"diverged": KINDS}, {"renorm": 0.1, "instance": 0.3}, {"diverged": ["plain"]})
        assert max(len(headline(**some)) for some in every) <= 60

    def test_the_seeds_do_not_agree(self):
        result = made(config={"side": 2})
        for kind in ("instance", "plain", "layer", "group"):
            result.accuracy[kind][0, -1] = 0.5  # one of two
        result.accuracy["switchable"][1, -1] = 0.5
        found = judge(result)
        told = words.findings(found)
        assert told.headline == "No clear order here: the seeds do not agree."
        assert "The seeds do not agree whether normalization helps" in told.text
        assert "The seeds do not agree who is ahead." in told.text
        no_matter, mixture = [*relative_beliefs.beliefs(found).values()][1::2]
        assert no_matter.startswith("This run cannot tell")
        assert mixture.startswith("The seeds of this run do not agree")
        result = made(config={"side": 2})
        result.accuracy["instance"][0, -1] = 0.5
        result.accuracy["group"][0, -1] = 1.0
        told = words.findings(judge(result)).text
        assert "The seeds do not agree which is better." in told
        assert (
            "95 % right: the seeds do not agree whether layer or instance norm is better." in told
        )

    def test_where_nobody_learns_nothing_is_compared(self):
        assert "None of the seven networks learns" in headline(**dict.fromkeys(KINDS, 0.3))
        assert "All seven networks diverged" in headline(diverged=KINDS)
        assert set(relative_beliefs.beliefs(judge(made(diverged=KINDS))).values()) == {
            relative_beliefs.CANNOT_TELL
        }


class TestMore:
    def test_bn_beside_those_that_need_no_batch(self):
        assert "BN keeps up" in said()
        assert "BN is behind" in said(batch=0.5)
        told = said(batch=0.99)
        assert "BN is ahead" in told
        assert "is over 32 numbers: 32 samples of 1 pixel" in told

    def test_instance_norm_needs_space(self):
        assert "its output is β" in said(instance=0.1)
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
        assert "On average over the seeds, switchable norm mixes the means" in said()
        assert "20 % instance norm and 50 % layer norm, the rest is BN. It began" in said()
        found = judge(made())
        alone = replace(found, mixture=replace(found.mixture, seeds=1))
        assert " Switchable norm mixes the means" in words.findings(alone).text
        assert "hardly changed in 8 steps" in said(shares=(0.33, 0.35, 0.32))
        thirds = said(shares=(1 / 3, 1 / 3, 1 / 3))
        assert "34 % instance norm and 33 % layer norm, the rest is BN" in thirds

    def test_whether_normalizing_helps(self):
        assert "Normalization does not help here" in said()
        assert "1 ends clearly above plain" in said(layer=0.99)
        assert "2 end clearly above plain" in said(layer=0.99, batch=0.98)
        assert "All six normalized networks end clearly above plain" in said(plain=0.5)

    def test_who_diverged(self):
        assert "Plain diverged in both seeds. The seeds that diverged are left out." in said(
            diverged=["plain"]
        )
        assert "Diverged" not in said()


class TestInstanceNorm:
    def test_learns_or_guesses(self):
        found = outcome("space", made(instance=0.8, config={"side": 2}))
        assert found.right == words.LEARNS
        assert found.why.startswith("It learns in both seeds, and ends at 80 % test accuracy.")
        result = made(instance=0.54, config={"side": 2})  # halfway to 100 % from guessing: 55 %
        assert outcome("space", result).right == words.GUESSES
        assert "none of 2 seeds" in outcome("space", result).why

    def test_that_diverged_tells_nothing(self):
        assert outcome("space", made(diverged=["instance"])).right is None


class TestBesideThoseThatNeedNoBatch:
    def test_ahead_level_or_behind(self):
        assert outcome("pairs", made(batch=0.93)).right == words.AHEAD
        assert outcome("pairs", made(batch=0.91)).right == words.LEVEL
        assert outcome("pairs", made(batch=0.89)).right == words.LEVEL
        assert outcome("pairs", made(batch=0.87)).right == words.BEHIND

    def test_counts_the_seeds(self):
        result = made(batch=0.5, layer=0.91)
        assert outcome("room", result).why.startswith(
            "It is behind layer norm, the best of them, in"
        )
        result.accuracy["batch"][0, -1] = 0.9
        assert outcome("room", result).right is None
        assert "The seeds do not agree" in outcome("room", result).why

    def test_says_how_many_numbers_there_are(self):
        two = outcome("pairs", made(config={"batch_size": 2})).why
        assert "two numbers, which become −1 and +1" in two
        assert "over 8 numbers" in outcome("room", made(config={"batch_size": 2, "side": 2})).why

    def test_without_them_it_cannot_tell(self):
        assert outcome("pairs", made(diverged=["batch"])).right is None


class TestHighestCurve:
    def test_of_those_that_are_drawn(self):
        assert outcome("curve", made(layer=0.91, renorm=0.99)).right == "layer norm"
        assert outcome("curve", made(batch=0.91)).right == "BN"
        assert "does not help" in outcome("curve", made(plain=0.91)).why

    def test_a_tie_is_nobodys(self):
        assert outcome("curve", made()).right is None
        assert outcome("curve", made(layer=0.91, group=0.91)).right is None

    def test_every_curve_but_the_lowest_can_be_answered(self):
        (asked,) = [one for one in words.CHALLENGES if one.look]
        highest = [outcome("curve", made(**{k: 0.95})).right for k in ("plain", "batch", "layer")]
        assert set(highest) < set(asked.answers)


class TestTwin:
    def test_is_whose_accuracies_are_the_same_in_every_seed(self):
        alone = {"config": {"groups": 8}, "layer": 0.8}
        assert outcome("twin", made(**alone)).right == "instance norm"
        assert outcome("twin", made(config={"groups": 1}, instance=0.8)).right == "layer norm"
        result = made(**alone)
        result.accuracy["group"][0, 1] = 0.1  # in one seed, at one record
        assert outcome("twin", result).right == words.NEITHER
        assert outcome("twin", made()).right == words.NEITHER

    def test_who_diverged_is_not_compared(self):
        assert outcome("twin", made(diverged=["group"])).right is None


def test_over_batch_sizes():
    def over(*results):
        return sizes.told(of_sizes.judge(results))

    behind, level = made(batch=0.4, config={"batch_size": 2}), made(config={"batch_size": 32})
    told = over(level, behind)
    assert told.startswith("In batches of 2, BN gets 60 % wrong")
    assert "clearly behind at batch size 2." in told
    assert over(level).count("in batches of") + over(level).count("In batches of") == 1
    assert "not clearly behind at any size." in over(level)
    assert over(made(config={"side": 2})).endswith("over 4 pixels of each sample as well.")
    lost = made(config={"batch_size": 2}, diverged=["batch"])
    assert "In batches of 2, BN diverges. The best that" in over(level, lost)
    assert "None of the networks learns" in over(made(**dict.fromkeys(KINDS, 0.2)))


class TestTheStack:
    def told(self, kind, result=None):
        return stack.of_lit(of_stack.judge(result or made(), kind, (1, 5)))

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
        assert "the mean is −1.23, the variance" in self.told("batch", result)
        result.mean["batch"][:] = -1e-4
        assert "the mean is 0.00, the" in self.told("batch", result)
        result.mean["batch"][:] = np.nan
        assert self.told("batch", result).endswith("This network diverged.")

    def test_every_choice_is_a_normalizer(self):
        assert set(stack.CHOICES.values()) == set(KINDS[1:])


class TestBeliefs:
    def of(self, start, **arguments):
        met = relative_beliefs.beliefs(judge(made(**arguments)))
        (answer,) = (said for belief, said in met.items() if belief.startswith(start))
        return answer

    def test_small_batches(self):
        assert self.of("Small batches").startswith("This run has batches of 32")
        few = {"config": {"batch_size": 2}}
        assert self.of("Small batches", **few).startswith("Not here, in batches of 2")
        assert self.of("Small batches", batch=0.4, **few).startswith("They do here")
        result = made(**few)
        result.accuracy["batch"][0, -1] = 0.4  # one of two
        told = relative_beliefs.beliefs(judge(result))["Small batches always break BN"]
        assert told.startswith("Not clearly here, in batches of 2.")

    def test_whether_it_matters_says_what_the_headline_says(self):
        for ends in ({}, dict.fromkeys(KINDS[1:], 0.6), {"plain": 0.3}):
            assert self.of("All subtract", **ends).startswith("At these settings it hardly does")
            assert "averaged matters" not in headline(**ends)
        for ends in ({"group": 0.5}, {"group": 0.5, "layer": 0.6}):
            assert self.of("All subtract", **ends).startswith("It does")
            assert "hardly" not in headline(**ends)

    def test_space(self):
        assert self.of("Instance norm").startswith("It needs space")
        assert "With one pixel left" in self.of("Instance norm", config={"side": 4})

    def test_the_mixture(self):
        assert self.of("A learned", switchable=0.99).startswith("In this run it is")
        assert self.of("A learned").startswith("Not clearly")
        assert self.of("A learned", switchable=0.5).startswith("Not in this run")
