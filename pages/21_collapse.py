"""Collapse: what its page teaches, in one line."""

from bnviz.experiments import collapse
from bnviz.figures import collapse as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.show import show, theme
from bnviz.verdicts.collapse import judge
from bnviz.words import collapse as words

FIRST = ("learning_rate", "dataset", "activation", "depth")
MORE = (
    "batch_size", "width", "initialization", "gain",
    "optimizer", "steps", "seeds", "normalized_layers",
)  # fmt: skip

with frame.page("collapse"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("collapse", words.CHALLENGES)
    config = knobs.choose(collapse.CollapseConfig, "collapse", FIRST, MORE)
    quiz.pose(config)
    result = answer(collapse.run, config)
    verdict = judge(result)
    said = words.findings(verdict)
    show(pictures.loss(result, theme()), f"Training loss. {said.headline}", "loss")
    clock(result.steps, play=quiz.play)
    quiz.tell(said, verdict)

    frame.look_closer(said)
    with closer("collapse", "early", words.CLOSER["early"]) as opened:
        if opened:
            show(pictures.loss(result, theme(), 0.2), f"The first steps. {said.headline}", "early")
    frame.beliefs("collapse", words.beliefs(verdict))
    frame.notes(words.NOTES)
