"""Gradient predictiveness: how far can you trust the gradient?"""

from bnviz.experiments import gradients
from bnviz.figures import gradients as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.gradients import judge, judge_sweep
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
    verdict = judge(result)
    said = words.findings(verdict)
    frame.headline(said.headline)
    show(
        pictures.needles(result, theme()),
        "Needles: the direction of the gradient after each length of the walk. " + said.headline,
        "needles",
    )
    clock(result.steps)
    frame.shows(said.more)
    with closer("gradients", "over", words.CLOSER["over"]) as opened:
        if opened:
            drawn = pictures.measures(result, theme())
            show(drawn, "Over training. " + said.text, "measures")
    frame.believed(words.beliefs(verdict))
    knobs.presets(gradients.GradientsConfig, "gradients", words.PRESETS)

    def whose_changes_more() -> tuple[str, str]:
        bent = gradients.GradientsConfig(activation="tanh")
        return words.guess(judge(answer(gradients.run, bent)))

    frame.guess(words.GUESS, words.GUESSES, whose_changes_more, "gradients")

    def ratios(results: list[gradients.GradientsResult]) -> None:
        over_rates = words.over_rates(judge_sweep(results))
        show(pictures.sweep(results, theme()), over_rates, "sweep")
        frame.tell(over_rates)

    section(
        "Does it depend on the learning rate?",
        "The same pairs at rates from 0.01 to 1.8, one rate at a time.",
        gradients.run,
        gradients.sweep(result.config),
        ratios,
        "gradients-sweep",
    )
    frame.notes(words.NOTES)
