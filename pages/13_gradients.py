"""Gradient predictiveness: how far can you trust the gradient?"""

from bnviz.experiments import gradients
from bnviz.figures import gradients as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.gradients import judge, judge_sweep
from bnviz.words import gradients as words
from bnviz.words.gradients import beliefs as gradient_beliefs

FIRST = ("learning_rate", "activation", "initialization", "depth")
MORE = (
    "reach", "dataset", "width", "batch_size",
    "gain", "optimizer", "steps", "seeds", "normalized_layers",
)  # fmt: skip


def over_rates(results: list[gradients.GradientsResult]) -> None:
    said = words.over_rates(judge_sweep(results))
    show(pictures.sweep(results, theme()), said, "sweep")
    frame.tell(said)


with frame.page("gradients"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("gradients", words.CHALLENGES)
    config = knobs.choose(gradients.GradientsConfig, "gradients", FIRST, MORE)
    quiz.pose(config)
    result = answer(gradients.run, config)
    verdict = judge(result)
    said = words.findings(verdict)
    arrows = "Arrows: the direction of the gradient after each length of the step. "
    show(pictures.needles(result, theme()), arrows + said.headline, "needles")
    clock(result.steps, play=quiz.play)
    quiz.tell(said, verdict)

    frame.look_closer(said)
    with closer("gradients", "over", words.CLOSER["over"]) as opened:
        if opened:
            drawn = pictures.measures(result, theme())
            show(drawn, "Over training. " + said.text, "measures")
    with closer("gradients", "rates", words.CLOSER["rates"]) as opened:
        if opened:
            pieces = gradients.sweep(result.config)
            section(None, words.RATES, gradients.run, pieces, over_rates, "gradients-sweep")
    frame.beliefs("gradients", gradient_beliefs.beliefs(verdict))
    frame.notes(words.NOTES)
