"""Noise: batch statistics as a regularizer, isolated from everything else."""

from bnviz.experiments import noise
from bnviz.figures import noise as pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, both_told, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import theme
from bnviz.words import noise as words

FIRST = ("wrong_labels", "train_size", "learning_rate", "batch_size")
MORE = (
    "dataset", "activation", "depth", "width", "initialization", "gain", "optimizer", "steps",
    "seeds",
)  # fmt: skip

with frame.page("noise"):
    frame.say(words.INTRODUCTION)
    config = knobs.choose(noise.NoiseConfig, "noise", FIRST, MORE)
    of, look = answer(noise.run, config), theme()
    said = noise.findings(of)
    frame.headline(said[0])
    accuracy, losses = pictures.accuracy(of, look), pictures.losses(of, look)
    beside(accuracy, losses, ("Accuracy by chunk", "Losses by chunk"), said[0], "noise-u")
    clock(of.steps)
    frame.shows(said[1:])

    with closer("noise", "law", words.CLOSER["law"]) as opened:
        if opened:
            frame.say(words.LAW)
            law = answer(noise.run_alone, noise.AloneConfig.like(of.config)).law
            spreads, names = pictures.laws(law, look), ("The mean strays", "The variance strays")
            both_told(noise.of_the_law(law), *spreads, names, "noise-law")
    with closer("noise", "one", words.CLOSER["one"], ["sample", "part"]) as opened:
        if opened:
            frame.say(words.SAMPLE)
            chosen = knobs.values(noise.NoiseConfig, "noise", ["sample"])
            part = knobs.one_of("noise", "part", "Each batch redraws", noise.PARTS)
            alone = answer(noise.run_alone, noise.AloneConfig.like(of.config, **chosen))
            drawn, names = pictures.felt(alone, look, part), (f"One unit: {part} redrawn", "Output")
            both_told(noise.of_the_sample(of, alone), *drawn, names, "noise-sample")

    frame.believed(noise.misconceptions(of))
    knobs.presets(noise.NoiseConfig, "noise", words.PRESETS)
    frame.guess(words.GUESS, noise.GUESSES, lambda: noise.best_guess(of), "noise")
    section(
        *words.DROPOUT, noise.run_pair, noise.dropouts(of.config),
        lambda some: told(noise.of_dropout(of, some), pictures.dropout(of, some, look), "drop"),
        "noise-dropout",
    )  # fmt: skip
    rates = knobs.one_of("noise", "rates", "Learning rate, in the sweep below", noise.RATES)
    section(
        *words.SWEEP, noise.run_pair, noise.batch_sizes(of.config, rates),
        lambda some: told(noise.of_batch_sizes(of, some), pictures.sweep(of, some, look), "sweep"),
        "noise-sweep",
    )  # fmt: skip
    frame.notes(words.NOTES)
