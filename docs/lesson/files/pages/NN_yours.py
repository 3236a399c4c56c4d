"""Yours: what its page teaches, in one line."""

from bnviz.experiments import yours
from bnviz.figures import yours as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.show import show, theme
from bnviz.verdicts.yours import judge
from bnviz.words import yours as words

FIRST = ("learning_rate", "dataset", "activation", "depth")
MORE = (
    "batch_size", "width", "initialization", "gain",
    "optimizer", "steps", "seeds", "normalized_layers",
)  # fmt: skip

with frame.page("yours"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("yours", words.CHALLENGES)
    config = knobs.choose(yours.YoursConfig, "yours", FIRST, MORE)
    quiz.pose(config)
    result = answer(yours.run, config)
    verdict = judge(result)
    said = words.findings(verdict)
    show(pictures.loss(result, theme()), f"Training loss. {said.headline}", "loss")
    clock(result.steps, play=quiz.play)
    quiz.tell(said, verdict)

    frame.look_closer(said)
    with closer("yours", "early", words.CLOSER["early"]) as opened:
        if opened:
            show(pictures.loss(result, theme(), 0.2), f"The first steps. {said.headline}", "early")
    frame.beliefs("yours", words.beliefs(verdict))
    frame.notes(words.NOTES)
