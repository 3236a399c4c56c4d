"""How forgiving is it? A map of which settings train."""

from typing import Any

import streamlit as st

from bnviz.experiments import forgiveness
from bnviz.experiments.forgiveness import ForgivenessConfig
from bnviz.figures import forgiveness as pictures
from bnviz.figures.once import drawn_once
from bnviz.ui import frame, knobs, lessons
from bnviz.ui.answers import granted
from bnviz.ui.beside import in_a_row, told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import Growing
from bnviz.ui.show import show, theme
from bnviz.verdicts.forgiveness import cell, judge
from bnviz.words import forgiveness as words
from bnviz.words.forgiveness import beliefs as forgiveness_beliefs

FIRST = ("against", "learning_rate", "gain", "activation")
MORE = ("depth", "batch_size", "width", "dataset", "initialization", "optimizer", "steps", "seeds",
        "target")  # fmt: skip

with frame.page("forgiveness"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("forgiveness", words.CHALLENGES)
    quiz.pose(chosen := knobs.choose(ForgivenessConfig, "forgiveness", FIRST, MORE))
    config, above = granted(chosen), st.container()
    growing = Growing(forgiveness.run_piece, forgiveness.pieces(config), "forgiveness")
    of, look = drawn_once(forgiveness.assemble)(config, growing.results), theme()
    verdict, here = judge(of), config.marked
    said = words.findings(verdict)

    def mark(at: list[Any]) -> None:
        knobs.turn(ForgivenessConfig, "forgiveness", forgiveness.setting(config, at))

    kinds = (("Without BN", "plain"), ("With BN", "batch"))
    maps = {name: pictures.accuracy(of, look, kind, here) for name, kind in kinds}
    with above:
        in_a_row(maps, said.headline, "forgiveness", mark)
    clock(of.steps, play=quiz.play)
    quiz.tell(said, verdict)
    frame.look_closer(said)
    with closer("forgiveness", "cell", words.CLOSER["cell"]) as opened:
        if opened:
            frame.tell(words.of_cell(cell(of, here)), "forgiveness-cell")
            lessons.lead("race", words.ONWARD, forgiveness.onward(config))
    with closer("forgiveness", "difference", words.CLOSER["difference"]) as opened:
        if opened:
            show(pictures.difference(of, look, here), said.text, "difference", mark)
    with closer("forgiveness", "windows", words.CLOSER["windows"]) as opened:
        if opened:
            told(words.of_windows(verdict), pictures.windows(of, look), "windows")
    frame.beliefs("forgiveness", forgiveness_beliefs.beliefs(verdict))
    frame.notes(words.NOTES)
    frame.last(growing.go_on)
