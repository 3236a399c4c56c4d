"""Training mode and inference mode: why BN behaves differently at test time."""

from bnviz.experiments import left_in_inference, modes
from bnviz.figures import mode_sections as closed_pictures
from bnviz.figures import modes as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import both_told, told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts import mode_sections as closed
from bnviz.verdicts.modes import judge
from bnviz.words import modes as words
from bnviz.words.modes import beliefs as mode_beliefs
from bnviz.words.modes import sections as says

FIRST = ("batch_size", "momentum", "learning_rate", "sample")
MORE = ("dataset", "activation", "depth", "width", "initialization", "gain", "optimizer", "steps",
        "seeds")  # fmt: skip

with frame.page("modes"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("modes", words.CHALLENGES)
    quiz.pose(config := knobs.choose(modes.ModesConfig, "modes", FIRST, MORE))
    of, look = answer(modes.run, config), theme()
    said = words.findings(verdict := judge(of))
    show(pictures.one_sample(of, look), f"One sample. {said.headline}", "one")
    clock(of.steps, play=quiz.play)
    quiz.tell(said, verdict)
    frame.look_closer(said)
    with closer("modes", "gap", words.CLOSER["gap"], ["measure"]) as opened:
        if opened:
            measure = knobs.one_of("modes", "measure", "Measure", pictures.MEASURES)
            told(says.gap(verdict), pictures.over_training(of, look, measure), "gap")
    with closer("modes", "memory", words.CLOSER["memory"]) as opened:
        if opened:
            told(says.memory(verdict), pictures.by_momentum(of, look), "memory")
    with closer("modes", "averages", words.CLOSER["averages"], ["unit"]) as opened:
        if opened:
            named = says.units(verdict)
            unit = of.units[named.index(knobs.pick("modes", "unit", "Unit", named))]
            off, drawn = closed.judge_unit(of, unit), closed_pictures.statistics(of, unit, look)
            both_told(says.unit(off, verdict), *drawn, ("Mean", "Variance"), "modes-unit")
    with closer("modes", "mistake", words.CLOSER["mistake"]) as opened:
        if opened:
            left = answer(left_in_inference.run, left_in_inference.as_on_the_page(of.config))
            wrong, drawn = closed.judge_mistakes(of, left), closed_pictures.mistakes(of, left, look)
            both_told(says.mistakes(wrong), *drawn, says.SWITCHED, "modes-bug")
            quiz.of("mistake", wrong)
    with closer("modes", "sizes", words.CLOSER["sizes"], ["swept"]) as opened:
        if opened:
            swept = knobs.one_of("modes", "swept", "Measure", pictures.MEASURES)
            section(None, says.SWEEP, modes.run, modes.batch_sizes(of.config), lambda some: told(
                says.sweep(closed.judge_sweep(some)), pictures.sweep(some, look, swept), "sweep"
            ), "modes-sweep")  # fmt: skip
    frame.beliefs("modes", mode_beliefs.beliefs(verdict))
    frame.notes(words.NOTES)
