"""The lab: two runs with every knob, any diagnostic, and a list of what was kept."""

import streamlit as st

from bnviz.experiments import lab, lab_surface
from bnviz.figures import lab as pictures
from bnviz.figures.lab_surface import contours
from bnviz.ui import arms, frame, knobs
from bnviz.ui.beside import beside, told
from bnviz.ui.clock import clock
from bnviz.ui.kept import Shelf
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts import lab_surface as basins
from bnviz.verdicts.lab import judge
from bnviz.words import lab as words
from bnviz.words import lab_surface as ground
from bnviz.words.diagnostics import missing

with frame.page("lab"):
    frame.say(words.INTRODUCTION)
    chosen = arms.choose()
    stage, shelf, look = st.container(), Shelf(arms.load), theme()
    with stage:
        a, b = arms.runs(chosen)
        several = [a, b, *shelf.runs(chosen["a"])]
        verdict = judge(a.result, b.result)
        said = words.findings(verdict)
        frame.headline(said.headline)
        accuracy, loss = pictures.accuracy(several, look), pictures.loss(several, look)
        beside(accuracy, loss, ("Test accuracy", "Training loss"), said.headline, "lab")
        with st.container():
            if a.result.decision is not None:
                show(pictures.boundaries(a, b, look), f"The plane. {said.headline}", "lab-plane")
    clock(lab.clock_steps(a.result, b.result))  # in the page itself, so that it never leaves
    frame.shows(said.more)
    inside = pictures.diagnostic(a, b, look, missing(verdict.measured))
    with st.container():
        arms.inside(a.result.config.diagnostic, inside)

    knobs.presets(arms.Page, "lab", words.PRESETS)
    frame.say(words.TRY)
    frame.guess(words.GUESS, words.GUESSES, lambda: words.guess(verdict), "lab")
    section(
        *words.GROUND, lab_surface.run, lab_surface.pieces(a.result.config, b.result.config),
        lambda some: told(ground.told(basins.judge(some)), contours(some, look), "lab-ground"),
        "lab-surface",
    )  # fmt: skip
    frame.notes(words.NOTES)
    shelf.go_on()
