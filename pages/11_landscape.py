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
from bnviz.verdicts import surface as ground
from bnviz.verdicts.landscape import judge
from bnviz.words import landscape as words
from bnviz.words import surface as tell

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
    verdict = judge(result)
    along = words.findings(verdict)
    frame.headline(along.headline)
    band, cut = pictures.variation(result, look), pictures.curve(result, look)
    beside(band, cut, ("Over training", "At one step"), along.headline, "landscape")
    clock(result.steps)
    frame.shows(along.more)
    with closer("landscape", "long", words.CLOSER["long"]) as opened:
        if opened:
            frame.say(words.LONG_STEPS)
            show(pictures.long_steps(result, look), "Long steps. " + along.text, "long")
    with closer("landscape", "around", words.CLOSER["around"], HELD) as opened:
        if opened:
            frame.say(words.SURFACE)
            chosen = knobs.values(surface.SurfaceConfig, "landscape", AROUND)
            around = answer(surface.run, surface.around(result.config, chosen))
            said = tell.findings(ground.judge(around))
            view = VIEWS[knobs.one_of("landscape", "view", "View", tuple(VIEWS))]
            show(view(around, look), f"The loss around a point. {' '.join(said)}", "surface")
            frame.tell("\n".join(said))
            frame.believed(tell.beliefs(ground.judge(around)))
            section(
                *words.SKIPS, surface.run, surface.with_and_without_skips(around.config),
                lambda b: told(tell.skips(ground.judge_skips(b)), maps.skips(b, look), "skips"),
                "landscape-skips",
            )  # fmt: skip
    frame.believed(words.beliefs(verdict))
    knobs.presets(surface.SurfaceConfig, "landscape", words.PRESETS)
    frame.guess(words.GUESS, words.GUESSES, lambda: words.guess(verdict), "landscape")
    frame.notes(words.NOTES)
