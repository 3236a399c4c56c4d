"""Points drawn by hand: what is written is read again, nonsense gets a sentence, and they train."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bnviz.engine.samples import stratified
from bnviz.experiments import activations, lab, race
from bnviz.experiments.activations import ActivationsConfig
from bnviz.experiments.data_knobs import DRAWN, OWN, why_idle
from bnviz.experiments.drawn_points import (
    FEWEST,
    LONGEST,
    MOST,
    REACH,
    USUAL,
    DrawnError,
    as_lines,
    of_lines,
    read,
    samples,
    usable,
    written,
)
from bnviz.experiments.kept import Kept, refused
from bnviz.experiments.kept import read as read_kept
from bnviz.experiments.kept import write as write_kept
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.links import LONGEST as LONGEST_LINK
from bnviz.experiments.pasted import one_reader
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.rates import RatesConfig
from bnviz.experiments.refusals import complaint

SMALL = {"dataset": DRAWN, "depth": 2, "width": 8, "steps": 50, "seeds": 3}
EDGE = tuple((along, -REACH) for along in range(-REACH, -REACH + FEWEST))
OTHER = tuple((along, REACH) for along in range(FEWEST))
TEXT = written((EDGE, OTHER))
ALL = [(x, y) for x in range(-REACH, REACH + 1) for y in range(-REACH, REACH + 1)]

along = st.integers(-REACH, REACH)
drawings = st.lists(st.tuples(along, along), unique=True, max_size=MOST).flatmap(
    lambda every: st.integers(0, len(every)).map(
        lambda cut: (tuple(every[:cut]), tuple(every[cut:]))
    )
)


def assert_harmless(said):
    """It goes into Markdown, and has nothing of what was asked."""
    assert len(said) < 200
    assert not set("<>[]*`") & set(said)


def most():
    """As many points as fit."""
    return tuple(ALL[: MOST // 2]), tuple(ALL[-MOST // 2 :])


class TestText:
    @given(drawings)
    def test_what_is_written_is_read_again(self, places):
        text = written(places)
        assert read(text) == places
        assert len(text) <= LONGEST
        assert text.replace("-", "a").isalnum()
        assert text.isascii()
        assert of_lines(as_lines(places)) == places

    def test_no_text_is_the_usual_points(self):
        assert read("") == USUAL
        assert [len(some) for some in USUAL] == [30, 30]
        assert read(written(USUAL)) == USUAL
        assert max(abs(along) for some in USUAL for place in some for along in place) <= REACH

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("banana", "two letters"),
            ("0", "two letters"),
            ("00", "two letters"),
            ("00-0", "two letters"),
            ("00-11-22", "two letters"),
            ("0Z-11", "two letters"),
            ("00 -11", "two letters"),
            ("\uff10\uff10-11", "two letters"),
            ("00-11\n", "two letters"),
            ("<img src=x onerror=alert(1)>", "two letters"),
            ("0000-11", "same place"),
            ("00-00", "same place"),
            ("0" * 5000, f"more than {MOST}"),
        ],
    )
    def test_what_is_none_is_refused(self, text, why):
        with pytest.raises(DrawnError, match=why):
            read(text)

    def test_all_that_fit_are_read_and_no_more(self):
        full = written(most())
        assert len(full) == LONGEST
        assert read(full) == most()
        with pytest.raises(DrawnError, match="more than"):
            read(written((most()[0], (*most()[1], (0, 0)))))

    @pytest.mark.parametrize(
        ("places", "why"),
        [
            (((), ()), "0 are of class 0 and 0 of class 1"),
            (((), OTHER), f"0 are of class 0 and {FEWEST} of class 1"),
            ((EDGE[:1], OTHER), "1 is of class 0"),
            ((EDGE, OTHER[1:]), f"{FEWEST - 1} of class 1, and each class needs at least {FEWEST}"),
        ],
    )
    def test_too_few_are_read_and_not_usable(self, places, why):
        assert read(written(places)) == places
        with pytest.raises(DrawnError, match=why):
            usable(written(places))

    def test_lines_are_read_as_people_type_them(self):
        assert of_lines("0 1 2\n\n1, \N{MINUS SIGN}3, +4\n 0;5;-6 ") == (
            ((1, 2), (5, -6)),
            ((-3, 4),),
        )

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("0 1 2\n2 1 1", "line 2 is no point"),
            ("0 1", "line 1"),
            ("0 31 0", "from −30 to 30"),
            ("0 0 -31", "line 1"),
            ("a b c", "line 1"),
            ("0 1.5 2", "line 1"),
            ("0 1 2\n1 1 2", "same place"),
            ("\n".join(f"0 {x} {y}" for x, y in ALL[: MOST + 1]), "more than"),
        ],
    )
    def test_a_line_that_is_none_is_named(self, text, why):
        with pytest.raises(DrawnError, match=why):
            of_lines(text)

    @given(st.text())
    def test_any_text_is_read_or_refused(self, text):
        for reader in (usable, of_lines):
            try:
                places = reader(text)
            except DrawnError as refused:
                said = str(refused)
                assert_harmless(said)
            else:
                assert read(written(places)) == places


class TestSamples:
    def test_they_are_the_places_over_the_reach_class_after_class(self):
        made = samples(TEXT)
        assert made.kind == "points"
        np.testing.assert_array_equal(made.inputs, np.array([*EDGE, *OTHER]) / REACH)
        np.testing.assert_array_equal(made.labels, [0] * FEWEST + [1] * FEWEST)
        assert made.inputs.min() == -1
        assert made.inputs.max() == 1

    @given(drawings)
    def test_of_each_class_a_quarter_is_for_testing(self, places):
        if min(map(len, places)) < FEWEST:
            return
        made = samples(written(places))
        np.testing.assert_array_equal(made.is_test, stratified(made.labels, 0.25))
        for label, of_class in enumerate(places):
            mine = made.is_test[made.labels == label]
            assert mine.sum() == round(len(of_class) / 4)
            assert 0 < mine.sum() < len(of_class)

    def test_the_same_text_is_the_same_set(self):
        assert samples(TEXT) is samples(TEXT)
        one, other = (LabConfig(**SMALL, points=TEXT, normalizer=n) for n in ("none", "batch"))
        assert one.data() is other.data()
        assert one.same_batches(other)


class TestInAConfig:
    def test_they_are_in_the_link_and_come_back(self):
        config = RaceConfig(dataset=DRAWN, points=TEXT, depth=8)
        assert config.link() == f"race?race-dataset=drawn&race-depth=8&race-points={TEXT}"
        assert RaceConfig.from_link(config.link()) == config
        lab_run = LabConfig(dataset=DRAWN, points=TEXT, depth=4, normalizer="batch")
        assert f"lab-points={TEXT}" in lab_run.link(arm="b")
        assert LabConfig.from_link(lab_run.link(arm="b"), "b") == lab_run

    @given(drawings)
    def test_a_link_of_any_drawing_is_short(self, places):
        if min(map(len, places)) >= FEWEST:
            config = RaceConfig(dataset=DRAWN, points=written(places))
            assert len(config.link()) < 1000 < LONGEST_LINK
            assert RaceConfig.from_link(config.link()) == config

    def test_the_usual_points_are_written_in_one_way(self):
        assert RaceConfig(dataset=DRAWN, points=written(USUAL)) == RaceConfig(dataset=DRAWN)

    @given(st.text() | st.text(alphabet="0aY-", max_size=30))
    def test_whatever_is_given_is_held_or_refused_in_a_sentence(self, text):
        try:
            config = RaceConfig(dataset=DRAWN, points=text)
        except ValidationError as error:
            said = complaint(error)
            assert said.startswith("points: ")
            assert said.endswith(".")
            assert len(said) < 300
        else:
            assert config.points in (text, "")
            assert config.data().classes == 2

    @pytest.mark.parametrize("dataset", ["digits", "moons", OWN])
    def test_they_go_with_no_other_data(self, dataset):
        with pytest.raises(ValidationError, match="dataset='drawn' alone"):
            RaceConfig(dataset=dataset, points=TEXT)

    def test_a_link_to_other_data_has_no_use_for_them_as_on_the_page(self):
        link = f"race?race-dataset=moons&race-points={TEXT}"
        assert RaceConfig.from_link(link) == RaceConfig(dataset="moons")
        assert RaceConfig.from_link("race?race-points=banana&race-depth=8").depth == 8
        with pytest.raises(ValueError, match="two letters"):
            RaceConfig.from_link("race?race-dataset=drawn&race-points=banana")

    def test_other_lessons_have_no_such_set(self):
        with pytest.raises(ValidationError, match="dataset"):
            RatesConfig(dataset=DRAWN)

    def test_its_points_are_not_noisy_and_have_one_unit(self):
        assert why_idle("point_noise", {"dataset": DRAWN}) == "placed"
        assert why_idle("scaling", {"dataset": DRAWN}) == "one unit"
        config = RaceConfig(dataset=DRAWN, points=TEXT)
        for change in ({"point_noise": 3.0}, {"scaling": "raw"}):
            assert config.model_copy(update=change).data() is config.data()

    def test_its_estimates_hold_the_fewest_and_the_most(self):
        for text in (TEXT, written(most())):
            config = RaceConfig(dataset=DRAWN, points=text)
            assert config.fits()
            assert config.in_batch() == min(64, len(config.data().train_labels))


class TestKept:
    def test_a_kept_run_has_them(self):
        runs = [Kept("", LabConfig(**SMALL, points=TEXT)), Kept("mine", LabConfig(**SMALL))]
        assert read_kept(write_kept(runs)) == (runs, [])
        assert refused([], runs[0].config) is None
        full = LabConfig(dataset=DRAWN, points=written(most()))
        assert read_kept(write_kept([Kept("", full)])) == ([Kept("", full)], [])

    @pytest.mark.parametrize("points", ["banana", "00-11", "0000-1111"])
    def test_what_is_none_gets_a_sentence_and_two_arcs(self, points):
        (one,), (wrong,) = read_kept(f"nbatch_ddrawn_P{points}")
        assert one.config == LabConfig(normalizer="batch", dataset=DRAWN)
        assert "drawn points cannot be used" in wrong

    def test_without_such_data_they_count_for_nothing(self):
        (one,), wrong = read_kept(f"nbatch_P{TEXT}")
        assert (one.config, wrong) == (LabConfig(normalizer="batch"), [])

    def test_a_pasted_link_brings_them(self):
        link = f"https://a.test/lab?lab-dataset=drawn&lab-points={TEXT}&lab-b-depth=4"
        (one,), wrong = one_reader(f"Anna: {link}", "b")
        assert (one.config.points, one.config.depth, wrong) == (TEXT, 4, [])
        (one,), (wrong,) = one_reader(f"Ben: {link.replace(TEXT, 'nonsense')}", "b")
        assert one.config.points == ""
        assert "drawn points" in wrong

    def test_two_drawings_are_told_apart(self):
        one, other = LabConfig(**SMALL, points=TEXT), LabConfig(**SMALL)
        assert set(one.unshared(other)) == {"Drawn points"}
        assert one.unshared(one) == {}
        assert one.set_to()["Drawn points"] != other.set_to()["Drawn points"]
        assert "Drawn points" not in LabConfig().set_to()


RUNS = {race.run: RaceConfig, activations.run: ActivationsConfig, lab.run: LabConfig}


@pytest.mark.parametrize("run", RUNS, ids=lambda run: RUNS[run].__name__)
@pytest.mark.parametrize("text", ["", TEXT, written(most())], ids=["usual", "fewest", "most"])
def test_each_lesson_trains_on_them(run, text):
    config = RUNS[run](**SMALL, points=text)
    result = run(config)
    accuracy = result.test_accuracies if run is lab.run else result.test_accuracy
    assert np.isfinite(accuracy).all()
    if run is not activations.run:  # which has no plane to draw them on
        every = np.concatenate([result.learned, result.points])
        labels = np.concatenate([result.learned_labels, result.labels])
        assert len(np.unique(every.round(5), axis=0)) == len(every)
        assert sorted(labels) == sorted(samples(config.points).labels)


def test_of_other_sets_the_test_samples_alone_are_drawn():
    assert race.run(RaceConfig(**SMALL | {"dataset": "moons"})).learned is None
