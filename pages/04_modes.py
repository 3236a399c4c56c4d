"""Training mode and inference mode: why BN behaves differently at test time."""

from bnviz.experiments import modes
from bnviz.figures import modes as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, both_told, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import theme
from bnviz.words import modes as words

FIRST = ("batch_size", "momentum", "learning_rate", "sample")
MORE = (
    "dataset", "activation", "depth", "width", "initialization", "gain", "optimizer", "steps",
    "seeds",
)  # fmt: skip

with frame.page("modes"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(modes.ModesConfig, "modes", FIRST, MORE)
    of, look = answer(modes.run, config), theme()
    said = modes.findings(of)
    frame.headline(said[0])
    measure = knobs.one_of("modes", "measure", "Measure", pictures.MEASURES)
    steps, momenta = pictures.over_training(of, look, measure), pictures.by_momentum(of, look)
    beside(steps, momenta, ("Both modes over training", "Loss by momentum"), said[0], "modes-gap")
    clock(of.steps)
    frame.shows(said[1:])

    with closer("modes", "averages", words.CLOSER["averages"], ["unit"]) as opened:
        if opened:
            frame.say(words.UNIT)
            named = modes.names_of_units(of.config)
            unit = of.units[named.index(knobs.pick("modes", "unit", "Unit", named))]
            mean, variance = (draw(of, unit, look) for draw in pictures.STATISTICS)
            both_told(modes.of_unit(of, unit), mean, variance, ("Mean", "Variance"), "modes-unit")
    with closer("modes", "alone", words.CLOSER["alone"]) as opened:
        if opened:
            frame.say(words.SAMPLE)
            told(modes.of_sample(of), pictures.one_sample(of, look), "modes-one")
            frame.tell(modes.of_torch(of))
    with closer("modes", "mistake", words.CLOSER["mistake"]) as opened:
        if opened:
            frame.say(words.MISTAKE)
            forgetful = answer(modes.run_forgetful, modes.ForgetfulConfig.like(of.config))
            wrong = f"{modes.of_evaluation(of)} {modes.of_forgetting(of, forgetful)}"
            both_told(wrong, *pictures.mistakes(of, forgetful, look), words.SWITCHED, "modes-bug")

    frame.believed(modes.misconceptions(of))
    knobs.presets(modes.ModesConfig, "modes", words.PRESETS, words.OPENS)
    frame.guess(words.GUESS, modes.GUESSES, lambda: modes.best_momentum(of), "modes")
    section(
        *words.SWEEP, modes.run, modes.batch_sizes(of.config),
        lambda some: told(modes.of_batch_sizes(some), pictures.sweep(some, look, measure), "sweep"),
        "modes-sweep",
    )  # fmt: skip
    frame.notes(words.NOTES)
