"""The paper's experiment in sentences."""

import numpy as np

from bnviz.experiments.paper import ARMS
from bnviz.verdicts.paper import judge
from bnviz.words.rates import paper as words
from tests.made.paper import FAST, LIKE_THE_PAPER, NEVER_THERE, SLOW, made


def findings(results):
    return words.findings(judge(results))


class TestFindings:
    def test_as_in_the_paper(self):
        text = findings([made(LIKE_THE_PAPER, lost=[(1, 0)])])
        assert text.startswith("- From a low rate, 0.1: BN at 5 times that rate reaches")
        assert (
            "in 10 steps, plain in 40. That is 4.0 times fewer. Plain's steps over BN's are 4.0"
            " times in all" in text
        )
        assert "does not get there: it diverges in 1 of 6 seeds." in text
        assert "gets 97.0 % right, one of them alone 95.0 % on average" in text

    def test_unlike_the_paper(self):
        slow = [FAST, FAST, FAST, SLOW, SLOW, SLOW]
        text = findings([made(slow)])
        assert "never reaches plain's best accuracy, 95 %, within 40 steps" in text
        assert "Plain at 5 times the rate gets there too, with as many." in text
        late = [(0.1, 0.2, 0.9, 0.9), SLOW, SLOW, SLOW, SLOW, SLOW]
        assert (
            "plain in 20. That is 2.0 times as many. Plain's steps over BN's are 0.5 times"
            in findings([made(late)])
        )
        gone = made(LIKE_THE_PAPER, ensemble=np.nan)
        assert "no network is left to average" in findings([gone])

    def test_the_base_decides_or_not(self):
        quick = made(LIKE_THE_PAPER)
        as_fast = made(((*FAST[:2], 0.92, 0.92), *LIKE_THE_PAPER[1:]))
        assert "**The base decides**" in findings([quick, as_fast])
        assert "does not make BN look better" in findings([as_fast, quick])
        assert "low base" not in findings([quick])
        both = findings([made([NEVER_THERE] * 6), quick])
        assert "plain does not learn" in both
        assert "base decides" not in both

    def test_each_base_has_its_name(self):
        low, best = judge([made(LIKE_THE_PAPER), made([FAST] * 6)]).bases
        assert words.of_a_base(low).startswith("From a low rate, 0.1:")
        assert words.of_a_base(best).startswith("From a rate that suits plain best, 0.1:")

    def test_nobody_is_left(self):
        gone = made([NEVER_THERE] * 6, lost=[(arm, seed) for arm in range(6) for seed in range(6)])
        gone.ensemble[:] = np.nan
        base = judge([gone]).bases[0]
        for text in (findings([gone]), str(words.table(base))):
            assert "nan" not in text
            assert "inf" not in text
        assert "all diverged" in words.table(base)["averaged prediction"]

    def test_table(self):
        table = words.table(judge([made(LIKE_THE_PAPER)]).bases[0])
        assert table["network"] == [arm.name for arm in ARMS]
        assert table["rate"][-2:] == ["3", "0.5"]
        assert table["steps to plain's best"] == ["40", "never", "20", "10", "10", "never"]
        assert table["paper: million steps"] == ["31", "diverges", "13.3", "2.1", "2.7", "never"]
        assert table["paper: best"][:2] == ["72.2 %", ""]
