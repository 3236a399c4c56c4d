"""The transform: what does batch normalization compute?"""

import streamlit as st

from bnviz.experiments import backward, transform
from bnviz.figures import transform as pictures
from bnviz.ui import frame, knobs, lessons, listed, table
from bnviz.ui.answers import at_once
from bnviz.ui.beside import told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.show import show, theme
from bnviz.verdicts.transform import judge
from bnviz.words import transform as words
from bnviz.words.transform import beliefs as transform_beliefs
from bnviz.words.transform import code as transform_code

FIRST, MORE = ("source", "gamma", "beta", "epsilon"), ("affine",)

with frame.page("transform"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("transform", words.CHALLENGES)
    config = knobs.choose(transform.TransformConfig, "transform", FIRST, MORE)
    left, right = st.columns([5, 2])  # the picture is the first of the two on a phone
    with right:
        ready, names = transform.ready(config.source), transform.names_of(config.source)
        config = table.typed(config, "transform", ready, names)
    quiz.pose(config)
    result = at_once(transform.run, config)
    with right:
        feature = table.feature("transform", result.names)
    verdict = judge(result, feature)
    said = words.findings(verdict)
    with left:
        drawn, by_hand = pictures.stages(result, theme(), feature), words.by_hand(verdict.feature)
        show(drawn, f"The four stages. {said.headline} {by_hand}", "stages")
    clock(result.steps, label="Stage", names=words.PLACES, by_hand=True, play=quiz.play)
    quiz.tell(said, verdict)
    lessons.lead("backward", words.ONWARD, backward.onward(result, feature))

    frame.look_closer(said)
    with closer("transform", "sigmoid", words.CLOSER["sigmoid"]) as opened:
        if opened:
            frame.say(words.SIGMOID)
            curve = pictures.sigmoid(result, theme(), feature)
            told(words.sigmoid(verdict.feature), curve, "sigmoid")
    with closer("transform", "pairs", words.CLOSER["pairs"]) as opened:
        if opened:
            frame.say(words.PAIRS)
            above = words.pair(verdict.pair)
            drawn = pictures.pairs(result, theme(), feature, verdict.pair.other, above)
            show(drawn, f"Two features, before and after: {', '.join(above)}", "pairs")
    with closer("transform", "code", words.CLOSER["code"]) as opened:
        if opened:
            listed.code("\n\n".join(transform_code.programs(verdict)))
    frame.beliefs("transform", transform_beliefs.beliefs(verdict))
    frame.notes(words.NOTES)
