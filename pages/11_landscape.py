"""The loss landscape: how rough is the ground?"""

from bnviz.experiments import landscape, surface
from bnviz.figures import landscape as pictures
from bnviz.figures import surface as maps
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.clock import clock
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.ui.words import landscape as words

FIRST = ("learning_rate", "activation", "skip", "depth")
MORE = (
    "reach", "dataset", "width", "batch_size", "initialization",
    "gain", "optimizer", "steps", "seeds", "normalized_layers",
)  # fmt: skip
AROUND = ("moment", "plane", "statistics", "grid")

with frame.page("landscape"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(surface.SurfaceConfig, "landscape", FIRST, MORE)
    result = answer(landscape.run, config.along())
    sentences = landscape.findings(result)

    frame.headline(sentences[0])
    band, cut = pictures.variation(result, theme()), pictures.curve(result, theme())
    beside(band, cut, ("Over training", "At one step"), sentences[0], "landscape")
    clock(result.steps)
    frame.shows(sentences[1:])

    frame.heading("Around a point")
    frame.say(words.SURFACE)
    chosen = knobs.values(surface.SurfaceConfig, "landscape", AROUND)
    around = answer(surface.run, surface.around(result.config, chosen))
    said = surface.findings(around)
    views = {"contours": maps.contours, "relief": maps.relief}
    view = views[knobs.one_of("landscape", "view", "View", tuple(views))]
    show(view(around, theme()), "The loss around a point. " + " ".join(said), "surface")
    frame.tell("\n".join(said))

    frame.heading("How long may a step be?")
    frame.say(words.LONG_STEPS)
    show(pictures.long_steps(result, theme()), "Long steps. " + " ".join(sentences), "long")
    frame.believed(landscape.misconceptions(result) | surface.misconceptions(around))
    knobs.presets(surface.SurfaceConfig, "landscape", words.PRESETS)
    how_long = landscape.how_long(result)
    frame.guess(words.GUESS, landscape.LONGER, lambda: how_long, "landscape")
    section(
        *words.SKIPS, surface.run, surface.with_and_without_skips(around.config),
        lambda both: told(surface.skips(both), maps.skips(both, theme()), "skips"),
        "landscape-skips",
    )  # fmt: skip
    frame.notes(words.NOTES)
