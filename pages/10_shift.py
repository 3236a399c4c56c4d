"""Internal covariate shift: the hypothesis of 2015, tested."""

from bnviz.experiments import changed_inputs, deep_linear, moments, shift
from bnviz.figures import changed_inputs as world_pictures
from bnviz.figures import shift as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, both_told, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import theme
from bnviz.verdicts import changed_inputs as of_inputs
from bnviz.verdicts import deep_linear as of_linear
from bnviz.verdicts import moments as of_moments
from bnviz.verdicts.shift import judge
from bnviz.words import changed_inputs as input_words
from bnviz.words import deep_linear as linear_words
from bnviz.words import moments as moment_words
from bnviz.words import shift as words

FIRST = ("learning_rate", "activation", "depth", "gain")
MORE = ("dataset", "width", "batch_size", "initialization", "optimizer", "steps", "seeds")
with frame.page("shift"):
    frame.say(words.INTRODUCTION)
    of = answer(shift.run, knobs.choose(shift.ShiftConfig, "shift", FIRST, MORE))
    verdict, look = judge(of), theme()
    said = words.findings(verdict)
    frame.headline(said.headline)
    beside(*pictures.training(of, look), ("Accuracy", "Turn of the gradient"), said.text, "shift")
    clock(of.steps)
    frame.shows(said.more)
    frame.heading("The hypothesis, and its test")
    frame.say(words.ARGUMENT)
    with closer("shift", "layers", words.CLOSER["layers"]) as opened:
        if opened:
            frame.say(words.LAYERS)
            beside(*pictures.layers(of, look), ("Cosine", "Distance"), said.text, "shift-layers")
    with closer("shift", "moments", words.CLOSER["moments"]) as opened:
        if opened:
            frame.say(moment_words.MOMENTS)
            still = answer(moments.run, moments.MomentsConfig.like(of.config))
            moved = of_moments.judge(still)
            told(moment_words.told(moved, verdict), pictures.moments(still, look), "shift-moved")
            frame.believed(moment_words.beliefs(moved, verdict))
    with closer("shift", "inputs", words.CLOSER["inputs"]) as opened:
        if opened:
            frame.say(input_words.INPUTS)
            changed = answer(changed_inputs.run, changed_inputs.InputsConfig.like(of.config))
            tested = input_words.findings(of_inputs.judge(changed)).text
            names = "What a layer sees", "Accuracy"
            both_told(tested, *world_pictures.seen_and_judged(changed, look), names, "shift-inputs")
    frame.believed(words.beliefs(verdict))
    knobs.presets(shift.ShiftConfig, "shift", words.PRESETS)
    frame.guess(words.GUESS, words.GUESSES, lambda: words.guess(verdict), "shift")
    rate = knobs.one_of("shift", "rate", "Learning rate, in the section below", deep_linear.RATES)
    section(*linear_words.LINEAR, deep_linear.run, deep_linear.linear(rate), lambda some: told(
        linear_words.told(of_linear.judge(some)), pictures.linear(some, look), "shift-linear"
    ), "shift-linear")  # fmt: skip
    frame.notes(words.NOTES)
