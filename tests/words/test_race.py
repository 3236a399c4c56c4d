"""The race in sentences."""

import pytest

from bnviz.axes import NEVER
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.settings import knobs
from bnviz.verdicts.race import judge, tally
from bnviz.words import race as words
from tests.made.race import NOBODY, made, on_a_plane


def said(*arguments, **changes):
    """Findings of a race made by hand; nobody diverges unless it is said."""
    seeds = len(arguments[0]) if arguments else 2
    never = ((NEVER,) * seeds,) * 2
    diverged = changes.pop("diverged", never)
    return words.findings(judge(made(*arguments, diverged=diverged, **changes)))


def headline(*arguments, **changes):
    return said(*arguments, **changes).headline


class TestHeadline:
    """A claim in words, with one number, which the picture shows."""

    @pytest.mark.parametrize(
        ("plain", "batch", "expected"),
        [
            ((8, 4), (2, 2), "BN reaches the target 4 steps before plain."),
            ((2, 2), (4, 8), "Plain reaches the target 4 steps before BN."),
            ((4,), (1,), "BN reaches the target 3 steps before plain."),
            ((2, 1), (1, 0), "BN reaches the target 1 step before plain."),
            ((4, 4, 8), (4, 2, 4), "BN is first in 2 of 3 seeds, but not by much."),
            ((2, 2, 8), (1, 4, 4), "BN is first in 2 of 3 seeds, but not by much."),
            (
                (NEVER, NEVER, 4),
                (8, 8, 8),
                "BN reaches the target; plain does so in only 1 of 3 seeds.",
            ),
            ((4, 4), (NEVER, 8), "Plain reaches the target; BN does so in only 1 of 2 seeds."),
            (NOBODY, (2, 4), "Only BN reaches the target, after 3 steps."),
            (NOBODY, (2, NEVER), "Only BN reaches the target, and in only 1 of 2 seeds."),
            ((2, 2), NOBODY, "Only plain reaches the target, after 2 steps."),
            ((NEVER, 2), (8, 2), "A draw: neither network is first in most seeds."),
            ((2,), (2,), "A draw: neither network is first."),
            (NOBODY, NOBODY, "Neither network reaches the target in 8 steps."),
        ],
    )
    def test_says_who_and_by_how_much(self, plain, batch, expected):
        assert headline(plain, batch) == expected

    def test_no_layer_with_bn(self):
        findings = said((4, 4), (4, 4), depth=1, normalized_layers="second half")
        assert findings.headline == "No race here: neither network has BN."
        assert findings.more[0].startswith('"second half" of 1 hidden layer is no layer')
        assert "chance" in findings.more[-1]

    def test_stays_in_one_line(self):
        for run in (((8, 4), (2, 2)), ((NEVER, NEVER, 4), (8, 8, 8)), (NOBODY, NOBODY)):
            assert len(headline(*run)) <= 70


class TestInSeeds:
    @pytest.mark.parametrize(
        ("plain", "batch", "expected"),
        [
            ((8, 4), (2, 2), "BN was first in both seeds."),
            ((2, 2, 8), (4, 8, 2), "Plain was first in 2 of 3 seeds. Here BN is not faster."),
            (
                (2, 4),
                (4, 2),
                "BN was first in 1 of 2 seeds, plain in 1 of 2 seeds. Here BN is not faster.",
            ),
            (
                (4, 4),
                (4, 2),
                "BN was first in 1 of 2 seeds, plain in none of 2 seeds. That is too few to call",
            ),
            ((2, 2), (2, 2), "Both were at the target at the same record in both seeds."),
        ],
    )
    def test_who_was_first(self, plain, batch, expected):
        assert said(plain, batch).more[0].startswith(expected)

    def test_after_how_many_steps(self):
        told = said((8, 4), (2, 2)).more[1]
        assert told == "The median seed needed 2 steps with BN and 6 steps without."
        assert said((4,), (2,)).more[1].startswith("The one seed needed")
        assert "are level" in said((4, 4, 8), (4, 2, 4)).more[1]
        assert "These are apart, but neither network is first" in said((8, 4), (8, 2)).more[1]
        assert "say the opposite" in said((2, 2, 8), (1, 4, 4)).more[1]

    def test_who_falls_short(self):
        assert said((NEVER, 4), (2, 2)).more[1] == "Plain reached the target in 1 of 2 seeds."
        told = said((2, 2), NOBODY).more[1]
        assert told == "BN never reached the target: its best accuracy was 45 %."

    def test_just_below_the_target_is_not_rounded_up_to_it(self):
        result = made(NOBODY, NOBODY)
        result.test_accuracy[1, 0, 2] = 0.898
        told = words.findings(judge(result)).more[0]
        assert "the best accuracy of plain was 45 %, BN's 89.8 %" in told

    def test_no_number_at_all(self):
        result = made(NOBODY, NOBODY, ((0, 0), (0, 0)))
        result.test_accuracy[:] = float("nan")
        assert "of plain was no number at all" in words.findings(judge(result)).text


class TestMore:
    def test_nobody_diverged(self):
        assert "diverged" not in said().text

    def test_who_diverged_and_further_down_when(self):
        told = said(diverged=((3, 3), (5, 7)))
        assert told.more[2] == "Plain diverged in both seeds: its loss stopped being a number."
        assert told.further[-2:] == ("Plain diverged at step 3.", "BN diverged at steps 5 to 7.")

    def test_of_one_network_alone(self):
        told = said(diverged=(NOBODY, (NEVER, 1)))
        assert "BN diverged in 1 of 2 seeds: its loss" in told.text
        assert "Plain diverged" not in told.text

    def test_without_bn_no_network_is_called_by_it(self):
        lost = said(
            (4, 4), (4, 4), diverged=((3, 3),) * 2, depth=1, normalized_layers="second half"
        )
        assert "Plain diverged" in lost.text
        assert "BN diverged" not in lost.text

    @pytest.mark.parametrize(
        ("seconds", "expected"),
        [
            ((0.001, 0.0015), "1.5 times as long as one without. Counted in seconds, BN is first."),
            ((0.001, 0.00103), "took about as long as one without. Counted in seconds,"),
            ((0.1, 0.002), "took 0.02 times as long as one without"),
            ((0.001, 0.0019), "Counted in seconds, it is too close to call."),
            ((0.001, 0.003), "Counted in seconds, plain is first."),
        ],
    )
    def test_cost(self, seconds, expected):
        told = said(seconds=seconds)
        assert told.more[-1].startswith("One step with BN took ")
        assert expected in told.more[-1]
        assert told.further == ("BN has 1.5 % more parameters.",)

    def test_why_nobody_wins_in_seconds(self):
        assert "so none is first in seconds" in said(NOBODY, (2, NEVER)).text
        assert "seconds" not in said(NOBODY, NOBODY).text

    def test_the_table_has_a_row_for_each_network(self):
        table = words.costs(judge(made(seconds=(0.001, 0.00234))).cost)
        assert next(iter(table.values())) == ["plain", "BN"]
        assert table["one step of one network"] == ["1.00 ms", "2.34 ms"]
        assert table["parameters"] == ["1,000", "1,015"]


def test_tally():
    told = words.tally(tally([made((4, NEVER), (2, NEVER)), made((2, 2), (4, NEVER))]), 0.9)
    assert "Of 4 further pairs, BN reached 90 % in fewer steps in **1**, plain in **2**" in told


def outcome(name, result):
    (challenge,) = (one for one in words.CHALLENGES if one.name == name)
    told = challenge.outcome(judge(result))
    assert told.right is None or told.right in challenge.answers
    assert told.why.endswith(".")
    return told


class TestChallenges:
    """What a run answers, at the borders between two answers."""

    @pytest.mark.parametrize(
        ("plain", "batch", "right"),
        [
            ((2, 2, NEVER), (8, 8, NEVER), "both"),
            ((2, NEVER, NEVER), (8, 8, NEVER), "only BN"),
            ((2, 2, NEVER), (8, NEVER, NEVER), "only plain"),
            ((2, NEVER), (2, NEVER), "neither"),  # half of the seeds are not most
        ],
    )
    def test_which_networks_reach_the_target_is_told_by_most_seeds(self, plain, batch, right):
        never = ((NEVER,) * len(plain),) * 2
        told = outcome("high", made(plain, batch, never))
        assert told.right == right
        assert "BN reached the target in" in told.why

    @pytest.mark.parametrize("name", ["spirals", "low", "shallow"])
    @pytest.mark.parametrize(
        ("plain", "batch", "right"),
        [
            ((4, 4, 2), (2, 2, 4), "BN"),
            ((2, 2, 4), (4, 4, 2), "plain"),
            ((2, 4, 4), (4, 2, 4), "neither"),
            ((NEVER,) * 3, (2, 2, NEVER), "BN"),
            ((NEVER,) * 3, (2, NEVER, NEVER), "neither"),
            ((2, 2, NEVER), (NEVER,) * 3, "plain"),
            ((NEVER,) * 3, (NEVER,) * 3, "neither"),
        ],
    )
    def test_who_is_first_is_told_by_most_seeds(self, name, plain, batch, right):
        told = outcome(name, made(plain, batch, ((NEVER,) * 3,) * 2))
        assert told.right == right

    def test_what_is_said_of_a_winner_is_said_of_no_other(self):
        slower, faster = (
            outcome("low", made(*ends)).why for ends in (((2, 2), (4, 4)), ((4, 4), (2, 2)))
        )
        assert "not better by itself" in slower
        assert faster == "BN was first in both seeds."

    @pytest.mark.parametrize(
        ("plain", "batch", "right"),
        [((8, 8), (2, 2), "BN"), ((8, 4), (2, 2), "neither"), ((2, 2), (2, 2), "plain")],
    )
    def test_a_step_with_bn_is_counted_twice(self, plain, batch, right):
        assert outcome("dearer", made(plain, batch)).right == right

    @pytest.mark.parametrize("name", ["spirals", "low", "shallow", "dearer", "mistaken"])
    def test_without_bn_or_a_plane_nothing_can_be_told(self, name):
        same = made((8, 8), (2, 2), depth=1, normalized_layers="second half")
        assert outcome(name, same).right is None

    def test_where_plain_is_wrong_names_the_seed_that_is_drawn(self):
        told = outcome("mistaken", on_a_plane(wrong=(0.2, 0.5, 0.3)))
        assert told.right == "half-way out"
        assert told.why.startswith("In seed 1, which is drawn, 50 % of the points there")
        assert outcome("mistaken", on_a_plane(wrong=(0.5, 0.5, 0.3))).right is None
        assert outcome("mistaken", on_a_plane((0.2, 0.5, 0.3), diverged=(3, 3))).right is None


@pytest.mark.parametrize("challenge", words.CHALLENGES, ids=lambda one: one.name)
def test_challenges_lead_to_settings_of_the_knobs(challenge):
    for name, value in challenge.setting.items():
        assert value in knobs(RaceConfig)[name].options
        assert value != RaceConfig.model_fields[name].default
