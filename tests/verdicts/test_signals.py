"""What arrives, judged: what the page claims, over five seeds and more."""

import numpy as np
import pytest

from bnviz.axes import NEVER
from bnviz.experiments import signals
from bnviz.experiments.signals import SignalsConfig
from bnviz.verdicts.signals import GROWS, WIDE_RELU, judge, typical_step
from bnviz.words import signals as words
from tests.made.signals import NOBODY, made


def test_the_typical_step():
    reached = np.array([[4, 9, NEVER], [NEVER, NEVER, 4]])
    assert typical_step(reached[0]) == 9
    assert typical_step(reached[1]) == np.inf


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "learns"),
        ({"learned": ((8, 8), (3, 3))}, "sooner"),
        ({"learned": ((4, 4), (3, 3))}, "not much"),
        ({"learned": ((3, 3), (4, 4))}, "no"),
        ({"learned": (NOBODY, NOBODY), "accuracy": (0.1, 0.5)}, "on its way"),
        ({"learned": (NOBODY, NOBODY), "accuracy": (0.1, 0.1)}, "neither"),
        (
            {"learned": (NOBODY, NOBODY), "accuracy": (0.1, 0.1), "gradient": (1.0, 2.5)},
            "torn",
        ),
    ],
)
def test_help(changes, expected):
    assert judge(made(**changes)).help == expected


@pytest.mark.parametrize(
    ("each", "back"), [(1.2, "grows"), (1.0, "stays"), (0.8, "fades"), (1.06, "grows")]
)
def test_the_way_back(each, back):
    assert judge(made(gradient=(0.5, each))).back == back


def test_what_half_of_the_seeds_do_is_no_rule():
    result = made(gradient=(0.5, 1.2), later=1.05)
    assert judge(result).for_good == "evens out"
    result.gradient[1, 0, 1:] = 1.3 ** np.arange(11.0)[::-1]
    result.gradient[1, 1, 1:] = 0.95 ** np.arange(11.0)[::-1]
    assert judge(result).for_good == "stays"


def test_what_shrinks_as_much_as_it_grew_has_not_evened_out():
    assert judge(made(gradient=(0.5, 1.2), later=0.9)).for_good == "evens out"
    assert judge(made(gradient=(0.5, 1.2), later=0.8)).for_good == "turns"
    assert judge(made(gradient=(0.5, 1.2), later=1e-12)).for_good == "turns"


def learned(result):
    verdict = judge(result)
    return [verdict.plain.learned, verdict.batch.learned]


@pytest.fixture(scope="module")
def at_first():
    return signals.run(SignalsConfig())


def setting(name):
    return next(one.setting for one in words.CHALLENGES if one.name == name)


@pytest.mark.parametrize(
    ("changes", "ends"),
    [
        ({}, ["fades", "through"]),
        ({"signal": (2.0, 0.5)}, ["grows", "fades"]),
        ({"signal": (10**0.099, 10**0.101)}, ["through", "grows"]),
        ({"signal": (10**-0.099, 10**-0.101)}, ["through", "fades"]),
        ({"lost": ((2, NEVER), (2, 2))}, ["diverged", "diverged"]),
    ],
)
def test_what_becomes_of_the_signal_in_the_end(changes, ends):
    assert [one.ends for one in judge(made(**changes)).networks] == ends


def test_the_end_is_the_last_record():
    result = made()
    result.signal[0, :, -1] = 1
    plain = judge(result).plain
    assert (plain.ends, plain.signal.arrival) == ("through", "fades")
    result.signal[0, :, -1] = np.inf
    assert judge(result).plain.ends == "grows"


class TestWhatThePageClaims:
    """At its own settings, over five seeds."""

    def test_the_plain_signal_fades_and_bn_keeps_it(self, at_first):
        assert (at_first.travelled("signal")[0] < 1e-3).all()
        np.testing.assert_allclose(at_first.travelled("signal")[1], 1, atol=0.2)
        np.testing.assert_allclose(at_first.per_layer("signal")[0], 0.5, atol=0.06)

    def test_bns_gradient_grows_by_the_factor_of_wide_relu_layers(self, at_first):
        factors = at_first.per_layer("gradient")[1]
        assert len(factors) == 5
        np.testing.assert_allclose(factors, WIDE_RELU, rtol=0.04)
        assert f"{WIDE_RELU:.2f}" == "1.21"

    def test_training_evens_it_out(self, at_first):
        first, last = (at_first.per_layer("gradient", c)[1] for c in (0, -1))
        assert (last < first).all()
        assert judge(at_first).for_good == "evens out"

    @pytest.mark.long
    def test_in_twenty_further_seeds_too(self):
        """The first claim: plain's signal fades, BN's gets through."""
        verdict = judge(signals.run(SignalsConfig(seeds=20, first_seed=5, steps=1)))
        assert verdict.plain.signal.each.high < 0.6
        assert verdict.batch.signal.each.low > 0.9
        assert verdict.batch.gradient.each.low > GROWS

    def test_only_bn_learns(self, at_first):
        assert learned(at_first) == [0, 5]

    def test_bn_promises_more_than_the_whole_loss_and_plain_hardly_anything(self, at_first):
        assert (at_first.promised[1] < -10).all()
        assert (at_first.delivered[1] > at_first.promised[1] / 10).all()
        assert (np.abs(at_first.promised[0]) < 0.01).all()

    def test_with_hes_weights_both_get_through(self):
        result = signals.run(SignalsConfig(**setting("right"), steps=1))
        assert judge(result).both_through

    def test_twice_as_large_plain_explodes_in_every_seed(self):
        result = signals.run(SignalsConfig(**setting("explode"), steps=10))
        assert (result.travelled("signal")[0] > 1000).all()
        assert (result.diverged_at[0] != NEVER).all()
        assert (result.diverged_at[1] == NEVER).all()

    def test_with_tanh_bn_does_not_help(self):
        result = signals.run(SignalsConfig(**setting("tanh")))
        assert learned(result) == [5, 5]
        assert judge(result).help == "not much"

    def test_over_fifty_layers_bns_gradient_explodes(self):
        result = signals.run(SignalsConfig(**setting("deep")))
        assert (result.travelled("gradient")[1] > 1000).all()
        assert learned(result) == [0, 0]
        assert judge(result).help == "torn"

    def test_skip_connections_keep_it_from_exploding(self):
        result = signals.run(SignalsConfig(**setting("skip"), steps=1))
        assert (result.travelled("gradient")[1] < 100).all()

    def test_bn_alone_is_enough_and_so_are_all_other_remedies_together(self):
        pieces = signals.remedies(SignalsConfig())
        nothing, all_of_them = (signals.run(pieces[place]) for place in (0, -1))
        assert learned(nothing) == [0, 3]
        assert learned(all_of_them) == [3, 3]
