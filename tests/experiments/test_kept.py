"""The kept runs in a link: what is written is read again, and nonsense gets a sentence."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bnviz.experiments import kept
from bnviz.experiments.data_knobs import OWN
from bnviz.experiments.kept import (
    CODES,
    DRAWN,
    LENGTH,
    LIMIT,
    MOST,
    Kept,
    clean,
    drawn,
    fits,
    place_of,
    read,
    refused,
    renamed,
    write,
)
from bnviz.experiments.lab_config import LabConfig
from bnviz.experiments.settings import knobs
from tests.hostile import outside

DECLARED = knobs(LabConfig)
SAFE = re.compile(r"[A-Za-z0-9._-]*")  # what a link holds as it is

continuations = st.lists(
    st.tuples(
        st.sampled_from(["0.1", "0.0018", "100", "1"]), st.sampled_from(["1", "100", "800"])
    ).map("x".join),
    max_size=4,
).map("_".join)
configs = st.builds(
    LabConfig,
    **{
        name: st.sampled_from([one for one in knob.options if one != OWN])
        for name, knob in DECLARED.items()
    },
    then=continuations,
)
runs = st.builds(Kept, name=st.text(max_size=60), config=configs, shown=st.booleans())


def fitting(several):
    """As many of the runs as a link holds."""
    while True:
        try:
            write(several)
        except ValueError:
            several = several[:-1]
        else:
            return several


class TestThereAndBack:
    @given(st.lists(runs, max_size=12))
    @settings(max_examples=20)
    def test_what_is_written_is_read_again(self, several):
        several = fitting(several)
        text = write(several)
        assert read(text) == (several, [])
        assert len(text) <= LIMIT
        assert SAFE.fullmatch(text)

    @pytest.mark.parametrize("name", DECLARED)
    def test_every_option_of_every_knob(self, name):
        for option in set(DECLARED[name].options) - {OWN}:
            several = [Kept("", LabConfig(**{name: option}))]
            assert read(write(several)) == (several, [])

    @pytest.mark.parametrize("name", DECLARED)
    def test_no_two_options_are_written_alike(self, name):
        texts = [kept._value(option) for option in DECLARED[name].options]
        assert len(set(texts)) == len(texts)
        assert all(texts)

    def test_nothing(self):
        assert write([]) == ""
        assert read("") == ([], [])

    def test_only_what_differs_is_written(self):
        default = LabConfig.model_fields["learning_rate"].default
        assert write([Kept("", LabConfig())]) == "nnone"
        assert write([Kept("", LabConfig(learning_rate=default))]) == "nnone"
        one = LabConfig(normalizer="batch", learning_rate=1.0, then="0.01x100_0.001x50")
        assert write([Kept("", one)]) == "nbatch_r1_t0.01x100-0.001x50"
        assert write([Kept("Mine!", one, shown=False)]).endswith("_NMine.21._H")

    def test_every_field_has_a_letter_of_its_own_that_never_changes(self):
        assert set(CODES) == set(LabConfig.model_fields) - {"own_data"}
        letters = "nrabdhwigosefl" + "pGcmAyBIkDSWqt" + "vjTx" + "P"
        assert "".join(CODES.values()) == letters
        assert len(set(letters) | {kept.NAME, kept.HIDDEN}) == len(letters) + 2

    def test_a_link_of_today_is_read_tomorrow(self):
        text = "nbatch_r1_atanh_h20_plast-x_t0.01x100_NA.20.b__nlayer_b4_qsignal-size_H"
        (first, second), (wrong,) = read(text)
        assert (first.config.learning_rate, first.config.activation) == (1.0, "tanh")
        assert (first.config.depth, first.config.then) == (20, "0.01x100")
        assert first.name == "A b"
        assert "Placement" in wrong
        assert second.config == LabConfig(
            normalizer="layer", batch_size=4, diagnostic="signal size"
        )
        assert not second.shown


class TestNames:
    @given(st.text())
    def test_any_text_makes_a_harmless_name(self, typed):
        name = clean(typed)
        assert len(name) <= LENGTH
        assert not set(name) & set("<>{}\n\r\t\0\u202e\u200b")
        assert clean(name) == name

    @pytest.mark.parametrize(
        ("typed", "name"),
        [
            ("  two\n words\t", "two words"),
            ("a\x00b\u202ec", "abc"),
            ("<b>bold</b>", "\u2039b\u203abold\u2039/b\u203a"),
            ("%{x}", "%(x)"),
            ("x" * 99, "x" * LENGTH),
            ("é 漢 🙂", "é 漢 🙂"),
        ],
    )
    def test_what_becomes_of_them(self, typed, name):
        assert clean(typed) == name
        several = [Kept(typed, LabConfig())]
        assert several[0].name == name
        assert read(write(several)) == (several, [])

    def test_without_a_name_none_is_written(self):
        config = LabConfig(normalizer="batch", activation="tanh")
        assert Kept("", config) == Kept(" \n", config)
        assert write([Kept("", config)]) == "nbatch_atanh"

    def test_a_name_that_does_not_fit_is_cut(self):
        several = [Kept(f"{place}" + "🙂" * 9, LabConfig()) for place in range(MOST)]
        for place in range(MOST):
            several = renamed(several, place, "🙂" * LENGTH)
        assert len(write(several)) <= LIMIT
        assert several[0].name == "🙂" * LENGTH
        assert several[-1].name == "🙂" * len(several[-1].name)
        assert renamed(several, 0, "short")[0].name == "short"


NONSENSE = {
    "a word": "banana",
    "a word that begins as a run": "nonsense",
    "percent": "%00",
    "markup": "<img src=x onerror=alert(1)>",
    "separators": "____",
    "a picture": "![x](https://example.org/x.png)",
    "no end": "9" * 4000,
    "runs without end": "__".join(["x"] * 400),
    "another alphabet": "\uff10\uff11",
}


class TestNonsense:
    @pytest.mark.parametrize("text", NONSENSE.values(), ids=list(NONSENSE))
    def test_it_gets_a_sentence_and_makes_no_run(self, text):
        several, complaints = read(text)
        assert several == []
        assert complaints
        assert len(" ".join(complaints)) < 500
        assert not set("<>[]()!\n") & set(outside("".join(complaints)))

    @given(st.text(max_size=200))
    def test_any_text_is_answered(self, text):
        several, complaints = read(text)
        assert len(several) <= MOST
        assert bool(several) or bool(complaints) or not text

    @given(st.text(alphabet="nrabdhwigosNHt0123456789.-_", max_size=300))
    def test_what_was_read_can_be_written(self, text):
        several, _ = read(text)
        assert read(write(several)) == (several, [])

    def test_the_good_part_is_used(self):
        several, complaints = read("nbatch_r1__banana__nlayer_rbanana_z9_atanh")
        first, second = several
        assert first.config == LabConfig(normalizer="batch", learning_rate=1.0)
        assert second.config == LabConfig(normalizer="layer", activation="tanh")
        assert len(complaints) == 3
        assert "Kept run 2" in complaints[0]
        assert "`banana`" in complaints[0]
        assert "Learning rate" in complaints[1]
        assert "`z9`" in complaints[2]

    def test_what_is_no_continuation(self):
        (one,), (wrong,) = read("nbatch_tbanana")
        assert one.config == LabConfig(normalizer="batch")
        assert "banana" in wrong
        (one,), (wrong,) = read("nbatch_s1600_t1x4000")
        assert (one.config.steps, one.config.then) == (1600, "")
        assert "5000 steps" in wrong

    def test_too_many_runs_or_too_long_a_text(self):
        more = "__".join(["nbatch_h4"] * (MOST + 1))
        several, complaints = read(more)
        assert len(several) == MOST
        assert f"{MOST + 1} kept runs; the first {MOST}" in complaints[0]
        long = "__".join(["nbatch_N" + ".1f642." * LENGTH] * MOST)
        assert len(long) > LIMIT
        several, complaints = read(long)
        assert 0 < len(several) < MOST
        assert str(LIMIT) in complaints[0]

    @pytest.mark.parametrize("escape", [".110000.", ".d800.", ".0.", ".zz.", ".", "..."])
    def test_odd_code_points(self, escape):
        (one,), complaints = read(f"nbatch_Na{escape}b")
        assert one.name.startswith("a")
        assert not complaints


class TestKeeping:
    def test_what_is_kept_already_and_what_is_too_much(self):
        ones = [
            Kept("", LabConfig(depth=depth, learning_rate=rate))
            for depth in DECLARED["depth"].options
            for rate in DECLARED["learning_rate"].options[:5]
        ]
        assert len(ones) == MOST
        assert refused([], LabConfig()) is None
        assert refused(ones, ones[2].config) == "kept already"
        assert place_of(ones, ones[2].config) == 3
        assert refused(ones, LabConfig(width=8)) == "no more runs"
        assert place_of(ones, LabConfig(width=8)) is None
        assert refused(ones[:-1], LabConfig(width=8)) is None

    def test_a_full_link(self):
        one = len(write([Kept("🙂" * LENGTH, LabConfig())])) + len("__")
        long = [Kept("🙂" * LENGTH, LabConfig())] * ((LIMIT - 60) // one)
        assert refused(long, LabConfig(width=8)) is None
        rest = LIMIT - len(write(long)) - len("__nnone_N.1f642.")
        long = [*long, Kept("🙂" + "x" * min(rest, LENGTH - 1), LabConfig())]
        assert fits(long)
        while LIMIT - len(write(long)) > 60:
            long.append(Kept("x" * LENGTH, LabConfig()))
        another = LabConfig(then="_".join(["0.1234x100"] * 4))
        assert refused(long, another) == "too long a link"

    def test_more_than_a_class_are_not_written(self):
        assert fits([Kept("", LabConfig())] * MOST)
        with pytest.raises(ValueError, match=f"{MOST + 1} runs"):
            write([Kept("", LabConfig())] * (MOST + 1))

    def test_the_first_that_are_shown_are_in_the_pictures(self):
        several = [Kept("", LabConfig(), shown=place % 2 == 1) for place in range(MOST)]
        assert drawn(several) == [1, 3, 5, 7, 9, 11, 13, 15]
        assert len(drawn(several)) == DRAWN
        assert drawn(several[:4]) == [1, 3]


@settings(max_examples=5)
@given(configs)
def test_a_run_of_any_kind_is_a_small_part_of_a_link(config):
    """Sixty runs with every knob turned are more than a link holds; each alone is a twentieth."""
    assert len(write([Kept("", config)])) < LIMIT / 20


def test_a_class_that_turns_three_knobs_and_has_names_fits():
    one = LabConfig(normalizer="batch", learning_rate=0.032, depth=12, activation="tanh")
    assert fits([Kept("Anna-Lena Müller", one)] * MOST)
