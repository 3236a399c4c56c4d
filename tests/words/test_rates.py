"""Learning rates in sentences."""

import pytest

from bnviz.experiments.rates import RatesConfig
from bnviz.experiments.settings import knobs
from bnviz.verdicts.rates import judge
from bnviz.words import rates as words
from bnviz.words.rates.too_large import of_the_rate as of_the_rate_said
from tests.made.rates import ALL_ALIVE, DIES, FAILS, NARROW, NO_LOSS, WIDE, made, usual


def headline(result):
    return words.findings(judge(result)).headline


def said(result):
    found = words.findings(judge(result))
    return " ".join((*found.more, *found.further))


def of_the_rate(result):
    return of_the_rate_said(judge(result))


class TestHeadline:
    """A claim in words with one number, which stands at the arrow of the picture."""

    @pytest.mark.parametrize(
        ("plain", "batch", "expected"),
        [
            (NARROW, WIDE, "BN reaches the target at rates up to 10 times as high as plain."),
            (WIDE, NARROW, "Plain reaches the target at rates up to 10 times as high as BN."),
            (NARROW, NARROW, "Both networks reach the target up to the same learning rate."),
            (FAILS, WIDE, "Only BN reaches the target; plain does at no learning rate."),
            (WIDE, FAILS, "Only plain reaches the target; BN does at no learning rate."),
            (FAILS, FAILS, "Neither network reaches the target at any learning rate."),
        ],
    )
    def test_says_who_and_by_how_much(self, plain, batch, expected):
        assert headline(made(plain, batch, ALL_ALIVE)) == expected
        assert len(expected) <= 70

    def test_a_range_that_the_sweep_cuts_is_at_least_so_high(self):
        to_the_end = (0.1, 0.1, 0.1, 0.95, 0.95, 0.95, 0.95)
        said = headline(made(NARROW, to_the_end, ALL_ALIVE))
        assert said == "BN reaches the target at rates 31 times as high as plain, or more."
        assert len(said) <= 70


class TestReach:
    """At which rates, and in how many seeds."""

    def test_the_largest_rates_and_the_seeds(self):
        assert words.findings(judge(usual())).more[:2] == (
            "The largest rate that reaches the target is 3.2 with BN and 0.32 without.",
            "BN's range of good rates is wider in all 3 seeds.",
        )

    def test_plain_is_wider(self):
        text = said(made(WIDE, NARROW, ALL_ALIVE))
        assert "Plain's range of good rates is wider in all 3 seeds. Here BN does not" in text

    def test_both_are_as_wide(self):
        text = said(made(NARROW, NARROW, ALL_ALIVE))
        assert "Both ranges of good rates are equally wide. Here BN does not help." in text

    def test_as_wide_and_yet_better_is_a_help(self):
        batch = (0.3, 0.6, 0.92, 0.99, 0.5, 0.1, 0.1)
        assert "but it is better at its best." in said(made(NARROW, batch, ALL_ALIVE))

    def test_only_one_of_them_or_neither(self):
        text = said(made(FAILS, WIDE, ALL_ALIVE))
        assert text.startswith(
            "BN reaches 90 % at rates 0.1 to 3.2. Plain's best is 10 %, at any rate."
        )
        text = said(made(WIDE, FAILS, ALL_ALIVE))
        assert text.startswith("Plain reaches 90 % at rates 0.1 to 3.2. BN's best is 10 %")
        text = said(made(NARROW, WIDE, ALL_ALIVE, target=1.0))
        assert text.startswith("Plain's best is 94 %, at rates 0.1 to 0.32. BN's best is 98 %")

    def test_in_decades(self):
        assert (
            "BN reaches the target over 1.5 decades. Plain reaches the target over 0.5 decades. A"
            in said(usual())
        )
        to_the_end = (0.1, 0.1, 0.1, 0.95, 0.95, 0.95, 0.95)
        single = (0.1, 0.1, 0.1, 0.95, 0.1, 0.1, 0.1)
        text = said(made(single, to_the_end, ALL_ALIVE))
        assert "over at least 1.5 decades. Plain reaches the target at a single" in text
        assert "decade" not in said(made(FAILS, WIDE, ALL_ALIVE))
        ten = (0.1, 0.1, 0.95, 0.95, 0.95, 0.1, 0.1)
        assert "over 1 decade. " in said(made(NARROW, ten, ALL_ALIVE))

    def test_a_single_rate(self):
        single = (0.1, 0.1, 0.1, 0.95, 0.1, 0.1, 0.1)
        assert "BN reaches 90 % at rate 0.32 alone." in said(made(FAILS, single, ALL_ALIVE))

    def test_just_below_the_target_is_not_rounded_up_to_it(self):
        text = said(made((0.898,) * 7, WIDE, ALL_ALIVE))
        assert "Plain's best is 89.8 %, at any rate." in text
        assert "and ends at 90 %." in of_the_rate(made(NARROW, (0.9,) * 7))


class TestSentences:
    def test_the_best_rates(self):
        assert (
            "Plain's best is 94 %, at rates 0.1 to 0.32. BN's best is 98 %, at rate 1. Both hold to"
            " within 2 percentage points. The rates that suit BN best are larger than those that"
            " suit plain."
        ) in said(usual())
        assert "The rates that suit BN best are smaller" in said(made(WIDE, NARROW, ALL_ALIVE))
        assert "Some rates suit both." in said(made(WIDE, WIDE, ALL_ALIVE))
        assert "suit both" not in said(made(FAILS, WIDE, ALL_ALIVE))

    def test_best_rates_that_are_no_neighbours(self):
        gap = (0.1, 0.97, 0.9, 0.98, 0.1, 0.1, 0.1)
        assert "BN's best is 98 %, at some rates from 0.032 to 0.32" in said(
            made(NARROW, gap, ALL_ALIVE)
        )

    def test_the_shortest_way(self):
        assert (
            "BN's shortest way to 90 % takes 10 steps, at rates 0.1 to 3.2. Plain's takes 10"
            " steps, at rates 0.1 to 0.32. There BN takes 10 steps."
        ) in said(usual())
        early = (0.95, *FAILS[1:])
        assert "takes 10 steps, at rate 0.01. There BN never reaches it." in said(
            made(early, WIDE, ALL_ALIVE)
        )
        assert "shortest way" not in said(made(FAILS, WIDE, ALL_ALIVE))

    @pytest.mark.parametrize(
        ("at_best", "elsewhere", "words_said"),
        [
            (
                0.95,
                0.98,
                ("neither is clearly more", "BN reaches 95 % and plain 94 %.", "at larger"),
            ),
            (0.99, 0.96, ("BN is more accurate already", "BN reaches 99 % and plain 94 %.")),
            (0.50, 0.98, ("BN is **less** accurate", "plain 94 %. BN's own best is 98 %,")),
            (0.94, 0.93, ("neither is clearly more", "gains less than 2 percentage points")),
        ],
    )
    def test_at_plains_best_rate(self, at_best, elsewhere, words_said):
        plain = (0.3, 0.6, 0.9, 0.94, 0.5, 0.1, 0.1)
        result = made(plain, (0.3, 0.6, 0.9, at_best, elsewhere, 0.1, 0.1), ALL_ALIVE)
        text = words.beliefs(judge(result))[
            "It is the normalization that helps, not the larger rate"
        ]
        assert "At the rate that suits plain best," in text
        for part in words_said:
            assert part in text
            assert part in said(result)

    def test_a_gain_at_a_smaller_rate(self):
        plain = (0.3, 0.6, 0.9, 0.94, 0.5, 0.1, 0.1)
        result = made(plain, (0.3, 0.6, 0.98, 0.94, 0.1, 0.1, 0.1), ALL_ALIVE)
        assert "it gains at smaller rates. BN's own best is 98 %, at rate 0.1." in said(result)

    def test_where_plain_or_both_learn_nothing(self):
        assert "Plain learns much at no rate, so here BN gives more" in said(
            made(FAILS, WIDE, ALL_ALIVE)
        )
        nobody = said(made(FAILS, FAILS, ALL_ALIVE))
        assert "Neither network learns much" in nobody
        assert "small rate" not in nobody

    @pytest.mark.parametrize(
        ("more", "expected"),
        [(0.0, "both do about the same"), (0.1, "BN is better, by 10"), (-0.1, "BN is **worse**")],
    )
    def test_small_rates(self, more, expected):
        plain = (0.3, 0.6, 0.7, 0.94, 0.5, 0.1, 0.1)
        batch = (0.3, 0.6 + more, 0.7 + more, 0.94, 0.98, 0.5, 0.1)
        result = made(plain, batch, ALL_ALIVE)
        found = words.findings(judge(result))
        (text,) = (s for s in (*found.more, *found.further) if s.startswith("At small rates"))
        assert text.startswith("At small rates (0.032 to 0.1) ")
        assert expected in text

    def test_small_rates_that_cancel_are_not_the_same(self):
        plain = (0.3, 0.6, 0.7, 0.94, 0.5, 0.1, 0.1)
        text = said(made(plain, (0.3, 0.7, 0.6, 0.94, 0.98, 0.5, 0.1), ALL_ALIVE))
        assert "At small rates BN is better at 1 of 2, worse at 1." in text

    def test_one_small_rate_alone(self):
        result = made((0.1, 0.1, 0.7, 0.94, 0.5, 0.1, 0.1), (*WIDE[:1], 0.1, *WIDE[2:]), ALL_ALIVE)
        assert "At the small rate 0.1 BN is better, by 22 percentage points." in said(result)

    def test_beyond_the_best(self):
        assert said(usual()).endswith(
            "Plain diverges from rate 3.2 on. At rate 1 its loss stays a number, but it learns"
            " little (50 % at most). BN diverges at no rate. At rate 10 its loss stays a number,"
            " but it does not learn (20 % at most)."
        )
        one, gaps = (0, 0, 0, 0, 0, 0, 1), (0, 0, 0, 0, 1, 0, 1)
        text = said(made(NARROW, WIDE, (one, gaps)))
        assert "Plain diverges at rate 10. " in text
        assert "BN diverges at some rates from 1 to 10" in text
        among, ends = (0, 0, 0, 0, 1, 1, 0), (0.3, 0.6, 0.92, 0.3, 0.1, 0.1, 0.1)
        assert (
            "Plain diverges at rates 1 to 3.2. At some rates from 0.32 to 10 its loss stays"
        ) in said(made(ends, WIDE, (among, NO_LOSS)))
        assert said(made((*WIDE[:6], 0.9), (*WIDE[:6], 0.9), ALL_ALIVE)).endswith(
            "Plain diverges at no rate. BN diverges at no rate."
        )

    def test_of_the_rate(self):
        assert of_the_rate(usual(learning_rate=1.0)) == (
            "**At rate 1:** BN reaches 90 % after 10 steps and ends at 98 %. Plain ends at 50 % and"
            " never reaches 90 %."
        )
        assert "Plain diverged in all 3 seeds, by step 5." in (
            of_the_rate(usual(learning_rate=10.0))
        )
        some = made(NARROW, WIDE, ((0, 0, 0, 1 / 3, 0, 0, 0), NO_LOSS))
        assert "diverged in 1 of 3 seeds" in of_the_rate(some)


class TestMisconceptions:
    def met(self, belief, *arguments, **changes):
        (text,) = (
            t for b, t in words.beliefs(judge(made(*arguments, **changes))).items() if belief in b
        )
        return text

    def test_the_rate_still_matters(self):
        text = self.met("no longer matters", NARROW, WIDE, (NO_LOSS, (0, 0, 0, 0, 0, 0, 1)))
        assert text.startswith("BN reaches 90 % at 4 of 7 rates.")
        assert "ends as low as 30 %. At 1 it diverges." in text
        assert "diverges" not in self.met("no longer matters", NARROW, WIDE, ALL_ALIVE)

    def test_or_it_does_not(self):
        good = (0.91,) * 6 + (0.95,)
        text = self.met("no longer matters", NARROW, good, ALL_ALIVE)
        assert "BN does reach 90 % at all 7 rates" in text
        assert "learns much at no rate" in self.met("no longer matters", NARROW, FAILS, ALL_ALIVE)

    def test_better_worse_and_the_same(self):
        text = self.met("every learning rate", NARROW, WIDE, ALL_ALIVE)
        assert (
            text == "Of 7 rates BN is better at 3, worse at none, and within 2 percentage points of"
            " plain at 4."
        )
        text = self.met("every learning rate", WIDE, NARROW, ALL_ALIVE)
        assert "better at none, worse at 3" in text
        assert text.endswith("It is furthest behind at 3.2: 83 percentage points.")

    def test_a_network_that_guesses_is_no_better_than_one_that_diverged(self):
        plain, batch = (0.3, 0.6, 0.9, 0.9, 0.9, 0.9, 0.1), (0.3, 0.6, 0.9, 0.9, 0.9, 0.1, 0.1)
        text = self.met("every learning rate", plain, batch, (DIES, NO_LOSS))
        assert "better at none, worse at none, and within 2 percentage points of plain at 7" in text

    def test_alive_and_not_training(self):
        text = self.met("does not diverge", NARROW, WIDE, (DIES, NO_LOSS))
        assert text.endswith("Plain has 1 of them (1). BN has 1 of them (10).")
        nobody = self.met("does not diverge", FAILS, WIDE, (DIES, NO_LOSS))
        assert nobody.endswith(
            "Plain has 5 of them, and learns much at no rate. BN has 1 of them (10)."
        )
        fine = (*WIDE[:6], 0.9)
        assert "it is true" in self.met("does not diverge", fine, fine, ALL_ALIVE)


def outcome(name, result):
    (challenge,) = (one for one in words.CHALLENGES if one.name == name)
    told = challenge.outcome(judge(result))
    assert told.right is None or told.right in challenge.answers
    assert told.why.endswith(".")
    return told


class TestChallenges:
    """What a sweep answers, at the borders between two answers."""

    @pytest.mark.parametrize(
        ("plain", "batch", "right"),
        [
            (FAILS, WIDE, "only BN"),
            (WIDE, FAILS, "only plain"),
            (FAILS, FAILS, "neither"),
            (NARROW, WIDE, "both"),
            (WIDE, NARROW, "both"),
        ],
    )
    def test_which_networks_reach_the_target(self, plain, batch, right):
        assert outcome("sigmoid", made(plain, batch, ALL_ALIVE)).right == right

    @pytest.mark.parametrize(
        ("end", "lost", "right"),
        [
            (0.6, 0, "it learned"),
            (0.5, 0, "neither of these"),
            (0.1, 0, "neither of these"),
            (0.1, 1 / 3, "neither of these"),
            (0.1, 2 / 3, "it diverged"),
        ],
    )
    def test_what_has_become_of_bn_at_the_largest_rate(self, end, lost, right):
        told = outcome("edge", made(NARROW, (*WIDE[:6], end), (NO_LOSS, (*NO_LOSS[:6], lost))))
        assert told.right == right
        assert ("little" in told.why) == (end == 0.5)

    @pytest.mark.parametrize("name", ["wide", "batch"])
    @pytest.mark.parametrize(
        ("there", "right"),
        [(0.97, "BN is better"), (0.95, "about the same"), (0.91, "BN is worse")],
    )
    def test_who_is_more_accurate_where_plain_is_best(self, name, there, right):
        plain = (0.3, 0.6, 0.9, 0.94, 0.5, 0.1, 0.1)
        batch = (0.3, 0.6, 0.9, there, 0.5, 0.1, 0.1)
        assert outcome(name, made(plain, batch, ALL_ALIVE)).right == right
        assert outcome(name, made(FAILS, WIDE, ALL_ALIVE)).right is None

    @pytest.mark.parametrize(
        ("more", "right"), [(0.1, "BN"), (0.0, "about the same"), (-0.1, "plain")]
    )
    def test_who_is_more_accurate_at_small_rates(self, more, right):
        plain = (0.3, 0.6, 0.7, 0.94, 0.5, 0.1, 0.1)
        batch = (0.3, 0.6 + more, 0.7 + more, 0.94, 0.98, 0.5, 0.1)
        assert outcome("one-layer", made(plain, batch, ALL_ALIVE)).right == right

    def test_small_rates_that_cancel_or_are_none_cannot_tell(self):
        plain = (0.3, 0.6, 0.7, 0.94, 0.5, 0.1, 0.1)
        mixed = made(plain, (0.3, 0.7, 0.6, 0.94, 0.98, 0.5, 0.1), ALL_ALIVE)
        assert outcome("one-layer", mixed).right is None
        assert outcome("one-layer", made(FAILS, FAILS, ALL_ALIVE)).right is None

    @pytest.mark.parametrize(
        ("plain", "batch", "right"),
        [
            (NARROW, WIDE, "BN"),
            (WIDE, NARROW, "plain"),
            (WIDE, WIDE, "about the same"),
            (FAILS, WIDE, None),
        ],
    )
    def test_who_tolerates_the_larger_rates(self, plain, batch, right):
        assert outcome("adam", made(plain, batch, ALL_ALIVE)).right == right


@pytest.mark.parametrize("challenge", words.CHALLENGES, ids=lambda one: one.name)
def test_challenges_lead_to_another_sweep_of_the_knobs(challenge):
    declared = knobs(RatesConfig)
    assert RatesConfig(**challenge.setting).swept() != RatesConfig().swept()
    for name, value in challenge.setting.items():
        assert value in declared[name].options


def test_no_sentence_has_a_number_that_is_none():
    everywhere = ((1,) * 7,) * 2
    for result in (made(FAILS, FAILS, everywhere), made(FAILS, WIDE, (DIES, DIES)), usual()):
        verdict = judge(result)
        told = [headline(result), said(result), of_the_rate(result)]
        told += [one.outcome(verdict).why for one in words.CHALLENGES]
        for text in [*told, *words.beliefs(verdict).values()]:
            for word in ("nan", "inf", "-1"):
                assert word not in text.lower().replace(",", " ").split(), text
