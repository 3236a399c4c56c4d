"""The learning rate: how large may it be?"""

import streamlit as st

from bnviz.experiments import rates
from bnviz.figures import rates as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import in_a_row, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.words import rates as words

FIRST = ("learning_rate", "dataset", "activation", "depth")
MORE = (
    "batch_size", "width", "initialization", "gain",
    "optimizer", "steps", "seeds", "target",
)  # fmt: skip

with frame.page("rates"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(rates.RatesConfig, "rates", FIRST, MORE)
    of, look = answer(rates.run, config.swept()).at(config), theme()
    said = rates.findings(of)

    def choose(point: list[float]) -> None:
        knobs.turn(rates.RatesConfig, "rates", {"learning_rate": point[0] if point else None})

    frame.headline(said[0])
    drawn = {
        "Accuracy": pictures.accuracy(of, look),
        "Steps": pictures.steps(of, look),
    }
    in_a_row(drawn, said[0], "rates", choose)
    clock(of.steps)
    frame.shows(said[1:])
    with closer("rates", "one", words.CLOSER["one"]) as opened:
        if opened:
            told(rates.of_the_rate(of), pictures.one_rate(of, look), "rates-one-rate")

    frame.believed(rates.misconceptions(of))
    knobs.presets(rates.RatesConfig, "rates", words.PRESETS)
    frame.guess(words.GUESS, rates.GUESSES, lambda: rates.best_guess(of), "rates")
    base = knobs.one_of("rates", "base", "Base rate, in the experiment below", rates.BASES)

    def paper(results: list[rates.PaperResult]) -> None:
        shown = rates.shown(results, base)
        frame.tell(rates.of_the_paper(results))
        picture = pictures.paper(shown, rates.published(), look)
        show(picture, "Here and in the paper. " + rates.of_the_paper([shown]), "rates-paper")
        st.table(rates.paper_table(shown))

    section(*words.PAPER, rates.run_paper, rates.paper(of), paper, "rates-paper-runs")
    frame.notes(words.NOTES)
