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
from bnviz.words import signals as words

FIRST = ("gain", "activation", "depth", "learning_rate")
MORE = (
    "initialization", "skip", "dataset", "width",
    "batch_size", "optimizer", "steps", "seeds",
)  # fmt: skip

with frame.page("signals"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(signals.SignalsConfig, "signals", FIRST, MORE)
    result = answer(signals.run, config)
    sentences = signals.findings(result)

    frame.headline(sentences[0])
    up, down = (pictures.profile(result, theme(), which) for which in ("signal", "gradient"))
    said = " ".join(sentences[:2])
    beside(up, down, ("Signal of each layer", "Gradient of each layer"), said, "signals")
    clock(result.steps)
    frame.shows(sentences[1:])

    with closer("signals", "product", words.CLOSER["product"]) as opened:
        if opened:
            frame.say(words.CHAIN)
            product = signals.of_chain(result)
            drawn = pictures.chain(result, theme())
            show(drawn, "A product of weights. " + product, "signals-chain")
            frame.tell(" ".join([product, *signals.of_first_step(result)]))
    frame.believed(signals.misconceptions(result))
    knobs.presets(signals.SignalsConfig, "signals", words.PRESETS)
    back = signals.direction(result)
    frame.guess(words.GUESS, tuple(signals.DIRECTIONS.values()), lambda: back, "signals")

    def compared(results: list[signals.SignalsResult]) -> None:
        drawn = pictures.remedies(results, list(signals.REMEDIES), theme())
        told(signals.over_remedies(results), drawn, "signals-remedies")

    section(
        *words.REMEDIES, signals.run, signals.remedies(result.config), compared,
        "signals-remedies",
    )  # fmt: skip
    frame.notes(words.NOTES)
