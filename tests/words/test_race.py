"""The race in sentences."""

import pytest

from bnviz.axes import NEVER
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.settings import knobs
from bnviz.verdicts.race import judge, tally
from bnviz.words import race as words
from tests.made.race import NOBODY, made


def said(*arguments, unit="steps", **changes):
    return words.findings(judge(made(*arguments, **changes), unit))


def headline(*arguments, **changes):
    return said(*arguments, **changes).headline


class TestHeadline:
    def test_bn_was_faster(self):
        told = headline((8, 4), (2, 2))
        assert told.startswith("**BN was faster in both seeds.**")
        assert told.endswith("BN reached 90 % after 2 steps, plain after 6 steps (medians).")

    def test_one_step_and_one_seed(self):
        told = headline((4,), (1,), diverged=((NEVER,), (NEVER,)))
        assert told == (
            "**BN was faster in the one seed.** BN reached 90 % after 1 step, plain after 4 steps."
        )

    def test_bn_was_slower(self):
        told = headline((2, 2), (4, 8))
        assert told.startswith("**BN was slower in both seeds**: here it does not help.")

    def test_more_seeds_with_level_medians(self):
        nobody = (NEVER,) * 3
        told = headline((4, 4, 2), (2, 4, 1), diverged=(nobody, nobody), seeds=3)
        assert "level" not in told
        told = headline((4, 4, 8), (4, 2, 4), diverged=(nobody, nobody), seeds=3)
        assert told.startswith("**BN was faster in 2 of 3 seeds.**")
        assert told.endswith("The medians are level: neither is ahead by much.")

    def test_the_medians_say_the_opposite_where_seeds_are_missing(self):
        told = headline((2, NEVER, NEVER), (4, 8, 8), diverged=((NEVER,) * 3,) * 2)
        assert told.startswith("**BN was faster in 2 of 3 seeds.**")
        assert "BN reached 90 % after 8 steps, plain after 2 steps" in told
        assert told.endswith(
            "The medians say the opposite, but leave out the seeds that did not get there."
        )

    def test_level_medians_of_few_arrivals_are_no_tie(self):
        told = headline((2, NEVER, NEVER), (2, 2, 2), diverged=((NEVER,) * 3,) * 2)
        assert told.endswith(
            "The medians are level, but leave out the seeds that did not get there."
        )

    def test_a_draw_by_the_clock(self):
        told = headline((4, 4), (2, 2), seconds=(0.001, 0.0019), unit="seconds")
        assert told.startswith("**A draw**: neither was clearly faster in more than half")

    def test_a_draw_of_one_seed(self):
        told = headline((2,), (2,), diverged=((NEVER,),) * 2)
        assert told.startswith("**A draw**: neither was faster. BN reached 90 % after 2 steps")

    def test_one_of_two_is_a_draw(self):
        told = headline((NEVER, 2), (8, 2))
        assert told.startswith("**A draw**: neither was faster in more than half of the seeds.")
        assert told.endswith("(medians; plain got there in 1 of 2 seeds).")

    def test_only_one_of_them(self):
        told = headline(NOBODY, (2, NEVER))
        assert told.startswith("**Only BN reached 90 %**: after 2 steps, in 1 of 2 seeds.")
        assert "Plain did not, in 8 steps" in told
        assert "does not help" in headline((2, NEVER), NOBODY)

    def test_neither(self):
        told = headline(NOBODY, NOBODY)
        assert told.startswith("**Neither network reached 90 %** in 8 steps")
        assert "plain's best was 45 %, BN's 45 %" in told

    def test_just_below_the_target_is_not_rounded_up_to_it(self):
        result = made(NOBODY, NOBODY)
        result.test_accuracy[1, 0, 2] = 0.898
        told = words.findings(judge(result)).headline
        assert "plain's best was 45 %, BN's 89.8 %" in told

    def test_no_number_at_all(self):
        result = made(NOBODY, NOBODY, ((0, 0), (0, 0)))
        result.test_accuracy[:] = float("nan")
        assert "plain's best was no number at all" in words.findings(judge(result)).headline

    def test_no_layer_with_bn(self):
        findings = said((4, 4), (4, 4), depth=1, normalized_layers="second half")
        expected = '**No race here**: "second half" of 1 hidden layer is no layer'
        assert findings.headline.startswith(expected)
        assert "chance" in findings.more[-1]

    @pytest.mark.parametrize("target", [0.5, 0.95])
    def test_the_target_is_named(self, target):
        assert f"{100 * target:g} %" in headline(target=target)

    def test_in_seconds(self):
        told = headline((4, 4), (2, 2), seconds=(0.001, 0.004), unit="seconds")
        assert told.startswith("**BN was slower in both seeds**")
        assert "after 0.008 seconds, plain after 0.004 seconds" in told
        assert "steps" not in told


class TestMore:
    def test_nobody_diverged(self):
        assert len(said().more) == 1

    def test_at_one_step_and_at_several(self):
        plain, batch, _ = said(diverged=((3, 3), (5, 7))).more
        assert plain.startswith("Plain diverged in both seeds, at step 3:")
        assert batch.startswith("BN diverged in both seeds, at steps 5 to 7:")

    def test_of_one_network_alone(self):
        first, _ = said(diverged=(NOBODY, (NEVER, 1))).more
        assert first.startswith("BN diverged in 1 of 2 seeds, at step 1")

    def test_without_bn_no_network_is_called_by_it(self):
        lost = said(
            (4, 4), (4, 4), diverged=((3, 3),) * 2, depth=1, normalized_layers="second half"
        )
        assert [one.split(" diverged")[0] for one in lost.more[:-1]] == ["Plain"]

    @pytest.mark.parametrize(
        ("seconds", "expected"),
        [
            ((0.001, 0.0015), "one step took 1.5 times as long as without it: counted in seconds,"),
            ((0.001, 0.00103), "one step took about as long as without it"),
            ((0.1, 0.002), "one step took 0.02 times as long as without it"),
            ((0.001, 0.0019), "it is too close to call."),
            ((0.001, 0.003), "counted in seconds, plain reached the target first."),
        ],
    )
    def test_cost(self, seconds, expected):
        cost = said(seconds=seconds).more[-1]
        assert cost.startswith("BN has 1.5 % more parameters, and")
        assert expected in cost

    def test_why_nobody_wins_in_seconds(self):
        few = said(NOBODY, (2, NEVER)).more[-1]
        assert "Neither reached the target in more than half of the seeds" in few
        assert "seconds" not in said(NOBODY, NOBODY).more[-1]

    def test_the_table_has_a_row_for_each_network(self):
        table = words.costs(judge(made(seconds=(0.001, 0.00234))).cost)
        assert next(iter(table.values())) == ["plain", "BN"]
        assert table["one step of one network"] == ["1.00 ms", "2.34 ms"]
        assert table["parameters"] == ["1,000", "1,015"]


class TestGuess:
    @pytest.mark.parametrize(
        ("plain", "batch"), [((8, 8), (2, 2)), ((4, 4), (2, 2)), ((2, 2), (2, 2)), (NOBODY, NOBODY)]
    )
    def test_the_right_answer_is_among_those_offered(self, plain, batch):
        right, why = words.guess(judge(made(plain, batch)))
        assert right in words.GUESSES
        assert why.endswith(".")

    def test_says_what_it_counted(self):
        right, why = words.guess(judge(made((8, 4), (2, 2))))
        assert right == "neither"
        assert "BN's steps counted 2 times, plain is first in none of 2 seeds, BN in 1 of 2" in why
        assert "and neither in 1 of 2 seeds" in why
        assert "neither" not in words.guess(judge(made((8, 8), (2, 2))))[1]

    def test_without_bn(self):
        result = made((8, 8), (2, 2), depth=1, normalized_layers="second half")
        assert words.guess(judge(result)) == (
            "neither",
            "At these settings neither network has BN.",
        )


def test_tally():
    told = words.tally(tally([made((4, NEVER), (2, NEVER)), made((2, 2), (4, NEVER))]), 0.9)
    assert "Of 4 further pairs, BN reached 90 % in fewer steps in **1**, plain in **2**" in told


class TestPresets:
    @pytest.mark.parametrize("preset", words.PRESETS.values(), ids=list(words.PRESETS))
    def test_are_settings_of_the_knobs(self, preset):
        assert RaceConfig(**preset) != RaceConfig()
        for name, value in preset.items():
            assert value in knobs(RaceConfig)[name].options
            assert value != RaceConfig.model_fields[name].default

    def test_are_two_to_four_one_of_them_without_help_from_bn(self):
        assert 2 <= len(words.PRESETS) <= 4
        assert any("not help" in label for label in words.PRESETS)
