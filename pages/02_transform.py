"""The transform: what does batch normalization compute?"""

import streamlit as st

from bnviz.experiments import backward, transform
from bnviz.figures import transform as pictures
from bnviz.ui import frame, knobs, table
from bnviz.ui.answers import at_once
from bnviz.ui.clock import clock
from bnviz.ui.show import show, theme
from bnviz.verdicts.transform import judge
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
    result = at_once(transform.run, config)
    with left:
        feature = table.feature("transform", result.names)
    verdict = judge(result, feature)
    said = words.findings(verdict)
    with headline:
        frame.headline(said.headline)
    with right:
        drawn = pictures.stages(result, theme(), feature)
        show(drawn, f"The four stages. {said.headline} {words.by_hand(verdict)}", "stages")
    clock(result.steps, label="Stage", names=words.PLACES)
    frame.shows(said.more, "What these numbers show")

    left, right = st.columns(2)
    with left:
        frame.heading("What γ and β are for")
        frame.say(words.SIGMOID)
        curve = pictures.sigmoid(result, theme(), feature)
        show(curve, f"On a sigmoid. {words.sigmoid(verdict.feature)}", "sigmoid")
    with right:
        frame.heading("One feature at a time")
        frame.say(words.PAIRS)
        above = words.pair(verdict.pair)
        drawn = pictures.pairs(result, theme(), feature, verdict.pair.other, above)
        show(drawn, f"Two features, before and after: {', '.join(above)}", "pairs")
    st.page_link("pages/03_backward.py", label=words.ONWARD,
                 query_params=backward.onward(result, feature))  # fmt: skip
    frame.believed(words.beliefs(verdict))
    knobs.presets(transform.TransformConfig, "transform", words.PRESETS)
    frame.guess(words.GUESS, words.GUESSES, lambda: words.guess(verdict), "transform")

    frame.heading("The same in a few lines")
    frame.say(words.CODE)
    programs, (left, right) = words.programs(verdict), st.columns(2)
    left.code(programs["NumPy"], language=None, wrap_lines=True)
    right.code(programs["torch.nn"], language=None, wrap_lines=True)
    frame.notes(words.NOTES)
