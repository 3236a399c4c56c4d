"""Gradient predictiveness: how far can you trust the gradient?"""

from bnviz.experiments import gradients
from bnviz.figures import gradients as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.words import gradients as words

FIRST = ("learning_rate", "activation", "initialization", "depth")
MORE = (
    "reach", "dataset", "width", "batch_size",
    "gain", "optimizer", "steps", "seeds", "normalized_layers",
)  # fmt: skip

with frame.page("gradients"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(gradients.GradientsConfig, "gradients", FIRST, MORE)
    result = answer(gradients.run, config)
    sentences = gradients.findings(result)

    frame.headline(sentences[0])
    show(
        pictures.needles(result, theme()),
        "Needles: the direction of the gradient after each length of the walk. " + sentences[0],
        "needles",
    )
    clock(result.steps)
    frame.shows(sentences[1:])
    with closer("gradients", "over", words.CLOSER["over"]) as opened:
        if opened:
            drawn = pictures.measures(result, theme())
            show(drawn, "Over training. " + " ".join(sentences), "measures")
    frame.believed(gradients.misconceptions(result))
    knobs.presets(gradients.GradientsConfig, "gradients", words.PRESETS)

    def whose_changes_more() -> tuple[str, str]:
        bent = answer(gradients.run, gradients.GradientsConfig(activation="tanh"))
        return gradients.rougher(bent), gradients.findings(bent)[0]

    frame.guess(words.GUESS, gradients.ROUGHER, whose_changes_more, "gradients")

    def ratios(results: list[gradients.GradientsResult]) -> None:
        said = gradients.over_rates(results)
        show(pictures.sweep(results, theme()), said, "sweep")
        frame.tell(said)

    section(
        "Does it depend on the learning rate?",
        "The same pairs at rates from 0.01 to 1.8, one rate at a time.",
        gradients.run,
        gradients.sweep(result.config),
        ratios,
        "gradients-sweep",
    )
    frame.notes(words.NOTES)
