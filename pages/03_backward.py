"""The backward pass: how does the gradient get through batch normalization?"""

import streamlit as st

from bnviz.experiments import backward, backward_mistake
from bnviz.figures import backward as pictures
from bnviz.ui import frame, knobs, table
from bnviz.ui.answers import at_once
from bnviz.ui.beside import told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.comparison import comparison
from bnviz.ui.equations import equations
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.backward import judge, judge_mistakes
from bnviz.words import backward as words

FIRST, MORE = ("source", "gamma", "epsilon"), ("scale",)

with frame.page("backward"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(backward.BackwardConfig, "backward", FIRST, MORE)
    headline = st.container()
    left, right = st.columns([2, 5])
    with left:
        config = table.typed(config, "backward", backward.ready(config.source), words.COLUMNS)
    result = at_once(backward.run, config)
    with right:
        row = table.row("backward", result.rows)
    verdict = judge(result, row)
    said = words.findings(verdict)
    with headline:
        frame.headline(said.headline)
    with right:
        drawn = pictures.graph(result, theme(), row)
        show(drawn, f"The graph, with the numbers of row {row}. {said.headline}", "graph")
    clock(result.steps, label="Equation", names=words.PLACES)

    frame.heading("The six equations")
    frame.say(words.SIX)
    equations(words.equations(verdict))
    frame.shows(said.more, "What these numbers show")
    with closer("backward", "means", words.CLOSER["means"]) as opened:
        if opened:
            frame.say(words.MEANING)
            drawn = pictures.passing(result, theme())
            show(drawn, f"Gradients against normalized values. {said.headline}", "passing")
    with closer("backward", "rows", words.CLOSER["rows"]) as opened:
        if opened:
            comparison(words.HEAD, words.rows(verdict))
    frame.believed(words.beliefs(verdict))
    knobs.presets(backward.BackwardConfig, "backward", words.PRESETS)
    frame.guess(
        words.GUESS, words.GUESSES, lambda: words.guess(judge(backward.same_for_all())), "backward"
    )
    section(*words.MISTAKE, backward_mistake.run, backward_mistake.mistakes(), lambda some: told(
        words.mistakes(judge_mistakes(some)), pictures.mistake(some, theme()), "wrong"
    ), "backward-mistake")  # fmt: skip
    frame.notes(words.NOTES)
