"""Yours: what its page teaches, in one line."""

from bnviz.experiments import yours
from bnviz.figures import yours as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.clock import clock
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
    config = knobs.choose(yours.YoursConfig, "yours", FIRST, MORE)
    result = answer(yours.run, config)
    verdict = judge(result)
    said = words.findings(verdict)

    frame.headline(said.headline)
    show(pictures.loss(result, theme()), f"Training loss. {said.headline}", "loss")
    clock(result.steps)
    frame.shows(said.more)
    knobs.presets(yours.YoursConfig, "yours", words.PRESETS)
    frame.guess(words.GUESS, words.GUESSES, lambda: words.guess(verdict), "yours")
    frame.notes(words.NOTES)
