"""Training mode and inference mode: why BN behaves differently at test time."""

import streamlit as st

from bnviz.experiments import modes
from bnviz.figures import modes as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.clock import clock
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.ui.words import modes as words

FIRST = ("batch_size", "momentum", "learning_rate", "sample")
MORE = (
    "dataset", "activation", "depth", "width",
    "initialization", "gain", "optimizer", "steps", "seeds",
)  # fmt: skip

with frame.page("modes"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(modes.ModesConfig, "modes", FIRST, MORE)
    of, look = answer(modes.run, config), theme()
    said, sample = modes.findings(of), modes.of_sample(of)
    frame.headline(said[0])
    measure = knobs.one_of("modes", "measure", "Measure", pictures.MEASURES)
    steps, momenta = pictures.over_training(of, look, measure), pictures.by_momentum(of, look)
    beside(steps, momenta, ("Both modes over training", "Loss by momentum"), said[0], "modes-gap")
    clock(of.steps)
    frame.shows(said[1:])

    frame.heading("One unit: what the running averages know")
    named = modes.names_of_units(of.config)
    unit = of.units[named.index(knobs.pick("modes", "unit", "Unit", named))]
    known = modes.of_unit(of, unit)
    frame.say(f"{words.UNIT}\n{known}")
    mean, variance = (draw(of, unit, look) for draw in pictures.STATISTICS)
    beside(mean, variance, ("Mean", "Variance"), known, "modes-unit")
    frame.heading("One sample, alone and in company")
    frame.say(f"{words.SAMPLE}\n{sample}")
    show(pictures.one_sample(of, look), sample, "modes-one")
    st.caption(modes.of_torch(of))
    frame.heading("The classic mistake, in both directions")
    wrong = f"{modes.of_evaluation(of)} {modes.of_forgetting(of)}"
    frame.say(f"{words.MISTAKE}\n{wrong}")
    tested, trained = pictures.evaluation(of, look), pictures.forgetting(of, look)
    beside(tested, trained, ("Tested in training mode", "Trained in inference mode"), wrong, "bug")

    frame.believed(modes.misconceptions(of))
    knobs.presets(modes.ModesConfig, "modes", words.PRESETS)
    frame.guess(words.GUESS, modes.GUESSES, lambda: modes.best_momentum(of), "modes")
    section(
        *words.SWEEP, modes.run, modes.batch_sizes(of.config),
        lambda some: told(modes.of_batch_sizes(some), pictures.sweep(some, look, measure), "sweep"),
        "modes-sweep",
    )  # fmt: skip
    frame.notes(words.NOTES)
