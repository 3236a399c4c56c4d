"""Alone: how far do γ and β get, if all weights stay random?"""

from bnviz.experiments import alone
from bnviz.figures import alone as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import both_told, told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.alone import judge, judge_sizes
from bnviz.words import alone as words

FIRST = ("depth", "width", "learning_rate", "activation")
MORE = (
    "dataset", "batch_size", "initialization", "gain",
    "optimizer", "steps", "seeds",
)  # fmt: skip

with frame.page("alone"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("alone", words.CHALLENGES)
    config = knobs.choose(alone.AloneConfig, "alone", FIRST, MORE)
    quiz.pose(config)
    result = answer(alone.run, config)
    verdict = judge(result)
    said, look = words.findings(verdict), theme()
    show(pictures.accuracy(result, look), f"Test accuracy over training. {said.headline}", "first")
    clock(result.steps, play=quiz.play)
    quiz.tell(said, verdict)

    frame.look_closer(said)
    with closer("alone", "gamma", words.CLOSER["gamma"]) as opened:
        if opened:
            spread = pictures.gammas(result, look, alone.EDGES, alone.OFF)
            told(words.of_gamma(verdict), spread, "gamma")
    with closer("alone", "widths", words.CLOSER["widths"], ["series"]) as opened:
        if opened:
            by = knobs.one_of("alone", "series", "The networks differ in", tuple(alone.SIZES))
            pieces = alone.pieces(result.config, by)
            section(None, words.SIZES[by], alone.run, pieces, lambda some: both_told(
                words.of_sizes(judge_sizes(some, by), len(some), len(pieces)),
                *pictures.sizes(some, look, by), words.SIDES, "counts"
            ), f"alone-{by}s")  # fmt: skip
    frame.beliefs("alone", words.beliefs(verdict))
    frame.notes(words.NOTES)
