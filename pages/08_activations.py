"""Inside the layers: what happens to the values of each layer during training?"""

from bnviz.experiments import activations
from bnviz.figures import activations as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.show import show, theme
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
    sentences = activations.findings(result)

    frame.headline(sentences[0])
    values = knobs.one_of("activations", "values", "Show the values", tuple(pictures.RIDGES))
    ridges = pictures.ridgelines(result, theme(), values)
    show(ridges, f"Distributions of each layer, {values}. {sentences[0]}", "ridges")

    clock(result.steps)
    frame.shows(sentences[1:])

    with closer("activations", "layers", words.CLOSER["layers"], ["measure"]) as opened:
        if opened:
            measure = knobs.one_of("activations", "measure", "Measure", tuple(pictures.MAPS))
            drawn = pictures.layer_map(result, theme(), measure)
            show(drawn, f"Layers by training steps: {measure}. {sentences[0]}", "map")
    with closer("activations", "one", words.CLOSER["one"], ["unit"]) as opened:
        if opened:
            named = activations.units(result.config)
            chosen = activations.unit(result, knobs.pick("activations", "unit", "Unit", named))
            told(
                activations.of_unit(result, chosen),
                pictures.one_unit(result, theme(), chosen),
                "unit",
            )

    frame.believed(activations.misconceptions(result))
    knobs.presets(activations.ActivationsConfig, "activations", words.PRESETS)
    frame.guess(
        words.GUESS,
        activations.THIRDS,
        lambda: activations.where_farthest(result),
        "activations",
    )
    frame.notes(words.NOTES)
