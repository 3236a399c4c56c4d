"""Yours in sentences."""

from bnviz.experiments.settings import knobs
from bnviz.experiments.yours import YoursConfig
from bnviz.verdicts.yours import judge
from bnviz.words import yours as words
from tests.made.yours import made

NAN = float("nan")


def said(*arguments, **changes):
    return words.findings(judge(made(*arguments, **changes)))


def test_who_ends_lower():
    told = said((0.4, 0.4), (0.2, 0.2)).headline
    assert told.startswith("**BN ends lower in both seeds.** The last training loss is 0.4 without")
    assert told.endswith("0.2 with it (medians).")
    assert "here BN does not help" in said((0.2, 0.2), (0.4, 0.4)).headline
    assert said((0.2, 0.4), (0.4, 0.2)).headline.startswith("**A draw**")
    assert said(depth=1, normalized_layers="second half").headline.startswith("**Nothing to")


def test_who_diverged_is_told():
    assert not said().more
    assert said((NAN, 0.4), (0.2, 0.2)).more == (
        "The loss of plain stopped being a number in 1 of 2 seeds.",
    )
    assert "is no number without BN" in said((NAN, NAN), (0.2, 0.2)).headline


def test_the_guess_has_one_of_its_answers():
    for plain, batch, right in ((0.4, 0.2, "BN"), (0.2, 0.4, "plain"), (0.4, 0.4, "neither")):
        assert words.guess(judge(made((plain,), (batch,))))[0] == right
    assert {"BN", "plain", "neither"} == set(words.GUESSES)


def test_presets_are_settings_of_the_knobs():
    for preset in words.PRESETS.values():
        YoursConfig(**preset)
        assert all(value in knobs(YoursConfig)[name].options for name, value in preset.items())
