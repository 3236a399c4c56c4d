"""The loss landscape: how rough is it, ahead along the gradient and all around?"""

from bnviz.experiments import landscape, surface
from bnviz.figures import landscape as pictures
from bnviz.figures import surface as maps
from bnviz.figures.ahead import ahead
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts import surface as all_around
from bnviz.verdicts.landscape import judge
from bnviz.words import landscape as words
from bnviz.words.landscape import beliefs as landscape_beliefs
from bnviz.words.landscape import surface as tell

FIRST = ("learning_rate", "activation", "skip", "depth")
MORE = ("reach", "dataset", "width", "batch_size", "initialization", "gain", "optimizer", "steps",
        "seeds", "normalized_layers")  # fmt: skip
AROUND = ("moment", "plane", "statistics", "grid")
VIEWS = {"contours": maps.contours, "relief": maps.relief}

with frame.page("landscape"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("landscape", words.CHALLENGES)
    config = knobs.choose(surface.SurfaceConfig, "landscape", FIRST, MORE)
    quiz.pose(config)
    result, look = answer(landscape.run, config.along()), theme()
    verdict = judge(result)
    said = words.findings(verdict)
    show(ahead(result, look), f"The loss ahead, plain and BN. {said.headline}", "landscape")
    clock(result.steps, play=quiz.play)
    quiz.tell(said, verdict)
    frame.look_closer(said)
    with closer("landscape", "band", words.CLOSER["band"]) as opened:
        if opened:
            frame.say(words.BAND)
            drawn = pictures.variation(result, look), pictures.curve(result, look)
            beside(*drawn, ("Over training", "At one step"), said.text, "band")
    with closer("landscape", "long", words.CLOSER["long"]) as opened:
        if opened:
            told(words.long_steps(verdict.bears), pictures.long_steps(result, look), "long")
    with closer("landscape", "around", words.CLOSER["around"], (*AROUND, "view")) as opened:
        if opened:
            chosen = knobs.values(surface.SurfaceConfig, "landscape", AROUND)
            around = answer(surface.run, surface.around(result.config, chosen))
            view = VIEWS[knobs.one_of("landscape", "view", "View", tuple(VIEWS))]
            quiz.of("surface", all_around.judge(around))
            told(tell.text(all_around.judge(around)), view(around, look), "surface")
    with closer("landscape", "skips", words.CLOSER["skips"]) as opened:
        if opened:
            section(None, words.SKIPS, surface.run, surface.with_and_without_skips(config),
                    lambda b: told(tell.skips(all_around.judge_skips(b)), maps.skips(b, look), "s"),
                    "landscape-skips")  # fmt: skip
    frame.beliefs("landscape", landscape_beliefs.beliefs(verdict))
    frame.notes(words.NOTES)
