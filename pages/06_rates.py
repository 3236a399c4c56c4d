"""The learning rate: how large may it be?"""

from bnviz.experiments import paper, rates
from bnviz.figures import rates as pictures
from bnviz.figures.paper import arms
from bnviz.ui import frame, knobs, listed
from bnviz.ui.answers import answer
from bnviz.ui.beside import told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.paper import judge as judge_paper
from bnviz.verdicts.rates import bases, judge
from bnviz.words import rates as words
from bnviz.words.rates import paper as found
from bnviz.words.rates.too_large import of_the_rate

FIRST = ("learning_rate", "dataset", "activation", "depth")
MORE = ("batch_size", "width", "initialization", "gain", "optimizer", "steps", "seeds", "target")

with frame.page("rates"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("rates", words.CHALLENGES)
    config = knobs.choose(rates.RatesConfig, "rates", FIRST, MORE)
    quiz.pose(config)
    of, look = answer(rates.run, config.swept()).at(config), theme()
    verdict = judge(of)
    said = words.findings(verdict)

    def choose(point: list[float]) -> None:
        knobs.turn(rates.RatesConfig, "rates", {"learning_rate": point[0] if point else None})

    show(pictures.accuracy(of, look), f"Accuracy by rate. {said.headline}", "rates", choose)
    clock(of.steps, play=quiz.play)
    quiz.tell(said, verdict)
    frame.look_closer(said)
    with closer("rates", "way", words.CLOSER["way"]) as opened:
        if opened:
            show(pictures.steps(of, look), f"Steps by rate. {said.headline}", "way", choose)
    with closer("rates", "one", words.CLOSER["one"]) as opened:
        if opened:
            told(of_the_rate(verdict), pictures.one_rate(of, look), "rates-one-rate")
    with closer("rates", "paper", words.CLOSER["paper"], ["base"]) as opened:
        if opened:
            base = knobs.one_of("rates", "base", "Base rate", found.BASES)

            def draw(results: list[paper.PaperResult]) -> None:
                frame.tell(found.findings(small := judge_paper(results)))
                one = small.seen(found.BASES.index(base))
                show(arms(one, look), f"Here and in the paper. {found.of_a_base(one)}", "paper")
                listed.table(found.table(one))

            runs = paper.pieces(of.config, bases(of))
            section(None, found.ABOUT, paper.run, runs, draw, "rates-paper-runs")
    frame.beliefs("rates", words.beliefs(verdict))
    frame.notes(words.NOTES)
