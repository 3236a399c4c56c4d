"""Noise: batch statistics as a regularizer, isolated from everything else."""

from bnviz.experiments import noise, other_noises, redrawn_batches
from bnviz.figures import noise as pictures
from bnviz.figures import other_noises as other_pictures
from bnviz.figures import redrawn_batches as again
from bnviz.ui import frame, knobs
from bnviz.ui.answers import answer
from bnviz.ui.beside import both_told, told
from bnviz.ui.challenges import Quiz
from bnviz.ui.clock import clock
from bnviz.ui.closer import closer
from bnviz.ui.section import section
from bnviz.ui.show import show, theme
from bnviz.verdicts import other_noises as of_others
from bnviz.verdicts import redrawn_batches as of_redrawn
from bnviz.verdicts.noise import judge
from bnviz.words import noise as words
from bnviz.words.noise import other_noises as others
from bnviz.words.noise import redrawn_batches as redrawn

FIRST = ("wrong_labels", "train_size", "learning_rate", "batch_size")
MORE = ("dataset", "activation", "depth", "width", "initialization", "gain", "optimizer", "steps",
        "seeds")  # fmt: skip

with frame.page("noise"):
    frame.say(words.INTRODUCTION)
    quiz = Quiz("noise", words.CHALLENGES)
    quiz.pose(config := knobs.choose(noise.NoiseConfig, "noise", FIRST, MORE))
    of, look = answer(noise.run, config), theme()
    said = words.findings(verdict := judge(of))
    show(pictures.accuracy(of, look), f"Test accuracy by ghost batch size. {said.headline}", "u")
    clock(of.steps, play=quiz.play)
    quiz.tell(said, verdict)
    frame.look_closer(said)
    with closer("noise", "losses", words.CLOSER["losses"]) as opened:
        if opened:
            told(words.losses(verdict), pictures.losses(of, look), "losses")
    with closer("noise", "redrawn", words.CLOSER["redrawn"], ["sample", "part"]) as opened:
        if opened:
            one = knobs.values(noise.NoiseConfig, "noise", ["sample"])
            part = knobs.one_of("noise", "part", "Each batch redraws", redrawn_batches.PARTS)
            alone = answer(redrawn_batches.run, redrawn_batches.AloneConfig.like(of.config, **one))
            law = redrawn.sampling(of_redrawn.judge_law(alone.sampling))
            both_told(law, *again.laws(alone.sampling, look), redrawn.FLUCTUATING, "noise-law")
            feels = redrawn.sample(of_redrawn.judge_sample(alone, verdict))
            both_told(feels, *again.felt(alone, look, part), redrawn.NAMES[part], "noise-sample")
    with closer("noise", "dropout", words.CLOSER["dropout"]) as opened:
        if opened:
            section(None, others.DROPOUT, other_noises.run, other_noises.dropouts(of.config),
                    lambda some: told(others.dropout(of_others.judge_dropout(of, some)),
                    other_pictures.dropout(of, some, look), "drop"), "noise-dropout")  # fmt: skip
    with closer("noise", "sizes", words.CLOSER["sizes"], ["rates"]) as opened:
        if opened:
            rates = knobs.one_of("noise", "rates", "Learning rate", other_noises.RATES)
            section(None, others.SWEEP, other_noises.run, other_noises.sizes(of.config, rates),
                    lambda some: told(others.sizes(of_others.judge_sizes(of, some)),
                    other_pictures.sweep(of, some, look), "sweep"), "noise-sweep")  # fmt: skip
    frame.beliefs("noise", words.beliefs(verdict))
    frame.notes(words.NOTES)
