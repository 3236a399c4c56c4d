"""Trust in the gradient, in sentences: each with a result that turns it."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments.gradients import GradientsConfig
from bnviz.experiments.settings import knobs
from bnviz.verdicts.gradients import judge, judge_sweep
from bnviz.words import gradients as words
from tests.made.gradients import NOBODY, STEPS, at_rate, made


def findings(result):
    said = words.findings(judge(result))
    return [said.headline, *said.more]


def beliefs(result):
    return words.beliefs(judge(result))


def over_rates(results):
    return words.over_rates(judge_sweep(results))


def everything(result):
    right, why = words.guess(judge(result))
    assert right in words.GUESSES
    return [*findings(result), *beliefs(result).values(), over_rates([result]), why]


class TestTrust:
    """The headline."""

    def test_plain_is_the_rougher_one(self):
        said = findings(made((3.0, 1.0)))[0]
        assert said.startswith("Within 4 learning rates along the gradient, **plain's gradient")
        assert "changes 3.0 times as much as BN's**" in said
        assert "more in both seeds" in said

    def test_bn_is_the_rougher_one(self):
        said = findings(made((1.0, 2.5)))[0]
        assert "**BN's gradient changes 2.5 times as much as plain's**" in said
        assert "BN is the rougher one" in said

    @pytest.mark.parametrize("change", [(1.0, 1.0), (1.19, 1.0), (1.0, 1.19)])
    def test_about_the_same(self, change):
        said = findings(made(change))[0]
        assert "**both gradients change about as much** (averaged over training; plain's" in said

    def test_half_of_the_seeds_are_no_rule(self):
        result = made((1.0, 1.0))
        result.distance[0, 0] *= 6
        result.distance[0, 1] *= 0.5
        head, steepness, *_ = findings(result)
        assert "**the seeds do not agree whose gradient changes more**" in head
        assert head.endswith("(averaged over training; plain's 0.5 to 6.0 times BN's).")
        assert "the seeds do not agree whose is the larger change (plain's is 0.5 to" in steepness
        assert words.guess(judge(result))[0] == "about the same"
        always = beliefs(result)["BN always makes the gradient more predictable"]
        assert always == "Not in this run: the seeds do not agree."

    def test_without_bn_nothing_is_compared(self):
        result = made(depth=1, normalized_layers="second half", angle=(80, 80))
        assert findings(result) == [
            '**No comparison here**: "second half" of 1 hidden layer is no layer at all. Neither'
            " network has BN, and both are the same."
        ]
        points, always, _ = beliefs(result).values()
        assert points.endswith("turned by 20°.")
        assert always == "This run cannot tell: neither network has BN."

    def test_no_comparison(self):
        fell = ((True, False), (False, True))
        said = findings(made(fell=fell))[0]
        assert said.startswith("**No comparison here**")
        assert "in 1 of 2 seeds without BN and in 1 of 2 seeds with it" in said

    @pytest.mark.parametrize(
        ("reach", "far"),
        [("1/10 to 1", "one learning rate along"), ("1/100 to 30", "30 learning rates along")],
    )
    def test_names_the_way(self, reach, far):
        assert findings(made(reach=reach))[0].startswith(f"Within {far}")


def sentence(result, part):
    found = [said for said in findings(result) if part in said]
    assert len(found) <= 1
    return found[0] if found else None


class TestSteepness:
    def test_of_plain(self):
        said = sentence(made((6.0, 1.0), norm=(2.0, 1.0)), "β-smoothness")
        assert "plain's change is 3.0 times BN's (more in both seeds)" in said

    def test_of_about_the_same(self):
        said = sentence(made((1.1, 1.0)), "β-smoothness")
        assert "both change alike by the median seed (plain's is 1.1 times BN's)." in said

    def test_of_bn_although_plains_change_is_the_larger(self):
        said = sentence(made((2.0, 1.0), norm=(8.0, 1.0)), "BN's change is 4.0 times plain's")
        assert "(more in both seeds)" in said

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
        assert "BN's gradient changes 3.0 times as much as plain's." in said
        assert "turns later" not in said

    def test_bn_was_the_rougher_one_and_plain_is_in_the_whole(self):
        assert "as plain's; that turns later on." in self.early(late=1000)

    def test_because_the_gradient_of_plain_had_faded(self):
        said = self.early(norm=(1.0, 4.0))
        assert "BN's gradient itself is 4.0 times as long at the start" in said
        assert "what is short changes little" in said

    def test_gradients_of_about_one_length_have_not_faded(self):
        assert "what is short" not in self.early(norm=(1.0, 1.9))
        assert "what is short" not in self.early(norm=(4.0, 1.0))

    def test_faded_means_at_the_start_and_not_once_plain_has_learned(self):
        result = made((1.0, 3.0))
        result.gradient_norm[0, :, 1:] = 0.01
        assert "what is short" not in sentence(result, "In the first 8 steps")

    def test_per_length_it_may_be_so_too(self):
        assert "Per length" not in self.early(norm=(1.0, 4.0))
        said = sentence(made((1.0, 12.0), norm=(1.0, 4.0)), "In the first 8 steps")
        assert said.endswith("Per length, too, BN's changes more there: 3.0 times as much.")

    def test_a_run_of_no_more_steps_has_no_beginning_of_its_own(self):
        short = made((1.0, 3.0))
        short = replace(short, steps=np.minimum(STEPS, np.arange(len(STEPS)) + 3))
        assert short.steps[-1] <= 8
        assert sentence(short, "In the first 8 steps") is None

    def test_no_gradient_at_all(self):
        assert "more than a million times as long" in self.early(norm=(0.0, 1.0))

    @pytest.mark.parametrize("change", [(2.0, 1.0), (1.0, 1.0)])
    def test_nothing_to_say_where_bn_was_not_rougher(self, change):
        assert sentence(made(change), "In the first") is None


class TestTurns:
    def test_near_and_far(self):
        said = sentence(made(angle=(80, 20)), "has turned")
        assert said.startswith("After the step itself the gradient has turned by 20° without BN")
        assert "and by 5° with it; after 4 learning rates by 80° and 20°" in said

    def test_only_near_where_the_walk_ends_there(self):
        said = sentence(made(angle=(80, 20), reach="1/10 to 1"), "has turned")
        assert "by 80° without BN and by 20° with it (averaged" in said

    @pytest.mark.parametrize("optimizer", ["momentum", "adam"])
    def test_the_step_of_another_optimizer_goes_elsewhere(self, optimizer):
        said = sentence(made(optimizer=optimizer), "has turned")
        assert said.startswith("After one learning rate")

    def test_averages_over_the_steps(self):
        result = made(angle=(0, 0))
        result.cosine[0, :, STEPS <= 2] = 0  # 90 degrees, for 2.5 or 3 of the 17 steps
        said = sentence(result, "has turned")
        angle = float(said.split("by ")[1].split("°")[0])
        assert angle == pytest.approx(90 * 3 / STEPS[-1], abs=0.5)  # half of the next step, too

    def test_of_what_is_known(self):
        result = made(angle=(80, 20), lost=((2, NEVER), (NEVER, NEVER)), fell=NOBODY)
        said = sentence(result, "has turned")
        assert "by 20° without BN and by 5° with it" in said
        assert "averaged over training, for as long as each network lasts;" in said
        assert "lasts" not in sentence(made(), "has turned")

    @pytest.mark.parametrize("treatment", [0, 1])
    def test_nothing_is_known_of_one(self, treatment):
        result = made()
        result.cosine[treatment] = np.nan
        assert sentence(result, "has turned") is None


class TestLost:
    def test_nobody(self):
        assert sentence(made(), "not compared") is None

    def test_each_treatment_in_its_own_sentence(self):
        fell = ((False, False), (True, False))
        said = findings(made(fell=fell, lost=((3, NEVER), (NEVER, NEVER))))
        plain, batch = said[-2:]
        assert plain.startswith("Plain: diverged in 1 of 2 seeds, its loss did not fall by half in")
        assert batch.startswith("BN: its loss did not fall by half in 1 of 2 seeds.")


class TestMisconceptions:
    def answer(self, belief, result):
        (found,) = (a for b, a in beliefs(result).items() if belief in b)
        return found

    def test_are_three_or_four(self):
        assert 3 <= len(beliefs(made())) <= 4

    def test_the_gradient_points_elsewhere(self):
        said = self.answer("points to", made(angle=(80, 20)))
        assert said.endswith("already: turned by 20° (plain); hardly turned, by 5° (BN).")
        said = self.answer("points to", made(angle=(80, 60)))
        assert said.endswith("points elsewhere already: turned by 20° (plain) and 15° (BN).")
        assert "One step along it" in said
        assert "One learning rate along it" in self.answer("points to", made(optimizer="adam"))

    def test_the_gradient_hardly_turns(self):
        said = self.answer("points to", made(angle=(36, 20)))
        assert "may look so: one step along it hardly turns it, by 9° (plain) and 5° (BN)" in said
        assert "may look so" not in self.answer("points to", made(angle=(20, 44)))

    def test_only_one_gradient_is_left(self):
        result = made(angle=(80, 80))
        result.cosine[0] = np.nan
        assert self.answer("points to", result).endswith("turned by 20° (BN).")

    def test_no_gradient_is_left(self):
        result = made(angle=(np.nan, np.nan))
        assert "no gradient left" in self.answer("points to", result)

    @pytest.mark.parametrize(
        ("change", "expected"),
        [
            ((3.0, 1.0), "It does in this run: plain's changes 3.0 times as much."),
            ((1.0, 3.0), "Not in this run: BN's changes 3.0 times as much."),
            ((1.0, 1.1), "Not in this run: there is hardly a difference."),
        ],
    )
    def test_always(self, change, expected):
        assert self.answer("always", made(change)).startswith(expected)

    def test_always_with_tanh_does_not_recommend_it(self):
        assert self.answer("always", made()).endswith("Try tanh.")
        assert "Try" not in self.answer("always", made(activation="tanh"))

    def test_always_without_a_comparison(self):
        assert self.answer("always", made(fell=NOBODY)).startswith("This run cannot tell")

    def smoother(self, *arguments, **changes):
        return self.answer("smoother", made(*arguments, **changes))

    @pytest.mark.parametrize(("change", "name"), [((1.0, 2.0), "Plain"), ((2.0, 1.0), "BN")])
    def test_both_learn(self, change, name):
        said = self.smoother(change)
        assert said.startswith(f"{name} is the smoother one here")
        assert "both losses fell: plain's in both seeds, BN's in both seeds." in said

    def test_one_seed_of_many_is_no_difference(self):
        fell, never = ((True,) * 3, (False, True, True)), ((NEVER,) * 3,) * 2
        said = self.smoother((2.0, 1.0), fell=fell, lost=never)
        assert said.startswith("BN is the smoother one here, and both losses fell: plain's in all")
        fell = ((False,) * 3, (False, False, True))
        said = self.smoother((2.0, 1.0), fell=fell, lost=never)
        assert said.startswith("Here neither loss falls by half in most seeds (plain's in none of")

    @pytest.mark.parametrize(("change", "name"), [((1.0, 2.0), "plain"), ((2.0, 1.0), "BN")])
    def test_neither_learns(self, change, name):
        said = self.smoother(change, fell=NOBODY)
        assert said.startswith(f"Here neither loss falls by half, and {name} is the smoother one")

    def test_neither_learns_and_they_hardly_differ(self):
        assert self.smoother((1.1, 1.0), fell=NOBODY).startswith("In this run neither of them is")

    def test_the_smoother_one_learns_less(self):
        said = self.smoother((1.0, 2.0), fell=((False, False), (True, True)))
        assert said.startswith("Not here: plain has the smaller changes; the losses fell, plain's")
        assert said.endswith(
            "in none of 2 seeds, BN's in both seeds. What hardly learns can change hardly at all."
        )
        said = self.smoother((2.0, 1.0), fell=((True, True), (True, False)))
        assert said.startswith("Not here: BN has the smaller changes; the losses fell, plain's in")
        assert "BN's in 1 of 2 seeds." in said
        assert "What hardly learns" not in said  # the seeds that are compared did learn

    def test_the_smoother_one_learns_more(self):
        assert self.smoother((2.0, 1.0), fell=((False, True), (True, True))).startswith(
            "Here it is: BN has the smaller changes"
        )
        assert self.smoother((1.0, 2.0), fell=((True, True), (True, False))).startswith(
            "Here it is: plain has the smaller changes"
        )

    def test_who_diverged_is_not_smooth(self):
        said = self.smoother(
            (1.0, 2.0), fell=((False, False), (True, True)), lost=((1, 1), (-1,) * 2)
        )
        assert said.startswith("Here it is: BN has the smaller changes")

    @pytest.mark.parametrize(
        "result",
        [
            made((1.0, 1.0)),
            made((1.1, 1.0)),
            made((1.0, 1.0), fell=NOBODY),
            made((1.0, 2.0), fell=NOBODY, lost=((0, 0), (0, 0))),
        ],
        ids=[
            "the same network twice",
            "about alike",
            "and it does not learn",
            "everybody diverged",
        ],
    )
    def test_neither_is_smoother(self, result):
        assert self.answer("smoother", result).startswith("In this run neither of them is clearly")


class TestSweep:
    def test_nothing_compared(self):
        said = over_rates([at_rate(0.1, fell=NOBODY), at_rate(0.2, fell=NOBODY)])
        assert said.startswith("At none of these rates did both losses of a pair fall")

    def test_where_plain_is_the_rougher_one_and_where_most(self):
        said = over_rates(
            [at_rate(0.1, (1.0, 1.0)), at_rate(0.2, (7.0, 1.0)), at_rate(0.3, (3.0, 1.0))]
        )
        assert "fell at 3 of 3 rates, from 0.1 to 0.3; at 2 of them plain's gradient" in said
        assert "The most at 0.2: 7.0 times as much as BN's (more in both seeds)." in said
        assert "at none of these rates" not in said

    def test_plain_is_never_the_rougher_one(self):
        said = over_rates([at_rate(0.1, (1.0, 2.0)), at_rate(0.2, (1.0, 1.1))])
        assert "at none of them plain's gradient changes clearly more." in said
        assert "The most" not in said

    def test_plain_dies(self):
        only_bn = ((False, False), (True, True))
        rates = [at_rate(0.1), at_rate(0.2, fell=only_bn), at_rate(0.3, fell=only_bn)]
        said = over_rates(rates)
        assert "fell at 1 of 3 rates, at 0.1;" in said
        assert said.endswith("From 0.2 on, plain's loss falls by half at none of these rates.")

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


class TestPresets:
    @pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
    def test_are_settings_of_the_knobs(self, preset):
        assert GradientsConfig(**preset) != GradientsConfig()
        for name, value in preset.items():
            assert value in knobs(GradientsConfig)[name].options
            assert value != GradientsConfig.model_fields[name].default

    def test_are_two_to_four_one_of_them_without_help_from_bn(self):
        assert 2 <= len(words.PRESETS) <= 4
        assert any("not help" in label for label in words.PRESETS)
