"""Placement: where does BN go?"""

import streamlit as st

from bnviz.experiments import inputs, placement
from bnviz.figures import placement as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.words import placement as words

FIRST = ("compare", "learning_rate", "activation", "features")
MORE = (
    "dataset", "depth", "width", "batch_size", "initialization",
    "gain", "optimizer", "steps", "seeds",
)  # fmt: skip

with frame.page("placement"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(placement.PlacementConfig, "placement", FIRST, MORE)
    of, look = answer(placement.run, config), theme()
    said = placement.findings(of)
    frame.headline(said[0])
    accuracy, loss = pictures.accuracy(of, look), pictures.loss(of, look)
    beside(accuracy, loss, ("Test accuracy", "Training loss"), said[0], "placement")
    clock(of.steps)
    with st.container():
        frame.say(words.DETAIL[of.config.compare])
        show(pictures.detail(of, look), " ".join(said[1:3]) or said[0], "placement-detail")
    frame.shows(said[1:])

    with closer("placement", "input", words.CLOSER["input"]) as opened:
        if opened:
            frame.say(words.GROUND)
            hills = pictures.ground(of.ground, of.steps, look)
            told(inputs.of_the_ground(of.ground), hills, "placement-ground")
            section(
                *words.SWEEP, inputs.run, inputs.pieces(of.config),
                lambda some: told(inputs.largest(some), pictures.sweep(some, look), "rates"),
                "placement-rates",
            )  # fmt: skip

    frame.believed(placement.misconceptions(of))
    knobs.presets(placement.PlacementConfig, "placement", words.PRESETS)
    frame.guess(
        words.GUESS, placement.GUESSES,
        lambda: placement.who_is_best(answer(placement.run, placement.first(of.config))),
        "placement",
    )  # fmt: skip
    frame.notes(words.NOTES)
