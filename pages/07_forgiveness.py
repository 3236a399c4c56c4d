"""How forgiving is it? A map of which settings train."""

from typing import Any

import streamlit as st

from bnviz.experiments import forgiveness
from bnviz.experiments.forgiveness import ForgivenessConfig
from bnviz.figures import forgiveness as pictures
from bnviz.figures.once import drawn_once
from bnviz.ui import frame, knobs
from bnviz.ui.answers import granted
from bnviz.ui.beside import in_a_row, told
from bnviz.ui.clock import clock
from bnviz.ui.section import Growing
from bnviz.ui.show import theme
from bnviz.verdicts.forgiveness import cell, judge
from bnviz.words import forgiveness as words

FIRST = ("against", "learning_rate", "gain", "activation")
MORE = (
    "depth", "batch_size", "width", "dataset",
    "initialization", "optimizer", "steps", "seeds", "target",
)  # fmt: skip

with frame.page("forgiveness"):
    frame.say(words.INTRODUCTION)
    config = granted(knobs.choose(ForgivenessConfig, "forgiveness", FIRST, MORE))
    above = st.container()
    growing = Growing(forgiveness.run_piece, forgiveness.pieces(config), "forgiveness")
    of, look = drawn_once(forgiveness.assemble)(config, growing.results), theme()
    verdict, here = judge(of), config.marked
    said = words.findings(verdict)

    def mark(at: list[Any]) -> None:
        knobs.turn(ForgivenessConfig, "forgiveness", forgiveness.setting(config, at))

    maps = {
        "Without BN": pictures.accuracy(of, look, "plain", here),
        "With BN": pictures.accuracy(of, look, "batch", here),
        "The difference": pictures.difference(of, look, here),
    }
    with above:
        frame.headline(said.headline)
        in_a_row(maps, said.headline, "forgiveness", mark)
        frame.tell(words.of_cell(cell(of, here)))
        link = forgiveness.onward(config)
        st.page_link("pages/05_race.py", label=words.ONWARD, query_params=link)
    clock(of.steps)
    frame.shows(said.more)

    frame.heading("How wide is the window?")
    frame.say(words.WINDOWS)
    told(words.of_windows(verdict), pictures.windows(of, look), "windows")
    frame.believed(words.beliefs(verdict))
    knobs.presets(ForgivenessConfig, "forgiveness", words.PRESETS)
    guesses = tuple(words.GUESSES.values())
    frame.guess(words.GUESS, guesses, lambda: words.guess(verdict), "forgiveness")
    frame.notes(words.NOTES)
    frame.last(growing.go_on)
