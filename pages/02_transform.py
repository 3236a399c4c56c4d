"""The transform: what does batch normalization compute?"""

import streamlit as st

from bnviz.experiments import backward, transform
from bnviz.figures import transform as pictures
from bnviz.ui import frame, knobs, table
from bnviz.ui.clock import clock
from bnviz.ui.show import show, theme
from bnviz.words import transform as words

FIRST, MORE = ("source", "gamma", "beta", "epsilon"), ("affine",)

with frame.page("transform"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(transform.TransformConfig, "transform", FIRST, MORE)
    headline = st.container()
    left, right = st.columns([2, 5])
    with left:
        ready, names = transform.ready(config.source), transform.names_of(config.source)
        config = table.typed(config, "transform", ready, names)
    result = transform.run(config)
    with left:
        feature = table.feature("transform", result.names)
    sentences = transform.findings(result, feature)
    with headline:
        frame.headline(sentences[0])
    with right:
        stages = pictures.stages(result, theme(), feature)
        show(stages, "The four stages. " + " ".join(sentences[:2]), "stages")
    clock(result.steps, label="Stage", names=transform.MOMENTS)
    frame.shows(sentences[1:], "What these numbers show")

    left, right = st.columns(2)
    with left:
        frame.heading("What γ and β are for")
        frame.say(words.SIGMOID)
        curve = pictures.sigmoid(result, theme(), feature)
        show(curve, "On a sigmoid. " + transform.of_sigmoid(result, feature), "sigmoid")
    with right:
        frame.heading("One feature at a time")
        frame.say(words.PAIRS)
        said = transform.correlations(result, feature)
        drawn = pictures.pairs(result, theme(), feature, transform.partner(result, feature), said)
        show(drawn, "Two features, before and after: " + ", ".join(said), "pairs")
    st.page_link(
        "pages/03_backward.py",
        label=words.ONWARD,
        query_params=backward.onward(result, feature),
    )
    frame.believed(transform.misconceptions(result, feature))
    knobs.presets(transform.TransformConfig, "transform", words.PRESETS)
    frame.guess(words.GUESS, transform.SHIFTS, lambda: transform.shifted(result), "transform")

    frame.heading("The same in a few lines")
    frame.say(words.CODE)
    programs, (left, right) = transform.code(result), st.columns(2)
    left.code(programs["NumPy"], language=None, wrap_lines=True)
    right.code(programs["torch.nn"], language=None, wrap_lines=True)
    frame.notes(words.NOTES)
