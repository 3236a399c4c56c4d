"""Internal covariate shift: the hypothesis of 2015, tested."""

from bnviz.experiments import shift
from bnviz.figures import shift as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.clock import clock
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.ui.words import shift as words

FIRST = ("learning_rate", "activation", "depth", "gain")
MORE = ("dataset", "width", "batch_size", "initialization", "optimizer", "steps", "seeds")

with frame.page("shift"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(shift.ShiftConfig, "shift", FIRST, MORE)
    of, look = answer(shift.run, config), theme()
    said, tested = shift.findings(of), shift.of_inputs(of)
    frame.headline(tested[0])
    frame.say(f"{words.INPUTS}\n{tested[1]}")
    seen, worlds = pictures.inputs(of, look), pictures.worlds(of, look)
    told_inputs = ("What a first layer sees", "Accuracy on other inputs")
    beside(seen, worlds, told_inputs, " ".join(tested), "shift-inputs")
    frame.heading("Internal covariate shift: the layers below change")
    frame.say(words.ARGUMENT)
    frame.guess(words.GUESS, shift.GUESSES, lambda: shift.noisy_trains(of), "shift")

    frame.headline(said[0])
    accuracy, turning = pictures.accuracy(of, look), pictures.turning(of, look)
    beside(accuracy, turning, ("Accuracy", "Turn of the gradient"), " ".join(said[:2]), "shift")
    clock(of.steps)
    frame.shows(said[1:])

    frame.heading("Layer by layer")
    frame.say(words.LAYERS)
    cosines, distances = pictures.cosines(of, look), pictures.distances(of, look)
    beside(cosines, distances, ("Cosine", "Distance"), " ".join(said), "shift-layers")
    frame.heading("What BN does hold still")
    frame.say(words.MOMENTS)
    show(pictures.moments(of, look), "Movement of the moments. " + " ".join(said), "shift-moments")

    frame.believed(shift.misconceptions(of))
    knobs.presets(shift.ShiftConfig, "shift", words.PRESETS)
    rate = knobs.one_of("shift", "rate", "Learning rate, in the section below", shift.RATES)
    section(
        *words.LINEAR, shift.run_linear, shift.linear(rate),
        lambda some: told(shift.of_linear(some), pictures.linear(some, look), "shift-linear"),
        "shift-linear",
    )  # fmt: skip
    frame.notes(words.NOTES)
