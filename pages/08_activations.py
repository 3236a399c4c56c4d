"""Inside the layers: what happens to the values of each layer during training?"""

from bnviz.experiments import activations
from bnviz.figures import activations as pictures
from bnviz.figures import layer_maps
from bnviz.figures.one_unit import one_unit
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.show import show, theme
from bnviz.verdicts.activations import judge, judge_unit
from bnviz.words import activations as words
from bnviz.words.activations import beliefs as activation_beliefs
from bnviz.words.activations.findings import findings, of_unit

FIRST = ("learning_rate", "activation", "depth", "initialization")
MORE = (
    "dataset", "batch_size", "width", "gain",
    "optimizer", "steps", "seeds", "normalized_layers",
)  # fmt: skip

with frame.page("activations"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("activations", words.CHALLENGES)
    config = knobs.choose(activations.ActivationsConfig, "activations", FIRST, MORE)
    quiz.pose(config)
    result = answer(activations.run, config)
    verdict = judge(result)
    said = findings(verdict)
    show(pictures.ridgelines(result, theme()), f"Each layer's values. {said.headline}", "ridges")
    clock(result.steps, play=quiz.play)
    quiz.tell(said, verdict)

    frame.look_closer(said)
    with closer("activations", "others", words.CLOSER["others"], ["values"]) as opened:
        if opened:
            values = knobs.one_of("activations", "values", "Show the values", pictures.OTHERS)
            ridges = pictures.ridgelines(result, theme(), values)
            show(ridges, f"Distributions of each layer, {values}.", "others")
    with closer("activations", "layers", words.CLOSER["layers"], ["measure"]) as opened:
        if opened:
            measure = knobs.one_of("activations", "measure", "Measure", tuple(layer_maps.MAPS))
            drawn = layer_maps.layer_map(result, theme(), measure)
            show(drawn, f"Layers by training steps: {measure}. {said.headline}", "map")
    with closer("activations", "one", words.CLOSER["one"], ["unit"]) as opened:
        if opened:
            named = activations.units(result.config)
            chosen = activations.unit(result, knobs.pick("activations", "unit", "Unit", named))
            wandered = of_unit(judge_unit(result, chosen))
            told(wandered, one_unit(result, theme(), chosen), "unit")
    frame.beliefs("activations", activation_beliefs.beliefs(verdict))
    frame.notes(words.NOTES)
