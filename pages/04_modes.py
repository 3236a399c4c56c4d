"""Training mode and inference mode: why BN behaves differently at test time."""

from bnviz.experiments import left_in_inference, modes
from bnviz.figures import mode_sections as closed_pictures
from bnviz.figures import modes as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, both_told, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import theme
from bnviz.verdicts import mode_sections as closed
from bnviz.verdicts.modes import judge
from bnviz.words import mode_sections as says
from bnviz.words import modes as words

FIRST = ("batch_size", "momentum", "learning_rate", "sample")
MORE = ("dataset", "activation", "depth", "width", "initialization", "gain", "optimizer", "steps",
        "seeds")  # fmt: skip

with frame.page("modes"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(modes.ModesConfig, "modes", FIRST, MORE)
    of, look = answer(modes.run, config), theme()
    verdict, sample = judge(of), closed.judge_sample(of)
    said = words.findings(verdict)
    frame.headline(said.headline)
    measure = knobs.one_of("modes", "measure", "Measure", pictures.MEASURES)
    both = pictures.over_training(of, look, measure), pictures.by_momentum(of, look)
    beside(*both, ("Both modes over training", "Loss by momentum"), said.headline, "modes-gap")
    clock(of.steps)
    frame.shows(said.more)
    with closer("modes", "averages", words.CLOSER["averages"], ["unit"]) as opened:
        if opened:
            frame.say(words.UNIT)
            named = says.units(verdict)
            unit = of.units[named.index(knobs.pick("modes", "unit", "Unit", named))]
            said_of, drawn = closed.judge_unit(of, unit), closed_pictures.statistics(of, unit, look)
            both_told(says.unit(said_of), *drawn, ("Mean", "Variance"), "modes-unit")
    with closer("modes", "alone", words.CLOSER["alone"]) as opened:
        if opened:
            frame.say(words.SAMPLE)
            told(says.sample(sample), closed_pictures.one_sample(of, look), "modes-one")
            frame.tell(says.torch(sample))
    with closer("modes", "mistake", words.CLOSER["mistake"]) as opened:
        if opened:
            frame.say(words.MISTAKE)
            asked = left_in_inference.LeftInInferenceConfig.like(of.config)
            left = answer(left_in_inference.run, asked)
            wrong, drawn = closed.judge_mistakes(of, left), closed_pictures.mistakes(of, left, look)
            both_told(says.mistakes(wrong), *drawn, words.SWITCHED, "modes-bug")
    frame.believed(says.beliefs(verdict))
    knobs.presets(modes.ModesConfig, "modes", words.PRESETS, words.OPENS)
    frame.guess(words.GUESS, words.GUESSES, lambda: words.guess(verdict), "modes")
    section(*words.SWEEP, modes.run, modes.batch_sizes(of.config), lambda some: told(
        says.sweep(closed.judge_sweep(some)), pictures.sweep(some, look, measure), "sweep"
    ), "modes-sweep")  # fmt: skip
    frame.notes(words.NOTES)
