"""The lab: two runs with every knob, any diagnostic, and a list of what was kept."""

import streamlit as st

from bnviz.experiments import lab, lab_surface
from bnviz.figures import lab as pictures
from bnviz.figures.lab_surface import contours
from bnviz.ui import arms, frame
from bnviz.ui.beside import beside, told
from bnviz.ui.challenges import Quiz
from bnviz.ui.class_board import board
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.kept import Shelf
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts import lab_surface as basins
from bnviz.verdicts.lab import judge
from bnviz.words import lab as words
from bnviz.words.lab import beliefs as lab_beliefs
from bnviz.words.lab import surface as ground
from bnviz.words.lab.diagnostics import missing

with frame.page("lab"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("lab", words.CHALLENGES)
    chosen, config = arms.choose()
    quiz.pose(config)
    stage, below, look = st.container(), st.container(), theme()
    shelf = Shelf(arms.load)
    with stage:
        a, b = arms.runs(chosen)
        several = [a, b, *shelf.runs(chosen["a"])]
        verdict = judge(a.result, b.result)
        said = words.findings(verdict)
        accuracy, loss = pictures.accuracy(several, look), pictures.loss(several, look)
        beside(accuracy, loss, ("Test accuracy", "Training loss"), said.headline, "lab")
        with st.container():
            if a.result.decision is not None:
                show(pictures.boundaries(a, b, look), f"The plane. {said.headline}", "lab-plane")
    clock(lab.clock_steps(a.result, b.result), play=quiz.play)
    with below:
        arms.apart(chosen)
        quiz.tell(said, verdict)
    frame.look_closer(said)
    with closer("lab", "inside", words.CLOSER["inside"]) as opened:
        if opened:
            inside = pictures.diagnostic(a, b, look, missing(verdict.measured))
            arms.inside(a.result.config.diagnostic, inside)
    board(shelf.kept)
    with closer("lab", "ground", words.CLOSER["ground"]) as opened:
        if opened:
            pieces = lab_surface.pieces(a.result.config, b.result.config)
            section(None, words.GROUND, lab_surface.run, pieces, lambda some: told(
                ground.told(basins.judge(some)), contours(some, look), "around"
            ), "lab-surface")  # fmt: skip
    frame.beliefs("lab", lab_beliefs.beliefs(verdict))
    frame.notes(words.NOTES)
    shelf.go_on()
