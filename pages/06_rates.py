"""The learning rate: how large may it be?"""

import streamlit as st

from bnviz.experiments import paper, rates
from bnviz.figures import rates as pictures
from bnviz.figures.paper import arms
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import in_a_row, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.paper import judge as judge_paper
from bnviz.verdicts.rates import bases, judge
from bnviz.words import paper as found
from bnviz.words import rates as words
from bnviz.words.rates_beyond import of_the_rate

FIRST = ("learning_rate", "dataset", "activation", "depth")
MORE = ("batch_size", "width", "initialization", "gain", "optimizer", "steps", "seeds", "target")

with frame.page("rates"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(rates.RatesConfig, "rates", FIRST, MORE)
    of, look = answer(rates.run, config.swept()).at(config), theme()
    verdict = judge(of)
    said = words.findings(verdict)

    def choose(point: list[float]) -> None:
        knobs.turn(rates.RatesConfig, "rates", {"learning_rate": point[0] if point else None})

    frame.headline(said.headline)
    drawn = {"Accuracy": pictures.accuracy(of, look), "Steps": pictures.steps(of, look)}
    in_a_row(drawn, said.headline, "rates", choose)
    clock(of.steps)
    frame.shows(said.more)
    with closer("rates", "one", words.CLOSER["one"]) as opened:
        if opened:
            told(of_the_rate(verdict), pictures.one_rate(of, look), "rates-one-rate")

    frame.believed(words.beliefs(verdict))
    knobs.presets(rates.RatesConfig, "rates", words.PRESETS)
    frame.guess(words.GUESS, words.GUESSES, lambda: words.guess(verdict), "rates")
    base = knobs.one_of("rates", "base", "Base rate, in the experiment below", found.BASES)

    def draw(results: list[paper.PaperResult]) -> None:
        small = judge_paper(results)
        frame.tell(found.findings(small))
        one = small.seen(found.BASES.index(base))
        show(arms(one, look), f"Here and in the paper. {found.of_a_base(one)}", "rates-paper")
        st.table(found.table(one))

    pieces = paper.pieces(of.config, bases(of))
    section(*found.PAPER, paper.run, pieces, draw, "rates-paper-runs")
    frame.notes(words.NOTES)
