"""Trust in the gradient, in sentences: each with a result that turns it."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.verdicts.gradients import judge, judge_sweep
from bnviz.words import gradients as words
from bnviz.words.gradients import beliefs as gradient_beliefs
from tests.made.gradients import NOBODY, STEPS, at_rate, made


def findings(result):
    said = words.findings(judge(result))
    return [said.headline, *said.more, *said.further]


def beliefs(result):
    return gradient_beliefs.beliefs(judge(result))


def outcome(name, result):
    (challenge,) = (one for one in words.CHALLENGES if one.name == name)
    return challenge.outcome(judge(result))


def over_rates(results):
    return words.over_rates(judge_sweep(results))


def everything(result):
    whys = [one.outcome(judge(result)).why for one in words.CHALLENGES]
    return [*findings(result), *beliefs(result).values(), over_rates([result]), *whys]


class TestHeadline:
    """Of what the picture shows: the angles."""

    def test_plain_turns_farther(self):
        head, walk, *_ = findings(made(angle=(80, 30)))
        assert head == "In the longest step, plain's gradient turns more than BN's."
        assert walk == (
            "Averaged over training, the longest step turns plain's gradient by 80° and BN's by"
            " 30°."
        )
        said = sentence(made(angle=(80, 30)), "has turned more after")
        assert (
            said
            == "Plain's gradient has turned more after a step of 4 learning rates in both seeds."
        )

    def test_bn_turns_farther(self):
        result = made(angle=(30, 80))
        assert findings(result)[0].endswith("BN's gradient turns more, not less.")
        assert sentence(result, "has turned more after").startswith("BN's gradient has turned more")

    @pytest.mark.parametrize("angle", [(80, 80), (80, 71), (71, 80)])
    def test_about_as_far(self, angle):
        assert findings(made(angle=angle))[0].endswith("both gradients turn about as much.")
        assert sentence(made(angle=angle), "has turned more after") is None

    def test_half_of_the_seeds_are_no_rule(self):
        result = made(angle=(80, 40))
        result.cosine[0, 0] = np.cos(np.radians(39))
        head = findings(result)[0]
        assert head == "The seeds do not agree on whose gradient turns more."
        assert sentence(result, "has turned more after") is None

    def test_without_bn_nothing_is_compared(self):
        result = made(depth=1, normalized_layers="second half", angle=(80, 80))
        assert findings(result) == [
            "Neither network has BN here: there is nothing to compare.",
            '"second half" of 1 hidden layer is no layer at all. Neither network has BN, and both'
            " are the same.",
        ]
        points, always, _ = beliefs(result).values()
        assert points.endswith("turned by 20°, averaged over training.")
        assert always == "This run cannot tell: neither network has BN."

    def test_no_comparison(self):
        fell = ((True, False), (False, True))
        head, why, walk, *_ = findings(made(fell=fell))
        assert head == "In no seed did both losses fall by half: there is nothing to compare."
        assert "in 1 of 2 seeds, BN's in 1 of 2 seeds, and in no seed did both" in why
        assert "the longest step turns" in walk


class TestChange:
    def test_plain_changes_more(self):
        said = sentence(made((3.0, 1.0)), "together")
        assert said.endswith(
            "plain's gradient changes 3.0 times as much as BN's, and more in both seeds."
        )

    def test_one_seed_of_two_is_not_all(self):
        said = sentence(made((3.0, 1.0), fell=((True, False), (True, True))), "together")
        assert said.endswith("and more in the one seed that can be compared.")

    def test_bn_changes_more(self):
        said = sentence(made((1.0, 2.5)), "together")
        assert "BN's gradient changes 2.5 times as much as plain's, and more in both seeds" in said

    @pytest.mark.parametrize("change", [(1.0, 1.0), (1.19, 1.0), (1.0, 1.19)])
    def test_about_as_much(self, change):
        said = sentence(made(change), "together")
        assert "both gradients change about as much. From seed to seed, plain's change is" in said

    def test_half_of_the_seeds_are_no_rule(self):
        result = made((1.0, 1.0), (50, 50))
        result.distance[0, 0] *= 6
        result.distance[0, 1] *= 0.5
        said = sentence(result, "together")
        assert "the seeds do not agree on whose gradient changes more" in said
        assert said.endswith("From seed to seed, plain's change is 0.5 to 6.0 times BN's.")
        assert "the seeds do not agree on whose change is larger" in sentence(result, "β-smooth")
        always = beliefs(result)["BN always makes the gradient more predictable"]
        assert always == "Not in this run: the seeds do not agree."

    def test_the_range_of_several_seeds(self):
        result = made((2.0, 1.0))
        result.distance[0, 0] *= 2
        said = sentence(result, "From seed to seed")
        assert said == "From seed to seed, plain's change is 2.0 to 4.0 times BN's."
        alone = made(fell=((True,), (True,)), lost=((NEVER,), (NEVER,)))
        assert sentence(alone, "From seed to seed") is None


def sentence(result, part):
    found = [said for said in findings(result) if part in said]
    assert len(found) <= 1
    return found[0] if found else None


class TestSteepness:
    def test_of_plain(self):
        said = sentence(made((6.0, 1.0), norm=(2.0, 1.0)), "β-smoothness")
        assert "plain's change is 3.0 times BN's. It is more in both seeds." in said

    def test_of_about_the_same(self):
        said = sentence(made((1.1, 1.0)), "β-smoothness")
        assert "both change about as much. From seed to seed, plain's change is 1.1 times" in said

    def test_of_bn_although_plains_change_is_the_larger(self):
        said = sentence(made((2.0, 1.0), norm=(8.0, 1.0)), "BN's change is 4.0 times plain's")
        assert "It is more in both seeds." in said

    def test_beyond_all_numbers_in_words(self):
        said = sentence(made((1e25, 1.0)), "β-smoothness")
        assert "plain's change is more than a million times BN's" in said

    def test_not_where_nothing_is_compared(self):
        assert sentence(made(fell=NOBODY), "β-smoothness") is None


class TestAtFirst:
    def early(self, late=None, norm=(1.0, 1.0)):
        result = made((1.0, 3.0), norm=norm)
        if late:
            result.distance[0, :, STEPS > 8] *= late
        return sentence(result, "In the first 8 steps")

    def test_bn_was_the_rougher_one_and_stayed_so(self):
        said = self.early()
        assert said.endswith("BN's gradient changes 3.0 times as much as plain's.")

    def test_bn_was_the_rougher_one_and_plain_is_in_the_whole(self):
        assert self.early(late=1000).endswith("as plain's. Later the order is reversed.")

    def faded(self, **changes):
        return sentence(made((1.0, 3.0), **changes), "What is short")

    def test_because_the_gradient_of_plain_had_faded(self):
        said = self.faded(norm=(1.0, 4.0))
        assert said.startswith("At the start BN's gradient is 4.0 times as long")
        assert said.endswith("What is short changes little: such a loss is flat.")

    def test_gradients_of_about_one_length_have_not_faded(self):
        assert self.faded(norm=(1.0, 1.9)) is None
        assert self.faded(norm=(4.0, 1.0)) is None

    def test_faded_means_at_the_start_and_not_once_plain_has_learned(self):
        result = made((1.0, 3.0))
        result.gradient_norm[0, :, 1:] = 0.01
        assert sentence(result, "What is short") is None

    def test_per_length_it_may_be_so_too(self):
        assert sentence(made((1.0, 3.0), norm=(1.0, 4.0)), "Per length") is None
        said = sentence(made((1.0, 12.0), norm=(1.0, 4.0)), "Per length")
        assert said == "Per length, too, BN's changes 3.0 times as much at first."

    def test_a_run_of_no_more_steps_has_no_beginning_of_its_own(self):
        short = made((1.0, 3.0))
        short = replace(short, steps=np.minimum(STEPS, np.arange(len(STEPS)) + 3))
        assert short.steps[-1] <= 8
        assert sentence(short, "In the first 8 steps") is None

    def test_no_gradient_at_all(self):
        assert "more than a million times as long" in self.faded(norm=(0.0, 1.0))

    @pytest.mark.parametrize("change", [(2.0, 1.0), (1.0, 1.0)])
    def test_nothing_to_say_where_bn_was_not_rougher(self, change):
        assert sentence(made(change), "In the first") is None


class TestTurns:
    def test_near_and_far(self):
        assert sentence(made(angle=(80, 20)), "longest step turns").endswith(
            "by 80° and BN's by 20°."
        )
        said = sentence(made(angle=(80, 20)), "the update itself")
        assert said.startswith("Averaged in the same way, the update itself turns plain's gradient")
        assert said.endswith("by 20° and BN's by 5°.")

    def test_only_one_where_the_longest_step_is_the_update(self):
        result = made(angle=(80, 20), reach="1/10 to 1")
        assert "by 80° and BN's by 20°" in sentence(result, "longest step turns")
        assert sentence(result, "the update itself") is None

    @pytest.mark.parametrize("optimizer", ["momentum", "adam"])
    def test_the_step_of_another_optimizer_goes_elsewhere(self, optimizer):
        said = sentence(made(optimizer=optimizer), "a step of one learning rate turns")
        assert said

    def test_averages_over_the_steps(self):
        result = made(angle=(0, 0))
        result.cosine[0, :, STEPS <= 2] = 0  # 90 degrees, for 2.5 or 3 of the 17 steps
        said = sentence(result, "longest step turns")
        angle = float(said.split("by ")[1].split("°")[0])
        assert angle == pytest.approx(90 * 3 / STEPS[-1], abs=0.5)  # half of the next step, too

    def test_of_what_is_known(self):
        result = made(angle=(80, 20), lost=((2, NEVER), (NEVER, NEVER)), fell=NOBODY)
        said = sentence(result, "longest step turns")
        assert "by 80° and BN's by 20°" in said
        assert said.startswith("Averaged over training, for as long as each network lasts, the")
        assert "lasts" not in sentence(made(), "longest step turns")

    def test_those_compared_all_last(self):
        fell = ((True, False), (True, True))
        result = made(fell=fell, lost=((NEVER, 2), (NEVER, NEVER)))
        assert "lasts" not in sentence(result, "longest step turns")

    @pytest.mark.parametrize("treatment", [0, 1])
    def test_nothing_is_known_of_one(self, treatment):
        result = made()
        result.cosine[treatment] = np.nan
        assert sentence(result, "longest step turns") is None
        for name in ("update", "tanh", "glorot", "backwards", "small-batches"):
            if name != "update" or treatment == 0:
                assert outcome(name, result).right is None


class TestLost:
    def test_nobody(self):
        assert sentence(made(), "not compared") is None

    def test_each_treatment_in_its_own_sentence(self):
        fell = ((False, False), (True, False))
        said = findings(made(fell=fell, lost=((3, NEVER), (NEVER, NEVER))))
        plain, batch = said[-2:]
        assert plain.startswith(
            "Plain diverged in 1 of 2 seeds. The loss of plain did not fall by half in"
        )
        assert batch.startswith("The loss of BN did not fall by half in 1 of 2 seeds.")


class TestSweep:
    def test_nothing_compared(self):
        said = over_rates([at_rate(0.1, fell=NOBODY), at_rate(0.2, fell=NOBODY)])
        assert said.startswith("At none of these rates did both losses of a pair fall")

    def test_where_plain_is_the_rougher_one_and_where_most(self):
        said = over_rates(
            [at_rate(0.1, (1.0, 1.0)), at_rate(0.2, (7.0, 1.0)), at_rate(0.3, (3.0, 1.0))]
        )
        assert "fell at 3 of 3 rates, from 0.1 to 0.3; plain's gradient changes" in said
        assert "clearly more at 2 of them, BN's at none." in said
        assert (
            "At 0.2 plain's changes the most, beside BN's: 7.0 times as much. It is more in both"
            " seeds." in said
        )
        assert "at none of these rates" not in said

    def test_plain_is_never_the_rougher_one(self):
        said = over_rates([at_rate(0.1, (1.0, 2.0)), at_rate(0.2, (1.0, 1.1))])
        assert "plain's gradient changes clearly more at none of them, BN's at 1." in said
        assert "The most" not in said

    def test_plain_dies(self):
        only_bn = ((False, False), (True, True))
        rates = [at_rate(0.1), at_rate(0.2, fell=only_bn), at_rate(0.3, fell=only_bn)]
        said = over_rates(rates)
        assert "fell at 1 of 3 rates, at 0.1. There plain's gradient changes clearly more" in said
        assert "It changes 2.0 times as much. It is more in both seeds." in said
        assert said.endswith("From 0.2 on, plain's loss falls by half at none of these rates.")

    def test_the_one_rate(self):
        said = over_rates([at_rate(0.1, (1.0, 2.0)), at_rate(0.2, fell=NOBODY)])
        assert "at 0.1. There BN's gradient changes clearly more than plain's." in said
        said = over_rates([at_rate(0.1, (1.0, 1.0)), at_rate(0.2, fell=NOBODY)])
        assert "at 0.1. There neither gradient changes clearly more." in said

    def test_it_is_bn_that_dies(self):
        only_plain = ((True, True), (False, False))
        said = over_rates([at_rate(0.1), at_rate(0.2, fell=only_plain)])
        assert "at none of these rates" not in said

    def test_plain_dies_and_comes_back(self):
        only_bn, only_plain = ((False,) * 2, (True,) * 2), ((True,) * 2, (False,) * 2)
        rates = [at_rate(0.1), at_rate(0.2, fell=only_bn), at_rate(0.3, fell=only_plain)]
        assert "at none of these rates" not in over_rates(rates)


@pytest.mark.parametrize(
    "result",
    [
        made(),
        made((0.0, 1.0), norm=(0.0, 1.0)),
        made((1.0, 0.0), norm=(1.0, 0.0)),
        made((0.0, 0.0), norm=(0.0, 0.0)),
        made((np.inf, 1.0)),
        made((np.inf, np.inf)),
        made((np.inf, 1.0), norm=(np.inf, 1.0)),
        made(lost=((0, 0), (0, 0)), fell=NOBODY),
        made(lost=((0, NEVER), (NEVER, NEVER)), fell=((False, True), (True, True))),
        made(angle=(np.nan, np.nan)),
        made(fell=((True,), (True,)), lost=((NEVER,), (NEVER,))),
        made(fell=((False,), (True,)), lost=((2,), (NEVER,))),
    ],
)
def test_no_sentence_has_a_number_that_is_none(result):
    for said in everything(result):
        assert said.strip().endswith((".", "!"))
        for word in ("nan", "inf", "-1"):
            assert word not in said.lower().replace(",", " ").replace("°", " ").split(), said
