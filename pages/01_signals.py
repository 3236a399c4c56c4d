"""Signals: why is depth hard?"""

from bnviz.experiments import signals
from bnviz.figures import signals as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.signals import judge, judge_remedies, product
from bnviz.words import product as tell
from bnviz.words import signal_beliefs
from bnviz.words import signals as words
from bnviz.words.remedies import over_remedies

FIRST = ("gain", "activation", "depth", "learning_rate")
MORE = (
    "initialization", "skip", "dataset", "width",
    "batch_size", "optimizer", "steps", "seeds",
)  # fmt: skip

with frame.page("signals"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(signals.SignalsConfig, "signals", FIRST, MORE)
    result = answer(signals.run, config)
    verdict = judge(result)
    said = words.findings(verdict)

    frame.headline(said.headline)
    up, down = (pictures.profile(result, theme(), which) for which in ("signal", "gradient"))
    names = ("Signal of each layer", "Gradient of each layer")
    beside(up, down, names, said.headline, "signals")
    clock(result.steps)
    frame.shows(said.more)

    with closer("signals", "product", words.CLOSER["product"]) as opened:
        if opened:
            frame.say(words.CHAIN)
            one_step = tell.of_product(product(result))
            drawn = pictures.chain(result, theme())
            show(drawn, "A product of weights. " + one_step, "signals-chain")
            frame.tell(f"{one_step} {tell.of_first_step(verdict)}")
    frame.believed(signal_beliefs.beliefs(verdict))
    knobs.presets(signals.SignalsConfig, "signals", words.PRESETS)
    frame.guess(words.GUESS, words.GUESSES, lambda: words.guess(verdict), "signals")

    def compared(results: list[signals.SignalsResult]) -> None:
        names = list(signals.REMEDIES)
        drawn = pictures.remedies(results, names, theme())
        told(over_remedies(judge_remedies(results, names)), drawn, "signals-remedies")

    section(
        *words.REMEDIES, signals.run, signals.remedies(result.config), compared,
        "signals-remedies",
    )  # fmt: skip
    frame.notes(words.NOTES)
