"""The backward pass: how does the gradient get through batch normalization?"""

import streamlit as st

from bnviz.experiments import backward, backward_mistake
from bnviz.figures import backward as pictures
from bnviz.figures.backward_mistake import mistake
from bnviz.ui import frame, knobs, table
from bnviz.ui.answers import at_once
from bnviz.ui.beside import told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.comparison import comparison
from bnviz.ui.equations import equations
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.backward import judge, judge_mistakes
from bnviz.words import backward as words
from bnviz.words.backward import beliefs as backward_beliefs
from bnviz.words.backward import equations as six
from bnviz.words.backward.mistakes import mistakes

FIRST, MORE = ("source", "gamma", "epsilon"), ("scale",)

with frame.page("backward"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("backward", words.CHALLENGES)
    config = knobs.choose(backward.BackwardConfig, "backward", FIRST, MORE)
    left, right = st.columns([5, 2])  # the picture is the first of the two on a phone
    with right:
        config = table.typed(config, "backward", backward.ready(config.source), words.COLUMNS)
    quiz.pose(config)
    result = at_once(backward.run, config)
    verdict = judge(result)
    said = words.findings(verdict)
    with left:
        show(pictures.passing(result, theme()), f"Each row's gradient. {said.headline}", "passing")
    clock(result.steps, label="Equation", names=words.PLACES, by_hand=True, play=quiz.play)
    quiz.tell(said, verdict)

    frame.look_closer(said)
    with closer("backward", "equations", words.CLOSER["equations"], ["row"]) as opened:
        if opened:
            frame.say(six.SIX)
            row = table.row("backward", result.rows)
            drawn = pictures.graph(result, theme(), row)
            show(drawn, f"The graph, with the numbers of row {row}. {said.headline}", "graph")
            equations(six.equations(judge(result, row)))
    with closer("backward", "rows", words.CLOSER["rows"]) as opened:
        if opened:
            comparison(six.HEAD, six.rows(verdict))
    with closer("backward", "mistake", words.CLOSER["mistake"]) as opened:
        if opened:
            section(None, words.MISTAKE, backward_mistake.run, backward_mistake.mistakes(),
                lambda some: told(
                    mistakes(judge_mistakes(some)), mistake(some, theme()), "wrong"
                ), "backward-mistake")  # fmt: skip
    frame.beliefs("backward", backward_beliefs.beliefs(verdict))
    frame.notes(words.NOTES)
