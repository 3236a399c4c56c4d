"""The map of what trains: torch.nn and the race are the oracles; maps made by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from bnviz.axes import NEVER
from bnviz.engine.batches import BatchOrder
from bnviz.engine.networks import Cohort
from bnviz.engine.threads import one_thread
from bnviz.experiments import forgiveness, race
from bnviz.experiments.forgiveness import (
    ROWS,
    ForgivenessConfig,
    PieceResult,
    assemble,
    pieces,
    run_piece,
)
from bnviz.experiments.jobs import silent
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.settings import GAINS, LEARNING_RATES, WORK_LIMIT, knobs
from bnviz.words import forgiveness as words
from tests.made.forgiveness import BAD, GOOD, made
from tests.samples import tiny


def trained(**changes):
    return forgiveness.run(tiny("forgiveness", **changes))


# ------------------------------------------------------------------ the loop everyone writes


class Ordinary(nn.Module):
    """One network in float64, with the initial weights of its seed and gain."""

    def __init__(self, config, normalized):
        super().__init__()
        start = Cohort(config.architecture(), [config.first_seed], [config.gain])
        modules = []
        for index, layer in enumerate(start.layers):
            outputs, inputs = layer.weight[0].shape
            hidden = index < len(start.layers) - 1
            linear = nn.Linear(inputs, outputs, bias=not (hidden and normalized))
            with torch.no_grad():
                linear.weight.copy_(layer.weight[0])
                if linear.bias is not None:
                    linear.bias.zero_()
            modules.append(linear)
            if hidden:
                modules += [nn.BatchNorm1d(outputs)] if normalized else []
                modules.append(nn.ReLU())
        self.layers = nn.Sequential(*modules).double()

    def forward(self, x):
        return self.layers(x)


def ordinary_accuracies(config, normalized, recorded):
    """Test accuracy of plain SGD with torch.nn at these steps."""
    data = config.data()
    x, y = torch.tensor(data.train_inputs).double(), torch.tensor(data.train_labels)
    order = BatchOrder([config.first_seed], len(y), config.batch_size)
    network = Ordinary(config, normalized)
    sgd = torch.optim.SGD(network.parameters(), lr=config.learning_rate)
    reached = []
    with one_thread():
        for step in range(config.steps + 1):
            batch = order.at(step)[0]
            if step in recorded:
                network.eval()
                with torch.no_grad():
                    named = network(torch.tensor(data.test_inputs).double()).argmax(1)
                reached.append((named.numpy() == data.test_labels).mean())
                network.train()
            sgd.zero_grad()
            nn.functional.cross_entropy(network(x[batch]), y[batch]).backward()
            sgd.step()
    return np.array(reached)


@pytest.mark.parametrize("against", ROWS)
def test_cells_are_what_ordinary_code_reaches(against, small_map):
    of = trained(against=against, first_seed=3)
    for row in range(3):
        for column in (0, 1):
            for seed in range(1, 2):
                cell = of.config.with_row(row).model_copy(
                    update={"learning_rate": of.rates[column], "first_seed": 3 + seed}
                )
                for treatment in range(2):
                    expected = ordinary_accuracies(cell, treatment == 1, set(of.steps))
                    got = of.accuracy[treatment, seed, :, row, column]
                    samples = len(cell.data().test_labels)
                    np.testing.assert_allclose(got, expected, atol=2.01 / samples)


@pytest.mark.parametrize("against", ROWS)
def test_the_race_that_a_cell_opens_ends_where_the_map_says(against, small_map):
    config = tiny("forgiveness", against=against, steps=50, seeds=1)
    of = assemble(config, [run_piece(pieces(config)[0])])
    row, column = (2 if against == "batch size" else 1), 2
    mark = config.model_copy(update=forgiveness.setting(config, [column, row]))
    known = {
        f"race-{name}": (name, {knob.show(option): option for option in knob.options})
        for name, knob in knobs(RaceConfig).items()
    }
    link = [(*known[name], text) for name, text in forgiveness.onward(mark).items()]
    raced = race.run(RaceConfig(**{name: options[text] for name, options, text in link}))
    np.testing.assert_array_equal(raced.test_accuracy[:, :, -1], of.accuracy[:, :, -1, row, column])


def test_every_knob_of_the_race_that_the_map_fixes_is_in_the_link():
    for against in ROWS:
        link = forgiveness.onward(ForgivenessConfig(against=against, learning_rate=1.0))
        shared = set(ForgivenessConfig.model_fields) & set(RaceConfig.model_fields) - {"first_seed"}
        assert set(link) == {f"race-{name}" for name in shared}
        assert link["race-learning_rate"] == "1"
        assert link["race-target"] == "80 %"


def test_whatever_the_map_offers_the_race_offers_too():
    here, there = knobs(ForgivenessConfig), knobs(RaceConfig)
    for name in set(here) & set(there):
        assert set(here[name].options) <= set(there[name].options), name
    for field, values in ROWS.values():
        assert set(values) <= set(there[field].options)
        assert set(values) == set(here[field].options)  # each can be marked by its knob
    assert LEARNING_RATES == forgiveness.RATES == there["learning_rate"].options


class TestPieces:
    @pytest.mark.parametrize("against", ROWS)
    @pytest.mark.parametrize("seeds", [1, 2, 4, 5])
    def test_make_the_map_once(self, against, seeds):
        config = tiny("forgiveness", against=against, seeds=seeds, first_seed=4)
        cut = pieces(config)
        networks = [
            (seed, *cell) for piece in cut for seed in piece.each_seed() for cell in piece.cells()
        ]
        assert len(networks) == len(set(networks)) == seeds * len(config.rows) * len(LEARNING_RATES)
        assert {seed for seed, *_ in networks} == set(range(4, 4 + seeds))
        assert len(cut[0].cells()) < 60  # the first is there soon
        assert len(networks) / seeds >= 200

    def test_the_first_spans_the_whole_map(self):
        rows, columns = np.array(pieces(ForgivenessConfig())[0].cells()).T
        assert (columns.min(), columns.max()) == (0, len(LEARNING_RATES) - 1)
        assert (rows.min(), rows.max()) == (1, len(GAINS) - 1)
        assert ForgivenessConfig().marked in pieces(ForgivenessConfig())[0].cells()

    @pytest.mark.parametrize("against", ROWS)
    def test_the_mark_is_no_part_of_them(self, against):
        one, other = (
            ForgivenessConfig(against=against, learning_rate=rate, **{ROWS[against][0]: value})
            for rate, value in ((0.1, 1), (0.01, 2))
        )
        assert pieces(one) == pieces(other)
        assert one.marked != other.marked

    def test_all_else_is(self):
        ready = pieces(ForgivenessConfig())
        for changes in ({"activation": "tanh"}, {"depth": 3}, {"steps": 50}, {"against": "depth"}):
            assert pieces(ForgivenessConfig(**changes)) != ready
        assert pieces(ForgivenessConfig(against="depth", gain=0.5)) != pieces(
            ForgivenessConfig(against="depth")
        )

    @pytest.mark.parametrize("against", ROWS)
    def test_the_same_bits_however_it_is_cut_and_on_any_number_of_workers(self, against, small_map):
        config = tiny("forgiveness", against=against, seeds=4)
        whole = forgiveness.PieceConfig(**config.whole_map().model_dump())
        once = assemble(config, [run_piece(whole, workers=1)])
        grown = forgiveness.run(config, workers=2)
        np.testing.assert_array_equal(once.accuracy, grown.accuracy)
        np.testing.assert_array_equal(once.diverged_at, grown.diverged_at)

    def test_what_is_not_there_is_missing_and_a_divergence_is_not(self, small_map):
        config = tiny("forgiveness", against="initial gain", depth=4, width=16, steps=20)
        first = run_piece(pieces(config)[0])
        of = assemble(config, [first])
        assert of.runs == of.cells() == len(pieces(config)[0].cells()) == 2
        assert not of.complete
        np.testing.assert_array_equal(of.there[0], np.isin(np.arange(12).reshape(3, 4), [4, 6]))
        whole = forgiveness.run(config)
        assert whole.complete
        lost = whole.diverged_at != NEVER
        assert lost.any()
        assert (whole.accuracy[:, :, -1][lost] == np.float32(0.1)).all()  # ten classes: guessing
        assert whole.diverged().shape == whole.mean().shape == whole.trains().shape

    def test_reports_go_from_nothing_to_all(self, small_map, monkeypatch):
        train, shares = forgiveness.train_sweep, []

        def telling(settings, starts, changes, report, *more, **options):
            report(0.0)
            report(1.0)
            return train(settings, starts, changes, silent, *more, **options)

        monkeypatch.setattr(forgiveness, "train_sweep", telling)
        forgiveness.run(tiny("forgiveness", against="depth"), shares.append)
        assert (shares[0], max(shares)) == (0.0, pytest.approx(1.0))
        assert shares == sorted(shares)

    @pytest.mark.parametrize("steps", [1, 2, 50, 100, 5000])
    def test_records(self, steps):
        recorded = tiny("forgiveness", steps=steps).recorded()
        assert recorded == sorted(set(recorded))
        assert (recorded[0], recorded[-1]) == (0, steps)
        assert len(recorded) >= min(6, steps + 1)


class TestOneCell:
    @pytest.mark.parametrize("against", ROWS)
    def test_a_click_marks_the_cell_it_hits(self, against):
        config = ForgivenessConfig(against=against)
        for row in range(len(config.rows)):
            for column in range(len(LEARNING_RATES)):
                there = config.model_copy(update=forgiveness.setting(config, [column, row]))
                assert there.marked == (row, column)

    @pytest.mark.parametrize(
        "junk", [[], [1], [1, 2, 3], ["a", 1], [None, 1], [True, 1], [-1, 0], [0, 10], [21, 0],
                 [float("nan"), 1], [float("inf"), 1]]
    )  # fmt: skip
    def test_nonsense_marks_nothing(self, junk):
        assert forgiveness.setting(ForgivenessConfig(), junk) == {}

    def test_the_nearest_cell_of_what_is_between_or_beyond(self):
        assert ForgivenessConfig(learning_rate=0.11, gain=1.1).marked == (5, 8)
        assert ForgivenessConfig(learning_rate=1e3, gain=1e-4).marked == (0, 20)


class TestWork:
    @given(st.data())
    def test_nothing_on_the_page_costs_more_than_the_limit(self, data):
        declared = knobs(ForgivenessConfig)
        chosen = {name: data.draw(st.sampled_from(k.options)) for name, k in declared.items()}
        granted = ForgivenessConfig(**chosen).affordable()
        assert granted.work() <= forgiveness.MAP * WORK_LIMIT
        assert all(piece.work() <= WORK_LIMIT for piece in pieces(granted))
        assert granted.seeds == 1 or granted.steps == chosen["steps"]
        assert all(piece.affordable() == piece for piece in pieces(granted))

    def test_the_default_is_granted_as_it_is(self):
        assert ForgivenessConfig().affordable() == ForgivenessConfig()
        for challenge in words.CHALLENGES:
            config = ForgivenessConfig(**challenge.setting)
            assert config.affordable() == config

    def test_seeds_go_before_steps(self):
        config = ForgivenessConfig(width=64, seeds=5, steps=200)
        granted = config.affordable()
        assert granted.seeds < 5
        assert ForgivenessConfig(width=64, depth=20, seeds=5, steps=400).affordable().steps < 400

    def test_grows_with_the_rows(self):
        depth, gain = (
            ForgivenessConfig(against=against).work() for against in ("depth", "initial gain")
        )
        assert depth > 1.5 * gain  # the rows are deeper than four layers, on average


class TestTrains:
    def test_a_setting_trains_where_more_than_half_of_the_seeds_do(self):
        of = made(GOOD, GOOD, seeds=3)
        of.accuracy[0, :2, -1, 0, 0] = 0.2
        of.accuracy[1, :1, -1, 0, 0] = 0.2
        assert list(of.trains()[:, -1, 0, 0]) == [False, True]
        two = made(GOOD, GOOD, seeds=2)
        two.accuracy[0, 0, -1, 0, 0] = 0.2
        assert not two.trains()[0, -1, 0, 0]
        assert not two.trains()[:, 0].any()  # before the first step

    def test_the_target_itself_is_enough(self):
        assert made([[0.8]], BAD).trains()[0, -1].all()
        assert not made([[0.7999]], BAD).trains()[0, -1].any()

    def test_stretching(self):
        of = made([[0.9, 0.2], [0.3, 0.4]], BAD)
        assert of.mean()[0, -1, 0, 0] == pytest.approx(0.9)
        assert of.mean()[0, -1, 0, -1] == pytest.approx(0.2)
        assert of.mean()[0, -1, -1, 0] == pytest.approx(0.3)
        assert of.mean()[0, -1, -1, -1] == pytest.approx(0.4)


def test_piece_results_name_their_config(small_map):
    piece = pieces(tiny("forgiveness"))[0]
    result = run_piece(piece)
    assert isinstance(result, PieceResult)
    assert result.config == piece
    assert result.test_accuracy.shape == (2, len(piece.cells()), 1, len(piece.recorded()))
    assert result.diverged_at.shape == (2, len(piece.cells()), 1)
    assert result.seconds > 0
