"""The surface around a point, in sentences."""

import numpy as np
import pytest

from bnviz.experiments import surface
from bnviz.experiments.surface import PLANES, STATISTICS
from bnviz.verdicts.surface import judge, judge_skips
from bnviz.words.landscape import surface as words
from tests.experiments.test_pair import assert_no_finding_is_empty
from tests.experiments.test_surface import small
from tests.made.surface import BOWL, FEW, HALF, LOW_DOME, X, Y, made, of_seeds
from tests.words.test_landscape import ODD

PATH = {"plane": PLANES[1]}


def findings(result):
    return words.findings(judge(result))


def skips(*results):
    return words.skips(judge_skips(results))


def test_of_bn_nothing_is_said_where_there_is_none():
    without = findings(made(depth=1, normalized_layers="every second"))
    assert any("convex" in one for one in findings(made()))
    assert not any("convex" in one for one in without)


class TestBasin:
    @pytest.mark.parametrize(
        ("plain", "batch", "verdict"),
        [
            (HALF, 1.0, "48 % of plain's square and 100 % of BN's square. BN has the wider basin"),
            (1.0, HALF, "100 % of plain's square and 48 % of BN's square. Plain has the wider"),
            (HALF, HALF, "square. There is hardly a difference in this seed."),
            (
                9.0,
                np.nan,
                "0 % of plain's square and 0 % of BN's square. There is hardly a difference",
            ),
            (
                FEW,
                1.0,
                "98 % of plain's square and 100 % of BN's square. There is hardly a difference",
            ),
        ],
    )
    def test_of_one_seed(self, plain, batch, verdict):
        assert verdict in findings(made(plain, batch))[0]

    def test_of_several_counts_them(self):
        said = findings(of_seeds([(HALF, 1.0), (HALF, 1.0), (1.0, HALF)]))[0]
        assert "(medians of 3 seeds). BN has the wider basin in 2 of 3 seeds." in said

    def test_a_minority_leads_nowhere_but_that_is_not_hardly_a_difference(self):
        said = findings(of_seeds([(HALF, 1.0), (1.0, HALF), (1.0, 1.0)]))[0]
        assert said.endswith(
            ". Plain has the wider basin in 1 of 3 seeds, BN in 1 of 3 seeds: no clear order."
        )
        said = findings(of_seeds([(HALF, 1.0), (1.0, 1.0), (1.0, 1.0)]))[0]
        assert said.endswith(" There is hardly a difference.")

    def test_most_seeds_do_not_lead_against_the_medians(self):
        shares = [(0.9, 1.0), (0.5, 0.6), (0.2, 0.3), (0.9, 0.4), (0.8, 0.1)]
        pairs = [
            [np.where(np.linspace(0, 1, 21) < share, 1.0, 9.0) for share in pair] for pair in shares
        ]
        said = findings(of_seeds(pairs))[0]
        assert (
            "Plain has the wider basin in 2 of 5 seeds, BN in 3 of 5 seeds: no clear order." in said
        )

    def test_which_weights(self):
        assert "Around the weights at step 8," in findings(made())[0]
        said = findings(made(step=(3, 8)))[0]
        assert "the weights at step 3 (plain) and step 8 (BN)" in said

    def test_of_every_seed(self):
        result = of_seeds([(BOWL, BOWL)] * 3)
        result.steps_there[0] = 3, 4, 8
        assert "the weights at steps 3 to 8 (plain) and step 8 (BN)" in findings(result)[0]


class TestHollow:
    def test_in_which_basin(self):
        said = findings(made(BOWL, LOW_DOME))[1]
        assert "in some direction in 0 % of plain's basin and 100 % of BN's basin. BN has" in said
        assert findings(made(9.0, 9.0))[1] == "Neither network has a basin inside its square."
        said = findings(made(9.0, BOWL))[1]
        assert said.endswith("curves downwards in some direction in 0 % of BN's basin.")

    def test_only_basins_of_one_pair_are_compared(self):
        said = findings(of_seeds([(9.0, LOW_DOME), (LOW_DOME, BOWL), (9.0, LOW_DOME)]))[1]
        assert said.endswith(
            "BN's basin. Plain has clearly more of it in the one seed with both basins."
        )
        said = findings(of_seeds([(9.0, LOW_DOME), (LOW_DOME, 9.0)]))[1]
        assert said.endswith("in 100 % of plain's basin and 100 % of BN's basin.")

    def test_an_edge_is_no_ground_that_could_curve(self):
        edge = np.where(X > 0.95, 1.0, 9.0)
        said = findings(made(edge, edge))
        assert "in 5 % of plain's square" in said[0]
        assert said[1] == "Neither network has a basin inside its square."

    def test_a_single_place_does_not_read_as_none(self):
        bump = X**2 + Y**2 + 1
        bump[10, 10] += 0.5
        assert 0 < made(bump).hollow()[0, 0] < 0.03
        assert " 0 %" not in findings(made(bump, bump))[1]


class TestDrawn:
    @pytest.mark.parametrize(
        ("highest", "word"),
        [(7.25, "7.2"), (530.6, "531"), (3e38, "about 10³⁸"), (np.inf, "more than a 32-bit"),
         (np.nan, "more than a 32-bit")],
    )  # fmt: skip
    def test_highest_point(self, highest, word):
        wall = np.where(X > 0.95, highest, 1.0)
        assert f"The highest loss is {word}" in findings(made(wall, 5.0))[2]
        assert "in BN's square." in findings(made(5.0, wall))[2]

    def test_which_seed(self):
        said = findings(of_seeds([(HALF, 1.0), (9.0, 9.0), (HALF, HALF)]))[2]
        assert said.startswith("Drawn is seed 3, a typical one. The highest")

    def test_the_path(self):
        said = findings(made(explained=[[0.7, 0.2], [0.5, 0.25]], **PATH))[3]
        assert said.startswith("The two directions hold 90 % of plain's and 75 % of BN's way")
        assert len(findings(made())) == 5
        said = findings(made(explained=[[0.0, 0.0], [0.5, 0.25]], **PATH))[3]
        assert said.startswith("The two directions hold 75 % of BN's way")
        assert len(findings(made(explained=[[0.0, 0.0]] * 2, **PATH))) == 5

    def test_a_coarser_picture(self):
        assert len(findings(made(grid=5))) == 5  # and 7 are drawn
        result = made(depth=50, width=256, grid=21)
        assert findings(result)[-3] == (
            f"For networks this large the picture has {result.config.side()} points along a side."
        )


class TestWhatIsNotToBeBelieved:
    def test_convex_or_not(self):
        said = findings(of_seeds([(BOWL, LOW_DOME), (BOWL, BOWL)]))[-2]
        assert said.startswith("With BN the loss is not convex")
        assert said.endswith("curves downwards, in 1 of 2 seeds.")
        said = findings(of_seeds([(BOWL, LOW_DOME), (BOWL, 9.0)]))[-2]
        assert said.endswith("curves downwards, in the one seed with a basin.")
        assert "nothing contradicts that BN's basin is convex" in findings(made(LOW_DOME, BOWL))[-2]
        assert "cannot be told" in findings(made(BOWL, 9.0))[-2]

    def test_a_picture_is_not_the_landscape(self):
        assert "2 of 1,234 directions (BN: 1,250)" in findings(made())[-1]


def test_of_what_is_drawn_all_is_told():
    said = words.text(judge(made()))
    assert said.startswith(words.DRAWN)
    for sentence in findings(made()):
        assert f"\n- {sentence}" in said


def test_the_basins_in_one_sentence():
    said = words.wider(judge(of_seeds([(HALF, 1.0)] * 3)))
    assert said == (
        "Of the squares, 48 % (plain) and 100 % (BN) lie clearly below the loss of guessing. BN has"
        " the wider basin in all 3 seeds."
    )


class TestSkips:
    def said(self, off, on):
        return skips(made(*off), made(*on, skip="on"))

    def test_half_of_the_work(self):
        assert skips(made()).startswith("Without skip connections; the other half")

    DOWN, SAME, UP = "They smooth it in the one seed", "They change little", "They roughen it in"

    @pytest.mark.parametrize(
        ("off", "on", "verdicts"),
        [
            ((LOW_DOME, LOW_DOME), (BOWL, BOWL), (DOWN, DOWN)),
            ((LOW_DOME, BOWL), (BOWL, BOWL), (DOWN, SAME)),
            ((BOWL, LOW_DOME), (BOWL, BOWL), (SAME, DOWN)),
            ((BOWL, BOWL), (LOW_DOME, BOWL), (UP, SAME)),
        ],
    )
    def test_verdict(self, off, on, verdicts):
        plain, batch = self.said(off, on).split("With BN")
        assert verdicts[0] in plain
        assert verdicts[1] in batch

    def test_counts_seeds(self):
        off = of_seeds([(BOWL, LOW_DOME)] * 3)
        on = of_seeds([(BOWL, BOWL), (BOWL, BOWL), (BOWL, LOW_DOME)], skip="on")
        said = skips(off, on)
        assert (
            "With BN it is 100 % without skip connections, 0 % with them. They smooth it in 2 of 3"
            in said
        )

    def test_seeds_that_do_not_agree(self):
        off, on = of_seeds([(BOWL, LOW_DOME), (BOWL, BOWL)]), of_seeds([(BOWL, BOWL)] * 2)
        said = skips(off, on)
        assert said.endswith("They smooth it in 1 of 2 seeds and roughen it in none of 2 seeds.")

    def test_no_seed_has_both(self):
        off, on = of_seeds([(BOWL, 9.0), (BOWL, BOWL)]), of_seeds([(BOWL, BOWL), (BOWL, 9.0)])
        assert skips(off, on).endswith("In no seed is there a basin both ways.")

    def test_without_a_basin(self):
        said = self.said((9.0, BOWL), (BOWL, 9.0))
        assert "Plain has a basin only with skip connections, and there it is 0 %" in said
        assert "BN has a basin only without skip connections, and there it is 0 %" in said
        assert (
            "Plain has no basin inside its square, with skip connections or without"
            in self.said((9, 9), (9, 9))
        )


@pytest.mark.parametrize("settings", ODD.values(), ids=list(ODD))
@pytest.mark.parametrize("changes", [{}, PATH | {"statistics": STATISTICS[1], "moment": "middle"}])
def test_no_sentence_is_empty_or_without_a_number(settings, changes):
    result = surface.run(small(**{"seeds": 1, "grid": 5} | settings | changes))
    said = [*findings(result), words.wider(judge(result))]
    assert_no_finding_is_empty([*said, skips(result), skips(result, result)])
    for sentence in said:
        assert len(sentence) < 300
