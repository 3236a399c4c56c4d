"""The loss along the gradient: ordinary torch.nn code is the oracle, and results made by hand."""

import copy

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from bnviz.engine.batches import BatchOrder
from bnviz.engine.networks import Cohort
from bnviz.engine.training import one_thread, recording_steps
from bnviz.experiments import landscape
from bnviz.experiments.landscape import FIRST_BATCHES, LENGTHS, RECORDS, LandscapeConfig
from bnviz.experiments.pair import NEVER, TREATMENTS
from bnviz.experiments.settings import NORMALIZED, REACHES, WORK_LIMIT, knobs
from bnviz.ui.words import landscape as words
from tests.experiments.test_pair import EXTREMES, assert_no_finding_is_empty, assert_same
from tests.samples import tiny

# ------------------------------------------------------------------ the loop everyone writes

MODULES = {"relu": nn.ReLU, "tanh": nn.Tanh}


class Ordinary(nn.Module):
    """One network of a pair, in float64, with the initial weights of its seed."""

    def __init__(self, config, treatment, seed):
        super().__init__()
        start = Cohort(config.architecture(), [seed], [config.gain])
        chosen = NORMALIZED[config.normalized_layers](config.depth)
        self.normalized = chosen if treatment == "batch" else ()
        self.activation, self.skip = MODULES[config.activation](), config.skip == "on"
        self.linears, self.norms = nn.ModuleList(), nn.ModuleList()
        for index, layer in enumerate(start.layers, start=1):
            outputs, inputs = layer.weight[0].shape
            linear = nn.Linear(inputs, outputs, bias=index not in self.normalized).double()
            with torch.no_grad():
                linear.weight.copy_(layer.weight[0])
                if linear.bias is not None:
                    linear.bias.zero_()
            self.linears.append(linear)
            normalizes = index in self.normalized
            self.norms.append(nn.BatchNorm1d(outputs).double() if normalizes else nn.Identity())

    def forward(self, x):
        for place, (linear, norm) in enumerate(zip(self.linears, self.norms, strict=True)):
            if place == len(self.linears) - 1:
                return linear(x)
            out = self.activation(norm(linear(x)))
            x = out + x if self.skip and place > 0 else out
        return x

    def loss(self, x, y):
        return nn.functional.cross_entropy(self(x), y)


def ordinary_training(config, treatment, seed, look):
    """SGD step by step; `look(step, network, gradient, x, y)` before each update and at the end."""
    data = config.data()
    inputs, labels = torch.tensor(data.train_inputs).double(), torch.tensor(data.train_labels)
    order = BatchOrder([seed], len(labels), config.batch_size)
    network = Ordinary(config, treatment, seed).train()
    for step in range(config.steps + 1):
        chosen = order.at(step)[0]
        x, y = inputs[chosen], labels[chosen]
        later = copy.deepcopy(network)  # whose running statistics take in this batch
        gradient = torch.autograd.grad(later.loss(x, y), list(later.parameters()))
        look(step, network, gradient, x, y)
        network = later
        with torch.no_grad():
            for parameter, g in zip(network.parameters(), gradient, strict=True):
                parameter -= config.learning_rate * g


def walked(network, gradient, x, y, length):
    """The loss on the same mini-batch after a step of this length."""
    moved = copy.deepcopy(network)
    with torch.no_grad():
        for parameter, g in zip(moved.parameters(), gradient, strict=True):
            parameter -= length * g
        return moved.loss(x, y).item()


def slow_walks(config, treatment, seed, rates, steps):
    """L(theta - a g), the start first: (steps, 1 + rates), and L / L_0 of the long steps."""
    rows, far = [], []

    def look(step, network, gradient, x, y):
        if step in steps:
            rows.append([walked(network, gradient, x, y, a) for a in (0.0, *rates)])
        if step < FIRST_BATCHES:
            far.append([walked(network, gradient, x, y, a) / rows[-1][0] for a in LENGTHS])

    with one_thread():
        ordinary_training(config, treatment, seed, look)
    return np.array(rows), np.array(far)


ON_THE_WAY = {
    "the default": {},
    "skip connections": {"skip": "on", "depth": 4},
    "BN in one layer, tanh": {"normalized_layers": "first only", "activation": "tanh"},
    "a short walk": {"reach": "1/10 to 1", "gain": 0.5, "learning_rate": 0.56},
    "other seeds, on the plane": {"first_seed": 3, "dataset": "moons", "skip": "on"},
}


@pytest.mark.parametrize("changes", ON_THE_WAY.values(), ids=list(ON_THE_WAY))
def test_losses_are_those_of_ordinary_code_at_the_right_lengths_and_steps(changes):
    config = tiny("landscape", **changes)
    result = landscape.run(config)
    rates = [a * config.learning_rate for a in REACHES[config.reach]]
    for row, treatment in enumerate(TREATMENTS):
        for place in range(config.seeds):
            seed = config.first_seed + place
            along, far = slow_walks(config, treatment, seed, rates, result.steps)
            np.testing.assert_allclose(result.loss_here[row, place], along[:, 0], rtol=2e-4)
            np.testing.assert_allclose(result.loss_there[row, place], along[:, 1:], rtol=2e-4)
            np.testing.assert_allclose(result.growth[row, place], far, rtol=2e-3)


def test_the_two_treatments_differ_and_start_alike_in_nothing_but_bn():
    result = landscape.run(tiny("landscape"))
    assert not np.array_equal(result.loss_here[0], result.loss_here[1])
    none = landscape.run(tiny("landscape", depth=1, normalized_layers="second half"))
    np.testing.assert_array_equal(none.loss_there[0], none.loss_there[1])


class TestRecords:
    @pytest.mark.parametrize("steps", [1, 2, 8, 60])
    def test_shapes(self, steps):
        result = landscape.run(tiny("landscape", steps=steps, seeds=3))
        np.testing.assert_array_equal(result.steps, recording_steps(steps, RECORDS))
        records, batches = len(result.steps), min(FIRST_BATCHES, steps + 1)
        assert result.steps[0] == 0
        assert result.steps[-1] == steps
        assert result.loss_here.shape == result.test_accuracy.shape == (2, 3, records)
        assert result.loss_there.shape == (2, 3, records, len(result.reach))
        assert result.growth.shape == (2, 3, batches, len(LENGTHS))
        assert result.variation().shape == (2, 2, 3, records)
        assert result.fell.shape == result.diverged_at.shape == result.too_long().shape == (2, 3)

    @pytest.mark.parametrize("reach", REACHES)
    def test_the_walk_reaches_as_far_as_chosen(self, reach):
        result = landscape.run(tiny("landscape", reach=reach, seeds=1))
        np.testing.assert_array_equal(result.reach, REACHES[reach])
        assert (np.diff(result.reach) > 0).all()
        assert 1.0 in result.reach  # the length of a step; `rises` looks there

    def test_the_first_mini_batches_are_recorded_one_by_one(self):
        for steps in (3, 100, 1600, 5000):
            assert recording_steps(steps, RECORDS)[:FIRST_BATCHES] == list(range(FIRST_BATCHES))

    def test_the_walk_leaves_the_training_alone(self):
        one, other = (landscape.run(tiny("landscape", reach=r)) for r in list(REACHES)[:2])
        np.testing.assert_array_equal(one.loss_here, other.loss_here)
        np.testing.assert_array_equal(one.test_accuracy, other.test_accuracy)

    def test_the_same_bits_whatever_the_number_of_workers(self):
        config = tiny("landscape", skip="on", activation="gelu")
        assert_same(*(landscape.run(config, workers=workers) for workers in (1, 2)))

    def test_a_divergence_is_a_gap_and_an_overflow_on_the_walk_is_not(self):
        config = tiny("landscape", learning_rate=100.0, depth=4, width=16, steps=20, seeds=3,
                      reach="1/100 to 30")  # fmt: skip
        result = landscape.run(config)
        known = np.isfinite(result.loss_here)
        lost = result.diverged_at != NEVER
        assert lost.any()
        for place in zip(*np.nonzero(lost), strict=True):
            expected = result.steps < result.diverged_at[place]
            np.testing.assert_array_equal(known[place], expected)
        np.testing.assert_array_equal(np.isnan(result.loss_there).any(-1), ~known)
        assert np.isinf(result.loss_there).any()  # so the test has something to tell apart


class TestWork:
    def passes(self, config):
        """Forward passes of the walks in each network, by what work() makes of them."""
        cost, records = config.cost(), len(recording_steps(config.steps, landscape.RECORDS))
        each = cost.look(config.seeds, config.in_batch())
        each += landscape.MOVED * cost.weights * config.seeds
        return (config.work() / 2 - config.training_work(records)) / each

    @pytest.mark.parametrize("steps", [8, 50])
    def test_counts_the_passes_that_the_walks_make(self, steps, monkeypatch):
        config, columns, forward = tiny("landscape", steps=steps, seeds=1), [], Cohort.forward

        def counted(cohort, inputs, mode, trace=None):
            if mode == "batch":
                columns.append(inputs.shape[0] * inputs.shape[2])
            return forward(cohort, inputs, mode, trace)

        monkeypatch.setattr(Cohort, "forward", counted)
        landscape.run(config, workers=1)
        assert sum(columns) / (2 * config.batch_size) == pytest.approx(self.passes(config))

    @given(st.data())
    def test_nothing_on_the_page_costs_more_than_the_limit(self, data):
        declared = knobs(LandscapeConfig)
        chosen = {name: data.draw(st.sampled_from(k.options)) for name, k in declared.items()}
        granted = LandscapeConfig(**chosen).affordable()
        assert granted.work() <= WORK_LIMIT
        assert granted.work() > 2 * granted.training_work()

    def test_the_largest_run_is_shortened(self):
        largest = {name: knob.options[-1] for name, knob in knobs(LandscapeConfig).items()}
        config = LandscapeConfig(**largest | {"depth": 50, "width": 256, "dataset": "digits"})
        granted = config.affordable()
        assert granted.steps < config.steps
        same = {"steps": config.steps, "seeds": config.seeds}
        assert granted.model_copy(update=same) == config


# ------------------------------------------------------------------ results made by hand

STEPS = np.array([0, 1, 2, 10])


def made(
    plain=4.0, batch=1.0, *, fell=True, too=(1.0, 10.0), accuracy=(0.9, 0.9), lost=NEVER, **changes
):
    """A result in which the band is this wide at every step; losses here are 2.

    The walk goes up by half of the width and down by half of it; `too` are the step lengths at
    which the loss is tenfold, for the treatments or for (treatments, seeds).
    """
    config = tiny("landscape", **{"steps": 10} | changes)
    seeds, reach = config.seeds, np.array(REACHES[config.reach])
    here = np.full((2, seeds, len(STEPS)), 2.0, np.float32)
    there = np.repeat(here[..., None], len(reach), axis=-1)
    widths = np.array([np.broadcast_to(plain, seeds), np.broadcast_to(batch, seeds)])
    there[..., -1] += widths[..., None].astype(np.float32) / 2
    there[..., 0] -= widths[..., None].astype(np.float32) / 2
    crossing = np.broadcast_to(np.array(too, float).T, (seeds, 2)).T[:, :, None, None]
    growth = np.broadcast_to(10 * LENGTHS / crossing, (2, seeds, 3, len(LENGTHS)))
    accuracies = np.broadcast_to(np.array(accuracy)[:, None, None], here.shape)
    return landscape.LandscapeResult(
        config,
        STEPS,
        reach,
        here,
        there,
        LENGTHS,
        growth.astype(np.float32),
        accuracies.astype(np.float32),
        np.broadcast_to(np.array(lost), (2, seeds)).copy(),
        np.broadcast_to(np.array(fell).T, (seeds, 2)).T.copy(),
    )


def headline(*arguments, **changes):
    return landscape.findings(made(*arguments, **changes))[0]


class TestVariation:
    def test_is_the_lowest_and_the_highest_loss_on_the_walk(self):
        result = made()
        result.loss_there[0, 1, 2] = [3, 1, 4, 1, 5, 9, 2, 6]
        low, high = result.variation()
        assert (low[0, 1, 2], high[0, 1, 2]) == (1, 9)
        assert (low[0, 0, 0], high[0, 0, 0]) == (0, 4)

    def test_counts_where_both_fell(self):
        assert list(made(fell=[[True, True], [True, False]]).counts()) == [True, False]
        assert not made(fell=[[True, False], [False, True]]).counts().any()

    def test_compares_the_widths_over_training(self):
        result = made(3.0, 1.0)
        result.loss_there[0, 0, :, -1] += [0, 0, 1, 1]  # from step 1 to 2 up to one, then one
        assert result.comparison().ratio == pytest.approx(np.median([3 + 8.5 / 10, 3]), rel=1e-6)

    def test_only_the_seeds_that_count_are_compared(self):
        result = made([6.0, 0.5], [2.0, 1.0], fell=[[True, False], [True, True]])
        assert result.comparison() == (landscape.Comparison(3.0, 1, 1))

    def test_a_walk_that_overflows_is_the_rougher_one(self):
        result = made(1.0, 5.0)
        result.loss_there[0, :, 1, -1] = np.inf
        assert result.comparison().rougher == "plain"
        assert "more than a million times" in landscape.findings(result)[0]
        result.loss_there[0, :, 1] = np.inf  # all of the walk: then there is no width at all
        assert result.comparison().rougher == "plain"


def growth(*pairs, otherwise=1.0):
    """L / L_0 along LENGTHS: `otherwise`, but the values given for some places."""
    values = np.full(len(LENGTHS), otherwise, np.float32)
    for place, value in pairs:
        values[place] = value
    return values


LAST = len(LENGTHS) - 1


class TestTooLong:
    def at(self, *rows):
        result = made(seeds=1)
        curves = np.broadcast_to(np.array(rows, np.float32), (2, 1, len(rows), len(LENGTHS)))
        changed = landscape.LandscapeResult(**vars(result) | {"growth": curves})
        one, other = changed.too_long()[:, 0]
        assert one == other
        return one

    def test_never(self):
        assert self.at(growth()) == np.inf
        assert self.at(growth((LAST, 9.99))) == np.inf

    def test_at_once(self):
        assert self.at(growth(otherwise=10.0)) == LENGTHS[0]
        assert self.at(growth(otherwise=np.inf)) == LENGTHS[0]

    def test_exactly_at_a_length(self):
        assert self.at(growth((7, 10.0), otherwise=1.0)) == pytest.approx(LENGTHS[7])

    def test_between_two_lengths_on_a_line_in_log_and_log(self):
        # from 1 to 100, ten lies half of the way in powers of ten; from 0.1 to 1000, too
        halfway = np.sqrt(LENGTHS[6] * LENGTHS[7])
        assert self.at(growth((7, 100.0))) == pytest.approx(halfway)
        assert self.at(growth((6, 0.1), (7, 1000.0))) == pytest.approx(halfway)
        assert self.at(growth((7, 1e4))) == pytest.approx(
            LENGTHS[6] * (LENGTHS[7] / LENGTHS[6]) ** 0.25
        )

    def test_the_first_crossing_counts(self):
        assert self.at(growth((3, 100.0), (9, 100.0))) < LENGTHS[3] * 1.0001

    @pytest.mark.parametrize("lost", [np.nan, np.inf])
    def test_an_overflow_is_more_than_tenfold(self, lost):
        assert self.at(growth((7, lost), (8, lost))) == pytest.approx(LENGTHS[7])

    def test_a_loss_that_vanishes_and_comes_back(self):
        assert LENGTHS[6] < self.at(growth((6, 0.0), (7, 20.0))) <= LENGTHS[7]

    def test_is_the_median_of_the_mini_batches(self):
        three = (growth((5, 10.0)), growth((7, 10.0)), growth((9, 10.0)))
        assert self.at(*three) == pytest.approx(LENGTHS[7])
        assert self.at(growth((5, 10.0)), growth(), growth()) == np.inf

    def test_mini_batches_after_a_divergence_do_not_count(self):
        assert self.at(growth((5, 10.0)), growth(otherwise=np.nan)) == pytest.approx(LENGTHS[5])

    def test_who_diverged_at_once_bears_nothing(self):
        assert self.at(growth(otherwise=np.nan)) == LENGTHS[0]

    def test_in_a_run_plain_bears_less_of_large_weights(self):
        calm, wild = (landscape.run(tiny("landscape", gain=g)).too_long()[0] for g in (1.0, 10.0))
        assert (wild < calm).all()


class TestHeadline:
    def test_plain_is_rougher(self):
        said = headline(4.0, 1.0)
        assert said.startswith("Within 4 learning rates along the gradient, **plain's loss varies")
        assert "4.0 times as much as BN's**" in said
        assert "more in all 2 seeds" in said

    def test_bn_is_rougher(self):
        said = headline(1.0, 3.0)
        assert "**BN's loss varies 3.0 times as much as plain's**" in said
        assert "BN's ground is the rougher one" in said

    def test_a_loss_that_only_falls_varies_but_is_not_rough(self):
        result = made(1.0, 3.0)
        result.loss_there[:] = np.minimum(result.loss_there, 2.0)
        said = landscape.findings(result)[0]
        assert "**BN's loss varies 3.0 times as much as plain's**: it falls further" in said
        assert "the rougher one" not in said
        faster = landscape.misconceptions(result)["On smoother ground a network learns faster"]
        assert faster.startswith("This run cannot tell: neither network has clearly the smoother")

    @pytest.mark.parametrize(("plain", "batch"), [(1.0, 1.0), (1.1, 1.0), (1.0, 1.1), (0.0, 0.0)])
    def test_about_the_same(self, plain, batch):
        assert "**both losses vary about as much**" in headline(plain, batch)

    def test_nothing_to_compare(self):
        said = headline(fell=[[False, False], [True, True]])
        assert said.startswith("**No comparison here**")
        assert "none of 2 seeds without BN and in all 2 seeds with it" in said

    @pytest.mark.parametrize(
        ("reach", "words"),
        [("½ to 4", "4 learning"), ("1/100 to 30", "30 learning"), ("1/10 to 1", "one learning")],
    )
    def test_how_far_the_walk_went(self, reach, words):
        assert words in headline(reach=reach)

    def test_seeds_that_were_not_compared_are_named(self):
        said = landscape.findings(
            made(fell=[[False, True], [True, False]], lost=[[3, NEVER], [NEVER] * 2])
        )
        assert said[-2].startswith("Plain: diverged in 1 of 2 seeds.")
        assert said[-1].startswith("BN: its loss did not fall by half in 1 of 2 seeds.")
        assert not any("diverged" in sentence for sentence in landscape.findings(made()))


class TestWorstWalk:
    def said(self, result, subject):
        return next(s for s in landscape.findings(result) if s.startswith(f"{subject}'s"))

    def test_names_step_and_losses(self):
        result = made(2.0, 2.0)
        result.loss_there[1, :, 2, 3] = 500.0
        assert self.said(result, "BN") == (
            "BN's steepest walk is at step 2: its loss goes from 2 up to 500."
        )
        assert self.said(result, "Plain").endswith("at step 0: its loss goes from 2 up to 3.")

    def test_never_up(self):
        result = made()
        result.loss_there[:] = 1.0
        assert self.said(result, "BN") == "BN's walks never lead above where they start."

    def test_up_in_one_seed_of_three(self):
        result = made(seeds=3)
        result.loss_there[:] = 1.0
        result.loss_there[1, 2, 0, 0] = 3.0
        assert "hardly ever lead above" in self.said(result, "BN")
        assert "never lead above" in self.said(result, "Plain")

    @pytest.mark.parametrize(
        ("loss", "word"),
        [
            (np.inf, "more than a 32-bit float can hold"),
            (3e38, "some 10³⁸"),
            (1e6, "some 10⁶"),
            (1143.2, "1,143"),
            (12.3, "12"),
            (0.0321, "0.032"),
        ],
    )
    def test_losses_of_any_size(self, loss, word):
        assert landscape.in_words(loss) == word
        if loss > 2:
            result = made()
            result.loss_there[:, :, 0, 3] = loss
            assert self.said(result, "BN").endswith(f"up to {word}.")

    def test_a_network_without_any_record_is_passed_over(self):
        result = made()
        result.loss_here[0], result.loss_there[0] = np.nan, np.nan
        assert not any(s.startswith("Plain's") for s in landscape.findings(result))
        assert self.said(result, "BN")

    def test_after_a_divergence_nothing_is_said_of_the_other_seeds(self):
        result = made()
        result.loss_here[0, 0, 2:], result.loss_there[0, 0, 2:] = np.nan, np.nan
        result.loss_there[0, 1, 3, 0] = 1e5
        assert "at step 0" in self.said(result, "Plain")


@pytest.mark.parametrize(
    ("share", "word"),
    [
        (0.0, "0 %"),
        (0.001, "less than 1 %"),
        (0.0049, "less than 1 %"),
        (0.006, "1 %"),
        (1, "100 %"),
    ],
)
def test_a_share_that_is_not_zero_does_not_read_as_zero(share, word):
    assert landscape.percent(share) == word


class TestLongestStep:
    @pytest.mark.parametrize(
        ("too", "word"),
        [
            ((1.0, 10.0), "1 on without BN and 10 with it: BN bears steps 10.0 times as long."),
            ((20.0, 4.0), "20 on without BN and 4 with it: plain bears steps 5.0 times as long."),
            ((2.0, 2.2), "2 on without BN and 2.2 with it: both bear about as much."),
            ((2.2, 2.0), "2.2 on without BN and 2 with it: both bear about as much."),
            ((np.inf, 5.0), "from a length of 5 on with BN; without it, at none we tried."),
            ((5.0, np.inf), "from a length of 5 on without BN; with it, at none we tried."),
            ((np.inf, np.inf), "at no length up to 100, with BN or without."),
            ((1e-4, 5.0), "already at 0.0001, the shortest we tried, without BN."),
            ((5.0, 1e-5), "already at 0.0001, the shortest we tried, with BN."),
            ((np.inf, 1e-5), "already at 0.0001, the shortest we tried, with BN."),
            ((1e-5, 1e-5), "the shortest we tried, without BN and with BN."),
        ],
    )
    def test_sentence(self, too, word):
        result = made(too=too)
        assert landscape.longest_step(result).endswith(word)
        assert landscape.longest_step(result) in landscape.findings(result)

    @pytest.mark.parametrize(
        ("too", "place"),
        [
            ((5.0, 1.0), 0),
            ((np.inf, 3.0), 0),
            ((1.9, 1.0), 1),
            ((1.0, 1.9), 1),
            ((np.inf, np.inf), 1),
            ((1.0, 3.0), 2),
            ((1.0, 6.9), 2),
            ((1.0, 7.1), 3),
            ((1.0, np.inf), 3),
        ],
    )
    def test_answer_of_the_guess(self, too, place):
        result = made(too=too)
        said = landscape.longest_step(result)
        assert landscape.how_long(result) == (landscape.LONGER[place], said)

    def test_the_median_seed_speaks(self):
        too = [[1.0, 1.0, 50.0], [10.0, 10.0, 0.1]]
        assert "10.0 times" in landscape.longest_step(made(too=too, seeds=3))


class TestMisconceptions:
    FALLS, FASTER = "Along the negative gradient the loss falls", (
        "On smoother ground a network learns faster"
    )  # fmt: skip

    def said(self, result, belief):
        return landscape.misconceptions(result)[belief]

    def test_rises_are_counted_at_one_learning_rate(self):
        result = made()
        one = list(result.reach).index(1.0)
        result.loss_there[0, 0, :2, one] = 2.1  # two of plain's eight records
        result.loss_there[1, 0, 0, one] = np.inf
        result.loss_there[1, 1, 0, one] = np.nan  # a walk overflowed: up, too
        result.loss_there[1, 1, 1, one] = 2.0  # as high as before: not up
        result.loss_there[:, :, :, -1] = 99.0  # further away does not matter
        np.testing.assert_array_equal(landscape.rises(result), [0.25, 0.25])
        said = self.said(result, self.FALLS)
        assert said.startswith("Only if the step is short enough.")
        assert "25 % of plain's recorded steps and in 25 % of BN's" in said

    def test_records_after_a_divergence_do_not_count(self):
        result = made()
        result.loss_there[..., 1] = 3.0
        result.loss_here[0, :, 1:], result.loss_there[0, :, 1:] = np.nan, np.nan
        result.loss_there[0, 0, 0] = 1.0
        result.loss_here[1], result.loss_there[1] = np.nan, np.nan
        np.testing.assert_array_equal(landscape.rises(result), [0.5, np.nan])
        said = self.said(result, self.FALLS)
        assert "in 50 % of plain's recorded steps." in said
        assert "BN" not in said

    def test_a_rare_rise_is_not_zero(self):
        result = made()
        shares = np.array([0.002, 0.0])
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(landscape, "rises", lambda _: shares)
            assert "in less than 1 % of plain's" in self.said(result, self.FALLS)

    def test_the_loss_always_fell(self):
        assert self.said(made(), self.FALLS).startswith("At this learning rate it always did.")

    def test_nothing_was_seen(self):
        result = made(fell=False, lost=0)
        result.loss_here[:], result.loss_there[:] = np.nan, np.nan
        assert self.said(result, self.FALLS).startswith("This run cannot tell")

    @pytest.mark.parametrize(
        ("widths", "accuracy", "begin"),
        [
            ((4.0, 1.0), (0.80, 0.95), "Here it goes together: BN has the smoother ground"),
            ((4.0, 1.0), (0.95, 0.80), "Not here: BN has the smoother ground, but plain ends"),
            ((1.0, 4.0), (0.95, 0.80), "Here it goes together: plain has the smoother ground"),
            ((1.0, 4.0), (0.80, 0.95), "Not here: plain has the smoother ground, but plain ends"),
            (
                (4.0, 1.0),
                (0.94, 0.95),
                "Not by itself: BN has the smoother ground, and at the same",
            ),
            ((1.0, 1.1), (0.95, 0.80), "This run cannot tell: neither network has clearly the"),
            ((1.0, 1.1), (0.95, 0.95), "This run cannot tell"),
        ],
    )
    def test_faster_on_smoother_ground(self, widths, accuracy, begin):
        assert self.said(made(*widths, accuracy=accuracy), self.FASTER).startswith(begin)

    def test_nobody_to_compare(self):
        said = self.said(made(fell=False), self.FASTER)
        assert said.startswith("This run cannot tell")


ODD = EXTREMES | {
    "every walk overflows": {"learning_rate": 1e3, "reach": "1/100 to 30", "steps": 3},
    "one step of fifty layers": {"steps": 1, "depth": 50, "seeds": 1},
    "fifty layers, skip": {"depth": 50, "skip": "on"},
    "the first pass overflows": {"depth": 50, "gain": 10.0},
    "no layer has BN": {"depth": 1, "normalized_layers": "every second"},
}


@pytest.mark.parametrize("settings", ODD.values(), ids=list(ODD))
@pytest.mark.parametrize("seeds", [1, 2])
def test_no_sentence_is_empty_or_without_a_number(settings, seeds):
    result = landscape.run(tiny("landscape", **{"seeds": seeds, "width": 8} | settings))
    said = [*landscape.findings(result), *landscape.misconceptions(result).values()]
    assert_no_finding_is_empty([*said, landscape.longest_step(result)])
    assert landscape.how_long(result)[0] in landscape.LONGER
    for sentence in said:
        assert len(sentence) < 300


def test_the_odd_runs_do_overflow():
    result = landscape.run(tiny("landscape", **ODD["the first pass overflows"]))
    assert np.isnan(result.loss_here[0]).all(axis=-1).any()
    assert result.too_long()[0].min() == LENGTHS[0]


# ------------------------------------------------------------------ what the page says by itself


@pytest.fixture(scope="module")
def at_the_default():
    return landscape.run(LandscapeConfig())


def preset(**wanted):
    """The preset of the page with these values."""
    of_the_walk = LandscapeConfig.model_fields
    for values in words.PRESETS.values():
        if values == wanted:
            return LandscapeConfig(**{n: v for n, v in values.items() if n in of_the_walk})
    raise LookupError(wanted)


def ratios(result):
    """The width of plain's band / BN's, averaged over training, of each seed."""
    low, high = result.variation().astype(np.float64)
    width = np.trapezoid(high - low, result.steps, axis=-1)
    return width[0] / width[1]


class TestClaims:
    def test_plain_varies_more_in_nearly_every_seed(self, at_the_default):
        assert at_the_default.config.seeds == 5
        assert at_the_default.counts().all()
        assert (ratios(at_the_default) > 2).sum() >= 4
        assert landscape.findings(at_the_default)[0].count("plain's loss varies")

    def test_a_tenfold_loss_needs_a_far_longer_step_with_bn(self, at_the_default):
        plain, batch = at_the_default.too_long()
        assert (batch / plain > 5).sum() >= 4
        assert landscape.how_long(at_the_default)[0] == landscape.LONGER[-1]

    def test_with_tanh_the_ground_of_bn_is_the_rougher_one(self):
        result = landscape.run(preset(activation="tanh", learning_rate=0.32))
        assert result.counts().sum() >= 4
        assert (ratios(result)[result.counts()] < 1).mean() >= 0.8
        assert "BN's ground is the rougher one" in landscape.findings(result)[0]

    def test_at_the_largest_rate_that_plain_survives_the_gap_is_wider(self, at_the_default):
        result = landscape.run(preset(learning_rate=0.32))
        assert result.counts().sum() >= 4  # both learn
        assert result.comparison().rougher == "plain"
        assert result.comparison().ratio > 2 * at_the_default.comparison().ratio
