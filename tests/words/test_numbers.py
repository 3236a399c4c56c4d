"""How numbers are written: never as what they are not."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bnviz.words import names, numbers

FINITE = some.floats(allow_nan=False, allow_infinity=False, width=32)
SHARE = some.floats(0, 1, width=32)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0"),
        (-0.0, "0"),
        (0.0321, "0.032"),
        (-1.46, "−1.5"),
        (7.08, "7.1"),
        (99.96, "100"),
        (412.3, "412"),
        (1142.7, "1,143"),
        (2.4e12, "about 10¹²"),
        (-3e-13, "about −10⁻¹³"),
        (math.nan, "no number"),
        (math.inf, "no number"),
    ],
)
def test_significant(value, expected):
    assert numbers.significant(value) == expected


@given(FINITE)
def test_no_number_reads_as_zero_or_with_an_exponent(value):
    text = numbers.significant(value)
    assert (text == "0") == (value == 0)
    assert "e" not in text
    assert text.removeprefix("about ").startswith("−") == (value < 0)


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [(1001, 3, "1000"), (12345.6, 4, "12350"), (2530, 4, "2530"), (1e6, 3, "1e6"),
     (999999.9, 3, "1e6"), (-6400.1, 2, "−6400"), (2e-16, 2, "2e−16"), (-0.0, 3, "0")],
)  # fmt: skip
def test_calculated(value, digits, expected):
    assert numbers.calculated(value, digits) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0, "0 %"),
        (0.001, "less than 1 %"),
        (0.005, "less than 1 %"),
        (0.995, "more than 99 %"),
        (0.955, "96 %"),
        (0.999, "more than 99 %"),
        (1, "100 %"),
        (math.nan, "no number (diverged)"),
    ],
)
def test_percent(share, expected):
    assert numbers.percent(share) == expected


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0.34, "34 %"),
        (0.0038, "0.38 %"),
        (0.00001, "less than 0.01 %"),
        (0, "none"),
        (math.nan, "an unknown share"),
    ],
)
def test_fine_percent(share, expected):
    assert numbers.fine_percent(share) == expected


@given(some.lists(some.integers(1, 10**6), min_size=1, max_size=8))
def test_shares_of_a_whole_sum_to_a_hundred(parts):
    shares = [part / sum(parts) for part in parts]
    written = numbers.percents(shares)
    if all(re.fullmatch(r"\d+ %", text) for text in written):
        assert sum(int(text[:-2]) for text in written) == 100


def test_shares_that_leave_something_out_are_written_one_by_one():
    assert numbers.percents([0.335, 0.335]) == ["34 %", "34 %"]
    assert numbers.percents([0.335, 0.335, 0.33]) == ["34 %", "33 %", "33 %"]


@pytest.mark.parametrize(
    ("difference", "expected"),
    [
        (0.13, "13 percentage points"),
        (-0.012, "1 percentage point"),
        (0.004, "less than a percentage point"),
        (0, "0 percentage points"),
        (math.nan, "no number of percentage points"),
    ],
)
def test_points(difference, expected):
    assert numbers.points(difference) == expected


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (1.27, "1.3 times"),
        (412.4, "412 times"),
        (2e6, "more than a million times"),
        (math.inf, "more than a million times"),
        (0.0012, "0.0012 times"),
    ],
)
def test_times(ratio, expected):
    assert numbers.times(ratio) == expected


def test_times_between():
    assert numbers.times_between(5.61, 7.9) == "5.6 to 7.9 times"
    assert numbers.times_between(5.61, 5.62) == "5.6 times"
    assert numbers.times_between(2, math.inf) == "2.0 to more than a million times"
    assert numbers.times_between(2e7, math.inf) == "more than a million times"


@pytest.mark.parametrize(
    ("angle", "expected"),
    [
        (34.2, "34°"),
        (0.52, "0.5°"),
        (0.01, "less than 0.1°"),
        (0, "0°"),
        (math.nan, "an unknown angle"),
    ],
)
def test_degrees(angle, expected):
    assert numbers.degrees(angle) == expected


class TestApart:
    def test_as_many_digits_as_it_takes(self):
        assert numbers.apart(0.2271, 0.2268) == ("0.2271", "0.2268")
        assert numbers.apart(3.1, 0.5) == ("3.1", "0.5")

    @given(FINITE, FINITE)
    def test_what_is_written_alike_is_alike(self, one, other):
        first, second = numbers.apart(one, other)
        if first == second:
            assert (
                one == pytest.approx(other, rel=2e-5)
                or max(abs(one), abs(other)) > 1e5
                or (0 < max(abs(one), abs(other)) < 1e-8)
            )


@pytest.mark.parametrize(
    ("number", "of", "expected", "after_not"),
    [
        (3, 5, "3 of 5 seeds", "3 of 5 seeds"),
        (5, 5, "all 5 seeds", "any of 5 seeds"),
        (0, 5, "none of 5 seeds", "none of 5 seeds"),
        (2, 2, "both seeds", "either of 2 seeds"),
        (1, 1, "the one seed", "the one seed"),
        (0, 1, "no seed", "no seed"),
    ],
)
def test_seeds(number, of, expected, after_not):
    assert numbers.seeds(number, of) == expected
    assert numbers.any_seeds(number, of) == after_not


def test_words_for_few_and_many():
    assert numbers.many(1, "layer") == "1 layer"
    assert numbers.many(0, "layer") == "no layers"
    assert numbers.many(2, "class", "classes") == "2 classes"
    assert numbers.steps(1) == "1 step"
    assert numbers.steps(20.5) == "20.5 steps"
    assert numbers.at_steps([7, 7]) == "step 7"
    assert numbers.at_steps([12, 7]) == "steps 7 to 12"
    assert numbers.layers([3]) == "layer 3"
    assert numbers.layers([3, 4, 5]) == "layers 3, 4 and 5"
    assert numbers.listed(["a"]) == "a"
    assert numbers.listed(["a", "b"], "or") == "a or b"
    assert numbers.listed([]) == ""


def test_ranges():
    assert numbers.percent_between(0.41, 0.96) == "41 to 96 %"
    assert numbers.percent_between(0.41, 0.412) == "41 %"


@given(SHARE)
def test_a_share_is_always_percent(share):
    assert numbers.percent(share).endswith(" %")


def test_a_sample_is_called_by_its_data():
    assert names.sample("digits", 8) == "test image of an 8"
    assert names.sample("moons", 1) == "test point of class 1"


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.00064, 0.0012, "0.064 to 0.12 %"),
        (1e-9, 2e-9, "less than 0.01 %"),
        (1e-9, 0.003, "less than 0.01 to 0.3 %"),
    ],
)
def test_fine_percent_between(low, high, text):
    assert numbers.fine_percent_between(low, high) == text


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "exactly 0"), (4e-9, "about 10⁻⁸"), (2e-9, "about 10⁻⁹"), (0.00011, "0.0001"),
     (0.012, "0.01"), (9.6, "10"), (91.2, "91"), (2.4e8, "about 10⁸"), (math.nan, "no number")],
)  # fmt: skip
def test_magnitude(value, written):
    assert numbers.magnitude(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(1.0, "1.00"), (0.001, "0.00"), (-0.001, "0.00"), (-0.256, "−0.26"), (92.53, "93"),
     (-1e9, "about −10⁹"), (math.nan, "no number")],
)  # fmt: skip
def test_hundredths(value, written):
    assert numbers.hundredths(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0"), (1e-9, "less than 0.001"), (0.00099, "less than 0.001"), (0.001, "0.001"),
     (0.0456, "0.046"), (478.3, "478"), (1e9, "about 10⁹"), (math.nan, "no number")],
)  # fmt: skip
def test_noticeable(value, written):
    assert numbers.noticeable(value) == written
