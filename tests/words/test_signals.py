"""Signals in sentences, each of them both ways."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bnviz.axes import NEVER
from bnviz.experiments import signals
from bnviz.verdicts.signals import judge, judge_remedies, product
from bnviz.words.signals import CHALLENGES, remedies
from bnviz.words.signals import beliefs as signal_beliefs
from bnviz.words.signals import findings as words
from bnviz.words.signals import product as tell
from bnviz.words.signals.product import signed
from tests.made.signals import ALL, NOBODY, made
from tests.samples import tiny


def findings(result):
    said = words.findings(judge(result))
    return [said.headline, *said.more, *said.further]


def beliefs(result):
    return signal_beliefs.beliefs(judge(result))


def outcome(name, result):
    challenge = next(one for one in CHALLENGES if one.name == name)
    said = challenge.outcome(judge(result))
    assert said.right in (*challenge.answers, None)
    return said


def of_product(result):
    return tell.of_product(product(result))


def of_first_step(result):
    return tell.of_first_step(judge(result))


def over_remedies(results):
    return remedies.over_remedies(judge_remedies(results, list(signals.REMEDIES)))


def everything_said(result):
    first_step = of_first_step(result) or "Nothing."
    said = [*findings(result), of_product(result), first_step, *beliefs(result).values()]
    return [*said, over_remedies([result]), *(outcome(one.name, result).why for one in CHALLENGES)]


class TestProduct:
    def test_is_told_for_this_depth_and_rate(self):
        said = of_product(made(depth=16))
        assert "At a learning rate of 0.1, the gradient of the product of 16 factors" in said
        assert "predicts that one step changes the loss by −1.6; it changes by +2.9." in said
        assert "no step can lower it by more" in said
        assert "Above a rate of 0.071" in said

    def test_is_told_for_a_promise_that_is_kept(self):
        said = of_product(made(depth=1, learning_rate=0.01))
        assert "a single factor" in said
        assert "by −0.01; it changes by −0.01." in said
        assert "by more" not in said

    def test_the_networks_first_step_is_told(self):
        said = of_first_step(made())
        assert "plain network, the gradient predicts −1, and the loss changes by −0.5." in said
        assert "with BN, the gradient predicts −2, and the loss changes by +0.25." in said

    def test_of_networks_that_are_left(self):
        result = made()
        result.promised[0] = np.nan
        said = of_first_step(result)
        assert "plain" not in said
        result.promised[1] = np.nan
        assert of_first_step(result) == ""

    def test_of_a_loss_beyond_all_numbers(self):
        said = of_first_step(made(step=((-1e10, np.inf), (-np.inf, np.inf))))
        assert "the gradient predicts −10¹⁰, and the loss grows beyond all numbers." in said
        assert said.endswith("with BN, the gradient is beyond all numbers.")


class TestHeadline:
    """Of the end of the run, as the picture stands at first."""

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({}, "Plain's signal fades on its way. BN's signal gets through."),
            ({"signal": (2.0, 1.0)}, "Plain's signal grows on its way. BN's signal gets through."),
            ({"signal": (1.0, 0.6)}, "Plain's signal gets through. BN's signal fades on its way."),
            ({"signal": (0.9, 1.0)}, "Both signals get through."),
            ({"signal": (0.5, 0.5)}, "Both signals fade on their way."),
            ({"signal": (2.0, 2.0)}, "Both signals grow on their way."),
            ({"lost": ((1, 1), NOBODY)}, "Plain diverged. BN's signal gets through."),
            ({"lost": ((1, 1), (2, 2))}, "Both networks diverged."),
            ({"depth": 1}, "One hidden layer: on so short a way nothing can fade."),
        ],
    )
    def test_says_what_becomes_of_both(self, changes, said):
        assert findings(made(**changes))[0] == said

    def test_is_of_the_end_and_the_next_sentence_of_the_start(self):
        result = made()
        result.signal[0, :, -1] = 1
        said = findings(result)
        assert said[0] == "Both signals get through."
        assert said[1] == (
            "Before training (dotted), plain's signal fades to 1/1,000. BN's signal arrives at"
            " 100 %."
        )

    def test_of_those_that_are_left_where_most_are(self):
        assert "Plain diverged" in findings(made(lost=((1, NEVER), NOBODY)))[0]


class TestSignal:
    """At the start."""

    def test_plain_grows(self):
        assert "plain's signal grows 1,000 times" in findings(made((2.0, 1.0)))[1]

    def test_bn_fades(self):
        assert "BN's signal fades to 0.6 %" in findings(made((1.0, 0.6)))[1]

    def test_nothing_is_left(self):
        result = made()
        result.signal[0, :, :, 4:] = 0
        assert "plain's signal fades to nothing" in findings(result)[1]
        assert any(s.startswith("Plain: from layer 5 on, 32-bit numbers") for s in findings(result))
        assert not any("32-bit" in s for s in findings(made()))

    def test_plain_overflows_at_once(self):
        said = findings(made(lost=((0, 0), NOBODY)))
        assert "plain's signal overflows before it can be measured. BN's signal arrives" in said[1]
        assert "plain's gradient overflows" in said[2]

    def test_one_layer(self):
        said = findings(made(depth=1))
        assert not any("the way back" in s or "not the gradient" in s for s in said)
        assert not any("each layer" in s for s in said)


class TestInThePicture:
    def test_what_arrives_at_each_record(self):
        result = made(later=1.0)
        verdict = judge(result)
        assert words.arrivals(verdict, "gradient")[1] == (
            "6.2 times as large",
            *["100 % arrives"] * 4,
        )
        assert words.arrivals(verdict, "signal")[0] == ("1/1,000 arrives",) * 5

    def test_of_who_has_diverged_nothing(self):
        said = words.arrivals(judge(made(lost=((2, 2), NOBODY))), "signal")
        assert said[0] == ("1/1,000 arrives", "1/1,000 arrives", "", "", "")

    def test_beyond_all_numbers(self):
        result = made()
        result.signal[0, :, 1, -1] = np.inf
        assert words.arrivals(judge(result), "signal")[0][1] == "beyond all numbers"


class TestGradient:
    def test_both_directions(self):
        said = findings(made(gradient=(0.5, 1.25)))
        assert (
            "first layer, plain's gradient fades to 1/1,000. BN's gradient grows 9.3 times."
            in said[2]
        )
        each = "Before training, each layer of {} passes the gradient on {} times as large."
        assert each.format("plain", "0.50") in said
        assert each.format("BN", "1.25") in said
        said = findings(made(gradient=(2.0, 1.0)))[2]
        assert "plain's gradient grows 1,000 times. BN's gradient arrives at 100 %." in said

    def test_the_range_over_the_seeds(self):
        result = made()
        result.gradient[1, 1, 0] = 1.3 ** np.arange(11.0)[::-1]
        assert any(
            "1.25 times as large (1.20 to 1.30 over the seeds)." in s for s in findings(result)
        )

    def test_bn_fixes_the_signal_and_not_the_gradient(self):
        def told(**k):
            return [s for s in findings(made(**k)) if "not the gradient" in s]

        (said,) = told(gradient=(0.5, 1.2))
        assert "which grows 1.20 times at every layer" in said
        assert "(theory for wide ReLU layers: 1.21)" in said
        assert f"Over 50 layers that would make {words.rounded(1.2**49)} times." in said
        assert "would" not in told(gradient=(0.5, 1.2), depth=50)[0]  # here they are 50
        assert "would" not in told(gradient=(0.5, 2.2), depth=3)[0]  # two factors are no law
        assert "theory" not in told(activation="tanh")[0]
        assert not told(gradient=(0.5, 1.0))
        assert not told(signal=(0.5, 0.5))  # BN does not even fix the signal
        assert not told(skip="on")  # it grows otherwise there


def trained(**k):
    """All that is said, in one."""
    return " ".join(findings(made(**k)))


class TestTraining:
    def test_bn_learns(self):
        said = findings(made())
        assert "Plain learned in none of 2 seeds, BN in both seeds." in said
        assert "Plain ends at 10 % test accuracy." in said
        assert "BN ends at 80 % test accuracy." in said
        assert "not help" not in " ".join(said)

    def test_both_learn(self):
        said = trained(signal=(0.9, 1.0), learned=((4, 4), (3, 3)))
        assert "**Here BN does not help much.**" in said
        assert "after 4 steps without BN and after 3 steps with it. The plain signal gets" in said
        assert "by itself" not in trained(signal=(0.5, 1.0), learned=((4, 4), (3, 3)))

    def test_both_learn_and_bn_sooner(self):
        said = trained(learned=((8, 8), (3, 3)))
        assert "BN learns sooner. The typical seed learns after 8 steps" in said
        assert "not help" not in said

    def test_plain_alone_learns(self):
        said = trained(learned=(ALL, NOBODY))
        assert "**Here BN does not help.**" in said
        assert "steps without BN, and not at all with it" in said

    def test_a_few_plain_seeds_learn(self):
        said = trained(learned=((3, NEVER, NEVER), (NEVER,) * 3))
        assert "the typical seed learns neither without it nor with it." in said

    def test_both_learn_and_bn_is_the_slower_one(self):
        assert "**Here BN does not help.** The typical" in trained(learned=((3, 3), (4, 4)))

    def test_neither_and_bn_is_on_its_way(self):
        said = trained(learned=(NOBODY, NOBODY), accuracy=(0.1, 0.5))
        assert "BN is on its way: it has 50 % test accuracy" in said
        lost = {"learned": (NOBODY, NOBODY), "lost": ((1, 1), NOBODY)}
        assert "BN is on its way" in trained(**lost, accuracy=(0.1, 0.5))
        assert "BN is on its way" not in trained(**lost, accuracy=(0.1, 0.15))

    def test_neither_because_the_gradient_explodes(self):
        lost = {"learned": (NOBODY, NOBODY), "accuracy": (0.1, 0.1)}
        said = trained(gradient=(1.0, 2.5), **lost)
        assert "does not help either**: its gradient is 10,000 times" in said
        said = trained(gradient=(1.0, 1.2), **lost)
        assert f"neither of them learns in {made().config.steps} steps" in said

    def test_the_accuracy_is_that_of_the_seeds_left(self):
        lost = {"learned": ((NEVER,) * 3, (3,) * 3), "lost": ((1, 1, NEVER), (NEVER,) * 3)}
        said = trained(**lost, accuracy=(0.5, 0.8))
        assert "Plain ends at 50 % test accuracy, where it did not diverge. BN ends at 80 %" in said

    def test_few_survivors_are_not_on_their_way(self):
        lost = {"learned": ((NEVER,) * 3,) * 2, "lost": ((NEVER,) * 3, (1, 1, NEVER))}
        assert "BN is on its way" not in trained(**lost, accuracy=(0.1, 0.5))

    def test_without_an_accuracy(self):
        said = trained(learned=(NOBODY, NOBODY), lost=((1, 1), (1, 1)))
        assert "accuracy" not in said
        assert "neither of them learns" in said

    def test_where_bn_does_not_help_stands_before_who_learned(self):
        said = findings(made(learned=((3, 3), (4, 4))))
        assert "not help" in said[3]
        assert said[4].startswith("Plain learned in")

    def test_divergences(self):
        said = findings(made(lost=((1, 4), (NEVER, 2))))
        assert "Plain diverged in both seeds, at steps 1 to 4." in said
        assert "BN diverged in 1 of 2 seeds, at step 2." in said
        assert not any("diverged" in s for s in findings(made()))

    def test_a_batch_of_one(self):
        assert "passes on β alone" in findings(made(batch_size=1))[-1]
        assert "β" not in findings(made())[-1]


class TestNumbers:
    @pytest.mark.parametrize(
        ("ratio", "said"),
        [(0.45, "45 %"), (0.0038, "0.38 %"), (1 / 61234, "1/60,000"), (3e-13, "about 10⁻¹³"),
         (0, "nothing"), (1.0, "100 %")],
    )  # fmt: skip
    def test_share(self, ratio, said):
        assert words.share(ratio) == said

    @pytest.mark.parametrize(
        ("ratio", "said"),
        [(4.79, "4.8"), (21.3, "21"), (16555, "17,000"), (3e12, "10¹²"),
         (np.inf, "infinitely many")],
    )  # fmt: skip
    def test_rounded(self, ratio, said):
        assert words.rounded(ratio) == said

    @pytest.mark.parametrize(
        ("change", "said"),
        [(-1.6, "−1.6"), (2.87, "+2.9"), (6693, "+6,700"), (-1e11, "−10¹¹"), (0, "next to nothing"),
         (np.inf, "beyond all numbers")],
    )  # fmt: skip
    def test_signed(self, change, said):
        assert signed(change) == said

    @given(st.floats(0, 1e300))
    def test_always_say_something(self, ratio):
        for said in (words.share(ratio), words.rounded(ratio + 2), signed(ratio)):
            assert said
            assert "nan" not in said
            assert "e+" not in said


class TestRemedies:
    def test_count_where_most_seeds_learn(self):
        both, one, none = (ALL, ALL), (NOBODY, ALL), (NOBODY, NOBODY)
        results = [made(learned=x) for x in (one, one, none, both)]
        said = over_remedies(results)
        assert "Without BN most seeds learn with “ReLU”;" in said
        assert "with BN, with “nothing”, “a tenth of the rate” and “ReLU”." in said
        assert "With BN and nothing else, the typical seed learns after 3 steps." in said

    def test_none_and_all(self):
        said = over_remedies([made(learned=(NOBODY, ALL))] * 3)
        assert "with none of them; with BN, with all 3" in said
        said = over_remedies([made(learned=(NOBODY, NOBODY))])
        assert said == "Without BN most seeds learn with none so far; with BN, with none so far."
        said = over_remedies([made(learned=(NOBODY, ALL))])
        assert said.startswith("Without BN most seeds learn with none so far; with BN, with “noth")


class TestOddRuns:
    @pytest.mark.parametrize(
        "changes",
        [{"depth": 1}, {"steps": 1}, {"seeds": 1}, {"batch_size": 1}, {"dataset": "moons"},
         {"depth": 6, "gain": 1e4, "learning_rate": 1e3}, {"gain": 1e-4, "depth": 8},
         {"depth": 50, "gain": 10.0}, {"skip": "on", "depth": 5}, {"activation": "sigmoid"}],
        ids=str,
    )  # fmt: skip
    def test_says_no_nonsense_of_odd_runs(self, changes):
        for said in everything_said(signals.run(tiny("signals", **changes))):
            assert said
            assert "nan" not in said.lower().split()
            assert " inf" not in said
            assert "—" not in said
