"""The loss landscape: how rough is the ground?"""

from bnviz.experiments import landscape, surface
from bnviz.figures import landscape as pictures
from bnviz.figures import surface as maps
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.words import landscape as words

FIRST = ("learning_rate", "activation", "skip", "depth")
MORE = (
    "reach", "dataset", "width", "batch_size", "initialization",
    "gain", "optimizer", "steps", "seeds", "normalized_layers",
)  # fmt: skip
AROUND = ("moment", "plane", "statistics", "grid")
VIEWS = {"contours": maps.contours, "relief": maps.relief}
HELD = (*AROUND, "view")

with frame.page("landscape"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(surface.SurfaceConfig, "landscape", FIRST, MORE)
    result, look = answer(landscape.run, config.along()), theme()
    sentences = landscape.findings(result)

    frame.headline(sentences[0])
    band, cut = pictures.variation(result, look), pictures.curve(result, look)
    beside(band, cut, ("Over training", "At one step"), sentences[0], "landscape")
    clock(result.steps)
    frame.shows(sentences[1:])

    with closer("landscape", "long", words.CLOSER["long"]) as opened:
        if opened:
            frame.say(words.LONG_STEPS)
            show(pictures.long_steps(result, look), "Long steps. " + " ".join(sentences), "long")
    with closer("landscape", "around", words.CLOSER["around"], HELD) as opened:
        if opened:
            frame.say(words.SURFACE)
            chosen = knobs.values(surface.SurfaceConfig, "landscape", AROUND)
            around = answer(surface.run, surface.around(result.config, chosen))
            said = surface.findings(around)
            view = VIEWS[knobs.one_of("landscape", "view", "View", tuple(VIEWS))]
            show(view(around, look), "The loss around a point. " + " ".join(said), "surface")
            frame.tell("\n".join(said))
            frame.believed(surface.misconceptions(around))
            section(
                *words.SKIPS, surface.run, surface.with_and_without_skips(around.config),
                lambda both: told(surface.skips(both), maps.skips(both, look), "skips"),
                "landscape-skips",
            )  # fmt: skip

    frame.believed(landscape.misconceptions(result))
    knobs.presets(surface.SurfaceConfig, "landscape", words.PRESETS)
    how_long = landscape.how_long(result)
    frame.guess(words.GUESS, landscape.LONGER, lambda: how_long, "landscape")
    frame.notes(words.NOTES)
