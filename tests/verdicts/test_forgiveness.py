"""The map of what trains, judged: what the page claims, over five seeds and more."""

from dataclasses import replace

import pytest

from bnviz.axes import TREATMENTS
from bnviz.experiments import forgiveness
from bnviz.experiments.forgiveness import ForgivenessConfig
from bnviz.experiments.pair import train_pair
from bnviz.verdicts.forgiveness import judge
from bnviz.words import forgiveness as words
from tests.made.forgiveness import BAD, GOOD, HALF, made


@pytest.mark.parametrize(
    ("plain", "batch", "outcome"),
    [
        (BAD, GOOD, "BN"),
        (BAD, BAD, "nothing trains"),
        (GOOD, HALF, "no help"),
        (GOOD, GOOD, "same"),
        (HALF, [[0.9, 0.9, 0.2]], "BN a little"),
    ],
)
def test_outcome(plain, batch, outcome):
    assert judge(made(plain, batch)).outcome == outcome


@pytest.mark.parametrize(
    ("more", "outcome"),
    [(-3, "no help"), (-2, "same"), (0, "same"), (2, "same"), (3, "BN a little")],
)
def test_a_cell_or_two_of_210_are_no_difference(more, outcome):
    of = made(HALF, HALF)
    row = of.accuracy[int(more > 0), :, -1, 0]
    row[:, 18 : 18 + abs(more)] = 0.9  # beyond the half that trains
    assert judge(of).outcome == outcome


def test_every_cell_is_counted_once():
    verdict = judge(made(HALF, [[0.2, 0.9]]))
    counted = verdict.both + verdict.only_plain + verdict.only_batch + verdict.neither
    assert counted == verdict.cells == 210


def test_a_cause_is_named_only_where_the_map_bears_it_out():
    rows = [[0.2, 0.2]] * 9
    assert judge(made([*rows, [0.9, 0.9]], [*rows, [0.3, 0.8]])).turned_less
    assert not judge(made([*rows, [0.9, 0.9]], [*rows, [0.8, 0.3]])).turned_less


@pytest.fixture(scope="module")
def at_the_default():
    """The default map over five seeds, of a few rates and gains."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forgiveness, "RATES", (0.0032, 0.1, 1.0, 18.0))
        patch.setattr(forgiveness, "ROWS", {"initial gain": ("gain", (0.1, 1.0, 3.0))})
        yield forgiveness.run(ForgivenessConfig(seeds=5))


def of_seed(of, seed):
    return replace(
        of,
        config=of.config.model_copy(update={"seeds": 1}),
        accuracy=of.accuracy[:, [seed]],
        diverged_at=of.diverged_at[:, [seed]],
    )


class TestAtTheDefault:
    @pytest.mark.parametrize("seed", range(5))
    def test_bn_is_the_more_forgiving_one(self, at_the_default, seed):
        of = of_seed(at_the_default, seed)
        plain, batch = of.trains()[:, -1].sum(axis=(1, 2))
        assert batch > 2 * plain

    @pytest.mark.parametrize("seed", range(5))
    def test_no_rate_mends_small_weights_without_bn(self, at_the_default, seed):
        of = of_seed(at_the_default, seed)
        plain, batch = of.trains()[:, -1, 0].any(axis=-1)
        assert batch
        assert not plain

    @pytest.mark.parametrize("seed", range(5))
    def test_large_weights_and_small_steps_are_better_without(self, at_the_default, seed):
        plain, batch = at_the_default.accuracy[:, seed, -1, 2, 0]
        assert plain > batch + 0.15

    @pytest.mark.parametrize("seed", range(5))
    def test_the_gain_matters_with_bn(self, at_the_default, seed):
        reached = at_the_default.accuracy[1, seed, -1]
        assert (reached.max(axis=0) - reached.min(axis=0)).max() > 0.3

    @pytest.mark.parametrize("seed", range(5))
    def test_nothing_trains_with_bn_at_the_largest_rates(self, at_the_default, seed):
        assert not of_seed(at_the_default, seed).trains()[1, -1, :, -1].any()


def setting(name):
    (challenge,) = (one for one in words.CHALLENGES if one.name == name)
    return challenge.setting


def test_large_weights_and_a_small_rate_where_bn_does_not_help():
    config = ForgivenessConfig(gain=3.0, learning_rate=0.0032, seeds=5)
    histories = train_pair(config, tuple(range(1, config.depth + 1)), record_at=[config.steps])
    plain, batch = (histories[name].test_accuracies[:, -1] for name in TREATMENTS)
    assert (plain > batch + 0.2).all()


def test_the_challenge_of_sigmoid_units(monkeypatch):
    monkeypatch.setattr(forgiveness, "RATES", (0.1, 0.32, 1.0, 3.2))
    monkeypatch.setattr(forgiveness, "ROWS", {"initial gain": ("gain", (0.5, 1.0))})
    of = forgiveness.run(ForgivenessConfig(**setting("sigmoid") | {"seeds": 5}))
    for seed in range(5):
        plain, batch = of_seed(of, seed).trains()[:, -1].sum(axis=(1, 2))
        assert batch > 2 * plain


@pytest.mark.long
def test_in_twenty_further_seeds_too(monkeypatch):
    """The first claim: with BN far more settings train."""
    monkeypatch.setattr(forgiveness, "RATES", (0.0032, 0.1, 1.0, 18.0))
    monkeypatch.setattr(forgiveness, "ROWS", {"initial gain": ("gain", (0.1, 1.0, 3.0))})
    of = forgiveness.run(ForgivenessConfig(seeds=20, first_seed=5))
    verdicts = [judge(of_seed(of, seed)) for seed in range(20)]
    assert sum(verdict.outcome == "BN" for verdict in verdicts) >= 18
