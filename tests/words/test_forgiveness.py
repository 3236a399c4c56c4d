"""The map of what trains, in sentences."""

import numpy as np
import pytest

from bnviz.experiments.forgiveness import ROWS, ForgivenessConfig, assemble, pieces, run_piece
from bnviz.verdicts import forgiveness as verdicts
from bnviz.words import forgiveness as words
from bnviz.words.forgiveness import beliefs as forgiveness_beliefs
from tests.made.forgiveness import BAD, GOOD, HALF, made
from tests.samples import tiny


def findings(result):
    said = words.findings(verdicts.judge(result))
    return [said.headline, *said.more, *said.further]


def beliefs(result):
    return forgiveness_beliefs.beliefs(verdicts.judge(result))


def of_windows(result):
    return words.of_windows(verdicts.judge(result))


def of_cell(result, config):
    return words.of_cell(verdicts.cell(result, config.marked))


def said(*arguments, **changes):
    return " ".join(findings(made(*arguments, **changes)))


class TestTheMarkedCell:
    def test_says_how_both_fare_there(self):
        of = made([[0.5, 0.91]], [[0.5, 0.97]])
        marked = ForgivenessConfig(learning_rate=100.0, gain=0.01)
        said = of_cell(of, marked)
        assert "learning rate 100, initial gain 0.01" in said
        assert "Plain: 91 %." in said
        assert "BN: 97 %." in said
        of.diverged_at[0, 0, 0, 20] = 3
        assert "(1 of 2 diverged)" in of_cell(of, marked)

    def test_says_when_it_is_not_trained(self):
        of = made([[0.5, np.nan]], [[0.5, np.nan]])
        marked = ForgivenessConfig(learning_rate=100.0, gain=0.01)
        assert "Not trained yet" in of_cell(of, marked)


class TestTheSentences:
    @pytest.mark.parametrize(
        ("plain", "batch", "head"),
        [
            (BAD, GOOD, "With BN some settings train, without it none."),
            (BAD, BAD, "No setting trains within 10 steps, with BN or without."),
            (HALF, GOOD, "With BN, 1.9 times as many settings train as without it."),
            (GOOD, HALF, "Here BN does not help: more settings train without it."),
            (GOOD, GOOD, "Here BN does not help: about as many settings train without it."),
            (HALF, [[0.9, 0.9, 0.2]], "BN helps little here: 1.3 times as many settings train as"),
        ],
    )
    def test_the_headline(self, plain, batch, head):
        assert findings(made(plain, batch))[0].startswith(head)

    def test_what_trains_and_what_that_means(self):
        found = findings(made(HALF, GOOD))
        assert found[1] == "A setting trains if most of its seeds reach 80 % test accuracy."
        assert found[4] == "With BN 210 of 210 settings train, without it 110."
        alone = findings(made(HALF, GOOD, seeds=1))
        assert alone[1] == "A setting trains if it reaches 80 % test accuracy."

    def test_one_setting_is_not_rounded_to_none(self):
        of = made(BAD, BAD)
        of.accuracy[1, :, -1, 0, 0] = 0.9
        assert "With BN 1 of 210 settings train, without it none." in findings(of)
        of.accuracy[0, :, -1, 0, 1] = 0.9
        assert (
            "BN is clearly ahead in 1 cell, plain in 1. Clearly means by more than 5"
            in " ".join(findings(of))
        )

    def test_the_headline_says_while_the_map_grows(self):
        assert "So far" in findings(made([[0.9, np.nan]], [[0.9, np.nan]]))[0]
        assert "So far" not in findings(made(GOOD, GOOD))[0]

    def test_guessing_between_two_classes_is_not_training(self):
        text = said([[0.5]], [[0.8]], dataset="moons", target=0.5)
        assert "With BN 210 of 210 settings train, without it none." in text
        assert " 75 % test accuracy" in text

    def test_where_bn_is_ahead(self):
        text = said([[0.2, 0.9]], [[0.95, 0.92]])
        assert (
            "BN is clearly ahead in 110 cells, plain in none. Clearly means by more than 5"
            " percentage points, and well above guessing." in text
        )
        assert (
            "most at learning rate 0.001, initial gain 0.01. There BN reaches 95 %, plain 20 %."
            in text
        )
        assert "Neither network is clearly ahead in any cell." in said(GOOD, GOOD)

    def test_of_two_guesses_none_is_ahead(self):
        text = said([[0.45]], [[0.6]], dataset="moons")
        assert "Neither network is clearly ahead in any cell." in text
        assert "ahead the most" not in text
        assert "BN is clearly ahead in 210 cells" in said([[0.45]], [[0.66]], dataset="moons")

    def test_where_plain_is_ahead(self):
        text = said([[0.2], [0.9]], [[0.2], [0.3]])
        assert "Plain is clearly ahead in 105 cells, BN in none. Clearly means" in text
        assert "initial gain 1. There BN reaches 30 %, plain 90 %." in text
        assert "larger learning rate" not in text  # at gain 1 that is not the reason

    def test_what_trains_without_bn_and_with_it(self):
        text = said(GOOD, HALF)
        assert "Of the 210 settings that train without BN, 110 train with it, too." in text
        assert "No setting trains without BN." in said(BAD, GOOD)
        assert "All 210 settings that train without BN train with it, too." in said(GOOD, GOOD)
        assert "None of the 210 settings that train without BN trains with it." in said(GOOD, BAD)

    @pytest.mark.parametrize(
        ("plain", "sentence"),
        [
            ((0,), "The one setting that trains without BN trains with it, too."),
            ((1,), "The one setting that trains without BN does not train with it."),
            ((1, 2), "Neither of the 2 settings that train without BN trains with it."),
            ((0, 1), "Of the 2 settings that train without BN, one trains with it, too."),
        ],
    )
    def test_one_setting_that_trains(self, plain, sentence):
        of = made(BAD, BAD)
        of.accuracy[1, :, -1, 0, 0] = 0.9
        for column in plain:
            of.accuracy[0, :, -1, 0, column] = 0.9
        assert sentence in findings(of)
        of.accuracy[1, :, -1, 0, :2] = 0.9
        if plain == (0, 1):
            assert "Both settings that train without BN train with it, too." in findings(of)

    def test_hardly_more_is_not_1_0_times_as_many(self):
        of = made(GOOD, GOOD)
        of.accuracy[0, :, -1, 0, :5] = 0.2
        assert findings(of)[0] == (
            "BN helps little here: hardly more settings train with it than without."
        )

    def test_why_with_large_weights(self):
        rows = [[0.2, 0.2]] * 9
        better_beyond, better_before = [*rows, [0.3, 0.8]], [*rows, [0.8, 0.3]]
        assert "larger learning rate" in said([*rows, [0.9, 0.9]], better_beyond)
        assert "larger learning rate" not in said([*rows, [0.9, 0.9]], better_before)
        assert "larger learning rate" not in said(
            [*rows, [0.9, 0.9]], better_beyond, against="batch size"
        )

    def test_where_neither_trains(self):
        text = said(HALF, HALF)
        assert "In 100 cells neither trains. Above a learning rate of 0.32 nothing does." in text
        assert "Above" not in said(GOOD, BAD)
        assert "In 210 cells neither trains." in said(BAD, BAD)

    def test_who_diverged(self):
        assert "3 of 420 plain networks, none of 420 with BN" in said(GOOD, GOOD, lost=3)
        assert "Diverged" not in said(GOOD, GOOD)

    def test_what_it_cost(self):
        text = said(GOOD, GOOD)
        assert "Each map is 420 networks of width 8. Trained for 10 steps," in text
        assert "both maps together took 1.2 s here." in text

    def test_names_of_the_rows(self):
        assert "1 hidden layer." in said(BAD, GOOD, against="depth")
        assert "batch size 1." in said(BAD, GOOD, against="batch size")


class TestWindows:
    def test_counts_rates_row_by_row(self):
        of = made([[0.9, 0.2], [0.2, 0.2]], GOOD)
        np.testing.assert_array_equal(verdicts.windows(of)[0, -1], [11] * 5 + [0] * 5)
        assert (verdicts.windows(of)[1, -1] == 21).all()
        text = of_windows(of)
        assert (
            "Plain trains in 5 of 10 rows, at up to 11 of 21 rates (for example initial gain"
            in text
        )
        assert "BN trains in 10 of 10 rows" in text
        of.accuracy[0, :, -1, 2, 11] = 0.9
        assert "at up to 12 of 21 rates (initial gain 0.1)" in of_windows(of)

    def test_nothing_trains(self):
        assert "Plain trains at none of 10 rows" in of_windows(made(BAD, GOOD))


def believed(belief, *arguments, **changes):
    met = beliefs(made(*arguments, **changes))
    (answer,) = (text for key, text in met.items() if belief in key)
    return answer


class TestMisconceptions:
    def test_the_initialization(self):
        matters = believed("initialization", BAD, [[0.9], [0.5]])
        assert "BN reaches 90 % with gain 0.01 and 50 % with gain 1." in matters
        assert "hardly does" in believed("initialization", BAD, [[0.9], [0.86]])
        assert "cannot tell" in believed("initialization", BAD, [[0.9], [0.5]], against="depth")
        guesses = believed("initialization", BAD, [[0.6], [0.4]], dataset="moons")
        assert guesses.endswith("BN learns nothing anywhere, whatever the gain.")
        learned = believed("initialization", BAD, [[0.64, 0.9], [0.3, 0.8]], dataset="moons")
        assert "BN reaches 90 % with gain 0.01 and 80 % with gain 1." in learned

    def test_any_rate(self):
        text = believed("any learning rate", BAD, HALF)
        assert "At 10 of 21 rates it trains in no row at all; above 0.32 at none." in text
        assert "above" not in believed("any learning rate", BAD, [[0.2, 0.9]])
        assert "at each of the rates" in believed("any learning rate", BAD, GOOD)
        assert "at none" in believed("any learning rate", GOOD, BAD)

    def test_the_rate_alone(self):
        text = believed("badly chosen", [[0.2], [0.9]], GOOD)
        assert "In 5 of the 10 rows where BN trains, plain trains at no" in text
        every = believed("badly chosen", BAD, GOOD)
        assert every.startswith("In all 10 rows where BN trains, plain trains at no")
        assert "initial gain 0.01" in text
        assert "could be" in believed("badly chosen", HALF, GOOD)
        assert "cannot tell" in believed("badly chosen", GOOD, BAD)

    def test_the_one_row(self):
        of = made(BAD, BAD)
        of.accuracy[1, :, -1, 0] = 0.9
        one = beliefs(of)["All that BN mends is a badly chosen learning rate"]
        assert one == (
            "In the one row where BN trains, with initial gain 0.01, plain trains at no learning"
            " rate at all."
        )
        of.accuracy[1, :, -1, 1] = 0.9
        both = beliefs(of)["All that BN mends is a badly chosen learning rate"]
        assert both.startswith("In both rows where BN trains, plain trains at no learning rate")
        of.accuracy[:, :, -1, 1] = 0.9
        other = beliefs(of)["All that BN mends is a badly chosen learning rate"]
        assert other.startswith("In one of the 2 rows where BN trains, with initial gain 0.01,")

    def test_only_helps(self):
        assert "In 105 cells plain is clearly ahead" in believed("only help", [[0.2], [0.9]], BAD)
        assert "nowhere clearly ahead" in believed("only help", BAD, GOOD)


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("against", ROWS)
@pytest.mark.parametrize(
    "changes", [{"steps": 1, "seeds": 1}, {"dataset": "moons", "activation": "identity"}]
)
def test_every_sentence_holds_up_while_the_map_grows(parts, against, changes, small_map):
    config = tiny("forgiveness", against=against, **changes)
    some = [run_piece(piece) for piece in pieces(config)[:parts]]
    of = assemble(config, some)
    texts = [
        *findings(of),
        *beliefs(of).values(),
        of_windows(of),
        of_cell(of, config),
        *(one.outcome(verdicts.judge(of)).why for one in words.CHALLENGES),
    ]
    assert all(texts)
    assert not {"nan", "inf", "None"} & set(" ".join(texts).replace(",", " ").split())
