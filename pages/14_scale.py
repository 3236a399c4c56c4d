"""Scale: why doesn't the scale of the weights matter?"""

from bnviz.experiments import growing_rate, scale
from bnviz.figures import scale as pictures
from bnviz.figures import scale_starts as starts
from bnviz.figures.growing_rate import growing
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, both_told, told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.scale import judge, judge_gains, judge_growing
from bnviz.words import scale as words

FIRST = ("gain", "learning_rate", "decay", "optimizer")
MORE = ("dataset", "depth", "width", "activation", "batch_size",
        "initialization", "scaled", "steps", "seeds")  # fmt: skip
LAYERS, NAMES = tuple(scale.LAYERS), ("Length of the weights", "Angle of the gradient")

with frame.page("scale"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("scale", words.CHALLENGES)
    quiz.pose(config := knobs.choose(scale.ScaleConfig, "scale", FIRST, MORE))
    of, look = answer(scale.run, config), theme()
    said = words.findings(verdict := judge(of))
    beside(*pictures.over_training(of, look, LAYERS[0]), NAMES, said.headline, "scale-first")
    clock(of.steps, play=quiz.play)
    quiz.tell(said, verdict)
    frame.look_closer(said)
    with closer("scale", "multiplied", words.CLOSER["multiplied"]) as opened:
        if opened:
            frame.say(words.MULTIPLIED)
            drawn = pictures.outputs(of, look), pictures.gradients(of, look)
            both_told(words.changes(verdict), *drawn, ("Outputs", "Gradient"), "scale-multiplied")
    with closer("scale", "layers", words.CLOSER["layers"], ["layer"]) as opened:
        if opened:
            frame.say(words.GROWTH)
            layer = knobs.one_of("scale", "layer", "Layer", LAYERS)
            drawn = pictures.over_training(of, look, layer)
            beside(*drawn, NAMES, f"{layer}. {said.headline}", "scale-layers")
    with closer("scale", "tunes", words.CLOSER["tunes"], ["starts"]) as opened:
        if opened:
            frame.say(words.STARTS)
            layer = knobs.one_of("scale", "starts", "Layer", LAYERS)
            show(starts.starts(of, look, layer), f"Effective learning rate, {layer}.", "starts")
    with closer("scale", "gains", words.CLOSER["gains"]) as opened:
        if opened:
            section(None, words.GAINS, scale.run_gain, scale.gains(config),
                lambda of: told(words.reach(judge_gains(of)), starts.gains(of, look), "gains"),
                "scale-gains")  # fmt: skip
    with closer("scale", "growing", words.CLOSER["growing"]) as opened:
        if opened:
            section(None, words.GROWING, growing_rate.run, growing_rate.pieces(config),
                lambda of: told(words.grown(judge_growing(of)), growing(of, look), "grown"),
                "scale-growing")  # fmt: skip
    frame.beliefs("scale", words.beliefs(verdict))
    frame.notes(words.NOTES)
