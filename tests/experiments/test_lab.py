"""The lab: any run, how it goes on, what tells two apart; each sentence also the other way."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bnviz.experiments import lab
from bnviz.experiments.diagnostics import DIAGNOSTICS
from bnviz.experiments.lab import ARMS, NAMES, NOTHING, PIECES, LabConfig, written
from bnviz.experiments.pair import NEVER
from bnviz.experiments.settings import WORK_LIMIT, complaint, knobs
from bnviz.figures.theme import LABEL

TINY = {"depth": 2, "width": 8, "steps": 6, "batch_size": 32, "seeds": 2}
BAD = re.compile(r"\bnan\b|\binf\b|\bNone\b")


def config(**changes):
    return LabConfig(**TINY | changes)


@cache
def trained(of):
    return lab.run(of)


def ran(**changes):
    """Each run once: the tests change none of them."""
    return trained(config(**changes))


def assert_same_training(one, other):
    for name in ("losses", "test_losses", "test_accuracies", "diverged_at"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def assert_sound(*sentences):
    for sentence in sentences:
        assert sentence.endswith((".", "%")), sentence
        assert not BAD.search(sentence), sentence
        assert "—" not in sentence


# ---------------------------------------------------------------------------- the config

OPTIONS = [
    (name, option)
    for name, knob in knobs(LabConfig).items()
    for option in knob.options
    if name not in ("diagnostic", "seeds", "first_seed", "steps")
]


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_every_option_of_every_knob_runs(name, option):
    changes = {"normalizer": "batch", "seeds": 1, "steps": 2} | {name: option}
    if name in ("groups", "gamma_start"):
        changes |= {"normalizer": "group", "skip": "on"}
    one = ran(**changes)
    assert one.test_accuracies.shape == (1, len(one.steps))
    assert_sound(*lab.findings(ran(seeds=1, steps=2), one))
    assert_sound(lab.differences(config(), one.config))
    assert len(lab.described(one.config)) <= 40


@pytest.mark.parametrize("name", knobs(LabConfig))
def test_every_knob_says_what_it_does(name):
    knob = knobs(LabConfig)[name]
    assert knob.label[0].isupper()
    assert knob.help.endswith(".")
    assert LabConfig.model_fields[name].default in knob.options


def test_every_normalizer_has_a_colour_and_the_name_of_the_other_lessons():
    for name, said in NAMES.items():
        treatment = config(normalizer=name).treatment
        assert LABEL[treatment] == said


def test_where_no_layer_is_normalized_the_network_is_plain():
    some = config(normalizer="batch", depth=1, normalized_layers="second half")
    assert some.treatment == "plain"
    assert_same_training(lab.run(some), ran(depth=1))


class TestThen:
    def test_the_pieces_of_a_run(self):
        one = config(steps=50, learning_rate=0.1, then="0.01x100_2x7")
        assert one.pieces == [(0.1, 50), (0.01, 100), (2.0, 7)]
        assert one.starts == [0, 50, 150]
        assert one.total_steps == 157
        assert [one.rate(step) for step in (0, 49, 50, 149, 150, 157)] == [
            0.1, 0.1, 0.01, 0.01, 2.0, 2.0,
        ]  # fmt: skip

    @given(
        st.lists(
            st.tuples(st.floats(1e-6, 1e3).map(lambda rate: float(f"{rate:.2g}")),
                      st.integers(1, 1000)),
            max_size=PIECES,
        )
    )  # fmt: skip
    def test_what_is_written_is_read(self, pieces):
        assert lab.pieces_of(written(pieces)) == pieces

    @given(st.text(alphabet="0123456789.x_-e ٣²", max_size=20) | st.text(max_size=20))
    def test_nonsense_is_refused_in_a_sentence(self, text):
        try:
            assert config(then=text).pieces
        except ValidationError as error:
            said = complaint(error)
            assert said.startswith("then: ") or "steps and then" in said
            assert len(said) < 200

    @pytest.mark.parametrize(
        ("then", "said"),
        [
            ("0.1", "`0.1` is no continuation; one is rate x steps, such as 0.01x100"),
            ("0x10", "its rate is from 0.000001 to 1000, its steps from 1 to 5000"),
            ("0.1x0", "its rate is from 0.000001 to 1000, its steps from 1 to 5000"),
            ("_".join(["0.1x1"] * 5), "5 continuations; at most 4"),
            ("0.1x4999", "steps and then together make 5005 steps; at most 5000"),
        ],
    )
    def test_what_is_wrong_is_said(self, then, said):
        with pytest.raises(ValidationError) as caught:
            config(then=then)
        assert said in complaint(caught.value)

    @pytest.mark.parametrize("schedule", ["constant", "cosine"])
    @pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
    def test_going_on_leaves_what_was_there_to_the_bit(self, optimizer, schedule):
        changes = {
            "normalizer": "batch", "optimizer": optimizer, "schedule": schedule,
            "dropout": 0.1, "learning_rate": 0.01, "diagnostic": "signal size",
        }  # fmt: skip
        short, long = ran(**changes), ran(**changes, then="0.1x7_0.001x3")
        past = len(short.steps)
        np.testing.assert_array_equal(long.steps[:past], short.steps)
        assert long.steps[-1] == 16
        for name in ("losses", "test_losses", "test_accuracies"):
            mine = getattr(long, name)[:, : past - 1]  # the last loss is of the batch to come
            np.testing.assert_array_equal(mine, getattr(short, name)[:, :-1])
        np.testing.assert_array_equal(long.test_losses[:, past - 1], short.test_losses[:, -1])
        np.testing.assert_array_equal(long.measured["value"][:, :past], short.measured["value"])

    def test_the_rate_makes_a_difference_from_there_on(self):
        one, other = ran(then="0.32x6"), ran(then="0.01x6")
        assert one.segments == ((0, 0.32), (6, 0.32))
        start = int(np.flatnonzero(one.steps == 6)[0])
        np.testing.assert_array_equal(
            one.test_losses[:, : start + 1], other.test_losses[:, : start + 1]
        )
        assert (one.test_losses[:, -1] != other.test_losses[:, -1]).all()

    def test_going_on_at_the_same_rate_is_a_longer_run(self):
        one, other = ran(then="0.32x6"), ran(steps=12)
        np.testing.assert_array_equal(one.test_losses[:, -1], other.test_losses[:, -1])


class TestCost:
    def test_what_is_affordable_stays_as_it_is(self):
        one = config(then="0.1x100")
        assert one.affordable() == one

    def test_what_is_continued_is_cut_first_and_the_beginning_stays(self):
        large = {"depth": 20, "width": 256, "batch_size": 512, "learning_rate": 0.1}
        start = next(
            one for n in range(1, 200)
            if (one := config(**large, steps=n)).work() > 0.6 * WORK_LIMIT
        )  # fmt: skip
        granted = LabConfig(**start.model_dump() | {"then": "0.1x4000_0.01x100"}).affordable()
        assert granted.work() <= WORK_LIMIT
        assert granted.steps == start.steps
        assert 1 < granted.pieces[1][1] < 4000
        assert len(granted.pieces) == 2

    def test_too_long_a_beginning_is_cut_and_nothing_follows(self):
        granted = config(
            depth=50, width=256, batch_size=512, steps=4000, seeds=5, then="0.1x10"
        ).affordable()
        assert 1 <= granted.steps < 4000
        assert granted.then == ""

    def test_what_is_measured_counts(self):
        quiet = config()
        for name in DIAGNOSTICS:
            assert config(diagnostic=name).work() >= quiet.work()
        assert config(diagnostic="change of the gradient").work() > 1.05 * quiet.work()

    @pytest.mark.parametrize("name", DIAGNOSTICS)
    def test_however_large_the_cost_is_bounded_and_the_steps_are_the_same(self, name):
        for changes in ({}, {"depth": 50, "width": 256, "batch_size": 512, "steps": 1600}):
            quiet = config(**changes, seeds=5).affordable()
            loud = config(**changes, seeds=5, diagnostic=name).affordable()
            assert loud.work() <= WORK_LIMIT
            assert loud.total_steps == quiet.total_steps

    def test_what_takes_too_long_is_not_measured_and_says_so(self, monkeypatch):
        monkeypatch.setattr(lab, "MEASURING", 1e-9)
        both = [lab.run(config(diagnostic="values entering", normalizer=n)) for n in NAMES]
        assert both[0].measured == {}
        said = lab.findings(*both[:2])
        assert said[1].startswith("A is not measured: it takes too long")
        other = ran(diagnostic="values entering")
        assert len(other.ridges_with(both[0])[1].density) == 1

    def test_the_cut_is_told(self):
        one = config(then="0.1x100")
        assert lab.cut(one) == ""
        large = config(depth=50, width=256, batch_size=512, steps=4000, seeds=5)
        assert "4000 steps" in lab.cut(large)
        assert str(large.affordable().total_steps) in lab.cut(large)


# ---------------------------------------------------------------------------- the run


def test_the_same_config_gives_the_same_bits():
    changes = {"normalizer": "noisy", "dropout": 0.3, "diagnostic": "shift, turn"}
    one, other = lab.run(config(**changes)), lab.run(config(**changes))
    assert_same_training(one, other)
    np.testing.assert_array_equal(one.measured["value"], other.measured["value"])


FEW = ("signal size", "values leaving", "shift, turn", "change of the gradient", "way of gamma",
       "noise of the means", "two modes")  # fmt: skip
HARD = {
    "renorm, dropout": {"normalizer": "renorm", "dropout": 0.3, "skip": "on"},
    "noisy, ghosts": {"normalizer": "noisy", "chunk": 8, "optimizer": "adam"},
    "switchable": {"normalizer": "switchable", "normalize_inputs": "on"},
}


@pytest.mark.parametrize("setting", HARD)
def test_measuring_never_changes_the_training(setting):
    changes = HARD[setting] | {"then": "0.1x1", "steps": 2, "seeds": 1}
    quiet = ran(**changes)
    assert quiet.measured == {}
    for name in FEW:
        assert_same_training(ran(**changes, diagnostic=name), quiet)


@pytest.mark.parametrize("normalizer", NAMES)
def test_every_diagnostic_on_every_normalizer(normalizer):
    """It is measured, or a sentence says why not; and it never changes the training."""
    small = {"seeds": 1, "steps": 2, "dropout": 0.1}
    quiet = ran(**small, normalizer=normalizer)
    for name, told in DIAGNOSTICS.items():
        plain = ran(**small, diagnostic=name)
        one = ran(**small, diagnostic=name, normalizer=normalizer)
        assert_same_training(one, quiet)
        value, layers = one.measured["value"], one.layers()
        shape = {"run": (), "layers": (len(layers),), "ridges": (2, 128)}[told.shape]
        assert value.shape == (1, 3, *shape)
        dead = normalizer == "instance"  # a network that says the same for everything
        assert np.isfinite(value).any() or one.why_not() or dead, name
        assert_sound(*lab.findings(plain, one), *lab.findings(one, plain))


EDGES = {
    "everything diverged": {"gain": 1e4, "learning_rate": 1e3, "depth": 6},
    "one step": {"steps": 1, "seeds": 1},
    "single samples": {"batch_size": 1, "normalizer": "batch"},
    "all in one batch": {"batch_size": 1347, "steps": 1, "seeds": 1, "normalizer": "batch"},
    "in the plane": {"dataset": "moons", "normalizer": "batch"},
    "fifty layers": {"depth": 50, "steps": 2, "seeds": 1, "normalizer": "batch"},
}


DEAR = ("fifty layers", "in the plane", "all in one batch", "single samples")


@pytest.mark.parametrize("edge", EDGES)
def test_every_diagnostic_at_the_edges(edge):
    changes = EDGES[edge]
    for name in FEW if edge in DEAR else DIAGNOSTICS:
        one = ran(**changes, diagnostic=name)
        other = ran(**{k: v for k, v in changes.items() if k != "normalizer"}, diagnostic=name)
        assert_sound(*lab.findings(one, other), *lab.findings(other, one))
        if DIAGNOSTICS[name].shape == "ridges":
            for half in one.ridges_with(other):
                assert half.low < half.high
                assert half.density.shape[1] == len(half.layers)


def test_records_of_the_plane():
    one = ran(dataset="moons", normalizer="batch")
    assert one.decision.shape == (len(one.steps), 48, 48)
    assert one.decision.max() <= 250
    assert ran().decision is None


def test_two_results_share_a_clock():
    one, other = ran(steps=4), ran(steps=6)
    np.testing.assert_array_equal(lab.clock_steps(one, other), np.arange(7))


# ---------------------------------------------------------------------------- names, differences


class TestDescribed:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({}, "plain"),
            ({"normalizer": "batch"}, "BN"),
            ({"normalizer": "batch", "learning_rate": 0.1, "activation": "tanh"},
             "BN, rate 0.1, tanh"),
            ({"normalizer": "group", "groups": 8, "then": "0.01x50"},
             "group norm, then 0.01, 8 groups"),
            ({"groups": 8, "chunk": 8, "momentum": 0.5}, "plain"),
            ({"normalizer": "layer", "batch_size": 4, "skip": "on"}, "layer norm, batch 4, skips"),
            ({"normalizer": "group", "groups": 1, "depth": 1}, "group norm, 1 layer, 1 group"),
        ],
    )  # fmt: skip
    def test_says_what_is_not_usual(self, changes, said):
        assert lab.described(LabConfig(**changes)) == said

    @given(st.data())
    def test_is_never_long(self, data):
        names = [name for name in knobs(LabConfig) if name not in ("seeds", "first_seed")]
        chosen = {
            name: data.draw(st.sampled_from(knobs(LabConfig)[name].options)) for name in names
        }
        assert len(lab.described(LabConfig(**chosen))) <= 40


class TestDifferences:
    def test_none(self):
        assert lab.differences(config(), config()).startswith("**The arms are the same**")

    def test_one(self):
        said = lab.differences(LabConfig(**ARMS["a"]), LabConfig(**ARMS["b"]))
        assert said.startswith("The arms differ in **the normalizer alone** (plain, BN).")
        assert said.endswith("the same weights and see the same mini-batches.")

    def test_two_and_three(self):
        two = config(normalizer="batch", learning_rate=1.0)
        said = lab.differences(config(), two)
        assert "**two things**: the normalizer (plain, BN) and the learning rate (0.32, 1)" in said
        assert "neither can be blamed alone" in said
        three = two.model_copy(update={"depth": 3})
        assert "**three things**" in lab.differences(config(), three)
        assert "none of them can be blamed alone" in lab.differences(config(), three)

    def test_a_knob_that_one_of_them_does_not_have_is_no_difference(self):
        said = lab.differences(config(), config(normalizer="batch", momentum=0.5, chunk=8))
        assert "**the normalizer alone**" in said
        both = config(normalizer="batch"), config(normalizer="batch", momentum=0.5)
        assert "**the momentum of the averages alone**" in lab.differences(*both)

    def test_how_they_go_on(self):
        said = lab.differences(config(), config(then="0.1x5_0.01x6"))
        assert "**how they go on alone** (not at all, 0.1 for 5 steps, then 0.01 for 6" in said

    @pytest.mark.parametrize(
        ("changes", "weights", "batches"),
        [
            ({"normalizer": "batch"}, True, True),
            ({"learning_rate": 1.0}, True, True),
            ({"batch_size": 16}, True, False),
            ({"width": 16}, False, True),
            ({"activation": "tanh"}, False, True),  # another matched initialization
            ({"activation": "gelu"}, True, True),
            ({"gain": 2.0}, False, True),
            ({"gain": 2.0, "batch_size": 16}, False, False),
        ],
    )
    def test_what_they_share_is_true(self, changes, weights, batches):
        one, other = config(), config(**changes)
        said = lab.differences(one, other)
        assert ("the same weights" in said) == weights
        assert ("the same mini-batches" in said) == batches
        first = [lab.Cohort(c.architecture(), [0], [c.gain]).layers for c in (one, other)]
        same = all(
            a.weight.shape == b.weight.shape and bool((a.weight == b.weight).all())
            for a, b in zip(*first, strict=True)
        )
        assert same == weights


# ---------------------------------------------------------------------------- sentences by hand

STEPS = np.array([0, 4, 8])


def made(ends=(0.9, 0.9), lost=None, pace=None, seconds=0.001, steps=STEPS, **changes):
    """A result in which the seeds end with these accuracies."""
    seeds = len(ends)
    of = config(**{"seeds": seeds, "steps": 8} | changes)
    accuracy = np.repeat(np.array(ends, np.float32)[:, None], len(steps), axis=1)
    if pace is not None:
        accuracy[:, :-1] = pace
    diverged = np.array(lost or [NEVER] * seeds)
    accuracy[diverged != NEVER, 1:] = np.nan
    return lab.LabResult(
        of, steps, np.ones_like(accuracy), np.ones_like(accuracy), accuracy, diverged,
        np.where(diverged == NEVER, NEVER, 2), seconds, 1000, np.array([], np.int64), {},
        None, None, None, None,
    )  # fmt: skip


def bn(*arguments, **changes):
    return made(*arguments, **{"normalizer": "batch"} | changes)


def headline(a, b):
    return lab.findings(a, b)[0]


class TestHeadline:
    def test_b_ahead(self):
        said = headline(made((0.7, 0.8)), bn((0.9, 0.95)))
        assert said.startswith(
            "**B (BN) ends ahead in all 2 seeds**: 92 % test accuracy, A (plain)"
        )
        assert "does not help" not in said

    def test_a_ahead_and_bn_does_not_help(self):
        said = headline(made((0.9, 0.95)), bn((0.7, 0.8)))
        assert said.startswith("**A (plain) ends ahead in all 2 seeds**")
        assert said.endswith("Here BN does not help.")

    def test_the_arms_may_be_the_other_way_round(self):
        said = headline(bn((0.7, 0.8)), made((0.9, 0.95)))
        assert said.startswith("**B (plain) ends ahead")
        assert said.endswith("Here BN does not help.")
        assert "does not help" not in headline(bn((0.9, 0.95)), made((0.7, 0.8)))

    def test_nothing_is_blamed_on_bn_where_more_differs(self):
        assert "not help" not in headline(made((0.9,)), bn((0.7,), learning_rate=1.0))

    def test_about_the_same(self):
        said = headline(made((0.90, 0.912)), bn((0.905, 0.908)))
        assert said.startswith("**About the same**: 91 % test accuracy")
        assert "B is ahead in 1 of 2 seeds, A in 1 of 2 seeds" in said
        assert said.endswith("Here BN does not help.")

    def test_both_diverged(self):
        said = headline(made((0.9,), [3]), bn((0.9,), [4]))
        assert said.startswith("**Both arms diverged in every seed**")

    def test_one_diverged(self):
        said = headline(made((0.9, 0.9), [3, 4]), bn((0.9, 0.9)))
        assert said.startswith("**A (plain) diverged in every seed; B (BN) got through**: 90 %")
        assert "does not help" not in said
        said = headline(made((0.9, 0.9)), bn((0.9, 0.9), [3, 4]))
        assert said.startswith("**B (BN) diverged in every seed; A (plain) got through**")
        assert said.endswith("Here BN does not help.")
        said = headline(made((0.1,)), bn((0.9,), [3]))
        assert "A (plain) learned nothing" in said
        assert "A (plain) learned little" in headline(made((0.46,)), bn((0.9,), [3]))

    def test_a_seed_that_diverged_counts_as_nothing(self):
        assert made((0.9, 0.9), [3, NEVER]).final().tolist() == pytest.approx([0, 0.9])

    def test_neither_learned(self):
        said = headline(made((0.1, 0.2)), bn((0.1, 0.12)))
        assert said.startswith("**Neither arm learned**: 15 % and 11 %")
        assert "guessing gets 10 %" in said
        assert headline(made((0.4,)), bn((0.1,))).startswith("**Neither arm learned much**: 40 %")
        assert not said_of(made((0.1,)), bn((0.2,)), "Averaged over training")

    def test_the_same_arms(self):
        assert headline(made((0.9,)), made((0.9,))).startswith("**Both arms are the same**")
        assert headline(made((0.9,), [3]), made((0.9,), [3])).endswith("both diverged.")


def said_of(a, b, word):
    return [sentence for sentence in lab.findings(a, b) if word in sentence]


class TestFindings:
    def test_who_learns_faster(self):
        faster = said_of(made((0.9,), pace=0.2), bn((0.9,), pace=0.6), "Averaged")
        assert faster[0].endswith("B learns faster.")
        faster = said_of(made((0.9,), pace=0.6), bn((0.9,), pace=0.2), "Averaged")
        assert faster[0].endswith("A learns faster.")
        faster = said_of(made((0.9,), pace=0.6), bn((0.9,), pace=0.6), "Averaged")
        assert faster[0].endswith("both learn at about the same pace.")
        some = said_of(made((0.9,) * 3, [3, NEVER, NEVER]), bn((0.9,) * 3), "Averaged")
        assert "in B, in the seeds that did not diverge:" in some[0]

    def test_runs_of_different_lengths_have_no_common_pace(self):
        longer = bn((0.9,), steps=np.array([0, 8, 16]), then="0.1x8")
        assert not said_of(made((0.9,)), longer, "Averaged")

    def test_divergences(self):
        said = said_of(made((0.9, 0.9, 0.9), [3, 5, NEVER]), bn((0.9,) * 3), "diverged in 2")
        assert said[0].startswith("A diverged in 2 of 3 seeds, at steps 3 to 5:")
        assert "first in layer 2" in said[0]
        said = said_of(made((0.9,)), bn((0.9,), [3], depth=1), "B diverged in")
        assert "at step 3" in said[0]
        assert "first in the output layer" in said[0]

    def test_what_a_continuation_changed(self):
        one = made((0.9,), pace=0.5, then="0.01x4", steps=np.array([0, 8, 12]))
        (said,) = said_of(one, bn((0.9,)), "goes on")
        assert "A goes on from step 8 with a rate of 0.01 after 0.32" in said
        assert "goes from 50 % to 90 % by step 12" in said
        still = made((0.9,), then="0.01x4", steps=np.array([0, 8, 12]))
        assert "is still 90 %" in said_of(still, bn((0.9,)), "goes on")[0]
        lost = made((0.9,), [3], then="0.01x4", steps=np.array([0, 8, 12]))
        assert not said_of(lost, bn((0.9,)), "goes on")

    @pytest.mark.parametrize(
        ("changes", "word", "normal"),
        [
            ({"normalizer": "instance"}, "a single value", {"normalizer": "layer"}),
            (
                {"normalizer": "batch", "chunk": 32, "batch_size": 48},
                "do not divide",
                {"chunk": 16},
            ),
            ({"normalizer": "batch", "batch_size": 1}, "a single sample", {"batch_size": 2}),
            ({"normalizer": "group", "groups": 8, "width": 12}, "so there are 4", {"groups": 4}),
        ],
    )
    def test_what_a_reader_might_not_expect(self, changes, word, normal):
        assert said_of(made((0.9,)), made((0.9,), **changes), word)
        assert not said_of(made((0.9,)), made((0.9,), **changes | normal), word)
        assert not said_of(made((0.9,)), made((0.9,), **changes | {"normalizer": "none"}), word)

    @pytest.mark.parametrize(
        "changes", [{"normalizer": "instance"}, {"normalizer": "batch", "batch_size": 1}]
    )
    def test_skip_connections_lead_around_what_blocks(self, changes):
        arms = [
            made((0.9,), **changes, depth=3, skip=skip, normalized_layers=layers)
            for skip, layers in (("on", "last only"), ("on", "all"), ("off", "last only"))
        ]
        around = [bool(said_of(arm, made((0.9,)), "on the skip connections")) for arm in arms]
        assert around == [True, False, False]

    def test_the_cost(self):
        slow = lab.findings(made((0.9,)), bn((0.9,), seconds=0.002))[-1]
        assert slow.endswith("one step of B took 2.0 times as long as of A.")
        quick = lab.findings(made((0.9,)), bn((0.9,), seconds=0.0005))[-1]
        assert quick.endswith("one step of A took 2.0 times as long as of B.")
        alike = lab.findings(made((0.9,)), bn((0.9,)))[-1]
        assert alike.endswith("a step takes about the same time.")
        lost = lab.findings(made((0.9,), [3]), bn((0.9,), seconds=0.002))[-1]
        assert "took" not in lost


def measuring(result, name, value, **more):
    """The result with these values measured, (seeds, M, …)."""
    of = result.config.model_copy(update={"diagnostic": name})
    arrays = {"value": np.array(value, np.float32)} | more
    moments = STEPS[: arrays["value"].shape[1]]
    return replace(result, config=of, moments=moments, measured=arrays)


class TestMeasured:
    def test_nothing(self):
        assert not said_of(made((0.9,)), bn((0.9,)), "signal")

    def test_by_layer(self):
        small = measuring(made((0.9,)), "signal size", [[[1, 1], [0.5, 0.25]]])
        large = measuring(bn((0.9,)), "signal size", [[[4, 4], [4, 2]]])
        said = lab.findings(small, large)[1]
        assert said.startswith(
            "The signal at step 4: 0.5 in layer 1 and 0.25 in layer 2 of A;"
            " 4 in layer 1 and 2 in layer 2 of B."
        )
        assert "B's is 5.3 times A's" in said
        swapped = lab.findings(
            measuring(made((0.9,)), "signal size", large.measured["value"]),
            measuring(bn((0.9,)), "signal size", small.measured["value"]),
        )[1]
        assert "A's is 5.3 times B's" in swapped
        assert (
            "Both are about the same"
            in lab.findings(small, measuring(bn((0.9,)), "signal size", small.measured["value"]))[1]
        )

    def test_after_a_divergence_the_last_that_was_seen(self):
        lost = measuring(made((0.9,)), "signal size", [[[1, 2], [np.nan, np.nan]]])
        there = measuring(bn((0.9,)), "signal size", [[[1, 1], [3, 4]]])
        said = lab.findings(lost, there)[1]
        assert "2 in layer 2 of A (step 0); 3 in layer 1 and 4 in layer 2 of B (step 4)" in said

    def test_by_run(self):
        low = measuring(made((0.9,)), "beta-smoothness", [[1, 1, 1]])
        high = measuring(bn((0.9,)), "beta-smoothness", [[2, 3, 4]])
        said = lab.findings(low, high)[1]
        assert "is 1 in A and 3 in B. B's is 3.0 times A's." in said

    def test_what_means_nothing_for_an_arm_says_why(self):
        a = measuring(made((0.9,)), "two modes", [[np.nan, np.nan, np.nan]])
        b = measuring(bn((0.9,)), "two modes", [[0.02, 0.02, 0.02]])
        said = lab.findings(a, b)
        assert said[1].endswith("is +2.0 points of a hundred in B.")
        assert said[2].startswith("A is not measured: it has no running statistics")
        both = lab.findings(a, measuring(made((0.8,), normalizer="layer"), "two modes", [[0.0]]))
        assert both[1].startswith("A is not measured")
        assert both[2].startswith("B is not measured")

    def test_what_diverged_before_it_could_be_measured(self):
        a = measuring(made((0.9,)), "signal size", [[[np.nan, np.nan]]])
        b = measuring(bn((0.9,)), "signal size", [[[1, 1]]])
        said = lab.findings(a, b)
        assert "of B" in said[1]
        assert said[2] == "A diverged before anything could be measured."

    def test_by_drift(self):
        start = np.linspace(-1, 1, 128)
        one = np.stack([start, start + 1])[None, :, None].repeat(2, 2)
        still = np.stack([start, start])[None, :, None].repeat(2, 2)
        zeros = {"zeros": np.zeros((1, 2, 2), np.float32)}
        a = measuring(made((0.9,)), "values entering", one, **zeros)
        b = measuring(bn((0.9,)), "values entering", still, **zeros)
        said = lab.findings(a, b)[1]
        assert "moved by 1.7 in A (step 4) and by 0 in B (step 4)" in said


class TestRidges:
    def test_both_stand_on_one_axis_on_which_the_narrow_one_is_seen(self):
        start = np.linspace(-1, 1, 128)
        zeros = {"zeros": np.zeros((1, 1, 2), np.float32)}
        narrow = measuring(bn((0.9,)), "values entering", start[None, None, None].repeat(2, 2),
                           **zeros)  # fmt: skip
        wide = measuring(made((0.9,)), "values entering",
                         1e6 * start[None, None, None].repeat(2, 2), **zeros)  # fmt: skip
        for one, other in ((narrow, wide), (wide, narrow)):
            halves = one.ridges_with(other)
            assert halves[0].low == halves[1].low
            assert halves[0].high - halves[0].low < 10
        assert wide.ridges_with(narrow)[0].outside.min() > 0.9
        assert wide.ridges_with(narrow)[1].outside.max() < 0.1


# ---------------------------------------------------------------------------- what is claimed


def test_at_the_defaults_bn_is_ahead_in_five_of_five_seeds():
    a, b = (lab.run(LabConfig(**ARMS[arm])) for arm in ("a", "b"))
    assert a.config.diagnostic == NOTHING
    assert (b.final() > a.final()).all()
    said = lab.findings(a, b)
    assert said[0].startswith("**B (BN) ends ahead in all 5 seeds**")
    assert any("B learns faster" in sentence for sentence in said)
