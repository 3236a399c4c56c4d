"""Signals: why is depth hard?"""

from bnviz.experiments import signals
from bnviz.figures import signals as pictures
from bnviz.figures.remedies import remedies
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.signals import judge, judge_remedies, product
from bnviz.words import signals as words
from bnviz.words.signals import beliefs as signal_beliefs
from bnviz.words.signals import product as tell
from bnviz.words.signals.findings import arrivals, findings
from bnviz.words.signals.remedies import over_remedies

FIRST = ("gain", "activation", "depth", "learning_rate")
MORE = (
    "initialization", "skip", "dataset", "width",
    "batch_size", "optimizer", "steps", "seeds",
)  # fmt: skip
NAMES = list(signals.REMEDIES)

with frame.page("signals"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("signals", words.CHALLENGES)
    config = knobs.choose(signals.SignalsConfig, "signals", FIRST, MORE)
    quiz.pose(config)
    result = answer(signals.run, config)
    verdict = judge(result)
    said = findings(verdict)
    up, down = (
        pictures.profile(result, theme(), which, arrivals(verdict, which))
        for which in ("signal", "gradient")
    )
    names = ("Signal of each layer", "Gradient of each layer")
    beside(up, down, names, said.headline, "signals")
    clock(result.steps, play=quiz.play)
    quiz.tell(said, verdict)

    frame.look_closer(said)
    with closer("signals", "product", words.CLOSER["product"]) as opened:
        if opened:
            frame.say(words.CHAIN)
            step = tell.of_product(product(result))
            show(pictures.chain(result, theme()), f"A product of weights. {step}", "signals-chain")
            frame.tell(f"{step} {tell.of_first_step(verdict)}")
    with closer("signals", "remedies", words.CLOSER["remedies"]) as opened:
        if opened:
            section(None, words.REMEDIES, signals.run, signals.remedies(config), lambda some: told(
                over_remedies(judge_remedies(some, NAMES)), remedies(some, NAMES, theme()), "tried"
            ), "signals-remedies")  # fmt: skip
    frame.beliefs("signals", signal_beliefs.beliefs(verdict))
    frame.notes(words.NOTES)
