"""Scale: why doesn't the scale of the weights matter?"""

from bnviz.experiments import scale
from bnviz.figures import scale as pictures
from bnviz.figures.scale_starts import gains, starts
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.scale import judge
from bnviz.verdicts.scale_starts import judge_gains
from bnviz.words import scale as words
from bnviz.words.scale_starts import reach

FIRST = ("gain", "learning_rate", "decay", "scaled")
MORE = (
    "dataset", "depth", "width", "activation", "batch_size",
    "initialization", "optimizer", "steps", "seeds",
)  # fmt: skip

with frame.page("scale"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(scale.ScaleConfig, "scale", FIRST, MORE)
    of, look = answer(scale.run, config), theme()
    verdict = judge(of)
    said = words.findings(verdict)
    frame.headline(said.headline)
    outputs, gradients = pictures.outputs(of, look), pictures.gradients(of, look)
    beside(outputs, gradients, ("Change of the outputs", "Gradient"), said.headline, "scale-a")
    clock(of.steps)
    frame.shows(said.more)

    frame.heading("Always longer, at right angles")
    frame.say(words.GROWTH)
    layer = knobs.one_of("scale", "layer", "Layer", tuple(scale.LAYERS))
    growth, angles = pictures.growth(of, look, layer), pictures.angles(of, look, layer)
    over = " ".join(words.over_training(verdict))
    beside(growth, angles, (f"‖W‖², {layer}", f"Angle to W, {layer}"), over, "scale-growth")
    with closer("scale", "tunes", words.CLOSER["tunes"]) as opened:
        if opened:
            frame.say(words.STARTS)
            rates = starts(of, look, layer)
            show(rates, f"Effective rate, {layer}. {over}", "scale-starts")

    frame.believed(words.beliefs(verdict))
    knobs.presets(scale.ScaleConfig, "scale", words.PRESETS)
    frame.guess(words.GUESS, words.GUESSES, lambda: words.guess(verdict), "scale")
    section(
        *words.GAINS, scale.run_gain, scale.gains(of.config),
        lambda some: told(reach(judge_gains(some)), gains(some, look), "gains"),
        "scale-gains",
    )  # fmt: skip
    frame.notes(words.NOTES)
