"""The map of what trains: torch.nn and the race are the oracles; maps made by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from bnviz.engine.batches import BatchOrder
from bnviz.engine.networks import Cohort
from bnviz.engine.training import one_thread
from bnviz.experiments import forgiveness, race
from bnviz.experiments.forgiveness import (
    ALL,
    FEW,
    GUESSES,
    MOST,
    NONE,
    ROWS,
    ForgivenessConfig,
    PieceResult,
    assemble,
    pieces,
    run_piece,
)
from bnviz.experiments.pair import NEVER, TREATMENTS, train_pair
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.running import silent
from bnviz.experiments.settings import GAINS, LEARNING_RATES, WORK_LIMIT, knobs
from bnviz.words import forgiveness as words
from tests.samples import tiny

SMALL_ROWS = {
    "initial gain": ("gain", (0.1, 1.0, 2.0)),
    "depth": ("depth", (1, 2, 4)),
    "batch size": ("batch_size", (2, 16, 32)),
}


@pytest.fixture
def small_map(monkeypatch):
    """Four rates and three rows."""
    monkeypatch.setattr(forgiveness, "RATES", (0.01, 0.1, 1.0, 100.0))
    monkeypatch.setattr(forgiveness, "ROWS", SMALL_ROWS)


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

    def test_says_how_both_fare_there(self):
        of = made([[0.5, 0.91]], [[0.5, 0.97]])
        marked = ForgivenessConfig(learning_rate=100.0, gain=0.01)
        said = forgiveness.of_cell(of, marked)
        assert "learning rate 100, initial gain 0.01" in said
        assert "Plain: 91 %." in said
        assert "BN: 97 %." in said
        of.diverged_at[0, 0, 0, 20] = 3
        assert "(1 of 2 diverged)" in forgiveness.of_cell(of, marked)

    def test_says_when_it_is_not_trained(self):
        of = made([[0.5, np.nan]], [[0.5, np.nan]])
        marked = ForgivenessConfig(learning_rate=100.0, gain=0.01)
        assert "Not trained yet" in forgiveness.of_cell(of, marked)


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
        for preset in words.PRESETS.values():
            config = ForgivenessConfig(**preset)
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


# ------------------------------------------------------------------ maps made by hand

STEPS = np.array([0, 1, 10])


def made(plain, batch, *, lost=0, **changes):
    """A map whose left and right half, and rows from below, have these accuracies in all seeds.

    `plain` and `batch` are rows of columns, stretched over the whole map.
    """
    config = tiny("forgiveness", **{"steps": 10} | changes).whole_map()
    shape = (len(config.rows), len(forgiveness.RATES))
    accuracy = np.full((2, config.seeds, len(STEPS), *shape), 0.1, np.float32)
    for place, values in enumerate((plain, batch)):
        accuracy[place, :, -1] = stretched(np.array(values, np.float32), shape)
        accuracy[place, :, :-1][np.isnan(accuracy[place, :, -1:].repeat(2, 1))] = np.nan
    at = np.full((2, config.seeds, *shape), NEVER)
    at[0, 0].flat[:lost] = 1
    return forgiveness.ForgivenessResult(
        config, STEPS, np.array(forgiveness.RATES), accuracy, at, 1.25
    )


def stretched(values, shape):
    rows = [round(k * len(values) / shape[0] - 0.499) for k in range(shape[0])]
    columns = [round(k * values.shape[1] / shape[1] - 0.499) for k in range(shape[1])]
    return values[np.maximum(rows, 0)][:, np.maximum(columns, 0)]


def said(*arguments, **changes):
    return " ".join(forgiveness.findings(made(*arguments, **changes)))


GOOD, BAD = [[0.9]], [[0.2]]
HALF = [[0.9, 0.2]]


class TestTheSentences:
    def test_stretching(self):
        of = made([[0.9, 0.2], [0.3, 0.4]], BAD)
        assert of.mean()[0, -1, 0, 0] == pytest.approx(0.9)
        assert of.mean()[0, -1, 0, -1] == pytest.approx(0.2)
        assert of.mean()[0, -1, -1, 0] == pytest.approx(0.3)
        assert of.mean()[0, -1, -1, -1] == pytest.approx(0.4)

    @pytest.mark.parametrize(
        ("plain", "batch", "starts"),
        [
            (BAD, GOOD, "**With BN 100 % of the settings train, without it 0 %**: they reach 80 %"),
            (BAD, BAD, "**No setting trains**: of 210, none reaches 80 %"),
            (GOOD, HALF, "**Here BN does not help**: with it 52 %"),
            (GOOD, GOOD, "**Here BN does not help**: with it 100 %"),
            (HALF, [[0.9, 0.9, 0.2]], "**BN helps little here**: with it 67 %"),
        ],
    )
    def test_the_headline(self, plain, batch, starts):
        assert forgiveness.findings(made(plain, batch))[0].startswith(starts)

    def test_one_setting_is_not_rounded_to_none(self):
        of = made(BAD, BAD)
        of.accuracy[1, :, -1, 0, 0] = 0.9
        text = forgiveness.findings(of)
        assert text[0].startswith("**With BN less than 1 % of the settings train, without it 0 %**")
        of.accuracy[0, :, -1, 0, 1] = 0.9
        assert "**Plain is ahead in 1 cell**" in " ".join(forgiveness.findings(of))

    def test_the_headline_says_while_the_map_grows(self):
        assert "So far" in forgiveness.findings(made([[0.9, np.nan]], [[0.9, np.nan]]))[0]
        assert "So far" not in forgiveness.findings(made(GOOD, GOOD))[0]

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

    def test_guessing_between_two_classes_is_not_training(self):
        text = said([[0.5]], [[0.8]], dataset="moons", target=0.5)
        assert "With BN 100 % of the settings train, without it 0 %**: they reach 75 %" in text

    def test_where_bn_is_ahead(self):
        text = said([[0.2, 0.9]], [[0.95, 0.92]])
        assert "ahead by more than 5 points in 110 of 210 cells" in text
        assert (
            "most at learning rate 0.001, initial gain 0.01, with BN 95 % and without it 20 %"
            in text
        )
        assert "BN is nowhere ahead" in said(GOOD, GOOD)

    def test_where_plain_is_ahead(self):
        text = said([[0.2], [0.9]], [[0.2], [0.3]])
        assert "**Plain is ahead in 105 cells**" in text
        assert "initial gain 1, with BN 30 % and without it 90 %" in text
        assert "larger learning rate" not in text  # at gain 1 that is not the reason
        assert "Plain is nowhere ahead" in said(GOOD, GOOD)

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
        assert "In 100 cells neither trains. Above learning rate 0.32 nothing does." in text
        assert "Above" not in said(GOOD, BAD)
        assert "In 210 cells neither trains." in said(BAD, BAD)

    def test_who_diverged(self):
        assert "3 of 420 plain networks, none with BN" in said(GOOD, GOOD, lost=3)
        assert "Diverged" not in said(GOOD, GOOD)

    def test_what_it_cost(self):
        text = said(GOOD, GOOD)
        assert "Each map is 420 networks of width 8, trained for 10 steps" in text
        assert "the 840 took 1.2 s" in text

    def test_names_of_the_rows(self):
        assert "1 hidden layer," in said(BAD, GOOD, against="depth")
        assert "batch size 1," in said(BAD, GOOD, against="batch size")


class TestWindows:
    def test_counts_rates_row_by_row(self):
        of = made([[0.9, 0.2], [0.2, 0.2]], GOOD)
        np.testing.assert_array_equal(forgiveness.windows(of)[0, -1], [11] * 5 + [0] * 5)
        assert (forgiveness.windows(of)[1, -1] == 21).all()
        text = forgiveness.of_windows(of)
        assert "Plain trains in 5 of 10 rows, at up to 11 of 21 rates (initial gain 0.01)" in text
        assert "BN trains in 10 of 10 rows" in text

    def test_nothing_trains(self):
        assert "Plain trains at none of 10 rows" in forgiveness.of_windows(made(BAD, GOOD))


def believed(belief, *arguments, **changes):
    met = forgiveness.misconceptions(made(*arguments, **changes))
    (answer,) = (text for key, text in met.items() if belief in key)
    return answer


class TestMisconceptions:
    def test_the_initialization(self):
        matters = believed("initialization", BAD, [[0.9], [0.5]])
        assert "BN reaches 90 % with gain 0.01 and 50 % with gain 1." in matters
        assert "hardly does" in believed("initialization", BAD, [[0.9], [0.86]])
        assert "cannot tell" in believed("initialization", BAD, [[0.9], [0.5]], against="depth")

    def test_any_rate(self):
        text = believed("any learning rate", BAD, HALF)
        assert "At 10 of 21 rates nothing trains with BN, in no row; above 0.32 nothing" in text
        assert "above" not in believed("any learning rate", BAD, [[0.2, 0.9]])
        assert "at each of the rates" in believed("any learning rate", BAD, GOOD)
        assert "at none" in believed("any learning rate", GOOD, BAD)

    def test_the_rate_alone(self):
        text = believed("badly chosen", [[0.2], [0.9]], GOOD)
        assert "In 5 of the 10 rows where BN trains, plain trains at no" in text
        assert "initial gain 0.01" in text
        assert "could be" in believed("badly chosen", HALF, GOOD)
        assert "cannot tell" in believed("badly chosen", GOOD, BAD)

    def test_only_helps(self):
        assert "In 105 cells plain is ahead" in believed("only help", [[0.2], [0.9]], BAD)
        assert "nowhere ahead" in believed("only help", BAD, GOOD)


@pytest.mark.parametrize(
    ("plain", "batch", "right"),
    [
        (HALF, GOOD, ALL),
        (GOOD, [[0.9, 0.9, 0.2]], MOST),
        (GOOD, [[0.9, 0.2, 0.2]], FEW),
        (GOOD, BAD, FEW),
        (BAD, GOOD, NONE),
    ],
)
def test_the_guess(plain, batch, right):
    answer, why = forgiveness.kept(made(plain, batch))
    assert answer == right
    assert right in GUESSES
    assert why


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
        *forgiveness.findings(of),
        *forgiveness.misconceptions(of).values(),
        forgiveness.of_windows(of),
        forgiveness.of_cell(of, config),
        *forgiveness.kept(of),
    ]
    assert all(texts)
    assert not {"nan", "inf", "None"} & set(" ".join(texts).replace(",", " ").split())


# ------------------------------------------------------------------ what the page claims


@pytest.fixture(scope="module")
def at_the_default():
    """The default map over five seeds, of a few rates and gains."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forgiveness, "RATES", (0.0032, 0.1, 1.0, 18.0))
        patch.setattr(forgiveness, "ROWS", {"initial gain": ("gain", (0.1, 1.0, 3.0))})
        yield forgiveness.run(ForgivenessConfig(seeds=5))


def of_seed(of, seed):
    return forgiveness.ForgivenessResult(
        of.config.model_copy(update={"seeds": 1}),
        of.steps,
        of.rates,
        of.accuracy[:, [seed]],
        of.diverged_at[:, [seed]],
        of.seconds,
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


def preset(words_in_label):
    (values,) = (v for label, v in words.PRESETS.items() if words_in_label in label)
    return values


def test_the_preset_where_bn_does_not_help():
    config = ForgivenessConfig(**preset("not help") | {"seeds": 5})
    histories = train_pair(config, tuple(range(1, config.depth + 1)), record_at=[config.steps])
    plain, batch = (histories[name].test_accuracies[:, -1] for name in TREATMENTS)
    assert (plain > batch + 0.2).all()


def test_the_preset_with_sigmoid_units(monkeypatch):
    monkeypatch.setattr(forgiveness, "RATES", (0.1, 0.32, 1.0, 3.2))
    monkeypatch.setattr(forgiveness, "ROWS", {"initial gain": ("gain", (0.5, 1.0))})
    of = forgiveness.run(ForgivenessConfig(**preset("Sigmoid") | {"seeds": 5}))
    for seed in range(5):
        plain, batch = of_seed(of, seed).trains()[:, -1].sum(axis=(1, 2))
        assert batch > 2 * plain


def test_piece_results_name_their_config(small_map):
    piece = pieces(tiny("forgiveness"))[0]
    result = run_piece(piece)
    assert isinstance(result, PieceResult)
    assert result.config == piece
    assert result.test_accuracy.shape == (2, len(piece.cells()), 1, len(piece.recorded()))
    assert result.diverged_at.shape == (2, len(piece.cells()), 1)
    assert result.seconds > 0
