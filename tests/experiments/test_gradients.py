"""Trust in the gradient: the measures by hand, and every sentence with a result that turns it."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.engine.training import recording_steps
from bnviz.experiments import gradients
from bnviz.experiments.gradients import GradientsConfig
from bnviz.experiments.pair import NEVER
from bnviz.experiments.settings import REACHES, WORK_LIMIT, knobs
from bnviz.words import gradients as words
from tests.samples import tiny

STEPS = np.array([0, 1, 2, 4, 8, 16])
ALL = ((True, True), (True, True))
NOBODY = ((False, False), (False, False))
ALIVE = ((NEVER, NEVER), (NEVER, NEVER))


def made(change=(2.0, 1.0), angle=(80.0, 30.0), norm=(1.0, 1.0), fell=ALL, lost=ALIVE, **changes):
    """A result by hand: (plain, BN), the same at every record and in every seed.

    The gradient changes and turns in proportion to the length, up to `change` and `angle` at the
    end of the walk.
    """
    seeds = len(fell[0])
    config = tiny("gradients", **{"seeds": seeds, "steps": 16, "learning_rate": 0.1} | changes)
    reach = np.array(REACHES[config.reach])
    share = reach / reach[-1]
    shape = (2, seeds, len(STEPS))
    spread = np.broadcast_to(np.ones(shape)[..., None] * share, (*shape, len(reach)))
    result = gradients.GradientsResult(
        config,
        STEPS,
        reach,
        np.ones(shape, np.float32),
        np.broadcast_to(np.array(norm, np.float32)[:, None, None], shape).copy(),
        (spread * np.array(change)[:, None, None, None]).astype(np.float32),
        np.cos(np.radians(spread * np.array(angle)[:, None, None, None])).astype(np.float32),
        np.array(lost),
        np.array(fell),
    )
    for treatment, seed in np.argwhere(result.diverged_at != NEVER):
        dead = result.diverged_at[treatment, seed] <= STEPS
        for values in (result.loss_here, result.gradient_norm, result.distance, result.cosine):
            values[treatment, seed, dead] = np.nan
    return result


def everything_said(result):
    answers = gradients.misconceptions(result)
    return [*gradients.findings(result), *answers.values(), gradients.over_rates([result])]


class TestMeasures:
    def random(self):
        result = made()
        random = np.random.default_rng(0)
        result.distance[:] = random.uniform(0.1, 5, result.distance.shape)
        result.gradient_norm[:] = random.uniform(0.1, 5, result.gradient_norm.shape)
        result.cosine[:] = random.uniform(-1, 1, result.cosine.shape)
        return result

    def test_predictiveness_is_the_band_over_the_lengths(self):
        result = self.random()
        low, high = result.predictiveness()
        for index in np.ndindex(low.shape):
            distances = [float(d) for d in result.distance[index]]
            assert low[index] == np.float32(min(distances))
            assert high[index] == np.float32(max(distances))
        assert low.shape == (2, 2, len(STEPS))

    def test_smoothness_divides_by_the_way_that_was_walked(self):
        result = self.random()
        smoothness = result.smoothness()
        for index in np.ndindex(smoothness.shape):
            norm = float(result.gradient_norm[index])
            expected = max(
                float(d) / (0.1 * a * norm)
                for d, a in zip(result.distance[index], result.reach, strict=True)
            )
            assert smoothness[index] == pytest.approx(expected, rel=1e-6)

    def test_smoothness_of_a_parabola_is_its_curvature(self):
        """L = c theta^2 / 2: the gradient changes by c * a * g, wherever one stands."""
        result, curvature = made(norm=(3.0, 3.0)), 7.0
        result.distance[:] = curvature * 0.1 * result.reach * 3.0
        np.testing.assert_allclose(result.smoothness(), curvature, rtol=1e-6)

    def test_smoothness_without_a_gradient_is_zero(self):
        result = made(change=(0.0, 1.0), norm=(0.0, 1.0))
        assert (result.smoothness()[0] == 0).all()
        assert (result.smoothness()[1] > 0).all()

    def test_turn_is_the_angle_at_that_length(self):
        result = made(angle=(80, 40))
        for length in result.reach:
            for treatment, angle in enumerate((80, 40)):
                expected = angle * length / 4
                np.testing.assert_allclose(result.turn(length)[treatment], expected, atol=0.05)

    def test_counts_the_seeds_in_which_both_fell(self):
        fell = ((True, True, False, False), (True, False, True, False))
        result = made(fell=fell, lost=((NEVER,) * 4,) * 2)
        np.testing.assert_array_equal(result.counts(), [True, False, False, False])

    def test_comparison_is_the_median_of_the_seeds_that_count(self):
        fell = ((True, True, True, True), (True, True, True, False))
        result = made(fell=fell, lost=((NEVER,) * 4,) * 2)
        result.distance[0] *= np.array([0.25, 2.0, 3.0, 1000.0])[:, None, None]
        comparison = result.comparison("change")
        assert comparison.ratio == pytest.approx(4.0)  # of 0.5, 4 and 6; 2000 does not count
        assert (comparison.larger, comparison.seeds) == (2, 3)

    def test_comparison_averages_over_the_steps_and_not_over_the_records(self):
        result = made(change=(1.0, 1.0))
        result.distance[0, :, STEPS <= 4] *= 100  # four of six records, and few of the steps
        expected = (4 * 100 + 4 * (100 + 1) / 2 + 8 * 1) / 16  # straight from 4 to 8
        assert result.comparison("change").ratio == pytest.approx(expected, rel=1e-5)

    @pytest.mark.parametrize("measure", ["change", "smoothness", "norm"])
    def test_comparison_of_each_measure(self, measure):
        result = made(change=(6.0, 1.0), norm=(2.0, 1.0))
        expected = {"change": 6, "smoothness": 3, "norm": 2}[measure]
        assert result.comparison(measure).ratio == pytest.approx(expected, rel=1e-5)

    def test_at_first_knows_the_first_steps_alone(self):
        result = made(change=(1.0, 1.0))
        result.distance[0, :, STEPS > 8] *= 100
        assert result.at_first().ratio == pytest.approx(1)
        assert result.comparison("change").ratio > 10

    @pytest.mark.parametrize("lost", [np.inf, np.nan])
    def test_a_walk_beyond_all_numbers_is_the_rough_one(self, lost):
        result = made()
        result.distance[0, :, 2, -1] = lost
        comparison = result.comparison("change")
        assert comparison.rougher == "plain"
        assert (comparison.larger, comparison.seeds) == (2, 2)
        assert "more than a million times" in gradients.findings(result)[0]


class TestTrust:
    """The headline."""

    def test_plain_is_the_rougher_one(self):
        said = gradients.findings(made((3.0, 1.0)))[0]
        assert said.startswith("Within 4 learning rates along the gradient, **plain's gradient")
        assert "changes 3.0 times as much as BN's**" in said
        assert "more in all 2 seeds" in said

    def test_bn_is_the_rougher_one(self):
        said = gradients.findings(made((1.0, 2.5)))[0]
        assert "**BN's gradient changes 2.5 times as much as plain's**" in said
        assert "BN is the rougher one" in said

    @pytest.mark.parametrize("change", [(1.0, 1.0), (1.19, 1.0), (1.0, 1.19)])
    def test_about_the_same(self, change):
        assert "**both gradients change about as much**" in gradients.findings(made(change))[0]

    def test_no_comparison(self):
        fell = ((True, False), (False, True))
        said = gradients.findings(made(fell=fell))[0]
        assert said.startswith("**No comparison here**")
        assert "in 1 of 2 seeds without BN and in 1 of 2 seeds with it" in said

    @pytest.mark.parametrize(
        ("reach", "far"),
        [("1/10 to 1", "one learning rate along"), ("1/100 to 30", "30 learning rates along")],
    )
    def test_names_the_way(self, reach, far):
        assert gradients.findings(made(reach=reach))[0].startswith(f"Within {far}")


def sentence(result, part):
    found = [said for said in gradients.findings(result) if part in said]
    assert len(found) <= 1
    return found[0] if found else None


class TestSteepness:
    def test_of_plain(self):
        said = sentence(made((6.0, 1.0), norm=(2.0, 1.0)), "β-smoothness")
        assert "plain's change is 3.0 times BN's" in said
        assert "plain's is larger in all 2 seeds" in said

    def test_of_about_the_same(self):
        said = sentence(made((1.1, 1.0)), "β-smoothness")
        assert "both change alike; plain's is larger in all 2 seeds." in said

    def test_of_bn_although_plains_change_is_the_larger(self):
        said = sentence(made((2.0, 1.0), norm=(8.0, 1.0)), "β-smoothness")
        assert "BN's change is 4.0 times plain's" in said
        assert "plain's is larger in none of 2 seeds" in said

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
        assert 90 * 2 / 17 < angle < 90 * 4 / 17

    def test_of_what_is_known(self):
        result = made(angle=(80, 20), lost=((2, NEVER), (NEVER, NEVER)), fell=NOBODY)
        assert "by 20° without BN and by 5° with it" in sentence(result, "has turned")

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
        said = gradients.findings(made(fell=fell, lost=((3, NEVER), (NEVER, NEVER))))
        plain, batch = said[-2:]
        assert plain.startswith("Plain: diverged in 1 of 2 seeds, its loss did not fall by half in")
        assert batch.startswith("BN: its loss did not fall by half in 1 of 2 seeds.")


class TestMisconceptions:
    def answer(self, belief, result):
        (found,) = (a for b, a in gradients.misconceptions(result).items() if belief in b)
        return found

    def test_are_three_or_four(self):
        assert 3 <= len(gradients.misconceptions(made())) <= 4

    def test_the_gradient_points_elsewhere(self):
        said = self.answer("points to", made(angle=(80, 20)))
        assert said.endswith("points elsewhere already: turned by 20° (plain) and 5° (BN).")
        assert "One step along it" in said
        assert "One learning rate along it" in self.answer("points to", made(optimizer="adam"))

    def test_the_gradient_hardly_turns(self):
        said = self.answer("points to", made(angle=(36, 20)))
        assert "may look so: one step along it turns it by only 9° (plain) and 5° (BN)" in said
        assert "may look so" not in self.answer("points to", made(angle=(20, 44)))

    def test_only_one_gradient_is_left(self):
        result = made(angle=(80, 80))
        result.cosine[0] = np.nan
        assert self.answer("points to", result).endswith("turned by 20° (BN).")

    def test_no_gradient_is_left(self):
        result = made()
        result.cosine[:] = np.nan
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
        assert "loss of both fell in all 2 seeds" in said

    @pytest.mark.parametrize(("change", "name"), [((1.0, 2.0), "plain"), ((2.0, 1.0), "BN")])
    def test_neither_learns(self, change, name):
        said = self.smoother(change, fell=NOBODY)
        assert said == f"Here neither learns, and {name} is the smoother one all the same."

    def test_the_smoother_one_learns_less(self):
        said = self.smoother((1.0, 2.0), fell=((False, False), (True, True)))
        assert said.startswith("Not here: plain has the smaller changes, and its loss fell in none")
        assert said.endswith(
            "the other's in all 2 seeds. What hardly learns can change hardly at all."
        )
        said = self.smoother((2.0, 1.0), fell=((True, True), (True, False)))
        assert said.startswith("Not here: BN has the smaller changes, and its loss fell in 1 of 2")
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
        assert self.answer("smoother", result) == "In this run neither of them is the smoother one."


def at_rate(rate, *arguments, **changes):
    result = made(*arguments, **changes)
    return replace(result, config=result.config.model_copy(update={"learning_rate": rate}))


class TestSweep:
    def test_is_the_same_run_at_settings_of_the_knob(self):
        config = tiny("gradients", gain=0.5)
        pieces = gradients.sweep(config)
        rates = [piece.learning_rate for piece in pieces]
        assert rates == sorted(set(rates))
        assert set(rates) <= set(knobs(GradientsConfig)["learning_rate"].options)
        assert min(rates) == 0.01
        assert max(rates) > 1
        for piece in pieces:
            assert piece.model_copy(update={"learning_rate": config.learning_rate}) == config
            assert GradientsConfig(**piece.model_dump()) == piece

    def test_nothing_compared(self):
        said = gradients.over_rates([at_rate(0.1, fell=NOBODY), at_rate(0.2, fell=NOBODY)])
        assert said.startswith("At none of these rates did both losses fall")

    def test_where_plain_is_the_rougher_one_and_where_most(self):
        said = gradients.over_rates(
            [at_rate(0.1, (1.0, 1.0)), at_rate(0.2, (7.0, 1.0)), at_rate(0.3, (3.0, 1.0))]
        )
        assert "fell at 3 of 3 rates, from 0.1 to 0.3; at 2 of them plain's gradient" in said
        assert "The most at 0.2: 7.0 times as much as BN's." in said
        assert "does not learn" not in said

    def test_plain_is_never_the_rougher_one(self):
        said = gradients.over_rates([at_rate(0.1, (1.0, 2.0)), at_rate(0.2, (1.0, 1.1))])
        assert "at none of them plain's gradient changes more." in said
        assert "The most" not in said

    def test_plain_dies(self):
        only_bn = ((False, False), (True, True))
        rates = [at_rate(0.1), at_rate(0.2, fell=only_bn), at_rate(0.3, fell=only_bn)]
        said = gradients.over_rates(rates)
        assert "fell at 1 of 3 rates, at 0.1;" in said
        assert said.endswith("From 0.2 on, plain does not learn any more.")

    def test_it_is_bn_that_dies(self):
        only_plain = ((True, True), (False, False))
        said = gradients.over_rates([at_rate(0.1), at_rate(0.2, fell=only_plain)])
        assert "does not learn" not in said

    def test_plain_dies_and_comes_back(self):
        only_bn, only_plain = ((False,) * 2, (True,) * 2), ((True,) * 2, (False,) * 2)
        rates = [at_rate(0.1), at_rate(0.2, fell=only_bn), at_rate(0.3, fell=only_plain)]
        assert "does not learn" not in gradients.over_rates(rates)


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (made((1.3, 1.0)), "plain"),
        (made((1.0, 1.3)), "BN"),
        (made((1.0, 1.1)), "about the same"),
        (made((9.0, 1.0), fell=NOBODY), "about the same"),
    ],
)
def test_rougher(result, expected):
    assert gradients.rougher(result) == expected
    assert expected in gradients.ROUGHER


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
    for said in everything_said(result):
        assert said.strip().endswith((".", "!"))
        for word in ("nan", "inf", "-1"):
            assert word not in said.lower().replace(",", " ").replace("°", " ").split(), said


class TestWork:
    def test_counts_the_walk(self):
        config = tiny("gradients", steps=100)
        records = len(recording_steps(100, gradients.RECORDS))
        trained = 2 * config.training_work(records)
        walked = 2 * records * 8 * config.cost().step(config.seeds, config.in_batch())
        assert trained + walked < config.work() < trained + 1.5 * walked

    @pytest.mark.parametrize("steps", [1, 20, 100, 400, 5000])
    @pytest.mark.parametrize("depth", [6, 20, 50])
    @pytest.mark.parametrize("seeds", [5, 32])
    def test_what_a_page_grants_is_within_the_limit_with_its_walk(self, steps, depth, seeds):
        asked = GradientsConfig(width=256, batch_size=512, depth=depth, steps=steps, seeds=seeds)
        granted = asked.affordable()
        assert granted.work() <= WORK_LIMIT
        assert granted.affordable() == granted
        if granted.steps < steps:  # and it is no less than can be paid
            more = granted.model_copy(update={"steps": granted.steps + 1})
            assert more.work() > 0.8 * WORK_LIMIT


@pytest.fixture(scope="module")
def small():
    return gradients.run(tiny("gradients", depth=3, steps=60, seeds=3))


class TestRun:
    def test_shapes(self, small):
        records, lengths = len(small.steps), len(small.reach)
        for values in (small.loss_here, small.gradient_norm):
            assert values.shape == (2, 3, records)
        for values in (small.distance, small.cosine):
            assert values.shape == (2, 3, records, lengths)
        assert small.diverged_at.shape == small.fell.shape == (2, 3)
        assert (small.steps[0], small.steps[-1]) == (0, 60)
        assert records <= gradients.RECORDS + 2

    def test_every_number_is_one(self, small):
        for values in (small.loss_here, small.gradient_norm, small.distance, small.cosine):
            assert np.isfinite(values).all()
        assert (np.abs(small.cosine) <= 1).all()

    def test_the_law_of_cosines_holds_between_its_numbers(self, small):
        """||h - g||^2 = ||h||^2 + ||g||^2 - 2 ||h|| ||g|| cos: no less than the height."""
        g, sine = small.gradient_norm[..., None], np.sqrt(1 - small.cosine**2)
        assert (small.distance >= g * sine * (1 - 1e-3) - 1e-6).all()

    @pytest.mark.parametrize("reach", REACHES)
    def test_walks_as_far_as_it_says(self, reach):
        result = gradients.run(tiny("gradients", reach=reach))
        np.testing.assert_array_equal(result.reach, REACHES[reach])
        assert 1.0 in result.reach  # the step itself
        near = gradients.run(tiny("gradients", reach="1/10 to 1"))
        np.testing.assert_allclose(result.turn(1.0), near.turn(1.0), atol=0.05)

    def test_at_the_start_a_walk_half_as_long_is_that_of_half_the_rate(self):
        one, half = (gradients.run(tiny("gradients", learning_rate=r)) for r in (0.2, 0.1))
        near, far = (list(one.reach).index(a) for a in (1.0, 2.0))
        np.testing.assert_allclose(
            one.distance[:, :, 0, near], half.distance[:, :, 0, far], rtol=1e-4
        )

    def test_without_a_normalized_layer_both_are_the_same(self):
        result = gradients.run(tiny("gradients", depth=1, normalized_layers="second half"))
        np.testing.assert_array_equal(result.distance[0], result.distance[1])
        for said in everything_said(result):
            assert "rougher" not in said

    def test_a_diverged_seed_is_missing_from_there_on(self):
        config = tiny("gradients", learning_rate=100.0, depth=4, width=16, steps=20, seeds=3)
        result = gradients.run(config)
        assert (result.diverged_at != NEVER).any()
        for treatment, seed in np.ndindex(2, 3):
            step = result.diverged_at[treatment, seed]
            alive = result.steps < step if step != NEVER else np.full(len(result.steps), True)
            np.testing.assert_array_equal(np.isfinite(result.loss_here[treatment, seed]), alive)
            assert np.isnan(result.distance[treatment, seed, ~alive]).all()
            assert step == NEVER or not result.fell[treatment, seed]


def preset(part):
    return GradientsConfig(**next(p for name, p in words.PRESETS.items() if part in name))


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


class TestWhatThePageClaims:
    """At its own settings, over five seeds."""

    @pytest.mark.parametrize("first_seed", [0, 5])
    def test_plain_is_the_rougher_one(self, first_seed):
        result = gradients.run(GradientsConfig(first_seed=first_seed))
        assert result.counts().all()
        for measure in ("change", "smoothness"):
            assert result.comparison(measure).larger >= 4
        assert result.comparison("change").ratio > 3
        assert gradients.rougher(result) == "plain"
        # one step turns plain's gradient further, too
        plain, batch = result.turn(1.0).mean(axis=(1, 2))
        assert plain > batch + 20

    def test_with_tanh_bn_is(self):
        result = gradients.run(preset("tanh"))
        assert result.counts().all()
        for measure in ("change", "smoothness"):
            assert result.comparison(measure).larger <= 1
        assert gradients.rougher(result) == "BN"

    def test_with_glorot_weights_bn_is_at_first_and_plain_later(self):
        result = gradients.run(preset("Glorot"))
        assert result.counts().all()
        early = result.at_first()
        assert early.rougher == "batch"
        assert early.larger <= 1
        assert result.comparison("change").larger >= 4
        assert "that turns later on" in sentence(result, "In the first")
        assert "what is short changes little" in sentence(result, "In the first")

    def test_at_the_largest_rate_that_plain_survives_it_is_rougher_still(self):
        result = gradients.run(preset("survives"))
        assert result.counts().all()
        assert result.comparison("change").larger >= 4
        assert result.comparison("change").ratio > 3

    def test_at_a_rate_too_large_for_plain_nothing_is_compared(self):
        result = gradients.run(preset("rate 1"))
        assert not result.fell[0].any()
        assert result.fell[1].sum() >= 4
        assert not result.counts().any()
        assert gradients.findings(result)[0].startswith("**No comparison here**")
