"""Noise: batch statistics as a regularizer, isolated from everything else."""

from bnviz.experiments import noise, other_noises, redrawn_batches
from bnviz.figures import noise as pictures
from bnviz.figures import other_noises as other_pictures
from bnviz.figures import redrawn_batches as redrawn_pictures
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import beside, both_told, told
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import theme
from bnviz.verdicts.noise import judge
from bnviz.verdicts.other_noises import judge_dropout, judge_sizes
from bnviz.verdicts.redrawn_batches import judge_law, judge_sample
from bnviz.words import noise as words
from bnviz.words import other_noises as others
from bnviz.words import redrawn_batches as redrawn

FIRST = ("wrong_labels", "train_size", "learning_rate", "batch_size")
MORE = ("dataset", "activation", "depth", "width", "initialization", "gain", "optimizer", "steps",
        "seeds")  # fmt: skip

with frame.page("noise"):
    frame.say(words.INTRODUCTION)
    of = answer(noise.run, knobs.choose(noise.NoiseConfig, "noise", FIRST, MORE))
    verdict, look = judge(of), theme()
    said = words.findings(verdict)
    frame.headline(said.headline)
    drawn = pictures.accuracy(of, look), pictures.losses(of, look)
    beside(*drawn, ("Accuracy by chunk", "Losses by chunk"), said.headline, "noise-u")
    clock(of.steps)
    frame.shows(said.more)
    with closer("noise", "law", words.CLOSER["law"]) as opened:
        if opened:
            frame.say(redrawn.LAW)
            law = answer(redrawn_batches.run, redrawn_batches.AloneConfig.like(of.config)).law
            strays, names = redrawn.law(judge_law(law)), ("The mean strays", "The variance strays")
            both_told(strays, *redrawn_pictures.laws(law, look), names, "noise-law")
    with closer("noise", "one", words.CLOSER["one"], ["sample", "part"]) as opened:
        if opened:
            frame.say(redrawn.SAMPLE)
            one = knobs.values(noise.NoiseConfig, "noise", ["sample"])
            part = knobs.one_of("noise", "part", "Each batch redraws", redrawn_batches.PARTS)
            alone = answer(redrawn_batches.run, redrawn_batches.AloneConfig.like(of.config, **one))
            feels, names = redrawn.sample(judge_sample(alone, verdict)), redrawn.NAMES[part]
            both_told(feels, *redrawn_pictures.felt(alone, look, part), names, "noise-sample")
    frame.believed(words.beliefs(verdict))
    knobs.presets(noise.NoiseConfig, "noise", words.PRESETS)
    frame.guess(words.GUESS, words.GUESSES, lambda: words.guess(verdict), "noise")
    section(*others.DROPOUT, other_noises.run, other_noises.dropouts(of.config), lambda some: told(
        others.dropout(judge_dropout(of, some)), other_pictures.dropout(of, some, look), "drop"
    ), "noise-dropout")  # fmt: skip
    rate = knobs.one_of("noise", "rates", "Learning rate, in the sweep below", other_noises.RATES)
    section(*others.SWEEP, other_noises.run, other_noises.sizes(of.config, rate), lambda some: told(
        others.sizes(judge_sizes(of, some)), other_pictures.sweep(of, some, look), "sweep"
    ), "noise-sweep")  # fmt: skip
    frame.notes(words.NOTES)
