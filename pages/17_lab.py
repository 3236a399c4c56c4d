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
from bnviz.words import lab as words

with frame.page("lab"):
    frame.say(words.INTRODUCTION)
    chosen = arms.choose()
    stage, shelf, look = st.container(), Shelf(arms.load), theme()
    with stage:
        a, b = arms.runs(chosen)
        several = [a, b, *shelf.runs(chosen["a"])]
        said = lab.findings(a.result, b.result)
        frame.headline(said[0])
        accuracy, loss = pictures.accuracy(several, look), pictures.loss(several, look)
        beside(accuracy, loss, ("Test accuracy", "Training loss"), said[0], "lab")
        with st.container():
            if a.result.decision is not None:
                show(pictures.boundaries(a, b, look), f"The plane. {said[0]}", "lab-plane")
    clock(lab.clock_steps(a.result, b.result))  # in the page itself, so that it never leaves
    frame.shows(said[1:])
    with st.container():
        arms.inside(a, b, pictures.diagnostic(a, b, look))

    knobs.presets(arms.Page, "lab", words.PRESETS)
    frame.say(words.TRY)
    frame.guess(words.GUESS, arms.GUESSES, lambda: arms.who_is_ahead(a, b, said[0]), "lab")
    section(
        *words.GROUND, lab_surface.run, lab_surface.pieces(a.result.config, b.result.config),
        lambda some: told(lab_surface.told(some), contours(some, look), "lab-ground"),
        "lab-surface",
    )  # fmt: skip
    frame.notes(words.NOTES)
    shelf.go_on()
