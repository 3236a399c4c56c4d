"""Learning rates in sentences."""

import pytest

from bnviz.experiments.rates import RatesConfig
from bnviz.experiments.settings import knobs
from bnviz.verdicts.rates import judge
from bnviz.words import rates as words
from bnviz.words.rates_beyond import of_the_rate as of_the_rate_said
from tests.made.rates import ALL_ALIVE, DIES, FAILS, NARROW, NO_LOSS, WIDE, made, usual


def headline(result):
    return words.findings(judge(result)).headline


def said(result):
    return " ".join(words.findings(judge(result)).more)


def last(result):
    return words.findings(judge(result)).more[-1]


def of_the_rate(result):
    return of_the_rate_said(judge(result))


class TestHeadline:
    def headline(self, *arguments, **changes):
        return headline(made(*arguments, **changes))

    def test_bn_is_wider(self):
        assert headline(usual()) == (
            "**BN reaches 90 % over 1.5 decades of learning rates, plain over 0.5 decades**:"
            " rates 0.1 to 3.2 against rates 0.1 to 0.32; BN's range is the wider one in all 3"
            " seeds."
        )

    def test_plain_is_wider(self):
        text = self.headline(WIDE, NARROW, ALL_ALIVE)
        assert text.startswith("**BN reaches 90 % over 0.5 decades of learning rates, plain over")
        assert text.endswith("is the wider one in all 3 seeds. Here BN does not help.")

    def test_both_are_as_wide(self):
        text = self.headline(NARROW, NARROW, ALL_ALIVE)
        assert "over 0.5 decades of learning rates, and so does plain" in text
        assert "does not help" in text

    def test_as_wide_and_yet_better_is_a_help(self):
        batch = (0.3, 0.6, 0.92, 0.99, 0.5, 0.1, 0.1)
        text = self.headline(NARROW, batch, ALL_ALIVE)
        assert text.endswith("does not make more rates good: it is the better one at its best.")

    def test_only_one_of_them(self):
        text = self.headline(FAILS, WIDE, ALL_ALIVE)
        assert text == (
            "**Only BN reaches 90 %**, at rates 0.1 to 3.2: plain's best is 10 %, at any rate."
        )
        text = self.headline(WIDE, FAILS, ALL_ALIVE)
        assert text.startswith("**Only plain reaches 90 %**, at rates 0.1 to 3.2: BN's best")
        assert "does not help" in text

    def test_neither(self):
        text = self.headline(NARROW, WIDE, ALL_ALIVE, target=1.0)
        assert text == (
            "**Neither network reaches 100 % in 20 steps**, at any of 7 rates:"
            " plain's best is 94 %, at rates 0.1 to 0.32, BN's best is 98 %, at rate 1."
        )

    def test_a_window_that_the_sweep_cuts_and_one_of_a_single_rate(self):
        to_the_end = (0.1, 0.1, 0.1, 0.95, 0.95, 0.95, 0.95)
        single = (0.1, 0.1, 0.1, 0.95, 0.1, 0.1, 0.1)
        text = self.headline(single, to_the_end, ALL_ALIVE)
        assert "BN reaches 90 % over at least 1.5 decades" in text
        assert "plain at a single learning rate**" in text
        assert "0 decades" not in text
        assert "against rate 0.32 alone" in text

    def test_just_below_the_target_is_not_rounded_up_to_it(self):
        text = self.headline((0.898,) * 7, WIDE, ALL_ALIVE)
        assert "plain's best is 89.8 %, at any rate." in text
        assert "BN ends at 90 % (90 % after" in of_the_rate(made(NARROW, (0.9,) * 7))

    def test_one_decade(self):
        ten = (0.1, 0.1, 0.95, 0.95, 0.95, 0.1, 0.1)
        assert "1 decade of" in self.headline(NARROW, ten, ALL_ALIVE)


class TestSentences:
    def test_the_best_rates(self):
        assert (
            "to within 2 points: plain's best is 94 %, at rates 0.1 to 0.32; BN's best is 98 %, at"
            " rate 1. What suits BN best is larger than what suits plain."
        ) in said(usual())
        assert "What suits BN best is smaller" in said(made(WIDE, NARROW, ALL_ALIVE))
        assert "Some rates suit both." in said(made(WIDE, WIDE, ALL_ALIVE))
        assert "suit both" not in said(made(FAILS, WIDE, ALL_ALIVE))

    def test_best_rates_that_are_no_neighbours(self):
        gap = (0.1, 0.97, 0.9, 0.98, 0.1, 0.1, 0.1)
        assert "BN's best is 98 %, at 2 of the rates 0.032 to 0.32" in said(
            made(NARROW, gap, ALL_ALIVE)
        )

    def test_the_shortest_way(self):
        assert (
            "The shortest way to 90 %: BN 10 steps at rates 0.1 to 3.2; plain 10 steps at rates"
            " 0.1 to 0.32, where BN takes 10."
        ) in said(usual())
        early = (0.95, *FAILS[1:])
        assert "plain 10 steps at rate 0.01, where BN never gets there." in said(
            made(early, WIDE, ALL_ALIVE)
        )
        assert "The shortest way" not in said(made(FAILS, WIDE, ALL_ALIVE))

    @pytest.mark.parametrize(
        ("at_best", "elsewhere", "words_said"),
        [
            (0.95, 0.98, ("neither is clearly better: BN 95 % at best, plain 94 %.", "at larger")),
            (0.99, 0.96, ("BN is better already: BN 99 % at best, plain 94 %.",)),
            (0.50, 0.98, ("BN is **worse**: BN 50 % at best, plain 94 %. Its own best is 98 %,",)),
            (0.94, 0.93, ("neither is clearly better", "BN gains less than 2 points")),
        ],
    )
    def test_at_plains_best_rate(self, at_best, elsewhere, words_said):
        plain = (0.3, 0.6, 0.9, 0.94, 0.5, 0.1, 0.1)
        result = made(plain, (0.3, 0.6, 0.9, at_best, elsewhere, 0.1, 0.1), ALL_ALIVE)
        text = words.beliefs(judge(result))[
            "It is the normalization that helps, not the larger rate"
        ]
        assert text.startswith("At rate 0.32, which suits plain best,")
        assert text in said(result)
        for part in words_said:
            assert part in text

    def test_a_gain_at_a_smaller_rate(self):
        plain = (0.3, 0.6, 0.9, 0.94, 0.5, 0.1, 0.1)
        result = made(plain, (0.3, 0.6, 0.98, 0.94, 0.1, 0.1, 0.1), ALL_ALIVE)
        assert "it gains at smaller rates. Its own best is 98 %, at rate 0.1." in said(result)

    def test_where_plain_or_both_learn_nothing(self):
        assert "Plain learns much at no rate and BN does" in said(made(FAILS, WIDE, ALL_ALIVE))
        nobody = said(made(FAILS, FAILS, ALL_ALIVE))
        assert "neither of them learns much" in nobody
        assert "small rate" not in nobody

    @pytest.mark.parametrize(
        ("more", "expected"),
        [(0.0, "both do about the same"), (0.1, "BN is better, by 10"), (-0.1, "BN is **worse**")],
    )
    def test_small_rates(self, more, expected):
        plain = (0.3, 0.6, 0.7, 0.94, 0.5, 0.1, 0.1)
        batch = (0.3, 0.6 + more, 0.7 + more, 0.94, 0.98, 0.5, 0.1)
        result = made(plain, batch, ALL_ALIVE)
        (text,) = (s for s in words.findings(judge(result)).more if s.startswith("At small rates"))
        assert text.startswith("At small rates (0.032 to 0.1) ")
        assert expected in text

    def test_small_rates_that_cancel_are_not_the_same(self):
        plain = (0.3, 0.6, 0.7, 0.94, 0.5, 0.1, 0.1)
        text = said(made(plain, (0.3, 0.7, 0.6, 0.94, 0.98, 0.5, 0.1), ALL_ALIVE))
        assert "At small rates (0.032 to 0.1) BN is better at 1 of 2, worse at 1." in text

    def test_one_small_rate_alone(self):
        result = made((0.1, 0.1, 0.7, 0.94, 0.5, 0.1, 0.1), (*WIDE[:1], 0.1, *WIDE[2:]), ALL_ALIVE)
        assert "At the small rate 0.1 BN is better, by 22 points." in said(result)

    def test_beyond_the_best(self):
        text = last(usual())
        assert text == (
            "Plain diverges from rate 3.2 on; at rate 1 its loss stays a number, but it learns"
            " little (50 % at most). BN diverges at no rate; at rate 10 its loss stays a number,"
            " but it does not learn (20 % at most)."
        )
        one, gaps = (0, 0, 0, 0, 0, 0, 1), (0, 0, 0, 0, 1, 0, 1)
        text = last(made(NARROW, WIDE, (one, gaps)))
        assert "Plain diverges at rate 10;" in text
        assert "BN diverges at 2 of the rates 1 to 10" in text
        among, ends = (0, 0, 0, 0, 1, 1, 0), (0.3, 0.6, 0.92, 0.3, 0.1, 0.1, 0.1)
        assert last(made(ends, WIDE, (among, NO_LOSS))).startswith(
            "Plain diverges at rates 1 to 3.2; at 2 of the rates 0.32 to 10 its loss stays a number"
        )
        assert last(made((*WIDE[:6], 0.9), (*WIDE[:6], 0.9), ALL_ALIVE)) == (
            "Plain diverges at no rate. BN diverges at no rate."
        )

    def test_of_the_rate(self):
        assert of_the_rate(usual(learning_rate=1.0)) == (
            "**At rate 1**, BN ends at 98 % (90 % after 10 steps); plain ends at 50 % (never 90 %)."
        )
        assert "plain diverged in all 3 seeds, by step 5." in (
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
        assert text.startswith("BN reaches 90 % at 4 of 7 rates;")
        assert "as low as 30 %, and at 1 more it diverges." in text
        assert "diverges" not in self.met("no longer matters", NARROW, WIDE, ALL_ALIVE)

    def test_or_it_does_not(self):
        good = (0.91,) * 6 + (0.95,)
        text = self.met("no longer matters", NARROW, good, ALL_ALIVE)
        assert "BN does reach 90 % at all 7 rates" in text
        assert "learns much at no rate" in self.met("no longer matters", NARROW, FAILS, ALL_ALIVE)

    def test_better_worse_and_the_same(self):
        text = self.met("every learning rate", NARROW, WIDE, ALL_ALIVE)
        assert (
            text
            == "Of 7 rates BN is better at 3, worse at none, and within 2 points of plain at 4."
        )
        text = self.met("every learning rate", WIDE, NARROW, ALL_ALIVE)
        assert "better at none, worse at 3" in text
        assert text.endswith("It is furthest behind at 3.2: 83 points.")

    def test_a_network_that_guesses_is_no_better_than_one_that_diverged(self):
        plain, batch = (0.3, 0.6, 0.9, 0.9, 0.9, 0.9, 0.1), (0.3, 0.6, 0.9, 0.9, 0.9, 0.1, 0.1)
        text = self.met("every learning rate", plain, batch, (DIES, NO_LOSS))
        assert "better at none, worse at none, and within 2 points of plain at 7" in text

    def test_alive_and_not_training(self):
        text = self.met("does not diverge", NARROW, WIDE, (DIES, NO_LOSS))
        assert text.endswith("Plain at 1 (1); BN at 1 (10).")
        nobody = self.met("does not diverge", FAILS, WIDE, (DIES, NO_LOSS))
        assert nobody.endswith("Plain at 5 (it learns much at no rate); BN at 1 (10).")
        fine = (*WIDE[:6], 0.9)
        assert "it is true" in self.met("does not diverge", fine, fine, ALL_ALIVE)


class TestGuess:
    @pytest.mark.parametrize(
        ("plain", "batch", "right", "why"),
        [
            (
                3,
                5,
                "larger",
                "BN learns up to rate 3.2, plain up to rate 0.32 (median seed). BN's is",
            ),
            (
                5,
                3,
                "smaller",
                "BN's is the smaller one by at least two steps of the sweep in all 3",
            ),
            (3, 4, "about the same", "Neither is the larger one by at least two steps"),
            (None, 4, words.NOBODY, "BN learns up to rate 1, plain at no rate (median seed)."),
        ],
    )
    def test_every_answer_can_be_the_right_one(self, plain, batch, right, why):
        rows = [
            [0.95 if last is not None and place <= last else 0.1 for place in range(7)]
            for last in (plain, batch)
        ]
        option, told = words.guess(judge(made(*rows, ALL_ALIVE)))
        assert option == right
        assert right in words.GUESSES
        assert why in told


class TestPresets:
    def test_offer_what_the_knobs_offer_and_change_something(self):
        declared = knobs(RatesConfig)
        assert any("not help" in label for label in words.PRESETS)
        for values in words.PRESETS.values():
            for name, value in values.items():
                assert value in declared[name].options
            assert RatesConfig(**values).swept() != RatesConfig().swept()


def test_no_sentence_has_a_number_that_is_none():
    everywhere = ((1,) * 7,) * 2
    for result in (made(FAILS, FAILS, everywhere), made(FAILS, WIDE, (DIES, DIES)), usual()):
        verdict = judge(result)
        told = [headline(result), said(result), of_the_rate(result), words.guess(verdict)[1]]
        for text in [*told, *words.beliefs(verdict).values()]:
            for word in ("nan", "inf", "-1"):
                assert word not in text.lower().replace(",", " ").split(), text
