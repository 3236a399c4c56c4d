"""Placement: where does BN go?"""

from bnviz.experiments import inputs, placement
from bnviz.figures import inputs as drawn
from bnviz.figures import placement as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts.inputs import judge_sweep
from bnviz.verdicts.placement import judge
from bnviz.words import placement as words
from bnviz.words.placement import inputs as tell

FIRST = ("compare", "learning_rate", "activation", "features")
MORE = (
    "dataset", "depth", "width", "batch_size", "initialization", "gain", "optimizer", "steps",
    "seeds",
)  # fmt: skip

with frame.page("placement"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("placement", words.CHALLENGES)
    config = knobs.choose(placement.PlacementConfig, "placement", FIRST, MORE)
    quiz.pose(config)
    of, look = answer(placement.run, config), theme()
    verdict = judge(of)
    said = words.findings(verdict)
    both = pictures.accuracy(of, look), pictures.detail(of, look, verdict.about)
    beside(*both, ("Test accuracy", words.SECOND[config.compare]), said.headline, "placement")
    clock(of.steps, play=quiz.play)
    quiz.tell(said, verdict)

    frame.look_closer(said)
    with closer("placement", "loss", words.CLOSER["loss"]) as opened:
        if opened:
            show(pictures.loss(of, look), f"Training loss. {said.text}", "loss")
    with closer("placement", "input", words.CLOSER["input"]) as opened:
        if opened:
            frame.say(tell.SURFACE)
            hills = drawn.ground(of.ground, of.steps, look)
            told(tell.of_the_surface(verdict.ground), hills, "placement-ground")
    with closer("placement", "sweep", words.CLOSER["sweep"], ["case"]) as opened:
        if opened:
            case = knobs.one_of("placement", "case", "Features", inputs.CASES)
            section(
                None, tell.SWEEP[case], inputs.run, inputs.of_case(of.config, case),
                lambda some: told(tell.reach(judge_sweep(some)), drawn.sweep(some, look), "rates"),
                "placement-rates",
            )  # fmt: skip
    frame.beliefs("placement", words.beliefs(verdict))
    frame.notes(words.NOTES)
