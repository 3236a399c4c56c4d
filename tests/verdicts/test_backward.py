"""How much of a gradient gets through is judged, and what the shortcut costs."""

from dataclasses import replace

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import backward_mistake
from bnviz.experiments.backward import LEARNED, TRAINED
from bnviz.experiments.backward_mistake import MistakeConfig
from bnviz.verdicts.backward import judge, judge_mistakes
from bnviz.words import backward as words
from tests.made.backward import mistaken, of


def outcome(*arguments, **changes):
    return judge(of(*arguments, **changes)).outcome


class TestOutcome:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, "some"),
            ({"source": "the same for all rows"}, "nothing"),
            ({"source": "along the normalized values"}, "nothing"),
            ({"source": "along the normalized values", "epsilon": 1.0}, "some"),
            ({"source": "a single row"}, "one row"),
            ({"source": "constant feature"}, "constant"),
            ({"source": "two rows", "epsilon": 100.0}, "nearly all"),
            ({"gamma": 0.0}, "no gradient"),
        ],
    )
    def test_of_ready_made_batches(self, changes, expected):
        assert outcome(**changes) == expected

    def test_of_a_constant_feature_the_same_gradient_is_subtracted(self):
        assert outcome([7, 7], [1, 1]) == "nothing"
        assert outcome([1, 2], [0, 0]) == "no gradient"
        assert judge(of(source="constant feature")).grown == pytest.approx(632, abs=0.5)


class TestNumbers:
    def test_of_the_row_that_is_chosen(self):
        run = of()
        for row in (1, 8):
            first, *_, fourth, _, _ = judge(run, row).six
            assert (first.hand, first.row) == (run.hand.normalized[row - 1], row)
            assert (fourth.hand, fourth.row) == (run.hand.x[row - 1], row)
        second, third, _, fifth, sixth = judge(run).six[1:]
        hand = run.hand
        found = [one.hand for one in (second, third, fifth, sixth)]
        assert found == [hand.variance, hand.mean, hand.gamma, hand.beta]
        assert second.row is third.row is fifth.row is sixth.row is None

    def test_rows(self):
        run = of()
        verdict = judge(run)
        assert len(verdict.rows) == 8
        assert verdict.rows[2].hand == run.hand.x[2]
        assert verdict.rows[2].straight == run.straight[2]

    def test_rounding_is_zero(self):
        run = of([1, 2, 4], [0.5, 0.5, 0.5])
        assert 0 < abs(run.straight @ run.normalized) < 1e-15
        verdict = judge(run)
        assert verdict.along.through == verdict.along.straight == verdict.total == 0
        assert (verdict.shortcut.hand, verdict.shortcut.turned) == (0, 0)

    def test_the_network_only_where_it_is_its_own(self):
        assert judge(of(source=TRAINED, scale=LEARNED)).network < 1e-3
        assert judge(of(source=TRAINED)).network is None
        assert judge(of([1, 2], [1, 2], source=TRAINED, scale=LEARNED)).network is None

    def test_a_row_without_a_gradient_of_its_own(self):
        run = of(source="one row alone has a gradient")
        row, gradient = judge(run).neighbour
        assert row == 8
        assert gradient == run.hand.x[7]
        assert judge(of([1, 2, 4], [1, 2, 5])).neighbour is None

    def test_rows_on_the_line_and_rows_that_get_a_gradient(self):
        same = judge(of(source="the same for all rows"))
        assert (same.on_the_line, same.reached) == (8, 0)
        alone = judge(of(source="one row alone has a gradient"))
        assert (alone.on_the_line, alone.reached) == (0, 8)

    def test_how_many_times_as_long_the_gradient_becomes(self):
        run = of()
        times = np.linalg.norm(run.hand.x) / np.linalg.norm(run.dy)
        assert judge(run).lengthened == pytest.approx(times)
        assert np.isnan(judge(of([1, 2], [0, 0])).lengthened)


class TestBeliefs:
    def test_the_shortcut(self):
        found = judge(of()).shortcut
        assert found.turned == 2
        assert found.hand == pytest.approx(0.25, abs=1e-4)
        assert judge(of([1], [1])).shortcut is None

    def test_other_rows(self):
        assert judge(of()).others == 7
        assert judge(of([1, 2, 3.5], [1e9, 0, 0])).others == 2
        assert judge(of(gamma=0.0)).others == 0

    @pytest.mark.parametrize(
        ("arguments", "changes", "expected"),
        [
            ((), {}, "shrinks"),
            (([7, 7, 7], [1, 2, 4]), {}, "epsilon"),
            (([1e-9, 2e-9, 3e-9], [1, 2, 4]), {}, "epsilon"),  # ε is all there is
            ((), {"source": "the same for all rows"}, "nothing"),
        ],
    )
    def test_stretched_inputs(self, arguments, changes, expected):
        assert judge(of(*arguments, **changes)).stretched.outcome == expected

    def test_epsilon_in_stretched_inputs(self):
        found = judge(of(epsilon=100.0)).stretched
        assert found.epsilon_counts
        assert found.ratio == pytest.approx(0.316, abs=1e-3)
        assert not judge(of()).stretched.epsilon_counts

    @pytest.mark.parametrize("epsilon", [1e-5, 0.01, 0.1, 1.0])
    def test_what_is_called_small_here_is_called_small_there(self, epsilon):
        verdict = judge(of(epsilon=epsilon))
        assert verdict.along.small != verdict.stretched.epsilon_counts

    def test_what_reaches_the_inputs_if_the_same_arrives_in_all_rows(self):
        verdict = judge(of(source="the same for all rows"))
        assert verdict.reaches == "nothing"
        assert verdict.largest < 1e-12
        assert judge(of()).reaches == "different"
        assert judge(of([1, 2], [0, 0])).reaches == "nothing"


class TestMistake:
    def judged(self, *arguments, **changes):
        (verdict,) = judge_mistakes([mistaken(*arguments, **changes)])
        return verdict

    def test_who_has_the_lower_loss(self):
        assert self.judged().outcome == "higher"
        assert self.judged((2, 2), (1, 1)).outcome == "lower"
        assert self.judged((1, 2), (2, 1)).outcome == "mixed"
        assert self.judged((1, 1, 2), (2, 2, 2)).outcome == "higher"

    def test_medians(self):
        verdict = self.judged((1, 3), (2, 4))
        assert verdict.loss == (2, 3)
        assert verdict.accuracy == pytest.approx((0.9, 0.6))
        assert verdict.growth == pytest.approx((1.03, 1.38))

    def test_a_divergence(self):
        verdict = self.judged(diverged=[(NEVER, NEVER), (3, NEVER)])
        assert (verdict.outcome, verdict.diverged) == ("diverged", (0, 1))


class TestWhatThePageClaims:
    def test_every_challenge_has_the_answer_it_expects(self):
        for challenge in words.CHALLENGES:
            found = judge(of(**challenge.setting))
            assert challenge.outcome(found).right == challenge.expected, challenge.name

    def test_a_gradient_at_one_output_reaches_every_input(self):
        alone = of(source="one row alone has a gradient")
        assert (np.abs(alone.hand.x) > 0.05).all()

    def test_the_mistake_costs(self):
        """At the page's own middle setting, over five seeds."""
        run = backward_mistake.run(backward_mistake.mistakes()[1])
        assert run.config.seeds == 5
        (verdict,) = judge_mistakes([run])
        assert verdict.outcome == "higher"
        assert verdict.score.first >= 4
        assert verdict.growth[1] > verdict.growth[0] + 0.1
        assert verdict.accuracy[1] < verdict.accuracy[0]

    @pytest.mark.long
    def test_in_twenty_further_seeds_too(self):
        settings = MistakeConfig(learning_rate=0.32, seeds=10)
        runs = [
            backward_mistake.run(settings.model_copy(update={"first_seed": first}))
            for first in (5, 15)
        ]
        scores = [verdict.score for verdict in judge_mistakes(runs)]
        assert sum(score.seeds for score in scores) == 20
        assert sum(score.first for score in scores) >= 18
        for run in runs:  # as the notes say, it is the weights that grow
            assert (run.growth[1, :, -1] > run.growth[0, :, -1] + 0.1).all()


def test_a_difference_to_autograd_is_seen():
    run = of()
    off = replace(run, autograd=replace(run.autograd, mean=run.autograd.mean + 1))
    assert judge(off).difference == pytest.approx(1)
