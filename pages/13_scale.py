"""Scale: why doesn't the scale of the weights matter?"""

from bnviz.experiments import scale
from bnviz.figures import scale as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.words import scale as words

FIRST = ("gain", "learning_rate", "decay", "scaled")
MORE = (
    "dataset", "depth", "width", "activation", "batch_size",
    "initialization", "optimizer", "steps", "seeds",
)  # fmt: skip

with frame.page("scale"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(scale.ScaleConfig, "scale", FIRST, MORE)
    of, look = answer(scale.run, config), theme()
    said = scale.findings(of)
    frame.headline(said[0])
    outputs, gradients = pictures.outputs(of, look), pictures.gradients(of, look)
    beside(outputs, gradients, ("Change of the outputs", "Gradient"), said[0], "scale-a")
    clock(of.steps)
    frame.shows(said[1:])

    frame.heading("Always longer, at right angles")
    frame.say(words.GROWTH)
    layer = knobs.one_of("scale", "layer", "Layer", tuple(scale.LAYERS))
    growth, angles = pictures.growth(of, look, layer), pictures.angles(of, look, layer)
    over = " ".join(said[3:])
    beside(growth, angles, (f"‖W‖², {layer}", f"Angle to W, {layer}"), over, "scale-growth")
    with closer("scale", "tunes", words.CLOSER["tunes"]) as opened:
        if opened:
            frame.say(words.STARTS)
            show(
                pictures.starts(of, look, layer), f"Effective rate, {layer}. {over}", "scale-starts"
            )

    frame.believed(scale.misconceptions(of))
    knobs.presets(scale.ScaleConfig, "scale", words.PRESETS)
    frame.guess(words.GUESS, scale.GUESSES, lambda: scale.which_end(of), "scale")
    section(
        *words.GAINS, scale.run_gain, scale.gains(of.config),
        lambda some: told(scale.who_trains(some), pictures.gains(some, look), "gains"),
        "scale-gains",
    )  # fmt: skip
    frame.notes(words.NOTES)
