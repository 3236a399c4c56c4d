"""A Result is read by its declaration: every field of every one, at every size."""

import importlib
import pkgutil
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated

import numpy as np
import pytest

from bnviz import experiments
from bnviz.axes import NEVER
from bnviz.experiments import race
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.result import Axes, Doubles, Result, Whole, declared, found
from bnviz.experiments.settings import Settings
from bnviz.experiments.tidy import FIRST, LAST, columns, tidy
from bnviz.ui.take_home.data import results_of
from tests.pages import CONFIGS
from tests.samples import BY_HAND, LESSONS, TINY

MODULES = [
    importlib.import_module(f"bnviz.experiments.{one.name}")
    for one in pkgutil.iter_modules(experiments.__path__)
]
KINDS = sorted(
    {
        one
        for module in MODULES
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Result) and one is not Result
    },
    key=lambda kind: (kind.__module__, kind.__name__),
)


@pytest.fixture(scope="module", params=LESSONS)
def result(request):
    """What each lesson shows, of tiny networks; of the lab, a run that is measured."""
    lesson = request.param
    if lesson == "lab":
        arms = [LabConfig(**TINY, diagnostic="values inside"), LabConfig(**TINY)]
        return results_of(lesson, arms)["A (plain)"]
    config = CONFIGS[lesson](**{} if lesson in BY_HAND else TINY)
    return results_of(lesson, [config])[""]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_field_is_declared_or_is_a_part_or_the_config(kind):
    assert is_dataclass(kind)
    own = declared(kind)
    for field in fields(kind):
        text = field.type
        parts = {one.__name__ for one in KINDS} | {"Config", "Unit"}
        assert field.name in own or any(part in text for part in parts), field.name
        assert "NDArray" not in text, field.name


def test_nothing_else_is_called_a_result():
    named = {
        one
        for module in MODULES
        for name, one in vars(module).items()
        if name.endswith("Result") and is_dataclass(one)
    }
    assert {one for one in named if one.__name__ != "LabelledResult"} <= set(KINDS)
    assert len(KINDS) > 35


def test_each_axis_has_a_place_for_each_number(result):
    parts = list(found(result))
    assert parts
    for part in parts:
        assert tuple(len(places) for _, places in part.places) == part.values.shape, part.name
        for name, places in part.places:
            assert len(set(places)) == len(places), (part.name, name)


def test_the_frame_has_its_columns_and_every_number(result):
    frame = result.to_frame()
    assert [*frame.columns[:4]] == [*FIRST]
    assert [*frame.columns[-2:]] == [*LAST]
    assert not frame.name.isna().any()
    assert not frame.duplicated(subset=[*frame.columns[:-1]]).any()  # a row is one number
    draw = np.random.default_rng(0)
    for part in tidy(result).parts:
        rows = frame[frame.name == part.name]
        wanted = part.values.astype(float)
        if part.axes.maybe:
            wanted = np.where(part.values == NEVER, np.nan, wanted)
        np.testing.assert_array_equal(rows.value.to_numpy().reshape(wanted.shape), wanted)
        cell = tuple(draw.integers(0, length) for length in wanted.shape)
        for (name, places), at in zip(part.places, cell, strict=True):
            rows = rows[rows[name] == places[at]]
        np.testing.assert_array_equal(rows.value, wanted[cell])


def test_the_short_form_has_a_line_for_each_field(result):
    head, *lines = repr(result).splitlines()
    assert head == type(result).__name__
    assert [line.split(":")[0].strip() for line in lines] == [one.name for one in fields(result)]
    assert max(map(len, lines)) < 170
    assert not any("array(" in line for line in lines)
    for line, one in zip(lines, fields(result), strict=True):
        part = getattr(result, one.name)
        if is_dataclass(part):  # says what it is made of
            assert f": {fields(part)[0].name}" in line


def test_a_race_by_hand():
    """The same numbers, found without the declaration."""
    run = race.run(race.RaceConfig(**TINY, first_seed=3))
    frame = run.to_frame()
    rows = frame[(frame.treatment == "BN") & (frame.seed == 4) & (frame.name == "test_accuracy")]
    assert [*rows.step] == [*run.steps]
    np.testing.assert_array_equal(rows.value, run.test_accuracy[1, 1])
    (parameters,) = frame[(frame.treatment == "plain") & (frame.name == "parameters")].value
    assert parameters == run.parameters[0]
    assert frame[frame.name == "diverged_at"].value.isna().all()
    assert "test_accuracy: (treatment 2, seed 2, step 9), inference mode, 0 to 1" in repr(run)


@dataclass(frozen=True, kw_only=True, repr=False)
class Long(Result):
    config: Settings
    steps: Annotated[Whole, Axes("step")]
    loss: Annotated[Doubles, Axes("seed step", "a loss")]
    wide: Annotated[Doubles, Axes("seed unit", "wide")]
    last: Annotated[Doubles, Axes("seed", "at the end")]


def long(steps=101, units=7):
    return Long(
        config=Settings(seeds=2),
        steps=np.arange(0, 10 * steps, 10),
        loss=np.arange(2.0 * steps).reshape(2, steps),
        wide=np.ones((2, units)),
        last=np.zeros(2),
    )


class TestThinning:
    def test_keeps_the_first_step_and_the_last(self):
        table = tidy(long(), most=60)
        assert len(table) <= 60
        assert table.every == 5
        assert table.left_out == ()
        (part, *_) = table.filled()
        assert [*part["step"][:21]] == [*range(0, 1001, 50)]
        assert [*part["value"][[0, 1, 20, 41]]] == [0, 5, 100, 201]
        uneven = next(tidy(long(), most=50).filled())  # every seventh
        assert [*uneven["step"][13:16]] == [910, 980, 1000]

    def test_leaves_out_what_is_largest_where_that_is_not_enough(self):
        table = tidy(long(units=500), most=60)
        assert table.left_out == ("wide",)
        assert len(table) <= 60

    def test_leaves_all_where_nothing_is_too_much(self):
        assert tidy(long()).every == tidy(long(), most=218).every == 1
        assert len(tidy(long())) == 218
        assert tidy(long(), most=217).every == 2


def test_two_tables_share_their_columns():
    race_table = tidy(race.run(race.RaceConfig(**TINY)))
    named = columns([race_table, tidy(long())])
    assert named == [*FIRST, "unit", *LAST]
    assert {len(row) for row in race_table.rows(named)} == {7}


def test_what_is_the_same_in_all_rows_is_said_in_each():
    rows = [*tidy(long(), treatment="A").rows(["treatment", "seed", "name", "value"])]
    assert {row[0] for row in rows} == {"A"}
    assert rows[-1] == ("A", 1, "last", 0.0)


def test_numbers_of_32_bits_are_written_short_and_read_exactly():
    run = race.run(race.RaceConfig(**TINY))
    rows = [*tidy(run).rows(["name", "value"])]
    written = [value for name, value in rows if name == "train_loss"]
    np.testing.assert_array_equal(np.array(written, np.float32), run.train_loss.ravel())
    assert all(len(repr(value)) <= 13 for value in written)
    assert [value for name, value in rows if name == "diverged_at"] == [""] * 4
