"""Internal covariate shift: the hypothesis of 2015, tested."""

from bnviz.experiments import shift
from bnviz.figures import shift as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, both_told, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import theme
from bnviz.words import shift as words

FIRST = ("learning_rate", "activation", "depth", "gain")
MORE = ("dataset", "width", "batch_size", "initialization", "optimizer", "steps", "seeds")

with frame.page("shift"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(shift.ShiftConfig, "shift", FIRST, MORE)
    of, look = answer(shift.run, config), theme()
    said = shift.findings(of)
    frame.headline(said[0])
    accuracy, turning = pictures.accuracy(of, look), pictures.turning(of, look)
    beside(accuracy, turning, ("Accuracy", "Turn of the gradient"), " ".join(said[:2]), "shift")
    clock(of.steps)
    frame.shows(said[1:])
    frame.heading("The hypothesis, and its test")
    frame.say(words.ARGUMENT)

    with closer("shift", "layers", words.CLOSER["layers"]) as opened:
        if opened:
            frame.say(words.LAYERS)
            cosines, distances = pictures.cosines(of, look), pictures.distances(of, look)
            beside(cosines, distances, ("Cosine", "Distance"), " ".join(said), "shift-layers")
    with closer("shift", "moments", words.CLOSER["moments"]) as opened:
        if opened:
            frame.say(words.MOMENTS)
            still = answer(shift.run_moments, shift.MomentsConfig.like(of.config))
            told(shift.of_moments(of, still), pictures.moments(still, look), "shift-moved")
            frame.believed(shift.believed_of_moments(of, still))
    with closer("shift", "inputs", words.CLOSER["inputs"]) as opened:
        if opened:
            changed = answer(shift.run_inputs, shift.InputsConfig.like(of.config))
            tested, names = shift.of_inputs(changed), ("What a layer sees", "Accuracy")
            seen, worlds = pictures.inputs(changed, look), pictures.worlds(changed, look)
            frame.say(words.INPUTS)
            both_told(" ".join(tested), seen, worlds, names, "shift-inputs")

    frame.believed(shift.misconceptions(of))
    knobs.presets(shift.ShiftConfig, "shift", words.PRESETS)
    frame.guess(words.GUESS, shift.GUESSES, lambda: shift.noisy_trains(of), "shift")
    rate = knobs.one_of("shift", "rate", "Learning rate, in the section below", shift.RATES)
    section(
        *words.LINEAR, shift.run_linear, shift.linear(rate),
        lambda some: told(shift.of_linear(some), pictures.linear(some, look), "shift-linear"),
        "shift-linear",
    )  # fmt: skip
    frame.notes(words.NOTES)
