"""What the landscape's challenges answer, at the borders between their answers."""

import numpy as np
import pytest

from bnviz.verdicts import surface
from bnviz.verdicts.landscape import judge
from bnviz.words.landscape import BROWN, CHALLENGES, LONGER, RISES, VARIES, WIDER
from bnviz.words.names import HIGHER
from tests.made.landscape import made
from tests.made.surface import HALF, of_seeds
from tests.words.test_landscape import rising


def right(name, result):
    (challenge,) = (one for one in CHALLENGES if one.name == name)
    verdict = surface.judge(result) if challenge.on else judge(result)
    return challenge.outcome(verdict).right


@pytest.mark.parametrize(
    ("plain", "batch", "place"), [(2, 1, 0), (1, 2, 1), (2, 2, 2), (1, 1, 3), (1.001, 1, 0)]
)
def test_ahead_of_which_network(plain, batch, place):
    assert right("large", rising(plain, batch)) == RISES[place]


def test_one_seed_of_three_is_not_the_rule():
    result = rising(seeds=3)
    result.loss_there[0, 0, 0, 3] = 9.0
    assert right("large", result) == RISES[3]


@pytest.mark.parametrize(
    ("until", "place"), [(0, 0), (1, 0), (2, 0), (3, 2)]
)  # of the records at steps 0, 1, 2 and 10
def test_how_much_of_the_map_is_brown(until, place):
    result = rising()
    result.loss_there[0, :, :until, 3] = 9.0
    if until == 3:
        result.loss_there[0, :, 3, 3] = 9.0
    assert right("brown", result) == BROWN[place]


def test_about_half_of_the_map_is_brown():
    result = rising()
    result.loss_there[0, :, 3, 3] = 9.0  # from step 2 to 10: half of it counts
    assert right("brown", result) == BROWN[1]


@pytest.mark.parametrize(
    ("too", "longer"),
    [
        ((5.0, 1.0), "shorter"),
        ((np.inf, 3.0), "shorter"),
        ((1.9, 1.0), "shorter"),
        ((1.1, 1.0), "alike"),
        ((1.0, 1.1), "alike"),
        ((np.inf, np.inf), "alike"),
        ((1.0, 1.9), "longer"),
        ((1.0, 2.9), "longer"),
        ((1.0, 3.1), "far longer"),
        ((1.0, np.inf), "far longer"),
    ],
)
def test_how_long_a_step_bn_tolerates(too, longer):
    assert right("long", made(too=too)) == LONGER[longer]


def test_values_cannot_grow_only_where_bn_holds_every_layer():
    (challenge,) = (one for one in CHALLENGES if one.name == "long")

    def why(**changes):
        return challenge.outcome(judge(made(too=(1.0, 9.0), **changes))).why

    assert "cannot grow" in why(depth=4)
    assert "cannot grow" not in why(depth=4, normalized_layers="every second")
    assert "cannot grow" not in why(depth=4, skip="on")


def test_no_share_of_the_training_is_none_of_both():
    (challenge,) = (one for one in CHALLENGES if one.name == "brown")
    assert "ahead of plain in none of the training, ahead of BN in none of it." in (
        challenge.outcome(judge(rising())).why
    )


def test_the_map_is_of_the_seeds_that_have_not_diverged():
    (challenge,) = (one for one in CHALLENGES if one.name == "brown")
    assert challenge.outcome(judge(rising())).why.endswith("the median of both seeds.")
    result = rising()
    result.diverged_at[0, 0] = 3
    why = challenge.outcome(judge(result)).why
    assert why.endswith("The map shows the median of the seeds that have not diverged.")
    assert "median" not in challenge.outcome(judge(rising(seeds=1))).why


def test_no_reason_is_asked_of_what_is_alike():
    (challenge,) = (one for one in CHALLENGES if one.name == "tanh")
    assert challenge.outcome(judge(made(4.0, 1.0))).why.endswith("Why, this run does not tell.")
    assert "Why" not in challenge.outcome(judge(made(1.0, 1.0))).why


def test_seeds_that_disagree_on_it_cannot_tell():
    too = [[1.0, 1.0, 30.0, 30.0], [9.0, 9.0, 2.0, 2.0]]
    assert right("long", made(too=too, seeds=4)) is None


@pytest.mark.parametrize(
    ("pairs", "standing"),
    [
        ([(HALF, 1.0)] * 2 + [(1.0, HALF)], "second"),
        ([(1.0, HALF)] * 2 + [(HALF, 1.0)], "first"),
        ([(1.0, 1.0)] * 2 + [(HALF, 1.0)], "same"),
        ([(HALF, 1.0), (1.0, HALF), (1.0, 1.0)], "unclear"),
    ],
)
def test_whose_basin_is_wider(pairs, standing):
    assert right("basin", of_seeds(pairs)) == WIDER[standing]


@pytest.mark.parametrize(
    ("plain", "batch", "varies"),
    [
        (1.3, 1.0, "plain"),
        (1.0, 1.3, "batch"),
        (1.1, 1.0, "alike"),
        ([4.0, 4.0, 1.5, 1.5], [1.0, 1.0, 2.0, 2.0], "unclear"),
    ],
)
def test_whose_loss_varies_more(plain, batch, varies):
    seeds = len(plain) if isinstance(plain, list) else 2
    assert right("tanh", made(plain, batch, seeds=seeds)) == VARIES[varies]


@pytest.mark.parametrize(
    ("accuracy", "leader"),
    [((0.95, 0.90), "first"), ((0.90, 0.95), "second"), ((0.94, 0.95), "same")],
)
def test_which_ends_more_accurate(accuracy, leader):
    assert right("low", made(accuracy=accuracy)) == HIGHER[leader]


@pytest.mark.parametrize("name", ["large", "tanh", "low"])
def test_what_does_not_learn_is_not_compared(name):
    assert right(name, made(fell=False)) is None


def test_there_is_nothing_to_smooth_only_where_no_loss_rises():
    (challenge,) = (one for one in CHALLENGES if one.name == "low")
    assert "nothing to smooth" in challenge.outcome(judge(rising())).why
    assert "nothing to smooth" not in challenge.outcome(judge(rising(2.0))).why
