"""A reader's samples: what is left out, what becomes a feature, and that a Config carries them."""

import pickle

import numpy as np
import pytest

from bnviz.experiments import activations, lab, race
from bnviz.experiments.activations import ActivationsConfig
from bnviz.experiments.data_knobs import OWN, why_idle
from bnviz.experiments.kept import Kept, refused
from bnviz.experiments.kept import read as read_kept
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.own_data import CLASSES, FEATURES, VALUES, likely_class, understood
from bnviz.experiments.own_file import OwnDataError, read
from bnviz.experiments.own_samples import own_samples
from bnviz.experiments.pasted import one_reader
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.rates import RatesConfig
from bnviz.experiments.settings import EVERYTHING
from bnviz.ui.answers.page import key_of
from tests.own import csv, own

SMALL = {"dataset": OWN, "depth": 2, "width": 8, "steps": 20, "seeds": 2}


def of(text, label=None):
    sheet = read(text.encode())
    return understood(sheet, likely_class(sheet) if label is None else label)


def table(*columns, rows=20):
    """Columns by name; the last one is the class, a and b in turn."""
    lines = [",".join([*(name for name, _ in columns), "class"])]
    lines += [
        ",".join([*(str(cell(row)) for _, cell in columns), "ab"[row % 2]]) for row in range(rows)
    ]
    return "\n".join(lines) + "\n"


class TestWhatIsUsed:
    def test_numbers_are_features_and_rows_are_mixed(self):
        samples = of(csv(30)).samples.samples
        assert samples.inputs.shape == (30, 2)
        assert sorted(samples.inputs[:, 0]) == pytest.approx(np.arange(30) / 7, abs=1e-3)
        assert (np.bincount(samples.labels) == 10).all()
        assert len(set(samples.labels[:10])) == 3  # the file is sorted by class

    def test_a_column_of_words_is_a_feature_for_each(self):
        found = of(table(("x", lambda row: row**2), ("colour", lambda row: "rgb"[row % 3])))
        assert found.understood.worded == ("`colour`",)
        assert found.understood.features == 4
        assert (found.samples.samples.inputs[:, 1:].sum(axis=1) == 1).all()

    def test_rows_with_gaps_are_left_out_and_counted(self):
        found = of(table(("x", lambda row: "?" if row in (3, 8) else row**2)))
        assert (found.understood.gaps, found.understood.rows) == (2, 18)

    def test_a_gap_among_words_is_no_word(self):
        colours = ("colour", lambda row: "" if row == 3 else "rgb"[row % 3])
        found = of(table(("x", lambda row: row**2), colours))
        assert (found.understood.gaps, found.understood.rows) == (1, 19)
        assert found.understood.features == 4

    def test_a_word_among_numbers_is_a_gap(self):
        found = of(table(("x", lambda row: "n.d." if row == 3 else row**2)))
        assert (found.understood.gaps, found.understood.numeric) == (1, 1)

    def test_what_tells_nothing_or_too_much_is_named_and_left_out(self):
        found = of(
            table(
                ("x", lambda row: row**2),
                ("same", lambda row: 7),
                ("number", lambda row: row + 1),
                ("name", lambda row: f"name{row}"),
                ("nothing", lambda row: ""),
            )
        ).understood
        assert found.constant == ("`same`", "`nothing`")
        assert found.counting == ("`number`",)
        assert found.many == ("`name`",)
        assert (found.features, found.rows, found.gaps) == (1, 20, 0)

    def test_a_row_alone_in_its_class_is_left_out(self):
        found = of(csv(30) + "1,2,lonely\n")
        assert (found.understood.alone, found.understood.classes) == (1, 3)

    def test_numbers_are_classes_however_they_are_written(self):
        text = "".join(f"{row**2},{'1' if row % 4 else '1.0'}\n{row**3},2\n" for row in range(10))
        assert of(text, 1).understood.classes == 2

    def test_very_large_numbers_are_gaps_and_very_small_ones_zero(self):
        found = of(table(("x", lambda row: "1e200" if row == 1 else f"{row}e-200"),
                         ("v", lambda row: row**2)))  # fmt: skip
        assert found.understood.gaps == 1
        assert found.understood.constant == ("`x`",)


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "label", "why"),
        [
            (csv(30), 0, f"at most {CLASSES}"),
            (table(("x", lambda row: row**2)).replace(",b", ",a"), 1, "needs two values"),
            (table(("x", lambda row: "" if row % 2 else "NA"), ("y", lambda row: "a")), 2,
             "no column is left"),
            (table(("x", lambda row: "?" if row % 2 else row), ("y", lambda r: r if r % 2 else "")),
             2, "Every row has a gap"),
            (table(*((f"x{place}", lambda row: f"w{row % VALUES}") for place in range(6)),
                   rows=60), 6, f"at most {FEATURES} are used"),
        ],
    )  # fmt: skip
    def test_what_is_no_data_set_gets_a_sentence(self, text, label, why):
        with pytest.raises(OwnDataError) as refused:
            of(text, label)
        assert why in str(refused.value)

    def test_names_of_a_stranger_are_quoted(self):
        text = csv(30).replace("kind", "[x](http://foreign.test)").replace("height", "<b>")
        assert of(text).understood.label == "`[x](http://foreign.test)`"


class TestTheLikelyClass:
    def test_by_name_by_words_and_else_the_last(self):
        assert likely_class(read(b"species,x\na,1.5\nb,2.5\na,3.5\nb,4.5\n")) == 0
        assert likely_class(read(b"w,x\na,1.5\nb,2.5\na,3.5\nb,4.5\n")) == 0
        assert likely_class(read(b"x,v,z\n0.5,1.5,1\n7,2.5,0\n8,3.5,1\n9,4.5,0\n")) == 2


class TestCarried:
    def test_equal_numbers_are_one_object_and_others_another_key(self):
        assert own() is own()
        assert own() != own(seed=1)
        one, two = (RaceConfig(**SMALL, own_data=own(seed=seed)) for seed in (0, 1))
        assert key_of(race.run, one) != key_of(race.run, two)
        assert hash(one) != hash(two)

    def test_a_changed_label_is_another_digest(self):
        samples = own().samples
        labels = samples.labels.copy()
        labels[:2] = labels[1::-1]
        assert own_samples(samples.inputs, labels).digest != own().digest

    def test_what_a_config_is_written_as_has_none_of_the_numbers(self):
        config = RaceConfig(**SMALL, own_data=own())
        assert f'"own_data":"{own().digest}"' in config.model_dump_json()
        assert len(config.model_dump_json()) < 600

    def test_another_process_has_the_data(self):
        config = RaceConfig(**SMALL, own_data=own())
        sent = pickle.dumps(config)
        assert pickle.loads(sent) == config
        assert pickle.loads(sent).own_data is own()

    @pytest.mark.parametrize("dataset", ["digits", OWN])
    def test_the_name_and_the_data_go_together(self, dataset):
        given = {} if dataset == OWN else {"own_data": own()}
        with pytest.raises(ValueError, match="needs own_data"):
            RaceConfig(dataset=dataset, **given)

    def test_no_other_lesson_takes_them(self):
        with pytest.raises(ValueError, match="dataset"):
            RatesConfig(dataset=OWN)

    @pytest.mark.parametrize("size", [16, EVERYTHING])
    def test_all_samples_are_all_of_them_however_many(self, size):
        many = own(rows=3000)
        config = RaceConfig(**SMALL, own_data=many, train_size=size)
        expected = many.samples.train_count if size == EVERYTHING else size
        assert len(config.data().train_labels) == expected > 0
        assert config.data() is config.data()

    def test_they_are_a_table_of_their_own_scales(self):
        config = RaceConfig(**SMALL, own_data=own())
        raw = config.model_copy(update={"scaling": "raw"})
        deviations = [one.data().train_inputs[:, :2].std(axis=0) for one in (config, raw)]
        assert deviations[0] == pytest.approx([1, 1], rel=1e-5)
        assert deviations[1][1] > 1.5
        assert why_idle("scaling", {"dataset": OWN}) is None
        assert why_idle("point_noise", {"dataset": OWN}) == "measured"

    def test_runs_on_them_are_not_kept_for_the_link_has_no_data(self):
        assert refused([], LabConfig(**SMALL, own_data=own())) == "own data"
        (found,), (sentence,) = read_kept("nbatch_dyour-own")
        assert found == Kept("", LabConfig(normalizer="batch"))
        assert "is not offered" in sentence
        runs, (sentence,) = one_reader("Anna: /lab?lab-dataset=your+own", "b")
        assert not runs
        assert "no link holds" in sentence


@pytest.mark.parametrize("scaling", ["standardized", "raw"])
@pytest.mark.parametrize(
    ("run", "config"),
    [
        (race.run, RaceConfig), (activations.run, ActivationsConfig),
        (lab.run, LabConfig),
    ],
)  # fmt: skip
def test_a_run_learns_what_they_hold(run, config, scaling):
    made = config(**SMALL | {"steps": 60}, own_data=own(), scaling=scaling, learning_rate=0.1)
    result = run(made)
    found = getattr(result, "test_accuracies", None)
    accuracy = result.test_accuracy[1] if found is None else found
    assert accuracy[..., -1].mean() > 0.6  # a third by chance
    assert getattr(result, "decision", None) is None


def test_two_columns_are_no_plane():
    config = RaceConfig(**SMALL, own_data=own(features=2))
    assert race.run(config).decision is None
