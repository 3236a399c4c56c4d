"""Placement: where does BN go?"""

import streamlit as st

from bnviz.experiments import inputs, placement
from bnviz.figures import inputs as drawn
from bnviz.figures import placement as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.inputs import judge_sweep
from bnviz.verdicts.placement import judge
from bnviz.words import inputs as tell
from bnviz.words import placement as words

FIRST = ("compare", "learning_rate", "activation", "features")
MORE = (
    "dataset", "depth", "width", "batch_size", "initialization", "gain", "optimizer", "steps",
    "seeds",
)  # fmt: skip

with frame.page("placement"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(placement.PlacementConfig, "placement", FIRST, MORE)
    of, look = answer(placement.run, config), theme()
    verdict = judge(of)
    said = words.findings(verdict)
    frame.headline(said.headline)
    accuracy, loss = pictures.accuracy(of, look), pictures.loss(of, look)
    beside(accuracy, loss, ("Test accuracy", "Training loss"), said.headline, "placement")
    clock(of.steps)
    with st.container():
        frame.say(words.DETAIL[of.config.compare])
        show(pictures.detail(of, look), said.text, "placement-detail")
    frame.shows(said.more)

    with closer("placement", "input", words.CLOSER["input"]) as opened:
        if opened:
            frame.say(tell.GROUND)
            hills = drawn.ground(of.ground, of.steps, look)
            told(tell.of_the_ground(verdict.ground), hills, "placement-ground")
            section(
                *tell.SWEEP, inputs.run, inputs.pieces(of.config),
                lambda some: told(tell.reach(judge_sweep(some)), drawn.sweep(some, look), "rates"),
                "placement-rates",
            )  # fmt: skip

    frame.believed(words.beliefs(verdict))
    knobs.presets(placement.PlacementConfig, "placement", words.PRESETS)
    frame.guess(
        words.GUESS, words.GUESSES,
        lambda: words.guess(judge(answer(placement.run, placement.first(of.config)))),
        "placement",
    )  # fmt: skip
    frame.notes(words.NOTES)
