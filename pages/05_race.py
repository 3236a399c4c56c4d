"""The race: does batch normalization really make training faster?"""

import streamlit as st

from bnviz.experiments import race
from bnviz.figures import race as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside
from bnviz.ui.clock import clock
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.race import UNITS, judge, tally
from bnviz.words import race as words

FIRST = ("learning_rate", "dataset", "activation", "depth")
MORE = (
    "batch_size", "width", "initialization", "gain",
    "optimizer", "steps", "seeds", "normalized_layers", "target",
)  # fmt: skip

with frame.page("race"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(race.RaceConfig, "race", FIRST, MORE)
    result = answer(race.run, config)
    told = st.container()
    unit = knobs.one_of("race", "unit", "Count in", UNITS)
    verdict = judge(result, unit)
    said = words.findings(verdict)

    with told:
        frame.headline(said.headline)
    accuracy, loss = (
        draw(result, theme(), unit == "seconds") for draw in (pictures.accuracy, pictures.loss)
    )
    beside(accuracy, loss, ("Test accuracy", "Training loss"), said.headline, "race")
    with st.container():
        if result.decision is not None:
            show(pictures.boundaries(result, theme()), "Decisions on the plane.", "plane")
    clock(result.steps)
    frame.shows(said.more)
    st.table(words.costs(verdict.cost))
    knobs.presets(race.RaceConfig, "race", words.PRESETS)
    frame.guess(words.GUESS, words.GUESSES, lambda: words.guess(verdict), "race")
    section(
        "Is it luck?",
        "Twenty more pairs at exactly this setting, five at a time.",
        race.run,
        race.more_seeds(result.config),
        lambda results: frame.tell(words.tally(tally(results), result.config.target)),
        "race-luck",
    )
    frame.notes(words.NOTES)
