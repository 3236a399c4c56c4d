"""Inside the layers: what happens to the values of each layer during training?"""

from bnviz.experiments import activations
from bnviz.figures import activations as pictures
from bnviz.figures import layer_maps
from bnviz.figures.one_unit import one_unit
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.show import show, theme
from bnviz.verdicts.activations import judge, judge_unit, thirds
from bnviz.words import activation_beliefs
from bnviz.words import activations as words

FIRST = ("learning_rate", "activation", "depth", "initialization")
MORE = (
    "dataset", "batch_size", "width", "gain",
    "optimizer", "steps", "seeds", "normalized_layers",
)  # fmt: skip

with frame.page("activations"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(activations.ActivationsConfig, "activations", FIRST, MORE)
    result = answer(activations.run, config)
    verdict = judge(result)
    said = words.findings(verdict)

    frame.headline(said.headline)
    values = knobs.one_of("activations", "values", "Show the values", tuple(pictures.RIDGES))
    ridges = pictures.ridgelines(result, theme(), values)
    show(ridges, f"Distributions of each layer, {values}. {said.headline}", "ridges")

    clock(result.steps)
    frame.shows(said.more)

    with closer("activations", "layers", words.CLOSER["layers"], ["measure"]) as opened:
        if opened:
            measure = knobs.one_of("activations", "measure", "Measure", tuple(layer_maps.MAPS))
            drawn = layer_maps.layer_map(result, theme(), measure)
            show(drawn, f"Layers by training steps: {measure}. {said.headline}", "map")
    with closer("activations", "one", words.CLOSER["one"], ["unit"]) as opened:
        if opened:
            named = activations.units(result.config)
            chosen = activations.unit(result, knobs.pick("activations", "unit", "Unit", named))
            wandered = words.of_unit(judge_unit(result, chosen))
            told(wandered, one_unit(result, theme(), chosen), "unit")

    frame.believed(activation_beliefs.beliefs(verdict))
    knobs.presets(activations.ActivationsConfig, "activations", words.PRESETS)
    frame.guess(words.GUESS, words.GUESSES, lambda: words.guess(thirds(result)), "activations")
    frame.notes(words.NOTES)
