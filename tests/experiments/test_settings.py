"""Knobs: every offered value is accepted, every other answered with a sentence that helps."""

import importlib
import math
import pkgutil
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bnviz import experiments
from bnviz.experiments.bounds import TooLargeError
from bnviz.experiments.data_knobs import DRAWN, OWN
from bnviz.experiments.home import HomeConfig
from bnviz.experiments.minibatch import ByHand
from bnviz.experiments.race import RaceConfig
from bnviz.experiments.refusals import complaint, shortened
from bnviz.experiments.settings import (
    FEWEST_STEPS,
    LEARNING_RATES,
    MEMORY_LIMIT,
    NORMALIZED,
    WORK_LIMIT,
    Settings,
    knobs,
    number,
    percent,
)
from bnviz.ui import arms
from tests.own import carried
from tests.samples import home_config, race_config

ALL = knobs(RaceConfig)  # those of Settings, and the race's own
ADJUSTABLE = {name: knob for name, knob in ALL.items() if knob.low is not None}
CHOICES = {name: knob for name, knob in ALL.items() if knob.low is None}
WRONG_NUMBERS = [math.nan, math.inf, -math.inf, 1e300, -1e300, -1, 10**12]
WRONG_TYPES = [None, True, "a lot", [], {}, object(), (1, 2)]
HUGE = {"depth": 50, "width": 256, "batch_size": 1347, "steps": 5000, "seeds": 10}


def refusal(config=RaceConfig, **values):
    with pytest.raises(ValidationError) as caught:
        config(**values)
    return complaint(caught.value)


def test_every_setting_is_a_knob_with_words():
    assert set(knobs(Settings)) == set(Settings.model_fields)
    for name, knob in ALL.items():
        assert knob.label, name
        assert knob.help.endswith("."), name
        assert len(set(map(knob.show, knob.options))) == len(knob.options), name


@pytest.mark.parametrize("config", [Settings, HomeConfig, RaceConfig])
def test_every_default_is_offered(config):
    for name, knob in knobs(config).items():
        assert config.model_fields[name].default in knob.options, name


@pytest.mark.parametrize(
    ("name", "option"), [(name, option) for name, knob in ALL.items() for option in knob.options]
)
def test_every_option_is_accepted(name, option):
    assert getattr(race_config(**carried({name: option})), name) == option
    if name in Settings.model_fields and option not in (DRAWN, OWN):
        assert getattr(home_config(**{name: option}), name) == option


@pytest.mark.parametrize("name", ADJUSTABLE)
def test_the_bounds_are_allowed_and_hold_all_options(name):
    knob = ADJUSTABLE[name]
    for value in (knob.low, knob.high):
        kind = float if isinstance(knob.options[0], float) else int
        assert getattr(RaceConfig(**{name: kind(value)}), name) == value
    assert all(knob.low <= option <= knob.high for option in knob.options)


@pytest.mark.parametrize("value", WRONG_NUMBERS, ids=repr)
@pytest.mark.parametrize("name", ADJUSTABLE)
def test_a_number_out_of_bounds_is_answered_with_what_is_allowed(name, value):
    said = refusal(**{name: value})
    assert name in said
    if ADJUSTABLE[name].low <= 0 and value == -1:
        assert "-1" in said
    if isinstance(ADJUSTABLE[name].options[0], float) or isinstance(value, int):
        assert shortened(value) in said
        assert ADJUSTABLE[name].allowed() in said


@pytest.mark.parametrize("value", WRONG_TYPES, ids=lambda value: type(value).__name__)
@pytest.mark.parametrize("name", ALL)
def test_a_wrong_type_is_answered_with_the_name_of_the_field(name, value):
    assert name in refusal(**{name: value})


@pytest.mark.parametrize("value", ["", "Digits", "relu ", "batch", "a" * 1000])
@pytest.mark.parametrize("name", CHOICES)
def test_an_unknown_choice_is_answered_with_the_choices(name, value):
    said = refusal(**{name: value})
    assert name in said
    assert shortened(value) in said
    assert all(str(option) in said for option in CHOICES[name].options)


@pytest.mark.parametrize("name", ADJUSTABLE)
@given(data=st.data())
def test_a_number_is_accepted_exactly_within_the_bounds(name, data):
    knob = ADJUSTABLE[name]
    if isinstance(knob.options[0], int):
        value = data.draw(st.integers(-(10**20), 10**20) | st.integers(-5, 6000))
    else:
        value = data.draw(st.floats() | st.floats(knob.low, knob.high))
    if knob.low <= value <= knob.high:
        assert getattr(RaceConfig(**{name: value}), name) == value
    else:
        said = refusal(**{name: value})
        assert said.startswith(name)
        assert said.endswith(".")


@given(st.dictionaries(st.sampled_from(sorted(ALL)), st.integers() | st.floats() | st.text()))
def test_whatever_is_asked_for_is_either_a_config_or_a_sentence(values):
    config, said = RaceConfig(), None
    try:
        config = RaceConfig(**values)
    except ValidationError as error:
        said = complaint(error)
    assert said is None or any(name in said for name in values)
    assert all(knob.accepts(getattr(config, name)) for name, knob in ALL.items())


def heirs(config):
    """A Config and all that inherit from it."""
    return [config, *(heir for child in config.__subclasses__() for heir in heirs(child))]


for _module in pkgutil.iter_modules(experiments.__path__):
    importlib.import_module(f"{experiments.__name__}.{_module.name}")
CONFIGS = [arms.Page, *(one for base in (Settings, ByHand) for one in heirs(base))]
WHATEVER = st.recursive(
    st.none() | st.booleans() | st.text() | st.binary() | st.complex_numbers()
    | st.integers() | st.integers(10**300, 10**400) | st.integers(0, 60)
    | st.floats() | st.floats(0, 60) | st.fractions() | st.decimals(),
    lambda some: st.lists(some) | st.tuples(some) | st.dictionaries(st.text(), some),
    max_leaves=3,
)  # fmt: skip


def may_stand(knob, value):
    """A second opinion on what a knob may hold."""
    if isinstance(value, bool):
        return False
    if knob.low is None:
        return isinstance(value, str | int | float | Fraction) and value in knob.options
    if not isinstance(value, int | float | Fraction) or not knob.low <= value <= knob.high:
        return False
    return isinstance(knob.options[0], float) or value == round(value)


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.__name__)
@given(data=st.data())
def test_whatever_is_given_is_held_or_refused_with_the_field_the_value_and_what_is_allowed(
    config, data
):
    name = data.draw(st.sampled_from(sorted(config.model_fields)))
    knob = knobs(config).get(name)
    offered = st.sampled_from(knob.options) if knob else st.nothing()
    value = data.draw((WHATEVER | offered).filter(lambda one: one != OWN))  # goes with own_data
    try:
        held = getattr(config(**{name: value}), name)
    except ValidationError as error:
        said = complaint(error)
        if "in all" not in said and "together" not in said:  # of several fields
            assert said.startswith(name)
        assert len(said) < 600
        assert not knob or not may_stand(knob, value)
        assert not knob or (shortened(value) in said and knob.allowed() in said)
    else:
        assert not knob or may_stand(knob, value)
        # a fraction such as 1/3 is rounded
        assert not knob or (held == type(held)(value) and not isinstance(held, bool))


@pytest.mark.parametrize(
    ("wrong", "allowed"),
    [
        ({"depth": "nan"}, "a whole number from 1 to 50"),
        ({"depth": math.nan}, "a whole number from 1 to 50"),
        ({"depth": True}, "a whole number from 1 to 50"),
        ({"depth": "8"}, "a whole number from 1 to 50"),
        ({"depth": 3.5}, "a whole number from 1 to 50"),
        ({"width": "x"}, "a whole number from 4 to 256"),
        ({"learning_rate": True}, "a number from 1e-06 to 1000"),
        ({"learning_rate": None}, "a number from 1e-06 to 1000"),
        ({"optimizer": ["sgd"]}, "one of sgd, momentum, adam"),
    ],
)
def test_a_wrong_type_is_answered_with_what_is_allowed(wrong, allowed):
    ((name, value),) = wrong.items()
    assert refusal(**wrong) == f"{name}: {value!r} is refused; allowed is {allowed}."


def test_numbers_of_numpy_are_numbers():
    config = RaceConfig(depth=np.int64(3), learning_rate=np.float32(0.5), gain=1)
    assert config == RaceConfig(depth=3, learning_rate=0.5)
    assert [type(config.depth), type(config.learning_rate)] == [int, float]


def test_a_number_of_thousands_of_digits_is_refused_without_them():
    assert refusal(depth=10**5000).startswith("depth: what is too long to write is refused")
    assert len(refusal(depth=10**4000)) < 150


@pytest.mark.parametrize("config", [Settings, HomeConfig, RaceConfig])
def test_an_unknown_field_is_named(config):
    assert "learning_rat" in refusal(config, learning_rat=0.1)


@pytest.mark.parametrize("config", [Settings, HomeConfig, RaceConfig])
def test_a_config_is_frozen_and_can_be_a_key(config):
    one, other = config(), config()
    with pytest.raises(ValidationError):
        one.depth = 3
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize("config", [home_config(gain=0.3), race_config(target=0.5)])
def test_a_config_survives_json(config):
    assert type(config).model_validate_json(config.model_dump_json()) == config


def test_learning_rates_are_the_quarter_decades():
    assert len(LEARNING_RATES) == 21
    assert LEARNING_RATES[:5] == (0.001, 0.0018, 0.0032, 0.0056, 0.01)
    assert LEARNING_RATES[-1] == 100.0
    for place, rate in enumerate(LEARNING_RATES):
        assert math.log10(rate) == pytest.approx(-3 + place / 4, abs=0.01)


@pytest.mark.parametrize("depth", [1, 2, 3, 8, 50])
@pytest.mark.parametrize("name", NORMALIZED)
def test_the_named_choices_of_layers_are_layers_of_the_network(name, depth):
    layers = NORMALIZED[name](depth)
    assert set(layers) <= set(range(1, depth + 1))
    assert list(layers) == sorted(set(layers))


def test_the_halves_are_the_whole():
    for depth in range(1, 51):
        halves = NORMALIZED["first half"](depth) + NORMALIZED["second half"](depth)
        assert halves == NORMALIZED["all"](depth) == tuple(range(1, depth + 1))


class TestNormalizedLayersOfTheFrontDoor:
    def test_come_sorted_and_once(self):
        assert HomeConfig(depth=3, normalized=(3, 1, 3)).with_bn() == (1, 3)
        assert HomeConfig(depth=3, normalized=()).with_bn() == ()

    @pytest.mark.parametrize("depth", [1, 3, 50])
    def test_are_all_of_them_unless_chosen(self, depth):
        assert HomeConfig(depth=depth).with_bn() == tuple(range(1, depth + 1))

    @pytest.mark.parametrize("wrong", [True, "1", 1.0])
    def test_are_whole_numbers(self, wrong):
        said = refusal(HomeConfig, depth=3, normalized=(wrong,))
        assert said == f"normalized.0: {wrong!r} is refused; input should be a valid integer."

    @pytest.mark.parametrize("wrong", [0, -1, 4, 51])
    def test_are_layers_of_the_network(self, wrong):
        said = refusal(HomeConfig, depth=3, normalized=(1, wrong))
        assert "normalized" in said
        assert str(wrong) in said
        assert "1 to 3" in said


class TestWork:
    def test_grows_with_everything_that_costs(self):
        least = race_config()
        for change in ({"depth": 3}, {"width": 9}, {"batch_size": 33}, {"steps": 9}, {"seeds": 3}):
            assert least.model_copy(update=change).work() > least.work()

    def test_a_batch_larger_than_the_data_costs_no_more(self):
        largest = race_config(batch_size=1347)
        assert largest.model_copy(update={"batch_size": 9999}).work() == largest.work()

    @pytest.mark.parametrize("config", [HomeConfig(), RaceConfig(), race_config()])
    def test_what_can_be_paid_is_left_alone(self, config):
        assert config.affordable() is config

    def test_what_cannot_be_paid_gets_fewer_steps_then_fewer_seeds_and_nothing_else(self):
        asked = RaceConfig(**HUGE)
        granted = asked.affordable()
        assert granted.work() <= WORK_LIMIT < asked.work()
        assert 1 <= granted.steps < asked.steps
        same = {"steps": asked.steps, "seeds": asked.seeds}
        assert granted.model_copy(update=same) == asked
        assert RaceConfig(**granted.model_dump()) == granted  # still a valid config

    def test_seeds_are_left_out_only_where_a_run_would_get_too_short(self):
        long = RaceConfig(steps=5000, depth=20).affordable()
        assert (long.seeds, long.steps < 5000) == (RaceConfig().seeds, True)
        wide = RaceConfig(width=256, depth=20, batch_size=512).affordable()
        assert wide.seeds < RaceConfig().seeds
        assert wide.steps >= FEWEST_STEPS

    def test_what_needs_too_much_memory_gets_fewer_seeds_however_short_it_is(self):
        asked = RaceConfig(width=256, depth=50, batch_size=512, steps=1)
        granted = asked.affordable()
        assert granted.memory() <= MEMORY_LIMIT < asked.memory()
        assert (granted.steps, granted.seeds < asked.seeds) == (1, True)

    def test_what_fits_in_no_way_is_refused_in_a_sentence_that_says_what_to_do(self):
        asked = RaceConfig(width=256, depth=50, batch_size=1347, activation="gelu")
        with pytest.raises(TooLargeError, match=r"too much memory .* the width, the depth or the"):
            asked.affordable()

    @given(
        st.builds(
            dict,
            **{
                name: st.integers(int(ALL[name].low), int(ALL[name].high))
                for name in ("depth", "width", "batch_size", "steps", "seeds")
            },
        )
    )
    def test_a_run_never_costs_more_than_the_limit(self, values):
        try:
            granted = RaceConfig(**values).affordable()
        except TooLargeError:
            assert not RaceConfig(**values | {"steps": 1, "seeds": 1}).fits()
            return
        assert granted.work() <= WORK_LIMIT
        assert granted.memory() <= MEMORY_LIMIT
        assert granted.affordable() == granted


def test_numbers_are_written_as_on_the_page():
    assert [number(x) for x in (0.1, 5.6, 100.0, 8, "relu")] == ["0.1", "5.6", "100", "8", "relu"]
    assert [percent(x) for x in (0.5, 0.95)] == ["50 %", "95 %"]
