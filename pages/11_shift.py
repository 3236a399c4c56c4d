"""Internal covariate shift: the hypothesis of 2015, tested."""

from bnviz.experiments import changed_inputs, deep_linear, moments, shift
from bnviz.figures import changed_inputs as world_pictures
from bnviz.figures import shift as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, both_told, told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import theme
from bnviz.verdicts import changed_inputs as of_inputs
from bnviz.verdicts import deep_linear as of_linear
from bnviz.verdicts import moments as of_moments
from bnviz.verdicts.shift import judge
from bnviz.words import shift as words
from bnviz.words.shift import beliefs as shift_beliefs
from bnviz.words.shift import changed_inputs as input_words
from bnviz.words.shift import deep_linear as linear_words
from bnviz.words.shift import moments as moment_words

FIRST = ("learning_rate", "activation", "depth", "gain")
MORE = ("dataset", "width", "batch_size", "initialization", "optimizer", "steps", "seeds")
with frame.page("shift"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("shift", words.CHALLENGES)
    quiz.pose(config := knobs.choose(shift.ShiftConfig, "shift", FIRST, MORE))
    verdict, look = judge(of := answer(shift.run, config)), theme()
    said = words.findings(verdict)
    beside(*pictures.training(of, look), ("Turn", "Accuracy"), said.headline, "shift")
    clock(of.steps, play=quiz.play)
    quiz.tell(said, verdict)
    frame.look_closer(said)
    with closer("shift", "layers", words.CLOSER["layers"]) as opened:
        if opened:
            frame.say(words.LAYERS)
            beside(*pictures.layers(of, look), ("Cosine", "Distance"), said.text, "shift-layers")
    with closer("shift", "moments", words.CLOSER["moments"]) as opened:
        if opened:
            frame.say(moment_words.MOMENTS)
            still = answer(moments.run, moments.MomentsConfig.like(of.config))
            changes = moment_words.told(of_moments.judge(still), verdict)
            told(changes, pictures.moments(still, look), "shift-moved")
    with closer("shift", "inputs", words.CLOSER["inputs"]) as opened:
        if opened:
            frame.say(input_words.INPUTS)
            changed = answer(changed_inputs.run, changed_inputs.InputsConfig.like(of.config))
            quiz.of("inputs", tested := of_inputs.judge(changed))
            seen = world_pictures.seen_and_judged(changed, look)
            both_told(input_words.told(tested), *seen, ("Seen", "Accuracy"), "shift-inputs")
    with closer("shift", "linear", words.CLOSER["linear"], ["rate"]) as opened:
        if opened:
            rate = knobs.one_of("shift", "rate", "Learning rate", deep_linear.RATES)
            section(None, linear_words.LINEAR, deep_linear.run, deep_linear.linear(rate),
                lambda some: told(linear_words.told(of_linear.judge(some)),
                pictures.linear(some, look), "linear"), "shift-linear")  # fmt: skip
    frame.beliefs("shift", shift_beliefs.beliefs(verdict))
    frame.notes(words.NOTES)
