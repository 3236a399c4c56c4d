"""Collapse: can the last layer still tell the samples apart?"""

from bnviz.experiments import collapse, collapse_trained
from bnviz.figures import collapse as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import theme
from bnviz.verdicts.collapse import judge, judge_trained
from bnviz.words import collapse as words

FIRST = ("depth", "activation", "skip", "batch_size")
MORE = (
    "dataset", "width", "initialization", "gain",
    "learning_rate", "optimizer", "steps", "seeds",
)  # fmt: skip

with frame.page("collapse"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("collapse", words.CHALLENGES)
    config = knobs.choose(collapse.CollapseConfig, "collapse", FIRST, MORE)
    quiz.pose(config)
    result = answer(collapse.run, config)
    verdict = judge(result)
    said = words.findings(verdict)
    maps, curves = pictures.maps(result, theme()), pictures.curves(result, theme())
    beside(maps, curves, words.PICTURES, said.headline, "collapse")
    names = words.places(config.depth)
    clock(result.steps, label="Layer", names=names, by_hand=True, play=quiz.play)
    quiz.tell(said, verdict)

    frame.look_closer(said)
    with closer("collapse", "rank", words.CLOSER["rank"]) as opened:
        if opened:
            told(words.of_directions(verdict), pictures.directions(result, theme()), "rank")
    with closer("collapse", "parts", words.CLOSER["parts"]) as opened:
        if opened:
            told(words.of_halves(verdict), pictures.halves(result, theme()), "parts")
    with closer("collapse", "trained", words.CLOSER["trained"]) as opened:
        if opened:
            pieces = collapse_trained.pieces(config)
            section(None, words.TRAINED, collapse_trained.run, pieces, lambda some: told(
                words.of_trained(judge_trained(some[0])), pictures.trained(some[0], theme()), "grew"
            ), "collapse-trained")  # fmt: skip
    frame.beliefs("collapse", words.beliefs(verdict))
    frame.notes(words.NOTES)
