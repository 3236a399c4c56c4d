"""The backward pass: how does the gradient get through batch normalization?"""

import streamlit as st

from bnviz.experiments import backward
from bnviz.figures import backward as pictures
from bnviz.ui import frame, knobs, table
from bnviz.ui.beside import told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.comparison import comparison
from bnviz.ui.equations import equations
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.words import backward as words

FIRST, MORE = ("source", "gamma", "epsilon"), ("scale",)

with frame.page("backward"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(backward.BackwardConfig, "backward", FIRST, MORE)
    headline = st.container()
    left, right = st.columns([2, 5])
    with left:
        ready = backward.ready(config.source)
        config = table.typed(config, "backward", ready, backward.NAMES)
    result = backward.run(config)
    sentences = backward.findings(result)
    with headline:
        frame.headline(sentences[0])
    with right:
        row = table.row("backward", result.rows)
        drawn = pictures.graph(result, theme(), row)
        show(drawn, f"The graph, with the numbers of row {row}. {sentences[0]}", "graph")
    clock(result.steps, label="Equation", names=backward.MOMENTS)

    frame.heading("The six equations")
    frame.say(words.EQUATIONS)
    equations(backward.equations(result, row))
    frame.shows(sentences[1:], "What these numbers show")
    with closer("backward", "means", words.CLOSER["means"]) as opened:
        if opened:
            frame.say(words.MEANING)
            drawn = pictures.passing(result, theme())
            show(drawn, "Gradients against normalized values. " + sentences[0], "passing")
    with closer("backward", "rows", words.CLOSER["rows"]) as opened:
        if opened:
            rows = backward.every_row(result)
            comparison([*rows], [*zip(*rows.values(), strict=True)])
    frame.believed(backward.misconceptions(result))
    knobs.presets(backward.BackwardConfig, "backward", words.PRESETS)
    frame.guess(words.GUESS, backward.GUESSES, backward.same_for_all, "backward")
    section(
        *words.MISTAKE, backward.run_mistake, backward.mistakes(),
        lambda some: told(backward.of_mistakes(some), pictures.mistake(some, theme()), "wrong"),
        "backward-mistake",
    )  # fmt: skip
    frame.notes(words.NOTES)
